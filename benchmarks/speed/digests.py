"""SHA-256 of inputs and of results: whether two runs did the same work, and found the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Outcome:
    """What of a result is digested.

    Attributes:
        parts: Arrays, numbers, texts or bytes.
        decimals: To so many decimals floating-point numbers are rounded; None for whole numbers,
            which are the same on every machine.
        drawn: Whether they are a sampler's seeded draws. These are the same again on one machine
            with the same versions; elsewhere a rounded probability may turn single bits.
    """

    parts: tuple[Any, ...]
    decimals: int | None = None
    drawn: bool = False

    @property
    def kind(self) -> str:
        """How the digest is to be read."""
        if self.drawn:
            return "seeded draws"
        return "exact" if self.decimals is None else f"{self.decimals} decimals"

    def digest(self) -> str:
        """Returns the digest of the parts."""
        return digest(self.parts, self.decimals)


def digest(parts: Iterable[Any], decimals: int | None = None) -> str:
    """Returns the first 16 hexadecimal digits of the SHA-256 of arrays, texts and bytes.

    Types and shapes count, and so does the order. The bytes are little-endian.

    Args:
        parts: What is digested. Python's numbers count as arrays without axes.
        decimals: Decimals to which floating-point numbers are rounded; None to take their bytes.
    """
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, str | bytes):
            octets = part.encode() if isinstance(part, str) else part
            sha.update(f"{type(part).__name__} {len(octets)}\n".encode())
            sha.update(octets)
            continue
        array = np.asarray(part)
        if array.dtype.kind not in "biufc":
            raise TypeError(f"arrays of {array.dtype} have no digest")
        if decimals is not None and array.dtype.kind in "fc":
            # 0 is added: -0.0 and 0.0 are equal and differ in their bytes.
            array = np.round(array, decimals) + 0.0
        array = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
        sha.update(f"{array.dtype.str} {array.shape}\n".encode())
        sha.update(array.data if array.size else b"")
    return sha.hexdigest()[:16]
