"""``quantum-advantage demo``: copies with and without memory, from circuits, in seconds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from quantum_advantage.cli.arguments import add_json, print_json

if TYPE_CHECKING:
    from quantum_advantage.study.accuracy import Point

TRIALS = 2000
SIZES = 2, 4, 6, 8
PROTOCOLS = "bell", "adaptive_unbiased"


def add_parser(commands: Any) -> None:
    """Adds the command."""
    demo = commands.add_parser("demo", help="the separation in a few seconds")
    add_json(demo)
    demo.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints copies with and without memory for n = 2 to 8, from circuits."""
    (_print_json if args.json else _print_table)()


def _points() -> Iterator[tuple[Point, Point]]:
    """Yields for each size the sample complexities of Bell and of single-copy measurements."""
    from quantum_advantage.study.search import copies_needed

    for n in SIZES:
        bell, single = (
            copies_needed(protocol, n, trials=TRIALS, games=TRIALS // 20) for protocol in PROTOCOLS
        )
        yield bell, single


def _print_json() -> None:
    names = "copies", "copies_low", "copies_high", "in_whole_shots", "bound"
    points = [
        {"protocol": protocol, "qubits": n} | {name: getattr(point, name) for name in names}
        for n, both in zip(SIZES, _points(), strict=True)
        for protocol, point in zip(PROTOCOLS, both, strict=True)
    ]
    print_json(target=0.7, trials=TRIALS, points=points)


def _print_table() -> None:
    out = sys.stdout.write
    out(
        "Which of two Pauli strings is hidden in an unknown state? Copies for 70 % right answers,\n"
    )
    out(f"from Cirq circuits, {TRIALS} hidden states each (95 % intervals):\n\n")
    heads = "Bell, two copies", "whole shots", "best known, one copy", "proven bound"
    out(f"{'qubits':>6s}{heads[0]:>24s}{heads[1]:>13s}{heads[2]:>28s}{heads[3]:>15s}\n")
    sys.stdout.flush()
    for n, (bell, single) in zip(SIZES, _points(), strict=True):
        cells = [
            f"{p.copies or 0:.3g} ({p.copies_low or 0:.3g} to {p.copies_high or 0:.3g})"
            for p in (bell, single)
        ]
        out(
            f"{n:6d}{cells[0]:>24s}{bell.in_whole_shots or 0:13d}"
            f"{cells[1]:>28s}{single.bound or 0:15.3g}\n"
        )
        sys.stdout.flush()
    out(f"\nFor 70 % at n = 8: {bell.in_whole_shots} copies with a quantum memory, ")
    out(f"{single.in_whole_shots} copies without.\n")
