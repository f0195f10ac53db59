"""The one exception that stands for a person's mistake. Standard library alone."""

from __future__ import annotations


class UsageError(ValueError):
    """A person's mistake: an argument, a file or a sampler that does not fit.

    Its text is one line that names the argument, the value and what would do. The commands print
    that line and end with status 2; any other exception is a bug and keeps its traceback.
    """
