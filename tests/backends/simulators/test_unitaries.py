"""Unitaries of gates at many values of their symbols, against those of Cirq one by one."""

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.simulators.unitaries import is_always_unitary, unitaries

S, T = sympy.symbols("s t")
VALUES = {"s": np.array([0.0, 0.3, -1.7, 1.0]), "t": np.array([0.6, 0.6, 0.0, -0.25])}
GATES = [
    cirq.X**S,
    cirq.Y**T,
    cirq.Z**S,
    cirq.H**T,
    cirq.CZ**S,
    cirq.CNOT**T,
    cirq.SWAP**S,
    cirq.XPowGate(exponent=S, global_shift=-0.5),
    cirq.CZPowGate(exponent=T, global_shift=0.25),
    cirq.X ** (S + 2 * T),
    cirq.Z ** (sympy.Rational(1, 3) * T),
    cirq.Y ** (0.25 - S + 0.5 * T),
    cirq.Z ** (S**2),
    cirq.ISWAP**S,
    cirq.PhasedXZGate(x_exponent=S, z_exponent=T, axis_phase_exponent=0.2),
    cirq.PhasedXZGate(x_exponent=S, z_exponent=S * T, axis_phase_exponent=T),
    cirq.PhasedXZGate(x_exponent=S, z_exponent=T, axis_phase_exponent=-0.4) ** -1,
    cirq.PhasedXZGate(x_exponent=-S, z_exponent=2.5 * T, axis_phase_exponent=-T),
    cirq.rx(S),
    cirq.rz(0.5 - T),
    cirq.FSimGate(S, T),
]


@pytest.mark.parametrize("gate", GATES, ids=str)
def test_every_row_has_the_unitary_of_its_values(gate):
    found = unitaries(gate, VALUES)
    for row, (s, t) in enumerate(zip(*VALUES.values(), strict=True)):
        expected = cirq.unitary(cirq.resolve_parameters(gate, {"s": s, "t": t}))
        np.testing.assert_allclose(found[..., row], expected, atol=1e-12)


@pytest.mark.parametrize("gate", [cirq.S, cirq.CNOT, cirq.FSimGate(0.1, 0.2)], ids=str)
def test_a_gate_without_a_symbol_has_one_unitary(gate):
    np.testing.assert_allclose(unitaries(gate, VALUES)[..., 0], cirq.unitary(gate), atol=1e-12)
    assert unitaries(gate, VALUES).shape[-1] == 1


def test_a_value_that_is_always_the_same_stands_for_all_rows():
    gate = cirq.PhasedXZGate(x_exponent=S, z_exponent=T, axis_phase_exponent=0.0)
    once = unitaries(gate, {"s": VALUES["s"], "t": np.array([0.6])})
    often = unitaries(gate, {"s": VALUES["s"], "t": np.full(4, 0.6)})
    np.testing.assert_array_equal(once, often)


def test_what_is_unitary_whatever_its_symbols():
    assert is_always_unitary(cirq.X**S)
    assert not is_always_unitary(cirq.RandomGateChannel(sub_gate=cirq.X**S, probability=0.1))
    assert not is_always_unitary(cirq.amplitude_damp(0.1))
