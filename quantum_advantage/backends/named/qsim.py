"""``qsim``: state vectors, density matrices under noise, and trajectories if that is twirled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.names import NOISE

if TYPE_CHECKING:
    import cirq

OPTIONS: Mapping[str, float | int | str] = {**NOISE, "noise": ""}


def make_sampler(options: Mapping[str, Any], seed: int) -> cirq.Sampler:
    """Makes a sampler, which splits circuits before qsim simulates their pieces."""
    from quantum_advantage.backends.simulators.factorised import FactorisedSampler
    from quantum_advantage.backends.simulators.noise import local_noise
    from quantum_advantage.backends.simulators.twirling import TwirledNoise

    noise: cirq.NoiseModel | None = local_noise(options)
    if noise is not None and options["noise"]:
        noise = TwirledNoise(noise)
    return FactorisedSampler("qsim", noise, seed)
