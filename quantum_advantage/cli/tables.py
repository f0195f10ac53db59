"""Subcommands that print what is known: circuits, bounds, summaries, and the demonstration."""

from __future__ import annotations

import argparse
import math
import sys

from quantum_advantage.core.usage import UsageError

DEMO_TRIALS = 2000
# A wider diagram is read by nobody.
MOST_QUBITS_SHOWN = 30


def demo(args: argparse.Namespace) -> None:
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


def show(args: argparse.Namespace) -> None:
    """Prints the circuit of a protocol, how it answers, and the table of Bell signs."""
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


def bound(args: argparse.Namespace) -> None:
    """Prints the least copies without quantum memory for every size."""
    from quantum_advantage.bounds import haar_states, hidden_pauli, time_reversal

    has_alpha = args.task in ("observables", "processes")
    for option in ("alpha", "game"):
        if getattr(args, option) is not None and not has_alpha:
            raise UsageError(
                f"--{option} would change nothing: the bound of {args.task} does not depend on it; "
                "leave it out"
            )
    args.alpha = 0.9 if args.alpha is None else args.alpha
    args.game = "two" if args.game is None else args.game
    of = "uses" if args.task in ("processes", "time_reversal") else "copies"
    for n in args.qubits:
        if args.task == "purity":
            copies = haar_states.copies_to_test_purity(args.target, qubits=n)
        elif args.task == "principal_component":
            copies = haar_states.copies_for_principal_component(args.target, qubits=n)
        elif args.task == "time_reversal":
            copies = time_reversal.uses_to_find_reversal(args.target, qubits=n)
        else:
            copies = hidden_pauli.copies_required(
                args.target, qubits=n, alpha=args.alpha, game=args.game
            )
        least = f"at least {copies:.6g}" if copies < math.inf else "more than 1e308"
        sys.stdout.write(f"n = {n}: {least} {of}\n")
    conditions = _CONDITIONS[args.task].format(a=args)
    sys.stdout.write(f"without quantum memory, for {args.target:.12g} right: {conditions}\n")


def compare(args: argparse.Namespace) -> None:
    """Prints every new point beside the committed one of the same experiment."""
    from quantum_advantage.experiment.report import compare_accuracies, compare_errors
    from quantum_advantage.study.estimate_summary import is_summary_of_estimates

    files = sorted((args.new / "data").glob("*_summary.csv"))
    if not files:
        raise UsageError(f"{args.new / 'data'} holds no summaries; run an experiment first")
    estimates = [path for path in files if is_summary_of_estimates(path)]
    compare_accuracies([p for p in files if p not in estimates], args.committed / "data")
    compare_errors(estimates, args.committed / "data")
