"""Questions to classical shadows: many Pauli strings, and purities of a part."""

from __future__ import annotations

import atexit
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from speed.digests import Outcome
from speed.workload import Against, Numba, Peers, Prepared, Side, Workload


def _record(shots: int, qubits: int) -> Any:
    """Makes a record of random bases and random outcomes."""
    import cirq

    from quantum_advantage.core.bits import pack_bits
    from quantum_advantage.measurements.records import ShadowRecord

    rng = np.random.default_rng(1)
    used = pack_bits(np.ones(qubits))
    size = (shots, used.size)
    x, z, outcomes = (rng.integers(0, 2**64, size, dtype=np.uint64) & used for _ in range(3))
    return ShadowRecord(tuple(cirq.LineQubit.range(qubits)), (x, z | ~x & used), outcomes)


def _strings(count: int, qubits: int) -> Any:
    """Makes strings of weight 3, the dearest up to it."""
    from quantum_advantage.core.pauli import PauliStrings, random_letters

    return PauliStrings.from_letters(random_letters(count, qubits, np.random.default_rng(2), 3))


def _bare_counts(shots: int, questions: int) -> Callable[[], object]:
    """Three times AND of two rows of bits and a count of ones for each string, as a bare loop."""
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 2**64, (200, -(-shots // 64)), dtype=np.uint64)
    pairs = rng.integers(0, 200, (3 * questions, 2))
    both, ones = np.empty_like(rows[0]), np.empty(rows.shape[1], dtype=np.uint8)
    listed, places = list(rows), pairs.tolist()

    def bare() -> None:
        for a, b in places:
            np.bitwise_and(listed[a], listed[b], out=both)
            np.bitwise_count(both, out=ones)

    return bare


def _compiled_counts(shots: int, questions: int) -> Callable[[], object]:
    """The same, compiled."""
    from numba import njit

    from quantum_advantage.inference.shadows.compiled import ones

    rng = np.random.default_rng(3)
    rows = rng.integers(0, 2**64, (200, -(-shots // 64)), dtype=np.uint64)
    pairs = rng.integers(0, 200, (3 * questions, 2))

    def loop(rows: Any, pairs: Any) -> int:
        total = 0
        for i in range(pairs.shape[0]):
            a, b = pairs[i, 0], pairs[i, 1]
            for t in range(rows.shape[1]):
                total += ones(rows[a, t] & rows[b, t])
        return total

    count = njit(loop)
    return lambda: count(rows, pairs)


def _asking(shots: int, qubits: int, questions: int, compiled: bool) -> Callable[[Peers], Prepared]:
    def prepare(peers: Peers) -> Prepared:
        from quantum_advantage.inference.shadows.expectations import expectations

        record, strings = _record(shots, qubits), _strings(questions, qubits)
        limit = (_compiled_counts if compiled else _bare_counts)(shots, questions)
        return Prepared(
            inputs=[*record.bases, record.outcomes, strings.x, strings.z],
            work=Side(lambda: expectations(record, strings)),
            other=Side(limit),
            outcome=lambda found: Outcome((np.asarray(found),), decimals=6),
        )

    return prepare


def _against_predicting(peers: Peers) -> Prepared:
    from quantum_advantage.formats.texts import (
        read_measurements,
        read_observables,
        write_measurements,
        write_observables,
    )
    from quantum_advantage.inference.shadows.hits import hit_expectations

    record, strings = _record(10_000, 50), _strings(1000, 50)
    # Removed at the end of the process.
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    measured, asked = (Path(folder.name) / name for name in ("measured.txt", "asked.txt"))
    write_measurements(measured, record)
    write_observables(asked, strings)

    def work() -> Any:
        return hit_expectations(read_measurements(measured, times=1), read_observables(asked))

    command = [str(peers.predicting), "-o", str(measured), str(asked)]

    def other() -> list[float]:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [float(line) for line in done.stdout.split()]

    found = np.asarray(work())
    values = found[:, 0] if found.ndim == 2 else found
    if np.abs(values - other()).max() > 1e-5:
        raise ArithmeticError("the public program gives other values")
    return Prepared(
        inputs=[measured.read_bytes(), asked.read_bytes()],
        work=Side(work),
        other=Side(other),
        outcome=lambda found: Outcome((np.asarray(found),), decimals=6),
    )


def _against_pennylane(peers: Peers) -> Prepared:
    import pennylane as qml

    from quantum_advantage.formats.arrays import to_pennylane
    from quantum_advantage.inference.shadows.expectations import expectations

    record, strings = _record(10_000, 20), _strings(100, 20)
    shadow = qml.ClassicalShadow(*to_pennylane(record))
    asked = [
        qml.prod(*(getattr(qml, f"Pauli{c}")(i) for i, c in enumerate(text) if c != "I"))
        for text in strings.text()
    ]
    return Prepared(
        inputs=[*record.bases, record.outcomes, strings.x, strings.z],
        work=Side(lambda: expectations(record, strings)),
        other=Side(lambda: shadow.expval(asked, k=1)),
        outcome=lambda found: Outcome((np.asarray(found),), decimals=6),
    )


def _outcomes(settings: int, shots: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Makes bits of 50 qubits that are 1 with the chance 1/10, and bases."""
    rng = np.random.default_rng(1)
    bits = (rng.random((settings, shots, 50)) < 0.1).astype(np.uint8)
    return bits, rng.integers(0, 3, (settings, 50), dtype=np.uint8)


def _grouped_counts(bits: np.ndarray[Any, Any], part: int) -> Callable[[], object]:
    """Reads the part's bits once and counts its outcomes, setting by setting."""
    powers = 1 << np.arange(part)

    def count() -> object:
        numbers = bits[:, :, :part] @ powers
        return [np.bincount(one, minlength=2**part) for one in numbers]

    return count


def _grouped(peers: Peers) -> Prepared:
    from quantum_advantage.inference.shadows.purity import grouped_purities

    bits, _ = _outcomes(100, 1000)
    return Prepared(
        inputs=[bits],
        work=Side(lambda: grouped_purities(bits, [4])),
        other=Side(_grouped_counts(bits, 4)),
        outcome=lambda found: Outcome((found,), decimals=6),
    )


def _against_qurrium(peers: Peers) -> Prepared:
    from qurry.boorust.randomized import entangled_entropy_core_2_rust

    from quantum_advantage.inference.shadows.purity import grouped_purities

    settings, shots = 100, 1000
    bits, _ = _outcomes(settings, shots)
    # It takes counts of bit strings with qubit 0 on the right.
    counts = []
    for one in bits:
        rows, times = np.unique(one[:, ::-1], axis=0, return_counts=True)
        texts = ["".join(row) for row in rows.astype(str)]
        counts.append(dict(zip(texts, times.tolist(), strict=True)))

    def other() -> float:
        found = entangled_entropy_core_2_rust(shots, counts, [0, 1, 2, 3])[0]
        return sum(found.values()) / settings

    # Its mean is over all pairs of shots, a shot with itself included, which has the value 2⁴.
    all_pairs = ((shots - 1) * grouped_purities(bits, [4])[0, 0] + 2**4) / shots
    if abs(all_pairs - other()) > 1e-9:
        raise ArithmeticError("qurrium gives another purity")
    return Prepared(
        inputs=[bits],
        work=Side(lambda: grouped_purities(bits, [4])),
        other=Side(other),
        outcome=lambda found: Outcome((found,), decimals=6),
    )


def _shadow_counts(
    bases: np.ndarray[Any, Any], bits: np.ndarray[Any, Any], part: int
) -> Callable[[], object]:
    """Reads the part's bases and bits once and counts the shots of each of 6^k kinds."""
    powers = 6 ** np.arange(part)

    def count() -> object:
        kinds = 2 * bases[:, :part] + bits[:, :part]
        return np.bincount(kinds @ powers, minlength=6**part)

    return count


def _all_pairs(peers: Peers) -> Prepared:
    from quantum_advantage.inference.shadows.purity import shadow_purities

    bits, bases = _outcomes(100_000, 1)
    return Prepared(
        inputs=[bases, bits],
        work=Side(lambda: shadow_purities(bases, bits[:, 0], [4])),
        other=Side(_shadow_counts(bases, bits[:, 0], 4)),
        outcome=lambda found: Outcome((found,), decimals=6),
    )


def _by_strings(peers: Peers) -> Prepared:
    from quantum_advantage.inference.shadows.hit_purity import hit_purities

    bits, bases = _outcomes(100_000, 1)
    return Prepared(
        inputs=[bases, bits],
        work=Side(lambda: hit_purities(bases, bits, [4])),
        other=Side(_shadow_counts(bases, bits[:, 0], 4)),
        outcome=lambda found: Outcome((found,), decimals=6),
    )


_BARE = "a bare loop: three times AND of two rows and a count of ones"
_PART = "4 of 50 qubits"
WORKLOADS = [
    Workload(
        name="shadows_numpy",
        title="10^4 strings of weight 3, 10^5 shadows, n = 50, numpy alone",
        unit="all strings",
        against=Against.LIMIT,
        other=_BARE,
        prepare=_asking(100_000, 50, 10_000, compiled=False),
        numba=Numba.HIDDEN,
    ),
    Workload(
        name="shadows_compiled",
        title="10^4 strings of weight 3, 10^5 shadows, n = 50, compiled",
        unit="all strings",
        against=Against.LIMIT,
        other=f"{_BARE}, compiled",
        prepare=_asking(100_000, 50, 10_000, compiled=True),
        numba=Numba.NEEDED,
    ),
    Workload(
        name="shadow_memory",
        title="1000 strings of weight 3, 10^6 shadows, n = 100",
        unit="all strings",
        against=Against.LIMIT,
        other=_BARE,
        prepare=_asking(1_000_000, 100, 1000, compiled=False),
    ),
    Workload(
        name="shadows_predicting",
        title="1000 strings, 10^4 shadows, n = 50, from text files",
        unit="all strings",
        against=Against.PEER,
        other="the C++ program of 'predicting quantum properties'",
        prepare=_against_predicting,
        program="predicting",
    ),
    Workload(
        name="shadows_pennylane",
        title="100 strings of weight 3, 10^4 shadows, n = 20",
        unit="all strings",
        against=Against.PEER,
        other="PennyLane's ClassicalShadow",
        prepare=_against_pennylane,
        modules=("pennylane",),
    ),
    Workload(
        name="purity_grouped",
        title=f"purity of {_PART}, 100 bases of 1000 shots",
        unit="one record",
        against=Against.LIMIT,
        other="one count of the outcomes",
        prepare=_grouped,
    ),
    Workload(
        name="purity_qurrium",
        title=f"purity of {_PART}, 100 bases of 1000 shots",
        unit="one record",
        against=Against.PEER,
        other="qurrium, compiled, from counts",
        prepare=_against_qurrium,
        modules=("qurry",),
    ),
    Workload(
        name="purity_shadow",
        title=f"purity of {_PART}, all pairs of 10^5 shadows",
        unit="one record",
        against=Against.LIMIT,
        other="one count of bases and outcomes",
        prepare=_all_pairs,
    ),
    Workload(
        name="purity_strings",
        title=f"purity of {_PART}, string by string, 10^5 shadows",
        unit="one record",
        against=Against.LIMIT,
        other="one count of bases and outcomes",
        prepare=_by_strings,
    ),
]
