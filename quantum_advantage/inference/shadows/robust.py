"""Readout errors calibrated and taken out of classical shadows (robust shadow estimation).

Source: Chen, Yu, Zeng, Flammia, PRX Quantum 2, 030348 (2021), product form. Noise that does not
depend on the basis and acts on every qubit by itself damps the sign of a letter on qubit i by a
factor f_i (1 without noise), so that a string is damped by the product over its support. A record
of |0...0⟩, measured through the same sampler in the same manner, tells f_i: it is the mean sign of
qubit i where the basis was Z. Estimates divided by the product have no bias but that of order
1/(calibration shots) from the division.

What it presumes: the noise of the basis change and of the readout is that of the calibration, alike
in all bases, and independent from qubit to qubit; errors of the state preparation are part of the
state. A readout that errs more often on one outcome must be twirled (flipped at random before, and
back after it): else the sign has an offset besides the factor. The samplers of this package for
devices do so; its local noise is symmetric.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cirq
import numpy as np

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.standard_errors import DEVIATIONS
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.checks import check_record
from quantum_advantage.inference.shadows.expectations import (
    check_random,
    estimate_strings,
    estimate_terms,
)
from quantum_advantage.inference.shadows.hits import hit_expectations
from quantum_advantage.inference.shadows.terms import Floats, Observables, read_terms
from quantum_advantage.measurements.records import ShadowRecord


@dataclass(frozen=True, eq=False)
class Calibration:
    """By how much the noise damps the sign of every qubit.

    Attributes:
        qubits: The n qubits.
        factors: (n, 2) the factors f and their standard errors, independent of each other.

    Example:
        >>> calibration = Calibration((cirq.LineQubit(0),), np.array([[0.8, 0.01]]))
        >>> calibration.damping(PauliStrings.from_text(["I", "Z"])).round(3).tolist()
        [[1.0, 0.0], [0.8, 0.01]]
        >>> calibration.relative_errors().round(4).tolist()  # a little more than 0.01/0.8
        [0.0128]
    """

    qubits: tuple[cirq.Qid, ...]
    factors: Floats

    def damping(self, strings: PauliStrings) -> Floats:
        """Returns the products of the factors over the support of strings, (strings, 2).

        The second column is the standard error: relative variances add up.
        """
        support = strings.letters() != 0
        products = np.where(support, self.factors[:, 0], 1.0).prod(axis=1)
        squares = np.where(support, self.relative_errors() ** 2, 0.0).sum(axis=1)
        return np.stack([products, products * np.sqrt(squares)], axis=1)

    def relative_errors(self) -> Floats:
        """Returns the relative errors r of dividing by the factors, (n,).

        Source: derived here. Where f may be as small as f - z e, 1/f may be larger than the
        estimate by the share z r with r = (e/f)/(1 - z e/f): infinite if f may be 0.
        """
        plain = self.factors[:, 1] / self.factors[:, 0]
        with np.errstate(divide="ignore"):
            return np.where(DEVIATIONS * plain < 1, plain / np.abs(1 - DEVIATIONS * plain), np.inf)


def calibrate(record: ShadowRecord) -> Calibration:
    """Estimates the damping of every qubit from a record of |0...0⟩.

    Args:
        record: The record, such as ``acquire.measure_calibration`` makes.

    Returns:
        For every qubit the mean sign of the shots whose basis was Z, and its standard error.

    Raises:
        ValueError: If the record is no shadow record, or a qubit was never measured in Z or its
            mean sign is not positive.

    Example:
        >>> from quantum_advantage import measure_shadow, open_backend
        >>> from quantum_advantage.measurements.measure import measure_calibration
        >>> a, b = cirq.LineQubit.range(2)
        >>> sampler = open_backend("qsim:readout=0.1").make(1)
        >>> calibration = calibrate(measure_calibration([a, b], sampler, 3000, seed=2))
        >>> calibration.factors[:, 0].round(1).tolist()  # 1 - 2 · 0.1
        [0.8, 0.8]
    """
    check_record(record, ShadowRecord)
    letters = 3 * np.eye(len(record.qubits), dtype=np.uint8)
    factors = hit_expectations(record, PauliStrings.from_letters(letters))
    for qubit, (factor, error) in zip(record.qubits, factors, strict=True):
        if not (factor > 0 and np.isfinite(error)):
            raise UsageError(
                f"record must show the 0 of {qubit!r} in some shots in basis Z, not a mean sign of "
                f"{factor:.3g}"
            )
    return Calibration(record.qubits, factors)


def robust_expectations(
    record: ShadowRecord, calibration: Calibration, observables: Observables
) -> Floats:
    """Estimates tr(O ρ) of any number of observables, with the damping divided out.

    Source: see the module. The error of the calibration is propagated by the delta method (derived
    here): with estimates v_a of the strings and F_a = ∏ f_i over their support the derivative of
    Σ c_a v_a/F_a to f_i is -Σ c_a v_a/(F_a f_i) over the strings that act on qubit i. In the place
    of the relative error of f_i stands :meth:`Calibration.relative_errors`, which is infinite if
    the calibration cannot tell f_i from 0, and of a string that was never hit |v_a| = 1.

    Args:
        record: The shadow record, with random bases.
        calibration: The calibration of its qubits.
        observables: As for ``shadows.expectations``.

    Returns:
        (observables, 2): the estimate and its standard error, from both records. The errors of
        different observables are correlated through the calibration.

    Raises:
        ValueError: If the calibration is one of other qubits, and as ``shadows.expectations``.

    Example:
        >>> from quantum_advantage import measure_shadow, open_backend
        >>> from quantum_advantage.measurements.measure import measure_calibration
        >>> a, b = cirq.LineQubit.range(2)
        >>> sampler = open_backend("qsim:readout=0.1").make(1)
        >>> calibration = calibrate(measure_calibration([a, b], sampler, 3000, seed=2))
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, sampler, 3000, seed=3)
        >>> ((value, error),) = robust_expectations(record, calibration, cirq.Z(a) * cirq.Z(b))
        >>> print(f"{value:.2f} ± {error:.2f}")  # exactly 1
        0.89 ± 0.09
    """
    check_random(record)
    if not isinstance(calibration, Calibration):
        raise UsageError(f"calibration must be made by calibrate, not {type(calibration).__name__}")
    if calibration.qubits != record.qubits:
        raise UsageError(
            f"calibration must be one of the record's qubits {record.qubits}, not of "
            f"{calibration.qubits}"
        )
    plain = read_terms(observables, record.qubits)
    damping = calibration.damping(plain.strings)[:, 0]
    terms = replace(plain, coefficients=plain.coefficients / damping)
    found = estimate_terms(record, terms)
    values = estimate_strings(record, terms.strings)[:, 0]
    values = terms.coefficients * np.where(values == 0, damping, values)
    slopes = np.zeros((terms.observables, len(record.qubits)))
    np.add.at(slopes, terms.owners, (terms.strings.letters() != 0) * values[:, None])
    relative = calibration.relative_errors()
    unknown = np.isinf(relative)
    squares = (slopes * np.where(unknown, 0.0, relative)) ** 2
    acts = (terms.strings.letters() != 0) & (terms.coefficients != 0)[:, None]
    # One factor that may be 0 makes every observable that acts on its qubit unknown.
    np.add.at(squares, terms.owners, np.where(acts & unknown, np.inf, 0.0))
    found[:, 1] = np.hypot(found[:, 1], np.sqrt(squares.sum(axis=1)))
    return found
