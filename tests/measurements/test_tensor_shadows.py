"""Shadows of matrix product states have the law of the same states as vectors."""

import numpy as np
import pytest
from scipy import stats

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.generalising.targets import pair_correlators
from quantum_advantage.measurements.tensor_shadows import outcomes_of_tensors, shadow_of_tensors
from quantum_advantage.measurements.vector_shadows import OUTCOME_ROWS


def right_canonical(vector):
    """The exact tensors of a state of n qubits, by singular value decompositions from the right."""
    found, left = [], vector.reshape(-1, 1)
    while len(left) > 1:
        right = left.shape[1]
        columns, values, rows = np.linalg.svd(left.reshape(-1, 2 * right), full_matrices=False)
        found.append(rows.reshape(len(rows), 2, right))
        left = columns * values
    found[-1] = found[-1] * left[0, 0]
    return found[::-1]


def random_vector(qubits, seed):
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=2**qubits) + 1j * rng.normal(size=2**qubits)
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("basis", [(0, 1, 2, 1), (1, 1, 0, 2), (2, 2, 2, 2)])
def test_outcomes_follow_the_exact_law(basis):
    vector, shots = random_vector(4, 1), 6000
    whole = np.eye(1)
    for letter in basis:
        whole = np.kron(whole, OUTCOME_ROWS[letter])
    law = np.abs(whole @ vector) ** 2
    rng = np.random.default_rng(2)
    # Among shots in other bases, of which each has tensors of its own.
    bases = np.concatenate([np.tile(basis, (shots, 1)), rng.integers(0, 3, (500, 4))])
    bits = outcomes_of_tensors(right_canonical(vector), bases.astype(np.uint8), rng)[:shots]
    counts = np.bincount(bits @ np.array([8, 4, 2, 1]), minlength=16)
    assert (shots * law).min() > 5
    assert stats.chisquare(counts, shots * law).pvalue > 1e-4


def test_pairs_on_a_long_chain_stay_singlets():
    singlet = right_canonical(np.array([0, 1, -1, 0]) / np.sqrt(2))
    record = shadow_of_tensors(singlet * 30, 400, np.random.default_rng(1))
    pairs = [(2 * k, 2 * k + 1) for k in range(30)]
    assert (pair_correlators([record], pairs)[0, :, 0] == -1).all()


def test_wrong_tensors_are_refused():
    one, bases = np.array([[[1.0], [0.0]]]), np.zeros((5, 2), np.uint8)
    rng = np.random.default_rng(1)
    with pytest.raises(UsageError, match="tensors must have shapes"):
        outcomes_of_tensors([one], bases, rng)
    with pytest.raises(UsageError, match="tensors must have shapes"):
        outcomes_of_tensors([one, np.ones((2, 2, 1))], bases, rng)
    with pytest.raises(UsageError, match="those of site 1 have not"):
        outcomes_of_tensors([one, 2 * one], bases, rng)
    with pytest.raises(UsageError, match="shots must"):
        shadow_of_tensors([one], 0, rng)
