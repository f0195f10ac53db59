"""What a caller asks of an experiment from Python, checked as the command line is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, get_args

import numpy as np

from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.core.arguments import (
    MOST_COPIES,
    MOST_GAMES,
    MOST_QUBITS,
    MOST_SEED,
    MOST_TRIALS,
    MOST_WORKERS,
)
from quantum_advantage.core.usage import UsageError, did_you_mean
from quantum_advantage.core.values import kind_of, open_interval, root_of, text_of, whole_number
from quantum_advantage.experiment.declaration import Experiment
from quantum_advantage.experiment.options import Options, Size, split_names

_SIZES = get_args(Size)


def _listed(name: str, value: object) -> list[Any]:
    """Returns one value or several as a list, never an empty one."""
    # An array without axes is a number.
    alone = isinstance(value, str) or not isinstance(value, Iterable)
    alone = alone or (isinstance(value, np.ndarray) and not value.ndim)
    found: list[Any] = [value] if alone else list(value)  # type: ignore[call-overload]
    if not found:
        raise UsageError(f"{name} must be at least one; leave the argument out for all")
    return found


def _size(value: object) -> str:
    if value not in _SIZES:
        raise UsageError(f"size must be one of {', '.join(_SIZES)}, not {value!r}")
    return str(value)


def _backend(value: object) -> BackendName:
    return read_backend(text_of("backend", value))


def _whole(name: str, least: int, most: int) -> Callable[[object], int]:
    return lambda value: whole_number(name, value, least, most)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "task": lambda value: text_of("task", value),
    "size": _size,
    "qubits": lambda value: tuple(
        whole_number("qubits", n, 1, MOST_QUBITS) for n in _listed("qubits", value)
    ),
    "protocols": lambda value: tuple(
        name
        for one in _listed("protocols", value)
        for name in split_names(text_of("protocols", one))
    ),
    "backend": _backend,
    "target": lambda value: tuple(
        open_interval("target", t, 0.5, 1) for t in _listed("target", value)
    ),
    "trials": _whole("trials", 1, MOST_TRIALS),
    "games": _whole("games", 1, MOST_GAMES),
    "max_copies": _whole("max_copies", 1, MOST_COPIES),
    "seed": lambda value: whole_number("seed", root_of(value), 0, MOST_SEED),
    "workers": _whole("workers", 1, MOST_WORKERS),
    "cluster": lambda value: text_of("cluster", value),
}


def options_of(experiment: Experiment, out: str | Path | None, asked: Mapping[str, Any]) -> Options:
    """Reads what a caller asks, by the names of :class:`Options`; None stands for the default.

    Args:
        experiment: What is swept.
        out: The folder of the data, or None.
        asked: What is asked.

    Raises:
        UsageError: If there is no such option, or a value does not fit.
    """
    if not isinstance(experiment, Experiment):
        raise UsageError(f"experiment must be an Experiment, not a {kind_of(experiment)}")
    for name in asked:
        if name not in _READERS:
            raise UsageError(
                f"unknown option {name!r}; run takes {', '.join(_READERS)}"
                f"{did_you_mean(name, _READERS)}"
            )
    read = {name: _READERS[name](value) for name, value in asked.items() if value is not None}
    if "cluster" in read and "workers" in read:
        raise UsageError("workers would change nothing: the cluster says how many it has")
    if out is not None and not isinstance(out, str | PathLike):
        raise UsageError(f"out must be the path of a folder, not {out!r}")
    if out is not None:
        read["out"] = Path(out)
    backend = read.get("backend")
    if backend is not None and backend.base == "engine" and out is None:
        raise UsageError(f"out must name a folder for the jobs of {backend}, and keep them")
    return Options(**{"task": experiment.task, "trials": experiment.trials, **read})
