"""A learner with a memory of some qubits: Bell measurements on these, single copies on the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.core.bits import bits_from, pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change, bell_parity
from quantum_advantage.measurements.stabiliser import (
    decode_random_bases,
    random_bases,
    random_basis_dials,
    stabiliser_basis_change,
    stabiliser_hits,
)
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.observables.evidence import Counts, Evidence, count_prefixes, stack
from quantum_advantage.tasks.observables.protocols import Letters, Prefixes
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies, side_by_side


@dataclass(frozen=True)
class LimitedMemory:
    """A memory of k qubits: Bell measurements on the first k pairs, the rest one copy at a time.

    The other n - k qubits of both copies are measured in the same uniformly random stabiliser
    basis, fresh for every round. A round gives a sign of a string when its rest lies in the group
    of that basis; where the string does not touch the first k qubits it gives two single-copy
    signs.
    """

    memory: int
    copies_per_shot: int = 2

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests rounds of two copies."""
        n, k = preparation.qubits, self.memory
        system, memory = copy_qubits(n)
        joint = bell_basis_change(system[:k], memory[:k])
        rest = side_by_side(
            stabiliser_basis_change(system[k:]), stabiliser_basis_change(memory[k:])
        )
        columns = random_bases(n - k, shots * preparation.systems, rng)
        return request_copies(
            preparation, 2, shots, joint + rest, random_basis_dials(n - k), columns
        )

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a two-copy sign, or two single-copy signs, from every round that measured it."""
        trials, count, n = candidates.shape
        k, shots = self.memory, record.shots // trials
        dials = random_basis_dials(n - k)
        bases = decode_random_bases([record.settings[dial.name] for dial in dials])
        system, memory = record.bits[SYSTEM], record.bits[MEMORY]
        held = pack_bits(np.arange(n) < k)
        squared = (candidates[:, :, :k] != 0).any(axis=2) | (k == n)
        pairs: list[tuple[Counts, Counts]] = []
        for c in range(count):
            strings = PauliStrings.from_letters(candidates[:, c])
            x, z = (np.repeat(words, shots, axis=0) for words in (strings.x, strings.z))
            joint = bell_parity(x & held, z & held, system & held, memory & held)
            hits = np.ones(record.shots, dtype=np.bool_)
            signs = [np.zeros(record.shots, dtype=np.uint8)] * 2
            if k < n:
                rest = bits_from(x, k), bits_from(z, k)
                for copy, bits in enumerate((system, memory)):
                    hits, signs[copy] = stabiliser_hits(*rest, bases, bits_from(bits, k))
            by_round = (trials, shots)
            product = count_prefixes(
                hits.reshape(by_round), (joint ^ signs[0] ^ signs[1]).reshape(by_round), prefixes
            )
            first, second = (
                count_prefixes(hits.reshape(by_round), s.reshape(by_round), prefixes) for s in signs
            )
            two_copies = squared[:, c, None]
            pairs.append(
                (
                    np.where(two_copies, product[0], first[0] + second[0]),
                    np.where(two_copies, product[1], first[1] + second[1]),
                )
            )
        return stack(pairs, squared)
