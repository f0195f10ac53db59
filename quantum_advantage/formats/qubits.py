"""Qubits as JSON: a closed list of six types, in the form that Cirq itself writes.

Files are not passed to Cirq's own reader, some of whose types evaluate text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cirq

from quantum_advantage.core.fields import shown, text, whole
from quantum_advantage.core.usage import UsageError

# The largest number of qubits of a record.
MOST_QUBITS = 2**16
_FAR = 2**31
_LARGEST_DIMENSION = 2**16


def _place(value: Any, name: str) -> int:
    return whole(value, name, -_FAR, _FAR)


def _levels(value: Any, name: str) -> int:
    return whole(value, name, 1, _LARGEST_DIMENSION)


_KINDS: dict[str, tuple[type[cirq.Qid], dict[str, Callable[[Any, str], Any]]]] = {
    "LineQubit": (cirq.LineQubit, {"x": _place}),
    "GridQubit": (cirq.GridQubit, {"row": _place, "col": _place}),
    "NamedQubit": (cirq.NamedQubit, {"name": text}),
    "LineQid": (cirq.LineQid, {"x": _place, "dimension": _levels}),
    "GridQid": (cirq.GridQid, {"row": _place, "col": _place, "dimension": _levels}),
    "NamedQid": (cirq.NamedQid, {"name": text, "dimension": _levels}),
}
_NAMES = {kind: name for name, (kind, _) in _KINDS.items()}


def qubits_to_json(qubits: Sequence[cirq.Qid]) -> list[dict[str, Any]]:
    """Returns qubits as values for JSON.

    Raises:
        UsageError: If a qubit is of another type, its values are out of range, or it comes twice.

    Example:
        >>> qubits_to_json([cirq.q(0), cirq.q(2, 3)])
        [{'cirq_type': 'LineQubit', 'x': 0}, {'cirq_type': 'GridQubit', 'row': 2, 'col': 3}]
    """
    found = []
    for qubit in qubits:
        name = _NAMES.get(type(qubit))
        if name is None:
            raise UsageError(
                f"qubits must be of the types {', '.join(_KINDS)} to be saved, not "
                f"{type(qubit).__name__}; rename them"
            )
        values = {key: getattr(qubit, key) for key in _KINDS[name][1]}
        found.append({"cirq_type": name, **values})
    try:
        qubits_from_json(found)
    except ValueError as error:
        raise UsageError(f"{error}; rename them") from None
    return found


def qubits_from_json(values: Any) -> tuple[cirq.Qid, ...]:
    """Returns the qubits that :func:`qubits_to_json` has written.

    Raises:
        ValueError: If it is anything else, or a qubit comes twice.

    Example:
        >>> qubits_from_json(qubits_to_json([cirq.q(2, 3), cirq.q("ancilla")]))
        (cirq.GridQubit(2, 3), cirq.NamedQubit('ancilla'))
    """
    if not isinstance(values, list) or not 1 <= len(values) <= MOST_QUBITS:
        raise ValueError(f"qubits must be a list of 1 to {MOST_QUBITS} qubits")
    qubits = tuple(_qubit(value) for value in values)
    if len(set(qubits)) != len(qubits):
        raise ValueError("qubits must all be different")
    return qubits


def _qubit(value: Any) -> cirq.Qid:
    name = value.get("cirq_type") if isinstance(value, dict) else None
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(f"qubits must be of the types {', '.join(_KINDS)}, not {shown(name)}")
    make, readers = kind
    if set(value) != {"cirq_type", *readers}:
        raise ValueError(f"a {name} must have {', '.join(readers)}")
    return make(**{key: read(value[key], key) for key, read in readers.items()})
