"""Records that contradict themselves are refused when they are made, not when they are read."""

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.measurements.measure import measure_shadow, measure_stabiliser_shadow
from quantum_advantage.measurements.records import (
    BellRecord,
    PrincipalRecord,
    ShadowRecord,
    StabiliserRecord,
)
from quantum_advantage.measurements.stabiliser import StabiliserBases

STATE = cirq.Circuit(cirq.H(cirq.q("a<b")))
QUBITS = tuple(cirq.LineQubit.range(2))


def words(shots, kind=np.uint64):
    return np.zeros((shots, 1), dtype=kind)


def test_packed_shadow_records_are_taken():
    assert ShadowRecord(QUBITS, (words(3), words(3)), words(6), times=2).settings == 3


@pytest.mark.parametrize(
    ("x", "z", "outcomes", "message"),
    [
        (words(3, np.uint8), words(3), words(3), "bases must be packed"),
        (words(3), pack_bits(np.zeros((3, 65))), words(3), "with 1 words for 2 qubits"),
        (words(3), words(3), np.zeros((3, 2), dtype=np.uint8), "outcomes must be packed"),
        (words(3), words(2), words(3), "same settings, not 3 and 2"),
        (words(3), words(3), words(2), "1 shots for each of the 3 settings, not 2 in all"),
    ],
)
def test_shadow_records_that_do_not_fit_are_refused(x, z, outcomes, message):
    with pytest.raises(ValueError, match=message):
        ShadowRecord(QUBITS, (x, z), outcomes)


@pytest.mark.parametrize(
    ("rows", "shots", "message"),
    [(2, 4, "2 rows of 4 shots"), (1, 3, "not 1 rows"), (3, 3, "not 3 rows")],
)
def test_stabiliser_records_that_do_not_fit_are_refused(rows, shots, message):
    column = np.zeros(3, dtype=np.uint64)
    bases = StabiliserBases((column,) * rows, column)
    with pytest.raises(ValueError, match=message):
        StabiliserRecord(QUBITS, bases, np.zeros(shots, dtype=np.uint64))


def test_notebooks_show_records_as_tables():
    bits = pack_bits(np.array([[0, 1], [1, 1]]))
    bell = BellRecord(2, bits, bits, tuple(cirq.LineQubit.range(2)))._repr_html_()
    assert "<th>copies</th><td>4</td>" in bell
    assert "q(0)<br>q(1)" in bell
    signs = np.array([1, -1], dtype=np.int8)
    principal = PrincipalRecord(signs, signs, None, cirq.PauliString(cirq.X(cirq.q(0))))
    assert "<th>observable</th><td>X(q(0))</td>" in principal._repr_html_()
    for measure in (measure_shadow, measure_stabiliser_shadow):
        table = measure(STATE, cirq.Simulator(seed=1), 10, seed=2)._repr_html_()
        assert "<th>shots</th><td>10</td>" in table
        assert "<th>seed</th><td>2</td>" in table
        assert "a&lt;b" in table
        assert "a<b" not in table


def test_a_qubit_that_comes_twice_is_refused():
    with pytest.raises(ValueError, match="qubits must be different ones"):
        ShadowRecord(QUBITS[:1] * 2, (words(3), words(3)), words(3))
    with pytest.raises(ValueError, match="held must be 2 different qubits"):
        BellRecord(2, words(3), words(3), (*QUBITS, QUBITS[0]))


def test_bits_beyond_the_qubits_are_refused():
    """They would be qubits that nobody named."""
    more = pack_bits(np.ones((3, 2)))
    for name, first, second in (("system", more, words(3)), ("memory", words(3), more)):
        with pytest.raises(ValueError, match=f"{name} must have no bit beyond the 1 qubits"):
            BellRecord(1, first, second)
    for bases, outcomes in (((more, words(3)), words(3)), ((words(3), words(3)), more)):
        with pytest.raises(ValueError, match="must have no bit beyond the 1 qubits"):
            ShadowRecord(QUBITS[:1], bases, outcomes)
