"""Results as JSON, and back: one form for all kinds, with a check as files of certificates have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from quantum_advantage.certify.certificate import Certificate
from quantum_advantage.core.fields import choice
from quantum_advantage.core.files import CHECK, check_of, parse_json, seal_json
from quantum_advantage.core.plain import from_plain, to_plain
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of
from quantum_advantage.experiment.declaration import AccuracyData, ErrorData
from quantum_advantage.formats.described import AnyRecord, Arrays, describe, rebuild
from quantum_advantage.plan.plan import Plan
from quantum_advantage.study.accuracy import AccuracyCurve, Point
from quantum_advantage.study.errors import EstimatePoint
from quantum_advantage.study.lines import format_row, parse_row
from quantum_advantage.study.rows import EstimateRow

FORMAT = "quantum-advantage result"
VERSION = 1
# Those whose fields say all.
_PLAIN = {kind.__name__: kind for kind in (Point, EstimatePoint, AccuracyCurve, Certificate, Plan)}


def to_json(result: object) -> str:
    """Returns a result as JSON.

    Args:
        result: A point or curve of a summary, what ``run`` returns, a certificate, a plan, a record
            of measurements, or a list of such results.

    Returns:
        The text, from which :func:`from_json` makes an equal result; floats keep all their digits.
        For many shots ``formats.archive`` keeps records in smaller files.

    Raises:
        UsageError: If it is no result.

    Example:
        >>> from quantum_advantage import copies_needed, from_json, to_json
        >>> point = copies_needed("bell", qubits=2, trials=100, games=5)
        >>> from_json(to_json(point)) == point
        True
    """
    return seal_json({"format": FORMAT, "version": VERSION, **_written(result)})


def from_json(text: str) -> Any:
    """Returns the result that :func:`to_json` wrote.

    Nothing is guessed: every value must be of its type and in its range, none may be missing, and
    the text must match the check that it carries.

    Args:
        text: The JSON text.

    Returns:
        The result, of the kind that was written; a list, if several were.

    Raises:
        UsageError: If the text is anything else.

    Example:
        >>> import cirq
        >>> from quantum_advantage import from_json, measure_bell, to_json
        >>> record = measure_bell(cirq.Circuit(cirq.H(cirq.q(0))), cirq.Simulator(seed=1), 100)
        >>> from_json(to_json(record))
        BellRecord(100 shots of 2 x 1 qubits)
    """
    if not isinstance(text, str):
        raise UsageError(f"text must be a str with JSON, not a {kind_of(text)}")
    try:
        values = parse_json(text)
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise ValueError(f"its format must be {FORMAT!r}")
        version = values.pop("version", None)
        if type(version) is not int or version != VERSION:
            raise ValueError(f"its version must be {VERSION}")
        if values.pop(CHECK, None) != check_of({"version": VERSION, **values}):
            raise ValueError("it does not match its check: it was edited")
        del values["format"]
        return _read(values)
    except KeyError as error:
        raise UsageError(f"text is no result: {error} is missing") from None
    except ValueError as error:
        raise UsageError(f"text is no result: {error}") from None


def _written(result: object) -> dict[str, Any]:
    if isinstance(result, tuple(_PLAIN.values())):
        return {"kind": type(result).__name__, "value": to_plain(result)}
    if isinstance(result, AccuracyData):
        value = {"points": to_plain(list(result.points)), "curves": to_plain(list(result.curves))}
        return {"kind": "AccuracyData", "value": value}
    if isinstance(result, ErrorData):
        rows = [format_row(row).removesuffix("\n") for row in result.rows]
        return {
            "kind": "ErrorData",
            "value": {"points": to_plain(list(result.points)), "rows": rows},
        }
    if isinstance(result, AnyRecord):
        header, arrays = describe(result)
        plain = {
            n: {"shape": list(a.shape), "words": a.ravel().tolist()} for n, a in arrays.items()
        }
        return {"kind": "record", "value": {"header": header, "arrays": plain}}
    if isinstance(result, Sequence) and not isinstance(result, str):
        return {"kind": "list", "value": [_written(one) for one in result]}
    raise UsageError(f"result must be one of {', '.join(_NAMES)}, not a {kind_of(result)}")


def _read(values: Any) -> Any:
    if not isinstance(values, dict) or set(values) != {"kind", "value"}:
        raise ValueError("a result must have a kind and a value")
    kind, value = choice(values["kind"], "kind", *_NAMES), values["value"]
    if kind in _PLAIN:
        return from_plain(_PLAIN[kind], value, kind)
    if kind == "AccuracyData":
        points, curves = _parts(value, "points", "curves")
        read = from_plain(list[Point], points, "points")
        return AccuracyData(read, from_plain(list[AccuracyCurve], curves, "curves"))
    if kind == "ErrorData":
        points, lines = _parts(value, "points", "rows")
        rows = enumerate(from_plain(list[str], lines, "rows"))
        read_rows = [parse_row(EstimateRow, line, f"row {i}") for i, line in rows]
        return ErrorData(from_plain(list[EstimatePoint], points, "points"), read_rows)
    if kind == "record":
        header, arrays = _parts(value, "header", "arrays")
        return _read_record(header, arrays)
    if not isinstance(value, list):
        raise ValueError("the value of a list must be one")
    return [_read(one) for one in value]


_NAMES = (*_PLAIN, "AccuracyData", "ErrorData", "record", "list")


def _parts(value: Any, *names: str) -> list[Any]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise ValueError(f"its value must have {' and '.join(names)}")
    return [value[name] for name in names]


def _read_record(header: Any, plain: Any) -> AnyRecord:
    if not isinstance(header, dict) or not isinstance(plain, dict):
        raise ValueError("a record must have a header and arrays by name")
    arrays: Arrays = {name: _read_array(value, name) for name, value in plain.items()}
    record = rebuild(header, arrays)
    again, same = describe(record)
    if again != header or set(same) != set(arrays):
        raise ValueError("a record must hold what belongs to its kind, and no more")
    return record


def _read_array(value: Mapping[str, Any], name: str) -> np.ndarray:
    shape, words = _parts(value, "shape", "words")
    shape = from_plain(tuple[int, ...], shape, name)
    flat = from_plain(list[int], words, name)
    if min(shape, default=0) < 0 or np.prod(shape, dtype=object) != len(flat):
        raise ValueError(f"{name} must have as many words as its shape says")
    if not all(0 <= word < 2**64 for word in flat):
        raise ValueError(f"{name} must be words of 64 bits")
    return np.array(flat, dtype=np.uint64).reshape(shape)
