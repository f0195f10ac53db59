"""What a workload is: seeded inputs, the work that is measured, and what it is measured against.

What stands beside the work is never code of this package: a faster part of the package would look
like a slower whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from speed.digests import Outcome


class Against(Enum):
    """What stands beside the measured work."""

    LIMIT = "limit"  # the least that this machine must do for it: a copy, a bare loop
    PEER = "peer"  # another program with the same question
    YARDSTICK = "yardstick"  # other work that shows what this machine can do


class Numba(Enum):
    """Whether the compiled steps of the extra ``fast`` run."""

    EITHER = "either"
    NEEDED = "needed"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Peers:
    """Programs that the user has built.

    Attributes:
        ffht: A shared library of FFHT, with ``fht_double``.
        predicting: ``prediction_shadow`` of 'predicting quantum properties'.
    """

    ffht: Path | None = None
    predicting: Path | None = None


@dataclass(frozen=True)
class Side:
    """Work that is timed as a whole.

    Attributes:
        call: Does the work once and returns its result.
        units: How many units of the workload one call does.
        less: Work that ``call`` does too and that does not count; its time is subtracted.
    """

    call: Callable[[], Any]
    units: float = 1.0
    less: Callable[[], Any] | None = None


@dataclass(frozen=True)
class Prepared:
    """A workload whose inputs are ready.

    Attributes:
        inputs: The arrays and texts that both sides work on; only their digest is kept.
        work: What is measured.
        other: The limit or the peer.
        outcome: What of the first result is digested.
    """

    inputs: Iterable[Any]
    work: Side
    other: Side
    outcome: Callable[[Any], Outcome]


@dataclass(frozen=True)
class Workload:
    """A named piece of work.

    Attributes:
        name: As on the command line and in the history; a name keeps its meaning for ever.
        title: What is done, with its size.
        unit: What its seconds are for.
        against: What kind of thing it is compared with.
        other: That thing, in words.
        prepare: Makes the inputs, from fixed seeds.
        modules: Packages that must be installed.
        program: The field of ``Peers`` that must be given.
        numba: Whether compiled steps run.
        gibibytes: Free memory that it needs.
        processes: In how many processes it runs, one after the other.
    """

    name: str
    title: str
    unit: str
    against: Against
    other: str
    prepare: Callable[[Peers], Prepared]
    modules: tuple[str, ...] = ()
    program: str | None = None
    numba: Numba = Numba.EITHER
    gibibytes: float = 0.0
    processes: int = 2


def absence(
    workload: Workload,
    peers: Peers,
    installed: Callable[[str], object] = find_spec,
    free_gibibytes: Callable[[], float | None] | None = None,
) -> str | None:
    """Says why a workload cannot run here, or None if it can.

    Args:
        workload: The workload.
        peers: The programs that were given.
        installed: Finds a package by its name, or nothing.
        free_gibibytes: Tells the free memory, None where it is not known.
    """
    modules = workload.modules
    if workload.numba is Numba.NEEDED:
        modules = (*modules, "numba")
    for module in modules:
        if not installed(module):
            return f"{module} is not installed"
    if workload.program is not None and getattr(peers, workload.program) is None:
        return f"no --{workload.program} PATH"
    if workload.gibibytes:
        free = (free_gibibytes or free_memory)()
        if free is not None and free < workload.gibibytes:
            return f"it needs {workload.gibibytes:g} GiB of free memory, and {free:.1f} are free"
    return None


def free_memory() -> float | None:
    """Returns the memory in GiB that can be had without swapping, where the system tells it."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) / 2**20
    return None


def cores() -> int:
    """Returns how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
