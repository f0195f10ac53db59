import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.generalising.frames import Grid, pair_frames

SHAPES = [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (4, 0)]


def moved(grid, site, turn):
    """The site after a symmetry of the grid: upside down, left for right, or both."""
    row, column = grid.place(site)
    row, column = (
        grid.rows - 1 - row if turn[0] else row,
        grid.columns - 1 - column if turn[1] else column,
    )
    return row * grid.columns + column


@pytest.mark.parametrize("shape", SHAPES)
def test_pairs_that_a_symmetry_of_the_grid_exchanges_have_the_same_images(shape):
    grid = Grid(4, 5)
    couplings = np.random.default_rng(1).uniform(0, 2, (1, len(grid.bonds)))
    pairs = grid.pairs(shape)
    seen = pair_frames(grid, pairs).of(couplings)[0]
    for turn in ((0, 1), (1, 0), (1, 1)):
        turned = np.empty_like(couplings)
        for k, bond in enumerate(grid.bonds):
            image = tuple(sorted(moved(grid, site, turn) for site in bond))
            turned[0, grid.bonds.index(image)] = couplings[0, k]
        images = [tuple(sorted(moved(grid, site, turn) for site in pair)) for pair in pairs]
        places = [pairs.index(image) for image in images]
        others = pair_frames(grid, pairs).of(turned)[0, places]
        for one, other in zip(seen, others, strict=True):
            assert sorted(map(tuple, one)) == sorted(map(tuple, other))


def test_the_axes_of_a_square_grid_are_equal():
    grid = Grid(3, 3)
    couplings = np.random.default_rng(2).uniform(0, 2, (1, len(grid.bonds)))
    turned = np.empty_like(couplings)
    swap = [3 * (site % 3) + site // 3 for site in range(9)]
    for k, (a, b) in enumerate(grid.bonds):
        turned[0, grid.bonds.index(tuple(sorted((swap[a], swap[b]))))] = couplings[0, k]
    one = pair_frames(grid, ((0, 1),)).of(couplings)[0, 0]
    other = pair_frames(grid, ((0, 3),)).of(turned)[0, 0]
    assert sorted(map(tuple, one)) == sorted(map(tuple, other))


def test_grids_of_all_sizes_have_the_same_features_and_the_outside_is_nought():
    small, large = Grid(2, 3), Grid(6, 5)
    frames = [pair_frames(grid, grid.bonds) for grid in (small, large)]
    assert np.array_equal(frames[0].distances, frames[1].distances)
    # A pair in the middle of zeros, but for the couplings of the small grid.
    couplings = np.random.default_rng(3).uniform(0, 2, (1, len(small.bonds)))
    inside = np.zeros((1, len(large.bonds)))
    for k, bond in enumerate(small.bonds):
        a, b = (5 * (row + 2) + column + 1 for row, column in map(small.place, bond))
        inside[0, large.bonds.index((a, b))] = couplings[0, k]
    pair = small.bonds.index((0, 1)), large.bonds.index((11, 12))
    one, other = frames[0].of(couplings)[0, pair[0]], frames[1].of(inside)[0, pair[1]]
    assert np.array_equal(one, other)


def test_every_shape_counts_its_pairs_once():
    grid = Grid(4, 5)
    shapes = {grid.shape_of((a, b)) for a in range(20) for b in range(a)}
    assert sum(len(grid.pairs(shape)) for shape in shapes) == 190


def test_mistakes_are_one_line():
    with pytest.raises(UsageError, match="pair must be two different sites below 6, not"):
        Grid(2, 3).shape_of((1, 6))
    with pytest.raises(UsageError, match=r"pairs must be of one shape, not of \[\(1, 0\), \(1, 1"):
        pair_frames(Grid(2, 3), ((0, 1), (0, 4)))
    with pytest.raises(UsageError, match="rows of a lattice must be at least 1"):
        Grid(0, 3)
    with pytest.raises(UsageError, match=r"shape \(systems, 7\).* not \(2, 6\)"):
        Grid(2, 3).check_couplings(np.ones((2, 6)))
    with pytest.raises(UsageError, match="finite"):
        Grid(1, 2).check_couplings([[np.nan]])
