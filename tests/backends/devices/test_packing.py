"""Requests are cut into jobs within the limits of the service, in as few as they allow."""

from itertools import pairwise

import cirq
import cirq_google
import numpy as np
import pytest
import sympy
from cirq_google.engine import runtime_estimator

from quantum_advantage.backends.devices import packing
from quantum_advantage.backends.devices.packing import Portion, portions_of
from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.core.usage import UsageError


def wide_circuit(qubits, moments=10):
    row = cirq.GridQubit.rect(1, qubits)
    turns = [cirq.Moment((cirq.X ** sympy.Symbol("turn"))(q) for q in row) for _ in range(moments)]
    return cirq.Circuit(turns, cirq.Moment(cirq.measure(*row, key="m")))


def request_of(shots, positions, qubits=2, seed=1, moments=10):
    dial = Dial("turn", ("turn",), tuple((k / positions,) for k in range(positions)))
    column = np.random.default_rng(seed).integers(0, positions, shots).astype(np.uint16)
    return Request(wide_circuit(qubits, moments), (dial,), (column,), shots)


def seconds_of(portion):
    asked = zip(portion.circuits(), portion.sweeps(), portion.each(), strict=True)
    return runtime_estimator._BASE_LATENCY + sum(
        runtime_estimator.estimate_run_sweep_time(*one, latency=0.0) for one in asked
    )


@pytest.mark.parametrize(
    ("shots", "positions", "qubits"),
    [(1, 1, 2), (500, 500, 8), (4000, 60_000, 40), (3000, 7, 4), (40_000, 20_000, 2)],
)
def test_every_shot_is_in_one_job_and_the_limits_of_the_service_hold(shots, positions, qubits):
    request = request_of(shots, positions, qubits)
    portions = list(portions_of([request]))
    members = np.concatenate([part.members.ravel() for job in portions for part in job.parts])
    np.testing.assert_array_equal(np.sort(members), np.arange(shots))
    for job in portions:
        assert job.seconds == pytest.approx(seconds_of(job))
        assert job.seconds <= 300
        assert job.repetitions <= 1_500_000
        assert job.points <= packing.MOST_POINTS
    # A job is as full as it can be: two that follow each other would not fit into one.
    for one, other in pairwise(portions):
        joined = Portion((*one.parts, *other.parts), (*one.numbers, *other.numbers), 0.0)
        assert seconds_of(joined) > 300 or joined.points > packing.MOST_POINTS


def test_settings_that_repeat_unequally_are_one_job():
    request = request_of(600, 200)
    (job,) = portions_of([request])
    repetitions = [part.members.shape[1] for part in job.parts]
    assert len(repetitions) == len(set(repetitions)) >= 4


def test_many_repetitions_of_one_setting_are_cut_by_time_or_by_number():
    narrow = list(portions_of([request_of(3_200_000, 1, 2)]))
    assert [job.repetitions for job in narrow] == [1_500_000, 1_500_000, 200_000]
    wide = list(portions_of([request_of(1_500_000, 1, 1000, moments=2)]))
    assert max(job.repetitions for job in wide) < 1_500_000
    assert all(job.seconds <= 300 for job in wide)
    assert wide[0].seconds > 299.9


def test_a_circuit_that_no_job_can_hold_is_refused_in_one_line():
    with pytest.raises(UsageError, match=r"one repetition would take \d+ s .* 300 s") as caught:
        list(portions_of([request_of(10, 1, 4000)]))
    assert "\n" not in str(caught.value)


def test_outcomes_come_back_to_their_shots():
    request = request_of(600, 50, 1)
    (job,) = portions_of([request])
    results = [
        cirq.ResultDict(
            params=cirq.ParamResolver({"turn": request.dials[0].positions[position][0]}),
            measurements={"m": np.full((part.members.shape[1], 1), position % 2, dtype=np.uint8)},
        )
        for part in job.parts
        for position in request.table[0][part.rows].tolist()
    ]
    outcomes = job.outcomes(results, "the service")
    assert outcomes["0 m"].shape == (600, 1)
    for _, part, bits in job.split(outcomes):
        np.testing.assert_array_equal(bits["m"][:, :, 0], request.table[0][part.members] % 2)


@pytest.mark.parametrize("change", ["one less", "one more", "two swapped"])
def test_results_that_do_not_fit_are_refused(change):
    request = request_of(600, 50, 1)
    (job,) = portions_of([request])
    results = [
        result
        for sweep, each in zip(job.sweeps(), job.each(), strict=True)
        for result in cirq.Simulator(seed=1).run_sweep(request.circuit, sweep, each)
    ]
    if change == "one less":
        results.pop()
    elif change == "one more":
        results.append(results[-1])
    else:
        # Of different parts: those of one part are put in order by their parameters.
        results[0], results[-1] = results[-1], results[0]
    with pytest.raises(UsageError, match="the service returned"):
        job.outcomes(results, "the service")


def test_requests_of_several_circuits_share_a_job():
    requests = [request_of(60, 3, 2), request_of(40, 5, 3, seed=2), request_of(7, 1, 1)]
    (job,) = portions_of(requests)
    assert job.repetitions == 107
    assert job.shapes() == {"0 m": (60, 2), "1 m": (40, 3), "2 m": (7, 1)}
    assert job.seconds == pytest.approx(seconds_of(job))
    simulator = cirq.Simulator(seed=1)
    results = [
        result
        for asked in zip(job.circuits(), job.sweeps(), job.each(), strict=True)
        for result in simulator.run_sweep(*asked)
    ]
    seen = [np.zeros(request.shots, dtype=int) for request in requests]
    for number, part, bits in job.split(job.outcomes(results, "the service")):
        assert bits["m"].shape == (*part.members.shape, (2, 3, 1)[number])
        seen[number][part.members] += 1
    assert all((counts == 1).all() for counts in seen)


def test_the_rule_names_the_version_whose_estimate_cuts():
    assert packing.RULE.endswith(cirq_google.__version__)
