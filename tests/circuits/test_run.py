from dataclasses import replace

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.circuits import sweeps
from quantum_advantage.circuits.request import (
    Dial,
    Record,
    Request,
    distinct_rows,
    measured_qubits,
    position_type,
    resolver_values,
)
from quantum_advantage.circuits.run import run
from quantum_advantage.circuits.sweeps import parts_of, sweep_as_table
from quantum_advantage.core.bits import pack_bits, unpack_bits

A, B = cirq.LineQubit.range(2)
STATE = Dial("state", ("flip",), ((0.0,), (1.0,)))
BASIS = Dial("basis", ("turn", "back"), ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)))
FLIP, TURN, BACK = map(sympy.Symbol, ("flip", "turn", "back"))
GATES = [cirq.X(A) ** FLIP, cirq.X(B) ** TURN, cirq.X(B) ** BACK]
CIRCUIT = cirq.Circuit(GATES, cirq.measure(A, B, key="pair"), cirq.measure(A, key="single"))


class RecordingSampler(cirq.Sampler):
    """Answers every repetition with zeros and keeps what it was asked."""

    def __init__(self, lost_repetitions=0, lost_results=0):
        self.lost_repetitions, self.lost_results = lost_repetitions, lost_results
        self.sweeps, self.repetitions = [], []

    def run_sweep(self, program, params, repetitions=1):
        self.sweeps.append(params)
        self.repetitions.append(repetitions)
        rows = repetitions - self.lost_repetitions
        bits = {key: np.zeros((rows, len(q))) for key, q in measured_qubits(program).items()}
        resolvers = list(cirq.to_resolvers(params))
        return [
            cirq.ResultDict(params=resolver, measurements=bits)
            for resolver in resolvers[: len(resolvers) - self.lost_results]
        ]

    def asked(self):
        """(flip, turn, back) of every point, with its repetitions."""
        return {
            tuple(resolver.value_of(name) for name in ("flip", "turn", "back")): repetitions
            for sweep, repetitions in zip(self.sweeps, self.repetitions, strict=True)
            for resolver in cirq.to_resolvers(sweep)
        }


def request_of(states, bases, circuit=CIRCUIT):
    table = (np.array(states, dtype=np.uint8), np.array(bases, dtype=np.uint8))
    return Request(circuit, (STATE, BASIS), table, len(states), frozenset({"basis"}))


def random_request(shots, seed):
    rng = np.random.default_rng(seed)
    return request_of(rng.integers(0, 2, shots), rng.integers(0, 4, shots))


def test_equal_rows_become_repetitions():
    sampler = RecordingSampler()
    run([request_of([0, 1, 0, 1, 0], [2, 3, 2, 3, 2])], sampler)
    assert sampler.asked() == {(0.0, 0.0, 1.0): 3, (1.0, 1.0, 1.0): 2}


def test_rows_that_repeat_equally_often_share_a_sweep():
    sampler = RecordingSampler()
    run([request_of([0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 2, 3])], sampler)
    assert [len(sweep) for sweep in sampler.sweeps] == [2, 2]
    assert sampler.repetitions == [1, 2]


def test_repetitions_and_values_are_numbers_of_python():
    sampler = RecordingSampler()
    run([random_request(50, seed=1)], sampler)
    assert {type(repetitions) for repetitions in sampler.repetitions} == {int}
    for sweep in sampler.sweeps:
        assert isinstance(sweep, cirq.Zip)
        assert all(isinstance(factor, cirq.Points) for factor in sweep.sweeps)
        assert {type(value) for factor in sweep.sweeps for value in factor.points} == {float}


def test_sweeps_are_cut_at_the_limit_of_points(monkeypatch):
    monkeypatch.setattr(sweeps, "POINTS_PER_SWEEP", 3)
    sampler = RecordingSampler()
    states, bases = np.divmod(np.arange(8), 4)
    run([request_of(states, bases)], sampler)
    assert [len(sweep) for sweep in sampler.sweeps] == [3, 3, 2]
    assert len(sampler.asked()) == 8


def test_missing_repetitions_are_refused_with_both_numbers():
    with pytest.raises(ValueError, match="3 of 4 repetitions"):
        run([request_of([1] * 4, [2] * 4)], RecordingSampler(lost_repetitions=1))


def test_missing_results_are_refused_with_both_numbers():
    with pytest.raises(ValueError, match="1 results for 2 points"):
        run([request_of([0, 1], [0, 0])], RecordingSampler(lost_results=1))


@pytest.mark.parametrize("limit", [3, 10_000])
def test_outcomes_match_the_table_row_by_row(monkeypatch, limit):
    monkeypatch.setattr(sweeps, "POINTS_PER_SWEEP", limit)
    request = random_request(200, seed=2)
    (record,) = run([request], cirq.Simulator())
    state = request.table[0]
    turned = np.array([0, 1, 1, 0])[request.table[1]]
    np.testing.assert_array_equal(
        unpack_bits(record.bits["pair"], 2), np.stack([state, turned], axis=1)
    )
    np.testing.assert_array_equal(unpack_bits(record.bits["single"], 1)[:, 0], state)


def test_bits_follow_the_order_of_the_measured_qubits():
    circuit = cirq.Circuit(GATES, cirq.measure(B, A, key="pair"))
    assert measured_qubits(circuit) == {"pair": (B, A)}
    (record,) = run([request_of([1], [0], circuit)], cirq.Simulator())
    assert unpack_bits(record.bits["pair"], 2).tolist() == [[0, 1]]


def test_equal_rows_keep_all_their_outcomes():
    circuit = cirq.Circuit(cirq.H(A), GATES, cirq.measure(A, B, key="pair"))
    (record,) = run([request_of([0] * 400, [0] * 400, circuit)], cirq.Simulator(seed=3))
    ones = unpack_bits(record.bits["pair"], 2)[:, 0].sum()
    assert abs(ones - 200) < 5 * 10


def test_record_keeps_the_columns_of_the_learner_alone():
    request = random_request(20, seed=4)
    (record,) = run([request], cirq.Simulator())
    assert set(record.settings) == {"basis"}
    np.testing.assert_array_equal(record.settings["basis"], request.table[1])


def test_each_request_gets_its_record():
    records = run([request_of([0] * 2, [0] * 2), request_of([1] * 3, [0] * 3)], cirq.Simulator())
    assert [record.shots for record in records] == [2, 3]
    assert [record.bits["single"].ravel().tolist() for record in records] == [[0, 0], [1, 1, 1]]


def test_circuit_without_dials_runs_once_with_all_repetitions():
    circuit = cirq.Circuit(cirq.X(A), cirq.measure(A, key="single"))
    sampler = RecordingSampler()
    run([Request(circuit, (), (), 7)], sampler)
    assert sampler.repetitions == [7]
    (record,) = run([Request(circuit, (), (), 7)], cirq.Simulator())
    assert record.bits["single"].ravel().tolist() == [1] * 7


def test_sampler_that_understands_dials_gets_the_request_itself():
    class TableSampler:
        def sample_table(self, request):
            self.request = request
            ones = np.ones((request.shots, 2))
            return {"pair": pack_bits(ones), "single": pack_bits(ones[:, :1])}

    sampler, request = TableSampler(), random_request(5, seed=5)
    (record,) = run([request], sampler)
    assert sampler.request is request
    assert record.bits["single"].ravel().tolist() == [1] * 5
    assert set(record.settings) == {"basis"}


def test_resolver_values_are_those_of_the_positions_of_the_shot():
    request = request_of([0, 1], [3, 2])
    assert resolver_values(request, 1) == {"flip": 1.0, "turn": 0.0, "back": 1.0}


def test_distinct_rows_agree_with_numpy_on_columns_of_mixed_types():
    rng = np.random.default_rng(6)
    columns = [  # 44 and 300 share their low byte
        rng.choice(np.array([44, 45], dtype=np.uint8), 300),
        rng.choice(np.array([44, 300], dtype=np.uint16), 300),
        rng.choice(np.array([0, 2**31], dtype=np.uint32), 300),
    ]
    first, kinds = distinct_rows(columns, 300)
    rows = np.stack(columns, axis=1).astype(np.int64)
    assert first.size == len(np.unique(rows, axis=0)) == 8
    np.testing.assert_array_equal(rows[first[kinds]], rows)


def test_rows_without_columns_are_all_alike():
    first, kinds = distinct_rows([], 4)
    assert first.tolist() == [0]
    assert kinds.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("positions", [1, 256, 257, 65536, 65537])
def test_position_type_is_the_smallest_that_holds_the_last_position(positions):
    chosen = position_type(positions)
    assert chosen is np.min_scalar_type(positions - 1).type


def random_table(rng, shots, points):
    states, bases = rng.integers(0, 2, shots), rng.integers(0, points, shots)
    return request_of(states, bases)


LIMITS = [(1, 1), (1, 7), (3, 10), (5, 5_000_000), (10_000, 3), (10_000, 5_000_000)]


@pytest.mark.parametrize(("points", "repetitions"), LIMITS)
@pytest.mark.parametrize("shots", [1, 17, 300])
def test_every_shot_is_in_exactly_one_part_and_the_limits_are_kept(shots, points, repetitions):
    request = random_table(np.random.default_rng(shots), shots, 4)
    parts = list(parts_of(request, points, repetitions))
    members = np.concatenate([part.members.ravel() for part in parts])
    np.testing.assert_array_equal(np.sort(members), np.arange(shots))
    rows = np.stack(request.table, axis=1)
    for part in parts:
        assert part.rows.shape == (len(part.members),)
        assert len(part.rows) <= points
        assert part.members.size <= repetitions
        np.testing.assert_array_equal(
            rows[part.members], np.repeat(rows[part.rows][:, None], part.members.shape[1], axis=1)
        )


def test_equal_rows_stay_together_where_the_limits_allow_it():
    request = random_table(np.random.default_rng(3), 500, 4)
    parts = list(parts_of(request, 10_000))
    settings = np.concatenate([np.stack(request.table, axis=1)[part.rows] for part in parts])
    assert len(np.unique(settings, axis=0)) == len(settings) == 8
    assert len({part.members.shape[1] for part in parts}) == len(parts)


def test_the_service_limit_of_repetitions_holds_by_default():
    shots = sweeps.MOST_REPETITIONS + 10
    request = Request(CIRCUIT, (STATE,), (np.zeros(shots, dtype=np.uint8),), shots)
    sizes = [part.members.shape for part in parts_of(request, 500)]
    assert sweeps.MOST_REPETITIONS == 1_500_000
    assert sizes == [(1, 1_500_000), (1, 10)]


class TableSampler:
    """Answers deterministically: the bits of a row are the positions of its basis and state."""

    def __init__(self):
        self.requests = []

    def sample_table(self, request):
        self.requests.append(request)
        state, basis = (column.astype(np.uint64)[:, None] for column in request.table)
        return {"pair": basis, "single": state}


def test_requests_of_one_circuit_run_as_one_and_get_their_own_rows():
    rng = np.random.default_rng(1)
    requests = [random_table(rng, shots, 4) for shots in (5, 1, 30)]
    sampler = TableSampler()
    records = run(requests, sampler)
    (joined,) = sampler.requests
    assert joined.shots == 36
    for request, record in zip(requests, records, strict=True):
        assert record.shots == request.shots
        np.testing.assert_array_equal(record.bits["pair"][:, 0], request.table[1])
        np.testing.assert_array_equal(record.bits["single"][:, 0], request.table[0])
        np.testing.assert_array_equal(record.settings["basis"], request.table[1])


def test_joined_requests_get_their_rows_from_sweeps_too():
    rng = np.random.default_rng(2)
    requests = [random_table(rng, shots, 4) for shots in (40, 3, 25)]
    for request, record in zip(requests, run(requests, cirq.Simulator()), strict=True):
        state, turned = request.table[0], np.array([0, 1, 1, 0])[request.table[1]]
        np.testing.assert_array_equal(
            unpack_bits(record.bits["pair"], 2), np.stack([state, turned], axis=1)
        )


def test_what_one_request_hides_stays_hidden_when_it_is_joined():
    rng = np.random.default_rng(3)
    one = random_table(rng, 4, 4)
    two = replace(random_table(rng, 6, 4), learner=frozenset({"basis", "state"}))
    sampler = TableSampler()
    records = run([one, two], sampler)
    assert sampler.requests[0].learner == {"basis"}
    assert [set(record.settings) for record in records] == [{"basis"}, {"basis", "state"}]


def differing():
    request = request_of([0, 1], [0, 1])
    yield "circuit", replace(request, circuit=cirq.Circuit(cirq.X(A), CIRCUIT))
    yield "moments", replace(request, circuit=cirq.Circuit(cirq.Moment(), *CIRCUIT))
    yield "twirl", replace(request, twirled=False)
    turned = replace(STATE, positions=((1.0,), (0.0,)))
    yield "dial", replace(request, dials=(turned, BASIS))


@pytest.mark.parametrize(
    ("name", "other"), list(differing()), ids=lambda x: x if isinstance(x, str) else ""
)
def test_requests_that_differ_are_not_joined(name, other):
    request = request_of([1, 1, 0], [2, 3, 1])
    sampler = TableSampler()
    records = run([request, other, request], sampler)
    assert [joined.shots for joined in sampler.requests] == [6, 2], name
    assert [record.shots for record in records] == [3, 2, 3]
    assert sampler.requests[1] is other
    for record, asked in zip(records, (request, other, request), strict=True):
        np.testing.assert_array_equal(record.bits["pair"][:, 0], asked.table[1])
        np.testing.assert_array_equal(record.bits["single"][:, 0], asked.table[0])


def test_no_requests_give_no_records():
    assert run([], cirq.Simulator()) == []


# Ordinary sweeps on a sampler that takes tables.


class Bridge(cirq.Sampler):
    """An ordinary sampler on top of one that takes tables, itself on top of a simulator."""

    def __init__(self):
        self.requests = []

    def sample_table(self, request):
        self.requests.append(request)
        (record,) = run([request], cirq.Simulator(seed=1))
        return record.bits

    def run_sweep(self, program, params, repetitions=1):
        return sweep_as_table(self, program, params, repetitions)


SWEEPS = {
    "zip": cirq.Zip(
        cirq.Points("flip", [0, 1, 1]), cirq.Points("turn", [0, 0, 1]), cirq.Points("back", [0] * 3)
    ),
    "product": cirq.Points("flip", [0, 1]) * cirq.Points("turn", [1, 0]) * cirq.Points("back", [0]),
    "list": [{"flip": 1.0, "turn": 0.0, "back": 1.0}, {"flip": 0.0, "turn": 0.0, "back": 1.0}],
    "expressions": [
        cirq.ParamResolver({"flip": sympy.Symbol("turn"), "turn": 1, "back": sympy.Integer(0)})
    ],
}


@pytest.mark.parametrize("sweep", SWEEPS.values(), ids=SWEEPS)
@pytest.mark.parametrize("repetitions", [1, 5])
def test_a_sweep_gives_the_results_of_an_ordinary_sampler(sweep, repetitions):
    found = Bridge().run_sweep(CIRCUIT, sweep, repetitions)
    expected = cirq.Simulator().run_sweep(CIRCUIT, sweep, repetitions)
    assert len(found) == len(expected)
    for one, two in zip(found, expected, strict=True):
        assert one == two


def test_a_sweep_of_a_frozen_circuit_without_symbols_runs():
    circuit = cirq.FrozenCircuit(cirq.X(A), cirq.measure(A, B, key="pair"))
    result = Bridge().run(circuit, repetitions=4)
    assert result.measurements["pair"].tolist() == [[1, 0]] * 4


@pytest.mark.parametrize("given", [{"flip": 1.0}, {"flip": 1.0, "turn": sympy.Symbol("free")}])
def test_a_symbol_without_a_number_is_refused_by_name(given):
    with pytest.raises(ValueError, match=r"symbol '(turn|back)' of the circuit must be given"):
        Bridge().run_sweep(CIRCUIT, given, 3)


def test_a_sweep_keeps_the_right_number_of_repetitions_for_each_point():
    circuit = cirq.Circuit(cirq.ry(np.pi * FLIP)(A), cirq.measure(A, key="m"))
    sweep = cirq.Points("flip", [0.0, 0.5, 1.0])
    means = [result.measurements["m"].mean() for result in Bridge().run_sweep(circuit, sweep, 4000)]
    assert means[0] == 0
    assert means[2] == 1
    assert abs(means[1] - 0.5) < 5 * np.sqrt(0.25 / 4000)


def test_a_record_is_split_into_equal_parts_or_not_at_all():
    record = Record(5, {"m": np.zeros((5, 1), dtype=np.uint64)})
    assert [part.shots for part in record.split(5)] == [1] * 5
    with pytest.raises(ValueError, match="shots must be a multiple of 2 systems, not 5"):
        list(record.split(2))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ((np.array([0, 1, 2], np.uint8),), "dial 'flip' has 2 positions, and none of the number 2"),
        ((np.array([0, 1], np.uint8),), r"column of dial 'flip' must have shape \(3,\)"),
        ((), "a column for each of 1 dials, not 0"),
    ],
)
def test_tables_that_do_not_fit_their_dials_are_refused(table, message):
    q = cirq.LineQubit(0)
    circuit = cirq.Circuit(cirq.X(q) ** sympy.Symbol("turn"), cirq.measure(q, key="m"))
    flip = Dial("flip", ("turn",), ((0.0,), (1.0,)))
    with pytest.raises(ValueError, match=message):
        run([Request(circuit, (flip,), table, 3)], cirq.Simulator())
