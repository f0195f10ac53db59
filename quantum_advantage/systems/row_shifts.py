"""Two uses of an evolution on a grid of pairs, with the couplers of a square lattice alone.

A qubit inside a grid has four neighbours of its own kind, so on a square lattice no site is left
for its memory. The layout here (derived here; the paper does not publish its own): n pairs, each a
system and a memory qubit, of a grid of R × C stand in a block of 2R × C sites. The pair in row r
and column c has sites 2r and 2r + 1 of column c. Its system stands on one of them, its memory on
the other; the *shift* s_r of row r, which all its columns share, is 0 where the systems stand on
the upper sites, 2r, and 1 where they stand on the lower ones. Then

- neighbours along a row are always coupled, systems and memories alike;
- systems of rows r and r + 1 are coupled exactly if s_r = 1 and s_{r+1} = 0;
- memories of rows r and r + 1 are coupled exactly if s_r = 0 and s_{r+1} = 1.

A shift is changed by swapping every pair of its row. The first use of U acts on the systems, the
second on the memories, where these stand: no swap of all pairs lies between the two. For R = 2 this
is the block of rows memory, system, system, memory, and n swaps between the uses. For R = 1 it is
two rows side by side, without swaps.

Theorem. With the second use behind the first, :func:`row_shifts` takes the fewest swaps, even if
every pair may be swapped by itself, whatever its row does.

Proof (derived here). A layer of vertical bonds demands a shift of every pair that has a bond in it,
layers along rows demand none but equality of both pairs of a bond. Between two demands of one pair
that differ it is swapped at least once. The layers of :func:`.lattice.grid_layers` have vertical
bonds in all columns of a row or in none, so that pairs of one row have equal demands; swapping the
whole row just before a demand that differs from the last one swaps no pair more often than that. ∎

The layers of the two uses may also be interleaved. An exhaustive search finds that this saves no
swap in two to four rows, at all depths that were tried (to 32); in five rows it does from depth 6
on, 13 swaps of a row in place of 17.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from quantum_advantage.systems.lattice import Layer, Layers

# For each row 0 or 1: on which of their two sites its systems stand.
Shift = tuple[int, ...]


def row_shifts(layers: Layers, rows: int, columns: int) -> tuple[Shift, ...]:
    """Returns the shifts of all rows during the layers of two uses of an evolution.

    Args:
        layers: The layers of bonds of U on a grid, as :func:`.lattice.grid_layers` has them.
        rows: The rows R of the grid.
        columns: Its columns C.

    Returns:
        The shifts of the R rows in each layer of the first use, then in each layer of the second.

    Example:
        A grid of 3 × 2 at depth 4: horizontal, rows 0-1, rows 1-2 and, of the next cycle, again
        horizontal bonds.

        >>> from quantum_advantage.systems.lattice import grid_layers, repeated
        >>> layers = repeated(grid_layers(3, 2), 4)
        >>> shifts = row_shifts(layers, 3, 2)
        >>> shifts[:4]  # the middle row is swapped, so that it meets the last one
        ((1, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 0))
        >>> shifts[4:]
        ((1, 1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1))
        >>> swaps(shifts, columns=2)
        8
    """
    demands = [demand for use in (0, 1) for demand in _demands(layers, columns, use)]
    shift = [next((d[row] for d in demands if row in d), 0) for row in range(rows)]
    shifts = []
    for demand in demands:
        for row, position in demand.items():
            shift[row] = position
        shifts.append(tuple(shift))
    return tuple(shifts)


def swaps(shifts: Sequence[Shift], columns: int) -> int:
    """Returns how many pairs are swapped in all.

    Args:
        shifts: The shifts of the rows, layer by layer.
        columns: The pairs in a row.

    Example:
        >>> swaps([(1, 0), (1, 0), (0, 1)], columns=3)
        6
    """
    changed = sum(
        a != b for one, other in pairwise(shifts) for a, b in zip(one, other, strict=True)
    )
    return columns * changed


def _demands(layers: Layers, columns: int, use: int) -> Iterator[dict[int, int]]:
    """Yields for each layer the rows that must have a shift, and which, in use 0 or 1."""
    for layer in layers:
        demand: dict[int, int] = {}
        for row in _bonds_below(layer, columns):
            demand |= {row: 1 - use, row + 1: use}
        yield demand


def _bonds_below(layer: Layer, columns: int) -> set[int]:
    """Returns the rows whose qubits have a bond with those of the next row."""
    rows = [sorted(qubit // columns for qubit in bond) for bond in layer]
    return {first for first, second in rows if first != second}
