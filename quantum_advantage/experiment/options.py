"""What is asked of an experiment: its options, from the command line or from Python.

At import this module needs the standard library alone, so that ``--help`` and a wrong argument
answer at once; everything else is loaded when something runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from quantum_advantage.backends.names import SIMULATORS, BackendName, read_backend
from quantum_advantage.core.arguments import (
    LEAST_BATCHES,
    MOST_BATCHES,
    MOST_COPIES,
    MOST_GAMES,
    MOST_SEED,
    MOST_TRIALS,
    MOST_WORKERS,
    OneLineParser,
    at_least,
    minutes,
    read_qubits,
    read_targets,
)
from quantum_advantage.core.endings import program_of
from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.declaration import Curve, Experiment

# The declared sizes of an experiment.
Size = Literal["quick", "default", "full"]


def _read_backend(text: str) -> BackendName:
    try:
        return read_backend(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parser_of(experiment: Experiment) -> OneLineParser:
    """Returns the parser of a script.

    Options are None unless they are given; see :func:`read_options`.

    Args:
        experiment: What the script declares.
    """
    trials = experiment.trials
    of = "trials" if experiment.searches else "systems"
    parser = OneLineParser(prog=program_of(f"{experiment.name}.py"), description=experiment.about)
    add = parser.add_argument
    add(
        "--qubits",
        type=read_qubits,
        metavar="N",
        help="as 8, 2,4,8, 2:20 or 2:20:2; default: those of each curve",
    )
    names = ", ".join(dict.fromkeys(c.protocol for c in (*experiment.curves, *experiment.full)))
    add("--protocols", type=_protocols, metavar="A,B", help=f"some of {names}; default: all")
    add(
        "--backend",
        type=_read_backend,
        metavar="B",
        help=f"auto, {', '.join(SIMULATORS)}, law, qsim:depolarize=0.01,readout=0.02, qvm:weber, "
        "engine:PROJECT/PROCESSOR, sampler:MODULE:FUNCTION; default: where each curve says, mostly "
        "auto",
    )
    add("--task", type=_some, metavar="T", help=f"with options, default {experiment.task}")
    add(
        "--trials",
        type=at_least(1, MOST_TRIALS),
        metavar="N",
        help=f"{of} for each point, in whole batches, at least 20 of them; default {trials}",
    )
    add(
        "--max-copies",
        type=at_least(1),
        metavar="M",
        help="no record takes more; default: those of each curve",
    )
    add(
        "--seed", type=at_least(0, MOST_SEED), metavar="S", help="root of all randomness, default 0"
    )
    add("--workers", type=at_least(1, MOST_WORKERS), metavar="W", help="default: one a core")
    add(
        "--max-minutes",
        type=minutes,
        metavar="M",
        help="cap on a real processor's time; default: no cap",
    )
    add(
        "--drop-outliers",
        action="store_true",
        help="on a processor: leave out pairs that the preflight flags",
    )
    add(
        "--cluster",
        type=_some,
        metavar="ADDRESS",
        help="a dask.distributed scheduler; default: processes on this machine",
    )
    add("--out", type=_folder, metavar="DIR", help="for data and figures, default out")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="the smallest size")
    size.add_argument("--full", action="store_true", help="the size of the committed figure")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--draw", action="store_true", help="draw what is there, collect nothing")
    what.add_argument("--dry-run", action="store_true", help="print the list of work, run nothing")
    if experiment.searches:
        add(
            "--games",
            type=at_least(1, MOST_GAMES),
            metavar="G",
            help=f"in a batch, default {experiment.batch_size}",
        )
        add(
            "--target",
            type=read_targets,
            metavar="A",
            help="accuracies, as 0.7 or 0.7,0.9; default: those of each curve",
        )
    return parser


def _some(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} must not be empty; leave it out")
    return text


def split_names(text: str) -> tuple[str, ...]:
    """Splits ``a,b:k=1,c`` at the commas that begin a new name.

    Args:
        text: Names of protocols, some with options.
    """
    names: list[str] = []
    for part in text.split(","):
        if names and "=" in part and ":" not in part:
            names[-1] += f",{part}"
        else:
            names.append(part)
    return tuple(names)


def _protocols(text: str) -> tuple[str, ...]:
    return split_names(_some(text))


def _folder(text: str) -> Path:
    return Path(_some(text))


@dataclass(frozen=True)
class Options:
    """What is asked of an experiment, read and checked.

    Attributes:
        task: The task's full name.
        trials: Trials for each point.
        size: Which of the declared sizes.
        qubits: The numbers of qubits; those of the curves by default.
        protocols: Some of the protocols, by name; all by default.
        backend: Where everything runs; where each curve says by default.
        target: The accuracies; those of the curves by default.
        games: Trials in a batch; as declared by default.
        max_copies: No record uses more copies.
        seed: The root of all randomness.
        workers: Batches that are played at once on this machine.
        cluster: The address of a scheduler that plays them instead.
        max_minutes: The cap on a real processor's time.
        drop_outliers: Whether pairs that the preflight flags are left out.
        out: The folder of data and figures.
        draw: Whether what is there is drawn and nothing collected.
        dry_run: Whether the list of work is printed and nothing run.
    """

    task: str
    trials: int
    size: Size = "default"
    qubits: tuple[int, ...] = ()
    protocols: tuple[str, ...] = ()
    backend: BackendName | None = None
    target: tuple[float, ...] = ()
    games: int = 0
    max_copies: int = MOST_COPIES
    seed: int = 0
    workers: int = 1
    cluster: str | None = None
    max_minutes: float | None = None
    drop_outliers: bool = False
    out: Path = Path("out")
    draw: bool = False
    dry_run: bool = False


# What collecting alone reads, and a figure of what is there does not.
_OF_COLLECTING = (
    "qubits",
    "trials",
    "games",
    "max_copies",
    "workers",
    "max_minutes",
    "cluster",
    "quick",
    "full",
)


def read_options(experiment: Experiment, args: argparse.Namespace) -> Options:
    """Refuses options that would change nothing beside the others, and fills in the defaults.

    Args:
        experiment: What the script declares.
        args: The command line.

    Raises:
        UsageError: If an option would change nothing.
    """
    given = {name: value for name, value in vars(args).items() if value not in (None, False)}
    idle = [name for name in _OF_COLLECTING if name in given]
    if args.draw and idle:
        raise _idle(idle[0], "--draw draws all that is there")
    if args.cluster is not None and args.workers is not None:
        raise _idle("workers", "the cluster says how many workers it has")
    if args.backend and args.backend.base == "engine":
        for name in ("workers", "cluster"):
            if name in given:
                raise _idle(name, "jobs wait for the real processor")
    size: Size = "quick" if args.quick else "full" if args.full else "default"
    given.pop("quick", None)
    given.pop("full", None)
    defaults = {
        "task": experiment.task,
        "trials": experiment.trials,
        "workers": os.cpu_count() or 1,
    }
    options = Options(**{**defaults, **given, "size": size})
    if experiment.searches and "trials" in given:
        _tell_least_trials(options.trials, options.games or experiment.batch_size)
    return options


def _tell_least_trials(trials: int, games: int) -> None:
    """Says how many games are played where fewer were asked for than the least batches hold."""
    if trials < LEAST_BATCHES * games:
        sys.stderr.write(
            f"--trials {trials}: {LEAST_BATCHES} batches of {games} games are played at least; "
            f"--games {max(1, trials // LEAST_BATCHES)} makes them smaller\n"
        )


def _idle(name: str, reason: str) -> UsageError:
    """Returns what is said of an option that would change nothing."""
    option = f"--{name.replace('_', '-')}"
    return UsageError(f"{option} would change nothing: {reason}; leave it out")


def refuse_idle_of_processors(options: Options, names: Sequence[BackendName]) -> None:
    """Refuses options about processors where none is used that they could mean.

    Args:
        options: What is asked.
        names: Where something runs that a preflight precedes.

    Raises:
        UsageError: If an option would change nothing.
    """
    if options.drop_outliers and not any(name.on_device for name in names):
        raise _idle("drop_outliers", "no preflight of pairs on a processor precedes this work")
    if options.max_minutes and not (options.backend and options.backend.base == "engine"):
        raise _idle("max_minutes", "it caps the time of a real processor, engine:PROJECT/PROCESSOR")


def refuse_idle_protocols(
    options: Options, chosen: Iterable[Curve], shown: Iterable[Curve]
) -> None:
    """Refuses --protocols beside --draw where the figure shows all of them anyhow.

    Args:
        options: What is asked.
        chosen: The curves that it asks for.
        shown: The curves that are always drawn.

    Raises:
        UsageError: If the option would change nothing.
    """
    always = {curve.protocol for curve in shown}
    if options.protocols and all(curve.protocol in always for curve in chosen):
        raise _idle("protocols", "--draw draws all that is there")


def refuse_many_batches(options: Options, games: int) -> None:
    """Refuses more batches of one point than memory holds.

    Args:
        options: What is asked.
        games: Games in a batch.

    Raises:
        UsageError: If they are too many.
    """
    if options.trials > MOST_BATCHES * games:
        raise UsageError(
            f"--trials {options.trials} must be at most {MOST_BATCHES * games}, {MOST_BATCHES} "
            f"batches of {games}"
        )
