"""Counts on disk: one CSV row for each batch and number of copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from quantum_advantage.core.fields import whole
from quantum_advantage.study.lines import MOST_TRIALS, check_shots, check_spec
from quantum_advantage.study.rows import RowFile
from quantum_advantage.study.spec import Spec, shots_played, spec_id


@dataclass(frozen=True)
class Row:
    """The counts of one batch after so many copies.

    Attributes are the columns of the file; ``copies`` is the length of the prefix, ``budget`` that
    of the record, ``systems`` the number of distinct hidden systems.
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
    trials: int
    correct: int
    seed: int
    spec_id: str

    @classmethod
    def of(
        cls, experiment: str, spec: Spec, batch: int, copies: int, shots: int, correct: int
    ) -> Row:
        """Returns the row of one batch of a spec, every trial of which had a system of its own."""
        return cls(
            experiment,
            spec.task,
            spec.protocol,
            spec.qubits,
            spec.backend,
            spec.source,
            spec.budget,
            batch,
            copies,
            shots,
            spec.games,
            spec.games,
            correct,
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
            self.trials,
            self.seed,
        )

    @property
    def place(self) -> str:
        """What tells the rows of a batch apart."""
        return f"copies {self.copies}"

    def check(self) -> None:
        """Raises a ``ValueError`` that names the column if a value cannot be."""
        check_spec(self.experiment, self.spec, self.source, self.batch)
        check_shots(self.budget, self.copies, self.shots)
        whole(self.trials, "trials", 1, MOST_TRIALS)
        whole(self.systems, "systems", 1, self.trials)
        whole(self.correct, "correct", 0, self.trials)


class Counts(RowFile[Row]):
    """The counts of one experiment, in memory and, if a path is given, on disk."""

    KIND: ClassVar[type[Row]] = Row
    NOUN: ClassVar[str] = "counts"

    def _in_order(self, rows: list[Row]) -> list[Row] | None:
        per_shot = rows[0].copies // rows[0].shots
        expected = [per_shot * shots for shots in shots_played(rows[0].budget, per_shot)]
        ordered = sorted(rows, key=lambda row: row.copies)
        return ordered if [row.copies for row in ordered] == expected else None
