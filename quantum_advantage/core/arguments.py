"""Command-line arguments: how each reads, its limits, and near matches. Standard library alone."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

from quantum_advantage.core.usage import did_you_mean

MOST_QUBITS = 1000
# Games in all and batches, of one point: what is counted must fit in memory.
MOST_TRIALS, MOST_GAMES, MOST_BATCHES = 10**8, 10**5, 10**5
# Batches of a point whose accuracy gets an interval.
LEAST_BATCHES = 20
# Copies are counted by 64-bit integers, in products with the games of a batch.
MOST_COPIES = 2**60
MOST_SEED = 2**63 - 1
MOST_WORKERS = 1000
MOST_SHOTS = 10**6
MOST_MINUTES = 10**6

_WHOLE = re.compile(r"[0-9]{1,30}\Z|[0-9]{1,30}(?:\.[0-9]{1,30})?[eE][0-9]{1,3}\Z")
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z")


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line and exit status 2.

    Example:
        >>> parser = OneLineParser(prog="program")
        >>> _ = parser.add_argument("--qubits", type=at_least(1, 30))
        >>> parser.parse_args(["--qubits", "8"]).qubits
        8
    """

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuses unknown arguments where they stand, so that a subcommand names its own options.

        Raises:
            SystemExit: With status 2, if one is wrong or unknown.
        """
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return known, unknown

    def error(self, message: str) -> NoReturn:
        """Ends the program with one line, which names what was perhaps meant.

        Args:
            message: The error, as ``argparse`` words it.

        Raises:
            SystemExit: With status 2, always.

        Example:
            >>> import contextlib, io
            >>> parser = OneLineParser(prog="program")
            >>> _ = parser.add_argument("protocol", choices=["bell", "memory"])
            >>> with contextlib.redirect_stderr(io.StringIO()) as stream:
            ...     with contextlib.suppress(SystemExit):
            ...         _ = parser.parse_args(["bel"])
            >>> stream.getvalue().strip().rpartition("; ")[2]
            'did you mean bell?'
        """
        wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        unknown = re.search(r"unrecognized arguments: (--[^ =]+)", message)
        if wrong:
            choices = wrong[2].replace("'", "").split(", ")
            message += did_you_mean(wrong[1], choices)
        elif unknown:
            message += did_you_mean(unknown[1], self._option_string_actions)
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}\n")


def read_number(text: str) -> float | None:
    """Reads a number in plain decimal form, None for anything else, ``nan`` and ``inf`` too.

    Example:
        >>> read_number("1e-3"), read_number("nan"), read_number("1_000")
        (0.001, None, None)
    """
    value = float(text) if len(text) <= 40 and _NUMBER.match(text) else None
    return None if value is None or abs(value) == float("inf") else value


def read_qubits(text: str) -> tuple[int, ...]:
    """Reads ``2:20``, ``2:20:2``, ``2,4,8`` or ``8``.

    Raises:
        ArgumentTypeError: With one line that says what would do.

    Example:
        >>> read_qubits("2:8:2"), read_qubits("8"), read_qubits("4,2,4")
        ((2, 4, 6, 8), (8,), (2, 4))
    """
    help_text = f"qubits {text!r} must read 8 or 2,4,8 or 2:20 or 2:20:2, from 1 to {MOST_QUBITS}"
    values: list[int] = []
    for part in text.split(","):
        if not re.fullmatch(r"[0-9]{1,9}(?::[0-9]{1,9}){0,2}", part):
            raise argparse.ArgumentTypeError(help_text)
        numbers = [int(number) for number in part.split(":")]
        first, last = numbers[0], numbers[-1] if len(numbers) == 1 else numbers[1]
        step = numbers[2] if len(numbers) == 3 else 1
        if first < 1 or last < first or last > MOST_QUBITS or step < 1:
            raise argparse.ArgumentTypeError(help_text)
        values += range(first, last + 1, step)
    return tuple(sorted(set(values)))


def read_targets(text: str) -> tuple[float, ...]:
    """Reads one accuracy or several, ``0.7`` or ``0.7,0.9``.

    Raises:
        ArgumentTypeError: With one line that says what would do.

    Example:
        >>> read_targets("0.7,0.9")
        (0.7, 0.9)
    """
    values = [read_number(part) for part in text.split(",")]
    known = [value for value in values if value is not None and 0.5 < value < 1]
    if len(known) < len(values):
        raise argparse.ArgumentTypeError(
            f"target {text!r} must be accuracies strictly between 0.5 and 1, as in 0.7 or 0.7,0.9"
        )
    return tuple(known)


def at_least(least: int, most: int = MOST_COPIES) -> Callable[[str], int]:
    """Returns a reader of whole numbers within limits, as ``5000`` or ``5e3``.

    Args:
        least: The smallest that will do.
        most: The largest that will do.

    Returns:
        A function of a text; it raises an ``ArgumentTypeError`` for anything else.

    Example:
        >>> at_least(1, 10_000)("5e3")
        5000
    """

    def read(text: str) -> int:
        number = Decimal(text) if _WHOLE.match(text) else Decimal("nan")
        # A number far beyond the limit is not written out.
        within = number.is_finite() and least <= number <= most
        if not within or number != int(number):
            raise argparse.ArgumentTypeError(
                f"{text!r} must be a whole number, at least {least} and at most {most}"
            )
        return int(number)

    return read


def number_between(low: float, high: float) -> Callable[[str], float]:
    """Returns a reader of numbers strictly between two limits.

    Args:
        low: Below every number that will do.
        high: Above every number that will do.

    Returns:
        A function of a text; it raises an ``ArgumentTypeError`` for anything else.

    Example:
        >>> number_between(0, 1)("0.9")
        0.9
    """

    def read(text: str) -> float:
        value = read_number(text)
        if value is None or not low < value < high:
            raise argparse.ArgumentTypeError(
                f"{text!r} must be a number strictly between {low:g} and {high:g}"
            )
        return value

    return read


def minutes(text: str) -> float:
    """Reads a number of minutes above 0.

    Raises:
        ArgumentTypeError: With one line that says what would do.

    Example:
        >>> minutes("2.5")
        2.5
    """
    value = read_number(text)
    if value is None or not 0 < value <= MOST_MINUTES:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be a number of minutes above 0, at most {MOST_MINUTES}"
        )
    return value
