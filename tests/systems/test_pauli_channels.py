"""Pauli channels: the errors that are drawn, against error rates and density matrices."""

from functools import reduce
from itertools import product

import cirq
import numpy as np
import pytest
from hidden_strings import every_string, hide
from scipy import stats

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.pauli_channels import HiddenPauliChannel, PauliErrors, letter_circuit

PAULIS = [np.eye(2), *(cirq.unitary(p) for p in (cirq.X, cirq.Y, cirq.Z))]


def clashes(first, second):
    return ((first != 0) & (second != 0) & (first != second)).sum(axis=-1) % 2


def rates(letters, signal):
    """4⁻ⁿ [1 + s α (-1)^⟨P,Q⟩] of all strings, the identity first."""
    n = letters.size
    every = np.array(list(product(range(4), repeat=n)))
    return (1 + signal * (1 - 2 * clashes(every, letters))) / 4**n


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("sign", [1, -1])
def test_errors_are_drawn_at_their_rates(n, sign):
    uses = 40_000
    for place, letters in enumerate(every_string(n)[:: 2 * n - 1]):
        channel = HiddenPauliChannel(hide(letters[None], sign, 0.9, seed=place))
        drawn = np.stack(channel.draw(uses, ""), axis=1).astype(int)
        counts = np.bincount(drawn @ 4 ** np.arange(n)[::-1], minlength=4**n)
        assert stats.chisquare(counts, uses * rates(letters, sign * 0.9)).pvalue > 1e-4


@pytest.mark.parametrize("n", [1, 2, 3])
def test_errors_at_their_rates_are_the_channel(n):
    rng = np.random.default_rng(n)
    state = rng.normal(size=2 ** (n + 1)) + 1j * rng.normal(size=2 ** (n + 1))
    state /= np.linalg.norm(state)
    rho = np.outer(state, state.conj()).reshape(2**n, 2, 2**n, 2)
    for letters in every_string(n)[:: 4 * n - 3]:
        channel = HiddenPauliChannel(hide(letters[None], -1, 0.7))
        found = np.zeros_like(rho)
        for rate, row in zip(
            rates(letters, -0.7), product(PAULIS, repeat=n), strict=True
        ):  # fmt: skip
            matrix = reduce(np.kron, row)
            found += rate * np.einsum("ij,jakb,kl->ialb", matrix, rho, matrix)
        np.testing.assert_allclose(found, channel.applied(0, rho), atol=1e-12)


def test_the_circuit_applies_the_letters():
    qubits = cirq.LineQubit.range(2)
    channel = PauliErrors(np.array([[2, 3]], np.uint8), np.ones(1), np.random.default_rng(0))
    columns = channel.draw(1, "a")
    values = {
        symbol: value
        for dial, column in zip(channel.dials("a"), columns, strict=True)
        for symbol, value in zip(dial.symbols, dial.positions[column[0]], strict=True)
    }
    circuit = cirq.resolve_parameters(letter_circuit(qubits, "a"), values)
    expected = np.kron(cirq.unitary(cirq.Y), cirq.unitary(cirq.Z))
    assert abs(np.trace(expected @ circuit.unitary()) / 4) == pytest.approx(1)


def test_several_channels_stand_one_after_the_other():
    letters = np.array([[1, 0], [0, 3]], dtype=np.uint8)
    channel = HiddenPauliChannel(hide(letters, 1, 1.0))
    drawn = np.stack(channel.draw(200, ""), axis=1).reshape(2, 200, 2)
    # With the eigenvalue 1 every error commutes with the string.
    assert not clashes(drawn, letters[:, None]).any()
    assert clashes(drawn, letters[::-1, None]).any(axis=1).all()
    assert channel.select(slice(1, 2)).systems == 1


def test_eigenvalues_are_those_of_the_errors():
    rng = np.random.default_rng(1)
    letters = every_string(2)
    chances = rng.dirichlet(np.ones(16))[1:]
    channel = PauliErrors(letters, chances, rng)
    for place, letters_of in enumerate(letters):
        expected = 1 - chances.sum() + (chances * (1 - 2 * clashes(letters, letters_of))).sum()
        found = channel.eigenvalues(PauliStrings.from_letters(letters[place : place + 1]))
        assert found == pytest.approx(expected)
    assert channel.select(slice(0, 1)).systems == 1


def test_impossible_rates_are_refused():
    letters, rng = np.array([[1], [2]], np.uint8), np.random.default_rng(0)
    with pytest.raises(UsageError, match="rates must be as many as the 2 strings, not 1"):
        PauliErrors(letters, np.array([0.1]), rng)
    for bad in ([0.5, 0.6], [-0.1, 0.2]):
        with pytest.raises(UsageError, match="at least 0 and sum to at most 1"):
            PauliErrors(letters, np.array(bad), rng)
