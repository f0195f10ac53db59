import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.characteristic import (
    estimate_characteristic,
    part_variances,
)

SHOTS, RECORDS = 50, 4000


@pytest.mark.parametrize("noise", [1.0, 0.3])
def test_estimates_are_unbiased_with_the_exact_variances(noise):
    """Displacements are two points, of which λ is the mean of two waves."""
    rng = np.random.default_rng(4)
    beta = np.array([0.5 + 0.2j, -0.4j])
    choices = np.array([[0.3, 1j], [1 - 1j, 0.2]])

    def exact(at):
        return np.exp(2j * (choices.conj() @ at).imag).mean()

    alpha = choices[rng.integers(0, 2, (RECORDS, SHOTS))]
    xi = rng.standard_normal((2, *alpha.shape)) * np.sqrt(noise / 2)
    outcomes = alpha + xi[0] + 1j * xi[1]
    found = np.array([estimate_characteristic(record, beta, noise) for record in outcomes])
    variances = part_variances(beta, noise, exact(beta), exact(2 * beta))
    for part, value in enumerate((exact(beta).real, exact(beta).imag)):
        off = found[:, part, 0] - value
        variance = variances[part] / SHOTS
        assert abs(off.mean()) < 4 * np.sqrt(variance / RECORDS)
        assert (off**2).mean() == pytest.approx(variance, rel=4.5 * np.sqrt(2 / RECORDS))
        stated = np.sqrt((found[:, part, 1] ** 2).mean())
        assert 0.95 * np.sqrt(variance) < stated < 1.5 * np.sqrt(variance)


def test_mean_square_is_an_exponential_of_the_noise():
    """Whatever is displaced: no other record has a wider spread at the same noise."""
    beta, noise = np.array([0.8 + 0.1j]), 0.5
    assert sum(part_variances(beta, noise, 0, 0)) == pytest.approx(np.exp(2 * noise * 0.65))


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"outcomes must have shape \(shots, 2\) .* not \(5, 3\)"):
        estimate_characteristic(np.zeros((5, 3), complex), np.zeros(2, complex), 1)
    with pytest.raises(ValueError, match="1 shot at least"):
        estimate_characteristic(np.zeros((0, 2), complex), np.zeros(2, complex), 1)
    with pytest.raises(ValueError, match="must be finite"):
        estimate_characteristic(np.full((3, 2), np.nan + 0j), np.ones(2, complex), 1)


def test_error_is_0_at_the_origin_alone():
    outcomes = np.zeros((5, 1), complex)
    assert estimate_characteristic(outcomes, np.zeros(1, complex), 1).tolist() == [[1, 0], [0, 0]]
    (_, error), (_, other) = estimate_characteristic(outcomes, np.ones(1, complex), 0)
    assert min(error, other) > 0.2


@pytest.mark.parametrize("noise", [-1.0, np.inf, np.nan])
def test_noise_that_cannot_be_has_no_variances(noise):
    with pytest.raises(UsageError, match="noise must be finite and not negative"):
        part_variances(np.array([1 + 0j]), noise, 1.0, 1 + 0j)
