"""Each workload in processes of its own, so that memory, caches and compiled code are its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from quantum_advantage.core.usage import UsageError
from speed.digests import digest
from speed.timing import CLOCKS, Times, measured, summary
from speed.workload import Numba, Peers, Workload

RUN = Path(__file__).resolve().parents[1] / "run.py"
# A process that takes longer is ended; the dearest takes a tenth of it.
MOST_SECONDS = 600
# BLAS has one thread, so that two runs do the same; compiled steps have the threads of the package.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Effort:
    """How long each process measures.

    Attributes:
        rounds: At least so many rounds.
        seconds: Further ones begin until these have passed.
        clock: Which of ``timing.CLOCKS`` tells the time.
        peers: Programs that the user has built.
    """

    rounds: int = 2
    seconds: float = 1.5
    clock: str = "wall"
    peers: Peers = field(default_factory=Peers)


@dataclass(frozen=True)
class Measured:
    """What one process says of its workload.

    Attributes:
        times: All times.
        inputs: The digest of the inputs.
        results: The digest of the first result.
        kind: How that digest is to be read.
        memory: The peak memory of the process in MiB, inputs and both sides included.
    """

    times: Times
    inputs: str
    results: str
    kind: str
    memory: float


def measure_here(workload: Workload, effort: Effort) -> Measured:
    """Prepares and measures a workload in this process.

    Args:
        workload: The workload.
        effort: How long.
    """
    if workload.numba is Numba.HIDDEN:
        # Importing numba now fails, as where it is not installed.
        sys.modules["numba"] = None  # type: ignore[assignment]
    prepared = workload.prepare(effort.peers)
    inputs = digest(prepared.inputs)
    seen: list[tuple[str, str]] = []

    def keep(result: object) -> None:
        outcome = prepared.outcome(result)
        seen.append((outcome.digest(), outcome.kind))

    times = measured(prepared, effort.rounds, effort.seconds, keep, CLOCKS[effort.clock])
    ((results, kind),) = seen
    return Measured(times, inputs, results, kind, peak_memory())


def peak_memory() -> float:
    """Returns the peak memory of this process, or of its largest child, in MiB."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) / unit


def to_json(found: Measured) -> str:
    """Writes what a process says as one line of JSON."""
    return json.dumps(asdict(found))


def from_json(text: str) -> Measured:
    """Reads what :func:`to_json` wrote."""
    values = json.loads(text)
    times = values.pop("times")
    return Measured(
        Times(times["first"], tuple(times["work"]), tuple(times["other"])),
        **values,
    )


def measure_apart(workload: Workload, effort: Effort) -> Measured:
    """Measures a workload in a new process.

    Args:
        workload: One of the catalogue.
        effort: How long.

    Raises:
        UsageError: If the process fails; its last line says why.
    """
    command = [sys.executable, str(RUN), "--one", workload.name]
    command += ["--rounds", str(effort.rounds), "--seconds", str(effort.seconds)]
    command += ["--clock", effort.clock]
    for option, value in asdict(effort.peers).items():
        command += [f"--{option}", str(value)] if value is not None else []
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env={**os.environ, **ONE_THREAD},
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"{workload.name} took more than {MOST_SECONDS} seconds") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        reason = lines[-1].removeprefix("benchmarks/run.py: error: ")
        raise UsageError(f"{workload.name} failed: {reason}")
    return from_json(done.stdout)


def measured_in_processes(
    workload: Workload,
    effort: Effort,
    measure: Callable[[Workload, Effort], Measured] = measure_apart,
) -> list[Measured]:
    """Measures a workload in all of its processes, one after the other.

    Args:
        workload: The workload.
        effort: How long each process measures.
        measure: Measures in one process.

    Raises:
        UsageError: If a process fails.
    """
    return [measure(workload, effort) for _ in range(workload.processes)]


def result_of(workload: Workload, effort: Effort, found: Sequence[Measured]) -> Mapping[str, Any]:
    """Puts together what the processes of a workload say, as its part of the record.

    Args:
        workload: The workload.
        effort: How long each process measured.
        found: What each process says.

    Raises:
        UsageError: If the processes had other inputs or found other results.
    """
    for what in ("inputs", "results"):
        if len({getattr(one, what) for one in found}) > 1:
            raise UsageError(f"{workload.name}: two processes had different {what}")
    together = summary([one.times for one in found])
    return {
        "unit": workload.unit,
        "against": workload.against.value,
        "clock": effort.clock,
        "inputs": found[0].inputs,
        "results": found[0].results,
        "results are": found[0].kind,
        "seconds": _short(together.seconds),
        "other": _short(together.other),
        "ratio": _short(together.ratio),
        "low": _short(together.low),
        "high": _short(together.high),
        "rounds": [[_short(r) for r in one.times.ratios] for one in found],
        "first": _short(max(one.times.first for one in found)),
        "memory": round(max(one.memory for one in found), 1),
    }


def _short(value: float) -> float:
    """Rounds to five digits: the clock and the noise tell no more."""
    return float(f"{value:.5g}")
