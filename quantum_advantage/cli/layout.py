"""``quantum-advantage layout``: a choice of pairs on a processor, printed and drawn."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.cli.arguments import (
    PROCESSOR_HELP,
    add_json,
    print_json,
    read_processor,
)
from quantum_advantage.core.arguments import MOST_QUBITS, at_least
from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.venues import check_folder

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.calibration import Device, Pair


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    layout = commands.add_parser("layout", help="choose pairs on a processor and draw them")
    layout.add_argument("processor", metavar="PROCESSOR", help=PROCESSOR_HELP)
    layout.add_argument(
        "--pairs", type=at_least(1, MOST_QUBITS), required=True, metavar="N", help="how many"
    )
    layout.add_argument("--chain", action="store_true", help="the systems form a chain")
    layout.add_argument(
        "--grid",
        type=at_least(1, MOST_QUBITS),
        metavar="ROWS",
        help="the pairs form a block, for evolutions on a grid of so many rows at depth 5; "
        "default: pairs anywhere",
    )
    layout.add_argument(
        "--out",
        type=Path,
        default=Path("out"),
        metavar="DIR",
        help="for the picture; default %(default)s",
    )
    add_json(layout)
    layout.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Prints the chosen pairs with their errors, and draws them on the chip."""
    from quantum_advantage.backends.devices.placement import best_chain
    from quantum_advantage.preflight.processors import draw_layout, open_processor

    name = read_processor(args.processor)
    if args.chain and args.grid:
        raise UsageError("--chain and --grid are two layouts; leave one of them out")
    if (args.chain or args.grid) and name.pairs:
        option = "--chain" if args.chain else "--grid"
        raise UsageError(f"{option} chooses the pairs itself; leave it out, or pairs=")
    check_folder(args.out)
    backend = open_processor(name, args.out / "jobs" / f"layout_{name.label}")
    device = backend.device
    block = None
    if args.grid:
        pairs, block = _on_grid(device, args.pairs, args.grid)
    else:
        pairs = best_chain(device, args.pairs) if args.chain else tuple(backend.place(args.pairs))
    kind = "chain" if args.chain else f"grid_{args.grid}" if args.grid else "pairs"
    stem = args.out / "layout" / f"{name.label}_{kind}_{args.pairs}"
    found = _values(device, pairs) | {"block": block, "figure": f"{stem}.png"}
    if not args.json:
        _print(found)
    draw_layout(device, pairs, args.chain, stem)
    if args.json:
        print_json(processor=str(name), kind=kind, **found)
    else:
        sys.stdout.write(f"drawn in {stem}.png\n")


def _values(device: Device, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Returns what is told of pairs: each with its errors, and by what factor copies grow."""
    from quantum_advantage.backends.devices.placement import pair_places
    from quantum_advantage.backends.names import write_pairs

    places = pair_places(pairs)
    rows = []
    for place, pair in zip(places, pairs, strict=True):
        gate = device.gate(pair)
        rows.append(
            {
                "pair": write_pairs([place]),
                "gate": gate,
                "gate_error": device.gate_errors[min(pair), max(pair)][gate],
                "readout_errors": [e for q in pair for e in device.readout_errors[q]],
                "cost": math.exp(device.weight(pair)),
            }
        )
    total = sum(device.weight(pair) for pair in pairs)
    growth = {"growth": math.exp(total), "growth_per_pair": math.exp(total / len(pairs))}
    return {"pairs": rows, **growth, "option": f"pairs={write_pairs(places)}"}


def _print(found: dict[str, Any]) -> None:
    out = sys.stdout.write
    out(f"{'pair':14s}{'gate':>12s}{'gate error':>12s}{'readout errors':>26s}{'cost':>8s}\n")
    for row in found["pairs"]:
        readout = " ".join(f"{error:.2%}" for error in row["readout_errors"])
        out(f"{row['pair']:14s}{row['gate']:>12s}{row['gate_error']:12.2%}{readout:>26s}")
        out(f"{row['cost']:8.3f}\n")
    out(f"expected: copies grow by {found['growth']:.3g}, ")
    out(f"{found['growth_per_pair']:.3f} for each pair\n")
    out(f"{found['option']}\n")
    if block := found["block"]:
        out(
            f"grid of {block['rows']} x {block['columns']}, dynamics at depth 5: {block['gates']} "
            f"{block['gate']} in a shot; its gates and readouts leave a factor of "
            f"{block['factor']:.3g}\n"
        )


def _on_grid(device: Device, pairs: int, rows: int) -> tuple[Sequence[Pair], dict[str, Any]]:
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
    return placed, {
        "rows": rows,
        "columns": pairs // rows,
        "gate": block.gate,
        "gates": block.gates,
        "factor": block.fidelity,
    }
