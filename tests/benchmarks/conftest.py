"""Makes the workloads importable as ``speed``, without the tables that lie beside them."""

import importlib.util
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "speed"

# Not by a path: the tables have names that other packages look for, like ``coverage``.
if "speed" not in sys.modules:
    spec = importlib.util.spec_from_file_location("speed", FOLDER / "__init__.py")
    sys.modules["speed"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["speed"])
