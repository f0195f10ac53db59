"""How well one record predicts thousands of Pauli strings, weight by weight.

A known state is measured once; afterwards strings of every weight are asked, half of them uniformly
random, half with the letter Z alone, and the estimates are compared with the exact values. For each
weight w the record gives ``error:weight=w``, the root-mean-square error over its strings. From
single copies in random Pauli bases the estimates are of tr(Q ρ), and the truth beside them is the
exact standard error √[(3ʷ - tr(Q ρ)²)/T], root-mean-square over the strings. From Bell records they
are of tr(Q ρ)², with √[(1 - tr(Q ρ)⁴)/T] for T Bell shots, at every weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.naming import known_protocol, read_options, read_task_options, shortest
from quantum_advantage.core.pauli import PauliStrings, random_letters
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.squares import squares
from quantum_advantage.inference.shadows.expectations import expectations
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.measurements.pauli_basis import (
    pack_bases,
    pauli_basis_change,
    pauli_basis_dials,
    random_pauli_bases,
)
from quantum_advantage.measurements.records import BellRecord, ShadowRecord
from quantum_advantage.systems.known_states import ISING_MOST_QUBITS, STATES, KnownState
from quantum_advantage.tasks.base import Couplings, Estimated, EstimationTask
from quantum_advantage.tasks.requests import copy_qubits, request_copies
from quantum_advantage.tasks.seeds import Seeds

Floats = npt.NDArray[np.float64]

WEIGHTS = (1, 2, 3, 4, 5, 6, 8, 10)
STRINGS = 500
MOST_QUBITS = 64
Z = 3


@dataclass(frozen=True)
class _Entry:
    copies_per_shot: int
    request: Callable[[KnownState, int, np.random.Generator], Request]
    estimates: Callable[[Record, PauliStrings], Floats]
    exact: Callable[[Floats], Floats]
    variance: Callable[[Floats, npt.NDArray[np.int64]], Floats]
    about: str


def _request_bell(state: KnownState, shots: int, rng: np.random.Generator) -> Request:
    return request_copies(state, 2, shots, bell_basis_change(*copy_qubits(state.qubits)))


def _bell_squares(record: Record, strings: PauliStrings) -> Floats:
    bell = BellRecord(strings.qubits, record.bits[SYSTEM], record.bits[MEMORY])
    return squares(bell, strings)[:, 0]


def _request_pauli(state: KnownState, shots: int, rng: np.random.Generator) -> Request:
    n = state.qubits
    columns = random_pauli_bases(n, state.systems, shots, 1, rng)
    change = pauli_basis_change(copy_qubits(n)[0])
    return request_copies(state, 1, shots, change, pauli_basis_dials(n), columns)


def _shadow_means(record: Record, strings: PauliStrings) -> Floats:
    n = strings.qubits
    bases = pack_bases([record.settings[dial.name] for dial in pauli_basis_dials(n)])
    shadow = ShadowRecord(tuple(cirq.LineQubit.range(n)), bases, record.bits[SYSTEM])
    return expectations(shadow, strings)[:, 0]


ENTRIES = {
    "bell": _Entry(
        2,
        _request_bell,
        _bell_squares,
        lambda means: means**2,
        lambda means, weights: 1 - means**4,
        "Two copies in the Bell basis. Estimate of tr(Q ρ)²: the mean sign of Q over the shots,\n"
        "with the error √[(1 - tr(Q ρ)⁴)/T] at every weight.",
    ),
    "local_pauli": _Entry(
        1,
        _request_pauli,
        _shadow_means,
        lambda means: means,
        lambda means, weights: 3.0**weights - means**2,
        "One copy in a fresh random Pauli basis (classical shadows). Estimate of tr(Q ρ): 3^w\n"
        "times the sign of Q where the basis agrees with Q, else 0; error √[(3^w - tr(Q ρ)²)/T].",
    ),
}


def strings_of_weight(weight: int, qubits: int, rng: np.random.Generator) -> PauliStrings:
    """Draws strings of one weight: half with random letters, half with Z alone."""
    letters = random_letters(STRINGS, qubits, rng, weight)
    half = letters[: STRINGS // 2]
    half[half > 0] = Z
    return PauliStrings.from_letters(letters)


class StringErrors(EstimationTask):
    """The task ``string_errors``: thousands of strings from one record of a known state."""

    NAME: ClassVar[str] = "string_errors"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {"depolarize": 0.0, "state": "ghz"}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        options = read_task_options(text, self.NAME, self.DEFAULTS)
        self._options = options
        self.state, self.depolarize = str(options["state"]), float(options["depolarize"])
        if self.state not in STATES:
            raise UsageError(f"state of {text!r} must be one of {', '.join(STATES)}")
        if not 0 <= self.depolarize <= 1:
            raise UsageError(f"depolarize of {text!r} must lie in [0, 1], not {self.depolarize}")

    def __str__(self) -> str:
        return shortest(self.NAME, self._options, self.DEFAULTS)

    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple: states of chains, and their copies."""
        return "more"

    def _read(self, protocol: str) -> _Entry:
        name = known_protocol(protocol, ENTRIES)
        read_options(protocol, {})
        return ENTRIES[name]

    def resolve(self, protocol: str, qubits: int) -> str:
        """Returns the full name of a protocol; there are no options.

        Raises:
            ValueError: If the protocol is unknown.
        """
        self._read(protocol)
        return protocol

    def weights(self, qubits: int) -> tuple[int, ...]:
        """Returns the weights of the strings that are asked."""
        return tuple(w for w in WEIGHTS if w <= qubits)

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``error:weight=w`` for every weight."""
        return tuple(f"error:weight={w}" for w in self.weights(qubits))

    def copies_per_shot(self, protocol: str) -> int:
        """Returns how many copies a shot of the protocol uses."""
        return self._read(protocol).copies_per_shot

    def check(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> None:
        """Refuses what cannot be played, before anything runs.

        Raises:
            ValueError: If there are no circuits of that size.
        """
        self._read(protocol)
        if not circuits:
            raise UsageError(f"backend law knows no exact law of {self.NAME}; use qsim")
        most = MOST_QUBITS if self.state == "ghz" else ISING_MOST_QUBITS
        if not 2 <= qubits <= most or (self.state == "ising" and qubits % 2):
            raise UsageError(
                f"qubits must lie between 2 and {most} for the state {self.state}, not {qubits}"
                + (", and be even" if self.state == "ising" else "")
            )
        if copies < 2:
            raise UsageError(f"copies must be at least 2 for {protocol}, not {copies}")

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run."""
        rng = np.random.default_rng(0)
        state = KnownState(self.state, qubits, self.depolarize, rng)
        return self._read(protocol).request(state, 1, rng).circuit

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it estimates."""
        return self._read(protocol).about

    def seconds(self, protocol: str, qubits: int, shots: int) -> float:
        """Returns roughly how long one record takes: 10 µs for each shot, and its questions."""
        return 1e-5 * shots + 0.5

    def estimate(
        self,
        protocol: str,
        qubits: int,
        shots: int,
        systems: int,
        seeds: Seeds,
        sampler: cirq.Sampler,
    ) -> Estimated:
        """Measures records of the state and asks each of them all strings.

        Args:
            protocol: The protocol's name.
            qubits: The number n of qubits.
            shots: The shots of each record.
            systems: The number of records.
            seeds: The sources of randomness.
            sampler: Where the circuits run.

        Returns:
            Root-mean-square errors for each weight beside the exact standard errors; the stated
            errors are those of independent strings, value/√(2m), and so a little too small.
        """
        entry = self._read(protocol)
        nature, copies, learner = seeds.generators()
        state = KnownState(self.state, qubits, self.depolarize, copies, systems)
        (record,) = run([entry.request(state, shots, learner)], sampler)
        values = np.empty((systems, len(self.weights(qubits))))
        truths = np.empty_like(values)
        for column, weight in enumerate(self.weights(qubits)):
            strings = strings_of_weight(weight, qubits, nature)
            means = state.expectations(strings)
            variance = entry.variance(means, strings.weight()) / shots
            truths[:, column] = np.sqrt(variance.mean())
            for system, own in enumerate(record.split(systems)):
                off = entry.estimates(own, strings) - entry.exact(means)
                values[system, column] = np.sqrt((off**2).mean())
        return Estimated(values, values / np.sqrt(2 * STRINGS), truths)
