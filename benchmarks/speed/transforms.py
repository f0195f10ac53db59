"""The Walsh-Hadamard transform, and the squares of all Pauli strings that rest on it.

The inputs are whole numbers, of which every sum on the way is exact in floating point. So the
results are the same bit by bit on every machine, in whatever order they are summed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from speed.copying import fresh_copy
from speed.digests import Outcome
from speed.workload import Against, Numba, Peers, Prepared, Side, Workload

COPY = "a copy into fresh memory"


def _whole(shape: tuple[int, ...], kind: str) -> np.ndarray[Any, Any]:
    """Makes seeded numbers -1, 0, 1; complex ones have two such parts."""
    rng = np.random.default_rng(1)
    values = rng.integers(-1, 2, shape).astype(kind)
    if values.dtype.kind == "c":
        values += 1j * rng.integers(-1, 2, shape)
    return values


def _transform(shape: tuple[int, ...], kind: str) -> Callable[[Peers], Prepared]:
    def prepare(peers: Peers) -> Prepared:
        from quantum_advantage.core.walsh_hadamard import walsh_hadamard

        values = _whole(shape, kind)
        return Prepared(
            inputs=[values],
            work=Side(lambda: walsh_hadamard(values)),
            other=Side(lambda: fresh_copy(values)),
            outcome=lambda found: Outcome((found,)),
        )

    return prepare


def _both(name: str, title: str, shape: tuple[int, ...], kind: str) -> list[Workload]:
    """Makes the workload with numpy alone, and compiled."""
    variants = ("numpy", "numpy alone", Numba.HIDDEN), ("compiled", "compiled", Numba.NEEDED)
    return [
        Workload(
            name=f"{name}_{short}",
            title=f"Walsh-Hadamard, {title}, {long}",
            unit="one transform",
            against=Against.LIMIT,
            other=COPY,
            prepare=_transform(shape, kind),
            numba=numba,
        )
        for short, long, numba in variants
    ]


def _against_ffht(peers: Peers) -> Prepared:
    from quantum_advantage.core.walsh_hadamard import walsh_hadamard

    values = _whole((2**20,), "f8")
    transform = ctypes.CDLL(str(peers.ffht)).fht_double
    transform.argtypes = [ctypes.c_void_p, ctypes.c_int]

    def other() -> np.ndarray[Any, Any]:
        # It works in place, and here the input is kept.
        found = values.copy()
        transform(found.ctypes.data, 20)
        return found

    if not np.array_equal(other(), walsh_hadamard(values)):
        raise ArithmeticError("FFHT gives another transform")
    return Prepared(
        inputs=[values],
        work=Side(lambda: walsh_hadamard(values)),
        other=Side(other),
        outcome=lambda found: Outcome((found,)),
    )


def _against_matrix(peers: Peers) -> Prepared:
    from scipy.linalg import hadamard

    from quantum_advantage.core.walsh_hadamard import walsh_hadamard

    values = _whole((2**10, 2**10), "f8")
    matrix = hadamard(2**10, dtype=np.float64)
    return Prepared(
        inputs=[values],
        work=Side(lambda: walsh_hadamard(values)),
        other=Side(lambda: values @ matrix),
        outcome=lambda found: Outcome((found,)),
    )


def _all_squares(qubits: int) -> Callable[[Peers], Prepared]:
    def prepare(peers: Peers) -> Prepared:
        from quantum_advantage.inference.bell.spectrum import all_squares
        from quantum_advantage.measurements.records import BellRecord

        rng = np.random.default_rng(1)
        outcomes = rng.integers(0, 2**qubits, (2, 100_000, 1), dtype=np.uint64)
        record = BellRecord(qubits, outcomes[0], outcomes[1])
        counts = np.ones(4**qubits, dtype=np.float32)
        return Prepared(
            inputs=[outcomes],
            work=Side(lambda: all_squares(record)),
            other=Side(lambda: fresh_copy(counts)),
            outcome=lambda found: Outcome((found,), decimals=6),
        )

    return prepare


def _squares(qubits: int, gibibytes: float = 0.0) -> Workload:
    return Workload(
        name="all_squares" if qubits == 10 else f"all_squares_{qubits}",
        title=f"all 4^{qubits} squares from 10^5 Bell shots",
        unit="one record",
        against=Against.LIMIT,
        other=f"{COPY} of 4^{qubits} float32",
        prepare=_all_squares(qubits),
        gibibytes=gibibytes,
    )


WORKLOADS = [
    *_both("walsh_20", "2^20 doubles", (2**20,), "f8"),
    *_both("walsh_24", "2^24 doubles", (2**24,), "f8"),
    *_both("walsh_24_single", "2^24 float32", (2**24,), "f4"),
    *_both("walsh_complex", "2^20 complex64", (2**20,), "c8"),
    *_both("walsh_batched", "4096 rows of 2^8 doubles", (2**12, 2**8), "f8"),
    Workload(
        name="walsh_ffht",
        title="Walsh-Hadamard, 2^20 doubles",
        unit="one transform",
        against=Against.PEER,
        other="FFHT, after a copy",
        prepare=_against_ffht,
        program="ffht",
    ),
    Workload(
        name="walsh_matrix",
        title="Walsh-Hadamard, 1024 rows of 2^10 doubles",
        unit="one transform",
        against=Against.PEER,
        other="a product with scipy's Hadamard matrix",
        prepare=_against_matrix,
        modules=("scipy",),
    ),
    _squares(10),
    _squares(12),
    _squares(14, gibibytes=6),
]
