"""The harness of the scripts that measure accuracy: collection, resume, summary, figure.

A script declares an :class:`Experiment` and a ``draw`` function and calls :func:`run_script`. At
import this module needs the standard library alone, so that ``--help`` and a wrong argument answer
at once; everything else is loaded when something runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.core.arguments import MOST_GAMES, OneLineParser, at_least, read_targets
from quantum_advantage.core.naming import parse
from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.options import (
    chosen_curves,
    refuse_chains,
    refuse_idle_of_processors,
    refuse_idle_protocols,
    refuse_many_batches,
    run_parsed,
    same_place,
    script_parser,
)
from quantum_advantage.experiment.progress import collecting
from quantum_advantage.experiment.report import print_exponents, print_points, print_work
from quantum_advantage.experiment.venues import Places, check_folder, make_folder
from quantum_advantage.study.spec import Spec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from quantum_advantage.study.collect import Ladder
    from quantum_advantage.study.summary import AccuracyCurve, CurveKey, Point
    from quantum_advantage.tasks.base import Task


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


def _parser(experiment: Experiment) -> OneLineParser:
    parser = script_parser(
        experiment.name, experiment.about, experiment.task, experiment.trials, "trials"
    )
    add = parser.add_argument
    add(
        "--games",
        type=at_least(1, MOST_GAMES),
        metavar="G",
        help=f"in a batch, default {experiment.games}",
    )
    add("--target", type=read_targets, metavar="A", help="accuracies, as 0.7 or 0.7,0.9")
    return parser


def _curves(experiment: Experiment, args: argparse.Namespace) -> list[Curve]:
    sized = experiment.quick if args.quick else experiment.full if args.full else experiment.curves
    curves = chosen_curves(experiment.name, sized, experiment.full, args)
    if args.target:
        curves = [replace(curve, targets=args.target) for curve in curves]
    return list(dict.fromkeys(curves))


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
                refuse_many_batches(args, games)
                first = Spec(str(task), protocol, n, str(backend), budget, games, args.seed)
                ladders.append(Ladder(first, target, most))
    return ladders


def _targets(curves: Iterable[Curve]) -> Callable[[CurveKey], Iterable[float]]:
    """Returns which targets are read from a curve found in the file.

    A curve of a protocol whose options depend on the target is read at the targets that it fits. A
    curve with a task of its own is read at the targets that were declared with that task.
    """
    from quantum_advantage.tasks.registry import load_task

    def same(task: Task, declared: str, key: CurveKey, target: float) -> bool:
        if key.protocol == declared:
            return True
        try:
            return key.protocol == task.resolve(declared, key.qubits, target)
        except ValueError:
            # Declared for other n, as a memory of more qubits than there are.
            return False

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
                and same(task, protocol, key, target)
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
    return run_parsed(_parser(experiment), partial(_run, experiment, draw), arguments)


def _run(
    experiment: Experiment, draw: Callable[[FigureData], Figure], args: argparse.Namespace
) -> int:
    curves = _curves(experiment, args)
    data = args.out / "data"
    path = data / f"{experiment.name}.csv"
    from quantum_advantage.study.collect import collect
    from quantum_advantage.study.counts import Counts
    from quantum_advantage.study.summary import (
        accuracy_curves,
        exponents,
        point_of,
        write_summary,
    )
    from quantum_advantage.tasks.registry import load_task

    if not args.dry_run:
        check_folder(args.out)
    places = Places(experiment.name, args)
    shown = list(dict.fromkeys((*experiment.full, *experiment.curves, *curves)))

    def coupling(kind: str, among: Iterable[Curve]) -> list[tuple[BackendName, int]]:
        return [
            (places.name(curve.backend, n <= curve.circuits_to), n)
            for curve in among
            if load_task(curve.task or args.task).couplings(curve.protocol) == kind
            for n in curve.qubits
        ]

    pairs = coupling("pairs", shown if args.draw else curves)
    refuse_idle_of_processors(args, [name for name, _ in pairs])
    if args.dry_run:
        print_work(_ladders(experiment, args, curves, places), args.trials, args.workers)
        return 0
    if args.draw:
        refuse_idle_protocols(args, curves, (*experiment.full, *experiment.curves))
    counts = Counts(experiment.name, path)
    if args.draw:
        if not list(counts):
            raise UsageError(f"--draw finds nothing in {path}; run without it first")
    else:
        refuse_chains(curves, lambda task, name: load_task(task).couplings(name), args, places)
        places.fly(pairs)
        places.hold_chains(coupling("chain", curves))
        ladders = _ladders(experiment, args, curves, places)
        make_folder(data, args.out)
        collecting(counts, args, places, partial(collect, ladders, counts, args.trials))
    from quantum_advantage.plots import render

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
        here = any(same_place(name, there, args.drop_outliers) for name in wanted)
        return key.task in tasks and key.seed == args.seed and here

    points = [point for key, point in all_points if belongs(key)]
    if not points:
        raise UsageError(
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
