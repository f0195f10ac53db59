"""Which games of a data set a certificate is about, and whether the data proves what it needs.

Every game must have had a system and a record of its own, and batches must be whole and without
gaps. All rungs of a ladder hand out the same systems and ask the same questions. Those of the
lowest rung were revealed before the next one was measured, and a learner who took note of them
would need no memory: no bound holds for an upper rung, and it is refused; so is a lowest rung that
was played after another one, as the order of the rows tells.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from quantum_advantage.core.usage import UsageError, did_you_mean
from quantum_advantage.study.dataset import Dataset
from quantum_advantage.study.kinds import read_dataset
from quantum_advantage.study.lines import format_row
from quantum_advantage.study.rows import DecisionRow
from quantum_advantage.study.spec import CurveSpec
from quantum_advantage.tasks.registry import load_task


@dataclass(frozen=True)
class Played:
    """The games of a data set that a certificate is about.

    Attributes:
        experiment: The experiment's name.
        key: What was played.
        budget: Copies of a record.
        copies: Copies spent in a game, after which the question was answered.
        right: Right answers of each batch, in order.
        games: Games in a batch.
        digest: SHA-256 of all rows of the curve.
        prefixes: All numbers of copies after which a record is answered.
        notes: What was chosen because it was not given.
    """

    experiment: str
    key: CurveSpec
    budget: int
    copies: int
    right: tuple[int, ...]
    games: int
    digest: str
    prefixes: tuple[int, ...]
    notes: tuple[str, ...] = ()


def read_counts(path: Path) -> Dataset[DecisionRow]:
    """Reads a file of counts, whatever its experiment.

    Raises:
        ValueError: If it holds something else, with the reason.
        OSError: If it cannot be read.
    """
    dataset = read_dataset(path)
    if dataset.kind.row is not DecisionRow:
        raise UsageError(
            f"{path} holds estimates; certify takes games with right and wrong answers"
        )
    return dataset


def select_games(
    counts: Dataset[DecisionRow],
    *,
    protocol: str | None = None,
    qubits: int | None = None,
    backend: str | None = None,
    task: str | None = None,
    seed: int | None = None,
    batch_size: int | None = None,
    budget: int | None = None,
    copies: int | None = None,
    games: int | None = None,
) -> Played:
    """Returns the games that a certificate is about, if the data proves what it needs.

    Args:
        counts: The counts.
        protocol: Which protocol, with its options or without; needed if there are several.
        qubits: Which number of qubits, likewise.
        backend: Which backend, likewise.
        task: Which task, likewise.
        seed: Which seed, likewise.
        batch_size: Which size of batches, likewise.
        budget: Which rung, in copies of a record: the lowest, also by default.
        copies: After how many copies the question counts as answered; the budget by default.
        games: How many games, from the first batch on; all by default.

    Raises:
        ValueError: If the games are not determined, or are of another kind.
    """
    curves: dict[CurveSpec, dict[int, dict[int, list[DecisionRow]]]] = defaultdict(dict)
    first_rung: dict[tuple[CurveSpec, int], int] = {}
    for row in counts:
        first_rung.setdefault((row.spec.curve, row.batch), row.spec.budget)
        if row.systems != row.trials:
            raise UsageError(
                f"batch {row.batch} of {row.spec.id} has {row.systems} systems for {row.trials} "
                "games; a certificate needs a fresh system in every game"
            )
        if not 0 <= row.correct <= row.trials:
            raise UsageError(
                f"batch {row.batch} of {row.spec.id} has {row.correct} right answers in "
                f"{row.trials} games"
            )
    for spec, batches in counts.whole_batches().items():
        key = spec.curve
        chosen = (
            protocol in (None, key.protocol, key.protocol.partition(":")[0])
            and qubits in (None, key.qubits)
            and backend in (None, key.backend)
            and task in (None, key.task)
            and seed in (None, key.seed)
            and batch_size in (None, key.batch_size)
        )
        if chosen:
            curves[key][spec.budget] = batches
    if not curves:
        named = {
            "protocol": protocol,
            "qubits": qubits,
            "backend": backend,
            "task": task,
            "seed": seed,
            "batches of": batch_size,
        }
        wanted = ", ".join(f"{name} {value}" for name, value in named.items() if value is not None)
        near = ""
        for name in ("protocol", "backend", "task"):
            if named[name]:
                there = {str(getattr(spec, name)) for spec in counts.whole_batches()}
                near = near or did_you_mean(str(named[name]), there - {named[name]})
        raise UsageError(
            f"{counts.experiment} holds no whole batch{wanted and f' with {wanted}'}{near}"
        )
    if len(curves) > 1:
        raise UsageError(
            f"{len(curves)} curves of {counts.experiment} are asked for; choose one with "
            "--protocol, --qubits, --backend, --task or --seed, such as "
            + " or ".join(
                f"{k.protocol} of {k.task}, {k.qubits} qubits on {k.backend}" for k in [*curves][:2]
            )
        )
    ((key, rungs),) = curves.items()
    for batch in rungs[min(rungs)]:
        if first_rung[key, batch] != min(rungs):
            raise UsageError(
                f"batch {batch} of {key.protocol}, {key.qubits} qubits, was played with "
                f"{first_rung[key, batch]} copies before it was with {min(rungs)}: its questions "
                "had been revealed; collect fresh data with another --seed"
            )
    return _rung(counts.experiment, key, rungs, budget, copies, games)


def _rung(
    experiment: str,
    key: CurveSpec,
    rungs: dict[int, dict[int, list[DecisionRow]]],
    budget: int | None,
    copies: int | None,
    games: int | None,
) -> Played:
    notes = []
    lowest = min(rungs)
    if budget is None:
        budget = lowest
        notes.append(f"the budget was not given: the lowest rung, {budget} copies a record")
    if budget != lowest:
        raise UsageError(
            f"--budget {budget} must be the lowest rung, {lowest}: its games met the same systems, "
            "and their questions were revealed before any other rung was measured; for more "
            "copies collect fresh data of one rung into another folder, with another --seed"
        )
    batches = rungs[budget]
    prefixes = [row.copies for row in batches[min(batches)]]
    if copies is None:
        copies = prefixes[-1]
        notes.append(f"--copies was not given: the whole record, {copies} copies")
    if copies not in prefixes:
        raise UsageError(
            f"--copies {copies} must be one of {', '.join(map(str, prefixes))}, after which the "
            "question was answered"
        )
    if games is None:
        games = key.batch_size * len(batches)
        notes.append(f"--games was not given: all whole batches, {games} games")
    if games < 1 or games % key.batch_size:
        raise UsageError(f"--games {games} must be whole batches of {key.batch_size} games")
    absent = [b for b in range(games // key.batch_size) if b not in batches]
    if absent:
        raise UsageError(
            f"batch {absent[0]} is missing among the first {games} games; a certificate takes the "
            "batches from 0 on without gaps"
        )
    taken = [batches[b][prefixes.index(copies)] for b in range(games // key.batch_size)]
    per_shot = load_task(key.task).copies_per_shot(key.protocol, key.qubits)
    for row in taken:
        if row.copies != per_shot * row.shots:
            raise UsageError(
                f"batch {row.batch} states {row.copies} copies for {row.shots} shots of "
                f"{key.protocol}, which takes {per_shot} a shot"
            )
    rows = [
        row for rung in sorted(rungs) for _, batch in sorted(rungs[rung].items()) for row in batch
    ]
    digest = hashlib.sha256("".join(map(format_row, rows)).encode()).hexdigest()
    right = tuple(row.correct for row in taken)
    return Played(
        experiment,
        key,
        budget,
        copies,
        right,
        key.batch_size,
        digest,
        tuple(prefixes),
        tuple(notes),
    )
