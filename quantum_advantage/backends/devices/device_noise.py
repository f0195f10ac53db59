"""The noise of a processor's calibration, for the gates that it covers and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import cirq
import cirq_google

from quantum_advantage.backends.devices.calibration import (
    NATIVE_GATES,
)
from quantum_advantage.core.usage import UsageError

_ONE_QUBIT_GATES = (cirq.PhasedXZGate, cirq.ZPowGate, cirq.IdentityGate)


def usable(properties: cirq_google.GoogleNoiseProperties) -> cirq_google.GoogleNoiseProperties:
    """Returns properties without readouts that are perfect: Google's model would divide by 0.

    Args:
        properties: What the calibration says.

    Example:
        >>> known = cirq_google.engine.load_device_noise_properties("rainbow")
        >>> usable(known) == known
        True
    """
    errors = {q: e for q, e in properties.readout_errors.items() if any(e)}
    return replace(properties, readout_errors=errors)


class DeviceNoise(cirq.NoiseModel):
    """Google's noise model of a calibration, for gates that the calibration covers, and no others.

    Google's own model leaves a gate without noise that it has no data for, and an empty calibration
    makes it the identity.

    Args:
        name: The device's name.
        properties: What the calibration says.

    Raises:
        UsageError: If the calibration covers no two-qubit gate at all.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_noise
        >>> noise, q = virtual_noise("rainbow"), cirq.GridQubit(5, 3)
        >>> circuit = cirq.Circuit(cirq.H(q)).with_noise(noise)
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: the calibration of rainbow holds no error of
        H(q(5, 3)), which would be simulated as perfect; compile to the gates that it covers
    """

    def __init__(self, name: str, properties: cirq_google.GoogleNoiseProperties) -> None:
        """See the class."""
        self._name = name
        self._model = cirq_google.NoiseModelFromGoogleNoiseProperties(usable(properties))
        self._covered = {
            (identifier.gate_type, identifier.qubits) for identifier in properties.gate_pauli_errors
        }
        if not any(len(qubits) == 2 for _, qubits in self._covered):
            raise UsageError(
                f"the calibration of {name} holds no error of any two-qubit gate under a name that "
                "is known here; it would be simulated as perfect, and is refused"
            )

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
        listed = list(moments)
        for moment in listed:
            for op in moment:
                self.check(op)
        return self._model.noisy_moments(listed, system_qubits)

    def check(self, op: cirq.Operation) -> None:
        """Refuses an operation that the calibration does not cover.

        Args:
            op: A gate or a measurement.

        Raises:
            UsageError: If it would be simulated as perfect.
        """
        needed: list[tuple[type, tuple[cirq.Qid, ...]]]
        if isinstance(op.gate, cirq.MeasurementGate):
            needed = [(cirq.MeasurementGate, (q,)) for q in op.qubits]
        elif isinstance(op.gate, _ONE_QUBIT_GATES):
            needed = [(cirq.PhasedXZGate, op.qubits)]
        else:
            kinds = [kind for kind, _, _ in NATIVE_GATES.values() if type(op.gate) is kind]
            needed = [(kind, op.qubits) for kind in kinds]
        if not needed or not self._covered.issuperset(needed):
            raise UsageError(
                f"the calibration of {self._name} holds no error of {op}, which would be simulated "
                "as perfect; compile to the gates that it covers"
            )
