from itertools import pairwise

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.simulators import splitting
from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.circuits.request import Dial

LINE = cirq.LineQubit.range(30)
ON = Dial("on", ("x",), ((0.0,), (1.0,)))


def chain(qubits):
    return [cirq.CNOT(a, b) for a, b in pairwise(qubits)]


def test_qubits_without_a_common_gate_are_separate_pieces():
    circuit = cirq.Circuit(
        chain(LINE[:3]), cirq.H(LINE[3]), cirq.measure(*LINE[:3], key="a"), cirq.measure(LINE[3])
    )
    assert [placed.piece.qubits for placed in split(circuit, ())] == [3, 1]


def test_a_joint_measurement_key_does_not_join_pieces():
    order = [LINE[2], LINE[0], LINE[3], LINE[1]]
    circuit = cirq.Circuit(
        cirq.CNOT(LINE[0], LINE[1]), cirq.CNOT(LINE[2], LINE[3]), cirq.measure(*order, key="m")
    )
    first, second = split(circuit, ())
    assert first.outputs == (("m", 1, 0, False), ("m", 3, 1, False))
    assert second.outputs == (("m", 0, 0, False), ("m", 2, 1, False))


def test_a_common_dial_does_not_join_pieces():
    dial = Dial("both", ("a", "b"), ((0.0, 1.0), (1.0, 0.0), (0.5, 0.25)))
    circuit = cirq.Circuit(
        cirq.X(LINE[0]) ** sympy.Symbol("a"),
        cirq.X(LINE[1]) ** sympy.Symbol("b"),
        cirq.measure(*LINE[:2], key="m"),
    )
    first, second = split(circuit, (dial,))
    assert first.dials == second.dials == (0,)
    assert first.piece.dials[0].positions == ((0.0,), (1.0,), (0.5,))
    assert second.piece.dials[0].positions == ((1.0,), (0.0,), (0.25,))


def test_a_channel_on_two_qubits_joins_them():
    circuit = cirq.Circuit(cirq.depolarize(0.1, 2)(*LINE[:2]), cirq.measure(*LINE[:2], key="m"))
    assert [placed.piece.qubits for placed in split(circuit, ())] == [2]


def test_a_dial_that_sets_no_symbol_of_a_piece_is_not_among_its_dials():
    dials = (Dial("idle", ("y",), ((0.0,),)), ON)
    circuit = cirq.Circuit(cirq.X(LINE[0]) ** sympy.Symbol("x"), cirq.measure(LINE[0], key="m"))
    (placed,) = split(circuit, dials)
    assert placed.dials == (1,)


def test_a_gate_after_a_measurement_is_refused():
    circuit = cirq.Circuit(cirq.measure(LINE[0], key="m"), cirq.X(LINE[0]))
    with pytest.raises(ValueError, match="at its end"):
        split(circuit, ())


def test_a_symbol_that_no_dial_sets_is_named():
    circuit = cirq.Circuit(cirq.X(LINE[0]) ** sympy.Symbol("lost"), cirq.measure(LINE[0]))
    with pytest.raises(ValueError, match="'lost'"):
        split(circuit, (ON,))


def test_a_subcircuit_is_refused():
    inner = cirq.CircuitOperation(cirq.FrozenCircuit(cirq.X(LINE[0])))
    with pytest.raises(ValueError, match="must be a gate or a channel"):
        split(cirq.Circuit(inner, cirq.measure(LINE[0])), ())


def test_inverted_bits_are_marked_where_the_mask_says_so():
    circuit = cirq.Circuit(cirq.measure(*LINE[:3], key="m", invert_mask=(False, True)))
    marks = [placed.outputs[0][3] for placed in split(circuit, ())]
    assert marks == [False, True, False]


def test_a_reset_parts_the_past_of_a_qubit_from_its_future():
    a, b = LINE[:2]
    circuit = cirq.Circuit(
        cirq.X(a) ** sympy.Symbol("x"), cirq.reset(a), chain([a, b]), cirq.measure(a, b, key="m")
    )
    past, future = sorted(split(circuit, (ON,)), key=lambda placed: len(placed.outputs))
    assert (past.piece.qubits, len(past.dials), past.outputs) == (1, 1, ())
    assert (future.piece.qubits, future.dials) == (2, ())
    assert future.piece.pure
    assert future.outputs == (("m", 0, 0, False), ("m", 1, 1, False))


def test_other_values_of_the_dials_are_read_without_splitting_the_circuit_again():
    circuit = cirq.Circuit((cirq.X ** sympy.Symbol("x"))(LINE[0]), cirq.measure(LINE[0]))
    splitting._outline_once.cache_clear()
    for values in ((0.0, 1.0), (0.5, 0.25)):
        (placed,) = split(circuit, (Dial("on", ("x",), tuple((v,) for v in values)),))
        assert [placed.piece.values(k)["s0"] for k in (0, 1)] == list(values)
    assert splitting._outline_once.cache_info().misses == 1


def test_a_circuit_that_has_no_hash_is_split_afresh():
    gate = cirq.MatrixGate(np.eye(2))
    gate.__class__ = type("NoHash", (cirq.MatrixGate,), {"__hash__": None})
    circuit = cirq.Circuit(gate(LINE[0]), cirq.measure(LINE[0]))
    assert [placed.piece.qubits for placed in split(circuit, ())] == [1]
