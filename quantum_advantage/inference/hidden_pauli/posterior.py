"""The exact posterior over all hidden strings and both signs: all that data can ever say.

Nature hides ρ = (I + s α P)/2ⁿ with P uniform over the 4ⁿ - 1 strings other than the identity and a
fair sign s. With the exact posterior a learner has unlimited computing: no other reading of the
same data is right more often.

Likelihoods (derived here). One copy, measured in a stabiliser or Pauli basis: the outcome is the
common eigenvector of 2ⁿ strings with some signs, so its probability is (1 + s α p)/2ⁿ with p the
sign of P if the basis measured it, and p = 0 if not. After K signs of P, a of them +1, the
likelihood relative to I/2ⁿ is (1 + s α)ᵃ (1 - s α)ᴷ⁻ᵃ. Two copies in the Bell basis: ρ ⊗ ρ is
[I ⊗ I + s α (P ⊗ I + I ⊗ P) + α² P ⊗ P]/4ⁿ, and in a Bell state P ⊗ I and I ⊗ P have the mean 0, so
the outcome has the probability (1 + α² e)/4ⁿ with e the sign of P, whatever s is.

Theorem (derived here). After the data two strings Q₁, Q₂ are revealed in random order: the hidden
one, and one drawn uniformly from the others. The answer that is right most often, given all of the
data and any amount of computing, is the string with the larger likelihood, averaged over the sign;
all other 4ⁿ - 3 strings are irrelevant. Proof. The answer that is right most often names the string
with the larger posterior. By Bayes' rule Pr[P = Q₁ | data, question] is proportional to the prior
1/(4ⁿ - 1), times the likelihood of the data, times the chance that {Q₁, Q₂} is asked in this order,
½ · 1/(4ⁿ - 2). First and last are the same for Q₂, and the normalisation cancels. ∎

So the decision of :mod:`~quantum_advantage.inference.hidden_pauli.likelihoods`, which looks at two
strings alone, is what the whole posterior answers, at any n; and the copies that it needs are those
of a learner with unlimited computing.

Places: the string with the x bits x and the z bits z, bit i for qubit i, stands at x + 2ⁿ z, as in
:mod:`~quantum_advantage.inference.bell.spectrum`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from quantum_advantage.core.bits import Words
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.spectrum import sign_sums
from quantum_advantage.inference.hidden_pauli.likelihoods import TIE, choose, known_mean

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# 4⁸ numbers for every game and prefix.
MOST_QUBITS = 8


@dataclass(frozen=True, eq=False)
class SignCounts:
    """Signs of all strings that were seen in several games, counted at prefixes of the records.

    Attributes:
        hits: (games, prefixes, 4ⁿ) signs seen of every string.
        pluses: (games, prefixes, 4ⁿ) how many of them were +1.

    Example:
        >>> SignCounts(np.zeros((1, 1, 4), dtype=int), np.zeros((1, 1, 4), dtype=int)).hits.shape
        (1, 1, 4)
    """

    hits: Integers
    pluses: Integers


def _check(qubits: int) -> None:
    if not 1 <= qubits <= MOST_QUBITS:
        raise UsageError(f"qubits must lie between 1 and {MOST_QUBITS}, not {qubits}")


def _histogram(places: Integers, games: int, prefixes: Integers, size: int) -> Integers:
    """Counts what stands at each place in the first so many shots.

    Args:
        places: (games · shots, k) numbers below ``size``; negative ones do not count.
        games: The number of games.
        prefixes: (prefixes,) increasing numbers of shots.
        size: The number of places.

    Returns:
        (games, prefixes, size) counts.

    Raises:
        UsageError: If the shots are not as many for every game, the prefixes do not fit them, or a
            place is too large.
    """
    shots, rest = divmod(len(places), games)
    if rest:
        raise UsageError(f"{len(places)} shots must be equally many in all {games} games")
    if prefixes[0] < 1 or prefixes[-1] > shots or (np.diff(prefixes) <= 0).any():
        raise UsageError(f"prefixes must increase from 1 to at most {shots}, not {prefixes}")
    by_game = places.reshape(games, -1, places.shape[-1])[:, : prefixes[-1]]
    if by_game.size and by_game.max() >= size:
        raise UsageError("outcomes must have no bit beyond the qubits")
    shot = np.arange(by_game.shape[1])
    part = np.searchsorted(prefixes, shot, side="right")
    row = np.arange(games)[:, None] * prefixes.size + part
    flat = row[:, :, None] * size + by_game
    counts = np.bincount(flat[by_game >= 0], minlength=games * prefixes.size * size)
    return np.cumsum(counts.reshape(games, prefixes.size, size), axis=1)


def count_signs_of_groups(
    qubits: int,
    strings: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint8]],
    games: int,
    prefixes: Integers,
) -> SignCounts:
    """Counts the signs of all strings from single copies: 2ⁿ of them in every shot.

    Args:
        qubits: The number n of qubits, at most 8.
        strings: x bits, z bits and sign bits of the strings that every shot measured, (games ·
            shots, 2ⁿ) each, game by game, as ``measurements.stabiliser.stabiliser_strings`` and
            ``measurements.pauli_basis.pauli_basis_strings`` give them.
        games: The number of games.
        prefixes: (prefixes,) increasing numbers of shots.

    Raises:
        ValueError: If there are too many qubits, the shots are not as many for every game, or the
            prefixes do not increase from 1 to at most the shots of a game.

    Example:
        >>> x, z = np.array([[0, 0]], dtype=np.uint64), np.array([[0, 1]], dtype=np.uint64)
        >>> signs = np.array([[0, 1]], dtype=np.uint8)  # I and -Z
        >>> counts = count_signs_of_groups(1, (x, z, signs), games=1, prefixes=np.array([1]))
        >>> counts.hits.tolist(), counts.pluses.tolist()
        ([[[1, 0, 1, 0]]], [[[1, 0, 0, 0]]])
    """
    _check(qubits)
    x, z, signs = strings
    places = (x | z << np.uint64(qubits)).astype(np.int64)
    hits = _histogram(places, games, prefixes, 4**qubits)
    pluses = _histogram(np.where(signs == 0, places, -1), games, prefixes, 4**qubits)
    return SignCounts(hits, pluses)


def count_bell_signs(
    qubits: int, system: Words, memory: Words, games: int, prefixes: Integers
) -> SignCounts:
    """Counts the signs of all strings from Bell measurements: all 4ⁿ in every shot.

    Args:
        qubits: The number n of qubits, at most 8.
        system: (games · shots, 1) packed outcomes a, game by game.
        memory: (games · shots, 1) packed outcomes b.
        games: The number of games.
        prefixes: (prefixes,) increasing numbers of shots.

    Raises:
        ValueError: If there are too many qubits, the shots are not as many for every game, or the
            prefixes do not increase from 1 to at most the shots of a game.

    Example:
        >>> zeros = np.zeros((2, 1), dtype=np.uint64)
        >>> counts = count_bell_signs(1, zeros, zeros, games=1, prefixes=np.array([2]))
        >>> counts.pluses.tolist()  # of I, X, Z, Y: YY is -1 on Φ⁺
        [[[2, 2, 2, 0]]]
    """
    _check(qubits)
    outcomes = (system | memory << np.uint64(qubits)).astype(np.int64)
    sums = sign_sums(_histogram(outcomes, games, prefixes, 4**qubits), qubits)
    hits = np.broadcast_to(prefixes[:, None], sums.shape)
    return SignCounts(hits, np.rint((hits + sums) / 2).astype(np.int64))


def log_posterior(counts: SignCounts, alpha: float, *, squared: bool) -> Floats:
    """Returns the logarithm of the exact posterior over all strings and both signs.

    Args:
        counts: The signs seen.
        alpha: The signal α in (0, 1).
        squared: Whether a sign has the mean α² (Bell measurements) or s α (single copies).

    Returns:
        (games, prefixes, 2, 4ⁿ): s = +1, then -1; the identity has -inf.

    Raises:
        ValueError: If α is not below 1, or there are more signs +1 than signs.

    Example:
        >>> zeros = np.zeros((2, 1), dtype=np.uint64)
        >>> counts = count_bell_signs(1, zeros, zeros, games=1, prefixes=np.array([2]))
        >>> joint = log_posterior(counts, 0.9, squared=True)
        >>> np.exp(of_strings(joint)).round(3).tolist()  # of I, X, Z, Y
        [[[0.0, 0.497, 0.497, 0.005]]]
    """
    means = (alpha**2, alpha**2) if squared else (alpha, -alpha)
    logs = np.stack([known_mean(counts.hits, counts.pluses, m) for m in means], axis=-2)
    logs[..., 0] = -np.inf
    return np.asarray(logs - special.logsumexp(logs, axis=(-2, -1), keepdims=True))


def of_strings(joint: Floats) -> Floats:
    """Returns the logarithm of the posterior over the strings alone.

    Args:
        joint: (games, prefixes, 2, 4ⁿ) what :func:`log_posterior` returns.

    Returns:
        (games, prefixes, 4ⁿ) natural logarithms.

    Example:
        >>> of_strings(np.log(np.full((1, 1, 2, 4), 1 / 8))).round(3).tolist()
        [[[-1.386, -1.386, -1.386, -1.386]]]
    """
    return np.asarray(np.logaddexp(joint[..., 0, :], joint[..., 1, :]))


def entropy(log_chances: Floats) -> Floats:
    """Returns the entropy of posteriors in bits.

    Args:
        log_chances: (..., 4ⁿ) the logarithm of the posterior over strings.

    Returns:
        (...) entropies.

    Example:
        >>> entropy(np.log([0.25, 0.25, 0.25, 0.25])).tolist()
        2.0
    """
    chances = np.exp(log_chances)
    # The identity has chance 0.
    return np.asarray(-special.xlogy(chances, chances).sum(axis=-1) / np.log(2))


def name_string(log_chances: Floats, rng: np.random.Generator) -> Integers:
    """Names the most likely string, ties at random: the best answer without any question.

    Args:
        log_chances: (..., 4ⁿ) the logarithm of the posterior over strings.
        rng: The learner's randomness.

    Returns:
        (...) the place of the string.

    Example:
        >>> name_string(np.log([0.1, 0.2, 0.6, 0.1]), np.random.default_rng(0)).tolist()
        2
    """
    best = log_chances.max(axis=-1, keepdims=True)
    coins = rng.random(log_chances.shape)
    return np.argmax(np.where(log_chances >= best - TIE, coins, -1.0), axis=-1)


def answer(log_chances: Floats, places: Integers, rng: np.random.Generator) -> Integers:
    """Answers the revealed question from the whole posterior, ties at random.

    Args:
        log_chances: (games, prefixes, 4ⁿ) the logarithm of the posterior over strings.
        places: (games, 2) the two revealed strings, each at its place x + 2ⁿ z.
        rng: The learner's randomness.

    Returns:
        (games, prefixes) 0 or 1: which of them is hidden.

    Raises:
        UsageError: If a place is not from 0 to 4ⁿ - 1.

    Example:
        >>> logs = np.log([[[0.1, 0.2, 0.6, 0.1]]])
        >>> answer(logs, np.array([[1, 2]]), np.random.default_rng(0)).tolist()
        [[1]]
    """
    return choose(_revealed(log_chances, places), rng)


def confidence(log_chances: Floats, places: Integers) -> Floats:
    """Returns the posterior chance that :func:`answer` is right.

    Args:
        log_chances: (games, prefixes, 4ⁿ) the logarithm of the posterior over strings.
        places: (games, 2) the two revealed strings, each at its place x + 2ⁿ z.

    Returns:
        (games, prefixes) chances, at least 1/2.

    Raises:
        UsageError: If a place is not from 0 to 4ⁿ - 1.

    Example:
        >>> confidence(np.log([[[0.1, 0.2, 0.6, 0.1]]]), np.array([[1, 2]])).round(6).tolist()
        [[0.75]]
    """
    scores = _revealed(log_chances, places)
    return np.asarray(special.expit(np.abs(scores[:, 1] - scores[:, 0])))


def _revealed(log_chances: Floats, places: Integers) -> Floats:
    size = log_chances.shape[2]
    if not ((places >= 0) & (places < size)).all():
        raise UsageError(f"places must lie between 0 and {size - 1}")
    chosen = np.take_along_axis(log_chances, places[:, None], axis=2)
    return np.moveaxis(chosen, 2, 1)
