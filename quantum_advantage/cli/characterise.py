"""``quantum-advantage characterise``: the noise of a layer of gates on a processor."""

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
from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.venues import make_folder

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.calibration import Device
    from quantum_advantage.backends.names import BackendName
    from quantum_advantage.characterise.blocks import Block
    from quantum_advantage.characterise.layers import Layer

# Deeper circuits take longer than the service allows.
MOST_SETTINGS, MOST_DEPTH = 1000, 200


def add_parser(commands: Any) -> None:
    """Adds the command and its arguments."""
    characterise = commands.add_parser(
        "characterise", help="learn the noise of a layer of gates with Bell pairs"
    )
    characterise.add_argument("processor", metavar="PROCESSOR", help=PROCESSOR_HELP)
    characterise.add_argument(
        "--layer",
        required=True,
        metavar="LAYER",
        help="cz: CZ between systems; cz_both: between memories too; wait: no gate of two qubits",
    )
    characterise.add_argument(
        "--pairs", type=at_least(2, MOST_QUBITS), required=True, metavar="N", help="an even number"
    )
    characterise.add_argument(
        "--depths",
        nargs="+",
        type=at_least(0, MOST_DEPTH),
        default=(0, 2, 4, 8, 16, 32),
        metavar="D",
        help="numbers of layers, even; default 0 2 4 8 16 32",
    )
    characterise.add_argument(
        "--settings",
        type=at_least(2, MOST_SETTINGS),
        default=100,
        metavar="S",
        help="choices of random Pauli gates in each circuit; default %(default)s",
    )
    characterise.add_argument(
        "--shots",
        type=at_least(1, MOST_SHOTS),
        default=100,
        metavar="S",
        help="of each setting; default %(default)s",
    )
    characterise.add_argument(
        "--seed",
        type=at_least(0, 2**31 - 1),
        default=0,
        metavar="SEED",
        help="of settings and outcomes; default %(default)s",
    )
    characterise.add_argument(
        "--max-minutes",
        type=minutes,
        metavar="M",
        help="cap on a real processor's time; default: no cap",
    )
    characterise.add_argument(
        "--dry-run", action="store_true", help="say what it would cost, and run nothing"
    )
    characterise.add_argument(
        "--out",
        type=Path,
        default=Path("out"),
        metavar="DIR",
        help="for what is learned and the picture; default %(default)s",
    )
    add_json(characterise)
    characterise.set_defaults(run=run, stopped=JOBS_KEPT)


def run(args: argparse.Namespace) -> None:
    """Learns the noise of a layer, prints it, and writes it as JSON and as a picture."""
    from quantum_advantage.characterise.characterisation import characterise, check_depths
    from quantum_advantage.characterise.exact import exact_eigenvalues
    from quantum_advantage.characterise.files import noise_lines, noise_text, noise_values
    from quantum_advantage.characterise.layers import read_layer
    from quantum_advantage.characterise.pictures import noise_figure
    from quantum_advantage.core.files import create_file
    from quantum_advantage.plots import render
    from quantum_advantage.preflight.processors import open_processor

    name = read_processor(args.processor)
    layer, depths = read_layer(args.layer), check_depths(args.depths)
    refuse_idle_minutes(args.max_minutes, name)
    if name.gauge:
        raise UsageError(
            f"gauge={name.gauge} would change nothing: the random Pauli gates of the layers are "
            "gauges already; leave it out"
        )
    if args.dry_run:
        _tell_cost(args, name, layer, depths)
        return
    label = f"{name.label}_{layer.name}_{args.pairs}"
    jobs = args.out / "jobs" / f"characterise_{label}"
    backend = open_processor(name, jobs, args.max_minutes)
    blocks = _blocks(backend.device, name, args.pairs)
    make_folder(args.out / "characterise", args.out)
    exact = exact_eigenvalues(name, blocks, layer)
    learned = characterise(
        backend.make(args.seed), blocks, layer, depths, args.settings, args.shots, args.seed
    )
    if name.digest:
        keep(name.processor, name.digest, args.out)
    content = noise_text(backend.name, blocks, learned)
    stem = _free_stem(args.out / "characterise" / label, content)
    path = stem.with_name(f"{stem.name}.json")
    if not path.exists():
        create_file(path, content)
    render(lambda: noise_figure(backend.device, blocks, learned, exact), stem)
    if args.json:
        values = noise_values(backend.name, blocks, learned)
        print_json(**values, file=str(path), figure=f"{stem}.png")
        return
    for line in noise_lines(blocks, learned, exact):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"in {path} and {stem}.png\n")


def _blocks(device: Device, name: BackendName, pairs: int) -> tuple[Block, ...]:
    from quantum_advantage.backends.devices.placement import grid_pairs, place_on
    from quantum_advantage.characterise.blocks import best_blocks, named_blocks

    if not name.pairs:
        return best_blocks(device, pairs)
    return named_blocks(device, place_on(device, grid_pairs(name.pairs))(pairs)[:pairs])


def _tell_cost(
    args: argparse.Namespace, name: BackendName, layer: Layer, depths: Sequence[int]
) -> None:
    """Prints what it would cost; a virtual processor stands in for the layout of a real one."""
    from quantum_advantage.backends.devices.virtual import virtual_device
    from quantum_advantage.characterise.characterisation import characterise
    from quantum_advantage.preflight.costs import cost_of
    from quantum_advantage.preflight.processors import stand_in

    place = name.processor if name.base == "qvm" else stand_in(name.processor)
    blocks = _blocks(virtual_device(place, name.digest), name, args.pairs)
    cost = cost_of(
        name,
        lambda sampler: characterise(
            sampler, blocks, layer, depths, args.settings, args.shots, args.seed
        ),
    )
    if args.json:
        print_json(**cost_values(cost))
    else:
        sys.stdout.write(f"{cost_line(cost)}\n")


def _free_stem(stem: Path, content: str) -> Path:
    """Returns the first of NAME, NAME_2, NAME_3 that holds the same, or nothing yet."""
    number = 1
    while True:
        found = stem if number == 1 else stem.with_name(f"{stem.name}_{number}")
        path = found.with_name(f"{found.name}.json")
        if not path.exists() or path.read_text() == content:
            return found
        number += 1
