import pytest
from speed.comparing import changes, earlier, to_be_told
from toy_workloads import MACHINE, record, result


def changed(now, then=None):
    return changes(record({"toy": now}), [record({"toy": then or result()})])["toy"]


@pytest.mark.parametrize(
    ("now", "dropped"),
    [
        (result(2.3, 2.2, 2.4), True),
        (result(2.3, 2.05, 2.6), False),  # within the noise
        (result(2.19, 2.15, 2.25), False),  # beyond the noise, less than a tenth
        (result(2.0, 1.9, 2.1), False),
        (result(1.5, 1.4, 1.6), False),
    ],
)
def test_a_drop_is_told_beyond_a_tenth_and_beyond_the_noise(now, dropped):
    found = changed(now)
    assert found.dropped is dropped
    assert to_be_told({"toy": found}) is dropped
    assert ("slower by 15%" in (found.sentence() or "")) is dropped


def test_a_gain_is_told_and_fails_no_check():
    found = changed(result(1.5, 1.4, 1.6))
    assert found.sentence() == "toy: faster by 25%, beyond the noise; since 2026-11-29 (abc)"
    assert not to_be_told({"toy": found})


def test_other_results_are_told_and_fail_a_check():
    found = changed(result(results="other"))
    assert found.sentence() == "toy: other results from the same inputs; since 2026-11-29 (abc)"
    assert to_be_told({"toy": found})


def test_nothing_to_tell():
    assert changed(result()).sentence() is None


@pytest.mark.parametrize(
    "past",
    [
        record(machine=MACHINE | {"cpu": "another"}),
        record(machine=MACHINE | {"cores": 64}),
        record(machine=MACHINE | {"numba": None}),
        record({"toy": result(inputs="other")}),
        record({"toy": result(against="peer")}),
        record({"toy": result(clock="processor")}),
        record({"toy": result(unit="ten calls")}),
        record({"another": result()}),
    ],
)
def test_other_machines_inputs_and_questions_are_not_compared(past):
    assert earlier(record(), "toy", [past]) is None
    assert changes(record(), [past]) == {}


def test_another_version_of_cirq_is_compared():
    past = record(machine=MACHINE | {"cirq-core": "1.6", "memory": 4.0})
    assert earlier(record(), "toy", [past]) is past


def test_the_last_comparable_record_counts():
    old, newer = record(commit="old"), record(commit="newer")
    foreign = record(machine=MACHINE | {"cpu": "another"})
    without = record({})
    assert earlier(record(), "toy", [old, newer, foreign, without]) is newer
