"""Bell measurements of two copies that were prepared apart, without a vector of both.

A piece may consist of two halves of n qubits each, a and b, that meet only at the end: CNOT from
a_i to b_i for every i, H on every a_i, everything measured. Both halves are pure, ψ and φ, and two
vectors of 2ⁿ amplitudes suffice instead of one of 4ⁿ.

Source: derived here. After the CNOTs the state is Σ_{y,z} ψ(y) φ(z) |y⟩|z xor y⟩. Register b shows
x = y xor z with the probability Σ_y |ψ(y)|² |φ(y xor x)|², that of the xor of two independent
outcomes y ~ |ψ|² and z ~ |φ|²; given x, register a holds the normalised amplitudes
g(y) = ψ(y) φ(y xor x). H on all of a is a Walsh-Hadamard transform of g, and its squared moduli are
the law of register a. Of large halves ``large_copies`` draws each shot without the whole transform.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.simulators.halves import Apart
from quantum_advantage.backends.simulators.large_copies import LargeVector, pair_sampler
from quantum_advantage.backends.simulators.pieces import Piece
from quantum_advantage.backends.simulators.vectors import (
    MOST_AMPLITUDES,
    MOST_BATCHED_QUBITS,
    Columns,
    Complexes,
    Numbers,
    cumulated,
    drawn,
    vectors,
)
from quantum_advantage.circuits.request import distinct_rows
from quantum_advantage.core.walsh_hadamard import walsh_hadamard

# Amplitudes that are transformed side by side.
AMPLITUDES_PER_TRANSFORM = 1 << 19


@dataclass(frozen=True, eq=False)
class _States:
    """The distinct states of both halves, under common numbers.

    Attributes:
        sources: What prepares them: a piece, the positions of its dials, and how many there are.
        system: (shots,) the number of the first state of every shot.
        memory: (shots,) the number of the second.
    """

    sources: tuple[tuple[Piece, Columns, int], ...]
    system: Numbers
    memory: Numbers

    @property
    def count(self) -> int:
        """How many states there are."""
        return sum(size for _, _, size in self.sources)

    def at(self, numbers: Numbers) -> Complexes:
        """Returns the vectors of some states, (states, 2ⁿ)."""
        out = np.empty((numbers.size, 2 ** self.sources[0][0].qubits), dtype=np.complex64)
        start = 0
        for piece, columns, size in self.sources:
            here = np.flatnonzero((numbers >= start) & (numbers < start + size))
            if here.size:
                rows = numbers[here] - start
                out[here] = vectors(piece, [column[rows] for column in columns])
            start += size
        return out


def _states(apart: Apart, columns: Columns, shots: int) -> _States:
    """Numbers the states of all shots; halves that are prepared alike share theirs."""
    halves = (apart.system, apart.memory)
    own = [[columns[d] for d in half.dials] for half in halves]
    alike = apart.system.piece == apart.memory.piece
    if alike:
        own = [[np.concatenate(both) for both in zip(*own, strict=True)]]
    sources: list[tuple[Piece, Columns, int]] = []
    numbers: list[Numbers] = []
    for half, table in zip(halves, own, strict=False):
        first, kinds = distinct_rows(table, 2 * shots if alike else shots)
        numbers.append(kinds + sum(size for _, _, size in sources))
        sources.append((half.piece, [column[first] for column in table], first.size))
    system, memory = np.split(np.concatenate(numbers), 2)
    return _States(tuple(sources), system, memory)


def sample_apart(
    apart: Apart, columns: Columns, shots: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Samples all qubits of a piece whose halves are prepared apart.

    Args:
        apart: The halves.
        columns: For each dial of the whole piece its position in every shot, (shots,).
        shots: The number of shots.
        rng: The source of randomness.

    Returns:
        (qubits, shots) bits, in the order of the whole piece.

    Raises:
        UsageError: If a half is too large for a state vector.

    Example:
        >>> import cirq
        >>> from quantum_advantage.backends.simulators.halves import Half
        >>> copy = Piece(2, ((cirq.H, (0,)), (cirq.CNOT, (0, 1))), ())
        >>> apart = Apart(Half(copy, (0, 1), ()), Half(copy, (2, 3), ()))
        >>> bits = sample_apart(apart, [], 100, np.random.default_rng(0))
        >>> singlets = bits[:2] & bits[2:]  # both outcomes 1; SWAP is +1 on equal pure states
        >>> int((singlets.sum(axis=0) % 2).sum())
        0
    """
    states = _states(apart, columns, shots)
    qubits = apart.system.piece.qubits
    large = qubits > MOST_BATCHED_QUBITS
    outcomes = np.empty((2, shots), dtype=np.int64)
    sample = _sample_large(states, qubits) if large else functools.partial(_sample_small, states)
    for part in _parts(states, 1 if large else max(1, MOST_AMPLITUDES >> qubits + 1), large):
        outcomes[:, part] = sample(part, rng)
    bits = np.empty((2 * qubits, shots), dtype=np.uint8)
    for half, numbers in zip((apart.system, apart.memory), outcomes, strict=True):
        for place, qubit in enumerate(half.qubits):
            bits[qubit] = numbers >> (qubits - 1 - place) & 1
    return bits


def _parts(states: _States, most: int, always: bool) -> list[Numbers]:
    """Cuts the shots into parts of so many pairs of states; one part if all states fit anyway."""
    shots = states.system.size
    if not always and states.count <= 2 * most:
        return [np.arange(shots)]
    order = np.lexsort((states.memory, states.system))
    pairs = np.stack([states.system, states.memory])[:, order]
    number = np.cumsum((np.diff(pairs) != 0).any(axis=0))
    cuts = np.flatnonzero(np.diff(number // most, prepend=0)) + 1
    return np.split(order, cuts)


def _sample_small(states: _States, part: Numbers, rng: np.random.Generator) -> Numbers:
    """Samples shots with few different states: equal pairs with equal x share one transform."""
    kinds, places = np.unique(
        np.stack([states.system[part], states.memory[part]]), return_inverse=True
    )
    system, memory = places.reshape(2, -1)
    amplitudes = states.at(kinds)
    laws = cumulated(amplitudes)
    x = drawn(laws, system, rng) ^ drawn(laws, memory, rng)
    del laws
    size = amplitudes.shape[1]
    cases, case = np.unique((system * kinds.size + memory) * size + x, return_inverse=True)
    order = np.argsort(case, kind="stable")
    out = np.empty((2, part.size), dtype=np.int64)
    out[1] = x
    most = max(1, AMPLITUDES_PER_TRANSFORM // size)
    ends = np.searchsorted(case[order], np.arange(most, cases.size, most))
    for block, shots in enumerate(np.split(order, ends)):
        pairs, shift = np.divmod(cases[block * most : (block + 1) * most], size)
        moved = np.arange(size) ^ shift[:, None]
        product = amplitudes[pairs // kinds.size]
        product *= amplitudes[(pairs % kinds.size)[:, None], moved]
        law = cumulated(walsh_hadamard(product))
        out[0, shots] = drawn(law, case[shots] - block * most, rng)
    return out


def _sample_large(
    states: _States, qubits: int
) -> Callable[[Numbers, np.random.Generator], Numbers]:
    """Returns what samples the shots of one pair of states; it keeps the latest vectors."""
    kept, sample_pair = max(2, MOST_AMPLITUDES >> qubits), pair_sampler(qubits)

    @functools.lru_cache(maxsize=kept)
    def vector(number: int) -> LargeVector:
        return LargeVector.of(states.at(np.array([number]))[0])

    def sample(part: Numbers, rng: np.random.Generator) -> Numbers:
        system = vector(int(states.system[part[0]]))
        memory = vector(int(states.memory[part[0]]))
        return np.array([sample_pair(system, memory, rng) for _ in part]).T

    return sample
