"""How many copies of an unknown quantum system does a learner need, with and without memory?

The public functions are loaded when they are first used, so that the command line answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quantum_advantage.backends.adapter.packing import ServiceLimits
    from quantum_advantage.backends.backend import Backend
    from quantum_advantage.backends.devices.engine import open_engine
    from quantum_advantage.backends.opening import open_backend
    from quantum_advantage.bounds.hidden_pauli import copies_required, largest_conventional_accuracy
    from quantum_advantage.core.pauli import PauliStrings
    from quantum_advantage.experiment.declaration import Curve, Experiment, Fixed
    from quantum_advantage.experiment.runner import run
    from quantum_advantage.inference.bell.squares import purity, squares
    from quantum_advantage.inference.shadows.expectations import expectation, expectations
    from quantum_advantage.inference.shadows.sample_complexity import how_many_shots
    from quantum_advantage.measurements.measure import measure_shadow
    from quantum_advantage.measurements.measure_pairs import measure_bell
    from quantum_advantage.results.as_json import from_json, to_json
    from quantum_advantage.results.pictures import plot
    from quantum_advantage.study.search import copies_needed

__all__ = [
    "Backend",
    "Curve",
    "Experiment",
    "Fixed",
    "PauliStrings",
    "ServiceLimits",
    "copies_needed",
    "copies_required",
    "expectation",
    "expectations",
    "from_json",
    "how_many_shots",
    "largest_conventional_accuracy",
    "measure_bell",
    "measure_shadow",
    "open_backend",
    "open_engine",
    "plot",
    "purity",
    "run",
    "squares",
    "to_json",
]

_HOME = {
    "Backend": "backends.opening",
    "Curve": "experiment.declaration",
    "Experiment": "experiment.declaration",
    "Fixed": "experiment.declaration",
    "PauliStrings": "core.pauli",
    "ServiceLimits": "backends.adapter.packing",
    "copies_needed": "study.search",
    "copies_required": "bounds.hidden_pauli",
    "expectation": "inference.shadows.expectations",
    "expectations": "inference.shadows.expectations",
    "from_json": "results.as_json",
    "how_many_shots": "inference.shadows.sample_complexity",
    "largest_conventional_accuracy": "bounds.hidden_pauli",
    "measure_bell": "measurements.measure_pairs",
    "measure_shadow": "measurements.measure",
    "open_backend": "backends.opening",
    "open_engine": "backends.devices.engine",
    "plot": "results.pictures",
    "purity": "inference.bell.squares",
    "run": "experiment.runner",
    "squares": "inference.bell.squares",
    "to_json": "results.as_json",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module("importlib.metadata").version("quantum-advantage")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
