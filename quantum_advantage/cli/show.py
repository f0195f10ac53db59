"""``quantum-advantage show``: a protocol's circuit, how it answers, the table of Bell signs."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from quantum_advantage.cli.arguments import TASKS_HELP
from quantum_advantage.core.arguments import at_least

# Wider diagrams cannot be read.
MOST_QUBITS = 30


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    show = commands.add_parser("show", help="print a protocol's circuit, sign table and formula")
    show.add_argument("protocol", help="for example bell or memory:qubits=1")
    show.add_argument("--task", default="observables", help=TASKS_HELP)
    show.add_argument("--qubits", type=at_least(1, MOST_QUBITS), default=2, metavar="N")
    show.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints the circuit of a protocol, how it answers, and the table of Bell signs."""
    from quantum_advantage.tasks.observables.explain import sign_table
    from quantum_advantage.tasks.registry import load_task

    task = load_task(args.task)
    circuit = task.circuit(args.protocol, args.qubits)
    out = sys.stdout.write
    out(f"{circuit.to_text_diagram()}\n\n")
    out(f"{task.explain(args.protocol, args.qubits)}\n")
    if "memory" in circuit.all_measurement_key_names():
        out(f"\n{sign_table()}\n")
