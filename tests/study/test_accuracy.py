import math
import random
from dataclasses import replace

import numpy as np
import pytest

from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.core.statistics import interval
from quantum_advantage.study.accuracy import (
    SUMMARY_COLUMNS,
    AccuracyCurve,
    Point,
    accuracy_curves,
    exponents,
    read_summary,
    sample_complexity,
    summarise,
    write_summary,
)
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.rows import DecisionRow
from quantum_advantage.study.spec import CurveSpec, PointSpec, Spec
from quantum_advantage.tasks.shared.prefixes import shots_played

SPEC = Spec("observables:alpha=0.9,game=two", "local_pauli", 2, "qsim", 20, 100, 0)
KEY = CurveSpec(SPEC.task, SPEC.protocol, 2, "qsim", 100, 0)
POINT = Point("trial", SPEC.point, 0.7, 12.25, 11.5, 13.125, 2000, 1.75)
FULL = [1, 2, 3, 5, 7, 10, 14, 20]


def batch_rows(batch, correct, spec=SPEC):
    """The rows of a batch with so many right answers after so many copies."""
    return [
        DecisionRow.of("trial", spec, batch, shots, shots, correct(shots))
        for shots in shots_played(spec.budget, 1)
    ]


def counts_of(*batches):
    counts = decisions("trial")
    for rows in batches:
        counts.append(rows)
    return counts


def rising(copies):
    """Two right answers more for every copy: 70 % after 10 copies."""
    return min(50 + 2 * copies, 100)


def summary_of(counts, target=0.7):
    (point,) = summarise(counts, lambda key: [target])
    return point


# Curves.


def test_curve_adds_up_the_batches():
    (curve,) = accuracy_curves(counts_of(*(batch_rows(b, rising) for b in range(20))))
    assert curve.key == KEY
    assert curve.copies.tolist() == FULL
    assert curve.correct.shape == curve.trials.shape == (20, len(FULL))
    np.testing.assert_allclose(curve.accuracy, [rising(c) / 100 for c in FULL], atol=1e-12)


def test_rungs_of_one_ladder_make_one_curve_that_adds_up_shared_points():
    higher = replace(SPEC, budget=40)
    lower = [batch_rows(b, lambda copies: 60) for b in range(20)]
    upper = [batch_rows(b, lambda copies: 80, higher) for b in range(20)]
    (curve,) = accuracy_curves(counts_of(*lower, *upper))
    expected = dict.fromkeys(FULL, 0.6) | dict.fromkeys(shots_played(40, 1), 0.8)
    expected |= dict.fromkeys(set(FULL) & set(shots_played(40, 1)), 0.7)
    assert curve.copies.tolist() == sorted(expected)
    np.testing.assert_allclose(curve.accuracy, [expected[c] for c in sorted(expected)], atol=1e-12)


def test_a_rung_with_fewer_batches_stays_out_of_the_curve():
    higher = replace(SPEC, budget=80)
    rows = [batch_rows(b, rising) for b in range(6)]
    rows += [batch_rows(b, lambda copies: 90, higher) for b in (1, 4, 9)]
    (curve,) = accuracy_curves(counts_of(*rows))
    assert curve.correct.shape[0] == 6
    assert curve.copies[-1] == SPEC.budget


@pytest.mark.parametrize(
    "change",
    [{"protocol": "bell"}, {"qubits": 3}, {"backend": "law"}, {"batch_size": 50}, {"seed": 1}],
)
def test_different_things_make_different_curves(change):
    other = replace(SPEC, **change)
    counts = counts_of(batch_rows(0, lambda c: 20), batch_rows(0, lambda c: 20, other))
    assert len(accuracy_curves(counts)) == 2


def test_curves_come_in_order_of_protocols_and_qubits():
    specs = [
        replace(SPEC, protocol=name, qubits=n) for name in ("local_pauli", "bell") for n in (10, 2)
    ]
    curves = accuracy_curves(counts_of(*(batch_rows(0, rising, spec) for spec in specs)))
    assert [(curve.key.protocol, curve.key.qubits) for curve in curves] == [
        ("bell", 2),
        ("bell", 10),
        ("local_pauli", 2),
        ("local_pauli", 10),
    ]


# Sample complexity.


def test_copies_are_where_the_curve_crosses_the_target():
    curve = AccuracyCurve(KEY, np.array([10, 20]), np.array([[60, 80]] * 20), np.full((20, 2), 100))
    value, samples = sample_complexity(curve, 0.7)
    assert value == pytest.approx(15)
    np.testing.assert_allclose(samples, 15)  # equal batches leave nothing to resample


def test_copies_before_the_first_point_are_read_from_one_half_at_no_copies():
    curve = AccuracyCurve(KEY, np.array([10]), np.array([[90]] * 20), np.full((20, 1), 100))
    assert sample_complexity(curve, 0.7)[0] == pytest.approx(5)


def test_interval_covers_the_truth_as_often_as_it_says():
    # Accuracy 1/2 + copies/100 on 20 batches of 100 games: 70 % at 20 copies.
    rng = np.random.default_rng(5)
    copies = np.array([10, 15, 20, 25, 30])
    trials = np.full((20, copies.size), 100)
    values, ends = [], []
    for _ in range(300):
        correct = rng.binomial(trials, 0.5 + copies / 100)
        value, samples = sample_complexity(AccuracyCurve(KEY, copies, correct, trials), 0.7)
        values.append(value)
        ends.append(interval(samples))
    low, high = np.array(ends).T
    covered = np.mean((low <= 20) & (high >= 20))
    assert abs(covered - 0.95) < 5 * math.sqrt(0.95 * 0.05 / 300)
    # And it is no wider than it must be: the spread of a spread over 300 runs is 4 %.
    assert np.mean(high - low) / (2 * 1.96 * np.std(values)) == pytest.approx(1, abs=0.2)


def test_interval_of_random_counts_holds_the_copies():
    rng = np.random.default_rng(1)
    batches = [
        batch_rows(b, lambda copies: int(rng.binomial(100, rising(copies) / 100)))
        for b in range(20)
    ]
    point = summary_of(counts_of(*batches))
    assert point.copies_low < point.copies < point.copies_high
    assert point.copies_low < 10 < point.copies_high


# Points.


def test_point_says_what_was_played():
    point = summary_of(counts_of(*(batch_rows(b, rising) for b in range(20))))
    assert (point.experiment, point.spec) == ("trial", SPEC.point)
    assert (point.target, point.trials) == (0.7, 2000)
    assert point.copies == pytest.approx(10)


@pytest.mark.parametrize(
    ("protocol", "copies", "whole"),
    [
        ("bell", 0.8, 2),
        ("bell", 2.0, 2),
        ("bell", 2.04, 4),
        ("bell", None, None),
        ("local_pauli", 0.8, 1),
        ("local_pauli", 7.2, 8),
    ],
)
def test_whole_shots_are_at_least_one(protocol, copies, whole):
    spec = PointSpec("observables:alpha=0.9,game=two", protocol, 4, "qsim")
    point = Point("trial", spec, 0.7, copies, None, None, 1000, None)
    assert point.in_whole_shots == whole


def test_bound_is_that_of_protocols_without_memory():
    rows = [batch_rows(b, rising) for b in range(20)]
    assert summary_of(counts_of(*rows)).bound == copies_required(0.7, qubits=2, alpha=0.9)


def test_protocol_with_memory_has_no_bound():
    bell = replace(SPEC, protocol="bell")
    assert summary_of(counts_of(*(batch_rows(b, rising, bell) for b in range(20)))).bound is None


def test_every_target_of_a_curve_is_a_point():
    counts = counts_of(*(batch_rows(b, rising) for b in range(20)))
    points = summarise(counts, lambda key: [0.6, 0.8])
    assert [p.target for p in points] == [0.6, 0.8]
    assert [p.copies for p in points] == pytest.approx([5, 15])


def test_curve_without_a_target_is_no_point():
    counts = counts_of(*(batch_rows(b, rising) for b in range(20)))
    assert summarise(counts, lambda key: []) == []


def test_missed_target_leaves_copies_empty_and_the_budget_as_lower_end():
    point = summary_of(counts_of(*(batch_rows(b, lambda c: 55) for b in range(20))))
    assert (point.copies, point.copies_low, point.copies_high) == (None, 20, None)


def test_narrowly_missed_target_has_the_budget_as_lower_end_as_well():
    rng = np.random.default_rng(1)
    noise = rng.integers(-12, 13, 20)
    noise -= noise.sum() // 20 + 1  # the mean stays just below the target
    batches = [batch_rows(b, lambda c, b=b: min(rising(c), 70) + int(noise[b])) for b in range(20)]
    point = summary_of(counts_of(*batches))
    assert (point.copies, point.copies_low, point.copies_high) == (None, 20, None)


def test_fewer_than_20_batches_give_no_interval():
    point = summary_of(counts_of(*(batch_rows(b, rising) for b in range(19))))
    assert point.copies == pytest.approx(10)
    assert (point.copies_low, point.copies_high) == (None, None)


# Growth with the number of qubits.


def test_size_that_misses_the_target_is_left_out_of_the_exponent():
    def curve(qubits, correct):
        points = np.array([6 * 2**qubits, 12 * 2**qubits])
        key = replace(KEY, qubits=qubits)
        return AccuracyCurve(key, points, np.array([correct] * 20), np.full((20, 2), 100))

    curves = [curve(n, [70, 90]) for n in (2, 4, 6)] + [curve(8, [55, 60])]
    found = {e.protocol: e for e in exponents(curves, lambda key: [0.7])}
    assert found["local_pauli"].qubits == (2, 4, 6)
    assert found["local_pauli"].fit.slope == pytest.approx(1)


# Files.


def test_summary_comes_back_from_its_file(tmp_path):
    missed = replace(POINT, copies=None, copies_low=20.0, copies_high=None, bound=None)
    write_summary([POINT, missed], tmp_path / "trial_summary.csv")
    assert read_summary(tmp_path / "trial_summary.csv") == [POINT, missed]


def test_numbers_in_a_summary_keep_six_digits(tmp_path):
    point = replace(POINT, copies=1234567.891, copies_low=1 / 3, bound=2.0**100)
    write_summary([point], tmp_path / "s.csv")
    (back,) = read_summary(tmp_path / "s.csv")
    for name in ("copies", "copies_low", "bound"):
        assert getattr(back, name) == pytest.approx(getattr(point, name), rel=5e-6)


def test_summary_is_one_header_and_one_line_for_each_point(tmp_path):
    write_summary([POINT, replace(POINT, copies=None)], tmp_path / "s.csv")
    lines = (tmp_path / "s.csv").read_text().splitlines()
    assert lines[0] == ",".join(SUMMARY_COLUMNS)
    assert lines[1] == (
        'trial,"observables:alpha=0.9,game=two",local_pauli,2,qsim,circuit,0.7,12.25,11.5,13.125,'
        "2000,1.75"
    )
    assert lines[2] == lines[1].replace("12.25", "")
    assert len(lines) == 3


def test_new_summary_replaces_the_old_one_and_leaves_nothing_else(tmp_path):
    write_summary([POINT, POINT], tmp_path / "s.csv")
    write_summary([POINT], tmp_path / "s.csv")
    assert read_summary(tmp_path / "s.csv") == [POINT]
    assert [path.name for path in tmp_path.iterdir()] == ["s.csv"]


def test_summary_that_fails_half_way_leaves_the_old_one(tmp_path):
    def failing():
        yield POINT
        raise ValueError("no more")

    write_summary([POINT, POINT], tmp_path / "s.csv")
    before = (tmp_path / "s.csv").read_bytes()
    with pytest.raises(ValueError, match="no more"):
        write_summary(failing(), tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_bytes() == before


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "experiment\n"])
def test_file_of_another_kind_is_refused_by_its_path(tmp_path, content):
    path = tmp_path / "s.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match="not a summary") as caught:
        read_summary(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_cells_that_cannot_be_are_refused_by_their_line(tmp_path):
    path = tmp_path / "s.csv"
    write_summary([POINT], path)
    content = path.read_text()
    for old, new in (
        ("\ntrial", "\n../x"), ("alpha=0.9", "alpha=a/b"), (",2,", ",-2,"), (",circuit,", ",law,"),
        (",0.7,", ",7,"), (",0.7,", ",0.70,"), (",12.25,", ",nan,"), (",12.25,", ",-1,"),
        (",11.5,", ",20,"), (",2000,", ",0,"), (",2000,", ",2_000,"), (",1.75", ",inf"),
        (",1.75", ",1.75,"), (",qsim,", ",q sim,"),
    ):  # fmt: skip
        assert content.count(old) == 1
        path.write_text(content.replace(old, new))
        with pytest.raises(ValueError, match=r"line 2 of .*s.csv"):
            read_summary(path)


def test_order_of_the_rows_does_not_change_a_byte_of_the_summary(tmp_path):
    rng = np.random.default_rng(2)
    rows = [
        batch_rows(b, lambda copies: int(rng.binomial(100, rising(copies) / 100)), spec)
        for spec in (SPEC, replace(SPEC, budget=80), replace(SPEC, protocol="bell"))
        for b in range(20)
    ]
    written = []
    for shuffle in range(3):
        random.Random(shuffle).shuffle(rows)
        write_summary(summarise(counts_of(*rows), lambda key: [0.6, 0.7]), tmp_path / "s.csv")
        written.append((tmp_path / "s.csv").read_bytes())
    assert written[0] == written[1] == written[2]
    assert written[0].count(b"\n") == 5


def test_a_rung_that_has_just_begun_does_not_touch_a_finished_one():
    finished = [row for batch in range(20) for row in play_like(batch, budget=20)]
    begun = [row for batch in range(3) for row in play_like(batch, budget=80)]
    alone, both = decisions("trial"), decisions("trial")
    alone.append(finished)
    both.append(finished + begun)
    assert summarise(both, lambda key: (0.7,)) == summarise(alone, lambda key: (0.7,))


def test_more_trials_of_one_rung_all_count():
    counts = decisions("trial")
    counts.append([row for batch in range(60) for row in play_like(batch, budget=20)])
    counts.append([row for batch in range(20) for row in play_like(batch, budget=80)])
    (curve,) = accuracy_curves(counts)
    assert curve.trials.sum(axis=0)[0] == 60 * 50


def play_like(batch: int, budget: int) -> list[DecisionRow]:
    """Returns the rows of one batch of 50 games whose accuracy grows with the copies."""
    spec = Spec("observables:alpha=0.9,game=two", "bell", 4, "qsim", budget, 50, 0)
    return [
        DecisionRow.of("trial", spec, batch, 2 * shots, shots, min(50, 30 + 3 * shots + batch % 3))
        for shots in shots_played(budget, 2)
    ]


# What people see.


def test_points_and_curves_have_short_texts():
    missed = replace(POINT, copies=None, copies_low=20.0, copies_high=None)
    alone = replace(POINT, copies_low=None, copies_high=None)
    assert repr(POINT) == (
        "Point(local_pauli, n = 2, qsim: 12.25 copies for accuracy 0.7, "
        "95 % interval 11.5 to 13.12)"
    )
    assert repr(missed) == "Point(local_pauli, n = 2, qsim: more than 20 copies for accuracy 0.7)"
    assert repr(alone).endswith("12.25 copies for accuracy 0.7)")
    curve = AccuracyCurve(KEY, np.array([10]), np.array([[90]] * 20), np.full((20, 1), 100))
    assert repr(curve) == "AccuracyCurve(local_pauli, n = 2, qsim: 2000 trials, to 10 copies)"


def test_notebooks_show_a_point_as_a_table_of_its_columns():
    table = POINT._repr_html_()
    assert all(f"<th>{name}</th>" in table for name in SUMMARY_COLUMNS)
    assert "<td>12.25</td>" in table
