"""How much of a sign is left: the factors by which a noisy Bell measurement damps each letter.

Noise that acts pair by pair turns the sign of a letter L on a pair into an operator with Pauli
coefficients c_AB on A⊗B, the ideal one being c_LL = 1. On the product of two eigenstates of L with
independent random eigenvalues s and s', the mean of s s' times the outcome is exactly c_LL =: f_L.
For two copies of (I + s α P)/2ⁿ only identities and letters of P are seen, so that the mean sign of
P is α² Π c_LL + s α (Π c_LI + Π c_IL) + Π c_II over the letters of P (derived here). The first term
is what a calibration with f_L predicts. The second has the secret sign, which averages out, and it
and the third are products of small numbers, that vanish with the weight of P; twirling the readout
removes its share of them. For other states the off-diagonal coefficients, some per cent under the
coherent errors of Google's noise models, add other expectation values: f is no exact correction of
tr(Q ρ)² in general.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.statistics import binomial_interval
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference import checks
from quantum_advantage.measurements.bell import bell_parity

LETTERS = (1, 2, 3)

Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class DampingCounts:
    """How often the sign of a letter came out as prepared, on every pair.

    Attributes:
        shots: (pairs, 3) shots for X, Y, Z.
        right: (pairs, 3) how many of them gave the sign that was prepared.

    Example:
        >>> counts = DampingCounts(np.full((1, 3), 100), np.array([[98, 96, 98]]))
        >>> counts.factors().round(2).tolist()
        [[1.0, 0.96, 0.92, 0.96]]
        >>> counts.intervals()[0, 0].round(2).tolist()  # of f_X
        [0.86, 1.0]
    """

    shots: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence[DampingCounts]) -> DampingCounts:
        """Returns the counts of several groups of pairs as one, group after group."""
        return cls(
            np.concatenate([part.shots for part in parts]),
            np.concatenate([part.right for part in parts]),
        )

    def factors(self) -> Floats:
        """Returns the estimates of the factors.

        Returns:
            (pairs, 4): 1 for I, and f_X, f_Y, f_Z; 0 for a letter that was never prepared.
        """
        with np.errstate(invalid="ignore"):
            f = np.where(self.shots > 0, 2 * self.right / self.shots - 1, 0.0)
        return np.concatenate([np.ones((f.shape[0], 1)), f], axis=1)

    def intervals(self) -> Floats:
        """Returns exact 95 % intervals of the factors.

        Returns:
            (pairs, 3, 2): the ends for f_X, f_Y, f_Z; -1 and 1 for a letter that was never
            prepared.
        """
        ends = [
            [
                binomial_interval(int(k), int(t)) if t else (0.0, 1.0)
                for k, t in zip(r, s, strict=True)
            ]
            for r, s in zip(self.right, self.shots, strict=True)
        ]
        return 2 * np.array(ends) - 1


def count_damping(letters: Octets, signs: Octets, system: Octets, memory: Octets) -> DampingCounts:
    """Counts how often the prepared signs came out of a Bell measurement.

    Args:
        letters: (shots, pairs) letter of the eigenstates of both qubits of a pair, 1 to 3.
        signs: (shots, pairs) bit of the product of their eigenvalues.
        system: (shots, pairs) outcomes a.
        memory: (shots, pairs) outcomes b.

    Raises:
        ValueError: If the shapes differ, a letter is not 1 to 3 or a bit not 0 or 1.

    Example:
        >>> letters, signs = np.array([[1], [3]]), np.array([[0], [0]])  # XX and ZZ, both +1
        >>> system, memory = np.array([[0], [1]]), np.array([[0], [1]])
        >>> counts = count_damping(letters, signs, system, memory)
        >>> counts.shots.tolist(), counts.right.tolist()
        ([[1, 0, 1]], [[1, 0, 0]])
    """
    axes = ("shots", "pairs")
    letters = checks.codes("letters", letters, axes, ("", "X", "Y", "Z"))
    signs, system, memory = (
        checks.bits(name, array, axes)
        for name, array in (("signs", signs), ("system", system), ("memory", memory))
    )
    shapes = {array.shape for array in (letters, signs, system, memory)}
    if len(shapes) > 1 or not (letters > 0).all():
        raise UsageError(f"letters must be 1 to 3, all arrays of one shape, not {sorted(shapes)}")
    words = [array.astype(np.uint64)[..., None] for array in (system, memory)]
    x, z = ((letters == 1) | (letters == 2)), (letters >= 2)
    found = bell_parity(x.astype(np.uint64)[..., None], z.astype(np.uint64)[..., None], *words)
    agree = found == signs
    shots = np.stack([(letters == k).sum(axis=0) for k in LETTERS], axis=1)
    right = np.stack([((letters == k) & agree).sum(axis=0) for k in LETTERS], axis=1)
    return DampingCounts(shots.astype(np.int64), right.astype(np.int64))
