"""The noise of a layer, learned from circuits of several depths between Bell pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.characterise.blocks import Block
from quantum_advantage.characterise.layers import Layer
from quantum_advantage.characterise.learnable import Start, learnable
from quantum_advantage.characterise.requests import layered_request, mean_signs
from quantum_advantage.circuits.request import DialSampler
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import seed_of, whole_number
from quantum_advantage.inference.bell.decays import Decays, fit_decays, setting_means

Floats = npt.NDArray[np.float64]

DEPTHS = (0, 2, 4, 8, 16, 32)
SETTINGS, SHOTS = 100, 100
# Fits that are worse than all but so many of good ones are told.
MISFIT = 1e-3


@dataclass(frozen=True, eq=False)
class Characterisation:
    """What was learned about a layer.

    Attributes:
        layer: The layer.
        depths: The numbers of layers.
        settings: Choices of random Pauli gates in each circuit.
        shots: Shots of each setting.
        decays: For each start the fits of all blocks, (blocks,) each.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> qsim = open_backend("qsim").make(1)
        >>> found = characterise(
        ...     qsim, [Block((a, b), (c, d))], LAYERS["wait"], (0, 2), settings=3, shots=40, seed=2
        ... )
        >>> found.blocks, found.circuits, found.copies
        (1, 2, 240)
        >>> bool(np.allclose(found.decays[Start(False, 1)].factors, 1))
        True
    """

    layer: Layer
    depths: tuple[int, ...]
    settings: int
    shots: int
    decays: Mapping[Start, Decays]

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return next(iter(self.decays.values())).factors.size

    @property
    def circuits(self) -> int:
        """The number of circuits."""
        return len(self.depths) * len(self.layer.turns)

    @property
    def copies(self) -> int:
        """How often the Bell pairs were made, all blocks at once."""
        return self.circuits * self.settings * self.shots

    def misfits(self) -> list[tuple[Start, int]]:
        """Returns the starts and blocks whose signals decay in another way than A λ^d.

        The level of ``MISFIT`` is shared by all of them.
        """
        level = MISFIT / (len(self.decays) * self.blocks)
        return [
            (start, int(block))
            for start, decays in self.decays.items()
            for block in np.flatnonzero(decays.p_values < level)
        ]


def characterise(
    sampler: cirq.Sampler | DialSampler,
    blocks: Sequence[Block],
    layer: Layer,
    depths: Sequence[int] = DEPTHS,
    settings: int = SETTINGS,
    shots: int = SHOTS,
    seed: int | np.random.Generator = 0,
) -> Characterisation:
    """Learns the noise of a layer on blocks, all at once.

    Args:
        sampler: Where the circuits run.
        blocks: The blocks.
        layer: The layer.
        depths: The numbers d of layers, even and at least two of them.
        settings: Choices of random Pauli gates in each circuit, at least two.
        shots: Shots of each setting.
        seed: Draws the settings.

    Raises:
        UsageError: If the depths do not fit, or the sampler refuses a circuit.
    """
    wanted = check_depths(depths)
    settings, shots = whole_number("settings", settings, 2), whole_number("shots", shots, 1)
    rng = np.random.default_rng(seed_of(seed))
    asked = {
        (turned, depth): layered_request(blocks, layer, turned, depth, settings, shots, rng)
        for turned in layer.turns
        for depth in wanted
    }
    records = run([one.request for one in asked.values()], sampler)
    signs = {
        key: setting_means(mean_signs(one, record), shots)
        for (key, one), record in zip(asked.items(), records, strict=True)
    }
    decays: dict[Start, Decays] = {}
    for turned in layer.turns:
        means, errors = (
            np.stack([signs[turned, depth][i] for depth in wanted], axis=-1) for i in (0, 1)
        )
        for start in learnable(layer).starts:
            if start.turned == turned:
                decays[start] = fit_decays(
                    wanted, means[:, start.string], errors[:, start.string], settings
                )
    return Characterisation(layer, wanted, settings, shots, decays)


def check_depths(depths: Sequence[int]) -> tuple[int, ...]:
    """Returns depths in order.

    Args:
        depths: The numbers of layers.

    Raises:
        UsageError: If one is odd or negative, or there are fewer than two.

    Example:
        >>> check_depths([8, 0, 2])
        (0, 2, 8)
    """
    wanted = tuple(sorted({whole_number("depths", depth) for depth in depths}))
    if len(wanted) < 2 or wanted[0] < 0 or any(depth % 2 for depth in wanted):
        raise UsageError(
            "depths must be at least two different even numbers, as 0, 2, 4, 8, not "
            f"{', '.join(map(str, depths)) or 'none'}"
        )
    return wanted
