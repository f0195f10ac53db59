"""Certificates: right answers that no learner without a quantum memory would have given so often.

The hypothesis to be excluded: given any history, each game is won with a chance of at most
p₀ = p_max(T), the proven bound for the T copies spent in it. Then the number of right answers in N
games is stochastically at most Bin(N, p₀), whatever the learner changes from game to game.

Two modes, one of which is chosen before the data.

``fixed``: N was fixed beforehand. The p-value is the exact tail Pr[Bin(N, p₀) ≥ right].

``anytime``: one may look after every batch and stop when one likes. With a p₁ > p₀ fixed beforehand
and X = 1 for a right answer, M = ∏ [X p₁/p₀ + (1 - X)(1 - p₁)/(1 - p₀)] is a supermartingale that
starts at 1: a factor has the mean q p₁/p₀ + (1 - q)(1 - p₁)/(1 - p₀), which grows with the chance q
and is 1 at q = p₀. By Ville's inequality Pr[M ever reaches 1/a] ≤ a (Shafer, Shen, Vereshchagin,
Vovk, Statistical Science 26, 84 (2011), section 2). A batch tells how many of its games were
won, not in which order, so M is read at the ends of batches alone; looking at fewer times cannot
make its largest value larger.

In both modes the chances that are excluded at the level a form an interval [0, limit): the tail
grows with p₀; M, as a function of p₀ below p₁, falls until p₀ is the share of right answers, and
beyond it rises to 1 at p₀ = p₁, so it is at least 1/a on an interval that begins at 0. The numbers
T' of copies with p_max(T') below the limit are excluded too: T'/T is the certified factor.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from quantum_advantage.certify.played import Played
from quantum_advantage.core.fields import number, shown, text, whole
from quantum_advantage.core.notebook import html_table
from quantum_advantage.core.statistics import binomial_tail, lower_limit
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.rows import MOST_COPIES
from quantum_advantage.tasks.protocol import Bound
from quantum_advantage.tasks.registry import load_deciding

Mode = Literal["fixed", "anytime"]

CONFIDENCE = 0.99
# p₁ lies so far from p₀ towards 1: 0.65 where p₀ is 1/2, which certifies one noiseless Bell shot a
# game, right in 70 % of the games, within 200 of them in 98.9 % of runs at 99.9 %.
ALTERNATIVE_SHARE = 0.3
_HALVINGS = 80
# The chance to be certified that the fewest games of a plan have.
POWER = 0.95
_MOST_GAMES = 1 << 40


@dataclass(frozen=True, repr=False)
class Certificate:
    """What a data set proves, or does not.

    Attributes:
        mode: ``fixed`` or ``anytime``.
        confidence: 1 - a.
        experiment: The experiment's name.
        task: The task's full name.
        protocol: The protocol's full name.
        qubits: The number n of qubits.
        backend: Where it ran.
        seed: The root of all randomness.
        budget: Copies of a record.
        copies: Copies spent in a game, after which the question was answered.
        games: The number of games N.
        right: How many of them were won.
        accuracy: Their share.
        lower: Chances below it are excluded at the confidence: the exact one-sided binomial limit,
            or its counterpart that holds at any time.
        largest_conventional: p_max at these copies.
        alternative: p₁, in the mode ``anytime``.
        p_value: The tail; in the mode ``anytime`` 1/(largest M so far), at most 1.
        certified: Whether learners without quantum memory and with as many copies are excluded.
        excluded_copies: The largest whole number of copies at which they still are.
        factor: That number over ``copies``, the certified factor; below 1 if not certified.
        proof: Where the bound is proven.
        assumptions: What must hold, in plain words.
        not_covered: What is not covered.
        notes: What was chosen because it was not given, and what was played.
        digest: SHA-256 of all rows of the curve.
        right_by_batch: Right answers of each batch.
    """

    mode: Mode
    confidence: float
    experiment: str
    task: str
    protocol: str
    qubits: int
    backend: str
    seed: int
    budget: int
    copies: int
    games: int
    right: int
    accuracy: float
    lower: float
    largest_conventional: float
    alternative: float | None
    p_value: float
    certified: bool
    excluded_copies: int
    factor: float
    proof: str
    assumptions: tuple[str, ...]
    not_covered: tuple[str, ...]
    notes: tuple[str, ...]
    digest: str
    right_by_batch: tuple[int, ...]

    def __repr__(self) -> str:
        verdict = "certified" if self.certified else "NOT certified"
        return (
            f"Certificate({verdict} at {100 * self.confidence:.10g} %: {self.protocol}, n = "
            f"{self.qubits}, {self.backend}: {self.right} of {self.games} right, factor "
            f"{self.factor:.3g})"
        )

    def _repr_html_(self) -> str:
        long = ("proof", "assumptions", "not_covered", "notes", "digest", "right_by_batch")
        return html_table({name: v for name, v in vars(self).items() if name not in long})

    def check(self) -> None:
        """Raises a ``ValueError`` that names the field if a value cannot be."""
        for name in ("budget", "copies", "games"):
            whole(getattr(self, name), name, 1, MOST_COPIES)
        number(self.confidence, "confidence", 0.5, 1)
        if self.alternative is not None:
            number(self.alternative, "alternative", 0, 1)
        text(self.digest, "digest", r"[0-9a-f]{64}")
        for right in self.right_by_batch:
            whole(right, "right_by_batch", 0, self.games)
        if not self.right_by_batch or sum(self.right_by_batch) != self.right:
            raise ValueError(f"right_by_batch must add up to the {shown(self.right)} right answers")


def default_alternative(largest: float) -> float:
    """Returns p₁ = p₀ + 0.3 (1 - p₀), which depends on nothing but the copies spent in a game."""
    return largest + ALTERNATIVE_SHARE * (1 - largest)


def largest_log_martingale(
    right: Sequence[int], games: int, chance: float, alternative: float
) -> float:
    """Returns the largest ln M at the ends of batches so far, at least 0, where it starts.

    Args:
        right: Right answers of each batch, in order.
        games: Games in a batch.
        chance: p₀ in (0, 1).
        alternative: p₁ in (p₀, 1).
    """
    won = np.cumsum(right)
    lost = games * np.arange(1, len(right) + 1) - won
    up = math.log(alternative / chance)
    down = math.log1p(-alternative) - math.log1p(-chance)
    return max(0.0, float((won * up + lost * down).max(initial=0.0)))


def anytime_limit(right: Sequence[int], games: int, alternative: float, level: float) -> float:
    """Returns the limit below which chances are excluded at a level, whenever one stops.

    Args:
        right: Right answers of each batch, in order.
        games: Games in a batch.
        alternative: p₁ in (0, 1).
        level: The level a.
    """
    low, high = 0.0, alternative
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        found = largest_log_martingale(right, games, middle, alternative)
        low, high = (middle, high) if found >= -math.log(level) else (low, middle)
    return low


def certify(
    played: Played,
    mode: Mode = "fixed",
    *,
    confidence: float = CONFIDENCE,
    alternative: float | None = None,
) -> Certificate:
    """Says what the games prove.

    Args:
        played: The games.
        mode: ``fixed``, their number was fixed beforehand, or ``anytime``.
        confidence: 1 - a, in (1/2, 1).
        alternative: p₁ of the mode ``anytime``, fixed beforehand; by default
            :func:`default_alternative` of p_max.

    Raises:
        ValueError: If no bound is proven for these games, or an argument does not fit.
    """
    if not 0.5 < confidence < 1:
        raise UsageError(f"confidence must lie strictly between 0.5 and 1, not {confidence}")
    if alternative is not None and mode == "fixed":
        raise UsageError("an alternative belongs to the mode anytime; leave it out, or choose that")
    key, level = played.key, 1 - confidence
    learners = load_deciding(key.task).bound_of(key.protocol, key.qubits)
    largest = learners.largest_accuracy(played.copies)
    games, right = played.games * len(played.right), sum(played.right)
    notes = list(played.notes)
    if mode == "fixed":
        p_value = binomial_tail(right, games, largest)
        lower = lower_limit(right, games, level)
    else:
        if alternative is None:
            alternative = default_alternative(largest)
            notes.append(f"the alternative was not given: {alternative:.6g}")
        elif not largest < alternative < 1:
            raise UsageError(
                f"alternative must lie between {largest:.6g}, the largest conventional accuracy, "
                f"and 1, not {alternative}"
            )
        # Where even a conventional learner is nearly always right, nothing can be told apart.
        bets = largest < alternative < 1
        found = (
            largest_log_martingale(played.right, played.games, largest, alternative) if bets else 0
        )
        p_value = math.exp(-found)
        lower = anytime_limit(played.right, played.games, min(alternative, 1 - 1e-9), level)
    certified = p_value <= level
    excluded = excluded_copies(learners, lower)
    # Rounding may tip a value that lies on the edge; p-value and copies must say the same.
    excluded = max(excluded, played.copies) if certified else min(excluded, played.copies - 1)
    if key.source == "law":
        notes.append("the answers were drawn from the exact law of the experiment: no circuits ran")
    elif key.backend.partition(":")[0] != "engine":
        notes.append(f"the copies were simulated: {key.backend}")
    return Certificate(
        mode=mode,
        confidence=confidence,
        experiment=played.experiment,
        task=key.task,
        protocol=key.protocol,
        qubits=key.qubits,
        backend=key.backend,
        seed=key.seed,
        budget=played.budget,
        copies=played.copies,
        games=games,
        right=right,
        accuracy=right / games,
        lower=lower,
        largest_conventional=largest,
        alternative=alternative,
        p_value=p_value,
        certified=certified,
        excluded_copies=excluded,
        factor=excluded / played.copies,
        proof=learners.proof,
        assumptions=learners.assumptions,
        not_covered=learners.not_covered,
        notes=tuple(notes),
        digest=played.digest,
        right_by_batch=played.right,
    )


def excluded_copies(learners: Bound, limit: float) -> int:
    """Returns the largest whole number of copies whose p_max lies below a limit.

    Numbers beyond those of double precision are said to be the largest one of it.
    """
    return math.floor(min(learners.copies_for(limit), sys.float_info.max)) if limit > 0.5 else 0


def least_right(games: int, largest: float, level: float) -> int:
    """Returns the fewest right answers in so many games that are certified; games + 1 if none are.

    Args:
        games: The number of games, fixed beforehand.
        largest: p_max.
        level: The level a.
    """
    low, high = 0, games + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if binomial_tail(middle, games, largest) <= level else (middle, high)
        )
    return high


def power(games: int, accuracy: float, largest: float, level: float) -> float:
    """Returns the chance that so many games are certified, their number fixed beforehand.

    Args:
        games: The number of games.
        accuracy: The expected accuracy.
        largest: p_max.
        level: The level a.
    """
    least = least_right(games, largest, level)
    return binomial_tail(least, games, accuracy) if least <= games else 0.0


def fewest_games(accuracy: float, largest: float, level: float) -> int | None:
    """Returns the fewest games certified with a chance of 95 %, to within the saw-tooth of it.

    Args:
        accuracy: The expected accuracy.
        largest: p_max.
        level: The level a.

    Returns:
        The number of games; None if none are.
    """
    if accuracy <= largest:
        return None
    high = 1
    while power(high, accuracy, largest, level) < POWER:
        high *= 2
        if high > _MOST_GAMES:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        enough = power(middle, accuracy, largest, level) >= POWER
        low, high = (low, middle) if enough else (middle, high)
    return high
