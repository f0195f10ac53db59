"""Qubits as people give them: one or several, of Cirq or by number."""

from __future__ import annotations

from collections.abc import Sequence

import cirq
import numpy as np

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of


def listed(value: object) -> list[object]:
    """Returns one thing as a list of it, and a sequence or an array as a list.

    Example:
        >>> listed(3), listed((3, 4)), listed("XX")
        ([3], [3, 4], ['XX'])
    """
    several = isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes)
    return list(value) if several else [value]  # type: ignore[call-overload]


def qubits_of(name: str, value: object) -> list[cirq.Qid]:
    """Reads qubits; a number stands for the line qubit of that number.

    Args:
        name: What the argument is called.
        value: A qubit or a number, or a sequence of them.

    Raises:
        UsageError: If something among them is neither, one is there twice, or there are none.

    Example:
        >>> qubits_of("memory", [2, cirq.q(3)])
        [cirq.LineQubit(2), cirq.LineQubit(3)]
    """
    found: list[cirq.Qid] = []
    for one in listed(value):
        if isinstance(one, int | np.integer) and not isinstance(one, bool):
            found.append(cirq.LineQubit(int(one)))
        elif isinstance(one, cirq.Qid) and one.dimension == 2:
            found.append(one)
        else:
            raise UsageError(f"{name} must be qubits or their numbers, not a {kind_of(one)}")
    if not found:
        raise UsageError(f"{name} must be at least one qubit")
    if len(set(found)) < len(found):
        twice = next(one for place, one in enumerate(found) if one in found[:place])
        raise UsageError(f"{name} must be different qubits, but {twice} is there twice")
    return found
