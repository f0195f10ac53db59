import numpy as np
import pytest
from sklearn.gaussian_process.kernels import Matern
from sklearn.kernel_ridge import KernelRidge

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.generalising.frames import Grid, pair_frames
from quantum_advantage.inference.generalising.local_kernel import (
    Settings,
    choose_settings,
    fit_local_kernel,
)

GRID = Grid(2, 3)
FRAMES = pair_frames(GRID, GRID.bonds, reach=1)


def family(systems, seed, noise=0.1):
    """Couplings, noisy targets and exact values of a quantity that its neighbours decide."""
    rng = np.random.default_rng(seed)
    couplings = rng.uniform(0, 2, (systems, len(GRID.bonds)))
    features = FRAMES.of(couplings)
    weights = np.exp(-2 * FRAMES.distances)
    exact = np.tanh(features[:, :, 0] @ weights)
    return features, exact + rng.normal(0, noise, exact.shape), exact


def test_images_cost_no_rows_it_is_kernel_ridge_regression_on_all_of_them():
    features, targets, _ = family(8, 1)
    new, _, _ = family(3, 2)
    settings = Settings(decay=1.0, length=2.0, ridge=0.07)
    model = fit_local_kernel(features, targets, FRAMES.distances, settings)
    images = features.shape[2]
    rows = (features * model.weights).reshape(-1, features.shape[3])
    kernel = Matern(length_scale=settings.length, nu=2.5)
    ridge = KernelRidge(alpha=images * settings.ridge, kernel="precomputed")
    centred = targets - targets.mean()
    ridge.fit(kernel(rows), np.repeat(centred.ravel(), images))
    asked = (new[:, :, 0] * model.weights).reshape(-1, features.shape[3])
    expected = targets.mean() + ridge.predict(kernel(asked, rows))
    assert np.allclose(model.predict(new).ravel(), expected, atol=1e-9)


def test_predictions_do_not_depend_on_the_image_that_is_asked():
    features, targets, _ = family(8, 3)
    settings = Settings(decay=1.0, length=2.0, ridge=0.07)
    model = fit_local_kernel(features, targets, FRAMES.distances, settings)
    new, _, _ = family(3, 4)
    for image in range(1, new.shape[2]):
        turned = np.roll(new, -image, axis=2)
        assert np.allclose(model.predict(new), model.predict(turned))


def test_residuals_of_a_system_are_those_of_a_fit_to_all_others():
    features, targets, _ = family(6, 5)
    settings = Settings(decay=1.0, length=2.0, ridge=0.07)
    model = fit_local_kernel(features, targets, FRAMES.distances, settings, residuals=True)
    for system in range(6):
        others = np.arange(6) != system
        # The mean of all targets is subtracted, that of the left out ones too.
        shift = targets.mean() - targets[others].mean()
        rest = targets[others]
        again = fit_local_kernel(features[others], rest, FRAMES.distances, settings)
        left_out = again.predict(features[[system]])
        ones = fit_local_kernel(features[others], rest * 0 + shift, FRAMES.distances, settings)
        kernel_part = ones.predict(features[[system]])
        assert np.allclose(kernel_part, shift)  # a constant is fitted by the mean alone
        centred = _fit_to_given_mean(features[others], rest, targets.mean(), settings)
        expected = targets[system] - centred.predict(features[[system]])[0]
        assert np.allclose(model.residuals[system], expected, atol=1e-9)
        assert np.abs(left_out[0] - centred.predict(features[[system]])[0]).max() < 0.05


def _fit_to_given_mean(features, targets, mean, settings):
    from dataclasses import replace

    first = fit_local_kernel(features, targets, FRAMES.distances, settings)
    rows = first.rows
    from quantum_advantage.inference.generalising.local_kernel import invariant_kernel

    kernel = invariant_kernel(rows, rows, first.weights, settings.length)
    system = kernel + settings.ridge * np.eye(len(rows))
    return replace(first, mean=mean, coefficients=np.linalg.solve(system, targets.ravel() - mean))


def test_it_learns_what_the_neighbours_decide_and_gets_better_with_more_systems():
    new, _, exact = family(40, 6)
    errors = []
    for systems in (5, 20, 80):
        features, targets, _ = family(systems, 7)
        settings = choose_settings(features, targets, FRAMES.distances)
        model = fit_local_kernel(features, targets, FRAMES.distances, settings)
        errors.append(np.sqrt(np.mean((model.predict(new) - exact) ** 2)))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.4 * 0.1  # well below the noise of a target
    assert errors[0] < exact.std()


def test_what_depends_on_no_coupling_is_predicted_by_its_mean():
    features, _, _ = family(30, 8)
    noise = np.random.default_rng(9).normal(0.5, 1, features.shape[:2])
    settings = choose_settings(features, noise, FRAMES.distances)
    model = fit_local_kernel(features, noise, FRAMES.distances, settings)
    new, _, _ = family(30, 10)
    assert settings.ridge == 1.0
    assert np.sqrt(np.mean((model.predict(new) - 0.5) ** 2)) < 0.5


def test_mistakes_are_one_line():
    features, targets, _ = family(3, 11)
    with pytest.raises(UsageError, match=r"targets must have shape .* not \(3, 6\)"):
        choose_settings(features, targets[:, :-1], FRAMES.distances)
    with pytest.raises(UsageError, match="systems must be at least 2"):
        choose_settings(features[:1], targets[:1], FRAMES.distances)
    targets[0, 0] = np.nan
    with pytest.raises(UsageError, match="targets must be finite"):
        choose_settings(features, targets, FRAMES.distances)
