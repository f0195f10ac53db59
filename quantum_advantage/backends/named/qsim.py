"""``qsim``: state vectors, and density matrices where there is noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.names import NOISE

if TYPE_CHECKING:
    import cirq

OPTIONS = NOISE


def make_sampler(options: Mapping[str, Any], seed: int) -> cirq.Sampler:
    """Makes a sampler, which splits circuits before qsim simulates their pieces."""
    from quantum_advantage.backends.simulators.factorised import FactorisedSampler
    from quantum_advantage.backends.simulators.noise import local_noise

    return FactorisedSampler("qsim", local_noise(options), seed)
