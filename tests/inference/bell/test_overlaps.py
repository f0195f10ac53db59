import itertools
import math

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.bell.overlaps import (
    majority_sign,
    overlap,
    products,
    sign_from_reference,
)
from quantum_advantage.measurements.records import BellRecord

BELL_STATES = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, -1], [0, 1, -1, 0]]) / np.sqrt(2)
PROJECTORS = np.einsum("oi,oj->oij", BELL_STATES, BELL_STATES).reshape(4, 2, 2, 2, 2)
QUBITS = 3
TEXTS = ["".join(row) for row in itertools.product("IXYZ", repeat=QUBITS)]


def random_state(purity, seed):
    """A random pure state, mixed with a random mixed one unless ``purity`` is 1."""
    vector = cirq.testing.random_superposition(2**QUBITS, random_state=seed)
    mixed = cirq.testing.random_density_matrix(2**QUBITS, random_state=seed + 1)
    return purity * np.outer(vector, vector.conj()) + (1 - purity) * mixed


FIRST, SECOND = random_state(0.8, seed=1), random_state(0.9, seed=3)
PURE = random_state(1, seed=5), random_state(1, seed=7)
PAIRS = pytest.mark.parametrize("pair", [(FIRST, SECOND), PURE, (FIRST, PURE[0])])


def bell_law(first, second):
    """The exact law of the Bell outcomes 2a + b on ρ ⊗ σ, one axis for each qubit."""
    law = np.kron(first, second).reshape((2,) * 4 * QUBITS)
    for left in range(QUBITS, 0, -1):
        law = np.tensordot(law, PROJECTORS, axes=((0, left, 2 * left, 3 * left), (1, 2, 3, 4)))
    return law.real.clip(0)


def draw_records(pair, records, shots, seed):
    law = bell_law(*pair)
    outcomes = np.random.default_rng(seed).choice(
        law.size, (records, shots), p=law.ravel() / law.sum()
    )
    letters = np.stack(np.unravel_index(outcomes, law.shape), axis=-1)
    packed = zip(pack_bits(letters >> 1), pack_bits(letters & 1), strict=True)
    return [BellRecord(QUBITS, system, memory) for system, memory in packed]


def exact_means(state, texts):
    strings = PauliStrings.from_text(texts).to_cirq_dense()
    return np.array([np.trace(cirq.unitary(string) @ state).real for string in strings])


@PAIRS
@pytest.mark.parametrize("subset", [None, [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]])
def test_overlap_agrees_with_the_states_within_its_error(pair, subset):
    (record,) = draw_records(pair, 1, 40_000, seed=1)
    kept = list(range(QUBITS)) if subset is None else subset
    first, second = (
        cirq.partial_trace(state.reshape((2,) * 2 * QUBITS), kept).reshape(2 ** len(kept), -1)
        for state in pair
    )
    exact = np.trace(first @ second).real
    estimate, error = overlap(record, subset)
    assert 0 < error < 0.0051
    assert abs(estimate - exact) < 4 * error


@PAIRS
def test_products_agree_with_the_states_within_their_errors(pair):
    (record,) = draw_records(pair, 1, 40_000, seed=2)
    exact = exact_means(pair[0], TEXTS) * exact_means(pair[1], TEXTS)
    estimates, errors = products(record, TEXTS).T
    assert (np.abs(estimates - exact) <= 4 * errors + 1e-6).all()
    assert exact.min() < -0.1
    assert exact[1:].max() > 0.1


def test_known_reference_gives_the_value_with_its_sign():
    texts = [
        ("", "-")[i % 2] + text
        for i, text in enumerate(TEXTS)
        if abs(exact_means(SECOND, [text])[0]) > 0.1
    ]
    reference, exact = exact_means(SECOND, texts), exact_means(FIRST, texts)
    records = draw_records((FIRST, SECOND), 400, 500, seed=3)
    answers = np.array([sign_from_reference(record, texts, reference) for record in records])
    values, errors = answers[:, 0], answers[:, 1]
    spread = values.std(axis=0, ddof=1)
    off = np.abs(values.mean(axis=0) - exact)
    assert (off <= 4 * spread / math.sqrt(400) + 1e-6).all()
    np.testing.assert_allclose(errors.mean(axis=0), spread, rtol=4 / math.sqrt(2 * 400), atol=1e-6)
    assert exact.min() < -0.2
    assert reference.min() < -0.2


def test_known_reference_takes_packed_strings():
    (record,) = draw_records((FIRST, SECOND), 1, 100, seed=4)
    packed = PauliStrings.from_text(["XYZ", "ZZI"])
    expected = sign_from_reference(record, ["XYZ", "ZZI"], [0.5, -0.25])
    np.testing.assert_array_equal(sign_from_reference(record, packed, [0.5, -0.25]), expected)
    estimates, errors = products(record, packed).T
    np.testing.assert_array_equal(expected, (estimates * [2, -4], errors * [2, 4]))


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ([0.5, 0.0], "finite and not 0, but is 0.0 for string 1"),
        ([math.nan, 0.5], "finite and not 0, but is nan for string 0"),
        ([0.5], r"shape \(2,\), one for each string, not \(1,\)"),
        (0.5, r"shape \(2,\), one for each string, not \(\)"),
    ],
)
def test_references_that_do_not_help_are_refused(reference, message):
    (record,) = draw_records((FIRST, SECOND), 1, 10, seed=5)
    with pytest.raises(ValueError, match=message):
        sign_from_reference(record, ["XYZ", "ZZI"], reference)


@pytest.mark.parametrize(
    ("bits", "sign"),
    [([0], 1), ([1], -1), ([0, 1], 0), ([1, 0, 1], -1), ([0, 0, 1, 1, 0], 1), ([], 0)],
)
def test_majority_is_the_sign_of_most_copies_and_zero_for_a_tie(bits, sign):
    answer = majority_sign(np.array(bits, dtype=np.uint8))
    assert answer == sign
    assert type(answer) is int


def test_majority_of_many_copies_does_not_overflow():
    assert majority_sign(np.ones(1000, dtype=np.uint8)) == -1


@pytest.mark.parametrize(
    ("signs", "message"),
    [([1, -1], "bits, 0 for"), ([2], "bits, 0 for"), ([[0, 1]], r"not \(1, 2\)")],
)
def test_signs_that_are_no_bits_are_refused(signs, message):
    with pytest.raises(ValueError, match=message):
        majority_sign(np.array(signs))


@pytest.mark.parametrize("reference", [["a"], [1j], [None]])
def test_what_is_no_reference_is_refused(reference):
    record = BellRecord(1, *(pack_bits(np.zeros((10, 1))) for _ in range(2)))
    with pytest.raises(ValueError, match="reference must be real numbers, not "):
        sign_from_reference(record, ["X"], reference)
