import itertools
import math

import numpy as np
import pytest
from drawn_states import random_vectors
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.bounds.haar_states import copies_to_test_purity, largest_purity_accuracy
from quantum_advantage.bounds.time_reversal import (
    adaptive_reference,
    largest_reversal_accuracy,
    uses_to_find_reversal,
)
from quantum_advantage.inference.haar.real_amplitudes import (
    complement_log_ratio,
    repetition_log_ratio,
)

repeatable = settings(derandomize=True, deadline=None)


@pytest.mark.parametrize(("qubits", "uses"), [(4, 4), (8, 13), (12, 47), (16, 184), (20, 733)])
def test_fewest_uses_at_a_target_of_70_percent(qubits, uses):
    assert math.ceil(uses_to_find_reversal(0.7, qubits=qubits)) == uses


@given(target=st.floats(0.5001, 0.9999), qubits=st.integers(1, 1000))
@repeatable
def test_accuracy_at_the_required_uses_is_the_target(target, qubits):
    required = uses_to_find_reversal(target, qubits=qubits)
    assert math.isfinite(required)
    accuracy = largest_reversal_accuracy(required, qubits=qubits)
    assert accuracy == pytest.approx(target, abs=1e-12)


@pytest.mark.parametrize("qubits", [1, 2, 3, 5, 10])
@pytest.mark.parametrize("uses", [0, 1, 2, 3, 5, 40, 70, 500])
def test_accuracy_is_that_of_the_product(qubits, uses):
    product = math.prod(1 / (1 + 2 * j / 2**qubits) for j in range(uses))
    expected = 0.5 + (1 - product) / 2
    assert largest_reversal_accuracy(uses, qubits=qubits) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("qubits", [30, 300, 1000])
def test_constant_in_front_of_the_square_root(qubits):
    # T²/d = ln(1/0.6) for many qubits.
    constant = uses_to_find_reversal(0.7, qubits=qubits) / 2 ** (qubits / 2)
    assert constant == pytest.approx(math.sqrt(-math.log(0.6)), rel=1e-4)


def test_one_qubit_less_is_as_hard_as_the_purity():
    """The products differ by the dimension alone."""
    assert largest_reversal_accuracy(9, qubits=6) == largest_purity_accuracy(9, qubits=5)
    assert uses_to_find_reversal(0.8, qubits=6) == copies_to_test_purity(0.8, qubits=5)


# The proof, step by step, on exact likelihoods.


def hafnian(matrix):
    """The sum over all perfect matchings, row by row."""
    if not len(matrix):
        return 1.0
    total = 0.0
    for j in range(1, len(matrix)):
        rest = [k for k in range(1, len(matrix)) if k != j]
        total += matrix[0, j] * hafnian(matrix[np.ix_(rest, rest)])
    return total


def permanent(matrix):
    rows = range(len(matrix))
    return sum(math.prod(matrix[i, p[i]] for i in rows) for p in itertools.permutations(rows))


def real_likelihood(vectors):
    """d^T E ∏ |⟨φ_i|ψ⟩|² over real ψ: Wick's theorem for the linear forms φ_i and conj φ_i."""
    uses, size = vectors.shape
    forms = np.concatenate([vectors, vectors.conj()])
    moment = hafnian(forms @ forms.T).real
    return size**uses * moment / math.prod(size + 2 * j for j in range(uses))


def complex_likelihood(vectors):
    uses, size = vectors.shape
    moment = permanent(vectors.conj() @ vectors.T).real
    return size**uses * moment / math.prod(size + j for j in range(uses))


def bound(uses, size):
    return math.prod(1 / (1 + 2 * j / size) for j in range(uses))


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_likelihoods_are_means_over_states(kind):
    rng = np.random.default_rng(1)
    vectors = random_vectors(3, 4, rng)
    states = random_vectors(200_000, 4, rng)
    if kind == "real":
        states = states.real / np.linalg.norm(states.real, axis=1, keepdims=True)
    likelihood = {"real": real_likelihood, "complex": complex_likelihood}[kind]
    values = 4**3 * np.prod(np.abs(states @ vectors.conj().T) ** 2, axis=1)
    error = values.std() / math.sqrt(len(values))
    assert abs(values.mean() - likelihood(vectors)) < 4 * error


@pytest.mark.parametrize(("size", "uses"), [(2, 2), (2, 3), (2, 4), (4, 2), (4, 3), (4, 4), (3, 3)])
def test_no_vectors_have_a_smaller_likelihood(size, uses):
    """Random ones, and the smallest that a random walk downhill finds."""
    rng = np.random.default_rng(2)
    least = bound(uses, size) * (1 - 1e-12)
    for likelihood in (real_likelihood, complex_likelihood):
        starts = [random_vectors(uses, size, rng) for _ in range(30)]
        values = [likelihood(vectors) for vectors in starts]
        vectors, value = starts[int(np.argmin(values))], min(values)
        assert value >= least
        for step in np.geomspace(0.5, 0.02, 100):
            moved = vectors + step * random_vectors(uses, size, rng)
            moved /= np.linalg.norm(moved, axis=1, keepdims=True)
            if (found := likelihood(moved)) < value:
                vectors, value = moved, found
        assert value >= least


def test_orthogonal_real_vectors_reach_the_bound():
    for size, uses in ((2, 2), (4, 3), (4, 4)):
        assert real_likelihood(np.eye(size)[:uses] + 0j) == pytest.approx(bound(uses, size))


@pytest.mark.parametrize("score", [complement_log_ratio, repetition_log_ratio])
@pytest.mark.parametrize("qubits", [1, 2])
def test_best_decisions_from_exact_laws_stay_below_the_bound(score, qubits):
    """Both records' laws in full: the total variation, not a simulation."""
    size = 2**qubits
    for uses in range(1, 7 if qubits == 2 else 10):
        records = np.array(list(itertools.product(range(size), repeat=uses)))
        counts = (records[:, :, None] == np.arange(size)).sum(axis=1)
        factorials = np.array([math.factorial(k) for k in range(uses + 1)], dtype=float)
        general = factorials[counts].prod(axis=1) / math.prod(size + j for j in range(uses))
        symmetric = general * np.exp(score(records, [uses], qubits)[:, 0])
        accuracy = 0.5 + np.abs(symmetric - general).sum() / 4
        assert accuracy <= largest_reversal_accuracy(uses, qubits=qubits) + 1e-12


def test_a_complex_input_escapes_the_proof():
    """Images of |i…i⟩ under orthogonal matrices, and two outcomes that are complex conjugates."""
    rng = np.random.default_rng(3)
    for size in (2, 4, 8):
        frames = np.linalg.qr(rng.normal(size=(100_000, size, 2)))[0]
        frames *= rng.choice([-1, 1], size=(100_000, 1, 2))
        states = (frames[..., 0] + 1j * frames[..., 1]) / math.sqrt(2)
        outcome = np.zeros(size, dtype=complex)
        outcome[:2] = np.array([1, 1j]) / math.sqrt(2)
        values = size**2 * np.abs(states @ outcome.conj()) ** 2 * np.abs(states @ outcome) ** 2
        expected = size * (size - 2) / (size + 2) / (size - 1)
        error = values.std() / math.sqrt(len(values))
        assert abs(values.mean() - expected) <= 4 * error + 1e-12
        assert expected < bound(2, size)


def test_reference_of_adaptive_learners():
    assert adaptive_reference(qubits=7) == pytest.approx(4)
    assert adaptive_reference(qubits=20) < uses_to_find_reversal(0.7, qubits=20)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="qubits must lie between 1 and 1000, not 0"):
        uses_to_find_reversal(0.7, qubits=0)
    with pytest.raises(ValueError, match="qubits must lie between 1 and 1000, not 1001"):
        adaptive_reference(qubits=1001)
    with pytest.raises(ValueError, match=r"target must lie strictly between 0\.5 and 1"):
        uses_to_find_reversal(1.0, qubits=3)
    with pytest.raises(ValueError, match="copies must be finite and not negative"):
        largest_reversal_accuracy(-1, qubits=3)
