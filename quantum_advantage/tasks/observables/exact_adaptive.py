"""The exact distribution of adaptive unbiased bases, and what they cost on many qubits.

A string Q lies in one unbiased basis, its own. The first two copies there give two signs, the third
one if these agree, the fourth one if all three agree. The third and fourth bases also hold strings
of other bases: a *stray* sign, with the same mean tr(Q ρ). All signs are independent coins, but
those of the own basis decide whether the next copy measures Q again.

In the words of :mod:`quantum_advantage.measurements.agreement`: c and d are uniformly random
vectors in every basis, except that in the basis of the hidden string c·v and d·v are the
disagreements of its signs. The string (v, w) is measured by a copy in the basis A + M if
M v = A v + w.

Proof. If the hidden string P is not in the group of A, the first outcomes are uniform, and so are
c and then d = b₁ + b₃ + ... for uniform b₁; a stray sign of P in b₃ says nothing of d, because
v·b₁ is a fair coin that no other outcome knows. If P is in the group, the outcomes are uniform
given its signs. A string Q other than P has signs of mean 0 given everything else, because Q and
Q P have the mean 0 in ρ; in its own basis they obey its c·v and d·v. ∎
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli.likelihoods import TIE, unknown_sign
from quantum_advantage.measurements.agreement import apply_update, fourth_update
from quantum_advantage.measurements.stabiliser import MOST_QUBITS, group_image, select_bases
from quantum_advantage.measurements.unbiased_bases import mutually_unbiased_bases
from quantum_advantage.tasks.observables.evidence import Counts, Evidence, count_prefixes
from quantum_advantage.tasks.observables.exact import least_costly, unbiased_cost
from quantum_advantage.tasks.observables.games import Games
from quantum_advantage.tasks.observables.protocols import basis_order

Prefixes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

LOOKS = (3, 4)
# Copies whose bases are in memory at once.
COPIES_AT_ONCE = 1 << 20
# Signs of one kind that are counted; more stray ones come with a probability below 1e-12.
_MOST_SIGNS = 32


def exact_adaptive_unbiased(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, looks: int
) -> Evidence:
    """Draws the evidence of adaptive unbiased bases.

    To 12 qubits every basis of every game is drawn. Beyond, own bases and stray signs are drawn
    independently for the two strings, which is exact up to terms of order 2⁻ⁿ.

    Args:
        games: The games.
        prefixes: (prefixes,) numbers of copies.
        rng: The source of randomness.
        looks: Copies for each basis, 3 or 4.
    """
    squared = np.zeros(games.means.shape, dtype=np.bool_)
    if games.qubits > MOST_QUBITS:
        return Evidence(*_counts_of_many_qubits(games, prefixes, rng, looks), squared)
    at_once = max(1, COPIES_AT_ONCE // int(prefixes[-1]))
    parts = [
        _counts(games.select(slice(start, start + at_once)), prefixes, rng, looks)
        for start in range(0, games.trials, at_once)
    ]
    hits, pluses = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    return Evidence(hits, pluses, squared)


def _parity(words: Words) -> npt.NDArray[np.bool_]:
    return (np.bitwise_count(words) & np.uint8(1)).astype(np.bool_)


def _counts(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, looks: int
) -> tuple[Counts, Counts]:
    """Draws c, d and all signs, and counts what every copy measures."""
    n, trials = games.qubits, games.trials
    groups = -(-int(prefixes[-1]) // looks)
    order = basis_order(2**n + 1, 1, trials, groups, rng)
    bases = select_bases(mutually_unbiased_bases(n), order.ravel())
    in_z = order == 2**n
    c, d = rng.integers(0, 2**n, (2, trials, groups), dtype=np.uint64)
    strings = [PauliStrings.from_letters(letters) for letters in games.candidates.swapaxes(0, 1)]
    vectors = [string.x[:, :1] for string in strings]
    offsets = []
    for string, v in zip(strings, vectors, strict=True):
        image, _ = group_image(np.repeat(v[:, 0], groups), bases)
        offsets.append(image.reshape(trials, groups) ^ string.z[:, :1])
    means = games.means[:, :, None, None]
    # Sign bits: 1 for -1.
    signs = rng.random((trials, len(strings), groups, looks)) >= (1 + means) / 2
    owns = []
    for j, (v, offset) in enumerate(zip(vectors, offsets, strict=True)):
        owns.append(np.where(in_z, v == 0, offset == 0))
        decides = owns[j] & ~in_z & (games.means[:, j, None] != 0)
        lowest = v & -v
        first, second, third = (signs[:, j, :, look] for look in range(3))
        c ^= np.where(decides & (_parity(c & v) != (first ^ second)), lowest, np.uint64(0))
        again = decides & ~_parity(c & v)
        d ^= np.where(again & (_parity(d & v) != (first ^ third)), lowest, np.uint64(0))
    updates = [[(c, c)], fourth_update(c, d)]
    pairs = []
    for j, (v, offset, own) in enumerate(zip(vectors, offsets, owns, strict=True)):
        follows = own & ~in_z & (games.means[:, j, None] == 0)
        first = signs[:, j, :, 0]
        signs[:, j, :, 1] = np.where(follows, first ^ _parity(c & v), signs[:, j, :, 1])
        again = follows & ~_parity(c & v)
        signs[:, j, :, 2] = np.where(again, first ^ _parity(d & v), signs[:, j, :, 2])
        hits = np.empty((trials, groups, looks), dtype=np.bool_)
        hits[:, :, :2] = own[:, :, None]
        for look in range(2, looks):
            hits[:, :, look] = np.where(in_z, own, apply_update(updates[look - 2], v) == offset)
        flat = (trials, groups * looks)
        pairs.append(
            count_prefixes(hits.reshape(flat), signs[:, j].reshape(flat).astype(np.uint8), prefixes)
        )
    hits_of, pluses_of = zip(*pairs, strict=True)
    return np.stack(hits_of, axis=1), np.stack(pluses_of, axis=1)


def _counts_of_many_qubits(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, looks: int
) -> tuple[Counts, Counts]:
    """Draws where each string has its own basis, the signs there, and the stray signs."""
    n, shape = games.qubits, games.means.shape
    bases = 2**n + 1
    plus = (1 + games.means) / 2
    stray = sum(
        (1 - 2.0 ** (1 - look)) * ((prefixes + looks - 1 - look) // looks)
        for look in range(2, looks)
    )
    fresh = np.diff(np.asarray(stray) * 2.0**-n, prepend=0)
    strays = rng.poisson(np.broadcast_to(fresh, (*shape, prefixes.size)))
    hits = np.cumsum(strays, axis=-1)
    pluses = np.cumsum(rng.binomial(strays, plus[:, :, None]), axis=-1)
    for passed in range(-(-int(prefixes[-1]) // (looks * bases))):
        place = passed * bases + rng.integers(0, bases, shape)
        done = np.clip(prefixes - looks * place[:, :, None], 0, looks)
        signs = rng.random((*shape, looks)) < plus[:, :, None]
        agree = signs[..., 0] == signs[..., 1]
        for look in range(looks):
            seen = (done > look) & (True if look < 2 else agree[..., None])
            hits += seen
            pluses += seen & signs[..., look, None]
            if look >= 2:
                agree &= signs[..., look] == signs[..., 0]
    return hits, pluses


def adaptive_cost(target: float, alpha: float, game: str) -> dict[int, float]:
    """Returns the copies that adaptive unbiased bases need, in units of 2ⁿ + 1 for large n.

    Derived here from the same distribution: with u the share of the bases that are visited, a
    string's own basis is among them with probability u, and its stray signs are a Poisson number of
    mean u/2 for three looks, 5u/4 for four: a third basis has half its strings, a fourth three
    quarters of them from other bases. The accuracy is summed over all numbers of signs of both
    strings.

    Args:
        target: The accuracy, in (1/2, 1).
        alpha: The signal.
        game: ``two`` or ``one``.

    Returns:
        For each number of looks that reaches the target within one pass over the bases, the copies.

    Example:
        >>> {looks: round(cost, 3) for looks, cost in adaptive_cost(0.7, 0.9, "two").items()}
        {3: 1.171, 4: 1.26}
    """
    costs = {}
    for looks in LOOKS:
        lack = functools.partial(_lack, target=target, alpha=alpha, game=game, looks=looks)
        if lack(1.0) < 0:
            costs[looks] = looks * float(optimize.brentq(lack, 0.0, 1.0, xtol=1e-10))
    return costs


@functools.cache
def best_looks(target: float, alpha: float, game: str) -> int:
    """Returns the number of looks with the fewest copies; the largest one if none reaches it.

    Args:
        target: The accuracy, in (1/2, 1).
        alpha: The signal.
        game: ``two`` or ``one``.

    Example:
        >>> best_looks(0.7, 0.9, "two"), best_looks(0.9, 0.9, "two")
        (3, 4)
    """
    costs = adaptive_cost(target, alpha, game)
    return least_costly(costs) if costs else LOOKS[-1]


def _lack(share: float, *, target: float, alpha: float, game: str, looks: int) -> float:
    """Returns the target less the accuracy when a share of the bases is visited."""
    pluses = np.arange(_MOST_SIGNS)
    scores = unknown_sign(pluses[:, None] + pluses, pluses[:, None], alpha)
    hidden, fair = (_sign_chances(share, looks, plus).ravel() for plus in ((1 + alpha) / 2, 1 / 2))
    order = np.argsort(scores, axis=None)
    ranked = scores.ravel()[order]
    hidden, fair = hidden[order], fair[order]
    if game == "one":
        wins = np.where(np.abs(ranked) <= TIE, 0.5, ranked > 0)
        return float(target - (hidden @ wins + fair @ (1 - wins)) / 2)
    starts = np.flatnonzero(np.diff(ranked, prepend=-np.inf) > TIE)
    of_hidden, of_fair = (np.add.reduceat(chances, starts) for chances in (hidden, fair))
    below = np.cumsum(of_fair) - of_fair
    return float(target - of_hidden @ (below + of_fair / 2))


def _sign_chances(share: float, looks: int, plus: float) -> Floats:
    """Returns the probability of (plus, minus) signs of one string, (32, 32)."""
    if looks not in LOOKS:
        raise UsageError(f"looks must be 3 or 4, not {looks}")
    own = {(0, 0): 1.0}
    for look in range(looks):
        following: dict[tuple[int, int], float] = {}
        for (a, b), chance in own.items():
            # A split string is not measured again.
            ends = look >= 2 and a > 0 and b > 0
            steps = [(a, b, 1.0)] if ends else [(a + 1, b, plus), (a, b + 1, 1 - plus)]
            for up, down, weight in steps:
                following[up, down] = following.get((up, down), 0.0) + chance * weight
        own = following
    mean = share * sum(1 - 2.0 ** (1 - look) for look in range(2, looks))
    strays = np.outer(_poisson(mean * plus), _poisson(mean * (1 - plus)))
    chances = (1 - share) * strays
    for (a, b), chance in own.items():
        moved = strays[: _MOST_SIGNS - a, : _MOST_SIGNS - b]
        chances[a:, b:] += share * chance * moved
    return np.asarray(chances)


def _poisson(mean: float) -> Floats:
    """Returns the Poisson probabilities of 0 to 31; loading SciPy's statistics takes longer."""
    counts = np.arange(_MOST_SIGNS)
    logarithms = special.xlogy(counts, mean) - special.gammaln(counts + 1) - mean
    return np.asarray(np.exp(logarithms))


@functools.cache
def best_known_cost(target: float, alpha: float, game: str) -> float:
    """Returns the copies of the best conventional protocol known here, in units of 2ⁿ + 1.

    The smaller one of adaptive unbiased bases and of unbiased bases that are all chosen beforehand,
    for large n. Tried and found worse by November 2026, at α = 0.9 for 70 and 90 %: mixtures of
    multiplicities (1.247 and 4.199), and five to eight adaptive looks (at least 1.371 and 3.736).

    Args:
        target: The accuracy, in (1/2, 1).
        alpha: The signal.
        game: ``two`` or ``one``.

    Example:
        >>> round(best_known_cost(0.7, 0.9, "two"), 3)
        1.171
    """
    fixed = unbiased_cost(target, alpha, game)
    return min([fixed, *adaptive_cost(target, alpha, game).values()])
