"""What all tasks have in common: what can be played, its circuits, and what is proven."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.digests import circuit_digest
from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.results import check_sampler
from quantum_advantage.core.arguments import LEAST_BATCHES
from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.answers import (
    Answers,
    FromLaw,
    Source,
)
from quantum_advantage.tasks.protocol import Bound, Chosen
from quantum_advantage.tasks.shared.described import DescribedTask
from quantum_advantage.tasks.shared.seeds import Seeds


class Task(DescribedTask):
    """A family of unknown systems and what is asked about them, with all its protocols.

    Attributes:
        NOISE: Those of its options that make systems noisy, so that no circuit need be.
        BEST_CONVENTIONAL: The best protocol known without a quantum memory that has an exact
            distribution; None where none is known.
        HAS_CIRCUITS: Whether its protocols are circuits. Otherwise outcomes are drawn from their
            exact distribution, the only backend is ``law``, and there is nothing for a sampler to
            run.

    Example:
        >>> from quantum_advantage.tasks.registry import load_task
        >>> task = load_task("purity")
        >>> task.NOISE, task.BEST_CONVENTIONAL, task.HAS_CIRCUITS
        (('mixing', 'depolarize'), 'collisions', True)
    """

    NOISE: ClassVar[tuple[str, ...]] = ()
    BEST_CONVENTIONAL: ClassVar[str | None] = None
    HAS_CIRCUITS: ClassVar[bool] = True

    def least_batches(self, protocol: str, qubits: int) -> int:
        """Returns the fewest batches of a point, however few trials are asked for.

        Intervals of means come from resampling twenty batches or more. A task whose batches are
        dear may ask for fewer; then a batch must tell its own error.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> load_task("purity").least_batches("bell", 4)
            20
        """
        return LEAST_BATCHES

    @abstractmethod
    def answered_after(self, budget: int, copies_per_shot: int) -> list[int]:
        """Returns the numbers of shots, increasing, after which a record is answered.

        Args:
            budget: Copies per record.
            copies_per_shot: Copies that a shot uses.
        """

    def check(
        self,
        protocol: str,
        qubits: int,
        copies: int | None = None,
        *,
        circuits: bool,
        noise: bool,
    ) -> None:
        """Refuses what cannot be played, before anything runs.

        Args:
            protocol: The protocol's name.
            qubits: The number n of qubits.
            copies: Copies of a record; None where the budget is not chosen yet.
            circuits: Whether circuits run; else outcomes are drawn from the exact distribution.
            noise: Whether there is noise.

        Raises:
            UsageError: If there is no such protocol, an option or n does not fit, or the protocol
                has no circuits of that size, no exact distribution, none with noise, or needs more
                copies.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> load_task("purity").check("bell", 30, circuits=False, noise=False)
            >>> try:
            ...     load_task("purity").check("bell", 30, circuits=True, noise=False)
            ... except ValueError as error:
            ...     print(error)
            qubits must be at most 26 for bell as circuits, not 30; backend law goes on
        """
        chosen = self.read(protocol, qubits)
        limits, name = chosen.limits, chosen.protocol.name
        if not circuits:
            self._check_exact(chosen, noise)
        elif not self.HAS_CIRCUITS:
            raise UsageError(f"{self.NAME} has no circuits, outcomes come from their law; use law")
        elif limits.circuit_qubits is not None and qubits > limits.circuit_qubits:
            raise UsageError(
                f"qubits must be at most {limits.circuit_qubits} for {name} as circuits, not "
                f"{qubits}" + ("; backend law goes on" if chosen.protocol.exact else "")
            )
        if limits.refusal is not None:
            raise UsageError(limits.refusal)
        least = limits.least_copies or chosen.protocol.copies_per_shot
        if copies is not None and copies < least:
            raise UsageError(f"copies must be at least {least} for {chosen.name}, not {copies}")

    def _check_exact(self, chosen: Chosen, noise: bool) -> None:
        """Refuses what the exact distribution does not know."""
        limits, name, known = chosen.limits, chosen.protocol.name, self.protocols.values()
        other = "qsim" if self.HAS_CIRCUITS else "law without noise"
        if chosen.protocol.exact is None:
            of = name if any(p.exact for p in known) else self
            raise UsageError(f"backend law knows no exact law of {of}; use {other}")
        if noise and not limits.exact_noise:
            others = f", or an option of the task: {', '.join(self.NOISE)}" if self.NOISE else ""
            raise UsageError(
                f"backend law knows no noise of circuits for {name} of {self.NAME}; use {other}"
                f"{others}"
            )
        if limits.exact_qubits is not None and chosen.qubits > limits.exact_qubits:
            raise UsageError(
                f"qubits must be at most {limits.exact_qubits} for the law, not {chosen.qubits}"
            )

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run.

        Raises:
            UsageError: If there is no such protocol, or it has no circuit, or none of that size.

        Example:
            Two copies of one qubit in the Bell basis; the symbols prepare the hidden state:

            >>> from quantum_advantage.tasks.registry import load_task
            >>> print(load_task("observables").circuit("bell", 1))
            0: ───X^flip_a0───H^hadamard_a0───Z^(0.5*phase_a0)───@───H───M('system')───
                                                                 │
            1: ───X^flip_b0───H^hadamard_b0───Z^(0.5*phase_b0)───X───────M('memory')───
        """
        chosen = self.read(protocol, qubits)
        if not self.HAS_CIRCUITS:
            about = " ".join(chosen.protocol.about.split())
            raise UsageError(f"{self.NAME} has no circuit. {about}")
        self.check(protocol, qubits, circuits=True, noise=False)
        return self.request_shot(chosen, np.random.default_rng(0)).circuit

    def circuit_digest(self, protocol: str, qubits: int) -> str:
        """Returns the digest of the same circuit; see :func:`circuits.digests.circuit_digest`.

        Raises:
            UsageError: As :meth:`circuit`.
        """
        return circuit_digest(self.circuit(protocol, qubits))

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of one system, for its circuit to be looked at.

        Args:
            chosen: The protocol.
            rng: The randomness of nature and of the learner.

        Raises:
            UsageError: If the task has no circuits.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> task = load_task("observables")
            >>> request = task.request_shot(task.read("bell", 2), np.random.default_rng(0))
            >>> request.shots, len(request.circuit.all_qubits())
            (1, 4)
        """
        raise UsageError(f"{self.NAME} has no circuit")

    @abstractmethod
    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long one system takes, beside the sampling of its bits."""

    def bound(self, protocol: str, qubits: int, target: float) -> float | None:
        """Returns the proven least copies of the protocol, or None where no bound is proven.

        Raises:
            UsageError: If there is no such protocol, an option or n does not fit, or the target is
                not in (1/2, 1).

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> task = load_task("observables")
            >>> [round(task.bound("mutually_unbiased", n, 0.7), 2) for n in (4, 5)]
            [9.32, 18.17]
            >>> task.bound("bell", 4, 0.7) is None  # it has a quantum memory
            True
        """
        chosen = self.read(protocol, qubits)
        return self.bound_in(chosen).copies_for(target) if chosen.bounded else None

    def bound_of(self, protocol: str, qubits: int) -> Bound:
        """Returns what learners without a quantum memory can reach in the games of a protocol.

        The protocol matters only for the games: controls that hide something else, or know the
        question beforehand, play other games than those of the theorem.

        Raises:
            UsageError: If there is no such protocol, an option or n does not fit, or no bound is
                proven for these games.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> bound = load_task("purity").bound_of("bell", qubits=10)
            >>> bound.largest_accuracy(4) < 0.6  # of four copies, measured one at a time
            True
        """
        return self.bound_in(self.read(protocol, qubits))

    def bound_in(self, chosen: Chosen) -> Bound:
        """Returns the same as :meth:`bound_of`, of a protocol that has been read.

        Raises:
            UsageError: If no bound is proven for these games.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> task = load_task("purity")
            >>> task.bound_in(task.read("collisions", 10)).unit
            'copies'
        """
        raise UsageError(
            f"no bound is proven for the games of {self}; quantum-advantage bound --help lists "
            "the tasks that have one"
        )

    @abstractmethod
    def play(
        self,
        protocol: str,
        qubits: int,
        prefixes: npt.NDArray[np.int64],
        systems: int,
        batch: int,
        seeds: Seeds,
        source: Source,
    ) -> Answers:
        """Plays one batch.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.
            prefixes: (prefixes,) increasing numbers of shots after which answers are read.
            systems: The number of systems, each with a record of its own.
            batch: The number of the batch.
            seeds: The sources of randomness.
            source: Where the circuits run, or the exact distribution.

        Raises:
            UsageError: If the source is neither a sampler nor the exact distribution, or the
                protocol cannot be played so.
        """

    def read_playable(self, protocol: str, qubits: int, shots: int, source: Source) -> Chosen:
        """Reads the name of a protocol that is about to be played.

        Args:
            protocol: Its full name.
            qubits: The number n of qubits.
            shots: The largest number of shots of a record.
            source: Where the circuits run, or the exact distribution.

        Raises:
            UsageError: If there is no such protocol, it cannot be played so, or the source is no
                sampler.

        Example:
            >>> from quantum_advantage.tasks.registry import load_task
            >>> load_task("purity").read_playable("bell", 30, 5, FromLaw()).name
            'bell'
        """
        chosen = self.read(protocol, qubits)
        if chosen.missing:
            key = chosen.missing[0]
            raise UsageError(f"protocol {protocol!r} must say its {key}, as {key}=K")
        copies = shots * chosen.protocol.copies_per_shot
        if isinstance(source, FromLaw):
            noise = source.damping is not None
            self.check(protocol, qubits, copies, circuits=False, noise=noise)
        else:
            self.check(protocol, qubits, copies, circuits=True, noise=False)
            check_sampler(source)
        return chosen
