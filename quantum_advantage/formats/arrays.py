"""Arrays of other programs: PennyLane's shadows, and the ``.npy`` files of ReCirq's ``qml_lfe``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.bell import BellRecord
from quantum_advantage.inference.shadows import RANDOM, ShadowRecord
from quantum_advantage.measurements.pauli_basis import pack_bases, unpack_bases
from quantum_advantage.pauli import pack_bits, unpack_bits
from quantum_advantage.usage import UsageError

Octets = npt.NDArray[np.uint8]

# What ReCirq's basis labels 0, 1, 2 measure: +Z, -X, -Y, here as the numbers of Z, X, Y.
_RECIRQ_BASES = np.array([2, 0, 1], dtype=np.uint8)


def _small(array: npt.ArrayLike, name: str, largest: int) -> Octets:
    values = np.asarray(array)
    if values.ndim != 2 or not values.shape[1] or values.dtype.kind not in "biu":
        raise UsageError(
            f"{name} must be whole numbers of shape (shots, qubits), not {values.dtype} of shape "
            f"{values.shape}"
        )
    if values.size and not (values.min() >= 0 and values.max() <= largest):
        wrong = values.max() if values.max() > largest else values.min()
        raise UsageError(f"{name} must be between 0 and {largest}, not {wrong}")
    return values.astype(np.uint8)


def make_record(
    bits: Octets, bases: Octets, qubits: Sequence[cirq.Qid] | None, scheme: str, times: int
) -> ShadowRecord:
    """Makes a shadow record of outcomes and bases, (shots, n) each.

    Raises:
        ValueError: If the shapes differ, or the bases do not repeat ``times`` times in a row.
    """
    if bits.shape != bases.shape:
        raise UsageError(f"bits and bases must have one shape, not {bits.shape} and {bases.shape}")
    names = cirq.LineQubit.range(bits.shape[1]) if qubits is None else qubits
    if len(names) != bits.shape[1]:
        raise UsageError(f"qubits must be {bits.shape[1]}, one for each column, not {len(names)}")
    if times < 1 or bits.shape[0] % times or (bases != np.repeat(bases[::times], times, 0)).any():
        raise UsageError(f"bases must repeat {times} times in a row, each of them")
    return ShadowRecord(
        tuple(names), pack_bases(tuple(bases[::times].T)), pack_bits(bits), times, scheme
    )


def from_pennylane(
    bits: npt.ArrayLike,
    recipes: npt.ArrayLike,
    *,
    qubits: Sequence[cirq.Qid] | None = None,
    scheme: str = RANDOM,
    times: int = 1,
) -> ShadowRecord:
    """Makes a record of the two arrays of PennyLane's ``qml.classical_shadow``.

    Args:
        bits: (shots, n) outcomes, 0 for the eigenvalue +1.
        recipes: (shots, n) bases, 0, 1, 2 for X, Y, Z.
        qubits: What to call the n qubits; line qubits if not given.
        scheme: How the bases were chosen; PennyLane draws them at random.
        times: How many shots in a row share a basis.

    Raises:
        ValueError: If the arrays are of different or other shapes, or hold other numbers.
    """
    return make_record(
        _small(bits, "bits", 1), _small(recipes, "recipes", 2), qubits, scheme, times
    )


def to_pennylane(record: ShadowRecord) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Returns a record as PennyLane's ``bits`` and ``recipes``, (shots, n) each.

    ``qml.ClassicalShadow(bits, recipes)`` takes them.
    """
    size = len(record.qubits)
    recipes = np.repeat(unpack_bases(record.bases, size), record.times, axis=0)
    return unpack_bits(record.outcomes, size).astype(np.int8), recipes.astype(np.int8)


def _recirq_array(path: Path, columns: int, largest: int) -> Octets:
    """Loads a file ``Q-size-N-pauli-P.npy``; N, where the name says it, fixes the columns."""
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise UsageError(f"{path} is no .npy file of numbers: {error}") from None
    named = re.match(r"Q-size-(\d+)-", path.name)
    # The scripts squeeze what they save, so that a single qubit leaves a single axis.
    values = _small(array[:, None] if array.ndim == 1 else array, str(path), largest)
    if named and values.shape[1] != columns * int(named[1]):
        raise UsageError(
            f"{path} must have {columns * int(named[1])} columns for {named[1]} qubits, not "
            f"{values.shape[1]}"
        )
    return values


def read_recirq_conventional(
    path: str | Path, basis_path: str | Path | None = None
) -> ShadowRecord:
    """Reads what ReCirq's ``learn_states_c.py`` saved: single copies in random Pauli bases.

    The script saves ``Q-size-N-pauli-P.npy``, (shots, n) bits, as the two-copy script does, and
    beside it ``Q-size-N-pauli-P-basis.npy``, (shots, n) labels. Label 0 measures Z, but label 1
    measures -X and label 2 measures -Y: the gates ``PhasedXZGate(axis_phase_exponent=0.5,
    x_exponent=0.5)``, a quarter turn around Y, and the same with phase -1, one around -X, bring
    the eigenstates +1 of X and Y to |1⟩. The bits are turned here.

    Args:
        path: The file of the bits.
        basis_path: That of the labels; by default the one beside it.

    Returns:
        The record, on line qubits.

    Raises:
        ValueError: If a file holds anything else.
    """
    file = Path(path)
    labels_file = file.with_name(f"{file.stem}-basis.npy") if basis_path is None else basis_path
    bits = _recirq_array(file, 1, 1)
    labels = _recirq_array(Path(labels_file), 1, 2)
    if bits.shape != labels.shape:
        raise UsageError(
            f"{file} and {labels_file} must have one shape, not {bits.shape} and {labels.shape}"
        )
    return make_record(bits ^ (labels != 0), _RECIRQ_BASES[labels], None, RANDOM, 1)


def read_recirq_bell(path: str | Path) -> BellRecord:
    """Reads what ReCirq's ``learn_states_q.py`` saved: Bell measurements of two copies.

    Args:
        path: The file ``Q-size-N-pauli-P.npy``, (shots, 2n) bits: a of pair 0, b of pair 0, a of
            pair 1 and so on, with the Bell states of this package.

    Returns:
        The record.

    Raises:
        ValueError: If the file holds anything else.
    """
    bits = _recirq_array(Path(path), 2, 1)
    if bits.shape[1] % 2:
        raise UsageError(f"{path} must have two columns for each qubit, not {bits.shape[1]} in all")
    return BellRecord(bits.shape[1] // 2, pack_bits(bits[:, ::2]), pack_bits(bits[:, 1::2]))
