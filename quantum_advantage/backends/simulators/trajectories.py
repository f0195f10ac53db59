"""Samples of noisy pieces by trajectories: errors are drawn first, and equal ones are shared.

The Pauli errors of every shot are drawn from the slots of a frame (:mod:`.pauli_frames`). Shots
with the same errors at the same dial positions are one trajectory, a pure circuit that is solved
once: as a state vector, or as a chain of tensors where it has too many qubits and is shallow. Flips
of outcomes, by errors that pass to the end, by dials and by the readout, are made afterwards, shot
by shot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import cirq
import numpy as np
from threadpoolctl import threadpool_limits

from quantum_advantage.backends.simulators.chain_sites import (
    Chain,
    Sites,
    chain_from,
    chain_of,
    sites_of,
    unitaries_of,
)
from quantum_advantage.backends.simulators.pauli_channels import GATES
from quantum_advantage.backends.simulators.pauli_frames import Bits, Frame, Place
from quantum_advantage.backends.simulators.pieces import Piece, PlacedPiece
from quantum_advantage.backends.simulators.state_vectors import StateVectors
from quantum_advantage.backends.simulators.tensor_chain import (
    bits_of,
    check_chain,
    sample_tensors,
    work_of,
)
from quantum_advantage.backends.simulators.tensors import grown_tensors, right_canonical
from quantum_advantage.backends.simulators.vectors import Columns, cumulated, drawn
from quantum_advantage.circuits.request import distinct_rows
from quantum_advantage.core.usage import UsageError

# Vectors of so many qubits take some milliseconds, less than any chain of tensors.
MOST_QUICK_QUBITS = 14
# Amplitudes, their squares and cumulated probabilities: 24 bytes each, 1.5 GiB.
MOST_VECTOR_QUBITS = 26
MOST_BYTES = 2 << 30

# The errors of a trajectory: places with the numbers of their Paulis, in order.
Errors = tuple[tuple[Place, int], ...]
# Samples a pure circuit with some errors: their number of shots and a generator in, bits out.
Trajectories = Callable[[Errors, int, np.random.Generator], Bits]


@dataclass(frozen=True, eq=False)
class Drawn:
    """The errors of all shots.

    Attributes:
        errors: For each shot those that a trajectory has.
        flips: (qubits, shots) the bits that other errors flip.
    """

    errors: list[Errors]
    flips: Bits


def draw_errors(frame: Frame, shots: int, rng: np.random.Generator) -> Drawn:
    """Draws the Pauli errors of shots.

    Args:
        frame: The noisy piece, taken apart.
        shots: The number of shots.
        rng: The source of randomness.

    Example:
        >>> from quantum_advantage.backends.simulators.pauli_frames import frame_of
        >>> piece = Piece(1, ((cirq.depolarize(0.75), (0,)), (cirq.X**0.25, (0,))), ())
        >>> drawn = draw_errors(frame_of(piece), 1000, np.random.default_rng(1))
        >>> sorted(set(drawn.errors))  # none, Z, X and Y before step 0, on qubit 0
        [(), (((0, 0), 1),), (((0, 0), 2),), (((0, 0), 3),)]
    """
    flips = np.zeros((frame.pure.qubits, shots), dtype=np.uint8)
    happened: dict[int, dict[Place, int]] = defaultdict(dict)
    for slot in frame.slots:
        edges = np.cumsum(slot.probabilities[1:])
        numbers = rng.random(shots)
        hit = np.flatnonzero(numbers < edges[-1])
        paulis = 1 + np.searchsorted(edges, numbers[hit], side="right")
        for which, place in enumerate(slot.places):
            own = paulis >> 2 * (len(slot.places) - 1 - which) & 3
            effect = frame.effects.get(place)
            if effect is not None:
                turned = effect[0][:, None] * (own >> 1) ^ effect[1][:, None] * (own & 1)
                flips[:, hit] ^= turned.astype(np.uint8)
                continue
            for shot, number in zip(hit.tolist(), own.tolist(), strict=True):
                happened[shot][place] = happened[shot].get(place, 0) ^ number
    errors = [
        tuple(sorted((place, number) for place, number in happened[shot].items() if number))
        if shot in happened
        else ()
        for shot in range(shots)
    ]
    return Drawn(errors, flips)


def with_errors(piece: Piece, errors: Errors) -> Piece:
    """Returns a pure piece with Pauli errors in it.

    Args:
        piece: The piece.
        errors: The errors.

    Example:
        >>> piece = Piece(1, ((cirq.H, (0,)),), ())
        >>> with_errors(piece, (((0, 0), 2),)).steps  # X before step 0, on qubit 0
        ((cirq.X, (0,)), (cirq.H, (0,)))
    """
    steps, done = [], 0
    for (number, qubit), pauli in errors:
        steps += [*piece.steps[done:number], (GATES[pauli], (qubit,))]
        done = number
    return replace(piece, steps=(*steps, *piece.steps[done:]))


def vector_trajectories(pure: Piece, values: Mapping[str, float]) -> Trajectories:
    """Returns what samples trajectories by state vectors.

    Args:
        pure: The pure circuit.
        values: The values of its symbols.

    Example:
        >>> piece = Piece(1, ((cirq.X, (0,)),), ())
        >>> sample = vector_trajectories(piece, {})
        >>> sample((((0, 0), 2),), 3, np.random.default_rng(0)).tolist()  # X, and X again
        [[0, 0, 0]]
    """

    def sample(errors: Errors, shots: int, rng: np.random.Generator) -> Bits:
        erring = with_errors(pure, errors)
        edges = cumulated(StateVectors(erring.qubits, erring.steps).at(values)[None])
        numbers = drawn(edges, np.zeros(shots, dtype=np.int64), rng)
        shifts = np.arange(pure.qubits - 1, -1, -1)[:, None]
        return (numbers >> shifts & 1).astype(np.uint8)

    return sample


def chain_trajectories(pure: Piece, sites: Sites, values: Mapping[str, float]) -> Trajectories:
    """Returns what samples trajectories by chains of tensors.

    Args:
        pure: The pure circuit.
        sites: Its sites.
        values: The values of its symbols.

    Example:
        >>> piece = Piece(2, ((cirq.X, (0,)), (cirq.CNOT, (0, 1))), ())
        >>> sample = chain_trajectories(piece, ((0, 1),), {})
        >>> sample((((1, 1), 2),), 3, np.random.default_rng(0)).tolist()  # X before CNOT
        [[1, 1, 1], [0, 0, 0]]
    """
    unitaries = unitaries_of(pure, values)
    paulis = [cirq.unitary(gate) for gate in GATES]

    def sample(errors: Errors, shots: int, rng: np.random.Generator) -> Bits:
        erring, done = [], 0
        for (number, qubit), pauli in errors:
            erring += [*unitaries[done:number], (paulis[pauli], (qubit,))]
            done = number
        chain = chain_from([*erring, *unitaries[done:]], sites)
        found = sample_tensors(right_canonical(grown_tensors(chain)), shots, rng)
        bits = bits_of(sites, found)
        return np.array([bits[qubit] for qubit in range(pure.qubits)], dtype=np.uint8)

    return sample


def sample_frame(
    frame: Frame, placed: PlacedPiece, columns: Columns, shots: int, rng: np.random.Generator
) -> Bits:
    """Samples all qubits of a noisy piece.

    Args:
        frame: The piece, taken apart.
        placed: The piece and its place.
        columns: For each dial of the piece its position in every shot, (shots,).
        shots: The number of shots.
        rng: The source of randomness.

    Returns:
        (qubits, shots) bits.

    Raises:
        UsageError: If it is too large, before anything is computed.

    Example:
        >>> from quantum_advantage.backends.simulators.pauli_frames import frame_of
        >>> from quantum_advantage.backends.simulators.splitting import split
        >>> a, b = cirq.LineQubit.range(2)
        >>> bell = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.bit_flip(1)(b), cirq.measure(a, b))
        >>> (placed,) = split(bell, ())
        >>> rng = np.random.default_rng(0)
        >>> bits = sample_frame(frame_of(placed.piece), placed, [], 100, rng)
        >>> bool((bits[0] != bits[1]).all())
        True
    """
    own = [columns[d] for d in frame.dials]
    at = _engine(frame, replace(placed, piece=frame.pure), own, shots)
    first, kinds = distinct_rows(own, shots)
    drawn_errors = draw_errors(frame, shots, rng)
    alike: dict[tuple[int, Errors], list[int]] = defaultdict(list)
    for shot, (kind, errors) in enumerate(zip(kinds.tolist(), drawn_errors.errors, strict=True)):
        alike[kind, errors].append(shot)
    bits = np.empty((frame.pure.qubits, shots), dtype=np.uint8)
    now, trajectories = -1, None
    # A second thread saves little on matrices this small; see the chain of tensors.
    with threadpool_limits(limits=1, user_api="blas"):
        for (kind, errors), rows in sorted(alike.items()):
            if trajectories is None or kind != now:
                shot = int(first[kind])
                values = frame.pure.values_at(int(column[shot]) for column in own)
                now, trajectories = kind, at(values)
            bits[:, rows] = trajectories(errors, len(rows), rng)
    bits ^= drawn_errors.flips
    for flip in frame.dial_flips:
        bits[flip.qubit] ^= flip.flips[columns[flip.dial]]
    for qubit, law in enumerate(frame.readout):
        if law[0, 1] or law[1, 0]:
            wrong = np.array([law[0, 1], law[1, 0]])[bits[qubit]]
            bits[qubit] ^= (rng.random(shots) < wrong).view(np.uint8)
    return bits


def _is_cheaper(chain: Chain, piece: Piece) -> bool:
    """Tells whether a chain of tensors takes less work than a state vector.

    Measured on one core, both take some 0.1 ns for each number and operation counted here: of a
    chain, to bring each tensor to its canonical form; of a vector, to apply each gate.
    """
    return piece.qubits > MOST_VECTOR_QUBITS or work_of(chain) < len(piece.steps) << piece.qubits


def _engine(
    frame: Frame, pure: PlacedPiece, columns: Columns, shots: int
) -> Callable[[Mapping[str, float]], Trajectories]:
    """Chooses what solves the trajectories of a piece.

    Raises:
        UsageError: If it is too large for all.
    """
    piece = pure.piece
    if piece.qubits > MOST_QUICK_QUBITS:
        try:
            check_chain(pure, columns, shots, MOST_BYTES)
        except UsageError as reason:
            if piece.qubits > MOST_VECTOR_QUBITS:
                raise UsageError(
                    f"a noisy piece of {piece.qubits} entangled qubits exceeds the "
                    f"{MOST_VECTOR_QUBITS} qubits of a state vector in "
                    f"{MOST_BYTES / 2**30:g} GiB, and as a chain of tensors: {reason}"
                ) from None
        else:
            sites = sites_of(piece, pure.qubits)
            first = chain_of(piece, sites, piece.values_at(int(column[0]) for column in columns))
            if _is_cheaper(first, piece):
                return lambda values: chain_trajectories(piece, sites, values)
    return lambda values: vector_trajectories(piece, values)
