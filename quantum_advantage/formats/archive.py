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

from quantum_advantage.core.fields import shown
from quantum_advantage.core.files import MOST_JSON, create_file, parse_json
from quantum_advantage.core.npy import read_npz
from quantum_advantage.core.usage import UsageError
from quantum_advantage.formats.described import (
    AnyRecord,
    Arrays,
    checked_provenance,
    describe,
    rebuild,
)

FORMAT = "quantum-advantage record"
# Version 1 had no SHA-256.
VERSION = 2
_DIGEST = "sha256"
_HEADER = "header"
_OF_PAIRS = ("system", "memory", "swaps", "values")
_ARRAYS = (*_OF_PAIRS, "bases_x", "bases_z", "rows", "hadamards", "outcomes")


def save_record(
    path: str | Path,
    record: AnyRecord,
    *,
    backend: str | None = None,
    time: str | None = None,
) -> None:
    """Saves a record of any kind; a file that exists is never overwritten.

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
    described, arrays = describe(record)
    header = {"format": FORMAT, "version": VERSION, **described}
    said = {"backend": backend, "time": time}
    provenance = {key: value for key, value in said.items() if value is not None}
    try:
        header["provenance"] = checked_provenance({**header["provenance"], **provenance})
    except ValueError as error:
        raise UsageError(str(error)) from None
    header[_DIGEST] = _digest(header, arrays)
    packed = np.frombuffer(json.dumps(header, sort_keys=True).encode(), dtype=np.uint8)
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **{_HEADER: packed}, **arrays)
    create_file(Path(path), content.getvalue())


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
        ``kind`` (``shadow``, ``stabiliser``, ``bell`` or ``principal``), ``shots``, ``provenance``,
        and what else describes that kind, such as ``qubits``.

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
        return rebuild(header, arrays)
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
