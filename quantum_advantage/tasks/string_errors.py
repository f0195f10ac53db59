"""How well one record predicts thousands of Pauli strings, weight by weight.

A known state is measured once; afterwards strings of every weight are asked, half of them uniformly
random, half with the letter Z alone, and the estimates are compared with the exact values. For each
weight w the record gives ``error:weight=w``, the root-mean-square error over its strings. From
single copies in random Pauli bases the estimates are of tr(Q ρ), and the truth beside them is the
exact standard error √[(3ʷ - tr(Q ρ)²)/T], root-mean-square over the strings. From Bell records they
are of tr(Q ρ)², with √[(1 - tr(Q ρ)⁴)/T] for T Bell shots, at every weight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.pauli import PauliStrings, random_letters
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.squares import squares
from quantum_advantage.inference.shadows.expectations import expectations
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.measurements.pauli_basis import (
    pauli_basis_change,
    pauli_basis_dials,
    random_pauli_bases,
)
from quantum_advantage.measurements.records import BellRecord
from quantum_advantage.measurements.shadow_records import shadow_of
from quantum_advantage.systems.known_states import ISING_MOST_QUBITS, STATES, KnownState
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source, sampler_of
from quantum_advantage.tasks.protocol import Chosen, Limits, Options, Protocol
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies
from quantum_advantage.tasks.shared.seeds import Seeds

Floats = npt.NDArray[np.float64]

WEIGHTS = (1, 2, 3, 4, 5, 6, 8, 10)
STRINGS = 500
MOST_QUBITS = 64
Z = 3


@dataclass(frozen=True)
class StringMeasurement:
    """How copies are measured, and how strings are estimated.

    Attributes:
        request: Requests so many shots of every record.
        estimates: Of a record and strings: (strings,) estimates.
        exact: Of the exact means tr(Q ρ), (strings,): what is estimated of each string, (strings,).
        variance: Of the exact means and the weights, (strings,) each: the variance of one shot,
            (strings,).

    Example:
        The variance of one shot for a string of weight 4 and mean 0, with two copies and with one:

        >>> zero, four = np.array([0.0]), np.array([4])
        >>> BELL.variance(zero, four).tolist(), PAULI.variance(zero, four).tolist()  # 1, 3⁴
        ([1.0], [81.0])
    """

    request: Callable[[KnownState, int, np.random.Generator], Request]
    estimates: Callable[[Record, PauliStrings], Floats]
    exact: Callable[[Floats], Floats]
    variance: Callable[[Floats, npt.NDArray[np.int64]], Floats]


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
    return expectations(shadow_of(record, strings.qubits), strings)[:, 0]


BELL = StringMeasurement(
    _request_bell,
    _bell_squares,
    lambda means: means**2,
    lambda means, weights: 1 - means**4,
)
PAULI = StringMeasurement(
    _request_pauli,
    _shadow_means,
    lambda means: means,
    lambda means, weights: 3.0**weights - means**2,
)


def strings_of_weight(weight: int, qubits: int, rng: np.random.Generator) -> PauliStrings:
    """Draws strings of one weight: half with random letters, half with Z alone.

    Raises:
        ValueError: If the weight does not lie between 1 and the number of qubits.

    Example:
        >>> strings = strings_of_weight(2, 5, np.random.default_rng(1))
        >>> len(strings), sorted(set("".join(strings[:3].text()))), int(strings.weight().max())
        (500, ['I', 'Z'], 2)
    """
    if not 1 <= weight <= qubits:
        raise UsageError(f"weight must lie between 1 and the {qubits} qubits, not {weight}")
    letters = random_letters(STRINGS, qubits, rng, weight)
    half = letters[: STRINGS // 2]
    half[half > 0] = Z
    return PauliStrings.from_letters(letters)


class StringErrors(EstimatingTask):
    """The task ``string_errors``: thousands of strings from one record of a known state.

    Example:
        >>> task = StringErrors("string_errors:state=ghz")
        >>> task.weights(4), task.quantities("bell", 3)[0]
        ((1, 2, 3, 4), 'error:weight=1')
    """

    NAME: ClassVar[str] = "string_errors"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {"depolarize": 0.0, "state": "ghz"}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self.state, self.depolarize = (
            str(self.options["state"]),
            float(self.options["depolarize"]),
        )
        if self.state not in STATES:
            raise UsageError(f"state of {text!r} must be one of {', '.join(STATES)}")
        if not 0 <= self.depolarize <= 1:
            raise UsageError(f"depolarize of {text!r} must lie in [0, 1], not {self.depolarize}")

    def describe(self) -> Iterable[Protocol]:
        """Returns both protocols of the task."""
        yield Protocol(
            "bell",
            "Two copies in the Bell basis. Estimate of tr(Q ρ)²: the mean sign of Q over the "
            "shots,\nwith the error √[(1 - tr(Q ρ)⁴)/T] at every weight.",
            copies_per_shot=2,
            measurement=lambda o, n: BELL,
            limits=self._limits,
        )
        yield Protocol(
            "local_pauli",
            "One copy in a fresh random Pauli basis (classical shadows). Estimate of tr(Q ρ): 3^w\n"
            "times the sign of Q where the basis agrees with Q, else 0; error √[(3^w - tr(Q "
            "ρ)²)/T].",
            copies_per_shot=1,
            measurement=lambda o, n: PAULI,
            limits=self._limits,
        )

    def _limits(self, options: Options, qubits: int) -> Limits:
        even = self.state != "ising" or qubits % 2 == 0
        return Limits(
            least_qubits=2,
            circuit_qubits=MOST_QUBITS if self.state == "ghz" else ISING_MOST_QUBITS,
            least_copies=2,
            refusal=None if even else f"qubits must be even for the state ising, not {qubits}",
        )

    def weights(self, qubits: int) -> tuple[int, ...]:
        """Returns the weights of the strings that are asked."""
        return tuple(w for w in WEIGHTS if w <= qubits)

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``error:weight=w`` for every weight."""
        return tuple(f"error:weight={w}" for w in self.weights(qubits))

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of the state."""
        measurement: StringMeasurement = chosen.measurement()
        return measurement.request(
            KnownState(self.state, chosen.qubits, self.depolarize, rng), 1, rng
        )

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long one record takes: 10 µs for each shot, and its questions."""
        shots = copies // self.copies_per_shot(protocol, qubits)
        return 1e-5 * shots + 0.5

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Measures records of the state and asks each of them all strings.

        Returns:
            Root-mean-square errors for each weight beside the exact standard errors; the stated
            errors are those of independent strings, value/√(2m), and so a little too small.
        """
        measurement: StringMeasurement = chosen.measurement()
        qubits = chosen.qubits
        nature, copies, learner = seeds.generators()
        state = KnownState(self.state, qubits, self.depolarize, copies, systems)
        (record,) = run([measurement.request(state, shots, learner)], sampler_of(source))
        values = np.empty((systems, len(self.weights(qubits))))
        truths = np.empty_like(values)
        for column, weight in enumerate(self.weights(qubits)):
            strings = strings_of_weight(weight, qubits, nature)
            means = state.expectations(strings)
            variance = measurement.variance(means, strings.weight()) / shots
            truths[:, column] = np.sqrt(variance.mean())
            for system, own in enumerate(record.split(systems)):
                off = measurement.estimates(own, strings) - measurement.exact(means)
                values[system, column] = np.sqrt((off**2).mean())
        return Estimated(values, values / np.sqrt(2 * STRINGS), truths)
