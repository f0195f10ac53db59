"""Random displacements of many modes of light, asked after the measuring what was hidden in them.

The task ``displacement`` estimates the characteristic function λ at the hidden point γ of a channel
with three peaks (:mod:`quantum_advantage.systems.displacements`), |γ|² = ``kappa`` n. Its imaginary
part is 2 s ε₀, up to exp(-2κn/σ²), so that it shows the hidden sign s. The learner gets γ when its
record is complete. A copy is one use of the channel on n modes, "qubits" counts modes.

There are no circuits: Gaussian light is drawn from its exact law.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import cirq
import numpy as np

from quantum_advantage.core.naming import (
    canonical,
    known_protocol,
    read_options,
    read_task_options,
    shortest,
)
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.characteristic import estimate_characteristic
from quantum_advantage.measurements.displacement import added_noise, measure_displacements
from quantum_advantage.systems.displacements import ThreePeaks, random_channels
from quantum_advantage.tasks.base import Couplings, Estimated, EstimationTask
from quantum_advantage.tasks.seeds import Seeds

# Of each protocol: its options, and what it does.
PROTOCOLS: Mapping[str, tuple[Mapping[str, float], str]] = {
    "squeezed_pairs": (
        {"decibels": 5.0, "transmission": 1.0},
        "Every mode is half of a two-mode squeezed vacuum; behind the displacement a beam\n"
        "splitter and two homodyne detectors show α + ξ with E|ξ|² = N = e^(-2r) + (1-η)/η in\n"
        "each mode. Estimate of λ(β): the mean of e^(N|β|²) e^(ζ†β - β†ζ), of mean square\n"
        "e^(2N|β|²).",
    ),
    "heterodyne": (
        {"transmission": 1.0},
        "Vacuum in every mode, heterodyne detection behind the displacement: the same outcomes\n"
        "and estimate with N = 1/η.",
    ),
}


class Displacement(EstimationTask):
    """The task ``displacement``: a pattern in random displacements of light."""

    HAS_CIRCUITS: ClassVar[bool] = False
    NAME: ClassVar[str] = "displacement"
    DEFAULTS: ClassVar[Mapping[str, float]] = {"kappa": 0.5, "signal": 0.2, "width": 0.3}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        options = read_task_options(text, self.NAME, self.DEFAULTS)
        self._options = {key: float(value) for key, value in options.items()}
        rng = np.random.default_rng(0)
        self._channels(1, 1, rng, rng)

    def __str__(self) -> str:
        return shortest(self.NAME, self._options, self.DEFAULTS)

    def _channels(
        self, modes: int, systems: int, nature: np.random.Generator, uses: np.random.Generator
    ) -> ThreePeaks:
        kappa, signal, width = (self._options[key] for key in ("kappa", "signal", "width"))
        return random_channels(modes, systems, kappa, signal, width, nature, uses)

    def couplings(self, protocol: str) -> Couplings:
        """Returns ``more``: no processor of qubits runs it."""
        return "more"

    def _read(self, protocol: str) -> tuple[str, dict[str, float]]:
        name = known_protocol(protocol, PROTOCOLS)
        options = read_options(protocol, PROTOCOLS[name][0])[1]
        return name, {key: float(value) for key, value in options.items()}

    def noise(self, protocol: str) -> float:
        """Returns N, the mean square of the noise of one mode."""
        _, options = self._read(protocol)
        return added_noise(options.get("decibels", 0.0), options["transmission"])

    def resolve(self, protocol: str, qubits: int) -> str:
        """Returns the full name of a protocol.

        Raises:
            ValueError: If the protocol or an option of it is unknown or out of range.
        """
        self.noise(protocol)
        name, options = self._read(protocol)
        return canonical(name, options)

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns the two parts of λ(γ)."""
        return ("real", "imaginary")

    def copies_per_shot(self, protocol: str) -> int:
        """Returns 1: a shot uses the channel once."""
        return 1

    def check(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> None:
        """Refuses what cannot be played, before anything runs.

        Raises:
            ValueError: If circuits are asked for, or there are too few copies for an error.
        """
        self.noise(protocol)
        if circuits:
            raise UsageError(f"{self.NAME} has no circuits, light is drawn from its law; use law")
        if copies < 2:
            raise UsageError(f"copies must be at least 2 for {protocol}, not {copies}")

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Refuses: there is no circuit.

        Raises:
            ValueError: Always.
        """
        about = " ".join(self.explain(protocol, qubits).split())
        raise UsageError(f"{self.NAME} has no circuit. {about}")

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it estimates."""
        return PROTOCOLS[self._read(protocol)[0]][1]

    def seconds(self, protocol: str, qubits: int, shots: int) -> float:
        """Returns roughly how long a record takes: 0.1 µs for each mode and shot."""
        return 1e-7 * shots * qubits

    def estimate(
        self,
        protocol: str,
        qubits: int,
        shots: int,
        systems: int,
        seeds: Seeds,
        sampler: cirq.Sampler,
    ) -> Estimated:
        """Draws channels, measures a record of each and estimates λ at the hidden points.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of modes.
            shots: The uses of each channel.
            systems: The number of channels.
            seeds: The sources of randomness.
            sampler: Not used, as there are no circuits.

        Returns:
            The estimates, with their stated errors and the exact values.
        """
        nature, copies, _ = seeds.generators()
        outcomes_of = np.random.default_rng(seeds.sampler)
        channels = self._channels(qubits, systems, nature, copies)
        noise = self.noise(protocol)
        found, truths = np.empty((systems, 2, 2)), np.empty((systems, 2))
        for system, gamma in enumerate(channels.points):
            outcomes = measure_displacements(channels.draw(shots, system), noise, outcomes_of)
            found[system] = estimate_characteristic(outcomes, gamma, noise)
            exact = channels.characteristic(gamma, system)
            truths[system] = exact.real, exact.imag
        return Estimated(found[..., 0], found[..., 1], truths)
