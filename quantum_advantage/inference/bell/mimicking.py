"""The signs of all Pauli strings from Bell data alone, by a state that mimics the unknown one.

Source: King, Gosset, Kothari and Babbush, arXiv 2404.19211. Bell measurements of ρ ⊗ ρ give
tr(P ρ)² for all 4ⁿ strings, and no sign. A *mimicking state* σ is a known state with |tr(P σ)| of
the order of |tr(P ρ)| for every string where this is large. Bell measurements of ρ ⊗ σ then give
tr(P ρ) tr(P σ) for all strings at once, and as tr(P σ) is known, the signs. For strings P with
|tr(P σ)| ≥ ε/2 and |tr(P ρ)| ≥ ε the mean of a sign has a size of at least ε²/2, so that by
Hoeffding's inequality 8 ln(4ⁿ/δ)/ε⁴ shots find all of them but with probability δ. No transposition
enters: the table of signs in :mod:`quantum_advantage.measurements.bell` has the letter Y in it.

How σ is found here: one exists, for ρ is one, and the squares are all that is used.
σ = A A†/tr(A A†) is fitted to them by least squares,

    f(A) = Σ_P [tr(P σ)² - s_P]², s_P the estimated square,

with the gradient 4 Σ_P [tr(P σ)² - s_P] tr(P σ) P in σ, by a quasi-Newton method from several
random starts; the best of them is kept. By Parseval's identity f is 4ⁿ times the squared distance
of the distributions of Bell outcomes of ρ ⊗ ρ (as observed) and σ ⊗ σ. Its minima are many and
equally good: Q σ Q for every string Q, and the complex conjugate of σ, have the same squares. There
is no guarantee that a good one is found: f is not convex. Whether it was shows in f and in
|tr(P σ)|, both of which are known without ρ. The computing grows as 8ⁿ.

Places: the string with the x bits x and the z bits z, bit i for qubit i, stands at x + 2ⁿ z, as in
:mod:`~quantum_advantage.inference.bell.spectrum`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize

from quantum_advantage.core.pauli_matrices import all_means, qubits_of_numbers, sum_of_strings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import seed_of, whole_number

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.complex128]

STARTS = 4
_STEPS = 400
# What a search sees and takes is a whole multiple of it.
_GRID = 2.0**-24
# The largest mean of a sign, that of the identity, for finite odds.
_CERTAIN = 1 - 1e-12


def mimicking_state(
    squares: npt.ArrayLike, seed: int | np.random.Generator, starts: int = STARTS
) -> Matrix:
    """Fits a state to the squares of all strings.

    Args:
        squares: (4ⁿ,) estimates of tr(P ρ)², the string at the place x + 2ⁿ z, as ``all_squares``
            returns them; they may be negative.
        seed: Where the search starts.
        starts: Random starts, of which the best one is kept.

    Returns:
        (2ⁿ, 2ⁿ) density matrix σ.

    Raises:
        UsageError: If there are not 4ⁿ squares for an n from 1 to 10, one is not finite, there is
            no start, or the seed is none.

    Example:
        From the exact squares of a state, up to signs:

        >>> rho = np.array([[0.8, 0.3j], [-0.3j, 0.2]])
        >>> squares = all_means(rho) ** 2
        >>> sigma = mimicking_state(squares, seed=1)
        >>> np.abs(all_means(sigma)).round(2).tolist()  # I, X, Z, Y
        [1.0, 0.0, 0.6, 0.6]
    """
    wanted = np.asarray(squares, dtype=np.float64)
    side = 2 ** qubits_of_numbers(wanted.size)
    if not np.isfinite(wanted).all():
        raise UsageError("squares must be finite numbers, all of them")
    starts = whole_number("starts", starts, 1)
    rng = np.random.default_rng(seed_of(seed))

    def loss(packed: Floats) -> tuple[float, Floats]:
        root = _on_grid(packed).view(np.complex128).reshape(side, side)
        norm = float(np.vdot(root, root).real)
        sigma = root @ root.conj().T / norm
        means = all_means(sigma)
        off = means**2 - wanted
        off[0] = 0.0
        slope = sum_of_strings(4 * off * means)
        inner = float(np.vdot(slope, sigma).real)
        gradient = 2 * (slope @ root - inner * root) / norm
        return float(_on_grid(off @ off)), _on_grid(gradient.ravel().view(np.float64))

    best: tuple[float, Floats] | None = None
    for _ in range(starts):
        start = rng.normal(size=2 * side**2) / side
        found = optimize.minimize(
            loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}
        )
        if best is None or found.fun < best[0]:
            best = float(found.fun), found.x
    assert best is not None
    root = _on_grid(best[1]).view(np.complex128).reshape(side, side)
    return np.asarray(root @ root.conj().T / np.vdot(root, root).real)


def _on_grid(values: npt.ArrayLike) -> Floats:
    """Rounds to a grid, so that a search takes the same steps however the machine rounds."""
    return np.asarray(np.rint(np.asarray(values, dtype=np.float64) / _GRID) * _GRID)


def signed_means(
    sizes: npt.ArrayLike, products: npt.ArrayLike, known: npt.ArrayLike, shots: int
) -> Floats:
    """Returns estimates of tr(P ρ) from its size and from Bell measurements of ρ ⊗ σ.

    Source: derived here. If tr(P ρ) is u or -u with equal chances, T signs of mean ±u tr(P σ) of
    which the mean is m have the log-odds 2 T m artanh(u tr(P σ)), and the posterior mean of tr(P ρ)
    is exactly u tanh(T m artanh(u tr(P σ))). Its sign is the more likely one; where the data says
    little of the sign the estimate is near 0, which limits the error.

    Args:
        sizes: (strings,) what |tr(P ρ)| is taken for: |tr(P σ)| of a mimicking state, or the root
            of an estimated square.
        products: (strings,) mean signs m of the Bell measurements of ρ ⊗ σ.
        known: (strings,) tr(P σ).
        shots: The number T of these measurements.

    Returns:
        (strings,) estimates.

    Example:
        >>> signed_means([0.8, 0.1], [-0.4, 0.01], [0.5, 0.1], shots=100).round(3).tolist()
        [-0.8, 0.001]
    """
    u = np.asarray(sizes, dtype=np.float64)
    odds = np.arctanh(np.clip(u * np.asarray(known), -_CERTAIN, _CERTAIN))
    return np.asarray(u * np.tanh(shots * np.asarray(products) * odds))
