"""Opens a backend from its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cirq
import numpy as np

from quantum_advantage.backends.factorised import FactorisedSampler
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.noise import LocalNoise


@dataclass(frozen=True)
class Backend:
    """A place where circuits run.

    Attributes:
        name: What specs and files call it.
        make: Makes a fresh ``cirq.Sampler`` from a seed; called once for each batch.
    """

    name: str
    make: Callable[[int], cirq.Sampler]


@dataclass(frozen=True)
class _MakeFactorised:
    simulator: Literal["qsim", "stim"]
    depolarize: float
    readout: float

    def __call__(self, seed: int | np.random.Generator) -> cirq.Sampler:
        noise = None
        if self.depolarize or self.readout:
            noise = LocalNoise(self.depolarize, self.readout)
        return FactorisedSampler(self.simulator, noise, seed)


def open_backend(name: str) -> Backend:
    """Opens ``qsim`` or ``stim``, with noise if the name asks for it.

    Args:
        name: For example ``qsim`` or ``stim:depolarize=0.01,readout=0.02``.

    Raises:
        ValueError: If the name is unknown, or names no place where circuits run.
    """
    read = read_backend(name)
    makers: dict[str, Literal["qsim", "stim"]] = {"qsim": "qsim", "stim": "stim"}
    if read.base not in makers:
        raise ValueError(f"backend {name!r} runs no circuits; choose qsim or stim")
    make = _MakeFactorised(makers[read.base], read.depolarize, read.readout)
    return Backend(str(read), make)
