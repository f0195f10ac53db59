"""Pauli bases that are chosen, not drawn: a covering set, a derandomised one.

Bases are (settings, n) arrays of 0, 1, 2 for X, Y, Z. What such records say is read by hits.

Source of the derandomisation: Huang, Kueng, Preskill, Phys. Rev. Lett. 127, 030503 (2021). With N_ℓ
the number of settings that hit string ℓ the confidence bound Σ_ℓ exp(-η N_ℓ/2), η in the place of
ε², measures how badly the strings are known together. Over random bases a further setting
multiplies the term of a string of weight w by 1 - ν 3⁻ʷ on average, ν = 1 - exp(-η/2). Letters are
fixed one after another, each so that the conditional mean of the bound is least; so it never rises,
and the final bound is at most the mean over random bases.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import whole_number

Octets = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
# Sums that are equal in exact arithmetic differ by rounding alone.
TIE = 1e-9


class _Letters:
    """Fixes the letters of one setting, one qubit after another."""

    def __init__(self, strings: PauliStrings) -> None:
        letters = strings.letters()
        self.weights = strings.weight()
        self.qubits = strings.qubits
        self._acting = [
            [np.flatnonzero(letters[:, i] == letter) for letter in (1, 2, 3)]
            for i in range(self.qubits)
        ]

    def choose(self, importance: Floats) -> tuple[list[int], npt.NDArray[np.bool_]]:
        """Returns the bases of a setting, and which strings it hits, (strings,).

        A string that all fixed letters agree with, r letters left, is hit with chance 3⁻ʳ. The
        next basis is the one that keeps the most of Σ importance · chance, the first of equal ones:
        it triples the chances of the strings with this letter, and ends those of the strings with
        another one.
        """
        chance = importance * 3.0**-self.weights
        possible = np.ones(chance.size, dtype=bool)
        chosen = []
        for acting in self._acting:
            kept = [float(chance[rows].sum()) for rows in acting]
            least = max(kept) * (1 - TIE)
            best = next(basis for basis, sum_kept in enumerate(kept) if sum_kept >= least)
            chance[acting[best]] *= 3.0
            for rows in (acting[best - 1], acting[best - 2]):
                chance[rows] = 0.0
                possible[rows] = False
            chosen.append(best)
        return chosen, possible


def derandomised_bases(strings: PauliStrings, settings: int, eta: float = 0.9) -> Octets:
    """Chooses bases that measure given strings far more often than random ones.

    Source: see the module. In the conditional mean of the bound a string with N hits in the k
    finished settings of M counts with exp(-η N/2) (1 - ν 3⁻ʷ)^(M-k-1).

    Args:
        strings: What is to be measured; phases do not matter, the identity needs no setting.
        settings: How many bases.
        eta: How strongly strings with few hits are preferred; 0.9 is the choice of the authors.

    Returns:
        (settings, n) bases.

    Raises:
        UsageError: If there are less than one setting or string, or eta is not positive.

    Example:
        >>> derandomised_bases(PauliStrings.from_text(["XX", "ZZ"]), 4).tolist()
        [[0, 0], [2, 2], [0, 0], [2, 2]]
    """
    settings = whole_number("settings", settings, 1)
    if not len(strings):
        raise UsageError("strings must be at least one")
    if not eta > 0:
        raise UsageError(f"eta must be positive, not {eta}")
    letters = _Letters(strings)
    misses = np.log1p(math.expm1(-eta / 2) * 3.0**-letters.weights)
    hits = np.zeros(len(strings))
    bases = np.zeros((settings, strings.qubits), dtype=np.uint8)
    for k in range(settings):
        exponent = -eta / 2 * hits + (settings - k - 1) * misses
        bases[k], found = letters.choose(np.exp(exponent - exponent.max()))
        hits += found
    return bases


def covering_bases(strings: PauliStrings, hits: int = 1) -> Octets:
    """Chooses few bases that measure every one of the given strings so many times.

    Source: derived here. Strings with enough hits count nothing, the others 2^-g with g how many
    more hits they have than the one with the fewest: the preference for what is known least in
    :func:`derandomised_bases`, with η = 2 ln 2. By conditional means a setting hits strings whose
    counts add up to at least the mean over random bases, Σ 2^-g 3⁻ʷ, which is more than none, so
    that it ends; m strings of weight w are covered once after at most 3ʷ ln m + 1 settings.

    Args:
        strings: What is to be measured; phases do not matter.
        hits: How often.

    Returns:
        (settings, n) bases.

    Raises:
        UsageError: If there is no string or ``hits`` is less than 1.

    Example:
        >>> covering_bases(PauliStrings.from_text(["XI", "IX", "ZZ"])).tolist()
        [[0, 0], [2, 2]]
    """
    hits = whole_number("hits", hits, 1)
    if not len(strings):
        raise UsageError("strings must be at least one")
    letters = _Letters(strings)
    missing = np.full(len(strings), hits)
    bases = []
    while (most := missing.max()) > 0:
        importance = np.where(missing > 0, np.exp2(missing - most), 0.0)
        chosen, found = letters.choose(importance)
        missing -= found
        bases.append(chosen)
    return np.array(bases, dtype=np.uint8)
