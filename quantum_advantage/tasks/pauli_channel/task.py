"""The task ``pauli_channel``: its protocols, its games, and what is proven about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar, cast

import numpy as np

from quantum_advantage.bounds import pauli_channels
from quantum_advantage.circuits.request import Request
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.stabiliser import MOST_QUBITS
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.systems.pauli_channels import HiddenPauliChannel, PauliErrors, TwoUses
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.observables.catalogue import ANY, QUESTION_KNOWN
from quantum_advantage.tasks.observables.exact import best_times
from quantum_advantage.tasks.observables.exact_adaptive import LOOKS
from quantum_advantage.tasks.observables.games import Family, Games, ObservablesTask, draw_games
from quantum_advantage.tasks.observables.protocols import Measuring
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.pauli_channel.exact import (
    exact_ancillas,
    exact_concatenated,
    exact_known_sign,
    identity_channel,
)
from quantum_advantage.tasks.pauli_channel.inputs import (
    AdaptiveInputs,
    Ancillas,
    CliffordInputs,
    Concatenated,
    KnownSign,
    request_uses,
)
from quantum_advantage.tasks.protocol import Bound, Chosen, Limits, Option, Options, Protocol
from quantum_advantage.tasks.shared.assumptions import TRUST

# The control whose channel does nothing.
IDENTITY = "identity"
# Those whose learner is told that the eigenvalue is +α.
SIGN_KNOWN = "sign known"
_READING = """Answer: the larger likelihood, K signs of which a are -1, with their mean ±α unknown:
ln{ [(1+α)^a (1-α)^(K-a) + (1-α)^a (1+α)^(K-a)] / 2 }."""
_INPUT = "The input is the state that the measurement finds as all zeros without the channel.\n"
_PAIRS = """A Bell pair for every qubit; the channel acts on one half. A Bell measurement, whose
outcome (a, b) is the letter Z^a X^b that acted. It flips the sign of Q or not: mean λ_Q.
"""
_WITHOUT_ANCILLAS = {
    "local_pauli": "Product inputs: random Pauli eigenstates, measured in their own bases (dials "
    "basis0, …).\nA use is a sign of Q if the basis agrees with all w letters of Q: probability "
    "3^-w.\n",
    "random_clifford": "A uniformly random stabiliser input, measured in its own basis (dials "
    "row0, row1, …).\nA use is a sign of Q with probability 1/(2^n + 1).\n",
    "mutually_unbiased": "Stabiliser inputs from a random subset of the 2^n + 1 unbiased bases, "
    "each used so often\nthat the target is reached with the fewest uses (3 times at 70 %). Q lies "
    "in exactly one\nof the bases.\n",
    "mutually_unbiased_cycled": "Stabiliser inputs from the 2^n + 1 unbiased bases in turn, in "
    "random order.\nQ lies in exactly one of the bases.\n",
    "adaptive_unbiased": "Stabiliser inputs from the 2^n + 1 unbiased bases in random order. Two "
    "uses in each, a third\none (looks=4: and a fourth) in another basis, chosen by their "
    "outcomes, that holds only\nthe strings whose flips agreed. The best protocol without ancillas "
    "known here to 90 %.\n",
}


_KNOWN_SIGN = """Another game: the learner is told that the eigenvalue is +α.
Answer: the string with the larger likelihood of signs with mean α."""
_CONCATENATED = """Two uses, one after the other, and then one measurement. Bell pairs on the
first k qubits (concatenated:qubits=k), on the others stabiliser inputs from the 2^(n-k) + 1
unbiased bases in turn, in random order. A measurement is a sign of Q if the rest of Q lies in
the group of the basis, with the mean λ_Q²: it is α² for the hidden string, and s is gone.
Answer: the string with the larger likelihood of signs with mean α²."""


def _up_to_stabiliser_bases(options: Options, qubits: int) -> Limits:
    circuits = None if options["qubits"] == qubits else MOST_QUBITS + options["qubits"]
    return replace(ANY, circuit_qubits=circuits)


class PauliChannel(Observables):
    """The task ``pauli_channel``, as the study engine sees it.

    Example:
        One use on Bell pairs says nothing without the sign of the eigenvalue, two uses are right
        with 1/2 + α²/4:

        >>> from quantum_advantage.tasks.base import FromLaw
        >>> from quantum_advantage.tasks.shared.seeds import Seeds
        >>> seeds = Seeds(*np.random.SeedSequence(1).spawn(4))
        >>> task = PauliChannel("pauli_channel")
        >>> played = task.play("bell_pairs", 10, np.array([1, 2]), 10_000, 0, seeds, FromLaw())
        >>> np.abs(played.correct / 10_000 - [0.5, 0.7025]) < 0.02
        array([ True,  True])
    """

    NAME: ClassVar[str] = "pauli_channel"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {"alpha": 0.9, "game": "two"}
    BEST_CONVENTIONAL: ClassVar[str | None] = "adaptive_unbiased"

    def _read_games(self, text: str) -> ObservablesTask:
        return ObservablesTask(float(self.options["alpha"]), str(self.options["game"]))

    def describe(self) -> Iterable[Protocol]:
        """Returns the protocols with ancillas, those without, and the controls."""
        pairs = Protocol(
            "bell_pairs",
            _PAIRS + _READING + "\nOne use is a coin, two are right with 1/2 + α²/4.",
            copies_per_shot=1,
            measurement=lambda o, n: Ancillas(n),
            exact=lambda o, n: partial(exact_ancillas, ancillas=n, times=1),
            limits=ANY,
            couplings="pairs",
        )
        yield pairs
        yield self._with_ancillas()
        yield Protocol(
            "concatenated",
            _CONCATENATED,
            copies_per_shot=2,
            measurement=lambda o, n: Concatenated(o["qubits"]),
            exact=lambda o, n: partial(exact_concatenated, ancillas=o["qubits"]),
            limits=_up_to_stabiliser_bases,
            options={"qubits": Option(0, least=0, most=lambda n: n)},
            couplings="more",
            # The bound is about learners who measure every use.
            bounded=lambda o: False,
        )
        known = {protocol.name: protocol for protocol in super().describe()}
        for name, about in _WITHOUT_ANCILLAS.items():
            yield replace(
                known[name],
                about=about + _INPUT + _READING,
                measurement=_INPUTS.get(name, known[name].measurement),
            )
        yield replace(
            known["known_question"],
            about="A control: the strings are known before the first use.\nAn eigenstate of the "
            "first string, measured in its product basis.\n" + _READING,
        )
        yield replace(
            pairs,
            name="known_sign_pairs",
            about=_PAIRS + _KNOWN_SIGN + "\nOne use is right with 1/2 + α/4.",
            measurement=lambda o, n: KnownSign(n, alpha=self.games.alpha),
            exact=lambda o, n: partial(exact_known_sign, ancillas=n, alpha=self.games.alpha),
            control=SIGN_KNOWN,
        )
        yield replace(
            known["mutually_unbiased_cycled"],
            name="known_sign_unbiased",
            about=_WITHOUT_ANCILLAS["mutually_unbiased_cycled"] + _INPUT + _KNOWN_SIGN,
            measurement=lambda o, n: KnownSign(0, alpha=self.games.alpha),
            exact=lambda o, n: partial(exact_known_sign, ancillas=0, alpha=self.games.alpha),
            control=SIGN_KNOWN,
        )
        yield replace(
            pairs,
            name="no_signal",
            about="A control: the channel is completely depolarising.\n" + pairs.about,
            control="none",
        )
        yield replace(
            pairs,
            name="identity_channel",
            about="A control: the channel does nothing, no sign is ever flipped.\n" + pairs.about,
            exact=lambda o, n: identity_channel,
            control=IDENTITY,
        )

    def _with_ancillas(self) -> Protocol:
        games = self.games

        def best(qubits: int, target: float | None) -> int | None:
            return None if target is None else best_times(target, games.alpha, games.game)

        return Protocol(
            "ancillas",
            "Bell pairs on the first k qubits (ancillas:qubits=k), on the others stabiliser "
            "inputs\nfrom a random subset of the 2^(n-k) + 1 unbiased bases, each used so often "
            "that the target\nis reached with the fewest uses. A use is a sign of Q if the rest of "
            "Q lies in the group\nof the basis: on average about 2^-(n-k).\n" + _READING,
            copies_per_shot=1,
            measurement=lambda o, n: Ancillas(o["qubits"], max(1, o["times"])),
            exact=lambda o, n: partial(exact_ancillas, ancillas=o["qubits"], times=o["times"]),
            limits=_up_to_stabiliser_bases,
            options={
                "qubits": Option(0, least=0, most=lambda n: n),
                "times": Option(0, least=1, choose=best),
            },
            couplings="more",
            # The envelope of conventional protocols has none with ancillas.
            bounded=lambda o: o["qubits"] == 0,
        )

    def request(
        self,
        measurement: Measuring,
        preparation: Preparation,
        shots: int,
        learner: np.random.Generator,
    ) -> Request:
        """Says what to run: inputs, a use of the channel on each, and their measurement."""
        if isinstance(measurement, Concatenated):
            preparation = TwoUses(preparation)
        return request_uses(measurement, preparation, shots, learner)

    def _draw(
        self,
        chosen: Chosen,
        trials: int,
        nature: np.random.Generator,
        copies: np.random.Generator,
    ) -> Games:
        control = chosen.protocol.control
        family: Family = "none" if control == "none" else "hidden"
        games = draw_games(self.games, family, chosen.qubits, trials, nature, copies)
        hidden = cast(HiddenPauli, games.preparation)
        if control == IDENTITY:
            letters = np.zeros((1, chosen.qubits), dtype=np.uint8)
            nothing = PauliErrors(letters, np.zeros(1), copies, trials)
            return replace(games, preparation=nothing, means=np.ones_like(games.means))
        if control == SIGN_KNOWN:
            hidden = replace(hidden, signs=np.ones_like(hidden.signs))
            games = replace(games, means=np.abs(games.means))
        return replace(games, preparation=HiddenPauliChannel(hidden))

    def bound_in(self, chosen: Chosen) -> Bound:
        """Returns what learners can reach with fresh ancillas, as many as the protocol has.

        Of ``bell_pairs`` it is the bound for learners without any.

        Raises:
            UsageError: If a control plays other games than those of the theorem.
        """
        control = chosen.protocol.control
        if control == SIGN_KNOWN:
            return self._bound_with_known_sign(chosen)
        if control is not None:
            why = (
                "the question is told beforehand"
                if control == QUESTION_KNOWN
                else "it does not hide one string drawn uniformly from all"
            )
            raise UsageError(f"no bound is proven for the games of {chosen.protocol.name}: {why}")
        games = self.games
        k = int(chosen.options.get("qubits", 0))
        n, alpha, game = chosen.qubits, games.alpha, games.game
        largest, required = pauli_channels.largest_accuracy, pauli_channels.uses_required
        ancillas = f"{k} ancillas" if k else "no ancillas"
        return Bound(
            partial(largest, qubits=n, ancillas=k, alpha=alpha, game=game),
            partial(required, qubits=n, ancillas=k, alpha=alpha, game=game),
            "uses",
            f"no learner that measures every use of the channel before the next, with {ancillas}, "
            "however adaptive and however powerful its computer,",
            "",
            f"Pauli channels with the one eigenvalue ±a, a = {alpha}, game {game}, "
            f"{ancillas} in every use, uses not concatenated",
            "quantum_advantage.bounds.pauli_channels, theorem 1, derived there",
            self._assumptions("use of the channel made of ρ"),
            (
                "learners that let several uses act one after the other before they measure: with "
                "ancillas, O(log n) of which are enough for them, or with operations in between",
                "learners that keep qubits from one use to the next, or entangle more ancillas",
                *TRUST,
            ),
        )

    def _bound_with_known_sign(self, chosen: Chosen) -> Bound:
        n, alpha = chosen.qubits, self.games.alpha
        if self.games.game != "two":
            raise UsageError(
                f"no bound is proven for {chosen.protocol.name} in the game {self.games.game}: "
                "that of a known sign is one for two strings; use game=two"
            )
        return Bound(
            partial(pauli_channels.largest_known_sign_accuracy, qubits=n, alpha=alpha),
            partial(pauli_channels.known_sign_uses_required, qubits=n, alpha=alpha),
            "uses",
            "no learner without ancillas that knows the sign and uses the channel any number of "
            "times in turn, counted by its measurements,",
            "",
            f"Pauli channels with the one eigenvalue +a, a = {alpha}, game two, no ancillas",
            "quantum_advantage.bounds.pauli_channels, theorem 3 and its corollary, derived there",
            (
                f"every use was one of the channel with the one eigenvalue +a, a at most {alpha:g} "
                "at a string P uniform over all strings but the identity, drawn anew for each game",
                *super()._assumptions("use of the channel")[1:],
            ),
            ("learners that hold ancillas or keep qubits from one use to the next", *TRUST),
        )

    def _assumptions(self, copy_was: str) -> tuple[str, ...]:
        _, *others = super()._assumptions(copy_was)
        return (
            f"every {copy_was} the state 2^-n [1 + s·a·tr(P ρ)·P] with a at most "
            f"{self.games.alpha:g}, P uniform over all strings but the identity and s a fair "
            "secret sign, both drawn anew for each game",
            *others,
        )


# How the protocols measure that read stabiliser bases; the others read outcomes as for states.
_INPUTS = {
    "random_clifford": lambda o, n: CliffordInputs(),
    "mutually_unbiased": lambda o, n: Ancillas(0, max(1, o["times"])),
    "mutually_unbiased_cycled": lambda o, n: Ancillas(0),
    "adaptive_unbiased": lambda o, n: AdaptiveInputs(o["looks"] or LOOKS[0]),
}
