"""Two-qubit gates that one-qubit gates make real orthogonal.

Every two-qubit gate is, up to one-qubit gates before and behind it and a phase,
exp(i (x X⊗X + y Y⊗Y + z Z⊗Z)) with π/4 ≥ x ≥ y ≥ |z| (Kraus and Cirac, quant-ph/0011050).

Theorem. One-qubit gates make it real exactly if z = 0 or x = π/4.

Proof (derived here). XX, YY and ZZ are real matrices, so the complex conjugate of a gate has the
coordinates (-x, -y, -z), which is (x, y, -z) in the range above as pairs of signs may be changed. A
real gate is its own conjugate, and coordinates in that range are unique but for
(π/4, y, z) = (π/4, y, -z); so z = 0 or x = π/4. Conversely X⊗Y and Y⊗X are imaginary and commute,
so exp(i (a X⊗Y + b Y⊗X)) is real; turning the second qubit gives it the coordinates (a, b, 0).
SWAP times it is real too, and as SWAP = exp(i π/4 (XX + YY + ZZ)) up to a phase, its coordinates
are (a + π/4, b + π/4, π/4), in some order and up to shifts by π/2. ∎

So CZ (π/4, 0, 0), iSWAP (π/4, π/4, 0) and the Sycamore gate fSim(π/2, π/6) with (π/4, π/4, π/24)
can be made real. Their real forms are here; Z and S = Z^{1/2} commute with CZ.

- CZ is real.
- iSWAP = SWAP CZ (S⊗S), so CZ·SWAP = (S⁻¹⊗S⁻¹) iSWAP is real.
- fSim(π/2, φ) = SWAP (S⁻¹⊗S⁻¹) CZ^t with t = 1 - φ/π, and up to a phase CZ^t is
  (Z^{t/2}⊗Z^{t/2}) exp(i πt/4 Z⊗Z). The product Z⊗Y is imaginary and Y = X^{-1/2} Z X^{1/2}, so
  SWAP exp(i πt/4 Z⊗Y) = (X^{-1/2}⊗I) fSim(π/2, φ) (Z^{(1-t)/2} ⊗ Z^{(1-t)/2} X^{1/2}) is real. It
  is not symmetric in its qubits.
"""

from __future__ import annotations

from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class RealGate:
    """A native two-qubit gate between one-qubit gates that make it real.

    Attributes:
        native: The native gate.
        before: The one-qubit gates before it, on the first and on the second qubit, each (2, 2).
        after: Those behind it, each (2, 2).

    Example:
        >>> REAL_GATES["iswap"].matrix().round(3).astype(int).tolist()  # CZ · SWAP
        [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, -1]]
    """

    native: cirq.Gate
    before: tuple[Matrix, Matrix]
    after: tuple[Matrix, Matrix]

    def matrix(self) -> npt.NDArray[np.float64]:
        """Returns the (4, 4) real orthogonal matrix of the three steps, up to its sign."""
        whole = np.kron(*self.after) @ cirq.unitary(self.native) @ np.kron(*self.before)
        largest = whole.flat[np.argmax(np.abs(whole))]
        return np.asarray((whole * (abs(largest) / largest)).real)


def _gates(first: cirq.Gate, second: cirq.Gate) -> tuple[Matrix, Matrix]:
    return cirq.unitary(first), cirq.unitary(second)


def _sycamore() -> RealGate:
    """Returns the last of the forms above; the native gate equals ``cirq_google.SYC``."""
    angle = np.pi / 6
    power = angle / np.pi / 2
    both = cirq.unitary(cirq.Z**power)
    return RealGate(
        cirq.FSimGate(np.pi / 2, angle),
        (both, both @ cirq.unitary(cirq.X**0.5)),
        _gates(cirq.X**-0.5, cirq.I),
    )


REAL_GATES = {
    "iswap": RealGate(cirq.ISWAP, _gates(cirq.I, cirq.I), _gates(cirq.S**-1, cirq.S**-1)),
    "cz": RealGate(cirq.CZ, _gates(cirq.I, cirq.I), _gates(cirq.I, cirq.I)),
    "syc": _sycamore(),
}
