"""Certified factors as scores: one small JSON object for those who collect benchmarks.

What it holds is laid down in ``score.schema.json`` beside this module (JSON Schema, draft 2020-12);
:func:`read_score` takes exactly that, and also checks what a schema cannot say: that the numbers
belong together.
"""

from __future__ import annotations

import json
import math
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from quantum_advantage.certify.certificate import Certificate
from quantum_advantage.core.fields import moment, shown
from quantum_advantage.core.files import MOST_JSON, create_file, parse_json, read_text
from quantum_advantage.core.usage import UsageError

VERSION = 1
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def score_schema() -> dict[str, Any]:
    """Returns the JSON schema of a score.

    Example:
        >>> score_schema()["title"]
        'Certified quantum advantage in learning'
    """
    text = files("quantum_advantage.certify").joinpath("score.schema.json").read_text("utf-8")
    return dict(parse_json(text))


def score_of(c: Certificate) -> dict[str, Any]:
    """Returns the score of a certificate.

    The score is the certified factor at the measured accuracy, and 0 if nothing is certified.

    Args:
        c: The certificate.
    """
    return {
        "version": VERSION,
        "task": c.task,
        "protocol": c.protocol,
        "qubits": c.qubits,
        "device": c.backend,
        "unit": c.unit,
        "copies": c.copies,
        "games": c.games,
        "right": c.right,
        "confidence": c.confidence,
        "certified": c.certified,
        "score": c.factor if c.certified else 0.0,
        "accuracy": c.accuracy,
        "largest_conventional": c.largest_conventional,
        "p_value": c.p_value,
        "learners": c.learners,
        "condition": c.condition,
        "registration": c.registration,
        "registered": c.registered,
        "data": c.digest,
        "package": version("quantum-advantage"),
    }


def write_score(path: Path, certificate: Certificate) -> None:
    """Writes the score of a certificate to a new file.

    Args:
        path: The file.
        certificate: The certificate.

    Raises:
        UsageError: If there is another file of that name.
        OSError: If it cannot be written.
    """
    content = json.dumps(score_of(certificate), indent=1, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        create_file(path, content)
    except FileExistsError:
        if path.is_file() and read_text(path, MOST_JSON) == content:
            return
        raise UsageError(f"--score {path} exists and is another one; name a new file") from None


def read_score(path: Path) -> dict[str, Any]:
    """Reads a score, strictly.

    Args:
        path: The file.

    Returns:
        Its values, as :func:`score_of` makes them.

    Raises:
        UsageError: If it is none, or its numbers do not belong together.
        OSError: If it cannot be read.
    """
    try:
        found = parse_json(read_text(path, MOST_JSON))
        _check(found, score_schema())
        _belong_together(found)
    except UsageError:
        raise
    except ValueError as error:
        raise UsageError(f"{path} is no score ({error})") from None
    return dict(found)


def _check(found: Any, schema: dict[str, Any]) -> None:
    """Checks values against a schema of the few words that the one of scores uses."""
    if not isinstance(found, dict):
        raise ValueError(f"it must be an object, not {shown(found)}")
    properties = schema["properties"]
    if unlike := set(found) ^ set(schema["required"]):
        raise ValueError(f"it must hold {', '.join(schema['required'])}; see {min(unlike)}")
    for name, rule in properties.items():
        _check_value(found[name], name, rule)


def _check_value(value: Any, name: str, rule: dict[str, Any]) -> None:
    kinds = rule.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if value is None and "null" in kinds:
        return
    of_kind = any(
        isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")
        for kind in kinds
        if kind != "null"
    )
    fits = (
        of_kind
        and (not isinstance(value, str) or value.isprintable())
        and ("const" not in rule or value == rule["const"])
        and ("enum" not in rule or value in rule["enum"])
        and ("pattern" not in rule or re.search(rule["pattern"], value) is not None)
        and ("maxLength" not in rule or len(value) <= rule["maxLength"])
        and ("minimum" not in rule or value >= rule["minimum"])
        and ("maximum" not in rule or value <= rule["maximum"])
        and ("exclusiveMinimum" not in rule or value > rule["exclusiveMinimum"])
        and ("exclusiveMaximum" not in rule or value < rule["exclusiveMaximum"])
    )
    if not fits:
        raise ValueError(f"{name} cannot be {shown(value)}")


def _belong_together(found: dict[str, Any]) -> None:
    if found["right"] > found["games"]:
        raise ValueError(f"right cannot be {found['right']} of {found['games']} games")
    if not math.isclose(found["accuracy"], found["right"] / found["games"], rel_tol=1e-9):
        raise ValueError("accuracy must be right over games")
    if found["certified"] != (found["score"] >= 1):
        raise ValueError("score must be at least 1 if certified is true, and 0 if not")
    if found["certified"] != (found["p_value"] <= 1 - found["confidence"]):
        raise ValueError("certified must be true where p_value is at most 1 - confidence")
    if (found["registration"] is None) != (found["registered"] is None):
        raise ValueError("registration and registered must both be there, or both null")
    if found["registered"] is not None:
        moment(found["registered"], "registered")
