"""Unknown evolutions: real or not, alike in everything but the values of one dial."""

from __future__ import annotations

import cirq
import numpy as np
import pytest

from quantum_advantage.systems.evolutions import Evolutions, default_depth, draw_evolutions
from quantum_advantage.systems.real_gates import REAL_GATES

ENSEMBLES = ["matched", "matched:native=cz", "matched:native=syc", "public"]
BOTH = [True, False]


def without_phase(unitary):
    largest = unitary.flat[np.argmax(np.abs(unitary))]
    return unitary * (abs(largest) / largest)


@pytest.mark.parametrize("geometry", ["line", "grid"])
@pytest.mark.parametrize("n", [1, 2, 5, 6])
@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_symmetric_unitaries_are_real_and_general_ones_are_not(ensemble, n, geometry):
    evolutions = draw_evolutions([True, False, True], n, 3, ensemble, geometry)
    for system, symmetric in enumerate((True, False, True)):
        unitary = evolutions.unitary(system)
        assert np.allclose(unitary @ unitary.conj().T, np.eye(2**n), atol=1e-10)
        product = without_phase(unitary @ unitary.T)
        if symmetric:
            assert np.abs(without_phase(unitary).imag).max() < 1e-6
            assert np.allclose(product, np.eye(2**n), atol=1e-10)
        elif n > 1 or ensemble != "public":
            assert np.abs(product - np.eye(2**n)).max() > 0.1


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_both_kinds_are_the_same_circuit(ensemble):
    line = cirq.LineQubit.range(4)
    kinds = [draw_evolutions([kind], 4, 3, ensemble) for kind in BOTH]
    circuits = [evolutions.circuit(line, "u") for evolutions in kinds]
    assert circuits[0] == circuits[1]
    (first,), (second,) = (evolutions.dials("u") for evolutions in kinds)
    assert first.symbols == second.symbols
    assert first.name == second.name == "system_u"
    assert set(first.symbols) == cirq.parameter_names(circuits[0])


def test_the_circuit_is_a_brickwork_of_the_native_gate():
    for native, gate in REAL_GATES.items():
        evolutions = draw_evolutions(BOTH, 4, 3, f"matched:native={native}", depth=3)
        circuit = evolutions.circuit(cirq.LineQubit.range(4), "u")
        coupled = [op for op in circuit.all_operations() if len(op.qubits) == 2]
        assert len(coupled) == 2 + 1 + 2
        assert all(op.gate == gate.native for op in coupled)
    assert evolutions.depth == 3
    assert evolutions.qubits == 4
    assert evolutions.systems == 2


def test_uses_of_one_evolution_share_its_number():
    evolutions = draw_evolutions([True, False, True], 3, 3)
    (column,) = evolutions.draw(4, "u")
    assert column.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    chosen = evolutions.select(slice(1, 3))
    assert chosen.systems == 2
    assert np.array_equal(chosen.unitary(0), evolutions.unitary(1))
    again = draw_evolutions([True, False, True], 3, 3)
    assert np.array_equal(again.exponents, evolutions.exponents)


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_the_general_kind_of_the_public_ensemble_has_square_roots_alone(ensemble):
    evolutions = draw_evolutions(np.zeros(200, dtype=bool), 5, 3, ensemble, depth=2)
    gates = evolutions.exponents.reshape(200, 3, 5, 3)
    roots = (gates[..., 0] == 0.5) & (gates[..., 1] == 0)
    if ensemble != "public":
        assert not roots.any()
        return
    # The last qubit has no bond in the first layer, the first one none in the second.
    busy = np.array([[1, 1, 1, 1, 0], [0, 1, 1, 1, 1], [0, 0, 0, 0, 0]], dtype=bool)
    assert roots[:, busy].all()
    assert (gates[:, ~busy] == 0).all()
    kinds, counts = np.unique(gates[:, busy, 2], return_counts=True)
    assert kinds.tolist() == [0.0, 0.25, 0.5]
    assert (np.abs(counts / counts.sum() - 1 / 3) < 4 * np.sqrt(2 / 9 / counts.sum())).all()


def test_the_published_circuits_have_their_first_qubit_first():
    evolutions = draw_evolutions(BOTH, 5, 3, "public")
    assert all(i + 1 == j for layer in evolutions.layers for i, j in layer)
    assert evolutions.depth == 5


@pytest.mark.parametrize(
    ("ensemble", "geometry", "depth"),
    [
        ("matched", "line", 24),
        ("matched", "grid", 24),
        ("matched:native=syc", "line", 24),
        ("matched:native=cz", "line", 60),
        ("matched:native=cz", "grid", 36),
        ("matched:native=cz", "grid:rows=1", 60),
        ("public", "line", 5),
    ],
)
def test_default_depths(ensemble, geometry, depth):
    assert default_depth(12, ensemble, geometry) == depth
    assert draw_evolutions([True], 12, 1, ensemble, geometry).depth == depth


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ensemble": "haar"}, "ensemble 'haar' must be matched or public"),
        ({"ensemble": "matched:native=ccz"}, "must be one of iswap, cz, syc"),
        ({"ensemble": "public:native=cz"}, "unknown option 'native'"),
        ({"geometry": "ring"}, "geometry 'ring' must be line or grid"),
        ({"depth": -2}, "depth must be at least 0, not -2"),
        ({"symmetric": [[True]]}, r"not of shape \(1, 1\)"),
        ({"qubits": 0}, "qubits must be at least 1, not 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw_evolutions(**{"symmetric": [True], "qubits": 4, "seed": 1, **arguments})


def test_a_unitary_of_fixed_gates():
    """Without turns the circuit is its native gates."""
    evolutions = Evolutions(np.zeros((1, 4, 3)), (((0, 1),),), cirq.ISWAP)
    assert np.allclose(evolutions.unitary(0), cirq.unitary(cirq.ISWAP))
