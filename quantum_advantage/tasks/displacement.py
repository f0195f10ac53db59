"""Random displacements of many modes of light, and what was hidden in them, asked afterwards.

The task ``displacement`` estimates the characteristic function λ at the hidden point γ of a channel
with three peaks (:mod:`quantum_advantage.systems.displacements`), |γ|² = ``kappa`` n. Its imaginary
part is 2 s ε₀, up to exp(-2κn/σ²), so that it shows the hidden sign s. The learner gets γ when its
record is complete. A copy is one use of the channel on n modes, "qubits" counts modes.

There are no circuits: Gaussian light is drawn from its exact distribution.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import numpy as np

from quantum_advantage.inference.sensing.characteristic import estimate_characteristic
from quantum_advantage.measurements.displacement import added_noise, measure_displacements
from quantum_advantage.systems.displacements import ThreePeaks, random_channels
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source
from quantum_advantage.tasks.protocol import Chosen, Limits, Option, Options, Protocol
from quantum_advantage.tasks.shared.seeds import Seeds


class Displacement(EstimatingTask):
    """The task ``displacement``: a pattern in random displacements of light.

    Example:
        The noise of one mode with 5 dB of squeezing, and with heterodyne detection:

        >>> task = Displacement("displacement")
        >>> round(task.noise("squeezed_pairs"), 3), task.noise("heterodyne")  # 10^(-5/10), 1
        (0.316, 1.0)
    """

    HAS_CIRCUITS: ClassVar[bool] = False
    NAME: ClassVar[str] = "displacement"
    DEFAULTS: ClassVar[Mapping[str, float]] = {"kappa": 0.5, "signal": 0.2, "width": 0.3}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        rng = np.random.default_rng(0)
        self._channels(1, 1, rng, rng)

    def describe(self) -> Iterable[Protocol]:
        """Returns both protocols of the task; a measurement is the noise N of one mode."""
        yield Protocol(
            "squeezed_pairs",
            "Every mode is half of a two-mode squeezed vacuum; behind the displacement a beam\n"
            "splitter and two homodyne detectors show α + ξ with E|ξ|² = N = e^(-2r) + (1-η)/η in\n"
            "each mode. Estimate of λ(β): the mean of e^(N|β|²) e^(ζ†β - β†ζ), of mean square\n"
            "e^(2N|β|²).",
            copies_per_shot=1,
            measurement=_added_noise,
            exact=_added_noise,
            limits=Limits(least_copies=2),
            options={"decibels": Option(5.0), "transmission": Option(1.0)},
        )
        yield Protocol(
            "heterodyne",
            "Vacuum in every mode, heterodyne detection behind the displacement: the same "
            "outcomes\nand estimate with N = 1/η.",
            copies_per_shot=1,
            measurement=_added_noise,
            exact=_added_noise,
            limits=Limits(least_copies=2),
            options={"transmission": Option(1.0)},
        )

    def read(self, protocol: str, qubits: int, target: float | None = None) -> Chosen:
        """Reads the name of a protocol, see :meth:`Task.read`, and refuses impossible light.

        Raises:
            UsageError: As :meth:`Task.read`.
        """
        chosen = super().read(protocol, qubits, target)
        chosen.exact()
        return chosen

    def _channels(
        self, modes: int, systems: int, nature: np.random.Generator, uses: np.random.Generator
    ) -> ThreePeaks:
        kappa, signal, width = (float(self.options[key]) for key in ("kappa", "signal", "width"))
        return random_channels(modes, systems, kappa, signal, width, nature, uses)

    def noise(self, protocol: str) -> float:
        """Returns N = E|ξ|² of one mode; ideal heterodyne detection has N = 1.

        Raises:
            UsageError: If there is no such protocol, or its light is impossible.
        """
        return float(self.read(protocol, 1).exact())

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns the two parts of λ(γ)."""
        return ("real", "imaginary")

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long a record takes: 0.1 µs for each mode and shot."""
        return 1e-7 * copies * qubits

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws channels, measures a record of each and estimates λ at the hidden points."""
        nature, copies, _ = seeds.generators()
        outcomes_of = np.random.default_rng(seeds.sampler)
        channels = self._channels(chosen.qubits, systems, nature, copies)
        noise: float = chosen.exact()
        found, truths = np.empty((systems, 2, 2)), np.empty((systems, 2))
        for system, gamma in enumerate(channels.points):
            outcomes = measure_displacements(channels.draw(shots, system), noise, outcomes_of)
            found[system] = estimate_characteristic(outcomes, gamma, noise)
            exact = channels.characteristic(gamma, system)
            truths[system] = exact.real, exact.imag
        return Estimated(found[..., 0], found[..., 1], truths)


def _added_noise(options: Options, modes: int) -> float:
    """Returns N, the mean square of the noise of one mode."""
    return added_noise(options.get("decibels", 0.0), options["transmission"])
