"""From the declared curves and what is asked to the specs that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.names import BackendName
from quantum_advantage.core.naming import parse
from quantum_advantage.core.usage import UsageError, did_you_mean
from quantum_advantage.experiment.declaration import Curve, Experiment, Search
from quantum_advantage.experiment.options import Options, refuse_many_batches
from quantum_advantage.experiment.venues import Venues
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.wanted import Fixed, Ladder
from quantum_advantage.tasks.base import DecidingTask, Task
from quantum_advantage.tasks.registry import load_task


def curves_of(experiment: Experiment, options: Options) -> list[Curve]:
    """Returns the curves that are asked for.

    Args:
        experiment: What is swept.
        options: What is asked.

    Raises:
        UsageError: If the experiment has no such protocol, or --task would change nothing.
    """
    sizes = {"quick": experiment.quick, "default": experiment.curves, "full": experiment.full}
    full, curves = experiment.full, list(sizes[options.size])
    if options.protocols:
        declared = {parse(c.protocol)[0]: c for c in full}
        declared |= {parse(c.protocol)[0]: c for c in curves}
        declared |= {c.protocol: c for c in curves}
        chosen: list[Curve] = []
        for wanted in options.protocols:
            bare = wanted.partition(":")[0]
            if bare not in declared:
                names = dict.fromkeys(parse(c.protocol)[0] for c in full)
                raise UsageError(
                    f"unknown protocol {wanted!r} in --protocols; {experiment.name} has "
                    f"{', '.join(names)}{did_you_mean(bare, names)}"
                )
            same = [c for c in curves if parse(c.protocol)[0] == bare and wanted == bare]
            chosen += same or [replace(declared.get(wanted, declared[bare]), protocol=wanted)]
        curves = chosen
    if options.task != experiment.task and all(curve.task for curve in curves):
        own = ", ".join(dict.fromkeys(str(curve.task) for curve in curves))
        raise UsageError(
            f"--task {options.task} would change nothing: all that is asked for has a task of its "
            f"own, {own}; leave it out"
        )
    if options.qubits:
        curves = [replace(curve, qubits=options.qubits) for curve in curves]
    if options.backend:
        curves = [replace(curve, backend="auto") for curve in curves]
    if options.target:
        curves = [_with_targets(curve, options.target) for curve in curves]
    return list(dict.fromkeys(curves))


def _with_targets(curve: Curve, targets: tuple[float, ...]) -> Curve:
    if not isinstance(curve.budgets, Search):
        raise UsageError("target has no meaning where the budgets are fixed; leave it out")
    return replace(curve, budgets=replace(curve.budgets, targets=targets))


def refuse_chains(curves: Iterable[Curve], options: Options, venues: Venues) -> None:
    """Refuses what a processor could not run, before its preflight costs anything.

    Args:
        curves: The curves.
        options: What is asked.
        venues: Where they run.

    Raises:
        ValueError: If a curve of a processor couples more than pairs, a chain of systems or a grid.
    """
    for curve in curves:
        task = curve.task or options.task
        backend = venues.name(curve.backend, circuits=True)
        if backend.base == "qvm":
            from quantum_advantage.backends.devices.virtual import virtual_device

            # A name that no processor has is told first.
            virtual_device(backend.processor, backend.digest)
        if backend.on_device and load_task(task).couplings(curve.protocol) == "more":
            raise UsageError(
                f"task {task} does not run on {backend.base}: {curve.protocol} would couple qubits "
                "of a copy, or reset them, and only pairs, and protocols on a chain or a grid of "
                "pairs, are placed; use qsim"
            )


def wanted_of(
    experiment: Experiment, options: Options, curves: Sequence[Curve], venues: Venues
) -> list[Ladder | Fixed]:
    """Returns what is to be collected, checked before anything runs.

    Args:
        experiment: What is swept.
        options: What is asked.
        curves: The chosen curves.
        venues: Where they run.

    Raises:
        UsageError: If something cannot be played, or nothing is left to play.
    """
    wanted: list[Ladder | Fixed] = []
    for curve in curves:
        task = load_task(curve.task or options.task)
        games = options.games or curve.batch_size or experiment.batch_size
        refuse_many_batches(options, games)
        for n in curve.qubits:
            name = venues.name(curve.backend, task.HAS_CIRCUITS and curve.by_circuits(n))
            spec = Spec(str(task), curve.protocol, n, str(name), 0, games, options.seed)
            if isinstance(curve.budgets, Search):
                _check(task, spec, name)
                damping = venues.damping(name, n)
                wanted += _ladders(task, spec, curve.budgets, options, damping)
            else:
                wanted += _fixed(task, spec, curve.budgets.copies, options, name)
    if not wanted:
        if not any(curve.qubits for curve in curves):
            raise UsageError("no curve that is asked for has a number of qubits; name some")
        raise UsageError(f"--max-copies {options.max_copies} leaves nothing to estimate")
    return list(dict.fromkeys(wanted))


def _ladders(
    task: Task,
    spec: Spec,
    search: Search,
    options: Options,
    damping: npt.NDArray[np.float64] | None,
) -> list[Ladder]:
    """Returns the searches of one protocol at one n, one for each target."""
    if not isinstance(task, DecidingTask):
        raise UsageError(f"task {task} estimates; it has no target to search for")
    n, most = spec.qubits, min(search.max_copies, options.max_copies)
    ladders = []
    for target in search.targets:
        protocol = task.resolve(spec.protocol, n, target)
        budget = task.first_budget(protocol, n, target, damping)
        least = task.copies_per_shot(protocol, n)
        if most < least:
            raise UsageError(
                f"--max-copies {most} is less than the {least} copies of one shot of {protocol}; "
                "allow more, or choose other protocols"
            )
        budget = max(min(budget, most), least)
        ladders.append(Ladder(replace(spec, protocol=protocol, budget=budget), target, most))
    return ladders


def _fixed(
    task: Task, spec: Spec, copies: Iterable[int], options: Options, name: BackendName
) -> list[Fixed]:
    """Returns the budgets of one protocol at one n that are allowed, none of them too small."""
    allowed = [budget for budget in copies if budget <= options.max_copies]
    _check(task, spec, name, min(allowed, default=None))
    protocol = task.resolve(spec.protocol, spec.qubits)
    return [Fixed(replace(spec, protocol=protocol, budget=budget)) for budget in allowed]


def _check(task: Task, spec: Spec, name: BackendName, copies: int | None = None) -> None:
    circuits = name.base != "law"
    task.check(spec.protocol, spec.qubits, copies, circuits=circuits, noise=name.noisy)
