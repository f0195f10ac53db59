import cirq
import pytest
import sympy

from quantum_advantage.circuits.preparations import check_preparation, is_qubit, memory_for
from quantum_advantage.core.usage import UsageError

A, B = cirq.LineQubit.range(2)


def test_the_qubits_of_a_preparation_come_in_order():
    circuit = cirq.Circuit(cirq.X(B), cirq.depolarize(0.1)(A), cirq.reset(B))
    assert check_preparation("circuit", circuit) == [A, B]
    assert check_preparation("circuit", circuit.freeze()) == [A, B]


@pytest.mark.parametrize(
    ("circuit", "message"),
    [
        ([cirq.X(A)], "other must be a cirq.Circuit, not a list; cirq.Circuit(...) makes one of"),
        (cirq.Circuit(), "other must act on at least one qubit"),
        (cirq.Circuit(cirq.X(A) ** sympy.Symbol("t")), "other must have no symbols, not {'t'}"),
        (cirq.Circuit(cirq.measure(A)), "other must prepare the state and measure nothing"),
        (cirq.Circuit(cirq.IdentityGate(qid_shape=(3,))(cirq.LineQid(1, 3))), "has 3 levels"),
    ],
)
def test_what_is_no_preparation_is_named_in_one_line(circuit, message):
    with pytest.raises(UsageError) as caught:
        check_preparation("other", circuit)
    assert message in str(caught.value)


def test_qubits_have_two_levels():
    assert is_qubit(A)
    assert is_qubit(cirq.NamedQubit("a"))
    assert not any(map(is_qubit, (None, "a", 0, cirq.LineQid(0, 3), cirq.X(A))))


def test_a_second_copy_has_qubits_of_its_own():
    assert memory_for([A, B], None) == [cirq.NamedQubit(f"memory_{q}") for q in (A, B)]
    named = cirq.LineQubit.range(2, 4)
    assert memory_for([A, B], tuple(named)) == named


@pytest.mark.parametrize("memory", [[], [A, B], [A], cirq.LineQubit.range(2, 5), 3, "ab"])
def test_what_cannot_hold_a_second_copy_is_refused(memory):
    with pytest.raises(UsageError, match=r"^memory must "):
        memory_for([A, B], memory)
