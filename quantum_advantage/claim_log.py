"""What an interrupted verification has found, so that the same command goes on from there.

Only an interrupted one leaves a log: each verification that ends has tested every claim itself.
A log is good for the same code, the same data and the same size; anything else begins a new one,
since what other code has found says nothing of this.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import quantum_advantage
from quantum_advantage.claim_checks import Found, Setting


def identity_of(setting: Setting) -> str:
    """Returns the SHA-256 of all that the outcome of a claim depends on: code, data and size."""
    package = Path(quantum_advantage.__file__).parent
    digest = hashlib.sha256(str(setting.quick).encode())
    for folder, pattern in ((package, "**/*.py"), (setting.data, "*.csv")):
        for path in sorted(folder.glob(pattern)):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read_log(path: Path, identity: str) -> dict[str, Found]:
    """Returns what was found, by the name of the claim; nothing if the log is of something else.

    A last line that was cut off while it was written does not count.

    Args:
        path: The log; it may be missing.
        identity: What its findings must depend on.
    """
    if not path.is_file():
        return {}
    lines = path.read_text().split("\n")[:-1]
    if not lines or lines[0] != identity:
        return {}
    return {name: Found(**found) for name, found in map(json.loads, lines[1:])}


def append_log(path: Path, identity: str, claim: str, found: Found) -> None:
    """Adds what was found of a claim, in one write; begins anew if the log is of something else.

    Args:
        path: The log.
        identity: What the finding depends on.
        claim: The name of the claim.
        found: What was found.
    """
    text = path.read_text() if path.is_file() else ""
    if text.partition("\n")[0] != identity:
        text = f"{identity}\n"
        path.write_text(text)
    with path.open("r+") as log:
        # What follows the last whole line was cut off.
        log.truncate(log.seek(text.rfind("\n") + 1))
        log.write(f"{json.dumps([claim, asdict(found)])}\n")
