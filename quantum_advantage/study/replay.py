"""Replays stored batches: the same spec, seed and batch must give the same rows again."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import astuple, dataclass, replace
from typing import Any

from quantum_advantage.backends.names import SIMULATORS
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.dataset import Dataset
from quantum_advantage.study.rows import Row
from quantum_advantage.study.spec import Spec

# Backends that give the same bits for the same seed; real processors do not.
REPLAYED = (*SIMULATORS, "law", "qvm")
# Rows keep nine digits of a number; the last of them may depend on the machine's rounding.
_RELATIVE, _ABSOLUTE = 1e-7, 1e-9


@dataclass(frozen=True)
class StoredBatch:
    """One batch as it stands in a file.

    Attributes:
        experiment: The experiment of the file.
        spec: What was played.
        batch: The number of the batch.
        rows: Its rows, in order.

    Example:
        >>> from quantum_advantage.study.kinds import decisions
        >>> spec = Spec("purity", "bell", 10, "law", budget=4, batch_size=50, seed=1)
        >>> results = decisions("mine")
        >>> results.append(play_batch("mine", spec, 0))
        >>> (stored,) = stored_batches(results)
        >>> stored.spec == spec, [row.copies for row in stored.rows]
        (True, [2, 4])
    """

    experiment: str
    spec: Spec
    batch: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Replayed:
    """What became of a stored batch when it was played again.

    Attributes:
        stored: The batch as it stands in the file.
        equal: Whether the same rows came out; numbers with a fraction up to rounding.
        seconds: How long it took.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=4, batch_size=50, seed=1)
        >>> replay_batch(StoredBatch("mine", spec, 0, tuple(play_batch("mine", spec, 0)))).equal
        True
    """

    stored: StoredBatch
    equal: bool
    seconds: float


def stored_batches(results: Dataset[Any], most: int | None = None) -> list[StoredBatch]:
    """Returns the whole batches of a file that can be played again.

    Rows of real processors and of samplers of one's own are left out.

    Args:
        results: The counts or estimates.
        most: At most so many batches of each spec, the lowest numbers first; all by default.

    Raises:
        ValueError: If a row is of a task or protocol that does not exist.

    Example:
        >>> from quantum_advantage.study.kinds import decisions
        >>> spec = Spec("purity", "bell", 10, "law", budget=4, batch_size=50, seed=1)
        >>> results = decisions("mine")
        >>> for batch in range(3):
        ...     results.append(play_batch("mine", spec, batch))
        >>> [stored.batch for stored in stored_batches(results, most=2)]
        [0, 1]
    """
    return [
        StoredBatch(results.experiment, spec, batch, tuple(batches[batch]))
        for spec, batches in results.whole_batches().items()
        if spec.backend.partition(":")[0] in REPLAYED
        for batch in sorted(batches)[:most]
    ]


def replay_batch(stored: StoredBatch) -> Replayed:
    """Plays a stored batch again and compares the rows.

    Raises:
        ValueError: If the spec can no longer be played.

    Example:
        A batch with a changed row does not come out again:

        >>> spec = Spec("purity", "bell", 10, "law", budget=2, batch_size=50, seed=1)
        >>> (row,) = play_batch("mine", spec, 0)
        >>> changed = replace(row, correct=row.correct - 1)
        >>> replay_batch(StoredBatch("mine", spec, 0, (changed,))).equal
        False
    """
    start = time.monotonic()
    rows = play_batch(stored.experiment, stored.spec, stored.batch)
    seconds = time.monotonic() - start
    return Replayed(stored, _equal(rows, stored.rows), seconds)


def _equal(rows: Sequence[Row], others: Sequence[Row]) -> bool:
    """Tells whether rows are the same in all columns, numbers with a fraction up to rounding."""
    return len(rows) == len(others) and all(
        _same(one, other)
        for row, counterpart in zip(rows, others, strict=True)
        for one, other in zip(_cells(row), _cells(counterpart), strict=True)
    )


def _cells(row: Any) -> tuple[object, ...]:
    return astuple(row)


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
    return one == other


def replay(batches: Iterable[StoredBatch], executor: Executor | None = None) -> Iterator[Replayed]:
    """Replays batches, and yields each as it is done.

    Args:
        batches: What to replay.
        executor: Where batches are played; by default one after the other in this process.

    Raises:
        ValueError: If a spec can no longer be played.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=4, batch_size=50, seed=1)
        >>> played = [tuple(play_batch("mine", spec, batch)) for batch in (0, 1)]
        >>> stored = [StoredBatch("mine", spec, i, rows) for i, rows in enumerate(played)]
        >>> [again.equal for again in replay(stored)]
        [True, True]
    """
    if executor is None:
        yield from map(replay_batch, batches)
        return
    running = {executor.submit(replay_batch, stored): stored for stored in batches}
    for future in as_completed(running):
        # Another process returns a copy of the stored batch; the caller gets its own back.
        yield replace(future.result(), stored=running[future])
