"""How random the outcomes of a random brickwork circuit are on average, at any depth.

The circuits (see :mod:`~quantum_advantage.systems.brickwork`) have a fixed two-qubit gate G on
their bonds and random one-qubit gates: Haar-random ones, or turns Ry of a uniform angle and a real
G, which make the whole circuit real. They act on |0…0⟩; ψ is the state after a layer of one-qubit
gates, r(P) = tr(P ψ) for Pauli strings P.

Source: derived here. Averages of squares of r are all that collisions of two outcomes need, and
few numbers fix them. For Haar-random gates E r(P) r(Q) vanishes unless P = Q, and depends on the
support of P alone: a rotation-invariant pair of letters is II or XX + YY + ZZ. For real circuits
the letters of a pair may be turned together in the plane of X and Z, and reflected: a Z put before
the circuit does nothing to |0…0⟩ and passes an Ry(θ) as Ry(-θ), which has the same law, and passes
G as a product of Z's and Y's, where Y = Ry(π) up to a phase is absorbed by the uniform turns. (CZ
and CZ·SWAP commute with Z up to the exchange of the qubits. SWAP exp(i b Z⊗Y) does so for the first
qubit, and takes Y⊗Z to Z⊗Y.) What stays invariant is II, YY and XX + ZZ. So a string has a *type*,
one class of letters for each qubit: {I}, {X, Y, Z}, or {I}, {X, Z}, {Y}; and all there is to know
is m(T), the mean of Σ r(P)² over the strings of type T. It begins as 1 where every class is {I} or
holds Z, and as 0 elsewhere. With G P G† = Σ c(P', P) P' a gate on two qubits maps it to

    m'(T') = Σ_T m(T)/|T| Σ_{P in T, P' in T'} c(P', P)².

The collision probability of two outcomes is Σ_b p(b)² = 2⁻ⁿ Σ r(P)² over the strings of the
letters I and the measured one, and Σ_b p(b) p(~b), ~b being the complement, the same sum with the
sign (-1)^weight.

There are kⁿ types, k = 2 or 3, and their numbers m(T) are kept one by one; those of a long line as
a train of tensors whose small singular values are dropped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError

Floats = npt.NDArray[np.float64]
Layer = Sequence[tuple[int, int]]

# Numbers of types that are kept one by one: on a line, and otherwise.
MOST_ON_A_LINE = 1 << 17
MOST_TYPES = 1 << 23
# Singular values below so much of the largest are dropped; the moments are good to some 1e-5 then.
TOLERANCE = 1e-5

_PAULIS = np.stack([cirq.unitary(gate) for gate in (cirq.I, cirq.X, cirq.Y, cirq.Z)])
# The classes of the letters I, X, Y, Z.
_HAAR = ((0,), (1, 2, 3))
_REAL = ((0,), (1, 3), (2,))


@dataclass(frozen=True, eq=False)
class OutcomeMoments:
    """Means over random circuits of the probabilities of pairs of outcomes.

    Attributes:
        z: The probability Σ_b p(b)² that two outcomes in the computational basis are equal.
        y: The same where every qubit is measured in the basis of Y.
        y_complement: The probability that the second outcome is then the complement of the first.
        y_squares: (n,) the mean of ⟨Y_i⟩² for every qubit.

    Example:
        >>> moments = outcome_moments(1, [], np.eye(4), symmetric=True)  # Ry|0⟩: ⟨Y⟩ = 0
        >>> moments.z, moments.y, moments.y_squares.tolist()
        (0.75, 0.5, [0.0])
    """

    z: float
    y: float
    y_complement: float
    y_squares: Floats


def outcome_moments(
    qubits: int, layers: Iterable[Layer], gate: npt.ArrayLike, symmetric: bool
) -> OutcomeMoments:
    """Returns the moments of random brickwork circuits, by the recursion above.

    Args:
        qubits: The number n of qubits.
        layers: The bonds of every layer.
        gate: (4, 4) the unitary of G, real if ``symmetric``, on the qubits of a bond in order.
        symmetric: Whether the one-qubit gates are uniform Ry, else they are Haar-random.

    Raises:
        UsageError: If there are too many qubits for a lattice that is no line.

    Example:
        >>> layers = [[(0, 1)]] * 8
        >>> found = outcome_moments(2, layers, cirq.unitary(cirq.ISWAP), symmetric=False)
        >>> round(found.z, 3)  # Haar-random: 2/(d + 1)
        0.4
    """
    classes = _REAL if symmetric else _HAAR
    bonds = [bond for layer in layers for bond in layer]
    types = len(classes) ** qubits
    on_a_line = all(abs(i - j) == 1 for i, j in bonds)
    if types > MOST_TYPES and not on_a_line:
        most = int(math.log(MOST_TYPES, len(classes)))
        raise UsageError(f"qubits must be at most {most} for moments on a grid, not {qubits}")
    kept = _Train if on_a_line and types > MOST_ON_A_LINE else _AllTypes
    moments = kept(qubits, np.array([len(letters) for letters in classes], dtype=float))
    matrix = _averaged(np.asarray(gate, dtype=np.complex128), classes)
    for bond in bonds:
        moments.apply(matrix, bond)
    # The share of a class that lies on the identity, on Z, on Y.
    identity, z, y = (
        np.array([float(letter in letters) / len(letters) for letters in classes])
        for letter in (0, 3, 2)
    )

    def total(weights: Sequence[Floats]) -> float:
        return moments.contracted(weights) / 2**qubits

    squares = np.zeros(qubits)
    if not symmetric:
        for i in range(qubits):
            squares[i] = moments.contracted([y if q == i else identity for q in range(qubits)])
    return OutcomeMoments(
        total([identity + z] * qubits),
        total([identity + y] * qubits),
        total([identity - y] * qubits),
        squares,
    )


def _averaged(gate: npt.NDArray[np.complex128], classes: Sequence[Sequence[int]]) -> Floats:
    """Returns how a gate maps the types of two qubits, (k, k, k, k), to and from."""
    paulis = np.einsum("aij,bkl->abikjl", _PAULIS, _PAULIS).reshape(4, 4, 4, 4)
    moved = gate @ paulis @ gate.conj().T
    squares = (np.einsum("abij,cdji->abcd", paulis, moved).real / 4) ** 2
    for axis in range(4):
        parts = [squares.take(letters, axis).sum(axis) for letters in classes]
        squares = np.stack(parts, axis)
    sizes = np.array([len(letters) for letters in classes], dtype=float)
    return squares / np.multiply.outer(sizes, sizes)


class _AllTypes:
    """The numbers m(T) of all types, one axis for each qubit."""

    def __init__(self, qubits: int, sizes: Floats) -> None:
        self._values = np.zeros((sizes.size,) * qubits)
        self._values[(slice(2),) * qubits] = 1.0

    def apply(self, matrix: Floats, bond: tuple[int, int]) -> None:
        """Applies what :func:`_averaged` returns."""
        moved = np.moveaxis(self._values, bond, (0, 1))
        self._values = np.moveaxis(np.tensordot(matrix, moved, 2), (0, 1), bond)

    def contracted(self, weights: Sequence[Floats]) -> float:
        """Returns the sum of m(T) with the weights of the classes of all qubits multiplied."""
        left = self._values
        for weight in weights:
            left = np.tensordot(weight, left, 1)
        return float(left)


class _Train:
    """The same numbers as a train of tensors, (left, k, right) for each qubit.

    The tensors hold m(T)/√|T|: with that norm the strings of a Haar-random state weigh alike, so
    that the dropped part is small beside the result.
    """

    def __init__(self, qubits: int, sizes: Floats) -> None:
        self._roots = np.sqrt(sizes)
        first = (np.arange(sizes.size) < 2) / self._roots
        self._tensors = [first.reshape(1, -1, 1)] * qubits
        # All tensors left of the centre are isometries, and all right of it.
        self._centre = 0

    def apply(self, matrix: Floats, bond: tuple[int, int]) -> None:
        """Applies what :func:`_averaged` returns to two neighbours."""
        left = min(bond)
        if bond[0] > bond[1]:
            matrix = matrix.transpose(1, 0, 3, 2)
        scale = np.multiply.outer(self._roots, self._roots)
        matrix = matrix * np.multiply.outer(1 / scale, scale)
        self._move_centre(left)
        both = np.tensordot(self._tensors[left], self._tensors[left + 1], 1)
        both = np.einsum("abcd,lcdr->labr", matrix, both)
        rows, size, _, columns = both.shape
        u, values, v = np.linalg.svd(both.reshape(rows * size, -1), full_matrices=False)
        kept = int((values > TOLERANCE * values[0]).sum())
        self._tensors[left] = u[:, :kept].reshape(rows, size, kept)
        self._tensors[left + 1] = (values[:kept, None] * v[:kept]).reshape(kept, size, columns)
        self._centre = left + 1

    def contracted(self, weights: Sequence[Floats]) -> float:
        """Returns the sum of m(T) with the weights of the classes of all qubits multiplied."""
        row = np.ones(1)
        for tensor, weight in zip(self._tensors, weights, strict=True):
            row = row @ np.einsum("lkr,k->lr", tensor, weight * self._roots)
        return float(row[0])

    def _move_centre(self, goal: int) -> None:
        step = 1 if goal > self._centre else -1
        for here, there in pairwise(range(self._centre, goal + step, step)):
            tensor, near = self._tensors[here], self._tensors[there]
            rows, size, columns = tensor.shape
            if step > 0:
                isometry, rest = np.linalg.qr(tensor.reshape(rows * size, columns))
                self._tensors[here] = isometry.reshape(rows, size, -1)
                self._tensors[there] = np.tensordot(rest, near, 1)
            else:
                isometry, rest = np.linalg.qr(tensor.reshape(rows, size * columns).T)
                self._tensors[here] = isometry.T.reshape(-1, size, columns)
                self._tensors[there] = np.tensordot(near, rest.T, 1)
        self._centre = goal
