"""How long commands take from their start: whole processes, against importing numpy and Cirq."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import quantum_advantage
from speed.digests import Outcome
from speed.workload import Against, Peers, Prepared, Side, Workload

_IMPORTS = "import numpy, cirq"
_COMMAND = "import sys; from quantum_advantage.cli import main; sys.argv[0] = 'quantum-advantage'; "


def _process(code: str, *arguments: str) -> Callable[[], str]:
    """Returns the run of a program of Python in a new process, which returns its output."""
    # The package beside this file, whichever is installed.
    root = str(Path(quantum_advantage.__file__).parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}

    def run() -> str:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        ).stdout

    return run


def _start(code: str, *arguments: str) -> Callable[[Peers], Prepared]:
    def prepare(peers: Peers) -> Prepared:
        return Prepared(
            inputs=[code, *arguments],
            work=Side(_process(code, *arguments)),
            other=Side(_process(_IMPORTS)),
            outcome=lambda text: Outcome((text,)),
        )

    return prepare


def _workload(name: str, title: str, code: str, *arguments: str) -> Workload:
    return Workload(
        name=name,
        title=title,
        unit="one process",
        against=Against.YARDSTICK,
        other=f"python -c '{_IMPORTS}'",
        prepare=_start(code, *arguments),
        # Every call is a process of its own.
        processes=1,
    )


WORKLOADS = [
    _workload("start_version", "quantum-advantage --version", f"{_COMMAND}main()", "--version"),
    _workload("start_import", "import quantum_advantage", "import quantum_advantage"),
    _workload("demo", "quantum-advantage demo", f"{_COMMAND}main()", "demo"),
]
