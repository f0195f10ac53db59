"""What a record holds: a header of plain values and packed arrays, and back, all of it checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import Words, pack_bits, words_for
from quantum_advantage.core.fields import MOST_LETTERS, shown, text, whole
from quantum_advantage.core.usage import UsageError
from quantum_advantage.formats.qubits import qubits_from_json, qubits_to_json
from quantum_advantage.measurements.records import (
    BellRecord,
    PrincipalRecord,
    ShadowRecord,
    StabiliserRecord,
)
from quantum_advantage.measurements.stabiliser import StabiliserBases

AnyRecord = ShadowRecord | StabiliserRecord | BellRecord | PrincipalRecord
Arrays = dict[str, npt.NDArray[np.uint64]]

_MOST_QUBITS = 2**16
_MOST_SHOTS = 2**40
# A stabiliser basis of a shot is held in words.
_MOST_STABILISER_QUBITS = 64
# What stands for the values of a principal record in a file, by their place.
_VALUES = np.array([0, 1, -1], dtype=np.int8)


def describe(record: AnyRecord) -> tuple[dict[str, Any], Arrays]:
    """Returns what a record is and where it comes from, and its arrays by name.

    Raises:
        UsageError: If it is no record, or holds what a file cannot, as qubits of a type of your
            own.

    Example:
        >>> record = BellRecord(2, pack_bits([[0, 1]]), pack_bits([[0, 0]]))
        >>> header, arrays = describe(record)
        >>> header["kind"], sorted(arrays), rebuild(header, arrays)
        ('bell', ['memory', 'system'], BellRecord(1 shots of 2 x 2 qubits))
    """
    if not isinstance(record, AnyRecord):
        raise UsageError(
            "record must be a shadow, stabiliser, Bell or principal record, not "
            f"{type(record).__name__}"
        )
    header, arrays = _parts(record)
    try:
        checked_provenance(header["provenance"])
        if header["kind"] == "shadow":
            text(header["scheme"], "scheme")
    except ValueError as error:
        raise UsageError(str(error)) from None
    return header, arrays


def _parts(record: AnyRecord) -> tuple[dict[str, Any], Arrays]:
    header: dict[str, Any] = {"shots": record.shots}
    if isinstance(record, BellRecord | PrincipalRecord):
        header["provenance"] = {}
        if record.held is not None:
            header["held"] = qubits_to_json(record.held)
    if isinstance(record, BellRecord):
        header |= {"kind": "bell", "qubits": record.qubits}
        return header, {"system": record.system, "memory": record.memory}
    if isinstance(record, PrincipalRecord):
        header |= {"kind": "principal", "observable": _observable_to_json(record.observable)}
        values = (record.values.astype(np.int64) % 3).astype(np.uint64)
        return header, {"swaps": (record.swaps == -1).astype(np.uint64), "values": values}
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


def rebuild(header: Mapping[str, Any], arrays: Arrays) -> AnyRecord:
    """Returns the record of what :func:`describe` returned.

    Raises:
        KeyError: If a part is missing.
        ValueError: If a part cannot be.
    """
    kind, shots = header["kind"], whole(header["shots"], "shots", 0, _MOST_SHOTS)
    if kind == "bell":
        return _rebuilt_bell(header, arrays, shots)
    if kind == "principal":
        return _rebuilt_principal(header, arrays, shots)
    if kind not in ("stabiliser", "shadow"):
        raise ValueError(f"kind must be shadow, stabiliser, bell or principal, not {shown(kind)}")
    qubits = qubits_from_json(header["qubits"])
    provenance, size = checked_provenance(header["provenance"]), len(qubits)
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
    return BellRecord(size, system, memory, _held(header))


def _held(header: Mapping[str, Any]) -> tuple[cirq.Qid, ...] | None:
    return qubits_from_json(header["held"]) if "held" in header else None


def _rebuilt_principal(header: Mapping[str, Any], arrays: Arrays, shots: int) -> PrincipalRecord:
    swaps, values = (_checked(arrays, name, (shots,)) for name in ("swaps", "values"))
    if (swaps > 1).any() or (values > 2).any():
        raise ValueError("swaps must be 0 or 1, and values 0, 1 or 2")
    observable = _observable_from_json(header["observable"])
    signs = (1 - 2 * swaps.astype(np.int8)).astype(np.int8)
    return PrincipalRecord(signs, _VALUES[values], _held(header), observable)


def _observable_to_json(observable: cirq.PauliString | None) -> dict[str, Any] | None:
    if observable is None:
        return None
    if observable.coefficient not in (1, -1) or not observable:
        raise UsageError(
            f"observable must have a letter and no factor but a sign, not {observable}"
        )
    letters = "".join(map(str, observable.values()))
    sign = "-" if observable.coefficient == -1 else "+"
    return {"letters": f"{sign}{letters}", "qubits": qubits_to_json(observable.qubits)}


def _observable_from_json(value: Any) -> cirq.PauliString | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"letters", "qubits"}:
        raise ValueError("observable must have letters and qubits")
    letters, qubits = text(value["letters"], "letters", "[+-][XYZ]+"), value["qubits"]
    read = qubits_from_json(qubits)
    if len(read) != len(letters) - 1:
        raise ValueError("observable must have a letter for each of its qubits")
    sign = -1 if letters[0] == "-" else 1
    return cirq.PauliString(dict(zip(read, letters[1:], strict=True)), coefficient=sign)


def _rebuilt_bases(arrays: Arrays, size: int, shots: int) -> StabiliserBases:
    whole(size, "the number of qubits", 1, _MOST_STABILISER_QUBITS)
    rows = _checked(arrays, "rows", (size, shots))
    hadamards = _checked(arrays, "hadamards", (shots,))
    for i, row in enumerate(rows):
        # Entries from the diagonal on; an empty row under a Hadamard.
        allowed = np.uint64((1 << size) - (1 << i))
        turned = (hadamards >> np.uint64(i)) & np.uint64(1)
        if (row & ~allowed).any() or row[turned == 1].any():
            raise ValueError(f"row {i} of the bases must be that of a stabiliser basis")
    _within(hadamards, np.array([(1 << size) - 1], dtype=np.uint64), "hadamards")
    return StabiliserBases(tuple(rows), hadamards)


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


def checked_provenance(values: Any) -> dict[str, str | int | float | None]:
    """Returns where a record comes from, plain values by name.

    Raises:
        ValueError: If it is anything else.
    """
    if not isinstance(values, dict):
        raise ValueError("provenance must be an object")
    for key, value in values.items():
        if not isinstance(key, str) or not isinstance(value, str | int | float | None):
            raise ValueError(f"provenance must be plain values by name, not {shown(key)}")
        if len(key) > MOST_LETTERS or (isinstance(value, float) and not np.isfinite(value)):
            raise ValueError(f"provenance must have finite values, not {shown(value)}")
    return dict(values)
