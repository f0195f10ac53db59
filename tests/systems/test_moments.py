"""Mean collision probabilities: against circuits, against Haar-random states."""

from __future__ import annotations

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.backends.simulators.vectors import vectors
from quantum_advantage.systems import moments as module
from quantum_advantage.systems.evolutions import default_depth, draw_evolutions
from quantum_advantage.systems.lattice import lattice_layers, repeated
from quantum_advantage.systems.moments import OutcomeMoments, outcome_moments
from quantum_advantage.systems.real_gates import REAL_GATES

TO_Y = cirq.unitary(cirq.H) @ cirq.unitary(cirq.S**-1)
ENSEMBLES = {
    native: f"matched:native={native}" if native != "iswap" else "matched" for native in REAL_GATES
}


def states_of(evolutions):
    """The states U|0…0⟩ of all systems."""
    line = cirq.LineQubit.range(evolutions.qubits)
    circuit = evolutions.circuit(line, "u") + cirq.Moment(cirq.measure(*line))
    placed = split(circuit, evolutions.dials("u"))
    if len(placed) == 1:
        return vectors(placed[0].piece, evolutions.draw(1, "u"))
    return np.stack([evolutions.unitary(i)[:, 0] for i in range(evolutions.systems)])


def outcome_laws(states):
    """The laws of the outcomes in the bases of Z and of Y."""
    n = states.shape[1].bit_length() - 1
    turned = states.reshape(-1, *(2,) * n)
    for axis in range(1, n + 1):
        turned = np.moveaxis(np.tensordot(TO_Y, turned, (1, axis)), 0, axis)
    return np.abs(states) ** 2, np.abs(turned.reshape(states.shape)) ** 2


def samples(evolutions):
    """The four kinds of moments of every system."""
    z, y = outcome_laws(states_of(evolutions))
    n = evolutions.qubits
    bits = np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1) & 1
    means = y @ (1 - 2 * bits)
    return (z**2).sum(1), (y**2).sum(1), (y * y[:, ::-1]).sum(1), means**2


def haar_moments(n, symmetric):
    """The moments of Haar-random states, d = 2ⁿ.

    E r(P)² is 1/(d + 1) for every string but the identity. For real states it is 2/(d + 2) for the
    d(d + 1)/2 - 1 others with an even number of Y, which are alike by symmetry and add up to d - 1.
    """
    size = 2**n
    if symmetric:
        return OutcomeMoments(3 / (size + 2), 2 / (size + 2), 2 / (size + 2), np.zeros(n))
    equal, other = 2 / (size + 1), 1 / (size + 1)
    return OutcomeMoments(equal, equal, other, np.full(n, other))


def means(moments):
    return moments.z, moments.y, moments.y_complement, moments.y_squares


def from_circuit(n, native, symmetric, geometry="line", depth=None):
    """The moments of an ensemble by the formula."""
    if depth is None:
        depth = default_depth(n, ENSEMBLES[native], geometry)
    layers = repeated(lattice_layers(geometry, n), depth)
    return outcome_moments(n, layers, REAL_GATES[native].matrix(), symmetric)


@pytest.mark.parametrize("symmetric", [True, False], ids=["real", "general"])
@pytest.mark.parametrize("native", REAL_GATES)
@pytest.mark.parametrize(
    ("n", "depth", "geometry"),
    [(1, 0, "line"), (2, 2, "line"), (4, 2, "line"), (4, 5, "line"), (6, 4, "grid")],
)
def test_moments_are_the_means_over_circuits(n, depth, geometry, native, symmetric):
    systems = 2500 if n < 6 else 1000
    kinds = np.full(systems, symmetric)
    evolutions = draw_evolutions(kinds, n, 7, ENSEMBLES[native], geometry, depth)
    exact = from_circuit(n, native, symmetric, geometry, depth)
    for found, mean in zip(samples(evolutions), means(exact), strict=True):
        error = found.std(axis=0) / np.sqrt(systems)
        assert (np.abs(found.mean(axis=0) - mean) < 4.5 * error + 1e-7).all()


def test_haar_random_states_have_the_moments_that_are_said():
    rng = np.random.default_rng(3)
    n, systems = 3, 4000
    for symmetric in (True, False):
        states = rng.normal(size=(systems, 2**n)) + 1j * rng.normal(size=(systems, 2**n))
        states = states.real + 0j if symmetric else states
        states /= np.linalg.norm(states, axis=1, keepdims=True)
        z, y = outcome_laws(states)
        found = (z**2).sum(1), (y**2).sum(1), (y * y[:, ::-1]).sum(1)
        exact = haar_moments(n, symmetric)
        for values, mean in zip(found, means(exact), strict=False):
            assert abs(values.mean() - mean) < 4 * values.std() / np.sqrt(systems)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize(("native", "depth"), [("iswap", 18), ("cz", 20), ("syc", 6)])
def test_trains_of_tensors_agree_with_all_types(native, depth, symmetric, monkeypatch):
    exact = from_circuit(9, native, symmetric, depth=depth)
    monkeypatch.setattr(module, "MOST_ON_A_LINE", 0)
    found = from_circuit(9, native, symmetric, depth=depth)
    for one, other in zip(means(found), means(exact), strict=True):
        assert np.allclose(one, other, rtol=1e-4)


def distance_from_haar(n, native, symmetric, geometry="line", depth=None):
    """The largest relative distance of a collision probability from its Haar value."""
    found = from_circuit(n, native, symmetric, geometry, depth)
    haar = haar_moments(n, symmetric)
    pairs = zip(means(found)[:3], means(haar)[:3], strict=True)
    return max(abs(one / other - 1) for one, other in pairs)


@pytest.mark.parametrize("symmetric", [True, False], ids=["real", "general"])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 8, 10])
def test_depth_2n_is_deep_enough_on_a_line(n, symmetric):
    most = 0.032 if n < 10 else 0.002
    assert distance_from_haar(n, "iswap", symmetric) < most


@pytest.mark.slow
@pytest.mark.parametrize("native", REAL_GATES)
def test_default_depths_are_deep_enough_at_every_size(native):
    for n in range(2, 21 if native != "syc" else 14):
        for symmetric in (True, False):
            most = {"iswap": 0.032, "cz": 0.028, "syc": 0.1 if n < 6 else 0.01}[native]
            assert distance_from_haar(n, native, symmetric) < most
    for n in (4, 6, 8, 9, 10, 12):
        for symmetric in (True, False):
            most = {"iswap": 0.074 if n < 10 else 0.007, "cz": 0.03, "syc": 0.01}[native]
            assert distance_from_haar(n, native, symmetric, "grid") < most


@pytest.mark.parametrize("native", ["cz", "syc"])
def test_default_depths_are_deep_enough_for_other_native_gates(native):
    for n in (2, 4, 6, 8, 10):
        for symmetric in (True, False):
            most = {"cz": 0.028, "syc": 0.1 if n < 6 else 0.01}[native]
            assert distance_from_haar(n, native, symmetric) < most


@pytest.mark.parametrize("n", [4, 6, 9, 10])
def test_depths_are_deep_enough_on_a_grid(n):
    for native in REAL_GATES:
        for symmetric in (True, False):
            most = {"iswap": 0.074 if n < 10 else 0.007, "cz": 0.03, "syc": 0.01}[native]
            assert distance_from_haar(n, native, symmetric, "grid") < most


@pytest.mark.parametrize("geometry", ["line", "grid"])
@pytest.mark.parametrize("n", [4, 6, pytest.param(8, marks=pytest.mark.slow)])
@pytest.mark.parametrize("symmetric", [True, False], ids=["real", "general"])
def test_circuits_of_default_depth_collide_like_haar_random_ones(n, geometry, symmetric):
    """(2, 2, 3) and (2, 1, 2) over d, up to 1/d, for equal, complementary and equal in Z."""
    systems, size = 300, 2**n
    found = samples(draw_evolutions(np.full(systems, symmetric), n, 5, geometry=geometry))
    haar = haar_moments(n, symmetric)
    small = (haar.y * size, haar.y_complement * size, haar.z * size)
    assert np.allclose(small, (2, 2, 3) if symmetric else (2, 1, 2), rtol=3 / size)
    # 300 circuits see the 7 % by which the grid of 2 x 3 differs.
    exact = haar if geometry == "line" else from_circuit(n, "iswap", symmetric, geometry)
    for values, mean in zip(found, means(exact), strict=True):
        error = values.std(axis=0) / np.sqrt(systems)
        assert (np.abs(values.mean(axis=0) - mean) < 4 * error + 1e-10).all()
    if symmetric:
        assert found[3].max() < 1e-10
    else:
        assert np.allclose(haar.y_squares, 1 / (size + 1))


def test_cz_alone_is_not_random_at_depth_2n():
    assert distance_from_haar(10, "cz", True, depth=20) == pytest.approx(0.49, abs=0.01)


def test_a_y_runs_along_the_line_if_the_sycamore_gate_always_stands_one_way():
    layers = [sorted(map(sorted, layer)) for layer in repeated(lattice_layers("line", 10), 20)]
    one_way = outcome_moments(10, layers, REAL_GATES["syc"].matrix(), symmetric=True)
    assert one_way.y > 1.2 * haar_moments(10, True).y
    assert distance_from_haar(10, "syc", True) < 1e-3


def test_general_circuits_have_no_preferred_basis():
    found = from_circuit(6, "iswap", symmetric=False, depth=3)
    assert found.z == pytest.approx(found.y, rel=1e-12)


def test_too_many_qubits_on_a_grid_are_refused():
    with pytest.raises(ValueError, match="qubits must be at most 14 for moments on a grid, not 16"):
        from_circuit(16, "iswap", symmetric=True, geometry="grid", depth=4)
