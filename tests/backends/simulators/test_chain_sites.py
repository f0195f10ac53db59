"""Which qubits form a site, in which order, and what the gates between sites need."""

from __future__ import annotations

from itertools import pairwise

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.simulators.chain_sites import chain_of, sites_of
from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.circuits.request import Dial
from quantum_advantage.measurements.bell import bell_basis_change

SYC = cirq.FSimGate(np.pi / 2, np.pi / 6)
LINE = cirq.LineQubit.range(6)


def laid(circuit):
    """The names on each site, and the chain; the end with the first name comes first."""
    (placed,) = split(cirq.Circuit(circuit) + cirq.measure(*circuit.all_qubits()), ())
    sites = sites_of(placed.piece, placed.qubits)
    names = [tuple(placed.qubits[q] for q in site) for site in sites]
    return names, chain_of(placed.piece, sites, {})


def brickwork(qubits, depth, gate=SYC):
    return [
        gate(*both) for layer in range(depth) for both in list(pairwise(qubits))[layer % 2 :: 2]
    ]


def two_copies(qubits, depth, gate=SYC, interleaved=False):
    a, b = cirq.GridQubit.rect(1, qubits, 0), cirq.GridQubit.rect(1, qubits, 1)
    circuit = cirq.Circuit([cirq.H(x), cirq.CNOT(x, y)] for x, y in zip(a, b, strict=True))
    halves = brickwork(a, depth, gate), brickwork(b, depth, gate)
    steps = zip(*halves, strict=True) if interleaved else halves
    strategy = cirq.InsertStrategy.NEW if not interleaved else cirq.InsertStrategy.EARLIEST
    circuit.append(steps, strategy=strategy)
    return circuit + cirq.Circuit(bell_basis_change(a, b))


@pytest.mark.parametrize("interleaved", [False, True])
def test_pairs_of_a_bell_measurement_are_sites_and_both_copies_of_a_gate_are_one(interleaved):
    """Whether the circuit lists one evolution after the other or both at once."""
    names, chain = laid(two_copies(5, 4, interleaved=interleaved))
    assert names == [(cirq.GridQubit(0, i), cirq.GridQubit(1, i)) for i in range(5)]
    assert [gate.site for gate in chain.gates] == [0, 2, 1, 3] * 2
    assert {gate.left.shape for gate in chain.gates} == {(16, 4, 4)}
    for state in chain.states:
        np.testing.assert_allclose(np.abs(state), np.array([1, 0, 0, 1]) / np.sqrt(2), atol=1e-12)


@pytest.mark.parametrize(
    ("gate", "factor"), [(SYC, 4), (cirq.ISWAP, 4), (cirq.CZ, 2), (cirq.SWAP, 4), (cirq.CZ**2, 1)]
)
def test_the_bonds_of_two_copies_at_depth_five(gate, factor):
    """The first gate on a bond that it finds empty makes it 4 at most, every other R² fold."""
    _, chain = laid(two_copies(20, 5, gate))
    outer, inner = min(4, factor**2) * factor**4, factor**4
    ends = [min(4**k, inner if k % 2 == 0 else outer) for k in range(1, 7)]
    assert chain.bonds()[:6] == ends
    assert chain.bonds()[6:13] == [outer, inner] * 3 + [outer]
    assert chain.bonds()[13:] == ends[::-1]


def test_the_largest_bonds_of_the_sycamore_gate_are_1024_and_256():
    _, chain = laid(two_copies(20, 5))
    bulk = [1024, 256] * 5
    assert chain.bonds() == [4, 16, 64, 256, *bulk, 1024, 256, 64, 16, 4]


def test_a_gate_is_the_sum_of_its_terms():
    unitary = cirq.testing.random_unitary(4, random_state=3)
    circuit = cirq.Circuit(
        cirq.MatrixGate(unitary)(LINE[1], LINE[0]),
        cirq.S(LINE[1]),
        cirq.CNOT(LINE[1], LINE[2]),
    )
    names, chain = laid(circuit)
    assert names == [(LINE[0],), (LINE[1], LINE[2])]
    (gate,) = chain.gates
    matrix = np.einsum("rij,rkl->ikjl", gate.left, gate.right).reshape(8, 8)
    np.testing.assert_allclose(matrix, circuit.unitary(LINE[:3]), atol=1e-12)
    assert gate.left.shape[0] == 4


def test_what_acts_before_the_first_gate_on_two_sites_is_in_the_state_of_its_site():
    circuit = cirq.Circuit(
        cirq.H(LINE[1]), cirq.T(LINE[1]), cirq.CZ(*LINE[:2]), cirq.CZ(*LINE[1:3])
    )
    names, chain = laid(circuit + cirq.CZ(*LINE[2:4]))
    assert names == [(LINE[0],), (LINE[1],), (LINE[2], LINE[3])]
    np.testing.assert_allclose(chain.states[1], np.array([1, np.exp(1j * np.pi / 4)]) / np.sqrt(2))
    assert [gate.site for gate in chain.gates] == [0, 1]


def test_sites_stand_in_the_order_of_their_couplings():
    order = [LINE[k] for k in (3, 0, 5, 1, 4, 2)]
    names, chain = laid(cirq.Circuit(cirq.CZ(*both) for both in [*pairwise(order)] * 2))
    assert names == [(LINE[2], LINE[4]), (LINE[1],), (LINE[5],), (LINE[0],), (LINE[3],)]
    assert chain.bonds() == [4, 4, 4, 2]


def test_qubits_that_meet_too_many_neighbours_are_named():
    star = cirq.Circuit(cirq.CZ(LINE[4], q) for q in LINE[:4])
    with pytest.raises(ValueError, match=r"more than two neighbours: q\(3\), q\(4\)$"):
        laid(star + cirq.Circuit(cirq.CZ(LINE[0], LINE[5])))


def test_two_rows_without_a_bell_measurement_are_refused():
    a, b = LINE[:3], LINE[3:]
    rows = cirq.Circuit([cirq.CNOT(x, y) for x, y in zip(a, b, strict=True)])
    rows += cirq.Circuit(brickwork(a, 3), brickwork(b, 3))
    with pytest.raises(ValueError, match="open chain"):
        laid(rows)


def test_a_ring_is_refused():
    ring = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 1)]
    circuit = cirq.Circuit(cirq.CZ(LINE[i], LINE[j]) for i, j in ring)
    with pytest.raises(
        ValueError, match=r"in a ring: q\(0\), q\(1\), q\(2\), q\(3\), q\(4\), q\(5\)"
    ):
        laid(circuit)


def test_a_gate_on_three_sites_is_refused_and_one_within_two_is_not():
    circuit = cirq.Circuit(cirq.CCX(*LINE[:3]))
    with pytest.raises(
        ValueError, match=r"gate TOFFOLI acts on q\(0\), q\(1\), q\(2\), which lie on"
    ):
        laid(circuit)
    names, chain = laid(circuit + cirq.Circuit(cirq.CZ(*LINE[1:3])))
    assert names == [(LINE[0],), (LINE[1], LINE[2])]
    assert chain.gates[0].left.shape[0] == 2


def test_symbols_take_the_values_that_are_given():
    circuit = cirq.Circuit(cirq.CZ(*LINE[:2]) ** sympy.Symbol("t"), cirq.CZ(*LINE[1:3]))
    (placed,) = split(circuit, (Dial("power", ("t",), ((0.0,), (1.0,))),))
    sites = sites_of(placed.piece, placed.qubits)
    (symbol,) = placed.piece.dials[0].symbols
    chains = [chain_of(placed.piece, sites, {symbol: value}) for value in (0.0, 1e-6, 1.0)]
    assert [chain.bonds() for chain in chains] == [[1], [2], [2]]
