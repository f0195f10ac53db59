import itertools

import cirq
import numpy as np
import pytest
from stabiliser_groups import (
    all_strings,
    assert_hits_agree_with_the_unitary,
    circuit_unitary,
    groups,
)

from quantum_advantage.measurements.stabiliser import (
    MOST_QUBITS,
    stabiliser_basis_change,
    stabiliser_hits,
)
from quantum_advantage.measurements.unbiased_bases import (
    irreducible_polynomial,
    mutually_unbiased_bases,
    unbiased_basis_dial,
)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_hits_and_signs_of_unbiased_bases_are_those_of_their_unitary(qubits):
    bases = mutually_unbiased_bases(qubits)
    for number in range(2**qubits + 1):
        unitary = circuit_unitary(qubits, [unbiased_basis_dial(qubits)], [number])
        assert_hits_agree_with_the_unitary(qubits, bases, number, unitary)


@pytest.mark.parametrize("qubits", [1, 2, 3, 4, 5])
def test_every_string_lies_in_exactly_one_unbiased_basis(qubits):
    sizes = np.zeros(4**qubits - 1, dtype=int)
    for group in groups(qubits, mutually_unbiased_bases(qubits)):
        sizes[list(group)] += 1
    assert set(sizes) == {1}


@pytest.mark.parametrize("qubits", [1, 2, 3, 4, 5])
def test_every_unbiased_basis_holds_equally_many_strings(qubits):
    found = groups(qubits, mutually_unbiased_bases(qubits))
    assert [len(group) for group in found] == [2**qubits - 1] * (2**qubits + 1)


def test_strings_on_the_most_qubits_lie_in_exactly_one_unbiased_basis():
    x, z = np.random.default_rng(2).integers(0, 2**MOST_QUBITS, (2, 100, 1), dtype=np.uint64)
    bases = mutually_unbiased_bases(MOST_QUBITS)
    hit, _ = stabiliser_hits(x, z, bases, np.zeros(1, dtype=np.uint64))
    assert set(hit.sum(axis=1)) == {1}


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_unbiased_bases_are_mutually_unbiased(qubits):
    dial = unbiased_basis_dial(qubits)
    unitaries = [circuit_unitary(qubits, [dial], [k]) for k in range(len(dial.positions))]
    assert len(unitaries) == 2**qubits + 1
    for first, second in itertools.combinations(unitaries, 2):
        overlaps = np.abs(first @ second.conj().T) ** 2
        np.testing.assert_allclose(overlaps, 2.0**-qubits, atol=1e-7)


@pytest.mark.parametrize("qubits", [1, 4])
def test_last_unbiased_basis_is_the_computational_one(qubits):
    texts, _, _ = all_strings(qubits)
    group = groups(qubits, mutually_unbiased_bases(qubits))[-1]
    assert {texts[k] for k in group} == {text for text in texts if set(text) <= set("IZ")}


def test_unbiased_dial_sets_the_symbols_of_the_circuit():
    circuit = cirq.Circuit(stabiliser_basis_change(cirq.LineQubit.range(4)))
    assert set(unbiased_basis_dial(4).symbols) == cirq.parameter_names(circuit)


@pytest.mark.parametrize(
    ("degree", "polynomial"),
    [
        (2, 0b111),
        (3, 0b1011),
        (4, 0b10011),
        (5, 0b100101),
        (6, 0b1000011),
        (7, 0b10000011),
        (8, 0b100011011),
        (9, 0b1000000011),
        (10, 0b10000001001),
        (11, 0b100000000101),
        (12, 0b1000000001001),
    ],
)
def test_smallest_irreducible_polynomials_are_the_known_ones(degree, polynomial):
    assert irreducible_polynomial(degree) == polynomial


@pytest.mark.parametrize("qubits", [0, MOST_QUBITS + 1])
def test_unbiased_bases_outside_their_limits_are_refused_by_value(qubits):
    with pytest.raises(ValueError, match=f"1 to {MOST_QUBITS} qubits, not {qubits}"):
        mutually_unbiased_bases(qubits)
    with pytest.raises(ValueError, match=f"not {qubits}"):
        unbiased_basis_dial(qubits)


@pytest.mark.parametrize("degree", [0, -1])
def test_a_polynomial_has_a_positive_degree(degree):
    with pytest.raises(ValueError, match="degree"):
        irreducible_polynomial(degree)


def test_positions_of_the_dial_are_floats_of_python():
    positions = unbiased_basis_dial(3).positions
    assert {type(value) for position in positions for value in position} == {float}
