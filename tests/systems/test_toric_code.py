import cirq
import numpy as np
import pytest
import stim
import stimcirq

from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.toric_code import (
    plaquettes,
    stars,
    toric_code_circuit,
    torus_bonds,
    torus_side,
)


def loops(side):
    """Returns the edges of the two loops of Z around the torus."""
    return [list(range(side)), [side**2 + side * y for y in range(side)]]


@pytest.mark.parametrize("side", [2, 3, 5])
def test_circuit_prepares_all_stars_plaquettes_and_loops_at_one(side):
    n = 2 * side**2
    line = cirq.LineQubit.range(n)
    simulator = stim.TableauSimulator()
    circuit = cirq.Circuit(cirq.I.on_each(*line)) + toric_code_circuit(line)
    simulator.do_circuit(stimcirq.cirq_circuit_to_stim_circuit(circuit))
    strings = [("X", edges) for edges in stars(side)]
    strings += [("Z", edges) for edges in [*plaquettes(side), *loops(side)]]
    for letter, edges in strings:
        string = stim.PauliString(n)
        for edge in edges:
            string[edge] = letter
        assert simulator.peek_observable_expectation(string) == 1
    generators = np.zeros((len(strings), 2 * n), dtype=int)
    for row, (letter, edges) in zip(generators, strings, strict=True):
        row[[edge + n * (letter == "Z") for edge in edges]] = 1
    # n independent ones: two products are the identity.
    assert rank_over_two(generators) == n


def rank_over_two(rows):
    numbers = [int("".join(map(str, row)), 2) for row in rows.tolist()]
    rank = 0
    while numbers:
        pivot = numbers.pop()
        if pivot:
            rank += 1
            low = pivot & -pivot
            numbers = [number ^ pivot if number & low else number for number in numbers]
    return rank


def test_every_edge_has_four_neighbours_that_share_a_star_and_a_plaquette():
    side = 4
    bonds = torus_bonds(32)
    assert len(bonds) == 64
    assert np.bincount(np.ravel(bonds)).tolist() == [4] * 32
    for bond in bonds:
        assert any(set(bond) <= set(edges) for edges in stars(side))
        assert any(set(bond) <= set(edges) for edges in plaquettes(side))


@pytest.mark.parametrize("qubits", [-2, 0, 1, 2, 7, 9, 201])
def test_what_is_no_torus_is_refused(qubits):
    with pytest.raises(UsageError, match="qubits must be 2L² of an L x L torus"):
        torus_side(qubits)
