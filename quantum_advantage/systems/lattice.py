"""Which qubits are coupled, and when: the bonds of a line or a rectangular grid, layer by layer.

A layer is a tuple of disjoint bonds, which act at the same time; a cycle of layers is repeated
until a circuit is deep enough. Of the two qubits of a bond the one on the even sublattice comes
first, which distinguishes the two sides of a gate that is not symmetric.
"""

from __future__ import annotations

import math

from quantum_advantage.core.naming import read_options
from quantum_advantage.core.usage import UsageError

Bond = tuple[int, int]
Layer = tuple[Bond, ...]
Layers = tuple[Layer, ...]


def line_layers(qubits: int) -> Layers:
    """Returns the bonds of a line, in a cycle of two layers.

    First the bonds that begin at qubits 0, 2, 4, …, then those that begin at 1, 3, 5, …; a layer
    without bonds is left out, so that it does not count as depth.

    Args:
        qubits: The number n of qubits, numbered along the line.

    Raises:
        UsageError: If there is no qubit.

    Example:
        >>> line_layers(5)
        (((0, 1), (2, 3)), ((2, 1), (4, 3)))
    """
    return grid_layers(1, qubits)


def grid_layers(rows: int, columns: int) -> Layers:
    """Returns the bonds of a rectangular grid, in a cycle of four layers, each bond once.

    In this order: A, the horizontal bonds that begin at an even column; B, the vertical bonds that
    begin at an even row; C, the horizontal bonds that begin at an odd column; D, the vertical bonds
    that begin at an odd row. A layer without bonds is left out, so a grid of one row is a line.

    Args:
        rows: Its rows.
        columns: Its columns; qubit r * columns + c stands in row r and column c.

    Raises:
        UsageError: If there is no row or no column.

    Example:
        >>> grid_layers(2, 3)  # qubits 0, 1, 2 above 3, 4, 5
        (((0, 1), (4, 3)), ((0, 3), (4, 1), (2, 5)), ((2, 1), (4, 5)))
    """
    for name, value in (("rows", rows), ("columns", columns)):
        if value < 1:
            raise UsageError(f"{name} of a lattice must be at least 1, not {value}")
    cycle = []
    for start in (0, 1):
        across = [((r, c), (r, c + 1)) for r in range(rows) for c in range(start, columns - 1, 2)]
        down = [((r, c), (r + 1, c)) for r in range(start, rows - 1, 2) for c in range(columns)]
        cycle += [across, down]
    return tuple(
        tuple(_bond(one, other, columns) for one, other in layer) for layer in cycle if layer
    )


def _bond(one: tuple[int, int], other: tuple[int, int], columns: int) -> Bond:
    """Numbers the sites of a bond, the one with an even sum of row and column first."""
    first, second = sorted((one, other), key=lambda site: sum(site) % 2)
    return first[0] * columns + first[1], second[0] * columns + second[1]


def grid_bonds(rows: int, columns: int) -> Layer:
    """Returns the bonds of a rectangular grid in the order of their first site.

    Of every site first the bond to the site below, then the one to the right. It is the order of
    the couplings in the data of Huang et al., arXiv 2106.12627.

    Args:
        rows: Its rows.
        columns: Its columns; site r * columns + c stands in row r and column c.

    Raises:
        UsageError: If there is no row or no column.

    Example:
        >>> grid_bonds(2, 3)  # sites 0, 1, 2 above 3, 4, 5
        ((0, 3), (0, 1), (1, 4), (1, 2), (2, 5), (3, 4), (4, 5))
    """
    bonds = {(min(bond), max(bond)) for layer in grid_layers(rows, columns) for bond in layer}
    return tuple(sorted(bonds, key=lambda bond: (bond[0], -bond[1])))


def most_square(qubits: int) -> tuple[int, int]:
    """Returns the rows and columns of the most square grid of n qubits, rows ≤ columns.

    Args:
        qubits: The number n of qubits, at least 1.

    Example:
        >>> most_square(12), most_square(7)
        ((3, 4), (1, 7))
    """
    rows = max(r for r in range(1, math.isqrt(qubits) + 1) if qubits % r == 0)
    return rows, qubits // rows


def lattice_layers(geometry: str, qubits: int) -> Layers:
    """Returns the cycle of layers of a lattice from its name; see :func:`lattice_shape`.

    Args:
        geometry: ``line``, ``grid`` (the most square one), or ``grid:columns=4,rows=3``; one of
            the two numbers is enough.
        qubits: The number n of qubits.

    Raises:
        UsageError: If the name is unknown or the grid does not have n qubits.

    Example:
        >>> lattice_layers("line", 4) == line_layers(4)
        True
        >>> lattice_layers("grid:rows=2", 6) == grid_layers(2, 3)
        True
    """
    return grid_layers(*lattice_shape(geometry, qubits))


def lattice_shape(geometry: str, qubits: int) -> tuple[int, int]:
    """Returns the rows and columns of a lattice from its name; a line has one row.

    Args:
        geometry: As in :func:`lattice_layers`.
        qubits: The number n of qubits.

    Raises:
        UsageError: If the name is unknown or the grid does not have n qubits.

    Example:
        >>> lattice_shape("line", 6), lattice_shape("grid", 6), lattice_shape("grid:rows=3", 6)
        ((1, 6), (2, 3), (3, 2))
    """
    if qubits < 1:
        raise UsageError(f"qubits must be at least 1, not {qubits}")
    if geometry == "line":
        return 1, qubits
    rows, columns = read_geometry(geometry)
    if not rows and not columns:
        return most_square(qubits)
    rows = rows or qubits // max(columns, 1)
    columns = columns or qubits // max(rows, 1)
    if rows < 1 or columns < 1 or rows * columns != qubits:
        raise UsageError(f"geometry {geometry!r} must have rows * columns = {qubits} qubits")
    return rows, columns


def read_geometry(geometry: str) -> tuple[int, int]:
    """Returns the rows and columns that a geometry names, 0 where it leaves them open.

    Args:
        geometry: As in :func:`lattice_layers`.

    Raises:
        UsageError: If the name is unknown.

    Example:
        >>> read_geometry("grid:rows=3"), read_geometry("line")
        ((3, 0), (1, 0))
    """
    if geometry == "line":
        return 1, 0
    name, options = read_options(geometry, {"rows": 0, "columns": 0})
    if name != "grid":
        raise UsageError(f"geometry {geometry!r} must be line or grid, as in grid:columns=4,rows=3")
    return int(options["rows"]), int(options["columns"])


def repeated(cycle: Layers, depth: int) -> Layers:
    """Repeats a cycle of layers up to a depth; returns no layer if the cycle has no bonds.

    Args:
        cycle: The layers of one cycle.
        depth: The number of layers.

    Raises:
        UsageError: If the depth is negative.

    Example:
        >>> repeated(line_layers(3), 3)
        (((0, 1),), ((2, 1),), ((0, 1),))
    """
    if depth < 0:
        raise UsageError(f"depth must be at least 0, not {depth}")
    return tuple(cycle[k % len(cycle)] for k in range(depth)) if cycle else ()
