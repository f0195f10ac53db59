"""How many copies of an unknown quantum system does a learner need, with and without memory?

The public functions are loaded when they are first used, so that the command line answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quantum_advantage.acquire import measure_bell, measure_shadow
    from quantum_advantage.backends.google import open_engine
    from quantum_advantage.backends.opening import Backend, open_backend
    from quantum_advantage.bounds import copies_required, largest_conventional_accuracy
    from quantum_advantage.inference.bell import purity, squares
    from quantum_advantage.inference.shadow_bounds import how_many_shots
    from quantum_advantage.inference.shadows import expectation, expectations
    from quantum_advantage.pauli import PauliStrings
    from quantum_advantage.study.search import copies_needed

__all__ = [
    "Backend",
    "PauliStrings",
    "copies_needed",
    "copies_required",
    "expectation",
    "expectations",
    "how_many_shots",
    "largest_conventional_accuracy",
    "measure_bell",
    "measure_shadow",
    "open_backend",
    "open_engine",
    "purity",
    "squares",
]

_HOME = {
    "Backend": "backends.opening",
    "PauliStrings": "pauli",
    "copies_needed": "study.search",
    "copies_required": "bounds",
    "expectation": "inference.shadows",
    "expectations": "inference.shadows",
    "how_many_shots": "inference.shadow_bounds",
    "largest_conventional_accuracy": "bounds",
    "measure_bell": "acquire",
    "measure_shadow": "acquire",
    "open_backend": "backends.opening",
    "open_engine": "backends.google",
    "purity": "inference.bell",
    "squares": "inference.bell",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module("importlib.metadata").version("quantum-advantage")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
