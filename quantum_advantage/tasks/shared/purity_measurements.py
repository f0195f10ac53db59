"""Measurements that tell pure states from the maximally mixed one, with the scores of outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.core.bits import unpack_bits
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
from quantum_advantage.measurements.stabiliser import stabiliser_basis_change
from quantum_advantage.measurements.unbiased_bases import unbiased_basis_dial
from quantum_advantage.systems.haar_outcomes import urn_outcomes
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.shared.haar import (
    Floats,
    Integers,
    Outcomes,
    Prefixes,
    log_odds,
    outcome_numbers,
)
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies


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
