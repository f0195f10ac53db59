"""The text files of hsinyuan-huang/predicting-quantum-properties, in and out.

Every file begins with the number n of qubits on a line of its own; empty lines do not count. A line
that cannot be read is named by its number, with what was expected there.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.pauli import LETTERS, PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of, whole_number
from quantum_advantage.formats.arrays import check_shadow, make_record
from quantum_advantage.formats.lines import (
    MOST_QUBITS,
    all_below,
    all_lines,
    counted_lines,
    leading_count,
    unexpected,
    write_lines,
)
from quantum_advantage.measurements.pauli_basis import unpack_bases
from quantum_advantage.measurements.records import ShadowRecord

_BASIS = {"X": 0, "Y": 1, "Z": 2}
_BIT = {"1": 0, "+1": 0, "-1": 1}
# The largest array that is read from a file: shots or strings times qubits.
_MOST_VALUES = 2**29
_PACKED_AT_ONCE = 2**20
_WEIGHT = re.compile(r"[+]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)


def read_measurements(
    path: str | Path, *, scheme: str = "given", times: int | None = None
) -> ShadowRecord:
    r"""Reads a measurement file: each line n pairs of a basis and an outcome, ``X 1 Z -1 ...``.

    Args:
        path: The file.
        scheme: How the bases were chosen, which the file does not say; ``random`` if uniformly.
        times: How many lines in a row are shots in one basis. The file does not say it; where it is
            not given and bases that are called random repeat more often than in one of 10⁹ honest
            records, they are refused.

    Returns:
        The record, on line qubits.

    Raises:
        ValueError: If a line is broken, or the bases do not repeat ``times`` times in a row.
        OSError: If the file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "measured.txt")
        ...     _ = file.write_text("2\nX 1 Z -1\nY -1 Y 1\n")  # 2 qubits, 2 shots
        ...     record = read_measurements(file, scheme="random")
        >>> record, unpack_bits(record.outcomes, 2).tolist()  # 1 for the outcome -1
        (ShadowRecord(2 shots of 2 qubits in 2 random bases), [[0, 1], [1, 0]])
    """
    qubits, lines = counted_lines(path)
    bases, bits = [], []
    what = f"{qubits} pairs such as 'X 1' or 'Z -1'"
    for number, words in lines:
        try:
            bases.append(bytes(map(_BASIS.__getitem__, words[::2])))
            bits.append(bytes(map(_BIT.__getitem__, words[1::2])))
        except KeyError:
            raise unexpected(path, number, what, " ".join(words)) from None
        if len(words) != 2 * qubits:
            raise unexpected(path, number, what, " ".join(words))
    codes, outcomes = (
        np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(-1, qubits) for rows in (bases, bits)
    )
    return make_record(outcomes, codes, None, scheme, times, f"bases in {path}")


def write_measurements(path: str | Path, record: ShadowRecord) -> None:
    """Writes a measurement file, one line for each shot, the qubits in the order of the record.

    The file does not say how many shots in a row share a basis: read back, it needs the record's
    ``times`` and ``scheme``.

    Raises:
        ValueError: If it is another kind of record, or has more than 65536 qubits.
        FileExistsError: If the file exists.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> record = make_record(np.array([[0, 1]], np.uint8), np.array([[0, 2]], np.uint8), None,
        ...     "random", times=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_measurements(Path(folder, "measured.txt"), record)
        ...     print(Path(folder, "measured.txt").read_text(), end="")
        2
        X 1 Z -1
    """
    check_shadow(record)
    size = len(record.qubits)
    pairs = np.array([f"{letter} {sign}" for letter in "XYZ" for sign in (1, -1)], dtype=object)
    bases = np.repeat(unpack_bases(record.bases, size), record.times, axis=0)
    codes = 2 * bases + unpack_bits(record.outcomes, size)
    write_lines(path, size, (" ".join(pairs[row]) for row in codes))


def read_observables(path: str | Path) -> PauliStrings:
    r"""Reads an observable file: each line a size k and k pairs of a letter and a qubit, ``X 3``.

    A line may end with a weight, as those of the program's derandomised schemes do: it says how
    much an observable counts when bases are chosen, and changes nothing in the observable. It is
    checked here, and returned by :func:`read_weighted_observables`.

    Raises:
        ValueError: If a line is broken or names a qubit twice or beyond n.
        OSError: If the file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "observables.txt")
        ...     _ = file.write_text("3\n2 X 0 Z 2\n1 Y 1\n")
        ...     read_observables(file).text()
        ['XIZ', 'IYI']
    """
    return read_weighted_observables(path)[0]


def read_weighted_observables(
    path: str | Path,
) -> tuple[PauliStrings, npt.NDArray[np.float64]]:
    r"""Reads an observable file with the weights of its lines.

    Returns:
        The strings, and (strings,) their weights, 1 where a line has none. With a weight w the
        program measures a string at least ⌊w K⌋ times instead of K times.

    Raises:
        ValueError: If a line is broken or names a qubit twice or beyond n, a weight is not
            positive, or the file holds more strings than memory should.
        OSError: If the file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "observables.txt")
        ...     _ = file.write_text("3\n2 X 0 Z 2 0.5\n1 Y 1\n")
        ...     strings, weights = read_weighted_observables(file)
        >>> strings.text(), weights.tolist()
        (['XIZ', 'IYI'], [0.5, 1.0])
    """
    qubits, lines = counted_lines(path)
    rows: list[npt.NDArray[np.uint8]] = []
    parts = [PauliStrings.from_letters(np.zeros((0, qubits), dtype=np.uint8))]
    weights: list[float] = []
    what = f"a size k, k pairs such as 'X 0' of different qubits below {qubits}, and at most a "
    what += "weight above 0"
    for number, words in lines:
        size = leading_count(words)
        pairs, rest = words[1 : 1 + 2 * size], words[1 + 2 * size :]
        places, letters = pairs[1::2], pairs[::2]
        if (
            not 0 <= size <= qubits
            or len(pairs) != 2 * size
            or len(rest) > 1
            or not set(letters) <= set(_BASIS)
            or not all_below(places, qubits)
            or not all(_WEIGHT.match(word) and 0 < float(word) < math.inf for word in rest)
        ):
            raise unexpected(path, number, what, " ".join(words))
        if (len(weights) + 1) * qubits > _MOST_VALUES:
            raise UsageError(f"{path} must hold at most {_MOST_VALUES // qubits} strings")
        row = np.zeros(qubits, dtype=np.uint8)
        row[[int(place) for place in places]] = [1 + _BASIS[letter] for letter in letters]
        rows.append(row)
        weights.append(float(rest[0]) if rest else 1.0)
        if len(rows) * qubits >= _PACKED_AT_ONCE:
            parts.append(PauliStrings.from_letters(np.array(rows)))
            rows = []
    if rows:
        parts.append(PauliStrings.from_letters(np.array(rows)))
    x, z, phase = (np.concatenate([getattr(p, key) for p in parts]) for key in ("x", "z", "phase"))
    return PauliStrings(qubits, x, z, phase), np.array(weights)


def write_observables(
    path: str | Path, strings: PauliStrings, weights: npt.ArrayLike | None = None
) -> None:
    """Writes an observable file.

    Args:
        path: The file.
        strings: The strings.
        weights: (strings,) their weights, if the file shall have them.

    Raises:
        ValueError: If a string has a phase, for which the format has no place, or the weights are
            not one positive number for each string.
        FileExistsError: If the file exists.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> strings = PauliStrings.from_text(["XIZ", "IYI"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_observables(Path(folder, "observables.txt"), strings, weights=[0.5, 1])
        ...     print(Path(folder, "observables.txt").read_text(), end="")
        3
        2 X 0 Z 2 0.5
        1 Y 1 1.0
    """
    if not isinstance(strings, PauliStrings):
        raise UsageError(f"strings must be PauliStrings, not a {kind_of(strings)}")
    if strings.phase.any():
        wrong = strings[int(np.flatnonzero(strings.phase)[0])].text()[0]
        raise UsageError(f"strings must have the sign +1 to be written, not {wrong}")
    ends = [""] * len(strings)
    if weights is not None:
        values = np.asarray(weights, dtype=np.float64)
        if values.shape != (len(strings),) or not ((values > 0) & np.isfinite(values)).all():
            raise UsageError(f"weights must be {len(strings)} numbers above 0, one for each string")
        ends = [f" {value!r}" for value in values.tolist()]

    def line(row: npt.NDArray[np.uint8], end: str) -> str:
        places = np.flatnonzero(row)
        return " ".join([str(places.size), *(f"{LETTERS[row[i]]} {i}" for i in places)]) + end

    write_lines(path, strings.qubits, map(line, strings.letters(), ends))


def read_subsystems(path: str | Path) -> tuple[int, list[tuple[int, ...]]]:
    r"""Reads a subsystem file: each line a size k and the numbers of k qubits.

    Returns:
        The number of qubits of the system, and the subsystems.

    Raises:
        ValueError: If a line is broken or names a qubit twice or beyond n.
        OSError: If the file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "subsystems.txt")
        ...     _ = file.write_text("4\n2 0 1\n1 3\n")
        ...     read_subsystems(file)
        (4, [(0, 1), (3,)])
    """
    qubits, lines = counted_lines(path)
    found = []
    for number, words in lines:
        if len(words) != 1 + leading_count(words) or not all_below(words[1:], qubits):
            what = f"a size k and k different qubits below {qubits}"
            raise unexpected(path, number, what, " ".join(words))
        found.append(tuple(int(word) for word in words[1:]))
    return qubits, found


def write_subsystems(path: str | Path, qubits: int, subsystems: Iterable[Sequence[int]]) -> None:
    """Writes a subsystem file.

    Args:
        path: The file.
        qubits: The number of qubits of the system.
        subsystems: The numbers of the qubits of each subsystem.

    Raises:
        ValueError: If a subsystem names a qubit twice or beyond n, or by anything but its number,
            or n is no whole number from 1 to 65536.
        FileExistsError: If the file exists.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_subsystems(Path(folder, "subsystems.txt"), 4, [(0, 1), (3,)])
        ...     print(Path(folder, "subsystems.txt").read_text(), end="")
        4
        2 0 1
        1 3
    """
    try:
        parts = [tuple(operator.index(qubit) for qubit in part) for part in subsystems]
    except TypeError:
        raise UsageError("subsystems must hold the numbers of their qubits") from None
    qubits = whole_number("qubits", qubits, 1, MOST_QUBITS)
    for part in parts:
        if not all_below([str(qubit) for qubit in part], qubits):
            raise UsageError(f"subsystems must hold different qubits below {qubits}, not {part}")
    write_lines(path, qubits, (" ".join(map(str, [len(part), *part])) for part in parts))


def read_bases(path: str | Path) -> npt.NDArray[np.uint8]:
    r"""Reads measurement schemes, as ``data_acquisition_shadow`` prints them: ``X Y Z`` on a line.

    This file alone has no first line with the number of qubits.

    Returns:
        (settings, n) bases, 0, 1, 2 for X, Y, Z.

    Raises:
        ValueError: If a line is broken, or there is none.
        OSError: If the file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "scheme.txt").write_text("X Y Z\nZ Z Z\n")
        ...     read_bases(Path(folder, "scheme.txt")).tolist()
        [[0, 1, 2], [2, 2, 2]]
    """
    rows: list[list[int]] = []
    for number, words in all_lines(path):
        if not words:
            continue
        if not set(words) <= set(_BASIS) or (rows and len(words) != len(rows[0])):
            size = f"{len(rows[0])} letters" if rows else "letters"
            what = f"{size} X, Y or Z with blanks between"
            raise unexpected(path, number, what, " ".join(words))
        rows.append([_BASIS[word] for word in words])
    if not rows:
        raise UsageError(f"{path} must hold at least one line of bases, not 0")
    return np.array(rows, dtype=np.uint8)
