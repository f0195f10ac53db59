"""Arguments that several commands take, and the JSON that they print."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.core.arguments import MOST_WORKERS, at_least
from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.jobs import Cost
    from quantum_advantage.backends.names import BackendName

# What is asked in the games of the tasks that decide: those with a bound.
QUESTIONS = {
    "observables": "which of two Pauli strings does the state hide?",
    "processes": "which of two Pauli strings does the process hide?",
    "pauli_channel": "which of two Pauli strings does the channel hide?",
    "hidden_sign": "which sign has the hidden Pauli string?",
    "principal_component": "what is the flag of the principal component?",
    "purity": "is the state pure or completely mixed?",
    "time_reversal": "is the evolution symmetric under time reversal?",
}
PROCESSOR_HELP = (
    "rainbow, weber, willow_pink, a calibration as chip.json, qvm:PROCESSOR with options, or "
    "engine:PROJECT/PROCESSOR"
)
# What an interrupted command says that sends jobs.
JOBS_KEPT = "stopped; finished jobs of a real processor are kept"


def read_processor(text: str) -> BackendName:
    """Reads ``weber``, ``chip.json``, ``qvm:weber`` or ``engine:PROJECT/PROCESSOR``.

    Raises:
        UsageError: If it names no processor.
    """
    from quantum_advantage.backends.names import NAMES, read_backend

    known = text.partition(":")[0] in NAMES
    name = read_backend(text if known else f"qvm:{text}")
    if not name.on_device:
        raise UsageError(
            f"{text!r} is no processor; choose PROCESSOR, qvm:PROCESSOR or "
            "engine:PROJECT/PROCESSOR; quantum-advantage devices lists them"
        )
    return name


def refuse_idle_minutes(limit: float | None, name: BackendName) -> None:
    """Refuses --max-minutes where no time of a real processor is spent.

    Args:
        limit: What was given, if anything.
        name: The processor.

    Raises:
        UsageError: If it would change nothing.
    """
    if limit is not None and name.base != "engine":
        raise UsageError(
            "--max-minutes would change nothing: it caps the time of a real processor, "
            "engine:PROJECT/PROCESSOR; leave it out"
        )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Adds the option ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Adds the option ``--workers``."""
    parser.add_argument(
        "--workers",
        type=at_least(1, MOST_WORKERS),
        default=os.cpu_count() or 1,
        metavar="W",
        help="default: one a core",
    )


def print_json(**values: Any) -> None:
    """Prints one JSON object; its keys are those that ``docs/command_line.md`` names.

    A number beyond all numbers is null.

    Example:
        >>> print_json(qubits=4, copies=8.4, limit=math.inf)
        {
         "qubits": 4,
         "copies": 8.4,
         "limit": null
        }
    """
    text = json.dumps(_finite(values), indent=1, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(f"{text}\n")


def cost_values(cost: Cost) -> dict[str, Any]:
    """Returns what a dry run prints with ``--json``.

    Args:
        cost: What requests would cost on a processor.

    Example:
        >>> from quantum_advantage.backends.devices.jobs import Cost
        >>> list(cost_values(Cost(2, 1000, 20_000, 9000, 12.5)))
        ['jobs', 'parameter_sets', 'repetitions', 'request_bytes', 'minutes']
    """
    return {
        "jobs": cost.jobs,
        "parameter_sets": cost.points,
        "repetitions": cost.repetitions,
        "request_bytes": cost.request_bytes,
        "minutes": cost.seconds / 60,
    }


def cost_line(cost: Cost) -> str:
    """Returns the same as one line.

    Args:
        cost: What requests would cost on a processor.

    Example:
        >>> from quantum_advantage.backends.devices.jobs import Cost
        >>> print(cost_line(Cost(2, 1000, 20_000, 9000, 12.5)))
        2 jobs, 1000 parameter sets, 20000 repetitions, requests up to 9 kB; 0.2 minutes on a
        processor by Google's estimate
    """
    jobs = "1 job" if cost.jobs == 1 else f"{cost.jobs} jobs"
    return (
        f"{jobs}, {cost.points} parameter sets, {cost.repetitions} repetitions, "
        f"requests up to {cost.request_bytes / 1000:.0f} kB; {cost.seconds / 60:.1f} minutes on a "
        "processor by Google's estimate"
    )


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def questions() -> str:
    """Returns the tasks that decide, with what each asks, for the end of a help text.

    Example:
        >>> print(questions().splitlines()[1])
          observables          which of two Pauli strings does the state hide?
    """
    lines = [f"  {task:20s} {question}" for task, question in QUESTIONS.items()]
    return "\n".join(("tasks:", *lines))


def check_file(argument: str, path: Path, wanted: str) -> None:
    """Refuses a file that is not there, or is a folder.

    Args:
        argument: The argument that names it.
        path: The file.
        wanted: What is to be named.

    Raises:
        UsageError: If there is no such file.

    Example:
        >>> check_file("--registration", Path("nowhere"), "what plan --register wrote")
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: --registration nowhere does not exist; name what
        plan --register wrote
    """
    if path.is_dir():
        raise UsageError(f"{argument} {path} is a folder; name {wanted}")
    if not path.exists():
        raise UsageError(f"{argument} {path} does not exist; name {wanted}")


def check_is_folder(argument: str, path: Path, wanted: str) -> None:
    """Refuses a folder that is not there, or is a file.

    Args:
        argument: The argument that names it.
        path: The folder.
        wanted: What is to be named.

    Raises:
        UsageError: If there is no such folder.

    Example:
        >>> check_is_folder("folder", Path("nowhere"), "the --out of seal")
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: folder nowhere does not exist; name the --out of
        seal
    """
    if not path.exists():
        raise UsageError(f"{argument} {path} does not exist; name {wanted}")
    if not path.is_dir():
        raise UsageError(f"{argument} {path} is a file; name {wanted}")


def check_file_place(option: str, path: Path) -> None:
    """Refuses a file that could not be written, before any work.

    Args:
        option: The option that names it.
        path: The file.

    Raises:
        UsageError: If the folder that it would be in is none, or cannot be written.

    Example:
        >>> check_file_place("--register", Path("/dev/null/p.json"))
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: --register /dev/null/p.json must lie in a folder:
        /dev/null is none
    """
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(f"{option} {path} must lie in a folder: {folder} is none")
    if not os.access(folder, os.W_OK):
        raise UsageError(
            f"{option} {path} must lie in a folder that can be written: {folder} is not"
        )
