"""Learning an approximate model of an unknown process, with and without a quantum memory.

Source: Huang et al., arXiv 2112.00778 (theorem 3), on the instance of its lower bound. Nature hides
a process of polynomial time, the replacement channel E(x) = tr(x) ρ with ρ = (I + s α P)/2ⁿ. The
learner applies it to inputs of its own choice, here random product states, and measures: each
output alone, or the outputs of two uses jointly in the Bell basis. Only then a fresh input x from a
distribution D and two observables Q are revealed, and it says which has the larger |tr(Q E(x))|.

As E(x) is ρ for every state x, whatever D is, the revealed input changes neither the truth nor any
answer, and is not drawn. The games, their protocols, their laws and their controls are therefore
those of ``tasks.observables``, on copies that come out of a process; copies are uses of it.

What a learner without quantum memory can do is bounded as there, by the corollary in ``bounds``:
inputs chosen adaptively, inputs entangled with ancillas, and any joint measurement of an output
and its ancillas included. That a polynomial number of uses suffices for *every* process of
polynomial time is the theorem's other half; it needs joint measurements of all stored outputs and
exponential computing, and is not simulated here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from quantum_advantage.circuits.request import Request
from quantum_advantage.core.naming import parse
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.processes import RandomInputs, ReplacementChannel
from quantum_advantage.tasks.base import Couplings
from quantum_advantage.tasks.observables.playing import Observables
from quantum_advantage.tasks.observables.protocols import ObservablesProtocol

_LABELS = "ab"


class Processes(Observables):
    """The task with all its protocols, as the study engine sees it."""

    def __init__(self, text: str = "processes") -> None:
        """Reads the task's name, for example ``processes:alpha=0.9,game=two``."""
        if parse(text)[0] != "processes":
            raise UsageError(f"task {text!r} must be processes")
        super().__init__(text)

    def couplings(self, protocol: str) -> Couplings:
        """Returns ``more``: no processor here resets its qubits within a circuit."""
        return "more"

    def request(
        self,
        chosen: ObservablesProtocol,
        preparation: Preparation,
        shots: int,
        learner: np.random.Generator,
    ) -> Request:
        """Says what to run: inputs, a use of the process on each, the protocol's measurement."""
        outputs = RandomInputs(ReplacementChannel(preparation), learner)
        request = chosen.request(outputs, shots, learner)
        inputs = {dial.name for label in _LABELS for dial in outputs.inputs(label)}
        there = {dial.name for dial in request.dials} & inputs
        return replace(request, learner=request.learner | there)

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it reads."""
        return (
            "A copy is the output of one use of the process E(x) = (I + s α P)/2^n, a reset and a\n"
            "preparation, on a random product input of the learner (dials input_a0, input_a1, …).\n"
            + super().explain(protocol, qubits)
        )
