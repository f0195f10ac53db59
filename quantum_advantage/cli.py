"""The ``quantum-advantage`` command. At import it needs the standard library alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from quantum_advantage.arguments import OneLineParser, at_least, fail, read_qubits

DEMO_TRIALS = 2000


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    about = "How many copies does a learner need, with and without a quantum memory?"
    parser = OneLineParser(prog="quantum-advantage", description=about)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="the separation in some 20 seconds")
    demo.set_defaults(run=_demo)
    show = commands.add_parser("show", help="print a protocol's circuit, sign table and formula")
    show.add_argument("protocol", help="for example bell or memory:qubits=1")
    show.add_argument("--qubits", type=at_least(1), default=2, metavar="N")
    show.set_defaults(run=_show)
    bound = commands.add_parser("bound", help="print the least copies without quantum memory")
    bound.add_argument("--qubits", type=read_qubits, default=(20,), metavar="N")
    bound.add_argument("--target", type=float, default=0.7)
    bound.add_argument("--alpha", type=float, default=0.9)
    bound.add_argument("--game", default="two", help="two or one observables")
    bound.set_defaults(run=_bound)
    compare = commands.add_parser("compare", help="set the summaries of two folders side by side")
    compare.add_argument("new", type=Path)
    compare.add_argument("committed", type=Path)
    compare.set_defaults(run=_compare)
    args = parser.parse_args(arguments)
    try:
        args.run(args)
    except KeyboardInterrupt:
        return 130
    except (ValueError, OSError) as error:
        return fail(parser.prog, error)
    return 0


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
    from quantum_advantage.names import parse
    from quantum_advantage.tasks.observables.explain import EXPLANATIONS, sign_table
    from quantum_advantage.tasks.registry import load_task

    circuit = load_task("observables").circuit(args.protocol, args.qubits)
    out = sys.stdout.write
    out(f"{circuit.to_text_diagram()}\n\n")
    explanation = EXPLANATIONS[parse(args.protocol)[0]]
    out(f"{explanation}\n")
    if "memory" in circuit.all_measurement_key_names():
        out(f"\n{sign_table()}\n")


def _bound(args: argparse.Namespace) -> None:
    from quantum_advantage.bounds import copies_required

    for n in args.qubits:
        copies = copies_required(args.target, qubits=n, alpha=args.alpha, game=args.game)
        sys.stdout.write(f"n = {n}: at least {copies:.6g} copies\n")


def _compare(args: argparse.Namespace) -> None:
    """Prints every new point beside the committed one of the same experiment."""
    from quantum_advantage.study.summary import Point, read_summary

    def cell(value: float | None) -> str:
        return "-" if value is None else f"{value:.4g}"

    def spread(p: Point) -> str:
        return f"{cell(p.copies_low)} to {cell(p.copies_high)}"

    def key(p: Point) -> tuple[object, ...]:
        return p.experiment, p.task, p.protocol, p.qubits, p.target

    files = sorted((args.new / "data").glob("*_summary.csv"))
    if not files:
        raise ValueError(f"{args.new / 'data'} holds no summaries; run an experiment first")
    pairs = []
    for path in files:
        other = args.committed / "data" / path.name
        pairs.append((read_summary(path), read_summary(other) if other.exists() else []))
    out = sys.stdout.write
    out(f"{'experiment':24s}{'protocol':28s}{'n':>4s}{'target':>7s}")
    out(f"{'copies here':>13s}{'committed':>12s}  95 % interval here and there\n")
    for here, committed in pairs:
        there_by_key = {key(p): p for p in committed}
        for p in here:
            there = there_by_key.get(key(p))
            out(f"{p.experiment:24s}{p.protocol:28s}{p.qubits:4d}{p.target:7.2f}")
            out(f"{cell(p.copies):>13s}{cell(there.copies if there else None):>12s}  ")
            out(spread(p) + (f"; {spread(there)}" if there else "") + "\n")


if __name__ == "__main__":
    sys.exit(main())
