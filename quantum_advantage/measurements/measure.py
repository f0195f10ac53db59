"""Records of single copies of a user's own state: a circuit and a ``cirq.Sampler`` in."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.digests import circuit_digest
from quantum_advantage.circuits.preparations import check_preparation
from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.results import check_sampler
from quantum_advantage.circuits.run import run
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.qubits import qubits_of
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import plain_array, seed_of, text_of, whole_number
from quantum_advantage.measurements.bell import (
    SYSTEM,
)
from quantum_advantage.measurements.pauli_basis import (
    pack_bases,
    pauli_basis_change,
    pauli_basis_dials,
)
from quantum_advantage.measurements.records import (
    RANDOM,
    ShadowRecord,
    StabiliserRecord,
)
from quantum_advantage.measurements.stabiliser import (
    decode_random_bases,
    random_bases,
    random_basis_dials,
    stabiliser_basis_change,
)

# A record beyond is one of several, which ``merge_records`` joins.
MOST_SHOTS = 10**8


def check_measurable(circuit: object, sampler: object, shots: object) -> tuple[list[cirq.Qid], int]:
    """Checks the arguments that all measurements of a user's state share.

    Args:
        circuit: What should prepare the state.
        sampler: What should run it.
        shots: What should be the number of shots.

    Returns:
        The sorted qubits and the number of shots.

    Raises:
        UsageError: If the circuit has symbols or measurements, the sampler cannot run circuits, or
            the shots are no whole number from 1 to 10⁸.

    Example:
        >>> circuit = cirq.Circuit(cirq.H(cirq.LineQubit(0)))
        >>> check_measurable(circuit, cirq.Simulator(), 1e3)
        ([cirq.LineQubit(0)], 1000)
    """
    qubits = check_preparation("circuit", circuit)
    check_sampler(sampler)
    return qubits, whole_number("shots", shots, 1, MOST_SHOTS)


def _provenance(
    circuit: cirq.AbstractCircuit, sampler: cirq.Sampler, seed: object
) -> dict[str, str | int | float | None]:
    """Returns where a record comes from: package, circuit, sampler, seed (None for a generator)."""
    try:
        package = version("quantum-advantage")
    except PackageNotFoundError:
        package = "not installed"
    kind = type(sampler)
    return {
        "package": package,
        "circuit": circuit_digest(circuit),
        "sampler": f"{kind.__module__}.{kind.__qualname__}",
        "seed": int(seed) if isinstance(seed, int | np.integer) else None,
    }


def measure_shadow(
    circuit: cirq.AbstractCircuit,
    sampler: cirq.Sampler,
    shots: int,
    *,
    seed: int | np.random.Generator,
    times: int = 1,
) -> ShadowRecord:
    """Measures single copies of a state in uniformly random Pauli bases.

    Args:
        circuit: Prepares one copy; without measurements.
        sampler: Where it runs.
        shots: The number of shots; each uses one copy.
        seed: Draws the bases.
        times: Shots in each basis; a fresh one for every shot by default.

    Returns:
        The record; its qubits are those of the circuit in sorted order.

    Raises:
        UsageError: If the circuit has symbols or measurements, or ``shots`` is not positive or no
            multiple of ``times``.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        ShadowRecord(2000 shots of 2 qubits in 2000 random bases)
    """
    qubits, shots = check_measurable(circuit, sampler, shots)
    times, root = whole_number("times", times, 1, MOST_SHOTS), seed_of(seed)
    if shots % times:
        raise UsageError(f"shots must be a multiple of times, but {shots} is none of {times}")
    rng = np.random.default_rng(root)
    bases = tuple(rng.integers(0, 3, shots // times, dtype=np.uint8) for _ in qubits)
    provenance = _provenance(circuit, sampler, root)
    return _measured(circuit, sampler, qubits, bases, times, RANDOM, provenance)


def measure_calibration(
    qubits: cirq.Qid | int | Sequence[cirq.Qid] | Sequence[int],
    sampler: cirq.Sampler,
    shots: int,
    *,
    seed: int | np.random.Generator,
) -> ShadowRecord:
    """Measures |0...0⟩ in uniformly random Pauli bases, for ``robust.calibrate``.

    Args:
        qubits: The qubits of the records that are to be corrected, or numbers of line qubits.
        sampler: Where these ran.
        shots: The number of shots; for each qubit a third of them is used.
        seed: Draws the bases.

    Raises:
        UsageError: If there is no qubit or ``shots`` is not positive.

    Example:
        >>> import cirq
        >>> measure_calibration(cirq.LineQubit.range(2), cirq.Simulator(seed=1), 300, seed=2)
        ShadowRecord(300 shots of 2 qubits in 300 random bases)
    """
    identity = cirq.Circuit(cirq.I.on_each(*qubits_of("qubits", qubits)))
    return measure_shadow(identity, sampler, shots, seed=seed)


def measure_bases(
    circuit: cirq.AbstractCircuit,
    sampler: cirq.Sampler,
    bases: npt.ArrayLike | Sequence[str],
    *,
    times: int = 1,
    scheme: str = "given",
) -> ShadowRecord:
    """Measures single copies of a state in given Pauli bases.

    Args:
        circuit: Prepares one copy; without measurements.
        sampler: Where it runs.
        bases: (settings, n) whole numbers 0, 1, 2 for X, Y, Z, one for each qubit in sorted order,
            as ``measurements.pauli_schemes`` makes them, or texts such as ``XYZ``.
        times: Shots in each basis.
        scheme: What the record calls the choice, for example ``cycled`` or ``derandomised``.
            ``random`` says that the bases were drawn uniformly, and allows the weights 3ʷ.

    Returns:
        The record; its qubits are those of the circuit in sorted order. It is read by
        ``hit_expectations``.

    Raises:
        UsageError: If the circuit has symbols or measurements, or the arguments do not fit.

    Example:
        >>> import cirq
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> measure_bases(pair, cirq.Simulator(seed=1), ["XX", "ZZ"], times=50)
        ShadowRecord(100 shots of 2 qubits in 2 given bases, each 50 times)
    """
    given = plain_array("bases", bases)
    entries = given.ravel().tolist() if given.dtype.kind in "OU" else []
    if any(isinstance(entry, str) for entry in entries):
        if given.ndim > 1:
            raise UsageError(f"bases must be one text for each setting, not shape {given.shape}")
        strings = PauliStrings.from_text(entries)
        if strings.phase.any():
            raise UsageError(f"bases must have no sign, not {strings.text()}")
        codes = strings.letters().astype(np.int64) - 1
    else:
        codes = given
    times, scheme = whole_number("times", times, 1, MOST_SHOTS), text_of("scheme", scheme)
    qubits, _ = check_measurable(
        circuit, sampler, max(1, codes.shape[0] if codes.ndim else 1) * times
    )
    if codes.ndim != 2 or not codes.size or codes.shape[1] != len(qubits):
        raise UsageError(f"bases must have shape (settings, {len(qubits)}), not {codes.shape}")
    if codes.dtype.kind not in "iu" or codes.min() < 0 or codes.max() > 2:
        raise UsageError("bases must be 0 (X), 1 (Y) or 2 (Z) for every qubit, or texts of X, Y, Z")
    columns = tuple(np.ascontiguousarray(codes.T).astype(np.uint8))
    provenance = _provenance(circuit, sampler, None)
    return _measured(circuit, sampler, qubits, columns, times, scheme, provenance)


def _measured(
    circuit: cirq.AbstractCircuit,
    sampler: cirq.Sampler,
    qubits: list[cirq.Qid],
    bases: tuple[npt.NDArray[np.uint8], ...],
    times: int,
    scheme: str,
    provenance: dict[str, str | int | float | None],
) -> ShadowRecord:
    whole = circuit.unfreeze() + cirq.Circuit(pauli_basis_change(qubits))
    whole.append(cirq.Moment(cirq.measure(*qubits, key=SYSTEM)))
    dials = pauli_basis_dials(len(qubits))
    shots = times * bases[0].size
    table = tuple(np.repeat(column, times) for column in bases)
    request = Request(whole, dials, table, shots, frozenset(dial.name for dial in dials))
    (record,) = run([request], sampler)
    packed = pack_bases(bases)
    return ShadowRecord(tuple(qubits), packed, record.bits[SYSTEM], times, scheme, provenance)


def measure_stabiliser_shadow(
    circuit: cirq.AbstractCircuit,
    sampler: cirq.Sampler,
    shots: int,
    *,
    seed: int | np.random.Generator,
) -> StabiliserRecord:
    """Measures single copies of a state in uniformly random stabiliser bases.

    Args:
        circuit: Prepares one copy, on at most 12 qubits; without measurements.
        sampler: Where it runs.
        shots: The number of shots; each uses one copy and a fresh basis.
        seed: Draws the bases.

    Returns:
        The record, from which ``stabiliser_fidelity`` estimates fidelities; its qubits are those of
        the circuit in sorted order.

    Raises:
        ValueError: If the circuit has symbols, measurements or more than 12 qubits, or ``shots`` is
            not positive.

    Example:
        >>> import cirq
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> measure_stabiliser_shadow(pair, cirq.Simulator(seed=1), 40, seed=2)
        StabiliserRecord(40 shots of 2 qubits)
    """
    qubits, shots = check_measurable(circuit, sampler, shots)
    root = seed_of(seed)
    whole = circuit.unfreeze() + cirq.Circuit(stabiliser_basis_change(qubits))
    whole.append(cirq.Moment(cirq.measure(*qubits, key=SYSTEM)))
    dials = random_basis_dials(len(qubits))
    table = random_bases(len(qubits), shots, np.random.default_rng(root))
    request = Request(whole, dials, table, shots, frozenset(dial.name for dial in dials))
    (record,) = run([request], sampler)
    provenance = _provenance(circuit, sampler, root)
    bases = decode_random_bases(table)
    return StabiliserRecord(tuple(qubits), bases, record.bits[SYSTEM][:, 0], provenance)
