"""A Bell experiment on two copies, rescaled by what was learned about its layers.

Two copies of a state are made by the same layers, one on the systems and one on the memories. The
mean sign of a string Q is then tr(Q ρ)² B_Q λ(Q_1) … λ(Q_d): B_Q is the damping of preparation and
measurement, Q_1 … Q_d = Q are the strings behind the CZ gates of the layers. The eigenvalues are
those of the same strings on Bell pairs, for both meet the same letters on systems and memories. So
the square is the mean sign divided by the learned product, without bias but for two things: λ that
are learned in products alone, and the change of preparation errors with the support of a string.

An estimate that is divided by f has 1/f times the error, and takes 1/f² times the copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.characterise.blocks import Block
from quantum_advantage.characterise.characterisation import Characterisation
from quantum_advantage.characterise.layers import (
    LAYERS,
    STRINGS,
    Layer,
    PairString,
    after_layer,
)
from quantum_advantage.characterise.learnable import learnable
from quantum_advantage.characterise.requests import (
    Preparing,
    layered_request,
    mean_signs,
    plus_states,
)
from quantum_advantage.circuits.request import DialSampler
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import seed_of
from quantum_advantage.inference.bell.decays import setting_means

Floats = npt.NDArray[np.float64]

_NUMBERS = np.arange(STRINGS)
_X, _Z = (np.stack([_NUMBERS >> s & 1, _NUMBERS >> s + 1 & 1]) for s in (0, 2))
# On two equal copies Y⊗Y has the sign that Φ⁺ gives it, -1, times that of its outcomes.
_SIGNS = 1.0 - 2.0 * ((_X & _Z).sum(axis=0) & 1)


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates with standard errors.

    Attributes:
        values: (blocks, 16) one for each block and string, in the order of the strings' numbers.
        errors: (blocks, 16) their standard errors.

    Example:
        >>> one = Estimates(np.ones((1, 16)), np.full((1, 16), 0.01))
        >>> one.values.shape
        (1, 16)
    """

    values: Floats
    errors: Floats


def measure_squares(
    sampler: cirq.Sampler | DialSampler,
    blocks: Sequence[Block],
    layer: Layer,
    depth: int,
    settings: int,
    shots: int,
    seed: int | np.random.Generator,
    prepare: Preparing = plus_states,
) -> Estimates:
    """Runs a Bell experiment: two copies, made by layers, and the mean signs of their strings.

    Args:
        sampler: Where the circuits run.
        blocks: The blocks; systems and memories hold a copy each.
        layer: The layer.
        depth: The number of layers.
        settings: Choices of random Pauli gates.
        shots: Shots of each setting.
        seed: Draws the settings.
        prepare: What is done to a block at first, the same to both copies.

    Returns:
        The mean signs: the squares tr(Q ρ)² without any noise.

    Raises:
        UsageError: If the sampler refuses the circuit.

    Example:
        Three CZ gates on |+⟩|+⟩ leave a graph state, which XZ, ZX and YY stabilise:

        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.characterise.layers import LAYERS, string_text
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> sampler, blocks = open_backend("qsim").make(1), [Block((a, b), (c, d))]
        >>> found = measure_squares(sampler, blocks, LAYERS["cz_both"], 3, 10, 400, seed=1)
        >>> [string_text(s) for s in np.flatnonzero(found.values[0] > 0.9)]
        ['II', 'ZX', 'XZ', 'YY']
    """
    rng = np.random.default_rng(seed_of(seed))
    asked = layered_request(blocks, layer, False, depth, settings, shots, rng, prepare)
    (record,) = run([asked.request], sampler)
    values, errors = setting_means(mean_signs(asked, record), shots)
    return Estimates(values * _SIGNS, errors)


def measure_damping(
    sampler: cirq.Sampler | DialSampler,
    blocks: Sequence[Block],
    settings: int,
    shots: int,
    seed: int | np.random.Generator,
) -> Estimates:
    """Measures how preparation and Bell measurement damp every string, without any layer.

    All qubits are eigenstates of X, then of Y, then of Z. The damping of a string is the product of
    those of its letters on the two pairs.

    Args:
        sampler: Where the circuits run.
        blocks: The blocks.
        settings: Choices of random Pauli gates in each of three circuits.
        shots: Shots of each setting.
        seed: Draws the settings.

    Raises:
        UsageError: If the sampler refuses a circuit.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> sampler = open_backend("qsim").make(1)
        >>> bool((measure_damping(sampler, [Block((a, b), (c, d))], 2, 20, 1).values == 1).all())
        True
    """
    rng = np.random.default_rng(seed_of(seed))
    still = LAYERS["wait"]
    # The damping and its relative variance of I, X, Z, Y on each pair, (blocks, 2, 4).
    factors, variances = np.ones((len(blocks), 2, 4)), np.zeros((len(blocks), 2, 4))
    for letter, gate in ((1, cirq.H), (2, cirq.I), (3, cirq.X**-0.5)):
        prepare = partial(_on_all, gate)
        asked = layered_request(blocks, still, False, 0, settings, shots, rng, prepare)
        (record,) = run([asked.request], sampler)
        values, errors = setting_means(mean_signs(asked, record), shots)
        for pair in (0, 1):
            string = (letter & 1) << pair | (letter >> 1) << pair + 2
            factors[:, pair, letter] = values[:, string] * _SIGNS[string]
            variances[:, pair, letter] = (errors[:, string] / values[:, string]) ** 2
    letters = _X + 2 * _Z
    values = factors[:, 0, letters[0]] * factors[:, 1, letters[1]]
    relative = variances[:, 0, letters[0]] + variances[:, 1, letters[1]]
    return Estimates(values, np.abs(values) * np.sqrt(relative))


def layers_damping(learned: Characterisation, depth: int) -> Estimates:
    """Returns by what factor a number of layers damps every string of a Bell experiment.

    Args:
        learned: What was learned about the layer.
        depth: The number of layers.

    Returns:
        The product of the eigenvalues of the strings behind the CZ gates of the layers, the last of
        them the string that is measured. Its errors are upper limits, see ``Learnable.products``.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.characterise.characterisation import characterise
        >>> from quantum_advantage.characterise.layers import LAYERS
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> qsim, block = open_backend("qsim").make(1), Block((a, b), (c, d))
        >>> learned = characterise(qsim, [block], LAYERS["cz_both"], (0, 2), 3, 40, seed=2)
        >>> bool(np.allclose(layers_damping(learned, 5).values, 1))
        True
    """
    known = learnable(learned.layer)
    place = {string: i for i, string in enumerate(known.strings)}
    counts = np.zeros((STRINGS, len(known.strings)))
    for string in range(1, STRINGS):
        sides = (string, string)
        for _ in range(depth):
            counts[string, place[PairString(*sides)]] += 1
            # CZ is its own inverse.
            one, other = (
                after_layer(s, on, turned=False)
                for s, on in zip(sides, learned.layer.coupled, strict=True)
            )
            sides = (one, other)
    values, errors = known.products(counts, learned.decays)
    return Estimates(values.T, errors.T)


def rescale(seen: Estimates, *dampings: Estimates) -> Estimates:
    """Divides mean signs by dampings.

    Args:
        seen: The mean signs.
        dampings: What damped them, learned independently of each other.

    Returns:
        The squares, with the errors of the dampings in theirs.

    Raises:
        UsageError: If a damping is not above 0.

    Example:
        >>> half, exact = np.full((1, 16), 0.5), np.zeros((1, 16))
        >>> found = rescale(Estimates(half, exact + 0.01), Estimates(half, exact))
        >>> found.values[0, 1].item(), found.errors[0, 1].item()
        (1.0, 0.02)
    """
    factor = np.prod([one.values for one in dampings], axis=0)
    if not np.all(factor > 0):
        raise UsageError("dampings must be above 0: a string without any signal is not rescaled")
    relative = np.sum([(one.errors / one.values) ** 2 for one in dampings], axis=0)
    values = seen.values / factor
    return Estimates(values, np.sqrt((seen.errors / factor) ** 2 + values**2 * relative))


def _on_all(gate: cirq.Gate, block: Block) -> list[cirq.Operation]:
    return [gate(q) for q in (*block.systems, *block.memories)]
