import cirq
import numpy as np
import pytest
from scipy import stats

from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.core.standard_errors import sign_error
from quantum_advantage.systems.random_states import random_states
from quantum_advantage.tasks.purities import Purities
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds
from quantum_advantage.tasks.whole_purity import WholePurity

PROTOCOLS = [
    "bell",
    "local_pauli",
    "randomized_measurements:times=6",
    "local_pauli_hits",
    "repeated_pauli_hits:times=6",
]


def seeds(number):
    return Seeds(*np.random.SeedSequence(number).spawn(4))


def estimate(task, protocol, qubits, shots, systems, number):
    chosen, sampler = task.read(protocol, qubits), FactorisedSampler(seed=number)
    return task.estimate(chosen, shots, systems, seeds(number), sampler)


def partial_purities(matrix, qubits):
    found = []
    for k in range(1, qubits + 1):
        tensor = matrix.reshape((2,) * (2 * qubits))
        part = cirq.partial_trace(tensor, list(range(k))).reshape(2**k, 2**k)
        found.append(np.trace(part @ part).real)
    return found


@pytest.mark.parametrize("depth", [None, 0, 1, 2])
@pytest.mark.parametrize("qubits", [1, 2, 3, 4])
def test_exact_purities_are_those_of_the_density_matrix(qubits, depth):
    rng = np.random.default_rng(qubits)
    states = random_states(qubits, [0.0, 0.3, 1.0], rng, rng, depth=depth)
    assert states.qubits == qubits
    for system in range(3):
        matrix = states.density_matrix(system)
        found = states.purities()[system]
        np.testing.assert_allclose(found, partial_purities(matrix, qubits), atol=1e-6)


def test_exact_purities_do_not_depend_on_how_many_are_computed_at_once(monkeypatch):
    rng = np.random.default_rng(1)
    states = random_states(3, [0.0, 0.2, 0.5, 1.0, 0.1], rng, rng)
    whole = states.purities()
    monkeypatch.setattr("quantum_advantage.systems.random_states._AMPLITUDES_AT_ONCE", 17)
    np.testing.assert_allclose(states.purities(), whole, rtol=1e-12)


def test_exact_purities_of_noisy_states_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"depolarize must be 0 for exact purities, not 0\.1"):
        random_states(2, [0.0], rng, rng, 0.1).purities()


def test_product_circuit_has_pure_parts_and_one_layer_entangles_pairs_alone():
    rng = np.random.default_rng(3)
    product, pairs = (random_states(6, [0.0], rng, rng, depth=d).purities()[0] for d in (0, 1))
    np.testing.assert_allclose(product, 1, atol=1e-6)
    np.testing.assert_allclose(pairs[1::2], 1, atol=1e-6)
    assert (pairs[::2] < 1 - 1e-6).all()


def test_negative_depth_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="depth must be at least 0, not -1"):
        random_states(2, [0.0], rng, rng, depth=-1)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("task", ["purities:mixing=0.2", "purities:depth=1"])
def test_estimates_are_unbiased_and_their_stated_errors_those_of_their_spread(task, protocol):
    shots, systems = 240, 600
    found = estimate(load_task(task), protocol, 3, shots, systems, 11)
    off = found.values - found.truths
    assert off.shape == found.errors.shape == (systems, 3)
    spread = off.std(axis=0)
    assert (np.abs(off.mean(axis=0)) < 4 * spread / np.sqrt(systems) + 1e-9).all()
    # The mean square of the stated errors is not below the variance, up to the error of the mean
    # of the squares, and intervals hold in 95 % of the systems, or more.
    squares = off**2 - found.errors**2
    noise = squares.std(axis=0) / np.sqrt(systems)
    assert (squares.mean(axis=0) < 4 * noise + 1e-9).all()
    assert (np.sqrt((found.errors**2).mean(axis=0)) < 1.35 * spread + 4 / shots).all()
    covered = (np.abs(off) <= 1.96 * found.errors + 1e-9).sum(axis=0)
    assert (covered >= stats.binom.ppf(1e-3, systems, 0.93)).all()


def test_unbiased_bases_estimate_the_whole_alone():
    task = WholePurity("whole_purity:mixing=0.2")
    found = estimate(task, "mutually_unbiased", 2, 200, 600, 5)
    off = (found.values - found.truths)[:, 0]
    assert off.size == 600
    assert abs(off.mean()) < 4 * off.std() / np.sqrt(600)
    squares = off**2 - found.errors[:, 0] ** 2
    assert squares.mean() < 4 * squares.std() / np.sqrt(600)
    assert np.sqrt((found.errors**2).mean()) < 1.3 * off.std()
    with pytest.raises(ValueError, match="unknown protocol 'mutually_unbiased'"):
        Purities("purities").circuit("mutually_unbiased", 2)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_whole_purity_is_the_last_of_the_parts(protocol):
    parts = estimate(Purities("purities:mixing=0.1"), protocol, 3, 60, 2, 8)
    whole = estimate(WholePurity("whole_purity:mixing=0.1"), protocol, 3, 60, 2, 8)
    for name in ("values", "errors", "truths"):
        np.testing.assert_allclose(getattr(whole, name), getattr(parts, name)[:, -1:])
    assert WholePurity("whole_purity").quantities(protocol, 3) == ("purity:first=3",)


def test_two_copies_of_a_pure_state_show_no_odd_parity_of_all_pairs():
    found = estimate(Purities("purities"), "bell", 4, 100, 5, 2)
    assert (found.values[:, -1] == 1).all()
    assert found.errors[:, -1] == pytest.approx(sign_error(1, 100))


def test_bell_circuit_acts_on_both_copies_and_others_on_one():
    task = Purities("purities:depth=2")
    single = ("local_pauli", "randomized_measurements", "local_pauli_hits", "repeated_pauli_hits")
    for protocol, copies in (("bell", 2), *((name, 1) for name in single)):
        circuit = task.circuit(protocol, 3)
        assert len(circuit.all_qubits()) == 3 * copies
        assert task.copies_per_shot(protocol, 4) == copies
        assert sum(op.gate == cirq.ISWAP for op in circuit.all_operations()) == 2 * copies


def test_names_are_read_and_written_in_one_spelling():
    assert str(Purities("purities:mixing=0.0,depth=2")) == "purities:depth=2"
    assert str(Purities("purities")) == "purities"
    task = Purities("purities")
    assert task.resolve("randomized_measurements", 4) == "randomized_measurements:times=16"
    assert task.resolve("bell", 4) == "bell"
    assert task.couplings("bell") == "more"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("purities:depth=-1", "depth of 'purities:depth=-1' must be at least 0, not -1"),
        ("purities:mixing=2", "mixing of .* must lie in .0, 1., not 2.0"),
        ("purities:nope=1", "unknown option 'nope'"),
        (
            "nope",
            "unknown task 'nope'; choose one of .*dynamics, .* posterior, .* purities",
        ),
    ],
)
def test_wrong_name_is_refused_in_one_line(name, reason):
    with pytest.raises(ValueError, match=reason):
        load_task(name)


@pytest.mark.parametrize(
    ("protocol", "qubits", "copies", "circuits", "reason"),
    [
        ("nope", 2, 10, True, "unknown protocol 'nope'; choose one of bell, local_pauli"),
        ("bell", 2, 10, False, "backend law knows no exact law of purities; use qsim"),
        ("bell", 21, 10, True, "qubits must be at most 20 for bell as circuits, not 21"),
        ("bell", 2, 3, True, "copies must be at least 4 for bell, not 3"),
        ("randomized_measurements:times=8", 2, 15, True, "copies must be at least 16"),
        ("randomized_measurements:times=1", 2, 15, True, "times of .* at least 2, not 1"),
        ("bell:x=1", 2, 15, True, "unknown option 'x'"),
    ],
)
def test_what_cannot_be_played_is_refused(protocol, qubits, copies, circuits, reason):
    with pytest.raises(ValueError, match=reason):
        Purities("purities").check(protocol, qubits, copies, circuits=circuits, noise=False)
