"""Tasks by name."""

from __future__ import annotations

from collections.abc import Callable

from quantum_advantage.names import parse
from quantum_advantage.tasks.observables.playing import Observables
from quantum_advantage.tasks.principal_component import PrincipalComponent
from quantum_advantage.tasks.purity import Purity
from quantum_advantage.tasks.task import Task

TASKS: dict[str, Callable[[str], Task]] = {
    "observables": Observables,
    "purity": Purity,
    "principal_component": PrincipalComponent,
}


def load_task(text: str) -> Task:
    """Loads a task from its name, for example ``observables:alpha=0.9,game=two``.

    Raises:
        ValueError: If there is no such task.
    """
    name, _ = parse(text)
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}; choose one of {', '.join(TASKS)}")
    return TASKS[name](text)
