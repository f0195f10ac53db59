import pytest
from speed import figure
from speed.workload import Against
from toy_workloads import MACHINE, record, result, workload

TOYS = {"toy": workload(), "other": workload("other", against=Against.PEER)}


def test_changes_are_ratios_to_the_last_record():
    history = [
        record({"toy": result(3.0, 2.0, 4.0)}),
        record({"other": result()}),
        record({"toy": result(5.0, inputs="others")}),
        record({"toy": result(2.0, 1.9, 2.2)}),
    ]
    first, absent, other_inputs, last = figure.changes_of(TOYS["toy"], history)
    assert first == (1, 1.5, 2)
    assert absent is None
    assert other_inputs is None
    assert last == pytest.approx((0.95, 1, 1.1))


def test_records_of_other_machines_and_unknown_workloads_are_not_drawn():
    foreign = record(machine=MACHINE | {"cpu": "another"})
    last = record({"toy": result(), "forgotten": result()})
    rows, records = figure.rows_of([foreign, record(), last], TOYS)
    assert [one.name for one in rows] == ["toy"]
    assert records == [record(), last]
    assert len(figure.draw([foreign, last], TOYS).axes) == 1
    assert len(figure.draw([record(), last], TOYS).axes) == 2


def test_ratios_stand_in_the_figure_with_their_noise():
    last = record({"toy": result(2.0, 1.5, 3.0), "other": result(0.1, 0.05, 0.2)})
    (ax,) = figure.draw([last], TOYS).axes
    drawn = {tuple(line.get_xdata()) for line in ax.lines}
    assert {(1.5, 3.0), (2.0,), (0.05, 0.2), (0.1,)} <= drawn
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["toy", "other"]


def test_a_slower_record_stands_higher():
    history = [record({"toy": result(2.2, 2.1, 2.3)}), record({"toy": result(2.0, 1.9, 2.1)})]
    _, ax = figure.draw(history, TOYS).axes
    (line,) = (line for line in ax.lines if line.get_marker() == "o")
    # The axis points down; ten per cent are half a row, and the drawing stays within its row.
    slower, now = line.get_ydata()
    assert slower == pytest.approx(-0.48)
    assert now == 0
