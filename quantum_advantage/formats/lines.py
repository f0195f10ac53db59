"""Lines of the text files of hsinyuan-huang/predicting-quantum-properties, cut into words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from quantum_advantage.core.fields import shown
from quantum_advantage.core.files import create_file, read_text
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import whole_number

# The largest number of qubits that a file may name.
MOST_QUBITS = 2**16
_NUMBER = re.compile(r"(0|[1-9]\d{0,8})\Z", re.ASCII)


def unexpected(path: str | Path, number: int, what: str, found: str) -> UsageError:
    """Returns the error of a line that cannot be read.

    Example:
        >>> unexpected("scheme.txt", 3, "letters X, Y or Z", "X Q").args[0]
        "scheme.txt, line 3: expected letters X, Y or Z, not 'X Q'"
    """
    return UsageError(f"{path}, line {number}: expected {what}, not {shown(found)}")


def counted_lines(path: str | Path) -> tuple[int, Iterator[tuple[int, list[str]]]]:
    r"""Returns the number of qubits, and the other lines with their numbers, cut into words.

    Raises:
        UsageError: If the first line is not the number of qubits, or the file is no text.
        OSError: If the file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "subsystems.txt").write_text("4\n\n2 0 1\n")
        ...     qubits, lines = counted_lines(Path(folder, "subsystems.txt"))
        ...     qubits, list(lines)
        (4, [(3, ['2', '0', '1'])])
    """
    lines = all_lines(path)
    _, first = next(lines, (1, []))
    qubits = leading_count(first)
    if len(first) != 1 or not 1 <= qubits <= MOST_QUBITS:
        what = f"the number of qubits, at most {MOST_QUBITS}"
        raise unexpected(path, 1, what, " ".join(first))
    return qubits, ((number, words) for number, words in lines if words)


def all_lines(path: str | Path) -> Iterator[tuple[int, list[str]]]:
    r"""Yields every line with its number, cut into words at blanks and tabs.

    Raises:
        UsageError: If the file is no text.
        OSError: If the file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "scheme.txt").write_text("X Y \nZ\tZ")
        ...     list(all_lines(Path(folder, "scheme.txt")))
        [(1, ['X', 'Y']), (2, ['Z', 'Z'])]
    """
    lines = read_text(Path(path)).split("\n")
    for number, line in enumerate(lines, start=1):
        words = line.removesuffix("\r").replace("\t", " ").split(" ")
        yield number, [word for word in words if word]


def write_lines(path: str | Path, qubits: int, lines: Iterable[str]) -> None:
    r"""Writes the number of qubits and the other lines of a file.

    Raises:
        UsageError: If the number of qubits is no whole number from 1 to 65536.
        FileExistsError: If the file exists.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_lines(Path(folder, "subsystems.txt"), 4, ["2 0 1"])
        ...     Path(folder, "subsystems.txt").read_text()
        '4\n2 0 1\n'
    """
    first = str(whole_number("qubits", qubits, 1, MOST_QUBITS))
    create_file(Path(path), "".join(f"{line}\n" for line in (first, *lines)))


def leading_count(words: Sequence[str]) -> int:
    """Returns the number at the head of a line, -1 if there is none.

    Example:
        >>> leading_count(["2", "X", "0"]), leading_count(["X", "0"])
        (2, -1)
    """
    return int(words[0]) if words and _NUMBER.match(words[0]) else -1


def all_below(words: Sequence[str], qubits: int) -> bool:
    """Tells whether words are different whole numbers below that of the qubits.

    Example:
        >>> all_below(["0", "3"], 4), all_below(["0", "4"], 4), all_below(["3", "3"], 4)
        (True, False, False)
    """
    numbers = [int(word) for word in words if _NUMBER.match(word)]
    return len(set(numbers)) == len(words) and all(number < qubits for number in numbers)
