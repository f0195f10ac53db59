"""What a calibration foresees of a chain, beside the committed runs on virtual processors."""

from pathlib import Path

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.devices.chain_forecast import chain_forecast
from quantum_advantage.backends.devices.virtual import virtual_device
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.kinds import estimates
from quantum_advantage.tasks.registry import load_task

NAME, TASK = "dynamics_on_processors", "grouping:ensemble=public"
DATA = Path(__file__).parents[3] / "figures" / "data" / f"{NAME}.csv"


@pytest.fixture(scope="module")
def measured():
    """The mean bits and the shares of outcomes 0 of symmetric evolutions, by chip and n."""
    found = {}
    for batches in estimates(NAME, DATA).whole_batches().values():
        for row in (row for rows in batches.values() for row in rows):
            if row.quantity in ("weight_of", "zeros_of") and row.truth == 1:
                key = row.spec.task, row.spec.backend.partition(",")[0], row.spec.qubits
                found.setdefault((*key, row.quantity), []).append(row.value)
    return found


@pytest.mark.parametrize("chip", ["weber", "willow_pink"])
@pytest.mark.parametrize("n", [4, 8])
def test_runs_are_hardly_cleaner_than_foreseen_and_near_it(measured, chip, n):
    """Losses of idle qubits are left out, so that the forecast is a limit up to small changes."""
    forecast = chain_forecast(virtual_device(chip), load_task(TASK).circuit("bell_on_chain", n))
    zeros, bits = (
        np.array(measured[TASK, f"qvm:{chip}", n, name]) for name in ("zeros_of", "weight_of")
    )
    error = np.sqrt(forecast.clean * (1 - forecast.clean) / (50 * zeros.size))
    assert zeros.mean() < forecast.clean + 3 * error
    assert zeros.mean() > 0.4 * forecast.clean
    assert abs(bits.mean() - forecast.mean_bit) < 0.05


def test_a_circuit_that_is_not_on_a_line_is_refused():
    with pytest.raises(UsageError, match="circuit must be on qubits 2i and 2i"):
        chain_forecast(virtual_device("weber"), cirq.Circuit(cirq.CZ(*cirq.GridQubit.rect(1, 2))))
