"""Measures how often stated 95 % intervals hold the true value, and writes docs/coverage.md.

    python benchmarks/coverage.py

Means of signs, single strings and one sum are exact sums over all outcomes, to the law's last 1e-9;
purities are samples with fixed seeds. Takes some minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cirq
import numpy as np
import numpy.typing as npt
from scipy import stats

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.standard_errors import DEVIATIONS, sign_errors
from quantum_advantage.core.statistics import binomial_interval
from quantum_advantage.inference.shadows.errors import string_moments, sum_variance
from quantum_advantage.inference.shadows.hit_purity import hit_purities
from quantum_advantage.inference.shadows.packed import SignCounts
from quantum_advantage.inference.shadows.purity import grouped_purity, shadow_purity

Floats = npt.NDArray[np.float64]

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"
SHOTS = (5, 10, 30, 100, 1000, 10_000)
VALUES = (0.0, 0.3, 0.6, 0.9, 0.948, 0.99, 1.0)
WEIGHTS = (1, 2, 4, 8)
LEAST, MOST = 0.93, 1.5
# What a sum over a law leaves out.
REST = 1e-10


@dataclass(frozen=True)
class Cell:
    """One measurement.

    Attributes:
        coverage: How often value ± 1.96 errors holds the truth.
        ratio: The mean width, clipped to what is possible, over that of the exact interval.
        samples: How many records were drawn; None for an exact sum.
    """

    coverage: float
    ratio: float
    samples: int | None = None

    def __str__(self) -> str:
        return f"{self.coverage:.3f} / {self.ratio:.2f}"


def _cell(
    chances: Floats, values: Floats, errors: Floats, exact: Floats, truth: float, ends: Floats
) -> Cell:
    """Sums over outcomes; ``exact`` are the half widths or (outcomes, 2) ends to compare with."""
    reach = DEVIATIONS * errors
    if exact.ndim == 1:
        exact = np.stack([values - exact, values + exact], axis=1)
    stated = np.stack([values - reach, values + reach], axis=1)
    covered = np.abs(values - truth) <= reach + 1e-9
    wide, fair = (
        chances @ np.maximum(np.diff(np.clip(pair, *ends), axis=1)[:, 0], 0.0)
        for pair in (stated, exact)
    )
    return Cell(float(chances @ covered), float(wide / fair))


def window(trials: int, chance: float) -> npt.NDArray[np.int64]:
    """The counts of a binomial law that hold all but a small rest of it."""
    low, high = stats.binom.ppf(REST, trials, chance), stats.binom.isf(REST, trials, chance)
    return np.arange(max(low, 0), high + 1).astype(np.int64)


def signs(shots: int, mean: float) -> Cell:
    """A mean of signs (Bell purities, squares and overlaps, means over hits), exactly."""
    minus = window(shots, (1 - mean) / 2)
    chances = stats.binom.pmf(minus, shots, (1 - mean) / 2)
    values = 1 - 2 * minus / shots
    exact = 1 - 2 * np.array([binomial_interval(int(k), shots)[::-1] for k in minus])
    return _cell(chances, values, sign_errors(values, shots), exact, mean, np.array([-1, 1]))


def string(shots: int, value: float, weight: int) -> Cell:
    """A Pauli string from a fresh random basis for every shot, exactly."""
    hits = window(shots, 3.0**-weight)
    rows = [(h, k) for h in hits.tolist() for k in window(h, (1 - value) / 2).tolist()]
    hit, minus = np.array(rows, dtype=np.int64).T
    chances = stats.binom.pmf(hit, shots, 3.0**-weight) * stats.binom.pmf(
        minus, hit, (1 - value) / 2
    )
    counts = SignCounts(hit, minus, minus)
    moments = string_moments(counts, np.full(hit.size, weight), shots, 1)
    errors = np.sqrt(moments.variances() / shots)
    exact = np.full(hit.size, DEVIATIONS * np.sqrt((3.0**weight - value**2) / shots))
    return _cell(chances, moments.values, errors, exact, value, np.array([-1, 1]))


# Records of a cell of repeated settings, and so many of them side by side.
REPEATED_RECORDS, AT_ONCE = 20_000, 1000


def repeated_string(settings: int, value: float, weight: int, times: int) -> Cell:
    """A Pauli string from random bases that serve for several shots each, sampled.

    A setting that hits shows each of 0, ..., ``times`` minus signs with binomial chances, and no
    other setting counts, so that a record is drawn as the numbers of settings of each kind.
    """
    rng = np.random.default_rng([settings, weight, times, round(1000 * value)])
    minus = np.arange(times + 1)
    chances = 3.0**-weight * stats.binom.pmf(minus, times, (1 - value) / 2)
    found = []
    for _ in range(REPEATED_RECORDS // AT_ONCE):
        kinds = rng.multinomial(settings, [*chances, 1 - chances.sum()], AT_ONCE)[:, :-1]
        counts = SignCounts(kinds.sum(axis=1), kinds @ minus, kinds @ minus**2)
        moments = string_moments(counts, np.full(AT_ONCE, weight), settings, times)
        errors = np.sqrt(moments.variances() / settings)
        found.append(np.stack([moments.values, errors], axis=1))
    values, errors = np.concatenate(found).T
    second = 3.0**weight * (value**2 + (1 - value**2) / times)
    exact = np.full(values.size, DEVIATIONS * np.sqrt((second - value**2) / settings))
    equal = np.full(values.size, 1 / values.size)
    cell = _cell(equal, values, errors, exact, value, np.array([-1, 1]))
    return Cell(cell.coverage, cell.ratio, values.size)


_QUBITS = cirq.LineQubit.range(10)
_TERMS = PauliStrings.from_text(["ZZ" + 8 * "I", 10 * "X"])
_COEFFICIENTS = np.array([0.5, 1.0])


def never_hit_sum(shots: int) -> Cell:
    """0.5 Z0 Z1 + X^10 on the GHZ state of ten qubits, exactly: all signs are +1."""
    weights, laws = np.array([2, 10]), [1 / 9, 3.0**-10, 8 / 9 - 3.0**-10]
    first, second = window(shots, 1 / 9), window(shots, 3.0**-10)
    rows = []
    for a in first.tolist():
        for b in second.tolist():
            # A shot hits one of them at most.
            chance = stats.multinomial.pmf([a, b, shots - a - b], shots, laws)
            if a + b > shots:
                continue
            moments = string_moments(
                SignCounts(np.array([a, b]), np.zeros(2, int), np.zeros(2, int)), weights, shots, 1
            )
            values = np.repeat([4.5, 3.0**10, 0.0], [a, b, shots - a - b])
            hits = pack_bits(np.stack([values == 4.5, values == 3.0**10]))
            variance = sum_variance(_TERMS, _COEFFICIENTS, moments, values, hits)
            rows.append((chance, values.mean(), np.sqrt(variance / shots)))
    chances, found, errors = np.array(rows).T
    exact = np.full(found.size, DEVIATIONS * np.sqrt((9 / 4 + 3.0**10 - 1.5**2) / shots))
    return _cell(chances, found, errors, exact, 1.5, np.array([-1.5, 1.5]))


def purity(shots: int, qubits: int, state: str, times: int) -> Cell:
    """The purity of |0...0⟩ or I/d from random bases: fresh ones, or each used several times."""
    rng = np.random.default_rng([shots, qubits, times, len(state)])
    samples = max(300, min(3000, 10**5 // (shots * times))) if shots < 1000 else 200
    found = np.empty((samples, 2))
    for row in found:
        bases = rng.integers(0, 3, (shots, 1, qubits), dtype=np.uint8)
        bits = rng.integers(0, 2, (shots, times, qubits), dtype=np.uint8)
        if state == "pure":
            bits[np.broadcast_to(bases == 2, bits.shape)] = 0
        row[:] = grouped_purity(bits) if times > 1 else shadow_purity(bases[:, 0], bits[:, 0])
    return _sampled(found, 1.0 if state == "pure" else 2.0**-qubits, np.array([2.0**-qubits, 1]))


def _sampled(found: Floats, truth: float, ends: Floats) -> Cell:
    """Counts over (samples, 2) values and errors, beside the root mean square of the errors."""
    values, errors = found.T
    samples = values.size
    spread = np.full(samples, DEVIATIONS * np.sqrt(((values - truth) ** 2).mean()))
    cell = _cell(np.full(samples, 1 / samples), values, errors, spread, truth, ends)
    return Cell(cell.coverage, cell.ratio, samples)


def purity_by_strings(shots: int, pairs: int, noise: float | None, times: int) -> Cell:
    """The purity of pairs of qubits string by string, not clipped to what is possible.

    Args:
        shots: The number of random bases.
        pairs: The number of Werner states (1 - noise) singlet + noise I/4.
        noise: Their noise; None for the product |0...0⟩ instead.
        times: The shots of each basis.
    """
    rng = np.random.default_rng([shots, pairs, times, 100 if noise is None else int(100 * noise)])
    samples = max(300, min(2000, 10**5 // (shots * times))) if shots < 1000 else 200
    found = np.empty((samples, 2))
    for row in found:
        bases = rng.integers(0, 3, (shots, 2 * pairs), dtype=np.uint8)
        bits = rng.integers(0, 2, (shots, times, 2 * pairs), dtype=np.uint8)
        if noise is None:
            bits &= bases[:, None] < 2
        else:
            # In equal bases the outcomes of a singlet differ, in others they are independent.
            opposite = (bases[:, None, ::2] == bases[:, None, 1::2]) & (
                rng.random((shots, times, pairs)) >= noise
            )
            bits[..., 1::2] ^= opposite * (1 ^ bits[..., ::2] ^ bits[..., 1::2])
        (row[:],) = hit_purities(bases, bits, [2 * pairs])
    one = 1.0 if noise is None else (1 + 3 * (1 - noise) ** 2) / 4
    return _sampled(found, one**pairs, np.array([-np.inf, np.inf]))


PURITY_CASES = tuple(
    (state, qubits, times)
    for state in ("pure", "mixed")
    for qubits in (1, 2, 4)
    for times in (1, 2, 10)
)


STRING_CASES = tuple(
    (pairs, noise, times)
    for times in (1, 10)
    for pairs in (1, 2)
    for noise in (0.0, 0.1, 0.3, None)
)


REPEATED_CASES = tuple(
    (weight, value, times)
    for weight in (1, 2, 4)
    for times in (3, 10, 100)
    for value in (0.0, 0.6, 0.948, 1.0)
)


def string_case(pairs: int, noise: float | None, times: int) -> str:
    """The name of a case of the purities by strings."""
    if noise is None:
        state = f"pure product, k = {2 * pairs}"
    else:
        state = "singlet" if not noise else f"Werner, {100 * noise:g} % noise"
        state = state if pairs == 1 else f"{pairs} times {state}"
    return f"{state}, " + (f"{times} shots in each basis" if times > 1 else "fresh bases")


def _table(
    head: str, rows: Iterable[tuple[str, Callable[[int], Cell]]], shots: Iterable[int] = SHOTS
) -> list[str]:
    columns = list(shots)
    lines = [f"| {head} | " + " | ".join(f"T = {t}" for t in columns) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for name, measure in rows:
        cells = []
        for t in columns:
            cell = measure(t)
            low = cell.coverage < LEAST - (2 * 0.25 / cell.samples**0.5 if cell.samples else 0)
            text = str(cell)
            cells.append(f"**{text}**" if t >= 10 and (low or cell.ratio > MOST) else text)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def exact_tables() -> list[str]:
    """The lines of the tables that are exact sums."""
    lines = ["## Means of signs", ""]
    lines += _table(
        "mean",
        ((f"{v:g}", lambda t, v=v: signs(t, v)) for v in VALUES),  # type: ignore[misc]
    )
    for weight in WEIGHTS:
        lines += [f"## Strings of weight {weight}, a fresh random basis for every shot", ""]
        lines += _table(
            "tr(Q ρ)",
            ((f"{v:g}", lambda t, v=v, w=weight: string(t, v, w)) for v in VALUES),  # type: ignore[misc]
        )
    lines += ["## A sum with a term that is hardly ever hit", ""]
    lines += _table("0.5 Z0 Z1 + X^10 on GHZ", [("1.5", never_hit_sum)])
    return lines


def sampled_tables() -> list[str]:
    """The lines of the tables that are samples."""
    lines = ["## Strings from random bases, several shots in each", ""]
    rows = [
        (
            f"weight {weight}, {times} shots in each basis, {value:g}",
            lambda t, w=weight, v=value, k=times: repeated_string(t, v, w, k),
        )
        for weight, value, times in REPEATED_CASES
    ]
    lines += _table("T bases, tr(Q ρ)", rows)  # type: ignore[arg-type]
    lines += ["## Purities from random bases", ""]
    rows = [
        (
            f"{'pure product' if state == 'pure' else 'I/d'}, k = {qubits}, "
            + (f"{times} shots in each basis" if times > 1 else "fresh bases"),
            lambda t, s=state, q=qubits, k=times: purity(t, q, s, k),
        )
        for state, qubits, times in PURITY_CASES
    ]
    lines += _table("T bases", rows, SHOTS[:-1])  # type: ignore[arg-type]
    lines += ["## Purities from random bases, string by string", ""]
    rows = [
        (string_case(*case), lambda t, case=case: purity_by_strings(t, *case))  # type: ignore[misc]
        for case in STRING_CASES
    ]
    return lines + _table("T bases", rows, SHOTS[:-1])  # type: ignore[arg-type]


HEAD = """# How often the stated intervals hold

Estimators return a value and an error. Value ± 1.96 errors is meant to hold the true value in 95
% of cases, also where all outcomes agree or a string was never measured. The tables say how often
it does. Behind the slash they say how wide it is on average, relative to the exact interval. That
is the interval of Clopper and Pearson for signs, else 1.96 exact standard errors. Widths are
clipped to what is possible. Wanted are 0.93 and 1.5 for T from 10 on; cells that miss it are in
bold. No interval has the width 0 unless the value is certain, as that of the identity.

Where it does not hold: purities from few random bases that are used many times each. Of a pure
product state of k qubits most of the mean comes from rare bases in which many qubits have
definite outcomes. A sample of fewer than some 10 · 1.5^k bases may show none of them. With 100
shots in each of 10 bases the interval of four qubits holds in about 0.73 of cases. Take more
bases, not more shots in each. String by string, too, purities need some 30 bases if each is used
many times.

Wider than need be:

- sums of many strings from few shots, up to 1.5 times (five strings Z, 10 shots), because pairs
  of strings that were never measured together count at their largest;
- values of principal components near 0.6 and mutual informations, up to 3 times from fewer than
  100 shots;
- purities of states near I/d from fresh bases, up to 1.5 times;
- values near 0 of strings from few bases with many shots each, up to 2.9 times, because few hits
  do not tell that the value is near 0.

Where circuits are dear and shots cheap, a basis serves for several shots. The unit is then the
basis, and T counts bases: the shots of one basis hit a string together or miss it together.

Written by `python benchmarks/coverage.py`. The first tables are exact sums over all outcomes. The
last three are samples with fixed seeds (20,000 records of strings, at least 200 of purities),
bold only beyond two standard deviations. In the last one widths are not clipped.
"""


def main() -> None:
    """Writes the page."""
    PAGE.parent.mkdir(exist_ok=True)
    lines = [HEAD, *exact_tables(), *sampled_tables()]
    PAGE.write_text("\n".join(lines).rstrip() + "\n")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
