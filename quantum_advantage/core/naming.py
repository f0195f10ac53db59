"""The one grammar of names: ``name`` or ``name:key=value,key=value`` with sorted keys.

Tasks, protocols and backends are all named so, on the command line, in specs and in files. This
module imports the standard library alone, so that a command line can be checked in milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from quantum_advantage.core.usage import UsageError, did_you_mean

_WHOLE = re.compile(r"-?[0-9]{1,30}\Z")
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z")
# Whole numbers of 64 bits.
_LARGEST = 2**63
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Splits ``name:key=value,...`` into the name and its options, keys sorted.

    Args:
        text: The name, for example ``observables:alpha=0.9,game=two``.

    Returns:
        The name before the colon and a dictionary of its options as text.

    Raises:
        UsageError: If the text does not follow the grammar or an option comes twice.

    Example:
        >>> parse("observables:game=two,alpha=0.9")
        ('observables', {'alpha': '0.9', 'game': 'two'})
    """
    name, colon, rest = text.partition(":")
    if not _WORD.match(name):
        raise UsageError(f"name {text!r} must begin with a word, as in name:key=value")
    options: dict[str, str] = {}
    for part in rest.split(",") if colon else ():
        key, equals, value = part.partition("=")
        if not (equals and value and _WORD.match(key)):
            raise UsageError(f"{part!r} in {text!r} must read key=value")
        if key in options:
            raise UsageError(f"option {key!r} comes twice in {text!r}")
        options[key] = value
    return name, dict(sorted(options.items()))


def canonical(name: str, options: Mapping[str, object]) -> str:
    """Joins a name and its options into the one spelling used in files and identities.

    Example:
        >>> canonical("observables", {"game": "two", "alpha": 0.9})
        'observables:alpha=0.9,game=two'
    """
    if not options:
        return name
    return f"{name}:" + ",".join(f"{key}={options[key]}" for key in sorted(options))


def read_options(
    text: str, defaults: Mapping[str, float | int | str]
) -> tuple[str, dict[str, float | int | str]]:
    """Parses a name whose options are known, each read in the type of its default.

    Args:
        text: The name to read.
        defaults: The options that may be given, with the values they have if they are not.

    Returns:
        The bare name and a value for every option of ``defaults``.

    Raises:
        UsageError: If an option is unknown or its value is not of the type of its default.

    Example:
        >>> read_options("observables:alpha=0.5", {"alpha": 0.9, "game": "two"})
        ('observables', {'alpha': 0.5, 'game': 'two'})
    """
    name, given = parse(text)
    values = dict(defaults)
    for key, value in given.items():
        if key not in defaults:
            known = ", ".join(defaults) or "none"
            raise UsageError(f"unknown option {key!r} in {text!r}; {name} takes: {known}")
        values[key] = _read_value(key, value, defaults[key], text)
    return name, values


def _read_value(key: str, value: str, default: float | int | str, text: str) -> float | int | str:
    """Reads a value in the type of its default, in plain decimal form alone.

    Python's own readers take underscores, blanks, other scripts' digits, ``nan`` and ``inf`` too.
    """
    if isinstance(default, str):
        return value
    whole = isinstance(default, int)
    if not (_WHOLE if whole else _NUMBER).match(value):
        kind = "a whole number" if whole else "a number"
        raise UsageError(
            f"option {key!r} in {text!r} must be {kind}, as {key}={default}, not {value!r}"
        )
    number = int(value) if whole else float(value)
    if abs(number) >= _LARGEST:
        raise UsageError(f"option {key!r} in {text!r} must be below 2^63")
    return number


def read_task_options(
    text: str, task: str, defaults: Mapping[str, float | int | str]
) -> dict[str, float | int | str]:
    """Reads the options of a task from its full name.

    Args:
        text: The full name.
        task: The bare name that it must have.
        defaults: The task's options.

    Raises:
        UsageError: If it is the name of another task, or an option is unknown.

    Example:
        >>> read_task_options("purity:depolarize=0.1", "purity", {"depolarize": 0.0})
        {'depolarize': 0.1}
    """
    name, options = read_options(text, defaults)
    if name != task:
        raise UsageError(f"task {text!r} must be {task}")
    return options


def shortest(
    name: str, options: Mapping[str, object], defaults: Mapping[str, float | int | str]
) -> str:
    """Joins a name and those of its options that are not the default.

    Example:
        >>> shortest("observables", {"alpha": 0.9, "game": "one"}, {"alpha": 0.9, "game": "two"})
        'observables:game=one'
    """
    return canonical(name, {key: v for key, v in options.items() if v != defaults[key]})


def known_name(text: str, known: Iterable[str], kind: str) -> str:
    """Returns the bare name of something that there is.

    Args:
        text: The name, with its options or without.
        known: The names that there are.
        kind: What they name, for messages, as ``protocol``.

    Raises:
        UsageError: If it is unknown.

    Example:
        >>> known_name("bell:times=2", ["bell", "memory"], "protocol")
        'bell'
    """
    name, choices = parse(text)[0], list(known)
    if name not in choices:
        raise UsageError(
            f"unknown {kind} {name!r}; choose one of {', '.join(choices)}"
            f"{did_you_mean(name, choices)}"
        )
    return name


def known_protocol(text: str, known: Iterable[str]) -> str:
    """Returns the bare name of a protocol, see :func:`known_name`.

    Args:
        text: The name, with its options or without.
        known: The protocols that there are.

    Raises:
        UsageError: If it is unknown.

    Example:
        >>> known_protocol("bel", ["bell", "memory"])
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: unknown protocol 'bel'; choose one of bell, memory;
        did you mean bell?
    """
    return known_name(text, known, "protocol")
