"""The harness of the experiments: collection, resume, summary, figure.

A script declares an :class:`Experiment` and what draws its figures and calls :func:`run_script`;
from Python :func:`run` collects the same and returns it. At import this module needs the standard
library alone, so that ``--help`` and a wrong argument answer at once; everything else is loaded
when something runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.core.endings import prepare_process, run_to_its_end
from quantum_advantage.core.naming import parse
from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.declaration import AccuracyData, Curve, ErrorData, Experiment
from quantum_advantage.experiment.options import (
    Options,
    parser_of,
    read_options,
    refuse_idle_of_processors,
    refuse_idle_protocols,
)
from quantum_advantage.experiment.progress import collecting
from quantum_advantage.experiment.report import (
    print_accuracy_work,
    print_error_work,
    print_estimates,
    print_exponents,
    print_points,
    print_service_prices,
)
from quantum_advantage.experiment.venues import Venues, check_folder, make_folder, same_venue

if TYPE_CHECKING:
    import cirq
    from matplotlib.figure import Figure

    from quantum_advantage.study import spec as specs
    from quantum_advantage.study.accuracy import Point
    from quantum_advantage.study.dataset import Dataset
    from quantum_advantage.study.errors import EstimatePoint

    Draw = Callable[[Any], Figure]
    Draws = Mapping[str, Draw]
    Belongs = Callable[[specs.Spec | specs.CurveSpec], bool]
    Targets = Callable[[specs.CurveSpec], list[float]]


def run_script(
    experiment: Experiment, draw: Draw | Draws, arguments: Sequence[str] | None = None
) -> int:
    """Runs an experiment script.

    Args:
        experiment: What is swept.
        draw: Draws the figure from what is on disk: from :class:`AccuracyData` where sample
            complexities are searched for, from :class:`ErrorData` where budgets are fixed. The
            figure has the experiment's name; where there are several, a mapping from their names
            to what draws them.
        arguments: The command line; ``sys.argv`` by default.

    Returns:
        The exit status: 0, or 2 after a mistake that one line on standard error explains, or 130
        after Ctrl-C.
    """
    prepare_process()
    parser = parser_of(experiment)
    args = parser.parse_args(arguments)
    draws = draw if isinstance(draw, Mapping) else {experiment.name: draw}
    return run_to_its_end(
        parser.prog, lambda: _run_script(experiment, draws, read_options(experiment, args))
    )


def _run_script(experiment: Experiment, draws: Draws, options: Options) -> int:
    from quantum_advantage.experiment.work import curves_of

    curves = curves_of(experiment, options)
    if not options.dry_run:
        check_folder(options.out)
    shown = list(dict.fromkeys((*experiment.full, *experiment.curves, *curves)))
    venues = Venues(experiment.name, options)
    # Estimates read no damping of single pairs, and have no preflight.
    on_pairs = shown if options.draw else curves
    pairs = _pairs(on_pairs, options, venues) if experiment.searches else []
    refuse_idle_of_processors(options, [name for name, _ in pairs])
    if options.dry_run:
        _print_work(experiment, options, curves, venues)
        return 0
    if options.draw:
        refuse_idle_protocols(options, curves, (*experiment.full, *experiment.curves))
    dataset = _dataset(experiment, options.out / "data" / f"{experiment.name}.csv")
    if not options.draw:
        _collect(experiment, options, curves, venues, dataset, pairs)
    elif not list(dataset):
        raise UsageError(f"--draw finds nothing in {dataset.path}; run without it first")
    belongs = _belonging(options, shown)
    finish = _finish_accuracies if experiment.searches else _finish_errors
    finish(experiment, draws, options, shown, dataset, belongs)
    return 0


def run(
    experiment: Experiment,
    *,
    out: str | Path | None = None,
    report: Callable[[str], None] | None = None,
    **asked: Any,
) -> AccuracyData | ErrorData:
    """Runs an experiment from Python and returns what its figure is drawn from.

    Args:
        experiment: What is swept.
        out: The folder of the data, which a later call adds to; by default they stay in memory.
        report: Takes lines about the price of a long run and how far it is; by default they go
            to standard error.
        **asked: What is asked, by the names of :class:`~quantum_advantage.experiment.options.
            Options`: ``size`` ('quick', 'default' or 'full'), ``qubits``, ``protocols``,
            ``backend``, ``task``, ``target``, ``trials``, ``games``, ``max_copies``, ``seed``,
            ``workers``, ``cluster``.

    Returns:
        The summary with the curves or the single estimates behind it, as values and as data frames.

    Raises:
        UsageError: If something cannot be played, or an argument is none.
        OSError: If data cannot be read or written.

    Example:
        >>> from quantum_advantage import Curve, Experiment, run
        >>> curves = [Curve("bell", (2, 3))]
        >>> sweep = Experiment("mine", "", "observables", curves, trials=100, batch_size=5)
        >>> found = run(sweep, report=lambda line: None)
        >>> found
        AccuracyData(2 points, 2 curves)
        >>> found.points_frame().qubits.tolist()
        [2, 3]
    """
    from quantum_advantage.experiment.asked import options_of
    from quantum_advantage.experiment.targets import targets_of
    from quantum_advantage.experiment.work import curves_of

    options = options_of(experiment, out, asked)
    curves = curves_of(experiment, options)
    venues = Venues(experiment.name, options)
    pairs = _pairs(curves, options, venues) if experiment.searches else []
    refuse_idle_of_processors(options, [name for name, _ in pairs])
    path = None if out is None else options.out / "data" / f"{experiment.name}.csv"
    if path is not None:
        check_folder(options.out)
    dataset = _dataset(experiment, path)
    _collect(experiment, options, curves, venues, dataset, pairs, report)
    belongs = _belonging(options, curves)
    if experiment.searches:
        return _accuracies(experiment, targets_of(curves), dataset, belongs)[1]
    return _errors(dataset, belongs)[1]


def _dataset(experiment: Experiment, path: Path | None) -> Dataset[Any]:
    from quantum_advantage.study.kinds import decisions, estimates

    return (decisions if experiment.searches else estimates)(experiment.name, path)


def _print_work(
    experiment: Experiment, options: Options, curves: Sequence[Curve], venues: Venues
) -> None:
    from quantum_advantage.experiment.work import wanted_of

    first = [one.first for one in wanted_of(experiment, options, curves, venues)]
    print_work = print_accuracy_work if experiment.searches else print_error_work
    print_work(first, options.trials, options.workers)
    if venues.own is not None:
        print_service_prices(first, options.trials, venues.own)


def _collect(
    experiment: Experiment,
    options: Options,
    curves: Sequence[Curve],
    venues: Venues,
    dataset: Dataset[Any],
    pairs: Iterable[tuple[BackendName, int]],
    write: Callable[[str], None] | None = None,
) -> None:
    """Collects what is missing, after the preflights of the processors that are used."""
    from quantum_advantage.experiment.work import refuse_chains, wanted_of
    from quantum_advantage.study.engine import collect

    refuse_chains(curves, options, venues)
    venues.run_preflights(pairs)
    venues.run_chain_preflights(_circuits("chain", curves, options, venues))
    venues.hold_blocks(_circuits("grid", curves, options, venues))
    wanted = wanted_of(experiment, options, curves, venues)
    if dataset.path is not None:
        make_folder(dataset.path.parent, options.out)
        venues.keep_calibrations(one.first.backend_name for one in wanted)
    collecting(dataset, options, venues, partial(collect, wanted, dataset, options.trials), write)


def _pairs(
    curves: Iterable[Curve], options: Options, venues: Venues
) -> list[tuple[BackendName, int]]:
    """Returns where curves run whose circuits couple pairs alone, and on how many."""
    from quantum_advantage.tasks.registry import load_task

    found = []
    for curve in curves:
        task = load_task(curve.task or options.task)
        if task.couplings(curve.protocol) == "pairs":
            found += [(venues.name(curve.backend, curve.by_circuits(n)), n) for n in curve.qubits]
    return found


def _circuits(
    kind: str, curves: Iterable[Curve], options: Options, venues: Venues
) -> Iterator[tuple[BackendName, cirq.Circuit]]:
    """Yields where on processors curves run whose circuits couple so, and these circuits."""
    from quantum_advantage.tasks.registry import load_task

    for curve in curves:
        task = load_task(curve.task or options.task)
        if task.couplings(curve.protocol) == kind:
            for n in curve.qubits:
                if (name := venues.name(curve.backend, curve.by_circuits(n))).on_device:
                    yield name, task.circuit(curve.protocol, n)


def _belonging(options: Options, shown: Sequence[Curve]) -> Belongs:
    """Returns what tells whether rows of the file are of these tasks, this seed and this venue."""
    from quantum_advantage.tasks.registry import load_task

    tasks = {str(load_task(curve.task or options.task)) for curve in shown}
    wanted = [options.backend] if options.backend else [read_backend(c.backend) for c in shown]

    def belongs(played: specs.Spec | specs.CurveSpec) -> bool:
        there = played.backend_name
        here = any(same_venue(name, there, options.drop_outliers) for name in wanted)
        return played.task in tasks and played.seed == options.seed and here

    return belongs


def _nothing(options: Options, dataset: Dataset[Any], alike: str) -> UsageError:
    return UsageError(
        f"{dataset.path} holds no whole batch that is asked for, of {options.task} with seed "
        f"{options.seed}, run with the same {alike}"
    )


def _accuracies(
    experiment: Experiment, targets: Targets, dataset: Dataset[Any], belongs: Belongs
) -> tuple[list[Point], AccuracyData]:
    """Returns the points of all curves, and the points and curves of those that belong here."""
    from quantum_advantage.study.accuracy import accuracy_curves, point_of

    there = accuracy_curves(dataset)
    points = [
        (curve.key, point_of(experiment.name, curve, target))
        for curve in there
        for target in targets(curve.key)
    ]
    here = AccuracyData(
        [point for key, point in points if belongs(key)],
        [curve for curve in there if belongs(curve.key)],
    )
    return [point for _, point in points], here


def _render(draws: Draws, data: AccuracyData | ErrorData, out: Path) -> None:
    from quantum_advantage.plots import render

    for name, draw in draws.items():
        render(partial(draw, data), out / name)


def _finish_accuracies(
    experiment: Experiment,
    draws: Draws,
    options: Options,
    shown: Sequence[Curve],
    dataset: Dataset[Any],
    belongs: Belongs,
) -> None:
    """Summarises, draws and prints sample complexities and how they grow."""
    from quantum_advantage.experiment.targets import targets_of
    from quantum_advantage.study.accuracy import exponents, write_summary

    targets = targets_of(shown)
    all_points, data = _accuracies(experiment, targets, dataset, belongs)
    if not data.points:
        raise _nothing(options, dataset, "--backend and --drop-outliers")
    write_summary(all_points, options.out / "data" / f"{experiment.name}_summary.csv")
    _render(draws, data, options.out)
    # The summary and the figure also hold the declared targets, as far as the file knows them.
    asked = options.target or {point.target for point in data.points}
    print_points([point for point in data.points if point.target in asked])
    least = {parse(curve.protocol)[0]: curve.fit_from for curve in reversed(shown)}
    fitted = [c for c in data.curves if c.key.qubits >= least.get(parse(c.key.protocol)[0], 1)]
    print_exponents(exponents(fitted, lambda key: [t for t in targets(key) if t in asked]))


def _errors(dataset: Dataset[Any], belongs: Belongs) -> tuple[list[EstimatePoint], ErrorData]:
    """Returns the points of all specs, and the points and rows of those that belong here."""
    from quantum_advantage.study.errors import summarise_estimates

    points = summarise_estimates(dataset)
    here = ErrorData(
        [point for spec, point in points if belongs(spec)],
        [row for row in dataset if belongs(row.spec)],
    )
    return [point for _, point in points], here


def _finish_errors(
    experiment: Experiment,
    draws: Draws,
    options: Options,
    shown: Sequence[Curve],
    dataset: Dataset[Any],
    belongs: Belongs,
) -> None:
    """Summarises, draws and prints estimates and their errors."""
    from quantum_advantage.study.errors import write_estimates

    all_points, data = _errors(dataset, belongs)
    if not data.points:
        raise _nothing(options, dataset, "--backend")
    write_estimates(all_points, options.out / "data" / f"{experiment.name}_summary.csv")
    _render(draws, data, options.out)
    print_estimates(data.points)
