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
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.measurements.pauli_basis import (
    pack_bases,
    pauli_basis_change,
    pauli_basis_dials,
    pauli_hits,
)
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.observables.evidence import Evidence, count_prefixes, stack
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
        outcomes = np.stack([self.system, self.memory]).reshape(2, systems, -1, 1)
        named = [information_sets(n, a, b, rng) for a, b in zip(*outcomes, strict=True)]
        letters = np.repeat(np.concatenate([string.letters() for string in named]), shots, axis=0)
        # Letters X, Y, Z are bases 0, 1, 2; where the letter is I any basis will do.
        columns = tuple((np.maximum(letters[:, i], 1) - 1).astype(np.uint8) for i in range(n))
        change = side_by_side(*(pauli_basis_change(qubits) for qubits in copy_qubits(n)))
        return request_copies(preparation, 2, shots, change, pauli_basis_dials(n), columns)


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
                packed = pack_bases([record.settings[dial.name] for dial in pauli_basis_dials(n)])
                strings = PauliStrings.from_letters(np.repeat(candidates[:, c], shots, axis=0))
                for key in (SYSTEM, MEMORY):
                    held, signs = pauli_hits(strings.x, strings.z, packed, record.bits[key])
                    seen = held.reshape(trials, shots) & later
                    more = count_prefixes(seen, signs.reshape(trials, shots), prefixes)
                    hits, pluses = hits + more[0], pluses + more[1]
            pairs.append((hits, pluses))
        return stack(pairs, np.zeros((trials, count), dtype=np.bool_))
