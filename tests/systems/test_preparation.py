import cirq
import numpy as np
import pytest

from quantum_advantage.circuits.request import Dial
from quantum_advantage.systems.preparation import OneOfEach


class Fixed:
    """A preparation of numbered systems whose answers carry its name."""

    def __init__(self, name, numbers):
        self.name, self.numbers = name, np.array(numbers, dtype=np.uint8)
        self.qubits, self.systems = 1, len(numbers)

    def circuit(self, qubits, label):
        return cirq.Circuit(cirq.I(q).with_tags(self.name + label) for q in qubits)

    def dials(self, label):
        return (Dial(self.name + label, (), ((),)),)

    def draw(self, copies, label):
        return (np.repeat(self.numbers, copies),)

    def select(self, systems):
        return Fixed(self.name, self.numbers[systems])


@pytest.fixture
def pair():
    return OneOfEach("a", Fixed("first_", [10, 11, 12]), Fixed("other_", [20, 21, 22]))


@pytest.mark.parametrize(("label", "name"), [("a", "first_a"), ("b", "other_b"), ("", "other_")])
def test_circuit_is_that_of_the_system_behind_the_label(pair, label, name):
    (operation,) = pair.circuit([cirq.LineQubit(0)], label).all_operations()
    assert operation.tags == (name,)


@pytest.mark.parametrize(("label", "name"), [("a", "first_a"), ("b", "other_b"), ("", "other_")])
def test_dials_are_those_of_the_system_behind_the_label(pair, label, name):
    assert [dial.name for dial in pair.dials(label)] == [name]


@pytest.mark.parametrize(("label", "numbers"), [("a", [10, 11, 12]), ("b", [20, 21, 22])])
def test_draws_are_those_of_the_system_behind_the_label(pair, label, numbers):
    (column,) = pair.draw(2, label)
    assert column.tolist() == np.repeat(numbers, 2).tolist()


def test_selection_takes_the_same_systems_of_both(pair):
    part = pair.select(slice(1, 2))
    assert part.systems == 1
    assert [part.draw(1, label)[0].tolist() for label in ("a", "b")] == [[11], [21]]


def test_sizes_are_those_of_each_pair(pair):
    assert (pair.qubits, pair.systems) == (1, 3)
