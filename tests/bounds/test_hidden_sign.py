"""The bounds on a sign that is asked afterwards: brute force at small n, and how they fit."""

from functools import reduce
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from quantum_advantage.bounds import hidden_sign
from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.hidden_sign import named_rounds

PAULIS = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
BOTH = [
    (hidden_sign.largest_fixed_accuracy, hidden_sign.fixed_copies_required),
    (hidden_sign.largest_single_copy_accuracy, hidden_sign.single_copies_required),
]


def strings_of(n):
    return [reduce(np.kron, PAULIS[list(word)]) for word in product(range(4), repeat=n)][1:]


def random_basis(dimension, rng):
    matrix = rng.normal(size=(dimension, dimension)) + 1j * rng.normal(size=(dimension, dimension))
    return np.linalg.qr(matrix)[0]


def accuracy(bases, alpha, n, copies_in):
    """The exact accuracy of the best answer for measurements that are fixed, over all strings."""
    right = []
    for string in strings_of(n):
        laws = []
        for sign in (1, -1):
            rho = (np.eye(2**n) + sign * alpha * string) / 2**n
            law = np.ones(1)
            for basis, copies in zip(bases, copies_in, strict=True):
                state = reduce(np.kron, [rho] * copies)
                chances = np.einsum("ij,ik,kj->j", basis.conj(), state, basis).real
                law = np.outer(law, chances).ravel()
            laws.append(law)
        right.append(np.maximum(*laws).sum() / 2)
    return np.mean(right)


@pytest.mark.parametrize("alpha", [0.3, 0.9])
@pytest.mark.parametrize(("n", "copies_in"), [(1, (2, 1)), (1, (2, 2, 2)), (2, (2, 1)), (2, (2,))])
def test_no_fixed_measurement_of_one_or_two_copies_beats_the_bound(n, copies_in, alpha):
    rng = np.random.default_rng(sum(copies_in))
    bound = hidden_sign.largest_fixed_accuracy(sum(copies_in), qubits=n, alpha=alpha)
    for _ in range(10):
        bases = [random_basis(2 ** (n * copies), rng) for copies in copies_in]
        assert accuracy(bases, alpha, n, copies_in) <= bound + 1e-12


@pytest.mark.parametrize("alpha", [0.3, 0.9])
def test_the_loss_of_fidelity_is_bounded_outcome_by_outcome(alpha):
    rng, n = np.random.default_rng(1), 1
    largest = 0.0
    for _ in range(2000):
        vector = random_basis(4, rng)[:, 0]
        string = strings_of(n)[rng.integers(3)]
        # Near the eigenspace of P ⊗ P = -1 the loss comes close to what the proof allows.
        vector -= (1 - rng.random() ** 3) / 2 * (vector + np.kron(string, string) @ vector)
        vector /= np.linalg.norm(vector)
        one, two = np.kron(string, np.eye(2)), np.kron(np.eye(2), string)
        a, b, e = (np.vdot(vector, m @ vector).real for m in (one, two, one @ two))
        u, d = 1 + alpha**2 * e, a + b
        assert abs(d) <= 1 + e + 1e-12
        loss = u - np.sqrt(max(u**2 - alpha**2 * d**2, 0))
        bound = alpha**2 * (a**2 + b**2) / (1 - alpha**2)
        assert loss <= bound + 1e-12
        if a**2 + b**2 > 1e-6:
            largest = max(largest, loss / bound)
    assert largest > 0.5


@pytest.mark.parametrize(("accuracy_of", "copies_for"), BOTH)
@pytest.mark.parametrize("target", [0.55, 0.7, 0.9, 0.99])
def test_copies_and_accuracies_are_inverse(accuracy_of, copies_for, target):
    for qubits, alpha in ((3, 0.5), (20, 0.9)):
        copies = copies_for(target, qubits=qubits, alpha=alpha)
        assert accuracy_of(copies, qubits=qubits, alpha=alpha) == pytest.approx(target, abs=1e-9)


def test_the_three_bounds_are_in_order():
    for target in (0.6, 0.7, 0.9):
        anything, single, stabiliser = (
            bound(target, qubits=10)
            for bound in (
                hidden_sign.fixed_copies_required,
                hidden_sign.single_copies_required,
                hidden_sign.fixed_stabiliser_copies,
            )
        )
        assert anything < single < stabiliser


@pytest.mark.parametrize("alpha", [0.3, 0.9])
def test_the_majority_is_that_of_a_binomial(alpha):
    for signs in range(8):
        coins = stats.binom(signs, (1 + alpha) / 2)
        exact = coins.sf(signs / 2) + coins.pmf(signs / 2) / 2
        assert hidden_sign.majority(signs, alpha) == pytest.approx(exact)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.9])
def test_majorities_of_odd_numbers_of_signs_are_concave(alpha):
    gains = np.diff([hidden_sign.majority(k, alpha) for k in range(1, 30, 2)])
    assert (np.diff(gains) < 0).all()
    assert hidden_sign.majority(1, alpha) - 0.5 > gains[0] / 2


@pytest.mark.parametrize(("accuracy_of", "copies_for"), BOTH)
def test_arguments_are_checked(accuracy_of, copies_for):
    with pytest.raises(UsageError, match="alpha"):
        accuracy_of(10, qubits=3, alpha=1.0)
    with pytest.raises(UsageError, match="qubits"):
        copies_for(0.7, qubits=0)
    with pytest.raises(UsageError, match="target"):
        copies_for(0.5, qubits=3)


def test_the_table_of_the_gap_is_that_of_the_bounds():
    page = (Path(__file__).parents[2] / "docs" / "gap.md").read_text()
    n = 20
    found = [
        bound(0.7, qubits=n) / (2**n + 1)
        for bound in (
            hidden_sign.fixed_copies_required,
            hidden_sign.fixed_stabiliser_copies,
            hidden_sign.single_copies_required,
        )
    ]
    anything, stabiliser, single = (f"{number:.3g}" for number in found)
    assert f"fixed beforehand, any | {stabiliser} | {anything} |" in page
    assert f"stabiliser measurements | {stabiliser} | {stabiliser} |" in page
    assert f"adaptive | {stabiliser} | {single} |" in page
    assert f"{2 * sum(named_rounds(0.7, 0.9, n))} copies at n = {n}" in page
