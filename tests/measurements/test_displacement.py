import numpy as np
import pytest

from quantum_advantage.measurements.displacement import added_noise, measure_displacements


def covariance_of_outcomes(r, eta):
    """Var of Re ζ and of Im ζ by symplectic matrices: x1, x2, p1, p2 of a squeezed pair."""
    a, b = np.cosh(2 * r) / 2, np.sinh(2 * r) / 2
    pair = np.zeros((4, 4))
    pair[:2, :2] = [[a, b], [b, a]]
    pair[2:, 2:] = [[a, -b], [-b, a]]
    lossy = eta * pair + (1 - eta) / 2 * np.eye(4)
    combinations = np.array([[1, -1, 0, 0], [0, 0, 1, 1]]) / np.sqrt(2)
    return combinations @ lossy @ combinations.T / eta


@pytest.mark.parametrize("eta", [1.0, 0.8])
@pytest.mark.parametrize("decibels", [0.0, 5.0, 10.0])
def test_noise_is_that_of_the_covariance_matrix(decibels, eta):
    r = decibels / 20 * np.log(10)
    exact = covariance_of_outcomes(r, eta)
    noise = added_noise(decibels, eta)
    np.testing.assert_allclose(exact, noise / 2 * np.eye(2), atol=1e-12)


def test_outcomes_are_displacements_with_noise_in_both_quadratures():
    alpha = np.full((40_000, 2), 1 - 2j)
    xi = measure_displacements(alpha, 0.3, 5) - alpha
    for part in (xi.real, xi.imag):
        assert np.abs(part.mean(axis=0)).max() < 5 * np.sqrt(0.15 / 40_000)
        assert np.abs((part**2).mean(axis=0) - 0.15).max() < 5 * 0.15 * np.sqrt(2 / 40_000)
    assert abs((xi.real * xi.imag).mean()) < 5 * 0.15 / np.sqrt(80_000)


@pytest.mark.parametrize(
    ("decibels", "eta", "message"),
    [
        (-1, 1, "decibels must be at least 0, not -1"),
        (0, 0, r"transmission must lie in \(0, 1\], not 0"),
    ],
)
def test_wrong_arguments_are_refused(decibels, eta, message):
    with pytest.raises(ValueError, match=message):
        added_noise(decibels, eta)


@pytest.mark.parametrize("noise", [-0.1, np.nan])
def test_noise_below_none_is_refused(noise):
    with pytest.raises(ValueError, match="noise must be at least 0"):
        measure_displacements(np.zeros((2, 1), dtype=complex), noise, seed=0)
