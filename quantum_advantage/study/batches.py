"""Plays one batch: the unit of seed, of storage and of resampling."""

from __future__ import annotations

import functools
import zlib
from typing import Any

import numpy as np

from quantum_advantage.backends.backend import Backend, make_sampler
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.noise import local_damping
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.rows import DecisionRow, EstimateRow
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.base import Decisions, FromLaw, Source, Task
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds

_load_task = functools.lru_cache(load_task)


def batch_seeds(spec: Spec, batch: int) -> Seeds:
    """Returns the seeds of a batch.

    Nature's come from the seed, the task, the qubits and the batch, so that all protocols meet the
    same hidden systems; the others from the whole spec and the batch.
    """
    nature = [spec.seed, zlib.crc32(spec.task.encode()), spec.qubits, batch]
    words = np.frombuffer(spec.digest, dtype="<u4").tolist()
    copies, learner, sampler = np.random.SeedSequence([spec.seed, *words, batch]).spawn(3)
    return Seeds(np.random.SeedSequence(nature), copies, learner, sampler)


def _source(spec: Spec, seeds: Seeds, backend: Backend | None) -> Source:
    """Returns where the outcomes of a batch come from."""
    if spec.source == "law":
        return FromLaw(local_damping(spec.backend_name, spec.qubits))
    opened = backend if backend is not None else open_backend(spec.backend_name)
    if opened.name != spec.backend:
        raise UsageError(
            f"backend {opened.name!r} cannot play a batch of backend {spec.backend!r}: its rows "
            "would bear a name that did not run"
        )
    # Simulators of others take seeds of 31 bits.
    return make_sampler(opened, int(seeds.sampler.generate_state(1)[0] >> 1))


def play_batch(
    experiment: str, spec: Spec, batch: int, backend: Backend | None = None
) -> list[Any]:
    """Plays one batch of a spec.

    Args:
        experiment: The name for the rows.
        spec: What to play.
        batch: The number of the batch.
        backend: Where circuits run; by default what the spec's name says.

    Returns:
        Where the task decides a :class:`DecisionRow` for each number of copies, in order; where it
        estimates an :class:`EstimateRow` for each system and quantity that it keeps.

    Raises:
        UsageError: If the backend has another name than the spec says, makes no sampler, or sends
            back something else than it was asked for.
    """
    seeds = batch_seeds(spec, batch)
    source = _source(spec, seeds, backend)
    task: Task = _load_task(spec.task)
    per_shot = task.copies_per_shot(spec.protocol, spec.qubits)
    prefixes = np.array(task.answered_after(spec.budget, per_shot), dtype=np.int64)
    answers = task.play(spec.protocol, spec.qubits, prefixes, spec.batch_size, batch, seeds, source)
    if isinstance(answers, Decisions):
        return [
            DecisionRow.of(experiment, spec, batch, per_shot * prefix, prefix, correct)
            for prefix, correct in zip(prefixes.tolist(), answers.correct.tolist(), strict=True)
        ]
    shots = int(prefixes[-1])
    return [
        EstimateRow.of(
            experiment,
            spec,
            batch,
            per_shot * shots,
            shots,
            estimate.system,
            estimate.quantity,
            (estimate.value, estimate.error, estimate.truth),
        )
        for estimate in answers.rows
    ]
