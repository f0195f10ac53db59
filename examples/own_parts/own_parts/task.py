"""A task of one's own: is a GHZ state (|0…0⟩ + |1…1⟩)/√2 or (|0…0⟩ - |1…1⟩)/√2?

The product of all signs in the X basis is the sign of the state, so one copy answers. In the Z
basis both states look alike: a control that must stay a coin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.measurements.bell import SYSTEM
from quantum_advantage.tasks.base import DecidingTask, FromLaw, Source, sampler_of
from quantum_advantage.tasks.protocol import Chosen, Limits, Protocol
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies
from quantum_advantage.tasks.shared.seeds import Seeds

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class GhzStates:
    """GHZ states of either sign, one for each system.

    Attributes:
        qubits: The number n of qubits.
        signs: (systems,) 0 for plus, 1 for minus.
    """

    qubits: int
    signs: Integers

    @property
    def systems(self) -> int:
        """The number of states."""
        return self.signs.size

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares one copy."""
        first = qubits[0]
        flip = cirq.Z(first) ** sympy.Symbol(f"sign_{label}")
        ladder = (cirq.CNOT(*pair) for pair in pairwise(qubits))
        return cirq.Circuit(cirq.H(first), flip, ladder)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns nature's one dial: the sign."""
        return (Dial(f"sign_{label}", (f"sign_{label}",), ((0.0,), (1.0,))),)

    def draw(self, copies: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Returns where the dial stands for every copy, system by system."""
        return (np.repeat(self.signs, copies).astype(np.uint8),)

    def select(self, systems: slice) -> GhzStates:
        """Returns some of the states."""
        return GhzStates(self.qubits, self.signs[systems])


class GhzSign(DecidingTask):
    """The task ``ghz_sign``: plus or minus?"""

    NAME: ClassVar[str] = "ghz_sign"

    def describe(self) -> Iterable[Protocol]:
        """Returns the protocols: a list of bases is all that tells them apart."""
        limits = Limits(least_qubits=2, circuit_qubits=20)
        yield Protocol(
            "x_parity",
            "One copy, all qubits in the X basis. Answer: the majority of the products of signs.",
            copies_per_shot=1,
            measurement=lambda options, n: [cirq.Moment(cirq.H.on_each(*copy_qubits(n)[0]))],
            exact=lambda options, n: True,
            limits=limits,
        )
        yield Protocol(
            "z_parity",
            "One copy, all qubits in the Z basis, where both states look alike. A control.",
            copies_per_shot=1,
            measurement=lambda options, n: [],
            limits=limits,
        )

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of one state."""
        states = GhzStates(chosen.qubits, rng.integers(0, 2, 1))
        return request_copies(states, 1, 1, chosen.measurement())

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long one system takes."""
        return 1e-7 * copies * 2.0**qubits if circuits else 0.0

    def count_right(
        self,
        chosen: Chosen,
        prefixes: Integers,
        trials: int,
        seeds: Seeds,
        source: Source,
    ) -> Integers:
        """Measures copies of random states and answers by the majority of the parities."""
        nature, _, learner = seeds.generators()
        truth = nature.integers(0, 2, trials)
        if isinstance(source, FromLaw):
            # Every parity is the sign.
            return np.full(prefixes.size, trials)
        states, shots = GhzStates(chosen.qubits, truth), int(prefixes[-1])
        (record,) = run(
            [request_copies(states, 1, shots, chosen.measurement())], sampler_of(source)
        )
        bits = unpack_bits(record.bits[SYSTEM], chosen.qubits).reshape(trials, shots, -1)
        minus = np.cumsum(bits.sum(axis=2, dtype=np.int64) % 2, axis=1)[:, prefixes - 1]
        coins = learner.integers(0, 2, minus.shape)
        answers = np.where(2 * minus == prefixes, coins, 2 * minus > prefixes)
        return np.asarray((answers == truth[:, None]).sum(axis=0))
