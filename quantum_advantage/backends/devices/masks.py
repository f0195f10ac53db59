"""Readout masks: every qubit is flipped or not before its readout, and its bit flipped back."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.devices.gauges import turns_of
from quantum_advantage.circuits.request import Dial, Request, distinct_rows, measured_qubits
from quantum_advantage.core.bits import Words, pack_bits

# Repetitions of one parameter set share so many masks, a random half and its complements: every
# one costs time on a processor, and with complements each bit is flipped half the time.
MASKS = 16
# Begins the names of the symbols that set the masks.
MASK = "readout_mask_"


def draw_masks(request: Request, width: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Draws the readout masks of a request.

    Args:
        request: The request.
        width: How many bits it measures.
        rng: Draws them.

    Returns:
        (shots, width) bits, or (shots, 0) where none are wanted.
    """
    if not request.twirled:
        return np.zeros((request.shots, 0), dtype=np.uint8)
    _, kinds = distinct_rows(request.table, request.shots)
    counts, turn = np.bincount(kinds), turns_of(kinds)
    if counts.max() <= MASKS:
        # Few repetitions: a mask of its own for every shot.
        octets = np.frombuffer(rng.bytes(-(-request.shots * width // 8)), dtype=np.uint8)
        return np.unpackbits(octets, count=request.shots * width).reshape(request.shots, width)
    half = rng.integers(0, 2, (counts.size, MASKS // 2, width), dtype=np.uint8)
    masks = np.concatenate([half, 1 - half], axis=1)
    return masks[kinds, turn % MASKS]


def unmasked(
    request: Request, masks: npt.NDArray[np.uint8], bits: Mapping[str, Words]
) -> dict[str, Words]:
    """Takes the readout masks back.

    Args:
        request: The request.
        masks: Its masks.
        bits: For each measurement key the packed bits, (shots, words), of the masked circuit.
    """
    flipped, start = {}, 0
    for key, qubits in measured_qubits(request.circuit).items():
        stop = start + len(qubits)
        flipped[key] = bits[key] ^ pack_bits(masks[:, start:stop])
        start = stop
    return flipped


@functools.cache
def mask_dials(count: int) -> tuple[Dial, ...]:
    """Returns the dials of so many mask bits, one for each.

    Args:
        count: How many bits are measured.

    Example:
        >>> mask_dials(1)
        (Dial(name='readout_mask_0', symbols=('readout_mask_0',), positions=((0.0,), (1.0,))),)
    """
    names = [f"{MASK}{i}" for i in range(count)]
    return tuple(Dial(name, (name,), ((0.0,), (1.0,))) for name in names)
