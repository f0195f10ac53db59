"""At which targets the accuracy curves of a file are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from quantum_advantage.core.naming import parse
from quantum_advantage.experiment.declaration import Curve
from quantum_advantage.study import spec
from quantum_advantage.tasks.base import Task
from quantum_advantage.tasks.registry import load_task


def targets_of(curves: Iterable[Curve]) -> Callable[[spec.CurveSpec], list[float]]:
    """Returns which targets are read from a curve found in the file.

    A curve of a protocol whose options depend on the target is read at the targets that it fits. A
    curve with a task of its own is read at the targets that were declared with that task.

    Args:
        curves: The declared curves.
    """
    declared = list(curves)
    named = {curve: str(load_task(curve.task)) for curve in declared if curve.task}
    wanted = {(named.get(c, ""), c.protocol, target) for c in declared for target in c.targets}
    own = set(named.values())

    def targets(key: spec.CurveSpec) -> list[float]:
        task, bare = load_task(key.task), parse(key.protocol)[0]
        task_declared = key.task if key.task in own else ""
        return sorted(
            {
                target
                for of, protocol, target in wanted
                if of == task_declared
                and parse(protocol)[0] == bare
                and _fits(task, protocol, key, target)
            }
        )

    return targets


def _fits(task: Task, declared: str, key: spec.CurveSpec, target: float) -> bool:
    """Tells whether a declared protocol, resolved for a target, is that of a curve."""
    if key.protocol == declared:
        return True
    try:
        return key.protocol == task.resolve(declared, key.qubits, target)
    except ValueError:
        # Declared for other n, as a memory of more qubits than there are.
        return False
