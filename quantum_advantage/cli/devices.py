"""``quantum-advantage devices``: the processors and their calibrations."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from quantum_advantage.cli.arguments import add_json, print_json, read_processor
from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.calibration import Device


def add_parser(commands: Any) -> None:
    """Adds the command."""
    devices = commands.add_parser("devices", help="list the processors and their calibrations")
    devices.add_argument(
        "processors",
        nargs="*",
        metavar="PROCESSOR",
        help="weber, rainbow, willow_pink or a calibration as chip.json; default: all of the three",
    )
    add_json(devices)
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
    found = [(str(name), virtual_device(name.processor, name.digest)) for name in names]
    if args.json:
        print_json(processors=[_values(*one) for one in found])
        return
    for one in found:
        _print(*one)
    if not args.processors:
        sys.stdout.write(
            "engine:PROJECT/PROCESSOR: a real processor, with access and credentials\n"
        )


def _values(name: str, device: Device) -> dict[str, Any]:
    """Returns what is told of a processor; what a calibration does not say is None."""
    from quantum_advantage.backends.devices.placement import longest_chain, most_pairs

    graph, medians = device.couplers, device.medians()
    return {
        "name": name,
        "qubits": graph.number_of_nodes(),
        "couplers": graph.number_of_edges(),
        "most_pairs": most_pairs(graph),
        "longest_chain": longest_chain(device),
        "calibrated": None if device.calibrated is None else f"{device.calibrated:%Y-%m-%d}",
        "two_qubit_errors": {gate: medians.get(f"{gate} error") for gate in device.accepted},
        "one_qubit_error": medians["1q error"],
        "t1_us": medians.get("T1 us"),
        "readout_errors": [medians["readout 0"], medians["readout 1"]],
    }


def _print(name: str, device: Device) -> None:
    out = sys.stdout.write
    found = _values(name, device)
    out(f"{name}: {found['qubits']} qubits, {found['couplers']} couplers, ")
    out(f"at most {found['most_pairs']} pairs, longest chain of pairs found ")
    out(f"{found['longest_chain']}, calibrated {found['calibrated'] or 'unknown'}\n")
    for gate, error in found["two_qubit_errors"].items():
        known = "accepted, but not calibrated: refused"
        out(f"    {gate:12s}{known if error is None else f'median Pauli error {error:.2%}'}\n")
    out(f"    {'one qubit':12s}median Pauli error {found['one_qubit_error']:.2%}, ")
    out("T1 unknown\n" if found["t1_us"] is None else f"T1 {found['t1_us']:.0f} µs\n")
    zero, one = found["readout_errors"]
    out(f"    {'readout':12s}median errors {zero:.2%} of 0, {one:.2%} of 1\n")
