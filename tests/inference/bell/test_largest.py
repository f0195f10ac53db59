import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.inference.bell import spectrum
from quantum_advantage.inference.bell.largest import largest_squares
from quantum_advantage.inference.bell.spectrum import all_squares, square_index
from quantum_advantage.inference.bell.squares import squares
from quantum_advantage.measurements.records import BellRecord


def draw_record(qubits, shots, seed, outcomes=None):
    """Random outcomes, or few different ones."""
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 2**qubits, (2, outcomes or shots, 1), dtype=np.uint64)
    if outcomes:
        words = words[:, rng.integers(0, outcomes, shots)]
    return BellRecord(qubits, *words)


def first_of_all(record, count):
    """The places and values of the largest squares but that of the identity."""
    values = all_squares(record)[1:]
    order = np.argsort(-values, kind="stable")[:count]
    return order + 1, values[order]


@settings(max_examples=150, deadline=None)
@given(
    qubits=st.integers(1, 6),
    shots=st.integers(1, 300),
    outcomes=st.integers(1, 20),
    count=st.integers(1, 5000),
    least=st.integers(1, 12),
    seed=st.integers(0, 2**32),
)
def test_the_largest_squares_are_the_first_of_all(qubits, shots, outcomes, count, least, seed):
    record = draw_record(qubits, shots, seed, outcomes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spectrum, "LEAST_BITS", least)
        patch.setattr(spectrum, "MOST_BITS", max(least, 6))
        strings, found = largest_squares(record, count)
    places, values = first_of_all(record, count)
    np.testing.assert_array_equal(square_index(strings), places)
    np.testing.assert_array_equal(found[:, 0], values)
    np.testing.assert_array_equal(found, squares(record, strings))


def test_slices_of_large_records_find_the_same(monkeypatch):
    record = draw_record(9, 4000, seed=1)
    places, values = first_of_all(record, 300)
    for bits in (9, 10, 13, 18):
        monkeypatch.setattr(spectrum, "LEAST_BITS", bits)
        monkeypatch.setattr(spectrum, "MOST_BITS", bits)
        strings, found = largest_squares(record, 300)
        np.testing.assert_array_equal(square_index(strings), places)
        np.testing.assert_array_equal(found[:, 0], values)


def test_many_strings_are_sorted_some_at_a_time(monkeypatch):
    monkeypatch.setattr(spectrum, "LEAST_BITS", 10)
    record = draw_record(9, 100, seed=2)
    places, values = first_of_all(record, 50_000)
    strings, found = largest_squares(record, 50_000)
    np.testing.assert_array_equal(square_index(strings), places)
    np.testing.assert_array_equal(found[:, 0], values)


def test_sums_of_very_many_shots_are_in_double_precision(monkeypatch):
    record = draw_record(4, 500, seed=3)
    strings, found = largest_squares(record, 20)
    monkeypatch.setattr(spectrum, "MOST_IN_SINGLE", 499)
    again, same = largest_squares(record, 20)
    assert again.text() == strings.text()
    np.testing.assert_array_equal(same, found)


@pytest.mark.parametrize("qubits", [13, pytest.param(15, marks=pytest.mark.slow)])
def test_the_stabiliser_group_of_a_product_state_is_found(qubits):
    # Of |0...0> the outcomes are Φ⁺ and Φ⁻, b = 0: all strings of I and Z have the square 1.
    rng = np.random.default_rng(4)
    system = rng.integers(0, 2**qubits, (50, 1), dtype=np.uint64)
    record = BellRecord(qubits, system, np.zeros_like(system))
    strings, found = largest_squares(record, 2**qubits)
    ones = found[:, 0] == 1
    assert int(ones.sum()) == 2**qubits - 1
    assert not strings.x[ones].any()
    np.testing.assert_array_equal(strings.z[ones, 0], np.arange(1, 2**qubits))


def test_impossible_requests_are_refused():
    with pytest.raises(ValueError, match="count must be at least 1, not 0"):
        largest_squares(draw_record(2, 10, seed=5), 0)
    for count in (2.5, True, None, "3"):
        with pytest.raises(ValueError, match="count must be a whole number, not "):
            largest_squares(draw_record(2, 10, seed=5), count)
    with pytest.raises(ValueError, match="record must have at most 20 qubits, not 21"):
        largest_squares(draw_record(21, 10, seed=5), 1)
    with pytest.raises(ValueError, match="at least one shot, not 0"):
        largest_squares(draw_record(2, 0, seed=5), 1)
