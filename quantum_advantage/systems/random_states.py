"""Random states from brickwork circuits, pure or mixed with noise.

A brickwork circuit turns |0…0⟩ into a random pure state ψ = U|0…0⟩: layers of Haar-random one-qubit
gates, then iSWAP on alternating bonds of a chain. Every copy of a system passes through its own U,
fixed once; what changes from copy to copy is the input. Uniformly random bits there prepare the
maximally mixed state I/d, so bits that are random with probability q prepare (1 - q) ψ + q I/d, and
the circuits of pure and of mixed systems are the same.

How deep is deep enough? The mean collision probability of the outcomes is known exactly at any
depth (:mod:`~quantum_advantage.systems.moments`). At depth n + 4 it lies within 0.2 % of the Haar
value 2/(d + 1) for n = 2 to 20, which is checked by a test.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial, position_type
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.brickwork import (
    Floats,
    brickwork_circuit,
    brickwork_vectors,
    gate_symbols,
    haar_exponents,
)
from quantum_advantage.systems.local_noise import draw_errors, error_dials, error_moments

Columns = tuple[npt.NDArray[np.unsignedinteger], ...]

EXTRA_LAYERS = 4
# Of the states of systems whose purities are computed at once: 64 MB.
_AMPLITUDES_AT_ONCE = 1 << 22


def brickwork_depth(qubits: int) -> int:
    """Returns the layers of two-qubit gates at which brickwork states look Haar-random: n + 4.

    Args:
        qubits: The number n of qubits.

    Example:
        >>> brickwork_depth(20)
        24
    """
    return qubits + EXTRA_LAYERS


def _bonds(qubits: int, depth: int) -> list[list[tuple[int, int]]]:
    """Returns alternating bonds of a chain; of two qubits every second layer has none."""
    return [[(i, i + 1) for i in range(k % 2, qubits - 1, 2)] for k in range(depth)]


def brickwork_gates(qubits: int, depth: int | None = None) -> int:
    """Returns the number of one-qubit gates of a brickwork circuit, n (depth + 1).

    Args:
        qubits: The number n of qubits.
        depth: The layers of two-qubit gates, by default n + 4.

    Example:
        >>> brickwork_gates(2), brickwork_gates(2, depth=1)
        (14, 4)
    """
    return qubits * ((brickwork_depth(qubits) if depth is None else depth) + 1)


def _brickwork(qubits: Sequence[cirq.Qid], label: str, depth: int) -> cirq.Circuit:
    """Returns the circuit of U, with symbols for its one-qubit gates."""
    return brickwork_circuit(qubits, _bonds(len(qubits), depth), cirq.ISWAP, label)


def flips(qubits: Sequence[cirq.Qid], dials: Sequence[Dial]) -> cirq.Circuit:
    """Returns X to the power of a dial on every qubit.

    Args:
        qubits: The qubits.
        dials: One dial for each, as :func:`bit_dials` makes them.

    Example:
        >>> print(flips(cirq.LineQubit.range(1), bit_dials(1, "a")))
        0: ───X^bit0_a───
    """
    return cirq.Circuit(_flips(tuple(qubits), tuple(dial.symbols[0] for dial in dials)))


@functools.lru_cache(maxsize=64)
def _flips(qubits: tuple[cirq.Qid, ...], names: tuple[str, ...]) -> cirq.Moment:
    symbols = map(sympy.Symbol, names)
    return cirq.Moment((cirq.X**s)(q) for s, q in zip(symbols, qubits, strict=True))


def bit_dials(qubits: int, label: str, name: str = "bit") -> tuple[Dial, ...]:
    """Returns one dial for each qubit with positions 0 and 1.

    Args:
        qubits: The number of qubits.
        label: Tells the symbols apart from those of other copies.
        name: Begins the names of dials and symbols.

    Example:
        >>> (dial,) = bit_dials(1, "a", "flag")
        >>> dial.symbols, dial.positions
        (('flag0_a',), ((0.0,), (1.0,)))
    """
    return tuple(
        Dial(f"{name}{i}_{label}", (f"{name}{i}_{label}",), ((0.0,), (1.0,))) for i in range(qubits)
    )


@dataclass(frozen=True, eq=False)
class BrickworkStates:
    """Mixtures (1 - q) ψ + q I/d of brickwork states, one for each trial, with local noise.

    Attributes:
        exponents: (systems, gates, 3) one-qubit gates of U, see :func:`haar_exponents`.
        mixing: (systems,) q in [0, 1]; 0 is a pure state, 1 the maximally mixed one.
        nature: The source of the hidden bits of every copy.
        depolarize: λ of the depolarising channel (1 - λ) ρ + λ I/2 on every qubit of the copy.
        layers: The layers of two-qubit gates; None for those that make states look Haar-random.

    Example:
        >>> states = random_states(2, [0.0, 1.0], seed=1, copies=np.random.default_rng(2))
        >>> [round(float(whole), 6) for whole in states.purities()[:, -1]]  # pure, and I/4
        [1.0, 0.25]
        >>> rho = states.density_matrix(0)
        >>> round(float(np.trace(rho @ rho).real), 6)
        1.0
        >>> first, second, system = states.draw(3, "")  # two input bits, and which system
        >>> system.tolist(), first[:3].tolist()  # the bits of a pure state are 0
        ([0, 0, 0, 1, 1, 1], [0, 0, 0])
    """

    exponents: Floats
    mixing: Floats
    nature: np.random.Generator
    depolarize: float = 0.0
    layers: int | None = None

    @property
    def qubits(self) -> int:
        """The number n of qubits of one copy."""
        gates = self.exponents.shape[1]
        return next(n for n in range(1, gates + 1) if brickwork_gates(n, self.layers) == gates)

    @property
    def depth(self) -> int:
        """The number of layers of two-qubit gates."""
        return brickwork_depth(self.qubits) if self.layers is None else self.layers

    @property
    def systems(self) -> int:
        """The number of hidden systems."""
        return self.exponents.shape[0]

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares one copy: input bits, U, errors if there is noise."""
        whole = flips(qubits, bit_dials(len(qubits), label)) + self.unitary(qubits, label)
        if self.depolarize:
            whole += cirq.Circuit(error_moments(qubits, label))
        return whole

    def unitary(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit of U alone, which turns |0…0⟩ into ψ.

        Args:
            qubits: The n qubits.
            label: Tells the symbols apart from those of other copies.

        Example:
            >>> states = random_states(2, [0.0], seed=1, copies=np.random.default_rng(2))
            >>> circuit = states.unitary(cirq.LineQubit.range(2), "")
            >>> sum(len(op.qubits) == 2 for op in circuit.all_operations())  # every other layer
            3
        """
        return _brickwork(qubits, label, self.depth)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns one dial for every input bit, one for the system, one for every error."""
        rows = tuple(map(tuple, self.exponents.reshape(self.systems, -1).tolist()))
        system = Dial(f"system_{label}", gate_symbols(self.exponents.shape[1], label), rows)
        errors = error_dials(self.qubits, label) if self.depolarize else ()
        return (*bit_dials(self.qubits, label), system, *errors)

    def draw(self, copies: int, label: str) -> Columns:
        """Draws the input bits and the errors of fresh copies.

        Args:
            copies: Copies of each system.
            label: Not used: all labels follow one law.

        Returns:
            For each dial (systems * copies,) positions, system by system.
        """
        shape = (self.systems, copies)
        random = self.nature.random(shape) < self.mixing[:, None]
        return self.columns(random)

    def columns(self, random: npt.NDArray[np.bool_]) -> Columns:
        """Returns the dial positions of copies of which some have random input bits.

        Args:
            random: (systems, copies) which of the copies have random input bits.

        Returns:
            For each dial (systems * copies,) positions, system by system.

        Example:
            >>> states = random_states(1, [0.0], seed=1, copies=np.random.default_rng(2))
            >>> bits, system = states.columns(np.arange(1000)[None] < 500)
            >>> int(bits[500:].sum()), round(float(bits[:500].mean()), 1)
            (0, 0.5)
        """
        bits = self.nature.integers(0, 2, (self.qubits, *random.shape), dtype=np.uint8)
        bits &= random.view(np.uint8)
        number = np.arange(self.systems, dtype=position_type(self.systems))
        columns = [column.ravel() for column in bits]
        columns.append(np.repeat(number, random.shape[1]))
        if self.depolarize:
            columns += draw_errors(self.qubits, random.size, self.depolarize, self.nature)
        return tuple(columns)

    def select(self, systems: slice) -> BrickworkStates:
        """Returns some of the systems."""
        return replace(self, exponents=self.exponents[systems], mixing=self.mixing[systems])

    def purities(self) -> Floats:
        """Returns the exact purities of the first k qubits of every system without local noise.

        Source: derived here. With ψ_A the state of the part the mixture (1 - q) ψ_A + q I/d_A has
        the purity (1 - q)² tr ψ_A² + [1 - (1 - q)²]/d_A. Written as a matrix M with a row for each
        basis state of the part, ψ gives tr ψ_A² = tr (M M†)² = tr (M† M)².

        Returns:
            (systems, n) purities for k = 1 to n.

        Raises:
            UsageError: If the systems have local noise.
        """
        n = self.qubits
        if self.depolarize:
            raise UsageError(f"depolarize must be 0 for exact purities, not {self.depolarize}")
        found = np.empty((self.systems, n))
        share = (1 - self.mixing) ** 2
        step = max(1, _AMPLITUDES_AT_ONCE >> n)
        for start in range(0, self.systems, step):
            block = slice(start, start + step)
            states = self._vectors(block)
            for k in range(1, n + 1):
                matrices = states.reshape(len(states), 2**k, -1)
                smaller = matrices.conj().swapaxes(1, 2) if 2 * k > n else matrices
                grams = smaller @ smaller.conj().swapaxes(1, 2)
                pure = (np.abs(grams) ** 2).sum(axis=(1, 2))
                found[block, k - 1] = share[block] * pure + (1 - share[block]) / 2**k
        return found

    def density_matrix(self, system: int) -> npt.NDArray[np.complex128]:
        """Returns the exact (2ⁿ, 2ⁿ) density matrix of one system, for checks at small n."""
        (vector,) = self._vectors(slice(system, system + 1))
        matrix = (1 - self.mixing[system]) * np.outer(vector, vector.conj())
        matrix += self.mixing[system] * np.eye(vector.size) / vector.size
        for qubit in range(self.qubits if self.depolarize else 0):
            # The qubit's bits of the row and the column are the second and the fifth axis.
            split = matrix.reshape((2**qubit, 2, 2 ** (self.qubits - 1 - qubit)) * 2)
            mixed = np.einsum("iajkal,bc->ibjkcl", split, np.eye(2) / 2)
            matrix = (1 - self.depolarize) * split + self.depolarize * mixed
        return matrix.reshape(vector.size, -1)

    def _vectors(self, systems: slice) -> npt.NDArray[np.complex128]:
        """Returns the states ψ, (systems, 2ⁿ)."""
        bonds = _bonds(self.qubits, self.depth)
        return brickwork_vectors(self.exponents[systems], bonds, cirq.ISWAP)


def random_states(
    qubits: int,
    mixing: npt.ArrayLike,
    seed: int | np.random.Generator,
    copies: np.random.Generator,
    depolarize: float = 0.0,
    depth: int | None = None,
) -> BrickworkStates:
    """Draws one fresh brickwork state for each entry of ``mixing``.

    Args:
        qubits: The number n of qubits.
        mixing: (systems,) q of each system.
        seed: Draws the circuits.
        copies: The source of the hidden bits of every copy.
        depolarize: λ of the local noise.
        depth: The layers of two-qubit gates, by default n + 4.

    Raises:
        UsageError: If there is no qubit, a depth is negative, or a probability lies outside [0, 1].

    Example:
        >>> states = random_states(3, [0.0, 0.5], seed=1, copies=np.random.default_rng(2))
        >>> states.systems, states.qubits, states.depth
        (2, 3, 7)
    """
    weights = np.asarray(mixing, dtype=float)
    if qubits < 1:
        raise UsageError(f"qubits must be at least 1, not {qubits}")
    if not ((weights >= 0) & (weights <= 1)).all():
        raise UsageError(f"mixing must lie between 0 and 1, not {weights.tolist()}")
    if not 0 <= depolarize <= 1:
        raise UsageError(f"depolarize must lie between 0 and 1, not {depolarize}")
    if depth is not None and depth < 0:
        raise UsageError(f"depth must be at least 0, not {depth}")
    exponents = haar_exponents((weights.size, brickwork_gates(qubits, depth)), seed)
    return BrickworkStates(exponents, weights, copies, depolarize, depth)
