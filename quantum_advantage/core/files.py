"""Files are written whole or not at all, and read within a limit. Standard library alone.

A file is written under an unpredictable name in the same folder, which must not exist yet and is
never reached through a link; it is flushed to the disk and then renamed. A full disk or a kill
leaves the old file as it was. A kill may leave the temporary file, whose name begins with a dot and
ends with ``.part``; nothing reads it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from quantum_advantage.core.usage import UsageError

# What a description in JSON may take, in bytes; its objects take some twenty times as much memory.
MOST_JSON = 4 * 2**20
# What any other file may take that is read at once, in bytes.
MOST_BYTES = 256 * 2**20
# The key under which a JSON object carries the SHA-256 of the rest of it.
CHECK = "check"
_CHECK_LENGTH = 16
_PIECE = 2**20


def write_file(path: Path, content: str | bytes) -> None:
    """Writes a file whole or not at all, replacing the old one in one step.

    A symbolic link in its place is replaced by the file; what it points to is left alone.
    Permissions are those of a new file.

    Args:
        path: The file.
        content: The new content; text is written as UTF-8.

    Raises:
        OSError: If it cannot be written; the old file is as it was.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_file(folder / "notes.txt", "one line")
        >>> read_text(folder / "notes.txt")
        'one line'
    """
    _write(path, content, os.replace)


def create_file(path: Path, content: str | bytes) -> None:
    """Writes a file whole or not at all, unless there is one already.

    Args:
        path: The file.
        content: The new content; text is written as UTF-8.

    Raises:
        FileExistsError: If the file, or a link of that name, exists.
        OSError: If it cannot be written; then it does not exist.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> create_file(folder / "new.txt", "one line")
        >>> try:
        ...     create_file(folder / "new.txt", "another")
        ... except FileExistsError as error:
        ...     print(error.strerror)
        File exists
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    _write(path, content, _place)


def _place(part: Path, path: Path) -> None:
    """Renames a file to a name that must be free."""
    try:
        os.link(part, path, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        # A file system without second names: an empty file holds the place until the rename.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666))
        part.replace(path)
        return
    part.unlink()


def _write(path: Path, content: str | bytes, place: Callable[[Path, Path], None]) -> None:
    octets = content.encode() if isinstance(content, str) else content
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        try:
            write_all(handle, octets)
            os.fsync(handle)
        finally:
            os.close(handle)
        place(part, path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in (None, str(part)):
            # The user knows the file by its own name.
            raise type(error)(error.errno, error.strerror, str(path)) from error
        raise
    _sync_folder(path.parent)


def write_all(handle: int, content: bytes) -> None:
    """Writes all bytes to an open file, however many the system takes at once.

    Raises:
        OSError: If the system does not take all of them.

    Args:
        handle: The file's descriptor, as ``os.open`` returns it.
        content: The bytes.

    Example:
        >>> receiver, sender = os.pipe()
        >>> write_all(sender, b"10110")
        >>> os.close(sender)
        >>> os.read(receiver, 100)
        b'10110'
        >>> os.close(receiver)
    """
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _sync_folder(folder: Path) -> None:
    """Flushes a folder to the disk, so that a new name survives; not all file systems can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_file(path: Path, most: int = MOST_BYTES) -> bytes:
    """Reads a file that is not too large.

    Args:
        path: The file.
        most: The most bytes it may have.

    Raises:
        UsageError: If it is larger.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_file(folder / "bits.bin", bytes([1, 2, 3]))
        >>> list(read_file(folder / "bits.bin"))
        [1, 2, 3]
    """
    content = bytearray()
    with path.open("rb", buffering=0) as stream:
        # In pieces: one large read would allocate all of its memory beforehand.
        while len(content) <= most and (piece := stream.read(_PIECE)):
            content += piece
    if len(content) > most:
        raise UsageError(f"{path} is too large: it must have at most {most} bytes")
    return bytes(content)


def read_text(path: Path, most: int = MOST_BYTES) -> str:
    """Reads a text in UTF-8 that is not too large.

    Args:
        path: The file.
        most: The most bytes it may have.

    Raises:
        UsageError: If it is larger, or no such text.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_file(folder / "greek.txt", "αβγ")
        >>> read_text(folder / "greek.txt")
        'αβγ'
    """
    try:
        return read_file(path, most).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{path} must be a text in UTF-8") from None


def parse_json(text: str) -> Any:
    """Parses JSON strictly: no NaN or infinity, no key twice, no depth beyond Python's own.

    Raises:
        ValueError: If the text is anything else.

    Example:
        >>> parse_json('{"shots": 100}')
        {'shots': 100}
        >>> parse_json('{"shots": 100, "shots": 200}')
        Traceback (most recent call last):
        ValueError: a key comes twice
    """
    try:
        return json.loads(text, parse_constant=_no_number, object_pairs_hook=_distinct)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Writes a JSON object that carries the check of its other values.

    Args:
        path: The file.
        values: What JSON can hold, by name.

    Raises:
        TypeError: If a value is of a type that JSON does not know.
        ValueError: If a number is infinite or NaN.
        OSError: If the file cannot be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_json(folder / "job.json", {"shots": 100})
        >>> sorted(parse_json(read_text(folder / "job.json")))
        ['check', 'shots']
    """
    write_file(path, seal_json(values))


def seal_json(values: Mapping[str, Any]) -> str:
    """Returns a JSON object that carries the check of its other values, as text.

    Raises:
        ValueError: If a value cannot stand in JSON.

    Example:
        >>> print(seal_json({"shots": 100}), end="")
        {
         "shots": 100,
         "check": "89d479c5994eeb2d"
        }
    """
    sealed = {**values, CHECK: check_of(values)}
    return json.dumps(sealed, indent=1, allow_nan=False) + "\n"


def read_json(path: Path, what: str) -> dict[str, Any]:
    """Reads a JSON object that :func:`write_json` wrote, without its check.

    An object without a check, as earlier versions wrote it, is taken as it is.

    Args:
        path: The file.
        what: What it should be, for messages, as in 'a job of this program'.

    Raises:
        UsageError: If it is no JSON object, or does not match its check.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_json(folder / "job.json", {"shots": 100})
        >>> read_json(folder / "job.json", "a job of this program")
        {'shots': 100}
    """
    try:
        found = parse_json(read_text(path, MOST_JSON))
    except UsageError:
        raise
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"{path} is not {what}; restore or remove it")
    check = found.pop(CHECK, None)
    if check is not None and check != check_of(found):
        raise UsageError(f"{path} does not match its check: it was edited; restore or remove it")
    return found


def check_of(values: Mapping[str, Any]) -> str:
    """Returns the first 16 hexadecimal digits of the SHA-256 of the canonical JSON of values.

    Args:
        values: What JSON can hold, by name.

    Raises:
        TypeError: If a value is of a type that JSON does not know.
        ValueError: If a number is infinite or NaN.

    Example:
        >>> check_of({"a": 1, "b": 2}) == check_of({"b": 2, "a": 1})
        True
    """
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_CHECK_LENGTH]
