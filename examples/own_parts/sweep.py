"""Collects data of the own task and the own protocol; run it again, and it adds what is missing."""

from __future__ import annotations

import sys
from pathlib import Path

from quantum_advantage.experiment.declaration import Curve, Experiment
from quantum_advantage.experiment.runner import run

CURVES = (
    Curve("same_pauli", (2,), batch_size=50),
    Curve("x_parity", (2, 4), task="ghz_sign"),
    Curve("x_parity", (2,), task="ghz_sign", backend="leaky_chip:decay=0.05"),
)
EXPERIMENT = Experiment(
    name="own_parts",
    about="Copies that the own protocol and the own task need.",
    task="observables",
    curves=CURVES,
    quick=CURVES,
    full=CURVES,
    trials=400,
    batch_size=20,
)

if __name__ == "__main__":
    out, *rest = sys.argv[1:]
    where = {"cluster": rest[0]} if rest else {"workers": 2}
    found = run(EXPERIMENT, out=Path(out), **where)
    columns = ["task", "protocol", "qubits", "backend", "copies", "bound"]
    sys.stdout.write(found.points_frame()[columns].to_string(index=False) + "\n")
