"""Programs of stim: for every value of the symbols the one of stimcirq for the whole circuit."""

import cirq
import numpy as np
import pytest
import stimcirq
import sympy

from quantum_advantage.backends.simulators.stim_programs import StimPrograms

POWERS = [0.0, 0.5, 1.0, -0.5, 2.0]


def random_steps(qubits, rng):
    """Clifford gates, powers of symbols, and Pauli noise, in any order and on any qubits."""
    a, b = sympy.Symbol("a"), sympy.Symbol("b")
    single = [
        *(cirq.H, cirq.S, cirq.X**a, cirq.Z**b, cirq.Y ** (a + b), cirq.I),
        *(cirq.bit_flip(0.1), cirq.depolarize(0.2), cirq.asymmetric_depolarize(0.1, 0.0, 0.2)),
        cirq.PhasedXZGate(x_exponent=a, z_exponent=b, axis_phase_exponent=0.0),
    ]
    double = [cirq.CNOT, cirq.CZ, cirq.SWAP, cirq.ISWAP, cirq.depolarize(0.1, n_qubits=2)]
    steps = []
    for _ in range(25):
        gates, size = (single, 1) if qubits == 1 or rng.random() < 0.6 else (double, 2)
        targets = tuple(int(qubit) for qubit in rng.permutation(qubits)[:size])
        steps.append((gates[rng.integers(len(gates))], targets))
    return tuple(steps)


def by_stimcirq(qubits, steps, values):
    line = cirq.LineQubit.range(qubits)
    circuit = cirq.Circuit(gate(*(line[i] for i in targets)) for gate, targets in steps)
    circuit = cirq.drop_negligible_operations(cirq.resolve_parameters(circuit, values))
    circuit += cirq.Moment(cirq.measure(*line, key="m"))
    return stimcirq.cirq_circuit_to_stim_circuit(circuit)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("qubits", [1, 2, 4])
def test_program_is_that_of_the_whole_circuit(qubits, seed):
    rng = np.random.default_rng([seed, qubits])
    steps = random_steps(qubits, rng)
    programs = StimPrograms(qubits, steps)
    for a, b in rng.choice(POWERS, size=(6, 2)):
        values = {"a": float(a), "b": float(b)}
        expected = by_stimcirq(qubits, steps, values)
        # Without the mark after the last measurement.
        assert programs.at(values) == expected[:-1]


def test_every_qubit_is_measured_though_no_gate_touches_it():
    steps = ((cirq.X, (2,)),)
    assert StimPrograms(4, steps).at({}).compile_sampler().sample(1).tolist() == [[0, 0, 1, 0]]


def test_a_gate_that_does_nearly_nothing_is_left_out():
    programs = StimPrograms(1, ((cirq.X ** sympy.Symbol("a"), (0,)),))
    assert str(programs.at({"a": 1e-12})) == "TICK\nM 0"


def test_a_gate_is_refused_at_the_value_at_which_it_is_not_clifford():
    programs = StimPrograms(1, ((cirq.X ** sympy.Symbol("a"), (0,)),))
    with pytest.raises(ValueError, match="Clifford circuits with Pauli noise only: Don't know"):
        programs.at({"a": 0.25})
    assert programs.at({"a": 1.0}).num_measurements == 1
