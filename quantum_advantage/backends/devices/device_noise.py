"""The noise of a processor's calibration, for the gates that it covers and no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import itemgetter

import cirq
import cirq_google
from cirq.devices.noise_utils import PHYSICAL_GATE_TAG, OpIdentifier

from quantum_advantage.backends.devices.calibration import (
    NATIVE_GATES,
)
from quantum_advantage.core.usage import UsageError

_Held = tuple[int, OpIdentifier, cirq.Operation]
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


class ErrorsByQubits(cirq.NoiseModel):
    """A ``cirq.devices.InsertionNoiseModel`` that looks errors up by the qubits of an operation.

    Cirq's own model compares every operation with every error that it holds, some thousand for a
    processor.

    Args:
        model: The model; the result is the same.

    Example:
        >>> from cirq.devices.noise_utils import OpIdentifier
        >>> q, z = cirq.GridQubit(5, 3), cirq.GridQubit(5, 4)
        >>> added = {OpIdentifier(cirq.XPowGate, q): cirq.bit_flip(0.1)(q)}
        >>> model = cirq.devices.InsertionNoiseModel(added, require_physical_tag=False)
        >>> moments = ErrorsByQubits(model).noisy_moment(cirq.Moment(cirq.X(q), cirq.X(z)), [q, z])
        >>> print(cirq.Circuit(moments))
        (5, 3): ───X───BF(0.1)───
        <BLANKLINE>
        (5, 4): ───X─────────────
    """

    def __init__(self, model: cirq.devices.InsertionNoiseModel) -> None:
        """See the class."""
        self._model = model
        # With their places, since an error may depend on which of them stands first.
        self._held: dict[tuple[cirq.Qid, ...], list[_Held]] = defaultdict(list)
        for place, (identifier, error) in enumerate(model.ops_added.items()):
            self._held[identifier.qubits].append((place, identifier, error))
        self._known: dict[tuple[type, tuple[cirq.Qid, ...]], tuple[cirq.Operation, ...]] = {}

    def noisy_moment(self, moment: cirq.Moment, system_qubits: Sequence[cirq.Qid]) -> cirq.OP_TREE:
        """Returns the moment with the errors of its operations.

        Args:
            moment: The moment.
            system_qubits: Not used.
        """
        added = [error for op in moment for error in self._errors(op)]
        steps = cirq.Circuit(added).moments
        return [*steps, moment] if self._model.prepend else [moment, *steps]

    def _errors(self, op: cirq.Operation) -> tuple[cirq.Operation, ...]:
        """Returns the errors that are added for one operation, asked of Cirq's model once."""
        if self._model.require_physical_tag and PHYSICAL_GATE_TAG not in op.tags:
            return ()
        key = (type(op.gate), op.qubits)
        if key not in self._known:
            # Errors without qubits are those of a kind of gate anywhere.
            near = [*self._held.get(op.qubits, ()), *(self._held.get((), ()) if op.qubits else ())]
            some = {identifier: error for _, identifier, error in sorted(near, key=itemgetter(0))}
            alone = cirq.Moment(op)
            found = replace(self._model, ops_added=some).noisy_moment(alone, op.qubits)
            whole = cirq.Circuit(found).all_operations()
            self._known[key] = tuple(error for error in whole if error is not op)
        return self._known[key]


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
        self._model.noise_models = [
            ErrorsByQubits(model) if isinstance(model, cirq.devices.InsertionNoiseModel) else model
            for model in self._model.noise_models
        ]
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
