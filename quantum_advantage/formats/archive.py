"""Records in one ``.npz`` file: packed arrays and a header in JSON, no pickle.

The header says what the record is (kind, version of the layout, qubits, scheme, shots in each
basis) and where it comes from (its provenance). A file is never overwritten.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.inference.bell import BellRecord
from quantum_advantage.inference.shadows import ShadowRecord
from quantum_advantage.inference.stabiliser_shadows import StabiliserRecord
from quantum_advantage.measurements.stabiliser import StabiliserBases
from quantum_advantage.pauli import words_for
from quantum_advantage.usage import UsageError

AnyRecord = ShadowRecord | StabiliserRecord | BellRecord
Arrays = dict[str, npt.NDArray[np.uint64]]

FORMAT = "quantum-advantage record"
VERSION = 1


def save_record(
    path: str | Path,
    record: AnyRecord,
    *,
    backend: str | None = None,
    time: str | None = None,
) -> None:
    """Saves a shadow, stabiliser or Bell record.

    Args:
        path: The file, by custom with the suffix ``.npz``; it must not exist.
        record: The record.
        backend: The name of the backend, if the provenance shall tell it.
        time: When it was measured, in the caller's words, likewise.

    Raises:
        FileExistsError: If the file exists.
    """
    header, arrays = _described(record)
    said = {"backend": backend, "time": time}
    header["provenance"].update({key: value for key, value in said.items() if value is not None})
    text = np.frombuffer(json.dumps(header, sort_keys=True).encode(), dtype=np.uint8)
    file = Path(path)
    with file.open("xb") as stream:
        try:
            np.savez(stream, header=text, **arrays)  # type: ignore[arg-type]
        except BaseException:
            file.unlink()
            raise


def _described(record: AnyRecord) -> tuple[dict[str, Any], Arrays]:
    header: dict[str, Any] = {"format": FORMAT, "version": VERSION, "shots": record.shots}
    if isinstance(record, BellRecord):
        header |= {"kind": "bell", "qubits": record.qubits, "provenance": {}}
        return header, {"system": record.system, "memory": record.memory}
    header["qubits"] = json.loads(cirq.to_json(list(record.qubits)))
    header["provenance"] = dict(record.provenance)
    if isinstance(record, StabiliserRecord):
        header["kind"] = "stabiliser"
        rows = np.stack(record.bases.rows)
        hadamards = record.bases.hadamards
        return header, {"rows": rows, "hadamards": hadamards, "outcomes": record.outcomes}
    header |= {"kind": "shadow", "scheme": record.scheme, "times": record.times}
    x, z = record.bases
    return header, {"bases_x": x, "bases_z": z, "outcomes": record.outcomes}


def read_header(path: str | Path) -> dict[str, Any]:
    """Reads what a saved record is and where it comes from.

    Returns:
        ``kind`` (``shadow``, ``stabiliser`` or ``bell``), ``qubits``, ``shots``, ``provenance`` and
        for shadows ``scheme`` and ``times``.

    Raises:
        ValueError: If the file is no record of this package, or of a later version.
    """
    with Path(path).open("rb") as stream:
        return _load(stream, path)[0]


def load_record(path: str | Path) -> AnyRecord:
    """Loads a record that :func:`save_record` saved.

    Raises:
        ValueError: If the file is no record of this package, damaged, or of a later version.
    """
    with Path(path).open("rb") as stream:
        header, arrays = _load(stream, path)
    try:
        return _rebuilt(header, arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is damaged: {error}") from None


def _load(stream: BinaryIO, path: str | Path) -> tuple[dict[str, Any], Arrays]:
    try:
        with np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop("header").tobytes().decode())
        found = header["format"], header["version"]
    except (AttributeError, KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile):
        raise UsageError(f"{path} is no record: expected an .npz file with a header") from None
    if found[0] != FORMAT or found[1] not in range(1, VERSION + 1):
        raise UsageError(f"{path} must be a {FORMAT} of version {VERSION} at most, not {found}")
    return header, arrays


def _checked(arrays: Arrays, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.uint64]:
    array = arrays[name]
    if array.shape != shape or array.dtype != np.uint64:
        raise UsageError(
            f"{name} must be {shape} words of 64 bits, not {array.shape} {array.dtype}"
        )
    return array


def _rebuilt(header: Mapping[str, Any], arrays: Arrays) -> AnyRecord:
    kind, shots = header["kind"], int(header["shots"])
    if kind == "bell":
        size = int(header["qubits"])
        shape = (shots, words_for(size))
        system, memory = (_checked(arrays, name, shape) for name in ("system", "memory"))
        return BellRecord(size, system, memory)
    qubits = tuple(cirq.read_json(json_text=json.dumps(header["qubits"])))
    size, provenance = len(qubits), dict(header["provenance"])
    if kind == "stabiliser":
        bases = StabiliserBases(
            tuple(_checked(arrays, "rows", (size, shots))), _checked(arrays, "hadamards", (shots,))
        )
        return StabiliserRecord(qubits, bases, _checked(arrays, "outcomes", (shots,)), provenance)
    if kind != "shadow":
        raise UsageError(f"kind must be shadow, stabiliser or bell, not {kind!r}")
    times, words = int(header["times"]), words_for(size)
    x, z = (_checked(arrays, name, (shots // times, words)) for name in ("bases_x", "bases_z"))
    outcomes = _checked(arrays, "outcomes", (shots, words))
    return ShadowRecord(qubits, (x, z), outcomes, times, header["scheme"], provenance)
