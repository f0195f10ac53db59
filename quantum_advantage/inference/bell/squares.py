"""What one record of Bell measurements says about the two copies.

For a Pauli string Q the mean sign over Bell shots estimates tr(Q ρ)² (or tr(Q ρ) tr(Q σ) on two
different states) without bias, with variance (1 - tr(Q ρ)⁴)/T; the mean singlet parity estimates
the purity of any subset of the qubits likewise. All of them come from the same record. The errors
are those of :mod:`quantum_advantage.core.standard_errors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import CirqString, PauliStrings
from quantum_advantage.core.standard_errors import sign_error, sign_errors
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.checks import Part, check_record, check_some, places
from quantum_advantage.measurements.bell import bell_parity, singlet_parity
from quantum_advantage.measurements.records import BellRecord

# Signs of strings on shots that are held at once: as many as stay in the cache.
_SIGNS_AT_ONCE = 2**16

Strings = PauliStrings | str | CirqString | Iterable[str] | Iterable[CirqString]


def _mean_signs(known: npt.NDArray[Any]) -> tuple[float, float]:
    """Returns the mean of signs (-1)^bit and its standard error."""
    check_some(known.size)
    mean = 1.0 - 2.0 * float(known.mean())
    return mean, sign_error(mean, known.size)


def read_strings(
    strings: Strings, qubits: int, held: Sequence[cirq.Qid] | None = None
) -> PauliStrings:
    """Reads Pauli strings on so many qubits, packed, as text or of Cirq.

    Args:
        strings: One string or many; a text such as ``XIYZ`` is one.
        qubits: The number n of qubits.
        held: The qubits in the order of the letters, None if they are not known.

    Raises:
        ValueError: If they are no strings, or act on another number of qubits.

    Example:
        >>> read_strings(["XI", "ZZ"], 2).text()
        ['XI', 'ZZ']
    """
    if isinstance(strings, cirq.PauliSum):
        raise UsageError("strings must be Pauli strings, one or many, not a cirq.PauliSum")
    if not isinstance(strings, PauliStrings):
        alone = isinstance(strings, str | CirqString) or not isinstance(strings, Iterable)
        listed: list[Any] = [strings] if alone else list(strings)
        if not listed:
            return PauliStrings.from_letters(np.zeros((0, qubits), dtype=np.uint8))
        if held is None and any(isinstance(one, cirq.PauliString) for one in listed):
            raise UsageError("strings must be texts or packed: the record does not hold its qubits")
        if all(isinstance(one, CirqString) for one in listed):
            strings = PauliStrings.from_cirq(listed, held)
        else:
            for text in listed:
                if not isinstance(text, str):
                    raise UsageError(
                        "strings must be PauliStrings, texts such as XIYZ or cirq.PauliString, "
                        f"not {text!r}"
                    )
            strings = PauliStrings.from_text(listed)
    if strings.qubits != qubits:
        raise UsageError(f"strings act on {strings.qubits} qubits, the record has {qubits}")
    return strings


def squares(record: BellRecord, strings: Strings) -> npt.NDArray[np.float64]:
    """Estimates tr(Q ρ)² for many Pauli strings from one Bell record.

    Args:
        record: The Bell outcomes.
        strings: The strings Q, one or many: packed, texts such as ``XIYZ``, or
            ``cirq.PauliString`` if the record holds its qubits; their phases do not matter.

    Returns:
        (strings, 2): the estimate and its standard error for each string; (1, 2) for one. For the
        identity they are 1 and 0.

    Raises:
        ValueError: If it is not a Bell record, has no shots, or if the strings act on another
            number of qubits.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell, squares
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_bell(pair, cirq.Simulator(seed=1), 1000)
        >>> for value, error in squares(record, ["XX", "XI"]):
        ...     print(f"{value:.2f} ± {error:.2f}")
        1.00 ± 0.00
        -0.01 ± 0.03
        >>> squares(record, cirq.Z(a) * cirq.Z(b))[0, 0].tolist()
        1.0
    """
    check_record(record, BellRecord)
    read = read_strings(strings, record.qubits, record.held)
    check_some(record.shots)
    negative = np.empty(len(read), dtype=np.int64)
    at_once = max(1, _SIGNS_AT_ONCE // record.shots)
    for start in range(0, len(read), at_once):
        x, z = (part[start : start + at_once, None] for part in (read.x, read.z))
        bits = bell_parity(x, z, record.system, record.memory)
        negative[start : start + at_once] = bits.sum(axis=1, dtype=np.int64)
    means = 1 - 2 * (negative / record.shots)
    found = np.stack([means, sign_errors(means, record.shots)], axis=1)
    found[read.weight() == 0] = 1, 0
    return found


def purity(record: BellRecord, qubits: Part = None) -> tuple[float, float]:
    """Estimates the purity tr(ρ_A²) of a subset A of the qubits from one Bell record.

    Args:
        record: The Bell outcomes.
        qubits: The qubits in A, if the record holds its qubits; or their positions, from 0, among
            the sorted qubits on which the circuit acts; one or several. Or a mask, one bool for
            each. All qubits by default.

    Returns:
        The estimate, the mean of the SWAP eigenvalue on A, and its standard error. For the empty
        subset they are 1 and 0.

    Raises:
        ValueError: If it is not a Bell record, has no shots, or if a qubit is unknown or comes
            twice.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_bell, purity
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_bell(pair, cirq.Simulator(seed=1), 1000)
        >>> value, error = purity(record, a)  # exactly 1/2; also [a], 0 or [0]
        >>> print(f"{value:.2f} ± {error:.2f}")
        0.49 ± 0.03
    """
    check_record(record, BellRecord)
    chosen = np.zeros(record.qubits, dtype=np.uint8)
    chosen[places(qubits, record.qubits, record.held)] = 1
    found = _mean_signs(singlet_parity(record.system, record.memory, pack_bits(chosen)))
    return found if chosen.any() else (1.0, 0.0)
