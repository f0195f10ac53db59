"""Phases without labels: groups of unknown states from classical shadows, and what a kernel sees.

States of the toric code and product states, each behind a random shallow Clifford circuit, become
points on a line by the shadow kernel of their records. Two groups of points are the two classes, as
long as all circuits are equally deep. So they are by one number of each state alone, its one-qubit
purity, and no better. Where depths are mixed the groups follow the purity, not the class: what is
found is how locally polarised the states are, not their phase.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.study.errors import EstimatePoint

PROTOCOL = "local_pauli"
SHOTS = 500
FEWER_SHOTS = (25, 50, 100, 200)
SHOTS_DEPTH = 3
DEEPEST = 5
# As circuits up to this n, beyond from the exact distribution.
CIRCUITS_TO = 18


def at_depth(depth: int) -> str:
    """Returns the task with all circuits of one depth."""
    return "phases" if depth == 1 else f"phases:depth={depth}"


MIXED, MORE_MIXED = "phases:depth=5,spread=5", "phases:depth=9,spread=9"
DEEPER = "phases:deeper=2,depth=3"
CASES = (
    (at_depth(3), "3 layers\nin all"),
    (DEEPER, "3, products\n5"),
    (MIXED, "0 to 5"),
    (MORE_MIXED, "0 to 9"),
)


def curves(tasks: tuple[str, ...], qubits: tuple[int, ...]) -> tuple[Curve, ...]:
    """Returns the curves of some tasks at some sizes."""
    return tuple(
        Curve(PROTOCOL, qubits, Fixed((SHOTS,)), circuits_to=CIRCUITS_TO, task=task)
        for task in tasks
    )


DEPTHS = tuple(at_depth(depth) for depth in range(DEEPEST + 1))
BY_SHOTS = Curve(
    PROTOCOL, (50,), Fixed(FEWER_SHOTS), circuits_to=CIRCUITS_TO, task=at_depth(SHOTS_DEPTH)
)

EXPERIMENT = Experiment(
    name="finding_phases",
    about="Groups of unknown states from classical shadows without labels, and controls.",
    task=at_depth(1),
    curves=curves((at_depth(1), at_depth(3), MIXED), (18,)),
    quick=curves((at_depth(1), MIXED), (18,)),
    full=(
        *curves((*DEPTHS, DEEPER, MIXED, MORE_MIXED), (50, 200)),
        *curves((at_depth(1), at_depth(3), MIXED), (18,)),
        BY_SHOTS,
    ),
    trials=400,
    batch_size=20,
)


def draw(data: ErrorData) -> Figure:
    """Draws."""
    from quantum_advantage import plots

    return plots.new_figure(7.2, 4.6, 3, rows=2)


if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
