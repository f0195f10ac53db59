import cirq
import numpy as np
import pytest

from quantum_advantage.core.qubits import listed, qubits_of
from quantum_advantage.core.usage import UsageError


@pytest.mark.parametrize(
    "value", [[1, 2], (1, cirq.q(2)), np.arange(1, 3), cirq.LineQubit.range(1, 3)]
)
def test_qubits_and_their_numbers_are_the_same(value):
    assert qubits_of("memory", value) == [cirq.LineQubit(1), cirq.LineQubit(2)]


def test_one_qubit_stands_for_a_list_of_it():
    assert qubits_of("memory", 3) == qubits_of("memory", cirq.q(3)) == [cirq.LineQubit(3)]
    assert listed(None) == [None]


@pytest.mark.parametrize(
    "value", [None, True, 1.0, "a", ["a"], [1, 2.5], {1, 2}, cirq.LineQid(0, 3)]
)
def test_what_is_no_qubit_is_refused(value):
    with pytest.raises(UsageError, match=r"^memory must be qubits or their numbers, not a "):
        qubits_of("memory", value)


def test_no_qubits_are_refused():
    with pytest.raises(UsageError, match=r"^memory must be at least one qubit$"):
        qubits_of("memory", [])
