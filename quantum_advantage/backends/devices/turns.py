"""Turns of one qubit as matrices, and their exponents as gates."""

from __future__ import annotations

import cmath
import math

import numpy as np

from quantum_advantage.backends.devices.interaction import SAME, Matrix, Pair

# Exponents of one-qubit gates are whole multiples of it, so that rounding does not show.
GRID = 2.0**-32


def turn_x(angle: float) -> Matrix:
    """Returns the turn by an angle about x, exp(-i angle X/2), (2, 2).

    Example:
        >>> import cirq
        >>> bool(np.allclose(turn_x(math.pi), -1j * cirq.unitary(cirq.X)))
        True
    """
    cos, sin = math.cos(angle / 2), -1j * math.sin(angle / 2)
    return np.array([[cos, sin], [sin, cos]])


def turn_y(angle: float) -> Matrix:
    """Returns the turn by an angle about y, exp(-i angle Y/2), (2, 2).

    Example:
        >>> import cirq
        >>> bool(np.allclose(turn_y(math.pi), -1j * cirq.unitary(cirq.Y)))
        True
    """
    cos, sin = math.cos(angle / 2), math.sin(angle / 2)
    return np.array([[cos, -sin], [sin, cos]], dtype=np.complex128)


def turn_z(angle: float) -> Matrix:
    """Returns the turn by an angle about z, exp(-i angle Z/2), (2, 2).

    Example:
        >>> import cirq
        >>> bool(np.allclose(turn_z(math.pi), -1j * cirq.unitary(cirq.Z)))
        True
    """
    phase = cmath.exp(0.5j * angle)
    return np.array([[phase.conjugate(), 0], [0, phase]])


def turn_equator(x: float, a: float) -> Matrix:
    """Returns the turn by π x about the axis of the equator at the angle π a from x, (2, 2).

    Example:
        >>> import cirq
        >>> bool(np.allclose(turn_equator(1, 0.5), -1j * cirq.unitary(cirq.Y)))
        True
    """
    cos, sin = math.cos(math.pi * x / 2), -1j * math.sin(math.pi * x / 2)
    phase = cmath.exp(1j * math.pi * a)
    return np.array([[cos, sin / phase], [sin * phase, cos]])


def turn_exponents(turn: Matrix) -> tuple[float, float, float]:
    """Returns (x, z, a) of the PhasedXZ gate of a matrix, on a grid that hides rounding.

    The gate is Z^z Z^a X^x Z^-a up to a phase. All are multiples of ``GRID``, x lies in [0, 1], z
    and a in (-1, 1]; a is 0 where x is 0, and z is 0 where x is 1.

    Args:
        turn: (2, 2), unitary.

    Returns:
        The exponents, in units of half turns.

    Example:
        >>> import cirq
        >>> turn_exponents(cirq.unitary(cirq.X**0.5))
        (0.5, 0.0, 0.0)
    """
    (one, two), (three, four) = turn.tolist()
    x = 2 / math.pi * math.atan2(abs(three), abs(one))
    if x < SAME:
        return 0.0, _exponent(four / one), 0.0
    if x > 1 - SAME:
        return 1.0, 0.0, _exponent(three / two) / 2
    return round(x / GRID) * GRID, _exponent(four / one), _exponent(-1j * one / two)


def _exponent(phase: complex) -> float:
    """Returns the phase over π in (-1, 1], on the grid; what is close to -1 is 1."""
    exponent = round(cmath.phase(phase) / math.pi / GRID) * GRID
    return 1.0 if exponent < SAME - 1 else exponent


def pair_product(left: Pair, right: Pair) -> Pair:
    """Returns the product of the turns of each qubit; those on the right come first.

    Example:
        >>> quarter = turn_z(math.pi / 2)
        >>> pair = pair_product((quarter, quarter), (quarter, quarter))
        >>> bool(np.allclose(pair[0], turn_z(math.pi)))
        True
    """
    return left[0] @ right[0], left[1] @ right[1]


def inverse_pair(pair: Pair) -> Pair:
    """Returns the inverse turn of each qubit.

    Example:
        >>> pair = turn_x(0.3), turn_z(0.4)
        >>> bool(np.allclose(pair_product(inverse_pair(pair), pair), np.eye(2)))
        True
    """
    return pair[0].conj().T, pair[1].conj().T
