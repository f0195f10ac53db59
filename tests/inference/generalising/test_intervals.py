import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.generalising.intervals import conformal_radius, least_systems


def residuals(rng, systems, pairs, shared):
    """Residuals whose size is shared within a system, from none of it to all of it."""
    own = rng.exponential(size=(systems, pairs))
    common = rng.exponential(size=(systems, 1))
    return shared * common + (1 - shared) * own


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("systems", [9, 19, 50])
def test_new_systems_are_covered_however_much_their_pairs_have_in_common(systems, shared):
    rng, repeats, pairs = np.random.default_rng(1), 3000, 6
    inside = np.empty(repeats)
    for repeat in range(repeats):
        drawn = residuals(rng, systems + 1, pairs, shared)
        inside[repeat] = (drawn[-1] <= conformal_radius(drawn[:-1], 0.9)).mean()
    error = inside.std() / np.sqrt(repeats)
    assert inside.mean() > 0.9 - 4 * error
    # No wider than the place of the new system among the others allows.
    assert inside.mean() < 0.9 + 1 / (systems + 1) + 4 * error


def test_pairs_as_if_they_were_independent_would_not_be_covered():
    """The control: residuals of few systems, taken for as many draws as there are pairs."""
    rng, repeats, pairs = np.random.default_rng(2), 3000, 6
    inside = np.empty(repeats)
    for repeat in range(repeats):
        drawn = residuals(rng, 6, pairs, 1.0)
        inside[repeat] = (drawn[-1] <= conformal_radius(drawn[:-1].reshape(-1, 1), 0.9)).mean()
    assert inside.mean() < 0.9 - 4 * inside.std() / np.sqrt(repeats)


@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_exact_values_lie_outside_at_most_twice_as_often_as_noisy_ones(scale):
    rng, repeats = np.random.default_rng(3), 20_000
    off = scale * rng.exponential(size=repeats)
    noisy = off + rng.normal(size=repeats)
    for radius in np.quantile(np.abs(noisy), (0.5, 0.8, 0.9)):
        outside = np.mean(off > radius), np.mean(np.abs(noisy) > radius)
        assert outside[0] <= 2 * outside[1] + 4 / np.sqrt(repeats)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
def test_the_least_number_of_systems_is_the_least_with_a_finite_radius(level):
    least = least_systems(level)
    rng = np.random.default_rng(4)
    assert np.isfinite(conformal_radius(rng.normal(size=(least, 3)), level))
    if least > 1:
        assert conformal_radius(rng.normal(size=(least - 1, 3)), level) == np.inf


def test_mistakes_are_one_line():
    with pytest.raises(UsageError, match="level must lie strictly between 0 and 1"):
        conformal_radius([[1.0]], 1.0)
    with pytest.raises(UsageError, match="residuals must be finite"):
        conformal_radius([[np.inf]], 0.9)
    with pytest.raises(UsageError, match="residuals must be finite"):
        conformal_radius([1.0], 0.9)
    with pytest.raises(UsageError, match="level"):
        least_systems(0)
