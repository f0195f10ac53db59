"""A task as the study engine sees it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import DialSampler
from quantum_advantage.tasks.seeds import Seeds

# What circuits couple: the two qubits of each pair alone; systems 2i and 2i + 2 of a line too; more
# than that, or qubits that are reset, which no processor is asked to run.
Couplings = Literal["pairs", "chain", "more"]


@dataclass(frozen=True, eq=False)
class FromLaw:
    """Says that outcomes are drawn from the exact law of a protocol; no circuit runs.

    Attributes:
        damping: (qubits, 4) factors by which noise damps the letters of a Bell measurement, or None
            for no noise.
    """

    damping: npt.NDArray[np.float64] | None = None


# Where the outcomes of a batch come from.
Source = cirq.Sampler | DialSampler | FromLaw


def whole_copies(copies: float) -> int:
    """Returns a budget of whole copies, not below ``copies`` but for its rounding.

    Of a budget a first rung is made and with it the name of its results, so that it must not depend
    on the last bits of a logarithm: ten digits of it count.
    """
    return math.ceil(float(f"{copies:.10g}"))


class Task(Protocol):
    """A family of systems and questions, with all its protocols side by side.

    ``str`` gives its full name. Protocols are named by strings; an unknown one, or an unknown
    option, raises a ``ValueError`` that says what would do.
    """

    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple, which decides where they run."""
        ...

    def resolve(self, protocol: str, qubits: int, target: float) -> str:
        """Returns the full name of a protocol: options that depend on n or the target filled in."""
        ...

    def copies_per_shot(self, protocol: str, qubits: int) -> int:
        """Returns how many copies a shot of the protocol uses."""
        ...

    def bound(self, protocol: str, qubits: int, target: float) -> float | None:
        """Returns the proven least copies of the protocol, or None where no bound applies."""
        ...

    def check(self, protocol: str, qubits: int, *, circuits: bool, noise: bool) -> None:
        """Refuses what cannot be played, before anything runs."""
        ...

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run."""
        ...

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long the states of one game take, beside the sampling of its bits."""
        ...

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it reads."""
        ...

    def first_budget(
        self,
        protocol: str,
        qubits: int,
        target: float,
        damping: npt.NDArray[np.float64] | None = None,
    ) -> int:
        """Returns the copies of the ladder's first rung."""
        ...

    def play(
        self,
        protocol: str,
        qubits: int,
        prefixes: npt.NDArray[np.int64],
        trials: int,
        seeds: Seeds,
        source: Source,
    ) -> npt.NDArray[np.int64]:
        """Plays a batch of trials and returns the number of right answers at each prefix.

        Raises:
            ValueError: If the source is neither a sampler nor the law, or the protocol cannot be
                played so.
        """
        ...


@dataclass(frozen=True, eq=False)
class Estimated:
    """What was estimated of the systems of a batch, beside the truth.

    Attributes:
        values: (systems, quantities) estimates.
        errors: (systems, quantities) the standard errors that the estimators state by themselves.
        truths: (systems, quantities) exact values.
    """

    values: npt.NDArray[np.float64]
    errors: npt.NDArray[np.float64]
    truths: npt.NDArray[np.float64]


class EstimationTask(ABC):
    """A family of systems with quantities to estimate, as the study engine sees it.

    ``str`` gives its full name. Protocols are named by strings; an unknown one, or an unknown
    option, raises a ``ValueError`` that says what would do.

    Attributes:
        HAS_CIRCUITS: Whether its protocols are circuits. Otherwise its records are drawn from their
            exact law, the only backend is ``law``, and there is nothing for a sampler to run.
    """

    HAS_CIRCUITS: ClassVar[bool] = True

    @abstractmethod
    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple, which decides where they run."""

    @abstractmethod
    def resolve(self, protocol: str, qubits: int) -> str:
        """Returns the full name of a protocol: options that depend on n are filled in."""

    @abstractmethod
    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns the names of what the protocol estimates."""

    @abstractmethod
    def copies_per_shot(self, protocol: str) -> int:
        """Returns how many copies a shot of the protocol uses."""

    @abstractmethod
    def check(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> None:
        """Refuses what cannot be played, before anything runs."""

    @abstractmethod
    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run."""

    @abstractmethod
    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it estimates."""

    @abstractmethod
    def seconds(self, protocol: str, qubits: int, shots: int) -> float:
        """Returns roughly how long a record of one system takes."""

    @abstractmethod
    def estimate(
        self,
        protocol: str,
        qubits: int,
        shots: int,
        systems: int,
        seeds: Seeds,
        sampler: cirq.Sampler,
    ) -> Estimated:
        """Draws fresh systems, measures a record of each and estimates all quantities."""

    def places(
        self, protocol: str, qubits: int, systems: int, batch: int
    ) -> tuple[tuple[int, str], ...]:
        """Returns which rows of a batch are kept, (system, quantity) in order: all of them."""
        quantities = self.quantities(protocol, qubits)
        return tuple((system, quantity) for system in range(systems) for quantity in quantities)

    def numbers(
        self, found: Estimated, protocol: str, qubits: int
    ) -> dict[tuple[int, str], tuple[float, float, float]]:
        """Returns value, stated error and truth for each (system, quantity)."""
        triples = np.stack([found.values, found.errors, found.truths], axis=-1).tolist()
        return {
            (system, quantity): tuple(triple)
            for system, row in enumerate(triples)
            for quantity, triple in zip(self.quantities(protocol, qubits), row, strict=True)
        }
