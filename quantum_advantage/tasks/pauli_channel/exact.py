"""The exact distributions of protocols with ancillas; those without have the laws of states.

Whether a use shows a sign of a string depends on the learner's basis alone; the signs are
independent coins with the eigenvalue for their mean, see :mod:`.inputs`. Flips of P and Q in one
use are independent too, because their product has the mean λ_PQ = 0 for P ≠ Q.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy

from quantum_advantage.core.statistics import binomial_chances
from quantum_advantage.tasks.observables.evidence import Evidence
from quantum_advantage.tasks.observables.exact import (
    NORMAL_BEYOND,
    draw_signs,
    exact_mutually_unbiased,
)
from quantum_advantage.tasks.observables.games import Games
from quantum_advantage.tasks.pauli_channel.inputs import known_sign

Prefixes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def exact_ancillas(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, ancillas: int, times: int
) -> Evidence:
    """Draws the evidence of k Bell pairs and unbiased bases on the other qubits.

    Args:
        games: The games.
        prefixes: (prefixes,) numbers of uses.
        rng: The source of randomness.
        ancillas: k, from 0 to n.
        times: Uses in a row with the same basis.
    """
    shape = (*games.means.shape, prefixes.size)
    rest = games.candidates[:, :, ancillas:]
    hits = np.broadcast_to(prefixes, shape).astype(np.int64)
    held: npt.NDArray[np.bool_] = np.logical_not(rest.any(axis=2))
    if ancillas < games.qubits:
        others = Games(games.preparation, rest, games.truth, games.means)
        seen = exact_mutually_unbiased(others, prefixes, rng, times).hits
        if shape[1] == 2:
            # Strings that differ on the Bell pairs alone come with the same bases.
            alike = (rest[:, 0] == rest[:, 1]).all(axis=1)
            seen[alike, 1] = seen[alike, 0]
        hits = np.where(held[:, :, None], hits, seen)
    signs = draw_signs(hits, games.means, rng)
    return Evidence(hits, signs, np.zeros(games.means.shape, dtype=np.bool_))


def exact_concatenated(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, ancillas: int
) -> Evidence:
    """Draws the evidence of two uses at a time, one after the other, with k ancillas.

    Args:
        games: The games.
        prefixes: (prefixes,) numbers of pairs of uses.
        rng: The source of randomness.
        ancillas: k, from 0 to n.
    """
    seen = exact_ancillas(replace(games, means=games.means**2), prefixes, rng, ancillas, times=1)
    return replace(seen, squared=np.ones_like(seen.squared))


def exact_known_sign(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, ancillas: int, alpha: float
) -> Evidence:
    """Draws the evidence of k Bell pairs and cycled bases for a learner who knows the sign.

    Args:
        games: The games, whose hidden eigenvalues are +α.
        prefixes: (prefixes,) numbers of uses.
        rng: The source of randomness.
        ancillas: k, from 0 to n.
        alpha: α.
    """
    return known_sign(exact_ancillas(games, prefixes, rng, ancillas, times=1), alpha)


def identity_channel(games: Games, prefixes: Prefixes, rng: np.random.Generator) -> Evidence:
    """Draws the evidence of Bell pairs where the channel does nothing: no sign is ever flipped."""
    hits = np.broadcast_to(prefixes, (*games.means.shape, prefixes.size)).astype(np.int64)
    return Evidence(hits, hits, np.zeros(games.means.shape, dtype=np.bool_))


def pairs_accuracy(uses: int, mean: npt.ArrayLike) -> Floats:
    """Returns the exact accuracy of the game ``two`` after so many uses on n Bell pairs.

    Derived here. The likelihood with an unknown sign grows with the excess |S| of one sign, so the
    accuracy is Pr[|S_P| > |S_Q|] + Pr[|S_P| = |S_Q|]/2, S_P and S_Q being sums of T signs of means
    m and 0. One use is a coin, two uses are right with 1/2 + m²/4. Beyond 4096 uses S_P ± S_Q are
    taken as independent and normal, which makes it w² + (1 - w)² with w = Φ(m √(T/(2 - m²))).

    Args:
        uses: T.
        mean: (...) m, the size of the hidden eigenvalue times the damping.

    Example:
        >>> [round(float(pairs_accuracy(t, 0.9)), 4) for t in (1, 2, 4)]
        [0.5, 0.7025, 0.8736]
    """
    m = np.asarray(mean, dtype=float)
    if uses > NORMAL_BEYOND:
        w = scipy.special.ndtr(m * np.sqrt(uses / (2 - m**2)))
        return np.asarray(w**2 + (1 - w) ** 2)
    counts = np.arange(uses + 1)
    excess = np.abs(2 * counts - uses)
    fair = binomial_chances(uses, 0.5)
    smaller = np.array([fair[excess < e].sum() + fair[excess == e].sum() / 2 for e in excess])
    hidden = binomial_chances(uses, (1 + m) / 2)
    return np.asarray(hidden @ smaller)
