"""The joint measurement of SWAP and of Z on two copies of a qubit, in one setting.

On two copies of one qubit SWAP and Z ⊗ I + I ⊗ Z commute; their common eigenvectors are |00⟩, |11⟩
and the Bell states Ψ±. CNOT from a to b, then H on a controlled by b, turn them into the
computational basis:

    a b | state            | (Z⊗I + I⊗Z)/2  SWAP
    0 0 | |00⟩             |      +1         +1
    1 0 | |11⟩             |      -1         +1
    0 1 | Ψ⁺ = (01 + 10)/√2 |       0         +1
    1 1 | Ψ⁻ = (01 - 10)/√2 |       0         -1

With a Bell measurement of all other pairs, the product of both columns and of the other pairs' SWAP
eigenvalues has the mean tr(Z ρ²), and that of the SWAP eigenvalues alone tr(ρ²): their ratio is the
mean of Z in the state ρ²/tr(ρ²), which is close to the principal component (virtual distillation:
Huggins et al., Physical Review X 11, 041036 (2021)).
"""

from __future__ import annotations

import cirq
import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint8]


def flag_basis_change(system: cirq.Qid, memory: cirq.Qid) -> list[cirq.Moment]:
    """Returns the gates that turn |00⟩, |11⟩, Ψ⁺, Ψ⁻ into the computational basis.

    Example:
        >>> print(cirq.Circuit(flag_basis_change(*cirq.LineQubit.range(2))).to_text_diagram())
        0: ───@───H───
              │   │
        1: ───X───@───
    """
    return [
        cirq.Moment(cirq.CNOT(system, memory)),
        cirq.Moment(cirq.ControlledGate(cirq.H)(memory, system)),
    ]


def flag_value(system: Bits, memory: Bits) -> npt.NDArray[np.int8]:
    """Returns the eigenvalue of (Z⊗I + I⊗Z)/2: +1, -1 or 0.

    Args:
        system: (...) bits a.
        memory: (...) bits b.

    Returns:
        (...) eigenvalues.

    Example:
        >>> a, b = np.array([0, 1, 0, 1], dtype=np.uint8), np.array([0, 0, 1, 1], dtype=np.uint8)
        >>> flag_value(a, b).tolist()
        [1, -1, 0, 0]
    """
    return np.where(memory == 1, 0, 1 - 2 * system.astype(np.int8)).astype(np.int8)
