"""Preflights on disk and on paper: CSV, one row for each pair, and a table for people.

A row carries a CRC-32, which goes on from that of the row before, and in the first row from the
number of pairs: a row that was changed, moved or taken away is noticed. Files of earlier versions
have no such column: a change of their factors shows in the cost, and other changes do not show.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.names import NAMES, PairPlace, read_pairs, write_pairs
from quantum_advantage.core.fields import choice, number, shown, text
from quantum_advantage.core.usage import UsageError
from quantum_advantage.preflight.pairs import Preflight
from quantum_advantage.study.rows import check_backend
from quantum_advantage.study.tables import check_interval, first_lines, joined, read_table

Floats = npt.NDArray[np.float64]

_FACTORS = ("f_x", "f_y", "f_z")
HEADER = (
    "backend",
    "pair",
    "fidelity",
    "fidelity_low",
    "fidelity_high",
    "chsh",
    "chsh_low",
    "chsh_high",
    *(f"{name}{end}" for name in _FACTORS for end in ("", "_low", "_high")),
    *(
        f"{side}_{error}{end}"
        for side in ("system", "memory")
        for error in ("p10", "p01")
        for end in ("", "_low", "_high")
    ),
    "cost",
    "outlier",
    "check",
)
_OLD_HEADER = HEADER[:-1]
# The ranges of the numbers of a row, by the beginning of their name.
_RANGES = {"fidelity": (0, 1), "chsh": (-4, 4), "f": (-1, 1), "system": (0, 1), "memory": (0, 1)}
_ENDS = ("", "_low", "_high")
# Six digits of three factors leave so much of the cost open, relatively.
_COST_ROUNDING = 1e-5
# The ends of a 95 % interval are about so many standard errors from the middle.
_NORMAL = 1.959964


@dataclass(frozen=True, eq=False)
class PreflightRecord:
    """What a preflight on disk says of the damping of its pairs.

    Attributes:
        backend: The backend's name.
        places: The pairs.
        factors: (pairs, 4) by which the letters I, X, Y, Z are damped.
        errors: (pairs, 4) their standard errors, read off the 95 % intervals.

    Example:
        >>> places = ((0, 0), (0, 1)), ((1, 0), (1, 1))
        >>> record = PreflightRecord("qvm:rainbow", places, np.full((2, 4), 0.9), np.zeros((2, 4)))
        >>> record.pairs, record.first(1).places
        (2, (((0, 0), (0, 1)),))
    """

    backend: str
    places: tuple[PairPlace, ...]
    factors: Floats
    errors: Floats

    @property
    def pairs(self) -> int:
        """The number of pairs."""
        return len(self.places)

    def first(self, pairs: int) -> PreflightRecord:
        """Returns the first pairs, which are the lightest by the calibration.

        The pairs that look best in the record itself would flatter: their errors helped to choose
        them.

        Args:
            pairs: How many.

        Raises:
            UsageError: If it has fewer.
        """
        if not 1 <= pairs <= self.pairs:
            raise UsageError(f"qubits must lie between 1 and the {self.pairs} pairs of the record")
        return PreflightRecord(
            self.backend, self.places[:pairs], self.factors[:pairs], self.errors[:pairs]
        )


def read_preflight(path: Path) -> PreflightRecord:
    """Reads what :func:`preflight_table` wrote.

    Args:
        path: The file.

    Raises:
        UsageError: If it is no such file, or a row of it does not read.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> from quantum_advantage.backends.simulators.factorised import FactorisedSampler
        >>> from quantum_advantage.preflight.pairs import measure_pairs
        >>> found = measure_pairs(FactorisedSampler(seed=1), 1, shots=120)
        >>> path = Path(tempfile.mkdtemp()) / "preflight.csv"
        >>> _ = path.write_text(preflight_table("qvm:rainbow", [((0, 0), (0, 1))], found))
        >>> read_preflight(path).factors.tolist()  # I, X, Y, Z without noise
        [[1.0, 1.0, 1.0, 1.0]]
    """
    header = first_lines(path)[0]
    checked = header == joined(HEADER)
    if not checked and header != joined(_OLD_HEADER):
        raise UsageError(f"{path} is no record of a preflight: its first line differs")
    rows = read_table(path, HEADER if checked else _OLD_HEADER, "a record of a preflight")
    if not rows:
        raise UsageError(f"{path} holds no pair")
    places, values, check = [], [], len(rows)
    for where, cells in rows:
        try:
            if checked:
                check = _next_check(cells[:-1], check)
                if f"{check:08x}" != cells[-1]:
                    raise ValueError("it does not match its check; a row was edited, or is missing")
            place, factors = _read_row(dict(zip(HEADER, cells, strict=False)))
        except ValueError as error:
            raise UsageError(f"{where} does not read as a pair's row: {error}") from None
        places.append(place)
        values.append(factors)
    if len({cells[0] for _, cells in rows}) > 1:
        raise UsageError(f"{path} holds more than one backend")
    backend = rows[0][1][0]
    try:
        check_backend(text(backend, "backend"))
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None
    if backend.partition(":")[0] not in NAMES:
        raise UsageError(f"{path}: unknown backend {shown(backend)}")
    qubits = [qubit for place in places for qubit in place]
    if len(set(qubits)) != len(qubits):
        raise UsageError(f"{path} holds a qubit twice")
    numbers = np.array(values)
    ones = np.ones((len(places), 1))
    errors = (numbers[:, :, 2] - numbers[:, :, 1]) / (2 * _NORMAL)
    return PreflightRecord(
        backend,
        tuple(places),
        np.concatenate([ones, numbers[:, :, 0]], axis=1),
        np.concatenate([0 * ones, errors], axis=1),
    )


def _read_row(named: dict[str, str]) -> tuple[PairPlace, list[list[float]]]:
    """Returns the pair of a row and its factors with their intervals."""
    (place,) = read_pairs(text(named["pair"], "pair", r"\d{1,6}\.\d{1,6}-\d{1,6}\.\d{1,6}"))
    if write_pairs([place]) != named["pair"]:
        raise ValueError(f"pair must be written as {write_pairs([place])}")
    found: dict[str, list[float]] = {}
    for name in HEADER[2:-3:3]:
        least, most = _RANGES[name.partition("_")[0]]
        found[name] = [
            number(_read_number(named[f"{name}{end}"]), f"{name}{end}", least, most)
            for end in _ENDS
        ]
        value, low, high = found[name]
        check_interval(low, value, high, name)
    factors = [found[name] for name in _FACTORS]
    cost, expected = _read_number(named["cost"]), _cost([value for value, _, _ in factors])
    if not (cost == expected or abs(cost - expected) <= _COST_ROUNDING * expected):
        raise ValueError(f"cost must be that of its factors, {expected:.6g}, not {cost:.6g}")
    choice(named["outlier"], "outlier", "0", "1")
    return place, factors


def _read_number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if f"{value:.6g}" != cell:
        raise ValueError(f"{shown(cell)} must be a number of six digits")
    return value


def _cost(factors: Sequence[float]) -> float:
    product = float(np.prod(np.maximum(factors, 0.0)))
    return product**-0.5 if product else math.inf


def _next_check(cells: Sequence[str], check: int) -> int:
    return zlib.crc32(joined(cells).encode(), check)


def _check_places(places: Sequence[PairPlace], found: Preflight) -> None:
    if len(places) != found.pairs:
        raise UsageError(f"places must be those of the {found.pairs} pairs, not {len(places)}")


def preflight_table(backend: str, places: Sequence[PairPlace], found: Preflight) -> str:
    """Returns a preflight as CSV, one row for each pair; errors as p(1|0) and p(0|1).

    Args:
        backend: The backend's name.
        places: Where the pairs are, one place for each pair.
        found: The preflight.

    Raises:
        UsageError: If there are more or fewer places than pairs.

    Example:
        >>> from quantum_advantage.backends.simulators.factorised import FactorisedSampler
        >>> from quantum_advantage.preflight.pairs import measure_pairs
        >>> found = measure_pairs(FactorisedSampler(seed=1), 1, shots=120)
        >>> header, row = preflight_table("qvm:rainbow", [((0, 0), (0, 1))], found).splitlines()
        >>> header.split(",")[:3], row.split(",")[:3]
        (['backend', 'pair', 'fidelity'], ['qvm:rainbow', '0.0-0.1', '1'])
    """
    lines, check = [joined(HEADER)], len(places)
    for values in preflight_values(places, found):
        pair, *numbers, outlier = values.values()
        cells = [backend, pair, *(f"{v:.6g}" for v in numbers), str(int(outlier))]
        check = _next_check(cells, check)
        lines.append(joined([*cells, f"{check:08x}"]))
    return "".join(f"{line}\n" for line in lines)


def preflight_values(places: Sequence[PairPlace], found: Preflight) -> Iterable[dict[str, Any]]:
    """Yields what a preflight measured of each pair, under the names of the columns of its table.

    Args:
        places: Where the pairs are, one place for each pair.
        found: The preflight.

    Raises:
        UsageError: If there are more or fewer places than pairs.

    Example:
        >>> from quantum_advantage.backends.simulators.factorised import FactorisedSampler
        >>> from quantum_advantage.preflight.pairs import measure_pairs
        >>> found = measure_pairs(FactorisedSampler(seed=1), 1, shots=120)
        >>> (values,) = preflight_values([((0, 0), (0, 1))], found)
        >>> values["pair"], values["fidelity"], values["outlier"]
        ('0.0-0.1', 1.0, False)
    """
    _check_places(places, found)
    factors, intervals = found.damping.factors()[:, 1:], found.damping.intervals()
    costs, outliers = found.costs(), found.outliers()
    for i, place in enumerate(places):
        damping = [v for k in range(3) for v in (factors[i, k], *intervals[i, k])]
        numbers = [*found.fidelity[i], *found.chsh[i], *damping, *found.readout[i].ravel()]
        cells = write_pairs([place]), *map(float, (*numbers, costs[i])), bool(outliers[i])
        yield dict(zip(HEADER[1:-1], cells, strict=True))


def preflight_lines(places: Sequence[PairPlace], found: Preflight) -> Iterable[str]:
    """Yields a preflight as a table for people, a header and one line for each pair.

    Args:
        places: Where the pairs are, one place for each pair.
        found: The preflight.

    Raises:
        UsageError: If there are more or fewer places than pairs.

    Example:
        >>> from quantum_advantage.backends.simulators.factorised import FactorisedSampler
        >>> from quantum_advantage.preflight.pairs import measure_pairs
        >>> found = measure_pairs(FactorisedSampler(seed=1), 1, shots=120)
        >>> header, line = preflight_lines([((0, 0), (0, 1))], found)
        >>> line.split()[0], line.split()[-1]  # the pair, and its factor on the copies
        ('0.0-0.1', '1.000')
    """
    _check_places(places, found)
    yield (
        f"{'pair':16s}{'Bell fidelity':>22s}{'CHSH':>20s}{'f_X':>8s}{'f_Y':>8s}{'f_Z':>8s}"
        f"{'p(1|0)':>16s}{'p(0|1)':>16s}{'cost':>8s}"
    )
    factors, costs, outliers = found.damping.factors(), found.costs(), found.outliers()
    for i, place in enumerate(places):
        value, low, high = found.fidelity[i]
        text = f"{write_pairs([place]):16s}" + f"{value:.3f} ({low:.3f}-{high:.3f})".rjust(22)
        value, low, high = found.chsh[i]
        text += f"{value:.2f} ({low:.2f}-{high:.2f})".rjust(20)
        text += "".join(f"{f:8.3f}" for f in factors[i, 1:])
        for error in (0, 1):
            text += " /".join(f"{found.readout[i, side, error, 0]:7.4f}" for side in (0, 1))
        yield text + f"{costs[i]:8.3f}" + ("  stands out" if outliers[i] else "")
