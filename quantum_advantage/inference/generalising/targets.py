"""What shadow records say of pairs of spins: targets to learn from, with their noise.

The correlator of a pair is c = ⟨XX + YY + ZZ⟩/3, or the mean of some of the three. *Hits* are the
copies whose bases agree on the two sites. The mean of their signs estimates c without bias given
that there are hits (derived here): by symmetry of the bases the expected share of each letter among
the hits is 1/3 whatever their number. If the three correlators are equal, as they are where the
state does not change when all spins are turned, its variance is (1 - c²)/hits, about 3 (1 - c²)/T
for T copies; the shadow estimate, three times the mean over all copies of the sign of a hit or 0,
has (3 - c²)/T. Of one letter alone a ninth of the copies hit, and the numbers are 9 in place of 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.checks import check_record
from quantum_advantage.inference.shadows.packed import count_signs
from quantum_advantage.measurements.records import ShadowRecord

Floats = npt.NDArray[np.float64]
Pair = tuple[int, int]


def _strings(sites: int, pairs: Sequence[Pair], letters: str) -> PauliStrings:
    """Returns the strings of the first letter on all pairs, then those of the next."""
    codes = np.zeros((len(letters), len(pairs), sites), dtype=np.uint8)
    rows = np.arange(len(pairs))[:, None]
    for place, letter in enumerate(letters):
        codes[place, rows, np.array(pairs)] = "IXYZ".index(letter)
    return PauliStrings.from_letters(codes.reshape(-1, sites))


def pair_correlators(
    records: Sequence[ShadowRecord],
    pairs: Sequence[Pair],
    *,
    by_hits: bool = True,
    letters: str = "XYZ",
) -> Floats:
    """Estimates the correlators of pairs of sites from records of several systems.

    Args:
        records: A record of each system, all of the same sites. For the estimate by hits any bases
            will do that were chosen without a look at outcomes, if the correlators are equal.
        pairs: The pairs, as numbers of sites.
        by_hits: Whether to average over the hits; else the shadow estimate, for random bases.
        letters: Of which letters the correlators are averaged; "Z" for ⟨ZZ⟩ alone.

    Returns:
        (systems, pairs, 2): the estimate and its standard error for equal correlators. Where
        nothing hit, the estimate is 0 and its error 1.

    Raises:
        UsageError: If records differ in their number of sites, or are no shadow records, or letters
            are not some of XYZ.

    Example:
        A singlet of two spins, where every correlator is -1:

        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> singlet = cirq.Circuit(cirq.X(a), cirq.H(a), cirq.X(b), cirq.CNOT(a, b))
        >>> record = measure_shadow(singlet, cirq.Simulator(seed=1), 900, seed=2)
        >>> pair_correlators([record], [(0, 1)])[0, 0, 0]
        np.float64(-1.0)
        >>> plain, error = pair_correlators([record], [(0, 1)], by_hits=False)[0, 0]
        >>> bool(abs(plain + 1) < 4 * error), round(float(error), 2)
        (True, 0.05)
    """
    if not letters or len(set(letters)) < len(letters) or set(letters) - set("XYZ"):
        raise UsageError(f"letters must be some of XYZ, each once, not {letters!r}")
    for record in records:
        check_record(record, ShadowRecord)
    sites = {len(record.qubits) for record in records}
    if len(sites) != 1:
        raise UsageError(f"records must have one number of qubits, not {sorted(sites)}")
    strings = _strings(sites.pop(), pairs, letters)
    found = np.empty((len(records), len(pairs), 2))
    for system, record in enumerate(records):
        counts = count_signs(record.bases, record.outcomes, strings, record.times)
        hits = record.times * counts.hits.reshape(len(letters), -1).sum(axis=0)
        sums = hits - 2 * counts.minus.reshape(len(letters), -1).sum(axis=0)
        if by_hits:
            values = np.divide(sums, hits, out=np.zeros(len(pairs)), where=hits > 0)
            # One sign more of either kind: no error is 0 because all signs are equal.
            spread = 1 - (sums / (hits + 1)) ** 2
            errors = np.sqrt(spread / np.maximum(hits, 1))
        else:
            shadow = 9 / len(letters)
            values = shadow * sums / record.shots
            errors = np.sqrt((shadow - np.minimum(values**2, 1)) / record.shots)
        found[system] = np.stack([values, errors], axis=1)
    return found
