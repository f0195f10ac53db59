"""What all experiment scripts share: the command line and the choice of curves.

At import this module needs the standard library alone, so that ``--help`` and a wrong argument
answer at once; everything else is loaded when something runs.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.core.arguments import (
    MOST_BATCHES,
    MOST_COPIES,
    MOST_SEED,
    MOST_TRIALS,
    MOST_WORKERS,
    OneLineParser,
    at_least,
    minutes,
    read_qubits,
)
from quantum_advantage.core.endings import prepare_process, run_to_its_end
from quantum_advantage.core.naming import parse
from quantum_advantage.core.usage import UsageError, did_you_mean
from quantum_advantage.experiment.venues import Places


class Declared(Protocol):
    """A curve of an experiment, as a frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def protocol(self) -> str:
        """The protocol's name."""
        ...

    @property
    def qubits(self) -> tuple[int, ...]:
        """The numbers of qubits n."""
        ...

    @property
    def backend(self) -> str:
        """Where it runs unless the command line names another place."""
        ...

    @property
    def task(self) -> str:
        """The task's full name, if it is not the experiment's."""
        ...


D = TypeVar("D", bound=Declared)


def _read_backend(text: str) -> BackendName:
    try:
        return read_backend(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def script_parser(name: str, about: str, task: str, trials: int, of: str) -> OneLineParser:
    """Returns the parser of a script with the arguments that all scripts take.

    Those that collecting alone reads are None unless they are given; see :func:`settled`.

    Args:
        name: The stem of the script's files.
        about: One line for ``--help``.
        task: The task's full name.
        trials: The default of ``--trials``.
        of: What ``--trials`` counts for each point.
    """
    parser = OneLineParser(prog=f"{name}.py", description=about)
    add = parser.add_argument
    add("--qubits", type=read_qubits, metavar="N", help="as 8, 2,4,8, 2:20 or 2:20:2")
    add("--protocols", type=_some, metavar="A,B", help="some of the experiment's protocols")
    add(
        "--backend",
        type=_read_backend,
        metavar="B",
        help="auto, qsim, stim, law, qsim:depolarize=0.01,readout=0.02, qvm:weber, "
        "engine:PROJECT/PROCESSOR",
    )
    add("--task", type=_some, help=f"with options, default {task}")
    parser.set_defaults(default_task=task, default_trials=trials)
    add(
        "--trials",
        type=at_least(1, MOST_TRIALS),
        metavar="N",
        help=f"{of} for each point, in whole batches, at least 20 of them; default {trials}",
    )
    add("--max-copies", type=at_least(1), metavar="M")
    add("--seed", type=at_least(0, MOST_SEED), default=0, metavar="S")
    add("--workers", type=at_least(1, MOST_WORKERS), metavar="W", help="default: one a core")
    add("--max-minutes", type=minutes, metavar="M", help="cap on a real processor's time")
    add(
        "--drop-outliers",
        action="store_true",
        help="on a processor: leave out pairs that the preflight flags",
    )
    add(
        "--cluster",
        type=_some,
        metavar="ADDRESS",
        help="a dask.distributed scheduler instead of processes",
    )
    add("--out", type=_folder, default=Path("out"), metavar="DIR")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="the smallest size")
    size.add_argument("--full", action="store_true", help="the size of the committed figure")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--draw", action="store_true", help="draw what is there, collect nothing")
    what.add_argument("--dry-run", action="store_true", help="print the list of work, run nothing")
    return parser


def _some(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} must not be empty; leave it out")
    return text


def _folder(text: str) -> Path:
    return Path(_some(text))


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


def settled(args: argparse.Namespace) -> argparse.Namespace:
    """Refuses options that would change nothing beside the others, and fills in the defaults.

    Raises:
        UsageError: If an option would change nothing.
    """
    given = [name for name in _OF_COLLECTING if getattr(args, name, None) not in (None, False)]
    if args.draw and given:
        raise _idle(given[0], "--draw draws all that is there")
    if args.cluster is not None and args.workers is not None:
        raise _idle("workers", "the cluster says how many workers it has")
    if args.backend and args.backend.base == "engine":
        for name in ("workers", "cluster"):
            if getattr(args, name) is not None:
                raise _idle(name, "jobs wait for the real processor")
    args.task = args.default_task if args.task is None else args.task
    args.trials = args.default_trials if args.trials is None else args.trials
    args.max_copies = MOST_COPIES if args.max_copies is None else args.max_copies
    args.workers = (os.cpu_count() or 1) if args.workers is None else args.workers
    return args


def _idle(name: str, reason: str) -> UsageError:
    """Returns what is said of an option that would change nothing."""
    option = f"--{name.replace('_', '-')}"
    return UsageError(f"{option} would change nothing: {reason}; leave it out")


def refuse_idle_of_processors(args: argparse.Namespace, names: Sequence[BackendName]) -> None:
    """Refuses options about processors where none is used that they could mean.

    Args:
        args: The command line.
        names: Where something runs that a preflight precedes.

    Raises:
        UsageError: If an option would change nothing.
    """
    if args.drop_outliers and not any(name.on_device for name in names):
        raise _idle("drop_outliers", "no preflight of pairs on a processor precedes this work")
    if args.max_minutes and not (args.backend and args.backend.base == "engine"):
        raise _idle("max_minutes", "it caps the time of a real processor, engine:PROJECT/PROCESSOR")


def refuse_idle_protocols(
    args: argparse.Namespace, chosen: Iterable[Declared], shown: Iterable[Declared]
) -> None:
    """Refuses --protocols beside --draw where the figure shows all of them anyhow.

    Args:
        args: The command line.
        chosen: The curves that it asks for.
        shown: The curves that are always drawn.

    Raises:
        UsageError: If the option would change nothing.
    """
    always = {curve.protocol for curve in shown}
    if args.protocols and all(curve.protocol in always for curve in chosen):
        raise _idle("protocols", "--draw draws all that is there")


def refuse_many_batches(args: argparse.Namespace, games: int) -> None:
    """Refuses more batches of one point than memory holds.

    Args:
        args: The command line.
        games: Games in a batch.

    Raises:
        UsageError: If they are too many.
    """
    if args.trials > MOST_BATCHES * games:
        raise UsageError(
            f"--trials {args.trials} must be at most {MOST_BATCHES * games}, {MOST_BATCHES} "
            f"batches of {games}"
        )


def chosen_curves(
    name: str, sized: Sequence[D], full: Sequence[D], args: argparse.Namespace
) -> list[D]:
    """Returns the curves of a size that the command line asks for.

    Args:
        name: The experiment's name, for messages.
        sized: The curves of the chosen size.
        full: The curves behind the committed figure.
        args: The command line.

    Raises:
        ValueError: If the experiment has no such protocol, or --task would change nothing.
    """
    curves = list(sized)
    if args.protocols:
        declared = {parse(c.protocol)[0]: c for c in full}
        declared |= {parse(c.protocol)[0]: c for c in curves}
        declared |= {c.protocol: c for c in curves}
        chosen: list[D] = []
        for wanted in _split_names(args.protocols):
            bare = wanted.partition(":")[0]
            if bare not in declared:
                names = dict.fromkeys(parse(c.protocol)[0] for c in full)
                raise UsageError(
                    f"unknown protocol {wanted!r} in --protocols; {name} has "
                    f"{', '.join(names)}{did_you_mean(bare, names)}"
                )
            same = [c for c in curves if parse(c.protocol)[0] == bare and wanted == bare]
            chosen += same or [replace(declared.get(wanted, declared[bare]), protocol=wanted)]
        curves = chosen
    if args.task != args.default_task and all(curve.task for curve in curves):
        own = ", ".join(dict.fromkeys(str(curve.task) for curve in curves))
        raise UsageError(
            f"--task {args.task} would change nothing: all that is asked for has a task of its "
            f"own, {own}; leave it out"
        )
    if args.qubits:
        curves = [replace(curve, qubits=args.qubits) for curve in curves]
    if args.backend:
        curves = [replace(curve, backend="auto") for curve in curves]
    return list(dict.fromkeys(curves))


def _split_names(text: str) -> list[str]:
    """Splits ``a,b:k=1,c`` at the commas that begin a new name."""
    names: list[str] = []
    for part in text.split(","):
        if names and "=" in part and ":" not in part:
            names[-1] += f",{part}"
        else:
            names.append(part)
    return names


def refuse_chains(
    curves: Iterable[Declared],
    couplings: Callable[[str, str], str],
    args: argparse.Namespace,
    places: Places,
) -> None:
    """Refuses what a processor could not run, before its preflight costs anything.

    Args:
        curves: The curves.
        couplings: Returns what the circuits of a task couple with a protocol: pairs, chain or more.
        args: The command line.
        places: Where they run.

    Raises:
        ValueError: If a curve of a processor couples more than pairs and a chain of their systems.
    """
    for curve in curves:
        task = curve.task or args.task
        backend = places.name(curve.backend, circuits=True)
        if backend.on_device and couplings(task, curve.protocol) == "more":
            raise UsageError(
                f"task {task} does not run on {backend.base}: {curve.protocol} would couple qubits "
                "of a copy, or reset them, and only pairs, and protocols on a chain of pairs, are "
                "placed; use qsim"
            )


def same_place(name: BackendName, there: BackendName, any_pairs: bool) -> bool:
    """Tells whether results of one place belong to a run on another name of it."""
    if not name.on_device:
        return replace(name, base=there.base) == there
    if any_pairs:
        name, there = replace(name, pairs=()), replace(there, pairs=())
    return str(name) == str(there)


def run_parsed(
    parser: OneLineParser,
    run: Callable[[argparse.Namespace], int],
    arguments: Sequence[str] | None,
) -> int:
    """Parses a script's command line, runs it and returns the exit status.

    Returns:
        What ``run`` returns, or what ``endings.run_to_its_end`` makes of its end.
    """
    prepare_process()
    args = parser.parse_args(arguments)
    return run_to_its_end(parser.prog, lambda: run(settled(args)))
