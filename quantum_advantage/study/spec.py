"""Specs: what a result is a result of. Standard library alone.

A spec is a frozen set of primitive fields; the SHA-256 of their canonical JSON names it. Everything
that changes a bit of a batch is in it; the number of batches, the target and the workers are not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

# Raised when the meaning of a spec changes, so that old counts are never added to new ones.
VERSION = 1
ID_LENGTH = 12
BATCHES = 20
SMALL = (1, 2, 3, 5, 7, 10, 14, 20)
SHARES = (1 / 8, 1 / 4, 0.42, 0.49, 0.53, 0.57, 0.61, 0.67, 0.8, 1.0)


@dataclass(frozen=True)
class Spec:
    """One rung of one accuracy curve.

    Attributes:
        task: The task's full name.
        protocol: The protocol's full name.
        qubits: The number n of qubits of one copy.
        backend: The backend's full name.
        budget: Copies per record.
        games: Trials in a batch.
        seed: The root of all randomness.
    """

    task: str
    protocol: str
    qubits: int
    backend: str
    budget: int
    games: int
    seed: int

    @property
    def source(self) -> str:
        """``law`` or ``circuit``: where the bits come from."""
        return "law" if is_law(self.backend) else "circuit"


def is_law(backend: str) -> bool:
    """Tells whether a backend draws from the exact law of the experiment, without circuits."""
    return backend.partition(":")[0] == "law"


def digest(spec: Spec) -> bytes:
    """Returns the SHA-256 of the spec's canonical JSON."""
    text = json.dumps({"version": VERSION, **asdict(spec)}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def spec_id(spec: Spec) -> str:
    """Returns the first twelve hexadecimal digits of the spec's SHA-256."""
    return digest(spec).hex()[:ID_LENGTH]


def shots_played(budget: int, copies_per_shot: int) -> list[int]:
    """Returns the numbers of shots after which a record of this budget is answered.

    The first budget of a ladder is about 1.75 times the expected sample complexity, so the grid is
    fine around 0.57 of the budget and coarse elsewhere.

    Args:
        budget: Copies per record.
        copies_per_shot: Copies that a shot uses.
    """
    most = budget // copies_per_shot
    if most <= SMALL[-1]:
        return sorted({shots for shots in SMALL if shots <= most} | {most})
    return sorted({round(most * share) for share in SHARES})


def next_budget(budget: int) -> int:
    """Returns the budget of the next rung of the ladder."""
    return 4 * budget
