"""``quantum-advantage plan``: what an experiment will cost and prove."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from quantum_advantage.cli.arguments import TASKS_HELP
from quantum_advantage.core.arguments import MOST_GAMES, at_least, number_between, read_qubits


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
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
    plan.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints what an experiment will cost and prove, and at which n it proves most."""
    from quantum_advantage.plan.pages import draw_plans, plan_lines, plan_name
    from quantum_advantage.plan.plan import SWEEP, plan, sweep
    from quantum_advantage.preflight.files import read_preflight

    place = read_preflight(args.preflight) if args.preflight else args.backend
    qubits = args.qubits or ((place.pairs,) if args.preflight else (20,))
    options = {
        "confidence": args.confidence,
        "games": args.games,
        "protocol": args.protocol,
    }
    plans = [plan(args.task, place, n, report=_note, **options) for n in qubits]
    for line in plan_lines(plans):
        sys.stdout.write(f"{line}\n")
    # Where games must be played to know the accuracy, only those asked for are; a record of a
    # single pair has no other n.
    alone = plans[0].played or (args.preflight and place.pairs < SWEEP[0])
    swept = plans if alone else sweep(args.task, place, **options)
    best = max(swept, key=lambda p: p.factor)
    if not best.factor:
        tried = ", ".join(str(p.qubits) for p in swept)
        sys.stdout.write(f"not certified at any n tried ({tried}): take more games, less noise\n")
        return
    sys.stdout.write(f"largest expected factor of n = {swept[0].qubits} to ")
    sys.stdout.write(f"{swept[-1].qubits}: {best.factor:.3g} at n = {best.qubits}, ")
    sys.stdout.write(f"from {best.copies} copies a game\n")
    stem = args.out / "plans" / plan_name(plans[0])
    draw_plans(swept, stem)
    sys.stdout.write(f"drawn in {stem}.png\n")


def _note(line: str) -> None:
    sys.stderr.write(f"{line}\n")
