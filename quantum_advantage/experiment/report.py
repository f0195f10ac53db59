"""What the experiment scripts print: the list of work, its cost on a processor, the results.

At import this module needs the standard library alone.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.spec import Spec

# Circuits of more pairs take long to build, only to be counted.
_MOST_BUILT = 60

if TYPE_CHECKING:
    from quantum_advantage.backends.backend import Backend
    from quantum_advantage.study.accuracy import Exponent, Point
    from quantum_advantage.study.errors import EstimatePoint


def print_accuracy_work(firsts: Sequence[Spec], trials: int, workers: int) -> None:
    """Prints what would run: specs, circuits, shots and a rough time."""
    from quantum_advantage.study.price import batch_seconds
    from quantum_advantage.study.wanted import batches_of
    from quantum_advantage.tasks.registry import load_task

    out = sys.stdout.write
    out(f"{'protocol':32s}{'n':>4s}  {'backend':20s}{'budget':>12s}{'qubits':>8s}{'2q gates':>9s}")
    out(f"{'shots':>12s} {'seconds':>9s}  spec\n")
    specs = dict.fromkeys(firsts)
    wanted = {spec: batches_of(spec, trials) for spec in specs}
    for spec, batches in wanted.items():
        task = load_task(spec.task)
        per_shot = task.copies_per_shot(spec.protocol, spec.qubits)
        shots = batches * spec.batch_size * (spec.budget // per_shot)
        cost = batches * batch_seconds(spec)
        size, gates = _size_and_gates(spec)
        out(f"{spec.protocol:32s}{spec.qubits:4d}  {spec.backend:20.20s}{spec.budget:12d}")
        out(f"{size:>8s}")
        out(f"{gates:>9s}{shots:12.3g} {cost:9.3g}  {spec.id}\n")
    out(f"first rungs: {_time_of(wanted, workers)}; later rungs, if needed, four times each\n")
    _print_jobs([spec for spec in specs if spec.backend_name.on_device], trials)


def print_error_work(specs: Sequence[Spec], systems: int, workers: int) -> None:
    """Prints what would be estimated: specs, circuits, systems and a rough time."""
    from quantum_advantage.study.price import batch_seconds
    from quantum_advantage.study.wanted import batches_of

    out = sys.stdout.write
    out(f"{'protocol':34s}{'n':>4s}  {'backend':20s}{'copies':>10s}{'qubits':>8s}{'2q gates':>9s}")
    out(f"{'systems':>9s}{'seconds':>9s}  task and spec\n")
    wanted = {spec: batches_of(spec, systems) for spec in specs}
    for spec, batches in wanted.items():
        of_point = batches * spec.batch_size
        cost = batches * batch_seconds(spec)
        size, gates = _size_and_gates(spec)
        out(f"{spec.protocol:34s}{spec.qubits:4d}  {spec.backend:20.20s}{spec.budget:10d}")
        out(f"{size:>8s}{gates:>9s}{of_point:9d}{cost:9.3g}  ")
        out(f"{spec.task} {spec.id}\n")
    out(f"{_time_of(wanted, workers)}\n")


def _size_and_gates(spec: Spec) -> tuple[str, str]:
    """Returns the qubits and the gates between two of them of one circuit, as text."""
    if spec.source != "circuit" or spec.qubits > _MOST_BUILT:
        return "-", "-"
    return _built(spec.task, spec.protocol, spec.qubits)


@cache
def _built(task: str, protocol: str, qubits: int) -> tuple[str, str]:
    from quantum_advantage.tasks.registry import load_task

    circuit = load_task(task).circuit(protocol, qubits)
    gates = sum(len(op.qubits) == 2 for op in circuit[:-1].all_operations())
    return str(len(circuit.all_qubits())), str(gates)


def _time_of(wanted: Mapping[Spec, int], workers: int) -> str:
    """Returns roughly how long batches take, on one core and on so many workers."""
    from quantum_advantage.study.price import Clock, duration

    one, all_of_them = Clock().left(wanted), Clock(workers).left(wanted)
    text = f"some {duration(one)} of one core"
    return text if workers == 1 else f"{text}, {duration(all_of_them)} on {workers} workers"


def print_estimates(points: Iterable[EstimatePoint]) -> None:
    """Prints mean estimates beside the truth, their errors and how often intervals cover."""
    out = sys.stdout.write
    out(f"{'protocol':34s}{'n':>4s}{'copies':>9s}  {'quantity':20s}{'mean':>9s}{'truth':>9s}")
    out(f"{'rms error':>11s}{'95 % interval':>22s}{'covered':>9s}  task\n")
    for p in points:
        spread = "-" if p.rmse_low is None else f"{p.rmse_low:.3g} to {p.rmse_high:.3g}"
        out(f"{p.spec.protocol:34s}{p.spec.qubits:4d}{p.copies:9d}  {p.quantity:20s}{p.value:9.4f}")
        out(f"{p.truth:9.4f}{p.rmse:11.3g}{spread:>22s}{p.covered:9.1%}  {p.spec.task}\n")


def _print_jobs(specs: Sequence[Spec], trials: int) -> None:
    """Prints what the specs of processors would cost there, by Google's own estimate."""
    if not specs:
        return
    from quantum_advantage.backends.devices.packing import MOST_SECONDS
    from quantum_advantage.circuits.sweeps import MOST_REPETITIONS
    from quantum_advantage.preflight.costs import run_cost
    from quantum_advantage.preflight.processors import stand_in
    from quantum_advantage.study.wanted import batches_of

    out = sys.stdout.write
    out("\non the processor, without the preflight:\n")
    engines = {spec.backend_name for spec in specs}
    for processor in sorted({name.processor for name in engines if name.base == "engine"}):
        out(f"({processor} is not asked: the virtual {stand_in(processor)} stands in for it)\n")
    out(f"{'protocol':32s}{'n':>4s}{'jobs':>10s}{'parameter sets':>16s}{'repetitions':>13s}")
    out(f"{'bytes/request':>15s}{'hours':>13s}\n")
    total = 0.0
    for spec in specs:
        cost = run_cost(spec, batches_of(spec, trials))
        total += cost.hours
        out(f"{spec.protocol:32s}{spec.qubits:4d}{cost.jobs:10.0f}")
        out(f"{cost.parameter_sets:16.6g}{cost.repetitions:13.6g}")
        out(f"{cost.request_bytes:15d}{cost.hours:13.2f}\n")
    out(f"some {total:.1f} hours of a processor, by Google's own estimate; --trials, --games and ")
    out("--qubits make it less\n")
    out(f"a job holds at most {MOST_REPETITIONS:,} repetitions and {MOST_SECONDS / 60:g} minutes, ")
    out("as the service takes it outside a reservation\n")


def print_service_prices(specs: Sequence[Spec], trials: int, backend: Backend) -> None:
    """Prints what specs would take of the service behind the user's own sampler."""
    from quantum_advantage.study.service_price import service_lines
    from quantum_advantage.study.wanted import batches_of

    wanted = {spec: batches_of(spec, trials) for spec in specs}
    for line in service_lines(backend)(wanted):
        sys.stdout.write(f"{line}\n")


def print_points(points: Iterable[Point]) -> None:
    """Prints sample complexities with their intervals, and what they are in whole shots.

    Where there are several tasks, each line ends with its own.
    """
    shown = list(points)
    several = len({p.spec.task for p in shown}) > 1
    width = max([len(p.spec.backend) for p in shown] + [len("backend")])
    out = sys.stdout.write
    out(f"{'protocol':32s}{'n':>4s} {'source':8s}{'target':>7s}{'copies':>12s}")
    out(f"{'95 % interval':>26s}{'whole shots':>13s}{'bound':>12s}  ")
    out(f"{'backend':{width}s}  task\n" if several else "backend\n")
    for p in shown:
        spec, spread = p.spec, f"{_cell(p.copies_low)} to {_cell(p.copies_high)}"
        out(f"{spec.protocol:32s}{spec.qubits:4d} {spec.source:8s}{p.target:7.2f}")
        out(f"{_cell(p.copies):>12s}{spread:>26s}{_cell(p.in_whole_shots):>13s}")
        out(f"{_cell(p.bound):>12s}  ")
        out(f"{spec.backend:{width}s}  {spec.task}\n" if several else f"{spec.backend}\n")


def print_exponents(exponents: Iterable[Exponent]) -> None:
    """Prints how the copies of each protocol grow, with the task where there are several."""
    shown = list(exponents)
    several = len({e.task for e in shown}) > 1
    for e in shown:
        sizes = ", ".join(map(str, e.qubits))
        fit = f"{e.fit.slope:+.3f} (95 % interval {e.fit.low:+.3f} to {e.fit.high:+.3f})"
        name = f"{e.protocol} on {e.place}" if e.place else e.protocol
        name += f" of {e.task}" if several else ""
        sys.stdout.write(
            f"log2(copies) per qubit, {name}, target {e.target:g}: {fit}, n = {sizes}\n"
        )


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


class _Form(NamedTuple):
    """How summaries of one kind are set side by side.

    Attributes:
        read: Reads one.
        head: The first line.
        keys: What tells its points apart: first the same elsewhere, then what may stand for it.
        name: The first cells of a point.
        values: Its value, and what is shown beside it.
        widths: Of the cells of the values here and there.
        spread: The ends of the interval.
        end: What follows them.
    """

    read: Callable[[Path], list[Any]]
    head: str
    keys: Callable[[Any], tuple[tuple[object, ...], ...]]
    name: Callable[[Any], str]
    values: Callable[[Any], tuple[float | None, ...]]
    widths: tuple[int, ...]
    spread: Callable[[Any], tuple[float | None, float | None]]
    end: Callable[[Any], str]


def _accuracy_keys(p: Point) -> tuple[tuple[object, ...], ...]:
    """Returns the point with its backend, and with the noise of the backend alone.

    Circuits may be compared with the exact law of the same experiment, one processor never with
    another.
    """
    from quantum_advantage.study.accuracy import noisy_place

    spec, place = p.spec, noisy_place(p.spec.backend)
    point = p.experiment, spec.task, spec.protocol, spec.qubits, p.target
    return (*point, spec.backend, ""), (*point, "", place)


def _whole_shots(p: Point) -> int | None:
    """Returns the copies in whole shots; None also where the task is not installed here."""
    try:
        return p.in_whole_shots
    except UsageError:
        return None


_VERDICTS = ("equal", "with intervals that meet", "apart", "without a committed one")


def compare(files: Iterable[Path], committed: Path) -> None:
    """Prints the points of summaries beside those of the same names elsewhere.

    Args:
        files: Summaries of sample complexities, which come first, and of estimates.
        committed: The folder of the others.

    Raises:
        UsageError: If a file is no summary.
        OSError: If one cannot be read.
    """
    found: list[str] = []
    for form, paths in _by_form(files).items():
        if matched := _matched(form, paths, committed):
            sys.stdout.write(form.head)
        for p, other in matched:
            sys.stdout.write(_compared(form, p, other))
            found.append(_verdict(form, p, other))
    counts = Counter(found)
    verdicts = (f"{counts[name]} {name}" for name in _VERDICTS)
    sys.stdout.write(f"{len(found)} points: {', '.join(verdicts)}\n")


def matched_points(files: Iterable[Path], committed: Path) -> list[tuple[Any, Any | None]]:
    """Returns the points of summaries, each with that of the same name elsewhere or None.

    Args:
        files: As for :func:`compare`.
        committed: Likewise.

    Raises:
        UsageError: If a file is no summary.
        OSError: If one cannot be read.
    """
    found = _by_form(files).items()
    return [both for form, paths in found for both in _matched(form, paths, committed)]


def _by_form(files: Iterable[Path]) -> dict[_Form, list[Path]]:
    """Returns the files of each kind, sample complexities first."""
    from quantum_advantage.study.accuracy import noisy_place, read_summary
    from quantum_advantage.study.errors import is_summary_of_estimates, read_estimates

    intervals = "  95 % interval here and there\n"
    accuracies = _Form(
        read_summary,
        f"{'experiment':24s}{'protocol':28s}{'n':>4s}{'target':>7s}{'copies here':>13s}"
        f"{'whole shots':>13s}{'committed':>12s}{'whole shots':>13s}{intervals}",
        _accuracy_keys,
        lambda p: f"{p.experiment:24s}{p.spec.protocol:28s}{p.spec.qubits:4d}{p.target:7.2f}",
        lambda p: (p.copies, _whole_shots(p)),
        (13, 13, 12, 13),
        attrgetter("copies_low", "copies_high"),
        lambda p: f", {p.spec.backend}" if noisy_place(p.spec.backend) else "",
    )
    errors = _Form(
        read_estimates,
        f"\n{'task':40s}{'protocol':46s}{'n':>4s}{'copies':>9s}  {'quantity':18s}"
        f"{'rms error here':>15s}{'committed':>12s}{intervals}",
        lambda p: ((p.experiment, p.spec, p.quantity, p.copies),),
        lambda p: (
            f"{p.spec.task:40s}{p.spec.protocol:46s}{p.spec.qubits:4d}{p.copies:9d}  "
            f"{p.quantity:18s}"
        ),
        lambda p: (p.rmse,),
        (15, 12),
        attrgetter("rmse_low", "rmse_high"),
        lambda p: "" if p.spec.backend == "qsim" else f", {p.spec.backend}",
    )
    by_form: dict[_Form, list[Path]] = {accuracies: [], errors: []}
    for path in files:
        by_form[errors if is_summary_of_estimates(path) else accuracies].append(path)
    return by_form


def _matched(form: _Form, files: Sequence[Path], committed: Path) -> list[tuple[Any, Any | None]]:
    """Returns the points of one kind, each with the one that it is compared with."""
    pairs = [(form.read(path), committed / path.name) for path in files]
    both = [(here, form.read(there) if there.exists() else []) for here, there in pairs]
    matched: list[tuple[Any, Any | None]] = []
    for here, known in both:
        there_by_key: dict[tuple[object, ...], Any] = {}
        for p in known:
            for key in form.keys(p):
                there_by_key.setdefault(key, p)
        for p in here:
            other = next((there_by_key[key] for key in form.keys(p) if key in there_by_key), None)
            matched.append((p, other))
    return matched


def _verdict(form: _Form, p: Any, other: Any | None) -> str:
    """Tells how a point stands to the committed one, in a word of ``_VERDICTS``."""
    if other is None:
        return _VERDICTS[3]
    if form.values(p) == form.values(other):
        return _VERDICTS[0]
    (low, high), (other_low, other_high) = form.spread(p), form.spread(other)
    apart = (low is not None and other_high is not None and low > other_high) or (
        other_low is not None and high is not None and other_low > high
    )
    return _VERDICTS[2 if apart else 1]


def _compared(form: _Form, p: Any, other: Any | None) -> str:
    """Returns the line of a point."""
    ends = [form.spread(point) for point in (p, other) if point]
    spreads = "; ".join(f"{_cell(low)} to {_cell(high)}" for low, high in ends)
    values = form.values(p)
    values += form.values(other) if other else (None,) * len(values)
    cells = (f"{_cell(v):>{w}s}" for v, w in zip(values, form.widths, strict=True))
    return f"{form.name(p)}{''.join(cells)}  {spreads}{form.end(p)}\n"
