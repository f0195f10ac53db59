"""One piece of a circuit: each distinct position of its dials is solved once."""

from __future__ import annotations

import functools
from dataclasses import replace

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.simulators.bit_sliced_clifford import (
    CliffordProgram,
    compile_clifford,
    sample_clifford,
)
from quantum_advantage.backends.simulators.halves import Apart, split_apart
from quantum_advantage.backends.simulators.laws import (
    MOST_ELEMENTS,
    Laws,
    laws_of,
    sample_stim,
    sample_trajectories,
)
from quantum_advantage.backends.simulators.pauli_frames import Frame, frame_of
from quantum_advantage.backends.simulators.pieces import (
    MOST_QUBITS,
    Piece,
    PlacedPiece,
    can_be_exact,
    is_pure,
    without_flips,
)
from quantum_advantage.backends.simulators.splitting import split, without_the_measured
from quantum_advantage.backends.simulators.tensor_chain import check_chain, sample_chain
from quantum_advantage.backends.simulators.trajectories import sample_frame
from quantum_advantage.backends.simulators.twirling import TwirledNoise
from quantum_advantage.backends.simulators.two_copy import sample_apart
from quantum_advantage.backends.simulators.vectors import Columns, sample_vectors
from quantum_advantage.circuits.request import (
    Dial,
    distinct_rows,
    measured_qubits,
    position_type,
)
from quantum_advantage.core.usage import UsageError

MOST_POSITIONS = 256
MOST_OUTCOMES = 16
SHOTS_PER_BLOCK = 1 << 16
# Noisy pieces that are a little larger are worth an exact law too where a position has many shots:
# measured on ten qubits, a law takes as long as some 60 trajectories, 16 readout masks included.
MOST_FREQUENT_QUBITS = 10
SHOTS_FOR_A_LAW = 16
# qsim's own trajectories of larger pieces would take more than 2 GiB.
MOST_TRAJECTORY_QUBITS = 26


class _Outcome:
    """Outcomes of a piece, read qubit by qubit."""

    def __init__(self, qubits: int, numbers: npt.NDArray[np.integer]) -> None:
        self._qubits, self._numbers = qubits, numbers

    def __call__(self, qubit: int) -> npt.NDArray[np.uint8]:
        shifted = self._numbers >> (self._qubits - 1 - qubit)
        return (shifted & 1).astype(np.uint8)


class Solver:
    """One placed piece with the way in which it is sampled.

    Args:
        placed: The piece.
        simulator: ``qsim`` or ``stim``.
        drawn_errors: Whether errors are drawn before a noisy piece is solved, where it has no exact
            law within reach; pieces too large for trajectories of qsim's own always do so.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> bell = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.measure(a, b, key="m"))
        >>> (placed,) = split(bell, ())
        >>> outcome = Solver(placed, "qsim").sample([], 100, np.random.default_rng(0))
        >>> bool((outcome(0) == outcome(1)).all())
        True
    """

    def __init__(self, placed: PlacedPiece, simulator: str, drawn_errors: bool = False) -> None:
        self.placed = placed
        self._drawn_errors = drawn_errors
        self.laws = laws_of(placed.piece)
        self._simulator = simulator
        self._program: CliffordProgram | None = None
        if placed.piece.positions > MOST_POSITIONS:
            self._program = compile_clifford(placed.piece)
        # What is sampled: the piece itself, or the pure one whose outcomes are flipped afterwards.
        self._sampled, self._flips = placed, np.zeros(placed.piece.qubits)
        self._apart: Apart | None = None
        self._chained = self._side_by_side = False
        if simulator == "qsim" and self._program is None and not self._is_dealt:
            stripped, flips = without_flips(placed.piece)
            if is_pure(stripped):
                self._sampled, self._flips = replace(placed, piece=stripped), flips
                self._apart = split_apart(stripped)
                self._chained = stripped.qubits > MOST_QUBITS
                self._side_by_side = stripped.positions > MOST_POSITIONS
        self._piece = self._sampled.piece

    @property
    def _is_dealt(self) -> bool:
        """Whether all laws of the piece are so few and small that they are kept anyway."""
        piece = self.placed.piece
        return piece.positions <= MOST_POSITIONS and 2**piece.qubits <= MOST_OUTCOMES

    def sample(
        self, columns: Columns, shots: int, rng: np.random.Generator
    ) -> _Outcome | _RowOutcome:
        """Samples all shots.

        Args:
            columns: For each dial of the piece its position in every shot, (shots,).
            shots: The number of shots.
            rng: The source of randomness.

        Returns:
            A function of the number of a qubit of the piece, which returns its bits, (shots,).

        Raises:
            UsageError: If the piece is beyond what its simulator can hold.
        """
        if self._program is None and self._has_trajectories(columns, shots):
            return _RowOutcome(sample_frame(self._frame, self.placed, columns, shots, rng))
        joint = None if self._in_one_go else joint_positions(self._piece, columns, shots)
        exact = self._simulator == "qsim" and can_be_exact(self._piece)
        if joint is not None and exact and 2**self._piece.qubits <= MOST_OUTCOMES:
            return _Outcome(self._piece.qubits, _deal(self._piece, self.laws, joint, rng))
        rows = (
            self._sample_at_once(columns, shots, rng)
            if joint is None
            else self._sample_one_by_one(joint, exact, rng)
        )
        for qubit in np.flatnonzero(self._flips):
            rows[qubit] ^= (rng.random(shots) < self._flips[qubit]).view(np.uint8)
        return _RowOutcome(rows)

    def _has_trajectories(self, columns: Columns, shots: int) -> bool:
        """Whether errors are drawn first: not for small pieces, nor for larger frequent ones."""
        piece = self._piece
        if self._simulator != "qsim" or is_pure(piece) or can_be_exact(piece):
            return False
        if piece.qubits > MOST_TRAJECTORY_QUBITS:
            return True
        if not self._drawn_errors:
            return False
        frequent = shots >= SHOTS_FOR_A_LAW * distinct_rows(columns, shots)[0].size
        return not (frequent and piece.qubits <= MOST_FREQUENT_QUBITS)

    @functools.cached_property
    def _frame(self) -> Frame:
        try:
            return frame_of(self.placed.piece)
        except UsageError as reason:
            raise UsageError(
                f"a piece of {self._piece.qubits} entangled qubits exceeds the "
                f"{MOST_TRAJECTORY_QUBITS} qubits of a state vector under this noise: {reason}"
            ) from None

    @property
    def _in_one_go(self) -> bool:
        """Whether all dial positions are sampled together."""
        return bool(self._program or self._apart or self._chained or self._side_by_side)

    def _sample_at_once(
        self, columns: Columns, shots: int, rng: np.random.Generator
    ) -> npt.NDArray[np.uint8]:
        if self._program is not None:
            return sample_clifford(self._program, list(columns), shots, rng)
        if self._apart is not None:
            return sample_apart(self._apart, columns, shots, rng)
        if not self._chained:
            return sample_vectors(self._piece, columns, shots, rng)
        try:
            check_chain(self._sampled, columns, shots)
        except ValueError as reason:
            raise UsageError(
                f"a piece of {self._piece.qubits} entangled qubits exceeds the {MOST_QUBITS} "
                f"qubits of a state vector, and as a chain of tensors: {reason}"
            ) from None
        return sample_chain(self._sampled, columns, shots, rng)

    def _sample_one_by_one(
        self, joint: npt.NDArray[np.integer], exact: bool, rng: np.random.Generator
    ) -> npt.NDArray[np.uint8]:
        out = np.empty((self._piece.qubits, joint.size), dtype=np.uint8)
        order = np.argsort(joint, kind="stable")
        kinds, counts = np.unique(joint, return_counts=True)
        groups = np.split(order, np.cumsum(counts)[:-1])
        frequent = joint.size >= SHOTS_FOR_A_LAW * kinds.size
        if self._simulator == "qsim" and frequent and self._piece.qubits <= MOST_FREQUENT_QUBITS:
            exact = True
        if exact and not is_pure(self._piece):
            # Parameter sets under noise share what they can when they are solved together.
            laws, at_once = self._sampled_laws, max(1, MOST_ELEMENTS >> self._piece.qubits)
            for start in range(0, kinds.size, at_once):
                found = laws.at(kinds[start : start + at_once])
                for law, rows in zip(found, groups[start : start + at_once], strict=True):
                    out[:, rows] = _drawn(law, rows.size, rng).T
            return out
        for kind, rows in zip(kinds, groups, strict=True):
            out[:, rows] = self._sample_position(int(kind), rows.size, exact, rng).T
        return out

    def _sample_position(
        self, joint: int, shots: int, exact: bool, rng: np.random.Generator
    ) -> npt.NDArray[np.uint8]:
        if self._simulator == "stim":
            return sample_stim(self._piece, joint, shots, rng)
        if not exact:
            return sample_trajectories(self._piece, joint, shots, rng)
        return _drawn(self._sampled_laws.at([joint])[0], shots, rng)

    @functools.cached_property
    def _sampled_laws(self) -> Laws:
        """The laws of what is sampled."""
        return laws_of(self._piece)


def _drawn(
    law: npt.NDArray[np.float64], shots: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Draws outcomes of all qubits, (shots, qubits), from one law."""
    edges = np.cumsum(law)
    numbers = np.searchsorted(edges, rng.random(shots) * edges[-1], side="right")
    shifts = np.arange(law.size.bit_length() - 2, -1, -1)
    return ((numbers[:, None] >> shifts) & 1).astype(np.uint8)


def prepared_solvers(
    circuit: cirq.FrozenCircuit,
    dials: tuple[Dial, ...],
    simulator: str,
    noise: cirq.NoiseModel | None,
) -> list[Solver]:
    """Splits a circuit, with its noise, into pieces.

    Args:
        circuit: The circuit.
        dials: The dials that set its symbols.
        simulator: ``qsim`` or ``stim``.
        noise: The noise model that is inserted before the split, or None.

    Raises:
        UsageError: If the circuit measures nothing, or cannot be split.

    Example:
        >>> qubits = cirq.LineQubit.range(3)
        >>> circuit = cirq.FrozenCircuit(cirq.H.on_each(*qubits), cirq.measure(*qubits, key="m"))
        >>> len(prepared_solvers(circuit, (), "qsim", None))
        3
    """
    if not measured_qubits(circuit):
        raise UsageError("circuit must measure at least one qubit")
    whole: cirq.AbstractCircuit = circuit
    if noise is not None:
        whole = without_the_measured(circuit.unfreeze().with_noise(noise))
    drawn_errors = isinstance(noise, TwirledNoise)
    return [Solver(p, simulator, drawn_errors) for p in split(whole, dials) if p.outputs]


class _RowOutcome:
    """Outcomes of a piece as one row of bits for each qubit."""

    def __init__(self, rows: npt.NDArray[np.uint8]) -> None:
        self._rows = rows

    def __call__(self, qubit: int) -> npt.NDArray[np.uint8]:
        return self._rows[qubit]


def joint_positions(
    piece: Piece, columns: Columns, shots: int
) -> npt.NDArray[np.unsignedinteger | np.int64]:
    """Returns (shots,) the numbers of the joint positions of a piece's dials.

    The last dial counts fastest.

    Args:
        piece: The piece.
        columns: For each of its dials the position in every shot, (shots,).
        shots: The number of shots.

    Raises:
        UsageError: If there are 2⁶³ joint positions or more.

    Example:
        >>> dials = Dial("", ("s0",), ((0.0,), (1.0,))), Dial("", ("s1",), ((0.0,),) * 3)
        >>> columns = np.array([0, 1], np.uint8), np.array([2, 1], np.uint8)
        >>> joint_positions(Piece(1, (), dials), columns, 2).tolist()  # 3 first + second
        [2, 4]
    """
    if not columns:
        return np.zeros(shots, dtype=np.uint8)
    kind = position_type(piece.positions + 1) if piece.positions < 2**32 - 1 else np.int64
    if piece.positions >= 2**63:
        raise UsageError("a piece has too many dial positions, and is no Clifford circuit")
    joint = columns[0].astype(kind)
    for dial, column in zip(piece.dials[1:], columns[1:], strict=True):
        joint = joint * kind(len(dial.positions)) + column.astype(kind)
    return joint


def _deal(
    piece: Piece, laws: Laws, joint: npt.NDArray[np.integer], rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Deals outcomes to shots from the exact laws of a small piece.

    An outcome is the number of cumulated probabilities that a uniform 31-bit number reaches, so
    probabilities are exact to 2⁻³¹, and 0 and 1 are exact.
    """
    if piece.positions <= MOST_POSITIONS:
        places = joint.astype(np.intp)
        kinds = np.flatnonzero(np.bincount(places, minlength=piece.positions))
    else:
        kinds, places = np.unique(joint, return_inverse=True)
    size = piece.positions if piece.positions <= MOST_POSITIONS else kinds.size
    edges = np.zeros((2**piece.qubits - 1, size), dtype=np.uint32)
    cumulated = np.cumsum(laws.at(kinds), axis=1)[:, :-1]
    rows = kinds if piece.positions <= MOST_POSITIONS else np.arange(kinds.size)
    edges[:, rows] = np.minimum(np.rint(cumulated.T * 2**31), 2**31)
    out = np.zeros(joint.size, dtype=np.uint8)
    for start in range(0, joint.size, SHOTS_PER_BLOCK):
        block = places[start : start + SHOTS_PER_BLOCK]
        numbers = np.frombuffer(rng.bytes(4 * block.size), dtype=np.uint32) >> 1
        part = out[start : start + SHOTS_PER_BLOCK]
        for edge in edges:
            part += numbers >= edge[block]
    return out
