"""All workloads, in the order in which they run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quantum_advantage.core.usage import UsageError, did_you_mean
from speed import circuits, sampling, shadows, starts, transforms
from speed.workload import Workload

WORKLOADS: Mapping[str, Workload] = {
    workload.name: workload
    for module in (sampling, transforms, shadows, circuits, starts)
    for workload in module.WORKLOADS
}


def chosen(names: Iterable[str], workloads: Mapping[str, Workload] = WORKLOADS) -> list[Workload]:
    """Returns the workloads of these names, in the order of the catalogue; all if there is none.

    Args:
        names: Names from the command line.
        workloads: The catalogue.

    Raises:
        UsageError: If there is no such workload.
    """
    wanted = set(names)
    for name in sorted(wanted - set(workloads)):
        raise UsageError(
            f"there is no workload {name!r}{did_you_mean(name, workloads)}; --list shows all"
        )
    return [one for name, one in workloads.items() if not wanted or name in wanted]
