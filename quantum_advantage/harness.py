"""What all experiment scripts share: command line, choice of curves, progress, clean endings.

At import this module needs the standard library alone, so that ``--help`` and a wrong argument
answer at once; everything else is loaded when something runs.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from quantum_advantage.arguments import OneLineParser, at_least, fail, minutes, read_qubits
from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.names import parse
from quantum_advantage.places import Places
from quantum_advantage.usage import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from quantum_advantage.study.rows import RowFile
    from quantum_advantage.study.working import Progress

# Jobs that are waited for at once on a real processor.
JOBS_AT_ONCE = 8


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
    add("--protocols", metavar="A,B", help="some of the experiment's protocols")
    add(
        "--backend",
        type=_read_backend,
        metavar="B",
        help="auto, qsim, stim, law, qsim:depolarize=0.01,readout=0.02, qvm:weber, "
        "engine:PROJECT/PROCESSOR",
    )
    add("--task", default=task, help=f"with options, default {task}")
    parser.set_defaults(default_task=task)
    add(
        "--trials",
        type=at_least(1),
        default=trials,
        metavar="N",
        help=f"{of} for each point, in whole batches, at least 20 of them",
    )
    add("--max-copies", type=at_least(1), default=2**60, metavar="M")
    add("--seed", type=at_least(0), default=0, metavar="S")
    add("--workers", type=at_least(1), default=os.cpu_count() or 1, metavar="W")
    add("--max-minutes", type=minutes, metavar="M", help="cap on a processor's time")
    add(
        "--drop-outliers",
        action="store_true",
        help="on a processor: leave out pairs that the preflight flags",
    )
    add("--cluster", metavar="ADDRESS", help="a dask.distributed scheduler instead of processes")
    add("--out", type=Path, default=Path("out"), metavar="DIR")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="the smallest size")
    size.add_argument("--full", action="store_true", help="the size of the committed figure")
    add("--draw", action="store_true", help="draw what is there, collect nothing")
    add("--dry-run", action="store_true", help="print the list of work, run nothing")
    return parser


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
                raise UsageError(
                    f"unknown protocol {wanted!r} in --protocols; {name} has "
                    f"{', '.join(dict.fromkeys(parse(c.protocol)[0] for c in full))}"
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


def _executor(args: argparse.Namespace, places: Places) -> Executor | None:
    from quantum_advantage.study.workers import JobThreads, cluster_executor, process_pool

    if places.engine is not None:
        return JobThreads(JOBS_AT_ONCE)
    if args.cluster:
        return cluster_executor(args.cluster)
    return process_pool(args.workers) if args.workers > 1 else None


class _Reporter:
    """A progress bar on a terminal, plain lines elsewhere."""

    def __init__(self, name: str) -> None:
        from tqdm import tqdm

        self._bar = tqdm(desc=name, unit="batch") if sys.stderr.isatty() else None
        self._name, self._next = name, 0.0

    def __call__(self, progress: Progress) -> None:
        if self._bar is not None:
            self._bar.total = progress.known
            self._bar.set_postfix_str(f"{progress.spec.protocol} n={progress.spec.qubits}")
            self._bar.update(progress.done - self._bar.n)
        elif progress.done >= self._next * progress.known:
            sys.stderr.write(f"{self._name}: {progress.done} of {progress.known} batches\n")
            self._next = math.floor(10 * progress.done / progress.known + 1) / 10

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def collecting(
    results: RowFile[Any],
    args: argparse.Namespace,
    places: Places,
    collect: Callable[..., None],
) -> None:
    """Opens the results, collects into them with a progress report, and closes them.

    Args:
        results: Where rows go.
        args: The command line.
        places: Where circuits run.
        collect: Called with ``executor``, ``backend`` and ``report``.
    """
    executor = _executor(args, places)
    results.open()
    if results.torn is not None:
        sys.stderr.write(
            f"{results.experiment}: row {results.torn} of the {results.NOUN} was torn by a kill; "
            "it is dropped and its batch is played again\n"
        )
    reporter = _Reporter(results.experiment)
    try:
        collect(executor=executor, backend=places.engine, report=reporter)
    except KeyboardInterrupt:
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        reporter.close()
        results.close()
    if executor is not None:
        executor.shutdown()


def run_parsed(
    parser: OneLineParser,
    run: Callable[[argparse.Namespace], int],
    arguments: Sequence[str] | None,
) -> int:
    """Parses a script's command line, runs it and returns the exit status.

    Returns:
        What ``run`` returns, or 2 after a mistake that one line on standard error explains, or 130
        after Ctrl-C.
    """
    args = parser.parse_args(arguments)
    try:
        status = run(args)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        sys.stderr.write(f"{parser.prog}: stopped; all finished batches are kept, and the same ")
        sys.stderr.write("command goes on from there\n")
        return 130
    except (UsageError, OSError, MemoryError) as error:
        return fail(parser.prog, error)
