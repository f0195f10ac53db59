"""The bound for Pauli channels: its steps on random inputs and outcomes, and its numbers."""

from functools import reduce
from itertools import pairwise, product

import cirq
import numpy as np
import pytest

from quantum_advantage.bounds import hidden_pauli, pauli_channels
from quantum_advantage.core.usage import UsageError

SIZES = [(n, k) for n in (1, 2, 3) for k in range(n + 1)]
PAULIS = [np.eye(2), *(cirq.unitary(p) for p in (cirq.X, cirq.Y, cirq.Z))]


def strings(n):
    return [reduce(np.kron, row) for row in product(PAULIS, repeat=n)]


def characters(n):
    """(4ⁿ, 4ⁿ) the signs (-1)^⟨P,R⟩."""
    one = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]])
    return reduce(np.kron, [one] * n)


def random_state(size, rng):
    state = rng.normal(size=size) + 1j * rng.normal(size=size)
    return state / np.linalg.norm(state)


def random_stabiliser(qubits, rng):
    gates = [cirq.H, cirq.S, cirq.X]
    steps = [gates[rng.integers(3)](qubits[rng.integers(len(qubits))]) for _ in range(12)]
    for place in range(0, 12 * (len(qubits) > 1), 2):
        steps.insert(place, cirq.CNOT(*rng.permutation(qubits)[:2]))
    return cirq.Circuit(steps).final_state_vector(qubit_order=qubits).astype(complex)


def overlaps(n, k, inner, outer):
    """t_R = |⟨ψ|R ⊗ 1|φ⟩|² of all strings R, for vectors ψ down the last axis."""
    acted = np.stack([s @ inner.reshape(2**n, 2**k) for s in strings(n)]).reshape(4**n, -1)
    return np.abs(acted @ outer.conj()) ** 2


@pytest.mark.parametrize(("n", "k"), SIZES)
def test_the_squares_of_all_strings_sum_to_what_the_proof_says(n, k):
    rng = np.random.default_rng([n, k])
    for trial in range(40):
        inner, outer = random_state(2 ** (n + k), rng), random_state(2 ** (n + k), rng)
        if trial % 2:
            # The string that is found again: the largest τ.
            outer = inner
        t = overlaps(n, k, inner, outer)
        tau = t / t.sum()
        left, right = (state.reshape(2**n, 2**k) for state in (inner, outer))
        found = np.einsum("ia,ab,ib->", right.conj(), left.T @ left.conj(), right).real
        assert t.sum() == pytest.approx(2**n * found)
        assert tau.max() <= 2.0 ** (k - n) + 1e-12
        q = characters(n) @ tau
        assert (q**2).sum() == pytest.approx(4**n * (tau**2).sum())
        assert (q[1:] ** 2).mean() <= 1 / pauli_channels.uses_per_hit(qubits=n, ancillas=k) + 1e-12
        assert (np.abs(q) <= 1 + 1e-12).all()


@pytest.mark.parametrize(("n", "k"), SIZES)
def test_likelihoods_of_a_use_are_those_of_the_channel_and_have_the_mean_zero(n, k):
    """From density matrices: every outcome of a random basis, for every hidden string."""
    rng = np.random.default_rng([7, n, k])
    inner = random_state(2 ** (n + k), rng)
    basis = np.linalg.qr(rng.normal(size=(2 ** (n + k),) * 2) + 0j)[0]
    t = overlaps(n, k, inner, basis)
    q = characters(n) @ (t / t.sum(axis=0))
    null = t.sum(axis=0) / 4**n
    np.testing.assert_allclose((q * null).sum(axis=1)[1:], 0, atol=1e-12)
    left = inner.reshape(2**n, 2**k)
    rest = left.T @ left.conj()
    for place, string in enumerate(strings(n)[1:], start=1):
        lost = np.kron(np.eye(2**n), rest) / 2**n
        kept = left.conj().T @ string.conj().T @ left
        after = lost + 0.9 * np.kron(string, kept.T) / 2**n
        law = np.einsum("ij,ik,jk->k", after, basis.conj(), basis).real
        np.testing.assert_allclose(law, null * (1 + 0.9 * q[place]), atol=1e-12)


@pytest.mark.parametrize(("n", "k"), [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0)])
def test_stabiliser_inputs_and_outcomes_give_hits_or_nothing(n, k):
    rng = np.random.default_rng([9, n, k])
    qubits = cirq.LineQubit.range(n + k)
    for _ in range(30):
        inner, outer = (random_stabiliser(qubits, rng) for _ in "ab")
        t = overlaps(n, k, inner, outer)
        if t.sum() < 1e-9:
            continue
        q = characters(n) @ (t / t.sum())
        np.testing.assert_allclose(np.minimum(np.abs(q), np.abs(np.abs(q) - 1)), 0, atol=1e-6)
        assert (np.abs(q) > 0.5).sum() <= 2 ** (n + k)
    assert pauli_channels.stabiliser_uses_required(0.7, qubits=8, alpha=0.7) is None


def test_without_ancillas_it_is_the_bound_for_states():
    for n, game, alpha in product((1, 3, 20), hidden_pauli.GAMES, (0.3, 0.9, 0.95)):
        setting = {"qubits": n, "game": game, "alpha": alpha}
        for target in (0.6, 0.7, 0.9):
            expected = hidden_pauli.copies_required(target, **setting)
            assert pauli_channels.uses_required(target, **setting) == pytest.approx(expected)
        for uses in (1, 30, 10**6):
            expected = hidden_pauli.largest_conventional_accuracy(uses, **setting)
            assert pauli_channels.largest_accuracy(uses, **setting) == pytest.approx(expected)


@pytest.mark.parametrize("game", hidden_pauli.GAMES)
def test_accuracy_and_uses_are_inverse(game):
    for n, k in ((4, 1), (8, 8), (20, 7)):
        for target in (0.55, 0.7, 0.9):
            uses = pauli_channels.uses_required(target, qubits=n, ancillas=k, game=game)
            found = pauli_channels.largest_accuracy(uses, qubits=n, ancillas=k, game=game)
            assert found == pytest.approx(target, abs=1e-9)
    uses = pauli_channels.known_sign_uses_required(0.8, qubits=9, ancillas=2)
    found = pauli_channels.largest_known_sign_accuracy(uses, qubits=9, ancillas=2)
    assert found == pytest.approx(0.8)


def test_constants_at_seventy_percent():
    per_hit = pauli_channels.uses_per_hit(qubits=20, ancillas=6)
    assert per_hit == pytest.approx(2**14, rel=1e-5)
    uses = pauli_channels.uses_required(0.7, qubits=20, ancillas=6)
    assert uses / per_hit == pytest.approx(0.5514, abs=1e-4)
    known = pauli_channels.known_sign_uses_required(0.7, qubits=20, ancillas=6)
    assert known / per_hit == pytest.approx(0.06215, abs=1e-5)
    # At α = 0.95 there is no certificate, and the bound of paired hits decides.
    uses = pauli_channels.uses_required(0.7, qubits=20, ancillas=6, alpha=0.95)
    assert uses / per_hit == pytest.approx(0.353, abs=1e-3)


def test_each_ancilla_makes_it_easier_and_a_known_sign_too():
    required = pauli_channels.uses_required
    uses = [required(0.7, qubits=8, ancillas=k) for k in range(9)]
    assert all(few < many for many, few in pairwise(uses))
    assert uses[-1] < 1
    for k in range(9):
        known = pauli_channels.known_sign_uses_required(0.7, qubits=8, ancillas=k)
        assert known < uses[k]


@pytest.mark.parametrize("sign", [1, -1])
def test_uses_in_a_row_on_the_qubits_alone_obey_the_bound_for_a_known_sign(sign):
    """Two uses with a unitary in between, one measurement: relative entropy of x = 1/(2ⁿ+1)."""
    rng, alpha, n = np.random.default_rng(3), 0.9, 2
    largest = 0.0
    for _ in range(30):
        basis, between = (
            np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0] for _ in "ab"
        )
        start, entropies = np.outer(state := random_state(4, rng), state.conj()), []
        for string in strings(n)[1:]:
            rho = start
            for step in range(2):
                rho = (np.eye(4) + sign * alpha * np.trace(string @ rho) * string) / 4
                rho = between @ rho @ between.conj().T if step == 0 else rho
            law = np.einsum("ki,ij,kj->k", basis.conj(), rho, basis).real
            entropies.append(-np.log(4 * law).mean())
        largest = max(largest, np.mean(entropies))
    assert 0 < largest <= (-alpha - np.log(1 - alpha)) / (2**n + 1)


@pytest.mark.parametrize("ancillas", [-1, 5])
def test_ancillas_beyond_the_qubits_are_refused(ancillas):
    with pytest.raises(UsageError, match=r"ancillas must .* 0.*, not"):
        pauli_channels.uses_required(0.7, qubits=4, ancillas=ancillas)


def test_many_qubits_do_not_overflow():
    assert pauli_channels.uses_required(0.7, qubits=1000, ancillas=990) == pytest.approx(
        0.5514 * 2**10, rel=1e-3
    )
