"""How much the shots of two records in random Pauli bases agree, counted over all pairs of shots.

A shot in a random Pauli basis stands for the product of the σ_i = 3|s_i⟩⟨s_i| - I, a classical
shadow (Huang, Kueng and Preskill, Nature Physics 16, 1050 (2020)). For two shots

    tr(σ_i σ'_i) = 5, -4 or 1/2

where a qubit was measured in the same basis with the same outcome, in the same basis with the other
outcome, or in different bases. The sum over the n qubits is n/2 + 9/2 S, with S the number of
qubits of the first kind less those of the second. So all that kernels of pairs of shots need is how
many pairs have which S (derived here). On packed bits S is two counts of ones for every word; an
optional compiled kernel (``pip install quantum-advantage[fast]``) counts so. Otherwise S is a
scalar product of ±1 at the place of the basis of each qubit, and all pairs are a matrix product.
Whole numbers in single precision are exact, so that both counts are equal.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference import checks
from quantum_advantage.inference.shadows.compiled import pairs_compiled
from quantum_advantage.measurements.pauli_basis import unpack_bases
from quantum_advantage.measurements.records import RANDOM, ShadowRecord

Integers = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]
# Shots of which all values with those of another record are within the cache.
SHOTS_AT_ONCE = 128


def check_states(records: Sequence[ShadowRecord], least_shots: int = 2) -> int:
    """Checks the records of several states; returns their number n of qubits.

    Args:
        records: One record for each state.
        least_shots: The least shots of each.

    Raises:
        UsageError: If there is no record, or one of another kind, with too few shots, on another
            number of qubits, or not in random bases, each of them used once.

    Example:
        >>> try:
        ...     check_states([])
        ... except ValueError as error:
        ...     print(error)
        records must be one for each state, not none
    """
    if not len(records):
        raise UsageError("records must be one for each state, not none")
    for record in records:
        checks.check_record(record, ShadowRecord)
        if record.scheme != RANDOM or record.times != 1:
            raise UsageError(f"records must be in random bases, each used once, not {record}")
        if record.shots < least_shots:
            raise UsageError(f"records must have at least {least_shots} shots, not {record.shots}")
    sizes = {len(record.qubits) for record in records}
    if len(sizes) > 1:
        raise UsageError(f"records must be of one number of qubits, not of {sorted(sizes)}")
    return sizes.pop()


def sign_rows(record: ShadowRecord) -> Singles:
    """Returns the outcome of every shot at the place of its basis, as ±1 among zeros.

    Args:
        record: Shots in Pauli bases, each used once.

    Returns:
        (shots, 3n): first the outcomes of the n qubits where they were measured in X, then those
        in Y, then those in Z.

    Example:
        >>> import cirq
        >>> from quantum_advantage.core.bits import pack_bits
        >>> from quantum_advantage.measurements.pauli_basis import pack_bases
        >>> bases, bits = pack_bases([[0], [2]]), pack_bits([[1, 0]])  # X: -1, Z: +1
        >>> record = ShadowRecord(tuple(cirq.LineQubit.range(2)), bases, bits)
        >>> sign_rows(record).astype(int).tolist()
        [[-1, 0, 0, 0, 0, 1]]
    """
    qubits = len(record.qubits)
    bases = unpack_bases(record.bases, qubits)
    signs = 1 - 2 * unpack_bits(record.outcomes, qubits).astype(np.float32)
    return np.concatenate([signs * (bases == basis) for basis in range(3)], axis=1)


def count_agreements(records: Sequence[ShadowRecord]) -> Integers:
    """Counts the pairs of shots of every two states by their agreement S.

    Args:
        records: One record for each state, in random Pauli bases, each used once.

    Returns:
        (states, states, 2n + 1) numbers of pairs with S = -n, ..., n: of a shot of the one state
        and a shot of the other, or of two different shots of the same state, in either order.

    Raises:
        UsageError: As :func:`check_states`.

    Example:
        Two shots of |0⟩ in the Z basis, two of |1⟩:

        >>> import cirq
        >>> from quantum_advantage.core.bits import pack_bits
        >>> from quantum_advantage.measurements.pauli_basis import pack_bases
        >>> q, bases = (cirq.LineQubit(0),), pack_bases([[2, 2]])
        >>> records = [ShadowRecord(q, bases, pack_bits([[b], [b]])) for b in (0, 1)]
        >>> counts = count_agreements(records)
        >>> counts[0, 0].tolist(), counts[0, 1].tolist()  # S = -1, 0, 1
        ([0, 0, 2], [4, 0, 0])
    """
    qubits = check_states(records)
    states = len(records)
    counts = np.zeros((states, states, 2 * qubits + 1), dtype=np.int64)
    fill = _count_products if pairs_compiled is None else _count_words
    fill(records, qubits, counts)
    for one in range(states):
        # A shot agrees with itself on every qubit.
        counts[one, one, -1] -= records[one].shots
        counts[one, :one] = counts[:one, one]
    return counts


def _count_products(records: Sequence[ShadowRecord], qubits: int, counts: Integers) -> None:
    """Counts all pairs with the states from the first one on, by matrix products."""
    rows = [sign_rows(record) for record in records]
    for one, left in enumerate(rows):
        for two in range(one, len(rows)):
            right = rows[two].T
            for start in range(0, len(left), SHOTS_AT_ONCE):
                agreements = left[start : start + SHOTS_AT_ONCE] @ right
                agreements += qubits
                places = agreements.astype(np.intp).ravel()
                counts[one, two] += np.bincount(places, minlength=counts.shape[2])


def _count_words(records: Sequence[ShadowRecord], qubits: int, counts: Integers) -> None:
    """Counts the same by words."""
    assert pairs_compiled is not None
    rows = [np.stack([*record.bases, record.outcomes]) for record in records]
    columns = [np.ascontiguousarray(words.transpose(0, 2, 1)) for words in rows]
    for one, left in enumerate(rows):
        for two in range(one, len(rows)):
            pairs_compiled(left, columns[two], qubits, counts[one, two])
