"""``quantum-advantage run``: an experiment of the project, as its script runs it."""

from __future__ import annotations

import argparse
import runpy
import sys
from typing import Any

from quantum_advantage.core.shipped import script_of


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    command = commands.add_parser(
        "run",
        help="run an experiment and draw its figure",
        usage="%(prog)s [-h] EXPERIMENT [options of the experiment]",
    )
    command.add_argument(
        "experiment", metavar="EXPERIMENT", help="its name; quantum-advantage list shows all"
    )
    options = command.add_argument(
        "options",
        nargs=argparse.REMAINDER,
        metavar="...",
        help="options of the experiment, default none; run EXPERIMENT --help explains them",
    )
    # There may be none, which Python before 3.13 says only when it reads them.
    options.required = False
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the script of an experiment, which ends this process with its status.

    Raises:
        UsageError: If there is no such experiment.
        SystemExit: With the status of the script.
    """
    script = str(script_of(args.experiment))
    sys.argv = [script, *args.options]
    program = f"quantum-advantage run {args.experiment}"
    runpy.run_path(script, {"PROGRAM": program}, run_name="__main__")
