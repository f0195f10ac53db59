import math

import numpy as np
import pytest
from scipy import integrate, stats

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.inference.haar.time_reversal import (
    averaged_weight_log_odds,
    hamming_weights,
    weight_laws,
    weight_log_odds,
)
from quantum_advantage.inference.hidden_pauli.likelihoods import IMPOSSIBLE

NOISE = [(1.0, 0.0), (0.4, 0.0), (1.0, 0.07), (0.3, 0.2)]


def outcomes(qubits):
    """All bits a and b, (4ⁿ, 2, n)."""
    numbers = np.arange(4**qubits)
    return (numbers[:, None, None] >> np.arange(2 * qubits).reshape(2, qubits)) & 1


def singlets_are_odd(bits):
    return (bits[:, 0] & bits[:, 1]).sum(axis=1) % 2 == 1


def noisy(law, fidelity, readout):
    """The law of all outcomes after the noise."""
    law = fidelity * law + (1 - fidelity) / law.size
    axes = law.reshape([2] * (law.size.bit_length() - 1))
    for axis in range(axes.ndim):
        axes = (1 - readout) * axes + readout * np.flip(axes, axis)
    return axes.ravel()


def ideal_laws(qubits):
    """The laws of one shot of a general and of a symmetric evolution over ``outcomes``."""
    even = ~singlets_are_odd(outcomes(qubits))
    symmetric = np.zeros(4**qubits)
    symmetric[0] = 1
    return even / even.sum(), symmetric


def even_singlet_bits(trials, qubits, rng):
    """One shot of each of many Haar-random evolutions, (trials, 2, n): uniform over even ones."""
    bits = rng.integers(0, 2, (trials, 2, qubits), dtype=np.uint8)
    while (odd := singlets_are_odd(bits)).any():
        bits[odd] = rng.integers(0, 2, (odd.sum(), 2, qubits), dtype=np.uint8)
    return bits


def drawn_weights(qubits, fidelity, readout, symmetric, shape, rng):
    """Weights of shots of an independent evolution each."""
    number = math.prod(shape)
    bits = even_singlet_bits(number, qubits, rng) * (1 - symmetric)
    lost = rng.random(number) > fidelity
    bits[lost] = rng.integers(0, 2, (lost.sum(), 2, qubits))
    bits ^= rng.random(bits.shape) < readout
    return bits.sum(axis=(1, 2), dtype=np.int64).reshape(shape)


def accuracy(scores, symmetric):
    right = (scores > 0) if symmetric else (scores < 0)
    return (right + 0.5 * (scores == 0)).mean(axis=0)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_the_law_of_a_unitary_has_an_even_number_of_singlets(qubits, bell_law):
    """Against the state vector, the Bell states of every pair taken from their table."""
    size = 2**qubits
    rng = np.random.default_rng(1)
    unitary = stats.unitary_group.rvs(size, random_state=rng)
    state = (np.kron(unitary, unitary) @ np.eye(size).ravel()) / math.sqrt(size)
    bell = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [1, 0, 0, -1], [0, 1, -1, 0]]) / math.sqrt(2)
    law = bell_law(unitary)
    for (a, b), chance in zip(outcomes(qubits), law, strict=True):
        vector = np.ones(1)
        for pair in range(qubits):
            # Bit j of a number is qubit j, the last factors of a Kronecker product first.
            vector = np.kron(bell[2 * a[pair] + b[pair]], vector)
        axes = vector.reshape([2] * (2 * qubits))
        order = [*range(0, 2 * qubits, 2), *range(1, 2 * qubits, 2)]
        amplitude = axes.transpose(order).ravel() @ state
        assert abs(amplitude) ** 2 == pytest.approx(chance, abs=1e-12)
    assert law[singlets_are_odd(outcomes(qubits))].max() < 1e-25


def test_real_evolutions_leave_all_bits_zero(bell_law):
    orthogonal = stats.ortho_group.rvs(8, random_state=np.random.default_rng(2))
    law = bell_law(orthogonal * np.exp(0.3j))
    assert law[0] == pytest.approx(1)
    assert law[1:].max() < 1e-25


@pytest.mark.parametrize("qubits", [1, 2, 3])
@pytest.mark.parametrize("noise", NOISE)
def test_laws_of_the_weight_are_those_of_all_outcomes(qubits, noise):
    weights = outcomes(qubits).sum(axis=(1, 2))
    expected = [np.bincount(weights, noisy(law, *noise)) for law in ideal_laws(qubits)]
    np.testing.assert_allclose(weight_laws(qubits, *noise), expected, atol=1e-14)


@pytest.mark.parametrize("qubits", [20, 40, 100])
def test_laws_of_many_qubits_are_laws(qubits):
    for noise in NOISE:
        laws = weight_laws(qubits, *noise)
        np.testing.assert_allclose(laws.sum(axis=1), 1, atol=1e-12)
        assert laws.min() >= 0


def test_packed_bits_are_read_in_all_words():
    rng = np.random.default_rng(3)
    bits = rng.integers(0, 2, (50, 2, 70), dtype=np.uint8)
    system, memory = pack_bits(bits[:, 0]), pack_bits(bits[:, 1])
    np.testing.assert_array_equal(hamming_weights(system, memory), bits.sum(axis=(1, 2)))


@pytest.mark.parametrize("qubits", [1, 3, 10])
def test_one_shot_without_noise_decides(qubits):
    weights = np.array([[0, 0, 0], [0, 1, 0], [1, 0, 0]])
    found = weight_log_odds(weights, [1, 2, 3], qubits)
    size = 2**qubits
    shot = math.log(size * (size + 1) / 2)
    np.testing.assert_allclose(found[0], shot * np.arange(1, 4))
    assert found[1, 0] == pytest.approx(shot)
    assert (found[1, 1:] < 0).all()
    assert (found[2] < -IMPOSSIBLE / 2).all()
    exact = 1 - 1 / size / (size + 1)
    drawn = drawn_weights(qubits, 1.0, 0.0, 0, (20_000, 1), np.random.default_rng(5))
    error = math.sqrt(exact * (1 - exact) / 40_000) + 1e-4
    right = accuracy(weight_log_odds(drawn, [1], qubits), 0)
    right = (right + accuracy(weight_log_odds(np.zeros((1, 1), dtype=int), [1], qubits), 1)) / 2
    assert abs(right - exact) < 4 * error


def test_scores_of_real_unitaries_under_noise(bell_law):
    """Evolutions that keep their unitary from shot to shot, against the law that averages it."""
    qubits, shots, noise = 3, 12, (0.6, 0.03)
    rng = np.random.default_rng(6)
    weights = outcomes(qubits).sum(axis=(1, 2))
    right = []
    for symmetric, group in ((0, stats.unitary_group), (1, stats.ortho_group)):
        unitaries = group.rvs(8, size=400, random_state=rng)
        laws = np.array([noisy(bell_law(u), *noise) for u in unitaries])
        steps = np.cumsum(laws, axis=1)[:, None, :-1]
        drawn = weights[(rng.random((400, shots, 1)) > steps).sum(axis=2)]
        scores = weight_log_odds(drawn, [4, shots], qubits, fidelity=0.6, readout=0.03)
        right.append(accuracy(scores, symmetric))
    four, twelve = np.mean(right, axis=0)
    assert four > 0.8
    assert twelve > 0.97


@pytest.mark.parametrize(
    ("qubits", "fidelity", "shots"), [(8, 0.3, 8), (12, 0.2, 11), (16, 0.1, 22)]
)
def test_shots_for_95_percent_with_readout_errors_of_3_percent(qubits, fidelity, shots):
    rng = np.random.default_rng(7)
    known = {"fidelity": fidelity, "readout": 0.03}
    right = np.zeros(2)
    for symmetric in (0, 1):
        weights = drawn_weights(qubits, fidelity, 0.03, symmetric, (8000, shots), rng)
        scores = (
            weight_log_odds(weights, [shots], qubits, **known),
            averaged_weight_log_odds(weights, [shots], qubits, readout=0.03),
        )
        right += [accuracy(score, symmetric)[0] / 2 for score in scores]
    # The standard error is 0.0017.
    assert (right > 0.943).all()


def test_the_ratio_at_an_unknown_fidelity_is_that_of_the_averages():
    weights = np.array([[0, 5, 1, 4], [3, 4, 6, 2]])

    def average(kind, row):
        def likelihood(fidelity):
            return weight_laws(4, fidelity, 0.02)[kind][row].prod()

        return integrate.quad(likelihood, 0, 1)[0]

    expected = [[math.log(average(1, r[:k]) / average(0, r[:k])) for k in (1, 4)] for r in weights]
    found = averaged_weight_log_odds(weights, [1, 4], 4, readout=0.02)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_wrong_arguments_are_named():
    weights = np.array([[0, 1]])
    with pytest.raises(ValueError, match=r"fidelity must lie in \[0, 1\], not 1.5"):
        weight_log_odds(weights, [1], 2, fidelity=1.5)
    with pytest.raises(ValueError, match=r"readout must lie in \[0, 0.5\], not 0.6"):
        weight_laws(2, readout=0.6)
    with pytest.raises(ValueError, match="weights of 1 pairs must lie between 0 and 2, not 3"):
        weight_log_odds(weights * 3, [1], 1)
    with pytest.raises(ValueError, match="prefixes must lie between 1 and the 2 shots, not 0"):
        weight_log_odds(weights, [0], 2)
