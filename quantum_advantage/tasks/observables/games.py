"""The games: the hidden systems, the questions, and the right answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from quantum_advantage.bounds.hidden_pauli import GAMES
from quantum_advantage.core.naming import canonical, read_options
from quantum_advantage.core.pauli import random_letters
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.systems.preparation import OneOfEach, Preparation

# The tasks that play these games: with copies of the state, or with a process that hands them out.
GAME_TASKS = ("observables", "processes")
# What nature hides: the family of the paper, or that of a control.
Family = Literal["hidden", "local", "different", "none"]


@dataclass(frozen=True)
class ObservablesTask:
    """The parameters of the task.

    Attributes:
        alpha: The signal α in (0, 1).
        game: ``two`` observables, one of them hidden, or ``one`` observable, hidden or not.
        name: The task: ``observables`` or ``processes``.

    Raises:
        UsageError: If α does not lie in (0, 1), or there is no such game.

    Example:
        >>> print(ObservablesTask(alpha=0.5, game="one"))
        observables:alpha=0.5,game=one
    """

    alpha: float = 0.9
    game: str = "two"
    name: str = "observables"

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise UsageError(
                f"alpha must lie strictly between 0 and 1, not {self.alpha}; at 1 the bound "
                "degenerates"
            )
        if self.game not in GAMES:
            raise UsageError(f"game must be one of {', '.join(GAMES)}, not {self.game!r}")

    def __str__(self) -> str:
        return canonical(self.name, {"alpha": self.alpha, "game": self.game})


def read_task(text: str) -> ObservablesTask:
    """Reads ``observables:alpha=0.9,game=two`` or ``processes:alpha=0.9,game=two``.

    Raises:
        ValueError: If the task plays other games, or an option is unknown or out of range.

    Example:
        >>> read_task("processes:alpha=0.5")
        ObservablesTask(alpha=0.5, game='two', name='processes')
    """
    name, options = read_options(text, {"alpha": 0.9, "game": "two"})
    if name not in GAME_TASKS:
        raise UsageError(f"task {text!r} must be {' or '.join(GAME_TASKS)}")
    return ObservablesTask(float(options["alpha"]), str(options["game"]), name)


@dataclass(frozen=True, eq=False)
class Games:
    """Independent games on the same number of qubits, one hidden system for each.

    Attributes:
        preparation: What the learner gets.
        candidates: (trials, 1 or 2, n) letter codes of the strings that are revealed afterwards.
        truth: (trials,) which candidate is the hidden one; in the game ``one``, 1 if it is hidden.
        means: (trials, candidates) tr(Q ρ) of each candidate.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> games = draw_games(ObservablesTask(), "hidden", 5, 100, rng, rng)
        >>> games.trials, games.qubits, games.select(slice(10)).trials
        (100, 5, 10)
    """

    preparation: Preparation
    candidates: npt.NDArray[np.uint8]
    truth: npt.NDArray[np.int64]
    means: npt.NDArray[np.float64]

    @property
    def qubits(self) -> int:
        """The number n of qubits."""
        return self.candidates.shape[2]

    @property
    def trials(self) -> int:
        """The number of games."""
        return self.candidates.shape[0]

    def select(self, rows: slice) -> Games:
        """Returns some of the games."""
        return Games(
            self.preparation.select(rows),
            self.candidates[rows],
            self.truth[rows],
            self.means[rows],
        )


def draw_games(
    task: ObservablesTask,
    family: Family,
    qubits: int,
    trials: int,
    nature: np.random.Generator,
    copies: np.random.Generator,
) -> Games:
    """Draws hidden systems and questions.

    Args:
        task: The parameters.
        family: ``hidden`` is the paper's family: P uniform over all strings but the identity, the
            other candidate uniform over those that are neither the identity nor P. ``local``: the
            same with strings of weight exactly 2. ``different``: the second copy hides another
            string. ``none``: nothing is hidden, all copies are maximally mixed.
        qubits: The number n of qubits.
        trials: The number of games.
        nature: Draws the hidden strings, signs and questions.
        copies: Draws the hidden bits of the copies, whenever copies are handed out.

    Raises:
        ValueError: If the family is unknown, or there are fewer qubits than the weight of the
            strings.

    Example:
        One of two strings is hidden, with the mean ±α; the other has the mean 0.

        >>> rng = np.random.default_rng(1)
        >>> games = draw_games(ObservablesTask(alpha=0.9), "hidden", 5, 3, rng, rng)
        >>> np.abs(games.means[np.arange(3), games.truth]).tolist()
        [0.9, 0.9, 0.9]
        >>> np.abs(games.means[np.arange(3), 1 - games.truth]).tolist()
        [0.0, 0.0, 0.0]
    """
    if family not in get_args(Family):
        raise UsageError(f"family must be one of {', '.join(get_args(Family))}, not {family!r}")
    weight = 2 if family == "local" else None
    if weight is not None and qubits < weight:
        raise UsageError(f"qubits must be at least {weight} for strings of weight {weight}")
    hidden = random_letters(trials, qubits, nature, weight)
    signs = (1 - 2 * nature.integers(0, 2, trials)).astype(np.int8)
    coin = nature.integers(0, 2, trials)
    signals = np.full(trials, 0.0 if family == "none" else task.alpha)
    if task.game == "one":
        signals = signals * coin
        candidates = hidden[:, None]
        means = (signs * signals)[:, None]
    else:
        other = _different_letters(hidden, weight, nature)
        candidates = np.where(
            (coin == 0)[:, None, None],
            np.stack([hidden, other], axis=1),
            np.stack([other, hidden], axis=1),
        )
        means = (signs * signals)[:, None] * (np.arange(2) == coin[:, None])
    preparation: Preparation = HiddenPauli(hidden, signs, signals, copies)
    if family == "different":
        another = _different_letters(hidden, weight, nature)
        preparation = OneOfEach("a", preparation, HiddenPauli(another, signs, signals, copies))
    return Games(preparation, candidates, coin, means)


def _different_letters(
    letters: npt.NDArray[np.uint8], weight: int | None, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    trials, qubits = letters.shape
    other = random_letters(trials, qubits, rng, weight)
    while (same := (other == letters).all(axis=1)).any():
        other[same] = random_letters(int(same.sum()), qubits, rng, weight)
    return other
