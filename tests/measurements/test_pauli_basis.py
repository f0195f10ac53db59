import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage.core.bits import pack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.measurements.pauli_basis import (
    pack_bases,
    pauli_basis_change,
    pauli_basis_dials,
    pauli_basis_strings,
    pauli_hits,
    unpack_bases,
)

BASES = "XYZ"
EVERY_BASIS = ["".join(row) for row in itertools.product(BASES, repeat=2)]
EVERY_STRING = ["".join(row) for row in itertools.product("IXYZ", repeat=2)]


def positions_of(basis):
    return [np.array([BASES.index(letter)], dtype=np.uint8) for letter in basis]


def measuring_unitary(basis):
    qubits = cirq.LineQubit.range(len(basis))
    values = {
        symbol: value
        for dial, letter in zip(pauli_basis_dials(len(basis)), basis, strict=True)
        for symbol, value in zip(dial.symbols, dial.positions[BASES.index(letter)], strict=True)
    }
    circuit = cirq.Circuit(pauli_basis_change(qubits))
    return cirq.unitary(cirq.resolve_parameters(circuit, values))


def pauli_matrix(text):
    return cirq.unitary(cirq.DensePauliString(text))


def hits(text, basis, outcomes):
    string = PauliStrings.from_text(text)
    return pauli_hits(string.x, string.z, pack_bases(positions_of(basis)), pack_bits(outcomes))


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("bit", [0, 1])
def test_eigenstates_of_a_basis_are_measured_with_certainty(basis, bit):
    outcome_state = measuring_unitary(basis).conj().T[:, bit]
    expected = (-1) ** bit * outcome_state
    np.testing.assert_allclose(pauli_matrix(basis) @ outcome_state, expected, atol=1e-12)


@pytest.mark.parametrize("basis", EVERY_BASIS)
def test_strings_hit_are_those_diagonal_in_the_basis(basis):
    unitary = measuring_unitary(basis)
    for text in EVERY_STRING:
        turned = unitary @ pauli_matrix(text) @ unitary.conj().T
        diagonal = np.allclose(turned, np.diag(np.diag(turned)), atol=1e-9)
        assert hits(text, basis, [[0, 0]])[0].tolist() == [diagonal]


@pytest.mark.parametrize("basis", EVERY_BASIS)
def test_sign_of_a_hit_is_the_eigenvalue_of_the_outcome(basis):
    unitary = measuring_unitary(basis)
    outcomes = np.array(list(itertools.product((0, 1), repeat=2)))
    for text in EVERY_STRING:
        hit, sign = hits(text, basis, outcomes)
        if hit.all():
            turned = unitary @ pauli_matrix(text) @ unitary.conj().T
            np.testing.assert_allclose(1 - 2.0 * sign, np.diag(turned).real, atol=1e-9)


def test_every_string_is_hit_in_one_of_three_to_its_weight():
    for text in EVERY_STRING:
        share = np.mean([hits(text, basis, [[0, 0]])[0][0] for basis in EVERY_BASIS])
        assert share == pytest.approx(3.0 ** -(2 - text.count("I")))


def test_packed_bases_are_the_strings_measured():
    rng = np.random.default_rng(1)
    positions = rng.integers(0, 3, (70, 5), dtype=np.uint8)
    strings = PauliStrings.from_letters(positions.T + 1)
    x, z = pack_bases(list(positions))
    np.testing.assert_array_equal(x, strings.x)
    np.testing.assert_array_equal(z, strings.z)


def test_hits_on_many_qubits_follow_every_letter():
    rng = np.random.default_rng(2)
    qubits, shots = 130, 300
    letters = np.zeros(qubits, dtype=int)
    letters[[3, 70, 129]] = [1, 2, 3]
    positions = rng.integers(0, 3, (qubits, shots), dtype=np.uint8)
    outcomes = rng.integers(0, 2, (shots, qubits))
    string = PauliStrings.from_letters(letters[None])
    hit, sign = pauli_hits(string.x, string.z, pack_bases(list(positions)), pack_bits(outcomes))
    agree = (positions[[3, 70, 129]] == [[0], [1], [2]]).all(axis=0)
    assert 0 < agree.sum() < shots
    np.testing.assert_array_equal(hit, agree)
    np.testing.assert_array_equal(sign, outcomes[:, [3, 70, 129]].sum(axis=1) % 2)


def test_dials_set_the_symbols_of_the_circuit():
    circuit = cirq.Circuit(pauli_basis_change(cirq.LineQubit.range(3)))
    symbols = [symbol for dial in pauli_basis_dials(3) for symbol in dial.symbols]
    assert len(symbols) == len(set(symbols))
    assert set(symbols) == cirq.parameter_names(circuit)


def test_positions_of_the_dials_are_floats_of_python():
    (dial,) = pauli_basis_dials(1)
    assert {type(value) for position in dial.positions for value in position} == {float}


def test_packed_bases_are_unpacked_again():
    bases = np.random.default_rng(3).integers(0, 3, (50, 70), dtype=np.uint8)
    assert (unpack_bases(pack_bases(bases.T), 70) == bases).all()


def test_strings_of_a_shot_are_those_that_it_hits_with_their_signs():
    rng, n = np.random.default_rng(3), 3
    bases = pack_bases(list(rng.integers(0, 3, (n, 30), dtype=np.uint8)))
    outcomes = pack_bits(rng.integers(0, 2, (30, n)))
    x, z, signs = pauli_basis_strings(n, bases, outcomes)
    assert not (x[:, 0] | z[:, 0] | signs[:, 0]).any()
    every = np.arange(4**n, dtype=np.uint64)[:, None, None]
    hits, bits = pauli_hits(every % np.uint64(2**n), every // np.uint64(2**n), bases, outcomes)
    places = (x + z * np.uint64(2**n)).astype(int)
    for shot in range(30):
        assert sorted(places[shot]) == np.flatnonzero(hits[:, shot]).tolist()
        assert (bits[places[shot], shot] == signs[shot]).all()


@pytest.mark.parametrize("base", [-1, 3])
def test_a_basis_that_is_none_is_not_packed_as_another(base):
    with pytest.raises(ValueError, match="bases must be 0"):
        pack_bases([np.array([0, base])])
