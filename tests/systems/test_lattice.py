"""Bonds of lines and grids: every bond once, disjoint within a layer."""

from __future__ import annotations

import networkx as nx
import pytest

from quantum_advantage.systems.lattice import (
    grid_layers,
    lattice_layers,
    line_layers,
    most_square,
    repeated,
)


def test_a_line_alternates():
    assert line_layers(5) == (((0, 1), (2, 3)), ((2, 1), (4, 3)))
    assert line_layers(2) == (((0, 1),),)
    assert line_layers(1) == ()


def test_a_grid_has_four_kinds_of_bonds_in_order():
    a, b, c, d = grid_layers(3, 4)
    assert a == ((0, 1), (2, 3), (5, 4), (7, 6), (8, 9), (10, 11))
    assert b == ((0, 4), (5, 1), (2, 6), (7, 3))
    assert c == ((2, 1), (5, 6), (10, 9))
    assert d == ((8, 4), (5, 9), (10, 6), (7, 11))


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 6), (6, 1), (2, 2), (2, 5), (4, 3)])
def test_every_bond_of_a_grid_comes_once_and_bonds_of_a_layer_are_disjoint(rows, columns):
    cycle = grid_layers(rows, columns)
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, columns), ordering="sorted")
    bonds = [bond for layer in cycle for bond in layer]
    assert sorted(map(sorted, bonds)) == sorted(map(sorted, graph.edges))
    for layer in cycle:
        qubits = [qubit for bond in layer for qubit in bond]
        assert len(qubits) == len(set(qubits)) > 0
    even = {i for i in range(rows * columns) if sum(divmod(i, columns)) % 2 == 0}
    assert all(i in even and j not in even for i, j in bonds)


@pytest.mark.parametrize("n", range(1, 7))
def test_grids_of_one_row_or_one_column_are_lines(n):
    line = [set(map(frozenset, layer)) for layer in line_layers(n)]
    for shape in ((1, n), (n, 1)):
        assert [set(map(frozenset, layer)) for layer in grid_layers(*shape)] == line


@pytest.mark.parametrize(
    ("n", "shape"), [(1, (1, 1)), (7, (1, 7)), (8, (2, 4)), (9, (3, 3)), (12, (3, 4))]
)
def test_most_square_grid(n, shape):
    assert most_square(n) == shape
    assert lattice_layers("grid", n) == grid_layers(*shape)


def test_names_of_lattices():
    assert lattice_layers("line", 6) == line_layers(6)
    assert lattice_layers("grid:columns=6,rows=2", 12) == grid_layers(2, 6)
    assert lattice_layers("grid:columns=6", 12) == grid_layers(2, 6)
    assert lattice_layers("grid:rows=6", 12) == grid_layers(6, 2)


def test_layers_repeat_until_the_depth():
    one, other = line_layers(4)
    assert repeated((one, other), 3) == (one, other, one)
    # A pair has one layer of bonds, which acts every time; a single qubit has none.
    assert repeated(line_layers(2), 3) == (((0, 1),),) * 3
    assert repeated(line_layers(1), 3) == ()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: grid_layers(0, 3), "rows of a lattice must be at least 1, not 0"),
        (lambda: line_layers(0), "columns of a lattice must be at least 1, not 0"),
        (lambda: lattice_layers("line", 0), "qubits must be at least 1, not 0"),
        (lambda: lattice_layers("ring", 4), "geometry 'ring' must be line or grid"),
        (lambda: lattice_layers("grid:rows=5", 12), r"must have rows \* columns = 12 qubits"),
        (lambda: lattice_layers("grid:columns=5,rows=2", 12), r"rows \* columns = 12 qubits"),
        (lambda: lattice_layers("grid:columns=-3", 12), r"rows \* columns = 12 qubits"),
        (lambda: lattice_layers("grid:columns=24", 12), r"rows \* columns = 12 qubits"),
        (lambda: repeated(line_layers(3), -1), "depth must be at least 0, not -1"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
