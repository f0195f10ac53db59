"""Depolarising noise on every qubit of a copy, as Pauli errors that dials choose.

The channel (1 - λ) ρ + λ I/2 is I with probability 1 - 3λ/4, else X, Y or Z with λ/4 each (the
four together turn every state into I/2). An error drawn anew for every copy is such a channel. A
circuit whose errors are dials stays pure, so its simulation keeps the short cuts of pure circuits.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial

_PAULIS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))  # powers of X, then of Z


def error_dials(qubits: int, label: str) -> tuple[Dial, ...]:
    """Returns one dial for each qubit with positions for I, X, Y, Z.

    Args:
        qubits: The number of qubits.
        label: Tells the symbols apart from those of other circuits.

    Example:
        >>> (dial,) = error_dials(1, "memory")
        >>> dial.symbols, dial.positions  # powers of X and of Z
        (('ex0_memory', 'ez0_memory'), ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    """
    return tuple(
        Dial(f"error{i}_{label}", (f"ex{i}_{label}", f"ez{i}_{label}"), _PAULIS)
        for i in range(qubits)
    )


def error_moments(qubits: Sequence[cirq.Qid], label: str) -> list[cirq.Moment]:
    """Returns the gates that the dials set: X to a power, then Z to a power on every qubit.

    Args:
        qubits: The qubits.
        label: That of the dials; see :func:`error_dials`.

    Example:
        >>> print(cirq.Circuit(error_moments(cirq.LineQubit.range(1), "")))
        0: ───X^ex0_───Z^ez0_───
    """
    return list(_error_moments(tuple(qubits), label))


@functools.lru_cache(maxsize=64)
def _error_moments(qubits: tuple[cirq.Qid, ...], label: str) -> tuple[cirq.Moment, ...]:
    symbols = [[sympy.Symbol(s) for s in d.symbols] for d in error_dials(len(qubits), label)]
    return tuple(
        cirq.Moment((gate ** s[power])(q) for s, q in zip(symbols, qubits, strict=True))
        for gate, power in ((cirq.X, 0), (cirq.Z, 1))
    )


def draw_errors(
    qubits: int, copies: int, depolarize: float, rng: np.random.Generator
) -> list[npt.NDArray[np.uint8]]:
    """Draws the dial positions of fresh copies.

    Args:
        qubits: The number of qubits.
        copies: The number of copies.
        depolarize: λ of the channel.
        rng: The source of randomness.

    Returns:
        For each qubit (copies,) positions.

    Example:
        >>> (errors,) = draw_errors(1, 10_000, depolarize=0.4, rng=np.random.default_rng(0))
        >>> (np.bincount(errors) / 10_000).round(1).tolist()  # I, X, Y, Z
        [0.7, 0.1, 0.1, 0.1]
    """
    chances = np.cumsum([1 - 3 * depolarize / 4] + 2 * [depolarize / 4])
    errors = rng.random((qubits, copies))
    return list(np.searchsorted(chances, errors, side="right").astype(np.uint8))
