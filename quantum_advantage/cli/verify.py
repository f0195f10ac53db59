"""``quantum-advantage verify``: tests every claim and writes the table of them."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from quantum_advantage.cli.arguments import add_json, add_workers, print_json
from quantum_advantage.core.shipped import committed_data
from quantum_advantage.core.usage import UsageError


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    verify = commands.add_parser("verify", help="test every claim and write the table of them")
    verify.add_argument("--quick", action="store_true", help="small fresh runs, in under a minute")
    verify.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="reads DIR/data and writes DIR/claims.md; default: reads figures/data or, where there "
        "is no such folder, the committed data of this project, and writes out/claims.md",
    )
    add_workers(verify)
    add_json(verify)
    stopped = "stopped; what was found is kept, and the same command goes on from there"
    verify.set_defaults(run=run, stopped=stopped)


def run(args: argparse.Namespace) -> int:
    """Tests every claim, prints and writes the table; 1 if one that was tested does not hold."""
    data = (args.out or Path("figures")) / "data"
    if data.is_dir():
        return _verify(args, data)
    if args.out:
        raise UsageError(
            f"--out {args.out} must hold a folder data with counts; {data} is no folder"
        )
    with committed_data() as data:
        return _verify(args, data)


def _verify(args: argparse.Namespace, data: Path) -> int:
    from quantum_advantage.experiment.venues import make_folder

    out = args.out or Path("out")
    make_folder(out, out)
    from quantum_advantage.study.workers import load_ahead, process_pool

    several = args.workers > 1
    if several:
        load_ahead()
    from quantum_advantage.claims.checking import Setting
    from quantum_advantage.claims.claim import Verdict
    from quantum_advantage.claims.verify import (
        all_hold,
        untested_line,
        verify,
        write_claims,
    )

    stream = sys.stderr if args.json else sys.stdout

    def report(verdict: Verdict) -> None:
        stream.write(f"{verdict.outcome:10s}{verdict.claim.number:10s}{verdict.claim.claim}")
        stream.write(f": {verdict.value}\n" if verdict.value else "\n")
        stream.flush()

    # Found by the same command alone, which goes on where it was interrupted.
    log = out / ("claims_quick.log" if args.quick else "claims.log")
    setting = Setting(data, args.quick)
    with process_pool(args.workers) if several else nullcontext() as executor:
        verdicts = verify(setting, report=report, log=log, executor=executor)
    write_claims(verdicts, out / "claims.md")
    if args.json:
        parts = "number", "claim", "test", "criterion", "control", "command"
        claims = [
            {part: getattr(v.claim, part) for part in parts}
            | {"measured": v.value, "outcome": v.outcome}
            for v in verdicts
        ]
        passed = sum(v.outcome == "pass" for v in verdicts)
        table = str(out / "claims.md")
        print_json(passed=passed, claims=claims, all_hold=all_hold(verdicts), table=table)
    else:
        sys.stdout.write(f"in {out / 'claims.md'}\n")
        if line := untested_line(verdicts):
            sys.stdout.write(f"{line}\n")
    return 0 if all_hold(verdicts) else 1
