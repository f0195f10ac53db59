"""The couplings around a pair of sites, in the pair's own frame.

All pairs of one shape, as all nearest neighbours of a grid, are seen alike: the midpoint of the
pair is the origin, and the pair lies in one canonical direction. Those symmetries of the square
that bring it there are its *images*, four for pairs along an axis or a diagonal, two for others.
A coupling outside the grid is 0, which is just what an open boundary is, so that pairs in the bulk
and at the edge, and those of grids of other sizes, have the same features.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.lattice import grid_bonds

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Pair = tuple[int, int]
Shape = tuple[int, int]

# The largest distance of a coupling that is looked at, from the pair, in lattice spacings.
REACH = 4
# The eight symmetries of the square, as matrices.
_SQUARE = np.array(
    [
        flips * np.eye(2, dtype=np.int64)[list(order)]
        for order in ((0, 1), (1, 0))
        for flips in (np.array([[a], [b]]) for a, b in itertools.product((1, -1), repeat=2))
    ]
)


@dataclass(frozen=True)
class Grid:
    """A rectangular grid of sites with one coupling for each bond, open at its boundary.

    Attributes:
        rows: Its rows.
        columns: Its columns; site r * columns + c stands in row r and column c.

    Example:
        >>> grid = Grid(2, 3)
        >>> grid.sites, grid.bonds[:2], grid.shape_of((0, 5))
        (6, ((0, 3), (0, 1)), (2, 1))
    """

    rows: int
    columns: int

    def __post_init__(self) -> None:
        grid_bonds(self.rows, self.columns)

    @property
    def sites(self) -> int:
        """The number n of sites."""
        return self.rows * self.columns

    @property
    def bonds(self) -> tuple[Pair, ...]:
        """The bonds, in the order of the couplings."""
        return grid_bonds(self.rows, self.columns)

    def place(self, site: int) -> Pair:
        """Returns the row and the column of a site."""
        return divmod(site, self.columns)

    def shape_of(self, pair: Pair) -> Shape:
        """Returns the distances of two sites along the two axes, the longer one first.

        Raises:
            UsageError: If the sites are not two different ones of the grid.
        """
        if len(set(pair)) != 2 or not all(0 <= site < self.sites for site in pair):
            raise UsageError(f"pair must be two different sites below {self.sites}, not {pair}")
        (a, b), (c, d) = map(self.place, pair)
        short, long = sorted((abs(a - c), abs(b - d)))
        return long, short

    def pairs(self, shape: Shape) -> tuple[Pair, ...]:
        """Returns all pairs of a shape; of (1, 0) the bonds, in their order.

        Example:
            >>> Grid(2, 3).pairs((2, 1))
            ((0, 5), (2, 3))
        """
        if shape == (1, 0):
            return self.bonds
        pairs = itertools.combinations(range(self.sites), 2)
        return tuple(pair for pair in pairs if self.shape_of(pair) == shape)

    def check_couplings(self, couplings: npt.ArrayLike) -> Floats:
        """Returns couplings of several systems, (systems, bonds).

        Raises:
            UsageError: If they have another shape or are not finite.
        """
        values = np.asarray(couplings, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != len(self.bonds):
            raise UsageError(
                f"parameters must have shape (systems, {len(self.bonds)}), one coupling for each "
                f"bond of {self.rows} x {self.columns} sites, not {values.shape}"
            )
        if not np.isfinite(values).all():
            raise UsageError("parameters must be finite numbers")
        return values


@dataclass(frozen=True, eq=False)
class Frames:
    """Which coupling stands where around the pairs of one shape.

    Attributes:
        places: (pairs, images, offsets) numbers of couplings; that of no coupling is their number.
        distances: (offsets,) distances from the pair along the grid, in lattice spacings.

    Example:
        The four bonds of a square: each has a parallel one, and two at its ends.

        >>> frames = pair_frames(Grid(2, 2), Grid(2, 2).bonds, reach=1)
        >>> couplings = np.array([[1.0, 2.0, 3.0, 4.0]])  # left, top, right, bottom
        >>> seen = frames.of(couplings)
        >>> seen.shape[:3], seen[0, 1, :, frames.distances == 0].tolist()
        ((1, 4, 4), [[2.0, 2.0, 2.0, 2.0]])
    """

    places: Integers
    distances: Floats

    def of(self, couplings: Floats) -> Floats:
        """Returns the features, (systems, pairs, images, offsets).

        Args:
            couplings: (systems, bonds) couplings.
        """
        return np.pad(couplings, ((0, 0), (0, 1)))[:, self.places]


def _distance(offset: Integers, shape: Shape) -> float:
    """Returns how far a point lies from the rectangle that the pair spans; all coordinates x 2."""
    beyond = np.maximum(np.abs(offset) - np.array(shape), 0)
    return float(beyond.sum()) / 2


def pair_frames(grid: Grid, pairs: tuple[Pair, ...], reach: float = REACH) -> Frames:
    """Returns the frames of pairs of one shape.

    Args:
        grid: The grid.
        pairs: The pairs.
        reach: The largest distance of a coupling that is looked at.

    Raises:
        UsageError: If there is no pair, or they are of different shapes.
    """
    shapes = {grid.shape_of(pair) for pair in pairs}
    if len(shapes) != 1:
        raise UsageError(f"pairs must be of one shape, not of {sorted(shapes)}")
    (shape,) = shapes
    sites = np.array([grid.place(site) for site in range(grid.sites)])
    # Twice the midpoints are whole numbers.
    bonds = {tuple((sites[a] + sites[b]).tolist()): k for k, (a, b) in enumerate(grid.bonds)}
    across, along = (2 * int(reach) + side for side in (shape[1], shape[0]))
    every = np.array(list(itertools.product(range(-along, along + 1), range(-across, across + 1))))
    # The midpoint of a bond has an odd sum of coordinates.
    odd = (every.sum(axis=1) + sum(shape)) % 2 == 1
    far = np.array([_distance(offset, shape) for offset in every])
    offsets, distances = every[odd & (far <= reach)], far[odd & (far <= reach)]
    places = [
        [
            [bonds.get(tuple(place), len(bonds)) for place in (middle + offsets @ image).tolist()]
            for image in _SQUARE
            if tuple(np.abs(image @ step)) == shape and _same_line(image @ step, shape)
        ]
        for middle, step in ((sites[a] + sites[b], sites[b] - sites[a]) for a, b in pairs)
    ]
    return Frames(np.array(places), distances)


def _same_line(step: Integers, shape: Shape) -> bool:
    """Tells whether a step goes along the canonical one, to or fro."""
    return bool(np.array_equal(step, shape) or np.array_equal(-step, shape))
