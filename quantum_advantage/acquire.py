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
    """Measures SWAP and a Pauli string O jointly on pairs of copies, in one setting.

    Source: derived here. A Clifford C turns O into Z of one qubit; applied to both copies it leaves
    SWAP alone and turns (O⊗I + I⊗O) SWAP into (Z⊗I + I⊗Z) SWAP, which
    ``measurements.flag`` measures. C turns every letter of O into Z and collects them by CNOTs.

    Args:
        circuit: Prepares one copy; without measurements.
        sampler: Where it runs.
        shots: The number of shots; each uses two copies.
        observable: A Pauli string of the circuit's qubits with coefficient 1 or -1, for example
            ``cirq.Z(q)`` or ``-cirq.X(a) * cirq.X(b)``. Sums of strings follow by linearity, with
            a record for each string.
        memory: Qubits of the second copy, as in :func:`measure_bell`.

    Returns:
        The record, from which ``principal_expectation`` estimates tr(O ρ²)/tr(ρ²).

    Raises:
        ValueError: If the circuit has symbols or measurements, or the arguments do not fit.
    """
    system = _check(circuit, shots)
    held = _memory_for(system, memory)
    string: cirq.PauliString[cirq.Qid] = cirq.PauliString(observable)
    if not string or string.coefficient not in (1, -1) or not set(string.qubits) <= set(system):
        raise ValueError(
            "observable must be a Pauli string of the circuit's qubits with coefficient 1 or -1, "
            f"not {string}"
        )
    places = sorted(map(system.index, string.qubits))
    chosen, *others = places
    both = _two_copies(circuit, circuit, system, held)
    for copy in (system, held):
        # H turns X into Z, √X turns Y into Z.
        turns = {cirq.X: cirq.H, cirq.Y: cirq.X**0.5, cirq.Z: cirq.I}
        both.append(cirq.Moment(turns[string[system[i]]](copy[i]) for i in places))
        both.append(cirq.CNOT(copy[i], copy[chosen]) for i in others)
    rest = [(a, b) for i, (a, b) in enumerate(zip(system, held, strict=True)) if i != chosen]
    change = cirq.Circuit(flag_basis_change(system[chosen], held[chosen]))
    both += change.zip(cirq.Circuit(bell_basis_change([a for a, _ in rest], [b for _, b in rest])))
    both.append(cirq.Moment(cirq.measure(*system, key=SYSTEM), cirq.measure(*held, key=MEMORY)))
    (record,) = run([Request(both, (), (), shots)], sampler)
    n = len(system)
    first, second = (unpack_bits(record.bits[key], n)[:, chosen] for key in (SYSTEM, MEMORY))
    everything = pack_bits(np.ones(n, dtype=np.uint8))
    odd = singlet_parity(record.bits[SYSTEM], record.bits[MEMORY], everything)
    swaps = (1 - 2 * odd.astype(np.int8)).astype(np.int8)
    sign = np.int8(string.coefficient.real)
    return PrincipalRecord(swaps, (sign * flag_value(first, second) * swaps).astype(np.int8))


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
