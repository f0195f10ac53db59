"""The local noise that a backend's name can ask for, and how it damps Bell measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.names import BackendName


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


def local_noise(options: Mapping[str, float]) -> LocalNoise | None:
    """Returns the noise that the options of a simulator ask for; None if they ask for none."""
    noise = LocalNoise(options["depolarize"], options["readout"])
    return noise if noise.depolarize or noise.readout else None


def bell_damping(depolarize: float, readout: float) -> npt.NDArray[np.float64]:
    """Returns the factors (f_I, f_X, f_Y, f_Z) by which local noise damps the mean of a pair.

    Source: derived here. A pair's mean of P⊗P is read from the system bit (X), the memory bit (Z)
    or the parity of both (Y). ``cirq.depolarize(p, 2)`` after the CNOT multiplies every
    non-identity two-qubit Pauli string by 1 - 16 p/15, and a flip of probability e multiplies every
    bit that is read by 1 - 2e.

    Args:
        depolarize: p of the two-qubit depolarising channel after the CNOT.
        readout: e of the bit flip before each measurement.

    Example:
        >>> bell_damping(depolarize=0.0, readout=0.1).round(2).tolist()
        [1.0, 0.8, 0.64, 0.8]
    """
    gate, bit = 1 - 16 * depolarize / 15, 1 - 2 * readout
    return np.array([1.0, gate * bit, gate * bit**2, gate * bit])


def local_damping(name: BackendName, pairs: int) -> npt.NDArray[np.float64] | None:
    """Returns the factors, (pairs, 4), of the local noise of a name; None if it asks for none."""
    if not name.noisy:
        return None
    return np.tile(bell_damping(name.depolarize, name.readout), (pairs, 1))
