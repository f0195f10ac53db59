"""Functions that remember their latest results, where their arguments can be recognised."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Generic, TypeVar, TypeVarTuple

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


def is_hashable(value: object) -> bool:
    """Tells whether a value can be a cache key; arrays and what holds them have no hash.

    Example:
        >>> is_hashable((1, 2)), is_hashable([1, 2])
        (True, False)
    """
    try:
        hash(value)
    except TypeError:
        return False
    return True


class Remembered(Generic[*Arguments, Result]):
    """A function that remembers its latest results; arguments without a hash are computed anew.

    Args:
        function: Its results must not be changed by their users.
        most: How many results are kept.

    Example:
        >>> length = Remembered(len, most=8)
        >>> length((1, 2)), length((1, 2)), length([1, 2, 3])  # a list has no hash
        (2, 2, 3)
        >>> length.cache_info().misses
        1
    """

    def __init__(self, function: Callable[[*Arguments], Result], most: int) -> None:
        """See the class."""
        self._function = function
        self._kept = functools.lru_cache(maxsize=most)(function)
        self.cache_info = self._kept.cache_info
        self.cache_clear = self._kept.cache_clear

    def __call__(self, *args: *Arguments) -> Result:
        """Returns what the function returns."""
        try:
            return self._kept(*args)
        except TypeError:
            # The hash of large arguments takes long; it is asked for apart only where it matters.
            if is_hashable(args):
                raise
        return self._function(*args)
