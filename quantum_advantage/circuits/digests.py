"""Digests of circuits that do not depend on the machine."""

from __future__ import annotations

import hashlib
import re

import cirq

# Numbers are taken as multiples of 2^-40: rounding errors vanish, and the angles that circuits are
# made of, dyadic fractions of a turn, lie on the grid and not between two of its points.
GRID = 2**40
_NUMBER = re.compile(r"-?(?<![\w.])(?:\d+\.\d*|\.\d+|\d+(?=e[-+]?\d))(?:e[-+]?\d+)?")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def rounded_text(text: str) -> str:
    """Returns a text with every decimal number in it as a multiple of 2⁻⁴⁰.

    Addresses in memory are left out, so that the text is the same in every process.

    Example:
        >>> rounded_text("X**0.49999999999999994") == rounded_text("X**0.5")
        True
    """
    whole = _NUMBER.sub(lambda match: f"{round(float(match[0]) * GRID)}/2^40", text)
    return _ADDRESS.sub("", whole)


def text_digest(text: str) -> str:
    """Returns the SHA-256 of a text after :func:`rounded_text`, in 64 hexadecimal digits.

    Example:
        >>> text_digest("X**0.1") == text_digest("X**0.10000000000000003")
        True
    """
    return hashlib.sha256(rounded_text(text).encode()).hexdigest()


def circuit_digest(circuit: cirq.AbstractCircuit) -> str:
    """Returns the SHA-256 of a circuit, in hexadecimal digits.

    It is the same in every process and on every machine: numbers are rounded, and the operations of
    a moment are sorted. Gates count by what ``repr`` says of them.

    Args:
        circuit: Any circuit, with symbols or without.

    Example:
        >>> q = cirq.LineQubit(0)
        >>> circuit_digest(cirq.Circuit(cirq.X(q) ** 0.1)) == circuit_digest(
        ...     cirq.Circuit(cirq.X(q) ** (0.3 - 0.2))
        ... )
        True
    """
    moments = (" ".join(sorted(map(repr, moment.operations))) for moment in circuit)
    return text_digest("\n".join(moments))
