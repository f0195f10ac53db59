"""``quantum-advantage certify``: what right answers prove."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.cli.arguments import add_json, check_file, check_file_place, print_json
from quantum_advantage.core.arguments import MOST_QUBITS, MOST_SEED, at_least, number_between
from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from quantum_advantage.certify.certificate import Certificate
    from quantum_advantage.certify.played import Played

_WHICH = "protocol", "qubits", "backend", "task", "seed"


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    certify = commands.add_parser("certify", help="say what right answers prove")
    add = certify.add_argument
    add("data", type=Path, help="a file of counts, as out/data/predicting_observables.csv")
    add(
        "--registration",
        type=Path,
        metavar="FILE",
        help="what plan --register wrote before the data; default: none, and choices are paid for",
    )
    add("--copies", type=at_least(1), metavar="T", help="in a game; default: the budget")
    add("--games", type=at_least(1), metavar="G", help="in whole batches; default: all")
    add("--budget", type=at_least(1), metavar="M", help="of a record; default: the lowest rung")
    add("--confidence", type=number_between(0.5, 1), metavar="C", help="default 0.99")
    only = "default: the only one in the file"
    add("--protocol", metavar="P", help=f"of which curve; {only}")
    add("--qubits", type=at_least(1, MOST_QUBITS), metavar="N", help=f"of one system; {only}")
    add("--backend", metavar="B", help=f"where it ran; {only}")
    add("--task", metavar="T", help=f"full name of the task; {only}")
    add("--seed", type=at_least(0, MOST_SEED), metavar="S", help=f"of the curve; {only}")
    add("--out", type=Path, metavar="DIR", help="default: the folder that the data belongs to")
    add(
        "--score",
        type=Path,
        metavar="FILE",
        help="also write the certified factor as a score; default: no score",
    )
    add_json(certify)
    certify.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints what right answers prove, and keeps it.

    Raises:
        UsageError: If the data proves nothing of the kind, or was not registered as is said.
    """
    from quantum_advantage.certify.files import write_certificate
    from quantum_advantage.certify.score import write_score

    _check_files(args)
    certificate, stem, beside = (_registered if args.registration else _unregistered)(args)
    text = write_certificate(stem, certificate, beside)
    if args.score:
        write_score(args.score, certificate)
    if args.json:
        from quantum_advantage.core.plain import to_plain

        score = str(args.score) if args.score else None
        print_json(certificate=to_plain(certificate), stem=str(stem), score=score)
        return
    sys.stdout.write(f"{text}in {stem}.json, .txt and .png\n")
    if args.score:
        sys.stdout.write(f"score in {args.score}\n")


def _check_files(args: argparse.Namespace) -> None:
    """Refuses files that are not there, and places where none can be written."""
    from quantum_advantage.experiment.venues import check_folder

    check_file("data", args.data, "a file of counts, as out/data/predicting_observables.csv")
    if args.registration:
        check_file("--registration", args.registration, "what plan --register wrote")
    if args.out:
        check_folder(args.out)
    if args.score:
        check_file_place("--score", args.score)


def _unregistered(args: argparse.Namespace) -> tuple[Certificate, Path, Path]:
    """Certifies what was not registered: all that could have been chosen is paid for."""
    from quantum_advantage.certify.certificate import CONFIDENCE, certify
    from quantum_advantage.certify.choices import chosen_afterwards, curve_name, home_of
    from quantum_advantage.certify.files import kept_certificates, replaced_statement
    from quantum_advantage.certify.played import read_counts, select_games

    names = *_WHICH, "budget", "copies", "games"
    counts = read_counts(args.data)
    played = select_games(counts, **{name: getattr(args, name) for name in names})
    stem, beside = _places(args, played, None)
    curve = curve_name(played.experiment, played.key)
    for name, registration in kept_certificates(home_of(args.data)).items():
        if registration is not None and name.startswith(curve):
            raise UsageError(
                f"{name}.json is a registered certificate of the same games, and stands; name its "
                "registration with --registration"
            )
    method = chosen_afterwards(args.data, counts, played)
    certificate = certify(played, method, confidence=args.confidence or CONFIDENCE)
    for place in dict.fromkeys((stem, beside)):
        if line := replaced_statement(place, certificate):
            sys.stderr.write(f"certify: {line}\n")
    return certificate, stem, beside


def _places(
    args: argparse.Namespace, played: Played, registration: str | None
) -> tuple[Path, Path]:
    """Returns where a certificate is written and where it is kept beside the data."""
    from quantum_advantage.certify.choices import certificate_stem, home_of
    from quantum_advantage.certify.files import refuse_changed_data

    beside = certificate_stem(home_of(args.data), played, registration)
    stem = certificate_stem(args.out, played, registration) if args.out else beside
    for place in dict.fromkeys((stem, beside)):
        refuse_changed_data(place, played)
    return stem, beside


def _registered(args: argparse.Namespace) -> tuple[Certificate, Path, Path]:
    """Certifies what was registered, as it was registered."""
    from quantum_advantage.certify.choices import home_of
    from quantum_advantage.certify.files import kept_certificates
    from quantum_advantage.certify.played import read_counts
    from quantum_advantage.certify.registered import (
        certify_registered,
        choose_claim,
        registered_games,
    )
    from quantum_advantage.certify.registration import read_registration

    for name in ("copies", "games", "budget", "confidence"):
        if getattr(args, name) is not None:
            raise UsageError(f"--{name} is part of the registration; leave it out")
    registration = read_registration(args.registration)
    claim = choose_claim(registration, **{name: getattr(args, name) for name in _WHICH})
    played, method = registered_games(registration, read_counts(args.data), claim)
    stem, beside = _places(args, played, registration.digest)
    certificate = certify_registered(registration, played, method)
    others = set(kept_certificates(home_of(args.data)).values()) - {registration.digest}
    if others:
        note = (
            f"beside it certificates are kept of {len(others)} others: other registrations, and "
            "unregistered ones counted as one; each holds at its own level, and the chance that "
            "any of them is wrongly granted is at most the sum of the levels"
        )
        certificate = replace(certificate, notes=(*certificate.notes, note))
    return certificate, stem, beside
