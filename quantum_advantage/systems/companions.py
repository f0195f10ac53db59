"""An unknown star, alone or with a faint companion, one photon at a time.

A photon that is caught in 2ⁿ modes (pixels, apertures) is a state of n qubits, with the number of
the mode in binary (Khabiboulline, Borregaard, De Greve and Lukin, PRL 123, 070504 (2019)). A point
star is a pure state ψ₀. It is unknown because pointing and wavefront are. With a companion that
sends the share c of the light a photon is in ρ = (1 - c) ψ₀ + c ψ₁. A share q of the photons may be
background, equally likely in all modes: I/d.

Here ψ₀ = U|0…0⟩ with a brickwork circuit U that makes states look Haar-random
(:mod:`.random_states`). For a photon of the companion the first input qubit is turned to
o|0⟩ + √(1-o²)|1⟩, so that |⟨ψ₀|ψ₁⟩| = o: the rest of ψ₁ is as random as ψ₀.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.random_states import BrickworkStates, Columns


@dataclass(frozen=True, eq=False)
class CompanionStates:
    """Photons of stars with companions, one star for each system.

    Attributes:
        stars: The stars, without local noise; their mixing is the share q of background photons.
        share: c, the companion's share of the star's photons; 0 for a single star.
        overlap: o = |⟨ψ₀|ψ₁⟩|.

    Raises:
        UsageError: If ``share`` or ``overlap`` lies outside [0, 1], or the stars have local noise.

    Example:
        >>> from quantum_advantage.systems.random_states import random_states
        >>> stars = random_states(2, [0.0, 0.0], seed=1, copies=np.random.default_rng(2))
        >>> photons = CompanionStates(stars, share=0.1, overlap=0.6)
        >>> photons.systems, photons.qubits
        (2, 2)
        >>> photons.click_chances().round(3).tolist()  # c (1 - o²), for both stars
        [0.064, 0.064]
        >>> rho = photons.density_matrix(0)  # eigenvalues (1 ± √(1 - 4 c (1-c) (1-o²)))/2, 0, 0
        >>> np.abs(np.linalg.eigvalsh(rho)).round(3).tolist()
        [0.0, 0.0, 0.061, 0.939]
        >>> origin, *_ = photons.draw(1000, "")  # 2 · 1000 photons: is it the companion's?
        >>> origin.shape, round(float(origin.mean()), 1)
        ((2000,), 0.1)
    """

    stars: BrickworkStates
    share: float
    overlap: float

    def __post_init__(self) -> None:
        for name, value in (("share", self.share), ("overlap", self.overlap)):
            if not 0 <= value <= 1:
                raise UsageError(f"{name} must lie in [0, 1], not {value}")
        if self.stars.depolarize:
            raise UsageError(f"stars must have no local noise, not {self.stars.depolarize}")

    @property
    def qubits(self) -> int:
        """The number n of qubits that hold a photon."""
        return self.stars.qubits

    @property
    def systems(self) -> int:
        """The number of stars."""
        return self.stars.systems

    def _turn(self, label: str) -> Dial:
        # Y to the power s turns |0⟩ to cos(πs/2)|0⟩ + sin(πs/2)|1⟩ up to a phase.
        return Dial(
            f"companion_{label}",
            (f"companion_{label}",),
            ((0.0,), (2 * float(np.arccos(self.overlap)) / np.pi,)),
        )

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares one photon.

        Args:
            qubits: The n qubits.
            label: Tells the symbols apart from those of other photons.
        """
        turn = cirq.Y ** sympy.Symbol(self._turn(label).symbols[0])
        return cirq.Circuit(turn(qubits[0])) + self.stars.circuit(qubits, label)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns the dial of the photon's origin and those of the star."""
        return (self._turn(label), *self.stars.dials(label))

    def draw(self, copies: int, label: str) -> Columns:
        """Draws the origins of fresh photons: companion, star or background.

        Args:
            copies: Photons of each star.
            label: Not used: all photons of a star follow one law.

        Returns:
            For each dial (systems * copies,) positions, star by star.
        """
        nature = self.stars.nature
        shape = (self.systems, copies)
        background = nature.random(shape) < self.stars.mixing[:, None]
        # Random bits on a turned qubit would not be I/2.
        companion = (nature.random(shape) < self.share) & ~background
        return (companion.ravel().astype(np.uint8), *self.stars.columns(background))

    def select(self, systems: slice) -> CompanionStates:
        """Returns some of the stars."""
        return replace(self, stars=self.stars.select(systems))

    def nulled(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns U⁻¹ of the photon with this label, for a learner who knows the star.

        It turns ψ₀ into |0…0⟩: a nulling interferometer.

        Args:
            qubits: The n qubits.
            label: The label of the photon.

        Example:
            >>> from quantum_advantage.circuits.request import Request, resolver_values
            >>> from quantum_advantage.systems.random_states import random_states
            >>> stars = random_states(1, [0.0], seed=1, copies=np.random.default_rng(2))
            >>> photons, line = CompanionStates(stars, 0.0, 0.6), cirq.LineQubit.range(1)
            >>> circuit = photons.circuit(line, "") + photons.nulled(line, "")
            >>> request = Request(circuit, photons.dials(""), photons.draw(1, ""), shots=1)
            >>> dark = cirq.resolve_parameters(circuit, resolver_values(request, 0))
            >>> (abs(dark.final_state_vector()) ** 2).round(3).tolist()  # a single star: no click
            [1.0, 0.0]
        """
        return cirq.inverse(self.stars.unitary(qubits, label))

    def click_chances(self) -> npt.NDArray[np.float64]:
        """Returns the exact chance of a click behind the nulled star, (systems,).

        It is (1-q) c (1-o²) for the companion's photons and q (1 - 1/d) for the background's.

        Source: derived here, as ψ₁ has the share 1 - o² outside ψ₀, and I/d the share 1 - 1/d.
        """
        mixing = self.stars.mixing
        light = (1 - mixing) * self.share * (1 - self.overlap**2)
        return np.asarray(light + mixing * (1 - 2.0**-self.qubits))

    def density_matrix(self, system: int) -> npt.NDArray[np.complex128]:
        """Returns the exact (2ⁿ, 2ⁿ) density matrix of one photon, for checks at small n."""
        line = cirq.LineQubit.range(self.qubits)
        (dial,) = (d for d in self.stars.dials("") if d.name == "system_")
        values = dict(zip(dial.symbols, dial.positions[system], strict=True))
        unitary = cirq.unitary(cirq.resolve_parameters(self.stars.unitary(line, ""), values))
        angle = np.arccos(self.overlap)
        star = unitary[:, 0]
        other = np.cos(angle) * star + np.sin(angle) * unitary[:, 2 ** (self.qubits - 1)]
        pure = (1 - self.share) * np.outer(star, star.conj())
        pure = pure + self.share * np.outer(other, other.conj())
        q = float(self.stars.mixing[system])
        return np.asarray((1 - q) * pure + q * np.eye(2**self.qubits) / 2**self.qubits)
