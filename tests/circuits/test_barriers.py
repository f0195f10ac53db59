import cirq
import qsimcirq

from quantum_advantage.circuits.barriers import BARRIER, split_at_barriers
from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.run import run

A, B = cirq.LineQubit.range(2)
WALL = cirq.Moment(BARRIER)


def test_a_circuit_without_barriers_is_one_part():
    circuit = cirq.Circuit(cirq.H(A), cirq.CNOT(A, B))
    assert split_at_barriers(circuit) == [circuit]


def test_parts_keep_their_moments_and_may_be_empty():
    moments = [cirq.Moment(cirq.H(A)), cirq.Moment(cirq.X(B))]
    circuit = cirq.Circuit([WALL, *moments, WALL, WALL, moments[1]])
    assert split_at_barriers(circuit) == [
        cirq.Circuit(),
        cirq.Circuit(moments),
        cirq.Circuit(),
        cirq.Circuit(moments[1]),
    ]


def test_a_barrier_changes_no_state_and_no_simulator_minds_it():
    circuit = cirq.Circuit([cirq.Moment(cirq.X(A)), WALL, cirq.Moment(cirq.measure(A, key="m"))])
    for sampler in (cirq.Simulator(), qsimcirq.QSimSimulator()):
        (record,) = run([Request(circuit, (), (), 5)], sampler)
        assert record.bits["m"].ravel().tolist() == [1] * 5
