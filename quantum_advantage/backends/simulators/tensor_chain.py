"""Exact samples of shallow circuits in one dimension, however many qubits they have.

The state of a chain of sites is a product of tensors, one for each site, with an index for its own
states and one for each bond to a neighbour (a matrix product state). Gates make the bonds grow and
nothing is truncated but what is zero: two copies of an evolution on 20 qubits at depth 5, that is
40 qubits, need bonds of 1024 and 256 in turn at most.

Outcomes are drawn site by site from the left. The tensors are right-canonical: as a matrix from the
left bond to site and right bond, each has orthonormal rows, so that the basis vectors of a bond
stand for orthonormal states of all that lies to the right. Given the outcomes so far, the rest is
in a state v on the bond, and the next site shows s with the probability ‖v A_s‖².

Source: Schollwöck, Annals of Physics 326, 96 (2011), section 4 (canonical forms); Ferris and Vidal,
Physical Review B 85, 165146 (2012) (independent samples, one site after the other). What the bonds
need is derived in ``sites``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from quantum_advantage.backends.simulators.chain_sites import (
    Chain,
    Sites,
    chain_of,
    named,
    sites_of,
)
from quantum_advantage.backends.simulators.pieces import PlacedPiece
from quantum_advantage.backends.simulators.tensors import (
    MOST_BOND,
    RightCanonical,
    grown_tensors,
    right_canonical,
)
from quantum_advantage.backends.simulators.vectors import Columns, drawn
from quantum_advantage.circuits.request import distinct_rows
from quantum_advantage.core.usage import UsageError

MOST_BYTES = 4 << 30
# Amplitudes of the shots that pass a site side by side: 32 MiB.
AMPLITUDES_PER_BLOCK = 1 << 22
# Copies of the largest tensor that exist beside all tensors while one is computed.
COPIES_OF_THE_LARGEST = 4


def check_chain(
    placed: PlacedPiece, columns: Columns, shots: int, most_bytes: int | None = None
) -> None:
    """Refuses a piece whose bonds or tensors would be too large, before any is computed.

    Args:
        placed: The piece.
        columns: For each of its dials the position in every shot, (shots,).
        shots: The number of shots.
        most_bytes: The memory that it may take; by default ``MOST_BYTES``.

    Raises:
        UsageError: If the piece holds a channel, is no open chain, or needs too much.

    Example:
        >>> import cirq
        >>> from quantum_advantage.backends.simulators.splitting import split
        >>> line = cirq.LineQubit.range(3)
        >>> ghz = cirq.Circuit(cirq.H(line[0]), cirq.CNOT(*line[:2]), cirq.CNOT(*line[1:]))
        >>> (placed,) = split(ghz + cirq.Circuit(cirq.measure(*line)), ())
        >>> check_chain(placed, [], shots=10)
    """
    most_bytes = MOST_BYTES if most_bytes is None else most_bytes
    sites = sites_of(placed.piece, placed.qubits)
    for values, _ in _positions(placed, columns, shots):
        chain = chain_of(placed.piece, sites, values)
        bonds = chain.bonds()
        largest = max(bonds, default=1)
        if largest > MOST_BOND:
            bond = bonds.index(largest)
            left, right = (named(site, placed.qubits) for site in sites[bond : bond + 2])
            raise UsageError(
                f"bond between qubits ({left}) and ({right}) needs dimension {largest}, above the "
                f"limit {MOST_BOND}; fewer layers of gates would do"
            )
        needed = _bytes_needed(chain)
        if needed > most_bytes:
            raise UsageError(
                f"chain of {len(sites)} sites from qubit {placed.qubits[sites[0][0]]} on needs "
                f"{needed / 2**30:.1f} GiB, above the limit {most_bytes / 2**30:.1f} GiB; fewer "
                "qubits or layers of gates would do"
            )


def sample_chain(
    placed: PlacedPiece, columns: Columns, shots: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Samples all qubits of a piece that :func:`check_chain` lets pass.

    Args:
        placed: The piece.
        columns: For each of its dials the position in every shot, (shots,).
        shots: The number of shots.
        rng: The source of randomness.

    Returns:
        (qubits, shots) bits.

    Example:
        >>> import cirq
        >>> from quantum_advantage.backends.simulators.splitting import split
        >>> line = cirq.LineQubit.range(3)
        >>> ghz = cirq.Circuit(cirq.H(line[0]), cirq.CNOT(*line[:2]), cirq.CNOT(*line[1:]))
        >>> (placed,) = split(ghz + cirq.Circuit(cirq.measure(*line)), ())
        >>> bits = sample_chain(placed, [], 10, np.random.default_rng(0))
        >>> bits.shape, bool((bits == bits[0]).all())
        ((3, 10), True)
    """
    sites = sites_of(placed.piece, placed.qubits)
    bits = np.empty((placed.piece.qubits, shots), dtype=np.uint8)
    # A second thread saves a twentieth on matrices this small, and where cores are shared the
    # threads' waiting for each other takes up to fifty times as long as the work.
    with threadpool_limits(limits=1, user_api="blas"):
        for values, rows in _positions(placed, columns, shots):
            tensors = right_canonical(grown_tensors(chain_of(placed.piece, sites, values)))
            for qubit, column in bits_of(sites, sample_tensors(tensors, rows.size, rng)).items():
                bits[qubit, rows] = column
    return bits


def _positions(
    placed: PlacedPiece, columns: Columns, shots: int
) -> Iterator[tuple[dict[str, float], npt.NDArray[np.int64]]]:
    """Yields the values of a piece's symbols at each position that occurs, with its shots."""
    first, kinds = distinct_rows(columns, shots)
    members = np.split(np.argsort(kinds, kind="stable"), np.cumsum(np.bincount(kinds))[:-1])
    for shot, rows in zip(first, members, strict=True):
        yield placed.piece.values_at(int(column[shot]) for column in columns), rows


def _bytes_needed(chain: Chain) -> int:
    """Returns the memory for all tensors of a chain and for what is computed with them."""
    bonds = chain.bonds()
    shapes = zip([1, *bonds], chain.states, [*bonds, 1], strict=True)
    sizes = [left * state.size * right for left, state, right in shapes]
    double, single = np.dtype(np.complex128).itemsize, np.dtype(np.complex64).itemsize
    building = double * COPIES_OF_THE_LARGEST * max(sizes)
    sampling = 3 * single * max(AMPLITUDES_PER_BLOCK, *sizes)
    return (double + single) * sum(sizes) + max(building, sampling)


def work_of(chain: Chain) -> int:
    """Returns about how many products of numbers bring a chain to its canonical form.

    Args:
        chain: The chain.

    Example:
        >>> import cirq
        >>> from quantum_advantage.backends.simulators.chain_sites import chain_of
        >>> from quantum_advantage.backends.simulators.pieces import Piece
        >>> bell = Piece(2, ((cirq.H, (0,)), (cirq.CNOT, (0, 1))), ())
        >>> work_of(chain_of(bell, ((0,), (1,)), {}))  # matrices of 1 x 4 and 2 x 2
        12
    """
    bonds = chain.bonds()
    shapes = zip([1, *bonds], chain.states, [*bonds, 1], strict=True)
    sizes = [(left, state.size * right) for left, state, right in shapes]
    return sum(rows * columns * min(rows, columns) for rows, columns in sizes)


def sample_tensors(
    tensors: Sequence[RightCanonical], shots: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Samples all sites of a state, site by site and in blocks of shots.

    Args:
        tensors: Its tensors in right-canonical form.
        shots: The number of shots.
        rng: The source of randomness.

    Returns:
        (sites, shots) outcomes 0, …, d - 1.

    Example:
        >>> one = np.array([0, 1], dtype=np.complex128).reshape(1, 2, 1)  # a site in |1⟩
        >>> sample_tensors(right_canonical([one, one]), 3, np.random.default_rng(0)).tolist()
        [[1, 1, 1], [1, 1, 1]]
    """
    widest = max(1 if t.rows is None else t.rows.shape[1] for t in tensors)
    most = max(1, AMPLITUDES_PER_BLOCK // widest)
    outcomes = np.empty((len(tensors), shots), dtype=np.uint8)
    for start in range(0, shots, most):
        block = outcomes[:, start : start + most]
        each = np.arange(block.shape[1])
        vectors = np.ones((each.size, 1), dtype=np.complex64)
        for tensor, row in zip(tensors, block, strict=True):
            branches = tensor.branches(vectors)
            parts = branches.view(np.float32)
            weights = np.einsum("ksx,ksx->ks", parts, parts)
            row[:] = drawn(np.cumsum(weights, axis=1, dtype=np.float64), each, rng)
            vectors = branches[each, row] / np.sqrt(weights[each, row])[:, None]
    return outcomes


def bits_of(sites: Sites, outcomes: npt.NDArray[np.uint8]) -> dict[int, npt.NDArray[np.uint8]]:
    """Returns the bits of each qubit, (shots,); the first qubit of a site is its highest bit.

    Args:
        sites: The sites.
        outcomes: (sites, shots) the state in which each is found.

    Example:
        >>> bits_of(((0, 2), (1,)), np.array([[2], [1]], np.uint8))
        {0: array([1], dtype=uint8), 2: array([0], dtype=uint8), 1: array([1], dtype=uint8)}
    """
    return {
        qubit: row >> (len(site) - 1 - place) & 1
        for site, row in zip(sites, outcomes, strict=True)
        for place, qubit in enumerate(site)
    }
