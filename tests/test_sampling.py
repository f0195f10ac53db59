import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage import sampling
from quantum_advantage.pauli import pack_bits, unpack_bits
from quantum_advantage.sampling import (
    Dial,
    Request,
    distinct_rows,
    measured_qubits,
    position_type,
    resolver_values,
    run,
)

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
    monkeypatch.setattr(sampling, "POINTS_PER_SWEEP", 3)
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
    monkeypatch.setattr(sampling, "POINTS_PER_SWEEP", limit)
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
            return {"single": pack_bits(np.ones((request.shots, 1)))}

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
