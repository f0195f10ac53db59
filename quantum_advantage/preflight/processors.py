"""What a run on a processor needs around it: opening, preflight, leaving out pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantum_advantage.backends.devices.engine import open_engine
from quantum_advantage.backends.devices.placement import best_chain, best_pairs, pair_places
from quantum_advantage.backends.devices.virtual import (
    VIRTUAL,
    ProcessorBackend,
    open_virtual,
)
from quantum_advantage.backends.names import BackendName, PairPlace
from quantum_advantage.core.files import write_file
from quantum_advantage.plots import draw_chip, new_figure, render
from quantum_advantage.preflight.chains import ChainPreflight, measure_chain
from quantum_advantage.preflight.files import preflight_table
from quantum_advantage.preflight.pairs import SHOTS, Preflight, measure_pairs

if TYPE_CHECKING:
    import cirq
    from matplotlib.figure import Figure

    from quantum_advantage.backends.devices.calibration import Device, Pair, Qubit

# Replaces a real processor that is not connected: the latest one with a public calibration.
STAND_IN = "willow_pink"


def open_processor(
    name: BackendName, jobs: Path, max_minutes: float | None = None
) -> ProcessorBackend:
    """Opens a virtual or a real processor.

    Args:
        name: The backend.
        jobs: The folder for the jobs of a real one.
        max_minutes: Cap on the device time of a real one.

    Raises:
        UsageError: If it cannot be opened.

    Example:
        >>> from quantum_advantage.backends.names import read_backend
        >>> open_processor(read_backend("qvm:rainbow"), Path("unused")).device.name
        'rainbow'
    """
    if name.base == "qvm":
        return open_virtual(name)
    return open_engine(name, jobs, max_minutes)


def run_preflight(
    backend: ProcessorBackend, pairs: int, stem: Path, shots: int = SHOTS
) -> Preflight:
    """Runs the preflight and leaves ``stem.csv`` and its map, ``stem.png``, ``.svg``, ``.pdf``.

    Args:
        backend: The processor.
        pairs: The number of pairs.
        stem: The files without their endings.
        shots: Shots of each circuit of the preflight.

    Returns:
        The preflight.

    Raises:
        UsageError: If the processor holds fewer pairs, or a job fails.
        OSError: If a file cannot be written.
    """
    couplers = tuple(backend.place(pairs))
    found = measure_pairs(backend.make(0), pairs, shots)
    _leave(backend, couplers, found, stem, "pair")
    return found


def run_chain_preflight(
    backend: ProcessorBackend, circuit: cirq.AbstractCircuit, stem: Path, shots: int = SHOTS
) -> ChainPreflight:
    """Runs the preflight of a chain and leaves the same files; pairs come first in the table.

    Args:
        backend: The processor.
        circuit: The circuit that the chain is chosen for.
        stem: The files without their endings.
        shots: Shots of each circuit of the preflight.

    Returns:
        The preflight.

    Raises:
        UsageError: If the processor holds no such chain, or a job fails.
        OSError: If a file cannot be written.
    """
    measured = measure_chain(backend, circuit, shots)
    _leave(backend, measured.couplers, measured.found, stem, "coupler")
    return measured


def _leave(
    backend: ProcessorBackend, couplers: Sequence[Pair], found: Preflight, stem: Path, one: str
) -> None:
    places = pair_places(couplers)
    stem.parent.mkdir(parents=True, exist_ok=True)
    write_file(stem.with_suffix(".csv"), preflight_table(backend.name, places, found))
    render(lambda: _draw_preflight(backend, places, found, one), stem)


def outlying_qubits(couplers: Sequence[Pair], found: Preflight) -> frozenset[Qubit]:
    """Returns both qubits of every coupler that stands out.

    Args:
        couplers: The couplers.
        found: Their preflight.

    Example:
        >>> from quantum_advantage.backends.simulators.factorised import FactorisedSampler
        >>> perfect = measure_pairs(FactorisedSampler(seed=1), 2, shots=120)
        >>> outlying_qubits(open_virtual("qvm:rainbow").place(2), perfect)
        frozenset()
    """
    flagged = zip(couplers, found.outliers(), strict=True)
    return frozenset(qubit for coupler, out in flagged if out for qubit in coupler)


def avoiding(backend: ProcessorBackend, pairs: int, avoid: Iterable[Qubit]) -> ProcessorBackend:
    """Returns the processor with the lightest pairs without some qubits.

    Args:
        backend: The processor.
        pairs: The number of pairs.
        avoid: The qubits; if there are none, the processor stays as it is.

    Raises:
        UsageError: If the rest of the processor holds fewer pairs.

    Example:
        >>> rainbow = open_virtual("qvm:rainbow")
        >>> avoiding(rainbow, 2, ()) is rainbow
        True
        >>> bad = rainbow.place(1)[0]
        >>> set(bad) & {q for pair in avoiding(rainbow, 2, bad).place(2) for q in pair}
        set()
    """
    return _placed_again(backend, "pairs", best_pairs, pairs, avoid)


def chain_avoiding(
    backend: ProcessorBackend, pairs: int, avoid: Iterable[Qubit]
) -> ProcessorBackend:
    """Returns the processor with the lightest chain without some qubits.

    Args:
        backend: The processor.
        pairs: The length of the chain.
        avoid: The qubits; if there are none, the processor stays as it is.

    Raises:
        UsageError: If no such chain is found on the rest of the processor.

    Example:
        >>> from quantum_advantage.backends.devices.chain_placement import chain_circuit
        >>> weber = open_virtual("qvm:weber")
        >>> bad = weber.chain(chain_circuit(3))[0]
        >>> other = chain_avoiding(weber, 3, bad).chain(chain_circuit(3))
        >>> set(bad) & {q for pair in other for q in pair}
        set()
    """
    return _placed_again(backend, "chain", best_chain, pairs, avoid)


def _placed_again(
    backend: ProcessorBackend,
    kind: str,
    best: Callable[[Device, int, Iterable[Qubit]], Sequence[Pair]],
    pairs: int,
    avoid: Iterable[Qubit],
) -> ProcessorBackend:
    bad = frozenset(avoid)
    if not bad:
        return backend
    names = "+".join(f"{q.row}.{q.col}" for q in sorted(bad))
    return backend.on_pairs(
        f"{kind} {pairs} without {names}", lambda: best(backend.device, pairs, bad)
    )


def _draw_preflight(
    backend: ProcessorBackend, places: Sequence[PairPlace], found: Preflight, one: str
) -> Figure:
    return _chip_figure(
        backend.device,
        places,
        f"Preflight of {backend.device.name}: what each {one} multiplies the copies by",
        values=found.costs().tolist(),
        flagged=found.outliers().tolist(),
    )


def _chip_figure(device: Device, places: Sequence[PairPlace], title: str, **options: Any) -> Figure:
    """Returns a figure of one chip map; ``options`` go to ``plots.draw_chip``."""
    figure = new_figure(4.4, 4.0)
    (ax,) = figure.axes
    draw_chip(ax, couplers_of(device), places, **options)
    ax.set_title(title)
    return figure


def draw_layout(device: Device, pairs: Sequence[Pair], chain: bool, stem: Path) -> None:
    """Draws pairs on the map of a device, with the factor by which each multiplies the copies.

    Args:
        device: The device.
        pairs: The pairs.
        chain: Whether the systems form a chain.
        stem: The files without their endings; three are written, ``.png``, ``.svg`` and ``.pdf``.

    Raises:
        OSError: If a file cannot be written.
    """
    costs = [math.exp(device.weight(pair)) for pair in pairs]
    kind = "a chain of " if chain else ""
    title = f"{device.name}: {kind}{len(pairs)} pairs, and what each costs"
    places = pair_places(pairs)
    render(lambda: _chip_figure(device, places, title, values=costs, chain=chain), stem)


def couplers_of(device: Device) -> list[PairPlace]:
    """Returns all couplers of a device as pairs of places, (row, column) each.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> len(couplers_of(virtual_device("rainbow")))
        32
    """
    return list(pair_places(device.couplers.edges))


def stand_in(processor: str) -> str:
    """Returns the virtual processor of that name, or the one that stands in for all others.

    Example:
        >>> stand_in("rainbow"), stand_in("some_real_processor")
        ('rainbow', 'willow_pink')
    """
    return processor if processor in VIRTUAL else STAND_IN
