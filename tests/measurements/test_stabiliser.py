import itertools
import math

import cirq
import numpy as np
import pytest
from scipy import stats
from stabiliser_groups import (
    all_strings,
    assert_hits_agree_with_the_unitary,
    circuit_unitary,
    groups,
)

from quantum_advantage.measurements.stabiliser import (
    MOST_QUBITS,
    decode_random_bases,
    random_bases,
    random_basis_dials,
    select_bases,
    stabiliser_basis_change,
    stabiliser_hits,
    stabiliser_strings,
)
from quantum_advantage.measurements.unbiased_bases import (
    mutually_unbiased_bases,
)


def joint_positions(qubits):
    """Every joint position of the dials, one array for each dial."""
    ranges = [range(len(dial.positions)) for dial in random_basis_dials(qubits)]
    return np.array(list(itertools.product(*ranges)), dtype=np.uint16).T


@pytest.mark.parametrize("qubits", [1, 2])
def test_hits_and_signs_of_every_stabiliser_basis_are_those_of_its_unitary(qubits):
    positions = joint_positions(qubits)
    bases = decode_random_bases(positions)
    for number in range(positions.shape[1]):
        unitary = circuit_unitary(qubits, random_basis_dials(qubits), positions[:, number])
        assert_hits_agree_with_the_unitary(qubits, bases, number, unitary)


def test_hits_and_signs_of_random_bases_are_those_of_their_unitary():
    positions = random_bases(3, 25, np.random.default_rng(1))
    bases = decode_random_bases(positions)
    for number in range(25):
        row = [column[number] for column in positions]
        unitary = circuit_unitary(3, random_basis_dials(3), row)
        assert_hits_agree_with_the_unitary(3, bases, number, unitary)


@pytest.mark.parametrize("qubits", [1, 2, 3, 4, 5])
def test_joint_positions_are_as_many_as_stabiliser_bases(qubits):
    count = math.prod(len(dial.positions) for dial in random_basis_dials(qubits))
    assert count == math.prod(2**m + 1 for m in range(1, qubits + 1))


@pytest.mark.parametrize(("qubits", "count"), [(1, 3), (2, 15), (3, 135)])
def test_joint_positions_give_different_groups_of_full_size(qubits, count):
    found = groups(qubits, decode_random_bases(joint_positions(qubits)))
    assert len(found) == len(set(found)) == count
    assert {len(group) for group in found} == {2**qubits - 1}


def test_random_bases_are_uniform_over_the_joint_positions():
    first, second = random_bases(2, 30_000, np.random.default_rng(3))
    counts = np.bincount(first.astype(int) * 3 + second, minlength=15)
    assert counts.size == 15
    assert stats.chisquare(counts).pvalue > 1e-4


def test_random_positions_fit_their_type_beyond_eight_qubits():
    columns = random_bases(9, 4000, np.random.default_rng(4))
    sizes = [len(dial.positions) for dial in random_basis_dials(9)]
    assert sizes[0] == 513
    assert columns[0].max() > 256
    assert all(column.max() < size for column, size in zip(columns, sizes, strict=True))


def test_random_basis_hits_a_string_once_in_two_to_the_n_plus_one():
    shots = 40_000
    bases = decode_random_bases(random_bases(4, shots, np.random.default_rng(5)))
    _, x, z = all_strings(4)
    chance = 1 / 17
    for k in (0, 100, 254):
        hit, _ = stabiliser_hits(x[k : k + 1], z[k : k + 1], bases, bases.hadamards)
        assert abs(hit.mean() - chance) < 5 * np.sqrt(chance * (1 - chance) / shots)


def test_selected_bases_are_those_of_the_numbers():
    bases = mutually_unbiased_bases(3)
    every = groups(3, bases)
    chosen = np.array([8, 0, 3, 3])
    assert groups(3, select_bases(bases, chosen)) == [every[number] for number in chosen]


def test_dials_set_the_symbols_of_the_circuit():
    circuit = cirq.Circuit(stabiliser_basis_change(cirq.LineQubit.range(4)))
    symbols = [symbol for dial in random_basis_dials(4) for symbol in dial.symbols]
    assert len(symbols) == len(set(symbols))
    assert set(symbols) == cirq.parameter_names(circuit)


def test_positions_of_the_dials_are_floats_of_python():
    positions = [p for dial in random_basis_dials(3) for p in dial.positions]
    assert {type(value) for position in positions for value in position} == {float}


def test_circuit_on_too_many_qubits_is_refused_by_value():
    with pytest.raises(ValueError, match=f"to {MOST_QUBITS} qubits, not {MOST_QUBITS + 1}"):
        stabiliser_basis_change(cirq.LineQubit.range(MOST_QUBITS + 1))


def test_no_qubits_need_no_gates():
    assert stabiliser_basis_change([]) == []


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_strings_of_a_shot_are_those_that_it_hits_with_their_signs(qubits):
    rng = np.random.default_rng(qubits)
    bases = decode_random_bases(random_bases(qubits, 40, rng))
    outcomes = rng.integers(0, 2**qubits, 40, dtype=np.uint64)
    x, z, signs = stabiliser_strings(qubits, bases, outcomes)
    assert x.shape == z.shape == signs.shape == (40, 2**qubits)
    assert not (x[:, 0] | z[:, 0] | signs[:, 0]).any()
    every = np.arange(4**qubits, dtype=np.uint64)[:, None]
    side = np.uint64(2**qubits)
    hits, bits = stabiliser_hits(every % side, every // side, bases, outcomes)
    places = (x + z * side).astype(int)
    for shot in range(40):
        assert sorted(places[shot]) == np.flatnonzero(hits[:, shot]).tolist()
        assert (bits[places[shot], shot] == signs[shot]).all()
