"""``quantum-advantage devices``: the processors and their calibrations."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def add_parser(commands: Any) -> None:
    """Adds the command."""
    devices = commands.add_parser("devices", help="list the processors and their calibrations")
    devices.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
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
