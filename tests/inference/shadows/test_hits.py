import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.standard_errors import sign_error
from quantum_advantage.inference.shadows.hits import hit_expectations
from quantum_advantage.measurements.pauli_basis import pack_bases
from quantum_advantage.measurements.records import ShadowRecord

QUBITS = A, B, C = cirq.LineQubit.range(3)
STATE = cirq.testing.random_density_matrix(8, random_state=2)
BASES = np.array(list(itertools.product(range(3), repeat=3)), dtype=np.uint8)[::2]
OBSERVABLES = [
    cirq.PauliString(cirq.X(A)),
    -2.0 * cirq.Y(B) * cirq.Z(C),
    0.5 * cirq.X(A) * cirq.X(B) + cirq.X(B) - 0.7 * cirq.Z(C) + 2,
]


def exact():
    matrices = [cirq.PauliSum.wrap(o).matrix(qubits=QUBITS) for o in OBSERVABLES]
    return np.array([np.trace(matrix @ STATE).real for matrix in matrices])


@pytest.mark.parametrize("times", [1, 5])
def test_means_over_hits_of_given_bases_are_unbiased_with_the_stated_errors(draw_shadows, times):
    records, repeated = 1500, 20 // times
    bases = np.tile(BASES, (records * repeated, 1))
    rng = np.random.default_rng(1)
    whole = draw_shadows(STATE, None, rng, times=times, bases=bases, scheme="given")
    size = len(BASES) * repeated
    parts = (whole[i : i + size] for i in range(0, whole.settings, size))
    values, errors = np.moveaxis([hit_expectations(p, OBSERVABLES) for p in parts], -1, 0)
    spread = values.std(axis=0, ddof=1)
    assert (np.abs(values.mean(axis=0) - exact()) < 4 * spread / np.sqrt(records)).all()
    stated = np.sqrt((errors**2).mean(axis=0))
    assert (stated > 0.95 * spread).all()
    assert (stated < 1.1 * spread).all()


def test_error_of_one_string_is_the_same_alone_and_in_a_sum(draw_shadows):
    record = draw_shadows(STATE, 60, np.random.default_rng(2), times=3)
    alone = cirq.PauliString(cirq.X(A))
    found = hit_expectations(record, [alone, alone + 1.0])
    np.testing.assert_allclose(found[1], found[0] + [1, 0])
    assert found[0, 1] > 0


def test_strings_never_or_once_measured_say_so():
    bases = pack_bases([np.array([0, 0, 1]), np.array([2, 2, 2])])
    record = ShadowRecord((A, B), bases, pack_bits([[0, 1], [1, 1], [1, 0]]), scheme="given")
    found = hit_expectations(record, PauliStrings.from_text(["ZI", "YZ", "XZ", "II", "-IZ"]))
    assert np.isnan(found[0, 0])
    assert found[0, 1] == np.inf
    assert found[1] == pytest.approx([-1, sign_error(-1, 1)])
    assert found[2] == pytest.approx([0, sign_error(0, 2)])
    assert found[3].tolist() == [1, 0]
    assert found[4] == pytest.approx([1 / 3, sign_error(1 / 3, 3)])
    never, once = hit_expectations(record, [cirq.X(A) + cirq.Z(A), cirq.Y(A) + cirq.X(A)])
    assert np.isnan(never[0])
    assert never[1] == np.inf
    assert 1 < once[1] < 2


def test_terms_that_fail_together_are_allowed_for():
    """All qubits flip at once with chance 0.2: ten shots that show none say 0.6 at least."""
    record = ShadowRecord(
        QUBITS, pack_bases([np.full(10, 2)] * 3), pack_bits(np.zeros((10, 3))), scheme="given"
    )
    ((value, error),) = hit_expectations(record, (cirq.Z(A) + cirq.Z(B) + cirq.Z(C)) / 3)
    assert value == 1
    assert error == pytest.approx(sign_error(1, 10))


def test_nothing_times_a_string_that_was_never_measured_is_nothing(draw_shadows):
    bases = np.zeros((4, 3), dtype=np.uint8)
    record = draw_shadows(STATE, None, np.random.default_rng(3), bases=bases, scheme="given")
    found = hit_expectations(record, [0 * cirq.Y(A), 1.0 * cirq.Y(A), cirq.X(A) + 0 * cirq.Y(A)])
    assert found[0].tolist() == [0, 0]
    assert np.isnan(found[1, 0])
    assert found[1, 1] == np.inf
    assert found[2].tolist() == hit_expectations(record, cirq.X(A))[0].tolist()
