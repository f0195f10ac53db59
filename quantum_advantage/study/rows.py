"""Rows of results: what was played, and the outcome. The fields of a spec are its identity."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from quantum_advantage.backends.names import NAMES, read_backend
from quantum_advantage.core.arguments import MOST_QUBITS
from quantum_advantage.core.fields import full_name, number, shown, text, whole, word
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.spec import PointSpec, Spec

# Numbers of copies, shots, systems and trials stay within the whole numbers of numpy.
MOST_COPIES = 2**62
MOST_TRIALS = 2**40
MOST_BATCHES = 2**40
MOST_SEED = 2**128

# Columns of all rows, before and after those of each kind, with the attribute of their value.
_FIRST = {
    "experiment": "experiment",
    "task": "spec.task",
    "protocol": "spec.protocol",
    "qubits": "spec.qubits",
    "backend": "spec.backend",
    "source": "spec.source",
    "budget": "spec.budget",
    "batch": "batch",
    "copies": "copies",
    "shots": "shots",
}
_LAST = {"seed": "spec.seed", "spec_id": "spec.id"}


@functools.lru_cache(maxsize=4096)
def _spec(*values: Any) -> Spec:
    """Returns the spec of a row; the rows of a batch share it."""
    return Spec(*values)


@dataclass(frozen=True)
class Row:
    """What all rows of results have in common.

    Attributes:
        experiment: The experiment that the row belongs to.
        spec: What was played.
        batch: The number of the batch.
        copies: Copies after which the row was read, at most the spec's budget.
        shots: Shots that used them.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> row = DecisionRow.of("mine", spec, batch=0, copies=4, shots=2, correct=45)
        >>> row.place, row.spec.source, row.check()
        ('copies 4', 'law', None)
    """

    # For each column of a file the attribute of its value.
    COLUMNS: ClassVar[Mapping[str, str]] = _FIRST | _LAST
    # The column with the size of a batch.
    BATCH_SIZE: ClassVar[str]

    experiment: str
    spec: Spec
    batch: int
    copies: int
    shots: int

    @classmethod
    def spec_of(cls, values: Mapping[str, Any]) -> Spec:
        """Returns the spec of a row from the values of its columns, by name.

        Example:
            >>> values = {"task": "purity", "protocol": "bell", "qubits": 10, "backend": "law"}
            >>> DecisionRow.spec_of({**values, "budget": 16, "trials": 50, "seed": 1}).batch_size
            50
        """
        names = ("task", "protocol", "qubits", "backend", "budget", cls.BATCH_SIZE, "seed")
        return _spec(*(values[name] for name in names))

    @property
    def place(self) -> str:
        """What distinguishes the rows of a batch."""
        return f"copies {self.copies}"

    def check(self) -> None:
        """Checks that every column has a value that it can have.

        Raises:
            ValueError: If one has not; it names the column.
        """
        spec = self.spec
        check_identity(self.experiment, spec)
        whole(spec.budget, "budget", 1, MOST_COPIES)
        whole(spec.batch_size, "trials or systems", 1, MOST_TRIALS)
        whole(spec.seed, "seed", 0, MOST_SEED)
        whole(self.batch, "batch", 0, MOST_BATCHES)
        whole(self.copies, "copies", 1, spec.budget)
        whole(self.shots, "shots", 1, self.copies)
        if self.copies % self.shots:
            raise ValueError(
                f"copies must be a multiple of shots, not {self.copies} for {self.shots}"
            )


@dataclass(frozen=True)
class DecisionRow(Row):
    """How often the right answer was given after so many copies, in one batch.

    Attributes:
        systems: The number of distinct hidden systems.
        correct: Right answers among as many trials as the batch has.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> row = DecisionRow.of("mine", spec, batch=0, copies=4, shots=2, correct=45)
        >>> row.correct / row.trials  # the accuracy after four copies
        0.9
    """

    COLUMNS: ClassVar[Mapping[str, str]] = (
        _FIRST | {"systems": "systems", "trials": "spec.batch_size", "correct": "correct"} | _LAST
    )
    BATCH_SIZE: ClassVar[str] = "trials"

    systems: int
    correct: int

    @classmethod
    def of(
        cls, experiment: str, spec: Spec, batch: int, copies: int, shots: int, correct: int
    ) -> DecisionRow:
        """Returns the row of one batch, every trial of which had a system of its own."""
        return cls(experiment, spec, batch, copies, shots, spec.batch_size, correct)

    @property
    def trials(self) -> int:
        """The number of trials of the batch."""
        return self.spec.batch_size

    def check(self) -> None:
        """Checks that every column has a value that it can have.

        Raises:
            ValueError: If one has not; it names the column.

        Example:
            >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
            >>> try:
            ...     DecisionRow.of("mine", spec, batch=0, copies=4, shots=2, correct=51).check()
            ... except ValueError as error:
            ...     print(error)
            correct must be a whole number from 0 to 50, not 51
        """
        super().check()
        whole(self.systems, "systems", 1, self.trials)
        whole(self.correct, "correct", 0, self.trials)


@dataclass(frozen=True)
class EstimateRow(Row):
    """One quantity of one system, estimated from one record.

    Attributes:
        system: The number of the system in its batch.
        quantity: What was estimated.
        value: The estimate; nine significant digits, as those of the other two.
        error: The standard error that the estimator states by itself.
        truth: The exact value.

    Example:
        >>> spec = Spec("companion", "bell", 4, "qsim", budget=200, batch_size=10, seed=1)
        >>> numbers = 0.0812345678901, 0.012, 0.08  # value, error, truth
        >>> row = EstimateRow.of("mine", spec, 0, 200, 100, 3, "rate", numbers)
        >>> row.value, row.place
        (0.0812345679, 'rate of system 3')
    """

    COLUMNS: ClassVar[Mapping[str, str]] = (
        _FIRST
        | {"systems": "spec.batch_size", "system": "system", "quantity": "quantity"}
        | {"value": "value", "error": "error", "truth": "truth"}
        | _LAST
    )
    BATCH_SIZE: ClassVar[str] = "systems"

    system: int
    quantity: str
    value: float
    error: float
    truth: float

    @classmethod
    def of(
        cls,
        experiment: str,
        spec: Spec,
        batch: int,
        copies: int,
        shots: int,
        system: int,
        quantity: str,
        numbers: tuple[float, float, float],
    ) -> EstimateRow:
        """Returns the row of one system; ``numbers`` are value, error and truth."""
        value, error, truth = (float(f"{number:.9g}") for number in numbers)
        return cls(experiment, spec, batch, copies, shots, system, quantity, value, error, truth)

    @property
    def place(self) -> str:
        """What distinguishes the rows of a batch."""
        return f"{self.quantity} of system {self.system}"

    def check(self) -> None:
        """Checks that every column has a value that it can have.

        Raises:
            ValueError: If one has not; it names the column.
        """
        super().check()
        whole(self.system, "system", 0, self.spec.batch_size - 1)
        full_name(self.quantity, "quantity")
        number(self.value, "value", -sys.float_info.max, sys.float_info.max)
        number(self.truth, "truth", -sys.float_info.max, sys.float_info.max)
        # Infinite where nothing is known.
        if self.error != math.inf:
            number(self.error, "error", 0, sys.float_info.max)


def check_identity(experiment: str, spec: PointSpec) -> None:
    """Checks what rows and summaries say of what was played.

    Raises:
        ValueError: If a value cannot be; it names the column.

    Example:
        >>> from quantum_advantage.study.spec import PointSpec
        >>> check_identity("mine", PointSpec("purity:mixing=0.1", "bell", 4, "qsim"))
        >>> try:
        ...     check_identity("my sweep", PointSpec("purity", "bell", 4, "qsim"))
        ... except ValueError as error:
        ...     print(error)
        experiment must be ...
    """
    _check_names(experiment, spec.task, spec.protocol, spec.backend)
    whole(spec.qubits, "qubits", 1, MOST_QUBITS)


@functools.lru_cache(maxsize=4096)
def _check_names(experiment: str, task: str, protocol: str, backend: str) -> None:
    """Checks names against the grammar of names: they may become parts of names of files."""
    word(experiment, "experiment")
    full_name(task, "task")
    full_name(protocol, "protocol")
    check_backend(backend)


def check_backend(name: str) -> None:
    """Checks the name of a backend as files hold it; others' backends have names of one word.

    Raises:
        UsageError: If it is none.

    Example:
        >>> check_backend("qsim:readout=0.02")
        >>> try:
        ...     check_backend("qsim:readout=0.020")
        ... except ValueError as error:
        ...     print(error)
        backend 'qsim:readout=0.020' must be written as 'qsim:readout=0.02'
    """
    try:
        text(name, "backend", r"[^\s/\\]+")
    except ValueError as error:
        raise UsageError(f"{error}; no blanks, no slashes") from None
    if name.partition(":")[0] in NAMES and str(read_backend(name)) != name:
        raise UsageError(f"backend {shown(name)} must be written as {str(read_backend(name))!r}")
