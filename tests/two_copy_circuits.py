"""Bell measurements of two copies as circuits and requests, for tests of samplers."""

import cirq
import numpy as np
import sympy

from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change

LINE = cirq.LineQubit.range(60)
FLIP = ((0.0,), (1.0,))
TURNS = "xza"


def copies(qubits):
    """The two registers, alternating on the line, the second one in another order."""
    return LINE[: 2 * qubits : 2], LINE[2 * qubits - 1 :: -2]


def symbols(qubits, layers, label):
    return [f"{t}{k}_{label}" for k in range(qubits * layers) for t in TURNS]


def brickwork(line, layers, label, bits):
    """X**b on the inputs, then layers of PhasedXZ with symbols and ISWAP."""
    names = iter(map(sympy.Symbol, symbols(len(line), layers, label)))
    circuit = cirq.Circuit((cirq.X ** sympy.Symbol(f"b{i}_{bits}"))(q) for i, q in enumerate(line))
    for layer in range(layers):
        circuit += cirq.Moment(
            cirq.PhasedXZGate(
                x_exponent=next(names), z_exponent=next(names), axis_phase_exponent=next(names)
            )(q)
            for q in line
        )
        bonds = range(layer % 2, len(line) - 1, 2)
        circuit += cirq.Moment(cirq.ISWAP(line[i], line[i + 1]) for i in bonds)
    return circuit


def bell_request(qubits, systems, shots, seed, *, layers=3, same=True, bits=None):
    """Two brickwork copies, with random input bits, into the Bell measurement.

    One dial sets the circuits of both copies; they are equal where ``same``.
    """
    rng = np.random.default_rng(seed)
    system, memory = copies(qubits)
    labels = ("u", "u" if same else "v")
    whole = brickwork(system, layers, labels[0], "s").zip(brickwork(memory, layers, labels[1], "m"))
    whole += cirq.Circuit(bell_basis_change(system, memory))
    whole.append(cirq.Moment(cirq.measure(*system, key=SYSTEM), cirq.measure(*memory, key=MEMORY)))
    names = tuple(s for label in sorted(set(labels)) for s in symbols(qubits, layers, label))
    values = tuple(map(tuple, rng.uniform(-1, 1, (systems, len(names))).tolist()))
    inputs = tuple(Dial("", (f"b{i}_{k}",), FLIP) for k in "sm" for i in range(qubits))
    columns = [rng.integers(0, 2, shots, dtype=np.uint8) for _ in inputs]
    if bits is not None:
        columns = [np.full(shots, b, dtype=np.uint8) for b in bits]
    column = rng.integers(0, systems, shots, dtype=np.uint16)
    return Request(whole, (*inputs, Dial("system", names, values)), (*columns, column), shots)


def numbers(bits):
    return bits.astype(np.int64) @ (1 << np.arange(bits.shape[1] - 1, -1, -1))


def only_piece(circuit, dials=()):
    qubits = sorted(circuit.all_qubits())
    (placed,) = split(circuit + cirq.measure(*qubits, key="m"), dials)
    return placed.piece


def state_circuit(line, seed):
    """A universal circuit without symbols, all qubits entangled."""
    rng = np.random.default_rng(seed)
    circuit = cirq.Circuit(cirq.ry(rng.uniform(0, 6))(q) for q in line)
    circuit += cirq.Circuit(map(cirq.CNOT, line, line[1:]))
    return circuit + cirq.testing.random_circuit(line, 8, 0.8, random_state=seed)


def bell_of(system, memory, before):
    return before + cirq.Circuit(bell_basis_change(system, memory))
