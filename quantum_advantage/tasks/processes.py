"""Learning an approximate model of an unknown process, with and without a quantum memory.

Source: Huang et al., arXiv 2112.00778 (theorem 3), on the instance of its lower bound. Nature hides
a process of polynomial time, the replacement channel E(x) = tr(x) ρ with ρ = (I + s α P)/2ⁿ. The
learner applies it to inputs of its own choice, here random product states, and measures: each
output alone, or the outputs of two uses jointly in the Bell basis. Only then a fresh input x from a
distribution D and two observables Q are revealed, and it says which has the larger |tr(Q E(x))|.

As E(x) is ρ for every state x, whatever D is, the revealed input changes neither the truth nor any
answer, and is not drawn. The games, their protocols, exact distributions and controls are therefore
those of ``tasks.observables``, on copies that come out of a process; copies are uses of it.

What a learner without quantum memory can do is bounded as there, by the corollary in ``bounds``:
inputs chosen adaptively, inputs entangled with ancillas, and any joint measurement of an output
and its ancillas included. That a polynomial number of uses suffices for *every* process of
polynomial time is the theorem's other half; it needs joint measurements of all stored outputs and
exponential computing, and is not simulated here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

import numpy as np

from quantum_advantage.circuits.request import Request
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.processes import RandomInputs, ReplacementChannel
from quantum_advantage.tasks.observables.protocols import Measuring
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.protocol import Bound, Chosen, Protocol
from quantum_advantage.tasks.shared.assumptions import TRUST

_LABELS = "ab"
_ABOUT = (
    "A copy is the output of one use of the process E(x) = (I + s α P)/2^n, a reset and a\n"
    "preparation, on a random product input of the learner (dials input_a0, input_a1, …).\n"
)


class Processes(Observables):
    """The task with all its protocols, as the study engine sees it.

    Example:
        A copy is the output of one use of the process, so bounds count uses:

        >>> Processes("processes").bound_of("bell", qubits=10).unit
        'uses'
    """

    NAME: ClassVar[str] = "processes"

    def describe(self) -> Iterable[Protocol]:
        """Returns the protocols of ``observables``; no processor resets qubits within a circuit."""
        for protocol in super().describe():
            yield replace(protocol, about=_ABOUT + protocol.about, couplings="more")

    def request(
        self,
        measurement: Measuring,
        preparation: Preparation,
        shots: int,
        learner: np.random.Generator,
    ) -> Request:
        """Says what to run: inputs, a use of the process on each, the protocol's measurement."""
        outputs = RandomInputs(ReplacementChannel(preparation), learner)
        request = measurement.request(outputs, shots, learner)
        inputs = {dial.name for label in _LABELS for dial in outputs.inputs(label)}
        there = {dial.name for dial in request.dials} & inputs
        return replace(request, learner=request.learner | there)

    def bound_in(self, chosen: Chosen) -> Bound:
        """Returns what learners without a quantum memory can reach, in uses of the process.

        Raises:
            UsageError: If a control plays other games than those of the theorem.
        """
        games = self.games
        return replace(
            super().bound_in(chosen),
            unit="uses",
            holds_for=f"a process that hands out (I ± a·P)/2^n, a = {games.alpha}, game "
            f"{games.game}",
            assumptions=self._assumptions("use of the process replaced its input by"),
            not_covered=(
                "learners that keep ancillas or outputs from one use to the next: that is a "
                "quantum memory",
                *TRUST,
            ),
        )
