"""What a record says about the revealed strings, and the exact decision that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

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
        """
        # An estimate below 0 says that nothing is left of the sign.
        left = np.maximum(factors, 0.0)
        return replace(self, damping=left[np.arange(letters.shape[2]), letters].prod(axis=2))


@dataclass(frozen=True, eq=False)
class Scores:
    """What a trained model makes of a record, which is told neither signs nor α.

    Attributes:
        log_odds: (trials, candidates, prefixes) log-odds that a candidate is the hidden one.
    """

    log_odds: npt.NDArray[np.float64]


def decide(
    evidence: Evidence | Scores, alpha: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Answers the question at every prefix, ties at random.

    Counted signs by the larger exact likelihood; the scores of a trained model as they are.

    Args:
        evidence: The counted signs, or the scores.
        alpha: The signal α that the learner was told, for counted signs.
        rng: The learner's randomness.

    Returns:
        (trials, prefixes): the chosen candidate; with one candidate 1 for 'hidden', 0 for 'none'.
    """
    if isinstance(evidence, Scores):
        return choose(evidence.log_odds, rng)
    damping = 1.0 if evidence.damping is None else evidence.damping[:, :, None]
    scores = np.where(
        evidence.squared[:, :, None],
        known_mean(evidence.hits, evidence.pluses, alpha**2 * damping),
        unknown_sign(evidence.hits, evidence.pluses, alpha),
    )
    return choose(scores, rng)


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
    """
    starts = np.concatenate([[0], prefixes[:-1]])
    used = hits[:, : prefixes[-1]]
    plus = used & (signs[:, : prefixes[-1]] == 0)
    total = np.add.reduceat(used, starts, axis=1, dtype=np.int64)
    right = np.add.reduceat(plus, starts, axis=1, dtype=np.int64)
    return np.cumsum(total, axis=1), np.cumsum(right, axis=1)


def stack(pairs: list[tuple[Counts, Counts]], squared: npt.NDArray[np.bool_]) -> Evidence:
    """Joins the counts of the candidates, (trials, prefixes) each, into one piece of evidence."""
    hits, pluses = zip(*pairs, strict=True)
    return Evidence(np.stack(hits, axis=1), np.stack(pluses, axis=1), squared)
