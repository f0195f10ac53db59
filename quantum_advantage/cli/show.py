"""``quantum-advantage show``: a protocol's circuit, how it answers, the table of Bell signs."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from quantum_advantage.cli.arguments import add_json, print_json
from quantum_advantage.core.arguments import at_least
from quantum_advantage.tasks.registry import task_names

# Wider diagrams cannot be read.
MOST_QUBITS = 30


class _TaskNames:
    """The names of all tasks; those of other packages are looked up when they are printed."""

    def __str__(self) -> str:
        return ", ".join(task_names())


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    show = commands.add_parser("show", help="print a protocol's circuit, sign table and formula")
    show.add_argument(
        "protocol", help="as bell or memory:qubits=1; an unknown one is answered with all names"
    )
    task = show.add_argument(
        "--task",
        default="observables",
        metavar="T",
        help="one of %(tasks)s, also with options; default %(default)s",
    )
    vars(task)["tasks"] = _TaskNames()
    show.add_argument(
        "--qubits",
        type=at_least(1, MOST_QUBITS),
        default=2,
        metavar="N",
        help=f"of one system, at most {MOST_QUBITS}; default %(default)s",
    )
    add_json(show)
    show.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints the circuit of a protocol, how it answers, and the table of Bell signs."""
    from quantum_advantage.tasks.observables.explain import bell_signs, sign_table
    from quantum_advantage.tasks.registry import load_task

    task = load_task(args.task)
    circuit = task.circuit(args.protocol, args.qubits)
    diagram, about = circuit.to_text_diagram(), task.explain(args.protocol, args.qubits)
    jointly = "memory" in circuit.all_measurement_key_names()
    if args.json:
        print_json(
            task=str(task),
            protocol=args.protocol,
            qubits=args.qubits,
            circuit_qubits=len(circuit.all_qubits()),
            circuit=diagram,
            about=about,
            signs=bell_signs() if jointly else [],
        )
        return
    out = sys.stdout.write
    out(f"{diagram}\n\n")
    out(f"{about}\n")
    if jointly:
        out(f"\n{sign_table()}\n")
