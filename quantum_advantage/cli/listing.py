"""``quantum-advantage list``: the experiments, and what of the paper each shows."""

from __future__ import annotations

import argparse
import runpy
import sys
from typing import TYPE_CHECKING, Any

from quantum_advantage.cli.arguments import add_json, print_json
from quantum_advantage.core.shipped import experiment_scripts
from quantum_advantage.experiment.paper import ITEMS

if TYPE_CHECKING:
    from quantum_advantage.experiment.declaration import Experiment


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    listing = commands.add_parser("list", help="list the experiments, with what each takes")
    listing.add_argument(
        "--paper",
        action="store_true",
        help="what of the paper is shown by which command",
    )
    add_json(listing)
    listing.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints a line about every experiment, or about every item of the paper."""
    (_print_paper if args.paper else _print_all)(args.json)


def _print_all(as_json: bool) -> None:
    known = declared_experiments()
    if as_json:
        names = "name", "about", "task", "seconds"
        print_json(experiments=[{name: getattr(e, name) for name in names} for e in known])
        return
    out = sys.stdout.write
    width = max(len(e.name) for e in known)
    out(f"{'experiment':{width}s}{'seconds':>9s}  what it shows\n")
    for e in known:
        out(f"{e.name:{width}s}{e.seconds or '-':>9}  {e.about}\n")
    out("quantum-advantage run EXPERIMENT runs one; seconds: its default size, on two cores\n")


def _print_paper(as_json: bool) -> None:
    rows = [
        {"paper": item, "figure": f"out/{name}.png", "command": f"quantum-advantage run {name}"}
        for item, name in ITEMS
    ]
    if as_json:
        print_json(paper=rows)
        return
    titles = {"paper": "paper", "figure": "figure", "command": "command"}
    widths = {name: max(len(row[name]) for row in rows) for name in titles}
    for row in (titles, *rows):
        line = "  ".join(f"{row[name]:{width}s}" for name, width in widths.items())
        sys.stdout.write(f"{line.rstrip()}\n")


def declared_experiments() -> list[Experiment]:
    """Returns what the scripts declare, without running them."""
    return [runpy.run_path(str(path))["EXPERIMENT"] for path in experiment_scripts().values()]
