"""Frozen dataclasses as plain values for JSON, and back by their annotations, nothing guessed.

Fields are texts of one line, whole and finite numbers, truth values, literals, tuples, lists,
arrays of whole numbers, and other such dataclasses; any of them may be absent, as None.
"""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from quantum_advantage.core.fields import choice, number, shown, text


def to_plain(value: Any) -> Any:
    """Returns a value as JSON can hold it.

    Raises:
        TypeError: If it is none of the kinds above.

    Example:
        >>> to_plain((np.array([1, 2]), 0.5, None))
        [[1, 2], 0.5, None]
    """
    if is_dataclass(value):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    if not isinstance(value, str | int | float | None):
        raise TypeError(f"a {type(value).__name__} is no plain value")
    return value


def from_plain(kind: Any, value: Any, name: str = "value") -> Any:
    """Returns the value that :func:`to_plain` made plain.

    Args:
        kind: Its type, as an annotation says it.
        value: The plain value.
        name: What it is called in a message.

    Raises:
        ValueError: If it is none of that type. A dataclass with a method ``check`` checks itself.

    Example:
        >>> from_plain(tuple[int, ...], [1, 2])
        (1, 2)
        >>> from_plain(float | None, "1", "copies")
        Traceback (most recent call last):
        ValueError: copies must be a number from -1.79769e+308 to 1.79769e+308, not '1'
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _dataclass(kind, value, name)
    if origin is Literal:
        return choice(value, name, *arguments)
    if origin is UnionType:
        (other,) = (one for one in arguments if one is not NoneType)
        return None if value is None else from_plain(other, value, name)
    if origin in (tuple, list):
        return origin(from_plain(arguments[0], one, name) for one in _list(value, name))
    if origin is np.ndarray:
        return _whole_numbers(value, name)
    if kind is float:
        return number(value, name, -sys.float_info.max, sys.float_info.max)
    if kind is str:
        return text(value, name)
    if type(value) is not kind:
        raise ValueError(f"{name} must be of type {kind.__name__}, not {shown(value)}")
    return value


def _dataclass(kind: Any, value: Any, name: str) -> Any:
    names = [f.name for f in fields(kind)]
    if not isinstance(value, dict) or sorted(value) != sorted(names):
        raise ValueError(f"{name} must be a {kind.__name__} of {', '.join(names)}")
    hints = get_type_hints(kind)
    made = kind(**{part: from_plain(hints[part], value[part], part) for part in names})
    if hasattr(made, "check"):
        made.check()
    return made


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{name} must be a list, not {shown(value)}")
    return value


def _whole_numbers(value: Any, name: str) -> np.ndarray:
    rows = _list(value, name)
    flat = [one for row in rows for one in (row if isinstance(row, list) else [row])]
    if not flat or not all(type(one) is int and abs(one) < 2**63 for one in flat):
        raise ValueError(f"{name} must be whole numbers, in rows of one length")
    try:
        return np.array(rows, dtype=np.int64)
    except ValueError:
        raise ValueError(f"{name} must be whole numbers, in rows of one length") from None
