"""Files of calibrations, found by their name and their digest. Standard library alone.

A virtual processor can be built of a calibration that was saved from a processor. Its backend is
called by the file's name without its folder, and by the digest of its content, so that another
content is another backend wherever the file lies. A file is looked for in the working folder and in
the folders that the environment variable ``QUANTUM_ADVANTAGE_CALIBRATIONS`` lists; the folder of a
file that was given by its path is added to that list, for this process and those that it starts.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from quantum_advantage.core.files import create_file, read_file
from quantum_advantage.core.usage import UsageError

FOLDERS = "QUANTUM_ADVANTAGE_CALIBRATIONS"
ENDING = ".json"
# Hexadecimal digits of the SHA-256.
DIGEST_LENGTH = 16
# The largest file that is read, in bytes: that of 105 qubits with all errors takes a tenth.
MOST_CALIBRATION = 8 * 2**20
# Where results keep the calibrations they come from, below their folder.
KEPT = "calibrations"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,99}\.json\Z")
_DIGEST = re.compile(rf"[0-9a-f]{{{DIGEST_LENGTH}}}\Z")


def named_file(path: str, digest: str = "") -> tuple[str, str]:
    """Returns the name and the digest of a calibration file, and remembers its folder.

    Args:
        path: Where the file is.
        digest: Its digest if that is known; then the file is not read.

    Raises:
        UsageError: If it cannot be read, or has a name that no backend can have.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "chip.json"
        >>> _ = path.write_text("{}")
        >>> named_file(str(path))
        ('chip.json', '44136fa355b3678a')
        >>> calibration_bytes("chip.json", "44136fa355b3678a")
        b'{}'
    """
    place = Path(path)
    if not _NAME.match(place.name):
        raise UsageError(
            f"calibration file {place.name!r} must have a name of letters, digits, '_', '.' and "
            "'-' that ends with .json"
        )
    if not digest:
        digest = _digest(_read(place))
    elif not _DIGEST.match(digest):
        raise UsageError(
            f"digest must be the first {DIGEST_LENGTH} hexadecimal digits of the SHA-256 of "
            f"{place.name}, not {digest!r}"
        )
    look_in(place.parent)
    return place.name, digest


def look_in(folder: Path) -> None:
    """Adds a folder to those in which calibrations are looked for.

    Args:
        folder: The folder; one that does not exist is passed over.

    Raises:
        UsageError: If its name cannot stand in a list of folders.

    Example:
        >>> look_in(Path("nowhere"))
    """
    place = str(folder.resolve())
    known = _folders()
    if place in map(str, known) or not folder.is_dir():
        return
    if os.pathsep in place:
        raise UsageError(
            f"calibrations cannot be read from {place}: its name holds {os.pathsep!r}, which "
            "separates folders; move the file"
        )
    os.environ[FOLDERS] = os.pathsep.join([place, *map(str, known[1:])])


def calibration_bytes(name: str, digest: str) -> bytes:
    """Returns the content of a calibration file.

    Args:
        name: Its name, without folder.
        digest: Its digest.

    Raises:
        UsageError: If no file of that digest is found.

    Example:
        >>> calibration_bytes("nowhere.json", "0" * 16)
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: calibration file nowhere.json (SHA-256
        0000000000000000...) is missing: put it in the working folder, or name its folder in
        QUANTUM_ADVANTAGE_CALIBRATIONS
    """
    other = ""
    for folder in _folders():
        for place in (folder / name, folder / f"{digest}{ENDING}"):
            if not place.is_file():
                continue
            content = _read(place)
            if _digest(content) == digest:
                return content
            other = f"; {place} has another content, SHA-256 {_digest(content)}..."
    raise UsageError(
        f"calibration file {name} (SHA-256 {digest}...) is missing: put it in the working folder, "
        f"or name its folder in {FOLDERS}{other}"
    )


def keep(name: str, digest: str, results: Path) -> None:
    """Keeps a copy of a calibration file beside results, so that they can be played again.

    Args:
        name: Its name.
        digest: Its digest.
        results: The folder of the results; :func:`look_beside` finds the copy from their files.

    Raises:
        UsageError: If the file is missing.
        OSError: If the copy cannot be written.
    """
    place = results / KEPT / f"{digest}{ENDING}"
    content = calibration_bytes(name, digest)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        create_file(place, content)


def look_beside(file: Path) -> None:
    """Looks for calibrations beside the results that a file belongs to.

    Args:
        file: A file in a folder below that of the results, as ``out/data/sweep.csv``.
    """
    look_in(file.resolve().parent.parent / KEPT)


def _folders() -> list[Path]:
    listed = os.environ.get(FOLDERS, "").split(os.pathsep)
    return [Path.cwd(), *(Path(place) for place in listed if place)]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]


def _read(path: Path) -> bytes:
    try:
        # Pipes and devices have no end.
        if path.exists() and not path.is_file():
            raise UsageError(f"calibration file {str(path)!r} is no file")
        return read_file(path, MOST_CALIBRATION)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"calibration file {str(path)!r} cannot be read: {reason}") from None
