import math

import cirq
import numpy as np
import pytest
from task_plays import seeds, standard_error

from quantum_advantage.backends.devices.virtual import cost_on, virtual_device
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.noise import LocalNoise, bell_damping
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.observables import task as module
from quantum_advantage.tasks.observables.evidence import Evidence, decide
from quantum_advantage.tasks.observables.exact import bell_accuracy
from quantum_advantage.tasks.observables.task import Observables

GAMES = ("one", "two")
PREFIXES = np.array([2, 4, 8, 16, 32, 64])
# So many shots leave hardly an error in the factors.
EXACT = "bell_calibrated:shots=9000"


def task(game="two", alpha=0.9):
    return Observables(f"observables:alpha={alpha},game={game}")


class Pairwise(cirq.NoiseModel):
    """Local noise with its own strength on every pair."""

    def __init__(self, *noises):
        self.noises = noises
        self.models = [LocalNoise(*noise) for noise in noises]

    def noisy_operation(self, operation):
        if cirq.is_measurement(operation):
            flips = [
                cirq.bit_flip(self.noises[q.x // 2][1])(q)
                for q in operation.qubits
                if self.noises[q.x // 2][1]
            ]
            return [*flips, operation]
        return self.models[operation.qubits[0].x // 2].noisy_operation(operation)

    def damping(self):
        return np.stack([bell_damping(*noise) for noise in self.noises])


TERRIBLE = Pairwise((0.03, 0.01), (0.84, 0.01), (0.03, 0.01))
NOISES = {
    "alike": Pairwise(*[(0.06, 0.03)] * 3),
    "one terrible pair": TERRIBLE,
    "read badly": Pairwise((0.0, 0.2), (0.05, 0.0)),
}


def on_circuits(text, noise, trials, *, game="two", root=1, prefixes=PREFIXES):
    n = len(noise.noises)
    sampler = FactorisedSampler("qsim", noise, seeds(root).sampler)
    return task(game).play(text, n, prefixes, trials, 0, seeds(root), sampler).correct / trials


def from_law(text, noise, trials, *, game="two", root=1):
    n = len(noise.noises)
    played = (
        task(game).play(text, n, PREFIXES, trials, 0, seeds(root), FromLaw(noise.damping())).correct
    )
    return played / trials


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
def test_circuits_under_noise_agree_with_the_law(noise, game):
    trials, many = 4000, 40_000
    circuits = on_circuits(EXACT, noise, trials, game=game, root=2)
    law = from_law(EXACT, noise, many, game=game, root=3)
    spread = np.hypot(standard_error(law, trials), standard_error(law, many))
    assert (np.abs(circuits - law) < 4 * spread).all()


@pytest.mark.parametrize("game", GAMES)
def test_with_one_terrible_pair_the_calibrated_protocol_is_more_accurate(game):
    trials = 4000
    plain, calibrated = (
        on_circuits(text, TERRIBLE, trials, game=game) for text in ("bell", "bell_calibrated")
    )
    late = PREFIXES >= 16
    gain = (calibrated - plain)[late]
    assert (gain > 0.01).all()
    assert (
        gain > 2 * np.hypot(standard_error(plain, trials), standard_error(calibrated, trials))[late]
    ).all()
    # And so it is in the law, by as much.
    law = [from_law(text, TERRIBLE, 40_000, game=game) for text in ("bell", EXACT)]
    assert ((law[1] - law[0])[late] > 0.01).all()


@pytest.mark.parametrize("game", GAMES)
def test_without_noise_it_is_as_accurate_as_the_plain_protocol(game):
    trials, n = 20_000, 4
    prefixes = np.array([1, 2, 4, 7, 12, 20])
    sampler = FactorisedSampler(seed=seeds(5).sampler)
    played = (
        task(game).play("bell_calibrated", n, prefixes, trials, 0, seeds(5), sampler).correct
        / trials
    )
    plain = task(game).play("bell", n, prefixes, trials, 0, seeds(6), FromLaw()).correct / trials
    spread = np.hypot(standard_error(plain, trials), standard_error(played, trials))
    assert (np.abs(played - plain) < 4 * spread).all()
    if game == "two":
        exact = np.array([bell_accuracy(int(shots), 0.81) for shots in prefixes])
        assert (np.abs(played - exact) < 4 * standard_error(exact, trials)).all()


@pytest.mark.parametrize("game", GAMES)
def test_the_calibrated_law_knows_the_factors_that_it_is_given(game):
    """With factors of one it is the law without noise; with others it is decided by them."""
    n, trials = 3, 500
    clean, plain = (
        task(game).play(text, n, PREFIXES, trials, 0, seeds(7), FromLaw(damping)).correct
        for text, damping in ((EXACT, np.ones((n, 4))), ("bell", None))
    )
    np.testing.assert_array_equal(clean, plain)


def test_few_shots_of_calibration_cost_little():
    """600 shots, 200 for each letter, lose less than two percent of the accuracy."""
    trials = 8000
    few, many = (
        on_circuits(f"bell_calibrated:shots={shots}", NOISES["alike"], trials, root=4)
        for shots in (600, 20_000)
    )
    assert (few > many - 0.02).all()


# How it is run.


class Spy(FactorisedSampler):
    def __init__(self, seed):
        super().__init__(seed=seed)
        self.requests = []

    def sample_table(self, request):
        self.requests.append(request)
        return super().sample_table(request)


def test_the_calibration_joins_the_data_and_is_measured_once(monkeypatch):
    monkeypatch.setattr(module, "SHOTS_PER_REQUEST", 640)
    spy = Spy(1)
    task().play("bell_calibrated:shots=90", 2, PREFIXES, 25, 0, seeds(1), spy)
    # Ten games fit into a request, and the first one carries the calibration.
    assert [request.shots for request in spy.requests] == [640 + 90, 640, 320]
    assert len({request.circuit.freeze() for request in spy.requests}) == 1
    assert not any(request.learner for request in spy.requests)


def test_every_part_of_a_batch_is_decided_with_the_factors(monkeypatch):
    seen = []
    damped = Evidence.damped

    def spy(self, factors, letters):
        seen.append(factors)
        return damped(self, factors, letters)

    monkeypatch.setattr(module, "SHOTS_PER_REQUEST", 640)
    monkeypatch.setattr(Evidence, "damped", spy)
    noise = Pairwise((0.05, 0.02), (0.5, 0.02))
    on_circuits("bell_calibrated:shots=3000", noise, 25)
    assert len(seen) == 3
    assert all(factors is seen[0] for factors in seen)
    exact = noise.damping()
    spread = np.sqrt((1 - exact[:, 1:] ** 2) / 900)
    assert (np.abs(seen[0] - exact)[:, 1:] < 4 * spread).all()
    on_circuits("bell", noise, 25)
    assert len(seen) == 3


def test_on_a_processor_the_calibration_is_part_of_the_same_jobs():
    costs = []
    for text in ("bell", "bell_calibrated:shots=290"):
        sampler, meter = cost_on(virtual_device("rainbow"))
        task().play(text, 6, np.array([30]), 40, 0, seeds(1), sampler)
        costs.append(meter.cost)
    # No two settings of twelve qubits are alike: a job takes 5 minutes, by Google's estimate.
    assert [cost.repetitions for cost in costs] == [1200, 1490]
    assert [cost.jobs for cost in costs] == [math.ceil(cost.seconds / 300) for cost in costs]


def test_it_plays_on_a_virtual_processor():
    sampler = open_backend("qvm:rainbow").make(3)
    trials = 300
    accuracy = (
        task().play("bell_calibrated", 2, np.array([40]), trials, 0, seeds(3), sampler).correct
        / trials
    )
    assert accuracy[0] > 0.8


def test_its_options_are_read_and_checked():
    full = task().resolve("bell_calibrated", 4, 0.7)
    assert task().resolve(full, 4, 0.7) == full
    assert task().copies_per_shot("bell_calibrated:shots=30", 4) == 2
    for text in ("bell_calibrated:shots=29", "bell_calibrated:shots=0"):
        with pytest.raises(ValueError, match=r"shots of .* must be at least 30"):
            task().resolve(text, 4, 0.7)
    assert task().bound("bell_calibrated", 4, 0.7) is None


@pytest.mark.parametrize("depolarize", [0.05, 0.3])
def test_the_first_budget_grows_with_the_damping(depolarize):
    factors = np.tile(bell_damping(depolarize, 0.0), (4, 1))
    clean = task(alpha=0.5).first_budget("bell_calibrated", 4, 0.9)
    noisy = task(alpha=0.5).first_budget("bell_calibrated", 4, 0.9, factors)
    assert noisy > clean * 1.1


# The evidence.


def evidence(trials=6, candidates=2, prefixes=3):
    rng = np.random.default_rng(9)
    hits = rng.integers(0, 9, (trials, candidates, prefixes))
    return Evidence(hits, rng.binomial(hits, 0.6), np.ones((trials, candidates), dtype=bool))


def test_damping_is_the_product_of_the_factors_of_the_letters():
    rng = np.random.default_rng(1)
    factors = np.concatenate([np.ones((5, 1)), rng.random((5, 3))], axis=1)
    letters = rng.integers(0, 4, (6, 2, 5), dtype=np.uint8)
    found = evidence().damped(factors, letters).damping
    for trial in range(6):
        for candidate in range(2):
            expected = np.prod([factors[i, letters[trial, candidate, i]] for i in range(5)])
            assert found[trial, candidate] == pytest.approx(expected)


def test_a_damping_below_zero_counts_as_none_of_the_signal_left():
    factors = np.array([[1.0, -0.05, 0.5, 0.0], [1.0, 0.9, 0.9, 0.9]])
    letters = np.array([[[1, 1], [2, 3]], [[3, 0], [0, 1]]], dtype=np.uint8)
    found = evidence(trials=2).damped(factors, letters)
    np.testing.assert_allclose(found.damping, [[0.0, 0.45], [0.0, 0.9]])
    decided = decide(found, 0.9, np.random.default_rng(0))
    assert set(np.unique(decided)) <= {0, 1}


def test_damped_evidence_is_otherwise_the_same_and_the_old_one_stays():
    old = evidence()
    new = old.damped(np.full((2, 4), 0.5), np.zeros((6, 2, 2), dtype=np.uint8))
    assert old.damping is None
    for name in ("hits", "pluses", "squared"):
        assert getattr(new, name) is getattr(old, name)


def test_a_candidate_whose_signal_is_lost_is_believed_by_default():
    """Its signs are random, hidden or not, so that only the other candidate's count."""
    hits = np.full((1, 2, 1), 20)
    factors, letters = np.array([[1.0, 0.0, 1.0, 1.0]]), np.array([[[1], [3]]], dtype=np.uint8)
    for pluses, answer in ((19, 1), (10, 0)):
        seen = Evidence(hits, np.array([[[20], [pluses]]]), np.ones((1, 2), dtype=bool))
        decided = decide(seen.damped(factors, letters), 0.9, np.random.default_rng(0))
        assert decided.item() == answer
