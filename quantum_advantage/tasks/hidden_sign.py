"""The sign of a hidden string that is revealed afterwards: where adaptivity wins exponentially.

Source: Chen, Gong and Zhang, arXiv 2412.19022. Nature hides ρ = (I + s α P)/2ⁿ, with P uniform over
all strings but the identity and s a fair sign, both unknown. The learner measures copies, one or
two at a time. Only then P is revealed, and it says what s is.

Bell measurements of pairs of copies show P and nothing of s. A learner who names P from O(n) of
them and then measures a few copies in a basis of the named string sees the sign: O(n) copies in
all. If all measurements are fixed beforehand the sign is seen by chance alone; what that costs is
bounded in :mod:`quantum_advantage.bounds.hidden_sign`, of the order 2ⁿ for α < 1 whatever is done
with one or two copies at a time. The paper proves Ω(2^(n/2)) for shadow tomography.

The games are those of ``tasks.observables`` with another question, and the protocols those that
read signs, with one of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.bounds import hidden_sign
from quantum_advantage.core.pauli import random_letters
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval
from quantum_advantage.inference.hidden_pauli.naming import (
    MOST_QUBITS,
    least_naming_chance,
    shots_to_name,
)
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.systems.preparation import OneOfEach, Preparation
from quantum_advantage.tasks.observables.catalogue import QUESTION_KNOWN
from quantum_advantage.tasks.observables.evidence import Evidence, Scores
from quantum_advantage.tasks.observables.games import Games, ObservablesTask
from quantum_advantage.tasks.observables.named_string import NamedString, exact_named_string
from quantum_advantage.tasks.observables.task import Observables, family_of
from quantum_advantage.tasks.protocol import Bound, Chosen, Limits, Option, Protocol
from quantum_advantage.tasks.shared.assumptions import AFTERWARDS, COUNTED, INDEPENDENT, TRUST

Floats = npt.NDArray[np.float64]

# What the learners are that fix everything beforehand, as the subject of what is certified.
FIXED = (
    "no learner that measures one or two copies at a time in ways fixed beforehand, however "
    "powerful its computer,"
)
ADAPTIVE = "named_string"
_NAMING = (ADAPTIVE, "different_hidden")
_ANSWER = "Answer: the majority of the signs of P that were seen, a coin if there is none."
# Where a ladder's grid of shots is finest, as a share of the budget, and the fewest shots for it.
_MIDDLE, _FEWEST = 0.57, 21
# How far the accuracy passes the target in the end, up to 90 %: beyond where a ladder ends.
_ABOVE = 0.065


@functools.cache
def named_rounds(target: float, alpha: float, qubits: int) -> tuple[int, int]:
    """Returns pairs of copies that are enough for an accuracy, and how they are spent.

    With probability c the Bell outcomes of m pairs name P, and then k more pairs give 2k of its
    signs; else the answer is a coin. So the accuracy is 1/2 + c [v(2k) - 1/2], v being
    ``hidden_sign.majority``, and c at least the bound of ``naming.least_naming_chance``. m is
    chosen for an accuracy a little above the target if all signs were right, k as small as it can.

    Args:
        target: The accuracy, in (1/2, 1).
        alpha: The signal α in (0, 1).
        qubits: The number n of qubits.

    Returns:
        m and k.

    Example:
        In proportion to n; two copies for each pair:

        >>> [named_rounds(0.7, 0.9, n) for n in (5, 10, 20, 40)]
        [(18, 1), (37, 1), (72, 1), (144, 1)]
    """
    above = target + min(_ABOVE, _ABOVE * 10 * (1 - target))
    pairs = shots_to_name(2 * above - 1, qubits=qubits, alpha=alpha)
    chance = least_naming_chance(pairs, qubits=qubits, alpha=alpha)
    looks = 1
    while chance * (hidden_sign.majority(2 * looks, alpha) - 0.5) < target - 0.5:
        looks += 1
    return pairs, looks


class HiddenSign(Observables):
    """The task ``hidden_sign``, as the study engine sees it.

    Example:
        Bell measurements alone are sign-blind, whatever is done with them:

        >>> from quantum_advantage.tasks.base import FromLaw
        >>> from quantum_advantage.tasks.shared.seeds import Seeds
        >>> seeds = Seeds(*np.random.SeedSequence(1).spawn(4))
        >>> task = HiddenSign("hidden_sign")
        >>> played = task.play("bell", 10, np.array([100]), 10_000, 0, seeds, FromLaw())
        >>> bool(abs(played.correct[0] / 10_000 - 0.5) < 0.02)
        True
    """

    NAME: ClassVar[str] = "hidden_sign"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {"alpha": 0.9}
    BEST_CONVENTIONAL: ClassVar[str | None] = "mutually_unbiased_cycled"

    def _read_games(self, text: str) -> ObservablesTask:
        return ObservablesTask(float(self.options["alpha"]), "one")

    def describe(self) -> Iterable[Protocol]:
        """Returns the adaptive protocol, those that are fixed beforehand, and the controls."""

        def pairs(qubits: int, target: float | None) -> int | None:
            return None if target is None else named_rounds(target, self.games.alpha, qubits)[0]

        adaptive = Protocol(
            ADAPTIVE,
            "Two copies in the Bell basis, pairs=m times. The string with the most signs +1 is\n"
            "named (learning parity with noise, by information sets). All later pairs: both copies "
            "in\nthe product basis of the named string. A shot gives two signs of mean s α if P "
            f"was named.\n{_ANSWER}",
            copies_per_shot=2,
            measurement=lambda o, n: NamedString(o["pairs"]),
            exact=lambda o, n: partial(exact_named_string, pairs=o["pairs"]),
            limits=Limits(circuit_qubits=MOST_QUBITS, exact_qubits=MOST_QUBITS),
            options={"pairs": Option(0, least=1, choose=pairs)},
            couplings="pairs",
        )
        yield adaptive
        inherited = {protocol.name: protocol for protocol in super().describe()}
        for name in ("bell", "mutually_unbiased_cycled", "random_clifford", "local_pauli"):
            described = inherited[name]
            blind = "\nIts mean is α² for either sign s: answers are coins." * (name == "bell")
            about = described.about.partition("\nAnswer:")[0] + blind
            yield replace(described, about=f"{about}\n{_ANSWER}", bounded=True)
        known = inherited["known_question"]
        about = known.about.partition("\nOne copy")[0].replace("strings are", "string is")
        yield replace(
            known, about=f"{about}\nOne copy in the product basis of the string.\n{_ANSWER}"
        )
        yield replace(
            adaptive,
            name="different_hidden",
            about="A control: the two copies of a pair hide different strings P and P', so that\n"
            "Bell outcomes name a random string.\n" + adaptive.about,
            control="different",
            exact=None,
        )

    def _draw(
        self,
        chosen: Chosen,
        trials: int,
        nature: np.random.Generator,
        copies: np.random.Generator,
    ) -> Games:
        """Draws hidden strings and signs; the truth is 1 for the sign +1."""
        letters = random_letters(trials, chosen.qubits, nature)
        plus = nature.integers(0, 2, trials)
        signs = (2 * plus - 1).astype(np.int8)
        signals = np.full(trials, self.games.alpha)
        preparation: Preparation = HiddenPauli(letters, signs, signals, copies)
        if family_of(chosen.protocol) == "different":
            others = random_letters(trials, chosen.qubits, nature)
            other = HiddenPauli(others, signs, signals, copies)
            preparation = OneOfEach("a", preparation, other)
        return Games(preparation, letters[:, None], plus, (signs * signals)[:, None])

    def decide(
        self, evidence: Evidence | Scores, rng: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """Answers by the majority of the signs, by a coin where they say nothing.

        Raises:
            UsageError: If the evidence is that of a model, which was trained on other games.

        Example:
            Three signs +1 and one -1; as many Bell signs, which are blind:

            >>> hits, pluses = np.full((1, 1, 1), 4), np.full((1, 1, 1), 3)
            >>> seen = Evidence(hits, pluses, np.zeros((1, 1), dtype=bool))
            >>> HiddenSign("hidden_sign").decide(seen, np.random.default_rng(1)).tolist()
            [[1]]
        """
        if not isinstance(evidence, Evidence):
            raise UsageError("hidden_sign has no trained models")
        lead = (2 * evidence.pluses - evidence.hits)[:, 0]
        lead = np.where(evidence.squared, 0, lead)
        return np.where(lead == 0, rng.integers(0, 2, lead.shape), lead > 0).astype(np.int64)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long naming the string takes, 20 µs · n²; 0 where none is named."""
        return 2e-5 * qubits**2 if self.described(protocol).name in _NAMING else 0.0

    def first_budget(
        self, protocol: str, qubits: int, target: float, damping: Floats | None = None
    ) -> int:
        """Returns the copies of the ladder's first rung, as :meth:`Observables.first_budget`.

        Where P is named, the copies that are enough are in the middle of the grid.
        """
        target = open_interval("target", target, 0.5, 1)
        described = self.described(protocol)
        if described.name not in _NAMING:
            return super().first_budget(protocol, qubits, target, damping)
        enough = sum(named_rounds(target, self.games.alpha, qubits))
        return 2 * max(_FEWEST, round(enough / _MIDDLE))

    def bound_in(self, chosen: Chosen) -> Bound:
        """Returns what learners can reach who fix all measurements of one or two copies beforehand.

        Raises:
            UsageError: If a control plays other games than those of the theorem.
        """
        if (control := chosen.protocol.control) is not None:
            why = "the string is told beforehand" if control == QUESTION_KNOWN else "it hides two"
            raise UsageError(f"no bound is proven for the games of {chosen.protocol.name}: {why}")
        alpha = self.games.alpha
        return Bound(
            partial(hidden_sign.largest_fixed_accuracy, qubits=chosen.qubits, alpha=alpha),
            partial(hidden_sign.fixed_copies_required, qubits=chosen.qubits, alpha=alpha),
            "copies",
            FIXED,
            "",
            f"(I ± a·P)/2^n with a = {alpha}, any measurements of one or two copies fixed "
            "beforehand",
            "quantum_advantage.bounds.hidden_sign, theorem 1, derived there",
            (
                f"every copy was (I + s·a·P)/2^n with a at most {alpha:g}, P uniform over all "
                "strings but the identity and s a fair secret sign, both drawn anew for each game",
                AFTERWARDS,
                INDEPENDENT,
                COUNTED,
            ),
            (
                "learners whose measurements depend on earlier outcomes, and joint measurements of "
                "three copies or more",
                *TRUST,
            ),
        )
