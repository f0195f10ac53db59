"""Measurements of evolutions that tell real ones from general ones, with the scores of outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.inference.haar.time_reversal import (
    averaged_weight_log_odds,
    hamming_weights,
    weight_log_odds,
)
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.systems.evolutions import Evolutions
from quantum_advantage.systems.haar_outcomes import conjugate_outcomes, urn_outcomes
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.reversal_outcomes import zero_chances
from quantum_advantage.tasks.shared.evolution_requests import (
    request_bell_uses,
    request_single_uses,
)
from quantum_advantage.tasks.shared.haar import (
    Floats,
    Integers,
    Outcomes,
    Prefixes,
    outcome_numbers,
)

Basis = Literal["Y", "Z"]
Score = Callable[[npt.NDArray[np.integer], npt.ArrayLike, int], Floats]


@dataclass(frozen=True)
class BellUses:
    """Two uses side by side on Bell pairs: a real U leaves every pair as it was.

    Attributes:
        qubits: The number n of qubits.
        tolerant: Whether the fidelity of the shots is unknown and they may be noisy; else one bit
            that is not 0 excludes a real U.
        use: Requests so many shots of two uses of every evolution.

    Example:
        One shot in which a bit is not 0 excludes a real evolution, unless shots may be noisy:

        >>> weights, five = np.array([[0, 0, 1, 0, 0]]), np.array([5])
        >>> bool(BellUses(4).scores((weights,), five)[0, 0] < -50)
        True
        >>> bool(BellUses(4, tolerant=True).scores((weights,), five)[0, 0] > 0)
        True
    """

    qubits: int
    tolerant: bool = False
    use: Callable[[Evolutions, int], Request] = request_bell_uses

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests Bell measurements after two uses."""
        return self.use(cast(Evolutions, preparation), shots)

    def read(self, record: Record, trials: int) -> Outcomes:
        """Reads the Hamming weight of every shot."""
        weights = hamming_weights(record.bits[SYSTEM], record.bits[MEMORY])
        return (weights.reshape(trials, -1),)

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns the log-likelihood ratio of the weights."""
        score = averaged_weight_log_odds if self.tolerant else weight_log_odds
        return score(outcomes[0], prefixes, self.qubits)

    def exact_scores(self, truth: Integers, prefixes: Prefixes, rng: np.random.Generator) -> Floats:
        """Draws the scores of noiseless shots: what counts is which of them are all 0.

        Args:
            truth: (trials,) 1 for a real evolution, 0 for a general one.
            prefixes: (prefixes,) increasing numbers of shots.
            rng: The randomness of the outcomes.

        Returns:
            (trials, prefixes) scores, positive in favour of a real evolution.
        """
        chances = np.ones(truth.size)
        general = truth == 0
        chances[general] = zero_chances(int(general.sum()), self.qubits, rng)
        other = rng.random((truth.size, int(prefixes[-1]))) >= chances[:, None]
        # Every weight other than 0 excludes a real U, so 1 stands for all of them.
        return self.scores((other.astype(np.int64),), prefixes)


@dataclass(frozen=True)
class SingleUses:
    """Single uses on |0…0⟩, all qubits measured in one basis.

    Attributes:
        qubits: The number n of qubits.
        basis: The basis of every qubit, Y or Z.
        score: The log-likelihood ratio of outcomes in favour of a real U.

    Example:
        For a real U an outcome and its complement are equally likely in the Y basis: 0b0110 and
        0b1001 in two shots speak for it.

        >>> from quantum_advantage.inference.haar.real_amplitudes import complement_log_ratio
        >>> uses = SingleUses(4, "Y", complement_log_ratio)
        >>> bool(uses.scores((np.array([[0b0110, 0b1001]]),), np.array([2]))[0, 0] > 0)
        True
    """

    qubits: int
    basis: Basis
    score: Score

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests single uses in the basis."""
        return request_single_uses(cast(Evolutions, preparation), shots, self.basis)

    def read(self, record: Record, trials: int) -> Outcomes:
        """Reads the outcomes as numbers."""
        return (outcome_numbers(record, trials),)

    def scores(self, outcomes: Outcomes, prefixes: Prefixes) -> Floats:
        """Returns the log-likelihood ratio of the outcomes."""
        return self.score(outcomes[0], prefixes, self.qubits)

    def exact_scores(self, truth: Integers, prefixes: Prefixes, rng: np.random.Generator) -> Floats:
        """Draws the scores: outcomes of real and of complex Haar-random states, by urns.

        Args:
            truth: (trials,) 1 for a real evolution, 0 for a general one.
            prefixes: (prefixes,) increasing numbers of shots.
            rng: The randomness of the outcomes.

        Returns:
            (trials, prefixes) scores, positive in favour of a real evolution.
        """
        shape = truth.size, int(prefixes[-1])
        general = urn_outcomes(*shape, 2**self.qubits, rng)
        if self.basis == "Y":
            real = conjugate_outcomes(*shape, self.qubits, rng)
        else:
            real = urn_outcomes(*shape, 2**self.qubits, rng, concentration=0.5)
        return self.scores((np.where(truth[:, None] == 1, real, general),), prefixes)
