"""``quantum-advantage audit``: check a sealed run from its published files alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.cli.arguments import add_json, check_is_folder, print_json

if TYPE_CHECKING:
    from quantum_advantage.sealed.auditor import Finding


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
    add_json(audit)
    audit.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints what holds; returns 0 if the run is certified, otherwise 1."""
    from quantum_advantage.sealed import auditor

    check_is_folder("folder", args.folder, "the --out of seal, with its messages")
    if args.json:
        try:
            finding = auditor.audit(auditor.read_folder(args.folder), args.published)
        except auditor.AuditError as error:
            finding = auditor.Finding((), str(error))
        print_json(**finding_values(finding))
        return 0 if finding.certified else 1
    status = auditor.main([str(args.folder), *args.published])
    page = Path(auditor.__file__).with_name("auditor.html")
    sys.stdout.write(f"checked by {auditor.__file__}; the same in a browser: {page}\n")
    return status


def finding_values(finding: Finding) -> dict[str, Any]:
    """Returns what an audit found; ``result`` is None where the messages end before it."""
    from quantum_advantage.sealed.auditor import KINDS

    past = {kind: message.values for kind, message in zip(KINDS, finding.chain, strict=False)}
    terms, result = past.get("terms"), past.get("result")
    return {
        "certified": finding.certified,
        "fault": finding.fault or None,
        "terms": terms and terms | {"confidence": float(terms["confidence"])},
        "messages": [
            {"kind": kind, "digest": message.digest, "published": kind in finding.witnessed}
            for kind, message in zip(KINDS, finding.chain, strict=False)
        ],
        "result": result
        and {
            "right": result["right"],
            "p_value": float(result["p_value"]),
            "excluded_copies": int(result["excluded_copies"]),
            "factor": float(result["factor"]),
        },
    }
