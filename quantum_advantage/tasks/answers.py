"""Where the outcomes of a batch come from, and what is answered from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import DialSampler
from quantum_advantage.circuits.results import check_sampler
from quantum_advantage.core.usage import UsageError


@dataclass(frozen=True, eq=False)
class FromLaw:
    """Says that outcomes are drawn from the exact distribution of a protocol; no circuit runs.

    Attributes:
        damping: (qubits, 4) factors by which noise damps the letters of a Bell measurement, or None
            for no noise.

    Example:
        >>> FromLaw().damping is None  # noiseless
        True
    """

    damping: npt.NDArray[np.float64] | None = None


# Where the outcomes of a batch come from.
Source = cirq.Sampler | DialSampler | FromLaw


def sampler_of(source: Source) -> cirq.Sampler | DialSampler:
    """Returns the sampler of a source.

    Raises:
        UsageError: If the source is the exact distribution, or no sampler.

    Example:
        >>> simulator = cirq.Simulator()
        >>> sampler_of(simulator) is simulator
        True
        >>> try:
        ...     sampler_of(FromLaw())
        ... except ValueError as error:
        ...     print(error)
        backend law runs no circuits
    """
    if isinstance(source, FromLaw):
        raise UsageError("backend law runs no circuits")
    check_sampler(source)
    return source


def whole_copies(copies: float) -> int:
    """Rounds a budget up to whole copies, after rounding it to ten significant digits.

    The first budget of a ladder is part of the name of its results, so it must not depend on the
    last bits of a logarithm.

    Example:
        >>> whole_copies(12.3), whole_copies(12.000000000001)
        (13, 12)
    """
    return math.ceil(float(f"{copies:.10g}"))


@dataclass(frozen=True, eq=False)
class Decisions:
    """How many trials of a batch were answered right.

    Attributes:
        correct: (prefixes,) right answers after each number of shots.

    Example:
        >>> Decisions(np.array([31, 38])).correct / 40  # accuracies of 40 trials
        array([0.775, 0.95 ])
    """

    correct: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """One quantity of one system of a batch, estimated from one record.

    Attributes:
        system: The number of the system in its batch.
        quantity: The name of the quantity.
        value: The estimate.
        error: The standard error that the estimator states by itself; infinite where it states
            none.
        truth: The exact value.

    Example:
        >>> one = Estimate(system=0, quantity="rate", value=0.3, error=0.05, truth=0.2)
        >>> round((one.value - one.truth) / one.error)  # standard errors off
        2
    """

    system: int
    quantity: str
    value: float
    error: float
    truth: float


@dataclass(frozen=True)
class Estimates:
    """What was estimated of the systems of a batch.

    Attributes:
        rows: The estimates, in the order of ``EstimatingTask.kept``.

    Example:
        >>> rate = Estimate(system=0, quantity="rate", value=0.3, error=0.05, truth=0.2)
        >>> [row.quantity for row in Estimates((rate,)).rows]
        ['rate']
    """

    rows: tuple[Estimate, ...]


# The result of a batch.
Answers = Decisions | Estimates


@dataclass(frozen=True, eq=False)
class Estimated:
    """What was estimated of the systems of a batch, beside the truth.

    Attributes:
        values: (systems, quantities) estimates.
        errors: (systems, quantities) the standard errors that the estimators state by themselves.
        truths: (systems, quantities) exact values.

    Example:
        Two systems, one quantity:

        >>> truths, errors = np.array([[0.2], [0.5]]), np.array([[0.1], [0.1]])
        >>> found = Estimated(np.array([[0.3], [0.5]]), errors, truths)
        >>> ((found.values - found.truths) / found.errors).round(1).tolist()
        [[1.0], [0.0]]
    """

    values: npt.NDArray[np.float64]
    errors: npt.NDArray[np.float64]
    truths: npt.NDArray[np.float64]
