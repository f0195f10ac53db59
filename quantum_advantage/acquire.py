"""Records of a user's own state: a circuit and a ``cirq.Sampler`` in, a record out."""

from __future__ import annotations

from collections.abc import Sequence

import cirq
import numpy as np

from quantum_advantage.inference.bell import BellRecord
from quantum_advantage.inference.principal import PrincipalRecord
from quantum_advantage.inference.shadows import ShadowRecord
from quantum_advantage.measurements.bell import (
    MEMORY,
    SYSTEM,
    bell_basis_change,
    singlet_parity,
)
from quantum_advantage.measurements.flag import flag_basis_change, flag_value
from quantum_advantage.measurements.pauli_basis import (
    pack_bases,
    pauli_basis_change,
    pauli_basis_dials,
)
from quantum_advantage.pauli import pack_bits, unpack_bits
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


def _memory_for(system: list[cirq.Qid], memory: Sequence[cirq.Qid] | None) -> list[cirq.Qid]:
    names: list[cirq.Qid] = [cirq.NamedQubit(f"memory_{q}") for q in system]
    held = names if memory is None else list(memory)
    if len(set(held)) != len(system) or set(held) & set(system):
        raise ValueError(
            f"memory must hold {len(system)} qubits that the circuit does not use, not {held}"
        )
    return held


def _two_copies(
    first: cirq.AbstractCircuit,
    second: cirq.AbstractCircuit,
    system: list[cirq.Qid],
    memory: list[cirq.Qid],
) -> cirq.Circuit:
    moved = second.unfreeze().transform_qubits(dict(zip(system, memory, strict=True)))
    return first.unfreeze().zip(moved)


def measure_bell(
    circuit: cirq.AbstractCircuit,
    sampler: cirq.Sampler,
    shots: int,
    *,
    memory: Sequence[cirq.Qid] | None = None,
    other: cirq.AbstractCircuit | None = None,
) -> BellRecord:
    """Prepares two copies of a state, measures all pairs in the Bell basis, again and again.

    With ``other`` the second copy is one of another state σ, and the record tells of ρ ⊗ σ: its
    ``overlap`` tr(ρ σ), and ``products`` tr(Q ρ) tr(Q σ).

    Args:
        circuit: Prepares one copy; without measurements.
        sampler: Where it runs.
        shots: The number of Bell shots; each uses two copies.
        memory: Qubits of the second copy, one for each qubit of the circuit in sorted order; by
            default new named qubits.
        other: Prepares the second copy, on the qubits of the circuit; by default the circuit.

    Returns:
        The record; its qubits are those of the circuit in sorted order.

    Raises:
        ValueError: If the circuit has symbols or measurements, or the arguments do not fit.
    """
    system = _check(circuit, shots)
    held = _memory_for(system, memory)
    if other is not None and _check(other, shots) != system:
        raise ValueError(f"other must act on the qubits of circuit, {system}")
    whole = _two_copies(circuit, circuit if other is None else other, system, held)
    whole += cirq.Circuit(bell_basis_change(system, held))
    whole.append(cirq.Moment(cirq.measure(*system, key=SYSTEM), cirq.measure(*held, key=MEMORY)))
    (record,) = run([Request(whole, (), (), shots)], sampler)
    return BellRecord(len(system), record.bits[SYSTEM], record.bits[MEMORY])


def measure_principal(
    circuit: cirq.AbstractCircuit,
    sampler: cirq.Sampler,
    shots: int,
    observable: cirq.PauliString | cirq.SingleQubitPauliStringGateOperation,
    *,
    memory: Sequence[cirq.Qid] | None = None,
) -> PrincipalRecord:
    """Measures SWAP and a one-qubit Pauli observable O jointly on pairs of copies, in one setting.

    Args:
        circuit: Prepares one copy; without measurements.
        sampler: Where it runs.
        shots: The number of shots; each uses two copies.
        observable: X, Y or Z of one of the circuit's qubits, for example ``cirq.Z(q)``.
        memory: Qubits of the second copy, as in :func:`measure_bell`.

    Returns:
        The record, from which ``principal_expectation`` estimates tr(O ρ²)/tr(ρ²).

    Raises:
        ValueError: If the circuit has symbols or measurements, or the arguments do not fit.
    """
    system = _check(circuit, shots)
    held = _memory_for(system, memory)
    string: cirq.PauliString[cirq.Qid] = cirq.PauliString(observable)
    if len(string) != 1 or string.coefficient != 1 or string.qubits[0] not in system:
        raise ValueError(f"observable must be X, Y or Z of one qubit of the circuit, not {string}")
    chosen = string.qubits[0]
    place = system.index(chosen)
    both = _two_copies(circuit, circuit, system, held)
    # H turns X into Z, the inverse of √X turns Y into Z.
    turn = {cirq.X: cirq.H, cirq.Y: cirq.X**0.5, cirq.Z: cirq.I}[string[chosen]]
    both.append(cirq.Moment(turn(chosen), turn(held[place])))
    rest = [(a, b) for i, (a, b) in enumerate(zip(system, held, strict=True)) if i != place]
    change = cirq.Circuit(flag_basis_change(chosen, held[place]))
    both += change.zip(cirq.Circuit(bell_basis_change([a for a, _ in rest], [b for _, b in rest])))
    both.append(cirq.Moment(cirq.measure(*system, key=SYSTEM), cirq.measure(*held, key=MEMORY)))
    (record,) = run([Request(both, (), (), shots)], sampler)
    n = len(system)
    first, second = (unpack_bits(record.bits[key], n)[:, place] for key in (SYSTEM, MEMORY))
    everything = pack_bits(np.ones(n, dtype=np.uint8))
    odd = singlet_parity(record.bits[SYSTEM], record.bits[MEMORY], everything)
    swaps = (1 - 2 * odd.astype(np.int8)).astype(np.int8)
    return PrincipalRecord(swaps, (flag_value(first, second) * swaps).astype(np.int8))


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
