"""The command: reads its arguments, measures, prints the table, keeps the record, draws."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from quantum_advantage.core.usage import UsageError
from speed import comparing, history, machine, table
from speed.catalogue import WORKLOADS, chosen
from speed.children import (
    Effort,
    Measured,
    measure_apart,
    measure_here,
    measured_in_processes,
    result_of,
    to_json,
)
from speed.timing import CLOCKS
from speed.workload import Peers, Workload, absence

HISTORY = history.ROOT / "benchmarks" / "history.jsonl"
FIGURE = history.ROOT / "out" / "bench.png"
STOPPED = "stopped; nothing was added to the history"
Measure = Callable[[Workload, Effort], Measured]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run.py",
        description="Measures named workloads against limits of the machine and other programs.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="workloads; all if none is named")
    add("--list", action="store_true", help="name all workloads and end")
    add("--rounds", type=_positive(int), default=2, help="least rounds of a process (default 2)")
    add("--seconds", type=_positive(float), default=1.5, help="time for more (default 1.5)")
    add("--clock", choices=CLOCKS, default="wall", help="processor: for a busy machine")
    add("--history", type=Path, default=HISTORY, metavar="FILE", help="where records are kept")
    add("--draw", type=Path, default=FIGURE, metavar="FILE", help="the figure (out/bench.png)")
    add("--check", action="store_true", help="add nothing to the history; status 1 after a drop")
    add("--markdown", action="store_true", help="print the last record for a page and end")
    add("--ffht", type=Path, metavar="PATH", help="a shared library of FFHT")
    add("--predicting", type=Path, metavar="PATH", help="the program prediction_shadow")
    add("--one", metavar="NAME", help=argparse.SUPPRESS)
    return parser


def _positive(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = kind(text)
        if not 0 < value <= 10_000:
            raise argparse.ArgumentTypeError(f"must lie between 0 and 10000, not {text}")
        return value

    read.__name__ = kind.__name__
    return read


def main(
    arguments: Sequence[str] | None = None,
    workloads: Mapping[str, Workload] = WORKLOADS,
    measure: Measure = measure_apart,
) -> int:
    """Runs the command.

    Args:
        arguments: Those of the command line, if not given.
        workloads: The catalogue.
        measure: Measures a workload in one process.

    Returns:
        The exit status: 1 if a check found a drop or other results, else 0.

    Raises:
        UsageError: If an argument or the history is wrong, or a workload fails.
    """
    args = _parser().parse_args(arguments)
    peers = Peers(_existing("--ffht", args.ffht), _existing("--predicting", args.predicting))
    effort = Effort(args.rounds, args.seconds, args.clock, peers)
    if args.one is not None:
        (workload,) = chosen([args.one], workloads)
        sys.stdout.write(to_json(measure_here(workload, effort)))
        return 0
    wanted = chosen(args.names, workloads)
    if args.draw.suffix not in (".png", ".svg", ".pdf"):
        raise UsageError(f"--draw must end in .png, .svg or .pdf, not {args.draw.name!r}")
    if args.list:
        for one in wanted:
            sys.stdout.write(f"{one.name:25s}{one.title}; {one.against.value}: {one.other}\n")
        return 0
    # A damaged history is refused now, not after minutes of measuring.
    past = history.read_history(args.history)
    if args.markdown:
        if not past:
            raise UsageError(f"{args.history} has no record yet")
        sys.stdout.writelines(f"{line}\n" for line in table.markdown(past[-1]))
        return 0
    if args.check:
        _check_past(past, wanted, args.history)
    record, found = _measured(wanted, effort, past, measure)
    told = [text for one in found.values() if (text := one.sentence())]
    sys.stdout.writelines(f"{text}\n" for text in told)
    if args.check:
        if missing := [name for name in record["results"] if name not in found]:
            sys.stdout.write(f"not compared, as there is no such record: {', '.join(missing)}\n")
        return 1 if comparing.to_be_told(found) else 0
    history.append(args.history, record)
    # Imports matplotlib, which those who only list or measure one do not wait for.
    from speed import figure

    figure.write([*past, record], workloads, args.draw)
    sys.stdout.write(f"drawn in {args.draw}\n")
    return 0


def _existing(option: str, path: Path | None) -> Path | None:
    if path is not None and not path.is_file():
        raise UsageError(f"{option} must name a file, not {str(path)!r}")
    return None if path is None else path.resolve()


def _check_past(past: Sequence[history.Record], wanted: Sequence[Workload], path: Path) -> None:
    """Refuses a check that has nothing to compare with."""
    here = machine.describe()
    names = {name for one in past if machine.same(one["machine"], here) for name in one["results"]}
    if not any(one.name in names for one in wanted):
        raise UsageError(
            f"{path} has no record of these workloads on this machine with these versions; run "
            "without --check first"
        )


def _busy(record: history.Record) -> str:
    """Warns where other programs work on this machine."""
    load, count = record["load"], record["machine"]["cores"]
    if load is None or load < count / 2:
        return ""
    return f"the machine is busy (load {load:g} on {count} cores): small changes mean nothing\n"


def _measured(
    wanted: Sequence[Workload], effort: Effort, past: Sequence[history.Record], measure: Measure
) -> tuple[history.Record, Mapping[str, comparing.Change]]:
    """Measures and prints line by line; returns the record, and what has changed."""
    skipped = {one.name: why for one in wanted if (why := absence(one, effort.peers))}
    record = history.new_record({}, skipped, machine.load())
    sys.stdout.write(f"{table.machine_line(record)}\n{_busy(record)}\n{table.head()}\n")
    processes: dict[str, list[Measured]] = {}
    found: dict[str, comparing.Change] = {}

    def add(one: Workload) -> None:
        more = measured_in_processes(one, effort, measure)
        processes[one.name] = processes.get(one.name, []) + more
        result = record["results"][one.name] = result_of(one, effort, processes[one.name])
        before = comparing.earlier(record, one.name, past)
        if before is not None:
            found[one.name] = comparing.change(one.name, result, before)
        sys.stdout.write(f"{table.row(one.name, result, found.get(one.name))}\n")
        sys.stdout.flush()

    for one in wanted:
        if one.name in skipped:
            sys.stdout.write(f"{one.name}: skipped, {skipped[one.name]}\n")
        else:
            add(one)
    # A busy minute may look like a drop: those are measured again, and all rounds count.
    again = [one for one in wanted if one.name in found and found[one.name].dropped]
    sys.stdout.write("again, as they seem slower:\n" if again else "")
    for one in again:
        add(one)
    return record, found
