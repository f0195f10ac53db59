import math
from dataclasses import replace

import numpy as np
import pytest
from cirq_google.api import v2
from cirq_google.engine import runtime_estimator

from quantum_advantage.backends.devices import engine, virtual
from quantum_advantage.backends.names import read_backend
from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.run import run
from quantum_advantage.circuits.sweeps import sweep_of
from quantum_advantage.core.usage import UsageError
from quantum_advantage.preflight.costs import cost_of, preflight_cost
from quantum_advantage.preflight.processors import STAND_IN
from quantum_advantage.tasks.shared.calibration import damping_request, fixed_damping_request


def request_of(settings, repetitions):
    """A request of one pair in so many settings, each repeated so often."""
    whole = fixed_damping_request(2, 12)
    rows = np.repeat(np.arange(settings), repetitions)
    return replace(whole, table=tuple(c[rows] for c in whole.table), shots=rows.size, twirled=False)


@pytest.mark.parametrize(("settings", "repetitions"), [(1, 1), (12, 1), (5, 400)])
def test_cost_counts_settings_and_repetitions(settings, repetitions):
    cost = cost_of(read_backend("qvm:weber"), lambda s: run([request_of(settings, repetitions)], s))
    assert cost.jobs == 1
    assert cost.points == settings
    assert cost.repetitions == settings * repetitions


class Catching:
    """Keeps the native request that it is given, and runs nothing."""

    def __init__(self):
        self.request: Request | None = None

    def sample_table(self, request):
        self.request = request
        raise InterruptedError


def test_cost_is_that_of_the_native_request_by_the_services_own_measures(monkeypatch):
    request = request_of(12, 3)
    cost = cost_of(read_backend("qvm:weber"), lambda s: run([request], s))
    catching = Catching()
    monkeypatch.setattr(virtual, "CostSampler", lambda: catching)
    with pytest.raises(InterruptedError):
        cost_of(read_backend("qvm:weber"), lambda s: run([request], s))
    native = catching.request
    sweep = sweep_of(native, list(range(0, 36, 3)))
    assert cost.request_bytes == v2.run_context_to_proto(sweep, 3).ByteSize()
    seconds = runtime_estimator.estimate_run_sweep_time(native.circuit, sweep, 3)
    assert cost.seconds == pytest.approx(seconds)


def test_many_settings_are_many_jobs():
    rng, shots = np.random.default_rng(0), 2600
    cost = cost_of(read_backend("qvm:weber"), lambda s: run([damping_request(6, shots, rng)], s))
    # With a readout mask of its own every shot is a setting; a job takes 5 minutes at most.
    assert (cost.points, cost.repetitions) == (shots, shots)
    assert cost.jobs == math.ceil(cost.seconds / 300) == 2


def test_a_real_processor_is_not_asked_what_it_costs(monkeypatch):
    def connect(project):
        raise AssertionError("nothing is to be asked")

    monkeypatch.setattr(engine, "connect", connect)
    request = request_of(5, 7)
    real = cost_of(read_backend("engine:mine/chip"), lambda s: run([request], s))
    assert real == cost_of(read_backend(f"qvm:{STAND_IN}"), lambda s: run([request], s))
    assert real != cost_of(read_backend("qvm:weber"), lambda s: run([request], s))


@pytest.mark.parametrize(("chain", "circuits"), [(False, 3), (True, 9)])
def test_a_preflight_costs_the_shots_of_its_circuits(chain, circuits):
    found, cost = preflight_cost(read_backend("qvm:weber"), 5, 600, chain=chain)
    assert found == circuits
    assert cost.repetitions == circuits * 600
    assert 0 < cost.jobs <= circuits


def test_a_chain_of_two_has_one_coupler_between_its_systems():
    assert preflight_cost(read_backend("qvm:weber"), 2, 600, chain=True)[0] == 6


def test_the_price_of_more_pairs_than_there_are_is_refused():
    with pytest.raises(UsageError, match="pairs"):
        preflight_cost(read_backend("qvm:weber"), 40, 600)
