"""Labelled records: what a model that learns to read measurements is trained on, and how it reads.

A model sees of a shot one symbol for each qubit: the letter of the string that is asked there, and
what was measured there. It turns the symbols of a shot into one number and averages the numbers
over the shots; the average makes the log-odds that the string is the hidden one. So the time axis
of a recurrent model are the qubits, and neither the number of shots nor that of qubits is fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# (questions, shots, qubits): kinds · letter + outcome.
Symbols = npt.NDArray[np.uint8]

LETTERS = 4


@dataclass(frozen=True, eq=False)
class Labelled:
    """Questions about records of systems of one size, and the right answers.

    Attributes:
        symbols: (questions, shots, qubits) symbols.
        hidden: (questions,) whether the string that is asked is the hidden one.

    Example:
        >>> Labelled(np.zeros((2, 5, 1), dtype=np.uint8), np.array([True, False])).hidden.shape
        (2,)
    """

    symbols: Symbols
    hidden: npt.NDArray[np.bool_]

    @cached_property
    def by_qubit(self) -> npt.NDArray[np.intp]:
        """The symbols as numpy looks up by them, (qubits, questions, shots)."""
        return np.ascontiguousarray(np.moveaxis(self.symbols, 2, 0), dtype=np.intp)


class Reader(Protocol):
    """A trained model."""

    def log_odds(self, symbols: Symbols, prefixes: npt.NDArray[np.int64]) -> Floats:
        """Returns (questions, prefixes) log-odds of 'hidden' after the first so many shots."""
        ...


def symbols_of(
    letters: npt.NDArray[np.uint8], outcomes: npt.NDArray[np.uint8], kinds: int
) -> Symbols:
    """Joins the letters of the strings that are asked with what was measured.

    Args:
        letters: (records, candidates, qubits) letter codes 0, 1, 2, 3 for I, X, Y, Z.
        outcomes: (records, shots, qubits) numbers of the outcomes, below ``kinds``.
        kinds: The number K of outcomes of one qubit, at most 64.

    Returns:
        (records * candidates, shots, qubits) symbols K · letter + outcome.

    Example:
        >>> letters, outcomes = np.array([[[3]]], dtype=np.uint8), np.array([[[2]]], dtype=np.uint8)
        >>> symbols_of(letters, outcomes, kinds=4).tolist()  # 4 · 3 + 2
        [[[14]]]
    """
    records, candidates, qubits = letters.shape
    joined = np.uint8(kinds) * letters[:, :, None] + outcomes[:, None]
    return joined.reshape(records * candidates, -1, qubits)


def means_at(values: Floats, prefixes: npt.NDArray[np.int64]) -> Floats:
    """Averages the first so many shots.

    Args:
        values: (questions, shots) one number for each shot.
        prefixes: (prefixes,) increasing numbers of shots, at least 1.

    Returns:
        (questions, prefixes) means.

    Example:
        >>> means_at(np.array([[1.0, 3.0, 5.0]]), np.array([1, 3])).tolist()
        [[1.0, 3.0]]
    """
    starts = np.concatenate([[0], prefixes[:-1]])
    sums = np.add.reduceat(values[:, : prefixes[-1]], starts, axis=1)
    return np.asarray(np.cumsum(sums, axis=1) / prefixes)


def cross_entropy(log_odds: Floats, hidden: npt.NDArray[np.bool_]) -> tuple[float, Floats]:
    """Returns the summed logistic loss of some answers, and its derivative by the log-odds.

    Args:
        log_odds: (questions,) log-odds of 'hidden'.
        hidden: (questions,) the labels.

    Example:
        >>> loss, slope = cross_entropy(np.array([0.0]), np.array([True]))
        >>> round(loss, 4), slope.tolist()  # ln 2
        (0.6931, [-0.5])
    """
    loss = np.logaddexp(0, np.where(hidden, -log_odds, log_odds)).sum()
    return float(loss), (1 + np.tanh(log_odds / 2)) / 2 - hidden


def shuffled(sets: Sequence[Labelled], rng: np.random.Generator) -> list[Labelled]:
    """Returns the same records with labels in random order: a control, nothing can be learned.

    Example:
        >>> hidden = np.array([True, True, False, False])
        >>> one = Labelled(np.zeros((4, 5, 1), dtype=np.uint8), hidden)
        >>> (mixed,) = shuffled([one], np.random.default_rng(0))
        >>> sorted(mixed.hidden.tolist())
        [False, False, True, True]
    """
    return [Labelled(one.symbols, rng.permutation(one.hidden)) for one in sets]
