"""``quantum-advantage preflight``: how good the pairs of a processor are now."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.calibration_files import keep
from quantum_advantage.cli.arguments import (
    JOBS_KEPT,
    PROCESSOR_HELP,
    add_json,
    cost_line,
    cost_values,
    print_json,
    read_processor,
    refuse_idle_minutes,
)
from quantum_advantage.core.arguments import MOST_QUBITS, MOST_SHOTS, at_least, minutes
from quantum_advantage.experiment.venues import make_folder

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.calibration import Qubit
    from quantum_advantage.backends.devices.virtual import ProcessorBackend
    from quantum_advantage.backends.names import BackendName, PairPlace
    from quantum_advantage.preflight.pairs import Preflight

    Measured = tuple[Sequence[PairPlace], Preflight, frozenset[Qubit]]


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    preflight = commands.add_parser("preflight", help="measure how good the pairs are now")
    preflight.add_argument("processor", metavar="PROCESSOR", help=PROCESSOR_HELP)
    preflight.add_argument(
        "--pairs", type=at_least(1, MOST_QUBITS), required=True, metavar="N", help="how many"
    )
    preflight.add_argument(
        "--chain", action="store_true", help="the systems form a chain, whose couplers are measured"
    )
    preflight.add_argument(
        "--shots",
        type=at_least(120, MOST_SHOTS),
        default=6000,
        metavar="S",
        help="of each circuit; default %(default)s",
    )
    preflight.add_argument("--drop-outliers", action="store_true", help="place again without them")
    preflight.add_argument(
        "--max-minutes",
        type=minutes,
        metavar="M",
        help="cap on a real processor's time; default: no cap",
    )
    preflight.add_argument(
        "--dry-run", action="store_true", help="say what it would cost, and run nothing"
    )
    preflight.add_argument(
        "--out",
        type=Path,
        default=Path("out"),
        metavar="DIR",
        help="for the table and the map; default %(default)s",
    )
    add_json(preflight)
    preflight.set_defaults(run=run, stopped=JOBS_KEPT)


def run(args: argparse.Namespace) -> None:
    """Measures the pairs of a processor, prints what it finds and draws it."""
    from quantum_advantage.backends.devices.chain_placement import chain_circuit
    from quantum_advantage.preflight import processors

    name = read_processor(args.processor)
    refuse_idle_minutes(args.max_minutes, name)
    if args.dry_run:
        _tell_cost(args, name)
        return
    jobs = args.out / "jobs" / f"preflight_{name.label}"
    backend = opened = processors.open_processor(name, jobs, args.max_minutes)
    if args.chain:
        backend.chain(chain_circuit(args.pairs))
    else:
        backend.place(args.pairs)
    make_folder(args.out / "preflight", args.out)
    if name.digest:
        keep(name.processor, name.digest, args.out)
    kind = "chain_" if args.chain else ""
    stem = args.out / "preflight" / f"{name.label}_{kind}{args.pairs}"
    measure, tell = (_chain, _tell_chain) if args.chain else (_pairs, _tell_pairs)
    choose = processors.chain_avoiding if args.chain else processors.avoiding
    avoid: frozenset[Qubit] = frozenset()
    measured = []
    while True:
        places, found, bad = measure(backend, args.pairs, stem, args.shots)
        measured.append({"backend": backend.name, **_values(places, found, stem)})
        if not args.json:
            tell(places, found, args.pairs, stem)
        if not (args.drop_outliers and bad):
            break
        # What stood out once stays away, though it is no longer measured.
        avoid |= bad
        backend = choose(opened, args.pairs, avoid)
        stem = stem.with_name(f"{stem.name}_without")
        if not args.json:
            sys.stdout.write(f"\nwithout them: {backend.name}\n")
    if args.json:
        print_json(pairs=args.pairs, chain=args.chain, shots=args.shots, preflights=measured)


def _tell_cost(args: argparse.Namespace, name: BackendName) -> None:
    """Prints what it would cost; a virtual processor stands in for the layout of a real one."""
    from quantum_advantage.preflight.costs import preflight_cost
    from quantum_advantage.preflight.processors import stand_in

    circuits, cost = preflight_cost(name, args.pairs, args.shots, chain=args.chain)
    if args.json:
        print_json(circuits=circuits, shots=args.shots, **cost_values(cost))
        return
    out = sys.stdout.write
    if name.base == "engine":
        place = stand_in(name.processor)
        out(f"({name.processor} is not asked: the virtual {place} stands in for it)\n")
    out(f"{circuits} circuits of {args.shots} shots, no copy of an unknown state: ")
    out(f"{cost_line(cost)}\n")
    if args.drop_outliers:
        out("--drop-outliers: about as much again each time that pairs stand out\n")


def _pairs(backend: ProcessorBackend, pairs: int, stem: Path, shots: int) -> Measured:
    """Measures pairs; returns them, what is found, and the qubits that stand out."""
    from quantum_advantage.backends.devices.placement import pair_places
    from quantum_advantage.preflight.processors import outlying_qubits, run_preflight

    found = run_preflight(backend, pairs, stem, shots)
    chosen = backend.place(pairs)
    return pair_places(chosen), found, outlying_qubits(chosen, found)


def _chain(backend: ProcessorBackend, pairs: int, stem: Path, shots: int) -> Measured:
    """Measures a chain and the couplers between its systems, which come after its pairs."""
    from quantum_advantage.backends.devices.chain_placement import chain_circuit
    from quantum_advantage.backends.devices.placement import pair_places
    from quantum_advantage.preflight.processors import outlying_qubits, run_chain_preflight

    measured = run_chain_preflight(backend, chain_circuit(pairs), stem, shots)
    bad = outlying_qubits(measured.couplers, measured.found)
    return pair_places(measured.couplers), measured.found, bad


def _values(places: Sequence[PairPlace], found: Preflight, stem: Path) -> dict[str, Any]:
    """Returns what is told of a preflight; the cost of each coupler is among its numbers."""
    from quantum_advantage.preflight.files import preflight_values

    return {
        "couplers": list(preflight_values(places, found)),
        "outliers": int(found.outliers().sum()),
        "table": f"{stem}.csv",
        "figure": f"{stem}.png",
    }


def _tell_pairs(places: Sequence[PairPlace], found: Preflight, pairs: int, stem: Path) -> None:
    from quantum_advantage.preflight.files import preflight_lines

    for line in preflight_lines(places, found):
        sys.stdout.write(f"{line}\n")
    cost = float(found.costs().prod())
    sys.stdout.write(f"copies grow by {cost:.3g}, {cost ** (1 / pairs):.3f} a pair; ")
    sys.stdout.write(f"{int(found.outliers().sum())} of {pairs} pairs stand out; ")
    sys.stdout.write(f"in {stem}.csv and {stem}.png\n")


def _tell_chain(places: Sequence[PairPlace], found: Preflight, pairs: int, stem: Path) -> None:
    from quantum_advantage.backends.names import write_pairs
    from quantum_advantage.preflight.files import preflight_lines

    header, *lines = preflight_lines(places, found)
    for line in (header, *lines[:pairs]):
        sys.stdout.write(f"{line}\n")
    if lines[pairs:]:
        sys.stdout.write("couplers between neighbouring systems:\n")
    for line in lines[pairs:]:
        sys.stdout.write(f"{line}\n")
    flagged = int(found.outliers().sum())
    sys.stdout.write(f"{flagged} of {len(places)} couplers stand out; ")
    sys.stdout.write(f"in {stem}.csv and {stem}.png\n")
    sys.stdout.write(f"pairs={write_pairs(places[:pairs])}\n")
