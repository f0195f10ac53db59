"""The text files of hsinyuan-huang/predicting-quantum-properties, in and out.

Every file begins with the number n of qubits on a line of its own; empty lines do not count. A line
that cannot be read is named by its number, with what was expected there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quantum_advantage.formats.arrays import make_record
from quantum_advantage.inference.shadows import ShadowRecord
from quantum_advantage.measurements.pauli_basis import unpack_bases
from quantum_advantage.pauli import LETTERS, PauliStrings, unpack_bits
from quantum_advantage.usage import UsageError

_BASIS = {"X": 0, "Y": 1, "Z": 2}
_BIT = {"1": 0, "+1": 0, "-1": 1}


def _expected(path: str | Path, number: int, what: str, found: str) -> ValueError:
    shown = found if len(found) <= 60 else f"{found[:57]}..."
    return ValueError(f"{path}, line {number}: expected {what}, not {shown!r}")


def _lines(path: str | Path) -> tuple[int, Iterator[tuple[int, list[str]]]]:
    """Returns the number of qubits, and the other lines with their numbers, cut into words."""
    lines = Path(path).read_text(encoding="utf-8").split("\n")
    first = lines[0].split()
    if len(first) != 1 or not first[0].isdecimal() or not int(first[0]):
        raise _expected(path, 1, "the number of qubits", lines[0])
    words = ((number, line.split()) for number, line in enumerate(lines[1:], start=2))
    return int(first[0]), ((number, line) for number, line in words if line)


def _write(path: str | Path, qubits: int, lines: Iterable[str]) -> None:
    with Path(path).open("x", encoding="utf-8") as file:
        file.write(f"{qubits}\n")
        file.writelines(f"{line}\n" for line in lines)


def read_measurements(path: str | Path, *, scheme: str = "given", times: int = 1) -> ShadowRecord:
    """Reads a measurement file: each line n pairs of a basis and an outcome, ``X 1 Z -1 ...``.

    Args:
        path: The file.
        scheme: How the bases were chosen, which the file does not say; ``random`` if uniformly.
        times: How many lines in a row are shots in one basis.

    Returns:
        The record, on line qubits.

    Raises:
        ValueError: If a line is broken, or the bases do not repeat ``times`` times in a row.
    """
    qubits, lines = _lines(path)
    bases, bits = [], []
    what = f"{qubits} pairs such as 'X 1' or 'Z -1'"
    for number, words in lines:
        try:
            bases.append(bytes(map(_BASIS.__getitem__, words[::2])))
            bits.append(bytes(map(_BIT.__getitem__, words[1::2])))
        except KeyError:
            raise _expected(path, number, what, " ".join(words)) from None
        if len(words) != 2 * qubits:
            raise _expected(path, number, what, " ".join(words))
    codes, outcomes = (
        np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(-1, qubits) for rows in (bases, bits)
    )
    return make_record(outcomes, codes, None, scheme, times)


def write_measurements(path: str | Path, record: ShadowRecord) -> None:
    """Writes a measurement file, one line for each shot, the qubits in the order of the record.

    Raises:
        FileExistsError: If the file exists.
    """
    size = len(record.qubits)
    pairs = np.array([f"{letter} {sign}" for letter in "XYZ" for sign in (1, -1)], dtype=object)
    bases = np.repeat(unpack_bases(record.bases, size), record.times, axis=0)
    codes = 2 * bases + unpack_bits(record.outcomes, size)
    _write(path, size, (" ".join(pairs[row]) for row in codes))


def read_observables(path: str | Path) -> PauliStrings:
    """Reads an observable file: each line a weight k and k pairs of a letter and a qubit, ``X 3``.

    Raises:
        ValueError: If a line is broken or names a qubit twice or beyond n.
    """
    qubits, lines = _lines(path)
    rows = []
    for number, words in lines:
        weight = _count(words)
        what = f"a weight k and k pairs such as 'X 0', different qubits below {qubits}"
        row = np.zeros(qubits, dtype=np.uint8)
        places = words[2::2]
        if (
            len(words) != 1 + 2 * weight
            or not set(words[1::2]) <= set(_BASIS)
            or not _all_below(places, qubits)
        ):
            raise _expected(path, number, what, " ".join(words))
        row[[int(place) for place in places]] = [1 + _BASIS[letter] for letter in words[1::2]]
        rows.append(row)
    return PauliStrings.from_letters(np.array(rows, dtype=np.uint8).reshape(-1, qubits))


def write_observables(path: str | Path, strings: PauliStrings) -> None:
    """Writes an observable file.

    Raises:
        ValueError: If a string has a phase, for which the format has no place.
        FileExistsError: If the file exists.
    """
    if strings.phase.any():
        wrong = strings[int(np.flatnonzero(strings.phase)[0])].text()[0]
        raise UsageError(f"strings must have the sign +1 to be written, not {wrong}")

    def line(row: npt.NDArray[np.uint8]) -> str:
        places = np.flatnonzero(row)
        return " ".join([str(places.size), *(f"{LETTERS[row[i]]} {i}" for i in places)])

    _write(path, strings.qubits, map(line, strings.letters()))


def read_subsystems(path: str | Path) -> tuple[int, list[tuple[int, ...]]]:
    """Reads a subsystem file: each line a size and so many numbers of qubits.

    Returns:
        The number of qubits of the system, and the subsystems.

    Raises:
        ValueError: If a line is broken or names a qubit twice or beyond n.
    """
    qubits, lines = _lines(path)
    found = []
    for number, words in lines:
        if len(words) != 1 + _count(words) or not _all_below(words[1:], qubits):
            what = f"a size and so many different qubits below {qubits}"
            raise _expected(path, number, what, " ".join(words))
        found.append(tuple(int(word) for word in words[1:]))
    return qubits, found


def write_subsystems(path: str | Path, qubits: int, subsystems: Iterable[Sequence[int]]) -> None:
    """Writes a subsystem file.

    Raises:
        ValueError: If a subsystem names a qubit twice or beyond n.
        FileExistsError: If the file exists.
    """
    parts = [tuple(int(qubit) for qubit in part) for part in subsystems]
    for part in parts:
        if not _all_below([str(qubit) for qubit in part], qubits):
            raise UsageError(f"subsystems must hold different qubits below {qubits}, not {part}")
    _write(path, qubits, (" ".join(map(str, [len(part), *part])) for part in parts))


def read_bases(path: str | Path) -> npt.NDArray[np.uint8]:
    """Reads measurement schemes, as ``data_acquisition_shadow`` prints them: ``X Y Z`` on a line.

    This file alone has no first line with the number of qubits.

    Returns:
        (settings, n) bases, 0, 1, 2 for X, Y, Z.

    Raises:
        ValueError: If a line is broken, or there is none.
    """
    rows: list[list[int]] = []
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").split("\n"), start=1):
        words = line.split()
        if not words:
            continue
        if not set(words) <= set(_BASIS) or (rows and len(words) != len(rows[0])):
            size = f"{len(rows[0])} letters" if rows else "letters"
            raise _expected(path, number, f"{size} X, Y or Z with blanks between", line.strip())
        rows.append([_BASIS[word] for word in words])
    if not rows:
        raise UsageError(f"{path} must hold at least one line of bases, not 0")
    return np.array(rows, dtype=np.uint8)


def _count(words: Sequence[str]) -> int:
    """Returns the number at the head of a line, -1 if there is none."""
    return int(words[0]) if words[0].isdecimal() else -1


def _all_below(words: Sequence[str], qubits: int) -> bool:
    """Tells whether words are different whole numbers below that of the qubits."""
    numbers = [int(word) for word in words if word.isdecimal()]
    return len(set(numbers)) == len(words) and all(number < qubits for number in numbers)
