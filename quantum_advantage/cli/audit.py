"""``quantum-advantage audit``: check a sealed run from its published files alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    audit = commands.add_parser("audit", help="check a sealed run from its published files")
    audit.add_argument("folder", type=Path, help="the --out of seal, with its messages")
    audit.add_argument(
        "--published",
        nargs="+",
        default=[],
        metavar="DIGEST",
        help="digests of messages that somebody has witnessed; default: none",
    )
    audit.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints what holds; returns 0 if the run is certified, otherwise 1."""
    from quantum_advantage.sealed import auditor

    if not args.folder.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(args.folder))
    status = auditor.main([str(args.folder), *args.published])
    page = Path(auditor.__file__).with_name("auditor.html")
    sys.stdout.write(f"checked by {auditor.__file__}; the same in a browser: {page}\n")
    return status
