"""A string is named from Bell measurements, and its sign is looked at on further copies.

The first pairs of copies are measured in the Bell basis and name the most likely string; all later
ones, both copies alike, in the product basis of its letters. The choice depends on earlier
outcomes: copies are measured in two rounds. Nothing of the question is needed for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.core.bits import Words
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.hidden_pauli.naming import information_sets
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_parity
from quantum_advantage.measurements.pauli_basis import (
    pauli_basis_change,
    pauli_basis_dials,
    pauli_hits,
)
from quantum_advantage.measurements.shadow_records import dialled_bases
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.observables.evidence import Evidence, count_prefixes, stack
from quantum_advantage.tasks.observables.games import Games
from quantum_advantage.tasks.observables.protocols import Bell, Letters, Measuring, Prefixes
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies, side_by_side

Unsigned = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class NamedBases:
    """Pairs of copies, both in the product basis of the string that Bell outcomes name.

    Attributes:
        system: (systems · pairs, 1) packed Bell outcomes a, system by system.
        memory: (systems · pairs, 1) packed Bell outcomes b.
    """

    system: Words
    memory: Words

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Names a string for every system, and requests pairs of copies in its basis."""
        n, systems = preparation.qubits, preparation.systems
        system, memory = (part.reshape(systems, -1, 1) for part in (self.system, self.memory))
        named = information_sets(n, system, memory, rng)
        letters = np.repeat(named.letters(), shots, axis=0)
        columns = tuple(letter_bases(letters).T)
        change = side_by_side(*(pauli_basis_change(qubits) for qubits in copy_qubits(n)))
        return request_copies(preparation, 2, shots, change, pauli_basis_dials(n), columns)


def letter_bases(letters: Letters) -> npt.NDArray[np.uint8]:
    """Returns the product bases of strings: 0, 1, 2 for X, Y, Z, and X where the letter is I.

    Args:
        letters: (..., n) letter codes.

    Example:
        >>> letter_bases(np.array([[1, 2, 3, 0]])).tolist()
        [[0, 1, 2, 0]]
    """
    return (np.maximum(letters, 1) - 1).astype(np.uint8)


@dataclass(frozen=True)
class NamedString:
    """Bell measurements of so many pairs, then pairs in the product basis of the named string.

    Attributes:
        pairs: Pairs of copies that are measured in the Bell basis.
    """

    pairs: int
    copies_per_shot: int = 2

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests the first round: Bell measurements, at most ``shots`` of them."""
        return Bell().request(preparation, min(self.pairs, shots), rng)

    def finished(
        self, record: Record, systems: int, shots: int, measure: Callable[[Measuring, int], Record]
    ) -> Record:
        """Measures the pairs that are left in the bases of the named strings.

        Returns:
            The record of all shots, system by system. Bell shots carry the setting 0 for every
            qubit, which means nothing.
        """
        left = shots - self.pairs
        if left <= 0:
            return record
        more = measure(NamedBases(record.bits[SYSTEM], record.bits[MEMORY]), left)

        def joined(first: Unsigned, second: Unsigned) -> Unsigned:
            parts = [part.reshape(systems, -1, *part.shape[1:]) for part in (first, second)]
            return np.concatenate(parts, axis=1).reshape(-1, *first.shape[1:])

        bits = {key: joined(record.bits[key], more.bits[key]) for key in (SYSTEM, MEMORY)}
        nothing = np.zeros(record.shots, dtype=np.uint8)
        settings = {name: joined(nothing, column) for name, column in more.settings.items()}
        return Record(shots * systems, bits, settings)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads two signs of a string from every later pair whose basis holds it."""
        trials, count, n = candidates.shape
        shots = record.shots // trials
        later = np.arange(shots) >= self.pairs
        pairs = []
        for c in range(count):
            hits = np.zeros((trials, prefixes.size), dtype=np.int64)
            pluses = np.zeros_like(hits)
            if later.any():
                packed = dialled_bases(record, n)
                strings = PauliStrings.from_letters(np.repeat(candidates[:, c], shots, axis=0))
                for key in (SYSTEM, MEMORY):
                    held, signs = pauli_hits(strings.x, strings.z, packed, record.bits[key])
                    seen = held.reshape(trials, shots) & later
                    more = count_prefixes(seen, signs.reshape(trials, shots), prefixes)
                    hits, pluses = hits + more[0], pluses + more[1]
            pairs.append((hits, pluses))
        return stack(pairs, np.zeros((trials, count), dtype=np.bool_))


def exact_named_string(
    games: Games, prefixes: Prefixes, rng: np.random.Generator, pairs: int
) -> Evidence:
    """Draws the evidence of :class:`NamedString` in games with one candidate, the hidden string.

    A Bell outcome is uniform among those on which the hidden string has the sign drawn for it, of
    mean tr(P ρ)². The string is then named from these outcomes as it is on circuits. Later copies
    give independent signs of mean tr(P ρ) where the basis of the named string holds P.

    Args:
        games: The games.
        prefixes: Numbers of shots.
        rng: The source of randomness.
        pairs: Pairs of copies that are measured in the Bell basis.
    """
    n, shots = games.qubits, min(pairs, int(prefixes[-1]))
    letters, means = games.candidates[:, 0], games.means[:, 0]
    strings = PauliStrings.from_letters(letters)
    x, z = strings.x[:, :1], strings.z[:, :1]
    shape = (games.trials, shots)
    system, memory = rng.integers(0, 2**n, (2, *shape), dtype=np.uint64)
    minus = rng.random(shape) >= (1 + means[:, None] ** 2) / 2
    wrong = bell_parity(x[..., None], z[..., None], system[..., None], memory[..., None]) != minus
    # One bit turns the sign: the lowest one of x, or of z where there is no x.
    first, second = (word & (~word + np.uint64(1)) for word in (x, z))
    system ^= np.where(wrong, first, np.uint64(0))
    memory ^= np.where(wrong & (x == 0), second, np.uint64(0))
    later = np.maximum(prefixes - pairs, 0)
    held = np.zeros(games.trials, dtype=np.bool_)
    if later[-1]:
        named = information_sets(n, system[..., None], memory[..., None], rng)
        measured = letter_bases(named.letters()) + 1
        held = ((letters == measured) | (letters == 0)).all(axis=1)
    hits = 2 * later * held[:, None]
    fresh = np.diff(hits, axis=1, prepend=0)
    pluses = np.cumsum(rng.binomial(fresh, (1 + means[:, None]) / 2), axis=1)
    return Evidence(hits[:, None], pluses[:, None], np.zeros((games.trials, 1), dtype=np.bool_))
