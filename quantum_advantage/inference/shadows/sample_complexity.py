"""How many shots of random Pauli bases are enough, and error bars for many questions at once."""

from __future__ import annotations

import math

import cirq
import numpy as np

from quantum_advantage.core.bits import count_ones
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval
from quantum_advantage.inference.shadows.expectations import check_random, estimate_terms
from quantum_advantage.inference.shadows.terms import (
    Floats,
    Observables,
    Terms,
    pack_texts,
    read_terms,
)
from quantum_advantage.measurements.records import ShadowRecord


def _check_delta(delta: float) -> None:
    open_interval("delta", delta, 0, 1)


def _read(observables: Observables) -> Terms:
    listed = pack_texts(observables)
    if isinstance(listed, PauliStrings):
        return read_terms(listed, cirq.LineQubit.range(listed.qubits))
    acted: set[cirq.Qid] = set()
    acted = acted.union(*(o.qubits for o in listed))
    return read_terms(listed, sorted(acted) or cirq.LineQubit.range(1))


def _second_moments(terms: Terms) -> Floats:
    strings, found = terms.strings, np.zeros(terms.observables)
    support = strings.x | strings.z
    weights = strings.weight()
    alone = terms.alone() & (weights > 0)
    found[terms.owners[alone]] = terms.coefficients[alone] ** 2 * 3.0 ** weights[alone]
    for owner in np.unique(terms.owners[~terms.alone()]).tolist():
        rows = np.flatnonzero((terms.owners == owner) & (weights > 0))
        x, z, s, c = (a[rows] for a in (strings.x, strings.z, support, np.abs(terms.coefficients)))
        for i in range(rows.size):
            common = s & s[i]
            agree = ~(((x ^ x[i]) | (z ^ z[i])) & common).any(axis=1)
            found[owner] += c[i] * float((c * agree * 3.0 ** count_ones(common)).sum())
    return found


def second_moments(observables: Observables) -> Floats:
    """Bounds the second moment of what one shot contributes, over all states: a shadow norm.

    Source: 3ʷ for a string of weight w is Huang, Kueng, Preskill, Nature Physics 16, 1050 (2020),
    Lemma 3. For a sum O = Σ c_a P_a, identity left out as it is known, derived here: strings a and
    b are both hit only if their letters agree where both act, then with probability 3 to the minus
    number of qubits on which either acts; their contributions multiply to 3^(w_a + w_b) times a
    sign with the mean tr(P_a P_b ρ). So

        E v² ≤ Σ_ab |c_a c_b| [a and b agree] 3^(number of common qubits) ≤ (Σ_a |c_a| 3^(w_a/2))²,

    as no more qubits are common than w_a or w_b. The first bound is what is returned.

    Args:
        observables: Packed strings, texts such as ``XIYZ``, or Hermitian ``cirq.PauliString`` and
            ``cirq.PauliSum``; one of them, or many.

    Returns:
        (observables,) the bounds, also on the variance of the estimate from one shot.

    Raises:
        ValueError: If an observable is not Hermitian.

    Example:
        >>> second_moments(PauliStrings.from_text(["XII", "XYZ"])).tolist()
        [3.0, 27.0]
    """
    return _second_moments(_read(observables))


def _ranges(terms: Terms) -> tuple[Floats, Floats]:
    """Returns the largest contribution of a shot, Σ |c| 3ʷ, and value, Σ |c|, identity left out."""
    weights = terms.strings.weight()
    sizes = np.abs(terms.coefficients) * (weights > 0)

    def sums(values: Floats) -> Floats:
        found = np.bincount(terms.owners, weights=values, minlength=terms.observables)
        return np.asarray(found, dtype=np.float64)

    return sums(sizes * 3.0**weights), sums(sizes)


def how_many_shots(observables: Observables, epsilon: float, delta: float = 0.05) -> int:
    """Returns how many shots in random Pauli bases are enough to estimate all observables.

    Source: Bernstein's inequality and the union bound, derived here. With E v² ≤ S, |v| ≤ R and
    |tr(O ρ)| ≤ C the mean of T contributions v is off by ε with probability at most
    2 exp{-T ε²/2 / [S + (R + C) ε/3]}, which is δ/M for each of M observables from

        T = 2 ln(2M/δ) [S + (R + C) ε/3] / ε²

    on. S is :func:`second_moments`, 3ʷ for a string, for which R = 3ʷ and C = 1.

    Args:
        observables: Packed strings, texts such as ``XIYZ``, or Hermitian ``cirq.PauliString`` and
            ``cirq.PauliSum``; one of them, or many.
        epsilon: The accuracy that all means must have at once.
        delta: The probability that one of them misses it.

    Returns:
        The number of shots, each in a fresh basis; 0 if there is nothing to estimate.

    Raises:
        ValueError: If epsilon is not positive or delta not strictly between 0 and 1, or more shots
            are needed than floating-point numbers count.

    Example:
        >>> from quantum_advantage import PauliStrings, how_many_shots
        >>> strings = PauliStrings.from_text(["XXI", "ZZI", "IYZ"])
        >>> how_many_shots(strings, epsilon=0.1), how_many_shots("XXI", epsilon=0.1)
        (8937, 6886)
    """
    _check_delta(delta)
    epsilon = open_interval("epsilon", epsilon, 0, math.inf)
    terms = _read(observables)
    with np.errstate(over="ignore", invalid="ignore"):
        moments, (largest, values) = _second_moments(terms), _ranges(terms)
        worst = float((moments + (largest + values) * epsilon / 3).max(initial=0))
    if not moments.any():
        return 0
    square = epsilon * epsilon
    needed = 2 * math.log(2 * terms.observables / delta) / square if square else math.inf
    if not math.isfinite(needed * worst):
        raise UsageError(
            f"epsilon {epsilon:g} and delta {delta:g} take more shots of these observables than "
            "floating-point numbers count; ask for less"
        )
    return max(1, math.ceil(needed * worst))


def bernstein_errors(record: ShadowRecord, observables: Observables, delta: float = 0.05) -> Floats:
    """Returns half widths of error bars that hold at once, for any number of shots and weight.

    Source: Maurer and Pontil, COLT 2009, Theorem 4 (empirical Bernstein bound), on both sides and
    with the union bound: for T settings whose contributions have the sample variance V and lie
    within ±R, R = Σ |c| 3ʷ, the mean is off by more than

        √[2 V ln(4M/δ)/T] + 14 R ln(4M/δ)/[3 (T - 1)]

    for any of M observables with probability at most δ. V is the stated variance of
    ``shadow_errors``, which is not less than that of the sample. The bars also hold where a string
    was hit a few times only, or never.

    Args:
        record: The shadow record, with random bases.
        observables: Packed strings, texts such as ``XIYZ``, or Hermitian ``cirq.PauliString`` and
            ``cirq.PauliSum``; one of them, or many.
        delta: The probability that one of the bars misses.

    Returns:
        (observables,) half widths around the values of :func:`shadows.expectations`.

    Raises:
        ValueError: As :func:`shadows.expectations`, or if delta is not strictly between 0 and 1.

    Example:
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> bool(bernstein_errors(record, cirq.Z(a))[0] < 0.5)
        True
    """
    _check_delta(delta)
    check_random(record)
    terms = read_terms(observables, record.qubits)
    estimates = estimate_terms(record, terms)
    if record.settings < 2:
        return np.full(terms.observables, np.inf)
    logarithm = math.log(4 * max(terms.observables, 1) / delta)
    rest = 14 * _ranges(terms)[0] * logarithm / (3 * (record.settings - 1))
    return estimates[:, 1] * math.sqrt(2 * logarithm) + rest
