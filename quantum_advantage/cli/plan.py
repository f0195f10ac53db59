"""``quantum-advantage plan``: what an experiment will cost and prove."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.calibration_files import look_beside
from quantum_advantage.cli.arguments import (
    add_json,
    check_file,
    check_file_place,
    print_json,
    questions,
)
from quantum_advantage.core.arguments import (
    MOST_GAMES,
    MOST_SEED,
    at_least,
    number_between,
    read_qubits,
)
from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.venues import check_folder

if TYPE_CHECKING:
    from quantum_advantage.certify.registration import Registration
    from quantum_advantage.plan.plan import Plan


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    plan = commands.add_parser(
        "plan",
        help="what an experiment will cost and prove",
        epilog=questions(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = "default %(default)s"
    add = plan.add_argument
    add(
        "task",
        metavar="TASK",
        help="one of those below, also with options, as observables:alpha=0.5,game=two",
    )
    place = plan.add_mutually_exclusive_group()
    place.add_argument(
        "--backend", default="qsim", metavar="B", help=f"as for the experiments; {default}"
    )
    place.add_argument(
        "--preflight",
        type=Path,
        metavar="FILE",
        help="what a preflight found, as CSV; default: none, and calibrations are believed",
    )
    add(
        "--qubits",
        type=read_qubits,
        metavar="N",
        help="of one system, as 8, 2,4,8 or 2:20:2; default 20, or all pairs of the preflight",
    )
    add("--confidence", type=number_between(0.5, 1), default=0.99, metavar="C", help=default)
    add("--games", type=at_least(1, MOST_GAMES), default=1000, metavar="G", help=default)
    add("--protocol", default="bell", metavar="P", help=default)
    add("--copies", type=at_least(1), metavar="T", help="in a game; default: the largest factor")
    add(
        "--out",
        type=Path,
        default=Path("out"),
        metavar="DIR",
        help=f"for the picture; {default}",
    )
    add(
        "--register",
        type=Path,
        metavar="FILE",
        help="write down what is claimed, before there is data; default: nothing is written down",
    )
    add(
        "--seed",
        type=at_least(0, MOST_SEED),
        metavar="S",
        help="with --register, which needs one; no default",
    )
    add("--anytime", action="store_true", help="register that one may stop after any batch")
    add(
        "--alternative",
        type=number_between(0.5, 1),
        metavar="P",
        help="accuracy that --anytime bets on; default p + 0.3 (1 - p), p without memory",
    )
    add_json(plan)
    plan.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints what an experiment will cost and prove, and at which n it proves most.

    Raises:
        UsageError: If something cannot be planned or registered.
    """
    from quantum_advantage.plan.pages import (
        command_lines,
        commands_of,
        draw_plans,
        plan_lines,
        plan_name,
        plan_values,
    )
    from quantum_advantage.plan.plan import SWEEP, plan, sweep
    from quantum_advantage.preflight.files import read_preflight

    _refuse_idle(args)
    check_folder(args.out)
    if args.register:
        check_file_place("--register", args.register)
    if args.preflight:
        check_file("--preflight", args.preflight, "the CSV file that a preflight left")
        look_beside(args.preflight)
    place = read_preflight(args.preflight) if args.preflight else args.backend
    qubits = args.qubits or ((place.pairs,) if args.preflight else (20,))
    # Claims that are registered together share the level.
    claims = len(qubits) if args.register else 1
    options = {
        "confidence": 1 - (1 - args.confidence) / claims,
        "games": args.games,
        "protocol": args.protocol,
    }
    plans = [plan(args.task, place, n, copies=args.copies, report=_note, **options) for n in qubits]
    out = (lambda text: None) if args.json else sys.stdout.write
    for line in plan_lines(plans):
        out(f"{line}\n")
    registered = _register(args, plans) if args.register else None
    if registered:
        _print_registered(args, registered, out)
    shown = plans if args.register else [max(plans, key=lambda p: p.factor)]
    for p in shown:
        for line in command_lines(p, args.seed, args.register):
            out(f"{line}\n")
    # Where games must be played to know the accuracy, only those asked for are; a record of a
    # single pair has no other n.
    asked = args.register or args.copies
    alone = asked or plans[0].played or (args.preflight and place.pairs < SWEEP[0])
    swept = plans if alone else sweep(args.task, place, **options)
    best = max(swept, key=lambda p: p.factor)
    stem = args.out / "plans" / plan_name(plans[0])
    if best.factor:
        sizes = sorted({swept[0].qubits, swept[-1].qubits})
        out(f"largest expected factor of n = {' to '.join(map(str, sizes))}: ")
        out(f"{best.factor:.3g} at {best.accuracy:.1%} right, ")
        out(f"at n = {best.qubits}, from {best.copies} copies a game\n")
        draw_plans(swept, stem)
        out(f"drawn in {stem}.png\n")
    else:
        tried = ", ".join(str(p.qubits) for p in swept)
        out(f"not certified at any n tried ({tried}): take more games, less noise\n")
    if args.json:
        print_json(
            plans=[plan_values(p) for p in plans],
            commands=[line for p in shown for line in commands_of(p, args.seed, args.register)],
            registration=registered and {"file": str(args.register), "digest": registered.digest},
            sweep=[plan_values(p) for p in swept],
            figure=f"{stem}.png" if best.factor else None,
        )


def _refuse_idle(args: argparse.Namespace) -> None:
    if args.register is None:
        for name in ("seed", "alternative"):
            if getattr(args, name) is not None:
                raise UsageError(f"--{name} would change nothing without --register; leave it out")
        if args.anytime:
            raise UsageError("--anytime would change nothing without --register; leave it out")
    elif args.seed is None:
        raise UsageError("--register needs --seed S, the seed with which it will be played")
    elif args.register.exists():
        raise UsageError(f"--register {args.register} exists; name a new file")
    if args.alternative is not None and not args.anytime:
        raise UsageError("--alternative belongs to --anytime; leave it out, or give both")


def _register(args: argparse.Namespace, plans: list[Plan]) -> Registration:
    """Writes what the plans claim."""
    from quantum_advantage.certify.registration import claim_of, register
    from quantum_advantage.study.spec import BATCHES, Spec

    claims = [
        claim_of(
            Spec(
                p.task,
                p.protocol,
                p.qubits,
                str(p.backend),
                p.copies,
                p.games // BATCHES,
                args.seed,
            ),
            p.games,
            anytime=args.anytime,
            alternative=args.alternative,
        )
        for p in plans
    ]
    return register(args.register, claims, args.confidence)


def _print_registered(
    args: argparse.Namespace, found: Registration, out: Callable[[str], object]
) -> None:
    """Prints what was registered, and the digest that is to be published."""
    from quantum_advantage.core.fields import moment_text

    if args.anytime:
        out("factors and chances above are those of a fixed number of games\n")
    claims = len(found.claims)
    out(
        f"registered in {args.register} at {moment_text(found.registered)}: {claims} "
        f"{'claims that share the level' if claims > 1 else 'claim'}, mode {found.mode}\n"
        f"publish its digest before the data is taken: SHA-256 {found.digest}\n"
    )


def _note(line: str) -> None:
    sys.stderr.write(f"{line}\n")
