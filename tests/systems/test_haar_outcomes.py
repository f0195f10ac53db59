import itertools
import math

import numpy as np
import pytest
from drawn_states import random_vectors

from quantum_advantage.systems.haar_outcomes import conjugate_outcomes, urn_outcomes


def real_states(states, size, rng):
    vectors = rng.normal(size=(states, size))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def y_basis(qubits):
    """Rows ⟨b|: the eigenvectors of Y on every qubit, conjugated."""
    one = np.array([[1, -1j], [1, 1j]]) / math.sqrt(2)
    return np.array([[1]]) if not qubits else np.kron(one, y_basis(qubits - 1))


def draw(laws, shots, rng):
    steps = np.cumsum(laws, axis=1)[:, None, :-1]
    return (rng.random((len(laws), shots, 1)) > steps).sum(axis=2)


def as_numbers(outcomes, size):
    return outcomes @ size ** np.arange(outcomes.shape[1])[::-1]


def test_draws_stay_the_same():
    """Counts that were published come from these very numbers."""
    found = urn_outcomes(2, 12, 6, np.random.default_rng(7))
    np.testing.assert_array_equal(
        found, [[4, 4, 4, 5, 4, 4, 3, 4, 4, 4, 3, 2], [3, 1, 1, 0, 1, 1, 0, 1, 3, 5, 3, 3]]
    )


@pytest.mark.parametrize("concentration", [0.5, 1.0, 2.5])
def test_records_have_the_law_of_the_urn(concentration, p_of_law):
    """All records of four shots with three outcomes, against the Dirichlet integral."""
    trials, shots, size = 40_000, 4, 3
    found = urn_outcomes(trials, shots, size, np.random.default_rng(1), concentration)
    records = np.array(list(itertools.product(range(size), repeat=shots)))
    counts = (records[:, :, None] == np.arange(size)).sum(axis=1)
    rising = [[math.prod(concentration + j for j in range(k)) for k in row] for row in counts]
    law = np.prod(rising, axis=1) / math.prod(concentration * size + j for j in range(shots))
    assert law.sum() == pytest.approx(1)
    observed = np.bincount(as_numbers(found, size), minlength=size**shots)
    assert p_of_law(observed, law) > 1e-4


@pytest.mark.parametrize(
    ("states", "concentration"),
    [(random_vectors, 1.0), (real_states, 0.5)],
    ids=["complex", "real"],
)
def test_the_urn_draws_from_haar_random_states(states, concentration, p_of_two):
    rng = np.random.default_rng(2)
    trials, shots, size = 20_000, 4, 4
    vectors = states(trials, size, rng)
    direct = draw(np.abs(vectors) ** 2, shots, rng)
    urn = urn_outcomes(trials, shots, size, rng, concentration)
    assert p_of_two(urn, direct) > 1e-4


def test_the_urn_collides_like_random_vectors():
    rng = np.random.default_rng(2)
    size, shots, trials = 16, 12, 4000
    direct = draw(np.abs(random_vectors(trials, size, rng)) ** 2, shots, rng)
    urn = urn_outcomes(trials, shots, size, rng)
    urn, direct = (np.array([np.unique(row).size for row in x]) for x in (urn, direct))
    error = math.sqrt((urn.var() + direct.var()) / trials)
    assert abs(urn.mean() - direct.mean()) < 4 * error


@pytest.mark.parametrize("qubits", [1, 2])
def test_conjugate_outcomes_are_those_of_real_states_in_the_basis_y(qubits, p_of_two):
    rng = np.random.default_rng(3)
    trials, shots = 20_000, 4
    vectors = real_states(trials, 2**qubits, rng)
    direct = draw(np.abs(vectors @ y_basis(qubits).T) ** 2, shots, rng)
    assert p_of_two(conjugate_outcomes(trials, shots, qubits, rng), direct) > 1e-4


def test_real_states_give_complements_the_same_probability():
    vectors = real_states(5, 8, np.random.default_rng(4))
    laws = np.abs(vectors @ y_basis(3).T) ** 2
    np.testing.assert_allclose(laws, laws[:, ::-1], atol=1e-15)


def test_outcomes_are_numbers_of_so_many_qubits():
    found = conjugate_outcomes(50, 200, 5, np.random.default_rng(5))
    assert set(np.unique(found)) == set(range(32))
    assert conjugate_outcomes(3, 0, 5, np.random.default_rng(6)).shape == (3, 0)


@pytest.mark.parametrize("concentration", [0.0, -1.0, np.nan])
def test_a_law_that_is_none_is_refused(concentration):
    with pytest.raises(ValueError, match="concentration must be above 0"):
        urn_outcomes(2, 3, 4, np.random.default_rng(0), concentration)
