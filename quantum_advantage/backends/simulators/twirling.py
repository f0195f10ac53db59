"""A noise model with every error replaced by its Pauli twirl.

Random Paulis around every gate make Pauli channels of its errors, the coherent ones among them
(Wallman and Emerson, Physical Review A 94, 052325 (2016)). Pauli errors can be drawn before a
circuit is simulated, whatever its state.

What stands between the last gate of a qubit and its measurement stays as it is where it acts on the
bit alone: the readout keeps its asymmetry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import cirq

from quantum_advantage.backends.simulators.pauli_channels import bit_law, twirled


def is_channel(op: cirq.Operation) -> bool:
    """Tells whether an operation is a channel: neither a unitary gate nor a measurement.

    Example:
        >>> q = cirq.LineQubit(0)
        >>> is_channel(cirq.X(q)), is_channel(cirq.bit_flip(0.1)(q)), is_channel(cirq.measure(q))
        (False, True, False)
    """
    if cirq.is_measurement(op) or cirq.is_parameterized(op):
        return False
    return not cirq.has_unitary(op)


@dataclass(frozen=True)
class TwirledNoise(cirq.NoiseModel):
    """The noise of another model, twirled; see the module.

    Attributes:
        base: The other model.
        is_error: Tells errors from the gates of the circuit; by default all channels are errors.

    Example:
        >>> q = cirq.LineQubit(0)
        >>> damped = cirq.ConstantQubitNoiseModel(cirq.amplitude_damp(0.36))
        >>> circuit = cirq.Circuit(cirq.X(q), cirq.H(q)).with_noise(TwirledNoise(damped))
        >>> [len(cirq.kraus(op)) for op in circuit.all_operations()]  # the last acts on the bit
        [1, 4, 1, 2]
    """

    base: cirq.NoiseModel
    is_error: Callable[[cirq.Operation], bool] = is_channel

    def noisy_moments(
        self, moments: Iterable[cirq.Moment], system_qubits: Sequence[cirq.Qid]
    ) -> Sequence[cirq.OP_TREE]:
        """Returns the moments with their twirled noise.

        Args:
            moments: The moments of a circuit.
            system_qubits: All qubits.
        """
        noisy = cirq.Circuit(self.base.noisy_moments(list(moments), system_qubits))
        known: dict[int, cirq.Gate] = {}
        passed: set[cirq.Qid] = set()
        found = []
        for moment in reversed(noisy):
            ops = []
            for op in moment:
                if cirq.is_measurement(op):
                    ops.append(op)
                    continue
                error = op.gate if self.is_error(op) else None
                last = error is not None and len(op.qubits) == 1 and not passed & set(op.qubits)
                if error is None or (last and bit_law(error) is not None):
                    ops.append(op)
                    passed |= set() if last else set(op.qubits)
                    continue
                if id(error) not in known:
                    known[id(error)] = twirled(error)
                ops.append(known[id(error)](*op.qubits))
                passed |= set(op.qubits)
            found.append(cirq.Moment(ops))
        return found[::-1]
