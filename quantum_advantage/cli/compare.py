"""``quantum-advantage compare``: the summaries of two folders side by side."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quantum_advantage.cli.arguments import add_json, check_is_folder, print_json
from quantum_advantage.core.shipped import committed_data
from quantum_advantage.core.usage import UsageError


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    compare = commands.add_parser("compare", help="set the summaries of two folders side by side")
    compare.add_argument("new", type=Path, help="the --out of experiments, as out")
    compare.add_argument(
        "committed",
        type=Path,
        nargs="?",
        help="another such folder, as figures; default: the committed data of this project",
    )
    add_json(compare)
    compare.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints every new point beside the committed one of the same experiment."""
    check_is_folder("new", args.new, "the --out of experiments, as out")
    if args.committed:
        check_is_folder("committed", args.committed, "a folder that holds data, as figures")
    files = sorted((args.new / "data").glob("*_summary.csv"))
    if not files:
        raise UsageError(f"{args.new / 'data'} holds no summaries; run an experiment first")
    if args.committed:
        _compare(files, args.committed / "data", args.json)
        return
    with committed_data() as data:
        _compare(files, data, args.json)


def _compare(files: Sequence[Path], committed: Path, as_json: bool) -> None:
    from quantum_advantage.experiment.report import compare, matched_points
    from quantum_advantage.study.tables import values_of

    if not as_json:
        compare(files, committed)
        return
    matched = matched_points(files, committed)
    print_json(
        points=[
            {"here": values_of(here), "committed": there and values_of(there)}
            for here, there in matched
        ]
    )
