"""Is an unknown state pure or maximally mixed? With and without a quantum memory.

Source: Aharonov, Cotler, Qi, Nature Communications 13, 887 (2022), and Chen, Cotler, Huang, Li,
arXiv 2111.05881, for the separation; constants in ``bounds.haar_states``. Nature tosses a fair
coin: the system is a Haar-random pure state ψ, fresh for every trial, or I/d. The learner measures
copies and says which. With the options q = ``mixing`` and λ = ``depolarize`` the first kind is
(1 - q) ψ + q I/d, every qubit of which has passed the channel (1 - λ) ρ + λ I/2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.bounds.haar_states import copies_to_test_purity, largest_purity_accuracy
from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.haar.collisions import haar_log_ratio, times_seen_before
from quantum_advantage.inference.shadows.purity import (
    grouped_purity_prefixes,
    shadow_purity_prefixes,
)
from quantum_advantage.measurements.bell import (
    MEMORY,
    SYSTEM,
    bell_basis_change,
    singlet_parity,
)
from quantum_advantage.measurements.pauli_basis import (
    pauli_basis_change,
    pauli_basis_dials,
    random_pauli_bases,
)
from quantum_advantage.measurements.stabiliser import MOST_QUBITS, stabiliser_basis_change
from quantum_advantage.measurements.unbiased_bases import unbiased_basis_dial
from quantum_advantage.systems.haar_outcomes import urn_outcomes
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.random_states import random_states
from quantum_advantage.tasks.protocol import Bound, Chosen, Limits, Option, Protocol
from quantum_advantage.tasks.shared.assumptions import (
    ANYBODY,
    COUNTED,
    INDEPENDENT,
    haar_random,
    if_haar_random,
)
from quantum_advantage.tasks.shared.haar import (
    LIMITS,
    Floats,
    HaarTask,
    Integers,
    Outcomes,
    Prefixes,
    log_odds,
    outcome_numbers,
)
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies


def noisy_purity(qubits: int, mixing: float = 0.0, depolarize: float = 0.0) -> float:
    """Returns the mean purity of (1 - q) ψ + q I/d under local depolarising noise.

    Source: derived here. Haar-random ψ have E tr(P ψ)² = 1/(d + 1) for every string P but the
    identity. The channel multiplies tr(P ρ) by (1 - λ)^w for weight w, the mixing by 1 - q. The
    purity is 2⁻ⁿ Σ_P tr(P ρ)², and Σ_P (1 - λ)^{2w} = (1 + 3 (1 - λ)²)ⁿ, so it is
    2⁻ⁿ [1 + (1 - q)² ((1 + 3 (1 - λ)²)ⁿ - 1)/(2ⁿ + 1)].

    Args:
        qubits: The number n of qubits.
        mixing: q, the share of I/d.
        depolarize: λ of (1 - λ) ρ + λ I/2 on every qubit.

    Raises:
        UsageError: If q or λ does not lie in [0, 1].

    Example:
        >>> noisy_purity(10), noisy_purity(10, mixing=1.0) == 2**-10  # pure, and maximally mixed
        (1.0, True)
        >>> round(noisy_purity(1, depolarize=0.1), 3)  # (1 + 0.9²)/2
        0.905
    """
    if not (0 <= mixing <= 1 and 0 <= depolarize <= 1):
        raise UsageError(f"mixing and depolarize must lie in [0, 1], not {mixing}, {depolarize}")
    spread = (1 + 3 * (1 - depolarize) ** 2) ** qubits - 1
    return float((1 + (1 - mixing) ** 2 * spread / (2**qubits + 1)) / 2**qubits)


@dataclass(frozen=True)
class SingletParity:
    """Two copies, one Bell measurement: an odd number of singlets is impossible for a pure state.

    The parity of the singlets is the SWAP eigenvalue, with mean tr(ρ²).

    Attributes:
        means: The purity of I/d, and the mean purity of the other kind.

    Example:
        One odd number of singlets excludes a pure state; three even ones are 8 times as likely for
        it, up to 2⁻ⁿ:

        >>> parity, three = SingletParity((2.0**-20, 1.0)), np.array([3])
        >>> scores = parity.scores((np.array([[0, 0, 0], [0, 1, 0]]),), three)
        >>> round(float(np.exp(scores[0, 0])), 3), bool(scores[1, 0] < -90)
        (8.0, True)
    """

    means: tuple[float, float]

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests Bell measurements of pairs of copies."""
        return request_copies(
            preparation, 2, shots, bell_basis_change(*copy_qubits(preparation.qubits))
        )

    def read(self, record: Record, trials: int) -> Outcomes:
        """Reads the parity of the singlets of every shot."""
        system, memory = record.bits[SYSTEM], record.bits[MEMORY]
        everything = np.full(system.shape[1], ~np.uint64(0))
        return (singlet_parity(system, memory, everything).reshape(trials, -1),)

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns the log-likelihood ratio of the parities."""
        minus = np.cumsum(outcomes[0], axis=1, dtype=np.int64)[:, prefixes - 1]
        return log_odds(minus, prefixes, self.means)

    def exact_scores(self, truth: Integers, prefixes: Prefixes, rng: np.random.Generator) -> Floats:
        """Draws the scores: the parities are coins with the purity as their mean.

        Args:
            truth: (trials,) 1 for a pure state, 0 for I/d.
            prefixes: (prefixes,) increasing numbers of shots.
            rng: The randomness of the outcomes.

        Returns:
            (trials, prefixes) scores, positive in favour of a pure state.
        """
        odd = (1 - np.asarray(self.means)[truth]) / 2
        minus = np.cumsum(rng.binomial(np.diff(prefixes, prepend=0), odd[:, None]), axis=1)
        return log_odds(minus, prefixes, self.means)


@dataclass(frozen=True)
class Collisions:
    """One copy in the computational basis: outcomes of a random pure state repeat more often.

    The score is the exact log-likelihood ratio of Haar-random states against I/d.

    Attributes:
        qubits: The number n of qubits.

    Example:
        >>> different, repeated = np.array([[1, 2, 3]]), np.array([[1, 2, 1]])
        >>> last = np.array([3])
        >>> bool(Collisions(10).scores((different,), last)[0, 0] < 0)  # the maximally mixed state
        True
        >>> bool(Collisions(10).scores((repeated,), last)[0, 0] > 0)  # a random pure state
        True
    """

    qubits: int

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in the computational basis."""
        return request_copies(preparation, 1, shots, [])

    def read(self, record: Record, trials: int) -> Outcomes:
        """Reads the outcomes as numbers."""
        return (outcome_numbers(record, trials),)

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns the log-likelihood ratio of the outcomes."""
        return haar_log_ratio(outcomes[0], prefixes, self.qubits)

    def exact_scores(self, truth: Integers, prefixes: Prefixes, rng: np.random.Generator) -> Floats:
        """Draws the scores: outcomes of Pólya's urn if Haar-random, uniform ones for I/d.

        Args:
            truth: (trials,) 1 for a pure state, 0 for I/d.
            prefixes: (prefixes,) increasing numbers of shots.
            rng: The randomness of the outcomes.

        Returns:
            (trials, prefixes) scores, positive in favour of a pure state.
        """
        size, shots = 2**self.qubits, int(prefixes[-1])
        mixed = rng.integers(0, size, (truth.size, shots))
        pure = urn_outcomes(truth.size, shots, size, rng)
        return self.scores((np.where(truth[:, None] == 1, pure, mixed),), prefixes)


@dataclass(frozen=True)
class UnbiasedCollisions:
    """One copy in one of a few unbiased bases in turn: collisions within each of them.

    The score adds the log-likelihood ratios of the bases as if they had states of their own.

    Attributes:
        qubits: The number n of qubits.
        bases: How many of the 2ⁿ + 1 bases are used, drawn for every trial.

    Example:
        Equal outcomes count in one basis, and say nothing in two:

        >>> outcomes = np.array([[7, 7], [7, 7]])
        >>> bases = np.array([[0, 0], [0, 1]])
        >>> scores = UnbiasedCollisions(10, bases=2).scores((outcomes, bases), np.array([2]))
        >>> scores.round(2).tolist()
        [[0.69], [0.0]]
    """

    qubits: int
    bases: int

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in the chosen unbiased bases, in turn."""
        n, systems = self.qubits, preparation.systems
        order = np.tile(np.arange(2**n + 1, dtype=np.uint16), (systems, 1))
        chosen = rng.permuted(order, axis=1)[:, : self.bases]
        column = np.tile(chosen, (1, -(-shots // chosen.shape[1])))[:, :shots].ravel()
        change = stabiliser_basis_change(copy_qubits(n)[0])
        return request_copies(preparation, 1, shots, change, (unbiased_basis_dial(n),), (column,))

    def read(self, record: Record, trials: int) -> Outcomes:
        """Reads the outcomes as numbers, and the bases."""
        chosen = record.settings[unbiased_basis_dial(self.qubits).name]
        return outcome_numbers(record, trials), chosen.astype(np.int64).reshape(trials, -1)

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns the sum over the bases of the log-likelihood ratios of their outcomes."""
        numbers, chosen = outcomes
        seen = times_seen_before(numbers + (chosen << self.qubits))
        gained = np.log1p(seen) - np.log1p(times_seen_before(chosen) / 2**self.qubits)
        return np.asarray(np.cumsum(gained, axis=1)[:, prefixes - 1])


@dataclass(frozen=True)
class PauliBases:
    """One copy in random Pauli bases; the estimated purity is compared with the middle.

    Attributes:
        qubits: The number n of qubits.
        means: The purity of I/d, and the mean purity of the other kind.
        times: How often in a row each random basis is used. Once: classical shadows, with pairs of
            different bases; more often: grouped randomised measurements, pairs of one basis alone.

    Example:
        One qubit, twice the same outcome in one basis: the estimated purity is 2, the middle 3/4.

        >>> grouped = PauliBases(1, (0.5, 1.0), times=2)
        >>> bases, bits = np.zeros((1, 2, 1), dtype=np.uint8), np.zeros((1, 2, 1), dtype=np.uint8)
        >>> grouped.scores((bases, bits), np.array([2])).tolist()
        [[1.25]]
    """

    qubits: int
    means: tuple[float, float]
    times: int = 1

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in random Pauli bases."""
        n = self.qubits
        columns = random_pauli_bases(n, preparation.systems, shots, self.times, rng)
        change = pauli_basis_change(copy_qubits(n)[0])
        return request_copies(preparation, 1, shots, change, pauli_basis_dials(n), columns)

    def read(self, record: Record, trials: int) -> Outcomes:
        """Reads bases and bits, (trials, shots, qubits) each."""
        n = self.qubits
        bases = np.stack([record.settings[dial.name] for dial in pauli_basis_dials(n)], axis=1)
        bits = unpack_bits(record.bits[SYSTEM], n)
        return bases.reshape(trials, -1, n), bits.reshape(trials, -1, n)

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns the estimated purity less the middle of both hypotheses."""
        bases, bits = outcomes
        if self.times == 1:
            found = shadow_purity_prefixes(bases, bits, prefixes)
        else:
            found = grouped_purity_prefixes(bits, self.times, prefixes)
        return np.asarray(found - sum(self.means) / 2)


class Purity(HaarTask):
    """The task ``purity``: a random pure state, perhaps with noise, or the maximally mixed one.

    Example:
        >>> task = Purity("purity:mixing=0.1")
        >>> [round(mean, 3) for mean in task.means(2)]  # I/d, and 0.9 ψ + 0.1 I/d
        [0.25, 0.858]
        >>> round(task.bound("collisions", 20, 0.7))  # close to 2^(n/2)
        1036
    """

    NAME: ClassVar[str] = "purity"
    BEST_CONVENTIONAL: ClassVar[str | None] = "collisions"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {"mixing": 0.0, "depolarize": 0.0}
    NOISE: ClassVar[tuple[str, ...]] = ("mixing", "depolarize")

    def _noise(self) -> dict[str, float]:
        return {key: float(value) for key, value in self.options.items()}

    def means(self, qubits: int) -> tuple[float, float]:
        """Returns the purity of I/d, and the mean purity of the other kind."""
        return 2.0**-qubits, noisy_purity(qubits, **self._noise())

    def describe(self) -> Iterable[Protocol]:
        """Returns all protocols of the task."""

        def signal(n: int) -> float:
            null, other = self.means(n)
            return other - null

        ideal = not any(self.options.values())
        yield Protocol(
            "bell",
            "Two copies in the Bell basis. The parity of the singlets (11) is the SWAP\n"
            "eigenvalue, with mean tr(ρ²): 1 for a pure state, 2^-n for I/d.\n"
            "Answer: the larger likelihood; one odd parity excludes a pure state.",
            copies_per_shot=2,
            measurement=lambda o, n: SingletParity(self.means(n)),
            exact=lambda o, n: SingletParity(self.means(n)).exact_scores,
            limits=LIMITS,
            guess=lambda n: 1 + 1.1 / signal(n) ** 2,
        )
        yield Protocol(
            "collisions",
            "One copy in the computational basis. Answer: the larger likelihood,\n"
            "Σ_b ln n_b! - Σ_(j<T) ln(1 + j/2^n) for n_b outcomes b among T copies.",
            copies_per_shot=1,
            measurement=lambda o, n: Collisions(n),
            exact=(lambda o, n: Collisions(n).exact_scores) if ideal else None,
            limits=LIMITS,
            bounded=True,
            guess=lambda n: 1.8 * 2 ** (n / 2) / signal(n),
        )
        yield Protocol(
            "mutually_unbiased",
            "One copy in one of bases=K unbiased bases in turn, drawn for every system.\n"
            "Answer: the sum over the bases of the log-likelihood ratio of their outcomes.",
            copies_per_shot=1,
            measurement=lambda o, n: UnbiasedCollisions(n, o["bases"]),
            limits=Limits(circuit_qubits=MOST_QUBITS),
            options={"bases": Option(3, least=1)},
            bounded=True,
            guess=lambda n: 3.1 * 2 ** (n / 2) / signal(n),
        )
        yield Protocol(
            "randomized_measurements",
            "One copy in a random Pauli basis, each basis times=K times in a row. Estimate:\n"
            "the mean of 2^n (-2)^(-D) over pairs of one basis at Hamming distance D.\n"
            "Answer: pure where it exceeds the middle of both purities.",
            copies_per_shot=1,
            measurement=lambda o, n: PauliBases(n, self.means(n), o["times"]),
            limits=LIMITS,
            options={
                "times": Option(0, least=1, choose=lambda n, target: max(2, round(2 ** (0.75 * n))))
            },
            bounded=True,
            guess=lambda n: 3 * 2 ** (0.75 * n) / signal(n),
        )
        yield Protocol(
            "local_pauli",
            "One copy in a fresh random Pauli basis (classical shadows). Estimate: the mean\n"
            "over all pairs of the product over qubits of 5 (same basis and bit), -4 (same\n"
            "basis, other bit) or 1/2 (other basis).\n"
            "Answer: pure where it exceeds the middle of both purities.",
            copies_per_shot=1,
            measurement=lambda o, n: PauliBases(n, self.means(n)),
            limits=LIMITS,
            bounded=True,
            guess=lambda n: 1.5 * 2.65**n / signal(n),
        )

    def prepare(
        self, truth: Integers, qubits: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> Preparation:
        """Draws a fresh state for every trial: I/d where the truth is 0."""
        mixing: npt.NDArray[np.float64] = np.where(truth == 1, self._noise()["mixing"], 1.0)
        return random_states(qubits, mixing, nature, copies, self._noise()["depolarize"])

    def bound_in(self, chosen: Chosen) -> Bound:
        """Returns what any conventional learner can reach, if states are Haar-random.

        It is proven for pure states; noise and mixing can be added by the learner, so it holds for
        them all the more.
        """
        return Bound(
            partial(largest_purity_accuracy, qubits=chosen.qubits),
            partial(copies_to_test_purity, qubits=chosen.qubits),
            "copies",
            ANYBODY,
            if_haar_random("states"),
            "Haar-random pure states, any adaptive learner",
            "quantum_advantage.bounds.haar_states, setting 'purity', derived there",
            (
                "a fair secret coin chose a Haar-random pure state, drawn anew for each game, or "
                "the maximally mixed state (noise that the task adds to copies only makes it "
                "harder)",
                INDEPENDENT,
                COUNTED,
            ),
            haar_random("states"),
        )
