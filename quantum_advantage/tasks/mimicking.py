"""The signs of all Pauli strings of an unknown state, from Bell measurements and a mimicking state.

Source: King, Gosset, Kothari and Babbush, arXiv 2404.19211; see
:mod:`quantum_advantage.inference.bell.mimicking`. A shot uses three copies of the unknown ρ: two in
a Bell measurement of ρ ⊗ ρ, and later one in a Bell measurement of ρ ⊗ σ, with a known state σ that
is chosen after all of the former. For each record of T shots:

``right``: the share of the large strings, |tr(P ρ)| ≥ ε, whose sign is right; the truth is 1.

``mimicked``: the share of the large strings with |tr(P σ)| ≥ ε/2; the truth is 1.

``largest``: the largest error of tr(P ρ) over all 4ⁿ strings; the truth is 0.

The stated errors are those of the posterior of all signs, if the sizes are right: the standard
deviation of the share, 0, and the largest standard deviation of a string.

ε = 0.34, and a share of 0.9 as what counts as success, are a threshold and the criterion in the
programs of Tran and Kueng's empirical study (arXiv 2508.11744; VietTralala/123-triply-eff, commit
0f2f153) of GHZ states and random Gibbs states of up to seven qubits. These give the construction of
σ the exact signs of ρ (``sign_oracle_vec``); here its squares are all that is used.

There are no circuits: outcomes are drawn from their exact distribution, for σ is a mixture without
structure, whose preparation would say nothing of the method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli_matrices import all_means
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.mimicking import mimicking_state, signed_means
from quantum_advantage.inference.bell.spectrum import outcome_chances, sign_sums
from quantum_advantage.systems.mixed_states import KINDS, haar_random
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source
from quantum_advantage.tasks.protocol import Chosen, Limits, Protocol
from quantum_advantage.tasks.shared.seeds import Seeds

Floats = npt.NDArray[np.float64]

QUANTITIES = ("right", "mimicked", "largest")
MOST_QUBITS = 7
# Chances are whole multiples of it.
_UNIT = 2.0**-40
_TINY = 1e-300
_LIMITS = Limits(least_qubits=2, exact_qubits=MOST_QUBITS)
_ABOUT = (
    "\nTwo copies in the Bell basis: the squares tr(P ρ)² of all strings. Then one copy and one of "
    "σ:\ntr(P ρ) tr(P σ) of all strings, which have the signs. Three copies of ρ are a shot."
)


class Mimicking(EstimatingTask):
    """The task ``mimicking``: squares, a known state, signs.

    Example:
        >>> from quantum_advantage.tasks.base import FromLaw
        >>> seeds = Seeds(*np.random.SeedSequence(1).spawn(4))
        >>> task = Mimicking("mimicking:state=ising")
        >>> answers = task.play("mimicking_state", 3, np.array([1000]), 1, 0, seeds, FromLaw())
        >>> {row.quantity: round(row.value, 1) for row in answers.rows}
        {'right': 1.0, 'mimicked': 1.0, 'largest': 0.1}
    """

    NAME: ClassVar[str] = "mimicking"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {"epsilon": 0.34, "state": "haar"}
    HAS_CIRCUITS: ClassVar[bool] = False

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            UsageError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self.epsilon, self.state = float(self.options["epsilon"]), str(self.options["state"])
        if self.state not in KINDS:
            raise UsageError(f"state of {text!r} must be one of {', '.join(KINDS)}")
        if not 0 < self.epsilon < 0.8:
            raise UsageError(f"epsilon of {text!r} must lie in (0, 0.8), not {self.epsilon}")

    def describe(self) -> Iterable[Protocol]:
        """Returns both protocols of the task."""
        yield Protocol(
            "mimicking_state",
            "σ is fitted to the squares: it mimics ρ, up to signs." + _ABOUT,
            copies_per_shot=3,
            measurement=lambda o, n: _fitted,
            exact=lambda o, n: _fitted,
            limits=_LIMITS,
        )
        yield Protocol(
            "random_reference",
            "A control: σ is a Haar-random pure state, with |tr(P σ)| of the order 2^(-n/2) for "
            "all strings." + _ABOUT,
            copies_per_shot=3,
            measurement=lambda o, n: _random,
            exact=lambda o, n: _random,
            limits=_LIMITS,
        )

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns the names of the two shares and of the error."""
        return QUANTITIES

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long a record takes: the fit of σ, if there is one."""
        return 0.005 * 2.5**qubits if protocol == "mimicking_state" else 0.001

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws states, measures both records of each and estimates all strings."""
        nature, copies, learner = seeds.generators()
        values = np.empty((systems, len(QUANTITIES)))
        errors = np.zeros_like(values)
        for system in range(systems):
            means, large = self._draw(chosen.qubits, nature)
            squares = _mean_signs(means**2, shots, copies)
            known, sizes = chosen.exact()(squares, learner)
            products = _mean_signs(means * known, shots, copies)
            found = signed_means(sizes, products, known, shots)
            found[0] = 1.0
            values[system] = (
                # Where the signs of the outcomes are balanced a coin says which it is.
                (1 + np.sign(products * known * means)[large].mean()) / 2,
                (np.abs(known) >= self.epsilon / 2)[large].mean(),
                np.abs(found - means).max(),
            )
            deviations = np.sqrt(np.maximum(sizes**2 - found**2, 0.0))[1:]
            # A sign is right with the chance p = (1 + |found|/size)/2, of variance p (1 - p).
            surety = np.abs(found[large]) / np.maximum(sizes[large], _TINY)
            errors[system, 0] = np.sqrt(((1 - surety**2) / 4).sum()) / large.sum()
            errors[system, 2] = deviations.max()
        truths = np.broadcast_to([1.0, 1.0, 0.0], values.shape)
        return Estimated(values, errors, truths)

    def _draw(
        self, qubits: int, nature: np.random.Generator
    ) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Draws a state that has large strings; returns all means, and which of them are large."""
        while True:
            means = all_means(KINDS[self.state](qubits, nature))
            large = np.abs(means) >= self.epsilon
            large[0] = False
            if large.any():
                return means, large


def _mean_signs(products: Floats, shots: int, rng: np.random.Generator) -> Floats:
    """Returns the mean signs of all strings over Bell outcomes, drawn from their distribution."""
    # In whole units, so that rounding does not decide whether an impossible outcome is drawn for.
    units = np.rint(outcome_chances(products) / _UNIT)
    qubits = (products.size.bit_length() - 1) // 2
    return sign_sums(rng.multinomial(shots, units / units.sum()), qubits) / shots


def _fitted(squares: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Returns tr(P σ) of a mimicking state, and |tr(P σ)| for the sizes."""
    known = all_means(mimicking_state(squares, rng))
    return known, np.abs(known)


def _random(squares: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Returns tr(P σ) of a random state, and the roots of the squares for the sizes."""
    qubits = (squares.size.bit_length() - 1) // 2
    return all_means(haar_random(qubits, rng)), np.sqrt(np.maximum(squares, 0.0))
