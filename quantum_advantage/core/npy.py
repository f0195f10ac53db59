"""Arrays of whole numbers in ``.npy`` files and ``.npz`` archives, within the file's own size.

The size in a header is compared with the bytes of the file before memory is allocated. Pickles are
refused, and headers are not evaluated as Python code.
"""

from __future__ import annotations

import math
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from quantum_advantage.core.fields import shown
from quantum_advantage.core.files import MOST_BYTES, read_file
from quantum_advantage.core.usage import UsageError

# The largest archive of a record, in bytes; reading one takes up to three times as much memory.
MOST_ARCHIVE = 2**30
_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    rb"\{ *'descr': *'([<>|=][biu][1248])', *'fortran_order': *(True|False), *"
    rb"'shape': *\(([0-9, ]{0,100})\),? *\}[ \n]*"
)
_LONGEST_HEADER = 10_000
# zipfile shows the bytes of a name that does not fit.
_LONGEST_REASON = 200
# What zipfile raises for damaged archives.
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)


def parse_npy(content: bytes) -> npt.NDArray[Any]:
    """Returns the array of a ``.npy`` file: whole numbers or bools.

    Args:
        content: The bytes of the file.

    Returns:
        The array, of the shape and type that the header of the file states.

    Raises:
        ValueError: If it is anything else, or has more or fewer bytes than its header says.

    Example:
        >>> import io
        >>> stream = io.BytesIO()
        >>> np.save(stream, np.arange(3))
        >>> parse_npy(stream.getvalue()).tolist()
        [0, 1, 2]
    """
    if content[:6] != _MAGIC or len(content) < 12 or content[6] not in (1, 2, 3):
        raise ValueError("it does not begin as a .npy file does")
    wide = content[6] > 1
    (length,) = struct.unpack("<I" if wide else "<H", content[8 : 12 if wide else 10])
    start = (12 if wide else 10) + length
    if length > _LONGEST_HEADER or start > len(content):
        raise ValueError("its header is too long")
    match = _HEADER.fullmatch(content[start - length : start])
    if match is None:
        raise ValueError(
            "its header must describe an array of whole numbers, not "
            f"{shown(content[start - length : start].strip().decode(errors='replace'))}"
        )
    descr, fortran, shape_text = (part.decode() for part in match.groups())
    shape = tuple(int(part) for part in shape_text.split(",") if part.strip())
    dtype = np.dtype(descr)
    follow = len(content) - start
    if math.prod(shape) * dtype.itemsize != follow:
        raise ValueError(
            f"its header states {shown(shape_text)} numbers of {dtype.itemsize} bytes, but "
            f"{follow} bytes follow"
        )
    flat = np.frombuffer(content, dtype, offset=start)
    return flat.reshape(shape, order="F" if fortran == "True" else "C").copy()


def read_npy(path: Path) -> npt.NDArray[Any]:
    """Reads a ``.npy`` file of whole numbers or bools.

    Args:
        path: The file.

    Returns:
        The array, of the shape and type that the header of the file states.

    Raises:
        UsageError: If it is anything else.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> np.save(folder / "bits.npy", np.eye(2, dtype=bool))
        >>> read_npy(folder / "bits.npy").tolist()
        [[True, False], [False, True]]
    """
    content = read_file(path, MOST_BYTES)
    try:
        return parse_npy(content)
    except ValueError as error:
        raise UsageError(f"{path} is no .npy file of numbers: {error}") from None


def read_npz(
    path: Path,
    names: Collection[str],
    *,
    most: int = MOST_ARCHIVE,
    largest: int | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """Reads arrays of an ``.npz`` archive, as ``np.savez`` and ``np.savez_compressed`` write it.

    Args:
        path: The file.
        names: The arrays that it may hold; no others, and none twice.
        most: The most bytes the file may have.
        largest: The most bytes of an array of an archive that may be compressed. By default it must
            not be, so that an array takes no more memory than the file has bytes.

    Returns:
        The arrays that it holds, by name, each of the shape and type that its header states.

    Raises:
        ValueError: If it is anything else.
        OSError: If it cannot be read.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> np.savez(folder / "record.npz", system=np.arange(3))
        >>> read_npz(folder / "record.npz", ["system", "memory"])
        {'system': array([0, 1, 2])}
    """
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        size = status.st_size
        # A device has no end at which an archive could be listed.
        if not stat.S_ISREG(status.st_mode) or size > most:
            raise ValueError(f"it must be a file of at most {most} bytes")
        try:
            with zipfile.ZipFile(stream) as archive:
                members = archive.infolist()
                known = {f"{name}.npy" for name in names}
                found = [member.filename for member in members]
                if len(set(found)) != len(found) or not set(found) <= known:
                    raise ValueError(f"it holds {shown(', '.join(found))}")
                for member in members:
                    if largest is None and (
                        member.compress_type != zipfile.ZIP_STORED or member.file_size > size
                    ):
                        raise ValueError(f"{member.filename} must not be compressed")
                    if largest is not None and member.file_size > largest + _LONGEST_HEADER:
                        raise ValueError(f"{member.filename} must have at most {largest} bytes")
                contents = ((m.filename.removesuffix(".npy"), archive.read(m)) for m in members)
                return {name: parse_npy(content) for name, content in contents}
        except _DAMAGE as error:
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            raise ValueError(reason or type(error).__name__) from None
