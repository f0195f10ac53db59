"""``quantum-advantage bound``: the least copies without quantum memory."""

from __future__ import annotations

import argparse
import math
import sys
from typing import Any

from quantum_advantage.cli.arguments import QUESTIONS, add_json, print_json, questions
from quantum_advantage.core.arguments import number_between, read_qubits
from quantum_advantage.core.naming import canonical
from quantum_advantage.core.usage import UsageError, did_you_mean
from quantum_advantage.tasks.registry import task_names


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    bound = commands.add_parser(
        "bound",
        help="print the least copies without quantum memory",
        epilog=questions(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    bound.add_argument(
        "--task",
        type=_read_task,
        default="observables",
        metavar="T",
        help="one of those below; default %(default)s",
    )
    bound.add_argument(
        "--qubits",
        type=read_qubits,
        default=(20,),
        metavar="N",
        help="of one system, as 8, 2,4,8, 2:20 or 2:20:2; default 20",
    )
    bound.add_argument(
        "--target",
        type=number_between(0.5, 1),
        default=0.7,
        metavar="A",
        help="share of right answers, between 0.5 and 1; default %(default)s",
    )
    bound.add_argument(
        "--alpha",
        type=number_between(0, 1),
        metavar="A",
        help="strength of what is hidden, between 0 and 1; default that of the task, mostly 0.9",
    )
    bound.add_argument(
        "--game", metavar="G", help="two or one: strings that are revealed; default two"
    )
    add_json(bound)
    bound.set_defaults(run=run)


def _read_task(text: str) -> str:
    if text not in task_names():
        raise argparse.ArgumentTypeError(
            f"unknown task {text!r}; choose one of {', '.join(QUESTIONS)}"
            f"{did_you_mean(text, task_names())}"
        )
    return text


def run(args: argparse.Namespace) -> None:
    """Prints the least copies without quantum memory for every size.

    Raises:
        UsageError: If no bound is proven for the games of the task, or an option is idle.
    """
    from quantum_advantage.tasks.registry import load_task, task_class

    defaults, given = task_class(args.task).DEFAULTS, {}
    for option in ("alpha", "game"):
        value = getattr(args, option)
        if value is not None and option not in defaults:
            raise UsageError(
                f"--{option} would change nothing: the bound of {args.task} does not depend on it; "
                "leave it out"
            )
        if value is not None:
            given[option] = value
    task = load_task(canonical(args.task, given))
    protocol = next(iter(task.protocols))
    bounds = [(n, task.bound_of(protocol, n)) for n in args.qubits]
    bound = bounds[-1][1]
    if args.json:
        rows = [{"qubits": n, "least": b.copies_for(args.target)} for n, b in bounds]
        about = {name: getattr(bound, name) for name in ("unit", "learners", "holds_for", "proof")}
        print_json(task=str(task), target=args.target, bounds=rows, **about)
        return
    for n, bound in bounds:
        copies = bound.copies_for(args.target)
        least = f"at least {copies:.6g}" if copies < math.inf else "more than 1e308"
        sys.stdout.write(f"n = {n}: {least} {bound.unit}\n")
    # The bound of one task is about two copies at a time.
    who = "without quantum memory, " if "without a quantum memory" in bound.learners else ""
    sys.stdout.write(f"{who}for {args.target:.12g} right: {bound.holds_for}\n")
