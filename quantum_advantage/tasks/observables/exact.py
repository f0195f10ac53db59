"""The exact distributions of the protocols: the evidence of circuits, drawn without circuits.

For hidden-Pauli states, whether a shot gives a sign of a string depends on the learner's random
basis alone, and the signs are independent coins: with mean tr(Q ρ) for one copy and tr(Q ρ)² for
two. Signs of P and Q in one shot are independent too, because their product has the mean tr(P Q ρ)
= 0 for P ≠ Q. So the counts at every prefix can be drawn directly, at any number of qubits.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import scipy

from quantum_advantage.core.statistics import binomial_chances
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli.likelihoods import TIE, unknown_sign
from quantum_advantage.tasks.observables.evidence import Counts, Evidence
from quantum_advantage.tasks.observables.games import Games

Prefixes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Below this a binomial is drawn as a Poisson number: their distance is less than hits * RARE.
RARE = 1e-9
NORMAL_BEYOND = 4096
# α² times the largest multiplicity of unbiased bases that is tried for weak signals.
_MOST_SIGNALS = 8.0


def draw_signs(hits: Counts, means: Floats, rng: np.random.Generator) -> Counts:
    """Draws the +1 signs among growing numbers of hits, (trials, prefixes) for each candidate."""
    fresh = np.diff(hits, axis=-1, prepend=0)
    return np.cumsum(rng.binomial(fresh, (1 + means[..., None]) / 2), axis=-1)


def _occurrences(
    chances: Floats, groups: Prefixes, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Counts exclusive events in growing numbers of independent groups.

    Args:
        chances: (trials, events) probability of each event in one group.
        groups: (points,) increasing numbers of groups.
        rng: The source of randomness.

    Returns:
        (trials, events, points) counts.
    """
    fresh = np.diff(groups, prepend=0)
    if chances.max() < RARE:
        counts = rng.poisson(chances[:, :, None] * fresh)
    else:
        rest = np.maximum(1 - chances.sum(axis=1, keepdims=True), 0)
        every = np.concatenate([chances, rest], axis=1)
        every /= every.sum(axis=1, keepdims=True)
        drawn = rng.multinomial(fresh[None, :], every[:, None, :])
        counts = np.moveaxis(drawn[..., :-1], -1, 1)
    return np.cumsum(counts, axis=-1)


def _hits_of_random_groups(
    single: Floats, both: Floats, times: int, prefixes: Prefixes, rng: np.random.Generator
) -> Counts:
    """Counts hits when every group of ``times`` shots shares one random basis.

    Args:
        single: (trials, candidates) probability that a basis measures a candidate.
        both: (trials,) probability that it measures both candidates.
        times: Shots in each basis.
        prefixes: (prefixes,) numbers of shots.
        rng: The source of randomness.

    Returns:
        (trials, candidates, prefixes) hits.
    """
    whole, part = np.divmod(prefixes, times)
    points = np.unique(np.concatenate([whole, whole + 1]))
    if single.shape[1] == 1:
        counts = _occurrences(single, points, rng)
    else:
        chances = np.concatenate([single - both[:, None], both[:, None]], axis=1)
        exclusive = _occurrences(np.maximum(chances, 0), points, rng)
        counts = exclusive[:, :2] + exclusive[:, 2:]
    before = counts[:, :, np.searchsorted(points, whole)]
    after = counts[:, :, np.searchsorted(points, whole + 1)]
    return np.asarray(times * before + part * (after - before), dtype=np.int64)


def exact_bell(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, damping: Floats | None = None
) -> Evidence:
    """Draws the evidence of Bell measurements.

    Args:
        games: The games.
        prefixes: Numbers of Bell shots.
        rng: The source of randomness.
        damping: (qubits, 4) factors (f_I, f_X, f_Y, f_Z) by which noise damps the mean of a pair.
    """
    means = games.means**2
    if damping is not None:
        means = means * damping[np.arange(games.qubits), games.candidates].prod(axis=2)
    hits = np.broadcast_to(prefixes, (*means.shape, prefixes.size)).astype(np.int64)
    return Evidence(hits, draw_signs(hits, means, rng), np.ones(means.shape, dtype=np.bool_))


def exact_calibrated_bell(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, damping: Floats | None = None
) -> Evidence:
    """Draws the same evidence where the damping is known and used, see :func:`exact_bell`."""
    evidence = exact_bell(games, prefixes, rng, damping)
    return evidence if damping is None else evidence.damped(damping, games.candidates)


def exact_different_hidden(games: Games, prefixes: Prefixes, rng: np.random.Generator) -> Evidence:
    """Draws Bell evidence of two copies that hide different strings: tr(Q ρ) tr(Q σ) = 0."""
    hits = np.broadcast_to(prefixes, (*games.means.shape, prefixes.size)).astype(np.int64)
    pluses = draw_signs(hits, np.zeros(games.means.shape), rng)
    return Evidence(hits, pluses, np.ones(games.means.shape, dtype=np.bool_))


def exact_local_pauli(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, times: int
) -> Evidence:
    """Draws the evidence of random Pauli bases, each used so many times in a row.

    A basis measures a string of weight w with probability 3⁻ʷ, and two strings at once with
    probability 3 to the minus size of their joint support if they differ nowhere on the common one.
    """
    active = games.candidates != 0
    single = 3.0 ** -active.sum(axis=2)
    both = np.zeros(games.trials)
    if games.candidates.shape[1] == 2:
        differs = games.candidates[:, 0] != games.candidates[:, 1]
        clash = ((active[:, 0] & active[:, 1]) & differs).any(axis=1)
        both = np.where(clash, 0.0, 3.0 ** -active.any(axis=1).sum(axis=1))
    hits = _hits_of_random_groups(single, both, times, prefixes, rng)
    return _single_copy_evidence(games, hits, rng)


def exact_product_two_copy(games: Games, prefixes: Prefixes, rng: np.random.Generator) -> Evidence:
    """Draws the evidence of two copies in one random Pauli basis: each basis used twice."""
    return exact_local_pauli(games, 2 * prefixes, rng, 2)


def _commute(games: Games) -> npt.NDArray[np.bool_]:
    first, second = games.candidates[:, 0], games.candidates[:, 1]
    clashes = (first != 0) & (second != 0) & (first != second)
    return np.asarray(clashes.sum(axis=1) % 2 == 0)


def _random_group_chances(games: Games) -> tuple[Floats, Floats]:
    """Returns the chances that a random stabiliser group of n qubits holds one string, and both.

    A group holds 2ⁿ - 1 of the 4ⁿ - 1 strings, and the remaining group of n - 1 qubits likewise.
    Strings equal to the identity are held always, equal strings together.
    """
    n = games.qubits
    identity: npt.NDArray[np.bool_] = np.logical_not(games.candidates.any(axis=2))
    single = np.where(identity, 1.0, 1 / (2.0**n + 1))
    if games.candidates.shape[1] == 1:
        return single, np.zeros(games.trials)
    equal = (games.candidates[:, 0] == games.candidates[:, 1]).all(axis=1)
    pair = np.where(_commute(games), 1 / ((2.0**n + 1) * (2.0 ** (n - 1) + 1)), 0.0)
    both = np.where(identity.any(axis=1), single.prod(axis=1), np.where(equal, single[:, 0], pair))
    return single, both


def exact_random_clifford(games: Games, prefixes: Prefixes, rng: np.random.Generator) -> Evidence:
    """Draws the evidence of uniformly random stabiliser bases, fresh for every copy."""
    single, both = _random_group_chances(games)
    hits = _hits_of_random_groups(single, both, 1, prefixes, rng)
    return _single_copy_evidence(games, hits, rng)


def exact_mutually_unbiased(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, times: int
) -> Evidence:
    """Draws the evidence of mutually unbiased bases in random order, each so many times in a row.

    In every pass a string's one basis has a uniformly random place. Two random strings share their
    basis with probability (2ⁿ - 2)/(4ⁿ - 2).
    """
    bases = 2**games.qubits + 1
    shape = games.means.shape
    shared = rng.random(games.trials) < (2.0**games.qubits - 2) / (4.0**games.qubits - 2)
    hits = np.zeros((*shape, prefixes.size), dtype=np.int64)
    for passed in range(-(-int(prefixes[-1]) // (times * bases))):
        place = rng.integers(0, bases, shape)
        if shape[1] == 2:
            other = rng.integers(0, bases - 1, games.trials)
            other += other >= place[:, 0]
            place[:, 1] = np.where(shared, place[:, 0], other)
        start = passed * times * bases + times * place[:, :, None]
        hits += np.clip(prefixes - start, 0, times)
    return _single_copy_evidence(games, hits, rng)


def _single_copy_evidence(games: Games, hits: Counts, rng: np.random.Generator) -> Evidence:
    pluses = draw_signs(hits, games.means, rng)
    return Evidence(hits, pluses, np.zeros(games.means.shape, dtype=np.bool_))


def exact_limited_memory(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, memory: int
) -> Evidence:
    """Draws the evidence of rounds with a memory of k qubits.

    A round measures a string when its letters on the other n - k qubits lie in the group of the
    random basis there.
    """
    if memory == games.qubits:
        return exact_bell(games, prefixes, rng)
    rest = Games(games.preparation, games.candidates[:, :, memory:], games.truth, games.means)
    single, both = _random_group_chances(rest)
    hits = _hits_of_random_groups(single, both, 1, prefixes, rng)
    squared = (games.candidates[:, :, :memory] != 0).any(axis=2)
    hits = np.where(squared[:, :, None], hits, 2 * hits)
    means = np.where(squared, games.means**2, games.means)
    return Evidence(hits, draw_signs(hits, means, rng), squared)


def exact_known_question(games: Games, prefixes: Prefixes, rng: np.random.Generator) -> Evidence:
    """Draws the evidence when every copy is measured in the basis of the first candidate."""
    hits = np.zeros((*games.means.shape, prefixes.size), dtype=np.int64)
    hits[:, 0] = prefixes
    return _single_copy_evidence(games, hits, rng)


def bell_accuracy(shots: int, mean: npt.ArrayLike) -> Floats:
    """Returns the exact accuracy of the game ``two`` after so many Bell shots.

    p(T) = Pr[S_P > S_Q] + Pr[S_P = S_Q]/2 for the numbers of +1 signs S_P ~ Bin(T, (1 + m)/2) and
    S_Q ~ Bin(T, 1/2); derived here. One noiseless shot gives 1/2 + α²/4. Beyond 4096 shots the
    difference, of mean T m/2 and variance T (2 - m²)/4, is taken as normal.

    Args:
        shots: T.
        mean: (...) m, the mean sign of the hidden string: α² times the damping.
    """
    m = np.asarray(mean, dtype=float)
    if shots > NORMAL_BEYOND:
        return np.asarray(scipy.special.ndtr(m * np.sqrt(shots / (2 - m**2))))
    other = binomial_chances(shots, 0.5)
    below = np.concatenate([[0.0], np.cumsum(other)[:-1]])
    return np.asarray(binomial_chances(shots, (1 + m) / 2) @ (below + other / 2))


def best_times(target: float, alpha: float, game: str, most: int = 40) -> int:
    """Returns how often each of a random subset of unbiased bases is best measured.

    Derived here: a candidate's basis is in the subset with probability u and then gives K = times
    signs, so the accuracy is A(u) = u² A₁₁ + u (1 - u)(A₁₀ + A₀₁) + (1 - u)²/2 in the game ``two``
    (for n large enough that the two are independent) and u A₁ + (1 - u)/2 in the game ``one``; the
    copies are u K (2ⁿ + 1), to be minimised over K with A(u) = target. Of equal costs the smallest
    K is taken: in the game ``one`` two signs cost exactly what three cost.

    Args:
        target: The accuracy, in (1/2, 1).
        alpha: The signal.
        game: ``two`` or ``one``.
        most: The largest multiplicity tried.
    """
    return least_costly(_unbiased_costs(target, alpha, game, most))


def least_costly(costs: Mapping[int, float]) -> int:
    """Returns the smallest of the choices whose costs are the least, up to rounding.

    Args:
        costs: For each choice its cost, above 0.

    Example:
        >>> least_costly({4: 1.2, 3: 1.0, 2: 1.0 + 1e-15})
        2
    """
    least = min(costs.values()) * (1 + TIE)
    return min(choice for choice, cost in costs.items() if cost <= least)


def unbiased_cost(target: float, alpha: float, game: str) -> float:
    """Returns the copies of the best bases chosen beforehand, in units of 2ⁿ + 1.

    The minimum of :func:`best_times`, for large n: 1.25 at a target of 0.7 and α = 0.9.

    Args:
        target: The accuracy, in (1/2, 1).
        alpha: The signal.
        game: ``two`` or ``one``.
    """
    most = max(40, math.ceil(_MOST_SIGNALS / alpha**2))
    return min(_unbiased_costs(target, alpha, game, most).values())


@functools.cache
def _unbiased_costs(target: float, alpha: float, game: str, most: int) -> dict[int, float]:
    cost = {}
    # Beyond 40 the best multiplicity is found to some 5 %, and its cost far better.
    coarse = np.geomspace(40, max(most, 40), 1 + int(14 * math.log(max(most, 40) / 40)))
    for times in [*range(1, min(most, 40) + 1), *np.unique(np.rint(coarse).astype(int)).tolist()]:
        u = _subset_needed(target, alpha, game, times)
        if u is not None:
            cost[times] = u * times
    if not cost:
        raise UsageError(f"target {target} needs unbiased bases repeated more than {most} times")
    return cost


def _subset_needed(target: float, alpha: float, game: str, times: int) -> float | None:
    pluses = np.arange(times + 1)
    score = unknown_sign(times, pluses, alpha)
    # By symmetry the sign of the hidden string may be taken as +1.
    hidden, fair = binomial_chances(times, (1 + alpha) / 2), binomial_chances(times, 0.5)

    def wins(chances: Floats, lead: Floats) -> float:
        return float(chances @ np.where(np.abs(lead) <= TIE, 0.5, lead > 0))

    alone = wins(hidden, score)
    if game == "one":
        gain = (alone + wins(fair, -score)) / 2 - 0.5
        return (target - 0.5) / gain if gain >= target - 0.5 else None
    order = np.argsort(score)
    ranked, below = score[order], np.concatenate([[0.0], np.cumsum(hidden[order])])
    lower, upper = (below[np.searchsorted(ranked, score + tie)] for tie in (-TIE, TIE))
    both = float(fair @ (1 - (lower + upper) / 2))
    against = wins(fair, -score)
    quadratic, linear = both - alone - against + 0.5, alone + against - 1
    shares = np.linspace(0, 1, 2001)[1:]
    accuracy = 0.5 + linear * shares + quadratic * shares**2
    reached = np.flatnonzero(accuracy >= target)
    return float(shares[reached[0]]) if reached.size else None
