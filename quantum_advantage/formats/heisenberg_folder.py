"""The public data of random Heisenberg models: couplings, outcomes and exact correlators in texts.

The layout is that of hsinyuan-huang/provable-ml-quantum and lllewis234/improved-ml-algorithm, the
data of Huang et al., Science 377, eabk3333 (2022), arXiv 2106.12627, and of Lewis et al., Nature
Communications 15, 895 (2024), arXiv 2301.13169. The files of one system are named
``heisenberg_{rows}x{columns}_id{number}_`` and one of

- ``couplings.txt``: the couplings of H = Σ J (XX + YY + ZZ), those of each site together, first to
  the site below and then to the one on the right; sites are numbered row by row;
- ``samples.txt``: a line for every copy, in a random Pauli basis, with a code for every site: 0, 2
  and 4 are the outcome +1, and 1, 3 and 5 the outcome -1, in three bases;
- ``XX.txt``, ``YY.txt``, ``ZZ.txt``: the exact (density matrix renormalisation group) correlators
  of all pairs of sites.

The order of sites, couplings and codes is not documented there. A test reads them off the data:
every coupling is correlated most with the correlator of its own bond, and correlators that are
estimated from the samples agree with the exact ones within their errors. Which basis is which
cannot be read off, as the model does not change when all spins are turned.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.fields import shown
from quantum_advantage.core.files import read_text
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.records import ShadowRecord
from quantum_advantage.measurements.shadow_records import shadow_of_arrays
from quantum_advantage.systems.lattice import grid_bonds

Floats = npt.NDArray[np.float64]

CODES = 6
_NAME = re.compile(r"heisenberg_([1-9]\d?)x([1-9]\d?)_id(\d{1,6})_couplings\.txt", re.ASCII)
# The most bytes of a file: 10 000 copies of 99 sites.
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, eq=False, repr=False)
class HeisenbergSystems:
    r"""Systems of one size.

    Attributes:
        rows: The rows of the grid.
        columns: Its columns.
        numbers: The numbers of the systems.
        couplings: (systems, bonds) couplings, in the order of ``grid_bonds``.
        records: The shadow record of each system; its qubits are ``cirq.LineQubit`` of the sites.
        correlators: (systems, n, n) exact (XX + YY + ZZ)/3.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     start = f"{folder}/heisenberg_1x2_id7_"
        ...     _ = Path(start + "couplings.txt").write_text("1.5\n")
        ...     _ = Path(start + "samples.txt").write_text("0\t1\n2\t3\n2\t5\n")
        ...     for letters in ("XX", "YY", "ZZ"):
        ...         _ = Path(start + letters + ".txt").write_text("1\t-1\n-1\t1\n")
        ...     systems = read_heisenberg(folder, 1, 2)
        >>> systems, systems.couplings.tolist(), systems.records[0]
        (HeisenbergSystems(1 of 1 x 2 sites), [[1.5]], ShadowRecord(3 shots of 2 qubits in 3 random
        bases))
    """

    rows: int
    columns: int
    numbers: tuple[int, ...]
    couplings: Floats
    records: tuple[ShadowRecord, ...]
    correlators: Floats

    def __repr__(self) -> str:
        return f"HeisenbergSystems({len(self.numbers)} of {self.rows} x {self.columns} sites)"


def heisenberg_sizes(folder: str | Path) -> dict[tuple[int, int], tuple[int, ...]]:
    """Returns the rows and columns that a folder has, with the numbers of the systems.

    Raises:
        UsageError: If it is no folder, or has no such system.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Path(folder, "heisenberg_4x5_id12_couplings.txt").touch()
        ...     heisenberg_sizes(folder)
        {(4, 5): (12,)}
    """
    place = Path(folder)
    if not place.is_dir():
        raise UsageError(f"data must be a folder, not {shown(str(folder))}")
    found: dict[tuple[int, int], list[int]] = {}
    for path in place.iterdir():
        if match := _NAME.fullmatch(path.name):
            rows, columns, number = map(int, match.groups())
            found.setdefault((rows, columns), []).append(number)
    if not found:
        raise UsageError(
            f"{folder} must hold files as heisenberg_4x5_id1_couplings.txt; it holds none"
        )
    return {size: tuple(sorted(found[size])) for size in sorted(found)}


def read_heisenberg(folder: str | Path, rows: int, columns: int) -> HeisenbergSystems:
    """Reads all systems of one size.

    Args:
        folder: The folder.
        rows: The rows of the grid.
        columns: Its columns.

    Raises:
        UsageError: If there is no such system, or a file holds anything else.
        OSError: If a file cannot be read.
    """
    sizes = heisenberg_sizes(folder)
    if (rows, columns) not in sizes:
        there = ", ".join(f"{a} x {b}" for a, b in sizes)
        raise UsageError(f"{folder} must hold systems of {rows} x {columns}; it holds {there}")
    numbers, sites = sizes[rows, columns], rows * columns
    bonds = len(grid_bonds(rows, columns))
    couplings, records, correlators = [], [], []
    for number in numbers:
        start = Path(folder) / f"heisenberg_{rows}x{columns}_id{number}_"
        couplings.append(_read_table(start, "couplings", (bonds, 1))[:, 0])
        records.append(_read_record(start, sites))
        exact = [_read_table(start, letters, (sites, sites)) for letters in ("XX", "YY", "ZZ")]
        correlators.append(np.mean(exact, axis=0))
    return HeisenbergSystems(
        rows, columns, numbers, np.array(couplings), tuple(records), np.array(correlators)
    )


def _lines(path: Path) -> list[list[str]]:
    return [words for line in read_text(path, _MOST_BYTES).splitlines() if (words := line.split())]


def _path(start: Path, kind: str) -> Path:
    return start.with_name(f"{start.name}{kind}.txt")


def _read_table(start: Path, kind: str, shape: tuple[int, int]) -> Floats:
    path = _path(start, kind)
    lines = _lines(path)
    if len(lines) != shape[0] or any(len(words) != shape[1] for words in lines):
        raise UsageError(f"{path} must hold {shape[0]} lines of {shape[1]} numbers")
    return np.array([[_number(path, word) for word in words] for words in lines])


def _number(path: Path, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{path} must hold numbers, not {shown(word)}")
    return value


def _read_record(start: Path, sites: int) -> ShadowRecord:
    path = _path(start, "samples")
    lines: Sequence[Sequence[str]] = _lines(path)
    codes = {str(code): code for code in range(CODES)}
    if not lines or any(len(words) != sites for words in lines):
        raise UsageError(f"{path} must hold lines of {sites} codes, one for every copy")
    try:
        table = np.array([[codes[word] for word in words] for words in lines], dtype=np.uint8)
    except KeyError as error:
        raise UsageError(
            f"{path} must hold codes from 0 to 5, not {shown(error.args[0])}"
        ) from None
    return replace(shadow_of_arrays(table // 2, table % 2), provenance={"file": path.name})
