"""``quantum-advantage layout``: a choice of pairs on a processor, printed and drawn."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.cli.arguments import read_processor
from quantum_advantage.core.arguments import MOST_QUBITS, at_least
from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.calibration import Device, Pair


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    layout = commands.add_parser("layout", help="choose pairs on a processor and draw them")
    layout.add_argument("device", help="as weber, chip.json or qvm:weber,pairs=3.3-3.2+4.3-4.4")
    layout.add_argument("--pairs", type=at_least(1, MOST_QUBITS), required=True, metavar="N")
    layout.add_argument("--chain", action="store_true", help="the systems form a chain")
    layout.add_argument(
        "--grid",
        type=at_least(1, MOST_QUBITS),
        metavar="ROWS",
        help="the pairs form a block, for evolutions on a grid of so many rows at depth 5",
    )
    layout.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    layout.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints the chosen pairs with their errors, and draws them on the chip."""
    from quantum_advantage.backends.devices.placement import best_chain, pair_places
    from quantum_advantage.backends.names import write_pairs
    from quantum_advantage.preflight.processors import draw_layout, open_processor

    name = read_processor(args.device)
    if args.chain and args.grid:
        raise UsageError("--chain and --grid are two layouts; leave one of them out")
    if (args.chain or args.grid) and name.pairs:
        option = "--chain" if args.chain else "--grid"
        raise UsageError(f"{option} chooses the pairs itself; leave it out, or pairs=")
    backend = open_processor(name, args.out / "jobs" / f"layout_{name.label}")
    device = backend.device
    out = sys.stdout.write
    if args.grid:
        pairs, about = _on_grid(device, args.pairs, args.grid)
    else:
        pairs = best_chain(device, args.pairs) if args.chain else tuple(backend.place(args.pairs))
        about = ""
    out(f"{'pair':14s}{'gate':>12s}{'gate error':>12s}{'readout errors':>26s}{'cost':>8s}\n")
    for place, pair in zip(pair_places(pairs), pairs, strict=True):
        gate = device.gate(pair)
        error = device.gate_errors[min(pair), max(pair)][gate]
        readout = " ".join(f"{e:.2%}" for q in pair for e in device.readout_errors[q])
        out(f"{write_pairs([place]):14s}{gate:>12s}{error:12.2%}{readout:>26s}")
        out(f"{math.exp(device.weight(pair)):8.3f}\n")
    total = sum(device.weight(pair) for pair in pairs)
    out(f"expected: copies grow by {math.exp(total):.3g}, ")
    out(f"{math.exp(total / len(pairs)):.3f} for each pair\n")
    out(f"pairs={write_pairs(pair_places(pairs))}\n")
    out(about)
    kind = "chain" if args.chain else f"grid_{args.grid}" if args.grid else "pairs"
    stem = args.out / "layout" / f"{name.label}_{kind}_{args.pairs}"
    draw_layout(device, pairs, args.chain, stem)
    out(f"drawn in {stem}.png\n")


def _on_grid(device: Device, pairs: int, rows: int) -> tuple[Sequence[Pair], str]:
    """Returns the pairs of a block, systems first as the circuit begins, and what it takes."""
    from quantum_advantage.backends.devices.blocks import best_block
    from quantum_advantage.tasks.registry import load_task

    native = "syc" if "syc" in device.accepted else "cz"
    task = load_task(f"dynamics:depth=5,geometry=grid:rows={rows},native={native}")
    circuit = task.circuit("bell_on_grid", pairs)
    block = best_block(device, circuit)
    sites = [q for _, q in sorted(block.qubits.items())]
    systems = {block.qubits[q] for q in circuit[0].qubits}
    placed = [
        (a, b) if a in systems else (b, a) for a, b in zip(sites[::2], sites[1::2], strict=True)
    ]
    return placed, (
        f"grid of {rows} x {pairs // rows}, dynamics at depth 5: {block.gates} {block.gate} in a "
        f"shot; its gates and readouts leave a factor of {block.fidelity:.3g}\n"
    )
