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
    """Saves a record.

    Args:
        path: The file, by custom with the suffix ``.npz``; it must not exist.
        record: The record.
        backend: The name of the backend, if the provenance shall tell it.
        time: When it was measured, in the caller's words, likewise.

    Raises:
        FileExistsError: If the file exists.
        ValueError: If the record holds what a file cannot, as qubits of a type of your own.
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

    Raises:
        ValueError: If the file is no record of this package, damaged, or of a later version.
    """
    return _load(Path(path))[0]


def load_record(path: str | Path) -> AnyRecord:
    """Loads a record that :func:`save_record` saved.

    Warns:
        UserWarning: If an earlier version saved it, without a checksum.

    Raises:
        ValueError: If the file is no record of this package, damaged, or of a later version.
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
