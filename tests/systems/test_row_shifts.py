"""Shifts of rows: what they make neighbours, and that no schedule takes fewer swaps."""

import heapq
from itertools import pairwise, product

import pytest

from quantum_advantage.systems.lattice import grid_layers, repeated
from quantum_advantage.systems.row_shifts import row_shifts, swaps


def layers_of(rows, columns, depth):
    return repeated(grid_layers(rows, columns), depth)


def neighbours(site, other):
    return sum(abs(a - b) for a, b in zip(site, other, strict=True)) == 1


def site_of(qubit, use, positions, columns):
    """The site of a system (use 0) or a memory (use 1), its pair's system on the given one."""
    row, column = divmod(qubit, columns)
    return 2 * row + abs(use - positions[qubit]), column


def allowed(layer, use, positions, columns):
    return all(
        neighbours(*(site_of(qubit, use, positions, columns) for qubit in bond)) for bond in layer
    )


@pytest.mark.parametrize(
    ("rows", "columns"), [(1, 5), (2, 2), (2, 6), (3, 1), (3, 4), (4, 4), (5, 3)]
)
@pytest.mark.parametrize("depth", [1, 5, 12])
def test_bonds_of_both_uses_lie_between_neighbouring_sites(rows, columns, depth):
    layers = layers_of(rows, columns, depth)
    shifts = row_shifts(layers, rows, columns)
    assert len(shifts) == 2 * depth
    for number, shift in enumerate(shifts):
        positions = [shift[qubit // columns] for qubit in range(rows * columns)]
        use, layer = divmod(number, depth)
        assert allowed(layers[layer], use, positions, columns)


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        (1, 6, 0),
        *((2, columns, 2 * columns) for columns in (2, 3, 4, 6)),
        (3, 3, 12),
        (3, 4, 16),
        (4, 4, 24),
    ],
)
def test_swaps_of_the_layers_abcda(rows, columns, expected):
    shifts = row_shifts(layers_of(rows, columns, 5), rows, columns)
    assert swaps(shifts, columns) == expected


def fewest_swaps(layers, rows, columns, interleaved=False):
    """The fewest swaps, by a search through all positions of all pairs, each by itself."""
    depth, pairs = len(layers), rows * columns
    queue = [(0, 0, 0, positions) for positions in product((0, 1), repeat=pairs)]
    done = set()
    while queue:
        spent, first, second, positions = heapq.heappop(queue)
        if (first, second) == (depth, depth):
            return spent
        if (first, second, positions) in done:
            continue
        done.add((first, second, positions))
        if first < depth and allowed(layers[first], 0, positions, columns):
            heapq.heappush(queue, (spent, first + 1, second, positions))
        turn = second < depth and (first == depth or interleaved)
        if turn and allowed(layers[second], 1, positions, columns):
            heapq.heappush(queue, (spent, first, second + 1, positions))
        for pair in range(pairs):
            moved = (*positions[:pair], 1 - positions[pair], *positions[pair + 1 :])
            heapq.heappush(queue, (spent + 1, first, second, moved))
    raise AssertionError("no schedule")


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (2, 3), (3, 1), (3, 2), (4, 1), (5, 1)])
@pytest.mark.parametrize("depth", [3, 5, 6])
def test_no_positions_of_single_pairs_take_fewer_swaps(rows, columns, depth):
    layers = layers_of(rows, columns, depth)
    assert swaps(row_shifts(layers, rows, columns), columns) == fewest_swaps(layers, rows, columns)


@pytest.mark.parametrize(("rows", "depth"), [(2, 9), (3, 4), (3, 9), (4, 4), (4, 9)])
def test_interleaved_uses_save_no_swap_up_to_four_rows(rows, depth):
    """One column stands for all: without columns the layers are B and D alone."""
    layers = layers_of(rows, 1, depth)
    spent = swaps(row_shifts(layers, rows, 1), 1)
    assert spent == fewest_swaps(layers, rows, 1, interleaved=True)


def test_interleaved_uses_save_swaps_in_five_rows():
    layers = layers_of(5, 1, 3)
    assert swaps(row_shifts(layers, 5, 1), 1) > fewest_swaps(layers, 5, 1, interleaved=True)


def test_rows_are_swapped_when_a_layer_needs_it_and_not_before():
    layers = layers_of(4, 3, 12)
    for (one, other), layer in zip(
        pairwise(row_shifts(layers, 4, 3)), (layers * 2)[1:], strict=True
    ):
        bound = {qubit // 3 for bond in layer for qubit in bond if abs(bond[0] - bond[1]) == 3}
        assert {row for row in range(4) if one[row] != other[row]} <= bound
