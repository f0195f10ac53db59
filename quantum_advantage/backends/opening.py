"""Opens a backend from its name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.backend import Backend, opened_as
from quantum_advantage.backends.names import (
    GROUP,
    SAMPLER,
    SIMULATORS,
    BackendName,
    read_backend,
    simulator,
)
from quantum_advantage.backends.simulators.noise import local_damping
from quantum_advantage.circuits.results import is_sampler
from quantum_advantage.core.plugins import load_foreign
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of


@dataclass(frozen=True)
class _MakeSampler:
    name: BackendName

    def __call__(self, seed: int) -> cirq.Sampler:
        module = simulator(self.name.base)
        return module.make_sampler({**module.OPTIONS, **dict(self.name.options)}, seed)


@dataclass(frozen=True)
class _LocalDamping:
    name: BackendName

    def __call__(self, pairs: int) -> npt.NDArray[np.float64] | None:
        return local_damping(self.name, pairs)


def open_backend(name: str | BackendName) -> Backend:
    """Opens a simulator, a virtual processor, or a backend that another package brings.

    A real processor (``engine:PROJECT/PROCESSOR``) needs a folder for its jobs, and is opened by
    ``open_engine``.

    Args:
        name: For example ``qsim``, ``stim:depolarize=0.01,readout=0.02`` or ``qvm:weber``; or such
            a name that has been read.

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
    if not isinstance(name, (str, BackendName)):
        raise UsageError(f"name of a backend must be a text, not a {kind_of(name)}")
    read = name if isinstance(name, BackendName) else read_backend(name)
    if read.base in SIMULATORS:
        full = str(read)
        return Backend(full, _MakeSampler(read), _LocalDamping(read), opened_as(full))
    if read.base == "qvm":
        from quantum_advantage.backends.devices.virtual import open_virtual

        return open_virtual(read)
    if read.base == SAMPLER:
        raise UsageError(
            f"backend {str(read)!r} is code of its owner's, which no name in a file imports; give "
            "it as --backend, or pass the Backend that the function returns"
        )
    if read.foreign:
        return _open_foreign(read)
    if read.base == "engine":
        raise UsageError(
            f"backend {str(name)!r} is a real processor, whose jobs are kept on disk: open it with "
            "open_engine(name, folder)"
        )
    raise UsageError(
        f"backend {str(name)!r} runs no circuits; choose {', '.join(SIMULATORS)} or qvm:PROCESSOR"
    )


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


def open_sampler(name: BackendName) -> Backend:
    """Opens the user's own sampler, by importing the module that the user names.

    Only a name that the user has just given may come here, never one that was read from a file.
    Modules of the current folder are found too, after all others.

    Args:
        name: The name, ``sampler:MODULE:FUNCTION``. The function takes no argument, and returns a
            ``Backend``, or a ``cirq.Sampler`` that needs no adaptation but the form of circuits.

    Returns:
        The backend, under this name.

    Raises:
        UsageError: If there is no such module or function, or it returns something else.
    """
    module, _, function = name.function.partition(":")
    here = str(Path.cwd())
    sys.path.append(here)
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"backend {str(name)!r} cannot be opened: {type(error).__name__}: "
            f"{' '.join(str(error).split())}"
        ) from error
    finally:
        sys.path.remove(here)
    if not callable(found):
        raise UsageError(f"backend {str(name)!r} must name a function, not a {kind_of(found)}")
    made: object = found()
    if isinstance(made, Backend):
        return replace(made, name=str(name))
    if not is_sampler(made):
        raise UsageError(
            f"backend {str(name)!r} must name a function that returns a cirq.Sampler or a Backend, "
            f"not {'None' if made is None else f'a {kind_of(made)}'}"
        )
    return Backend.from_sampler(cast("cirq.Sampler", made), str(name))
