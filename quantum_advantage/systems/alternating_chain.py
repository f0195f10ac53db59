"""Ground states of the XXZ chain with alternating couplings, exact.

    H = Σ_i J_i (X_i X_{i+1} + Y_i Y_{i+1} + δ Z_i Z_{i+1}),    J_i = 1 for even i, else r.

Source: the example of Huang, Kueng, Torlai, Albert and Preskill, Science 377, eabk3333 (2022),
arXiv 2106.12627, there with 300 spins. For -1 < δ ≤ 1 the ground state is a product of singlets on
the bonds that couple more strongly, dressed by correlations: for r < 1 the trivial phase of the
unit cells (0, 1), (2, 3), …, for r > 1 the symmetry-protected one. A ring shifted by one site has r
in the place of 1 and 1 in that of r, and so, up to its unit of energy, 1/r in the place of r. So
the transition is at r = 1, exactly.

The chain is closed to a ring of n sites, n even. H commutes with the number of ones, and the ground
state for antiferromagnetic couplings has n/2 of them: by the sign rule of Marshall, Proc. R. Soc. A
232, 48 (1955), it is unique.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import eigsh

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import real_number, whole_number

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MOST_QUBITS = 16


def check_ring(qubits: int) -> int:
    """Checks the number of sites of a ring.

    Raises:
        UsageError: If it is odd, or not from 4 to 16.

    Example:
        >>> check_ring(12)
        12
    """
    qubits = whole_number("qubits", qubits, 4, MOST_QUBITS)
    if qubits % 2:
        raise UsageError(f"qubits must be even for alternating couplings, not {qubits}")
    return qubits


@functools.lru_cache(maxsize=8)
def _bond_sums(qubits: int, anisotropy: float) -> tuple[Integers, tuple[sparse.csr_matrix, ...]]:
    """Returns the numbers of the states with n/2 ones, and both sums of bonds among them."""
    numbers = np.arange(2**qubits)
    numbers = numbers[np.bitwise_count(numbers) == qubits // 2]
    rows = np.arange(numbers.size)
    sums = []
    for parity in (0, 1):
        total = sparse.csr_matrix((numbers.size, numbers.size))
        for one in range(parity, qubits, 2):
            # Qubit 0 is the highest bit.
            pair = (1 << (qubits - 1 - one)) | (1 << (qubits - 1 - (one + 1) % qubits))
            different = np.bitwise_count(numbers & pair) == 1
            diagonal = anisotropy * np.where(different, -1.0, 1.0)
            swapped = np.searchsorted(numbers, numbers[different] ^ pair)
            values = np.full(swapped.size, 2.0)
            flips = sparse.csr_matrix((values, (rows[different], swapped)), total.shape)
            total = total + flips + sparse.diags(diagonal)
        sums.append(total)
    return numbers, tuple(sums)


def chain_ground_state(qubits: int, ratio: float, anisotropy: float = 0.5) -> Floats:
    """Returns the ground state of a ring.

    Args:
        qubits: The number n of sites, even, 4 to 16.
        ratio: r, the couplings of the odd bonds in units of those of the even ones, at least 0.
        anisotropy: δ.

    Returns:
        (2ⁿ,) real amplitudes, qubit 0 the most significant bit; its largest is positive.

    Raises:
        UsageError: If an argument is out of range.

    Example:
        Without the odd bonds, two singlets:

        >>> vector = chain_ground_state(4, 0.0)
        >>> np.round(vector[[0b0101, 0b0110, 0b1001, 0b1010]] ** 2, 6).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    qubits = check_ring(qubits)
    ratio = real_number("ratio", ratio)
    numbers, (even, odd) = _bond_sums(qubits, real_number("anisotropy", anisotropy, -1))
    hamiltonian = even + ratio * odd
    if numbers.size < 20:
        ground = np.linalg.eigh(hamiltonian.toarray())[1][:, 0]
    else:
        # By the sign rule it overlaps with this start, so that the search cannot miss it.
        sublattice = sum(1 << place for place in range(0, qubits, 2))
        start = 1.0 - 2 * (np.bitwise_count(numbers & sublattice) & 1)
        ground = eigsh(hamiltonian, k=1, which="SA", v0=start)[1][:, 0]
    vector = np.zeros(2**qubits)
    vector[numbers] = ground * np.sign(ground[np.abs(ground).argmax()])
    return vector
