"""The measurements as real circuits: what each one runs, and what it reads from its record.

The question comes between both, except for the control that knows it beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.core.bits import Words
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.bell import (
    MEMORY,
    SYSTEM,
    bell_basis_change,
    bell_parity,
)
from quantum_advantage.measurements.pauli_basis import (
    pauli_basis_change,
    pauli_basis_dials,
    pauli_hits,
    random_pauli_bases,
)
from quantum_advantage.measurements.shadow_records import dialled_bases
from quantum_advantage.measurements.stabiliser import (
    MOST_QUBITS,
    StabiliserBases,
    decode_random_bases,
    random_bases,
    random_basis_dials,
    select_bases,
    stabiliser_basis_change,
    stabiliser_hits,
)
from quantum_advantage.measurements.unbiased_bases import (
    mutually_unbiased_bases,
    unbiased_basis_dial,
)
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.observables.evidence import (
    Evidence,
    Scores,
    count_prefixes,
    stack,
)
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies, side_by_side

Prefixes = npt.NDArray[np.int64]
Columns = tuple[npt.NDArray[np.unsignedinteger], ...]
# (trials, candidates, qubits) letter codes.
Letters = npt.NDArray[np.uint8]


class Measuring(Protocol):
    """How copies are measured."""

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Says what to run: ``shots`` shots for every system, system by system."""
        ...


@runtime_checkable
class InRounds(Protocol):
    """A protocol some of whose copies are measured as earlier outcomes say."""

    def finished(
        self, record: Record, systems: int, shots: int, measure: Callable[[Measuring, int], Record]
    ) -> Record:
        """Measures what the first request left, and returns the record of ``shots`` copies each.

        ``measure`` runs one more round: how to measure, and how many shots of every system.
        """
        ...


class ObservablesProtocol(Measuring, Protocol):
    """How copies are measured, and how the record is read once the strings are revealed."""

    @property
    def copies_per_shot(self) -> int:
        """One for a conventional shot, two where a shot uses two copies."""
        ...

    def evidence(
        self, record: Record, candidates: Letters, prefixes: Prefixes
    ) -> Evidence | Scores:
        """Reads what the record says of the revealed strings, for every prefix in shots."""
        ...


def _by_trial(words: Words, trials: int) -> Words:
    return words.reshape(trials, -1, words.shape[-1])


def strings_of(candidates: Letters, c: int) -> tuple[Words, Words]:
    """Returns the packed bits of one candidate of every trial, each (trials, 1, words)."""
    strings = PauliStrings.from_letters(candidates[:, c])
    return strings.x[:, None], strings.z[:, None]


def basis_order(
    bases: int, times: int, systems: int, shots: int, rng: np.random.Generator
) -> npt.NDArray[np.uint16]:
    """Draws in which order each system's bases come: all of them in random order, then again.

    Args:
        bases: The number of bases.
        times: Copies in a row in each basis.
        systems: The number of systems.
        shots: Copies of each system.
        rng: The learner's randomness.

    Returns:
        (systems, shots) numbers of bases.
    """
    passes = -(-shots // (times * bases))
    order = np.tile(np.arange(bases, dtype=np.uint16), (systems * passes, 1))
    order = rng.permuted(order, axis=1).reshape(systems, -1)
    return np.repeat(order, times, axis=1)[:, :shots]


@dataclass(frozen=True)
class Bell:
    """Two copies, one Bell measurement: every shot gives a sign of every string at once."""

    copies_per_shot: int = 2

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests Bell measurements of pairs of copies."""
        change = bell_basis_change(*copy_qubits(preparation.qubits))
        return request_copies(preparation, 2, shots, change)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads one sign of mean tr(Q ρ)² from every shot."""
        trials, count, _ = candidates.shape
        system, memory = (_by_trial(record.bits[key], trials) for key in (SYSTEM, MEMORY))
        pairs = []
        for c in range(count):
            signs = bell_parity(*strings_of(candidates, c), system, memory)
            pairs.append(count_prefixes(np.ones_like(signs, dtype=np.bool_), signs, prefixes))
        return stack(pairs, np.ones((trials, count), dtype=np.bool_))


@dataclass(frozen=True)
class LocalPauli:
    """One copy in a random Pauli basis on every qubit (classical shadows).

    Attributes:
        times: How often in a row each random basis is used.
    """

    times: int = 1
    copies_per_shot: int = 1

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in fresh random Pauli bases."""
        n, change = preparation.qubits, pauli_basis_change(copy_qubits(preparation.qubits)[0])
        columns = random_pauli_bases(n, preparation.systems, shots, self.times, rng)
        return request_copies(preparation, 1, shots, change, pauli_basis_dials(n), columns)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a sign from every shot whose basis agrees with the string."""
        return _pauli_evidence(record, [SYSTEM], candidates, prefixes)


def _pauli_evidence(
    record: Record, keys: Sequence[str], candidates: Letters, prefixes: Prefixes
) -> Evidence:
    """Reads every key as one copy measured in the recorded Pauli bases."""
    trials, count, n = candidates.shape
    packed = dialled_bases(record, n)
    bases = (_by_trial(packed[0], trials), _by_trial(packed[1], trials))
    pairs = []
    for c in range(count):
        hits = np.zeros((trials, prefixes.size), dtype=np.int64)
        pluses = np.zeros_like(hits)
        for key in keys:
            found = pauli_hits(
                *strings_of(candidates, c), bases, _by_trial(record.bits[key], trials)
            )
            more_hits, more_pluses = count_prefixes(*found, prefixes)
            hits += more_hits
            pluses += more_pluses
        pairs.append((hits, pluses))
    return stack(pairs, np.zeros((trials, count), dtype=np.bool_))


@dataclass(frozen=True)
class ProductTwoCopy:
    """Two copies at once, without entanglement: both in the same random Pauli basis. A control."""

    copies_per_shot: int = 2

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests pairs of copies, each pair in one fresh random Pauli basis."""
        n = preparation.qubits
        system, memory = copy_qubits(n)
        change = side_by_side(pauli_basis_change(system), pauli_basis_change(memory))
        columns = random_pauli_bases(n, preparation.systems, shots, 1, rng)
        return request_copies(preparation, 2, shots, change, pauli_basis_dials(n), columns)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads two signs from every shot whose basis agrees with the string."""
        return _pauli_evidence(record, [SYSTEM, MEMORY], candidates, prefixes)


@dataclass(frozen=True)
class RandomClifford:
    """One copy in a uniformly random stabiliser basis, fresh for every copy."""

    copies_per_shot: int = 1

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in uniformly random stabiliser bases."""
        n = preparation.qubits
        change = stabiliser_basis_change(copy_qubits(n)[0])
        columns = random_bases(n, shots * preparation.systems, rng)
        return request_copies(preparation, 1, shots, change, random_basis_dials(n), columns)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a sign from every shot whose stabiliser group holds the string."""
        n = candidates.shape[2]
        bases = decode_random_bases([record.settings[d.name] for d in random_basis_dials(n)])
        return stabiliser_evidence(record, bases, candidates, prefixes)


@dataclass(frozen=True)
class MutuallyUnbiased:
    """The 2ⁿ + 1 mutually unbiased bases in a fresh random order, each so many times in a row.

    With ``times=1`` the bases are cycled; of the protocols whose bases are all chosen beforehand
    the best known one measures a random subset of them ``times`` times each, three at a target of
    70 %.
    """

    times: int = 1
    copies_per_shot: int = 1

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in mutually unbiased bases.

        Raises:
            ValueError: If there are more than 12 qubits.
        """
        n, systems = preparation.qubits, preparation.systems
        if n > MOST_QUBITS:
            raise UsageError(f"unbiased bases run as circuits to {MOST_QUBITS} qubits, not {n}")
        columns = (basis_order(2**n + 1, self.times, systems, shots, rng).ravel(),)
        change = stabiliser_basis_change(copy_qubits(n)[0])
        return request_copies(preparation, 1, shots, change, (unbiased_basis_dial(n),), columns)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a sign from every shot in the one basis that holds the string."""
        n = candidates.shape[2]
        chosen = record.settings[unbiased_basis_dial(n).name]
        bases = select_bases(mutually_unbiased_bases(n), chosen)
        return stabiliser_evidence(record, bases, candidates, prefixes)


# Of the x and z bits of strings, bases and outcomes: hits and sign bits, as ``stabiliser_hits``.
Reading = Callable[
    [npt.NDArray[np.uint64], npt.NDArray[np.uint64], StabiliserBases, npt.NDArray[np.uint64]],
    tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint8]],
]


def stabiliser_evidence(
    record: Record,
    bases: StabiliserBases,
    candidates: Letters,
    prefixes: Prefixes,
    reading: Reading = stabiliser_hits,
) -> Evidence:
    """Reads a sign of a string from every copy whose stabiliser group holds it.

    Args:
        record: The outcomes of single copies, trial by trial.
        bases: The basis of every copy.
        candidates: (trials, candidates, n) letter codes.
        prefixes: (prefixes,) numbers of copies after which the signs are counted.
        reading: The rule for hits and signs.
    """
    trials, count, _ = candidates.shape
    shots = record.shots // trials
    pairs = []
    for c in range(count):
        x, z = (np.repeat(words[:, 0, 0], shots) for words in strings_of(candidates, c))
        hits, signs = reading(x, z, bases, record.bits[SYSTEM][:, 0])
        pairs.append(
            count_prefixes(hits.reshape(trials, shots), signs.reshape(trials, shots), prefixes)
        )
    return stack(pairs, np.zeros((trials, count), dtype=np.bool_))


@dataclass(frozen=True, eq=False)
class KnownQuestion:
    """The question is known before anything is measured. A control: no bound applies to it.

    Every copy is measured in the product Pauli basis of the first candidate.

    Attributes:
        candidates: (trials, candidates, n) letter codes, known beforehand; None until they are.
    """

    candidates: Letters | None = None
    copies_per_shot: int = 1

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single copies in the basis of the first candidate.

        Raises:
            UsageError: If the question is not known yet.
        """
        if self.candidates is None:
            raise UsageError("known_question must know its candidates before it measures")
        n = preparation.qubits
        letters = np.repeat(self.candidates[:, 0], shots, axis=0)
        # Letters X, Y, Z are bases 0, 1, 2; where the letter is I any basis will do.
        columns = tuple((np.maximum(letters[:, i], 1) - 1).astype(np.uint8) for i in range(n))
        change = pauli_basis_change(copy_qubits(n)[0])
        return request_copies(preparation, 1, shots, change, pauli_basis_dials(n), columns)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a sign of the first candidate from every shot, and none of the other."""
        trials, count, _ = candidates.shape
        x, z = strings_of(candidates, 0)
        _, signs = pauli_hits(x, z, (x, z), _by_trial(record.bits[SYSTEM], trials))
        seen = np.ones(signs.shape, dtype=np.bool_)
        pairs = [count_prefixes(seen & (c == 0), signs, prefixes) for c in range(count)]
        return stack(pairs, np.zeros((trials, count), dtype=np.bool_))
