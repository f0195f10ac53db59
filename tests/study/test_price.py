import warnings
from dataclasses import replace

import pytest

from quantum_advantage import copies_needed
from quantum_advantage.study.engine import Progress
from quantum_advantage.study.price import Clock, Teller, batch_seconds, duration
from quantum_advantage.study.spec import Spec

TASK = "observables:alpha=0.9,game=two"
BELL = Spec(TASK, "bell", 10, "qsim", 20, 500, 0)
LOCAL = Spec(TASK, "local_pauli:times=1", 20, "qvm:weber", 15_000_000, 500, 0)


# The model.


@pytest.mark.parametrize(
    ("spec", "seconds"),
    [
        # Measured for one batch on one core of an x86-64 machine of 2026.
        (Spec("purity", "bell", 20, "qsim", 10, 25, 0), 9.5),
        (Spec("purity", "collisions", 28, "law", 51610, 500, 0), 2.8),
        (Spec("purity:depolarize=0.2", "bell", 28, "law", 347_064_804, 500, 0), 0.03),
        (Spec("time_reversal", "complement_collisions", 28, "law", 161_892, 500, 0), 20.1),
        (Spec("time_reversal", "y_marginals", 12, "law", 44_004, 500, 0), 5.6),
        (Spec("time_reversal", "bell", 10, "qsim", 10, 25, 0), 2.1),
        (Spec("time_reversal:ensemble=public", "y_marginals", 16, "qsim", 14_028, 25, 0), 0.26),
        (Spec("principal_component", "bell_sign", 12, "qsim", 176, 25, 0), 4.5),
        (Spec("dynamics", "bell", 12, "qsim", 100, 20, 0), 72.8),
        (Spec("purities", "local_pauli", 12, "qsim", 16_384, 1, 0), 14.4),
        (Spec(TASK, "mutually_unbiased:times=3", 10, "qsim", 4_000, 500, 0), 1.3),
    ],
)
def test_model_is_right_within_a_factor_of_four(spec, seconds):
    assert seconds / 4 < batch_seconds(spec) < max(4 * seconds, 0.2)


# The clock.


def test_clock_divides_among_workers_but_not_a_batch():
    dear = {LOCAL: 20}
    assert Clock(4).left(dear) == pytest.approx(5 * batch_seconds(LOCAL))
    assert Clock(100).left(dear) == pytest.approx(batch_seconds(LOCAL))
    assert Clock(4).left({}) == 0


def test_clock_believes_what_it_measured_before_the_model():
    clock = Clock()
    for seconds in (9.0, 3.0, 3.0):
        clock.took(BELL, seconds)
    assert clock.left({BELL: 10}) == 30.0  # the median: the first batch opens the place
    # The model is as wrong elsewhere as it was here, on the mean.
    other = replace(BELL, qubits=12)
    assert clock.of_batch(other) == pytest.approx(
        batch_seconds(other) * 15.0 / (3 * batch_seconds(BELL))
    )


def test_short_work_is_not_announced_and_long_work_names_what_costs_most():
    assert Clock().announcement({BELL: 20}) is None
    line = Clock(2).announcement({BELL: 20, LOCAL: 20})
    assert "hours of work on 2 workers" in line
    assert "local_pauli:times=1 at n = 20 on qvm:weber costs most" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (59.5, "60 s"), (91, "2 minutes"), (3600, "60 minutes"), (9000, "2.5 hours"),
     (2e5, "2.3 days"), (1e8, "3.2 years"), (1e12, "31686 years")],
)  # fmt: skip
def test_durations_as_one_would_say_them(seconds, text):
    assert duration(seconds) == text


# What is told.


def test_teller_tells_price_progress_and_time_left():
    lines = []
    teller = Teller(lines.append, 1)
    teller.expect({LOCAL: 20})
    teller(Progress(1, 20, LOCAL, {LOCAL: 19}, 100.0))
    teller(Progress(20, 20, LOCAL, {}, 100.0))
    assert "costs most" in lines[0]
    assert lines[1:] == ["1 of 20 batches, some 32 minutes left", "20 of 20 batches"]


def test_nothing_is_foreseen_of_a_real_processor():
    lines = []
    teller = Teller(lines.append, None)
    teller.expect({LOCAL: 20})
    teller(Progress(1, 20, LOCAL, {LOCAL: 19}, 100.0))
    assert lines == ["1 of 20 batches"]


def test_search_tells_its_price_before_the_first_batch(monkeypatch):
    monkeypatch.setattr("quantum_advantage.study.price.batch_seconds", lambda spec: 100.0)
    options = {"trials": 20, "games": 1, "max_copies": 20}
    lines = []
    copies_needed("bell", 4, report=lines.append, **options)
    assert lines[0].startswith("some 34 minutes of work on one worker")
    assert lines[1].startswith("1 of 20 batches")
    with pytest.warns(UserWarning, match="copies_needed: some 34 minutes") as caught:
        copies_needed("bell", 4, **options)
    assert caught[0].filename == __file__


def test_short_search_tells_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        copies_needed("bell", 4, trials=20, games=1, max_copies=20)
