import numpy as np
import pytest
from shadow_examples import random_records, shadows

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.learning.kernel_pca import kernel_coordinates
from quantum_advantage.inference.learning.state_groups import (
    linear_coordinate,
    local_means,
    principal_coordinate,
)


def test_coordinate_is_that_of_scikit_learn_for_a_positive_kernel():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(12, 3))
    kernel = np.exp(-((points[:, None] - points) ** 2).sum(axis=2))
    one, other = principal_coordinate(kernel), kernel_coordinates(kernel)
    assert np.allclose(one, other * np.sign(one @ other))


def test_equal_states_lie_on_one_point():
    assert not principal_coordinate(np.ones((4, 4))).any()
    assert not linear_coordinate(np.ones((4, 3))).any()


def test_one_state_is_refused():
    with pytest.raises(UsageError, match="at least 2 states"):
        principal_coordinate(np.ones((1, 1)))


def test_linear_coordinate_is_the_projection_with_the_largest_variance():
    features = np.random.default_rng(2).normal(size=(9, 4)) * [5, 1, 1, 1]
    found = linear_coordinate(features)
    assert np.allclose(found.var(), np.linalg.eigvalsh(np.cov(features.T, ddof=0))[-1])


def test_local_means_are_those_of_the_shadows():
    (record,) = random_records(4, 1, 30, seed=4)
    paulis = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    single = np.einsum("tiab,pba->tpi", shadows(record), paulis).real
    bonds = [(0, 2), (3, 1)]
    pairs = [
        single[:, p, a] * single[:, q, b] for p in range(3) for q in range(3) for a, b in bonds
    ]
    expected = [*single.mean(axis=0).ravel(), *np.mean(pairs, axis=1)]
    found = local_means(record, bonds)
    # The strings of a bond lie side by side, or letter by letter: a linear function takes either.
    assert np.allclose(found[:12], expected[:12])
    assert np.allclose(sorted(found[12:]), sorted(expected[12:]))
    assert local_means(record, ()).tolist() == found[:12].tolist()
