"""The sample complexity of one protocol, from Python and on any sampler."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.opening import Backend, local_damping, open_backend
from quantum_advantage.study.collect import Ladder, collect
from quantum_advantage.study.counts import Counts
from quantum_advantage.study.price import Teller
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.summary import Point, summarise
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.usage import UsageError


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
    seed: int = 0,
    out: str | Path | None = None,
    report: Callable[[str], None] | None = None,
) -> Point:
    """Searches for the copies at which a protocol reaches the target accuracy.

    Args:
        protocol: For example ``bell`` or ``mutually_unbiased``.
        qubits: The number n of qubits of one copy.
        backend: A name such as ``qsim:readout=0.02`` or ``law``, or a ``Backend`` of your own.
        task: The task's name with its options.
        target: The accuracy to reach, in (1/2, 1).
        trials: Independent games, rounded up to whole batches, at least 20 of them.
        games: Games in a batch.
        max_copies: No record uses more copies.
        seed: The root of all randomness.
        out: A CSV file for the counts; the same call goes on where a stopped one ended.
        report: Takes lines about the price of a long search before its first batch, and how far it
            is. Without it the price alone is told, as a warning.

    Returns:
        The sample complexity with its 95 % interval and the bound that applies.

    Raises:
        ValueError: If an argument does not fit, or the file belongs to another experiment.
    """
    if not 0.5 < target < 1:
        raise UsageError(f"target must lie strictly between 0.5 and 1, not {target}")
    if qubits < 1 or trials < 1 or games < 1:
        raise UsageError(
            f"qubits, trials and games must be at least 1, not {qubits}, {trials} and {games}"
        )
    played = load_task(task)
    if isinstance(backend, Backend):
        name, outside = backend.name, backend
        if name.partition(":")[0] in ("law", "auto"):
            raise UsageError(f"backend name {name!r} is taken; give the sampler another name")
        played.check(protocol, qubits, circuits=True, noise=False)
        damping = backend.damping(qubits)
    else:
        read = read_backend(backend).resolve(circuits=True)
        name, outside = str(read), None
        played.check(protocol, qubits, circuits=read.base != "law", noise=read.noisy)
        damping = (
            local_damping(read, qubits)
            if read.base == "law"
            else open_backend(name).damping(qubits)
        )
    full = played.resolve(protocol, qubits, target)
    budget = min(played.first_budget(full, qubits, target, damping), max_copies)
    budget = max(budget, played.copies_per_shot(full, qubits))
    first = Spec(str(played), full, qubits, name, budget, games, seed)
    counts = Counts("copies_needed", None if out is None else Path(out))
    counts.open()
    teller = Teller(report or _warn)
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
    points = summarise(
        counts,
        lambda key: (
            [target]
            if (key.task, key.protocol, key.qubits, key.backend, key.games, key.seed)
            == (first.task, first.protocol, first.qubits, first.backend, games, seed)
            else []
        ),
    )
    return points[0]


def _warn(line: str) -> None:
    # Above this function, the teller, the collection and copies_needed itself.
    warnings.warn(f"copies_needed: {line}", stacklevel=6)
