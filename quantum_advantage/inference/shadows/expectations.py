"""What one record of single-copy Pauli measurements says (classical shadows).

Source: Huang, Kueng, Preskill, Nature Physics 16, 1050 (2020): a shot whose random basis agrees
with the w non-identity letters of Q contributes 3ʷ times its sign, any other shot 0; the mean
estimates tr(Q ρ) without bias, with second moment 3ʷ.

A basis may serve for several shots. These are independent given the basis, but all of them hit or
all miss, so that the unit of every error of a random record is the *setting*: its contribution is
the mean over its shots, and settings are independent. How the errors are stated is told in
``shadow_errors``.

Bases that were not drawn at random (cycled, derandomised, a user's own) have no 3ʷ: their estimates
are means over the hits, see ``hits.hit_expectations``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import Words, pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.standard_errors import DEVIATIONS
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.checks import check_record, check_some
from quantum_advantage.inference.shadows.errors import StringMoments, string_moments, sum_variance
from quantum_advantage.inference.shadows.packed import count_signs
from quantum_advantage.inference.shadows.terms import (
    Floats,
    Observable,
    Observables,
    Terms,
    assemble,
    one_of,
    read_terms,
    rows_of,
    sums_of,
)
from quantum_advantage.measurements.pauli_basis import pauli_hits
from quantum_advantage.measurements.records import RANDOM, ShadowRecord


def check_random(record: ShadowRecord) -> None:
    """Raises unless it is a shadow record whose bases were drawn uniformly at random.

    The weights 3ʷ demand that.

    Raises:
        ValueError: If it is no shadow record, its bases were chosen in another way, or it is empty.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> check_random(record)
    """
    check_record(record, ShadowRecord)
    if record.scheme != RANDOM:
        raise UsageError(
            f"record must have random bases, not {record.scheme!r} ones; use hit_expectations"
        )
    check_some(record.settings)


def _moments(record: ShadowRecord, strings: PauliStrings) -> StringMoments:
    counts = count_signs(record.bases, record.outcomes, strings, record.times)
    return string_moments(counts, strings.weight(), record.settings, record.times)


def estimate_strings(record: ShadowRecord, strings: PauliStrings) -> Floats:
    """Returns (strings, 2): the mean contribution of the settings, and its standard error.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> estimate_strings(record, PauliStrings.from_text(["II", "ZZ"])).round(1).tolist()
        [[1.0, 0.0], [1.0, 0.1]]
    """
    return _estimates(strings, _moments(record, strings), record.settings)


def _estimates(strings: PauliStrings, moments: StringMoments, settings: int) -> Floats:
    variances = np.where(strings.weight() > 0, moments.variances(), 0.0)
    return np.stack([moments.values, np.sqrt(variances / settings)], axis=1)


def setting_signs(record: ShadowRecord, x: Words, z: Words) -> tuple[npt.NDArray, Floats]:
    """Returns for one string which settings hit it, (settings,), and their mean sign there.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> zz = PauliStrings.from_text("ZZ")
        >>> hits, signs = setting_signs(record, zz.x[0], zz.z[0])
        >>> signs[hits].min().tolist()
        1.0
    """
    shape = (record.settings, record.times, -1)
    bases = record.bases[0][:, None], record.bases[1][:, None]
    hits, signs = pauli_hits(x, z, bases, record.outcomes.reshape(shape))
    return hits[:, 0], 1.0 - 2.0 * signs.mean(axis=1)


def contributions(record: ShadowRecord, observables: Observables) -> Floats:
    """Returns what every setting contributes to the estimates: their means are the estimates.

    Args:
        record: The shadow record, with random bases.
        observables: As for :func:`expectations`.

    Returns:
        (settings, observables): unbiased estimates from one setting each.

    Raises:
        ValueError: If the bases are not random, or an observable is not Hermitian or acts outside
            the record's qubits.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> q = cirq.LineQubit(0)
        >>> record = measure_shadow(cirq.Circuit(cirq.I(q)), cirq.Simulator(seed=1), 300, seed=2)
        >>> sorted(set(contributions(record, cirq.Z(q)).ravel().tolist()))
        [0.0, 3.0]
    """
    check_random(record)
    return _contributions(record, read_terms(observables, record.qubits))


def _contributions(record: ShadowRecord, terms: Terms) -> Floats:
    values = np.zeros((terms.observables, record.settings))
    for owner, (_, contributed) in zip(terms.owners, _hits_of(record, terms), strict=True):
        values[owner] += contributed
    return values.T


def _hits_of(record: ShadowRecord, terms: Terms) -> Iterator[tuple[npt.NDArray, Floats]]:
    """Yields for every term which settings hit it, and what each contributes, (settings,)."""
    scales = terms.coefficients * 3.0 ** terms.strings.weight()
    for x, z, scale in zip(terms.strings.x, terms.strings.z, scales, strict=True):
        hits, signs = setting_signs(record, x, z)
        yield hits, scale * hits * signs


def expectations(record: ShadowRecord, observables: Observables) -> Floats:
    """Estimates tr(O ρ) of any number of observables from one record of random bases.

    Source: see the module; the errors are those of
    :mod:`~quantum_advantage.inference.shadows.errors`, never 0 but for multiples of the identity.

    Args:
        record: The shadow record, with random bases.
        observables: Packed strings (thousands cost milliseconds), texts such as ``XIYZ``, or
            Hermitian ``cirq.PauliString`` and ``cirq.PauliSum``; one of them, or many.

    Returns:
        (observables, 2): the estimate and its standard error; (1, 2) for one observable that is in
        no list.

    Raises:
        ValueError: If the bases are not random, or an observable is not Hermitian or acts outside
            the record's qubits.

    Example:
        >>> import cirq
        >>> from quantum_advantage import expectations, measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> zz, z = cirq.Z(a) * cirq.Z(b), cirq.Z(a)
        >>> for value, error in expectations(record, [zz, z]):  # exactly 1 and 0
        ...     print(f"{value:.2f} ± {error:.2f}")
        0.97 ± 0.06
        -0.02 ± 0.04
    """
    check_random(record)
    return estimate_terms(record, read_terms(observables, record.qubits))


def estimate_terms(record: ShadowRecord, terms: Terms) -> Floats:
    """Does the work of :func:`expectations` for observables that were read.

    Returns:
        (observables, 2) estimates and standard errors.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> terms = read_terms(cirq.Z(a) * cirq.Z(b), record.qubits)
        >>> estimate_terms(record, terms).shape
        (1, 2)
    """
    moments = _moments(record, terms.strings)
    single = np.flatnonzero(terms.alone())
    alone = _estimates(terms.strings[single], moments.of(single), record.settings)
    sums = {
        i: _estimate_sum(record, one_of(terms, i), moments.of(rows_of(terms, i)))
        for i in sums_of(terms)
    }
    return assemble(terms, alone, sums)


def _estimate_sum(record: ShadowRecord, terms: Terms, moments: StringMoments) -> Floats:
    acts = terms.strings.weight() > 0
    rows = np.flatnonzero(acts & (terms.coefficients != 0))
    rest = Terms(terms.strings[rows], terms.coefficients[rows], terms.owners[rows], 1)
    values = np.zeros(record.settings)
    hits = np.zeros((rows.size, record.settings), dtype=np.bool_)
    for i, (hit, contributed) in enumerate(_hits_of(record, rest)):
        hits[i] = hit
        values += contributed
    variance = sum_variance(
        rest.strings, rest.coefficients, moments.of(rows), values, pack_bits(hits)
    )
    constant = float(terms.coefficients[~acts].sum())
    return np.array([constant + values.mean(), np.sqrt(variance / record.settings)])


def expectation(
    record: ShadowRecord, observable: Observable | PauliStrings | str
) -> tuple[float, float]:
    """Estimates tr(O ρ) of one observable from one shadow record.

    Args:
        record: The shadow record.
        observable: A Hermitian ``cirq.PauliSum`` or ``cirq.PauliString`` on the record's qubits,
            one packed string, or a text such as ``XIYZ``.

    Returns:
        The estimate and its standard error.

    Raises:
        ValueError: If the bases are not random, or the observable is not Hermitian or acts outside
            the record's qubits.

    Example:
        >>> import cirq
        >>> from quantum_advantage import expectation, measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> value, error = expectation(record, cirq.X(a) * cirq.X(b))  # exactly 1
        >>> print(f"{value:.2f} ± {error:.2f}")
        0.99 ± 0.06
    """
    check_random(record)
    terms = read_terms(observable, record.qubits)
    if terms.observables != 1:
        raise UsageError(f"observable must be one, not {terms.observables}; use expectations")
    ((value, error),) = estimate_terms(record, terms).tolist()
    return value, error


def covariance(record: ShadowRecord, observables: Observables) -> Floats:
    """Estimates the covariance matrix of the estimates that :func:`expectations` gives.

    Args:
        record: The shadow record, with random bases.
        observables: As for :func:`expectations`.

    Returns:
        (observables, observables): on the diagonal the squares of the errors that
        :func:`expectations` states; off it the sample covariance of the settings' contributions
        over their number, which knows nothing of what two strings that were never hit together
        have in common. The matrix has no negative eigenvalue, as the stated variances are at least
        those of the sample.

    Raises:
        ValueError: As :func:`expectations`, and for a record of less than two settings.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> zeros = cirq.Circuit(cirq.I(a), cirq.I(b))
        >>> record = measure_shadow(zeros, cirq.Simulator(seed=1), 900, seed=2)
        >>> covariance(record, [cirq.Z(a), cirq.Z(b)]).shape
        (2, 2)
    """
    check_random(record)
    if record.settings < 2:
        raise UsageError(f"record must have at least 2 settings, not {record.settings}")
    terms = read_terms(observables, record.qubits)
    values = _contributions(record, terms)
    values -= values.mean(axis=0)
    found = values.T @ values / record.settings**2
    np.fill_diagonal(found, estimate_terms(record, terms)[:, 1] ** 2)
    return found


def median_of_means(record: ShadowRecord, observables: Observables, groups: int) -> Floats:
    """Estimates tr(O ρ) by the median over groups of settings of the means within them.

    Source: Huang, Kueng, Preskill (2020), Theorem 1. The mean has the smaller spread; the median
    of means has exponentially small tails even for a few settings of a high weight.

    The error is derived here. With μ the mean over all settings and e its error the median M is off
    by |M - v| ≤ |M - μ| + |μ - v|, so that M ± z (e + |M - μ|/z), z = 1.96, contains the true value
    wherever μ ± z e does; the bias of a median of skew means is in |M - μ|.

    Args:
        record: The shadow record, with random bases.
        observables: As for :func:`expectations`.
        groups: The number of groups of consecutive settings, equal up to one. The median of an even
            number of means is the middle between the two in the middle.

    Returns:
        (observables, 2): the estimate and its standard error e + |M - μ|/1.96.

    Raises:
        ValueError: As :func:`expectations`, or if ``groups`` is no whole number between 1 and the
            number of settings.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> q = cirq.LineQubit(0)
        >>> record = measure_shadow(cirq.Circuit(cirq.X(q)), cirq.Simulator(seed=1), 3000, seed=2)
        >>> ((value, error),) = median_of_means(record, cirq.Z(q), groups=10)  # exactly -1
        >>> print(f"{value:.2f} ± {error:.2f}")
        -1.03 ± 0.03
    """
    check_random(record)
    terms = read_terms(observables, record.qubits)
    if not isinstance(groups, int | np.integer) or not 1 <= groups <= record.settings:
        raise UsageError(
            f"groups must be a whole number from 1 to the {record.settings} settings, not {groups}"
        )
    ends = np.linspace(0, record.settings, groups + 1).astype(int).tolist()
    parts = [slice(a, b) for a, b in pairwise(ends)]
    medians = np.median([estimate_terms(record[part], terms)[:, 0] for part in parts], axis=0)
    means, errors = estimate_terms(record, terms).T
    return np.stack([medians, errors + np.abs(medians - means) / DEVIATIONS], axis=1)
