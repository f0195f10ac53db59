"""Which pieces are taken apart into two halves, and what the halves are."""

import cirq
import numpy as np
import pytest
import sympy
from two_copy_circuits import FLIP, LINE, bell_of, bell_request, numbers, only_piece, state_circuit

from quantum_advantage.backends.simulators.halves import split_apart
from quantum_advantage.backends.simulators.noise import LocalNoise
from quantum_advantage.backends.simulators.two_copy import sample_apart
from quantum_advantage.circuits.request import Dial
from quantum_advantage.measurements.bell import bell_basis_change


def test_halves_know_their_qubits_and_dials():
    request = bell_request(3, 4, 1, seed=1)
    found = split_apart(only_piece(request.circuit[:-1], request.dials))
    assert found.system.qubits == (0, 2, 4)
    assert found.memory.qubits == (5, 3, 1)
    assert set(found.system.dials) == {0, 1, 2, 6}
    assert set(found.memory.dials) == {3, 4, 5, 6}


def test_copies_prepared_alike_have_equal_halves_and_others_not():
    alike, different = (
        split_apart(only_piece(request.circuit[:-1], request.dials))
        for request in (bell_request(3, 2, 1, 1, same=same) for same in (True, False))
    )
    assert alike.system.piece == alike.memory.piece
    assert different.system.piece != different.memory.piece


S, M = LINE[:3], LINE[3:6]
BEFORE = state_circuit(S, 1).zip(state_circuit(M, 2))
CHANNEL = cirq.depolarize(0.1)
APART = {
    "two states": bell_of(S, M, BEFORE),
    "gates in one moment each": cirq.Circuit(
        cirq.Moment(op) for op in bell_of(S, M, BEFORE).all_operations()
    ),
    "pairs crossed": bell_of(S, M[::-1], BEFORE),
    "registers exchanged": bell_of(M, S, BEFORE),
    "preparation that ends like a Bell measurement": bell_of(
        S, M, BEFORE + cirq.Circuit(cirq.CNOT(S[0], S[1]), cirq.H(S[0]), cirq.CNOT(M[0], M[2]))
    ),
    "one register without a gate": bell_of(S, M, state_circuit(S, 1)),
}
NOT_APART = {
    "a gate after": bell_of(S, M, BEFORE) + cirq.T(S[0]),
    "a gate on the target after": bell_of(S, M, BEFORE) + cirq.H(M[2]),
    "a gate between": BEFORE + cirq.Circuit(map(cirq.CNOT, S, M), cirq.Z(S[1]), cirq.H.on_each(*S)),
    "a CZ between the halves": bell_of(S, M, BEFORE + cirq.CZ(S[0], M[1])),
    "a pair missing": BEFORE + cirq.Circuit(bell_basis_change(S[:2], M[:2])),
    "a Hadamard missing": BEFORE + cirq.Circuit(map(cirq.CNOT, S, M), cirq.H.on_each(*S[:2])),
    "a register turned around": BEFORE
    + cirq.Circuit(bell_basis_change([S[0], M[1], S[2]], [M[0], S[1], M[2]])),
    "a channel": bell_of(S, M, BEFORE + CHANNEL(S[0])),
    "a channel at the end": bell_of(S, M, BEFORE) + CHANNEL(S[0]),
    "noise": bell_of(S, M, BEFORE).with_noise(LocalNoise(0.01, 0.0)),
    "an odd qubit": bell_of(S, M, BEFORE) + cirq.CNOT(S[0], LINE[7]),
    "one pair": bell_of(S[:1], M[:1], cirq.Circuit(cirq.T(S[0]), cirq.H(M[0]))),
    "no Bell measurement": BEFORE + cirq.CZ(S[0], M[0]),
}


@pytest.mark.parametrize("name", APART)
def test_copies_that_meet_only_at_the_end_are_recognised(name, p_of_law):
    piece = only_piece(APART[name])
    found = split_apart(piece)
    assert {*found.system.qubits, *found.memory.qubits} == set(range(6))
    shots = 8000
    rows = sample_apart(found, (), shots, np.random.default_rng(7))
    state = cirq.Simulator(dtype=np.complex128).simulate(APART[name]).final_state_vector
    assert p_of_law(np.bincount(numbers(rows.T), minlength=64), np.abs(state) ** 2) > 1e-4


@pytest.mark.parametrize("name", NOT_APART)
def test_everything_else_is_not_taken_apart(name):
    assert split_apart(only_piece(NOT_APART[name])) is None


def test_a_channel_with_a_symbol_is_not_taken_apart():
    before = BEFORE + cirq.Circuit(cirq.bit_flip(0.1)(S[0]))
    before += (cirq.X ** sympy.Symbol("x"))(S[1])
    assert split_apart(only_piece(bell_of(S, M, before), (Dial("", ("x",), FLIP),))) is None
