"""Exact ground states of the antiferromagnetic Heisenberg model with random couplings on a grid.

H = Σ J_b (XX + YY + ZZ) over the bonds b of a grid with open boundary, J_b ≥ 0, the family of Huang
et al., Science 377, eabk3333 (2022), arXiv 2106.12627, where J_b is uniform in [0, 2]. As
XX + YY + ZZ = 2 SWAP - 1, H permutes spins and keeps the number of ones.

The grid has two sublattices of n/2 sites each if n is even, and if the bonds with J_b > 0 connect
all sites the ground state is unique, a singlet, and lies in the sector of n/2 ones (Lieb and
Mattis, J. Math. Phys. 3, 749 (1962)). There the Lanczos algorithm finds it. A singlet does not
change when all spins are turned: single spins have no mean, the correlators XX, YY and ZZ of a pair
are equal, c = (2⟨SWAP⟩ - 1)/3, and the state of two spins has the purity (1 + 3c²)/4.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import linalg

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import seed_of, whole_number
from quantum_advantage.systems.lattice import grid_bonds

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# 184 756 amplitudes in the sector.
MOST_SITES = 20
STRONGEST = 2.0


def draw_couplings(
    rows: int, columns: int, systems: int, seed: int | np.random.Generator
) -> Floats:
    """Draws couplings uniformly from [0, 2].

    Args:
        rows: The rows of the grid.
        columns: Its columns.
        systems: The number of systems.
        seed: The source of randomness.

    Returns:
        (systems, bonds) couplings, in the order of ``grid_bonds``.

    Example:
        >>> draw_couplings(2, 2, 3, seed=1).shape
        (3, 4)
    """
    rng = np.random.default_rng(seed_of(seed))
    return rng.uniform(0, STRONGEST, (systems, len(grid_bonds(rows, columns))))


@functools.lru_cache(maxsize=4)
def sector(sites: int) -> Integers:
    """Returns the basis states of n/2 ones in increasing order; site 0 is the most significant bit.

    Raises:
        UsageError: If the number of sites is odd, or not between 2 and 20.

    Example:
        >>> [f"{state:04b}" for state in sector(4).tolist()]
        ['0011', '0101', '0110', '1001', '1010', '1100']
    """
    whole_number("sites", sites, 2, MOST_SITES)
    if sites % 2:
        raise UsageError(f"sites must be even in number for a singlet, not {sites}")
    states = np.arange(2**sites, dtype=np.int64)
    return states[np.bitwise_count(states) == sites // 2]


@functools.lru_cache(maxsize=2)
def _swaps(sites: int) -> dict[tuple[int, int], Integers]:
    """Returns for every pair of sites where the states of the sector go when they are swapped."""
    states = sector(sites)
    place = np.zeros(2**sites, dtype=np.int64)
    place[states] = np.arange(len(states))
    found = {}
    for b in range(sites):
        for a in range(b):
            one, other = sites - 1 - a, sites - 1 - b
            differ = ((states >> one) ^ (states >> other)) & 1
            found[a, b] = place[states ^ (differ << one) ^ (differ << other)]
    return found


@dataclass(frozen=True, eq=False, repr=False)
class GroundState:
    """The ground state of one system.

    Attributes:
        sites: The number n of sites.
        energy: The least eigenvalue of H.
        amplitudes: The real amplitudes of the states of ``sector``, of norm 1.

    Example:
        Four spins on a square, all couplings 1: the energy is -8.

        >>> state = ground_state(2, 2, [1, 1, 1, 1])
        >>> state, round(state.energy, 6)
        (GroundState(4 sites, energy -8), -8.0)
        >>> state.correlators().round(3)[0].tolist()  # neighbours, and the diagonal
        [1.0, -0.667, -0.667, 0.333]
        >>> state.vector().shape
        (16,)
    """

    sites: int
    energy: float
    amplitudes: Floats

    def __repr__(self) -> str:
        return f"GroundState({self.sites} sites, energy {self.energy:.6g})"

    def vector(self) -> Floats:
        """Returns all 2ⁿ amplitudes; site 0 is the most significant bit."""
        found = np.zeros(2**self.sites)
        found[sector(self.sites)] = self.amplitudes
        return found

    def circuit(self, qubits: Sequence[cirq.Qid] | None = None) -> cirq.Circuit:
        """Returns a circuit of one operation that prepares the state, for simulators.

        Args:
            qubits: The qubits of the sites; line qubits by default.
        """
        sites = cirq.LineQubit.range(self.sites) if qubits is None else qubits
        return cirq.Circuit(cirq.StatePreparationChannel(self.vector())(*sites))

    def correlators(self) -> Floats:
        """Returns the exact ⟨XX + YY + ZZ⟩/3 of all pairs, (n, n); 1 on the diagonal."""
        found = np.eye(self.sites)
        for (a, b), places in _swaps(self.sites).items():
            swap = float(self.amplitudes @ self.amplitudes[places])
            found[a, b] = found[b, a] = (2 * swap - 1) / 3
        return found


def ground_state(rows: int, columns: int, couplings: npt.ArrayLike) -> GroundState:
    """Finds the ground state of one system by the Lanczos algorithm.

    Args:
        rows: The rows of the grid.
        columns: Its columns; at most 20 sites, an even number.
        couplings: (bonds,) couplings J ≥ 0, in the order of ``grid_bonds``.

    Raises:
        UsageError: If the grid is too large, its number of sites is odd, or the couplings are of
            another number, negative or not finite.

    Example:
        >>> round(ground_state(1, 2, [1.5]).energy, 9)  # a singlet, -3 J
        -4.5
    """
    bonds, sites = grid_bonds(rows, columns), rows * columns
    strengths = np.asarray(couplings, dtype=np.float64)
    if strengths.shape != (len(bonds),):
        raise UsageError(f"couplings must be {len(bonds)}, not of shape {strengths.shape}")
    if not np.isfinite(strengths).all() or (strengths < 0).any():
        raise UsageError("couplings must be finite and not negative")
    states = sector(sites)
    swaps = _swaps(sites)
    count = len(states)
    if count <= 2:
        return _solve_dense(sites, bonds, strengths)
    here = np.arange(count)
    diagonal = np.full(count, -strengths.sum())
    rows_of, columns_of, values = [], [], []
    for bond, strength in zip(bonds, strengths, strict=True):
        places = swaps[bond]
        moves = places != here
        diagonal[~moves] += 2 * strength
        rows_of.append(here[moves])
        columns_of.append(places[moves])
        values.append(np.full(int(moves.sum()), 2 * strength))
    place = np.concatenate(rows_of), np.concatenate(columns_of)
    energy = sparse.csr_array((np.concatenate(values), place), shape=(count, count))
    energy = energy + sparse.diags_array(diagonal, format="csr")
    # Marshall's rule: the sign is that of the parity of ones on a sublattice.
    start = _marshall_signs(rows, columns, states) / np.sqrt(count)
    levels, vectors = linalg.eigsh(energy, k=1, which="SA", v0=start, tol=1e-12)
    vector = vectors[:, 0] / np.linalg.norm(vectors[:, 0])
    return GroundState(sites, float(levels[0]), vector * np.sign(vector @ start))


def _solve_dense(sites: int, bonds: Sequence[tuple[int, int]], strengths: Floats) -> GroundState:
    """Solves two spins, too few for the Lanczos algorithm."""
    energy = np.zeros((2, 2))
    for bond, strength in zip(bonds, strengths, strict=True):
        energy += strength * (2 * np.eye(2)[_swaps(sites)[bond]] - np.eye(2))
    levels, vectors = np.linalg.eigh(energy)
    return GroundState(sites, float(levels[0]), vectors[:, 0])


def _marshall_signs(rows: int, columns: int, states: Integers) -> Floats:
    sites = rows * columns
    even = [s for s in range(sites) if sum(divmod(s, columns)) % 2 == 0]
    mask = sum(1 << (sites - 1 - s) for s in even)
    return 1.0 - 2.0 * (np.bitwise_count(states & mask) & 1)
