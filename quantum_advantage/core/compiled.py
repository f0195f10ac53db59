"""Functions that numba compiles where it is installed (the extra ``fast``).

Elsewhere they stay plain Python, which is slow but testable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Step = TypeVar("Step", bound=Callable[..., Any])

try:
    from numba import njit
except ImportError:
    AVAILABLE = False
else:
    AVAILABLE = True


def compiled(function: Step) -> Step:
    """Compiles a function at its first call, and keeps the result on disk.

    Args:
        function: A function of numbers and arrays, of a module.

    Example:
        >>> import numpy as np
        >>> from quantum_advantage.core.compiled_walsh import levels  # decorated so
        >>> values = np.array([3.0, 1.0])
        >>> levels(values, 0, 1)
        >>> values.tolist()
        [4.0, 2.0]
    """
    if not AVAILABLE:
        return function
    kept: Step = njit(cache=True, nogil=True)(function)
    return kept
