import subprocess
import sys
import time

import numpy as np
import pytest
from speed import timing
from speed.timing import Times, measured, median_interval, summary
from toy_workloads import prepared


class Clock:
    """A clock that only the work moves on."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def __call__(self):
        return self.now

    def takes(self, name, seconds):
        def call():
            self.calls.append(name)
            self.now += seconds(self.now) if callable(seconds) else seconds
            return name

        return call


def test_rounds_are_work_other_other_work_after_a_warm_up():
    clock = Clock()
    both = prepared(clock.takes("A", 2.0), clock.takes("B", 1.0))
    times = measured(both, rounds=2, seconds=1.0, clock=clock)
    assert "".join(clock.calls) == "AB" + "ABBA" * 2
    assert times.first == 2
    assert times.ratios == [2, 2]


def test_rounds_go_on_until_the_time_has_passed():
    clock = Clock()
    both = prepared(clock.takes("A", 2.0), clock.takes("B", 1.0))
    assert len(measured(both, rounds=1, seconds=13.0, clock=clock).ratios) == 3


def test_fast_work_ends_at_the_most_rounds():
    clock = Clock()
    both = prepared(clock.takes("A", 0.0), clock.takes("B", 1e-9))
    assert len(measured(both, 1, 10.0, clock=clock).ratios) == timing.MOST_ROUNDS


def test_the_first_call_is_told_and_does_not_count():
    clock = Clock()
    slow_once = iter([60.0])
    both = prepared(
        clock.takes("A", lambda now: next(slow_once, 2.0)), clock.takes("B", lambda now: 1.0)
    )
    times = measured(both, 2, 1.0, clock=clock)
    assert times.first == 60
    assert times.ratios == [2, 2]


def test_the_result_is_that_of_the_first_call():
    seen = []
    results = iter(range(100))
    measured(prepared(lambda: next(results), lambda: 0), 3, 1e-9, seen.append)
    assert seen == [0]


def test_a_linear_drift_counts_the_same_on_both_sides():
    # A machine whose every call takes longer than the one before, by the same time.
    clock = Clock()
    count = iter(range(1000))

    def slower(now):
        return 1 + 0.1 * next(count)

    both = prepared(clock.takes("A", slower), clock.takes("B", slower))
    assert measured(both, 5, 1.0, clock=clock).ratios == pytest.approx([1] * 5)


def test_seconds_are_for_a_unit_without_what_does_not_count():
    clock = Clock()
    less = clock.takes("-", 4.0)
    both = prepared(clock.takes("A", 24.0), clock.takes("B", 1.0), units=10, less=less)
    times = measured(both, 1, 1e-9, clock=clock)
    assert times.work == (2, 2)
    assert "".join(clock.calls) == "AB" + "A-BBA-"


def test_processor_time_counts_work_here_and_in_children_and_no_waiting():
    clock, sha = timing.CLOCKS["processor"], "import hashlib; hashlib.sha256(bytes(2 * 10**8))"
    start = clock()
    time.sleep(0.2)
    waited = clock() - start
    subprocess.run([sys.executable, "-c", sha], check=True)
    assert waited < 0.05 < clock() - start - waited


@pytest.mark.parametrize(("count", "dropped"), [(6, 0), (8, 0), (9, 1), (20, 5)])
def test_intervals_of_the_median_have_the_ranks_of_the_sign_test(count, dropped):
    values = np.random.default_rng(count).permutation(count).tolist()
    assert median_interval(values) == (dropped, count - 1 - dropped)


def test_intervals_hold_the_median_as_often_as_they_say():
    rng = np.random.default_rng(1)
    trials, count = 2000, 15
    ends = np.array([median_interval(row) for row in rng.exponential(size=(trials, count))])
    held = ((ends[:, 0] <= np.log(2)) & (np.log(2) <= ends[:, 1])).mean()
    # Exactly 1 - 2 P(Binomial(15, 1/2) <= 3) = 0.965.
    assert held == pytest.approx(0.965, abs=4 * np.sqrt(0.965 * 0.035 / trials))


def test_the_noise_covers_what_differs_between_processes():
    one = Times(5.0, work=(2.0, 2.0) * 9, other=(1.0, 1.0) * 9)
    two = Times(7.0, work=(3.0, 3.0) * 9, other=(1.0, 1.0) * 9)
    found = summary([one, two])
    assert (found.low, found.ratio, found.high) == (2, 2.5, 3)
    assert (found.seconds, found.other) == (2.5, 1)


def test_the_noise_of_few_rounds_is_that_of_single_calls():
    # Two rounds whose ratios agree by chance say little: the calls differ by a third.
    times = Times(5.0, work=(3.0, 4.0, 4.0, 3.0), other=(1.0, 1.25, 1.25, 1.0))
    assert times.ratios == pytest.approx([28 / 9, 28 / 9])
    assert times.interval == pytest.approx((2.4, 4))


def test_one_bad_round_moves_neither_median_nor_noise():
    work = [2.0] * 18
    work[4] = 500.0
    found = summary([Times(1.0, tuple(work), (1.0,) * 18)])
    assert (found.low, found.ratio, found.high) == (2, 2, 2)
