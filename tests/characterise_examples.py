"""Layers on virtual processors: what was learned, and how far it is from the noise model."""

import functools

import numpy as np

from quantum_advantage.backends.devices.virtual import open_virtual
from quantum_advantage.backends.names import read_backend
from quantum_advantage.characterise.blocks import best_blocks
from quantum_advantage.characterise.characterisation import characterise
from quantum_advantage.characterise.exact import exact_eigenvalues, exact_factors
from quantum_advantage.characterise.layers import LAYERS

DEPTHS = {"weber": (0, 2, 6), "willow_pink": (0, 4, 16)}


def blocks_of(processor, pairs):
    return best_blocks(open_virtual(f"qvm:{processor}").device, pairs)


@functools.cache
def exact_on(processor, pairs, layer):
    return exact_eigenvalues(
        read_backend(f"qvm:{processor}"), blocks_of(processor, pairs), LAYERS[layer]
    )


@functools.cache
def learned_on(processor, pairs, layer, settings=40, shots=100, seed=1, depths=None):
    """What is learned from shots of the virtual processor alone."""
    sampler = open_virtual(f"qvm:{processor}").make(seed)
    depths = depths or DEPTHS[processor]
    blocks = blocks_of(processor, pairs)
    return characterise(sampler, blocks, LAYERS[layer], depths, settings, shots, seed)


def deviations(learned, exact):
    """(decays, blocks) how many standard errors each factor is from the noise model's own."""
    rows = []
    for start, decay in learned.decays.items():
        true = exact_factors(exact, learned.layer, start.turned)[:, start.string]
        rows.append((decay.factors - true) / ((decay.high - decay.low) / 3.92))
    return np.array(rows)


def inside(learned, exact):
    """(decays, blocks) whether each interval holds the noise model's own factor."""
    rows = []
    for start, decay in learned.decays.items():
        true = exact_factors(exact, learned.layer, start.turned)[:, start.string]
        rows.append((decay.low <= true) & (true <= decay.high))
    return np.array(rows)
