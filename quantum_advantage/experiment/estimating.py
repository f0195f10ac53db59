"""The harness of the scripts that estimate: collection, resume, summary, figure.

A script declares an :class:`Estimation` and a ``draw`` function and calls :func:`run_estimation`.
At import this module needs the standard library alone, so that ``--help`` and a wrong argument
answer at once; everything else is loaded when something runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from quantum_advantage.backends.names import read_backend
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
from quantum_advantage.experiment.report import print_estimates, print_estimating
from quantum_advantage.experiment.venues import Places, check_folder, make_folder
from quantum_advantage.study.spec import Spec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from quantum_advantage.study.estimate_summary import EstimatePoint
    from quantum_advantage.study.estimates import EstimateRow


@dataclass(frozen=True)
class Series:
    """One protocol of an estimating experiment, over sizes and numbers of copies.

    Attributes:
        protocol: The protocol's name.
        qubits: The numbers of qubits n.
        copies: The numbers of copies; each has records of its own.
        backend: Where it runs unless the command line names another place.
        task: The task's full name, if it is not the experiment's.
    """

    protocol: str
    qubits: tuple[int, ...]
    copies: tuple[int, ...]
    backend: str = "auto"
    task: str = ""


@dataclass(frozen=True)
class Estimation:
    """What a script that estimates declares.

    Attributes:
        name: The stem of its files.
        about: One line for ``--help``.
        task: The task's full name.
        series: What is estimated at the default size.
        quick: The same at the smallest size.
        full: What the committed figure is drawn from.
        systems: Systems for each point.
        batch: Systems in a batch, part of every result's identity.
    """

    name: str
    about: str
    task: str
    series: tuple[Series, ...]
    quick: tuple[Series, ...]
    full: tuple[Series, ...]
    systems: int
    batch: int = 1


@dataclass(frozen=True, eq=False)
class EstimationData:
    """What a figure is drawn from: nothing but the estimates on disk.

    Attributes:
        points: The summary.
        rows: The single estimates behind it.
    """

    points: Sequence[EstimatePoint]
    rows: Sequence[EstimateRow]


def run_estimation(
    estimation: Estimation,
    draw: Callable[[EstimationData], Figure],
    arguments: Sequence[str] | None = None,
) -> int:
    """Runs a script that estimates.

    Args:
        estimation: What is estimated.
        draw: Draws the figure from what is on disk.
        arguments: The command line; ``sys.argv`` by default.

    Returns:
        The exit status: 0, or 2 after a mistake that one line on standard error explains, or 130
        after Ctrl-C.
    """
    parser = script_parser(
        estimation.name, estimation.about, estimation.task, estimation.systems, "systems"
    )
    return run_parsed(parser, partial(_run, estimation, draw), arguments)


def _specs(
    estimation: Estimation, args: argparse.Namespace, chosen: Sequence[Series], places: Places
) -> list[Spec]:
    from quantum_advantage.tasks.registry import load_estimation

    specs = []
    for series in chosen:
        task = load_estimation(series.task or args.task)
        for n in series.qubits:
            backend = places.name(series.backend, circuits=task.HAS_CIRCUITS)
            protocol = task.resolve(series.protocol, n)
            for copies in series.copies:
                if copies <= args.max_copies:
                    task.check(protocol, n, copies, circuits=backend.base != "law")
                    specs.append(
                        Spec(
                            str(task),
                            protocol,
                            n,
                            str(backend),
                            copies,
                            estimation.batch,
                            args.seed,
                        )
                    )
    if not specs:
        raise UsageError(f"--max-copies {args.max_copies} leaves nothing to estimate")
    return list(dict.fromkeys(specs))


def _run(
    estimation: Estimation, draw: Callable[[EstimationData], Figure], args: argparse.Namespace
) -> int:
    sized = estimation.quick if args.quick else estimation.full if args.full else estimation.series
    chosen = chosen_curves(estimation.name, sized, estimation.full, args)
    if not args.dry_run:
        check_folder(args.out)
    places = Places(estimation.name, args)
    data = args.out / "data"
    path = data / f"{estimation.name}.csv"
    from quantum_advantage.study.estimate_summary import summarise_estimates, write_estimates
    from quantum_advantage.study.estimates import Estimates
    from quantum_advantage.study.estimating import collect_estimates
    from quantum_advantage.tasks.registry import load_estimation

    # No preflight here: estimates read no damping of single pairs.
    refuse_idle_of_processors(args, ())
    refuse_many_batches(args, estimation.batch)
    if args.dry_run:
        specs = _specs(estimation, args, chosen, places)
        print_estimating(specs, args.trials, args.workers)
        return 0
    if args.draw:
        refuse_idle_protocols(args, chosen, (*estimation.full, *estimation.series))
    estimates = Estimates(estimation.name, path)
    if args.draw:
        if not list(estimates):
            raise UsageError(f"--draw finds nothing in {path}; run without it first")
    else:
        refuse_chains(
            chosen, lambda task, protocol: load_estimation(task).couplings(protocol), args, places
        )
        specs = _specs(estimation, args, chosen, places)
        places.hold_chains(
            (places.name(series.backend, circuits=True), n)
            for series in chosen
            if load_estimation(series.task or args.task).couplings(series.protocol) == "chain"
            for n in series.qubits
        )
        make_folder(data, args.out)
        collect = partial(collect_estimates, specs, estimates, args.trials)
        collecting(estimates, args, places, collect)
    from quantum_advantage.plots import render

    shown = [*estimation.full, *estimation.series, *chosen]
    tasks = {str(load_estimation(series.task or args.task)) for series in shown}
    wanted = [args.backend] if args.backend else [read_backend(s.backend) for s in shown]

    def belongs(spec: Spec) -> bool:
        """Tells whether results of the file are of these tasks, this seed and this place."""
        there = read_backend(spec.backend)
        here = any(same_place(name, there, args.drop_outliers) for name in wanted)
        return spec.task in tasks and spec.seed == args.seed and here

    everything = summarise_estimates(estimates)
    points = [point for spec, point in everything if belongs(spec)]
    if not points:
        raise UsageError(
            f"{path} holds no whole batch that is asked for, of {args.task} with seed "
            f"{args.seed}, run with the same --backend"
        )
    write_estimates((p for _, p in everything), data / f"{estimation.name}_summary.csv")
    rows = [row for row in estimates if belongs(row.spec)]
    render(lambda: draw(EstimationData(points, rows)), args.out / estimation.name)
    print_estimates(points)
    return 0
