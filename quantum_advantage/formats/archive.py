"""Records in one ``.npz`` file: packed arrays and a header in JSON, no pickle.

The header says what the record is (kind, version of the layout, qubits, scheme, shots in each
basis) and where it comes from (its provenance). It holds the SHA-256 of itself and the arrays, so
that a record with a changed value is refused. A file is never overwritten.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.fields import MOST_LETTERS, shown, text, whole
from quantum_advantage.core.files import MOST_JSON, create_file, parse_json
from quantum_advantage.core.npy import read_npz
from quantum_advantage.core.pauli import Words, pack_bits, words_for
from quantum_advantage.core.usage import UsageError
from quantum_advantage.formats.qubits import qubits_from_json, qubits_to_json
from quantum_advantage.measurements.records import BellRecord, ShadowRecord, StabiliserRecord
from quantum_advantage.measurements.stabiliser import StabiliserBases

AnyRecord = ShadowRecord | StabiliserRecord | BellRecord
Arrays = dict[str, npt.NDArray[np.uint64]]

FORMAT = "quantum-advantage record"
# Version 1 had no SHA-256.
VERSION = 2
_DIGEST = "sha256"
_HEADER = "header"
_ARRAYS = ("system", "memory", "bases_x", "bases_z", "rows", "hadamards", "outcomes")
_MOST_QUBITS = 2**16
_MOST_SHOTS = 2**40
# Each row of a stabiliser basis is one 64-bit word.
_MOST_STABILISER_QUBITS = 64


def save_record(
    path: str | Path,
    record: AnyRecord,
    *,
    backend: str | None = None,
    time: str | None = None,
) -> None:
    """Saves a shadow, stabiliser or Bell record; a file that exists is never overwritten.

    Args:
        path: The file, by custom with the suffix ``.npz``; it must not exist.
        record: The record.
        backend: The name of the backend, to be added to the provenance.
        time: When it was measured, in the caller's words, likewise.

    Raises:
        FileExistsError: If the file exists.
        OSError: If the file cannot be written.
        ValueError: If it is no such record, or holds what a file cannot, such as qubits of a type
            of your own or a provenance that is not finite.

    Example:
        >>> import tempfile
        >>> import cirq
        >>> from quantum_advantage import expectation, measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 40, seed=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "pair.npz")
        ...     save_record(file, record, backend="cirq", time="2024-05-01")
        ...     loaded = load_record(file)
        >>> loaded, loaded.provenance["backend"]
        (ShadowRecord(40 shots of 2 qubits in 40 random bases), 'cirq')
        >>> zz = cirq.Z(a) * cirq.Z(b)
        >>> expectation(loaded, zz) == expectation(record, zz)
        True
    """
    if not isinstance(record, AnyRecord):
        raise UsageError(
            f"record must be a shadow, stabiliser or Bell record, not {type(record).__name__}"
        )
    header, arrays = _described(record)
    said = {"backend": backend, "time": time}
    provenance = {key: value for key, value in said.items() if value is not None}
    try:
        header["provenance"] = _provenance({**header["provenance"], **provenance})
        if header["kind"] == "shadow":
            text(header["scheme"], "scheme")
    except ValueError as error:
        raise UsageError(str(error)) from None
    header[_DIGEST] = _digest(header, arrays)
    described = np.frombuffer(json.dumps(header, sort_keys=True).encode(), dtype=np.uint8)
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **{_HEADER: described}, **arrays)
    create_file(Path(path), content.getvalue())


def _described(record: AnyRecord) -> tuple[dict[str, Any], Arrays]:
    header: dict[str, Any] = {"format": FORMAT, "version": VERSION, "shots": record.shots}
    if isinstance(record, BellRecord):
        header |= {"kind": "bell", "qubits": record.qubits, "provenance": {}}
        if record.held is not None:
            header["held"] = qubits_to_json(record.held)
        return header, {"system": record.system, "memory": record.memory}
    header["qubits"] = qubits_to_json(record.qubits)
    header["provenance"] = dict(record.provenance)
    if isinstance(record, StabiliserRecord):
        header["kind"] = "stabiliser"
        rows = np.stack(record.bases.rows)
        hadamards = record.bases.hadamards
        return header, {"rows": rows, "hadamards": hadamards, "outcomes": record.outcomes}
    header |= {"kind": "shadow", "scheme": record.scheme, "times": record.times}
    x, z = record.bases
    return header, {"bases_x": x, "bases_z": z, "outcomes": record.outcomes}


def _digest(header: Mapping[str, Any], arrays: Arrays) -> str:
    """Returns the SHA-256 of a header without its own, and of the arrays in the order of names."""
    told = {key: value for key, value in header.items() if key != _DIGEST}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name], dtype="<u8")
        digest.update(f"{name} {array.shape}".encode())
        digest.update(array.data)
    return digest.hexdigest()


def read_header(path: str | Path) -> dict[str, Any]:
    """Reads what a saved record is and where it comes from.

    Returns:
        ``kind`` (``shadow``, ``stabiliser`` or ``bell``), ``qubits``, ``shots``, ``provenance`` and
        for shadows ``scheme`` and ``times``.

    Warns:
        UserWarning: If an earlier version saved it, without a checksum.

    Raises:
        ValueError: If the file is no record of this package, damaged, or of a later version.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> record = measure_bell(cirq.Circuit(cirq.H(cirq.q(0))), cirq.Simulator(seed=1), 50)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_record(Path(folder, "plus.npz"), record, time="May 2024")
        ...     header = read_header(Path(folder, "plus.npz"))
        >>> header["kind"], header["qubits"], header["shots"], header["provenance"]
        ('bell', 1, 50, {'time': 'May 2024'})
    """
    return _load(Path(path))[0]


def load_record(path: str | Path) -> AnyRecord:
    """Loads a record that :func:`save_record` saved.

    Warns:
        UserWarning: If an earlier version saved it, without a checksum.

    Raises:
        ValueError: If the file is no record of this package, damaged, or of a later version.
        OSError: If it cannot be read.

    Example:
        A changed byte is noticed:

        >>> import tempfile
        >>> import cirq
        >>> from quantum_advantage import measure_bell
        >>> record = measure_bell(cirq.Circuit(cirq.H(cirq.q(0))), cirq.Simulator(seed=1), 50)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "plus.npz")
        ...     save_record(file, record)
        ...     print(load_record(file))
        ...     _ = file.write_bytes(file.read_bytes().replace(b"bell", b"ball"))
        ...     try:
        ...         load_record(file)
        ...     except ValueError as error:
        ...         print(str(error).replace(folder, "..."))
        BellRecord(50 shots of 2 x 1 qubits)
        .../plus.npz is ...
    """
    header, arrays = _load(Path(path))
    try:
        return _rebuilt(header, arrays)
    except (KeyError, ValueError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else error
        raise UsageError(f"{path} is damaged: {missing}") from None


def _load(path: Path) -> tuple[dict[str, Any], Arrays]:
    try:
        arrays = read_npz(path, (_HEADER, *_ARRAYS))
        described = arrays.pop(_HEADER)
        if described.dtype != np.uint8 or described.size > MOST_JSON:
            raise ValueError(f"its header must be a text of at most {MOST_JSON} bytes")
        header = parse_json(described.tobytes().decode())
        found = header["format"], header["version"]
    except (KeyError, TypeError, ValueError) as error:
        reason = f"; {error}" if isinstance(error, ValueError) else ""
        raise UsageError(
            f"{path} is no record: expected an .npz file with a header{reason}"
        ) from None
    if found[0] != FORMAT or type(found[1]) is not int or not 1 <= found[1] <= VERSION:
        raise UsageError(
            f"{path} must be a {FORMAT} of version {VERSION} at most, not ({shown(found[0])}, "
            f"{shown(found[1])})"
        )
    if found[1] == 1:
        warnings.warn(
            f"{path} was saved by an earlier version, without a checksum: a changed value in it "
            "would not be noticed",
            stacklevel=3,
        )
    elif any(array.dtype != np.uint64 for array in arrays.values()) or (
        header.pop(_DIGEST, None) != _digest(header, arrays)
    ):
        raise UsageError(f"{path} is damaged: it does not match its checksum")
    return header, arrays


def _checked(arrays: Arrays, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.uint64]:
    array = arrays[name]
    if array.shape != shape or array.dtype != np.uint64:
        raise ValueError(
            f"{name} must be {shape} words of 64 bits, not {array.shape} {array.dtype}"
        )
    return array.astype(np.uint64, copy=False)


def _within(array: Words, mask: Words, name: str) -> Words:
    if (array & ~mask).any():
        raise ValueError(f"{name} must have no bit beyond the qubits")
    return array


def _provenance(values: Any) -> dict[str, str | int | float | None]:
    if not isinstance(values, dict):
        raise ValueError("provenance must be an object")
    for key, value in values.items():
        if not isinstance(key, str) or not isinstance(value, str | int | float | None):
            raise ValueError(f"provenance must be plain values by name, not {shown(key)}")
        if len(key) > MOST_LETTERS or (isinstance(value, float) and not np.isfinite(value)):
            raise ValueError(f"provenance must have finite values, not {shown(value)}")
    return dict(values)


def _rebuilt(header: Mapping[str, Any], arrays: Arrays) -> AnyRecord:
    kind, shots = header["kind"], whole(header["shots"], "shots", 0, _MOST_SHOTS)
    if kind == "bell":
        return _rebuilt_bell(header, arrays, shots)
    if kind not in ("stabiliser", "shadow"):
        raise ValueError(f"kind must be shadow, stabiliser or bell, not {shown(kind)}")
    qubits = qubits_from_json(header["qubits"])
    provenance, size = _provenance(header["provenance"]), len(qubits)
    mask = pack_bits(np.ones(size, dtype=np.uint8))
    if kind == "stabiliser":
        bases = _rebuilt_bases(arrays, size, shots)
        outcomes = _within(_checked(arrays, "outcomes", (shots,)), mask[:1], "outcomes")
        return StabiliserRecord(qubits, bases, outcomes, provenance)
    times, words = whole(header["times"], "times", 1, max(1, shots)), words_for(size)
    x, z = (_checked(arrays, name, (shots // times, words)) for name in ("bases_x", "bases_z"))
    outcomes = _within(_checked(arrays, "outcomes", (shots, words)), mask, "outcomes")
    if ((x | z) != mask).any():
        raise ValueError("bases must be X, Y or Z for every qubit, and for no other")
    return ShadowRecord(
        qubits, (x, z), outcomes, times, text(header["scheme"], "scheme"), provenance
    )


def _rebuilt_bell(header: Mapping[str, Any], arrays: Arrays, shots: int) -> BellRecord:
    size = whole(header["qubits"], "qubits", 1, _MOST_QUBITS)
    mask = pack_bits(np.ones(size, dtype=np.uint8))
    system, memory = (
        _within(_checked(arrays, name, (shots, words_for(size))), mask, name)
        for name in ("system", "memory")
    )
    held = qubits_from_json(header["held"]) if "held" in header else None
    return BellRecord(size, system, memory, held)


def _rebuilt_bases(arrays: Arrays, size: int, shots: int) -> StabiliserBases:
    whole(size, "the number of qubits", 1, _MOST_STABILISER_QUBITS)
    rows = _checked(arrays, "rows", (size, shots))
    hadamards = _checked(arrays, "hadamards", (shots,))
    for i, row in enumerate(rows):
        # A row has entries from the diagonal on; it is empty where a Hadamard acts.
        allowed = np.uint64((1 << size) - (1 << i))
        turned = (hadamards >> np.uint64(i)) & np.uint64(1)
        if (row & ~allowed).any() or row[turned == 1].any():
            raise ValueError(f"row {i} of the bases must be that of a stabiliser basis")
    _within(hadamards, np.array([(1 << size) - 1], dtype=np.uint64), "hadamards")
    return StabiliserBases(tuple(rows), hadamards)
