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
    """

    damping: npt.NDArray[np.float64] | None = None


# Where the outcomes of a batch come from.
Source = cirq.Sampler | DialSampler | FromLaw


def sampler_of(source: Source) -> cirq.Sampler | DialSampler:
    """Returns the sampler of a source.

    Raises:
        UsageError: If the source is the exact distribution, or no sampler.
    """
    if isinstance(source, FromLaw):
        raise UsageError("backend law runs no circuits")
    check_sampler(source)
    return source


def whole_copies(copies: float) -> int:
    """Returns a budget of whole copies, not below ``copies`` but for its rounding.

    Of a budget a first rung is made and with it the name of its results, so that it must not depend
    on the last bits of a logarithm: ten digits of it count.
    """
    return math.ceil(float(f"{copies:.10g}"))


@dataclass(frozen=True, eq=False)
class Decisions:
    """How many trials of a batch were answered right.

    Attributes:
        correct: (prefixes,) right answers after each number of shots.
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
    """

    system: int
    quantity: str
    value: float
    error: float
    truth: float


@dataclass(frozen=True)
class Estimates:
    """What was estimated of the systems of a batch, in the order of ``EstimatingTask.kept``."""

    rows: tuple[Estimate, ...]


# What a batch says.
Answers = Decisions | Estimates


@dataclass(frozen=True, eq=False)
class Estimated:
    """What was estimated of the systems of a batch, beside the truth.

    Attributes:
        values: (systems, quantities) estimates.
        errors: (systems, quantities) the standard errors that the estimators state by themselves.
        truths: (systems, quantities) exact values.
    """

    values: npt.NDArray[np.float64]
    errors: npt.NDArray[np.float64]
    truths: npt.NDArray[np.float64]
