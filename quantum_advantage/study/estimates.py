"""Estimates on disk: one CSV row for each system and quantity, with its error and the truth."""

from __future__ import annotations

import functools
import math
import sys
from dataclasses import dataclass
from typing import ClassVar

from quantum_advantage.core.fields import full_name, number, whole
from quantum_advantage.study.lines import check_shots, check_spec
from quantum_advantage.study.rows import RowFile
from quantum_advantage.study.spec import Spec, spec_id
from quantum_advantage.tasks.registry import load_estimation

# A task keeps at least one of so many estimates; a batch of fewer rows is not listed in vain.
MOST_LEFT_OUT = 1000


@dataclass(frozen=True)
class EstimateRow:
    """One quantity of one system, estimated from one record.

    Attributes are the columns of the file; ``budget`` is the number of copies that the record may
    use and ``copies`` what it used, ``systems`` the number of systems in the batch, ``system`` the
    number of this one, ``error`` the standard error that the estimator states by itself. Value,
    error and truth have nine significant digits.
    """

    experiment: str
    task: str
    protocol: str
    qubits: int
    backend: str
    source: str
    budget: int
    batch: int
    copies: int
    shots: int
    systems: int
    system: int
    quantity: str
    value: float
    error: float
    truth: float
    seed: int
    spec_id: str

    @classmethod
    def of(
        cls,
        experiment: str,
        spec: Spec,
        batch: int,
        shots: int,
        system: int,
        quantity: str,
        numbers: tuple[float, float, float],
    ) -> EstimateRow:
        """Returns the row of one system of a batch; ``numbers`` are value, error and truth."""
        per_shot = load_estimation(spec.task).copies_per_shot(spec.protocol)
        value, error, truth = (float(f"{number:.9g}") for number in numbers)
        return cls(
            experiment,
            spec.task,
            spec.protocol,
            spec.qubits,
            spec.backend,
            spec.source,
            spec.budget,
            batch,
            per_shot * shots,
            shots,
            spec.games,
            system,
            quantity,
            value,
            error,
            truth,
            spec.seed,
            spec_id(spec),
        )

    @property
    def spec(self) -> Spec:
        """The spec that the row belongs to; its id is ``spec_id``."""
        return Spec(
            self.task,
            self.protocol,
            self.qubits,
            self.backend,
            self.budget,
            self.systems,
            self.seed,
        )

    @property
    def place(self) -> str:
        """What tells the rows of a batch apart."""
        return f"{self.quantity} of system {self.system}"

    def check(self) -> None:
        """Raises a ``ValueError`` that names the column if a value cannot be."""
        check_spec(self.experiment, self.spec, self.source, self.batch)
        check_shots(self.budget, self.copies, self.shots)
        whole(self.system, "system", 0, self.systems - 1)
        full_name(self.quantity, "quantity")
        number(self.value, "value", -sys.float_info.max, sys.float_info.max)
        number(self.truth, "truth", -sys.float_info.max, sys.float_info.max)
        # Infinite where nothing is known.
        if self.error != math.inf:
            number(self.error, "error", 0, sys.float_info.max)


class Estimates(RowFile[EstimateRow]):
    """The estimates of one experiment, in memory and, if a path is given, on disk."""

    KIND: ClassVar[type[EstimateRow]] = EstimateRow
    NOUN: ClassVar[str] = "estimates"

    def _in_order(self, rows: list[EstimateRow]) -> list[EstimateRow] | None:
        first = rows[0]
        quantities = load_estimation(first.task).quantities(first.protocol, first.qubits)
        if first.systems * len(quantities) > MOST_LEFT_OUT * len(rows):
            return None
        places = _places(first.task, first.protocol, first.qubits, first.systems, first.batch)
        if len(rows) != len(places):
            return None
        ordered = sorted(rows, key=lambda row: places.get((row.system, row.quantity), len(places)))
        return ordered if [(row.system, row.quantity) for row in ordered] == list(places) else None


@functools.lru_cache
def _places(
    task: str, protocol: str, qubits: int, systems: int, batch: int
) -> dict[tuple[int, str], int]:
    """Returns the number of every row of a batch in its order."""
    places = load_estimation(task).places(protocol, qubits, systems, batch)
    return {place: number for number, place in enumerate(places)}
