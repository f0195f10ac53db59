"""Preflights on disk and on paper: CSV, one row for each pair, and a table for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.names import PairPlace, read_backend, read_pairs, write_pairs
from quantum_advantage.tasks.preflight import Preflight
from quantum_advantage.usage import UsageError

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
)
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
        """Returns the first pairs, which the calibration holds for the lightest.

        The pairs that look best in the record itself would flatter: their errors helped to choose
        them.

        Args:
            pairs: How many.

        Raises:
            ValueError: If it has fewer.
        """
        if not 1 <= pairs <= self.pairs:
            raise UsageError(f"qubits must lie between 1 and the {self.pairs} pairs of the record")
        return PreflightRecord(
            self.backend, self.places[:pairs], self.factors[:pairs], self.errors[:pairs]
        )


def read_preflight(path: Path) -> PreflightRecord:
    """Reads what :func:`preflight_table` wrote.

    Raises:
        ValueError: If it is no such file, or a row of it does not read.
    """
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    if not rows or tuple(rows[0]) != HEADER:
        raise UsageError(f"{path} is no record of a preflight: its first line differs")
    if len(rows) < 2:
        raise UsageError(f"{path} holds no pair")
    places, values = [], []
    for number, row in enumerate(rows[1:], 2):
        try:
            named = dict(zip(HEADER, row, strict=True))
            (place,) = read_pairs(named["pair"])
            places.append(place)
            ends = ("", "_low", "_high")
            values.append([[float(named[f"{name}{end}"]) for end in ends] for name in _FACTORS])
        except ValueError:
            raise UsageError(f"{path}, line {number}: does not read as a pair's row") from None
    if len({row[0] for row in rows[1:]}) > 1:
        raise UsageError(f"{path} holds more than one backend")
    numbers = np.array(values)
    ones = np.ones((len(places), 1))
    errors = (numbers[:, :, 2] - numbers[:, :, 1]) / (2 * _NORMAL)
    return PreflightRecord(
        str(read_backend(rows[1][0])),
        tuple(places),
        np.concatenate([ones, numbers[:, :, 0]], axis=1),
        np.concatenate([0 * ones, errors], axis=1),
    )


def preflight_table(backend: str, places: Sequence[PairPlace], found: Preflight) -> str:
    """Returns a preflight as CSV, one row for each pair; errors as p(1|0) and p(0|1)."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(HEADER)
    factors, intervals = found.damping.factors()[:, 1:], found.damping.intervals()
    costs, outliers = found.costs(), found.outliers()
    for i, place in enumerate(places):
        damping = [v for k in range(3) for v in (factors[i, k], *intervals[i, k])]
        numbers = [*found.fidelity[i], *found.chsh[i], *damping, *found.readout[i].ravel()]
        row = [f"{float(v):.6g}" for v in (*numbers, costs[i])]
        out.writerow([backend, write_pairs([place]), *row, int(outliers[i])])
    return text.getvalue()


def preflight_lines(places: Sequence[PairPlace], found: Preflight) -> Iterable[str]:
    """Yields a preflight as a table for people."""
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
