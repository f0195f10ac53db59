"""Speed and memory of named workloads, as ratios to the machine's limits and to other programs.

``python benchmarks/run.py`` runs all workloads, adds a record to ``benchmarks/history.jsonl`` and
draws ``out/bench.png``; see ``docs/benchmarks.md``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from speed.command import STOPPED, main

from quantum_advantage.core.endings import prepare_process, run_to_its_end

if __name__ == "__main__":
    # The tables beside this file have names that other packages look for, like ``coverage``.
    sys.path.remove(str(Path(__file__).resolve().parent))
    prepare_process()
    sys.exit(run_to_its_end("benchmarks/run.py", main, STOPPED))
