"""Two-qubit unitaries as interaction and local gates, in one form that rounding does not choose.

Every two-qubit unitary is, up to a phase,

    (a₀ ⊗ a₁) exp[i (x XX + y YY + z ZZ)] (b₀ ⊗ b₁),   π/4 ≥ x ≥ y ≥ |z|,  z ≥ 0 where x = π/4

(Zhang, Vala, Sastry and Whaley, PRA 67, 042313 (2003)). The coefficients are unique, the local
gates are not: of CZ, of SWAP and of most gates in use whole families of them give the same unitary,
and common programs leave the choice to the last bits of an eigenvalue solver, which differ from one
processor to the next. Here every choice is made with a tolerance far above rounding, and a basis of
a degenerate eigenspace comes from the space's projector, which is a continuous function of the
unitary.

How it is computed (derived here). In the magic basis local gates are real, with determinant 1, and
the interaction is diagonal, so V = L D Oᵀ with L, O in SO(4) and D = diag(exp iθₖ). Then Vᵀ V =
O D² Oᵀ: the columns of O are real eigenvectors, and θₖ is known up to multiples of π. In order of
(Ψ+, Φ+, Φ-, Ψ-) the phases of an interaction are x+y-z, x-y+z, -x+y+z and -x-y-z, which for x ≥ y ≥
|z| is also their descending order. So the phases are sorted; taking π off the largest one, which
then is the least, gives the next choice of their order. With det V = 1 every second choice has
det L = 1, and the two that are left have x and π/2 - x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.complex128]
Real = npt.NDArray[np.float64]
Pair = tuple[Matrix, Matrix]

# Angles and entries that differ by less are the same. Rounding is a million times smaller.
SAME = 1e-8
# Of the rows of a projector whose weights differ by less the first one is taken.
_PIVOT = 1e-5
_QUARTER = math.pi / 4
# The magic basis (Φ+, iΦ-, iΨ+, Ψ-), as columns.
_MAGIC = np.array([[1, 1j, 0, 0], [0, 0, 1j, 1], [0, 0, 1j, -1], [1, -1j, 0, 0]]) / math.sqrt(2)
# Where (Ψ+, Φ+, Φ-, Ψ-) stand in it.
_DESCENDING = [2, 0, 1, 3]
_MIXTURES = tuple(0.1 + 0.19 * k for k in range(16))


@dataclass(frozen=True, eq=False)
class Interaction:
    """A two-qubit unitary up to a phase; see the module.

    Attributes:
        strengths: (x, y, z).
        before: b₀ and b₁, which act first, (2, 2) each.
        after: a₀ and a₁, (2, 2) each.

    Example:
        >>> import cirq
        >>> found = interaction(cirq.unitary(cirq.CNOT))
        >>> [round(strength / math.pi, 6) for strength in found.strengths]
        [0.25, 0.0, 0.0]
    """

    strengths: tuple[float, float, float]
    before: Pair
    after: Pair


def interaction(unitary: npt.ArrayLike) -> Interaction:
    """Returns the form of a two-qubit unitary; equal ones, up to rounding, have equal forms.

    Args:
        unitary: (4, 4), the first qubit counting slowest.

    Raises:
        ValueError: If it is not unitary.

    Example:
        >>> import cirq
        >>> found = interaction(cirq.unitary(cirq.ISWAP))
        >>> whole = np.kron(*found.after) @ interaction_matrix(*found.strengths)
        >>> cirq.equal_up_to_global_phase(whole @ np.kron(*found.before), cirq.unitary(cirq.ISWAP))
        True
    """
    matrix = np.asarray(unitary, dtype=np.complex128)
    if matrix.shape != (4, 4) or np.abs(matrix @ matrix.conj().T - np.eye(4)).max() > SAME:
        raise ValueError("not a unitary on two qubits")
    root = np.exp(-0.25j * _wrapped(float(np.angle(np.linalg.det(matrix))), math.pi))
    magic = _MAGIC.conj().T @ (root * matrix) @ _MAGIC
    phases, basis = _eigenbasis(magic.T @ magic)
    if round(phases.sum() / math.pi) % 2:
        phases, basis = _turned(phases, basis)
    x, _, z = _strengths(phases)
    if x > _QUARTER + SAME or (x > _QUARTER - SAME and z < -SAME):
        phases, basis = _turned(*_turned(phases, basis))
    right, angles = np.empty((4, 4)), np.empty(4)
    right[:, _DESCENDING], angles[_DESCENDING] = basis, phases
    if np.linalg.det(right) < 0:
        right[:, 3] *= -1
    left = (magic @ right @ np.diag(np.exp(-1j * angles))).real
    return Interaction(_on_walls(*_strengths(phases)), _factors(right.T), _factors(left))


def interaction_matrix(x: float, y: float, z: float) -> Matrix:
    """Returns exp[i (x XX + y YY + z ZZ)], (4, 4).

    Args:
        x: The strength of XX, in radians.
        y: The strength of YY, in radians.
        z: The strength of ZZ, in radians.

    Example:
        >>> interaction_matrix(0, 0, math.pi / 4).diagonal().round(3).tolist()
        [(0.707+0.707j), (0.707-0.707j), (0.707-0.707j), (0.707+0.707j)]
    """
    phases = np.empty(4)
    phases[_DESCENDING] = [x + y - z, x - y + z, -x + y + z, -x - y - z]
    return np.asarray(_MAGIC @ np.diag(np.exp(1j * phases)) @ _MAGIC.conj().T)


def _wrapped(angle: float, half: float) -> float:
    """Returns an angle in (-half, half]; what is close to -half counts as half."""
    turned = angle - 2 * half * math.floor((angle + half) / (2 * half))
    return turned + 2 * half if turned <= -half + SAME else turned


def _eigenbasis(symmetric: Matrix) -> tuple[Real, Real]:
    """Returns half the phases of a symmetric unitary, descending, and real eigenvectors.

    Returns:
        (4,) phases in (-π/2, π/2], and (4, 4) eigenvectors, as columns.
    """
    halves = [
        _wrapped(float(np.angle(value)) / 2, math.pi / 2) for value in np.linalg.eigvals(symmetric)
    ]
    clusters: list[list[float]] = []
    for phase in sorted(halves, reverse=True):
        if clusters and clusters[-1][-1] - phase < SAME:
            clusters[-1].append(phase)
        else:
            clusters.append([phase])
    means = np.array([sum(cluster) / len(cluster) for cluster in clusters])
    # A mixture of the real and the imaginary part that keeps different phases well apart.
    values = [np.sort(np.cos(2 * means - t)) for t in _MIXTURES]
    widest = max(range(len(values)), key=lambda k: np.diff(values[k]).min(initial=2.0))
    t = _MIXTURES[widest]
    found, vectors = np.linalg.eigh(math.cos(t) * symmetric.real + math.sin(t) * symmetric.imag)
    nearest = np.abs(found[:, None] - np.cos(2 * means - t)).argmin(axis=1)
    columns, phases = [], []
    for number, cluster in enumerate(clusters):
        own = vectors[:, nearest == number]
        for column in _columns(own @ own.T, len(cluster)):
            columns.append(column)
            phases.append(float(np.angle(column @ symmetric @ column)) / 2)
    # The phase of a vector lies close to the mean of its cluster, whose side of the cut it takes.
    of_vector = np.repeat(means, [len(cluster) for cluster in clusters])
    exact = of_vector + np.remainder(phases - of_vector + math.pi / 2, math.pi) - math.pi / 2
    return exact, np.stack(columns, axis=1)


def _columns(projector: Real, rank: int) -> list[Real]:
    """Returns an orthonormal basis of a projector's range that rounding does not turn."""
    columns = []
    for _ in range(rank):
        weights = projector.diagonal()
        row = int(np.flatnonzero(weights > weights.max() - _PIVOT)[0])
        column = projector[:, row] / math.sqrt(weights[row])
        columns.append(column)
        projector = projector - np.outer(column, column)
    return columns


def _turned(phases: Real, basis: Real) -> tuple[Real, Real]:
    """Takes π off the largest phase, which becomes the least."""
    return np.append(phases[1:], phases[0] - math.pi), np.roll(basis, -1, axis=1)


def _strengths(phases: Real) -> tuple[float, float, float]:
    first, second, third, fourth = phases.tolist()
    return (
        (first + second - third - fourth) / 4,
        (first - second + third - fourth) / 4,
        (-first + second + third - fourth) / 4,
    )


def _on_walls(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Moves strengths that are equal, 0 or π/4 up to rounding to where they are so exactly."""
    x = _QUARTER if abs(x - _QUARTER) < SAME else 0.0 if x < SAME else x
    y = x if abs(x - y) < SAME else 0.0 if y < SAME else y
    z = 0.0 if abs(z) < SAME else math.copysign(y, z) if abs(y - abs(z)) < SAME else z
    return x, y, z


def _factors(rotation: Real) -> Pair:
    """Returns the local gates that a rotation in the magic basis is, up to both signs."""
    product = np.asarray(_MAGIC @ rotation @ _MAGIC.conj().T)
    blocks = product.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3)
    sizes = np.abs(np.linalg.det(blocks))
    i, j = divmod(int(sizes.argmax()), 2)
    second = blocks[i, j] / np.sqrt(np.linalg.det(blocks[i, j]))
    first = np.einsum("abij,ij->ab", blocks, second.conj()) / 2
    return first, second
