"""Opens a backend from its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.backend import Backend, opened_as
from quantum_advantage.backends.names import GROUP, BackendName, read_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.noise import LocalNoise
from quantum_advantage.core.plugins import load_foreign
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
    """Opens ``qsim``, ``stim``, a virtual processor, or a backend that another package brings.

    A real processor (``engine:PROJECT/PROCESSOR``) needs a folder for its jobs, and is opened by
    ``open_engine``.

    Args:
        name: For example ``qsim``, ``stim:depolarize=0.01,readout=0.02`` or ``qvm:weber``.

    Raises:
        ValueError: If the name is unknown, names no place where circuits run, or names pairs that
            the processor does not have.

    Example:
        >>> from quantum_advantage import open_backend
        >>> backend = open_backend("qsim:readout=0.02")
        >>> backend.name
        'qsim:readout=0.02'
        >>> backend.damping(1).round(4).tolist()  # of the letters I, X, Y, Z of a pair
        [[1.0, 0.96, 0.9216, 0.96]]
    """
    if not isinstance(name, str):
        raise UsageError(f"name of a backend must be a text, not a {kind_of(name)}")
    read = read_backend(name)
    if read.base == "engine":
        raise UsageError(
            f"backend {name!r} is a real processor, whose jobs are kept on disk: open it with "
            "open_engine(name, folder)"
        )
    if read.foreign:
        return _open_foreign(read)
    if read.base not in ("qsim", "stim", "qvm"):
        raise UsageError(f"backend {name!r} runs no circuits; choose qsim, stim or qvm:PROCESSOR")
    if read.base == "qvm":
        from quantum_advantage.backends.devices.virtual import open_virtual

        return open_virtual(read)
    return Backend(str(read), _MakeSampler(read), _LocalDamping(read), opened_as(str(read)))


def _open_foreign(name: BackendName) -> Backend:
    """Opens a backend that another package announces, by the function that it names there.

    The function takes the full name, such as ``my_chip:bias=0.1``, and returns a backend of it.
    """
    made = cast("Callable[[str], object]", load_foreign(GROUP, name.base))(str(name))
    if not isinstance(made, Backend):
        raise UsageError(
            f"backend {str(name)!r} must be opened by a function that returns a Backend, not a "
            f"{kind_of(made)}"
        )
    if made.name != str(name):
        raise UsageError(f"backend {str(name)!r} was opened under another name, {made.name!r}")
    return made
