"""How right answers are weighed, by what was fixed before the data.

The hypothesis to be excluded: given any history, each game is won with a chance of at most
p₀ = p_max(T), the proven bound for the T copies spent in it. Then the number of right answers in N
games is stochastically at most Bin(N, p₀), whatever the learner changes from game to game.

:class:`Fixed`: N was registered. The p-value is the exact tail Pr[Bin(N, p₀) ≥ right].

:class:`Anytime`: one may look after every batch and stop when one likes. With a registered p₁ > p₀
and X = 1 for a right answer, M = ∏ [X p₁/p₀ + (1 - X)(1 - p₁)/(1 - p₀)] is a supermartingale that
starts at 1: a factor has the mean q p₁/p₀ + (1 - q)(1 - p₁)/(1 - p₀), which grows with the chance q
and is 1 at q = p₀. By Ville's inequality Pr[M ever reaches 1/a] ≤ a (Shafer, Shen, Vereshchagin,
Vovk, Statistical Science 26, 84 (2011), section 2). A batch tells how many of its games were
won, not in which order, so M is read at the ends of batches alone; looking at fewer times cannot
make its largest value larger.

:class:`Afterwards`: nothing was registered, and all that could have been chosen after a look is
paid for (derived here).

1. *When to stop, and what to bet on.* M is averaged over p₁, uniform on [1/2, 1], where a p₁ ≤ p₀
   bets nothing: M = w + 2 ∫ L(p)/L(p₀) dp over p from m = max(p₀, 1/2) to 1, with L(p) =
   p^R (1 - p)^(N - R), R right answers so far and w = 2m - 1. An average of supermartingales
   that start at 1 is one (Robbins, Annals of Mathematical Statistics 41, 1397 (1970)), so every end
   of a batch may have been looked at, and no p₁ is chosen.
2. *Copies in a game.* A record is answered after K numbers of copies. Each has an M of its own and
   is tested at the K-th part of the level. That all share their data does not matter (union bound).
3. *Curves.* Protocols, numbers of qubits, backends, tasks and seeds, in all data files of a folder,
   are C curves so far, and one more can be played when none was certified. With C of them, each is
   tested at the level a/[C (C + 1)]. The level of a curve never grows while others are added, so
   that it is ever granted although it should not be has at most the chance a/[c (c + 1)], where c
   counts the curves when it was the latest. The sum over all c = 1, 2, … is a: certified as often
   as one likes, while the folder grows as one likes, *anything* is wrongly granted with at most a.

Together the level is divided by K C (C + 1), the *price*. Claims that are registered together share
their level in equal parts.

In all three the chances that are excluded at a level form an interval [0, limit). The tail grows
with p₀. M with one p₁, as a function of p₀ below p₁, falls until p₀ is the share of right answers,
and beyond it rises to 1 at p₀ = p₁, so it is at least 1/a on an interval that begins at 0. The
average: its derivative by p₀ is that of 1/L(p₀) times a positive integral (the end of the integral
moves as w does, and both cancel), so it falls until p₀ is the share R/N; beyond it L(p) ≤ L(p₀) for
all p that bet, and it is at most 1.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from quantum_advantage.core.statistics import binomial_tail, lower_limit

Mode = Literal["fixed", "anytime", "afterwards"]
Floats = npt.NDArray[np.float64]
MODES: tuple[Mode, ...] = ("fixed", "anytime", "afterwards")

# p₁ lies so far from p₀ towards 1: 0.65 where p₀ is 1/2, which certifies one noiseless Bell shot a
# game, right in 70 % of the games, within 200 of them in 98.9 % of runs at 99.9 %.
ALTERNATIVE_SHARE = 0.3
_HALVINGS = 80


def default_alternative(largest: float) -> float:
    """Returns p₁ = p₀ + 0.3 (1 - p₀), which depends on nothing but the copies spent in a game.

    Example:
        >>> default_alternative(0.5)
        0.65
    """
    return largest + ALTERNATIVE_SHARE * (1 - largest)


def log_bet(
    right: npt.ArrayLike, games: npt.ArrayLike, chance: float, alternative: float
) -> Floats:
    """Returns ln M of a bet on one p₁.

    Args:
        right: (...) right answers so far.
        games: (...) games so far.
        chance: p₀ in (0, 1).
        alternative: p₁ in (p₀, 1).

    Example:
        >>> round(float(log_bet(130, 200, 0.5, 0.65)), 3)
        9.14
    """
    won = np.asarray(right, dtype=float)
    up = math.log(alternative / chance)
    down = math.log1p(-alternative) - math.log1p(-chance)
    return np.asarray(won * up + (np.asarray(games) - won) * down)


def log_mixture(right: npt.ArrayLike, games: npt.ArrayLike, chance: float) -> Floats:
    """Returns ln M, averaged over p₁ uniform on [1/2, 1].

    The integral is an incomplete beta function. It may be too small for a number only where few
    answers are right; then M is w, or 0.

    Args:
        right: (...) right answers so far.
        games: (...) games so far.
        chance: p₀ in (0, 1).

    Example:
        >>> round(float(log_mixture(130, 200, 0.5)), 3)
        7.359
    """
    won = np.asarray(right, dtype=float)
    lost = np.asarray(games) - won
    least = max(chance, 0.5)
    likelihood = special.xlogy(won, chance) + special.xlog1py(lost, -chance)
    with np.errstate(divide="ignore"):
        beyond = np.log(special.betaincc(won + 1, lost + 1, least))
        idle = np.log(2 * least - 1)
    bets = math.log(2) + special.betaln(won + 1, lost + 1) + beyond - likelihood
    return np.asarray(np.logaddexp(idle, bets))


class Method(ABC):
    """How right answers are weighed: a p-value, and the chances that are excluded.

    Attributes:
        MODE: Its name.
        alternative: The p₁ that was registered; None of all methods that take none.
    """

    MODE: ClassVar[Mode]
    alternative: float | None = None

    @property
    @abstractmethod
    def price(self) -> int:
        """By what the level is divided: how much could have been chosen after the data."""

    @abstractmethod
    def about(self) -> str:
        """Returns in a line how it weighs."""

    @abstractmethod
    def _p_value(self, right: Sequence[int], games: int, chance: float) -> float:
        """Returns the p-value without the price."""

    @abstractmethod
    def _limit(self, right: Sequence[int], games: int, level: float) -> float:
        """Returns the limit at a level from which the price has been taken."""

    def p_value(self, right: Sequence[int], games: int, chance: float) -> float:
        """Returns the p-value: granted at all levels that are not smaller.

        Args:
            right: Right answers of each batch, in order.
            games: Games in a batch.
            chance: p₀.
        """
        return min(1.0, self.price * self._p_value(right, games, chance))

    def limit(self, right: Sequence[int], games: int, level: float) -> float:
        """Returns the limit below which chances are excluded.

        Args:
            right: Right answers of each batch, in order.
            games: Games in a batch.
            level: The level a.
        """
        return self._limit(right, games, level / self.price)


@dataclass(frozen=True)
class Fixed(Method):
    """The number of games was registered before the data.

    Attributes:
        claims: How many claims were registered together.

    Example:
        >>> round(Fixed().p_value([61, 62], 100, 0.5), 6)
        0.000701
    """

    MODE: ClassVar[Mode] = "fixed"
    claims: int = 1

    @property
    def price(self) -> int:
        """How many claims share the level."""
        return self.claims

    def about(self) -> str:
        """Returns in a line how it weighs."""
        return "a number of games fixed before the data, exact binomial tail" + _shared(self.claims)

    def _p_value(self, right: Sequence[int], games: int, chance: float) -> float:
        return binomial_tail(sum(right), games * len(right), chance)

    def _limit(self, right: Sequence[int], games: int, level: float) -> float:
        return lower_limit(sum(right), games * len(right), level)


@dataclass(frozen=True)
class Anytime(Method):
    """One may stop when one likes, with a p₁ that was registered before the data.

    Attributes:
        alternative: p₁.
        claims: How many claims were registered together.

    Example:
        >>> Anytime(0.65).p_value([61, 62], 100, 0.5) < 0.01
        True
    """

    MODE: ClassVar[Mode] = "anytime"
    alternative: float
    claims: int = 1

    @property
    def price(self) -> int:
        """How many claims share the level."""
        return self.claims

    def about(self) -> str:
        """Returns in a line how it weighs."""
        return (
            "valid whenever one stops; the product over games of "
            f"[X p1/p0 + (1 - X)(1 - p1)/(1 - p0)], p1 = {self.alternative:.6g} fixed before the "
            "data" + _shared(self.claims)
        )

    def _p_value(self, right: Sequence[int], games: int, chance: float) -> float:
        # Where even a conventional learner is nearly always right, nothing can be told apart.
        if not chance < self.alternative < 1:
            return 1.0
        return math.exp(-_largest(right, games, self._log(chance)))

    def _limit(self, right: Sequence[int], games: int, level: float) -> float:
        if self.alternative >= 1:
            return 0.0
        return _bisect(lambda q: _largest(right, games, self._log(q)), self.alternative, level)

    def _log(self, chance: float) -> Callable[[Floats, Floats], Floats]:
        return lambda won, played: log_bet(won, played, chance, self.alternative)


@dataclass(frozen=True)
class Afterwards(Method):
    """Nothing was registered: all that could have been chosen after a look is paid for.

    Attributes:
        prefixes: K, after how many numbers of copies a record is answered.
        curves: C, how many curves there are in all data files of the folder.

    Example:
        >>> Afterwards(prefixes=8, curves=3).price
        96
        >>> Afterwards(1, 1).p_value([70, 70], 100, 0.5) < 1e-5
        True
    """

    MODE: ClassVar[Mode] = "afterwards"
    prefixes: int
    curves: int

    @property
    def price(self) -> int:
        """K C (C + 1)."""
        return self.prefixes * self.curves * (self.curves + 1)

    def about(self) -> str:
        """Returns in a line how it weighs."""
        return (
            "nothing was registered, so what could have been chosen after a look is paid for: "
            f"the level is divided by K C (C + 1) = {self.price}, for K = {self.prefixes} numbers "
            f"of copies after which a record is answered and C = {self.curves} curves in the data "
            "files of the folder; valid at the end of every batch, the bet averaged over p1 in "
            "[1/2, 1]"
        )

    def _p_value(self, right: Sequence[int], games: int, chance: float) -> float:
        return math.exp(-_largest(right, games, self._log(chance))) if chance < 1 else 1.0

    def _limit(self, right: Sequence[int], games: int, level: float) -> float:
        return _bisect(lambda q: _largest(right, games, self._log(q)), 1 - 1e-9, level)

    @staticmethod
    def _log(chance: float) -> Callable[[Floats, Floats], Floats]:
        return lambda won, played: log_mixture(won, played, chance)


def _shared(claims: int) -> str:
    return f"; the level is shared by {claims} claims registered together" if claims > 1 else ""


def _largest(right: Sequence[int], games: int, log: Callable[[Floats, Floats], Floats]) -> float:
    """Returns the largest ln M at the ends of batches so far, at least 0, where it starts."""
    won = np.cumsum(np.asarray(right, dtype=float))
    played = games * np.arange(1.0, len(right) + 1)
    return max(0.0, float(log(won, played).max(initial=0.0)))


def _bisect(largest: Callable[[float], float], most: float, level: float) -> float:
    """Returns the end of the interval of chances at which ln M reached ln(1/level)."""
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if largest(middle) >= -math.log(level) else (low, middle)
    return low
