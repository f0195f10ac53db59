"""Is an unknown evolution time-reversal symmetric? With and without a quantum memory.

Source: Huang et al., arXiv 2112.00778 (its second experiment); Chen, Cotler, Huang and Li, arXiv
2111.05881, for the separation. Nature tosses a fair coin: the unitary U is real or general, fresh
for every trial, from the ensembles of ``systems.evolutions``. The learner uses U and says which. A
two-copy shot uses U twice and is billed as two.

With the defaults (``ensemble=matched``, a depth that grows with n) U looks Haar-random, and the
exact distributions are those of Haar-random orthogonal and unitary matrices; a fixed ``depth``, or
``ensemble=public``, has circuits alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.bounds.time_reversal import (
    largest_reversal_accuracy,
    uses_to_find_reversal,
)
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.haar.real_amplitudes import (
    complement_log_ratio,
    marginal_log_ratio,
    repetition_log_ratio,
)
from quantum_advantage.systems.moments import outcome_moments
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.protocol import Bound, Chosen, Couplings, Limits, Options, Protocol
from quantum_advantage.tasks.shared.assumptions import (
    COUNTED,
    INDEPENDENT,
    haar_random,
    if_haar_random,
)
from quantum_advantage.tasks.shared.evolution_requests import bell_uses_on_chain
from quantum_advantage.tasks.shared.families import FAMILY_DEFAULTS, Family
from quantum_advantage.tasks.shared.haar import (
    LIMITS,
    ExactScores,
    Floats,
    HaarTask,
    Integers,
)
from quantum_advantage.tasks.shared.reversal_measurements import (
    Basis,
    BellUses,
    Score,
    SingleUses,
)

# State vectors of both halves of the pairs; shallow lines go on as chains of tensors.
BELL_MOST_QUBITS = 13
CHAIN_MOST_QUBITS = 64
# Eigenvalues of 2ⁿ numbers are drawn for every trial.
BELL_EXACT_MOST_QUBITS = 14


class TimeReversal(HaarTask):
    """The task ``time_reversal``: a real unitary or a general one.

    Example:
        >>> task = TimeReversal("time_reversal")
        >>> task.gates(4) == 4 * (task.family.depth(4) + 1)
        True
        >>> [task.first_budget(p, 12, 0.7) for p in ("bell", "complement_collisions")]
        [10, 206]
    """

    NAME: ClassVar[str] = "time_reversal"
    BEST_CONVENTIONAL: ClassVar[str | None] = "complement_collisions"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = FAMILY_DEFAULTS

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self.family = Family.read(text, self.options)

    def gates(self, qubits: int) -> int:
        """Returns the number of one-qubit gates that fix a system."""
        return qubits * (self.family.depth(qubits) + 1)

    def describe(self) -> Iterable[Protocol]:
        """Returns all protocols of the task."""
        family = self.family
        most = BELL_MOST_QUBITS if family.looks_haar_random else CHAIN_MOST_QUBITS
        one_side: Couplings = "chain" if family.on_line else "grid"

        def exact(make: Callable[[int], ExactScores]) -> Callable[[Options, int], Any] | None:
            return (lambda o, n: make(n)) if family.looks_haar_random else None

        def single(
            name: str, basis: Basis, score: Score, guess: Callable[[int], float], about: str
        ) -> Protocol:
            return Protocol(
                name,
                about,
                copies_per_shot=1,
                measurement=lambda o, n: SingleUses(n, basis, score),
                exact=exact(lambda n: SingleUses(n, basis, score).exact_scores),
                limits=LIMITS,
                couplings=one_side,
                bounded=family.looks_haar_random,
                guess=guess,
            )

        yield Protocol(
            "bell",
            "U on both halves of n Bell pairs, then Bell measurements. A real U leaves every\n"
            "pair as it was: all bits are 0. For a general U that has probability\n"
            "|tr(U U^T)/2^n|^2, 2/(2^n (2^n + 1)) on average.\n"
            "Answer: real while all bits of all shots are 0.",
            copies_per_shot=2,
            measurement=lambda o, n: BellUses(n),
            exact=exact(lambda n: BellUses(n).exact_scores),
            limits=Limits(circuit_qubits=most, exact_qubits=BELL_EXACT_MOST_QUBITS),
            guess=lambda n: 2.0,
        )
        yield Protocol(
            "bell_tolerant",
            "As bell, but shots may be noisy: the likelihood of the number of ones among the\n"
            "2n bits, averaged over the unknown share of shots that noise has spoilt.",
            copies_per_shot=2,
            measurement=lambda o, n: BellUses(n, tolerant=True),
            limits=Limits(circuit_qubits=most),
            guess=lambda n: 3.0,
        )
        yield Protocol(
            "bell_on_chain",
            "As bell_tolerant on a chain of pairs: U on the systems, SWAP with the memories,\n"
            "and U on the systems again, so that memories need no couplers of their own. For\n"
            "evolutions on a line.",
            copies_per_shot=2,
            measurement=lambda o, n: BellUses(n, tolerant=True, use=bell_uses_on_chain),
            limits=Limits(circuit_qubits=most, refusal=family.why_no_chain("bell_on_chain")),
            couplings="chain",
            guess=lambda n: 3.0,
        )
        yield Protocol(
            "bell_on_grid",
            "As bell_tolerant on a block of a square lattice: U on the systems, then on the\n"
            "memories, with swaps in the pairs of a row wherever the other qubit must stand\n"
            "beside the next row.",
            copies_per_shot=2,
            measurement=lambda o, n: BellUses(n, tolerant=True, use=family.uses_on_grid(n)),
            limits=Limits(circuit_qubits=BELL_MOST_QUBITS),
            couplings="grid",
            guess=lambda n: 3.0,
        )
        yield single(
            "complement_collisions",
            "Y",
            complement_log_ratio,
            lambda n: 1.8 * 2 ** (n / 2) + 2,
            "U|0...0> in the Y basis. For a real U the outcome b and its complement ~b are\n"
            "equally likely. Answer: the larger likelihood of the equal and complementary\n"
            "pairs of outcomes, exact for Haar-random U.",
        )
        yield single(
            "z_collisions",
            "Z",
            repetition_log_ratio,
            lambda n: 2.4 * 2 ** (n / 2) + 8,
            "U|0...0> in the computational basis. Outcomes of a real U repeat 3/2 times as\n"
            "often. Answer: the larger likelihood, exact for Haar-random U.",
        )
        yield single(
            "y_marginals",
            "Y",
            self._marginal_score,
            lambda n: min(2 * 2**n / n**0.5, 2000) + 4,
            "U|0...0> in the Y basis. For a real U every single bit is a fair coin.\n"
            "Answer: the larger likelihood of the counts of each qubit.",
        )

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long the evolution of one game takes.

        All uses of a game share it: one state vector, of both halves of the pairs for ``bell``.
        Measured on one core: 2 ms, and 0.2 ns for each amplitude and one-qubit gate; 6 ms for each
        gate of shallow lines beyond 28 qubits.
        """
        if not circuits:
            return super().seconds(protocol, qubits, copies, circuits=False)
        sides = self.copies_per_shot(protocol, qubits)
        of_gate = 2e-10 * 2.0 ** (sides * qubits) if sides * qubits <= 28 else 6e-3
        return 0.002 + of_gate * sides * self.gates(qubits)

    def _marginal_score(
        self, outcomes: npt.NDArray[np.integer], prefixes: npt.ArrayLike, qubits: int
    ) -> Floats:
        """Scores single bits by what their means are in general evolutions of this depth."""
        squares = None if self.family.looks_haar_random else self._y_squares(qubits)
        return marginal_log_ratio(outcomes, prefixes, qubits, squares)

    def _y_squares(self, qubits: int) -> Floats:
        """Returns the mean of ⟨Y_i⟩² for Haar-random one-qubit gates between the native ones."""
        evolutions = self.family.draw([False], qubits, 0)
        gate = cirq.unitary(evolutions.native)
        return outcome_moments(qubits, evolutions.layers, gate, symmetric=False).y_squares

    def prepare(
        self, truth: Integers, qubits: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> Preparation:
        """Draws a fresh evolution for every trial, real where the truth is 1."""
        return self.family.draw(truth == 1, qubits, nature)

    def bound_in(self, chosen: Chosen) -> Bound:
        """Returns what learners reach on a fixed real input without ancilla.

        Raises:
            UsageError: If the evolutions are not Haar-random.
        """
        if not self.family.looks_haar_random:
            raise UsageError(
                f"no bound is proven for the games of {self}: its evolutions are not Haar-random"
            )
        return Bound(
            partial(largest_reversal_accuracy, qubits=chosen.qubits),
            partial(uses_to_find_reversal, qubits=chosen.qubits),
            "uses",
            "no learner without a quantum memory that uses one fixed real input and no ancilla",
            if_haar_random("evolutions"),
            "Haar-random evolutions used on one fixed real input without ancilla",
            "quantum_advantage.bounds.time_reversal, derived there",
            (
                "a fair secret coin chose a Haar-random real or a Haar-random general evolution, "
                "drawn anew for each game; copies are uses of it",
                INDEPENDENT,
                COUNTED,
            ),
            (
                "learners who use other inputs than one fixed real state without ancilla: for them "
                "no constants are proven",
                *haar_random("evolutions"),
            ),
        )
