"""Loops that numba compiles where it is installed (the extra ``fast``), plain Python elsewhere.

Compiled code is kept in the folder of the module or, if that cannot be written, where numba keeps
the user's; if there is no such place each process compiles anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Loop = TypeVar("Loop", bound=Callable[..., Any])

try:
    from numba import njit
except ImportError:
    AVAILABLE = False

    def compiled(function: Loop) -> Loop:
        """Returns the function as it is."""
        return function
else:
    AVAILABLE = True

    def compiled(function: Loop) -> Loop:
        """Returns the function compiled at its first call, without Python's lock."""
        try:
            return njit(cache=True, nogil=True)(function)
        except RuntimeError:
            # There is no folder for compiled code.
            return njit(nogil=True)(function)
