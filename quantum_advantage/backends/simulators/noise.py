"""The local noise that a backend's name can request."""

from __future__ import annotations

from dataclasses import dataclass

import cirq


@dataclass(frozen=True)
class LocalNoise(cirq.NoiseModel):
    """``cirq.depolarize(p, 2)`` after every two-qubit gate, a bit flip before every measurement.

    A gate with a symbol counts as a two-qubit gate at every position of its dial, also where it is
    the identity: the noise of a circuit does not depend on its parameters.

    Attributes:
        depolarize: p, or 0 for none.
        readout: The probability of a flip, or 0 for none.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> circuit = cirq.Circuit(cirq.CNOT(a, b), cirq.measure(b, key="m"))
        >>> noisy = circuit.with_noise(LocalNoise(depolarize=0.02, readout=0.01))
        >>> [str(op.gate) for op in noisy.all_operations()][:3]
        ['CNOT', 'depolarize(p=0.02,n_qubits=2)', 'bit_flip(p=0.01)']
    """

    depolarize: float
    readout: float

    def noisy_operation(self, operation: cirq.Operation) -> cirq.OP_TREE:
        """Returns the operation with its noise."""
        if cirq.is_measurement(operation):
            if not self.readout:
                return operation
            return [cirq.bit_flip(self.readout).on_each(*operation.qubits), operation]
        if len(operation.qubits) == 2 and self.depolarize:
            return [operation, cirq.depolarize(self.depolarize, 2)(*operation.qubits)]
        return operation
