import json
from dataclasses import replace
from fractions import Fraction
from math import comb, log
from pathlib import Path

import numpy as np
import pytest
from greedy_learner import greedy_right

from quantum_advantage.bounds import hidden_pauli
from quantum_advantage.certify.certificate import certify
from quantum_advantage.certify.methods import (
    Afterwards,
    Anytime,
    Fixed,
    default_alternative,
    log_bet,
)
from quantum_advantage.certify.played import Played, read_counts, select_games
from quantum_advantage.core.statistics import binomial_tail, lower_limit
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.spec import CurveSpec, Spec
from quantum_advantage.tasks.registry import load_deciding

DATA = Path(__file__).parent.parent.parent / "figures" / "data"
OBSERVABLES = "observables:alpha=0.9,game=two"
TASKS_WITH_BOUNDS = OBSERVABLES, "purity", "principal_component", "time_reversal", "processes"


def played(right, games, copies=2, qubits=10, task=OBSERVABLES, protocol="bell"):
    key = CurveSpec(task, protocol, qubits, "law", games, 0)
    return Played("trial", key, copies, copies, tuple(right), games, "0" * 64, (copies,))


def methods(data):
    """One of each kind; p₁ is the one of the copies."""
    key = data.key
    largest = load_deciding(key.task).bound_of(key.protocol, key.qubits).largest_accuracy
    return Fixed(), Anytime(default_alternative(largest(data.copies))), Afterwards(1, 1)


def largest_log_martingale(right, games, chance, alternative):
    played = games * np.arange(1, len(right) + 1)
    return max(0.0, log_bet(np.cumsum(right), played, chance, alternative).max())


# Exact numbers


@pytest.mark.parametrize(("right", "games", "chance"), [(7, 10, 0.5), (190, 200, 0.5), (3, 5, 0.9)])
def test_tail_is_the_exact_sum(right, games, chance):
    p = Fraction(chance)
    exact = sum(comb(games, k) * p**k * (1 - p) ** (games - k) for k in range(right, games + 1))
    assert binomial_tail(right, games, chance) == pytest.approx(float(exact), rel=1e-10)


def test_limit_is_where_the_tail_is_the_level():
    for right, games, level in ((123, 200, 1e-3), (10, 10, 1e-9), (1, 5000, 0.01)):
        limit = lower_limit(right, games, level)
        assert binomial_tail(right, games, limit) == pytest.approx(level, rel=1e-6)
    assert lower_limit(0, 10, 0.01) == 0


def test_123_of_200_is_the_least_at_three_nines():
    assert certify(played([123], 200), Fixed(), confidence=0.999).certified
    assert not certify(played([122], 200), Fixed(), confidence=0.999).certified


@pytest.mark.parametrize(
    "method",
    [Fixed(), Fixed(3), Anytime(0.66), Anytime(0.66, 3), Afterwards(1, 1), Afterwards(8, 9)],
)
@pytest.mark.parametrize("copies", [2, 37])
def test_factor_is_the_largest_number_that_the_same_data_excludes(method, copies):
    data = played([70] * 20, 100, copies)
    found = certify(data, method, confidence=0.99)
    assert found.certified
    assert found.factor == found.excluded_copies / copies
    for more, certified in ((0, True), (1, False)):
        again = replace(data, copies=found.excluded_copies + more)
        assert certify(again, method, confidence=0.99).certified == certified


def test_martingale_is_the_product_over_games():
    right, games, p0, p1 = [7, 9, 2], 10, 0.55, 0.7
    product, largest = 1.0, 1.0
    for won in right:
        product *= (p1 / p0) ** won * ((1 - p1) / (1 - p0)) ** (games - won)
        largest = max(largest, product)
    assert largest_log_martingale(right, games, p0, p1) == pytest.approx(log(largest))
    assert certify(played(right, games), Anytime(0.7)).p_value <= 1


def test_martingale_has_mean_one_at_the_largest_chance():
    p0, p1, games = 0.6, 0.72, 30
    mean = sum(
        comb(games, k) * (p0 * p1 / p0) ** k * ((1 - p0) * (1 - p1) / (1 - p0)) ** (games - k)
        for k in range(games + 1)
    )
    assert mean == pytest.approx(1)


def test_anytime_limit_is_where_the_martingale_reaches_the_level():
    right = [68, 74, 71, 66]
    limit = Anytime(0.66).limit(right, 100, 0.01)
    assert largest_log_martingale(right, 100, limit, 0.66) == pytest.approx(-log(0.01), abs=1e-9)
    assert limit < lower_limit(sum(right), 400, 0.01)
    assert Anytime(0.66).limit([0, 0], 100, 0.01) == 0


def test_nothing_overflows_at_a_thousand_qubits():
    for task in TASKS_WITH_BOUNDS:
        data = played([95] * 20, 100, 40, 1000, task)
        for method in methods(data):
            found = certify(data, method)
            assert found.certified
            assert 1e100 < found.factor < 1e305
            json.dumps(found.excluded_copies / found.copies)


def test_closed_forms_agree_with_direct_sums():
    learners = load_deciding("principal_component").bound_of("bell", 6)
    d, t = 32, 9
    gains = [np.prod([1 / (1 + j / d) for j in range(max(s, t - s))]) for s in range(t + 1)]
    mean = sum(comb(t, s) * g for s, g in enumerate(gains)) / 2**t
    assert learners.largest_accuracy(t) == pytest.approx(0.5 + (1 - mean) / 2)
    learners = load_deciding("purity").bound_of("bell", 4)
    gain = np.prod([1 / (1 + j / 16) for j in range(t)])
    assert learners.largest_accuracy(t) == pytest.approx(0.5 + (1 - gain) / 2)
    learners = load_deciding("time_reversal").bound_of("bell", 4)
    gain = np.prod([1 / (1 + 2 * j / 16) for j in range(t)])
    assert learners.largest_accuracy(t) == pytest.approx(0.5 + (1 - gain) / 2)
    learners = load_deciding("observables:alpha=0.8,game=one").bound_of("bell", 3)
    # h(x) with whole x = 2: 1 - (1 - α²)
    assert learners.largest_accuracy(18) == pytest.approx(0.5 + 0.64 / 2)


def test_copies_and_accuracy_are_inverse_to_each_other():
    for task in TASKS_WITH_BOUNDS:
        learners = load_deciding(task).bound_of("bell", 12)
        copies = learners.copies_for(0.7)
        assert learners.largest_accuracy(copies) == pytest.approx(0.7)


def test_an_accuracy_that_anybody_reaches_proves_nothing():
    data = played([100] * 20, 100, 10**6, 4)
    for method in methods(data):
        found = certify(data, method)
        assert not found.certified
        assert found.factor < 1


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="confidence must lie"):
        certify(played([9], 10), Fixed(), confidence=1.0)
    with pytest.raises(ValueError, match="alternative must lie between"):
        certify(played([9], 10), Anytime(0.5))


@pytest.mark.parametrize(
    ("task", "protocol", "reason"),
    [
        (OBSERVABLES, "known_question", "told beforehand"),
        (OBSERVABLES, "local_observables", "drawn uniformly"),
        (OBSERVABLES, "no_signal", "drawn uniformly"),
        (OBSERVABLES, "different_hidden", "drawn uniformly"),
        (OBSERVABLES, "bell_grouped", "are not independent"),
        ("time_reversal:depth=5", "bell", "not Haar-random"),
        ("dynamics", "bell", "task 'dynamics' estimates"),
        (OBSERVABLES, "guessing", "unknown protocol"),
        ("processes", "known_question", "told beforehand"),
    ],
)
def test_games_of_another_kind_are_refused(task, protocol, reason):
    with pytest.raises(ValueError, match=reason):
        certify(played([9], 10, task=task, protocol=protocol), Fixed())


def test_a_certificate_of_processes_speaks_of_uses_and_of_what_is_kept_between_them():
    found = certify(played([70] * 20, 100, task="processes"), Fixed())
    assert found.certified
    assert found.largest_conventional == hidden_pauli.largest_conventional_accuracy(2, qubits=10)
    assert "use of the process" in found.assumptions[0]
    assert any("ancillas or outputs" in line for line in found.not_covered)


def test_twenty_qubits_on_the_virtual_weber_are_certified():
    counts = read_counts(DATA / "device_noise.csv")
    found = select_games(counts, protocol="bell", qubits=20, backend="qvm:weber", budget=150)
    weber = certify(found, Fixed(), confidence=0.999)
    assert weber.certified
    assert weber.factor > 1000


# Soundness and power


def wrongly_granted(chance_after, runs, games, batch, seed, confidence=0.99):
    """Returns how often each method certifies a learner, stopping as soon as it does."""
    rng = np.random.default_rng(seed)
    p0 = hidden_pauli.largest_conventional_accuracy(2, qubits=3)
    weighed = Fixed(), Anytime(default_alternative(p0)), Afterwards(1, 1)
    granted = np.zeros(3)
    for _ in range(runs):
        right: list[int] = []
        for _ in range(games // batch):
            right.append(int(rng.binomial(batch, chance_after(p0, right))))
        # The largest value so far crosses if any look does.
        granted += [m.p_value(right, batch, p0) <= 1 - confidence for m in weighed]
    return granted


def allowed(runs, level=0.01):
    return runs * level + 3 * (runs * level * (1 - level)) ** 0.5


def worst(p0, right):
    return p0


def hedging(p0, right):
    """Plays badly on purpose after a good batch, and as well as it can after a bad one."""
    return p0 if not right or right[-1] < 7 else 0.5


@pytest.mark.parametrize("adversary", [worst, hedging])
def test_an_adversary_at_the_bound_is_rarely_certified(adversary):
    assert (wrongly_granted(adversary, 300, 200, 10, seed=5) <= allowed(300)).all()


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 10])
@pytest.mark.parametrize("adversary", [worst, hedging])
def test_an_adversary_at_the_bound_is_rarely_certified_2000(adversary, batch):
    assert (wrongly_granted(adversary, 2000, 200, batch, seed=7) <= allowed(2000)).all()


def test_peeking_at_any_time_is_what_the_largest_martingale_sees():
    rng = np.random.default_rng(2)
    for _ in range(6):
        right = rng.binomial(10, 0.66, 20).tolist()
        for method in (Anytime(0.65), Afterwards(1, 1)):
            looks = [certify(played(right[: k + 1], 10), method).certified for k in range(20)]
            assert certify(played(right, 10), method).certified == any(looks)


def test_peeking_at_a_fixed_number_would_not_be_free():
    rng = np.random.default_rng(3)
    granted = 0
    for _ in range(600):
        right = np.cumsum(rng.binomial(1, 0.55, 200))
        tails = [binomial_tail(int(k), t + 1, 0.55) for t, k in enumerate(right)]
        granted += min(tails) <= 0.01
    assert granted > allowed(600)


CONVENTIONAL = [
    (OBSERVABLES, "local_pauli", 3, 4),
    (OBSERVABLES, "random_clifford", 3, 4),
    (OBSERVABLES, "mutually_unbiased:times=3", 3, 4),
    (OBSERVABLES, "mutually_unbiased_cycled", 2, 3),
    (OBSERVABLES, "product_two_copy", 3, 4),
    (OBSERVABLES, "memory:qubits=0", 3, 4),
    ("observables:alpha=0.9,game=one", "mutually_unbiased:times=3", 3, 6),
    ("purity", "collisions", 4, 4),
    ("principal_component", "collisions", 4, 5),
    ("time_reversal", "complement_collisions", 4, 4),
    ("time_reversal", "z_collisions", 4, 4),
    ("time_reversal", "y_marginals", 4, 4),
]


def conventional_runs(task, protocol, qubits, copies, runs, games=50, batch=10):
    spec = Spec(task, protocol, qubits, "law", copies, batch, 11)
    granted = np.zeros(3, dtype=int)
    for run in range(runs):
        right = [
            play_batch("trial", spec, run * (games // batch) + b)[-1].correct
            for b in range(games // batch)
        ]
        data = played(right, batch, copies, qubits, task, protocol)
        granted += [certify(data, method).certified for method in methods(data)]
    return granted


@pytest.mark.parametrize(("task", "protocol", "qubits", "copies"), CONVENTIONAL)
def test_conventional_protocols_are_not_certified(task, protocol, qubits, copies):
    granted = conventional_runs(task, protocol, qubits, copies, 10)
    assert (granted <= allowed(10)).all()


@pytest.mark.slow
@pytest.mark.parametrize(("task", "protocol", "qubits", "copies"), CONVENTIONAL)
def test_conventional_protocols_are_not_certified_2000(task, protocol, qubits, copies):
    granted = conventional_runs(task, protocol, qubits, copies, 2000)
    assert (granted <= allowed(2000)).all()


def greedy_runs(qubits, copies, runs, games=50):
    right = greedy_right(qubits, copies, runs * games, 0.9, 17)[:, -1]
    granted = np.zeros(3, dtype=int)
    for won in right.reshape(runs, 5, -1).sum(axis=2).tolist():
        data = played(won, games // 5, copies, qubits)
        granted += [certify(data, method).certified for method in methods(data)]
    return granted


@pytest.mark.parametrize(("qubits", "copies"), [(2, 6), (3, 10)])
def test_the_greedy_learner_is_not_certified(qubits, copies):
    assert (greedy_runs(qubits, copies, 40) <= allowed(40)).all()


@pytest.mark.slow
@pytest.mark.parametrize(("qubits", "copies"), [(2, 6), (3, 10)])
def test_the_greedy_learner_is_not_certified_2000(qubits, copies):
    assert (greedy_runs(qubits, copies, 2000) <= allowed(2000)).all()


def bell_runs(runs, batch=10, games=200):
    spec = Spec(OBSERVABLES, "bell", 10, "law", 2, batch, 13)
    granted = np.zeros(2, dtype=int)
    for run in range(runs):
        right = [
            play_batch("trial", spec, run * (games // batch) + b)[-1].correct
            for b in range(games // batch)
        ]
        data = played(right, batch)
        granted += [certify(data, m, confidence=0.999).certified for m in methods(data)[:2]]
    return granted


def test_200_noiseless_bell_shots_are_certified():
    assert (bell_runs(30) >= 28).all()


@pytest.mark.slow
def test_200_noiseless_bell_shots_are_certified_in_98_percent():
    # The expected rates are 99.7 % and 98.8 %.
    assert (bell_runs(2000) >= 1960).all()


def test_weak_signals_of_many_qubits_do_not_overflow():
    key = replace(played([1], 2).key, task="observables:alpha=1e-06,game=two", qubits=1000)
    found = certify(replace(played([95], 100), key=key), Fixed())
    assert found.certified
    assert found.excluded_copies > 1e300


def test_a_certificate_has_a_short_text_and_a_table():
    certificate = certify(played([8] * 20, 10), Fixed())
    assert repr(certificate).startswith("Certificate(")
    assert f"{certificate.right} of {certificate.games} right" in repr(certificate)
    assert "<th>factor</th>" in certificate._repr_html_()
    assert "<th>digest</th>" not in certificate._repr_html_()
