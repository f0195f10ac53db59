import numpy as np
import pytest
from sklearn.gaussian_process.kernels import RBF

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.generalising.baselines import nearest_system, training_mean
from quantum_advantage.inference.generalising.frames import Grid
from quantum_advantage.inference.generalising.published import (
    dirichlet_kernel,
    fourier_lasso,
    gaussian_kernel,
    kernel_ridge,
    nearby_lasso,
    tangent_kernel,
)

GRID = Grid(2, 3)


def family(systems, seed):
    rng = np.random.default_rng(seed)
    couplings = rng.uniform(0, 2, (systems, 7))
    exact = np.stack([np.tanh(couplings[:, k] - couplings[:, (k + 1) % 7]) for k in range(3)], 1)
    return couplings, exact + rng.normal(0, 0.05, exact.shape), exact


def test_the_dirichlet_kernel_is_the_sum_of_its_cosines():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-1, 1, (4, 3)), rng.uniform(-1, 1, (5, 3))
    waves = [np.cos(np.pi * k * (x[:, None] - y)).sum(axis=2) for k in range(-2, 3)]
    assert np.allclose(dirichlet_kernel(x, y), sum(waves) / 15)


def test_the_gaussian_kernel_is_that_of_scikit_learn():
    rng = np.random.default_rng(2)
    x, y = rng.uniform(-1, 1, (4, 3)), rng.uniform(-1, 1, (5, 3))
    assert np.allclose(gaussian_kernel(x, y, 2 * 0.7**2), RBF(0.7)(x, y))


def test_the_tangent_kernel_is_that_of_a_wide_network_at_its_start():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 3))
    width, sums = 400, np.zeros((2, 2))
    repeats = 60
    for _ in range(repeats):
        first = rng.normal(size=(width, 3))
        second = rng.normal(size=(width, width))
        last = rng.normal(size=width)
        hidden = x @ first.T
        one = np.sqrt(2 / width) * np.maximum(hidden, 0)
        deeper = one @ second.T
        two = np.sqrt(2 / width) * np.maximum(deeper, 0)
        back_two = np.sqrt(2 / width) * last * (deeper > 0)
        back_one = np.sqrt(2 / width) * (back_two @ second) * (hidden > 0)
        # The sum over all weights of products of derivatives.
        sums += two @ two.T
        sums += (back_two @ back_two.T) * (one @ one.T)
        sums += (back_one @ back_one.T) * (x @ x.T)
    scale = np.sqrt(np.diag(sums))
    found = tangent_kernel(x, x, 2)
    assert np.allclose(np.diag(found), 1)
    assert found[0, 1] == pytest.approx(sums[0, 1] / (scale[0] * scale[1]), abs=0.02)


def test_published_models_learn_and_state_errors_that_are_met():
    couplings, targets, _ = family(120, 4)
    new, _, exact = family(200, 5)
    mean = np.sqrt(np.mean((training_mean(targets, 200).values - exact) ** 2))
    rng = np.random.default_rng(6)
    models = {
        "kernels": kernel_ridge(couplings, targets, new),
        "nearby": nearby_lasso(GRID, GRID.bonds[:3], couplings, targets, new),
        "fourier": fourier_lasso(GRID, couplings, targets, new, rng),
    }
    for name, found in models.items():
        off = np.sqrt(((found.values - exact) ** 2).mean(axis=0))
        assert np.sqrt((off**2).mean()) < 0.6 * mean, name
        # Cross-validation compares with noisy targets, and learns from fewer systems.
        stated = np.sqrt(found.errors**2 - 0.05**2)
        assert (np.abs(off / stated - 1) < 0.35).all(), name


def test_each_kernel_alone_is_no_better_in_cross_validation_than_the_best_of_them():
    couplings, targets, _ = family(60, 7)
    best = kernel_ridge(couplings, targets, couplings).errors
    for name in ("dirichlet", "gaussian", "tangent"):
        assert (kernel_ridge(couplings, targets, couplings, [name]).errors >= best - 1e-12).all()


def test_baselines_predict_the_mean_and_the_nearest():
    couplings, targets, _ = family(30, 8)
    assert np.allclose(training_mean(targets, 4).values, targets.mean(axis=0))
    found = nearest_system(couplings, targets, couplings + 1e-6)
    assert np.array_equal(found.values, targets)
    assert (found.errors > 0.1).all()
    with pytest.raises(UsageError, match="systems must be at least 2"):
        nearest_system(couplings[:1], targets[:1], couplings)
