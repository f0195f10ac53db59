"""The uses that noisy Bell pairs will need, from the damping of the pairs.

Derived here. Let every pair be prepared and measured with noise of its own, and let E be the error
that the channel drew. The mean of the sign that is read for the letter Q of a pair is a function
g(E) of the letter E. Over uniform letters g splits into its mean, an offset, and into the part
f = mean of (-1)^⟨Q,E⟩ g(E), the *damping*; for the hidden channel the whole string has the mean
∏ offset + s α ∏ f. Twirled readout leaves next to no offset, and what is left of it is multiplied
over all pairs. So the sign of the hidden string has the mean s α ∏ f over its letters, and signs of
other strings are coins: the accuracy is that of :func:`.exact.pairs_accuracy`, averaged over
random strings.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.values import open_interval
from quantum_advantage.measurements.bell import SYSTEM, bell_signs
from quantum_advantage.systems.pauli_channels import PauliErrors
from quantum_advantage.tasks.observables.forecast import shots_for, signal_distribution
from quantum_advantage.tasks.pauli_channel.exact import pairs_accuracy
from quantum_advantage.tasks.pauli_channel.inputs import ANCILLAS, Ancillas, request_uses
from quantum_advantage.tasks.shared.calibration import KnowsLaws

Floats = npt.NDArray[np.float64]


def channel_damping(sampler: KnowsLaws, qubits: int) -> Floats:
    """Returns the factors by which noise damps signs that Bell pairs show of a channel, exactly.

    Args:
        sampler: A simulator, or a virtual processor.
        qubits: The number n of pairs.

    Returns:
        (qubits, 4) factors of I, X, Y, Z on each pair.

    Example:
        A readout that flips 5 % of the bits damps X and Z, each one bit, by 0.9 and Y by 0.81:

        >>> from quantum_advantage.backends.opening import open_backend
        >>> channel_damping(open_backend("qsim:readout=0.05").make(1), 1).round(3).tolist()
        [[1.0, 0.9, 0.81, 0.9]]
    """
    every = np.tile(np.arange(4, dtype=np.uint8)[:, None], qubits)
    rng = np.random.default_rng(0)
    uniform = PauliErrors(every[1:], np.full(3, 0.25), rng)
    request = request_uses(Ancillas(qubits), uniform, 4, rng)
    table = tuple(np.ascontiguousarray(column) for column in every.T)
    chances = sampler.pair_laws(replace(request, table=table), SYSTEM, ANCILLAS)
    # Letters down, outcomes (a, b) across, relative to the outcome 0: the letter Z^a X^b.
    signs = (bell_signs() * bell_signs()[:, :1]).reshape(4, 2, 2)
    read = np.einsum("epab,lab->epl", chances, signs)
    # Of the letters E = I, X, Y, Z, whose outcomes are (0, 0), (0, 1), (1, 1), (1, 0).
    characters = signs[:, [0, 0, 1, 1], [0, 1, 1, 0]]
    return np.asarray(np.einsum("epl,le->pl", read, characters) / 4)


def averaged_pairs_accuracy(uses: int, damping: Floats, alpha: float) -> float:
    """Returns the accuracy of the game ``two`` after so many uses, over all hidden strings.

    Args:
        uses: T.
        damping: (qubits, 4) factors of I, X, Y, Z on each pair.
        alpha: The signal α.

    Raises:
        UsageError: If the factors have another shape, or α does not lie in (0, 1].

    Example:
        >>> round(averaged_pairs_accuracy(2, np.ones((5, 4)), alpha=0.9), 4)
        0.7025
    """
    values, weights = _signals(damping, alpha)
    return float(pairs_accuracy(uses, values) @ weights)


def pairs_uses(target: float, damping: Floats, alpha: float) -> float:
    """Returns the uses that Bell pairs need under noise: the forecast of an experiment.

    Args:
        target: The accuracy, in (1/2, 1).
        damping: (qubits, 4) factors of I, X, Y, Z on each pair.
        alpha: The signal α.

    Returns:
        Uses, linear between whole ones; infinite if even 2⁶⁰ miss the target.

    Raises:
        UsageError: If the target does not lie in (1/2, 1), the factors have another shape, or α
            does not lie in (0, 1].

    Example:
        >>> round(pairs_uses(0.7, np.ones((5, 4)), alpha=0.9), 2)
        1.99
        >>> pairs_uses(0.7, np.array([[1.0, 0.9, 0.8, 0.9]] * 5), alpha=0.9) > 4
        True
    """
    target = open_interval("target", target, 0.5, 1)
    values, weights = _signals(damping, alpha)
    return shots_for(target, lambda uses: float(pairs_accuracy(uses, values) @ weights))


def _signals(damping: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Returns the distribution of α ∏ f, which is that of two copies of states with √α for α."""
    return signal_distribution(damping, math.sqrt(alpha))
