"""The unitaries of a gate at many values of its symbols, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.systems.brickwork import phased_xz

# Gates whose square is the identity: their powers have a closed form.
_INVOLUTIONS: tuple[type[cirq.EigenGate], ...] = (
    cirq.XPowGate,
    cirq.YPowGate,
    cirq.ZPowGate,
    cirq.HPowGate,
    cirq.CZPowGate,
    cirq.CXPowGate,
    cirq.SwapPowGate,
)


def is_always_unitary(gate: cirq.Gate) -> bool:
    """Tells whether the kind of a gate alone says that it is unitary, whatever its symbols.

    Example:
        >>> is_always_unitary(cirq.X ** sympy.Symbol("s")), is_always_unitary(cirq.bit_flip(0.1))
        (True, False)
    """
    return isinstance(gate, (cirq.EigenGate, cirq.PhasedXZGate))


def unitaries(
    gate: cirq.Gate, values: Mapping[str, npt.NDArray[np.float64]]
) -> npt.NDArray[np.complex128]:
    """Returns the unitaries of a gate for all rows.

    Args:
        gate: A gate that is unitary whatever its symbols.
        values: For each symbol its value in every row, (rows,), or (1,) if it is always the same.

    Returns:
        (d, d, rows) matrices, or (d, d, 1) if all are equal.

    Example:
        >>> turns = unitaries(cirq.X ** sympy.Symbol("s"), {"s": np.array([0.0, 1.0])})
        >>> turns[..., 1].real.round(6).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    if not cirq.is_parameterized(gate):
        return cirq.unitary(gate)[..., None]
    if isinstance(gate, cirq.PhasedXZGate):
        powers = (gate.x_exponent, gate.z_exponent, gate.axis_phase_exponent)
        found = [known for power in powers if (known := _evaluated(power, values)) is not None]
        if len(found) == len(powers):
            return phased_xz(*np.broadcast_arrays(*found))
    for kind in _INVOLUTIONS:
        if isinstance(gate, kind):
            power = _evaluated(gate.exponent, values)
            if power is not None:
                return _powers(cirq.unitary(kind()), power, gate.global_shift)
    return _one_for_each_kind(gate, values)


def _evaluated(
    power: Any, values: Mapping[str, npt.NDArray[np.float64]]
) -> npt.NDArray[np.float64] | None:
    """Returns an exponent in all rows; None for one that is not linear in its symbols."""
    if isinstance(power, sympy.Symbol):
        return values[power.name]
    if not isinstance(power, sympy.Expr):
        return np.array([float(power)])
    # Inverse gates have negatives and sums of symbols.
    found = np.zeros(1)
    for term, factor in power.as_coefficients_dict().items():
        if term != 1 and not isinstance(term, sympy.Symbol):
            return None
        found = found + float(factor) * (1.0 if term == 1 else values[term.name])
    return found


def _powers(
    matrix: npt.NDArray[np.complex128], power: npt.NDArray[np.float64], shift: float
) -> npt.NDArray[np.complex128]:
    """Returns e^{iπts} (½ (1 + e^{iπt}) I + ½ (1 - e^{iπt}) G) for G² = I and all powers t."""
    turn, phase = np.exp(1j * np.pi * power), np.exp(1j * np.pi * shift * power)
    identity = np.eye(matrix.shape[0])[..., None]
    return phase * ((1 + turn) / 2 * identity + (1 - turn) / 2 * matrix[..., None])


def _one_for_each_kind(
    gate: cirq.Gate, values: Mapping[str, npt.NDArray[np.float64]]
) -> npt.NDArray[np.complex128]:
    names = sorted(cirq.parameter_names(gate))
    table = np.stack(np.broadcast_arrays(*(values[name] for name in names)), axis=1)
    kinds, places = np.unique(table, axis=0, return_inverse=True)
    found = [
        cirq.unitary(cirq.resolve_parameters(gate, dict(zip(names, row, strict=True))))
        for row in kinds.tolist()
    ]
    return np.stack(found, axis=-1)[..., places.ravel()]
