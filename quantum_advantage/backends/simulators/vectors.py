"""State vectors of a piece at many positions of its dials, side by side, and their outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.simulators.pieces import MOST_QUBITS, Piece
from quantum_advantage.backends.simulators.state_vectors import Step
from quantum_advantage.backends.simulators.unitaries import unitaries
from quantum_advantage.circuits.request import distinct_rows
from quantum_advantage.core.usage import UsageError

MOST_BATCHED_QUBITS = 12
# Amplitudes of all vectors that are kept at once: 32 MB.
MOST_AMPLITUDES = 1 << 22
# Amplitudes that evolve side by side; more would leave the cache.
AMPLITUDES_PER_BLOCK = 1 << 17

Columns = Sequence[npt.NDArray[np.unsignedinteger]]
Complexes = npt.NDArray[np.complex64]
Numbers = npt.NDArray[np.int64]


def vectors(half: Piece, columns: Columns) -> Complexes:
    """Returns the state vectors of a piece without channels at some joint positions of its dials.

    Args:
        half: What prepares the state.
        columns: For each dial its position in each row, (K,); no columns mean one row.

    Returns:
        (K, 2ⁿ); qubit 0 is the most significant bit.

    Raises:
        UsageError: If the piece is too large for a state vector.

    Example:
        >>> import sympy
        >>> from quantum_advantage.circuits.request import Dial
        >>> turn = Dial("", ("s0",), ((0.0,), (1.0,)))
        >>> piece = Piece(1, ((cirq.XPowGate(exponent=sympy.Symbol("s0")), (0,)),), (turn,))
        >>> abs(vectors(piece, [np.array([0, 1, 1], np.uint8)])).round(3).tolist()
        [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    """
    if half.qubits > MOST_QUBITS:
        raise UsageError(
            f"a half of {half.qubits} entangled qubits exceeds the {MOST_QUBITS} qubits that a "
            "state vector can hold here"
        )
    solve = _side_by_side if half.qubits <= MOST_BATCHED_QUBITS else _one_by_one
    return solve(half, columns)


def _one_by_one(half: Piece, columns: Columns) -> Complexes:
    rows = columns[0].size if columns else 1
    out = np.empty((rows, 2**half.qubits), dtype=np.complex64)
    for row in range(rows):
        values = {s: float(v[0]) for s, v in _values(half, columns, slice(row, row + 1)).items()}
        out[row] = half.state_vectors.at(values)
    return out


def _side_by_side(half: Piece, columns: Columns) -> Complexes:
    """Evolves blocks of rows gate by gate; the row is the last axis."""
    rows = columns[0].size if columns else 1
    most = max(1, AMPLITUDES_PER_BLOCK >> half.qubits)
    out = np.empty((rows, 2**half.qubits), dtype=np.complex64)
    # What comes before the first gate that differs from row to row is the same for all.
    moving = {
        s
        for d, column in zip(half.dials, columns, strict=True)
        if np.ptp(column)
        for s in d.symbols
    }
    differ = (bool(moving & cirq.parameter_names(gate)) for gate, _ in half.steps)
    shared = next((i for i, differs in enumerate(differ) if differs), len(half.steps))
    start = np.zeros((2**half.qubits, 1), dtype=np.complex64)
    start[0] = 1.0
    start = start.reshape(*(2,) * half.qubits, 1)
    start = _evolved(start, half.steps[:shared], _values(half, columns, slice(0, 1)))
    for first in range(0, rows, most):
        block = slice(first, min(first + most, rows))
        state = _evolved(start, half.steps[shared:], _values(half, columns, block))
        out[block] = state.reshape(2**half.qubits, -1).T
    return out


def _evolved(
    state: Complexes, steps: Sequence[Step], values: Mapping[str, npt.NDArray[np.float64]]
) -> Complexes:
    """Applies gates to (2, …, 2, rows); one-qubit gates in a row are multiplied first."""
    waiting: dict[int, npt.NDArray[np.complex128]] = {}
    for gate, targets in steps:
        matrices = unitaries(gate, values)
        if len(targets) == 1:
            (target,) = targets
            before = waiting.get(target)
            waiting[target] = matrices if before is None else _product(matrices, before)
            continue
        for target in targets:
            if target in waiting:
                state = _applied(state, waiting.pop(target), [target])
        state = _applied(state, matrices, targets)
    for target, matrices in waiting.items():
        state = _applied(state, matrices, [target])
    return state


def _product(
    after: npt.NDArray[np.complex128], before: npt.NDArray[np.complex128]
) -> npt.NDArray[np.complex128]:
    """Multiplies (2, 2, rows) matrices; either may have a single row."""
    return np.asarray((after[:, :, None] * before[None]).sum(axis=1))


def _values(half: Piece, columns: Columns, rows: slice) -> dict[str, npt.NDArray[np.float64]]:
    """Returns the values of every symbol in some rows; a single one where all are equal."""
    values: dict[str, npt.NDArray[np.float64]] = {}
    for dial, column in zip(half.dials, columns, strict=True):
        places = column[rows]
        shown = places if np.ptp(places) else places[:1]
        values.update(zip(dial.symbols, dial.values[shown].T, strict=True))
    return values


def _applied(
    state: Complexes, matrices: npt.NDArray[np.complex128], targets: Sequence[int]
) -> Complexes:
    """Applies (d, d, rows) unitaries to the target axes of a (2, …, 2, rows) state.

    Either may have a single row, which then stands for all.
    """
    single = matrices.astype(np.complex64)
    parts = []
    for bits in np.ndindex(*(2,) * len(targets)):
        index: list[int | slice] = [slice(None)] * (state.ndim - 1)
        for target, bit in zip(targets, bits, strict=True):
            index[target] = bit
        parts.append(tuple(index))
    rows = max(state.shape[-1], matrices.shape[-1])
    out = np.empty((*state.shape[:-1], rows), dtype=state.dtype)
    for part, entries in zip(parts, single, strict=True):
        # Most two-qubit gates hold many zeros.
        first, *others = np.flatnonzero(entries.any(axis=-1))
        np.multiply(state[parts[first]], entries[first], out=out[part])
        for j in others:
            out[part] += state[parts[j]] * entries[j]
    return out


def cumulated(amplitudes: Complexes) -> npt.NDArray[np.float64]:
    """Returns the cumulated squared moduli along the last axis.

    Args:
        amplitudes: (..., 2ⁿ) amplitudes.

    Returns:
        (..., 2ⁿ) cumulated probabilities; the last is the squared norm.

    Example:
        >>> cumulated(np.array([0.5, 0.5j, -0.5, 0.5], dtype=np.complex64)).tolist()
        [0.25, 0.5, 0.75, 1.0]
    """
    squares = amplitudes.real**2
    squares += amplitudes.imag**2
    return squares.cumsum(axis=-1, dtype=np.float64)


def drawn(
    edges: npt.NDArray[np.float64], rows: npt.NDArray[np.integer], rng: np.random.Generator
) -> Numbers:
    """Draws one outcome for each entry of ``rows`` from that row of cumulated weights.

    The outcome is the number of cumulated weights up to a uniform number, found by bisection.

    Args:
        edges: (kinds, 2ⁿ) cumulated weights.
        rows: (draws,) numbers of rows of ``edges``.
        rng: The source of randomness.

    Returns:
        (draws,) outcomes.

    Example:
        >>> edges = np.array([[1.0, 1.0], [0.0, 1.0]])  # outcome 0 for certain, and outcome 1
        >>> drawn(edges, np.array([0, 1, 0]), np.random.default_rng(0)).tolist()
        [0, 1, 0]
    """
    target = rng.random(rows.size) * edges[rows, -1]
    found = np.zeros(rows.size, dtype=np.int64)
    step = edges.shape[1] // 2
    while step:
        found += step * (edges[rows, found + step - 1] <= target)
        step //= 2
    return found


def sample_vectors(
    piece: Piece, columns: Columns, shots: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Samples all qubits of a piece without channels whose dials have many positions.

    Args:
        piece: What prepares the state that is measured.
        columns: For each dial its position in every shot, (shots,).
        shots: The number of shots.
        rng: The source of randomness.

    Returns:
        (qubits, shots) bits.

    Raises:
        UsageError: If the piece is too large for a state vector.

    Example:
        >>> import sympy
        >>> from quantum_advantage.circuits.request import Dial
        >>> turn = Dial("", ("s0",), ((0.0,), (1.0,)))
        >>> piece = Piece(1, ((cirq.XPowGate(exponent=sympy.Symbol("s0")), (0,)),), (turn,))
        >>> columns = [np.array([0, 1, 1], np.uint8)]
        >>> sample_vectors(piece, columns, 3, np.random.default_rng(0)).tolist()
        [[0, 1, 1]]
    """
    first, kinds = distinct_rows(columns, shots)
    order = np.argsort(kinds, kind="stable")
    most = max(1, MOST_AMPLITUDES >> piece.qubits)
    cuts = np.searchsorted(kinds[order], np.arange(most, first.size, most))
    numbers = np.empty(shots, dtype=np.int64)
    for block, rows in enumerate(np.split(order, cuts)):
        chosen = first[block * most : (block + 1) * most]
        laws = cumulated(vectors(piece, [column[chosen] for column in columns]))
        numbers[rows] = drawn(laws, kinds[rows] - block * most, rng)
    shifts = np.arange(piece.qubits - 1, -1, -1)[:, None]
    return (numbers >> shifts & 1).astype(np.uint8)
