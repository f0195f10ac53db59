"""Certificates on disk: JSON for programs, and the pages of :mod:`quantum_advantage.certify.pages`.

The JSON file carries a check, so that an edited one is refused, and is always kept beside the data
too, where later certificates count it. Batches that an earlier certificate has seen must still be
there, as they were.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from quantum_advantage.certify.certificate import Certificate, check_parts
from quantum_advantage.certify.choices import FOLDER
from quantum_advantage.certify.pages import certificate_figure, certificate_text
from quantum_advantage.certify.played import Played
from quantum_advantage.core.fields import shown, text
from quantum_advantage.core.files import read_json, write_file, write_json
from quantum_advantage.core.usage import UsageError
from quantum_advantage.plots import render


def refuse_changed_data(stem: Path, played: Played) -> None:
    """Refuses batches that an earlier certificate has seen otherwise.

    Args:
        stem: The certificate's path without its ending.
        played: The games.

    Raises:
        UsageError: If batches have changed, or the earlier file is no certificate.
    """
    found = read_certificate(stem)
    if found is None:
        return
    seen = tuple(found["right_by_batch"])
    both = min(len(seen), len(played.right))
    if seen[:both] != played.right[:both]:
        raise UsageError(
            f"{stem.with_suffix('.json')} has seen other batches than are there now; restore "
            "them, or collect fresh data with another seed"
        )


def replaced_statement(stem: Path, certificate: Certificate) -> str | None:
    """Returns a line about the earlier certificate that another one replaces.

    Both can be written again from the data, but a reader should know that there was another.

    Args:
        stem: The certificate's path without its ending.
        certificate: What is to be written there.

    Returns:
        The line, or None where there is no earlier one, or it was of the same confidence and of no
        more games.

    Raises:
        UsageError: If the earlier file is no certificate.
    """
    found = read_certificate(stem)
    if found is None:
        return None
    if found["confidence"] == certificate.confidence and found["games"] <= certificate.games:
        return None
    return (
        f"{stem.with_suffix('.json')} is replaced; it was of {found['games']} games at a "
        f"confidence of {found['confidence']:.12g}"
    )


def kept_certificates(home: Path) -> dict[str, str | None]:
    """Returns the certificates beside the data: for each the digest of its registration, or None.

    Args:
        home: The output folder of the data.

    Raises:
        UsageError: If a file in the place of a certificate is none.
    """
    kept = {}
    for path in sorted((home / FOLDER).glob("*.json")):
        found = read_certificate(path.with_suffix(""))
        kept[path.stem] = found["registration"] if found else None
    return kept


def write_certificate(stem: Path, certificate: Certificate, beside: Path | None = None) -> str:
    """Writes ``stem.json``, ``.txt`` and the picture, and returns the text.

    Args:
        stem: The certificate's path without its ending.
        certificate: What is written.
        beside: The same path beside the data, where the JSON file is kept too.

    Raises:
        OSError: If they cannot be written.
    """
    values = json.loads(json.dumps(asdict(certificate)))
    for place in {stem, stem if beside is None else beside}:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_json(place.with_suffix(".json"), values)
    lines = certificate_text(certificate)
    write_file(stem.with_suffix(".txt"), lines)
    render(lambda: certificate_figure(certificate), stem)
    return lines


def read_certificate(stem: Path) -> dict[str, Any] | None:
    """Reads a certificate; None if there is none.

    Args:
        stem: Its path without its ending.

    Raises:
        UsageError: If the file is no certificate.

    Example:
        >>> read_certificate(Path("there_is_no_such_certificate")) is None
        True
    """
    path = stem.with_suffix(".json")
    if not path.exists():
        return None
    what = "a certificate"
    found = read_json(path, what)
    try:
        if unknown := set(found) - {f.name for f in fields(Certificate)}:
            raise ValueError(f"it holds {shown(min(unknown))}")
        check_parts(found)
        # Certificates of earlier versions know of no registration.
        if found.setdefault("registration", None) is not None:
            text(found["registration"], "registration", r"[0-9a-f]{64}")
    except ValueError as error:
        raise UsageError(f"{path} is no certificate ({error}); move it away") from None
    return found
