"""The picture of a layer's noise: the chip's map, and the factors of every block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.devices.calibration import Device
from quantum_advantage.backends.devices.placement import pair_places
from quantum_advantage.characterise.blocks import Block
from quantum_advantage.characterise.characterisation import Characterisation
from quantum_advantage.characterise.exact import exact_factors
from quantum_advantage.characterise.files import layer_errors
from quantum_advantage.characterise.layers import visited
from quantum_advantage.plots import draw_chip, new_figure, palette
from quantum_advantage.preflight.processors import couplers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]


def noise_figure(
    device: Device,
    blocks: Sequence[Block],
    learned: Characterisation,
    exact: Floats | None = None,
) -> Figure:
    """Draws the blocks on the chip, and beside it the error of every decay.

    Args:
        device: The chip.
        blocks: The blocks.
        learned: What was learned about them.
        exact: (blocks, 16, 16) the eigenvalues of the noise model, if it is known.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import open_virtual
        >>> from quantum_advantage.characterise.blocks import best_blocks
        >>> from quantum_advantage.characterise.characterisation import characterise
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> rainbow = open_virtual("qvm:rainbow")
        >>> blocks = best_blocks(rainbow.device, 2)
        >>> learned = characterise(rainbow.make(1), blocks, LAYERS["wait"], (0, 2), 2, 50)
        >>> figure = noise_figure(rainbow.device, blocks, learned)
        >>> figure.axes[0].get_title()
        'Rainbow: the error of a layer on each block'
    """
    figure = new_figure(8.2, 4.4, columns=2, width_ratios=(1.25, 1))
    chip, decays = figure.axes
    pairs = [pair for block in blocks for pair in block.pairs]
    # Noise may leave an error below 0 where there is hardly any.
    errors = np.repeat(100 * np.maximum(layer_errors(learned), 0.0), 2).tolist()
    places = pair_places([(_on_grid(a), _on_grid(b)) for a, b in pairs])
    draw_chip(chip, couplers_of(device), places, values=errors, label="error of a layer (%)")
    for block in blocks:
        for side, on in zip((block.systems, block.memories), learned.layer.coupled, strict=True):
            if on:
                a, b = map(_on_grid, side)
                chip.plot([a.col, b.col], [a.row, b.row], color=palette.INK, lw=1.0, zorder=3)
    name = device.name.replace("_", " ").capitalize()
    chip.set_title(f"{name}: the error of a layer on each block")
    _draw_decays(decays, learned, exact)
    return figure


def _draw_decays(ax: Axes, learned: Characterisation, exact: Floats | None) -> None:
    layer = learned.layer
    order = sorted(
        learned.decays, key=lambda s: (visited(layer, s.turned, s.string), s.turned, s.string)
    )
    shift = 0.7 / max(learned.blocks, 1)
    for row, start in enumerate(order):
        decay = learned.decays[start]
        heights = row + shift * (np.arange(learned.blocks) - (learned.blocks - 1) / 2)
        ends = 100 * (1 - np.stack([decay.high, decay.low]))
        ax.hlines(heights, *ends, color=palette.WARM, lw=0.8)
        ax.plot(100 * (1 - decay.factors), heights, "o", ms=2, color=palette.WARM)
        if exact is not None:
            truth = 100 * (1 - exact_factors(exact, layer, start.turned)[:, start.string])
            ax.plot(truth, heights, "|", ms=3.5, mew=0.8, color=palette.EXACT)
    labels = [" ".join(map(str, visited(layer, s.turned, s.string))) for s in order]
    ax.set_yticks(range(len(order)), labels, fontsize=5)
    ax.set(xlabel="error of a layer, 1 - λ (%)", ylim=(len(order) - 0.4, -0.6))
    known = "; ticks: noise model" if exact is not None else ""
    ax.set_title(f"{layer.name}: every string, 95 %{known}")


def _on_grid(qubit: cirq.Qid) -> cirq.GridQubit:
    assert isinstance(qubit, cirq.GridQubit)
    return qubit
