"""States that mimic, and the signs that they show: exact laws, circuits, and what is stated."""

import cirq
import numpy as np
import pytest
from scipy import stats

from quantum_advantage.core.pauli_matrices import all_means
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.mimicking import mimicking_state, signed_means
from quantum_advantage.inference.bell.spectrum import all_squares, outcome_chances, sign_sums
from quantum_advantage.measurements.measure_pairs import measure_bell
from quantum_advantage.systems.mixed_states import KINDS, haar_random

KIND_NAMES = tuple(KINDS)


def circuit_of(unitary):
    qubits = cirq.LineQubit.range(int(np.log2(len(unitary))))
    return cirq.Circuit(cirq.MatrixGate(unitary).on(*qubits))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_circuits_follow_the_law_of_two_different_states(n):
    shots = 4000
    one, other = (cirq.testing.random_unitary(2**n, random_state=n + k) for k in (10, 20))
    first, second = (all_means(np.outer(u[:, 0], u[:, 0].conj())) for u in (one, other))
    record = measure_bell(circuit_of(one), cirq.Simulator(seed=n), shots, other=circuit_of(other))
    places = (record.system[:, 0] + record.memory[:, 0] * np.uint64(2**n)).astype(int)
    found = np.bincount(places, minlength=4**n)
    expected = shots * outcome_chances(first * second)
    common = expected >= 5
    cells = [np.append(c[common], c[~common].sum()) for c in (found, expected)]
    if cells[1][-1] < 1e-9:
        cells = [c[:-1] for c in cells]
    assert stats.chisquare(*cells).pvalue > 1e-4
    assert all_squares(record) == pytest.approx(sign_sums(found, n) / shots)


@pytest.mark.parametrize(
    # Two commuting strings need two qubits.
    ("kind", "n"),
    [(kind, n) for kind in KIND_NAMES for n in (1, 2, 3) if (kind, n) != ("hidden", 1)],
)
def test_the_law_is_that_of_the_density_matrices(kind, n):
    rng = np.random.default_rng(1)
    rho, sigma = KINDS[kind](n, rng), haar_random(n, rng)
    system, memory = cirq.LineQubit.range(2 * n)[:n], cirq.LineQubit.range(2 * n)[n:]
    change = cirq.Circuit(cirq.CNOT.on_each(*zip(system, memory, strict=True)))
    change.append(cirq.H.on_each(*system))
    unitary = change.unitary(qubit_order=[*system, *memory])
    exact = np.diag(unitary @ np.kron(rho, sigma) @ unitary.conj().T).real
    # In Cirq's numbers the first qubit has the largest weight, in places the smallest.
    exact = exact.reshape((2,) * (2 * n)).transpose(range(2 * n)[::-1]).ravel()
    assert outcome_chances(all_means(rho) * all_means(sigma)) == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_exact_squares_are_mimicked(kind):
    n = 3
    means = all_means(KINDS[kind](n, np.random.default_rng(2)))
    sigma = mimicking_state(means**2, seed=1)
    assert np.linalg.eigvalsh(sigma).min() > -1e-12
    assert np.trace(sigma) == pytest.approx(1)
    assert np.abs(np.abs(all_means(sigma)) - np.abs(means)).max() < 0.1


def test_the_fit_uses_the_squares_alone():
    """States with the same squares and other signs get the same mimicking state."""
    rho = haar_random(3, np.random.default_rng(3))
    means = all_means(rho)
    # Conjugation with the letters of one string, and the complex conjugate, turn signs.
    turned = all_means(
        np.kron(np.diag([1, -1]), np.eye(4)) @ rho @ np.kron(np.diag([1, -1]), np.eye(4))
    )
    conjugate = all_means(rho.conj())
    assert np.abs(turned - means).max() > 0.1
    assert np.abs(conjugate - means).max() > 0.1
    fitted = [mimicking_state(np.round(m**2, 12), seed=5) for m in (means, turned, conjugate)]
    assert fitted[1] == pytest.approx(fitted[0])
    assert fitted[2] == pytest.approx(fitted[0])


def test_signs_are_right_from_a_few_thousand_shots():
    n, shots, rng = 4, 3000, np.random.default_rng(1)
    means = all_means(haar_random(n, rng))

    def mean_signs(products):
        chances = outcome_chances(products)
        return sign_sums(rng.multinomial(shots, chances / chances.sum()), n) / shots

    known = all_means(mimicking_state(mean_signs(means**2), rng))
    found = signed_means(np.abs(known), mean_signs(means * known), known, shots)
    large = np.abs(means) >= 0.34
    assert large.sum() > 20
    assert (np.sign(found) == np.sign(means))[large].all()
    assert np.abs(found - means).max() < 0.6


def test_the_stated_mean_is_that_of_the_posterior():
    """Bayes' rule by hand: T signs, each +1 with probability (1 ± u k)/2."""
    u, k, shots = 0.6, 0.5, 12
    for pluses in range(shots + 1):
        plus, minus = (stats.binom.pmf(pluses, shots, (1 + s * u * k) / 2) for s in (1, -1))
        exact = u * (plus - minus) / (plus + minus)
        assert signed_means(u, 2 * pluses / shots - 1, k, shots) == pytest.approx(exact)


def test_wrong_arguments_are_refused():
    with pytest.raises(UsageError, match="n from 1 to 10"):
        mimicking_state(np.zeros(5), seed=1)
    with pytest.raises(UsageError, match="starts"):
        mimicking_state(np.zeros(4), seed=1, starts=0)
    with pytest.raises(UsageError, match="squares must be finite"):
        mimicking_state([1, np.nan, 0, 0], seed=1)
    with pytest.raises(UsageError, match="seed must be"):
        mimicking_state(np.zeros(4), seed=None)
