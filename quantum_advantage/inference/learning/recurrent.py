"""A gated recurrent unit that reads the qubits of a shot one after the other.

Source of the cell: Cho et al., arXiv 1406.1078. With the input x of a qubit (the sum of a learned
vector for the letter that is asked and one for the outcome, that is one-hot inputs) and the hidden
vector h of the qubits before it,

    z = σ(x_z + h U_z),   r = σ(x_r + h U_r),   k = tanh(x_k + (r ∘ h) U_k),   h' = h + z ∘ (k - h).

A shot is v·h after the last qubit, the score of a string the mean over the shots, its log-odds
score + c. Unlike the product of symbols this model must discover that a sign is carried from qubit
to qubit, and keep it when there are more qubits than it was trained on. The gradient is
back-propagation through time, written out; a test holds it against differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.learning.labelled_records import (
    LETTERS,
    Floats,
    Labelled,
    Symbols,
    cross_entropy,
    means_at,
)

# Double precision in training, single in reading.
Reals = npt.NDArray[np.floating]

WIDTH = 12
# Steps for each size of the curriculum, and for the last one, in which the step size falls to 0.
STEPS, LAST_STEPS = 400, 800
BATCH = 32  # questions in a step
STEP_SIZE = 0.01
DECAY = 1e-4
_LONGEST_GRADIENT = 1.0
# Sequences that are read at once, so that they stay within the cache.
_AT_ONCE = 1 << 10
# Adam: Kingma, Ba, arXiv 1412.6980.
_BETAS, _EPSILON = (0.9, 0.99), 1e-8


@dataclass(frozen=True, eq=False)
class Recurrent:
    """The numbers of a model of width H, or their gradient; gates in the order z, r, k.

    Attributes:
        letters: (4, 3H) input of each letter.
        outcomes: (kinds, 3H) input of each outcome.
        bias: (3H,) input of every qubit.
        recurrent: (H, 3H) U.
        head: (H,) v.
        offset: (1,) c.

    Example:
        >>> model = draw_recurrent(4, 12, np.random.default_rng(0))
        >>> shots = np.zeros((3, 5, 2), dtype=np.uint8)
        >>> model.log_odds(shots, np.array([1, 5])).shape
        (3, 2)
    """

    letters: Reals
    outcomes: Reals
    bias: Reals
    recurrent: Reals
    head: Reals
    offset: Reals

    def log_odds(self, symbols: Symbols, prefixes: npt.NDArray[np.int64]) -> Floats:
        """Returns (questions, prefixes) log-odds of 'hidden' after the first so many shots."""
        questions, shots, qubits = symbols.shape
        rows = symbols.reshape(-1, qubits)
        values: Floats = np.empty(questions * shots)
        # Single precision is twice as fast, and far finer than the noise of a few shots.
        single = from_vector(to_vector(self).astype(np.float32), self)
        inputs = _inputs(single)
        for start in range(0, rows.shape[0], _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            h: Reals = np.zeros((some.shape[0], self.head.size), dtype=np.float32)
            for column in some.T:
                _, h = _cell(single, inputs[column], h)
            values[start : start + _AT_ONCE] = h @ single.head
        return means_at(values.reshape(questions, shots), prefixes) + self.offset


@dataclass(frozen=True, eq=False)
class _Step:
    """What the way back needs of one qubit, each (sequences, H): h before it, and the gates."""

    before: Reals
    z: Reals
    r: Reals
    k: Reals


def draw_recurrent(kinds: int, width: int, rng: np.random.Generator) -> Recurrent:
    """Draws the numbers with which training begins: normal inputs, orthogonal U, no bias.

    Example:
        >>> draw_recurrent(4, 12, np.random.default_rng(0)).recurrent.shape
        (12, 36)
    """
    squares = [np.linalg.qr(rng.standard_normal((width, width)))[0] for _ in range(3)]
    inputs = rng.standard_normal((LETTERS + kinds, 3 * width)) / np.sqrt(2)
    return Recurrent(
        inputs[:LETTERS],
        inputs[LETTERS:],
        np.zeros(3 * width),
        np.concatenate(squares, axis=1),
        rng.standard_normal(width) / np.sqrt(width),
        np.zeros(1),
    )


def to_vector(model: Recurrent) -> Reals:
    """Returns all numbers of a model, or of a gradient, in one vector.

    Example:
        >>> to_vector(draw_recurrent(4, 2, np.random.default_rng(0))).shape
        (69,)
    """
    return np.concatenate([part.ravel() for part in _parts(model)])


def from_vector(vector: Reals, like: Recurrent) -> Recurrent:
    """Returns the model of the same shape whose numbers are those of a vector.

    Example:
        >>> model = draw_recurrent(4, 2, np.random.default_rng(0))
        >>> bool((from_vector(to_vector(model), model).head == model.head).all())
        True
    """
    parts = _parts(like)
    ends = np.cumsum([part.size for part in parts])
    pieces = np.split(vector, ends[:-1])
    return Recurrent(
        *(piece.reshape(part.shape) for piece, part in zip(pieces, parts, strict=True))
    )


def _parts(model: Recurrent) -> list[Reals]:
    return [getattr(model, field.name) for field in fields(model)]


def _sigmoid(x: Reals) -> Reals:
    return np.asarray((1 + np.tanh(x / 2)) / 2)


def _inputs(model: Recurrent) -> Reals:
    """Returns the inputs of all symbols, (4 · kinds, 3H)."""
    both = model.letters[:, None] + model.outcomes[None] + model.bias
    return both.reshape(-1, model.bias.size)


def _cell(model: Recurrent, x: Reals, h: Reals) -> tuple[_Step, Reals]:
    width = h.shape[1]
    u = model.recurrent
    gates = _sigmoid(x[:, : 2 * width] + h @ u[:, : 2 * width])
    z, r = gates[:, :width], gates[:, width:]
    k = np.tanh(x[:, 2 * width :] + (r * h) @ u[:, 2 * width :])
    return _Step(h, z, r, k), h + z * (k - h)


def loss_and_gradient(
    model: Recurrent, labelled: Labelled, decay: float = DECAY
) -> tuple[float, Recurrent]:
    """Returns the mean logistic loss, with decay/2 times the sum of squares, and its gradient.

    Args:
        model: The model.
        labelled: Labelled records of one size.
        decay: The weight of the squares.

    Returns:
        The loss, and its gradient by all numbers of the model, in the form of a model.

    Example:
        A model whose numbers are all 0 gives even odds; its loss is ln 2:

        >>> drawn = draw_recurrent(4, 2, np.random.default_rng(0))
        >>> blank = from_vector(0 * to_vector(drawn), drawn)
        >>> one = Labelled(np.zeros((1, 1, 1), dtype=np.uint8), np.array([True]))
        >>> loss, gradient = loss_and_gradient(blank, one)
        >>> round(loss, 4), gradient.offset.round(4).tolist()
        (0.6931, [-0.5])
    """
    questions, shots, qubits = labelled.symbols.shape
    rows, width = labelled.symbols.reshape(-1, qubits), model.head.size
    inputs, u = _inputs(model), model.recurrent
    h: Reals = np.zeros((rows.shape[0], width))
    steps = []
    for column in rows.T:
        step, h = _cell(model, inputs[column], h)
        steps.append(step)
    score = (h @ model.head).reshape(questions, shots).mean(axis=1)
    loss, pressed = cross_entropy(score + model.offset, labelled.hidden)
    of_shots = np.repeat(pressed / (questions * shots), shots)

    to_h = of_shots[:, None] * model.head
    to_inputs, to_u = np.zeros_like(inputs), np.zeros_like(u)
    for column, s in zip(rows.T[::-1], reversed(steps), strict=True):
        # Of the sums inside the gates z, r and k.
        inside = np.empty((rows.shape[0], 3 * width))
        to_k = inside[:, 2 * width :]
        to_k[...] = to_h * s.z * (1 - s.k**2)
        reset = to_k @ u[:, 2 * width :].T
        inside[:, :width] = to_h * (s.k - s.before) * s.z * (1 - s.z)
        inside[:, width : 2 * width] = reset * s.before * s.r * (1 - s.r)
        gates = inside[:, : 2 * width]
        to_u[:, : 2 * width] += s.before.T @ gates
        to_u[:, 2 * width :] += (s.r * s.before).T @ to_k
        to_inputs += (column == np.arange(len(inputs))[:, None]).astype(float) @ inside
        to_h = to_h * (1 - s.z) + reset * s.r + gates @ u[:, : 2 * width].T

    by_letter = to_inputs.reshape(LETTERS, -1, 3 * width)
    gradient = Recurrent(
        by_letter.sum(axis=1),
        by_letter.sum(axis=0),
        to_inputs.sum(axis=0),
        to_u,
        h.T @ of_shots,
        np.array([pressed.sum() / questions]),
    )
    numbers = to_vector(model)
    loss = loss / questions + decay / 2 * float(numbers @ numbers)
    return loss, from_vector(to_vector(gradient) + decay * numbers, model)


def fit_recurrent(
    sets: Sequence[Labelled],
    kinds: int,
    seed: int | np.random.Generator,
    width: int = WIDTH,
    steps: int = STEPS,
    last_steps: int = LAST_STEPS,
) -> Recurrent:
    """Learns from labelled records by Adam, smallest systems first.

    Half of the steps take the largest size so far, the others a random one up to it.

    Args:
        sets: Labelled records of 1, 2, … qubits, in order.
        kinds: The number of outcomes of one qubit.
        seed: The source of the numbers at the beginning and of the batches.
        width: H.
        steps: Steps for each size but the last.
        last_steps: Steps for the last size.

    Example:
        The symbol 0 always goes with the hidden string, the symbol 1 never:

        >>> symbols = np.array([0, 1] * 8, dtype=np.uint8).reshape(16, 1, 1)
        >>> labelled = Labelled(symbols, symbols[:, 0, 0] == 0)
        >>> model = fit_recurrent([labelled], 4, seed=1, width=2, last_steps=60)
        >>> odds = model.log_odds(symbols[:2], np.array([1]))
        >>> bool(odds[0, 0] > 0 > odds[1, 0])
        True
    """
    rng = np.random.default_rng(seed)
    model = draw_recurrent(kinds, width, rng)
    numbers = to_vector(model)
    first, second = np.zeros((2, numbers.size))
    done = 0
    for largest in range(len(sets)):
        last = largest == len(sets) - 1
        here = last_steps if last else steps
        for step in range(here):
            chosen = sets[largest if rng.random() < 0.5 else int(rng.integers(largest + 1))]
            batch = rng.integers(chosen.hidden.size, size=BATCH)
            _, slope = loss_and_gradient(
                model, Labelled(chosen.symbols[batch], chosen.hidden[batch])
            )
            gradient = to_vector(slope)
            gradient *= min(1.0, _LONGEST_GRADIENT / float(np.linalg.norm(gradient)))
            done += 1
            first += (1 - _BETAS[0]) * (gradient - first)
            second += (1 - _BETAS[1]) * (gradient**2 - second)
            mean, square = first / (1 - _BETAS[0] ** done), second / (1 - _BETAS[1] ** done)
            size = STEP_SIZE * (1 - step / here if last else 1)
            numbers = numbers - size * mean / (np.sqrt(square) + _EPSILON)
            model = from_vector(numbers, model)
    return model
