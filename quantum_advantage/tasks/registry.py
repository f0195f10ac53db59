"""Tasks by name."""

from __future__ import annotations

from quantum_advantage.names import parse
from quantum_advantage.tasks.observables.playing import Observables

TASKS = {"observables": Observables}


def load_task(text: str) -> Observables:
    """Loads a task from its name, for example ``observables:alpha=0.9,game=two``.

    Raises:
        ValueError: If there is no such task.
    """
    name, _ = parse(text)
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}; choose one of {', '.join(TASKS)}")
    return TASKS[name](text)
