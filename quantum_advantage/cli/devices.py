"""``quantum-advantage devices``: the processors and their calibrations."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from quantum_advantage.cli.arguments import read_processor
from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.calibration import Device


def add_parser(commands: Any) -> None:
    """Adds the command."""
    devices = commands.add_parser("devices", help="list the processors and their calibrations")
    devices.add_argument(
        "processors", nargs="*", metavar="PROCESSOR", help="as weber, or chip.json, a calibration"
    )
    devices.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints what is known of virtual processors: of all, or of those that are named."""
    from quantum_advantage.backends.devices.virtual import VIRTUAL, virtual_device

    names = [read_processor(text) for text in args.processors or VIRTUAL]
    if real := next((str(name) for name in names if name.base != "qvm"), None):
        raise UsageError(
            f"{real} is a real processor, which is not asked: save its calibration as a file, and "
            "name that"
        )
    for name in names:
        _print(str(name), virtual_device(name.processor, name.digest))
    if not args.processors:
        sys.stdout.write(
            "engine:PROJECT/PROCESSOR: a real processor, with access and credentials\n"
        )


def _print(name: str, device: Device) -> None:
    from quantum_advantage.backends.devices.placement import longest_chain, most_pairs

    out = sys.stdout.write
    graph = device.couplers
    date = "unknown" if device.calibrated is None else f"{device.calibrated:%Y-%m-%d}"
    out(f"{name}: {graph.number_of_nodes()} qubits, {graph.number_of_edges()} couplers, ")
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
    out(f"T1 {medians['T1 us']:.0f} µs\n" if "T1 us" in medians else "T1 unknown\n")
    out(f"    {'readout':12s}median errors {medians['readout 0']:.2%} of 0, ")
    out(f"{medians['readout 1']:.2%} of 1\n")
