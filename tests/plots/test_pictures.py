from dataclasses import replace

import pytest
from plot_examples import CURVE, point

from quantum_advantage import plots
from quantum_advantage.study.errors import EstimatePoint
from quantum_advantage.study.spec import PointSpec

SPEC = PointSpec("whole_purity", "bell", 4, "qsim")
NUMBERS = (20, 0.81, 0.8, 0.83, 0.82, 0.034, 0.03, 0.037, 0.95)


def axes():
    (ax,) = plots.new_figure(3, 2).axes
    return ax


def labels(ax):
    return ax.get_legend_handles_labels()[1]


def estimate(copies=40, quantity="purity:first=4", **changes):
    return EstimatePoint("trial", replace(SPEC, **changes), quantity, copies, *NUMBERS)


def test_protocols_are_named_once_and_their_points_joined_in_order():
    ax = axes()
    plots.draw_points(ax, [point(qubits=4), point(qubits=2), point("local_pauli")])
    assert labels(ax) == ["Bell measurement, two copies", "random Pauli bases"]
    assert ax.lines[0].get_xdata().tolist() == [2, 4]


def test_targets_tasks_and_noisy_places_are_told_where_they_differ():
    ax, one = axes(), point()
    noisy = replace(one, spec=replace(one.spec, backend="stim:readout=0.02"))
    exact = point(source="law", qubits=4)
    plots.draw_points(ax, [one, exact, point(target=0.9), noisy])
    assert labels(ax) == [
        "Bell measurement, two copies, to 70 %",
        "Bell measurement, two copies, to 90 %",
        "Bell measurement, two copies, qsim:readout=0.02, to 70 %",
        "circuits",
        "exact law",
    ]


def test_series_of_one_protocol_have_lines_of_their_own():
    ax = axes()
    plots.draw_points(ax, [point(), point(target=0.9), point("local_pauli")])
    shown = {line.get_label(): line.get_linestyle() for line in ax.lines}
    assert shown["Bell measurement, two copies, to 90 %"] == "--"
    assert shown["random Pauli bases, to 70 %"] == "-"


def test_options_count_only_where_a_protocol_has_several_at_one_size():
    ax = axes()
    plots.draw_points(ax, [point("memory:qubits=1"), point("memory:qubits=2")])
    assert [label.rpartition(", ")[2] for label in labels(ax)] == ["qubits=1", "qubits=2"]
    ax = axes()
    growing = [point("mutually_unbiased:times=3"), point("mutually_unbiased:times=5", qubits=4)]
    plots.draw_points(ax, growing)
    assert labels(ax) == ["unbiased bases, random subset"]


def test_bounds_are_drawn_and_named_once():
    ax = axes()
    points = [replace(point("local_pauli", n), bound=float(n)) for n in (4, 2)]
    plots.draw_points(ax, [*points, replace(points[0], target=0.9, bound=9.0)])
    bounds = [line for line in ax.lines if line.get_color() == plots.palette.BOUND]
    assert [line.get_ydata().tolist() for line in bounds] == [[2.0, 4.0], [9.0]]
    assert labels(ax).count("bound without quantum memory") == 1


def test_a_target_that_was_missed_is_within_the_limits():
    ax = axes()
    plots.draw_points(ax, [point(copies=None, low=5000.0, high=None)])
    low, high = ax.get_ylim()
    assert low < 5000 < high * 2


def test_estimates_are_drawn_against_copies_or_else_against_qubits():
    ax = axes()
    plots.draw_estimates(ax, [estimate(80), estimate(40), estimate(40, qubits=2)])
    assert (ax.get_xlabel(), ax.get_xscale()) == ("copies", "log")
    assert ax.lines[0].get_xdata().tolist() == [40, 80]
    assert labels(ax) == [f"Bell measurement, two copies, $n$ = {n}" for n in (4, 2)]
    ax = axes()
    plots.draw_estimates(ax, [estimate(), estimate(quantity="purity:first=2", qubits=2)])
    assert ax.get_xlabel() == "number of qubits $n$"
    assert ax.lines[0].get_xdata().tolist() == [2, 4]


def test_curves_are_named_by_their_size_where_they_differ():
    ax, other = axes(), replace(CURVE, key=replace(CURVE.key, qubits=4))
    plots.draw_curves(ax, [CURVE, other])
    assert labels(ax) == [f"random Pauli bases, $n$ = {n}" for n in (2, 4)]


@pytest.mark.parametrize("draw", [plots.draw_points, plots.draw_estimates])
def test_one_point_makes_a_picture(draw):
    ax = axes()
    draw(ax, [point() if draw is plots.draw_points else estimate()])
    assert ax.get_yscale() == "log"
