"""How long batches take: a model before the first one, corrected by what has been measured.

The model adds what a shot costs to what the tasks say of their states. Its constants were measured
on one core of 2026, so that it is right within a factor of three or so on others.
"""

from __future__ import annotations

import functools
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from statistics import median

from quantum_advantage.study.engine import Progress
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.base import DecidingTask
from quantum_advantage.tasks.registry import load_task

# A run that is expected to take longer than so many seconds is announced. The limit is low because
# the model may be wrong by a factor of three or more.
PATIENCE = 10.0
# Work of fewer seconds is not reported as left; and the seconds between two lines about it.
_SHORT, _SILENCE = 60.0, 60.0
# Seconds for sending, drawing and writing any batch.
_LEAST = 0.005
# Seconds on one core for each shot and qubit of a sampled circuit, and for an answer from a law.
_SHOT, _ANSWER = 5e-8, 1e-6
# Seconds for a shot of two copies with gate noise on entangled pieces, one trajectory each.
_TRAJECTORY = 0.1
# Times from the first seconds are mostly those of starting programs.
_SETTLED = 5.0


@functools.cache
def batch_seconds(spec: Spec) -> float:
    """Returns roughly how long one core takes for a batch, before any was played.

    Raises:
        UsageError: If the spec's task or protocol is unknown.

    Example:
        >>> spec = Spec("purity", "collisions", 10, "qsim", budget=50, batch_size=50, seed=1)
        >>> larger = Spec("purity", "collisions", 14, "qsim", budget=200, batch_size=50, seed=1)
        >>> batch_seconds(larger) > batch_seconds(spec) > 0
        True
    """
    law = spec.source == "law"
    task = load_task(spec.task)
    states = task.seconds(spec.protocol, spec.qubits, spec.budget, circuits=not law)
    if isinstance(task, DecidingTask):
        states += _answering(task, spec, states > 0)
    return _LEAST + spec.batch_size * states


def _answering(task: DecidingTask, spec: Spec, entangled: bool) -> float:
    """Returns the seconds of the bits of one record, beside those of its states, if any."""
    per_shot = task.copies_per_shot(spec.protocol, spec.qubits)
    shots = spec.budget // per_shot
    if spec.source == "law":
        return _ANSWER * len(task.answered_after(spec.budget, per_shot))
    sampling = _SHOT * shots * per_shot * spec.qubits
    if entangled and per_shot > 1 and spec.backend_name.depolarize:
        sampling += _TRAJECTORY * shots
    return sampling


class Clock:
    """What is expected of batches that are left, by the model and by those that were played.

    Args:
        workers: How many batches run at once.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> clock = Clock(workers=2)
        >>> clock.took(spec, 30.0)
        >>> clock.of_batch(spec), clock.left({spec: 10})  # ten batches, two at once
        (30.0, 150.0)
        >>> clock.announcement({spec: 10})
        'some 3 minutes of work on 2 workers, as far as is known now; bell at n = 10 on law costs
        most, 3 minutes'
    """

    def __init__(self, workers: int = 1) -> None:
        """See the class."""
        self.workers = workers
        self._took: dict[Spec, list[float]] = defaultdict(list)

    def took(self, spec: Spec, seconds: float) -> None:
        """Notes how long a batch took."""
        self._took[spec].append(seconds)

    def of_batch(self, spec: Spec) -> float:
        """Returns the seconds of a batch: as measured, or by the model times its error so far."""
        if spec in self._took:
            return median(self._took[spec])
        measured = sum(sum(seconds) for seconds in self._took.values())
        if measured < _SETTLED:
            return batch_seconds(spec)
        foreseen = sum(len(took) * batch_seconds(known) for known, took in self._took.items())
        return batch_seconds(spec) * measured / foreseen

    def left(self, wanted: Mapping[Spec, int]) -> float:
        """Returns the seconds until so many batches of every spec are played."""
        if not wanted:
            return 0.0
        each = {spec: self.of_batch(spec) for spec in wanted}
        together = sum(number * each[spec] for spec, number in wanted.items())
        at_once = min(self.workers, sum(wanted.values()))
        return max(together / at_once, max(each.values()))

    def announcement(self, wanted: Mapping[Spec, int]) -> str | None:
        """Returns one line about a long run, and what costs most; None if it is short."""
        seconds = self.left(wanted)
        if seconds < PATIENCE:
            return None
        dearest = max(wanted, key=lambda spec: wanted[spec] * self.of_batch(spec))
        own = self.left({dearest: wanted[dearest]})
        workers = "one worker" if self.workers == 1 else f"{self.workers} workers"
        return (
            f"some {duration(seconds)} of work on {workers}, as far as is known now; "
            f"{dearest.protocol} at n = {dearest.qubits} on {dearest.backend} costs most, "
            f"{duration(own)}"
        )


class Teller:
    """Announces the time of a long run before its first batch, and reports its progress.

    Args:
        write: Takes a line.
        workers: How many batches run at once; None where their time cannot be foreseen, as on a
            real processor.
        also: More lines about what is wanted, such as what it takes of a service.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> teller = Teller(print)
        >>> teller.expect({spec: 20})  # a short run is not announced
        >>> teller(Progress(done=1, known=20, spec=spec, left={spec: 19}, seconds=30.0))
        1 of 20 batches, some 10 minutes left
        >>> teller.left(Progress(done=2, known=20, spec=spec, left={spec: 18}, seconds=30.0))
        ', some 9 minutes left'
    """

    def __init__(
        self,
        write: Callable[[str], None],
        workers: int | None = 1,
        also: Callable[[Mapping[Spec, int]], Iterable[str]] = lambda wanted: (),
    ) -> None:
        """See the class."""
        self._write, self._also = write, also
        self._clock = None if workers is None else Clock(workers)
        self._next, self._told = 0.0, time.monotonic()

    def expect(self, wanted: Mapping[Spec, int]) -> None:
        """Announces, before the first batch, how long all of them will take, if that is long."""
        if self._clock and (line := self._clock.announcement(wanted)):
            self._write(line)
        for line in self._also(wanted):
            self._write(line)

    def left(self, progress: Progress) -> str:
        """Notes a batch; returns how long the rest will take, nothing if that is short."""
        if self._clock is None:
            return ""
        self._clock.took(progress.spec, progress.seconds)
        seconds = self._clock.left(progress.left)
        return f", some {duration(seconds)} left" if seconds >= _SHORT else ""

    def __call__(self, progress: Progress) -> None:
        """Notes a batch; writes a line at every tenth of the work, and every minute."""
        left, now = self.left(progress), time.monotonic()
        if progress.done >= self._next * progress.known or now - self._told >= _SILENCE:
            self._write(f"{progress.done} of {progress.known} batches{left}")
            self._next = math.floor(10 * progress.done / progress.known + 1) / 10
            self._told = now


def duration(seconds: float) -> str:
    """Returns a time in words, with the largest unit that fits.

    Example:
        >>> duration(5.2), duration(600), duration(9000), duration(3e8)
        ('6 s', '10 minutes', '2.5 hours', '9.5 years')
    """
    for unit, size in (("years", 3.156e7), ("days", 86400.0), ("hours", 3600.0)):
        if seconds >= 2 * size:
            value = seconds / size
            return f"{value:.0f} {unit}" if value >= 10 else f"{value:.2g} {unit}"
    if seconds >= 90:
        return f"{math.ceil(seconds / 60)} minutes"
    return f"{math.ceil(seconds)} s"
