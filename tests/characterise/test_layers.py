import functools

import cirq
import numpy as np
import pytest

from quantum_advantage.characterise.layers import (
    LAYERS,
    STRINGS,
    PairString,
    after_layer,
    read_layer,
    string_number,
    string_text,
    visited,
)

CZ = cirq.unitary(cirq.CZ)
TURNS = np.kron(cirq.unitary(cirq.S), cirq.unitary(cirq.S))


def matrix_of(string):
    return functools.reduce(
        np.kron, (cirq.unitary(getattr(cirq, letter)) for letter in string_text(string))
    )


def conjugated(string, unitary):
    """The number of the string that a unitary makes of a string, whatever its sign."""
    turned = unitary @ matrix_of(string) @ unitary.conj().T
    overlaps = [abs(np.trace(matrix_of(s) @ turned)) / 4 for s in range(STRINGS)]
    assert max(overlaps) == pytest.approx(1)
    return int(np.argmax(overlaps))


@pytest.mark.parametrize("string", range(STRINGS))
def test_numbers_and_letters_are_one_to_one(string):
    assert string_number(string_text(string)) == string


@pytest.mark.parametrize("string", range(STRINGS))
def test_strings_go_through_a_layer_as_matrices_do(string):
    assert after_layer(string, coupled=False, turned=True) == string
    assert after_layer(string, coupled=True, turned=False) == conjugated(string, CZ)
    assert after_layer(string, coupled=True, turned=True) == conjugated(string, TURNS @ CZ)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))
@pytest.mark.parametrize("string", range(STRINGS))
def test_strings_behind_cz_are_those_of_matrices(layer, string):
    for turned in layer.turns:
        step = TURNS @ CZ if turned else CZ
        met, sides = set(), [string, string]
        for _ in range(4):
            met.add(
                PairString(
                    *(
                        conjugated(s, CZ) if on else s
                        for s, on in zip(sides, layer.coupled, strict=True)
                    )
                )
            )
            sides = [
                conjugated(s, step) if on else s for s, on in zip(sides, layer.coupled, strict=True)
            ]
        assert sides == [string, string]
        assert set(visited(layer, turned, string)) == met


def test_two_turned_layers_are_z_on_both_qubits():
    whole = np.linalg.matrix_power(TURNS @ CZ, 2)
    np.testing.assert_allclose(whole, np.kron(cirq.unitary(cirq.Z), cirq.unitary(cirq.Z)))


def test_a_layer_without_cz_has_no_turns():
    assert [layer.turns for layer in LAYERS.values()] == [(False,), (False, True), (False, True)]


def test_unknown_layers_and_strings_are_refused():
    with pytest.raises(ValueError, match="layer must be one of wait, cz, cz_both, not 'swap'"):
        read_layer("swap")
    with pytest.raises(ValueError, match="string must be two letters of I, X, Y, Z, not 'XYZ'"):
        string_number("XYZ")
