"""Arrays of other programs: PennyLane's shadows, and the ``.npy`` files of ReCirq's ``qml_lfe``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import pack_bits, unpack_bits
from quantum_advantage.core.npy import read_npy
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import plain_array
from quantum_advantage.formats.repeats import check_fresh
from quantum_advantage.measurements.pauli_basis import pack_bases, unpack_bases
from quantum_advantage.measurements.records import RANDOM, BellRecord, ShadowRecord

Octets = npt.NDArray[np.uint8]

# What ReCirq's basis labels 0, 1, 2 measure: +Z, -X, -Y, here as the numbers of Z, X, Y.
_RECIRQ_BASES = np.array([2, 0, 1], dtype=np.uint8)


def _small(array: npt.ArrayLike, name: str, largest: int) -> Octets:
    values = plain_array(name, array)
    if values.ndim != 2 or not values.shape[1] or values.dtype.kind not in "biu":
        raise UsageError(
            f"{name} must be whole numbers of shape (shots, qubits), not {values.dtype} of shape "
            f"{values.shape}"
        )
    if values.size and not (values.min() >= 0 and values.max() <= largest):
        wrong = values.max() if values.max() > largest else values.min()
        raise UsageError(f"{name} must be between 0 and {largest}, not {wrong}")
    return values.astype(np.uint8)


def check_shadow(record: ShadowRecord) -> None:
    """Checks that something is a shadow record.

    Raises:
        UsageError: If it is another kind of record, or none.

    Example:
        >>> try:
        ...     check_shadow("bits.npy")
        ... except ValueError as error:
        ...     print(error)
        record must be a shadow record, not str
    """
    if not isinstance(record, ShadowRecord):
        raise UsageError(f"record must be a shadow record, not {type(record).__name__}")


def make_record(
    bits: Octets,
    bases: Octets,
    qubits: Sequence[cirq.Qid] | None,
    scheme: str,
    times: int | None,
    where: str = "bases",
) -> ShadowRecord:
    """Makes a shadow record from arrays of outcomes and bases.

    Args:
        bits: (shots, n) outcomes, 0 for the eigenvalue +1 and 1 for -1.
        bases: (shots, n) bases, 0, 1, 2 for X, Y, Z.
        qubits: What to call the n qubits; line qubits if not given.
        scheme: How the bases were chosen; ``random`` if uniformly.
        times: How many shots in a row share a basis. None if it is not known: then it is 1, and
            bases that are called random are refused where they repeat too often for that.
        where: What holds the bases, for messages.

    Raises:
        ValueError: If the shapes differ, the qubits are not all different or not as many as
            columns, ``times`` is below 1, the bases do not repeat so often in a row, or random ones
            repeat though
            ``times`` is not given.

    Example:
        >>> bits, bases = np.array([[0, 1], [0, 0]]), np.array([[2, 2], [2, 2]])  # ZZ, twice
        >>> make_record(bits.astype(np.uint8), bases.astype(np.uint8), None, "given", times=2)
        ShadowRecord(2 shots of 2 qubits in 1 given bases, each 2 times)
    """
    if bits.shape != bases.shape:
        raise UsageError(f"bits and bases must have one shape, not {bits.shape} and {bases.shape}")
    try:
        names = tuple(cirq.LineQubit.range(bits.shape[1]) if qubits is None else qubits)
    except TypeError:
        raise UsageError(f"qubits must be a list of qubits of Cirq, not {qubits!r}") from None
    if not all(isinstance(name, cirq.Qid) for name in names):
        raise UsageError(f"qubits must be qubits of Cirq, not {list(names)}")
    if len(names) != bits.shape[1]:
        raise UsageError(f"qubits must be {bits.shape[1]}, one for each column, not {len(names)}")
    if len(set(names)) != len(names):
        raise UsageError(f"qubits must all be different, not {list(map(str, names))}")
    if not isinstance(scheme, str):
        raise UsageError(f"scheme must be a text, not {scheme!r}")
    if times is None:
        times = 1
        if scheme == RANDOM:
            try:
                check_fresh(bases)
            except ValueError as error:
                raise UsageError(f"{where} {error}") from None
    elif isinstance(times, bool) or not isinstance(times, int | np.integer):
        raise UsageError(f"times must be a whole number, not {times!r}")
    if times < 1:
        raise UsageError(f"times must be at least 1, not {times}")
    if bits.shape[0] % times or (bases != np.repeat(bases[::times], times, 0)).any():
        raise UsageError(f"bases must repeat {times} times in a row, each of them")
    packed = pack_bases(tuple(bases[::times].T))
    return ShadowRecord(names, packed, pack_bits(bits), int(times), scheme)


def from_pennylane(
    bits: npt.ArrayLike,
    recipes: npt.ArrayLike,
    *,
    qubits: Sequence[cirq.Qid] | None = None,
    scheme: str = RANDOM,
    times: int | None = None,
) -> ShadowRecord:
    """Makes a record from the two arrays of PennyLane's ``qml.classical_shadow``.

    Args:
        bits: (shots, n) outcomes, 0 for the eigenvalue +1 and 1 for -1.
        recipes: (shots, n) bases, 0, 1, 2 for X, Y, Z.
        qubits: What to call the n qubits, all different; line qubits if not given.
        scheme: How the bases were chosen; PennyLane draws them at random.
        times: How many shots in a row share a basis. The arrays do not say it; where it is not
            given and random bases repeat more often than in one of 10⁹ honest records, they are
            refused.

    Returns:
        The record, on n qubits.

    Raises:
        ValueError: If the arrays are of different or other shapes, or hold other numbers, the
            qubits are not n different ones, the bases do not repeat ``times`` times in a row, or
            they repeat though ``times`` is not given.

    Example:
        Two shots of the state |00⟩, measured in ZZ and in ZX:

        >>> from quantum_advantage import expectation
        >>> record = from_pennylane(bits=[[0, 0], [0, 1]], recipes=[[2, 2], [2, 0]])
        >>> record
        ShadowRecord(2 shots of 2 qubits in 2 random bases)
        >>> value, _ = expectation(record, cirq.Z(cirq.q(0)))
        >>> round(value, 3)  # both shots measured Z of this qubit, with outcome +1
        3.0
    """
    return make_record(
        _small(bits, "bits", 1), _small(recipes, "recipes", 2), qubits, scheme, times, "recipes"
    )


def to_pennylane(record: ShadowRecord) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Returns a record as PennyLane's ``bits`` and ``recipes``.

    ``qml.ClassicalShadow(bits, recipes)`` takes them. They do not say how many shots in a row share
    a basis: read back, they need the record's ``times``.

    Returns:
        (shots, n) outcomes, 0 for the eigenvalue +1, and (shots, n) bases, 0, 1, 2 for X, Y, Z.

    Raises:
        ValueError: If it is another kind of record.

    Example:
        >>> from quantum_advantage import measure_shadow
        >>> plus = cirq.Circuit(cirq.H(cirq.q(0)))
        >>> bits, recipes = to_pennylane(measure_shadow(plus, cirq.Simulator(seed=1), 300, seed=2))
        >>> bits.shape, bits[recipes == 0].any()  # whatever was measured in X is +1
        ((300, 1), np.False_)
    """
    check_shadow(record)
    size = len(record.qubits)
    recipes = np.repeat(unpack_bases(record.bases, size), record.times, axis=0)
    return unpack_bits(record.outcomes, size).astype(np.int8), recipes.astype(np.int8)


# ``Q-size-6-pauli-XXYZIZ.npy``, and ``1D-scramble-C-size-6-depth-5-type-0-batch-0-number-3.npy``.
_STATES = re.compile(r"([QC])-size-(\d{1,4})-")
_DYNAMICS = re.compile(
    r"1D-scramble-([QC])-size-(\d{1,4})-depth-(\d{1,9})-type-([01])-batch-(\d{1,9})-"
    r"number-(\d{1,9})"
)


def _recirq_array(path: Path, columns: int, largest: int) -> Octets:
    """Loads a file of bits; the number of qubits, where the name says it, fixes the columns."""
    array = read_npy(path)
    # The scripts squeeze their arrays, so that a single qubit leaves one axis.
    values = _small(array[:, None] if array.ndim == 1 else array, str(path), largest)
    named = _DYNAMICS.match(path.name) or _STATES.match(path.name)
    if named and values.shape[1] != columns * int(named[2]):
        raise UsageError(
            f"{path} must have {columns * int(named[2])} columns for {named[2]} qubits, not "
            f"{values.shape[1]}"
        )
    return values


def read_recirq_conventional(
    path: str | Path, basis_path: str | Path | None = None, *, times: int | None = None
) -> ShadowRecord:
    """Reads what ReCirq's ``learn_states_c.py`` saved: single copies in random Pauli bases.

    The script saves ``Q-size-N-pauli-P.npy``, (shots, n) bits, as the two-copy script does, and
    beside it ``Q-size-N-pauli-P-basis.npy``, (shots, n) labels. Label 0 measures Z, but label 1
    measures -X and label 2 measures -Y: the gates ``PhasedXZGate(axis_phase_exponent=0.5,
    x_exponent=0.5)``, a quarter turn around Y, and the same with phase -1, one around -X, bring
    the eigenstates +1 of X and Y to |1⟩. The bits are inverted here, so that 0 is the eigenvalue
    +1.

    Args:
        path: The file of the bits.
        basis_path: That of the labels; by default the one beside it.
        times: How many shots in a row share a basis, as in :func:`from_pennylane`.

    Returns:
        The record, on line qubits.

    Raises:
        ValueError: If a file holds anything else, or the bases do not repeat as ``times`` says.
        OSError: If a file cannot be read.

    Example:
        One shot of |+⟩|0⟩: label 1 gives the bit 1 for the eigenvalue +1 of X.

        >>> import tempfile
        >>> from quantum_advantage.core.bits import unpack_bits
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "Q-size-2-pauli-XZ.npy")
        ...     np.save(file, np.array([[1, 0]]))
        ...     np.save(file.with_name("Q-size-2-pauli-XZ-basis.npy"), np.array([[1, 0]]))
        ...     record = read_recirq_conventional(file)
        >>> unpack_bits(record.outcomes, 2).tolist(), unpack_bases(record.bases, 2).tolist()
        ([[0, 0]], [[0, 2]])
    """
    file = Path(path)
    labels_file = Path(
        file.with_name(f"{file.stem}-basis.npy") if basis_path is None else basis_path
    )
    bits = _recirq_array(file, 1, 1)
    labels = _recirq_array(labels_file, 1, 2)
    if bits.shape != labels.shape:
        raise UsageError(
            f"{file} and {labels_file} must have one shape, not {bits.shape} and {labels.shape}"
        )
    return make_record(
        bits ^ (labels != 0), _RECIRQ_BASES[labels], None, RANDOM, times, f"labels in {labels_file}"
    )


def read_recirq_bell(path: str | Path) -> BellRecord:
    """Reads what ReCirq's ``learn_states_q.py`` and ``learn_dynamics_q.py`` saved: Bell outcomes.

    Args:
        path: The file ``Q-size-N-pauli-P.npy`` or ``1D-scramble-Q-size-N-...npy``, (shots, 2n)
            bits: a of pair 0, b of pair 0, a of pair 1 and so on, with the Bell states of this
            package.

    Returns:
        The record.

    Raises:
        ValueError: If the file holds anything else, as the single copies of ``learn_states_c.py``
            and ``learn_dynamics_c.py``.
        OSError: If it cannot be read.

    Example:
        Two shots, both with the outcomes (0, 0) of the Bell state Φ⁺, where X⊗X and Z⊗Z are +1:

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.save(Path(folder, "Q-size-1-pauli-X.npy"), np.zeros((2, 2), dtype=int))
        ...     record = read_recirq_bell(Path(folder, "Q-size-1-pauli-X.npy"))
        >>> record
        BellRecord(2 shots of 2 x 1 qubits)
    """
    file = Path(path)
    named = _DYNAMICS.match(file.name) or _STATES.match(file.name)
    if (named and named[1] == "C") or file.stem.endswith("-basis"):
        raise UsageError(
            f"{file} holds single copies, not Bell pairs; read it with read_recirq_conventional or "
            "read_recirq_dynamics"
        )
    bits = _recirq_array(file, 2, 1)
    if bits.shape[1] % 2:
        raise UsageError(f"{file} must have two columns for each qubit, not {bits.shape[1]} in all")
    if file.with_name(f"{file.stem}-basis.npy").exists():
        raise UsageError(
            f"{file} has a file of bases beside it, as single copies have, not Bell pairs; read it "
            "with read_recirq_conventional"
        )
    return BellRecord(bits.shape[1] // 2, pack_bits(bits[:, ::2]), pack_bits(bits[:, 1::2]))


def read_recirq_dynamics(path: str | Path) -> ShadowRecord:
    """Reads what ReCirq's ``learn_dynamics_c.py`` saved: single copies after one evolution.

    The script applies S and H after the evolution and measures, on every qubit. S†H Z H S is -Y,
    so that its bit 0 is the eigenvalue -1 of Y. The bits are inverted here, so that 0 is +1.

    Args:
        path: The file ``1D-scramble-C-size-N-depth-D-type-S-batch-B-number-K.npy``, (shots, n)
            bits.

    Returns:
        The record, on line qubits: one setting, Y on all of them, with all shots. Its provenance
        holds what the name says: ``depth``, ``symmetric`` (1 for an evolution with time-reversal
        symmetry, 0 for one without), ``batch`` and ``number``.

    Raises:
        ValueError: If the file holds anything else.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> name = "1D-scramble-C-size-2-depth-5-type-1-batch-0-number-3.npy"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.save(Path(folder, name), np.array([[0, 1], [1, 1], [0, 0]]))
        ...     record = read_recirq_dynamics(Path(folder, name))
        >>> record, record.provenance["symmetric"]
        (ShadowRecord(3 shots of 2 qubits in 1 given bases, each 3 times), 1)
    """
    file = Path(path)
    named = _DYNAMICS.match(file.name)
    if named is None or named[1] != "C":
        raise UsageError(
            f"{file} must be named 1D-scramble-C-size-N-depth-D-type-S-batch-B-number-K.npy, as "
            "learn_dynamics_c.py does"
        )
    bits = _recirq_array(file, 1, 1)
    if not bits.shape[0]:
        raise UsageError(f"{file} must hold at least one shot, not 0")
    record = make_record(bits ^ np.uint8(1), np.ones_like(bits), None, "given", bits.shape[0])
    keys = "depth", "symmetric", "batch", "number"
    return replace(record, provenance=dict(zip(keys, map(int, named.groups()[2:]), strict=True)))
