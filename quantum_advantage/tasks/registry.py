"""Tasks by name. Their names cost the standard library alone; a task is imported when it is loaded.

A module or a folder beside this one is the task of its name: the module, or ``task.py`` in the
folder, holds a subclass of ``Task`` with that ``NAME``. Other packages bring theirs by the entry
point group ``quantum_advantage.tasks``.
"""

from __future__ import annotations

import functools
import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, cast

from quantum_advantage import tasks
from quantum_advantage.core.naming import known_name, parse
from quantum_advantage.core.plugins import foreign_names, load_foreign
from quantum_advantage.core.usage import UsageError, did_you_mean

if TYPE_CHECKING:
    from quantum_advantage.tasks.base import DecidingTask, EstimatingTask, Task

GROUP = "quantum_advantage.tasks"
# Modules of this folder that are no tasks.
_MACHINERY = ("answers", "base", "protocol", "registry", "shared", "task")


@functools.cache
def _own_modules() -> dict[str, str]:
    """Returns the modules of the package's own tasks by the names of the tasks."""
    return {
        module.name: f"{tasks.__name__}.{module.name}" + (".task" if module.ispkg else "")
        for module in pkgutil.iter_modules(tasks.__path__)
        if module.name not in _MACHINERY
    }


def task_names() -> tuple[str, ...]:
    """Returns the names of all tasks, those of other packages last.

    Example:
        >>> task_names()[:4]
        ('chain_phases', 'companion', 'displacement', 'dynamics')
    """
    return tuple(dict.fromkeys((*_own_modules(), *foreign_names(GROUP))))


def task_class(name: str) -> type[Task]:
    """Imports a task.

    Args:
        name: One of :func:`task_names`.

    Raises:
        UsageError: If a package that brings it does not fit.

    Example:
        >>> task_class("purity").BEST_CONVENTIONAL
        'collisions'
    """
    from quantum_advantage.tasks.base import Task

    if name not in foreign_names(GROUP):
        module = import_module(_own_modules()[name])
        kinds = [kind for kind in vars(module).values() if isinstance(kind, type)]
        return next(kind for kind in kinds if issubclass(kind, Task) and _name_of(kind) == name)
    taken = f"the task {name}" if name in _own_modules() else None
    found = load_foreign(GROUP, name, taken)
    if not isinstance(found, type) or not issubclass(found, Task) or _name_of(found) != name:
        raise UsageError(f"entry point {name!r} of {GROUP} must name a Task of the name {name!r}")
    return found


def _name_of(kind: type[Task]) -> str | None:
    return getattr(kind, "NAME", None)


def load_task(text: str) -> Task:
    """Loads a task from its name, for example ``observables:alpha=0.9,game=two``.

    Raises:
        UsageError: If there is no such task, a package that brings it does not fit, or an option is
            unknown or out of range.

    Example:
        >>> str(load_task("observables:game=one"))
        'observables:alpha=0.9,game=one'
        >>> try:
        ...     load_task("purities:mixing=2")
        ... except ValueError as error:
        ...     print(error)
        mixing of 'purities:mixing=2' must lie in [0, 1], not 2.0
    """
    return task_class(known_name(text, task_names(), "task"))(text)


def load_deciding(text: str) -> DecidingTask:
    """Loads a task whose questions have a right answer.

    Raises:
        UsageError: If there is no such task, it estimates, or an option is unknown or out of range.

    Example:
        >>> load_deciding("purity").bound("collisions", qubits=10, target=0.7) > 10
        True
    """
    from quantum_advantage.tasks.base import DecidingTask

    return cast("DecidingTask", _load_kind(text, DecidingTask, "estimates"))


def load_estimating(text: str) -> EstimatingTask:
    """Loads a task that estimates quantities, for example ``purities:depth=2``.

    Raises:
        UsageError: If there is no such task, it decides, or an option is unknown or out of range.

    Example:
        >>> load_estimating("purities:depth=2").quantities("bell", 3)
        ('purity:first=1', 'purity:first=2', 'purity:first=3')
    """
    from quantum_advantage.tasks.base import EstimatingTask

    return cast("EstimatingTask", _load_kind(text, EstimatingTask, "decides"))


def _load_kind(text: str, kind: type, what_it_does: str) -> Task:
    """Loads a task of one kind; only a refusal imports the others.

    Args:
        text: The task's name with its options.
        kind: The class that it must be of.
        what_it_does: What a task of the other kind does, for the message.

    Raises:
        UsageError: If there is no such task, or it is of the other kind.
    """
    name = parse(text)[0]
    if name in task_names() and issubclass(task_class(name), kind):
        return load_task(text)
    choices = [other for other in task_names() if _is_kind(other, kind)]
    if name not in task_names():
        known_name(text, choices, "task")
    raise UsageError(
        f"task {name!r} {what_it_does}; choose one of {', '.join(choices)}"
        f"{did_you_mean(name, choices)}"
    )


def _is_kind(name: str, kind: type) -> bool:
    try:
        return issubclass(task_class(name), kind)
    except UsageError:
        # A task that another package announces but does not provide is no choice.
        return False
