"""The Bell measurement of two copies, and the one table of its signs.

CNOT from system to memory, H on the system, both measured. The outcome (a, b) of a pair names a
Bell state, on which the products X⊗X, Y⊗Y, Z⊗Z and SWAP have the eigenvalues

    a b | Bell state           | XX  YY  ZZ  SWAP
    0 0 | Φ⁺ = (00 + 11)/√2    | +1  -1  +1   +1
    0 1 | Ψ⁺ = (01 + 10)/√2    | +1  +1  -1   +1
    1 0 | Φ⁻ = (00 - 11)/√2    | -1  +1  +1   +1
    1 1 | Ψ⁻ = (01 - 10)/√2    | -1  -1  -1   -1

that is e_X = (-1)ᵃ, e_Z = (-1)ᵇ, e_Y = -(-1)ᵃ⁺ᵇ and SWAP = (-1)ᵃᵇ. For a Pauli string Q the product
of the eigenvalues has the mean tr(Q ρ) tr(Q σ) on ρ ⊗ σ, hence tr(Q ρ)² on two copies.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import Words, pack_bits, parity
from quantum_advantage.core.pauli import PauliStrings

SYSTEM, MEMORY = "system", "memory"


def bell_basis_change(system: Sequence[cirq.Qid], memory: Sequence[cirq.Qid]) -> list[cirq.Moment]:
    """Returns the gates that turn the Bell basis of every pair into the computational basis.

    Example:
        >>> system, memory = cirq.LineQubit.range(2)
        >>> print(cirq.Circuit(bell_basis_change([system], [memory])).to_text_diagram())
        0: ───@───H───
              │
        1: ───X───────
    """
    return list(_bell_moments(tuple(system), tuple(memory))) if system else []


@functools.lru_cache(maxsize=64)
def _bell_moments(
    system: tuple[cirq.Qid, ...], memory: tuple[cirq.Qid, ...]
) -> tuple[cirq.Moment, ...]:
    return (
        cirq.Moment(cirq.CNOT(a, b) for a, b in zip(system, memory, strict=True)),
        cirq.Moment(cirq.H(a) for a in system),
    )


def bell_parity(x: Words, z: Words, system: Words, memory: Words) -> npt.NDArray[np.uint8]:
    """Returns the sign of Pauli strings on Bell outcomes as a bit: 0 for +1, 1 for -1.

    The table above in packed form: the parity of x·a + z·b + x·z.

    Args:
        x: (..., w) packed x bits of the strings.
        z: (..., w) packed z bits of the strings.
        system: (..., w) packed outcomes a, broadcast against the strings.
        memory: (..., w) packed outcomes b.

    Returns:
        (...) uint8 bits.

    Example:
        >>> yy = PauliStrings.from_text("Y")
        >>> bell_parity(yy.x, yy.z, pack_bits([0]), pack_bits([0])).tolist()  # YY is -1 on Φ⁺
        [1]
    """
    return parity((x & system) ^ (z & memory) ^ (x & z))


def bell_signs() -> npt.NDArray[np.float64]:
    """Returns the table above, (4, 4): letters I, X, Y, Z down, outcomes 2a + b across.

    Example:
        >>> bell_signs().astype(int).tolist()
        [[1, 1, 1, 1], [1, 1, -1, -1], [-1, 1, 1, -1], [1, -1, 1, -1]]
    """
    letters = PauliStrings.from_letters(np.arange(4)[:, None])
    system, memory = pack_bits([[0], [0], [1], [1]]), pack_bits([[0], [1], [0], [1]])
    parity = bell_parity(letters.x[:, None], letters.z[:, None], system, memory)
    return 1.0 - 2.0 * parity.astype(np.float64)


def singlet_parity(system: Words, memory: Words, chosen: Words) -> npt.NDArray[np.uint8]:
    """Returns the SWAP eigenvalue of the chosen pairs as a bit: the parity of the singlets.

    Args:
        system: (..., w) packed outcomes a.
        memory: (..., w) packed outcomes b.
        chosen: (w,) packed mask of the pairs that count.

    Returns:
        (...) uint8 bits, 0 for SWAP = +1, 1 for -1.

    Example:
        >>> a, b = pack_bits([[1, 0], [1, 1]]), pack_bits([[1, 1], [1, 1]])
        >>> singlet_parity(a, b, pack_bits([1, 1])).tolist()  # one singlet (11), and two
        [1, 0]
    """
    return parity(system & memory & chosen)
