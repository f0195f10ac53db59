"""Ground states of transverse-field Ising chains with random couplings, exact by free fermions.

    H = - Σ_i J_i Z_i Z_{i+1} - Σ_i X_i,    i = 0, …, n - 1, open ends, J_i ≥ 0.

Source: Lieb, Schultz and Mattis, Annals of Physics 16, 407 (1961); Pfeuty, Annals of Physics 57, 79
(1970); here with Majorana operators a_i = (Π_{k<i} X_k) Z_i and b_i = (Π_{k<i} X_k) Y_i. Then
X_i = i a_i b_i and Z_i Z_{i+1} = i b_i a_{i+1}, so that H = -i Σ a_i A_ij b_j with A_ii = 1 and
A_{i+1,i} = -J_i. With the singular values A = U S Vᵀ the operators a' = Uᵀ a and b' = Vᵀ b are
Majorana operators as well, H = -i Σ S_k a'_k b'_k, and in the ground state every i a'_k b'_k is 1.
So the energy is -Σ S_k, the gap 2 min S_k, and ⟨i a_i b_j⟩ = (U Vᵀ)_ij = G_ij. By Wick's theorem a
product of d bonds has ⟨Z_i Z_{i+d}⟩ = det(-G_{k+1,l}), k and l from i to i + d - 1.

The gap is at least 2 (1 - max J) (derived here): A = 1 - K, where K moves by one site and
multiplies by couplings, so that its norm is at most max J, and ‖A v‖ ≥ (1 - max J) ‖v‖. A family
with max J < 1 is gapped at every length, and its ground states are unique.

State vectors reach 16 sites. Matrix product states of longer chains come from TeNPy (Hauschild and
Pollmann, SciPost Physics Lecture Notes 5 (2018)), the extra ``chains``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import linalg

from quantum_advantage.core.extras import import_extra
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import whole_number

Floats = npt.NDArray[np.float64]

MOST_IN_VECTOR = 16
# Of 20 chains of 100 sites with J uniform in [0, 0.9] no bond was larger than 10; 60 sites with all
# J = 1, where the gap closes as 1/n, need 30.
_BOND, _LEAST_COEFFICIENT, _SWEEPS = 64, 1e-7, 20
# The largest error of an energy, relative to the length.
_ENERGY_ERROR = 1e-9
_HADAMARD = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)


def _check(couplings: npt.ArrayLike) -> Floats:
    strengths = np.asarray(couplings, dtype=np.float64)
    if strengths.ndim != 1 or not strengths.size:
        raise UsageError(
            f"couplings must be one for each bond of a chain, not of shape {strengths.shape}"
        )
    if not np.isfinite(strengths).all() or (strengths < 0).any():
        raise UsageError("couplings must be finite and not negative")
    return strengths


@dataclass(frozen=True, eq=False, repr=False)
class IsingChain:
    """The ground state of a chain, as what its fermions know of it.

    Attributes:
        energy: The least eigenvalue of H.
        gap: The difference to the next one.
        contractions: (n, n) G_ij = ⟨i a_i b_j⟩.

    Example:
        Two sites with J = 1: the energy is -√5.

        >>> chain = IsingChain.ground([1.0])
        >>> chain, round(chain.energy**2, 9)
        (IsingChain(2 sites, energy -2.23607), 5.0)
        >>> chain.correlators().round(4).tolist(), chain.fields().round(4).tolist()
        ([[1.0, 0.4472], [0.4472, 1.0]], [0.8944, 0.8944])
    """

    energy: float
    gap: float
    contractions: Floats

    @staticmethod
    def ground(couplings: npt.ArrayLike) -> IsingChain:
        """Solves a chain.

        Args:
            couplings: (n - 1,) couplings J ≥ 0 of the bonds, in units of the field.

        Raises:
            UsageError: If they are none, negative or not finite.
        """
        strengths = _check(couplings)
        matrix = np.eye(strengths.size + 1) - np.diag(strengths, -1)
        left, values, right = np.linalg.svd(matrix)
        return IsingChain(-float(values.sum()), 2 * float(values[-1]), left @ right)

    @property
    def sites(self) -> int:
        """The number n of sites."""
        return len(self.contractions)

    def __repr__(self) -> str:
        return f"IsingChain({self.sites} sites, energy {self.energy:.6g})"

    def fields(self) -> Floats:
        """Returns (n,) ⟨X_i⟩."""
        return self.contractions.diagonal().copy()

    def correlators(self) -> Floats:
        """Returns (n, n) ⟨Z_i Z_j⟩ of all pairs; 1 on the diagonal."""
        found = np.eye(self.sites)
        shifted = -self.contractions[1:, :-1]
        for distance in range(1, self.sites):
            first = np.arange(self.sites - distance)
            places = first[:, None] + np.arange(distance)
            values = np.linalg.det(shifted[places[:, :, None], places[:, None, :]])
            found[first, first + distance] = found[first + distance, first] = values
        return found


def ground_vector(couplings: npt.ArrayLike) -> Floats:
    """Finds the ground state of a short chain as a vector by the Lanczos algorithm.

    Args:
        couplings: (n - 1,) couplings J ≥ 0, see :class:`IsingChain`; n at most 16.

    Returns:
        (2ⁿ,) amplitudes, none negative; site 0 is the most significant bit.

    Raises:
        UsageError: If there are more sites, or as :meth:`IsingChain.ground`.

    Example:
        >>> (ground_vector([0.0]) ** 2).round(9).tolist()  # |+⟩|+⟩
        [0.25, 0.25, 0.25, 0.25]
    """
    strengths = _check(couplings)
    sites = whole_number("sites", strengths.size + 1, 2, MOST_IN_VECTOR)
    numbers = np.arange(2**sites)
    signs = 1.0 - 2 * ((numbers >> np.arange(sites)[::-1, None]) & 1)
    diagonal = -(strengths[:, None] * signs[:-1] * signs[1:]).sum(axis=0)
    flips = [numbers ^ (1 << site) for site in range(sites)]

    def applied(vector: Floats) -> Floats:
        flat = vector.ravel()
        return np.asarray(diagonal * flat - sum(flat[flip] for flip in flips))

    # All entries off the diagonal are negative or 0: no amplitude is negative (Perron, Frobenius).
    start = np.full(2**sites, 2 ** (-sites / 2))
    if sites == 2:
        ground = np.linalg.eigh(np.stack([applied(row) for row in np.eye(4)]))[1][:, 0]
    else:
        operator = linalg.LinearOperator((2**sites, 2**sites), applied, dtype=np.float64)
        ground = linalg.eigsh(operator, k=1, which="SA", v0=start, tol=1e-12)[1][:, 0]
    return np.asarray(ground * np.sign(ground @ start) / np.linalg.norm(ground))


def ground_tensors(couplings: npt.ArrayLike) -> list[Floats]:
    """Finds the ground state of a chain of any length as a matrix product state, by TeNPy.

    Its energy is compared with that of the free fermions.

    Args:
        couplings: (n - 1,) couplings J ≥ 0, see :class:`IsingChain`.

    Returns:
        (left bond, 2, right bond) right-canonical tensors of all sites.

    Raises:
        UsageError: If TeNPy is not installed, or the search did not converge, or as
            :meth:`IsingChain.ground`.
    """
    strengths = _check(couplings)
    chain = IsingChain.ground(strengths)
    models, states, search = (
        import_extra(f"tenpy.{name}", "chains", "a matrix product state")
        for name in ("models.tf_ising", "networks.mps", "algorithms.dmrg")
    )
    # TeNPy has the couplings in X and the field in Z.
    options: dict[str, Any] = {"L": chain.sites, "J": strengths, "g": 1.0, "bc_MPS": "finite"}
    model = models.TFIChain({**options, "conserve": None})
    state = states.MPS.from_lat_product_state(model.lat, [["up"]])
    energy = search.run(
        state,
        model,
        {
            "trunc_params": {"chi_max": _BOND, "svd_min": _LEAST_COEFFICIENT},
            "mixer": None,
            "max_E_err": 1e-10,
            "max_sweeps": _SWEEPS,
        },
    )["E"]
    if abs(energy - chain.energy) > _ENERGY_ERROR * chain.sites:
        raise UsageError(
            f"couplings must be those of a gapped chain; the matrix product state has the energy "
            f"{energy:.9g}, the ground state {chain.energy:.9g}"
        )
    tensors = (state.get_B(site, form="B").to_ndarray() for site in range(chain.sites))
    return [np.einsum("ts,lsr->ltr", _HADAMARD, tensor) for tensor in tensors]
