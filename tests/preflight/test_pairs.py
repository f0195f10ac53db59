import warnings

import cirq
import numpy as np
import pytest
from scipy import stats

from quantum_advantage.backends.devices.placed import PlacedSampler
from quantum_advantage.backends.devices.placement import best_pairs
from quantum_advantage.backends.devices.virtual import virtual_device, virtual_noise
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.noise import LocalNoise, bell_damping
from quantum_advantage.circuits.request import distinct_rows, measured_qubits, resolver_values
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.inference.bell.pauli_fidelities import DampingCounts
from quantum_advantage.preflight.pairs import Preflight, measure_pairs

SQRT2 = np.sqrt(2)
NOISES = [(0.02, 0.01), (0.15, 0.0), (0.0, 0.08), (0.3, 0.1)]
# Shots of one setting: of twelve, seven and four that are taken in turn.
FACTOR, CORRELATION, STATE = 1 / 3, 1 / 7, 1 / 2


def noisy_backend(noise):
    return open_backend(f"qsim:depolarize={noise[0]},readout={noise[1]}")


def exact_values(noise):
    """Fidelity and CHSH value of a Bell pair under local noise, from its density matrix."""
    depolarize, readout = noise
    a, b = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.depolarize(depolarize, 2)(a, b))
    state = cirq.final_density_matrix(circuit, dtype=np.complex128)
    x, y, z = (cirq.unitary(pauli) for pauli in (cirq.X, cirq.Y, cirq.Z))
    w, v = (z + x) / SQRT2, (z - x) / SQRT2

    def mean(left, right):
        return (1 - 2 * readout) ** 2 * np.trace(np.kron(left, right) @ state).real

    means = {"XX": mean(x, x), "YY": mean(y, y), "ZZ": mean(z, z)}
    tests = np.array([mean(z, w), mean(z, v), mean(x, w), -mean(x, v)])
    return means, tests


def fidelity_and_error(means, shots):
    values = np.array([means["XX"], -means["YY"], means["ZZ"]])
    return (1 + values.sum()) / 4, np.sqrt((1 - values**2).sum() / shots) / 4


def chsh_and_error(tests, shots):
    return tests.sum(), np.sqrt((1 - tests**2).sum() / shots)


def test_without_noise_all_is_perfect_and_the_chsh_value_that_of_a_bell_pair():
    shots, pairs = 7000, 4
    found = measure_pairs(open_backend("qsim").make(1), pairs, shots)
    assert found.pairs == pairs
    np.testing.assert_array_equal(found.fidelity[:, 0], 1)
    error = np.sqrt(4 * (1 - 0.5) / (shots * CORRELATION))
    assert (np.abs(found.chsh[:, 0] - 2 * SQRT2) < 4 * error).all()
    assert (found.chsh[:, 1] > 2).all()
    assert (found.readout[..., 0] == 0).all()
    np.testing.assert_array_equal(found.damping.factors(), np.ones((pairs, 4)))
    np.testing.assert_array_equal(found.costs(), np.ones(pairs))
    assert not found.outliers().any()


@pytest.mark.parametrize("noise", NOISES)
def test_under_local_noise_all_agrees_with_density_matrices(noise):
    shots, pairs = 8400, 5
    found = measure_pairs(noisy_backend(noise).make(3), pairs, shots)
    means, tests = exact_values(noise)
    for values, (exact, error) in (
        (found.fidelity, fidelity_and_error(means, shots * CORRELATION)),
        (found.chsh, chsh_and_error(tests, shots * CORRELATION)),
    ):
        assert (np.abs(values[:, 0] - exact) < 4 * error + 1e-9).all()
        assert abs(values[:, 0].mean() - exact) < 4 * error / np.sqrt(pairs) + 1e-9
        half = (values[:, 2] - values[:, 1]) / 2
        np.testing.assert_allclose(half, 1.96 * error, rtol=0.25)
        np.testing.assert_allclose(values[:, 1] + half, values[:, 0])
    exact = noise[1]
    error = np.sqrt(exact * (1 - exact) / (shots * STATE))
    assert (np.abs(found.readout[..., 0] - exact) <= 4 * error).all()
    assert (found.readout[..., 1] <= exact).mean() > 0.8
    assert (found.readout[..., 2] >= exact).mean() > 0.8
    factors = bell_damping(*noise)[1:]
    error = np.sqrt((1 - factors**2) / (shots * FACTOR))
    assert (np.abs(found.damping.factors()[:, 1:] - factors) < 4 * error).all()
    costs = factors.prod() ** -0.5
    relative = np.sqrt(((1 - factors**2) / factors**2).sum() / (shots * FACTOR)) / 2
    assert (np.abs(np.log(found.costs() / costs)) < 5 * relative).all()


class Bits(cirq.NoiseModel):
    """Asymmetric readout: 1 is read as 0 more often than 0 as 1, on the memory most of all."""

    CHANCES = ((0.01, 0.06), (0.03, 0.12))

    def noisy_operation(self, operation):
        if not cirq.is_measurement(operation):
            return operation
        flips = []
        for q in operation.qubits:
            wrong0, wrong1 = self.CHANCES[q.x % 2]
            total = wrong0 + wrong1
            channel = cirq.generalized_amplitude_damp(1 - wrong0 / total, total)
            flips.append(channel(q))
        return [*flips, operation]


def test_both_readout_errors_of_both_qubits_are_told_apart():
    shots = 8000
    found = measure_pairs(FactorisedSampler("qsim", Bits(), 5), 3, shots).readout
    exact = np.array(Bits.CHANCES)
    error = np.sqrt(exact * (1 - exact) / (shots * STATE))
    assert (np.abs(found[..., 0] - exact) < 4 * error).all()


def test_intervals_cover_the_truth_about_as_often_as_they_promise():
    noise, pairs, runs, shots = (0.1, 0.05), 30, 6, 1400
    means, tests = exact_values(noise)
    truth = (
        fidelity_and_error(means, 1)[0],
        chsh_and_error(tests, 1)[0],
    )
    misses = np.zeros(2, dtype=int)
    for seed in range(runs):
        found = measure_pairs(noisy_backend(noise).make(seed), pairs, shots)
        for k, values in enumerate((found.fidelity, found.chsh)):
            misses[k] += ((values[:, 1] > truth[k]) | (values[:, 2] < truth[k])).sum()
    for missed in misses:
        assert stats.binomtest(int(missed), pairs * runs, 0.05).pvalue > 1e-4


def test_intervals_of_good_pairs_cover_the_truth_with_few_shots_too():
    noise, pairs, runs, shots = (0.005, 0.002), 20, 5, 600
    truth = fidelity_and_error(exact_values(noise)[0], 1)[0]
    misses = 0
    for seed in range(runs):
        found = measure_pairs(noisy_backend(noise).make(seed), pairs, shots).fidelity
        misses += ((found[:, 1] > truth) | (found[:, 2] < truth)).sum()
    chance = stats.binomtest(int(misses), pairs * runs, 0.07, alternative="greater").pvalue
    assert chance > 1e-3


class DensitySampler:
    """Draws from the exact law of every row: density matrices, noise on the native circuit."""

    def __init__(self, noise, seed):
        self.noise, self.rng = noise, np.random.default_rng(seed)

    def sample_table(self, request):
        keys = measured_qubits(request.circuit)
        qubits = [q for group in keys.values() for q in group]
        whole = request.circuit.with_noise(self.noise)
        gates = cirq.Circuit(op for op in whole.all_operations() if not cirq.is_measurement(op))
        first, kinds = distinct_rows(request.table, request.shots)
        outcomes = np.empty(request.shots, dtype=np.int64)
        for kind, row in enumerate(first):
            fixed = cirq.resolve_parameters(gates, resolver_values(request, int(row)))
            state = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(
                fixed, qubit_order=qubits
            )
            law = np.clip(np.diag(state.final_density_matrix).real, 0, None)
            rows = np.flatnonzero(kinds == kind)
            outcomes[rows] = self.rng.choice(law.size, rows.size, p=law / law.sum())
        bits = outcomes[:, None] >> np.arange(len(qubits))[::-1] & 1
        packed, start = {}, 0
        for key, group in keys.items():
            packed[key] = pack_bits(bits[:, start : start + len(group)])
            start += len(group)
        return packed


def on_rainbow(pairs, seed):
    """The virtual processor with the exact law of its noise behind the same compiler."""
    device = virtual_device("rainbow")
    return PlacedSampler(
        device,
        lambda count: best_pairs(device, count),
        DensitySampler(virtual_noise("rainbow"), seed),
        lambda circuit: None,
        seed,
    )


def compare_on_rainbow(pairs, shots, many):
    found = measure_pairs(open_backend("qvm:rainbow").make(7), pairs, shots)
    exact = measure_pairs(on_rainbow(pairs, 8), pairs, many)
    for name in ("fidelity", "chsh"):
        one, two = getattr(found, name), getattr(exact, name)
        error = np.hypot(*((values[:, 2] - values[:, 1]) / 2 / 1.96 for values in (one, two)))
        assert (np.abs(one[:, 0] - two[:, 0]) < 4 * error).all()
    one, two = found.readout[..., 0], exact.readout[..., 0]
    error = np.sqrt(two * (1 - two) * (1 / shots + 1 / many) / STATE)
    assert (np.abs(one - two) < 4 * error).all()
    one, two = (f.damping.factors()[:, 1:] for f in (found, exact))
    error = np.sqrt((1 - two**2) * (1 / shots + 1 / many) / FACTOR)
    assert (np.abs(one - two) < 4 * error).all()
    # The noise is there, and entanglement too.
    assert ((exact.fidelity[:, 2] < 0.99) & (exact.chsh[:, 1] > 2)).all()
    return exact


def test_on_a_virtual_processor_all_agrees_with_density_matrices():
    exact = compare_on_rainbow(1, 6000, 100_000)
    device = virtual_device("rainbow")
    ((system, memory),) = best_pairs(device, 1)
    known = np.array([device.readout_errors[q] for q in (system, memory)])
    # A prepared 1 takes a gate and a little time, which add to the error of its readout.
    assert (np.abs(exact.readout[0, :, 0, 0] - known[:, 0]) < 0.012).all()
    assert (exact.readout[0, :, 1, 0] > exact.readout[0, :, 0, 0]).all()


@pytest.mark.slow
def test_two_pairs_of_a_virtual_processor_agree_with_density_matrices():
    compare_on_rainbow(2, 20_000, 200_000)


@pytest.mark.parametrize(("pairs", "shots", "message"), [(0, 6000, "pairs"), (2, 119, "shots")])
def test_what_makes_no_sense_is_refused(pairs, shots, message):
    with pytest.raises(ValueError, match=f"{message} must be at least"):
        measure_pairs(open_backend("qsim").make(1), pairs, shots)


def test_the_fewest_shots_and_numbers_that_do_not_divide_are_enough():
    for shots in (120, 121, 127):
        found = measure_pairs(noisy_backend((0.05, 0.02)).make(1), 1, shots)
        assert found.damping.shots.sum() == shots
        assert np.isfinite(found.chsh).all()
        assert np.isfinite(found.readout).all()


# Pairs that stand out.


class OneBadPair(cirq.NoiseModel):
    """Like local noise, but one pair is much worse."""

    def __init__(self, bad, depolarize):
        self.good, self.poor = LocalNoise(0.02, 0.01), LocalNoise(depolarize, 0.01)
        self.bad = bad

    def noisy_operation(self, operation):
        there = {q.x // 2 for q in operation.qubits} == {self.bad}
        return (self.poor if there else self.good).noisy_operation(operation)


@pytest.mark.parametrize("bad", [0, 3])
def test_a_bad_pair_is_flagged(bad):
    for seed in range(5):
        found = measure_pairs(FactorisedSampler("qsim", OneBadPair(bad, 0.25), seed), 6, 3000)
        assert np.flatnonzero(found.outliers()).tolist() == [bad]
        assert np.argmax(found.costs()) == bad
        assert np.argmin(found.fidelity[:, 0]) == bad


def preflight_of(factors, shots, rng):
    """A preflight with counts drawn for true factors, (pairs, 3)."""
    factors = np.asarray(factors, dtype=float)
    counts = np.full(factors.shape, shots)
    nothing = np.zeros((len(factors), 3))
    damping = DampingCounts(counts, rng.binomial(counts, (1 + factors) / 2))
    return Preflight(damping, nothing, nothing, np.zeros((len(factors), 2, 2, 3)))


@pytest.mark.parametrize("pairs", [2, 3, 6, 12])
@pytest.mark.parametrize("factor", [0.95, 0.6])
def test_pairs_that_are_all_alike_are_hardly_ever_flagged(pairs, factor):
    rng = np.random.default_rng(pairs)
    runs = 800
    flagged = sum(
        preflight_of(np.full((pairs, 3), factor), 2000, rng).outliers().any() for _ in range(runs)
    )
    assert stats.binomtest(flagged, runs, 0.01, alternative="greater").pvalue > 1e-4


def test_a_pair_as_bad_as_its_spread_allows_is_not_flagged_and_a_worse_one_is():
    rng = np.random.default_rng(0)
    spread = [[0.95] * 3, [0.9] * 3, [0.85] * 3, [0.8] * 3, [0.75] * 3]
    assert not preflight_of(spread, 10**6, rng).outliers().any()
    assert preflight_of([*spread, [0.2] * 3], 10**6, rng).outliers().tolist() == [False] * 5 + [
        True
    ]


def test_a_pair_better_than_the_others_is_not_flagged():
    rng = np.random.default_rng(0)
    factors = [[0.99] * 3, [0.7] * 3, [0.71] * 3, [0.7] * 3, [0.69] * 3]
    assert not preflight_of(factors, 10**6, rng).outliers().any()


@pytest.mark.parametrize("dead", [[1.0, 1.0, -0.9], [-0.9, 0.9, -0.9]])
def test_a_dead_pair_costs_infinitely_much_and_is_flagged(dead):
    found = preflight_of([[0.9] * 3, dead, [0.92] * 3], 2000, np.random.default_rng(1))
    assert np.isinf(found.costs()).tolist() == [False, True, False]
    assert found.outliers().tolist() == [False, True, False]


@pytest.mark.parametrize(("dead", "pairs"), [(1, 1), (1, 2), (2, 3), (3, 3)])
def test_many_dead_pairs_raise_no_warning_and_are_flagged_among_living_ones(dead, pairs):
    factors = [[-0.9] * 3] * dead + [[0.9] * 3] * (pairs - dead)
    found = preflight_of(factors, 2000, np.random.default_rng(1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flagged = found.outliers()
    assert not flagged[dead:].any()
    if dead < pairs:
        assert flagged[:dead].all()
