"""Adaptive unbiased bases as circuits: the best conventional protocol known here.

The 2ⁿ + 1 unbiased bases come in random order. The first two of three (or four) copies are measured
in the basis itself, the others in bases that hold only the strings whose signs agreed, as
:mod:`quantum_advantage.measurements.agreement` derives. The outcomes decide what is run next, so
that the copies are measured in rounds: first all first and second copies, then all third ones.
The record lists the copies basis by basis. As a basis depends on earlier copies in the same basis
alone, a record of T copies begins with all records of fewer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.agreement import fourth_bases, third_bases
from quantum_advantage.measurements.bell import SYSTEM
from quantum_advantage.measurements.stabiliser import (
    MOST_QUBITS,
    StabiliserBases,
    decode_random_bases,
    encode_random_bases,
    random_basis_dials,
    select_bases,
    stabiliser_basis_change,
)
from quantum_advantage.measurements.unbiased_bases import mutually_unbiased_bases
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.observables.evidence import Evidence
from quantum_advantage.tasks.observables.protocols import (
    Letters,
    Measuring,
    Prefixes,
    basis_order,
    stabiliser_evidence,
)
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies


@dataclass(frozen=True, eq=False)
class Round:
    """One round: fresh copies, each in a basis that is known by now.

    Attributes:
        bases: One for each shot, system by system.
    """

    bases: StabiliserBases

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests ``shots`` single copies of every system."""
        n = preparation.qubits
        change = stabiliser_basis_change(copy_qubits(n)[0])
        columns = encode_random_bases(self.bases)
        return request_copies(preparation, 1, shots, change, random_basis_dials(n), columns)


@dataclass(frozen=True)
class AdaptiveUnbiased:
    """The unbiased bases in random order; all copies but the first two on agreeing signs.

    Attributes:
        looks: Copies for each basis, 3 or 4.
    """

    looks: int = 3
    copies_per_shot: int = 1

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests the first round: all first and second copies of ``shots`` copies in all.

        Raises:
            UsageError: If there are more than 12 qubits.
        """
        n = preparation.qubits
        if n > MOST_QUBITS:
            raise UsageError(f"unbiased bases run as circuits to {MOST_QUBITS} qubits, not {n}")
        order = basis_order(2**n + 1, self.looks, preparation.systems, shots, rng)
        chosen = order[:, np.arange(shots) % self.looks < 2]
        bases = select_bases(mutually_unbiased_bases(n), chosen.ravel())
        return Round(bases).request(preparation, chosen.shape[1], rng)

    def finished(
        self, record: Record, systems: int, shots: int, measure: Callable[[Measuring, int], Record]
    ) -> Record:
        """Measures the other rounds, and returns the record of all copies in their order.

        Args:
            record: The record of the first round, system by system.
            systems: The number of systems.
            shots: The copies of each system in all.
            measure: Measures a round, so many copies of every system.
        """
        look_of = np.arange(shots) % self.looks
        for look in range(2, self.looks):
            done, waiting = np.flatnonzero(look_of < look), np.flatnonzero(look_of == look)
            if waiting.size:
                following = _following(record, systems, done % self.looks, waiting.size)
                more = measure(following, waiting.size)
                order = np.argsort(np.concatenate([done, waiting]))
                record = _joined(record, more, systems, order)
        return record

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a sign from every copy in whose basis the string lies."""
        return stabiliser_evidence(record, _read(record)[0], candidates, prefixes)


def _following(record: Record, systems: int, look_of: npt.NDArray[np.int64], count: int) -> Round:
    """Returns the next look at the first bases of every system, so many of them.

    Args:
        record: All copies measured so far.
        systems: The number of systems.
        look_of: For each of a system's copies in the record, which look at its basis it is.
        count: How many bases.
    """
    bases, outcomes = _read(record)
    firsts = np.flatnonzero(look_of == 0)[:count]
    at = (np.arange(systems)[:, None] * look_of.size + firsts).ravel()
    held = select_bases(bases, at)
    first, second, *others = (outcomes[at + look] for look in range(int(look_of.max()) + 1))
    if others:
        return Round(fourth_bases(held, first, second, *others))
    return Round(third_bases(held, first, second))


def _joined(record: Record, more: Record, systems: int, order: npt.NDArray[np.int64]) -> Record:
    """Joins the copies of two records system by system, and puts each system's in an order."""

    def merged(
        old: npt.NDArray[np.unsignedinteger], new: npt.NDArray[np.unsignedinteger]
    ) -> npt.NDArray[np.unsignedinteger]:
        parts = [part.reshape(systems, -1, *part.shape[1:]) for part in (old, new)]
        return np.concatenate(parts, axis=1)[:, order].reshape(-1, *old.shape[1:])

    bits = {SYSTEM: merged(record.bits[SYSTEM], more.bits[SYSTEM]).astype(np.uint64)}
    settings = {
        name: merged(column, more.settings[name]) for name, column in record.settings.items()
    }
    return Record(record.shots + more.shots, bits, settings)


def _read(record: Record) -> tuple[StabiliserBases, npt.NDArray[np.uint64]]:
    """Returns the basis and the outcome of every copy."""
    dials = sorted(record.settings, key=lambda name: int(name.removeprefix("row")))
    bases = decode_random_bases([record.settings[name] for name in dials])
    return bases, record.bits[SYSTEM][:, 0]
