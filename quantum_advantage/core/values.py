"""Reads the arguments of Python calls: whole numbers, numbers, seeds, texts; one line if wrong.

Counts may be floats that are whole, such as ``1e3``, as on the command line; truth values never
count as numbers.
"""

from __future__ import annotations

import operator
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError

# Above it floats skip whole numbers.
_LARGEST_EXACT = 2.0**53


def whole_number(name: str, value: object, least: int = 0, most: int | None = None) -> int:
    """Reads a whole number.

    Args:
        name: What the argument is called.
        value: An int, an integer of NumPy, or a float that is whole.
        least: The smallest that will do.
        most: The largest that will do, or None.

    Returns:
        It as a Python int.

    Raises:
        UsageError: If it is no whole number or out of range.

    Example:
        >>> whole_number("shots", 1e3)
        1000
        >>> whole_number("shots", 0, least=1)
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: shots must be at least 1, not 0
    """
    number = None if isinstance(value, (bool, np.bool_)) else _as_int(value)
    if number is None:
        raise UsageError(f"{name} must be a whole number, not {_shown(value)}")
    if number < least:
        raise UsageError(f"{name} must be at least {least}, not {number}")
    if most is not None and number > most:
        raise UsageError(f"{name} must be at most {most}, not {number}")
    return number


def _as_int(value: object) -> int | None:
    """Returns the whole number that a value is, or None."""
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return int(number) if abs(number) < _LARGEST_EXACT and number.is_integer() else None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def open_interval(name: str, value: object, low: float, high: float) -> float:
    """Reads a number that lies strictly between two others.

    Args:
        name: What the argument is called.
        value: A real number.
        low: Below it.
        high: Above it.

    Raises:
        UsageError: If it is no number or lies elsewhere.

    Example:
        >>> open_interval("target", 0.7, 0.5, 1)
        0.7
    """
    number = np.nan if isinstance(value, (bool, np.bool_)) else _as_float(value)
    if not low < number < high:
        raise UsageError(
            f"{name} must lie strictly between {low:g} and {high:g}, not {_shown(value)}"
        )
    return number


def _as_float(value: object) -> float:
    return float(value) if isinstance(value, Real) else np.nan


def real_number(name: str, value: object, least: float = 0) -> float:
    """Reads a finite number.

    Args:
        name: What the argument is called.
        value: A real number.
        least: The smallest that will do.

    Raises:
        UsageError: If it is no number, infinite or smaller.

    Example:
        >>> real_number("copies", np.int64(3))
        3.0
    """
    number = np.nan if isinstance(value, (bool, np.bool_)) else _as_float(value)
    if not least <= number < np.inf:
        raise UsageError(f"{name} must be a number, at least {least:g}, not {_shown(value)}")
    return number


def seed_of(value: object) -> int | np.random.Generator | np.random.SeedSequence:
    """Reads a seed.

    Args:
        value: A whole number that is not negative, or a generator or a seed sequence of NumPy.

    Raises:
        UsageError: If it is anything else. None is refused: its draws could not be repeated.

    Example:
        >>> seed_of(2022)
        2022
    """
    if isinstance(value, (np.random.Generator, np.random.SeedSequence)):
        return value
    number = None if isinstance(value, (bool, np.bool_)) else _as_int(value)
    if number is None or number < 0:
        raise UsageError(
            "seed must be a whole number, at least 0, or a numpy.random.Generator, not "
            f"{_shown(value)}"
        )
    return number


def root_of(value: object) -> int:
    """Reads a seed that is part of a result's name.

    Args:
        value: As for :func:`seed_of`; a generator or a seed sequence draws a whole number.

    Raises:
        UsageError: If it is anything else.

    Example:
        >>> root_of(2022), root_of(np.random.default_rng(1)) == root_of(np.random.default_rng(1))
        (2022, True)
    """
    seed = seed_of(value)
    return seed if isinstance(seed, int) else int(np.random.default_rng(seed).integers(2**63))


def text_of(name: str, value: object) -> str:
    """Reads a text.

    Args:
        name: What the argument is called.
        value: A ``str``.

    Raises:
        UsageError: If it is not a ``str``.

    Example:
        >>> text_of("task", "observables")
        'observables'
    """
    if not isinstance(value, str):
        raise UsageError(f"{name} must be a text, not {_shown(value)}")
    return value


def plain_array(name: str, value: object) -> npt.NDArray[Any]:
    """Reads an array.

    Args:
        name: What the argument is called.
        value: An array, or rows of one length.

    Raises:
        UsageError: If the rows have different lengths, or a value is masked: a mask would be lost.

    Example:
        >>> plain_array("bases", [[0, 1], [2, 2]]).shape
        (2, 2)
    """
    if np.ma.is_masked(value):
        raise UsageError(f"{name} must have no masked values; leave them out")
    try:
        return np.asarray(value)
    except ValueError:
        raise UsageError(f"{name} must be an array, all rows of one length") from None


def kind_of(thing: object) -> str:
    """Returns the full name of the class of an object.

    Example:
        >>> kind_of(np.zeros(1)), kind_of(1)
        ('numpy.ndarray', 'int')
    """
    return kind_name(type(thing))


def kind_name(kind: type) -> str:
    """Returns the full name of a class, without the module of Python's own types.

    Example:
        >>> kind_name(np.ndarray), kind_name(int)
        ('numpy.ndarray', 'int')
    """
    place = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{place}{kind.__qualname__}"


def _shown(value: object) -> str:
    """Shows a value in one short line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
