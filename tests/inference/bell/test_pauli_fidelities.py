import numpy as np
import pytest
from scipy import stats

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.noise import bell_damping
from quantum_advantage.circuits.run import run
from quantum_advantage.core.statistics import binomial_interval
from quantum_advantage.inference.bell.pauli_fidelities import DampingCounts, count_damping
from quantum_advantage.tasks.shared.calibration import (
    damping_request,
    fixed_damping_request,
    read_damping,
)

# Eigenvalues of X⊗X, Y⊗Y, Z⊗Z on the Bell state of outcome (a, b).
SIGNS = {(0, 0): (1, -1, 1), (0, 1): (1, 1, -1), (1, 0): (-1, 1, 1), (1, 1): (-1, -1, -1)}
NOISES = [(0.03, 0.0), (0.0, 0.04), (0.05, 0.02), (0.3, 0.15)]


def test_signs_are_counted_as_a_loop_would():
    rng = np.random.default_rng(1)
    letters = rng.integers(1, 4, (400, 3), dtype=np.uint8)
    signs, system, memory = rng.integers(0, 2, (3, 400, 3), dtype=np.uint8)
    counts = count_damping(letters, signs, system, memory)
    shots, right = np.zeros((3, 3), dtype=int), np.zeros((3, 3), dtype=int)
    for shot in range(400):
        for pair in range(3):
            k = letters[shot, pair] - 1
            seen = SIGNS[system[shot, pair], memory[shot, pair]][k]
            shots[pair, k] += 1
            right[pair, k] += seen == 1 - 2 * int(signs[shot, pair])
    np.testing.assert_array_equal(counts.shots, shots)
    np.testing.assert_array_equal(counts.right, right)


def test_factors_are_one_for_the_identity_and_the_mean_sign_for_letters():
    counts = DampingCounts(np.array([[10, 20, 30]]), np.array([[10, 15, 3]]))
    np.testing.assert_allclose(counts.factors(), [[1, 1, 0.5, -0.8]])


def test_a_letter_that_was_never_prepared_tells_nothing():
    counts = DampingCounts(np.array([[0, 4, 4]]), np.array([[0, 4, 2]]))
    np.testing.assert_array_equal(counts.factors(), [[1, 0, 1, 0]])
    assert counts.intervals()[0, 0].tolist() == [-1, 1]


def test_intervals_are_those_of_the_share_of_right_signs():
    counts = DampingCounts(np.array([[50, 60, 70]]), np.array([[50, 40, 0]]))
    found = counts.intervals()
    assert found.shape == (1, 3, 2)
    for k, (right, shots) in enumerate(((50, 50), (40, 60), (0, 70))):
        np.testing.assert_allclose(found[0, k], 2 * np.array(binomial_interval(right, shots)) - 1)
    assert (np.abs(found) <= 1).all()


def measured(noise, pairs, shots, seed, fixed=False):
    sampler = open_backend(f"qsim:depolarize={noise[0]},readout={noise[1]}").make(seed)
    rng = np.random.default_rng([seed, 1])
    request = fixed_damping_request(pairs, shots) if fixed else damping_request(pairs, shots, rng)
    (record,) = run([request], sampler)
    return read_damping(record, pairs)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("noise", NOISES)
def test_measured_factors_agree_with_the_formula_of_local_noise(noise, fixed):
    counts = measured(noise, 6, 6000, seed=2, fixed=fixed)
    exact = bell_damping(*noise)[1:]
    error = np.sqrt((1 - exact**2) / counts.shots)
    assert (np.abs(counts.factors()[:, 1:] - exact) < 4 * error).all()
    # All pairs together, where a small bias would show.
    pooled = 2 * counts.right.sum(axis=0) / counts.shots.sum(axis=0) - 1
    assert (np.abs(pooled - exact) < 4 * np.sqrt((1 - exact**2) / counts.shots.sum(axis=0))).all()


def chance_of_a_miss(shots, factor):
    """Exact probability that the interval of a factor misses it, for a number of shots."""
    rights = np.arange(shots + 1)
    ends = 2 * np.array([binomial_interval(int(right), int(shots)) for right in rights]) - 1
    missed = (ends[:, 0] > factor) | (ends[:, 1] < factor)
    return stats.binom.pmf(rights, shots, (1 + factor) / 2)[missed].sum()


@pytest.mark.parametrize("noise", [(0.05, 0.02), (0.3, 0.15)])
def test_intervals_cover_the_truth_as_often_as_they_promise(noise):
    # 240 shots in turn are 80 for each letter.
    exact = bell_damping(*noise)[1:]
    pairs, runs = 40, 10
    misses = np.zeros(3, dtype=int)
    for seed in range(runs):
        found = measured(noise, pairs, 240, seed, fixed=True).intervals()
        misses += ((found[..., 0] > exact) | (found[..., 1] < exact)).sum(axis=0)
    for k in range(3):
        chance = chance_of_a_miss(80, exact[k])
        assert 0.01 < chance < 0.05
        assert stats.binomtest(int(misses[k]), pairs * runs, chance).pvalue > 1e-4
