"""The exact distribution of a piece's outcomes, or samples of it: qsim, Pauli vectors, or stim."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence

import cirq
import numpy as np
import numpy.typing as npt
import qsimcirq

from quantum_advantage.backends.simulators.noisy_vectors import can_be_prepared
from quantum_advantage.backends.simulators.pauli_vectors import pauli_laws
from quantum_advantage.backends.simulators.pieces import (
    MOST_QUBITS,
    Piece,
    is_pure,
)
from quantum_advantage.backends.simulators.state_vectors import qsim_options
from quantum_advantage.core.usage import UsageError

# Laws of larger pieces are too large to be kept.
MOST_KEPT_QUBITS = 16
# Numbers in the Pauli vectors of all positions that are solved together, to six qubits.
MOST_ELEMENTS = 1 << 22
MOST_SHIFT = 12
# Single precision leaves about 1e-7 where an outcome is impossible.
IMPOSSIBLE = 1e-6


def _qsim(seed: int | None = None) -> qsimcirq.QSimSimulator:
    return qsimcirq.QSimSimulator(qsim_options(), seed=seed)


class Laws:
    """The exact laws of one piece, each computed once: state vectors, Pauli vectors if noisy.

    Args:
        piece: The piece.

    Example:
        >>> import sympy
        >>> from quantum_advantage.circuits.request import Dial
        >>> turn = Dial("", ("s0",), ((0.0,), (0.5,)))
        >>> piece = Piece(1, ((cirq.XPowGate(exponent=sympy.Symbol("s0")), (0,)),), (turn,))
        >>> Laws(piece).at([0, 1]).round(6).tolist()  # |0⟩, and half a turn to |1⟩
        [[1.0, 0.0], [0.5, 0.5]]
    """

    def __init__(self, piece: Piece) -> None:
        """Args: ``piece`` is what is to be solved."""
        self._piece = piece
        self._noisy = not is_pure(piece)
        self._known: dict[int, npt.NDArray[np.float64]] = {}

    def at(self, joints: Iterable[int]) -> npt.NDArray[np.float64]:
        """Returns the laws of all qubits at some joint positions of the dials.

        Args:
            joints: The joint positions, the last dial counting fastest.

        Returns:
            (positions, 2^qubits) probabilities; qubit 0 is the most significant bit.

        Raises:
            UsageError: If the piece is too large.
        """
        wanted = [int(joint) for joint in joints]
        missing = [joint for joint in dict.fromkeys(wanted) if joint not in self._known]
        found = dict(self._known)
        if self._noisy:
            # Larger pieces are evolved in parts anyway, and share what they can.
            at_once = max(1, MOST_ELEMENTS >> min(2 * self._piece.qubits, MOST_SHIFT))
            for start in range(0, len(missing), at_once):
                part = missing[start : start + at_once]
                found.update(zip(part, _noisy_laws(self._piece, part), strict=True))
        else:
            found.update((joint, _pure_law(self._piece, joint)) for joint in missing)
        if self._piece.qubits <= MOST_KEPT_QUBITS:
            self._known = found
        laws = [found[joint] for joint in wanted]
        return laws[0][None] if len(laws) == 1 else np.stack(laws)


@functools.lru_cache(maxsize=512)
def _shared_laws(piece: Piece) -> Laws:
    return Laws(piece)


def laws_of(piece: Piece) -> Laws:
    """Returns the laws of a piece, shared among equal pieces if these can be recognised.

    Example:
        >>> piece = Piece(1, ((cirq.H, (0,)),), ())
        >>> laws_of(piece) is laws_of(Piece(1, ((cirq.H, (0,)),), ()))
        True
    """
    return _shared_laws(piece) if piece.hashable else Laws(piece)


def _normalised(law: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    law /= law.sum(axis=-1, keepdims=True)
    law.setflags(write=False)
    return law


def _pure_law(piece: Piece, joint: int) -> npt.NDArray[np.float64]:
    if piece.qubits > MOST_QUBITS:
        raise UsageError(
            f"a piece of {piece.qubits} entangled qubits exceeds the {MOST_QUBITS} qubits that "
            "a state vector can hold here"
        )
    vector = piece.state_vectors.at(piece.values(joint))
    # Large vectors: no more arrays than it takes.
    squares = np.square(vector.view(np.float32))
    law = squares[::2].astype(np.float64)
    law += squares[1::2]
    law *= law >= IMPOSSIBLE / piece.qubits**2
    return _normalised(law)


def _noisy_laws(piece: Piece, joints: Sequence[int]) -> npt.NDArray[np.float64]:
    laws = pauli_laws(piece.qubits, piece.steps, piece.dials, joints)
    return _normalised(np.maximum(laws, 0.0))


def sample_trajectories(
    piece: Piece, joint: int, repetitions: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Samples a large noisy piece by qsim's trajectories.

    Args:
        piece: The piece.
        joint: The joint position of its dials.
        repetitions: The number of samples.
        rng: The source of randomness.

    Returns:
        (repetitions, qubits) bits.

    Raises:
        UsageError: If qsim returns too few samples, five times in a row.

    Example:
        >>> piece = Piece(2, ((cirq.H, (0,)), (cirq.CNOT, (0, 1)), (cirq.bit_flip(1), (1,))), ())
        >>> bits = sample_trajectories(piece, 0, 20, np.random.default_rng(0))
        >>> bits.shape, bool((bits[:, 0] != bits[:, 1]).all())
        ((20, 2), True)
    """
    sample = _prepared(piece, joint)
    for _ in range(5):
        bits = sample(repetitions, int(rng.integers(2**31)))
        # qsim issue 662: rarely, a sample is missing.
        if bits.shape[0] == repetitions:
            return bits
    raise UsageError(f"qsim returned {bits.shape[0]} of {repetitions} samples five times")


def _prepared(piece: Piece, joint: int) -> Callable[[int, int], npt.NDArray[np.uint8]]:
    """Returns what samples a noisy piece at a joint position, so often and from that seed."""
    if can_be_prepared(piece.steps):
        values = piece.values(joint)
        return lambda repetitions, seed: piece.noisy_vectors.sample(values, repetitions, seed)
    line = cirq.LineQubit.range(piece.qubits)
    circuit = piece.resolved(joint) + cirq.Moment(cirq.measure(*line, key="m"))
    return lambda repetitions, seed: (
        _qsim(seed).run(circuit, repetitions=repetitions).measurements["m"].astype(np.uint8)
    )


def sample_stim(
    piece: Piece, joint: int, repetitions: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Samples a Clifford piece with stim's compiled sampler.

    Args:
        piece: The piece.
        joint: The joint position of its dials.
        repetitions: The number of samples.
        rng: The source of randomness.

    Returns:
        (repetitions, qubits) bits.

    Raises:
        UsageError: If the piece is no Clifford circuit with Pauli noise.

    Example:
        >>> piece = Piece(2, ((cirq.H, (0,)), (cirq.CNOT, (0, 1))), ())
        >>> bits = sample_stim(piece, 0, 20, np.random.default_rng(0))
        >>> bits.shape, bool((bits[:, 0] == bits[:, 1]).all())
        ((20, 2), True)
    """
    program = piece.stim_programs.at(piece.values(joint))
    sampler = program.compile_sampler(seed=int(rng.integers(2**62)))
    return sampler.sample(repetitions).astype(np.uint8)
