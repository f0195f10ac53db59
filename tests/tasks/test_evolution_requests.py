"""Uses of evolutions: circuits against the exact laws of U."""

from __future__ import annotations

import functools
from itertools import product

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.backends.simulators.vectors import vectors
from quantum_advantage.circuits.request import measured_qubits, resolver_values
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, singlet_parity
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.systems.lattice import line_layers, repeated
from quantum_advantage.systems.moments import outcome_moments
from quantum_advantage.systems.real_gates import REAL_GATES
from quantum_advantage.tasks.shared.evolution_requests import (
    bell_uses_on_chain,
    bell_uses_on_grid,
    request_bell_uses,
    request_single_uses,
)

# The Pauli string of each Bell outcome (a, b), up to a phase.
OF_OUTCOME = {(0, 0): cirq.I, (0, 1): cirq.X, (1, 0): cirq.Z, (1, 1): cirq.Y}


def exact_law(request, shot=0):
    """The law of (system, memory) bits of one shot, by Cirq's own simulator."""
    circuit = cirq.resolve_parameters(request.circuit[:-1], resolver_values(request, shot))
    measured = measured_qubits(request.circuit)
    order = [*measured[SYSTEM], *measured[MEMORY]]
    simulator = cirq.Simulator(dtype=np.complex128)
    return np.abs(simulator.simulate(circuit, qubit_order=order).final_state_vector) ** 2


def law_of(unitary):
    """|tr(σ U Uᵀ)|²/4ⁿ in the order of (system, memory) bits."""
    n = unitary.shape[0].bit_length() - 1
    product_of = unitary @ unitary.T
    law = []
    for a, b in product(product((0, 1), repeat=n), repeat=2):
        string = functools.reduce(
            np.kron, [cirq.unitary(OF_OUTCOME[pair]) for pair in zip(a, b, strict=True)]
        )
        law.append(np.abs(np.trace(string @ product_of)) ** 2 / 4**n)
    return np.array(law)


@pytest.mark.parametrize("make", [request_bell_uses, bell_uses_on_chain])
@pytest.mark.parametrize("ensemble", ["matched", "matched:native=syc", "public"])
def test_bell_uses_find_the_pauli_strings_of_u_times_its_transpose(ensemble, make):
    evolutions = draw_evolutions([False, True], 3, 4, ensemble)
    request = make(evolutions, 1)
    for system in range(2):
        law = exact_law(request, system)
        assert np.allclose(law, law_of(evolutions.unitary(system)), atol=1e-6)
    # The second is real: Φ⁺ on every pair, always.
    assert law[0] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("native", ["iswap", "syc", "cz"])
def test_uses_on_a_chain_have_the_law_of_uses_side_by_side(native, n):
    evolutions = draw_evolutions([False, True], n, 9, f"matched:native={native}")
    for system in range(2):
        laws = [exact_law(make(evolutions), system) for make in (bell_uses_on_chain, beside)]
        np.testing.assert_allclose(*laws, atol=1e-6)


@pytest.mark.parametrize(
    ("geometry", "rows", "columns"),
    [("grid", 2, 2), ("grid", 2, 3), ("grid:rows=3", 3, 2), ("line", 1, 4)],
)
@pytest.mark.parametrize("native", ["iswap", "syc", "cz"])
def test_uses_on_a_grid_have_the_law_of_uses_side_by_side(geometry, rows, columns, native):
    n, ensemble = rows * columns, f"matched:native={native}"
    evolutions = draw_evolutions([False, True], n, 3, ensemble, geometry, depth=6)
    request = bell_uses_on_grid(evolutions, 1, rows, columns)
    for system in range(2):
        law = exact_law(request, system)
        np.testing.assert_allclose(law, exact_law(beside(evolutions), system), atol=1e-7)
    assert law[0] == pytest.approx(1, abs=1e-7)


def test_public_gates_on_a_grid_are_real_and_general_too():
    evolutions = draw_evolutions([False, True], 6, 3, "public", "grid:rows=3")
    request = bell_uses_on_grid(evolutions, 1, 3, 2)
    laws = [exact_law(request, system) for system in range(2)]
    np.testing.assert_allclose(laws[0], exact_law(beside(evolutions), 0), atol=1e-7)
    assert laws[0][0] < 0.5
    assert laws[1][0] == pytest.approx(1, abs=1e-7)


def test_uses_on_a_grid_find_the_pauli_strings_of_u_times_its_transpose():
    evolutions = draw_evolutions([False], 4, 4, geometry="grid", depth=5)
    law = exact_law(bell_uses_on_grid(evolutions, 1, 2, 2))
    np.testing.assert_allclose(law, law_of(evolutions.unitary(0)), atol=1e-6)


@pytest.mark.parametrize(("rows", "columns"), [(1, 4), (2, 3), (3, 4), (4, 4)])
def test_uses_on_a_grid_couple_neighbouring_sites_of_a_square_lattice(rows, columns):
    n, geometry = rows * columns, f"grid:rows={rows}"
    evolutions = draw_evolutions([True], n, 1, geometry=geometry, depth=5)
    circuit = bell_uses_on_grid(evolutions, 1, rows, columns).circuit
    assert len(circuit.all_qubits()) == 2 * n
    for op in circuit.all_operations():
        if len(op.qubits) == 2 and not cirq.is_measurement(op):
            (r, c), (s, d) = (
                (q.x // 2 // columns * 2 + q.x % 2, q.x // 2 % columns) for q in op.qubits
            )
            assert abs(r - s) + abs(c - d) == 1


def test_outcomes_of_uses_on_a_grid_are_those_of_uses_side_by_side(p_of_two):
    shots = 4000
    evolutions = draw_evolutions([False], 4, 8, geometry="grid", depth=5)
    outcomes = []
    for number, request in enumerate(
        (request_bell_uses(evolutions, shots), bell_uses_on_grid(evolutions, shots, 2, 2))
    ):
        (record,) = run([request], FactorisedSampler(seed=number))
        outcomes.append(np.hstack([unpack_bits(record.bits[k], 4) for k in (SYSTEM, MEMORY)]))
    assert p_of_two(*outcomes) > 1e-4


def beside(evolutions):
    return request_bell_uses(evolutions, 1)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_an_odd_number_of_singlets_never_occurs(n):
    law = exact_law(request_bell_uses(draw_evolutions([False], n, 5), 1))
    a, b = np.divmod(np.arange(4**n), 2**n)
    odd = np.array([bin(both).count("1") % 2 for both in a & b], dtype=bool)
    assert law[odd].max() < 1e-12
    assert (~odd).sum() == 2**n * (2**n + 1) // 2
    assert law[0] < 0.9


def test_samples_of_both_kinds():
    shots = 400
    evolutions = draw_evolutions([True, False], 4, 6)
    request = request_bell_uses(evolutions, shots)
    (record,) = run([request], FactorisedSampler(seed=1))
    system, memory = (record.bits[key] for key in (SYSTEM, MEMORY))
    assert not system[:shots].any()
    assert not memory[:shots].any()
    assert (system[shots:] | memory[shots:]).any()
    everything = np.full(1, ~np.uint64(0))
    assert not singlet_parity(system, memory, everything).any()


@pytest.mark.parametrize("n", [2, 4])
def test_the_mean_chance_of_no_error_is_that_of_a_collision(n):
    """For Haar-random one-qubit gates P(00…0) is 2⁻ⁿ times the collision probability, on average.

    Both begin with r(P) for pairs of equal strings that add up to 1 on every support: 1 for Z on
    |0⟩, 1 - 1 + 1 for XX, YY, ZZ on Φ⁺; and both end with a share of a third of each.
    """
    systems, depth = 1500, 3
    evolutions = draw_evolutions(np.zeros(systems, dtype=bool), n, 7, depth=depth)
    request = request_bell_uses(evolutions, 1)
    (placed,) = split(request.circuit, request.dials)
    chances = np.abs(vectors(placed.piece, request.table)[:, 0]) ** 2
    layers = repeated(line_layers(n), depth)
    moments = outcome_moments(n, layers, REAL_GATES["iswap"].matrix(), symmetric=False)
    error = chances.std() / np.sqrt(systems)
    assert abs(chances.mean() - moments.z / 2**n) < 4 * error


@pytest.mark.parametrize("basis", ["Y", "Z"])
def test_single_uses_measure_every_qubit_in_one_basis(basis, p_of_law):
    shots = 5000
    evolutions = draw_evolutions([True, False], 3, 8)
    (record,) = run([request_single_uses(evolutions, shots, basis)], FactorisedSampler(seed=2))
    bits = unpack_bits(record.bits[SYSTEM], 3)
    numbers = (bits @ [4, 2, 1]).reshape(2, shots)
    # The columns are the eigenstates of +1 and of -1.
    eigenstates = np.array([[1, 1], [1j, -1j]]) / np.sqrt(2) if basis == "Y" else np.eye(2)
    change = functools.reduce(np.kron, [eigenstates.conj().T] * 3)
    for system in range(2):
        law = np.abs(change @ evolutions.unitary(system)[:, 0]) ** 2
        assert p_of_law(np.bincount(numbers[system], minlength=8), law) > 1e-4
        if basis == "Y":
            # Real amplitudes: an outcome is as likely as its complement.
            assert np.allclose(law, law[::-1]) == (system == 0)


def test_both_uses_share_one_dial():
    request = request_bell_uses(draw_evolutions([True, False], 3, 4), 5)
    assert [dial.name for dial in request.dials] == ["system_u"]
    assert len(request.table) == 1
    assert request.shots == 10
    assert request.learner == frozenset()


def test_a_basis_that_is_none_is_refused():
    with pytest.raises(ValueError, match="basis must be Y or Z, not 'X'"):
        request_single_uses(draw_evolutions([True], 2, 1), 1, "X")
