"""Subcommands that plan, certify and verify."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.venues import make_folder


def plan(args: argparse.Namespace) -> None:
    """Prints what an experiment will cost and prove, and at which n it proves most."""
    from quantum_advantage.plan.pages import draw_plans, plan_lines, plan_name
    from quantum_advantage.plan.plan import plan, sweep
    from quantum_advantage.preflight.files import read_preflight

    place = read_preflight(args.preflight) if args.preflight else args.backend
    qubits = args.qubits or ((place.pairs,) if args.preflight else (20,))
    options = {
        "confidence": args.confidence,
        "games": args.games,
        "protocol": args.protocol,
    }
    plans = [plan(args.task, place, n, report=_note, **options) for n in qubits]
    for line in plan_lines(plans):
        sys.stdout.write(f"{line}\n")
    # Where games must be played to know the accuracy, only those asked for are.
    found = plans if plans[0].played else sweep(args.task, place, **options)
    best = max(found, key=lambda p: p.factor)
    if best.factor:
        sys.stdout.write(f"largest expected factor of n = {found[0].qubits} to ")
        sys.stdout.write(f"{found[-1].qubits}: {best.factor:.3g} at n = {best.qubits}, ")
        sys.stdout.write(f"from {best.copies} copies a game\n")
    else:
        tried = ", ".join(str(p.qubits) for p in found)
        sys.stdout.write(f"not certified at any n tried ({tried}): take more games, less noise\n")
        return
    stem = args.out / "plans" / plan_name(plans[0])
    draw_plans(found, stem)
    sys.stdout.write(f"drawn in {stem}.png\n")


def _note(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def certify(args: argparse.Namespace) -> None:
    """Prints what right answers prove, and keeps it."""
    from quantum_advantage.certify.certificate import certify
    from quantum_advantage.certify.files import (
        certificate_stem,
        home_of,
        others_kept,
        refuse_second_look,
        write_certificate,
    )
    from quantum_advantage.certify.played import select_games
    from quantum_advantage.study.reading import read_counts

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


def verify(args: argparse.Namespace) -> int:
    """Tests every claim, prints and writes the table; 1 if one of them does not hold."""
    data = (args.out or Path("figures")) / "data"
    if not data.is_dir():
        raise UsageError(
            f"{data} is no folder: run it in a checkout, or name with --out a folder that holds "
            "data with the experiments' counts"
        )
    out = args.out or Path("out")
    make_folder(out, out)
    from quantum_advantage.claims.checks import Setting
    from quantum_advantage.claims.claim import Verdict
    from quantum_advantage.claims.verify import (
        all_hold,
        claims_table,
        update_results,
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
    readme = out.parent / "README.md"
    if args.out and update_results(readme, claims_table(verdicts)):
        sys.stdout.write(f"and in {readme}\n")
    return 0 if all_hold(verdicts) else 1
