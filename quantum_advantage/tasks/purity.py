"""Is an unknown state pure or maximally mixed? With and without a quantum memory.

Source: Aharonov, Cotler, Qi, Nature Communications 13, 887 (2022), and Chen, Cotler, Huang, Li,
arXiv 2111.05881, for the separation; constants in ``bounds.haar_states``. Nature tosses a fair
coin: the system is a Haar-random pure state ψ, fresh for every trial, or I/d. The learner measures
copies and says which. With the options q = ``mixing`` and λ = ``depolarize`` the first kind is
(1 - q) ψ + q I/d, every qubit of which has passed the channel (1 - λ) ρ + λ I/2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.bounds.haar_states import copies_to_test_purity, largest_purity_accuracy
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.stabiliser import MOST_QUBITS
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.systems.random_states import random_states
from quantum_advantage.tasks.protocol import Bound, Chosen, Limits, Option, Protocol
from quantum_advantage.tasks.shared.assumptions import (
    ANYBODY,
    COUNTED,
    INDEPENDENT,
    haar_random,
    if_haar_random,
)
from quantum_advantage.tasks.shared.haar import (
    LIMITS,
    HaarTask,
    Integers,
)
from quantum_advantage.tasks.shared.purity_measurements import (
    Collisions,
    PauliBases,
    SingletParity,
    UnbiasedCollisions,
)


def noisy_purity(qubits: int, mixing: float = 0.0, depolarize: float = 0.0) -> float:
    """Returns the mean purity of (1 - q) ψ + q I/d under local depolarising noise.

    Source: derived here. Haar-random ψ have E tr(P ψ)² = 1/(d + 1) for every string P but the
    identity. The channel multiplies tr(P ρ) by (1 - λ)^w for weight w, the mixing by 1 - q. The
    purity is 2⁻ⁿ Σ_P tr(P ρ)², and Σ_P (1 - λ)^{2w} = (1 + 3 (1 - λ)²)ⁿ, so it is
    2⁻ⁿ [1 + (1 - q)² ((1 + 3 (1 - λ)²)ⁿ - 1)/(2ⁿ + 1)].

    Args:
        qubits: The number n of qubits.
        mixing: q, the share of I/d.
        depolarize: λ of (1 - λ) ρ + λ I/2 on every qubit.

    Raises:
        UsageError: If q or λ does not lie in [0, 1].

    Example:
        >>> noisy_purity(10), noisy_purity(10, mixing=1.0) == 2**-10  # pure, and maximally mixed
        (1.0, True)
        >>> round(noisy_purity(1, depolarize=0.1), 3)  # (1 + 0.9²)/2
        0.905
    """
    if not (0 <= mixing <= 1 and 0 <= depolarize <= 1):
        raise UsageError(f"mixing and depolarize must lie in [0, 1], not {mixing}, {depolarize}")
    spread = (1 + 3 * (1 - depolarize) ** 2) ** qubits - 1
    return float((1 + (1 - mixing) ** 2 * spread / (2**qubits + 1)) / 2**qubits)


class Purity(HaarTask):
    """The task ``purity``: a random pure state, perhaps with noise, or the maximally mixed one.

    Example:
        >>> task = Purity("purity:mixing=0.1")
        >>> [round(mean, 3) for mean in task.means(2)]  # I/d, and 0.9 ψ + 0.1 I/d
        [0.25, 0.858]
        >>> round(task.bound("collisions", 20, 0.7))  # close to 2^(n/2)
        1036
    """

    NAME: ClassVar[str] = "purity"
    BEST_CONVENTIONAL: ClassVar[str | None] = "collisions"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {"mixing": 0.0, "depolarize": 0.0}
    NOISE: ClassVar[tuple[str, ...]] = ("mixing", "depolarize")

    def _noise(self) -> dict[str, float]:
        return {key: float(value) for key, value in self.options.items()}

    def means(self, qubits: int) -> tuple[float, float]:
        """Returns the purity of I/d, and the mean purity of the other kind."""
        return 2.0**-qubits, noisy_purity(qubits, **self._noise())

    def describe(self) -> Iterable[Protocol]:
        """Returns all protocols of the task."""

        def signal(n: int) -> float:
            null, other = self.means(n)
            return other - null

        ideal = not any(self.options.values())
        yield Protocol(
            "bell",
            "Two copies in the Bell basis. The parity of the singlets (11) is the SWAP\n"
            "eigenvalue, with mean tr(ρ²): 1 for a pure state, 2^-n for I/d.\n"
            "Answer: the larger likelihood; one odd parity excludes a pure state.",
            copies_per_shot=2,
            measurement=lambda o, n: SingletParity(self.means(n)),
            exact=lambda o, n: SingletParity(self.means(n)).exact_scores,
            limits=LIMITS,
            guess=lambda n: 1 + 1.1 / signal(n) ** 2,
        )
        yield Protocol(
            "collisions",
            "One copy in the computational basis. Answer: the larger likelihood,\n"
            "Σ_b ln n_b! - Σ_(j<T) ln(1 + j/2^n) for n_b outcomes b among T copies.",
            copies_per_shot=1,
            measurement=lambda o, n: Collisions(n),
            exact=(lambda o, n: Collisions(n).exact_scores) if ideal else None,
            limits=LIMITS,
            bounded=True,
            guess=lambda n: 1.8 * 2 ** (n / 2) / signal(n),
        )
        yield Protocol(
            "mutually_unbiased",
            "One copy in one of bases=K unbiased bases in turn, drawn for every system.\n"
            "Answer: the sum over the bases of the log-likelihood ratio of their outcomes.",
            copies_per_shot=1,
            measurement=lambda o, n: UnbiasedCollisions(n, o["bases"]),
            limits=Limits(circuit_qubits=MOST_QUBITS),
            options={"bases": Option(3, least=1)},
            bounded=True,
            guess=lambda n: 3.1 * 2 ** (n / 2) / signal(n),
        )
        yield Protocol(
            "randomized_measurements",
            "One copy in a random Pauli basis, each basis times=K times in a row. Estimate:\n"
            "the mean of 2^n (-2)^(-D) over pairs of one basis at Hamming distance D.\n"
            "Answer: pure where it exceeds the middle of both purities.",
            copies_per_shot=1,
            measurement=lambda o, n: PauliBases(n, self.means(n), o["times"]),
            limits=LIMITS,
            options={
                "times": Option(0, least=1, choose=lambda n, target: max(2, round(2 ** (0.75 * n))))
            },
            bounded=True,
            guess=lambda n: 3 * 2 ** (0.75 * n) / signal(n),
        )
        yield Protocol(
            "local_pauli",
            "One copy in a fresh random Pauli basis (classical shadows). Estimate: the mean\n"
            "over all pairs of the product over qubits of 5 (same basis and bit), -4 (same\n"
            "basis, other bit) or 1/2 (other basis).\n"
            "Answer: pure where it exceeds the middle of both purities.",
            copies_per_shot=1,
            measurement=lambda o, n: PauliBases(n, self.means(n)),
            limits=LIMITS,
            bounded=True,
            guess=lambda n: 1.5 * 2.65**n / signal(n),
        )

    def prepare(
        self, truth: Integers, qubits: int, nature: np.random.Generator, copies: np.random.Generator
    ) -> Preparation:
        """Draws a fresh state for every trial: I/d where the truth is 0."""
        mixing: npt.NDArray[np.float64] = np.where(truth == 1, self._noise()["mixing"], 1.0)
        return random_states(qubits, mixing, nature, copies, self._noise()["depolarize"])

    def bound_in(self, chosen: Chosen) -> Bound:
        """Returns what any conventional learner can reach, if states are Haar-random.

        It is proven for pure states; noise and mixing can be added by the learner, so it holds for
        them all the more.
        """
        return Bound(
            partial(largest_purity_accuracy, qubits=chosen.qubits),
            partial(copies_to_test_purity, qubits=chosen.qubits),
            "copies",
            ANYBODY,
            if_haar_random("states"),
            "Haar-random pure states, any adaptive learner",
            "quantum_advantage.bounds.haar_states, setting 'purity', derived there",
            (
                "a fair secret coin chose a Haar-random pure state, drawn anew for each game, or "
                "the maximally mixed state (noise that the task adds to copies only makes it "
                "harder)",
                INDEPENDENT,
                COUNTED,
            ),
            haar_random("states"),
        )
