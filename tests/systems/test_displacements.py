import numpy as np
import pytest

from quantum_advantage.systems.displacements import ThreePeaks, random_channels


def channels(modes=2, systems=3, kappa=0.5, signal=0.2, width=0.6):
    return random_channels(modes, systems, kappa, signal, width, 1, np.random.default_rng(2))


def test_hidden_points_lie_at_the_largest_distance():
    drawn = channels(5, 50, 0.7)
    np.testing.assert_allclose((np.abs(drawn.points) ** 2).sum(axis=1), 3.5)
    assert set(drawn.signs) == {-1, 1}


@pytest.mark.parametrize("system", range(3))
def test_characteristic_function_is_the_mean_over_draws(system):
    """At the peaks, between them and elsewhere."""
    drawn = channels()
    alpha = drawn.draw(200_000, system)
    gamma = drawn.points[system]
    other = np.array([0.3 - 0.2j, 0.1j])
    for beta in (gamma, -gamma, gamma / 2, other, 0 * gamma):
        waves = np.exp(2j * (alpha.conj() @ beta).imag)
        exact = drawn.characteristic(beta, system)
        assert abs(waves.mean() - exact) < 5 / np.sqrt(len(alpha))


def test_imaginary_part_at_the_hidden_point_shows_the_sign():
    drawn = channels(4, 20, width=0.3)
    for system, gamma in enumerate(drawn.points):
        assert drawn.characteristic(gamma, system).imag == pytest.approx(
            0.4 * drawn.signs[system], rel=1e-6
        )


def test_displacements_have_the_energy_of_the_gaussian():
    alpha = channels(width=0.5).draw(20_000, 0)
    # The pattern is odd, so that even moments are those of p0.
    assert np.abs((np.abs(alpha) ** 2).mean(axis=0) - 2).max() < 5 * 2 / np.sqrt(20_000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signal": 0.3}, r"signal must lie in \[0, 0.25\], not 0.3"),
        ({"width": 0}, "width must be above 0, not 0"),
        ({"kappa": 0}, "kappa must be above 0, not 0"),
        ({"modes": 0}, "modes must be at least 1, not 0"),
    ],
)
def test_wrong_arguments_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        channels(**change)


def test_number_of_systems():
    points = np.ones((4, 2), dtype=complex)
    unknown = ThreePeaks(points, np.ones(4, dtype=np.int64), 0.1, 1.0, np.random.default_rng(0))
    assert unknown.systems == 4


def test_a_point_of_other_modes_is_refused():
    rng = np.random.default_rng(0)
    channels = random_channels(3, 1, 1.0, 0.2, 0.5, rng, rng)
    with pytest.raises(ValueError, match=r"beta must have shape \(3,\), not \(1,\)"):
        channels.characteristic(np.zeros(1, dtype=complex), 0)
