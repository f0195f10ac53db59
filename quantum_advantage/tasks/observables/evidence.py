"""What a record says about the revealed strings, and the exact decision that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli.likelihoods import choose, known_mean, unknown_sign

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Signs of the candidates that were seen, counted at every prefix of the record.

    Attributes:
        hits: (trials, candidates, prefixes) signs seen.
        pluses: (trials, candidates, prefixes) how many of them were +1.
        squared: (trials, candidates) whether a sign has the mean tr(Q ρ)² (two copies) or tr(Q ρ)
            (one copy, with the sign unknown).
        damping: (trials, candidates) factors by which noise is known to damp the mean of a
            two-copy sign, or None to take none into account.

    Example:
        Two candidates, ten Bell shots; the mean sign of the first was 0.8, of the second 0:

        >>> hits = np.full((1, 2, 1), 10)
        >>> seen = Evidence(hits, np.array([[[9], [5]]]), np.ones((1, 2), dtype=bool))
        >>> decide(seen, alpha=0.9, rng=np.random.default_rng(1)).tolist()  # the first is hidden
        [[0]]
    """

    hits: Counts
    pluses: Counts
    squared: npt.NDArray[np.bool_]
    damping: npt.NDArray[np.float64] | None = None

    def damped(self, factors: npt.NDArray[np.float64], letters: npt.NDArray[np.uint8]) -> Evidence:
        """Returns the evidence with the damping that a calibration found.

        Args:
            factors: (qubits, 4) factors of I, X, Y, Z on each pair.
            letters: (trials, candidates, qubits) letter codes of the candidates.

        Example:
            The candidates ZZ and XX on pairs that damp Z by 0.9 and X by 0.8:

            >>> hits = np.full((1, 2, 1), 10)
            >>> seen = Evidence(hits, np.array([[[9], [5]]]), np.ones((1, 2), dtype=bool))
            >>> factors = np.array([[1.0, 0.8, 0.7, 0.9]] * 2)
            >>> letters = np.array([[[3, 3], [1, 1]]], dtype=np.uint8)
            >>> seen.damped(factors, letters).damping.round(2).tolist()
            [[0.81, 0.64]]
        """
        # An estimate below 0 means that the sign is lost.
        left = np.maximum(factors, 0.0)
        return replace(self, damping=left[np.arange(letters.shape[2]), letters].prod(axis=2))


@dataclass(frozen=True, eq=False)
class Scores:
    """The answers of a trained model, which knows neither the rule for signs nor α.

    Attributes:
        log_odds: (trials, candidates, prefixes) log-odds that a candidate is the hidden one.

    Example:
        >>> scores = Scores(np.array([[[2.0, -1.0], [0.5, 3.0]]]))  # 2 candidates, 2 prefixes
        >>> decide(scores, alpha=0.9, rng=np.random.default_rng(1)).tolist()
        [[0, 1]]
    """

    log_odds: npt.NDArray[np.float64]


def decide(
    evidence: Evidence | Scores, alpha: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Answers the question at every prefix, ties at random.

    From counted signs the candidate with the larger exact likelihood is chosen, from a trained
    model the one with the larger score.

    Args:
        evidence: The counted signs, or the scores.
        alpha: The signal α that the learner was told, for counted signs.
        rng: The learner's randomness.

    Returns:
        (trials, prefixes): the chosen candidate; with one candidate 1 for 'hidden', 0 for 'none'.

    Raises:
        ValueError: If α does not lie in (-1, 1), or there are more signs +1 than signs.

    Example:
        A sign of unknown mean ±α: ten signs -1 are as good as ten signs +1.

        >>> hits, pluses = np.full((1, 2, 1), 10), np.array([[[5], [0]]])
        >>> single = Evidence(hits, pluses, squared=np.zeros((1, 2), dtype=bool))
        >>> decide(single, alpha=0.9, rng=np.random.default_rng(1)).tolist()
        [[1]]
    """
    if isinstance(evidence, Scores):
        return choose(evidence.log_odds, rng)
    return choose(log_likelihoods(evidence, alpha), rng)


def log_likelihoods(evidence: Evidence, alpha: float) -> npt.NDArray[np.float64]:
    """Returns the exact log-likelihood of 'it is the hidden one' against 'it is not'.

    Args:
        evidence: The counted signs.
        alpha: The signal α that the learner was told.

    Returns:
        (trials, candidates, prefixes).
    """
    damping = 1.0 if evidence.damping is None else evidence.damping[:, :, None]
    return np.where(
        evidence.squared[:, :, None],
        known_mean(evidence.hits, evidence.pluses, alpha**2 * damping),
        unknown_sign(evidence.hits, evidence.pluses, alpha),
    )


def count_prefixes(
    hits: npt.NDArray[np.bool_], signs: npt.NDArray[np.uint8], prefixes: npt.NDArray[np.int64]
) -> tuple[Counts, Counts]:
    """Counts hits and +1 signs in the first so many shots.

    Args:
        hits: (trials, shots) whether a shot gave a sign.
        signs: (trials, shots) sign bits, 0 for +1.
        prefixes: (prefixes,) increasing numbers of shots, at least 1.

    Returns:
        Two (trials, prefixes) arrays.

    Raises:
        UsageError: If the prefixes do not increase from 1 to at most the number of shots.

    Example:
        >>> hits = np.array([[True, False, True, True]])
        >>> signs = np.array([[0, 0, 1, 0]], dtype=np.uint8)
        >>> seen, pluses = count_prefixes(hits, signs, np.array([2, 4]))
        >>> seen.tolist(), pluses.tolist()
        ([[1, 3]], [[1, 2]])
    """
    shots = hits.shape[1]
    if prefixes[0] < 1 or prefixes[-1] > shots or (np.diff(prefixes) <= 0).any():
        raise UsageError(f"prefixes must increase from 1 to at most {shots}, not {prefixes}")
    starts = np.concatenate([[0], prefixes[:-1]])
    used = hits[:, : prefixes[-1]]
    plus = used & (signs[:, : prefixes[-1]] == 0)
    total = np.add.reduceat(used, starts, axis=1, dtype=np.int64)
    right = np.add.reduceat(plus, starts, axis=1, dtype=np.int64)
    return np.cumsum(total, axis=1), np.cumsum(right, axis=1)


def stack(pairs: list[tuple[Counts, Counts]], squared: npt.NDArray[np.bool_]) -> Evidence:
    """Joins the counts of the candidates into one piece of evidence.

    Args:
        pairs: For each candidate hits and +1 signs, (trials, prefixes) each.
        squared: (trials, candidates) whether signs have the mean tr(Q ρ)², as in :class:`Evidence`.

    Example:
        >>> first, second = (np.array([[10]]), np.array([[9]])), (np.array([[10]]), np.array([[5]]))
        >>> stack([first, second], np.ones((1, 2), dtype=bool)).pluses.tolist()
        [[[9], [5]]]
    """
    hits, pluses = zip(*pairs, strict=True)
    return Evidence(np.stack(hits, axis=1), np.stack(pluses, axis=1), squared)
