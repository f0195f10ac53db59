"""Ground states on disk, so that none is computed twice.

A file's name is the SHA-256 of what the state depends on, and the file holds the SHA-256 of its
amplitudes, which are compared when it is read. Nothing is read as code.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.files import write_file
from quantum_advantage.core.npy import read_npz
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.heisenberg import GroundState, ground_state, sector

_VERSION = "heisenberg 1"


def default_folder() -> Path:
    """Returns where states are kept: ``quantum-advantage/ground_states`` in the user's cache.

    The cache is the folder that ``XDG_CACHE_HOME`` names, or ``~/.cache``.

    Example:
        >>> default_folder().name
        'ground_states'
    """
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "quantum-advantage" / "ground_states"


def stored_ground_state(
    rows: int, columns: int, couplings: npt.ArrayLike, folder: Path
) -> GroundState:
    """Returns a ground state from disk, or computes and stores it.

    Args:
        rows: The rows of the grid.
        columns: Its columns.
        couplings: (bonds,) couplings, see :func:`ground_state`.
        folder: Where states are kept; it is made if there is none.

    Raises:
        UsageError: As :func:`ground_state`, or if a file was damaged.
        OSError: If the folder cannot be read or written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first = stored_ground_state(2, 2, [1, 1, 1, 1], Path(folder))
        ...     again = stored_ground_state(2, 2, [1, 1, 1, 1], Path(folder))
        >>> np.array_equal(first.amplitudes, again.amplitudes)
        True
    """
    strengths = np.ascontiguousarray(couplings, dtype="<f8")
    name = hashlib.sha256(f"{_VERSION} {rows} {columns} ".encode() + strengths.tobytes())
    path = folder / f"{name.hexdigest()}.npz"
    if not path.exists():
        state = ground_state(rows, columns, strengths)
        folder.mkdir(parents=True, exist_ok=True)
        write_file(path, _to_bytes(state))
        return state
    return _read(path, rows * columns)


def _digest(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(hashlib.sha256(values.astype("<f8").tobytes()).digest(), dtype=np.uint8)


def _to_bytes(state: GroundState) -> bytes:
    numbers = np.append(state.amplitudes, state.energy)
    stream = io.BytesIO()
    np.savez(stream, numbers=numbers.astype("<f8").view("<i8"), digest=_digest(numbers))
    return stream.getvalue()


def _read(path: Path, sites: int) -> GroundState:
    try:
        arrays = read_npz(path, ["numbers", "digest"])
        numbers = arrays["numbers"].view("<f8")
        whole = numbers.shape == (len(sector(sites)) + 1,)
        if not whole or not np.array_equal(arrays["digest"], _digest(numbers)):
            raise ValueError("it does not match its digest")
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is damaged: {error}; remove it") from None
    return GroundState(sites, float(numbers[-1]), numbers[:-1].copy())
