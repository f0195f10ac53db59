"""Pauli strings as packed symplectic bits.

A string on n qubits is iᵖ · P₁⊗…⊗Pₙ with letters P_j in {I, X, Y, Z}. Qubit j contributes one x bit
and one z bit (I = 00, X = 10, Y = 11, Z = 01), bit j mod 64 of word j // 64. With this convention

    P(x, z) = i^{x·z} Xˣ Zᶻ        (x·z counted over the integers; Y = i X Z)

is Hermitian for every (x, z), and the phase is an exponent of i relative to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import Words, count_ones, pack_bits, parity, unpack_bits
from quantum_advantage.core.qubits import qubits_of
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import plain_array

CirqString = cirq.PauliString | cirq.DensePauliString
LETTERS = "IXYZ"
_X_OF_LETTER = np.array([0, 1, 1, 0], dtype=np.uint8)
_Z_OF_LETTER = np.array([0, 0, 1, 1], dtype=np.uint8)


@dataclass(frozen=True, eq=False, repr=False)
class PauliStrings:
    """Many Pauli strings on the same qubits, packed.

    Attributes:
        qubits: The number of qubits n.
        x: (m, words_for(n)) uint64, the packed x bits.
        z: (m, words_for(n)) uint64, the packed z bits.
        phase: (m,) uint8 in 0..3, the exponent of i in front of the letters.

    Example:
        >>> from quantum_advantage import PauliStrings
        >>> strings = PauliStrings.from_text(["XIZ", "-YYI"])
        >>> strings, strings.weight().tolist()
        (PauliStrings(2 strings of 3 qubits: XIZ, -YYI), [2, 2])
        >>> (strings[0] * strings[1]).text(), strings[0].commutes_with(strings[1]).tolist()
        (['-iZYZ'], [False])
    """

    qubits: int
    x: Words
    z: Words
    phase: npt.NDArray[np.uint8]

    @classmethod
    def from_letters(cls, letters: npt.ArrayLike) -> PauliStrings:
        """Packs an (m, n) array of letter codes, 0 = I, 1 = X, 2 = Y, 3 = Z, with phase +1.

        Raises:
            UsageError: If the array is not two-dimensional or a code is not 0, 1, 2 or 3.

        Example:
            >>> PauliStrings.from_letters([[1, 0, 3], [2, 2, 0]]).text()
            ['XIZ', 'YYI']
        """
        codes = plain_array("letters", letters)
        if codes.size and not np.issubdtype(codes.dtype, np.integer):
            raise UsageError(f"letters must be whole numbers from 0 to 3, not {codes.dtype}")
        if codes.ndim != 2:
            raise UsageError(f"letters must have shape (strings, qubits), not {codes.shape}")
        if codes.size and not (codes.min() >= 0 and codes.max() <= 3):
            wrong = codes.max() if codes.max() > 3 else codes.min()
            raise UsageError(f"letters must be codes 0 (I), 1 (X), 2 (Y) or 3 (Z), not {wrong}")
        return cls(
            codes.shape[1],
            pack_bits(_X_OF_LETTER[codes]),
            pack_bits(_Z_OF_LETTER[codes]),
            np.zeros(codes.shape[0], dtype=np.uint8),
        )

    @classmethod
    def from_text(cls, texts: str | Iterable[str]) -> PauliStrings:
        """Reads strings such as ``XIYZ`` or ``-XIYZ``, all of one length.

        Args:
            texts: One text or several; a factor i is not read.

        Raises:
            UsageError: If a letter is not I, X, Y or Z, the lengths differ, or nothing is given.

        Example:
            >>> PauliStrings.from_text("-XIYZ").letters().tolist()
            [[1, 0, 2, 3]]
        """
        one = isinstance(texts, str | bytes) or not isinstance(texts, Iterable)
        items: list[str] = [texts] if one else list(texts)  # type: ignore[list-item]
        for item in items:
            if not isinstance(item, str):
                raise UsageError(f"Pauli strings must be texts of I, X, Y and Z, not {item!r}")
        signs = [text.startswith("-") for text in items]
        bare = [text[1:] if text[:1] in ("+", "-") else text for text in items]
        if not bare or len({len(text) for text in bare}) != 1 or not bare[0]:
            raise UsageError(f"Pauli strings must be given, all of one length; got {items!r}")
        for text, letters in zip(items, bare, strict=True):
            if set(letters) - set(LETTERS):
                raise UsageError(f"Pauli string {text!r} must consist of the letters I, X, Y, Z")
        strings = cls.from_letters([[LETTERS.index(c) for c in text] for text in bare])
        return cls(strings.qubits, strings.x, strings.z, np.array(signs, dtype=np.uint8) * 2)

    @classmethod
    def from_cirq(
        cls,
        strings: CirqString | Iterable[CirqString],
        qubits: cirq.Qid | int | Sequence[cirq.Qid] | Sequence[int] | None = None,
    ) -> PauliStrings:
        """Reads Cirq's Pauli strings, one or many.

        Args:
            strings: The strings.
            qubits: The qubits in the order of the letters, or numbers of line qubits, which a
                ``cirq.PauliString`` needs.

        Raises:
            UsageError: If there is no string, something among them is none, a coefficient is no
                power of i, a string acts outside ``qubits``, a qubit is named twice, or dense
                strings are of different lengths.

        Example:
            >>> import cirq
            >>> a, b = cirq.LineQubit.range(2)
            >>> PauliStrings.from_cirq([-cirq.X(a) * cirq.Z(b)], qubits=[a, b]).text()
            ['-XZ']
            >>> PauliStrings.from_cirq(cirq.Y(a), qubits=[0, 1]).text()
            ['YI']
        """
        letters, phases = [], []
        order = None if qubits is None else qubits_of("qubits", qubits)
        several = isinstance(strings, Iterable) and not isinstance(strings, CirqString | str)
        for string in strings if several else [strings]:
            if not isinstance(string, CirqString):
                raise UsageError(f"strings must be Pauli strings of Cirq, not {string!r}")
            if cirq.is_parameterized(string):
                raise UsageError(f"coefficient {string.coefficient} must be a number")
            if isinstance(string, cirq.PauliString):
                if order is None:
                    raise UsageError(
                        "qubits must be given to order the letters of cirq.PauliString"
                    )
                if outside := set(string.qubits) - set(order):
                    raise UsageError(
                        f"{string} acts on {sorted(outside)}, outside the given qubits"
                    )
                string = string.dense(order)
            coefficient = complex(string.coefficient)
            if not any(abs(coefficient - 1j**power) < 1e-9 for power in range(4)):
                raise UsageError(f"coefficient {string.coefficient} must be one of 1, i, -1, -i")
            power = np.angle(coefficient) / (np.pi / 2)
            letters.append(np.asarray(string.pauli_mask, dtype=np.uint8))
            phases.append(round(power) % 4)
        if len({mask.size for mask in letters}) != 1:
            raise UsageError("strings must be given, all on the same number of qubits")
        packed = cls.from_letters(np.array(letters))
        return cls(packed.qubits, packed.x, packed.z, np.array(phases, dtype=np.uint8))

    def __len__(self) -> int:
        return self.x.shape[0]

    def __repr__(self) -> str:
        most = 3 if self.qubits <= 12 else 0
        few = [*self[:most].text(), *(["..."] if len(self) > most else [])]
        return f"PauliStrings({len(self)} strings of {self.qubits} qubits: {', '.join(few)})"

    def __getitem__(self, index: int | slice | npt.NDArray[np.generic]) -> PauliStrings:
        rows = np.atleast_1d(np.arange(len(self))[index])
        return PauliStrings(self.qubits, self.x[rows], self.z[rows], self.phase[rows])

    def letters(self) -> npt.NDArray[np.uint8]:
        """Returns the (m, n) letter codes, 0 = I, 1 = X, 2 = Y, 3 = Z.

        Example:
            >>> PauliStrings.from_text(["XIZ", "YYI"]).letters().tolist()
            [[1, 0, 3], [2, 2, 0]]
        """
        x = unpack_bits(self.x, self.qubits)
        z = unpack_bits(self.z, self.qubits)
        return (3 * z + x - 2 * (x & z)).astype(np.uint8)

    def text(self) -> list[str]:
        """Returns one text for each string, with its phase in front when it is not +1.

        Example:
            >>> PauliStrings.from_text(["+XZ", "-YI"]).text()
            ['XZ', '-YI']
        """
        rows = ("".join(LETTERS[c] for c in row) for row in self.letters())
        return [("", "i", "-", "-i")[p] + row for p, row in zip(self.phase, rows, strict=True)]

    def to_cirq_dense(self) -> list[cirq.DensePauliString]:
        """Returns one ``cirq.DensePauliString`` for each string.

        Example:
            >>> print(*PauliStrings.from_text("-XZ").to_cirq_dense())
            -XZ
        """
        return [
            cirq.DensePauliString(row, coefficient=1j ** int(p))
            for row, p in zip(self.letters(), self.phase, strict=True)
        ]

    def to_cirq(
        self, qubits: cirq.Qid | int | Sequence[cirq.Qid] | Sequence[int]
    ) -> list[cirq.PauliString]:
        """Returns one ``cirq.PauliString`` for each string, on qubits or numbers of line qubits.

        Args:
            qubits: As many qubits as the strings have letters.

        Raises:
            ValueError: If there are more or fewer, by Cirq, or one is named twice.

        Example:
            >>> import cirq
            >>> print(*PauliStrings.from_text("-XZ").to_cirq([0, 1]))
            -X(q(0))*Z(q(1))
        """
        order = qubits_of("qubits", qubits)
        return [dense.on(*order) for dense in self.to_cirq_dense()]

    def weight(self) -> npt.NDArray[np.int64]:
        """Returns the number of letters that are not I, shape (m,).

        Example:
            >>> PauliStrings.from_text(["XIZ", "III"]).weight().tolist()
            [2, 0]
        """
        return count_ones(self.x | self.z)

    def commutes_with(self, other: PauliStrings) -> npt.NDArray[np.bool_]:
        """Tells string by string (broadcast over rows) whether the two commute, shape (m,).

        P and Q commute exactly when x_P·z_Q + z_P·x_Q is even.

        Args:
            other: m strings, or one, on the same number of qubits.

        Raises:
            UsageError: If the numbers of qubits differ.

        Example:
            >>> strings = PauliStrings.from_text(["XX", "XI"])
            >>> strings.commutes_with(PauliStrings.from_text("ZZ")).tolist()
            [True, False]
        """
        self._check_size(other)
        return parity(self.x & other.z ^ self.z & other.x) == 0

    def _check_size(self, other: PauliStrings) -> None:
        if self.qubits != other.qubits:
            raise UsageError(f"strings act on {self.qubits} and on {other.qubits} qubits")

    def __mul__(self, other: PauliStrings) -> PauliStrings:
        """Multiplies string by string (broadcast over rows), with the exact phase.

        Source: derived here. Moving Z^{z_a} past X^{x_b} gives (-1)^{z_a·x_b}, so
        P(a) P(b) = i^{x_a·z_a + x_b·z_b + 2 z_a·x_b - x_c·z_c} P(c) with c = a xor b.

        Example:
            >>> (PauliStrings.from_text("X") * PauliStrings.from_text("Y")).text()
            ['iZ']
        """
        self._check_size(other)
        x, z = self.x ^ other.x, self.z ^ other.z
        power = (
            self.phase.astype(np.int64)
            + other.phase
            + count_ones(self.x & self.z)
            + count_ones(other.x & other.z)
            + 2 * count_ones(self.z & other.x)
            - count_ones(x & z)
        )
        return PauliStrings(self.qubits, x, z, (power % 4).astype(np.uint8))


def random_letters(
    strings: int, qubits: int, rng: np.random.Generator, weight: int | None = None
) -> npt.NDArray[np.uint8]:
    """Draws letter codes of uniformly random strings other than the identity, shape (m, n).

    Args:
        strings: The number m of strings.
        qubits: The number n of qubits, at least 1.
        rng: The source of randomness.
        weight: If given, from 1 to n: uniform over the strings of exactly this weight instead.

    Raises:
        UsageError: If there is no qubit, or the weight is out of range.

    Example:
        >>> import numpy as np
        >>> letters = random_letters(4, 10, np.random.default_rng(0), weight=3)
        >>> letters.shape, (letters > 0).sum(axis=1).tolist()
        ((4, 10), [3, 3, 3, 3])
    """
    if qubits < 1:
        raise UsageError(f"qubits must be at least 1, not {qubits}")
    if weight is not None:
        if not 1 <= weight <= qubits:
            raise UsageError(f"weight must be from 1 to {qubits}, not {weight}")
        support = np.argsort(rng.random((strings, qubits)), axis=1)[:, :weight]
        letters = np.zeros((strings, qubits), dtype=np.uint8)
        np.put_along_axis(
            letters, support, rng.integers(1, 4, (strings, weight), dtype=np.uint8), axis=1
        )
        return letters
    letters = rng.integers(0, 4, (strings, qubits), dtype=np.uint8)
    while (identity := ~letters.any(axis=1)).any():
        letters[identity] = rng.integers(0, 4, (int(identity.sum()), qubits), dtype=np.uint8)
    return letters
