import itertools
import math

import cirq
import numpy as np
import pytest
from drawn_states import random_state
from scipy import stats

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings, random_letters
from quantum_advantage.inference.bell import spectrum
from quantum_advantage.inference.bell.spectrum import (
    all_squares,
    largest_error,
    outcome_counts,
    square_index,
)
from quantum_advantage.inference.bell.squares import squares
from quantum_advantage.measurements.bell import bell_parity
from quantum_advantage.measurements.records import BellRecord

BELL_STATES = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, -1], [0, 1, -1, 0]]) / np.sqrt(2)
PAULIS = np.array([cirq.unitary(gate) for gate in (cirq.I, cirq.X, cirq.Y, cirq.Z)])


def all_strings(qubits):
    return PauliStrings.from_letters(list(itertools.product(range(4), repeat=qubits)))


def apply_to_pairs(first, second, table):
    """Contracts the pair of every qubit with a (4, 2, 2) table; one axis of 4 for each qubit."""
    qubits = first.size.bit_length() - 1
    joint = np.multiply.outer(first, second).reshape((2,) * 2 * qubits)
    for left in range(qubits, 0, -1):
        joint = np.tensordot(joint, table, axes=((0, left), (1, 2)))
    return joint


def ensemble(state):
    """The weights and vectors of a mixture of pure states."""
    weights, vectors = np.linalg.eigh(state)
    kept = weights > 1e-12
    return list(zip(weights[kept], vectors.T[kept], strict=True))


def bell_law(state):
    """The exact law of the Bell outcomes 2a + b of two copies, one axis for each qubit."""
    pairs = itertools.product(ensemble(state), repeat=2)
    table = BELL_STATES.reshape(4, 2, 2)
    return sum(p * q * np.abs(apply_to_pairs(v, w, table)) ** 2 for (p, v), (q, w) in pairs)


def exact_squares(state):
    """tr(P ρ)² in the order of :func:`all_strings`."""
    means = sum(p * apply_to_pairs(v.conj(), v, PAULIS) for p, v in ensemble(state))
    return means.real.ravel() ** 2


def draw_record(law, shots, rng):
    outcomes = rng.choice(law.size, shots, p=law.ravel() / law.sum())
    letters = np.stack(np.unravel_index(outcomes, law.shape), axis=-1)
    return BellRecord(law.ndim, pack_bits(letters >> 1), pack_bits(letters & 1))


def random_record(qubits, shots, seed):
    words = np.random.default_rng(seed).integers(0, 2**qubits, (2, shots, 1), dtype=np.uint64)
    return BellRecord(qubits, *words)


@pytest.mark.parametrize("qubits", [1, 2, 3, 4, 5])
def test_all_squares_are_those_of_the_strings_one_by_one(qubits):
    record, strings = random_record(qubits, 377, seed=qubits), all_strings(qubits)
    estimates = all_squares(record)
    assert estimates.shape == (4**qubits,)
    np.testing.assert_array_equal(estimates[square_index(strings)], squares(record, strings)[:, 0])


def test_all_squares_of_ten_qubits_are_those_of_some_strings():
    record = random_record(10, 1000, seed=1)
    strings = PauliStrings.from_letters(random_letters(300, 10, np.random.default_rng(2)))
    expected = squares(record, strings)[:, 0]
    np.testing.assert_array_equal(all_squares(record)[square_index(strings)], expected)


def test_signs_of_every_outcome_are_those_of_the_table():
    strings = all_strings(2)
    for system, memory in itertools.product(np.arange(4, dtype=np.uint64)[:, None, None], repeat=2):
        signs = 1 - 2.0 * bell_parity(strings.x, strings.z, system[0], memory[0])
        estimates = all_squares(BellRecord(2, system, memory))
        np.testing.assert_array_equal(estimates[square_index(strings)], signs)


@pytest.mark.parametrize("qubits", [1, 2, 3, 4])
@pytest.mark.parametrize("pure", [True, False])
def test_all_squares_agree_with_the_state_within_their_errors(qubits, pure):
    state = random_state(qubits, pure, seed=10 + qubits)
    record = draw_record(bell_law(state), 40_000, np.random.default_rng(3))
    exact = exact_squares(state)
    dense = all_strings(qubits).to_cirq_dense()
    reference = [np.trace(cirq.unitary(string) @ state).real ** 2 for string in dense]
    np.testing.assert_allclose(exact, reference, atol=1e-6)
    errors = np.sqrt((1 - exact**2).clip(0) / record.shots)
    off = all_squares(record)[square_index(all_strings(qubits))] - exact
    assert (np.abs(off) <= 4 * errors + 1e-6).all()
    assert exact[1:].max() > 0.1


def test_fourteen_qubits_are_the_most():
    record = random_record(15, 1, seed=4)
    with pytest.raises(ValueError, match="record must have at most 14 qubits, not 15"):
        all_squares(record)
    with pytest.raises(ValueError, match="strings must have at most 14 qubits, not 15"):
        square_index(PauliStrings.from_text("X" * 15))
    with pytest.raises(ValueError, match="record must have at most 12 qubits, not 13"):
        outcome_counts(random_record(13, 1, seed=4))


@pytest.mark.parametrize("most", [10**9, 100])
def test_sums_are_exact_in_either_precision(monkeypatch, most):
    monkeypatch.setattr(spectrum, "MOST_IN_SINGLE", most)
    record = random_record(5, 301, seed=6)
    found = all_squares(record)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(
        found[square_index(all_strings(5))], squares(record, all_strings(5))[:, 0]
    )


def test_larger_records_are_rounded_to_single_precision(monkeypatch):
    monkeypatch.setattr(spectrum, "MOST_IN_DOUBLE", 4)
    record = random_record(5, 301, seed=6)
    found = all_squares(record)
    assert found.dtype == np.float32
    np.testing.assert_allclose(
        found[square_index(all_strings(5))],
        squares(record, all_strings(5))[:, 0],
        rtol=0,
        atol=2e-7,
    )
    monkeypatch.setattr(spectrum, "MOST_IN_SINGLE", 300)
    with pytest.raises(ValueError, match="record of 5 qubits must hold at most 300 shots, not 301"):
        all_squares(record)


@pytest.mark.slow  # 1 GiB
def test_records_of_fourteen_qubits_have_the_squares_of_single_strings():
    record = random_record(14, 100_000, seed=7)
    letters = random_letters(60, 14, np.random.default_rng(8))
    strings = PauliStrings.from_letters(letters)
    found = all_squares(record)[square_index(strings)]
    np.testing.assert_allclose(found, squares(record, strings)[:, 0], rtol=0, atol=2e-7)


def test_all_squares_of_no_shots_are_refused():
    with pytest.raises(ValueError, match="at least one shot, not 0"):
        all_squares(random_record(2, 0, seed=5))


def test_places_are_the_x_bits_and_above_them_the_z_bits():
    texts = ["III", "XII", "IIX", "ZII", "IIZ", "IYI", "-IYI", "ZZY"]
    places = square_index(PauliStrings.from_text(texts))
    assert places.dtype == np.int64
    assert places.tolist() == [0, 1, 4, 8, 32, 18, 18, 4 + 56]


def test_places_of_all_strings_are_all_places():
    assert sorted(square_index(all_strings(4))) == list(range(256))
    assert square_index(PauliStrings.from_text("Y" * 12)).tolist() == [4**12 - 1]


@pytest.mark.parametrize(("strings", "shots", "failure"), [(1, 10, 0.3), (4**200, 777, 1e-9)])
def test_largest_error_is_that_of_the_union_bound(strings, shots, failure):
    error = largest_error(strings, shots, failure)
    log_chance = math.log(2) + math.log(strings) - shots * error**2 / 2
    assert log_chance == pytest.approx(math.log(failure))


def test_largest_error_fails_in_one_of_twenty_by_default():
    assert largest_error(4096, 2000) == largest_error(4096, 2000, 0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 10), "strings must be at least 1, not 0"),
        ((4, 0), "shots must be at least 1, not 0"),
        ((4, 10, 0), "failure must lie strictly between 0 and 1, not 0"),
        ((4, 10, 1.0), "failure must lie strictly between 0 and 1, not 1.0"),
    ],
)
def test_impossible_guarantees_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        largest_error(*arguments)


def test_all_squares_of_random_states_of_six_qubits_keep_the_guarantee():
    rng, shots, records = np.random.default_rng(6), 2000, 60
    places, bell_states = square_index(all_strings(6)), BELL_STATES.reshape(4, 2, 2)
    largest = np.empty(records)
    for i in range(records):
        vector = rng.normal(size=64) + 1j * rng.normal(size=64)
        vector /= np.linalg.norm(vector)
        law = np.abs(apply_to_pairs(vector, vector, bell_states)) ** 2
        estimates = all_squares(draw_record(law, shots, rng))[places]
        exact = apply_to_pairs(vector.conj(), vector, PAULIS).real.ravel() ** 2
        largest[i] = np.abs(estimates - exact).max()
    guarantee = largest_error(4**6, shots)
    failures = int((largest > guarantee).sum())
    assert stats.binom.sf(failures - 1, records, 0.05) > 1e-4
    # The largest of 4096 nearly normal deviations is some 3.7/√T, the guarantee 4.9/√T.
    assert np.median(largest) > guarantee / 2
