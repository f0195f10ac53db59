"""The harness of the experiment scripts: command line, collection, resume, summary, figure.

A script declares an :class:`Experiment` and a ``draw`` function and calls :func:`run_script`. At
import this module needs the standard library alone, so that ``--help`` and a wrong argument answer
at once; everything else is loaded when something runs.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from quantum_advantage.arguments import (
    OneLineParser,
    at_least,
    fail,
    minutes,
    read_qubits,
    read_targets,
)
from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.names import parse
from quantum_advantage.places import Places, make_folder
from quantum_advantage.study.spec import Spec
from quantum_advantage.tables import print_exponents, print_points, print_work

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from matplotlib.figure import Figure

    from quantum_advantage.study.collect import Ladder, Progress
    from quantum_advantage.study.counts import Counts
    from quantum_advantage.study.summary import AccuracyCurve, CurveKey, Point


# Jobs that are waited for at once on a real processor.
JOBS_AT_ONCE = 8


@dataclass(frozen=True)
class Curve:
    """One curve of an experiment: a protocol over several numbers of qubits.

    Attributes:
        protocol: The protocol's name.
        qubits: The numbers of qubits n.
        circuits_to: The largest n that runs as circuits with backend ``auto``; the law beyond.
        backend: Where it runs unless the command line names another place.
        targets: The accuracies at which the sample complexity is read.
        max_copies: The largest number of copies per record; that of the command line if smaller.
        task: The task's full name, if it is not the experiment's.
        fit_from: The smallest n that enters the printed exponent.
        games: Trials in a batch, if not as many as the experiment says.
    """

    protocol: str
    qubits: tuple[int, ...]
    circuits_to: int
    targets: tuple[float, ...] = (0.7,)
    max_copies: int = 2**60
    backend: str = "auto"
    task: str = ""
    fit_from: int = 1
    games: int = 0


@dataclass(frozen=True)
class Experiment:
    """What an experiment script declares.

    Attributes:
        name: The stem of its files.
        about: One line for ``--help``.
        task: The task's full name.
        curves: The curves at the default size.
        quick: The curves at the smallest size.
        full: The curves behind the committed figure.
        trials: Trials for each point.
        games: Trials in a batch, part of every result's identity.
    """

    name: str
    about: str
    task: str
    curves: tuple[Curve, ...]
    quick: tuple[Curve, ...]
    full: tuple[Curve, ...]
    trials: int = 10_000
    games: int = 500


@dataclass(frozen=True, eq=False)
class FigureData:
    """What a figure is drawn from: nothing but the counts on disk.

    Attributes:
        points: The summary.
        curves: The accuracy curves.
    """

    points: Sequence[Point]
    curves: Sequence[AccuracyCurve]


def _read_backend(text: str) -> BackendName:
    try:
        return read_backend(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _parser(experiment: Experiment) -> argparse.ArgumentParser:
    parser = OneLineParser(prog=f"{experiment.name}.py", description=experiment.about)
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
    add("--task", default=experiment.task, help=f"with options, default {experiment.task}")
    add(
        "--trials",
        type=at_least(1),
        default=experiment.trials,
        metavar="N",
        help="for each point, in whole batches, at least 20 of them",
    )
    add("--games", type=at_least(1), metavar="G", help=f"in a batch, default {experiment.games}")
    add("--target", type=read_targets, metavar="A", help="accuracies, as 0.7 or 0.7,0.9")
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


def _curves(experiment: Experiment, args: argparse.Namespace) -> list[Curve]:
    curves = list(
        experiment.quick if args.quick else experiment.full if args.full else experiment.curves
    )
    if args.protocols:
        declared = {parse(c.protocol)[0]: c for c in experiment.full}
        declared |= {parse(c.protocol)[0]: c for c in curves}
        declared |= {c.protocol: c for c in curves}
        chosen = []
        for name in _split_names(args.protocols):
            bare = name.partition(":")[0]
            if bare not in declared:
                raise ValueError(
                    f"unknown protocol {name!r} in --protocols; {experiment.name} has "
                    f"{', '.join(dict.fromkeys(parse(c.protocol)[0] for c in experiment.full))}"
                )
            same = [c for c in curves if parse(c.protocol)[0] == bare and name == bare]
            chosen += same or [replace(declared.get(name, declared[bare]), protocol=name)]
        curves = chosen
    if args.qubits:
        curves = [replace(curve, qubits=args.qubits) for curve in curves]
    if args.target:
        curves = [replace(curve, targets=args.target) for curve in curves]
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


def _ladders(
    experiment: Experiment,
    args: argparse.Namespace,
    curves: Iterable[Curve],
    places: Places,
) -> list[Ladder]:
    from quantum_advantage.study.collect import Ladder
    from quantum_advantage.tasks.registry import load_task

    ladders = []
    for curve in curves:
        task = load_task(curve.task or args.task)
        for n in curve.qubits:
            backend = places.name(curve.backend, n <= curve.circuits_to)
            task.check(curve.protocol, n, circuits=backend.base != "law", noise=backend.noisy)
            damping = places.damping(backend, n)
            for target in curve.targets:
                protocol = task.resolve(curve.protocol, n, target)
                budget = task.first_budget(protocol, n, target, damping)
                most = min(curve.max_copies, args.max_copies)
                budget = max(min(budget, most), task.copies_per_shot(protocol, n))
                games = args.games or curve.games or experiment.games
                first = Spec(str(task), protocol, n, str(backend), budget, games, args.seed)
                ladders.append(Ladder(first, target, most))
    return ladders


def _refuse_chains(curves: Iterable[Curve], args: argparse.Namespace, places: Places) -> None:
    """Refuses what a processor could not run, before its preflight costs anything.

    Raises:
        ValueError: If a curve of a processor couples qubits that are no pair.
    """
    from quantum_advantage.tasks.registry import load_task

    for curve in curves:
        task = load_task(curve.task or args.task)
        backend = places.name(curve.backend, circuits=True)
        if backend.on_device and not task.pairs_alone:
            raise ValueError(
                f"task {task} does not run on {backend.base}: its states couple a chain of qubits, "
                "and only pairs are placed; use qsim"
            )


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


def _collect(
    experiment: Experiment,
    args: argparse.Namespace,
    ladders: list[Ladder],
    counts: Counts,
    places: Places,
) -> None:
    from quantum_advantage.study.collect import collect

    executor = _executor(args, places)
    counts.open()
    if counts.torn is not None:
        sys.stderr.write(
            f"{experiment.name}: row {counts.torn} of the counts was torn by a kill; it is dropped "
            "and its batch is played again\n"
        )
    reporter = _Reporter(experiment.name)
    try:
        collect(
            ladders,
            counts,
            args.trials,
            executor=executor,
            backend=places.engine,
            report=reporter,
        )
    except KeyboardInterrupt:
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        reporter.close()
        counts.close()
    if executor is not None:
        executor.shutdown()


def _targets(curves: Iterable[Curve]) -> Callable[[CurveKey], Iterable[float]]:
    """Returns which targets are read from a curve found in the file.

    A curve of a protocol whose options depend on the target is read at the targets that it fits. A
    curve with a task of its own is read at the targets that were declared with that task.
    """
    from quantum_advantage.tasks.registry import load_task

    named = {curve: str(load_task(curve.task)) for curve in curves if curve.task}
    wanted = {(named.get(c, ""), c.protocol, target) for c in curves for target in c.targets}
    own = set(named.values())

    def targets(key: CurveKey) -> list[float]:
        task, bare = load_task(key.task), parse(key.protocol)[0]
        of = key.task if key.task in own else ""
        return sorted(
            {
                target
                for declared, protocol, target in wanted
                if declared == of
                and parse(protocol)[0] == bare
                and key.protocol in (protocol, task.resolve(protocol, key.qubits, target))
            }
        )

    return targets


def run_script(
    experiment: Experiment,
    draw: Callable[[FigureData], Figure],
    arguments: Sequence[str] | None = None,
) -> int:
    """Runs an experiment script.

    Args:
        experiment: What is swept.
        draw: Draws the figure from what is on disk.
        arguments: The command line; ``sys.argv`` by default.

    Returns:
        The exit status: 0, or 2 after a mistake that one line on standard error explains, or 130
        after Ctrl-C.
    """
    parser = _parser(experiment)
    args = parser.parse_args(arguments)
    try:
        return _run(experiment, draw, args)
    except KeyboardInterrupt:
        sys.stderr.write(f"{parser.prog}: stopped; all finished batches are kept, and the same ")
        sys.stderr.write("command goes on from there\n")
        return 130
    except (ValueError, OSError) as error:
        return fail(parser.prog, error)


def _same_place(name: BackendName, there: BackendName, any_pairs: bool) -> bool:
    """Tells whether counts of one place belong to a run on another name of it."""
    if not name.on_device:
        return replace(name, base=there.base) == there
    if any_pairs:
        name, there = replace(name, pairs=()), replace(there, pairs=())
    return str(name) == str(there)


def _run(
    experiment: Experiment, draw: Callable[[FigureData], Figure], args: argparse.Namespace
) -> int:
    curves = _curves(experiment, args)
    data = args.out / "data"
    path = data / f"{experiment.name}.csv"
    from quantum_advantage.study.counts import Counts
    from quantum_advantage.study.summary import (
        accuracy_curves,
        exponents,
        point_of,
        write_summary,
    )
    from quantum_advantage.tasks.registry import load_task

    places = Places(experiment.name, args)
    if args.dry_run:
        print_work(_ladders(experiment, args, curves, places), args.trials)
        return 0
    counts = Counts(experiment.name, path)
    if args.draw:
        if not list(counts):
            raise ValueError(f"--draw finds nothing in {path}; run without it first")
    else:
        _refuse_chains(curves, args, places)
        places.fly(
            (places.name(curve.backend, n <= curve.circuits_to), n)
            for curve in curves
            for n in curve.qubits
        )
        ladders = _ladders(experiment, args, curves, places)
        make_folder(data, args.out)
        _collect(experiment, args, ladders, counts, places)
    from quantum_advantage.plots import render

    shown = list(experiment.full) + list(experiment.curves) + curves
    targets = _targets(shown)
    curves_there = accuracy_curves(counts)
    all_points = [
        (curve.key, point_of(experiment.name, curve, target))
        for curve in curves_there
        for target in targets(curve.key)
    ]

    tasks = {str(load_task(curve.task or args.task)) for curve in shown}
    wanted = [args.backend] if args.backend else [read_backend(c.backend) for c in shown]

    def belongs(key: CurveKey) -> bool:
        """Tells whether a curve of the file is of this task, seed and place."""
        there = read_backend(key.backend)
        same_place = any(_same_place(name, there, args.drop_outliers) for name in wanted)
        return key.task in tasks and key.seed == args.seed and same_place

    points = [point for key, point in all_points if belongs(key)]
    if not points:
        raise ValueError(
            f"{path} holds no whole batch that is asked for, of {args.task} with seed "
            f"{args.seed}, run with the same --backend and --drop-outliers"
        )
    write_summary((p for _, p in all_points), data / f"{experiment.name}_summary.csv")
    curves_drawn = [curve for curve in curves_there if belongs(curve.key)]
    render(lambda: draw(FigureData(points, curves_drawn)), args.out / experiment.name)
    print_points(points)
    least = {parse(curve.protocol)[0]: curve.fit_from for curve in reversed(shown)}
    fitted = [c for c in curves_drawn if c.key.qubits >= least.get(parse(c.key.protocol)[0], 1)]
    print_exponents(exponents(fitted, targets))
    return 0
