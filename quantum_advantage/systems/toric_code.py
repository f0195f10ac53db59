"""The toric code: qubits on the edges of a square lattice on a torus, and one of its states.

Source: Kitaev, Annals of Physics 303, 2 (2003). A torus of L x L vertices has n = 2L² edges. Its
ground states have the value 1 of every star, X on the four edges at a vertex, and of every
plaquette, Z around a face. Two values more choose one state of four: here those of Z along the two
loops around the torus, both 1.

The circuit makes the stars one after another (derived here). Every star but the last has an edge
that no earlier star touched, still in |0⟩: a Hadamard gate there and CNOT to the other three edges
of the star turn any state ψ of the other qubits into (I + A)/√2 |0⟩ψ, with A the star. All together
that is the product of (I + A)/√2 on |0…0⟩. It has the value 1 of all these stars, of the last one,
their product, and of all products of Z that commute with the stars, as |0…0⟩ has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cirq

from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.lattice import Bond


def torus_side(qubits: int) -> int:
    """Returns the side L of the torus with that many edges.

    Args:
        qubits: The number n = 2L² of qubits.

    Raises:
        UsageError: If there is no such torus, or L is less than 2.

    Example:
        >>> torus_side(200)
        10
    """
    side = math.isqrt(qubits // 2) if qubits > 0 else 0
    if side < 2 or 2 * side**2 != qubits:
        raise UsageError(f"qubits must be 2L² of an L x L torus: 8, 18, 32, 50, …, not {qubits}")
    return side


def _across(side: int, x: int, y: int) -> int:
    """Returns the edge from vertex (x, y) to (x + 1, y)."""
    return (y % side) * side + x % side


def _up(side: int, x: int, y: int) -> int:
    """Returns the edge from vertex (x, y) to (x, y + 1)."""
    return side**2 + _across(side, x, y)


def stars(side: int) -> list[tuple[int, int, int, int]]:
    """Returns the edges at every vertex, the vertices column by column.

    Args:
        side: L.

    Example:
        >>> len(stars(3)), stars(3)[0]
        (9, (0, 2, 9, 15))
    """
    return [
        (_across(side, x, y), _across(side, x - 1, y), _up(side, x, y), _up(side, x, y - 1))
        for x in range(side)
        for y in range(side)
    ]


def plaquettes(side: int) -> list[tuple[int, int, int, int]]:
    """Returns the edges around every face, the faces column by column.

    Args:
        side: L.

    Example:
        >>> len(plaquettes(3)), plaquettes(3)[0]
        (9, (0, 3, 9, 10))
    """
    return [
        (_across(side, x, y), _across(side, x, y + 1), _up(side, x, y), _up(side, x + 1, y))
        for x in range(side)
        for y in range(side)
    ]


def torus_bonds(qubits: int) -> tuple[Bond, ...]:
    """Returns the nearest neighbours on the torus: an edge and one that it meets at a right angle.

    The edge across comes first; every edge has four neighbours. On the torus of side 2 an edge has
    only two, each of them twice.

    Args:
        qubits: The number n = 2L² of qubits.

    Raises:
        UsageError: If there is no such torus.

    Example:
        >>> bonds = torus_bonds(18)
        >>> len(bonds), bonds[:4]
        (36, ((0, 9), (0, 15), (0, 10), (0, 16)))
    """
    side = torus_side(qubits)
    bonds = [
        (_across(side, x, y), _up(side, x + right, y - down))
        for y in range(side)
        for x in range(side)
        for right in (0, 1)
        for down in (0, 1)
    ]
    return tuple(dict.fromkeys(bonds))


def toric_code_circuit(qubits: Sequence[cirq.Qid]) -> cirq.Circuit:
    """Returns a circuit that prepares the state of the toric code with both loops of Z at 1.

    Args:
        qubits: The n = 2L² qubits.

    Raises:
        UsageError: If there is no such torus.

    Example:
        >>> import numpy as np
        >>> line = cirq.LineQubit.range(8)
        >>> vector = toric_code_circuit(line).final_state_vector()
        >>> star = cirq.DensePauliString("XXIIXIXI").on(*line)  # at vertex (0, 0) of 2 x 2
        >>> bool(np.isclose(star.expectation_from_state_vector(vector, {q: q.x for q in line}), 1))
        True
    """
    side = torus_side(len(qubits))
    circuit = cirq.Circuit()
    for number, star in enumerate(stars(side)[:-1]):
        # The edge to the right; in the last column, where it is not new, the edge up.
        new = star[0] if number // side < side - 1 else star[2]
        circuit.append(cirq.H(qubits[new]))
        circuit.append(cirq.CNOT(qubits[new], qubits[edge]) for edge in star if edge != new)
    return circuit
