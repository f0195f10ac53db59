"""Layers of gates on blocks of two pairs, and what a layer makes of a Pauli string.

A layer acts on blocks of two pairs. It may couple the two systems of a block by CZ, or its two
memories too, and ends with a random Pauli gate on every qubit. Strings on two qubits are numbers,
x₁ + 2 x₂ + 4 z₁ + 8 z₂ with the x and z bits of their letters. CZ maps them by z₁ += x₂, z₂ += x₁,
and a quarter turn about Z on both qubits by z += x; signs are random anyway, and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantum_advantage.core.usage import UsageError

# Strings on two qubits, the identity included.
STRINGS = 16
_LETTERS = "IXZY"


@dataclass(frozen=True)
class Layer:
    """A layer on blocks of two pairs.

    Attributes:
        name: What it is called.
        coupled: Whether CZ acts on the two systems of a block, and on its two memories.

    Example:
        >>> LAYERS["cz"].coupled, LAYERS["cz"].turns
        ((True, False), (False, True))
    """

    name: str
    coupled: tuple[bool, bool]

    @property
    def turns(self) -> tuple[bool, ...]:
        """Whether quarter turns follow the CZ gates: once without, once with them.

        With them other products of eigenvalues return to themselves. Without any CZ every string
        stays what it is, and they would add nothing.
        """
        return (False, True) if any(self.coupled) else (False,)


@dataclass(frozen=True, order=True)
class PairString:
    """A string on the two systems of a block, and one on its two memories.

    Attributes:
        system: The number of the systems' string.
        memory: The number of the memories' string.

    Example:
        >>> str(PairString(1, 1)), str(PairString(9, 1))
        ('XI', 'XZ|XI')
    """

    system: int
    memory: int

    def __str__(self) -> str:
        """Returns the letters; those of the memories only if they are others."""
        text = string_text(self.system)
        return text if self.system == self.memory else f"{text}|{string_text(self.memory)}"


LAYERS = {
    layer.name: layer
    for layer in (
        Layer("wait", (False, False)),
        Layer("cz", (True, False)),
        Layer("cz_both", (True, True)),
    )
}


def read_layer(text: str) -> Layer:
    """Returns the layer of a name.

    Args:
        text: ``wait``, ``cz`` or ``cz_both``.

    Raises:
        UsageError: If it is no layer.

    Example:
        >>> read_layer("wait").turns
        (False,)
    """
    if text not in LAYERS:
        raise UsageError(f"layer must be one of {', '.join(LAYERS)}, not {text!r}")
    return LAYERS[text]


def string_text(string: int) -> str:
    """Returns the letters of a string.

    Args:
        string: Its number.

    Example:
        >>> [string_text(s) for s in (1, 2, 4, 5, 15)]
        ['XI', 'IX', 'ZI', 'YI', 'YY']
    """
    x1, x2, z1, z2 = _bits(string)
    return _LETTERS[x1 + 2 * z1] + _LETTERS[x2 + 2 * z2]


def string_number(text: str) -> int:
    """Returns the number of a string.

    Args:
        text: Two letters.

    Raises:
        UsageError: If it is something else.

    Example:
        >>> string_number("YI"), string_number("ZZ")
        (5, 12)
    """
    known = [string_text(string) for string in range(STRINGS)]
    if text not in known:
        raise UsageError(f"string must be two letters of I, X, Y, Z, not {text!r}")
    return known.index(text)


def after_layer(string: int, coupled: bool, turned: bool) -> int:
    """Returns what a layer makes of a string, its sign left out.

    Args:
        string: The string.
        coupled: Whether CZ acts on its qubits.
        turned: Whether quarter turns follow where CZ acts.

    Example:
        >>> string_text(after_layer(string_number("XI"), coupled=True, turned=False))
        'XZ'
        >>> string_text(after_layer(string_number("XX"), coupled=True, turned=True))
        'XX'
    """
    if not coupled:
        return string
    x1, x2, z1, z2 = _bits(string)
    z1, z2 = z1 ^ x2, z2 ^ x1
    if turned:
        z1, z2 = z1 ^ x1, z2 ^ x2
    return x1 + 2 * x2 + 4 * z1 + 8 * z2


def visited(layer: Layer, turned: bool, string: int) -> tuple[PairString, ...]:
    """Returns what a string on Bell pairs is behind the CZ gates of two layers, before any turn.

    It has the same letters on systems and memories at first, and is itself again after two layers,
    which are a Pauli string: CZ twice is nothing, and with turns it is Z on both qubits.

    Args:
        layer: The layer.
        turned: Whether quarter turns follow.
        string: The string at the beginning.

    Returns:
        One string if it is the same behind both, else two, sorted.

    Example:
        >>> [str(s) for s in visited(LAYERS["cz"], False, string_number("XI"))]
        ['XI', 'XZ|XI']
        >>> [str(s) for s in visited(LAYERS["cz_both"], True, string_number("XX"))]
        ['YY']
    """
    sides = [(string, coupled) for coupled in layer.coupled]
    met = set()
    for _ in range(2):
        met.add(PairString(*(after_layer(s, coupled, turned=False) for s, coupled in sides)))
        sides = [(after_layer(s, coupled, turned), coupled) for s, coupled in sides]
    return tuple(sorted(met))


def _bits(string: int) -> tuple[int, int, int, int]:
    return string & 1, string >> 1 & 1, string >> 2 & 1, string >> 3 & 1
