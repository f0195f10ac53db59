"""Types and ranges of values that come from files. Standard library alone.

Every function returns the given value, or raises a ``ValueError`` that says what was expected. The
caller adds the name of the file.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from quantum_advantage.core.naming import parse

# The longest text that a file may hold in one field.
MOST_LETTERS = 4000
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}\Z")
# Names may hold what the grammar needs, and nothing that separates folders, lines or cells twice.
_NAME = re.compile(r"[A-Za-z0-9_:=,.+\-]+\Z")


def whole(value: Any, name: str, least: int, most: int) -> int:
    """Returns a whole number of a range; ``True`` and 3.0 are refused.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> whole(3, "times", 1, 10)
        3
        >>> whole(3.0, "times", 1, 10)
        Traceback (most recent call last):
        ValueError: times must be a whole number from 1 to 10, not 3.0

    Args:
        value: The value.
        name: What it is, for messages.
        least: The smallest that will do.
        most: The largest that will do.
    """
    if type(value) is not int or not least <= value <= most:
        raise ValueError(
            f"{name} must be a whole number from {least} to {most}, not {shown(value)}"
        )
    return value


def number(value: Any, name: str, least: float, most: float) -> float:
    """Returns a number of a finite range, as a float.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> number(1, "alpha", 0, 1)
        1.0
    """
    if type(value) not in (int, float) or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least:g} to {most:g}, not {shown(value)}")
    return float(value)


def text(value: Any, name: str, pattern: str | None = None) -> str:
    """Returns a text of one line, of at most 4000 characters.

    Args:
        value: The value.
        name: What it is.
        pattern: A regular expression that all of it must match.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> text("2026-01-31", "date", "[0-9-]+")
        '2026-01-31'
    """
    fits = isinstance(value, str) and len(value) <= MOST_LETTERS and value.isprintable()
    if not fits or (pattern is not None and not re.fullmatch(pattern, value)):
        expected = f"a text like {pattern}" if pattern else "a text of one line"
        raise ValueError(f"{name} must be {expected}, not {shown(value)}")
    return str(value)


def choice(value: Any, name: str, *known: str) -> str:
    """Returns one of the known texts.

    Raises:
        ValueError: If it is another value.

    Example:
        >>> choice("two", "game", "one", "two")
        'two'
    """
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, not {shown(value)}")
    return value


def word(value: Any, name: str) -> str:
    """Returns a word: a letter, then letters, digits and ``_``; it may be part of a file's name.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> word("my_chip", "name")
        'my_chip'
    """
    if not isinstance(value, str) or not _WORD.match(value):
        raise ValueError(
            f"{name} must be a word of letters, digits and _ that begins with a letter, not "
            f"{shown(value)}"
        )
    return value


def full_name(value: Any, name: str) -> str:
    """Returns a name in the grammar ``name:key=value,key=value`` with sorted keys.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> full_name("observables:alpha=0.9,game=two", "task")
        'observables:alpha=0.9,game=two'
    """
    if not isinstance(value, str) or len(value) > MOST_LETTERS or not _NAME.match(value):
        raise ValueError(f"{name} must read name:key=value,key=value, not {shown(value)}")
    keys = list(parse(value)[1])
    found = [part.partition("=")[0] for part in value.partition(":")[2].split(",") if part]
    if found != keys:
        raise ValueError(f"{name} {shown(value)} must have its options in the order of their keys")
    word(value.partition(":")[0], name)
    return value


def moment(value: Any, name: str) -> datetime:
    """Returns a moment of UTC, to the microsecond, as :func:`moment_text` writes it.

    Raises:
        ValueError: If it is anything else.

    Example:
        >>> moment("2026-01-31T12:00:00.000000+00:00", "begun").year
        2026
    """
    written = text(value, name, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except ValueError:
        raise ValueError(f"{name} must be a moment of UTC, not {shown(value)}") from None


def moment_text(value: datetime) -> str:
    """Returns a moment of UTC as text.

    Example:
        >>> moment_text(datetime(2026, 1, 31, 12, tzinfo=UTC))
        '2026-01-31T12:00:00.000000+00:00'
    """
    return value.isoformat(timespec="microseconds")


def shown(value: Any) -> str:
    """Returns a value in some 60 characters of one line.

    Example:
        >>> shown("a" * 100) == repr("a" * 57 + "..."), shown([1, 2])
        (True, 'list')
    """
    if isinstance(value, str):
        return ascii(value if len(value) <= 60 else f"{value[:57]}...")
    if isinstance(value, int | float | None):
        found = repr(value)
        return found if len(found) <= 60 else f"{found[:57]}..."
    return type(value).__name__
