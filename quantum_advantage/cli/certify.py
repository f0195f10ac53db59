"""``quantum-advantage certify``: what right answers prove."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from quantum_advantage.core.arguments import MOST_QUBITS, MOST_SEED, at_least, number_between


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    certify = commands.add_parser("certify", help="say what right answers prove")
    add = certify.add_argument
    add("data", type=Path, help="a file of counts, as out/data/predicting_observables.csv")
    mode = certify.add_mutually_exclusive_group()
    mode.add_argument(
        "--fixed",
        dest="mode",
        action="store_const",
        const="fixed",
        help="the number of games was fixed beforehand; the default",
    )
    mode.add_argument(
        "--anytime",
        dest="mode",
        action="store_const",
        const="anytime",
        help="one looks after every batch and stops when one likes",
    )
    certify.set_defaults(mode="fixed", run=run)
    add("--copies", type=at_least(1), metavar="T", help="in a game, chosen beforehand")
    add("--games", type=at_least(1), metavar="G", help="in whole batches, chosen beforehand")
    add("--budget", type=at_least(1), metavar="M", help="the lowest rung of the ladder")
    add("--confidence", type=number_between(0.5, 1), default=0.99, metavar="C")
    add(
        "--alternative",
        type=number_between(0.5, 1),
        metavar="P",
        help="accuracy that --anytime bets on",
    )
    add("--protocol", metavar="P")
    add("--qubits", type=at_least(1, MOST_QUBITS), metavar="N")
    add("--backend", metavar="B")
    add("--task", metavar="T")
    add("--seed", type=at_least(0, MOST_SEED), metavar="S")
    add("--out", type=Path, metavar="DIR", help="default: the folder that the data belongs to")


def run(args: argparse.Namespace) -> None:
    """Prints what right answers prove, and keeps it."""
    from quantum_advantage.certify.certificate import certify
    from quantum_advantage.certify.files import (
        certificate_stem,
        home_of,
        others_kept,
        refuse_second_look,
        write_certificate,
    )
    from quantum_advantage.certify.played import read_counts, select_games

    names = "protocol", "qubits", "backend", "task", "seed", "budget", "copies", "games"
    chosen = {name: getattr(args, name) for name in names}
    played = select_games(read_counts(args.data), **chosen)
    beside = certificate_stem(home_of(args.data), played)
    stem = certificate_stem(args.out, played) if args.out else beside
    for place in (stem, beside):
        refuse_second_look(place, played, args.mode)
    certificate = certify(
        played, args.mode, confidence=args.confidence, alternative=args.alternative
    )
    if others := others_kept(beside):
        note = f"{others} other certificates of this protocol and n are kept beside the data: a "
        note += "choice among them is not covered, unless the level is divided by their number"
        certificate = replace(certificate, notes=(*certificate.notes, note))
    sys.stdout.write(write_certificate(stem, certificate, beside))
    sys.stdout.write(f"in {stem}.json, .txt and .png\n")
