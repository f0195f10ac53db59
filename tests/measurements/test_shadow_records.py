"""Shadow records from dials and from arrays: the same record by both ways."""

import numpy as np
import pytest

from quantum_advantage.circuits.request import Record
from quantum_advantage.core.bits import pack_bits, unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.bell import SYSTEM
from quantum_advantage.measurements.pauli_basis import pauli_basis_dials, unpack_bases
from quantum_advantage.measurements.shadow_records import shadow_of, shadow_of_arrays

RNG = np.random.default_rng(1)


@pytest.mark.parametrize("n", [1, 5, 70])
def test_dials_and_arrays_make_one_record(n):
    bases = RNG.integers(0, 3, (40, n), dtype=np.uint8)
    outcomes = RNG.integers(0, 2, (40, n), dtype=np.uint8)
    settings = {d.name: column for d, column in zip(pauli_basis_dials(n), bases.T, strict=True)}
    found = shadow_of(Record(40, {SYSTEM: pack_bits(outcomes)}, settings), n)
    other = shadow_of_arrays(bases, outcomes)
    for record in (found, other):
        assert (unpack_bases(record.bases, n) == bases).all()
        assert (unpack_bits(record.outcomes, n) == outcomes).all()
        assert record.scheme == "random"
    assert found.qubits == other.qubits
    assert shadow_of_arrays(bases, outcomes, "fixed").scheme == "fixed"


def test_what_is_no_basis_is_refused():
    with pytest.raises(UsageError, match="bases must be 0"):
        shadow_of_arrays(np.full((2, 2), 3, dtype=np.uint8), np.zeros((2, 2), dtype=np.uint8))


def test_outcomes_that_are_no_bits_are_refused():
    with pytest.raises(UsageError, match="outcomes must be 0 or 1, not 2"):
        shadow_of_arrays(np.zeros((1, 2), np.uint8), np.array([[2, 1]], np.uint8))
    with pytest.raises(UsageError, match="bits must be 0 or 1, not -1"):
        shadow_of_arrays(np.zeros((1, 2), np.uint8), np.array([[1, -1]]))
