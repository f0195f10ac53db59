"""Opens a backend from its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.backend import Backend, opened_as
from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.noise import LocalNoise
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of
from quantum_advantage.measurements.bell import bell_damping


@dataclass(frozen=True)
class _MakeSampler:
    name: BackendName

    def __call__(self, seed: int) -> cirq.Sampler:
        noise = LocalNoise(self.name.depolarize, self.name.readout) if self.name.noisy else None
        simulator: Literal["qsim", "stim"] = "stim" if self.name.base == "stim" else "qsim"
        return FactorisedSampler(simulator, noise, seed)


@dataclass(frozen=True)
class _LocalDamping:
    name: BackendName

    def __call__(self, pairs: int) -> npt.NDArray[np.float64] | None:
        return local_damping(self.name, pairs)


def local_damping(name: BackendName, pairs: int) -> npt.NDArray[np.float64] | None:
    """Returns the factors, (pairs, 4), of the local noise of a name; None if it asks for none."""
    if not name.noisy:
        return None
    return np.tile(bell_damping(name.depolarize, name.readout), (pairs, 1))


def open_backend(name: str) -> Backend:
    """Opens ``qsim``, ``stim`` or a virtual processor, with noise if the name asks for it.

    A real processor (``engine:PROJECT/PROCESSOR``) needs a folder for its jobs, and is opened by
    ``open_engine``.

    Args:
        name: For example ``qsim``, ``stim:depolarize=0.01,readout=0.02`` or ``qvm:weber``.

    Raises:
        ValueError: If the name is unknown, names no place where circuits run, or names pairs that
            the processor does not have.
    """
    if not isinstance(name, str):
        raise UsageError(f"name of a backend must be a text, not a {kind_of(name)}")
    read = read_backend(name)
    if read.base == "engine":
        raise UsageError(
            f"backend {name!r} is a real processor, whose jobs are kept on disk: open it with "
            "open_engine(name, folder)"
        )
    if read.base not in ("qsim", "stim", "qvm"):
        raise UsageError(f"backend {name!r} runs no circuits; choose qsim, stim or qvm:PROCESSOR")
    if read.base == "qvm":
        from quantum_advantage.backends.devices.virtual import open_virtual

        return open_virtual(read)
    return Backend(str(read), _MakeSampler(read), _LocalDamping(read), opened_as(str(read)))
