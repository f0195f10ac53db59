"""Whether bases that are said to be random repeat more often than random ones do.

If a record uses each basis for several shots in a row, and is read without their number ``times``,
it looks like a record with a fresh basis for every shot. Its errors would be too small by √times.

The chance of that in honest data (derived here). Let the bases B_1, ..., B_T of n qubits be
independent and uniform on 3ⁿ. Given B_1, ..., B_{t-1}, the event B_t = B_{t-1} has the chance
3⁻ⁿ whatever these are, so the T - 1 events are independent and the number of repeats is exactly
Bin(T - 1, 3⁻ⁿ). That the record falls into T/k blocks of k equal bases asks for (k - 1) T/k of the
events, which has the chance c_k = 3^(-n (k - 1) T/k); fewer than T lengths k divide T. Data is
refused when the tail of the binomial law, or T c_k for the largest such k, is below LEAST_CHANCE/2.
An honest record is refused with a probability of at most LEAST_CHANCE, for all n and T: each of the
two rules has half of it, the second because the sum of c_k over its lengths k is at most T times
LEAST_CHANCE/(2 T). A few shots of a few qubits repeat by chance now and then and are let pass;
nothing in them tells the two cases apart.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.statistics import binomial_tail

# An honest record is refused no more often than this.
LEAST_CHANCE = 1e-9


def check_fresh(bases: npt.NDArray[np.uint8]) -> None:
    """Raises if bases that are said to be drawn anew for every shot repeat too often in a row.

    Args:
        bases: (shots, n) numbers of the bases.

    Raises:
        ValueError: If they do, with the length of the blocks where all are equally long.

    Example:
        >>> fresh = np.random.default_rng(1).integers(3, size=(40, 4), dtype=np.uint8)
        >>> check_fresh(fresh)
        >>> try:
        ...     check_fresh(np.repeat(fresh, 5, axis=0))
        ... except ValueError as error:
        ...     print(error)
        stand in blocks of 5 equal ones; say times=5, or times=1 if every shot had a fresh basis ...
    """
    shots, qubits = bases.shape
    if shots < 2:
        return
    ends = np.flatnonzero((bases[1:] != bases[:-1]).any(axis=1)) + 1
    repeats = shots - 1 - ends.size
    if not repeats:
        return
    block = math.gcd(shots, *ends.tolist())
    chance_of_repeats = binomial_tail(repeats, shots - 1, 3.0**-qubits)
    chance_of_blocks = 3.0 ** (-qubits * (block - 1) * (shots // block))
    if 2 * min(chance_of_repeats, shots * chance_of_blocks) >= LEAST_CHANCE:
        return
    if block > 1:
        said = f"stand in blocks of {block} equal ones; say times={block}"
    else:
        said = f"repeat {repeats} times in {shots} shots; say how many shots share one by times="
    raise ValueError(f"{said}, or times=1 if every shot had a fresh basis all the same")
