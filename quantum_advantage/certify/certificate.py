"""Certificates: right answers that no learner without a quantum memory would have given so often.

What is excluded is that each game, given any history, is won with a chance of at most p_max(T), the
proven bound for the T copies spent in it. How right answers are weighed, and what is paid where
something was chosen after the data, is in :mod:`quantum_advantage.certify.methods`. The numbers T'
of copies with p_max(T') below the limit of the chances that are excluded are excluded too: T'/T is
the certified factor.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quantum_advantage.certify.methods import MODES, Method, Mode
from quantum_advantage.certify.played import Played
from quantum_advantage.core.fields import choice, number, shown, text, whole
from quantum_advantage.core.notebook import html_table
from quantum_advantage.core.statistics import binomial_tail
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.rows import MOST_COPIES
from quantum_advantage.tasks.protocol import Bound
from quantum_advantage.tasks.registry import load_deciding

CONFIDENCE = 0.99
# The chance to be certified that the fewest games of a plan have.
POWER = 0.95
_MOST_GAMES = 1 << 40


@dataclass(frozen=True, repr=False)
class Certificate:
    """What a data set proves, or does not.

    Attributes:
        mode: ``fixed`` or ``anytime``, as registered, or ``afterwards`` if nothing was.
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
        price: By what the level is divided, for claims that share it or choices after a look.
        method: How the answers were weighed, in a line.
        registration: Digest of the registration; None if there is none.
        registered: When it was written, in UTC; None likewise.
        p_value: At all levels that are not smaller it is certified; the price is in it.
        certified: Whether learners without quantum memory and with as many copies are excluded.
        excluded_copies: The largest whole number of copies at which they still are.
        factor: That number over ``copies``, the certified factor; below 1 if not certified.
        unit: What is counted, ``copies`` or ``uses``.
        learners: Whom the bound is about: the subject of the sentence that is certified.
        condition: Of the systems, for that sentence; empty if there is none.
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
    price: int
    method: str
    registration: str | None
    registered: str | None
    p_value: float
    certified: bool
    excluded_copies: int
    factor: float
    unit: str
    learners: str
    condition: str
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
        check_parts(vars(self))
        if sum(self.right_by_batch) != self.right:
            raise ValueError(f"right_by_batch must add up to the {shown(self.right)} right answers")

    def __str__(self) -> str:
        """The verdict in a line, with the accuracy at which a factor stands."""
        verdict = "certified" if self.certified else "not certified"
        said = f"{verdict} at {100 * self.confidence:.10g} %"
        if self.certified:
            said += f", factor {self.factor:.4g} at {accuracy_name(self.accuracy)}"
        return f"{said}: {self.right} of {self.games} right from {self.copies} {self.unit} a game"


def accuracy_name(accuracy: float) -> str:
    """Returns an accuracy as it stands beside a factor, ``70 %``.

    Example:
        >>> accuracy_name(0.7), accuracy_name(0.98765)
        ('70 %', '98.8 %')
    """
    return f"{100 * accuracy:.3g} %"


def check_parts(values: Mapping[str, Any]) -> None:
    """Checks what a certificate says was chosen and seen.

    Args:
        values: The fields of a certificate by name; others than these may be missing.

    Raises:
        ValueError: If one cannot be; it names the field.
    """
    for name in ("budget", "copies", "games"):
        whole(values.get(name), name, 1, MOST_COPIES)
    choice(values.get("mode"), "mode", *MODES)
    number(values.get("confidence"), "confidence", 0.5, 1)
    if values.get("alternative") is not None:
        number(values["alternative"], "alternative", 0, 1)
    text(values.get("digest"), "digest", r"[0-9a-f]{64}")
    seen = values.get("right_by_batch")
    if "alternative" not in values or not isinstance(seen, list | tuple) or not seen:
        raise ValueError("it lacks what was chosen, or what was seen")
    for right in seen:
        whole(right, "right_by_batch", 0, values["games"])


def certify(played: Played, method: Method, *, confidence: float = CONFIDENCE) -> Certificate:
    """Says what the games prove.

    Args:
        played: The games.
        method: How they are weighed, by what was fixed before the data.
        confidence: 1 - a, in (1/2, 1).

    Raises:
        UsageError: If no bound is proven for these games, or an argument does not fit.
    """
    if not 0.5 < confidence < 1:
        raise UsageError(f"confidence must lie strictly between 0.5 and 1, not {confidence}")
    key, level = played.key, 1 - confidence
    learners = load_deciding(key.task).bound_of(key.protocol, key.qubits)
    largest = learners.largest_accuracy(played.copies)
    check_alternative(method.alternative, largest)
    games, right = played.games * len(played.right), sum(played.right)
    p_value = method.p_value(played.right, played.games, largest)
    lower = method.limit(played.right, played.games, level)
    certified = p_value <= level
    excluded = excluded_copies(learners, lower)
    # Rounding may tip a value that lies on the edge; p-value and copies must say the same.
    excluded = max(excluded, played.copies) if certified else min(excluded, played.copies - 1)
    notes = list(played.notes)
    if key.source == "law":
        notes.append("the answers were drawn from the exact law of the experiment: no circuits ran")
    elif key.backend.partition(":")[0] != "engine":
        notes.append(f"the copies were simulated: {key.backend}")
    return Certificate(
        mode=method.MODE,
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
        alternative=method.alternative,
        price=method.price,
        method=method.about(),
        registration=None,
        registered=None,
        p_value=p_value,
        certified=certified,
        excluded_copies=excluded,
        factor=excluded / played.copies,
        unit=learners.unit,
        learners=learners.learners,
        condition=learners.condition,
        proof=learners.proof,
        assumptions=learners.assumptions,
        not_covered=learners.not_covered,
        notes=tuple(notes),
        digest=played.digest,
        right_by_batch=played.right,
    )


def check_alternative(alternative: float | None, largest: float) -> None:
    """Refuses an alternative that lies below what learners without memory reach.

    Args:
        alternative: p₁; None where there is none.
        largest: p_max.

    Raises:
        UsageError: If it does.
    """
    # Where p_max is 1 as a number, nothing can be told apart, and any alternative says so.
    if alternative is not None and largest < 1 and not largest < alternative < 1:
        raise UsageError(
            f"alternative must lie between {largest:.6g}, the largest conventional accuracy, "
            f"and 1, not {alternative}"
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
