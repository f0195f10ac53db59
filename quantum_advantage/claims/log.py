"""The findings of an interrupted verification, from which the same command goes on.

Only an interrupted one leaves a log: each verification that ends has tested every claim itself.
A log is good for the same code, the same data and the same size; anything else begins a new one,
since what other code has found says nothing of this.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from quantum_advantage.certify.registration import code_digest
from quantum_advantage.claims.checking import Found, Setting
from quantum_advantage.core.files import MOST_JSON, check_of, parse_json, read_text, write_file
from quantum_advantage.core.usage import UsageError


def identity_of(setting: Setting) -> str:
    """Returns the SHA-256 of all that the outcome of a claim depends on: code, data and size.

    Example:
        >>> from pathlib import Path
        >>> from quantum_advantage.claims.checking import Setting
        >>> quick, full = (identity_of(Setting(Path("no data"), quick)) for quick in (True, False))
        >>> len(quick), quick == full
        (64, False)
    """
    digest = hashlib.sha256(f"{setting.quick} {code_digest()}".encode())
    for path in sorted(setting.data.glob("*.csv")):
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read_log(path: Path, identity: str) -> dict[str, Found]:
    """Returns what was found, by the name of the claim; nothing if the log is of something else.

    A last line that was cut off while it was written does not count.

    Args:
        path: The log; it may be missing.
        identity: What its findings must depend on.

    Raises:
        ValueError: If another line is no finding, or was edited.

    Example:
        >>> read_log(Path("there is no log"), "version 1")
        {}
    """
    return dict(_read_line(path, *numbered) for numbered in enumerate(_lines(path, identity), 2))


def _lines(path: Path, identity: str) -> list[str]:
    """Returns the whole lines of a log after its first, if it is of that identity."""
    lines = read_text(path, MOST_JSON).split("\n")[:-1] if path.is_file() else []
    return lines[1:] if lines[:1] == [identity] else []


def _read_line(path: Path, number: int, line: str) -> tuple[str, Found]:
    try:
        name, found, check = parse_json(line)
        if check != check_of({"claim": name, "found": found}):
            raise ValueError("it does not match its check")
        value, met = found["value"], found["met"]
        if set(found) != {"value", "met"} or not (
            isinstance(name, str) and isinstance(value, str) and isinstance(met, bool)
        ):
            raise ValueError("it is of another form")
    except (ValueError, TypeError, KeyError):
        raise UsageError(
            f"line {number} of {path} is no finding of this program; remove the file to have all "
            "claims tested"
        ) from None
    return name, Found(value, met)


def append_log(path: Path, identity: str, claim: str, found: Found) -> None:
    """Adds what was found of a claim; begins anew if the log is of something else.

    The log is written under another name and then renamed: if the process is killed, the old log
    stays.

    Args:
        path: The log.
        identity: What the finding depends on.
        claim: The name of the claim.
        found: What was found.

    Raises:
        ValueError: If the log is no text, or too large.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     log = Path(folder, "verify.log")
        ...     append_log(log, "version 1", "one Bell shot", Found("0.70", met=True))
        ...     append_log(log, "version 1", "a coin wins", Found("0.50", met=False))
        ...     found, others = read_log(log, "version 1"), read_log(log, "version 2")
        >>> list(found), found["a coin wins"].met, others
        (['one Bell shot', 'a coin wins'], False, {})
    """
    values = asdict(found)
    line = json.dumps([claim, values, check_of({"claim": claim, "found": values})])
    lines = [identity, *_lines(path, identity), line]
    write_file(path, "".join(f"{line}\n" for line in lines))
