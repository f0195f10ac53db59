"""Subcommands about processors: their list, the choice of pairs, the preflight."""

from __future__ import annotations

import argparse
import math
import sys
from typing import TYPE_CHECKING

from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from quantum_advantage.backends.names import BackendName


def devices(args: argparse.Namespace) -> None:
    """Prints what is known of every virtual processor."""
    from quantum_advantage.backends.devices.placement import longest_chain, most_pairs
    from quantum_advantage.backends.devices.virtual import VIRTUAL, virtual_device

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


def _read_processor(text: str) -> BackendName:
    """Reads ``weber``, ``qvm:weber`` or ``engine:PROJECT/PROCESSOR``."""
    from quantum_advantage.backends.names import NAMES, read_backend

    known = text.partition(":")[0] in NAMES
    name = read_backend(text if known else f"qvm:{text}")
    if not name.on_device:
        raise UsageError(
            f"{text!r} is no processor; choose PROCESSOR, qvm:PROCESSOR or "
            "engine:PROJECT/PROCESSOR; quantum-advantage devices lists them"
        )
    return name


def layout(args: argparse.Namespace) -> None:
    """Prints the chosen pairs with their errors, and draws them on the chip."""
    from quantum_advantage.backends.devices.placement import best_chain, pair_places
    from quantum_advantage.backends.names import write_pairs
    from quantum_advantage.preflight.processors import draw_layout, open_processor

    name = _read_processor(args.device)
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


def preflight(args: argparse.Namespace) -> None:
    """Measures the pairs of a processor, prints what it found and draws it."""
    from quantum_advantage.backends.devices.placement import pair_places
    from quantum_advantage.preflight.files import preflight_lines
    from quantum_advantage.preflight.processors import fly, open_processor, without_outliers

    name = _read_processor(args.backend)
    if args.max_minutes is not None and name.base != "engine":
        raise UsageError(
            "--max-minutes would change nothing: it caps the time of a real processor, "
            "engine:PROJECT/PROCESSOR; leave it out"
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
