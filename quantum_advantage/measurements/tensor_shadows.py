"""Classical shadows of copies of matrix product states, without circuits.

Outcomes are drawn site by site from the left, each copy in bases of its own. The tensors are
right-canonical: the basis vectors of a bond stand for orthonormal states of all that lies to the
right. Given the outcomes so far, the rest is in a state v on the bond, and the next site shows the
outcome b with the probability ‖Σ_s ⟨b|s⟩ v A_s‖².

Source: Ferris and Vidal, Physical Review B 85, 165146 (2012).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import whole_number
from quantum_advantage.measurements.records import ShadowRecord
from quantum_advantage.measurements.shadow_records import shadow_of_arrays
from quantum_advantage.measurements.vector_shadows import OUTCOME_ROWS

Octets = npt.NDArray[np.uint8]
# How far rows may be from orthonormal.
_ROUNDING = 1e-6


def outcomes_of_tensors(
    tensors: Sequence[npt.ArrayLike], bases: Octets, rng: np.random.Generator
) -> Octets:
    """Draws outcomes of copies of one state, each measured in a Pauli basis of its own.

    Args:
        tensors: (left bond, 2, right bond) for each site, right-canonical; the first bond and the
            last are 1.
        bases: (shots, n) bases, 0, 1, 2 for X, Y, Z.
        rng: The source of randomness.

    Returns:
        (shots, n) bits.

    Raises:
        UsageError: If shapes do not fit, or tensors are not right-canonical.

    Example:
        A singlet: bits differ wherever bases agree.

        >>> one = np.array([[[1, 0], [0, -1]]]) / np.sqrt(2)
        >>> two = np.array([[[0], [1]], [[1], [0]]])
        >>> bases = np.array([[0, 0], [1, 1], [2, 2]], dtype=np.uint8)
        >>> bits = outcomes_of_tensors([one, two], bases, np.random.default_rng(1))
        >>> (bits[:, 0] != bits[:, 1]).tolist()
        [True, True, True]
    """
    arrays = _check(tensors, bases)
    shots = np.arange(len(bases))
    bits = np.empty(bases.shape, dtype=np.uint8)
    vectors = np.ones((len(bases), 1), dtype=np.complex128)
    for site, tensor in enumerate(arrays):
        branches = np.empty((len(bases), 2, tensor.shape[2]), dtype=np.complex128)
        for letter, rows in enumerate(OUTCOME_ROWS):
            mine = bases[:, site] == letter
            turned = np.einsum("bs,lsr->lbr", rows, tensor)
            branches[mine] = np.tensordot(vectors[mine], turned, axes=1)
        weights = (branches.real**2 + branches.imag**2).sum(axis=2)
        bits[:, site] = rng.random(len(bases)) < weights[:, 1] / weights.sum(axis=1)
        drawn = shots, bits[:, site]
        vectors = branches[drawn] / np.sqrt(weights[drawn])[:, None]
    return bits


def _check(tensors: Sequence[npt.ArrayLike], bases: Octets) -> list[npt.NDArray]:
    arrays = [np.asarray(tensor) for tensor in tensors]
    fits = bases.ndim == 2 and bases.shape[1] == len(arrays) > 0
    fits = fits and all(a.ndim == 3 and a.shape[1] == 2 for a in arrays)
    if fits:
        bonds = [1, *(a.shape[2] for a in arrays)]
        fits = bonds[-1] == 1 and bonds[:-1] == [a.shape[0] for a in arrays]
    if not fits:
        raise UsageError(
            "tensors must have shapes (left bond, 2, right bond) that follow one another, one for "
            f"each column of bases of shape {bases.shape}, not {[a.shape for a in arrays]}"
        )
    for site, array in enumerate(arrays):
        rows = array.reshape(len(array), -1)
        if not np.allclose(rows @ rows.conj().T, np.eye(len(rows)), atol=_ROUNDING):
            raise UsageError(f"tensors must have orthonormal rows; those of site {site} have not")
    return arrays


def shadow_of_tensors(
    tensors: Sequence[npt.ArrayLike], shots: int, rng: np.random.Generator
) -> ShadowRecord:
    """Measures copies of a matrix product state in uniformly random Pauli bases.

    Args:
        tensors: As of :func:`outcomes_of_tensors`.
        shots: The copies.
        rng: Draws bases and outcomes.

    Returns:
        The record, on line qubits.

    Raises:
        UsageError: As :func:`outcomes_of_tensors`, or if there is no shot.

    Example:
        >>> zero = np.array([[[1], [0]]])
        >>> shadow_of_tensors([zero] * 40, 300, np.random.default_rng(1))
        ShadowRecord(300 shots of 40 qubits in 300 random bases)
    """
    shape = whole_number("shots", shots, 1), len(tensors)
    bases = rng.integers(0, 3, shape, dtype=np.uint8)
    return shadow_of_arrays(bases, outcomes_of_tensors(tensors, bases, rng))
