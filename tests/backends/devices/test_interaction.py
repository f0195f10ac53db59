"""Two-qubit unitaries in a form that rounding does not choose."""

from __future__ import annotations

import math
from itertools import product

import cirq
import numpy as np
import pytest
from drawn_states import unequal

from quantum_advantage.backends.devices.interaction import interaction, interaction_matrix

GATES = {
    "identity": cirq.IdentityGate(2),
    "cz": cirq.CZ,
    "cnot": cirq.CNOT,
    "swap": cirq.SWAP,
    "iswap": cirq.ISWAP,
    "sqrt_iswap": cirq.SQRT_ISWAP,
    "inverse": cirq.SQRT_ISWAP_INV,
    "sycamore": cirq.FSimGate(np.pi / 2, np.pi / 6),
    "part of cz": cirq.CZ**0.3,
    "part of swap": cirq.SWAP**0.4,
    "part of iswap": cirq.ISWAP**-0.3,
    "zz": cirq.ZZ**0.25,
    "b gate": cirq.Circuit(
        cirq.XX(*cirq.LineQubit.range(2)) ** 0.5, cirq.YY(*cirq.LineQubit.range(2)) ** 0.25
    ),
}
WORDS = [cirq.H, cirq.S, cirq.T, cirq.X, cirq.Z, cirq.X**0.5, cirq.I, cirq.Y**0.25]


def random_unitaries(count, seed=0):
    rng = np.random.default_rng(seed)
    for k in range(count):
        yield cirq.testing.random_special_unitary(4, random_state=int(rng.integers(2**31))) * 1j**k


def words(count, seed=1):
    """Products of gates of which many have equal or vanishing strengths."""
    rng = np.random.default_rng(seed)
    gates = list(GATES.values())
    for _ in range(count):
        whole = np.eye(4)
        for _ in range(rng.integers(1, 5)):
            turns = [cirq.unitary(WORDS[rng.integers(len(WORDS))]) for _ in range(2)]
            whole = cirq.unitary(gates[rng.integers(len(gates))]) @ np.kron(*turns) @ whole
        yield whole


def rebuilt(found):
    return np.kron(*found.after) @ interaction_matrix(*found.strengths) @ np.kron(*found.before)


def check(unitary):
    found = interaction(unitary)
    x, y, z = found.strengths
    assert math.pi / 4 >= x >= y >= abs(z)
    assert z >= 0 or x < math.pi / 4
    assert unequal(rebuilt(found), unitary) < 1e-12
    np.testing.assert_allclose(found.strengths, cirq.kak_vector(unitary), atol=1e-9)
    for turn in (*found.before, *found.after):
        np.testing.assert_allclose(turn @ turn.conj().T, np.eye(2), atol=1e-12)


@pytest.mark.parametrize("name", GATES)
def test_a_gate_is_its_interaction_between_local_gates(name):
    check(cirq.unitary(GATES[name]))


def test_every_unitary_is_its_interaction_between_local_gates():
    for unitary in (*random_unitaries(40), *words(60)):
        check(unitary)


def test_the_matrix_of_an_interaction():
    xx, yy, zz = (np.kron(p, p) for p in map(cirq.unitary, (cirq.X, cirq.Y, cirq.Z)))
    strengths = (0.3, -0.2, 0.7)
    generator = sum(s * p for s, p in zip(strengths, (xx, yy, zz), strict=True))
    values, vectors = np.linalg.eigh(generator)
    expected = vectors @ np.diag(np.exp(1j * values)) @ vectors.conj().T
    np.testing.assert_allclose(interaction_matrix(*strengths), expected, atol=1e-12)


def test_rounding_chooses_nothing():
    """Not the strengths, and not the local gates, which whole families could be, up to signs."""
    rng = np.random.default_rng(2)
    for unitary in (*random_unitaries(30), *words(60), *map(cirq.unitary, GATES.values())):
        found = interaction(unitary)
        shift = 1e-15 * (rng.standard_normal((4, 4)) + 1j * rng.standard_normal((4, 4)))
        again = interaction(unitary + shift)
        np.testing.assert_allclose(found.strengths, again.strengths, rtol=0, atol=1e-13)
        for one, other in zip(
            (*found.before, *found.after), (*again.before, *again.after), strict=True
        ):
            assert min(np.abs(one - other).max(), np.abs(one + other).max()) < 1e-9


def test_strengths_on_a_wall_are_exactly_there():
    for one, other in product((1, -1), repeat=2):
        matrix = interaction_matrix(0.3 + 1e-12, one * 0.3, other * 1e-12)
        x, y, z = interaction(matrix).strengths
        assert x == y
        assert z == 0
    assert interaction(interaction_matrix(math.pi / 4 - 1e-12, 0.1, -0.1)).strengths[0] == (
        math.pi / 4
    )


def test_what_is_no_unitary_on_two_qubits_is_refused():
    for wrong in (np.eye(2), np.eye(4) * 1.1, np.zeros((4, 4))):
        with pytest.raises(ValueError, match="not a unitary on two qubits"):
            interaction(wrong)
