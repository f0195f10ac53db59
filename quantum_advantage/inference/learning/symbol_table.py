"""The product of symbols: the smallest model that can be trained small and used large.

A table w gives every symbol (letter of the string that is asked, outcome of the qubit) a number. A
shot is the product of its numbers, the score of a string the mean over the shots, the log-odds of
'hidden' a·score + c. It is a recurrent model with a single hidden number that each qubit
multiplies. The exact reading of Bell measurements is the special case in which w is the table of
signs of ``measurements.bell``; nothing of that table is told to the model.

Why |w| = 1 for noiseless records of several sizes (derived here). Multiply the row of every letter
of a perfect table by t: the score on n qubits grows by tⁿ, and as the law of the signs is the same
for all n, so is the best a. One a serves two different sizes only with t = 1. The records say so by
themselves, then; a weak pull (w² - 1)² spares the fit the scale of w, which a single size leaves
open.

What an imperfect table costs (derived here). Of weak signals the outcomes are almost uniform, so
that the score of the hidden string has the mean m Π E[w e] and the score of any string the variance
Π E[w²]/T, with e the sign of the outcome, E the mean over the outcomes of a qubit and Π over the
qubits. Equal accuracy needs copies in proportion to variance over squared mean: every letter
multiplies them by E[w²]/E[w e]² ≥ 1, with equality for w proportional to e alone. Left out is the
mean Π E[w] of every score, which differs from string to string where the numbers of a letter do
not sum to 0; in the tables learned here it has a factor of some per cent for each X, Y and Z.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from quantum_advantage.inference.learning.labelled_records import (
    LETTERS,
    Floats,
    Labelled,
    Symbols,
    cross_entropy,
    means_at,
)

PULL = 1e-3
_FIRST_WEIGHTS = 0.1  # standard deviation
_MOST_STEPS = 100  # for each stage of the curriculum but the last
_ALL_STEPS = 2000  # for the last one, which goes on to the end
_DIFFERENCE = 1e-6  # in the parameters, for second derivatives
_FLAT = 1e-8  # of the largest second derivative, at what is no minimum


@dataclass(frozen=True, eq=False)
class SymbolTable:
    """A trained table.

    Attributes:
        weights: (4, kinds) w, a number for each letter and outcome.
        slope: a.
        offset: c.

    Example:
        >>> from quantum_advantage.measurements.bell import bell_signs
        >>> table = SymbolTable(bell_signs(), slope=1.0, offset=0.0)
        >>> shots = np.array([[[4 * 2 + 0], [4 * 2 + 1]]], dtype=np.uint8)  # Y, outcomes 00 and 01
        >>> table.log_odds(shots, np.array([1, 2])).tolist()
        [[-1.0, 0.0]]
    """

    weights: Floats
    slope: float
    offset: float

    def log_odds(self, symbols: Symbols, prefixes: npt.NDArray[np.int64]) -> Floats:
        """Returns (questions, prefixes) log-odds of 'hidden' after the first so many shots."""
        numbers = self.weights.ravel()
        products = np.ones(symbols.shape[:2])
        for i in range(symbols.shape[2]):
            products *= numbers[symbols[:, :, i]]
        return self.slope * means_at(products, prefixes) + self.offset


def loss_and_gradient(
    parameters: Floats, sets: Sequence[Labelled], pull: float = PULL
) -> tuple[float, Floats]:
    """Returns the mean logistic loss, with the pull towards |w| = 1, and its gradient.

    Args:
        parameters: (4 · kinds + 2,) the table row by row, the slope a, the offset c.
        sets: Labelled records, each of one size.
        pull: The weight of Σ (w² - 1)².

    Returns:
        The loss, and its gradient in the shape of the parameters.

    Example:
        >>> one = Labelled(np.zeros((1, 1, 1), dtype=np.uint8), np.array([True]))
        >>> loss, gradient = loss_and_gradient(np.append(np.ones(16), [0.0, 0.0]), [one])
        >>> round(loss, 4), gradient.shape
        (0.6931, (18,))
    """
    numbers, (slope, offset) = parameters[:-2], parameters[-2:]
    loss, gradient = 0.0, np.zeros_like(parameters)
    for one in sets:
        places = one.by_qubit
        shots = places.shape[2]
        factors = numbers[places]
        # The products of all qubits up to each one; those after it are made on the way back.
        upto = np.empty_like(factors)
        upto[0] = factors[0]
        for i in range(1, len(factors)):
            np.multiply(upto[i - 1], factors[i], out=upto[i])
        score = upto[-1].mean(axis=1)
        more, pressed = cross_entropy(slope * score + offset, one.hidden)
        loss += more
        gradient[-2:] += (pressed @ score, pressed.sum())
        after = np.repeat(pressed[:, None] * slope / shots, shots, axis=1)
        share = np.empty_like(after)
        for i in range(len(factors) - 1, 0, -1):
            np.multiply(after, upto[i - 1], out=share)
            gradient[:-2] += np.bincount(places[i].ravel(), share.ravel(), numbers.size)
            after *= factors[i]
        gradient[:-2] += np.bincount(places[0].ravel(), after.ravel(), numbers.size)
    questions = sum(one.hidden.size for one in sets)
    off = numbers**2 - 1
    gradient /= questions
    gradient[:-2] += 4 * pull * numbers * off
    return loss / questions + pull * float(off @ off), gradient


def fit_symbol_table(
    sets: Sequence[Labelled],
    kinds: int,
    seed: int | np.random.Generator,
    pull: float = PULL,
) -> SymbolTable:
    """Learns the table from labelled records by gradient descent (L-BFGS), smallest systems first.

    A step of Newton's method ends it, so that the result does not depend on the machine's rounding.

    On one qubit the score is linear in w, and the loss without the pull convex in a·w; its solution
    is where the fit of one and two qubits begins, and so on. A fit of all sizes from random numbers
    would be stuck: a product of n small numbers has no gradient.

    Args:
        sets: Labelled records of 1, 2, … qubits, in order.
        kinds: The number of outcomes of one qubit.
        seed: The source of the numbers at the beginning.
        pull: The weight of Σ (w² - 1)².

    Example:
        The symbol 0 always goes with the hidden string, the symbol 1 never:

        >>> symbols = np.array([0, 1] * 8, dtype=np.uint8).reshape(16, 1, 1)
        >>> labelled = Labelled(symbols, symbols[:, 0, 0] == 0)
        >>> table = fit_symbol_table([labelled], 4, seed=1)
        >>> odds = table.log_odds(symbols[:2], np.array([1]))
        >>> bool(odds[0, 0] > 0 > odds[1, 0])
        True
    """
    rng = np.random.default_rng(seed)
    first = _FIRST_WEIGHTS * rng.standard_normal(LETTERS * kinds)
    parameters = np.concatenate([first, [1.0, 0.0]])
    for stage in range(1, len(sets) + 1):
        found = minimize(
            loss_and_gradient,
            parameters,
            (sets[:stage], pull),
            method="L-BFGS-B",
            jac=True,
            options=(
                {"maxiter": _ALL_STEPS, "maxfun": 20_000, "ftol": 1e-15, "gtol": 1e-10}
                if stage == len(sets)
                else {"maxiter": _MOST_STEPS}
            ),
        )
        parameters = found.x
    parameters = _newton_step(parameters, sets, pull)
    weights = parameters[:-2].reshape(LETTERS, kinds)
    return SymbolTable(weights, float(parameters[-2]), float(parameters[-1]))


def _newton_step(parameters: Floats, sets: Sequence[Labelled], pull: float) -> Floats:
    """Takes one step of Newton's method, from where the descent stops, if that is a minimum.

    Where the descent stops depends in the seventh digit on the rounding of the machine. The step
    squares the distance to the minimum, so that tables of different machines agree to ten digits.
    """
    slope = loss_and_gradient(parameters, sets, pull)[1]
    shifts = _DIFFERENCE * np.eye(parameters.size)
    rows = [loss_and_gradient(parameters + shift, sets, pull)[1] - slope for shift in shifts]
    hessian = (np.array(rows) + np.transpose(rows)) / (2 * _DIFFERENCE)
    values, vectors = np.linalg.eigh(hessian)
    if values.min() < _FLAT * values.max():
        return parameters
    return np.asarray(parameters - vectors @ (vectors.T @ slope / values))


def cost_of_table(weights: Floats, signs: Floats) -> Floats:
    """Returns by how much every letter multiplies the copies of the exact reading.

    Args:
        weights: (letters, kinds) a table.
        signs: (letters, kinds) the exact signs of the letters on the outcomes.

    Returns:
        (letters,) E[w²]/E[w e]², as derived above.

    Example:
        >>> from quantum_advantage.measurements.bell import bell_signs
        >>> cost_of_table(2 * bell_signs(), bell_signs()).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    return np.asarray((weights**2).mean(axis=1) / (weights * signs).mean(axis=1) ** 2)
