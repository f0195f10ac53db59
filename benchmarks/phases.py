"""Groups of unknown states at the published size, and against the copies of each.

    python benchmarks/phases.py [large] [copies]

Prints two tables of docs/phases.md: shares of states in the right group by each reading of
``tasks.shared.state_readings``, means over sets. All outcomes come from the exact distribution.
Takes some ten minutes of one core, without numba.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from tables import print_tables

from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.phases import SHARES

SHOTS = 500
# Half of a set are states of the toric code.
LARGE, LARGE_QUBITS, LARGE_SETS = 100, 200, 2
LARGE_TASKS = (
    *(f"phases:depth={depth}" for depth in range(1, 6)),
    "phases:deeper=2,depth=3",
    "phases:depth=5,spread=5",
)
SMALL, SMALL_QUBITS, SMALL_SETS = 20, 50, 20
SMALL_TASKS = ("phases:depth=3", "phases:depth=5,spread=5")
COPIES = (50, 100, 200, 500, 1000)


def shares(task: str, qubits: int, copies: int, states: int, sets: int) -> dict[str, list[float]]:
    """Returns the share in the right group of every set, by each reading."""
    spec = Spec(task, "local_pauli", qubits, "law", budget=copies, batch_size=states, seed=1)
    found: dict[str, list[float]] = {name: [] for name in SHARES}
    for batch in range(sets):
        for row in play_batch("phases", spec, batch):
            if row.quantity in found:
                found[row.quantity].append(row.value)
    return found


def _head(first: str) -> str:
    return f"| {first} | " + " | ".join(SHARES) + " |\n" + "|---" * (len(SHARES) + 1) + "|"


def _line(first: str, found: dict[str, list[float]]) -> str:
    return f"| {first} | " + " | ".join(f"{np.mean(found[name]):.3f}" for name in SHARES) + " |"


def large_table() -> Iterator[str]:
    """50 + 50 states of 200 qubits."""
    half = LARGE // 2
    yield f"n = {LARGE_QUBITS}, {half} + {half} states, {SHOTS} copies of each, {LARGE_SETS} sets"
    yield _head("task")
    for task in LARGE_TASKS:
        yield _line(task, shares(task, LARGE_QUBITS, SHOTS, LARGE, LARGE_SETS))


def copies_table() -> Iterator[str]:
    """10 + 10 states of 50 qubits, several numbers of copies."""
    for task in SMALL_TASKS:
        half = SMALL // 2
        yield f"{task}, n = {SMALL_QUBITS}, {half} + {half} states, {SMALL_SETS} sets"
        yield _head("copies")
        for copies in COPIES:
            yield _line(str(copies), shares(task, SMALL_QUBITS, copies, SMALL, SMALL_SETS))


PARTS = {"large": large_table, "copies": copies_table}


if __name__ == "__main__":
    print_tables("Groups of unknown states.", PARTS)
