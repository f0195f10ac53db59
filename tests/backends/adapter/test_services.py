"""Measurements on samplers that behave as those of four services do."""

import cirq
import numpy as np
import pytest
from foreign_services import AQT, IQM, IonQ, Superstaq, aqt_gates, ionq_gates, iqm_circuit

from quantum_advantage import (
    Backend,
    copies_needed,
    expectation,
    measure_bell,
    measure_shadow,
    squares,
)
from quantum_advantage.backends.adapter.packing import ServiceLimits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.service_price import batch_price
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds

A, B = cirq.GridQubit.rect(1, 2)
STATE = cirq.Circuit(cirq.X(A) ** 0.25, cirq.CNOT(A, B), cirq.S(B))


def ionq(seed=1):
    service = IonQ(seed)
    limits = ServiceLimits(circuits_per_job=1000, qubits=11)
    options = {"gateset": ionq_gates(), "batch": service.service_batch, "limits": limits}
    return service, options


def aqt(seed=1):
    return AQT(seed), {"gateset": aqt_gates(), "measure": False, "limits": ServiceLimits(jobs=1000)}


def superstaq(seed=1):
    return Superstaq(seed), {"limits": ServiceLimits(circuits_per_job=1000)}


def iqm(seed=1):
    service = IQM(3, seed)
    limits = ServiceLimits(circuits_per_job=1000)
    options = {"gateset": iqm_circuit, "line": service.qubits, "batch": service.run_iqm_batch}
    return service, {**options, "limits": limits}


SERVICES = {"ionq": ionq, "aqt": aqt, "superstaq": superstaq, "iqm": iqm}
# One job for each circuit, whatever is done.
SINGLE = {"aqt"}


@pytest.fixture(params=SERVICES)
def service(request):
    made, options = SERVICES[request.param]()
    return request.param, made, Backend.from_sampler(made, request.param, **options)


def exact_state():
    return {
        string: cirq.DensePauliString(string)
        .on(A, B)
        .expectation_from_state_vector(STATE.final_state_vector(), {A: 0, B: 1})
        .real
        for string in ("ZZ", "ZI", "IZ", "XX", "XY", "YX")
    }


def test_bell_measurements_are_right_on_every_service_and_one_job(service):
    _, counted, backend = service
    record = measure_bell(STATE, backend.make(3), shots=2000)
    assert counted.jobs == counted.circuits == 1
    truth = exact_state()
    found = squares(record, list(truth))
    for (value, error), expected in zip(found, truth.values(), strict=True):
        assert abs(value - expected**2) < 5 * error


def test_shadows_are_right_on_every_service(service):
    name, counted, backend = service
    record = measure_shadow(STATE, backend.make(3), shots=900, seed=5, times=3)
    # Nine bases, drawn unequally often: a circuit for each, or one for each binary digit.
    assert counted.jobs <= (9 if name in SINGLE else 8)
    assert counted.shots == 900
    for string, expected in exact_state().items():
        value, error = expectation(record, cirq.DensePauliString(string).on(A, B))
        assert abs(value - expected) < 5 * error


def test_copies_needed_is_right_on_every_service(service):
    name, counted, backend = service
    lines = []
    # One shot is right with 0.70, and a second one adds nothing: 0.65 is where the curve is steep.
    options = {"trials": 200, "games": 10, "seed": 4, "target": 0.65}
    point = copies_needed("bell", 1, backend=backend, report=lines.append, **options)
    assert lines[0].startswith(f"bell at n = 1 on {name}: some ")
    assert " jobs, " in lines[0]
    batches = counted.jobs
    expected = copies_needed("bell", 1, trials=4000, games=100, target=0.65)
    assert point.copies_low <= expected.copies_high
    assert point.copies_high >= expected.copies_low
    # Game by game: one shot is right with 1/2 + α²/4 = 0.7025.
    seeds = Seeds(*np.random.SeedSequence(3).spawn(4))
    task, shots = load_task("observables"), np.array([1])
    played = task.play("bell", 1, shots, 3000, 0, seeds, backend.make(5))
    assert abs(played.correct[0] / 3000 - 0.7025) < 4 * np.sqrt(0.7025 * 0.2975 / 3000)
    # Twenty batches, each in a job for every digit of how often a setting came.
    assert batches <= 20 * 6 or name in SINGLE


def test_a_thousand_bell_shots_of_games_take_few_jobs_where_there_are_batches():
    service, options = ionq()
    backend = Backend.from_sampler(service, "ionq", **options)
    spec = Spec("observables", "bell", 2, "ionq", budget=40, batch_size=50, seed=2)
    told = batch_price(spec, backend)
    assert service.jobs == 0
    play_batch("here", spec, 0, backend)
    assert service.shots == told.shots == 1000
    assert service.jobs <= 10
    assert (service.jobs, service.circuits) == (told.jobs, told.circuits)


def test_without_the_adapter_no_service_will_do():
    for name, error in {"ionq": ValueError, "aqt": ValueError, "iqm": ValueError}.items():
        made, _ = SERVICES[name]()
        with pytest.raises(error):
            measure_bell(STATE, made, shots=10)
    with pytest.raises(UsageError, match="measurement keys"):
        measure_bell(STATE, superstaq()[0], shots=10)


def test_sorted_histograms_do_not_go_to_games_in_order():
    """A setting of 200 shots, half of them 1: both halves of the record hold as many ones."""
    circuit = cirq.Circuit(cirq.H(A), cirq.measure(A, key="m"))
    service, options = ionq()
    adapted = Backend.from_sampler(service, "ionq", **options).make(7)
    ones = [adapted.run(circuit, repetitions=400).measurements["m"][:200].sum() for _ in range(30)]
    # 200 coins each, not all zeros as in the histogram.
    assert abs(np.mean(ones) - 100) < 5 * np.sqrt(50 / 30)
    # Half of the order is drawn, half the outcomes: the spread is that of coins too.
    assert 20 < np.var(ones, ddof=1) < 120


def test_mitigated_counts_are_refused_in_one_line():
    adapted = Backend.from_sampler(Superstaq(mitigated=True), "superstaq").make(1)
    with pytest.raises(UsageError, match="returned mitigated counts, which are no outcomes"):
        measure_bell(STATE, adapted, shots=50)
