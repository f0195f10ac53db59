"""A person's mistake: the one exception that stands for it. Standard library alone."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UsageError(ValueError):
    """A person's mistake: an argument, a file or a sampler that does not fit.

    Its text is one line that names the argument, the value and what would do. The commands print
    that line and end with status 2; any other exception is a bug and keeps its traceback.

    Example:
        >>> issubclass(UsageError, ValueError)
        True
    """


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Returns ``; did you mean X?`` for the nearest known name, or nothing if none is near.

    Args:
        text: What was written.
        known: The names that there are.

    Example:
        >>> did_you_mean("bel", ["bell", "memory"])
        '; did you mean bell?'
        >>> did_you_mean("xyz", ["bell", "memory"])
        ''
    """
    near = difflib.get_close_matches(text, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""
