"""What a calibration does not tell, as options of a virtual processor.

Pauli errors and readout errors say nothing of what is the same in every shot, or moves between the
calibration and the run. Four such imperfections can be asked of a virtual processor by name; all
are off by default. Each is a model, stated here (derived here), on top of Google's noise:

``overrotation=x``
    The angles of every two-qubit gate are too large by the fraction x. After a CZ comes
    CZ^x, a phase of π x on |11⟩; after a Sycamore gate FSim(x π/2, x π/6); after iSWAP^t the gate
    iSWAP^(t x). Each commutes with its gate, so that errors of the gates in a row add up in
    amplitude, as those of a wrong pulse do.
``drift=s``
    That fraction wanders: for each batch and coupler a number with standard deviation s is added,
    normally distributed, the same in all of the batch. It comes from the batch's seed, so that
    rows can be played again; different batches stand for times that are far apart.
``crosstalk=θ``
    Two-qubit gates that are driven at once on neighbouring couplers couple the neighbours: two
    qubits that share a coupler and take part in different gates of one moment acquire the phase
    exp(∓iθ/2) for equal and opposite bits, θ in radians. That would join independent pieces.
    Here each qubit sees its neighbour as a random bit: ρ → cos²(θ/2) ρ + sin²(θ/2) ZρZ for each
    such neighbour. This is exact for all that is measured on one pair if the neighbour is maximally
    mixed and independent of it, as half of a random state is; correlations of pairs are left out.
``idling=f``
    A qubit that sits out a moment turns about Z by 2π δ t, where t is the longest gate of the
    moment and δ the qubit's detuning: normally distributed with standard deviation f in MHz, the
    same in all of a batch and drawn from its seed. Decay of idle qubits is part of Google's noise.

What the calibration foresees does not contain them: a preflight and a calibration within the run
(``bell_calibrated``) see them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cirq
import cirq_google
import networkx as nx
import numpy as np

from quantum_advantage.backends.devices.device_noise import DeviceNoise, usable
from quantum_advantage.backends.simulators.twirling import is_channel

# Tells the draws of one kind from those of another.
_ANGLE, _DETUNING = 1, 2
_ERROR = "imperfection"


def is_error(op: cirq.Operation) -> bool:
    """Tells the errors of a processor's noise, coherent ones too, from the gates of a circuit.

    Args:
        op: An operation of a native circuit with its noise.

    Example:
        >>> a, b = cirq.GridQubit.rect(1, 2)
        >>> is_error(cirq.CZ(a, b)), is_error(cirq.PhasedFSimGate(0.01)(a, b))
        (False, True)
    """
    # Google's noise has its angle errors in this gate, which is native to no processor.
    return _ERROR in op.tags or isinstance(op.gate, cirq.PhasedFSimGate) or is_channel(op)


class _NoiseBesideErrors(cirq_google.NoiseModelFromGoogleNoiseProperties):
    """Google's noise model, which adds no noise to errors that are in the circuit already."""

    def is_virtual(self, op: cirq.Operation) -> bool:
        """Tells whether an operation takes no time."""
        return _ERROR in op.tags or super().is_virtual(op)


@dataclass(frozen=True)
class ImperfectNoise(cirq.NoiseModel):
    """Google's noise of a calibration, and what the calibration does not tell; see the module.

    Attributes:
        base: Google's noise, which knows what the calibration covers.
        properties: What it is made of.
        couplers: All couplers of the chip.
        overrotation: The fraction by which the angles of two-qubit gates are too large.
        drift: Its standard deviation over batches.
        crosstalk: The angle in radians between qubits of simultaneous gates.
        idling: The standard deviation of detunings in MHz.
        batch: Stands for the time: what drifts is drawn from it.

    Example:
        >>> from quantum_advantage.backends.devices.chips import shipped_chip
        >>> from quantum_advantage.backends.devices.virtual import virtual_noise
        >>> chip, base = shipped_chip("willow_pink"), virtual_noise("willow_pink")
        >>> noise = ImperfectNoise(base, chip.properties, chip.device.couplers, overrotation=0.01)
        >>> a, b = cirq.GridQubit(3, 9), cirq.GridQubit(3, 10)
        >>> print(cirq.Circuit(cirq.CZ(a, b)).with_noise(noise)[-1].operations[0].gate)
        CZ**0.01
    """

    base: DeviceNoise
    properties: cirq_google.GoogleNoiseProperties = field(repr=False, compare=False)
    couplers: nx.Graph = field(repr=False, compare=False)
    overrotation: float = 0.0
    drift: float = 0.0
    crosstalk: float = 0.0
    idling: float = 0.0
    batch: int = 0

    @functools.cached_property
    def _model(self) -> cirq.NoiseModel:
        return _NoiseBesideErrors(usable(self.properties))

    def noisy_moments(
        self, moments: Iterable[cirq.Moment], system_qubits: Sequence[cirq.Qid]
    ) -> Sequence[cirq.OP_TREE]:
        """Returns the moments with their noise.

        Args:
            moments: The moments of a native circuit.
            system_qubits: All qubits.

        Raises:
            UsageError: If the calibration does not cover a gate.
        """
        with_errors: list[cirq.Moment] = []
        for moment in moments:
            for op in moment:
                self.base.check(op)
            with_errors.append(moment)
            if not any(map(cirq.is_measurement, moment)):
                errors = self._errors(moment, system_qubits)
                with_errors += [cirq.Moment(op.with_tags(_ERROR) for op in e) for e in errors if e]
        return self._model.noisy_moments(with_errors, system_qubits)

    def _errors(
        self, moment: cirq.Moment, qubits: Sequence[cirq.Qid]
    ) -> list[list[cirq.Operation]]:
        """Returns what a moment adds, in lists of disjoint operations."""
        pairs = [op for op in moment if len(op.qubits) == 2]
        angles = [self._angle_error(op) for op in pairs]
        return [
            [op for op in angles if op is not None],
            self._crosstalk(pairs),
            self._turns(moment, qubits),
        ]

    def fraction(self, qubits: Iterable[cirq.Qid]) -> float:
        """Returns the fraction by which the angles of a coupler's gate are too large now.

        Args:
            qubits: The coupler.
        """
        if not self.drift:
            return self.overrotation
        return self.overrotation + self.drift * self._normal(_ANGLE, sorted(qubits))

    def detuning(self, qubit: cirq.Qid) -> float:
        """Returns how far a qubit's frequency is off now, in MHz.

        Args:
            qubit: The qubit.
        """
        return self.idling * self._normal(_DETUNING, [qubit]) if self.idling else 0.0

    def _normal(self, kind: int, qubits: Sequence[cirq.Qid]) -> float:
        places = [n for q in qubits if isinstance(q, cirq.GridQubit) for n in (q.row, q.col)]
        return float(np.random.default_rng([self.batch, kind, *places]).standard_normal())

    def _angle_error(self, op: cirq.Operation) -> cirq.Operation | None:
        fraction, gate = self.fraction(op.qubits), op.gate
        if not fraction:
            return None
        if isinstance(gate, cirq_google.SycamoreGate):
            # Cirq's FSim(θ, φ) with θ = π/2, φ = π/6.
            return cirq.FSimGate(fraction * math.pi / 2, fraction * math.pi / 6)(*op.qubits)
        if isinstance(gate, (cirq.CZPowGate, cirq.ISwapPowGate)):
            return (gate**fraction)(*op.qubits)
        return None

    def _crosstalk(self, pairs: Sequence[cirq.Operation]) -> list[cirq.Operation]:
        """Returns a phase flip of each qubit for every neighbour in another gate."""
        if not self.crosstalk:
            return []
        home = {q: number for number, op in enumerate(pairs) for q in op.qubits}
        flips = []
        for q, number in home.items():
            near = sum(home.get(other, number) != number for other in self.couplers[q])
            # So many flips of probability p in a row are one.
            p = (1 - math.cos(self.crosstalk) ** near) / 2
            flips += [cirq.phase_flip(p)(q)] if near else []
        return flips

    def _turns(self, moment: cirq.Moment, qubits: Sequence[cirq.Qid]) -> list[cirq.Operation]:
        """Returns the turns of the qubits that sit a moment out."""
        if not self.idling or not moment:
            return []
        microseconds = max(map(self._duration, moment)) / 1000
        return [
            cirq.rz(2 * math.pi * self.detuning(q) * microseconds)(q)
            for q in sorted(qubits)
            if q not in moment.qubits
        ]

    def _duration(self, op: cirq.Operation) -> float:
        """Returns the duration of a gate in nanoseconds."""
        return next(
            (t for kind, t in self.properties.gate_times_ns.items() if type(op.gate) is kind), 0.0
        )
