"""Records of a user's own state: a circuit and a ``cirq.Sampler`` in, a record out."""

from __future__ import annotations

from collections.abc import Sequence

import cirq
import numpy as np

from quantum_advantage.inference.bell import BellRecord
from quantum_advantage.inference.shadows import ShadowRecord
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.measurements.pauli_basis import (
    pack_bases,
    pauli_basis_change,
    pauli_basis_dials,
)
from quantum_advantage.sampling import Request, run


def _check(circuit: cirq.AbstractCircuit, shots: int) -> list[cirq.Qid]:
    if shots < 1:
        raise ValueError(f"shots must be at least 1, not {shots}")
    if cirq.is_parameterized(circuit):
        raise ValueError(f"circuit must have no symbols, not {cirq.parameter_names(circuit)}")
    if cirq.is_measurement(circuit):
        raise ValueError("circuit must prepare the state and measure nothing")
    if not circuit.all_qubits():
        raise ValueError("circuit must act on at least one qubit")
    return sorted(circuit.all_qubits())


def measure_bell(
    circuit: cirq.AbstractCircuit,
    sampler: cirq.Sampler,
    shots: int,
    *,
    memory: Sequence[cirq.Qid] | None = None,
) -> BellRecord:
    """Prepares two copies of a state, measures all pairs in the Bell basis, again and again.

    Args:
        circuit: Prepares one copy; without measurements.
        sampler: Where it runs.
        shots: The number of Bell shots; each uses two copies.
        memory: Qubits of the second copy, one for each qubit of the circuit in sorted order; by
            default new named qubits.

    Returns:
        The record; its qubits are those of the circuit in sorted order.

    Raises:
        ValueError: If the circuit has symbols or measurements, or the arguments do not fit.
    """
    system = _check(circuit, shots)
    held = [cirq.NamedQubit(f"memory_{q}") for q in system] if memory is None else list(memory)
    if len(set(held)) != len(system) or set(held) & set(system):
        raise ValueError(
            f"memory must hold {len(system)} qubits that the circuit does not use, not {held}"
        )
    first = circuit.unfreeze()
    second = first.transform_qubits(dict(zip(system, held, strict=True)))
    whole = first.zip(second) + cirq.Circuit(bell_basis_change(system, held))
    whole.append(cirq.Moment(cirq.measure(*system, key=SYSTEM), cirq.measure(*held, key=MEMORY)))
    (record,) = run([Request(whole, (), (), shots)], sampler)
    return BellRecord(len(system), record.bits[SYSTEM], record.bits[MEMORY])


def measure_shadow(
    circuit: cirq.AbstractCircuit,
    sampler: cirq.Sampler,
    shots: int,
    *,
    seed: int | np.random.Generator,
) -> ShadowRecord:
    """Measures single copies of a state in uniformly random Pauli bases.

    Args:
        circuit: Prepares one copy; without measurements.
        sampler: Where it runs.
        shots: The number of shots; each uses one copy and a fresh basis.
        seed: Draws the bases.

    Returns:
        The record; its qubits are those of the circuit in sorted order.

    Raises:
        ValueError: If the circuit has symbols or measurements, or ``shots`` is not positive.
    """
    qubits = _check(circuit, shots)
    rng = np.random.default_rng(seed)
    bases = tuple(rng.integers(0, 3, shots, dtype=np.uint8) for _ in qubits)
    whole = circuit.unfreeze() + cirq.Circuit(pauli_basis_change(qubits))
    whole.append(cirq.Moment(cirq.measure(*qubits, key=SYSTEM)))
    dials = pauli_basis_dials(len(qubits))
    request = Request(whole, dials, bases, shots, frozenset(dial.name for dial in dials))
    (record,) = run([request], sampler)
    return ShadowRecord(tuple(qubits), pack_bases(bases), record.bits[SYSTEM])
