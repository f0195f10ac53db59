"""A copy, the least that must be done for a result as large as the input."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np


def fresh_copy(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Copies an array into pages that this process has never had.

    ``values.copy()`` may be given pages that were freed just before, or not, as the allocator has
    it; that makes a factor of two. Large pages are asked for, as numpy does.

    Args:
        values: Any array with at least one number.
    """
    pages = mmap.mmap(-1, values.nbytes, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)
    found = np.frombuffer(pages, dtype=values.dtype).reshape(values.shape)
    found[...] = values
    return found
