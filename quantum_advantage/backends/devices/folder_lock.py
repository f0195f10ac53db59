"""A lock on the folder of a run: one process at a time sends its jobs."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from quantum_advantage.core.usage import UsageError

# One process at a time holds a folder, until it ends or unlocks it. The descriptors are no file
# objects, which would complain that they are still open when the process ends.
_LOCKS: dict[Path, int] = {}


def lock(folder: Path) -> bool:
    """Locks a folder for this process; returns whether it was not locked by it before.

    Args:
        folder: The folder.

    Raises:
        UsageError: If another process holds it.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> lock(folder), lock(folder)
        (True, False)
        >>> unlock(folder)
    """
    path = folder.resolve()
    if path in _LOCKS:
        return False
    # The file stays empty, and a link in its place is not followed.
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise UsageError(f"another process is running jobs in {folder}") from None
    _LOCKS[path] = handle
    return True


def unlock(folder: Path) -> None:
    """Lets another process lock a folder.

    Args:
        folder: The folder.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> unlock(folder)  # nothing happens if this process does not hold it
    """
    if (handle := _LOCKS.pop(folder.resolve(), None)) is not None:
        os.close(handle)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Locks a folder; unlocks it again if what follows fails, unless it was locked before.

    Args:
        folder: The folder.

    Raises:
        UsageError: If another process holds it.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with locked(folder):
        ...     lock(folder)  # held already
        False
        >>> unlock(folder)
    """
    fresh = lock(folder)
    try:
        yield
    except BaseException:
        if fresh:
            unlock(folder)
        raise
