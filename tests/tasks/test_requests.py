import cirq
import numpy as np
import pytest

from quantum_advantage.circuits.request import Dial, measured_qubits
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies


def hidden(text, alpha=0.9):
    letters = np.array([["IXYZ".index(c) for c in text]], dtype=np.uint8)
    signs = np.ones(1, dtype=np.int8)
    return HiddenPauli(letters, signs, np.full(1, alpha), np.random.default_rng(1))


def test_copies_take_turns_on_a_line():
    system, memory = copy_qubits(3)
    assert system == cirq.LineQubit.range(0, 6, 2)
    assert memory == cirq.LineQubit.range(1, 6, 2)


@pytest.mark.parametrize(("copies", "keys"), [(1, [SYSTEM]), (2, [SYSTEM, MEMORY])])
def test_every_copy_has_a_key_and_all_its_qubits_are_measured(copies, keys):
    request = request_copies(hidden("XZ"), copies, 5, [])
    lines = dict(zip(keys, copy_qubits(2), strict=False))
    assert measured_qubits(request.circuit) == {k: tuple(lines[k]) for k in keys}
    assert request.shots == 5


def test_the_change_of_basis_comes_after_the_preparation_and_before_the_measurement():
    system, memory = copy_qubits(2)
    change = bell_basis_change(system, memory)
    request = request_copies(hidden("XZ"), 2, 1, change)
    assert request.circuit[-1 - len(change) : -1] == cirq.Circuit(change)
    assert all(cirq.is_measurement(op) for op in request.circuit[-1])


def test_natures_dials_stay_out_of_the_record_and_the_learners_are_in_it():
    dial = Dial("basis", ("b",), ((0.0,), (1.0,)))
    column = np.array([0, 1, 1], dtype=np.uint8)
    request = request_copies(hidden("X"), 1, 3, [], (dial,), (column,))
    assert request.learner == {"basis"}
    assert request.dials[-1] == dial
    assert len(request.dials) == len(request.table) > 1
    np.testing.assert_array_equal(request.table[-1], column)


def test_the_two_copies_are_drawn_independently():
    request = request_copies(hidden("XYZ", alpha=0.5), 2, 4000, [])
    half = len(request.table) // 2
    first, second = (np.stack(part) for part in (request.table[:half], request.table[half:]))
    for one, other in zip(first, second, strict=True):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(4000)
