"""Arguments that several commands take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.registry import task_names

if TYPE_CHECKING:
    from quantum_advantage.backends.names import BackendName

TASKS_HELP = f"one of {', '.join(task_names())}"


def read_processor(text: str) -> BackendName:
    """Reads ``weber``, ``chip.json``, ``qvm:weber`` or ``engine:PROJECT/PROCESSOR``.

    Raises:
        UsageError: If it names no processor.
    """
    from quantum_advantage.backends.names import NAMES, read_backend

    known = text.partition(":")[0] in NAMES
    name = read_backend(text if known else f"qvm:{text}")
    if not name.on_device:
        raise UsageError(
            f"{text!r} is no processor; choose PROCESSOR, qvm:PROCESSOR or "
            "engine:PROJECT/PROCESSOR; quantum-advantage devices lists them"
        )
    return name
