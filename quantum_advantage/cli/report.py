"""``quantum-advantage report``: one page about a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from quantum_advantage.cli.arguments import add_json, check_is_folder, print_json


def add_parser(commands: Any) -> None:
    """Adds the command and its argument."""
    report = commands.add_parser("report", help="write one page about a run")
    report.add_argument("folder", type=Path, help="the --out of an experiment, as out")
    add_json(report)
    report.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Writes the page."""
    check_is_folder("folder", args.folder, "the --out of an experiment")
    from quantum_advantage.reports.report import write_report

    page = str(write_report(args.folder))
    if args.json:
        print_json(page=page)
    else:
        sys.stdout.write(f"in {page}\n")
