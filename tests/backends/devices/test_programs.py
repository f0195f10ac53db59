"""Native programs: least native gates, few turns, and nothing that rounding chooses."""

from __future__ import annotations

import math
from functools import reduce
from itertools import pairwise

import cirq
import networkx as nx
import numpy as np
import pytest
from drawn_states import unequal

from quantum_advantage.backends.devices.calibration import NATIVE_GATES, Device
from quantum_advantage.backends.devices.native import compile_native
from quantum_advantage.backends.devices.programs import native_layers
from quantum_advantage.backends.devices.turns import turn_exponents
from quantum_advantage.circuits.request import resolver_values
from quantum_advantage.measurements.bell import bell_basis_change
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.shared.evolution_requests import bell_uses_on_chain

A, B = cirq.LineQubit.range(2)
GATES = tuple(NATIVE_GATES)
# How many native gates of each kind a unitary takes.
TAKES = {
    "identity": (cirq.IdentityGate(2), 0, 0, 0),
    "cnot": (cirq.CNOT, 1, 2, 2),
    "part of cz": (cirq.CZ**0.3, 2, 2, 2),
    "iswap": (cirq.ISWAP, 2, 3, 2),
    "root of iswap": (cirq.SQRT_ISWAP, 2, 4, 1),
    "part of iswap": (cirq.ISWAP**0.3, 2, 4, 2),
    "swap": (cirq.SWAP, 3, 3, 3),
    "part of swap": (cirq.SWAP**0.4, 3, 6, 3),
    "sycamore": (cirq.FSimGate(math.pi / 2, math.pi / 6), 3, 1, 3),
}


def unitary_of(layers, gate):
    native = cirq.unitary(NATIVE_GATES[gate][1])
    return reduce(
        lambda done, pair: np.kron(*pair) @ native @ done, layers[1:], np.kron(*layers[0])
    )


def turns_left(layers):
    return sum(any(turn_exponents(turn)[:2]) for pair in layers for turn in pair)


def shifted(unitary, rng):
    shift = rng.standard_normal(unitary.shape) + 1j * rng.standard_normal(unitary.shape)
    return unitary + 1e-15 * shift


def clifford_words(count, seed):
    """Clifford and T gates around two-qubit gates, which leave many programs equally good."""
    rng = np.random.default_rng(seed)
    one = [cirq.H, cirq.S, cirq.T, cirq.X, cirq.Z, cirq.X**0.5, cirq.I]
    two = [cirq.CNOT, cirq.CZ, cirq.SWAP, cirq.ISWAP, cirq.SQRT_ISWAP]
    for _ in range(count):
        ops = []
        for _ in range(rng.integers(1, 4)):
            ops += [one[rng.integers(len(one))](q) for q in (A, B)]
            ops.append(two[rng.integers(len(two))](A, B))
        ops += [one[rng.integers(len(one))](q) for q in (A, B)]
        yield cirq.Circuit(ops).unitary(qubit_order=(A, B))


def random_unitaries(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield cirq.testing.random_unitary(4, random_state=int(rng.integers(2**31)))


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.parametrize("place", range(3), ids=GATES)
def test_a_unitary_takes_so_many_native_gates(name, place):
    gate, *numbers = TAKES[name]
    layers = native_layers(cirq.unitary(gate), GATES[place])
    assert len(layers) - 1 == numbers[place]
    assert unequal(unitary_of(layers, GATES[place]), cirq.unitary(gate)) < 1e-12


@pytest.mark.parametrize("gate", GATES)
def test_programs_do_what_they_should(gate):
    for unitary in (*random_unitaries(15, 0), *clifford_words(25, 1)):
        layers = native_layers(unitary, gate)
        assert unequal(unitary_of(layers, gate), unitary) < 1e-12
        most = {"cz": 3, "syc": 6, "sqrt_iswap": 3}[gate]
        assert len(layers) - 1 <= most


CIRQS = {
    "cz": lambda unitary: cirq.two_qubit_matrix_to_cz_operations(A, B, unitary, False),
    "sqrt_iswap": lambda unitary: cirq.two_qubit_matrix_to_sqrt_iswap_operations(
        A, B, unitary, clean_operations=True
    ),
}


@pytest.mark.parametrize("gate", CIRQS)
def test_programs_take_no_more_than_those_of_cirq(gate):
    """No more native gates each time, and no more turns altogether."""
    ours = theirs = 0
    for unitary in clifford_words(20, 2):
        layers = native_layers(unitary, gate)
        whole = cirq.merge_single_qubit_gates_to_phxz(cirq.Circuit(CIRQS[gate](unitary)))
        sizes = [len(op.qubits) for op in cirq.drop_negligible_operations(whole).all_operations()]
        assert len(layers) - 1 == sizes.count(2)
        ours += turns_left(layers)
        theirs += sizes.count(1)
    assert ours <= theirs


@pytest.mark.parametrize("gate", GATES)
def test_a_program_does_not_depend_on_rounding(gate):
    rng = np.random.default_rng(3)
    known = [cirq.unitary(row[0]) for row in TAKES.values()]
    for unitary in (*random_unitaries(8, 4), *clifford_words(16, 5), *known):
        first = native_layers(unitary, gate)
        for _ in range(2):
            again = native_layers(shifted(unitary, rng), gate)
            assert [turn_exponents(t) for pair in again for t in pair] == [
                turn_exponents(t) for pair in first for t in pair
            ]


def line_device(gate, qubits):
    line = cirq.GridQubit.rect(1, qubits)
    return Device(
        "line",
        cirq.UNCONSTRAINED_DEVICE,
        nx.Graph(pairwise(line)),
        (gate,),
        {pair: {gate: 0.01} for pair in pairwise(line)},
        dict.fromkeys(line, 0.001),
        dict.fromkeys(line, (0.01, 0.02)),
        {},
        None,
    )


def circuits():
    """A Bell measurement, Clifford and T gates, and two uses of an evolution, on a line."""
    a, b, c, d = cirq.GridQubit.rect(1, 4)
    yield cirq.Circuit(cirq.H(a), cirq.T(a), bell_basis_change([a], [b]))
    yield cirq.Circuit(
        [cirq.H(a), cirq.T(b), cirq.CNOT(a, b), cirq.S(b), cirq.SWAP(b, c), cirq.T(c)],
        [cirq.CZ(c, d), cirq.H(d), cirq.ISWAP(c, b), cirq.CNOT(b, a)],
    )
    request = bell_uses_on_chain(draw_evolutions([False], 2, 3, "public", "line", 2))
    whole = cirq.resolve_parameters(request.circuit, resolver_values(request, 0))
    gates = [op for op in whole.all_operations() if not cirq.is_measurement(op)]
    there = dict(zip(cirq.LineQubit.range(4), (b, a, c, d), strict=True))
    yield cirq.Circuit(gates).transform_qubits(there)


@pytest.mark.parametrize("gate", GATES)
def test_a_compiled_circuit_does_not_depend_on_rounding(gate):
    rng = np.random.default_rng(6)
    device = line_device(gate, 4)

    def as_matrices(circuit, move):
        return cirq.Circuit(
            cirq.MatrixGate(move(cirq.unitary(op)))(*op.qubits) for op in circuit.all_operations()
        )

    for circuit in circuits():
        plain = as_matrices(circuit, lambda unitary: unitary)
        first = compile_native(plain, (), device).circuit
        order = sorted(circuit.all_qubits())
        assert unequal(first.unitary(qubit_order=order), circuit.unitary(order)) < 3e-9
        for _ in range(3):
            moved = as_matrices(circuit, lambda unitary: shifted(unitary, rng))
            assert compile_native(moved, (), device).circuit == first
