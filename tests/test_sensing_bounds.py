import numpy as np
import pytest

from quantum_advantage.sensing_bounds import (
    largest_separate_information,
    least_separate_error,
    samples_without_entanglement,
)


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


@pytest.mark.parametrize("sensors", [2, 3, 5])
def test_x_readout_reaches_the_information_up_to_its_denominator(sensors):
    plus = product([np.ones(2) / np.sqrt(2)] * sensors)
    hadamard = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    found = fisher(plus, [hadamard] * sensors, np.pi / 2, 1.0)
    assert found == pytest.approx(4.0 ** (1 - sensors))
    assert found < largest_separate_information(sensors) < 2.1 * found


def test_error_of_the_bound_is_that_of_cramer_and_rao():
    assert least_separate_error(100, 3) == pytest.approx(np.sqrt(0.5 / 100 * 0.75 * 16))
    # Separate X readouts, averaged over the sum: at most twice the variance for many sensors.
    exact = np.sqrt((4.0**9 - 0.5) / 1000)
    assert 1 < exact / least_separate_error(1000, 10) < 1.42


def test_published_bound_grows_by_its_base():
    values = [samples_without_entanglement(n, 0.5, 0.2) for n in (8, 9)]
    assert values[1] / values[0] == pytest.approx(1.99)
    assert values[0] == pytest.approx(0.25 * 1.99**8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: largest_separate_information(1), "sensors must be at least 2, not 1"),
        (lambda: largest_separate_information(2, 0), r"visibility must lie in \(0, 1\], not 0"),
        (lambda: least_separate_error(0, 2), "shots must be at least 1, not 0"),
        (lambda: samples_without_entanglement(7, 1, 0.1), "modes must be at least 8, not 7"),
        (lambda: samples_without_entanglement(8, 0, 0.1), "kappa must be above 0, not 0"),
        (
            lambda: samples_without_entanglement(8, 1, 0.3),
            r"error must lie in \(0, 0.24\], not 0.3",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
