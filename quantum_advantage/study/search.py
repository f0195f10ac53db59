"""The sample complexity of one protocol, from Python and on any sampler."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.backend import Backend, check_own, make_sampler
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.noise import local_damping
from quantum_advantage.core.arguments import (
    MOST_COPIES,
    MOST_GAMES,
    MOST_QUBITS,
    MOST_SEED,
    MOST_TRIALS,
)
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of, open_interval, root_of, text_of, whole_number
from quantum_advantage.study.accuracy import Point, summarise
from quantum_advantage.study.engine import collect
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.price import Teller
from quantum_advantage.study.service_price import service_lines
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.wanted import Ladder, number_of_batches
from quantum_advantage.tasks.base import Task
from quantum_advantage.tasks.registry import load_deciding

MOST_BATCHES = 1_000_000
_EXAMPLE = "Backend('my_chip', make=lambda seed: cirq.Simulator(seed=seed))"


def copies_needed(
    protocol: str,
    qubits: int,
    *,
    backend: str | Backend = "qsim",
    task: str = "observables",
    target: float = 0.7,
    trials: int = 1000,
    games: int = 50,
    max_copies: int = 2**20,
    seed: int | np.random.Generator = 0,
    out: str | Path | None = None,
    report: Callable[[str], None] | None = None,
) -> Point:
    """Searches for the copies at which a protocol reaches the target accuracy.

    Numbers that count may be floats that are whole, such as ``1e4``.

    Args:
        protocol: For example ``bell`` or ``mutually_unbiased``.
        qubits: The number n of qubits of one copy.
        backend: A name such as ``qsim:readout=0.02`` or ``law``, or a ``Backend`` of your own.
        task: The task's name with its options.
        target: The accuracy to reach, in (1/2, 1).
        trials: Independent games, rounded up to whole batches, at least 20 of them.
        games: Games in a batch.
        max_copies: No record uses more copies.
        seed: The root of all randomness, a whole number; a generator draws it.
        out: A CSV file for the counts; the same call goes on where a stopped one ended.
        report: Takes lines about the price of a long search before its first batch, and how far it
            is. Without it the price alone is told, as a warning.

    Returns:
        The sample complexity with its 95 % interval and the bound that applies.

    Raises:
        UsageError: If an argument does not fit, the backend makes no sampler, or the file belongs
            to another experiment. Nothing has been played or written then.
        OSError: If the file cannot be read or written.

    Example:
        >>> from quantum_advantage import copies_needed
        >>> point = copies_needed("bell", qubits=4, trials=2000, games=100)
        >>> f"{point.copies:.2f} ({point.copies_low:.2f} to {point.copies_high:.2f})"
        '2.07 (1.84 to 2.41)'
    """
    target = open_interval("target", target, 0.5, 1)
    qubits = whole_number("qubits", qubits, 1, MOST_QUBITS)
    trials = whole_number("trials", trials, 1, MOST_TRIALS)
    games = whole_number("games", games, 1, MOST_GAMES)
    max_copies = whole_number("max_copies", max_copies, 1, MOST_COPIES)
    root = whole_number("seed", root_of(seed), 0, MOST_SEED)
    if number_of_batches(trials, games) > MOST_BATCHES:
        raise UsageError(
            f"trials must make at most {MOST_BATCHES} batches, not {trials} in batches of {games} "
            "games; ask for fewer, or for more games in a batch"
        )
    path = _file(out)
    played = load_deciding(text_of("task", task))
    protocol = text_of("protocol", protocol)
    name, outside, damping = _place(backend, played, protocol, qubits)
    full = played.resolve(protocol, qubits, target)
    least = played.copies_per_shot(full, qubits)
    if max_copies < least:
        raise UsageError(
            f"max_copies must be at least {least}, the copies of one shot of {full}, not "
            f"{max_copies}"
        )
    budget = max(min(played.first_budget(full, qubits, target, damping), max_copies), least)
    first = Spec(str(played), full, qubits, name, budget, games, root)
    counts = decisions("copies_needed", path)
    counts.open()
    teller = Teller(report or _warn, also=service_lines(outside))
    try:
        collect(
            [Ladder(first, target, max_copies)],
            counts,
            trials,
            backend=outside,
            report=teller if report else lambda progress: None,
            expect=teller.expect,
        )
    finally:
        counts.close()
    points = summarise(counts, lambda curve: [target] if curve == first.curve else [])
    return points[0]


def _file(out: object) -> Path | None:
    """Reads where the counts go."""
    if out is None:
        return None
    if not isinstance(out, (str, os.PathLike)) or not isinstance(os.fspath(out), str):
        raise UsageError(f"out must be the path of a CSV file, not a {kind_of(out)}")
    path = Path(out)
    if path.is_dir():
        raise UsageError(f"out must be a CSV file, but {str(out)!r} is a folder")
    return path


def _place(
    backend: object, task: Task, protocol: str, qubits: int
) -> tuple[str, Backend | None, npt.NDArray[np.float64] | None]:
    """Returns the name of a backend, it if it is not opened by its name, and its damping."""
    if isinstance(backend, Backend):
        check_own(backend)
        task.check(protocol, qubits, circuits=True, noise=False)
        # A backend that makes no sampler is refused before anything is played.
        make_sampler(backend, 0)
        return backend.name, backend, backend.damping(qubits)
    if not isinstance(backend, str):
        raise UsageError(
            f"backend must be a name, such as 'qsim', or a Backend, not a {kind_of(backend)}; "
            f"write {_EXAMPLE}"
        )
    read = read_backend(backend).resolve(circuits=True)
    task.check(protocol, qubits, circuits=read.base != "law", noise=read.noisy)
    if read.base == "law":
        return str(read), None, local_damping(read, qubits)
    return str(read), None, open_backend(read).damping(qubits)


def _warn(line: str) -> None:
    # Above this function, the teller, the engine and copies_needed itself.
    warnings.warn(f"copies_needed: {line}", stacklevel=5)
