"""Tasks by name."""

from __future__ import annotations

from collections.abc import Callable

from quantum_advantage.core.naming import known_name
from quantum_advantage.tasks.base import EstimationTask, Task
from quantum_advantage.tasks.companion import Companion
from quantum_advantage.tasks.displacement import Displacement
from quantum_advantage.tasks.dynamics import Dynamics
from quantum_advantage.tasks.observables.playing import Observables
from quantum_advantage.tasks.posterior import Posterior
from quantum_advantage.tasks.principal_component import PrincipalComponent
from quantum_advantage.tasks.processes import Processes
from quantum_advantage.tasks.purities import Purities, WholePurity
from quantum_advantage.tasks.purity import Purity
from quantum_advantage.tasks.sensor_array import SensorArrays
from quantum_advantage.tasks.string_errors import StringErrors
from quantum_advantage.tasks.time_reversal import TimeReversal

TASKS: dict[str, Callable[[str], Task]] = {
    "observables": Observables,
    "purity": Purity,
    "principal_component": PrincipalComponent,
    "time_reversal": TimeReversal,
    "processes": Processes,
}
ESTIMATIONS: dict[str, Callable[[str], EstimationTask]] = {
    "companion": Companion,
    "displacement": Displacement,
    "dynamics": Dynamics,
    "posterior": Posterior,
    "purities": Purities,
    "sensor_array": SensorArrays,
    "string_errors": StringErrors,
    "whole_purity": WholePurity,
}


def load_task(text: str) -> Task:
    """Loads a task from its name, for example ``observables:alpha=0.9,game=two``.

    Raises:
        ValueError: If there is no such task.
    """
    return TASKS[known_name(text, TASKS, "task")](text)


def load_estimation(text: str) -> EstimationTask:
    """Loads a task that estimates from its name, for example ``purities:depth=2``.

    Raises:
        ValueError: If there is no such task.
    """
    return ESTIMATIONS[known_name(text, ESTIMATIONS, "task")](text)


def load_any(text: str) -> Task | EstimationTask:
    """Loads a task of either kind from its name.

    Raises:
        ValueError: If there is no such task.
    """
    name = known_name(text, [*TASKS, *ESTIMATIONS], "task")
    return load_task(text) if name in TASKS else load_estimation(text)
