"""The ``quantum-advantage`` command. At import it needs the standard library alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from quantum_advantage.cli import processors, proofs, replays, tables
from quantum_advantage.core.arguments import (
    MOST_GAMES,
    MOST_QUBITS,
    MOST_SEED,
    MOST_SHOTS,
    MOST_WORKERS,
    OneLineParser,
    at_least,
    minutes,
    number_between,
    read_qubits,
)
from quantum_advantage.core.endings import prepare_process, run_to_its_end

ABOUT = "How many copies does a learner need, with and without a quantum memory?"
TASKS = ("observables", "purity", "principal_component", "time_reversal", "processes")
TASKS_HELP = f"one of {', '.join(TASKS)}"
STOPPED = "stopped; what was finished is kept"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    prepare_process()
    parser = command_parser()
    args = parser.parse_args(arguments)
    if args.command is None:
        parser.print_help()
        return 0
    return run_to_its_end(parser.prog, lambda: args.run(args) or 0, STOPPED)


def command_parser() -> OneLineParser:
    """Returns the parser with all subcommands."""
    parser = OneLineParser(prog="quantum-advantage", description=ABOUT)
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser("demo", help="the separation in some 20 seconds")
    demo.set_defaults(run=tables.demo)
    _add_show(commands)
    _add_bound(commands)
    compare = commands.add_parser("compare", help="set the summaries of two folders side by side")
    compare.add_argument("new", type=Path)
    compare.add_argument("committed", type=Path)
    compare.set_defaults(run=tables.compare)
    devices = commands.add_parser("devices", help="list the processors and their calibrations")
    devices.set_defaults(run=processors.devices)
    _add_layout(commands)
    _add_preflight(commands)
    _add_certify(commands)
    _add_verify(commands)
    _add_replay(commands)
    _add_plan(commands)
    return parser


def _version() -> str:
    try:
        return version("quantum-advantage")
    except PackageNotFoundError:
        return "not installed"


def _add_show(commands: Any) -> None:
    show = commands.add_parser("show", help="print a protocol's circuit, sign table and formula")
    show.add_argument("protocol", help="for example bell or memory:qubits=1")
    show.add_argument(
        "--task",
        default="observables",
        help=f"{TASKS_HELP}, companion, dynamics, posterior, purities, sensor_array, string_errors",
    )
    show.add_argument(
        "--qubits", type=at_least(1, tables.MOST_QUBITS_SHOWN), default=2, metavar="N"
    )
    show.set_defaults(run=tables.show)


def _add_bound(commands: Any) -> None:
    bound = commands.add_parser("bound", help="print the least copies without quantum memory")
    bound.add_argument("--task", default="observables", choices=TASKS, metavar="T", help=TASKS_HELP)
    bound.add_argument("--qubits", type=read_qubits, default=(20,), metavar="N")
    bound.add_argument("--target", type=number_between(0.5, 1), default=0.7, metavar="A")
    bound.add_argument("--alpha", type=number_between(0, 1), metavar="A", help="default 0.9")
    bound.add_argument("--game", help="two or one observables, default two")
    bound.set_defaults(run=tables.bound)


def _add_layout(commands: Any) -> None:
    layout = commands.add_parser("layout", help="choose pairs on a processor and draw them")
    layout.add_argument("device", help="as weber or qvm:weber,pairs=3.3-3.2+4.3-4.4")
    layout.add_argument("--pairs", type=at_least(1, MOST_QUBITS), required=True, metavar="N")
    layout.add_argument("--chain", action="store_true", help="the systems form a chain")
    layout.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    layout.set_defaults(run=processors.layout)


def _add_preflight(commands: Any) -> None:
    preflight = commands.add_parser("preflight", help="measure how good the pairs are now")
    preflight.add_argument("backend", help="PROCESSOR, qvm:PROCESSOR or engine:PROJECT/PROCESSOR")
    preflight.add_argument("--pairs", type=at_least(1, MOST_QUBITS), required=True, metavar="N")
    preflight.add_argument("--shots", type=at_least(120, MOST_SHOTS), default=6000, metavar="S")
    preflight.add_argument("--drop-outliers", action="store_true", help="place again without them")
    preflight.add_argument(
        "--max-minutes", type=minutes, metavar="M", help="cap on a real processor's time"
    )
    preflight.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    preflight.set_defaults(run=processors.preflight)


def _add_certify(commands: Any) -> None:
    certify = commands.add_parser("certify", help="say what right answers prove")
    add = certify.add_argument
    add("data", type=Path, help="a file of counts, as out/data/predicting_observables.csv")
    mode = certify.add_mutually_exclusive_group()
    mode.add_argument(
        "--fixed",
        dest="mode",
        action="store_const",
        const="fixed",
        help="the number of games was fixed beforehand; the default",
    )
    mode.add_argument(
        "--anytime",
        dest="mode",
        action="store_const",
        const="anytime",
        help="one looks after every batch and stops when one likes",
    )
    certify.set_defaults(mode="fixed", run=proofs.certify)
    add("--copies", type=at_least(1), metavar="T", help="in a game, chosen beforehand")
    add("--games", type=at_least(1), metavar="G", help="in whole batches, chosen beforehand")
    add("--budget", type=at_least(1), metavar="M", help="the lowest rung of the ladder")
    add("--confidence", type=number_between(0.5, 1), default=0.99, metavar="C")
    add(
        "--alternative",
        type=number_between(0.5, 1),
        metavar="P",
        help="accuracy that --anytime bets on",
    )
    add("--protocol", metavar="P")
    add("--qubits", type=at_least(1, MOST_QUBITS), metavar="N")
    add("--backend", metavar="B")
    add("--task", metavar="T")
    add("--seed", type=at_least(0, MOST_SEED), metavar="S")
    add("--out", type=Path, metavar="DIR", help="default: the folder that the data belongs to")


def _add_verify(commands: Any) -> None:
    verify = commands.add_parser("verify", help="test every claim and write the table of them")
    verify.add_argument("--quick", action="store_true", help="small fresh runs, within 2 minutes")
    verify.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="reads DIR/data, writes DIR/claims.md and the results in DIR/../README.md; without "
        "it, reads figures/data and writes out/claims.md alone",
    )
    verify.set_defaults(run=proofs.verify)


def _add_replay(commands: Any) -> None:
    replay = commands.add_parser("replay", help="play stored batches again and compare the rows")
    replay.add_argument("data", type=Path, nargs="+", help="files of counts or estimates, folders")
    some = replay.add_mutually_exclusive_group()
    some.add_argument(
        "--batches", type=at_least(1), default=1, metavar="B", help="of each spec, default 1"
    )
    some.add_argument("--all", action="store_true", help="all batches")
    replay.add_argument(
        "--record", action="store_true", help="write what was replayed into the provenance files"
    )
    replay.add_argument(
        "--workers",
        type=at_least(1, MOST_WORKERS),
        default=os.cpu_count() or 1,
        metavar="W",
        help="default: one a core",
    )
    replay.set_defaults(run=replays.replay)


def _add_plan(commands: Any) -> None:
    plan = commands.add_parser("plan", help="what an experiment will cost and prove")
    plan.add_argument("task", help=TASKS_HELP)
    place = plan.add_mutually_exclusive_group()
    place.add_argument("--backend", default="qsim", metavar="B", help="as for the experiments")
    place.add_argument(
        "--preflight", type=Path, metavar="FILE", help="what a preflight found, as CSV"
    )
    plan.add_argument(
        "--qubits", type=read_qubits, metavar="N", help="default 20, or all pairs of the preflight"
    )
    plan.add_argument("--confidence", type=number_between(0.5, 1), default=0.99, metavar="C")
    plan.add_argument("--games", type=at_least(1, MOST_GAMES), default=1000, metavar="G")
    plan.add_argument("--protocol", default="bell", metavar="P")
    plan.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    plan.set_defaults(run=proofs.plan)


if __name__ == "__main__":
    sys.exit(main())
