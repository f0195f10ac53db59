"""``quantum-advantage preflight``: how good the pairs of a processor are now."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.calibration_files import keep
from quantum_advantage.cli.arguments import read_processor
from quantum_advantage.core.arguments import MOST_QUBITS, MOST_SHOTS, at_least, minutes
from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.calibration import Qubit
    from quantum_advantage.backends.devices.virtual import ProcessorBackend


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    preflight = commands.add_parser("preflight", help="measure how good the pairs are now")
    preflight.add_argument("backend", help="PROCESSOR, FILE.json or engine:PROJECT/PROCESSOR")
    preflight.add_argument("--pairs", type=at_least(1, MOST_QUBITS), required=True, metavar="N")
    preflight.add_argument(
        "--chain", action="store_true", help="the systems form a chain, whose couplers are measured"
    )
    preflight.add_argument("--shots", type=at_least(120, MOST_SHOTS), default=6000, metavar="S")
    preflight.add_argument("--drop-outliers", action="store_true", help="place again without them")
    preflight.add_argument(
        "--max-minutes", type=minutes, metavar="M", help="cap on a real processor's time"
    )
    preflight.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    preflight.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Measures the pairs of a processor, prints what it finds and draws it."""
    from quantum_advantage.preflight import processors

    name = read_processor(args.backend)
    if args.max_minutes is not None and name.base != "engine":
        raise UsageError(
            "--max-minutes would change nothing: it caps the time of a real processor, "
            "engine:PROJECT/PROCESSOR; leave it out"
        )
    jobs = args.out / "jobs" / f"preflight_{name.label}"
    backend = opened = processors.open_processor(name, jobs, args.max_minutes)
    if name.digest:
        keep(name.processor, name.digest, args.out)
    kind = "chain_" if args.chain else ""
    stem = args.out / "preflight" / f"{name.label}_{kind}{args.pairs}"
    measure = _chain if args.chain else _pairs
    choose = processors.chain_avoiding if args.chain else processors.avoiding
    avoid: frozenset[Qubit] = frozenset()
    while True:
        bad = measure(backend, args.pairs, stem, args.shots)
        if not (args.drop_outliers and bad):
            return
        # What stood out once stays away, though it is no longer measured.
        avoid |= bad
        backend = choose(opened, args.pairs, avoid)
        stem = stem.with_name(f"{stem.name}_without")
        sys.stdout.write(f"\nwithout them: {backend.name}\n")


def _pairs(backend: ProcessorBackend, pairs: int, stem: Path, shots: int) -> frozenset[Qubit]:
    """Measures pairs, prints what is found, and returns the qubits that stand out."""
    from quantum_advantage.backends.devices.placement import pair_places
    from quantum_advantage.preflight.files import preflight_lines
    from quantum_advantage.preflight.processors import outlying_qubits, run_preflight

    found = run_preflight(backend, pairs, stem, shots)
    for line in preflight_lines(pair_places(backend.place(pairs)), found):
        sys.stdout.write(f"{line}\n")
    cost = float(found.costs().prod())
    sys.stdout.write(f"copies grow by {cost:.3g}, {cost ** (1 / pairs):.3f} a pair; ")
    sys.stdout.write(f"{int(found.outliers().sum())} of {pairs} pairs stand out; ")
    sys.stdout.write(f"in {stem}.csv and {stem}.png\n")
    return outlying_qubits(backend.place(pairs), found)


def _chain(backend: ProcessorBackend, pairs: int, stem: Path, shots: int) -> frozenset[Qubit]:
    """Measures a chain and the couplers between its systems, in the same way."""
    from quantum_advantage.backends.devices.chain_placement import chain_circuit
    from quantum_advantage.backends.devices.placement import pair_places
    from quantum_advantage.backends.names import write_pairs
    from quantum_advantage.preflight.files import preflight_lines
    from quantum_advantage.preflight.processors import outlying_qubits, run_chain_preflight

    measured = run_chain_preflight(backend, backend.chain(chain_circuit(pairs)), stem, shots)
    header, *lines = preflight_lines(pair_places(measured.couplers), measured.found)
    for line in (header, *lines[:pairs]):
        sys.stdout.write(f"{line}\n")
    if measured.links:
        sys.stdout.write("couplers between neighbouring systems:\n")
    for line in lines[pairs:]:
        sys.stdout.write(f"{line}\n")
    flagged = int(measured.found.outliers().sum())
    sys.stdout.write(f"{flagged} of {len(measured.couplers)} couplers stand out; ")
    sys.stdout.write(f"in {stem}.csv and {stem}.png\n")
    sys.stdout.write(f"pairs={write_pairs(pair_places(measured.chain))}\n")
    return outlying_qubits(measured.couplers, measured.found)
