"""Speed of what reads records: transforms, all squares, purities; as ratios to a copy.

One command prints one table: ``python benchmarks/kernels.py``. A transform is compared with a copy
of its input into a fresh array, both in turn, by their medians; all squares with a copy of them.
With numba (the extra ``fast``) the compiled kernels are measured. Use an idle machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import cirq
import numpy as np

from quantum_advantage.core import compiling
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.walsh_hadamard import walsh_hadamard
from quantum_advantage.inference.bell.largest import largest_squares
from quantum_advantage.inference.bell.spectrum import all_squares
from quantum_advantage.inference.shadows.reduced import purity
from quantum_advantage.measurements.pauli_basis import pack_bases
from quantum_advantage.measurements.records import BellRecord, ShadowRecord

SHOTS = 100_000


def seconds_in_turn(
    *functions: Callable[[], object], repetitions: int = 50, most: float = 10.0
) -> list[float]:
    """Returns the median time of each function, called in turn until ``most`` seconds are over."""
    times: list[list[float]] = [[] for _ in functions]
    for function in functions:
        function()
    end = time.perf_counter() + most
    while len(times[0]) < repetitions and (time.perf_counter() < end or not times[0]):
        for function, own in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            own.append(time.perf_counter() - start)
    return [float(np.median(own)) for own in times]


def _bell_record(qubits: int) -> BellRecord:
    rng = np.random.default_rng(1)
    return BellRecord(qubits, *rng.integers(0, 2**qubits, (2, SHOTS, 1), dtype=np.uint64))


def _shadow_record(settings: int, qubits: int = 50) -> ShadowRecord:
    rng = np.random.default_rng(2)
    bases = pack_bases(rng.integers(0, 3, (qubits, settings)))
    bits = pack_bits(rng.integers(0, 2, (SHOTS, qubits)))
    return ShadowRecord(tuple(cirq.LineQubit.range(qubits)), bases, bits, SHOTS // settings)


def main() -> None:
    """Prints the table."""
    out = sys.stdout.write
    out(f"{'compiled' if compiling.AVAILABLE else 'numpy alone':44s}{'ms':>9s}{'copies':>8s}\n")
    for bits in (16, 20, 24):
        for dtype in ("float32", "float64", "complex64", "complex128"):
            values = np.random.default_rng(0).normal(size=2**bits).astype(dtype)
            copy, own = seconds_in_turn(values.copy, lambda v=values: walsh_hadamard(v))
            out(f"{f'transform of 2^{bits}, {dtype}':44s}{1e3 * own:9.2f}{own / copy:8.1f}\n")
    for qubits in (10, 12, 14):
        record = _bell_record(qubits)
        answer = all_squares(record)
        (copy,) = seconds_in_turn(answer.copy, repetitions=3)
        del answer
        (own,) = seconds_in_turn(lambda r=record: all_squares(r), repetitions=5)
        title = f"all squares, n = {qubits}, {SHOTS} shots"
        out(f"{title:44s}{1e3 * own:9.1f}{own / copy:8.1f}\n")
        (own,) = seconds_in_turn(lambda r=record: largest_squares(r, 100), repetitions=3)
        out(f"{f'the largest 100 of them, n = {qubits}':44s}{1e3 * own:9.1f}\n")
    for settings in (10, 1000, SHOTS):
        shadows = _shadow_record(settings)
        (own,) = seconds_in_turn(lambda r=shadows: purity(r, [0, 1, 2, 3]), repetitions=5)
        out(f"{f'purity of 4 of 50 qubits, {settings} bases':44s}{1e3 * own:9.2f}\n")


if __name__ == "__main__":
    main()
