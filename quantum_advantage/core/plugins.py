"""What other installed packages bring: tasks, protocols and backends. Standard library alone.

A package announces what it brings by entry points, for example in its pyproject.toml::

    [project.entry-points."quantum_advantage.backends"]
    my_chip = "my_package.chip:open_chip"
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from quantum_advantage.core.usage import UsageError

if TYPE_CHECKING:
    from importlib import metadata


@functools.cache
def entry_points(group: str) -> tuple[metadata.EntryPoint, ...]:
    """Returns the entry points of a group, sorted by name and package.

    Args:
        group: The group, as ``quantum_advantage.backends``.

    Example:
        >>> entry_points("quantum_advantage.no_such_group")
        ()
    """
    # Loaded here, as a help that names no package should not wait for it.
    from importlib import metadata

    found = metadata.entry_points(group=group)
    return tuple(sorted(found, key=lambda entry: (entry.name, _package(entry))))


def foreign_names(group: str) -> tuple[str, ...]:
    """Returns the names that other packages bring to a group, without importing them.

    Args:
        group: The group, as ``quantum_advantage.backends``.

    Example:
        >>> foreign_names("quantum_advantage.no_such_group")
        ()
    """
    return tuple(dict.fromkeys(entry.name for entry in entry_points(group)))


def load_foreign(group: str, name: str, taken: str | None = None) -> object:
    """Imports what a package brings under a name.

    Args:
        group: The group of entry points.
        name: The name, one of :func:`foreign_names`.
        taken: What has that name already; None if nothing has.

    Raises:
        UsageError: If the name is taken, by this package or by two others, or it cannot be
            imported. Any other error of its import is a bug of the package, and passes.
    """
    entry, *others = (entry for entry in entry_points(group) if entry.name == name)
    if taken is not None or others:
        also = taken or f"what the package {_package(others[0])} brings"
        raise UsageError(
            f"package {_package(entry)} cannot bring {name!r} in {group}: it is the name of {also}"
        )
    try:
        loaded: object = entry.load()
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"package {_package(entry)} cannot bring {name!r} in {group}: loading {entry.value} "
            f"fails with {type(error).__name__}: {' '.join(str(error).split())}"
        ) from error
    return loaded


def _package(entry: metadata.EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "of unknown name"
