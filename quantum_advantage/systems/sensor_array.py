"""An array of sensors whose phases change from shot to shot, all but their sum.

In every shot sensor i turns its |1⟩ by a phase φᵢ. The phases are uniformly random and drawn anew
for every shot, only their sum Φ is fixed: φ₁…φₙ₋₁ are independent and φₙ = Φ - φ₁ - … - φₙ₋₁. Phase
noise adds to each an independent normal angle of standard deviation σ. The setting is that of
correlated stochastic parameters, arXiv 2504.21745.

What a shot does (derived here). The element |a⟩⟨b| of the sensors' state is multiplied by the mean
of exp(i Σ (aᵢ - bᵢ) φᵢ). With φₙ put in, φⱼ appears with the factor (aⱼ - bⱼ) - (aₙ - bₙ), so the
mean vanishes unless a - b is the same for all sensors. So the diagonal stays as it is, the corner
|1…1⟩⟨0…0| is multiplied by v exp(iΦ) with v = exp(-nσ²/2), its adjoint likewise, and all else is
lost. Everything that can be learned of Φ is in that corner.

The circuits take the phases from 16 evenly spaced angles, and the noise as a flip by π with
probability (1 - exp(-σ²/2))/2. That is the same channel, not an approximation: the factors above
are 0, ±1 and ±2, whose means over 3 or more evenly spaced angles are those over all angles, and the
noise enters through E exp(±iδ) = exp(-σ²/2) alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial, position_type

Columns = tuple[npt.NDArray[np.unsignedinteger], ...]

ANGLES = 16


def visibility(sensors: int, sigma: float) -> float:
    """Returns the factor v = exp(-nσ²/2) by which phase noise damps the dependence on Φ.

    Args:
        sensors: The number n of sensors.
        sigma: σ of the phase noise of every sensor.

    Example:
        >>> visibility(3, 0.0), round(visibility(2, 1.0), 3)
        (1.0, 0.368)
    """
    return float(np.exp(-sensors * sigma**2 / 2))


@dataclass(frozen=True, eq=False)
class SensorArray:
    """Arrays of n sensors, one for each system, that share nothing but the sum of their phases.

    Attributes:
        qubits: The number n of sensors.
        sums: (systems,) Φ of each array, in radians.
        sigma: σ of the phase noise of every sensor, in radians.
        nature: The source of the phases of every shot.

    Example:
        >>> array = SensorArray(2, np.array([0.5]), 0.0, np.random.default_rng(0))
        >>> dials, table = array.dials(""), array.draw(4, "")
        >>> turns = [[d.positions[p][0] for p in c] for d, c in zip(dials, table)]  # of Z, units π
        >>> phases = np.pi * np.array(turns)  # (sensors, shots): random, but their sum is Φ
        >>> (phases.sum(axis=0) % (2 * np.pi)).round(6).tolist()
        [0.5, 0.5, 0.5, 0.5]
    """

    qubits: int
    sums: npt.NDArray[np.float64]
    sigma: float
    nature: np.random.Generator

    @property
    def systems(self) -> int:
        """The number of arrays."""
        return self.sums.size

    @property
    def visibility(self) -> float:
        """The factor v = exp(-nσ²/2); :func:`visibility`."""
        return visibility(self.qubits, self.sigma)

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the phases of one shot, as gates between a probe and its readout.

        Args:
            qubits: The n sensors.
            label: Tells the symbols apart from those of other shots.
        """
        symbols = [sympy.Symbol(dial.symbols[0]) for dial in self.dials(label)]
        return cirq.Circuit(
            cirq.Moment((cirq.Z**s)(q) for s, q in zip(symbols, qubits, strict=True))
        )

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns one dial for each sensor; that of the last holds Φ of every array."""
        # An exponent of Z is a phase in units of π.
        turns = [2 * k / ANGLES for k in range(ANGLES)]
        sums = [float(value) / np.pi for value in self.sums]
        angles = [turns] * (self.qubits - 1) + [[s + t for s in sums for t in turns]]
        return tuple(
            Dial(
                f"phase{i}_{label}", (f"phase{i}_{label}",), tuple((angle,) for angle in positions)
            )
            for i, positions in enumerate(angles)
        )

    def draw(self, copies: int, label: str) -> Columns:
        """Draws the phases of fresh shots of every array, with their noise.

        Args:
            copies: Shots of each array.
            label: Not used: all labels follow one law.

        Returns:
            For each sensor (systems * copies,) positions of its dial, array by array.
        """
        shape = (self.qubits, self.systems, copies)
        steps = self.nature.integers(0, ANGLES, shape, dtype=np.int64)
        steps[-1] = -steps[:-1].sum(axis=0)
        flips = self.nature.random(shape) < (1 - np.exp(-(self.sigma**2) / 2)) / 2
        steps = (steps + ANGLES // 2 * flips) % ANGLES
        steps[-1] += ANGLES * np.arange(self.systems)[:, None]
        kinds = [position_type(ANGLES)] * (self.qubits - 1) + [position_type(ANGLES * self.systems)]
        return tuple(column.ravel().astype(kind) for column, kind in zip(steps, kinds, strict=True))

    def select(self, systems: slice) -> SensorArray:
        """Returns some of the arrays."""
        return replace(self, sums=self.sums[systems])
