"""Command-line arguments, and one line for every mistake. Standard library alone."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable
from typing import NoReturn

MOST_QUBITS = 1000


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line and exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Ends the program with one line."""
        self.exit(2, f"{self.prog}: error: {message}\n")


def fail(program: str, error: Exception) -> int:
    """Prints one line for a user's mistake and returns the exit status 2.

    Where whoever read the output has left, as ``head`` does, it says nothing and returns 141, which
    shells know from that signal.
    """
    if isinstance(error, BrokenPipeError):
        # The interpreter flushes what is left when it ends, which would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        text = f"{place}{error.strerror}"
    sys.stderr.write(f"{program}: error: {' '.join(text.split())}\n")
    return 2


def read_qubits(text: str) -> tuple[int, ...]:
    """Reads ``2:20``, ``2:20:2``, ``2,4,8`` or ``8``.

    Raises:
        ArgumentTypeError: With one line that says what would do.
    """
    help_text = f"qubits {text!r} must read 8 or 2,4,8 or 2:20 or 2:20:2, from 1 to {MOST_QUBITS}"
    values: list[int] = []
    try:
        for part in text.split(","):
            numbers = [int(number) for number in part.split(":")]
            if len(numbers) > 3 or (len(numbers) == 3 and numbers[2] < 1):
                raise argparse.ArgumentTypeError(help_text)
            first, last = numbers[0], numbers[-1] if len(numbers) == 1 else numbers[1]
            if first < 1 or last < first or last > MOST_QUBITS:
                raise argparse.ArgumentTypeError(help_text)
            values += range(first, last + 1, numbers[2] if len(numbers) == 3 else 1)
    except ValueError:
        raise argparse.ArgumentTypeError(help_text) from None
    return tuple(sorted(set(values)))


def read_targets(text: str) -> tuple[float, ...]:
    """Reads one accuracy or several, ``0.7`` or ``0.7,0.9``.

    Raises:
        ArgumentTypeError: With one line that says what would do.
    """
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError:
        values = ()
    if not values or not all(0.5 < value < 1 for value in values):
        raise argparse.ArgumentTypeError(
            f"target {text!r} must be accuracies strictly between 0.5 and 1, as in 0.7 or 0.7,0.9"
        )
    return values


def at_least(least: int) -> Callable[[str], int]:
    """Returns a reader of whole numbers that are at least so large."""

    def read(text: str) -> int:
        try:
            number = float(text) if "e" in text.lower() else int(text)
            value = int(number)
        except (ValueError, OverflowError):
            number = value = least - 1
        if value < least or value != number:
            raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, at least {least}")
        return value

    return read


def minutes(text: str) -> float:
    """Reads a number of minutes above 0.

    Raises:
        ArgumentTypeError: With one line that says what would do.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of minutes above 0")
    return value
