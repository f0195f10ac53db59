"""The shadow kernel of Huang, Kueng, Torlai, Albert and Preskill, and what it is made of.

Source: Science 377, eabk3333 (2022), arXiv 2106.12627. Of two states with T shots each in random
Pauli bases, classical shadows σ,

    k = exp{(τ/T²) Σ_{t,t'} exp[(γ/n) Σ_i tr(σ_i^t σ'_i^t')]}.

The outer exponent is τ K, with K the mean of the inner exponential over all pairs of shots. K is a
scalar product of the two states' mean embeddings, and k grows as e^{τK}; divided by the roots of
its diagonal, as for every use of a kernel that compares states,

    k = exp[τ (K_ij - K_ii/2 - K_jj/2)] = exp(-τ |μ_i - μ_j|²/2),

which is computed directly, so that nothing overflows.

Which part needs pairs of shots (derived here). With S as in :mod:`.agreements` the inner exponent
is γ/2 + (9γ/2n) S. To first order in γ/n its mean over the pairs is that of S, a scalar product of
the means of the outcomes of each qubit and basis:

    (1/n) Σ_i tr(σ_i σ'_i)   averages to   (1/n) Σ_i tr(ρ_i ρ'_i),

the mean overlap of the one-qubit states, and for i = j their mean purity. That takes one small
matrix product and no pairs. The exponential contains products of S over several qubits of the same
shot, which are no function of the means: it needs the pairs, or what :mod:`.agreements` counts of
them. Order m weighs correlations of m qubits by (9γ/2n)^m/m!, summed over all sets of m qubits;
where correlations are local only of order n sets have any, so that order m counts as n^{1-m}.

Pairs of a shot with itself are left out here, as in the published program. They add
e^{5γ}/T to K_ii, much more than what tells the states apart. It would not matter: with that number
for all states the kernel off its diagonal is multiplied by exp(-τ e^{5γ}/T), and what that takes
from the diagonal, a multiple of the identity, moves no principal direction (derived here). Without
them K_ii has no bias, at the price that k is positive semidefinite only up to noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import real_number
from quantum_advantage.inference.shadows.agreements import check_states, sign_rows
from quantum_advantage.measurements.records import ShadowRecord

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# tr(σσ') of one qubit is 1/2 where the bases differ, and 9/2 more or less where they agree.
_DIFFERENT, _AGREEMENT = 0.5, 4.5


def mean_exponentials(counts: Integers, gamma: float = 1.0) -> Floats:
    """Returns K, the mean over all pairs of shots of exp[(γ/n) Σ_i tr(σ_i σ'_i)].

    Args:
        counts: (states, states, 2n + 1) pairs by their agreement, see
            :func:`.agreements.count_agreements`.
        gamma: γ.

    Returns:
        (states, states) means.

    Raises:
        UsageError: If γ is negative or a state has no pair of shots.

    Example:
        One qubit; two shots of |0⟩ in the Z basis, where tr(σσ') = 5:

        >>> counts = np.array([[[0, 0, 2]]])
        >>> mean_exponentials(counts).tolist() == [[math.exp(5)]]
        True
    """
    gamma = real_number("gamma", gamma)
    qubits = counts.shape[2] // 2
    agreements = np.arange(-qubits, qubits + 1)
    values = np.exp(gamma * (_DIFFERENT + _AGREEMENT * agreements / qubits))
    pairs = counts.sum(axis=2)
    if not pairs.all():
        raise UsageError("counts must be of at least one pair of shots for every two states")
    return np.asarray(counts @ values / pairs)


def one_qubit_overlaps(records: Sequence[ShadowRecord]) -> Floats:
    """Estimates (1/n) Σ_i tr(ρ_i ρ'_i) of every two states, without bias.

    Args:
        records: One record for each state, in random Pauli bases, each used once.

    Returns:
        (states, states) mean overlaps of the one-qubit states; on the diagonal their mean purities.

    Raises:
        UsageError: As :func:`.agreements.check_states`.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> q, simulator = cirq.LineQubit(0), cirq.Simulator(seed=1)
        >>> records = [measure_shadow(cirq.Circuit(gate(q)), simulator, 3000, seed=2)
        ...            for gate in (cirq.I, cirq.X)]
        >>> found = one_qubit_overlaps(records)  # 1 of a state with itself, 0 of |0⟩ and |1⟩
        >>> bool(abs(found - np.eye(2)).max() < 0.15)
        True
    """
    qubits = check_states(records)
    shots = np.array([record.shots for record in records])
    sums = np.array([sign_rows(record).sum(axis=0, dtype=np.float64) for record in records])
    products = sums @ sums.T
    # A shot agrees with itself on all qubits.
    np.fill_diagonal(products, products.diagonal() - qubits * shots)
    pairs = np.outer(shots, shots) - np.diag(shots)
    return np.asarray(_DIFFERENT + _AGREEMENT * products / (qubits * pairs))


def one_qubit_purity(record: ShadowRecord) -> tuple[float, float]:
    """Estimates the mean purity of the qubits of a state, with a standard error.

    The error is that of the jackknife over the shots, (T - 1)/T Σ (θ_t - θ̄)² with θ_t the estimate
    without shot t; on average its square is not below the variance (Efron and Stein, Ann. Stat. 9,
    586 (1981)).

    Args:
        record: Shots in random Pauli bases, each used once.

    Returns:
        The estimate of (1/n) Σ_i tr(ρ_i²), without bias, and its standard error.

    Raises:
        UsageError: As :func:`.agreements.check_states`, or if there are less than 3 shots.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 500, seed=2)
        >>> value, error = one_qubit_purity(record)
        >>> bool(abs(value - 0.5) < 4 * error < 0.1)
        True
    """
    qubits = check_states([record], least_shots=3)
    rows, shots = sign_rows(record).astype(np.float64), record.shots
    total = rows.sum(axis=0)
    # Twice the sum over all pairs, and over those of each shot.
    twice = float(total @ total) - qubits * shots
    own = rows @ total - qubits
    without = (twice - 2 * own) / ((shots - 1) * (shots - 2))
    scale = _AGREEMENT / qubits
    value = _DIFFERENT + scale * twice / (shots * (shots - 1))
    return value, scale * math.sqrt((shots - 1) * float(without.var()))


def first_order(overlaps: Floats, gamma: float = 1.0) -> Floats:
    """Returns K to first order about the agreement 0: e^{γ/2} (1 + γ (overlap - 1/2)).

    Args:
        overlaps: (states, states) mean overlaps of one-qubit states.
        gamma: γ.

    Example:
        >>> first_order(np.array([[0.5, 1.0]]), gamma=0.0).tolist()
        [[1.0, 1.0]]
    """
    return np.asarray(math.exp(_DIFFERENT * gamma) * (1 + gamma * (overlaps - _DIFFERENT)))


def shadow_kernel(means: Floats, tau: float) -> Floats:
    """Returns the kernel exp[τ (K_ij - K_ii/2 - K_jj/2)].

    Args:
        means: (states, states) K.
        tau: τ.

    Raises:
        UsageError: If τ is negative.

    Example:
        >>> shadow_kernel(np.array([[2.0, 1.0], [1.0, 2.0]]), tau=1.0).round(3).tolist()
        [[1.0, 0.368], [0.368, 1.0]]
    """
    tau = real_number("tau", tau)
    own = np.diag(means)
    return np.asarray(np.exp(tau * (means - own[:, None] / 2 - own / 2)))
