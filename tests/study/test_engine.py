import random
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.study.accuracy import summarise, write_summary
from quantum_advantage.study.engine import collect
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.rows import DecisionRow
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.wanted import Ladder, number_of_batches
from quantum_advantage.study.workers import process_pool
from quantum_advantage.tasks.shared.prefixes import shots_played

FIRST = Spec("observables:alpha=0.9,game=two", "bell", 2, "law", 20, 100, 0)


class FakePlay:
    """Plays batches with a given accuracy (of the budget, at the end of a record)."""

    def __init__(self, accuracy, seconds=lambda spec, batch: 0.0):
        self.accuracy = accuracy
        self.seconds = seconds
        self.played = []

    def __call__(self, experiment, spec, batch, backend=None):
        self.played.append((spec, batch))
        time.sleep(self.seconds(spec, batch))
        correct = round(spec.batch_size * self.accuracy(spec.budget))
        return [
            DecisionRow.of(experiment, spec, batch, shots, shots, correct)
            for shots in shots_played(spec.budget, 1)
        ]


@pytest.fixture
def fake(monkeypatch):
    """Replaces the playing of batches; returns what was played."""

    def use(accuracy, **options):
        play = FakePlay(accuracy, **options)
        monkeypatch.setattr("quantum_advantage.study.engine.play_batch", play)
        return play

    return use


def budgets(counts):
    return sorted({row.spec.budget for row in counts})


def climbing(budget):
    return {20: 0.6, 80: 0.7, 320: 0.74}.get(budget, 0.9)


# How far a ladder climbs.


@pytest.mark.parametrize(
    ("accuracy", "rungs"),
    [(0.5, [20, 80]), (0.74, [20, 80]), (0.76, [20]), (1.0, [20])],
)
def test_ladder_climbs_only_below_the_target_and_its_margin(fake, accuracy, rungs):
    fake(lambda budget: accuracy if budget == 20 else 1.0)
    counts = decisions("trial")
    collect([Ladder(FIRST, 0.7, 2**20)], counts, 1)
    assert budgets(counts) == rungs


def test_every_rung_is_four_times_the_last_until_the_target_is_passed(fake):
    fake(climbing)
    counts = decisions("trial")
    collect([Ladder(FIRST, 0.7, 2**20)], counts, 1)
    assert budgets(counts) == [20, 80, 320, 1280]


@pytest.mark.parametrize(("most", "rungs"), [(319, [20, 80]), (320, [20, 80, 320])])
def test_no_rung_has_more_copies_than_allowed(fake, most, rungs):
    fake(lambda budget: 0.5)
    counts = decisions("trial")
    collect([Ladder(FIRST, 0.7, most)], counts, 1)
    assert budgets(counts) == rungs


@pytest.mark.parametrize(
    ("right", "rungs"),
    [(range(16), [20]), (range(4, 20), [20]), (range(4), [20, 80]), (range(16, 20), [20, 80])],
    ids=["first 16", "last 16", "first 4", "last 4"],
)
def test_accuracy_of_a_rung_is_that_of_all_its_batches_together(monkeypatch, right, rungs):
    # A batch answers all questions or none.
    plays = {True: FakePlay(lambda budget: 1.0), False: FakePlay(lambda budget: 0.0)}
    monkeypatch.setattr(
        "quantum_advantage.study.engine.play_batch",
        lambda name, spec, batch, backend: plays[batch in right](name, spec, batch),
    )
    counts = decisions("trial")
    collect([Ladder(FIRST, 0.7, 80)], counts, 1)
    assert budgets(counts) == rungs


def test_ladders_that_share_rungs_share_batches(fake):
    play = fake(climbing)
    counts = decisions("trial")
    collect([Ladder(FIRST, 0.7, 2**20), Ladder(FIRST, 0.6, 2**20)], counts, 1)
    assert len(play.played) == len(set(play.played)) == 4 * 20
    assert budgets(counts) == [20, 80, 320, 1280]


def test_ladder_with_a_lower_target_does_not_climb_with_the_other(fake):
    fake(climbing)
    counts = decisions("trial")
    collect([Ladder(FIRST, 0.54, 2**20), Ladder(replace(FIRST, seed=1), 0.7, 2**20)], counts, 1)
    assert {row.spec.budget for row in counts if row.spec.seed == 0} == {20}
    assert {row.spec.budget for row in counts if row.spec.seed == 1} == {20, 80, 320, 1280}


def test_ladder_begins_at_its_first_rung(fake):
    play = fake(lambda budget: 1.0)
    first = replace(FIRST, budget=1000)
    collect([Ladder(first, 0.7, 2000)], decisions("trial"), 1)
    assert {spec for spec, _ in play.played} == {first}


# How many batches.


@given(st.integers(1, 10**7), st.integers(1, 10**5))
@settings(derandomize=True, deadline=None)
def test_number_of_batches_is_the_least_that_holds_the_trials_and_20(trials, games):
    batches = number_of_batches(trials, games)
    assert batches >= 20
    assert batches * games >= trials
    assert batches == 20 or (batches - 1) * games < trials


@pytest.mark.parametrize(("trials", "batches"), [(1, 20), (2000, 20), (2001, 21), (2100, 21)])
def test_every_rung_has_whole_batches_numbered_from_zero(fake, trials, batches):
    play = fake(climbing)
    collect([Ladder(FIRST, 0.7, 80)], decisions("trial"), trials)
    for budget in (20, 80):
        assert [b for s, b in play.played if s.budget == budget] == list(range(batches))


# Turns.


def test_curves_take_turns_batch_by_batch(fake):
    play = fake(lambda budget: 1.0)
    firsts = [replace(FIRST, protocol=name) for name in ("bell", "local_pauli", "bell_calibrated")]
    collect([Ladder(first, 0.7, 20) for first in firsts], decisions("trial"), 1)
    assert play.played == [(first, batch) for batch in range(20) for first in firsts]


def test_curves_take_turns_on_an_executor_too(fake):
    class Watching(ThreadPoolExecutor):
        """Keeps the order in which batches are handed in."""

        def submit(self, function, /, name, spec, batch, backend):
            handed.append((spec.seed, batch))
            return super().submit(function, name, spec, batch, backend)

    fake(lambda budget: 1.0)
    handed = []
    ladders = [Ladder(replace(FIRST, seed=seed), 0.7, 20) for seed in (0, 1)]
    with Watching(1) as pool:
        collect(ladders, decisions("trial"), 2500, executor=pool)
    assert handed == [(seed, batch) for batch in range(25) for seed in (0, 1)]


def test_what_is_left_of_the_curves_takes_turns(fake):
    play = fake(lambda budget: 1.0)
    counts, other = decisions("trial"), replace(FIRST, seed=1)
    for batch in range(10):
        counts.append(play("trial", FIRST, batch))
    play.played.clear()
    collect([Ladder(FIRST, 0.7, 20), Ladder(other, 0.7, 20)], counts, 1)
    assert play.played[:10] == [(other, batch) for batch in range(10)]
    assert play.played[10:] == [(spec, b) for b in range(10, 20) for spec in (FIRST, other)]


def test_higher_rungs_of_several_curves_take_turns_too(fake):
    play = fake(lambda budget: 0.6 if budget == 20 else 1.0)
    other = replace(FIRST, seed=1)
    collect([Ladder(FIRST, 0.7, 80), Ladder(other, 0.7, 80)], decisions("trial"), 1)
    assert len(play.played) == 80
    second = [(spec.seed, batch) for spec, batch in play.played if spec.budget == 80]
    assert second == [(seed, batch) for batch in range(20) for seed in (0, 1)]


# Resuming, order and progress.


def test_order_of_completion_does_not_change_the_rows(fake):
    def seconds(spec, batch):
        return random.Random(f"{spec} {batch}").uniform(0, 0.004)

    fake(climbing)
    ladders = [Ladder(replace(FIRST, seed=seed), 0.7, 2**20) for seed in (0, 1)]
    serial = decisions("trial")
    collect(ladders, serial, 1)
    play = fake(climbing, seconds=seconds)
    threaded = decisions("trial")
    with ThreadPoolExecutor(6) as pool:
        collect(ladders, threaded, 1, executor=pool)
    assert list(threaded) != list(serial)  # they did come in another order
    assert set(threaded) == set(serial)
    assert len(play.played) == len(set(play.played))


def test_present_batches_are_not_played_again(fake):
    play = fake(climbing)
    counts = decisions("trial")
    collect([Ladder(FIRST, 0.7, 80)], counts, 1)
    play.played.clear()
    collect([Ladder(FIRST, 0.7, 80)], counts, 1)
    assert play.played == []


def test_only_missing_batches_are_played(fake):
    play = fake(climbing)
    counts = decisions("trial")
    for batch in (0, 3, 4, 19):
        counts.append(play("trial", FIRST, batch))
    play.played.clear()
    collect([Ladder(FIRST, 0.7, 20)], counts, 1)
    assert [b for _, b in play.played] == [b for b in range(20) if b not in (0, 3, 4, 19)]


def test_rows_of_a_batch_that_is_not_whole_are_played_again(fake):
    play = fake(climbing)
    counts = decisions("trial")
    counts.append(play("trial", FIRST, 5)[:-1])
    play.played.clear()
    collect([Ladder(FIRST, 0.7, 20)], counts, 1)
    assert (FIRST, 5) in play.played


def test_more_trials_later_keep_the_first_ones(fake):
    play = fake(climbing)
    counts = decisions("trial")
    collect([Ladder(FIRST, 0.7, 80)], counts, 2000)
    before = list(counts)
    play.played.clear()
    collect([Ladder(FIRST, 0.7, 80)], counts, 3000)
    assert list(counts)[: len(before)] == before
    assert {b for _, b in play.played} == set(range(20, 30))


def test_report_tells_of_every_batch_and_ends_when_all_are_done(fake):
    play = fake(climbing)
    seen = []
    collect([Ladder(FIRST, 0.7, 80)], decisions("trial"), 1, report=seen.append)
    assert [progress.done for progress in seen] == list(range(1, 41))
    assert [progress.known for progress in seen] == 19 * [20] + 21 * [40]
    assert [progress.spec for progress in seen] == [spec for spec, _ in play.played]


def test_report_counts_batches_that_were_there(fake):
    play = fake(climbing)
    counts = decisions("trial")
    for batch in range(15):
        counts.append(play("trial", FIRST, batch))
    seen = []
    collect([Ladder(FIRST, 0.7, 20)], counts, 1, report=seen.append)
    assert [progress.done for progress in seen] == list(range(16, 21))


def test_error_of_a_batch_cancels_those_that_wait():
    class Waiting(Executor):
        """Fails on its first task and leaves all others waiting."""

        def __init__(self):
            self.futures = []

        def submit(self, function, /, *args, **kwargs):
            future = Future()
            if not self.futures:
                future.set_exception(ValueError("cannot be played"))
            self.futures.append(future)
            return future

    executor = Waiting()
    with pytest.raises(ValueError, match="cannot be played"):
        collect([Ladder(FIRST, 0.7, 20)], decisions("trial"), 1, executor=executor)
    assert all(future.cancelled() for future in executor.futures[1:])
    assert len(executor.futures) == 20


# Real batches.

SMALL = Spec("observables:alpha=0.9,game=two", "bell", 2, "qsim", 8, 5, 0)
LADDERS = [
    Ladder(SMALL, 0.9, 128),
    Ladder(replace(SMALL, protocol="mutually_unbiased:times=3"), 0.7, 32),
    Ladder(replace(SMALL, protocol="local_pauli", backend="law"), 0.7, 32),
]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    path = tmp_path_factory.mktemp("unbroken") / "trial.csv"
    return run_on(path)


def run_on(path, **options):
    """Collects on a file and returns the set of rows and the bytes of the summary."""
    counts = decisions("trial", path)
    counts.open()
    try:
        collect(LADDERS, counts, 1, **options)
    finally:
        counts.close()
    on_disk = decisions("trial", path)
    write_summary(summarise(on_disk, lambda key: [0.7, 0.9]), path.with_suffix(".summary"))
    return set(on_disk), path.with_suffix(".summary").read_bytes()


def test_two_processes_give_the_rows_of_one(unbroken, tmp_path):
    with process_pool(2) as pool:
        assert run_on(tmp_path / "trial.csv", executor=pool) == unbroken


@pytest.mark.parametrize("batches", [1, 13, 20, 45])
def test_interrupted_run_goes_on_to_the_same_rows_and_summary(unbroken, tmp_path, batches):
    path = tmp_path / "trial.csv"
    left = [None] * batches

    def interrupt(progress):
        left.pop()
        if not left:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_on(path, report=interrupt)
    kept = list(decisions("trial", path))
    assert len({(row.spec.id, row.batch) for row in kept}) == batches
    assert set(kept) < unbroken[0]
    assert run_on(path) == unbroken


def test_run_killed_within_a_row_goes_on_to_the_same_rows_and_summary(unbroken, tmp_path):
    path = tmp_path / "trial.csv"
    run_on(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert run_on(path) == unbroken


@pytest.mark.parametrize(
    ("target", "accuracy", "rungs"),
    [
        (0.7, 0.75, [20]),
        (0.7, 0.74, [20, 80]),
        (0.9, 0.95, [20]),
        (0.9, 0.94, [20, 80]),
        (0.95, 0.98, [20]),
        (0.95, 0.97, [20, 80]),
        (0.99, 1.0, [20]),
    ],
)
def test_a_high_target_is_reached_half_way_to_certainty(fake, target, accuracy, rungs):
    """Target plus margin can be more than 1, which no rung reaches."""
    fake(lambda budget: accuracy)
    counts = decisions("trial")
    collect([Ladder(FIRST, target, 100)], counts, 2000)
    assert budgets(counts) == rungs
