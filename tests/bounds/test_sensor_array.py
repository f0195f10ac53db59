import numpy as np
import pytest
from scipy import stats

from quantum_advantage.bounds.sensor_array import largest_separate_information, least_separate_error


def channel(state, total, visibility):
    """What an array does: the diagonal, and the damped corner."""
    out = np.diag(np.diag(state)).astype(complex)
    out[-1, 0] = visibility * np.exp(1j * total) * state[-1, 0]
    out[0, -1] = np.conj(out[-1, 0])
    return out


def product(vectors):
    out = np.ones(1)
    for vector in vectors:
        out = np.kron(out, vector)
    return out


def fisher(probe, bases, total, visibility):
    """The Fisher information of a product measurement, by the exact derivative."""
    state = np.outer(probe, probe.conj())
    here = channel(state, total, visibility)
    slope = channel(state, total + np.pi / 2, visibility) - np.diag(np.diag(state))
    columns = np.array([product(rows) for rows in zip_bases(bases)])
    p = np.einsum("ei,ij,ej->e", columns.conj(), here, columns).real
    dp = np.einsum("ei,ij,ej->e", columns.conj(), slope, columns).real
    return (dp**2 / p).sum()


def zip_bases(bases):
    for number in range(2 ** len(bases)):
        yield [basis[:, number >> i & 1] for i, basis in enumerate(bases)]


@pytest.mark.parametrize("visibility", [1.0, 0.6])
@pytest.mark.parametrize("sensors", [2, 3, 4])
def test_no_product_protocol_has_more_information(sensors, visibility):
    """Random product probes and bases, many of them close to the best."""
    rng = np.random.default_rng(sensors)
    bound = largest_separate_information(sensors, visibility)
    largest = 0.0
    for trial in range(300):
        spread = 1.0 if trial % 2 else 0.1
        plus = np.array([1, 1]) / np.sqrt(2)
        probe = plus + spread * (
            rng.standard_normal((sensors, 2)) + 1j * rng.standard_normal((sensors, 2))
        )
        probe /= np.linalg.norm(probe, axis=1, keepdims=True)
        hadamard = np.array([[1, 1], [1, -1]]) + 0j
        bases = [
            np.linalg.qr(
                hadamard + spread * (rng.standard_normal((2, 2)) + 1j * rng.standard_normal((2, 2)))
            )[0]
            for _ in range(sensors)
        ]
        found = fisher(product(probe), bases, rng.uniform(0, 2 * np.pi), visibility)
        assert found <= bound * (1 + 1e-9)
        largest = max(largest, found)
    assert largest > 0.2 * bound


@pytest.mark.parametrize("sensors", [1, 2, 3, 5])
def test_x_readout_reaches_the_information(sensors):
    plus = product([np.ones(2) / np.sqrt(2)] * sensors)
    hadamard = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    found = fisher(plus, [hadamard] * sensors, np.pi / 2, 0.7)
    assert found == pytest.approx(largest_separate_information(sensors, 0.7))


def bayes_error(shots, sensors, turned):
    """The exact error of the posterior mean of cos Φ, from X readouts and turned ones."""
    sums = 2 * np.pi * np.arange(720) / 720
    size = 2.0 ** (1 - sensors)
    ups, others = np.arange(shots - turned + 1)[:, None], np.arange(turned + 1)[:, None]
    first = stats.binom.pmf(ups, shots - turned, (1 + size * np.cos(sums)) / 2)
    second = stats.binom.pmf(others, turned, (1 + size * np.sin(sums)) / 2)
    law = (first[:, None] * second[None]).reshape(-1, sums.size)
    guess = (law @ np.cos(sums) / law.sum(axis=1))[:, None]
    return np.sqrt((law * (guess - np.cos(sums)) ** 2).sum(axis=0).mean())


@pytest.mark.parametrize("turned", [0, 0.3])
@pytest.mark.parametrize(("shots", "sensors"), [(1, 1), (20, 1), (20, 3), (60, 3), (10, 5)])
def test_no_bayes_estimate_has_a_smaller_error(shots, sensors, turned):
    found = bayes_error(shots, sensors, round(turned * shots))
    bound = least_separate_error(shots, sensors)
    assert bound <= found <= np.sqrt(0.5)


def test_error_is_that_of_the_answer_0_without_shots_and_close_to_it_with_few():
    assert least_separate_error(0, 3) == pytest.approx(np.sqrt(0.5))
    assert bayes_error(1, 5, 0) == pytest.approx(least_separate_error(1, 5), rel=2e-3)
    assert bayes_error(20, 3, 0) ** 2 == pytest.approx(0.2985, abs=1e-4)  # bound 2/9
    # Separate X readouts with an unbiased estimate, at many shots.
    assert least_separate_error(10**6, 3) == pytest.approx(np.sqrt(0.5 * 16 / 10**6), rel=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: largest_separate_information(0), "sensors must be at least 1, not 0"),
        (lambda: largest_separate_information(2, 0), r"visibility must lie in \(0, 1\], not 0"),
        (lambda: least_separate_error(-1, 2), "shots must be at least 0, not -1"),
    ],
)
def test_wrong_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
