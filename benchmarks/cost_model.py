"""How time and memory grow, and what a large experiment would take.

``python benchmarks/cost_model.py`` prints the tables of ``docs/cost_model.md``; names of parts
print some of them. Every number of the first part is measured in a process of its own: the median
of five calls after one that is not counted.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor

import numpy as np
from tables import print_tables

GAMES = 100_000
# The large experiment: games of one shot on so many qubits.
WANTED, QUBITS = 10**9, 50
BATCHES = 40


def _peak() -> float:
    """Returns the peak memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measured(make: Callable[..., Callable[[], object]], *arguments: int) -> tuple[float, float]:
    """Returns the seconds of a call, and by how much it raises the peak memory, in MiB."""
    call, before = make(*arguments), _peak()
    times = []
    for _ in range(6):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:]), _peak() - before


def _alone(make: Callable[..., Callable[[], object]], *arguments: int) -> tuple[float, float]:
    """Measures in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_measured, make, *arguments).result()


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Returns the slope of log values against log sizes."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def play_bell(qubits: int, games: int) -> Callable[[], object]:
    """Prepares a batch of games of one Bell shot each."""
    from quantum_advantage.study.batches import play_batch
    from quantum_advantage.study.spec import Spec

    spec = Spec("observables:alpha=0.9", "bell", qubits, "qsim", 2, games, 1)
    return lambda: play_batch("cost", spec, 0, None)


def play_shadows(qubits: int, games: int) -> Callable[[], object]:
    """Prepares a batch of games of ten copies each in random Pauli bases."""
    from quantum_advantage.study.batches import play_batch
    from quantum_advantage.study.spec import Spec

    spec = Spec("observables:alpha=0.9", "local_pauli", qubits, "qsim", 10, games, 1)
    return lambda: play_batch("cost", spec, 0, None)


def ask_shadows(qubits: int, shots: int, strings: int) -> Callable[[], object]:
    """Prepares questions of weight 3 to a record of random Pauli bases."""
    import cirq

    from quantum_advantage.core.bits import pack_bits
    from quantum_advantage.core.pauli import PauliStrings, random_letters
    from quantum_advantage.inference.shadows.expectations import expectations
    from quantum_advantage.measurements.pauli_basis import pack_bases
    from quantum_advantage.measurements.records import ShadowRecord

    rng = np.random.default_rng(1)
    bases = pack_bases(tuple(rng.integers(0, 3, (qubits, shots), dtype=np.uint8)))
    outcomes = pack_bits(rng.integers(0, 2, (shots, qubits), dtype=np.uint8))
    record = ShadowRecord(tuple(cirq.LineQubit.range(qubits)), bases, outcomes)
    asked = PauliStrings.from_letters(random_letters(strings, qubits, rng, 3))
    return lambda: expectations(record, asked)


def square_all(qubits: int) -> Callable[[], object]:
    """Prepares all 4ⁿ squares from 10⁵ Bell shots."""
    from quantum_advantage.inference.bell.spectrum import all_squares
    from quantum_advantage.measurements.records import BellRecord

    outcomes = np.random.default_rng(1).integers(0, 2**qubits, (2, GAMES, 1), dtype=np.uint64)
    record = BellRecord(qubits, outcomes[0], outcomes[1])
    return lambda: all_squares(record)


def _curve(
    title: str,
    unit: str,
    sizes: Sequence[int],
    measure: Callable[[int], tuple[float, float]],
    at_least: int = 0,
) -> Iterator[str]:
    """Yields a row for each size, and the exponent of those from ``at_least`` on."""
    found = [measure(size) for size in sizes]
    kept = [k for k, size in enumerate(sizes) if size >= at_least]
    slope = exponent([sizes[k] for k in kept], [found[k][0] for k in kept])
    for size, (seconds, memory) in zip(sizes, found, strict=True):
        yield f"| {title} | {unit} = {size:,} | {1000 * seconds:.3g} | {memory:.0f} |"
    yield f"| | exponent in {unit}, from {sizes[kept[0]]:,} on | **{slope:.2f}** | |"


def curves() -> Iterator[str]:
    """Yields how sampling and asking grow."""
    yield "| work | size | milliseconds | MiB |"
    yield "|---|---|---:|---:|"
    bell, single = f"{GAMES:,} games of one Bell shot", f"{GAMES // 10:,} games of ten copies"
    qubits, games = (5, 10, 20, 50, 100), (10**3, 10**4, 10**5, 10**6)
    yield from _curve(bell, "n", qubits, lambda n: _alone(play_bell, n, GAMES), 20)
    yield from _curve(
        "Bell shots, n = 50", "games", games, lambda g: _alone(play_bell, 50, g), games[1]
    )
    yield from _curve(single, "n", qubits, lambda n: _alone(play_shadows, n, GAMES // 10), 20)
    strings, shots = (100, 1000, 10_000), (10**4, 10**5, 10**6)
    yield from _curve(
        "strings from 100,000 shadows, n = 50",
        "strings",
        strings,
        lambda k: _alone(ask_shadows, 50, 10**5, k),
    )
    yield from _curve(
        "1000 strings from shadows, n = 50",
        "shots",
        shots,
        lambda t: _alone(ask_shadows, 50, t, 1000),
    )
    yield from _curve(
        "1000 strings from 100,000 shadows",
        "n",
        (10, 20, 50, 100, 200),
        lambda n: _alone(ask_shadows, n, 10**5, 1000),
    )
    yield from _curve(
        "all 4^n squares of 100,000 Bell shots",
        "4^n",
        tuple(4**n for n in (8, 9, 10, 11, 12)),
        lambda size: _alone(square_all, size.bit_length() // 2),
        4**10,
    )


def _collected(executor: Executor | None) -> tuple[float, list[object]]:
    """Returns the games in a second, and all rows of the batches."""
    from quantum_advantage.study.engine import collect
    from quantum_advantage.study.kinds import decisions
    from quantum_advantage.study.spec import Spec
    from quantum_advantage.study.wanted import Fixed

    spec = Spec("observables:alpha=0.9", "bell", QUBITS, "qsim", 2, GAMES, 1)
    warm = Spec("observables:alpha=0.9", "bell", QUBITS, "qsim", 2, 100, 1)
    collect([Fixed(warm)], decisions("warm"), 100 * BATCHES, executor=executor)
    played = decisions("cost")
    start = time.perf_counter()
    collect([Fixed(spec)], played, GAMES * BATCHES, executor=executor)
    seconds = time.perf_counter() - start
    batches = played.whole_batches()[spec]
    return GAMES * BATCHES / seconds, [row for k in sorted(batches) for row in batches[k]]


def _overhead(executor: Executor | None) -> float:
    """Returns the milliseconds that a batch of ten games takes: what sending it costs."""
    from quantum_advantage.study.engine import collect
    from quantum_advantage.study.kinds import decisions
    from quantum_advantage.study.spec import Spec
    from quantum_advantage.study.wanted import Fixed

    spec = Spec("observables:alpha=0.9", "bell", QUBITS, "qsim", 2, 10, 2)
    start = time.perf_counter()
    collect([Fixed(spec)], decisions("cost"), 10 * 400, executor=executor)
    return (time.perf_counter() - start) / 400 * 1000


def workers() -> Iterator[str]:
    """Yields the speed of worker processes and of local clusters, and the large experiment."""
    from distributed import LocalCluster

    from quantum_advantage.study.batches import play_batch
    from quantum_advantage.study.cluster import cluster_executor
    from quantum_advantage.study.spec import Spec
    from quantum_advantage.study.workers import process_pool

    cores = os.cpu_count() or 1
    yield f"{BATCHES} batches of {GAMES:,} Bell games at n = {QUBITS}, on {cores} cores."
    yield ""
    yield "| where | games a second | per core at work | rows | ms for a batch of 10 games |"
    yield "|---|---:|---:|---|---:|"
    alone, rows = _collected(None)
    yield f"| this process | {alone:,.0f} | 100 % | {len(rows)} | {_overhead(None):.1f} |"
    overhead = 0.0

    def line(name: str, count: int, executor: Executor) -> str:
        nonlocal overhead
        rate, found = _collected(executor)
        share = rate / alone / min(count, cores)
        same = "the same" if found == rows else "**others**"
        overhead = _overhead(executor)
        return f"| {name} | {rate:,.0f} | {100 * share:.0f} % | {same} | {overhead:.1f} |"

    for count in (1, 2):
        with process_pool(count) as pool:
            yield line(f"{count} worker process{'es' if count > 1 else ''}", count, pool)
    for count in (2, 4, 8):
        with LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None) as cluster:
            executor = cluster_executor(cluster.scheduler_address)
            try:
                yield line(f"local cluster of {count}", count, executor)
            finally:
                executor.shutdown()
    spec = Spec("observables:alpha=0.9", "bell", QUBITS, "qsim", 2, GAMES, 1)
    sent = len(pickle.dumps((play_batch, "cost", spec, 0, None)))
    back = len(pickle.dumps(play_batch("cost", spec, 0, None)))
    yield ""
    yield f"A batch moves {sent} bytes to a worker and {back} bytes back."
    yield ""
    yield f"{WANTED:,} games at n = {QUBITS}:"
    yield ""
    yield "| workers | games of a batch | computing | scheduler, at most |"
    yield "|---|---:|---:|---:|"
    for count, games in ((1, GAMES), (10, GAMES), (1000, 10 * GAMES)):
        # The scheduler hands out one batch after the other.
        handing = WANTED / games * overhead / 1000
        yield (
            f"| {count} | {games:,} | {_duration(WANTED / alone / count)} | {_duration(handing)} |"
        )


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.2g} min" if seconds < 7200 else f"{seconds / 3600:.2g} h"


PARTS = {"curves": curves, "workers": workers}

if __name__ == "__main__":
    print_tables(__doc__ or "", PARTS)
