import hashlib
import subprocess
import sys

import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits, unpack_bits
from quantum_advantage.core.pauli import PauliStrings, random_letters
from quantum_advantage.inference.shadows import packed
from quantum_advantage.inference.shadows.packed import count_signs, sum_planes, transpose_bits
from quantum_advantage.measurements.pauli_basis import pack_bases


def drawn(settings, qubits, times, seed):
    rng = np.random.default_rng(seed)
    bases = rng.integers(0, 3, (settings, qubits), dtype=np.uint8)
    bits = rng.integers(0, 2, (settings, times, qubits), dtype=np.uint8)
    return bases, bits


def by_loop(bases, bits, letters):
    """Counts hits, minus signs and their squares, setting by setting."""
    found = []
    for string in letters:
        support = np.flatnonzero(string)
        hit = (bases[:, support] == string[support] - 1).all(axis=1)
        minus = (bits[:, :, support].sum(axis=2) % 2).sum(axis=1)[hit].astype(int)
        found.append((hit.sum(), minus.sum(), (minus**2).sum()))
    return np.array(found).T


def mixed_letters(qubits, rng):
    """Two strings of every weight from 0 on, in a random order."""
    rows = [random_letters(2, qubits, rng, w) for w in range(1, qubits + 1)]
    letters = np.concatenate([np.zeros((2, qubits), dtype=np.uint8), *rows])
    return rng.permutation(letters)


@pytest.mark.parametrize(
    ("rows", "bits"), [(1, 1), (64, 64), (63, 65), (130, 3), (130, 8), (130, 9), (200, 150)]
)
def test_transposed_bits_are_the_transposed_matrix(rows, bits):
    matrix = np.random.default_rng(1).integers(0, 2, (rows, bits), dtype=np.uint8)
    columns = transpose_bits(pack_bits(matrix), bits)
    assert columns.shape == (bits, -(-rows // 64))
    assert (unpack_bits(columns, rows) == matrix.T).all()
    assert (columns == pack_bits(matrix.T)).all()


@pytest.mark.parametrize("planes", range(1, 10))
def test_sums_of_planes_are_the_sums_of_their_bits(planes):
    bits = np.random.default_rng(2).integers(0, 2, (planes, 200), dtype=np.uint8)
    digits = sum_planes(pack_bits(bits))
    sums = sum(unpack_bits(digit, 200).astype(int) << j for j, digit in enumerate(digits))
    assert (sums == bits.sum(axis=0)).all()


@pytest.mark.parametrize("times", [1, 2, 3, 7])
@pytest.mark.parametrize(("settings", "qubits"), [(1, 1), (200, 4), (64, 6), (331, 70)])
def test_counts_are_those_of_a_loop(settings, qubits, times, monkeypatch):
    monkeypatch.setattr(packed, "SHOTS_AT_ONCE", 128)
    monkeypatch.setattr(packed, "STRINGS_AT_ONCE", 3)
    bases, bits = drawn(settings, qubits, times, 3)
    letters = mixed_letters(qubits, np.random.default_rng(4))
    if qubits > 10:
        letters = letters[(letters != 0).sum(axis=1) < 6]
    found = count_signs(
        pack_bases(bases.T),
        pack_bits(bits.reshape(-1, qubits)),
        PauliStrings.from_letters(letters),
        times,
    )
    expected = by_loop(bases, bits, letters)
    assert np.array([found.hits, found.minus, found.minus_squared]).tolist() == expected.tolist()
    assert expected[0].max() == settings


def test_no_strings_give_no_counts():
    bases, bits = drawn(10, 3, 1, 5)
    nothing = PauliStrings.from_letters(np.zeros((0, 3), dtype=np.uint8))
    assert count_signs(pack_bases(bases.T), pack_bits(bits[:, 0]), nothing).hits.size == 0


COUNT = """
import hashlib, numpy as np
from quantum_advantage.inference.shadows import packed
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings, random_letters
rng = np.random.default_rng(6)
words = rng.integers(0, 2**63, (5000, 1), dtype=np.uint64)
codes = rng.integers(0, 3, (5000, 60))
strings = PauliStrings.from_letters(
    np.concatenate([random_letters(20, 60, rng, w) for w in range(1, 7)])
)
{compiled}
c = packed.count_signs((pack_bits(codes != 2), pack_bits(codes != 0)), words, strings)
print(hashlib.sha256(np.stack([c.hits, c.minus]).tobytes()).hexdigest())
"""


def counted(compiled):
    code = COUNT.format(compiled="" if compiled else "packed.count_compiled = None")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_compiled_kernel_counts_the_same():
    pytest.importorskip("numba", reason="the extra 'fast' is not installed")
    assert counted(True) == counted(False)
    assert len(counted(True).strip()) == len(hashlib.sha256().hexdigest())


MEMORY = """
import resource
from quantum_advantage.core.endings import prepare_process
prepare_process()
import cirq
import numpy as np
from quantum_advantage.inference.shadows.expectations import ShadowRecord, expectations
from quantum_advantage.core.pauli import PauliStrings, random_letters
rng = np.random.default_rng(7)
shots, qubits, used = 10**6, 100, np.array([2**64 - 1, 2**36 - 1], dtype=np.uint64)
x, other, outcomes = (
    rng.integers(0, 2**64, (shots, 2), dtype=np.uint64) & used for _ in range(3)
)
record = ShadowRecord(tuple(cirq.LineQubit.range(qubits)), (x, (~x | other) & used), outcomes)
held = sum(part.nbytes for part in (*record.bases, record.outcomes))
strings = PauliStrings.from_letters(random_letters(1000, qubits, rng, 3))
found = expectations(record, strings)
print(held, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, np.abs(found[:, 0]).max())
"""


def test_a_million_shots_of_a_hundred_qubits_answer_a_thousand_questions_within_a_gibibyte():
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    held, peak, largest = map(float, done.stdout.split())
    assert held <= 100e6
    assert peak * 1024 <= 2**30
    assert largest < 0.1
