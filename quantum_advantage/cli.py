"""The ``quantum-advantage`` command. At import it needs the standard library alone."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from quantum_advantage.arguments import OneLineParser, at_least, fail, minutes, read_qubits
from quantum_advantage.usage import UsageError

DEMO_TRIALS = 2000
TASKS = ("observables", "purity", "principal_component", "time_reversal", "processes")
TASKS_HELP = f"one of {', '.join(TASKS)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    about = "How many copies does a learner need, with and without a quantum memory?"
    parser = OneLineParser(prog="quantum-advantage", description=about)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="the separation in some 20 seconds")
    demo.set_defaults(run=_demo)
    show = commands.add_parser("show", help="print a protocol's circuit, sign table and formula")
    show.add_argument("protocol", help="for example bell or memory:qubits=1")
    show.add_argument(
        "--task",
        default="observables",
        help=f"{TASKS_HELP}, companion, dynamics, posterior, purities, sensor_array, string_errors",
    )
    show.add_argument("--qubits", type=at_least(1), default=2, metavar="N")
    show.set_defaults(run=_show)
    bound = commands.add_parser("bound", help="print the least copies without quantum memory")
    bound.add_argument("--task", default="observables", choices=TASKS, metavar="T", help=TASKS_HELP)
    bound.add_argument("--qubits", type=read_qubits, default=(20,), metavar="N")
    bound.add_argument("--target", type=float, default=0.7)
    bound.add_argument("--alpha", type=float, default=0.9)
    bound.add_argument("--game", default="two", help="two or one observables")
    bound.set_defaults(run=_bound)
    compare = commands.add_parser("compare", help="set the summaries of two folders side by side")
    compare.add_argument("new", type=Path)
    compare.add_argument("committed", type=Path)
    compare.set_defaults(run=_compare)
    devices = commands.add_parser("devices", help="list the processors and their calibrations")
    devices.set_defaults(run=_devices)
    layout = commands.add_parser("layout", help="choose pairs on a processor and draw them")
    layout.add_argument("device", help="as weber or qvm:weber,pairs=3.3-3.2+4.3-4.4")
    layout.add_argument("--pairs", type=at_least(1), required=True, metavar="N")
    layout.add_argument("--chain", action="store_true", help="the systems form a chain")
    layout.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    layout.set_defaults(run=_layout)
    preflight = commands.add_parser("preflight", help="measure how good the pairs are now")
    preflight.add_argument("backend", help="qvm:PROCESSOR or engine:PROJECT/PROCESSOR")
    preflight.add_argument("--pairs", type=at_least(1), required=True, metavar="N")
    preflight.add_argument("--shots", type=at_least(120), default=6000, metavar="S")
    preflight.add_argument("--drop-outliers", action="store_true", help="place again without them")
    preflight.add_argument("--max-minutes", type=minutes, metavar="M")
    preflight.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    preflight.set_defaults(run=_preflight)
    _add_certify(commands)
    verify = commands.add_parser("verify", help="test every claim and write the table of them")
    verify.add_argument("--quick", action="store_true", help="small fresh runs, within 2 minutes")
    verify.add_argument(
        "--out",
        type=Path,
        default=Path("figures"),
        metavar="DIR",
        help="reads DIR/data, writes DIR/claims.md; default figures",
    )
    verify.set_defaults(run=_verify)
    plan = commands.add_parser("plan", help="what an experiment will cost and prove")
    plan.add_argument("task", help=TASKS_HELP)
    place = plan.add_mutually_exclusive_group()
    place.add_argument("--backend", default="qsim", metavar="B", help="as for the experiments")
    place.add_argument(
        "--preflight", type=Path, metavar="FILE", help="what a preflight found, as CSV"
    )
    plan.add_argument(
        "--qubits", type=read_qubits, metavar="N", help="default 20, or all pairs of the preflight"
    )
    plan.add_argument("--confidence", type=float, default=0.99, metavar="C")
    plan.add_argument("--games", type=at_least(1), default=1000, metavar="G")
    plan.add_argument("--protocol", default="bell", metavar="P")
    plan.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    plan.set_defaults(run=_plan)
    args = parser.parse_args(arguments)
    try:
        status = args.run(args) or 0
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except (UsageError, OSError, MemoryError) as error:
        return fail(parser.prog, error)


def _add_certify(commands: Any) -> None:
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
    certify.set_defaults(mode="fixed", run=_certify)
    add("--copies", type=at_least(1), metavar="T", help="in a game, chosen beforehand")
    add("--games", type=at_least(1), metavar="G", help="in whole batches, chosen beforehand")
    add("--budget", type=at_least(1), metavar="M", help="the lowest rung of the ladder")
    add("--confidence", type=float, default=0.99, metavar="C")
    add("--alternative", type=float, metavar="P", help="accuracy that --anytime bets on")
    add("--protocol", metavar="P")
    add("--qubits", type=at_least(1), metavar="N")
    add("--backend", metavar="B")
    add("--task", metavar="T")
    add("--seed", type=at_least(0), metavar="S")
    add("--out", type=Path, metavar="DIR", help="default: the folder that the data belongs to")


def _certify(args: argparse.Namespace) -> None:
    """Prints what right answers prove, and keeps it."""
    from quantum_advantage.certificates import certify
    from quantum_advantage.certifying import (
        certificate_stem,
        home_of,
        others_kept,
        refuse_second_look,
        write_certificate,
    )
    from quantum_advantage.study.played import read_counts, select_games

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


def _verify(args: argparse.Namespace) -> int:
    """Tests every claim, prints and writes the table; 1 if one of them does not hold."""
    data = args.out / "data"
    if not data.is_dir():
        raise UsageError(f"--out {args.out} must hold the folder data with the experiments' counts")
    from quantum_advantage.claim_checks import Setting
    from quantum_advantage.claims import (
        Verdict,
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
    log = args.out / ("claims_quick.log" if args.quick else "claims.log")
    verdicts = verify(Setting(data, args.quick), report=report, log=log)
    write_claims(verdicts, args.out / "claims.md")
    sys.stdout.write(f"in {args.out / 'claims.md'}\n")
    readme = args.out.parent / "README.md"
    if update_results(readme, claims_table(verdicts)):
        sys.stdout.write(f"and in {readme}\n")
    return 0 if all_hold(verdicts) else 1


def _note(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _plan(args: argparse.Namespace) -> None:
    """Prints what an experiment will cost and prove, and at which n it proves most."""
    from quantum_advantage.plan_pages import draw_plans, plan_lines, plan_name
    from quantum_advantage.planning import plan, sweep
    from quantum_advantage.preflights import read_preflight

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


def _demo(args: argparse.Namespace) -> None:
    """Prints copies with and without memory for n = 2 to 8, from circuits."""
    out = sys.stdout.write
    out(
        "Which of two Pauli strings is hidden in an unknown state? Copies for 70 % right answers,\n"
    )
    out(f"from Cirq circuits, {DEMO_TRIALS} hidden states each (95 % intervals):\n\n")
    heads = "Bell, two copies", "best known, one copy", "proven bound"
    out(f"{'qubits':>6s}{heads[0]:>24s}{heads[1]:>28s}{heads[2]:>15s}\n")
    sys.stdout.flush()
    from quantum_advantage.study.search import copies_needed

    for n in (2, 4, 6, 8):
        bell, single = (
            copies_needed(protocol, n, trials=DEMO_TRIALS, games=DEMO_TRIALS // 20)
            for protocol in ("bell", "mutually_unbiased")
        )
        cells = [
            f"{p.copies or 0:.3g} ({p.copies_low or 0:.3g} to {p.copies_high or 0:.3g})"
            for p in (bell, single)
        ]
        out(f"{n:6d}{cells[0]:>24s}{cells[1]:>28s}{single.bound or 0:15.3g}\n")
        sys.stdout.flush()
    out(f"\nAt n = 8: {bell.copies:.1f} copies with a quantum memory, ")
    out(f"{single.copies:.0f} copies without.\n")


def _show(args: argparse.Namespace) -> None:
    from quantum_advantage.tasks.observables.explain import sign_table
    from quantum_advantage.tasks.registry import load_any

    task = load_any(args.task)
    circuit = task.circuit(args.protocol, args.qubits)
    out = sys.stdout.write
    out(f"{circuit.to_text_diagram()}\n\n")
    out(f"{task.explain(args.protocol, args.qubits)}\n")
    if "memory" in circuit.all_measurement_key_names():
        out(f"\n{sign_table()}\n")


_CONDITIONS = {
    "observables": "(I ± a·P)/2^n with a = {a.alpha}, game {a.game}, any adaptive learner",
    "processes": "a process that hands out (I ± a·P)/2^n, a = {a.alpha}, game {a.game}",
    "purity": "Haar-random pure states, any adaptive learner",
    "principal_component": "Haar-random pure states behind the flag, any adaptive learner",
    "time_reversal": "Haar-random evolutions used on one fixed real input without ancilla",
}


def _bound(args: argparse.Namespace) -> None:
    from quantum_advantage import bounds, haar_bounds, reversal_bounds

    of = "uses" if args.task in ("processes", "time_reversal") else "copies"
    for n in args.qubits:
        if args.task == "purity":
            copies = haar_bounds.copies_to_test_purity(args.target, qubits=n)
        elif args.task == "principal_component":
            copies = haar_bounds.copies_for_principal_component(args.target, qubits=n)
        elif args.task == "time_reversal":
            copies = reversal_bounds.uses_to_find_reversal(args.target, qubits=n)
        else:
            copies = bounds.copies_required(args.target, qubits=n, alpha=args.alpha, game=args.game)
        sys.stdout.write(f"n = {n}: at least {copies:.6g} {of}\n")
    conditions = _CONDITIONS[args.task].format(a=args)
    sys.stdout.write(f"without quantum memory, for {args.target:.6g} right: {conditions}\n")


def _devices(args: argparse.Namespace) -> None:
    """Prints what is known of every virtual processor."""
    from quantum_advantage.backends.placement import longest_chain, most_pairs
    from quantum_advantage.backends.virtual import VIRTUAL, virtual_device

    out = sys.stdout.write
    for name in VIRTUAL:
        device = virtual_device(name)
        graph = device.couplers
        date = "unknown" if device.calibrated is None else f"{device.calibrated:%Y-%m-%d}"
        out(f"qvm:{name}: {graph.number_of_nodes()} qubits, {graph.number_of_edges()} couplers, ")
        out(f"at most {most_pairs(graph)} pairs, longest chain of pairs found ")
        out(f"{longest_chain(device)}, calibrated {date}\n")
        calibrated = {gate for errors in device.gate_errors.values() for gate in errors}
        for gate in device.accepted:
            known = gate in calibrated
            out(f"    {gate:12s}" + ("" if known else "accepted, but not calibrated: refused\n"))
            if known:
                out(f"median Pauli error {device.medians()[f'{gate} error']:.2%}\n")
        medians = device.medians()
        out(f"    {'one qubit':12s}median Pauli error {medians['1q error']:.2%}, ")
        out(f"T1 {medians['T1 us']:.0f} µs\n")
        out(f"    {'readout':12s}median errors {medians['readout 0']:.2%} of 0, ")
        out(f"{medians['readout 1']:.2%} of 1\n")
    out("engine:PROJECT/PROCESSOR: a real processor, with access and credentials\n")


def _layout(args: argparse.Namespace) -> None:
    """Prints the chosen pairs with their errors, and draws them on the chip."""
    from quantum_advantage.backends.names import NAMES, read_backend, write_pairs
    from quantum_advantage.backends.placement import best_chain, pair_places
    from quantum_advantage.processors import draw_layout, open_processor

    known = args.device.partition(":")[0] in NAMES
    name = read_backend(args.device if known else f"qvm:{args.device}")
    if not name.on_device:
        raise UsageError(f"{args.device!r} is no processor; try quantum-advantage devices")
    if args.chain and name.pairs:
        raise UsageError("--chain chooses the pairs itself; leave it out, or pairs=")
    backend = open_processor(name, args.out / "jobs" / f"layout_{name.processor}")
    device = backend.device
    pairs = best_chain(device, args.pairs) if args.chain else tuple(backend.place(args.pairs))
    out = sys.stdout.write
    out(f"{'pair':14s}{'gate':>12s}{'gate error':>12s}{'readout errors':>26s}{'cost':>8s}\n")
    for (place,), pair in zip(([p] for p in pair_places(pairs)), pairs, strict=True):
        gate = device.gate(pair)
        error = device.gate_errors[min(pair), max(pair)][gate]
        readout = " ".join(f"{e:.2%}" for q in pair for e in device.readout_errors[q])
        out(f"{write_pairs([place]):14s}{gate:>12s}{error:12.2%}{readout:>26s}")
        out(f"{math.exp(device.weight(pair)):8.3f}\n")
    total = sum(device.weight(pair) for pair in pairs)
    out(f"expected: copies grow by {math.exp(total):.3g}, ")
    out(f"{math.exp(total / len(pairs)):.3f} for each pair\n")
    out(f"pairs={write_pairs(pair_places(pairs))}\n")
    kind = "chain" if args.chain else "pairs"
    stem = args.out / "layout" / f"{name.processor}_{kind}_{args.pairs}"
    draw_layout(device, pairs, args.chain, stem)
    out(f"drawn in {stem}.png\n")


def _preflight(args: argparse.Namespace) -> None:
    """Measures the pairs of a processor, prints what it found and draws it."""
    from quantum_advantage.backends.names import read_backend
    from quantum_advantage.backends.placement import pair_places
    from quantum_advantage.preflights import preflight_lines
    from quantum_advantage.processors import fly, open_processor, without_outliers

    name = read_backend(args.backend)
    if not name.on_device:
        raise UsageError(
            f"backend {args.backend!r} is no processor; choose qvm:PROCESSOR or "
            "engine:PROJECT/PROCESSOR"
        )
    jobs = args.out / "jobs" / f"preflight_{name.processor}"
    backend = open_processor(name, jobs, args.max_minutes)
    stem = args.out / "preflight" / f"{name.processor}_{args.pairs}"
    while True:
        found = fly(backend, args.pairs, stem, args.shots)
        for line in preflight_lines(pair_places(backend.place(args.pairs)), found):
            sys.stdout.write(f"{line}\n")
        cost = float(found.costs().prod())
        sys.stdout.write(f"copies grow by {cost:.3g}, {cost ** (1 / args.pairs):.3f} a pair; ")
        sys.stdout.write(f"{int(found.outliers().sum())} of {args.pairs} pairs stand out; ")
        sys.stdout.write(f"in {stem}.csv and {stem}.png\n")
        if not (args.drop_outliers and found.outliers().any()):
            return
        backend = without_outliers(backend, args.pairs, found)
        stem = stem.with_name(f"{stem.name}_without")
        sys.stdout.write(f"\nwithout them: {backend.name}\n")


def _compare(args: argparse.Namespace) -> None:
    """Prints every new point beside the committed one of the same experiment."""
    from quantum_advantage.study.estimate_summary import is_summary_of_estimates
    from quantum_advantage.tables import compare_accuracies, compare_errors

    files = sorted((args.new / "data").glob("*_summary.csv"))
    if not files:
        raise UsageError(f"{args.new / 'data'} holds no summaries; run an experiment first")
    estimates = [path for path in files if is_summary_of_estimates(path)]
    compare_accuracies([p for p in files if p not in estimates], args.committed / "data")
    compare_errors(estimates, args.committed / "data")


if __name__ == "__main__":
    sys.exit(main())
