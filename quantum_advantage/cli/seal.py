"""``quantum-advantage seal``: play games whose right answers a stranger can check."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from quantum_advantage.cli.arguments import add_json, print_json
from quantum_advantage.cli.audit import finding_values
from quantum_advantage.core.arguments import at_least, number_between
from quantum_advantage.experiment.venues import check_folder


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    seal = commands.add_parser("seal", help="play games whose answers a stranger can check")
    add = seal.add_argument
    default = "default %(default)s"
    add("task", help="observables, as observables:alpha=0.9,game=two")
    add("--backend", default="qsim", metavar="B", help=f"as for the experiments; {default}")
    add(
        "--qubits",
        type=at_least(1, 999),
        default=10,
        metavar="N",
        help=f"of one system; {default}",
    )
    add("--games", type=at_least(1, 99_999), default=1000, metavar="G", help=default)
    add("--copies", type=at_least(1, 999_999), default=2, metavar="T", help=f"in a game; {default}")
    add(
        "--protocol",
        default="bell",
        metavar="P",
        help=f"bell, or local_pauli as a control; {default}",
    )
    add("--confidence", type=number_between(0.5, 1), default=0.99, metavar="C", help=default)
    add("--wait", action="store_true", help="wait for Enter after each digest to be published")
    add("--out", type=Path, required=True, metavar="DIR", help="a new folder for the messages")
    add_json(seal)
    stopped = "stopped; this run cannot go on: seal again into a new folder"
    seal.set_defaults(run=run, stopped=stopped)


def run(args: argparse.Namespace) -> int:
    """Plays a sealed run, audits it, and returns 0 if it is certified, otherwise 1."""
    from quantum_advantage.core.usage import UsageError
    from quantum_advantage.sealed.auditor import WITNESSED, audit, read_folder, report
    from quantum_advantage.sealed.seal import Terms, seal

    if not args.out.name:
        raise UsageError(f"--out {args.out} has no name of its own; name a new folder")
    terms = Terms(
        args.task,
        args.protocol,
        args.qubits,
        args.games,
        args.copies,
        args.backend,
        str(args.confidence),
    )

    def witness(kind: str, digest: str) -> None:
        publish = kind in WITNESSED
        note = "  to be published before the next" if publish else ""
        sys.stderr.write(f"{digest}  {kind}{note}\n")
        if publish and args.wait:
            sys.stderr.write("published? Enter goes on\n")
            sys.stderr.flush()
            if not sys.stdin.readline():
                raise UsageError(f"--wait: nobody said that the digest of the {kind} is published")

    check_folder(args.out)
    private = args.out.with_name(f"{args.out.name}.private")
    seal(terms, args.out, private, witness=witness)
    finding = audit(read_folder(args.out))
    if args.json:
        print_json(**finding_values(finding), folder=str(args.out), private=str(private))
    else:
        sys.stdout.write(report(finding))
        sys.stdout.write(f"in {args.out}; the folders of nature and the learner in {private}\n")
    return 0 if finding.certified else 1
