"""``quantum-advantage verify``: tests every claim and writes the table of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from quantum_advantage.core.usage import UsageError


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    verify = commands.add_parser("verify", help="test every claim and write the table of them")
    verify.add_argument("--quick", action="store_true", help="small fresh runs, within 2 minutes")
    verify.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="reads DIR/data and writes DIR/claims.md; without it, reads figures/data and writes "
        "out/claims.md",
    )
    verify.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tests every claim, prints and writes the table; 1 if one of them does not hold."""
    from quantum_advantage.experiment.venues import make_folder

    data = (args.out or Path("figures")) / "data"
    if not data.is_dir():
        raise UsageError(
            f"{data} is no folder: run it in a checkout, or name with --out a folder that holds "
            "data with the experiments' counts"
        )
    out = args.out or Path("out")
    make_folder(out, out)
    from quantum_advantage.claims.checking import Setting
    from quantum_advantage.claims.claim import Verdict
    from quantum_advantage.claims.verify import (
        all_hold,
        verify,
        write_claims,
    )

    def report(verdict: Verdict) -> None:
        sys.stdout.write(f"{verdict.outcome:10s}{verdict.claim.number:8s}{verdict.claim.claim}")
        sys.stdout.write(f": {verdict.value}\n" if verdict.value else "\n")
        sys.stdout.flush()

    # Found by the same command alone, which goes on where it was interrupted.
    log = out / ("claims_quick.log" if args.quick else "claims.log")
    verdicts = verify(Setting(data, args.quick), report=report, log=log)
    write_claims(verdicts, out / "claims.md")
    sys.stdout.write(f"in {out / 'claims.md'}\n")
    return 0 if all_hold(verdicts) else 1
