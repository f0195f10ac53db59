"""Learned readings: trained by the protocol's own circuits at n < 8, used beyond, with noise."""

import numpy as np
import pytest
from task_plays import seeds

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.circuits.run import run
from quantum_advantage.inference.learning.recurrent import to_vector
from quantum_advantage.inference.learning.symbol_table import cost_of_table, fit_symbol_table
from quantum_advantage.measurements.bell import bell_signs
from quantum_advantage.tasks.observables import learned
from quantum_advantage.tasks.observables.evidence import decide
from quantum_advantage.tasks.observables.exact import bell_accuracy
from quantum_advantage.tasks.observables.games import ObservablesTask, draw_games
from quantum_advantage.tasks.observables.protocols import Bell, ProductTwoCopy
from quantum_advantage.tasks.observables.task import Observables

PROTOCOLS = Observables("observables").protocols

LEARNED = [name for name in PROTOCOLS if PROTOCOLS[name].exact is None]
PREFIXES = np.array([1, 3, 10])


def play(text, n, trials, *, game="two", alpha=0.9, root=1, prefixes=PREFIXES, backend="qsim"):
    task = Observables(f"observables:alpha={alpha},game={game}")
    return task.play(
        text, n, prefixes, trials, 0, seeds(root), open_backend(backend).make(root)
    ).correct


def error(trials, accuracy=0.5):
    return np.sqrt(accuracy * (1 - accuracy) / trials)


def paired(model, n, games, shots, backend, seed=0):
    """Right answers of the exact reading and of a model, on the same records."""
    rng = np.random.default_rng([seed, n])
    drawn = draw_games(ObservablesTask(), "hidden", n, games, rng, rng)
    prefixes = np.array([shots])
    request = Bell().request(drawn.preparation, shots, rng)
    (record,) = run([request], open_backend(backend).make(seed))
    found = []
    for protocol in (Bell(), model):
        answers = decide(protocol.evidence(record, drawn.candidates, prefixes), 0.9, rng)
        found.append(answers[:, 0] == drawn.truth)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_table_of_signs_is_learned_from_games(seed):
    (table,) = learned.trained_table(seed)
    np.testing.assert_allclose(table.weights, bell_signs(), atol=0.2)
    assert (cost_of_table(table.weights, bell_signs()) < 1.01).all()


def test_games_of_seven_qubits_alone_teach_nothing():
    """Without the smaller sizes there is no gradient to follow."""
    sets = learned.training_sets(learned.BELL, 7, learned.TABLE_GAMES, learned.TRAINING_SHOTS, 0)
    for seed in range(3):
        weights = fit_symbol_table(sets[-1:], 4, seed).weights
        # The correlation of a product of seven numbers with the exact sign, uniform symbols.
        assert abs((weights * bell_signs()).mean() / np.sqrt((weights**2).mean())) ** 7 < 0.1


def test_training_knows_systems_of_fewer_than_eight_qubits_alone(monkeypatch):
    met = []

    def remember(task, family, qubits, *rest):
        met.append((qubits, task.alpha, family))
        return draw_games(task, family, qubits, *rest)

    opened = []
    monkeypatch.setattr(learned, "draw_games", remember)
    monkeypatch.setattr(learned, "open_backend", lambda n: opened.append(n) or open_backend(n))
    learned.trained_table.__wrapped__(0)
    assert met == [(n, 0.9, "hidden") for n in range(1, 8)]
    assert opened == ["qsim"]


def test_training_sets_are_labelled_as_the_games_were():
    sets = learned.training_sets(learned.BELL, 2, 1000, 6, 5)
    for n, one in enumerate(sets, start=1):
        assert one.symbols.shape == (2000, 6, n)
        assert one.hidden.sum() == 1000
        products = bell_signs().ravel()[one.symbols].prod(axis=2)
        assert products[one.hidden].mean() == pytest.approx(0.81, abs=5 * error(6000) * 2)
        assert abs(products[~one.hidden].mean()) < 5 * error(6000) * 2


def test_trainings_differ_by_their_seed_alone():
    sets = [learned.training_sets(learned.BELL, 2, 20, 4, seed) for seed in (1, 1, 2)]
    assert (sets[0][1].symbols == sets[1][1].symbols).all()
    assert (sets[0][1].symbols != sets[2][1].symbols).any()


def test_one_noiseless_shot_of_twenty_qubits_is_read_as_well_as_exactly():
    trials = 4000
    right = play("learned_symbols", 20, trials, prefixes=np.array([1, 5])) / trials
    exact = np.array([bell_accuracy(t, 0.81) for t in (1, 5)])
    assert (np.abs(right - exact) < 5 * error(trials)).all()


@pytest.mark.parametrize("n", [8, 20])
def test_noisy_records_are_read_as_well_as_exactly(n):
    """On the same records the table gives almost always the answer of the exact reading."""
    table = learned.Learned(learned.BELL, learned.trained_table, 0)
    shots = 10 if n == 8 else 40
    exact, model = paired(table, n, 4000, shots, "qsim:depolarize=0.01,readout=0.03")
    assert exact.mean() > 0.65
    # Only where the two differ is anything left to chance.
    differ = exact != model
    assert abs(model.mean() - exact.mean()) < 0.01 + 4 * np.sqrt(differ.mean() / 4000)


def test_recurrent_network_reads_more_qubits_than_it_was_trained_on():
    network = learned.Learned(learned.BELL, learned.trained_recurrent, 0)
    exact, model = paired(network, 20, 1000, 40, "qsim:depolarize=0.01,readout=0.03")
    assert exact.mean() > 0.65
    assert model.mean() > exact.mean() - 0.08
    assert model.mean() > 0.5 + 5 * error(1000)


@pytest.mark.parametrize("seed", [0, *(pytest.param(s, marks=pytest.mark.slow) for s in (1, 4))])
def test_kept_networks_are_what_training_gives(seed):
    """Up to the rounding of other processors, which training does not blow up."""
    kept, trained = learned.kept_networks()[seed], learned.train_recurrent(seed)
    np.testing.assert_allclose(to_vector(kept), to_vector(trained), rtol=0, atol=1e-9)


def test_networks_that_do_not_belong_to_this_version_are_refused(tmp_path, monkeypatch):
    other = tmp_path / "trained_networks.npy"
    other.write_bytes(learned.NETWORKS.read_bytes()[:-1] + b"\0")
    monkeypatch.setattr(learned, "NETWORKS", other)
    with pytest.raises(RuntimeError, match="does not belong to this version"):
        learned.kept_networks.__wrapped__()


@pytest.mark.slow
def test_trainings_of_the_network_seldom_fail():
    """Of 20 trainings at most one may need more than three times the exact reading's copies.

    With ρ the correlation of what a shot says with the exact sign on uniform outcomes, weak signals
    need 1/ρ² times the copies, as mean and variance of a score are those of a damped sign.
    """
    rng = np.random.default_rng(7)
    symbols = rng.integers(0, 16, (4000, 1, 20)).astype(np.uint8)
    signs = bell_signs().ravel()[symbols[:, 0]].prod(axis=1)
    costs = []
    for seed in range(20):
        network = learned.train_recurrent(seed)
        said = network.log_odds(symbols, np.array([1]))[:, 0]
        costs.append(np.corrcoef(said, signs)[0, 1] ** -2)
    assert (np.array(costs) > 3).sum() <= 1
    assert np.median(costs) < 1.5


@pytest.mark.parametrize("alpha", [0.5, 0.9])
def test_hidden_or_not_is_decided_by_the_offset_that_was_learned(alpha):
    trials = 2000
    right = play("learned_symbols", 9, trials, game="one", alpha=alpha) / trials
    assert right[-1] > (0.9 if alpha == 0.9 else 0.53)


def test_alpha_is_not_told():
    rng = np.random.default_rng(1)
    drawn = draw_games(ObservablesTask(), "hidden", 6, 400, rng, rng)
    model = learned.Learned(learned.BELL, learned.trained_table, 0)
    (record,) = run([model.request(drawn.preparation, 10, rng)], open_backend("qsim").make(1))
    evidence = model.evidence(record, drawn.candidates, PREFIXES)
    answers = [decide(evidence, alpha, np.random.default_rng(2)).tolist() for alpha in (0.2, 0.9)]
    assert answers[0] == answers[1]


def test_shuffled_labels_teach_nothing():
    trials = 4000
    right = play("learned_shuffled", 20, trials) / trials
    assert (np.abs(right - 0.5) < 5 * error(trials)).all()


def test_unentangled_copies_are_read_small_and_not_large():
    """The table finds that bases must agree, and the sign of both bits; at n = 12 none does."""
    (table,) = learned.trained_on_product_bases(0)
    weights = table.weights.reshape(4, 3, 4)
    for letter in (1, 2, 3):
        own, others = weights[letter, letter - 1], np.delete(weights[letter], letter - 1, axis=0)
        assert np.sign(own).tolist() == [1, -1, -1, 1] or np.sign(-own).tolist() == [1, -1, -1, 1]
        assert np.abs(others).max() < 0.5 * np.abs(own).min()
    trials = 2000
    small = play("learned_product", 2, trials, prefixes=np.array([50])) / trials
    assert small > 0.9
    for n in (12, 20):
        large = play("learned_product", n, trials, prefixes=np.array([50])) / trials
        assert abs(large - 0.5) < 5 * error(trials)


@pytest.mark.parametrize("name", LEARNED)
def test_circuits_are_those_of_the_exact_reading(name):
    exact = ProductTwoCopy() if name == "learned_product" else Bell()
    drawn = draw_games(ObservablesTask(), "hidden", 3, 2, *map(np.random.default_rng, (1, 2)))
    protocol = Observables("observables").read(name, 3).measurement()
    requests = [
        p.request(drawn.preparation, 4, np.random.default_rng(3)) for p in (exact, protocol)
    ]
    assert requests[0].circuit == requests[1].circuit
    assert requests[0].learner == requests[1].learner


def test_trials_are_dealt_out_to_the_models_in_turn():
    class Constant:
        def __init__(self, value):
            self.value = value

        def log_odds(self, symbols, prefixes):
            return np.full((symbols.shape[0], prefixes.size), float(self.value))

    drawn = draw_games(ObservablesTask(), "hidden", 3, 5, *map(np.random.default_rng, (1, 2)))
    protocol = learned.Learned(learned.BELL, lambda seed: [Constant(k) for k in range(3)], 0)
    (record,) = run([protocol.request(drawn.preparation, 2, None)], FactorisedSampler(seed=1))
    scores = protocol.evidence(record, drawn.candidates, np.array([1, 2])).log_odds
    assert scores.shape == (5, 2, 2)
    assert (scores == np.array([0, 1, 2, 0, 1])[:, None, None]).all()


def test_the_seeds_decide_every_answer():
    first, again, other = (play("learned_symbols", 3, 300, root=k).tolist() for k in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("name", LEARNED)
def test_there_is_no_law_but_a_first_budget(name):
    task = Observables("observables:alpha=0.9,game=two")
    with pytest.raises(ValueError, match="knows no exact law of learned"):
        task.check(name, 4, circuits=False, noise=False)
    assert task.first_budget(name, 4, 0.7) >= 20


def test_negative_seed_is_refused():
    with pytest.raises(ValueError, match="seed of 'learned_symbols:seed=-1' must be at least 0"):
        Observables("observables").resolve("learned_symbols:seed=-1", 4, 0.7)
