import itertools
from fractions import Fraction

import cirq
import numpy as np
import pytest

from quantum_advantage.bounds.hidden_pauli import copies_required, largest_conventional_accuracy
from quantum_advantage.bounds.noisy_copies import copies_required_with_noise, informative_share
from quantum_advantage.core.usage import UsageError

MATRICES = {
    "I": np.eye(2),
    "X": cirq.unitary(cirq.X),
    "Y": cirq.unitary(cirq.Y),
    "Z": cirq.unitary(cirq.Z),
}


def strings(qubits):
    letters = list(itertools.product("IXYZ", repeat=qubits))[1:]
    return np.array([cirq.kron(*(MATRICES[letter] for letter in word)) for word in letters])


def noisy(matrix, qubits, error):
    """The channel itself: Cirq's local depolarising noise on each qubit, by its Kraus operators."""
    for qubit in range(qubits):
        kraus = [
            cirq.kron(np.eye(2**qubit), k, np.eye(2 ** (qubits - qubit - 1)))
            for k in cirq.kraus(cirq.depolarize(error))
        ]
        matrix = sum(k @ matrix @ k.conj().T for k in kraus)
    return matrix


def mean_square(state, paulis, qubits, error):
    values = [np.vdot(state, noisy(p, qubits, error) @ state).real for p in paulis]
    return np.mean(np.square(values))


@pytest.mark.parametrize("error", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("qubits", [1, 2])
def test_no_state_sees_more_of_the_strings_and_product_states_see_as_much(qubits, error):
    rng, paulis = np.random.default_rng(3), strings(qubits)
    most = informative_share(qubits=qubits, kept=1 - 4 * error / 3)
    for _ in range(40):
        state = rng.standard_normal(2**qubits) + 1j * rng.standard_normal(2**qubits)
        state /= np.linalg.norm(state)
        assert mean_square(state, paulis, qubits, error) <= most + 1e-12
    factors = rng.standard_normal((qubits, 2)) + 1j * rng.standard_normal((qubits, 2))
    product = cirq.kron(*(f[:, None] / np.linalg.norm(f) for f in factors)).ravel()
    assert mean_square(product, paulis, qubits, error) == pytest.approx(most, abs=1e-12)


@pytest.mark.parametrize("flip", [0.02, 0.2])
def test_readout_errors_leave_at_most_the_same_share(flip):
    paulis = strings(2)
    most = informative_share(qubits=2, kept=1 - 2 * flip)
    bit = np.diag([1 - flip, flip])
    for number in range(40):
        unitary = cirq.testing.random_unitary(4, random_state=number) if number else np.eye(4)
        element = unitary.conj().T @ np.kron(bit, bit) @ unitary
        values = np.einsum("pij,ji->p", paulis, element).real
        assert np.mean(values**2) <= most + 1e-12
    assert np.mean(np.einsum("pij,ji->p", paulis, np.kron(bit, bit)).real ** 2) == (
        pytest.approx(most)
    )


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("error", [0.05, 0.3])
def test_noisy_games_stay_below_the_bound(copies, error):
    """One qubit, by Born's rule alone: the best answer to every record of X, Y and Z bases."""
    alpha, paulis = 0.9, strings(1)
    kept = 1 - 4 * error / 3
    hits = copies * informative_share(qubits=1, kept=kept)
    largest = largest_conventional_accuracy(3 * hits, qubits=1, alpha=alpha)
    for bases in itertools.product(range(3), repeat=copies):
        chances = []
        for hidden in paulis:
            signs = []
            for sign in (1, -1):
                state = noisy((np.eye(2) + sign * alpha * hidden) / 2, 1, error)
                likes = np.ones(1)
                for basis in bases:
                    vectors = np.linalg.eigh(paulis[basis])[1]
                    born = np.einsum("iv,ij,jv->v", vectors.conj(), state, vectors).real
                    likes = np.outer(likes, born).ravel()
                signs.append(likes)
            chances.append(np.mean(signs, axis=0))
        pairs = itertools.combinations(range(3), 2)
        right = np.mean([np.maximum(chances[p], chances[q]).sum() / 2 for p, q in pairs])
        assert right <= largest + 1e-12


def test_without_noise_it_is_the_bound_itself():
    for qubits in (1, 4, 30):
        clean = copies_required(0.7, qubits=qubits)
        assert copies_required_with_noise(0.7, qubits=qubits, kept=1.0) == pytest.approx(clean)


def test_copies_grow_with_the_noise():
    found = [copies_required_with_noise(0.7, qubits=6, kept=k) for k in (1.0, 0.99, 0.9, 0.1)]
    assert found == sorted(found)


@pytest.mark.parametrize("kept", [0, 1.1, -0.5, float("nan")])
def test_shares_out_of_range_are_refused(kept):
    with pytest.raises(UsageError, match="kept"):
        informative_share(qubits=2, kept=kept)


def test_numbers_of_numpy_are_numbers():
    """4ⁿ of a NumPy integer would wrap around."""
    for n in (20, 32, 33, 40):
        plain = copies_required_with_noise(0.7, qubits=n, kept=0.9)
        assert copies_required_with_noise(0.7, qubits=np.int64(n), kept=0.9) == plain > 0


@pytest.mark.parametrize("qubits", [2.5, True, "3", 0, 501])
def test_a_number_of_qubits_is_a_whole_number(qubits):
    with pytest.raises(ValueError, match="qubits"):
        informative_share(qubits=qubits, kept=0.9)


@pytest.mark.parametrize("kept", [1e-3, 1e-7, 3e-8, 1e-8, 1e-12])
def test_all_digits_are_kept_where_little_is_kept(kept):
    exact = ((1 + Fraction(kept) ** 2) ** 5 - 1) / (4**5 - 1)
    assert informative_share(qubits=5, kept=kept) == pytest.approx(float(exact), rel=1e-12)


def test_a_share_that_is_too_small_for_a_number_is_refused_in_one_line():
    with pytest.raises(ValueError, match="kept must be larger"):
        copies_required_with_noise(0.7, qubits=500, kept=1e-60)
