"""Checks of the estimators' arguments: kinds of records, alphabets, parts of the qubits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import plain_array

Octets = npt.NDArray[np.uint8]
# A part of the qubits: qubits or positions, one or several, or a mask, or all of them.
Several = Sequence[cirq.Qid] | Sequence[int] | npt.NDArray[np.bool_] | npt.NDArray[np.integer]
Part = cirq.Qid | int | Several | None


def check_record(record: object, kind: type | tuple[type, ...]) -> None:
    """Checks the kind of a record.

    Raises:
        UsageError: If it is of another kind; the message names both.

    Example:
        >>> from quantum_advantage.measurements.records import BellRecord
        >>> try:
        ...     check_record("bell.npz", BellRecord)
        ... except ValueError as error:
        ...     print(error)
        record must be a BellRecord, not 'bell.npz'
    """
    if not isinstance(record, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        names = " or ".join(k.__name__ for k in kinds)
        raise UsageError(f"record must be a {names}, not {_short(record)}")


def check_qubits(name: str, qubits: int, most: int) -> None:
    """Refuses more qubits than an estimator can hold.

    Args:
        name: What has the qubits.
        qubits: How many it has.
        most: How many it may have.

    Raises:
        UsageError: If there are more.

    Example:
        >>> check_qubits("record", 14, 14)
    """
    if qubits > most:
        raise UsageError(f"{name} must have at most {most} qubits, not {qubits}")


def check_some(shots: int) -> None:
    """Refuses a record without shots.

    Args:
        shots: How many shots, or bases, the record holds.

    Raises:
        UsageError: If there are none.

    Example:
        >>> try:
        ...     check_some(0)
        ... except ValueError as error:
        ...     print(error)
        record must hold at least one shot, not 0
    """
    if not shots:
        raise UsageError("record must hold at least one shot, not 0")


def _short(value: object) -> str:
    """Describes a value in a few words."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"a {type(value).__name__}"


def codes(
    name: str, values: npt.ArrayLike, axes: tuple[str, ...], names: tuple[str, ...]
) -> Octets:
    """Reads an array of small codes, all of them checked.

    Args:
        name: What the array is called in a message.
        values: The array; whole numbers, bools, or floating-point numbers that are whole.
        axes: The names of its axes.
        names: What the codes 0, 1, ... stand for; empty texts for codes that speak for themselves.

    Returns:
        The array as octets, of the same shape.

    Raises:
        UsageError: If the array has other axes, or holds anything else than the codes.

    Example:
        >>> codes("letters", [[0, 3]], ("shots", "qubits"), ("I", "X", "Y", "Z")).tolist()
        [[0, 3]]
    """
    array = _numbers(name, values)
    if array.ndim != len(axes) or not array.shape[-1]:
        raise UsageError(f"{name} must have shape ({', '.join(axes)}), not {array.shape}")
    if array.dtype.kind in "bui" and 0 <= array.min(initial=0) <= array.max(initial=0) < len(names):
        return array.astype(np.uint8)
    wrong = ~np.isin(array, np.arange(len(names)))
    if wrong.any():
        words = [f"{k} ({text})" if text else str(k) for k, text in enumerate(names)]
        said = ", ".join(words[:-1]) + f" or {words[-1]}"
        raise UsageError(f"{name} must be {said}, not {array[wrong][0]}")
    return array.astype(np.uint8)


def bits(name: str, values: npt.ArrayLike, axes: tuple[str, ...]) -> Octets:
    """Reads an array of bits, exactly 0 or 1 (or bools), of any shape; see :func:`codes`.

    Raises:
        UsageError: If the array has other axes, or holds anything else.

    Example:
        >>> bits("bits", [[0, 1], [1, 1]], ("shots", "qubits")).tolist()
        [[0, 1], [1, 1]]
    """
    return codes(name, values, axes, ("", ""))


def bases(name: str, values: npt.ArrayLike, axes: tuple[str, ...]) -> Octets:
    """Reads an array of bases, exactly 0, 1 or 2 for X, Y, Z, of any shape; see :func:`codes`.

    Raises:
        UsageError: If the array has other axes, or holds anything else.

    Example:
        >>> bases("bases", [[0, 2]], ("shots", "qubits")).tolist()
        [[0, 2]]
    """
    if np.asarray(values).dtype == np.bool_:
        raise UsageError(f"{name} must be 0 (X), 1 (Y) or 2 (Z), not bools")
    return codes(name, values, axes, ("X", "Y", "Z"))


def whole_numbers(name: str, values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Reads an array of whole numbers of any width and shape, no bools.

    Raises:
        UsageError: If the array holds anything else.

    Example:
        >>> whole_numbers("prefixes", [1, 2, 4]).tolist()
        [1, 2, 4]
    """
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise UsageError(f"{name} must be whole numbers, not {array.dtype}")
    return array


def _numbers(name: str, values: npt.ArrayLike) -> npt.NDArray[Any]:
    array = plain_array(name, values)
    if array.dtype.kind not in "biuf":
        raise UsageError(f"{name} must be an array of numbers, not of {array.dtype}")
    return array


def places(
    part: Part, size: int, qubits: Sequence[cirq.Qid] | None, *, name: str = "qubits"
) -> list[int]:
    """Reads a part of the qubits of a record.

    Args:
        part: Qubits, or their positions among the record's qubits, from 0, one or several; or a
            mask, one bool for each qubit. None stands for all.
        size: The number n of qubits.
        qubits: (n,) the record's qubits, None if it does not hold them.
        name: What the part is called in a message.

    Returns:
        The positions, in the order given, of a mask in increasing order.

    Raises:
        UsageError: If it is anything else, mixed, or names a qubit twice or an unknown one.

    Example:
        >>> a, b, c = cirq.LineQubit.range(3)
        >>> places([c, a], 3, [a, b, c]), places([True, False, True], 3, None), places(b, 3, [a, b])
        ([2, 0], [0, 2], [1])
    """
    if part is None:
        return list(range(size))
    if isinstance(part, np.ndarray) and not part.ndim:
        part = part.item()
    alone = isinstance(part, cirq.Qid | int | np.integer) and not isinstance(part, bool)
    if not alone and (isinstance(part, str | bytes) or not hasattr(part, "__iter__")):
        raise UsageError(f"{name} must be qubits or positions, not {_short(part)}")
    listed: list[Any] = [part] if alone else list(cast("Several", part))
    if listed and all(isinstance(x, bool | np.bool_) for x in listed):
        if len(listed) != size:
            raise UsageError(f"{name} as a mask must have {size} bools, not {len(listed)}")
        return [i for i, chosen in enumerate(listed) if chosen]
    if all(isinstance(x, cirq.Qid) for x in listed):
        found = _places_of_qubits(listed, size, qubits, name)
    else:
        found = [_position(x, size, name) for x in listed]
    if len(set(found)) != len(found):
        twice = next(x for i, x in enumerate(listed) if found[i] in found[:i])
        raise UsageError(f"{name} must be different ones, but {twice} comes twice")
    return found


def _position(value: object, size: int, name: str) -> int:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise UsageError(
            f"{name} must be all qubits, all positions or all bools, but hold {_short(value)}"
        )
    if not 0 <= value < size:
        raise UsageError(f"qubit {value} is not among the record's 0 to {size - 1}")
    return int(value)


def _places_of_qubits(
    chosen: Sequence[cirq.Qid], size: int, qubits: Sequence[cirq.Qid] | None, name: str
) -> list[int]:
    if not chosen:
        return []
    if qubits is None:
        raise UsageError(
            f"{name} must be positions from 0 to {size - 1}: the record does not hold its qubits"
        )
    order = {qubit: i for i, qubit in enumerate(qubits)}
    for qubit in chosen:
        if qubit not in order:
            known = ", ".join(map(str, qubits[:8])) + (", ..." if size > 8 else "")
            raise UsageError(f"qubit {qubit} is not among the record's {known}")
    return [order[qubit] for qubit in chosen]
