"""Brickwork states: as random as Haar's, exactly mixed where they should be."""

from __future__ import annotations

import cirq
import numpy as np
import pytest
from brickwork_examples import averaged, states

from quantum_advantage.systems.brickwork import gate_symbols
from quantum_advantage.systems.moments import outcome_moments
from quantum_advantage.systems.random_states import (
    brickwork_depth,
    brickwork_gates,
    haar_exponents,
)


def pure_states(systems):
    """The states of pure systems, (systems, 2ⁿ), all evolved at once."""
    n = systems.qubits
    circuit = systems.unitary(cirq.LineQubit.range(n), "a")
    names = gate_symbols(systems.exponents.shape[1], "a")
    number = {name: k // 3 for k, name in enumerate(np.ravel(names).tolist())}
    state = np.zeros((systems.systems, *(2,) * n), dtype=np.complex128)
    state[(slice(None), *(0,) * n)] = 1
    for op in circuit.all_operations():
        axes = [1 + q.x for q in op.qubits]
        if cirq.is_parameterized(op):
            (gate,) = {number[name] for name in cirq.parameter_names(op)}
            x, z, a = systems.exponents[:, gate].T
            cos, sin = np.cos(np.pi * x / 2), -1j * np.sin(np.pi * x / 2)
            turn, axis = np.exp(1j * np.pi * z), np.exp(1j * np.pi * a)
            whole = np.array([[cos, sin / axis], [sin * axis * turn, cos * turn]])
            moved = np.moveaxis(state, axes[0], 1)
            state = np.moveaxis(np.einsum("ijs,sj...->si...", whole, moved), 1, axes[0])
        else:
            gate = cirq.unitary(op).reshape(2, 2, 2, 2)
            state = np.moveaxis(np.tensordot(gate, state, ((2, 3), axes)), (0, 1), axes)
    return state.reshape(systems.systems, -1)


def test_states_side_by_side_are_those_of_each_system():
    systems = states(3, np.zeros(4))
    for i, state in enumerate(pure_states(systems)):
        assert np.allclose(np.outer(state, state.conj()), systems.density_matrix(i))


def mean_collisions(n, depth):
    layers = [[(i, i + 1) for i in range(k % 2, n - 1, 2)] for k in range(depth)]
    return outcome_moments(n, layers, cirq.unitary(cirq.ISWAP), symmetric=False).z


@pytest.mark.parametrize("n", range(1, 21))
def test_collisions_are_those_of_haar_random_states(n):
    haar = 2 / (2**n + 1)
    assert mean_collisions(n, brickwork_depth(n)) == pytest.approx(haar, rel=2e-3)


def test_shallow_circuits_collide_more():
    assert mean_collisions(12, 3) > 1.5 * 2 / (2**12 + 1)


@pytest.mark.parametrize(("n", "depth"), [(1, 0), (3, 1), (3, 2), (4, 3), (4, 8)])
def test_mean_collisions_is_the_mean_over_circuits(n, depth, monkeypatch):
    monkeypatch.setattr(
        "quantum_advantage.systems.random_states.brickwork_depth", lambda qubits: depth
    )
    systems = states(n, np.zeros(1500))
    found = (np.abs(pure_states(systems)) ** 4).sum(axis=1)
    error = found.std() / np.sqrt(found.size)
    assert abs(found.mean() - mean_collisions(n, depth)) < 4 * error + 1e-12


def test_one_qubit_gates_are_haar_random():
    """The fourth moment of |⟨0|U|0⟩|² tells a design of that strength from the uniform one."""
    exponents = haar_exponents((4000,), 5)
    overlaps = []
    for x, z, a in exponents:
        gate = cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=a)
        state = cirq.unitary(gate) @ np.array([0.6, 0.8j])
        overlaps.append(np.abs(state) ** 2)
    chance = np.array(overlaps)[:, 0]
    for power in (1, 2, 3, 4):
        values = chance**power
        error = values.std() / np.sqrt(values.size)
        assert abs(values.mean() - 1 / (power + 1)) < 4 * error


def test_pure_systems_are_pure_and_differ():
    systems = states(3, np.zeros(3))
    first, second = systems.density_matrix(0), systems.density_matrix(1)
    assert np.trace(first @ first).real == pytest.approx(1)
    assert np.trace(first @ second).real < 0.9
    same, _ = averaged(systems, 2)
    assert np.allclose(same[0], first, atol=1e-6)


@pytest.mark.parametrize(("mixing", "depolarize"), [(1.0, 0.0), (0.3, 0.0), (0.0, 0.4), (0.2, 0.2)])
def test_copies_average_to_the_density_matrix(mixing, depolarize):
    systems = states(2, np.full(2, mixing), depolarize)
    found, error = averaged(systems, 1500)
    for i in range(2):
        exact = systems.density_matrix(i)
        assert (np.abs(found[i] - exact) < 5 * error[i] + 1e-6).all()
    if mixing == 1:
        assert np.allclose(systems.density_matrix(0), np.eye(4) / 4)


def test_copies_of_one_state_share_the_circuit_not_the_bits():
    systems = states(4, np.ones(5))
    columns = systems.draw(30, "a")
    dials = systems.dials("a")
    number = dict(zip((d.name for d in dials), columns, strict=True))["system_a"]
    assert (number == np.repeat(np.arange(5), 30)).all()
    bits = np.stack(columns[:4])
    assert 0.4 < bits.mean() < 0.6
    assert systems.qubits == 4
    assert brickwork_gates(4) == systems.exponents.shape[1]


def test_select_keeps_the_chosen_systems():
    systems = states(2, np.array([0.0, 0.5, 1.0]))
    chosen = systems.select(slice(1, 3))
    assert np.allclose(chosen.density_matrix(0), systems.density_matrix(1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, [0.0]), "qubits must be at least 1, not 0"),
        ((2, [1.5]), r"mixing must lie between 0 and 1, not \[1.5\]"),
        ((2, [0.5], -0.1), "depolarize must lie between 0 and 1, not -0.1"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        states(*arguments)
