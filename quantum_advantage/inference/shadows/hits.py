"""Expectation values from Pauli measurements in bases that were not drawn at random.

Cycled, derandomised or a user's own bases have no weights 3ʷ: the estimate of a string is the mean
sign of the shots that measured it.
"""

from __future__ import annotations

import math

import numpy as np

from quantum_advantage.core.standard_errors import ADDED, DEVIATIONS, sign_errors
from quantum_advantage.inference.checks import check_record
from quantum_advantage.inference.shadows.packed import count_signs
from quantum_advantage.inference.shadows.terms import (
    Floats,
    Observables,
    Terms,
    assemble,
    one_of,
    read_terms,
    sums_of,
)
from quantum_advantage.measurements.pauli_basis import pauli_hits
from quantum_advantage.measurements.records import ShadowRecord


def hit_expectations(record: ShadowRecord, observables: Observables) -> Floats:
    """Estimates tr(O ρ) by the mean sign of the shots that measured a string, in any bases.

    Source: derived here. What a shot in a basis that hits Q says of the letters of Q does not
    depend on the other bases, so that its sign has the mean tr(Q ρ) whatever else was measured,
    and given the bases all shots are independent, those of one setting too. The mean m over the K
    shots that hit has the variance (1 - tr(Q ρ)²)/K, and the error of a mean of signs in
    :mod:`quantum_advantage.core.standard_errors`. A sum Σ c_a Q_a has the influence
    φ = Σ_a c_a [hit a](sign_a - m_a)/(K_a + 3) of a shot, and the error

        z |Σ_a c_a m_a/(K_a + 3)| + √{Σ φ² + [z Σ_a |c_a|/(K_a + 3)]²},

    which is that rule for values within ±Σ|c_a| if all terms were hit by the same K shots, and so
    for one term; it allows for terms that fail together. For random bases these estimates have a
    smaller spread than those with the weights 3ʷ, (1 - tr(Q ρ)²) 3ʷ/T in place of
    (3ʷ - tr(Q ρ)²)/T for T shots, but say nothing where no shot hits.

    Args:
        record: The shadow record, with bases chosen without a look at the outcomes.
        observables: Packed strings, or Hermitian ``cirq.PauliString`` and ``cirq.PauliSum``; one of
            them, or many.

    Returns:
        (observables, 2): the estimate and its standard error; not a number and infinite where a
        string was never measured. (1, 2) for one observable that is in no list.

    Raises:
        ValueError: If the record is no shadow record, or an observable is not Hermitian or acts
            outside the record's qubits.

    Example:
        >>> import cirq
        >>> from quantum_advantage.measurements.measure import measure_bases
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_bases(pair, cirq.Simulator(seed=1), ["XX", "ZZ"], times=500)
        >>> ((value, error),) = hit_expectations(record, cirq.Z(a) * cirq.Z(b))  # exactly 1
        >>> print(f"{value:.2f} ± {error:.3f}")
        1.00 ± 0.008
    """
    check_record(record, ShadowRecord)
    terms = read_terms(observables, record.qubits)
    single = np.flatnonzero(terms.alone())
    strings, idle = terms.strings[single], terms.coefficients[single] == 0
    counts = count_signs(record.bases, record.outcomes, strings, record.times)
    shots = counts.hits * record.times
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.where(shots > 0, 1 - 2 * counts.minus / shots, np.nan)
        errors = np.where(shots > 0, sign_errors(means, shots), np.inf)
    errors[strings.weight() == 0] = 0
    # Nothing times an observable is 0, whether it was measured or not.
    means[idle], errors[idle] = 0, 0
    sums = {i: _hit_sum(record, one_of(terms, i)) for i in sums_of(terms)}
    return assemble(terms, np.stack([means, errors], axis=1), sums)


def _hit_sum(record: ShadowRecord, terms: Terms) -> Floats:
    value = centre = reach = 0.0
    influence = np.zeros((record.settings, record.times))
    shape = (record.settings, record.times, -1)
    bases = record.bases[0][:, None], record.bases[1][:, None]
    for i, coefficient in enumerate(terms.coefficients):
        x, z = terms.strings.x[i], terms.strings.z[i]
        if not coefficient:
            continue
        if not (x | z).any():
            value += coefficient
            continue
        hits, bits = pauli_hits(x, z, bases, record.outcomes.reshape(shape))
        shots = int(hits.sum()) * record.times
        if not shots:
            return np.array([np.nan, np.inf])
        signs = 1.0 - 2.0 * bits
        mean = float((hits * signs).sum()) / shots
        value += coefficient * mean
        weight = coefficient / (shots + ADDED)
        influence += np.where(hits, weight * (signs - mean), 0.0)
        centre += weight * mean
        reach += abs(weight)
    spread = math.hypot(math.sqrt(float((influence**2).sum())), DEVIATIONS * reach)
    return np.array([value, DEVIATIONS * abs(centre) + spread])
