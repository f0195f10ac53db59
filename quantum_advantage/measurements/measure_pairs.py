"""Records of pairs of copies of a user's own state: a circuit and a ``cirq.Sampler`` in."""

from __future__ import annotations

from collections.abc import Sequence

import cirq
import numpy as np

from quantum_advantage.circuits.preparations import check_preparation, memory_for
from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import pack_bits, unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of
from quantum_advantage.measurements.bell import (
    MEMORY,
    SYSTEM,
    bell_basis_change,
    singlet_parity,
)
from quantum_advantage.measurements.flag import flag_basis_change, flag_value
from quantum_advantage.measurements.measure import check_measurable
from quantum_advantage.measurements.records import (
    BellRecord,
    PrincipalRecord,
)


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
    memory: cirq.Qid | int | Sequence[cirq.Qid] | Sequence[int] | None = None,
    other: cirq.AbstractCircuit | None = None,
) -> BellRecord:
    """Prepares two copies of a state in every shot and measures all pairs in the Bell basis.

    With ``other`` the second copy is in another state σ. From that record ``overlap`` estimates
    tr(ρ σ), and ``products`` estimates tr(Q ρ) tr(Q σ).

    Args:
        circuit: Prepares one copy; without measurements.
        sampler: Where it runs.
        shots: The number of Bell shots; each uses two copies.
        memory: Qubits of the second copy, or numbers of line qubits, one for each qubit of the
            circuit in sorted order; by default new named qubits.
        other: Prepares the second copy, on the qubits of the circuit; by default the circuit.

    Returns:
        The record. Its qubits are those on which the circuit acts, in sorted order; to include a
        qubit without gates, apply an identity, ``cirq.I(q)``.

    Raises:
        UsageError: If the circuit has symbols or measurements, or the arguments do not fit.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> measure_bell(pair, cirq.Simulator(seed=1), 1000)
        BellRecord(1000 shots of 2 x 2 qubits)
    """
    system, shots = check_measurable(circuit, sampler, shots)
    held = memory_for(system, memory)
    if other is not None and check_preparation("other", other) != system:
        raise UsageError(f"other must act on the qubits of circuit, {system}")
    whole = _two_copies(circuit, circuit if other is None else other, system, held)
    whole += cirq.Circuit(bell_basis_change(system, held))
    whole.append(cirq.Moment(cirq.measure(*system, key=SYSTEM), cirq.measure(*held, key=MEMORY)))
    (record,) = run([Request(whole, (), (), shots)], sampler)
    return BellRecord(len(system), record.bits[SYSTEM], record.bits[MEMORY], tuple(system))


def measure_principal(
    circuit: cirq.AbstractCircuit,
    sampler: cirq.Sampler,
    shots: int,
    observable: cirq.PauliString | cirq.SingleQubitPauliStringGateOperation,
    *,
    memory: cirq.Qid | int | Sequence[cirq.Qid] | Sequence[int] | None = None,
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
        UsageError: If the circuit has symbols or measurements, or the arguments do not fit.

    Example:
        >>> import cirq
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_principal(pair, cirq.Simulator(seed=1), 500, cirq.X(a) * cirq.X(b))
        >>> record
        PrincipalRecord(500 shots of X(q(0))*X(q(1)))
        >>> float(record.swaps.mean()), float(record.values.mean())
        (1.0, 1.0)
    """
    system, shots = check_measurable(circuit, sampler, shots)
    held = memory_for(system, memory)
    if not isinstance(observable, cirq.PauliString):
        raise UsageError(
            f"observable must be one Pauli string, such as cirq.Z(q), not a {kind_of(observable)}"
        )
    string: cirq.PauliString[cirq.Qid] = cirq.PauliString(observable)
    if not string or string.coefficient not in (1, -1) or not set(string.qubits) <= set(system):
        raise UsageError(
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
    values = (sign * flag_value(first, second) * swaps).astype(np.int8)
    return PrincipalRecord(swaps, values, tuple(system), string)
