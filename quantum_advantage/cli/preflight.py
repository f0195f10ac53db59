"""``quantum-advantage preflight``: how good the pairs of a processor are now."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from quantum_advantage.backends.calibration_files import keep
from quantum_advantage.cli.arguments import read_processor
from quantum_advantage.core.arguments import MOST_QUBITS, MOST_SHOTS, at_least, minutes
from quantum_advantage.core.usage import UsageError


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    preflight = commands.add_parser("preflight", help="measure how good the pairs are now")
    preflight.add_argument("backend", help="PROCESSOR, FILE.json or engine:PROJECT/PROCESSOR")
    preflight.add_argument("--pairs", type=at_least(1, MOST_QUBITS), required=True, metavar="N")
    preflight.add_argument("--shots", type=at_least(120, MOST_SHOTS), default=6000, metavar="S")
    preflight.add_argument("--drop-outliers", action="store_true", help="place again without them")
    preflight.add_argument(
        "--max-minutes", type=minutes, metavar="M", help="cap on a real processor's time"
    )
    preflight.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    preflight.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Measures the pairs of a processor, prints what it finds and draws it."""
    from quantum_advantage.backends.devices.placement import pair_places
    from quantum_advantage.preflight.files import preflight_lines
    from quantum_advantage.preflight.processors import (
        open_processor,
        run_preflight,
        without_outliers,
    )

    name = read_processor(args.backend)
    if args.max_minutes is not None and name.base != "engine":
        raise UsageError(
            "--max-minutes would change nothing: it caps the time of a real processor, "
            "engine:PROJECT/PROCESSOR; leave it out"
        )
    jobs = args.out / "jobs" / f"preflight_{name.label}"
    backend = open_processor(name, jobs, args.max_minutes)
    if name.digest:
        keep(name.processor, name.digest, args.out)
    stem = args.out / "preflight" / f"{name.label}_{args.pairs}"
    while True:
        quality = run_preflight(backend, args.pairs, stem, args.shots)
        for line in preflight_lines(pair_places(backend.place(args.pairs)), quality):
            sys.stdout.write(f"{line}\n")
        cost = float(quality.costs().prod())
        sys.stdout.write(f"copies grow by {cost:.3g}, {cost ** (1 / args.pairs):.3f} a pair; ")
        sys.stdout.write(f"{int(quality.outliers().sum())} of {args.pairs} pairs stand out; ")
        sys.stdout.write(f"in {stem}.csv and {stem}.png\n")
        if not (args.drop_outliers and quality.outliers().any()):
            return
        backend = without_outliers(backend, args.pairs, quality)
        stem = stem.with_name(f"{stem.name}_without")
        sys.stdout.write(f"\nwithout them: {backend.name}\n")
