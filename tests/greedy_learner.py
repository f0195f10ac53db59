"""An adaptive learner with unlimited computing, on few qubits: greedy information gain.

It keeps the exact posterior over all strings and both signs, measures every copy in the stabiliser
basis, of all there are, that is expected to tell most about them, and answers with the larger
posterior. A conventional learner as the bound allows it: adaptive, and with all the computing that
it wants. Simulated from the exact outcome probabilities, as no circuit has to be drawn for it.
"""

from __future__ import annotations

import functools

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.hidden_pauli.likelihoods import TIE
from quantum_advantage.tasks.observables.games import ObservablesTask, draw_games

Floats = npt.NDArray[np.float64]

# 135 bases; 2295 with one qubit more.
MOST_QUBITS = 3
GAMES_AT_ONCE = 500


@functools.cache
def stabiliser_expectations(qubits: int) -> Floats:
    """Returns ⟨φ|P|φ⟩ for all states φ of all stabiliser bases and all strings P but the identity.

    Every basis is the common eigenbasis of a maximal set of commuting strings: the eigenvectors of
    a sum of them with generic coefficients.

    Args:
        qubits: The number n of qubits, 1 to 3.

    Returns:
        (bases, 2ⁿ, 4ⁿ - 1) values in {-1, 0, 1}; ∏(2ᵏ + 1), k = 1 … n, bases. The place of a string
        is Σ letter_i 4^(n-1-i) - 1.

    Raises:
        ValueError: If there are too many bases.
    """
    if not 1 <= qubits <= MOST_QUBITS:
        raise UsageError(f"qubits must lie between 1 and {MOST_QUBITS}, not {qubits}")
    letters = np.array(np.unravel_index(np.arange(4**qubits), (4,) * qubits), dtype=np.uint8).T
    matrices = np.array([cirq.unitary(cirq.DensePauliString(row)) for row in letters])
    products = np.einsum("iab,jbc->ijac", matrices, matrices)
    commute = np.isclose(products, products.swapaxes(0, 1)).all(axis=(2, 3))
    overlaps = np.abs(np.einsum("ijab,kba->ijk", products, matrices))
    product = overlaps.argmax(axis=2)
    groups = {frozenset({0})}
    for _ in range(qubits):
        groups = {
            group | {int(product[new, old]) for old in group}
            for group in groups
            for new in range(4**qubits)
            if new not in group and commute[new, list(group)].all()
        }
    rng = np.random.default_rng(0)
    bases = []
    for group in sorted(map(sorted, groups)):
        generic = np.tensordot(rng.standard_normal(len(group)), matrices[group], axes=1)
        _, states = np.linalg.eigh(generic)
        values = np.einsum("ao,pab,bo->op", states.conj(), matrices[1:], states)
        bases.append(np.rint(values.real))
    return np.array(bases)


def greedy_right(
    qubits: int, copies: int, trials: int, alpha: float, seed: int | np.random.Generator
) -> npt.NDArray[np.int64]:
    """Plays the game ``two`` greedily and returns which games are won after each copy.

    Args:
        qubits: The number n of qubits, 1 to 3.
        copies: T, the copies of each system.
        trials: The number of games.
        alpha: The signal α.
        seed: The source of randomness.

    Returns:
        (trials, copies) 1 for a right answer after 1 … T copies.
    """
    rng = np.random.default_rng(seed)
    games = draw_games(ObservablesTask(alpha), "hidden", qubits, trials, rng, rng)
    places = games.candidates @ 4 ** np.arange(qubits)[::-1] - 1
    parts = [
        _greedy(places[rows], games.truth[rows], games.means[rows], copies, alpha, qubits, rng)
        for rows in (slice(k, k + GAMES_AT_ONCE) for k in range(0, trials, GAMES_AT_ONCE))
    ]
    return np.concatenate(parts)


def _greedy(
    places: npt.NDArray[np.int64],
    truth: npt.NDArray[np.int64],
    means: Floats,
    copies: int,
    alpha: float,
    qubits: int,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    expectations = stabiliser_expectations(qubits)
    count, size, strings = expectations.shape
    held = np.abs(expectations[:, 0]).T
    # What a copy tells of a string that its basis holds, in nats.
    told = ((1 + alpha) * np.log1p(alpha) + (1 - alpha) * np.log1p(-alpha)) / 2
    each = np.arange(truth.size)
    hidden, signed = places[each, truth], means[each, truth]
    posterior = np.full((truth.size, 2, strings), 1 / (2 * strings))
    right = np.zeros((truth.size, copies), dtype=np.int64)
    flat = expectations.reshape(-1, strings).T
    for t in range(copies):
        lean = alpha * (posterior[:, 0] - posterior[:, 1]) @ flat
        chances = ((1 + lean) / size).reshape(truth.size, count, size)
        entropy = -(chances * np.log(chances)).sum(axis=2)
        gain = entropy + told * (posterior.sum(axis=1) @ held)
        best = gain >= gain.max(axis=1, keepdims=True) - TIE
        basis = np.argmax(np.where(best, rng.random(gain.shape), -1.0), axis=1)
        chances = (1 + signed[:, None] * expectations[basis, :, hidden]) / size
        outcome = (rng.random((truth.size, 1)) > np.cumsum(chances, axis=1)).sum(axis=1)
        seen = alpha * expectations[basis, np.minimum(outcome, size - 1)]
        posterior = posterior * np.stack([1 + seen, 1 - seen], axis=1)
        posterior /= posterior.sum(axis=(1, 2), keepdims=True)
        of_strings = np.log(posterior.sum(axis=1))
        first, second = (of_strings[each, places[:, c]] for c in (0, 1))
        coin = rng.integers(0, 2, truth.size)
        answer = np.where(np.abs(first - second) <= TIE, coin, second > first)
        right[:, t] = answer == truth
    return right
