"""Plays one batch: the unit of seed, of storage and of resampling."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Sequence

import cirq
import numpy as np

from quantum_advantage.backends.backend import Backend, make_sampler
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.opening import local_damping, open_backend
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.counts import Row
from quantum_advantage.study.estimates import EstimateRow
from quantum_advantage.study.spec import Spec, digest, shots_played
from quantum_advantage.tasks.base import FromLaw, Source
from quantum_advantage.tasks.registry import load_estimation, load_task
from quantum_advantage.tasks.seeds import Seeds

_load_task = functools.lru_cache(load_task)


def batch_seeds(spec: Spec, batch: int) -> Seeds:
    """Returns the seeds of a batch.

    Nature's come from the seed, the task, the qubits and the batch, so that all protocols meet the
    same hidden systems; the others from the whole spec and the batch.
    """
    nature = [spec.seed, zlib.crc32(spec.task.encode()), spec.qubits, batch]
    words = np.frombuffer(digest(spec), dtype="<u4").tolist()
    copies, learner, sampler = np.random.SeedSequence([spec.seed, *words, batch]).spawn(3)
    return Seeds(np.random.SeedSequence(nature), copies, learner, sampler)


def _sampler(spec: Spec, seeds: Seeds, backend: Backend | None) -> cirq.Sampler:
    place = backend if backend is not None else open_backend(spec.backend)
    if place.name != spec.backend:
        raise UsageError(
            f"backend {place.name!r} cannot play a batch of backend {spec.backend!r}: its rows "
            "would bear a name that did not run"
        )
    # Simulators of others take seeds of 31 bits.
    return make_sampler(place, int(seeds.sampler.generate_state(1)[0] >> 1))


class _NoCircuits(cirq.Sampler):
    """The sampler of tasks without circuits: it refuses whatever it is given."""

    def run_sweep(
        self, program: cirq.AbstractCircuit, params: cirq.Sweepable, repetitions: int = 1
    ) -> Sequence[cirq.Result]:
        """Refuses.

        Raises:
            ValueError: Always.
        """
        raise UsageError("backend law runs no circuits")


def play_batch(
    experiment: str, spec: Spec, batch: int, backend: Backend | None = None
) -> list[Row]:
    """Plays one batch of a spec.

    Args:
        experiment: The name for the rows.
        spec: What to play.
        batch: The number of the batch.
        backend: Where circuits run; by default what the spec's name says.

    Returns:
        One row for each number of copies, in order.

    Raises:
        UsageError: If the backend has another name than the spec says, makes no sampler, or sends
            back something else than it was asked for.
    """
    task = _load_task(spec.task)
    per_shot = task.copies_per_shot(spec.protocol, spec.qubits)
    shots = np.array(shots_played(spec.budget, per_shot), dtype=np.int64)
    seeds = batch_seeds(spec, batch)
    source: Source
    if spec.source == "law":
        source = FromLaw(local_damping(read_backend(spec.backend), spec.qubits))
    else:
        source = _sampler(spec, seeds, backend)
    correct = task.play(spec.protocol, spec.qubits, shots, spec.games, seeds, source)
    return [
        Row.of(experiment, spec, batch, per_shot * int(t), int(t), int(c))
        for t, c in zip(shots, correct, strict=True)
    ]


def estimate_batch(
    experiment: str, spec: Spec, batch: int, backend: Backend | None = None
) -> list[EstimateRow]:
    """Measures and estimates one batch of a spec.

    Args:
        experiment: The name for the rows.
        spec: What to measure; its games are the systems of the batch.
        batch: The number of the batch.
        backend: Where circuits run; by default what the spec's name says.

    Returns:
        One row for each system and quantity that the task keeps, in order.

    Raises:
        UsageError: As :func:`play_batch`.
    """
    task = load_estimation(spec.task)
    shots = spec.budget // task.copies_per_shot(spec.protocol)
    seeds = batch_seeds(spec, batch)
    law = spec.source == "law"
    sampler = _NoCircuits() if law else _sampler(spec, seeds, backend)
    found = task.estimate(spec.protocol, spec.qubits, shots, spec.games, seeds, sampler)
    numbers = task.numbers(found, spec.protocol, spec.qubits)
    return [
        EstimateRow.of(experiment, spec, batch, shots, system, quantity, numbers[system, quantity])
        for system, quantity in task.places(spec.protocol, spec.qubits, spec.games, batch)
    ]
