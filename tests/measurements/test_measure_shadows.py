"""Records of Pauli and stabiliser bases, from circuits."""

import itertools

import cirq
import numpy as np
import pytest

from quantum_advantage import expectation, measure_shadow, open_backend
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.shadows.expectations import expectations
from quantum_advantage.inference.shadows.hits import hit_expectations
from quantum_advantage.inference.shadows.stabiliser import stabiliser_fidelity
from quantum_advantage.measurements.measure import measure_bases, measure_stabiliser_shadow
from quantum_advantage.measurements.pauli_schemes import derandomised_bases

QUBITS = A, B, C = cirq.LineQubit.range(3)
RANDOM = cirq.testing.random_circuit(
    QUBITS, 8, 0.9, {cirq.H: 1, cirq.T: 1, cirq.CNOT: 2, cirq.Y**0.3: 1}, random_state=3
)
CLIFFORD = cirq.Circuit(cirq.H(A), cirq.CNOT(A, B), cirq.S(B), cirq.CZ(B, C), cirq.H(C))
STRINGS = PauliStrings.from_text(["".join(s) for s in itertools.product("IXYZ", repeat=3)][1:])
SAMPLERS = {
    "cirq": lambda: cirq.Simulator(seed=3),
    "qsim": lambda: open_backend("qsim").make(1),
}

samplers = pytest.mark.parametrize("make", SAMPLERS.values(), ids=SAMPLERS)


def exact(circuit):
    vector = circuit.final_state_vector(qubit_order=QUBITS)
    matrices = [cirq.unitary(string) for string in STRINGS.to_cirq_dense()]
    return np.array([np.vdot(vector, matrix @ vector).real for matrix in matrices])


def agrees(found, circuit):
    values, errors = found.T
    # A string whose shots all agree states no error; its true error is below that of one deviant.
    return (np.abs(values - exact(circuit)) < 5 * errors + 0.02).all()


@samplers
def test_several_shots_in_each_random_basis_agree_with_the_state(make):
    record = measure_shadow(RANDOM, make(), 12_000, seed=4, times=3)
    assert (record.settings, record.times, record.shots) == (4000, 3, 12_000)
    assert record.scheme == "random"
    assert agrees(expectations(record, STRINGS), RANDOM)


@samplers
def test_all_bases_cycled_through_agree_with_the_state(make):
    bases = np.indices((3, 3, 3)).reshape(3, -1).T
    record = measure_bases(RANDOM, make(), bases, times=300, scheme="cycled")
    assert (record.settings, record.shots, record.scheme) == (27, 8100, "cycled")
    assert agrees(hit_expectations(record, STRINGS), RANDOM)


def test_derandomised_bases_agree_with_the_state():
    local = STRINGS[np.flatnonzero(STRINGS.weight() < 3)]
    bases = derandomised_bases(local, 20)
    sampler = open_backend("qsim").make(2)
    record = measure_bases(RANDOM, sampler, bases, times=200, scheme="derandomised")
    found = hit_expectations(record, local)
    wanted = exact(RANDOM)[STRINGS.weight() < 3]
    assert (np.abs(found[:, 0] - wanted) < 5 * found[:, 1] + 0.02).all()
    # Every pair of letters is measured by at least two of the bases.
    assert found[:, 1].max() < 1 / np.sqrt(2 * 200 - 1) + 1e-3


def test_texts_and_numbers_name_the_same_bases():
    texts = measure_bases(CLIFFORD, cirq.Simulator(seed=1), ["XYZ", "ZZX"], times=50)
    numbers = measure_bases(CLIFFORD, cirq.Simulator(seed=1), [[0, 1, 2], [2, 2, 0]], times=50)
    assert texts.outcomes.tolist() == numbers.outcomes.tolist()
    assert [b.tolist() for b in texts.bases] == [b.tolist() for b in numbers.bases]
    assert texts.scheme == "given"


def test_shots_of_a_basis_stand_side_by_side():
    state = cirq.Circuit(cirq.I(A), cirq.X(B))
    record = measure_bases(state, cirq.Simulator(seed=2), ["ZZ", "ZX", "XZ"], times=40)
    bits = unpack_bits(record.outcomes, 2).reshape(3, 40, 2)
    assert (bits[0] == [0, 1]).all()
    assert (bits[1, :, 0] == 0).all()
    assert (bits[2, :, 1] == 1).all()
    assert 0 < bits[1, :, 1].mean() < 1
    assert 0 < bits[2, :, 0].mean() < 1


def test_bases_called_random_may_be_weighted():
    record = measure_bases(CLIFFORD, cirq.Simulator(seed=1), ["XYZ", "ZZX"], scheme="random")
    assert np.isfinite(expectation(record, cirq.X(A) * 1.0)[0])


@samplers
def test_fidelity_with_the_prepared_stabiliser_state_is_one(make):
    tableau = cirq.CliffordTableau(3)
    state = cirq.CliffordTableauSimulationState(tableau, qubits=QUBITS)
    for operation in CLIFFORD.all_operations():
        cirq.act_on(operation, state)
    generators = PauliStrings.from_cirq(state.tableau.stabilizers())
    record = measure_stabiliser_shadow(CLIFFORD, make(), 3000, seed=5)
    value, error = stabiliser_fidelity(record, generators)
    assert abs(value - 1) < 4 * error
    assert error < 0.04
    other = PauliStrings(3, generators.x, generators.z, generators.phase ^ np.uint8([2, 0, 0]))
    value, error = stabiliser_fidelity(record, other)
    assert abs(value) < 4 * error


def test_provenance_names_circuit_sampler_and_seed():
    first = measure_shadow(CLIFFORD, cirq.Simulator(), 3, seed=7).provenance
    assert first["seed"] == 7
    assert first["sampler"] == "cirq.sim.sparse_simulator.Simulator"
    assert first == measure_shadow(CLIFFORD.freeze(), cirq.Simulator(), 9, seed=7).provenance
    other = measure_shadow(RANDOM, cirq.Simulator(), 3, seed=np.random.default_rng(7)).provenance
    assert other["circuit"] != first["circuit"]
    assert other["seed"] is None
    assert measure_stabiliser_shadow(CLIFFORD, cirq.Simulator(), 3, seed=7).provenance == first


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: measure_shadow(RANDOM, s, 10, seed=1, times=3), "multiple of times, but 10"),
        (lambda s: measure_shadow(RANDOM, s, 10, seed=1, times=0), "times must be at least 1"),
        (lambda s: measure_bases(RANDOM, s, [[0, 1]]), r"shape \(settings, 3\), not \(1, 2\)"),
        (lambda s: measure_bases(RANDOM, s, []), r"shape \(settings, 3\), not \(0,\)"),
        (lambda s: measure_bases(RANDOM, s, [[0, 1, 3]]), r"must be 0 \(X\), 1 \(Y\) or 2"),
        (lambda s: measure_bases(RANDOM, s, ["XIZ"]), r"must be 0 \(X\), 1 \(Y\) or 2"),
        (
            lambda s: measure_bases(RANDOM, s, ["XXX", "-XYZ"]),
            "no sign, not .*-XYZ",
        ),
        (lambda s: measure_bases(RANDOM, s, [[0.0, 1, 2]]), r"must be 0 \(X\), 1 \(Y\) or 2"),
        (lambda s: measure_bases(RANDOM, s, ["XXX"], times=0), "times must be at least 1, not 0"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(cirq.Simulator())
