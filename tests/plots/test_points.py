import pytest
from plot_examples import point

from quantum_advantage import plots


def axes_with(*arguments, **options):
    (ax,) = plots.new_figure(3, 2).axes
    plots.plot_points(ax, *arguments, **options)
    return ax


def markers_of(ax):
    return [bars.lines[0] for bars in ax.containers]


@pytest.mark.parametrize(("source", "face"), [("circuit", "#d1432b"), ("law", "white")])
def test_circuit_points_are_filled_and_law_points_hollow(source, face):
    (marker,) = markers_of(axes_with([point(source=source)], [2]))
    assert marker.get_markerfacecolor() == face


def test_point_is_drawn_at_its_copies_with_its_interval():
    ax = axes_with([point(copies=4.0, low=3.5, high=4.5)], [3])
    (marker,) = markers_of(ax)
    assert marker.get_xydata().tolist() == [[3, 4]]
    (segment,) = ax.containers[0].lines[2][0].get_segments()
    assert segment.tolist() == [[3, 3.5], [3, 4.5]]


def test_missed_point_is_an_arrow_up_from_the_budget():
    ax = axes_with([point(copies=None, low=20.0, high=None)], [2])
    assert markers_of(ax) == []
    (arrow,) = ax.texts
    assert arrow.xy == (2, 40)
    assert arrow.xyann == (2, 20)


def test_point_without_an_interval_is_drawn_without_one():
    ax = axes_with([point(low=None, high=None)], [2])
    (segment,) = ax.containers[0].lines[2][0].get_segments()
    assert segment.tolist() == [[2, 2], [2, 2]]


def test_no_point_is_drawn_below_one_shot():
    # Two copies a shot; the interpolated copies stay above it.
    ax = axes_with([point(copies=1.4, low=1.1, high=2.6), point(qubits=4, copies=2.3, low=2.1)])
    assert [marker.get_ydata().tolist() for marker in markers_of(ax)] == [[2], [2.3]]
    assert ax.lines[0].get_ydata().tolist() == [2, 2.3]
    (segment,) = ax.containers[0].lines[2][0].get_segments()
    assert segment.tolist() == [[2, 2], [2, 2.6]]
    single = axes_with([point("local_pauli", copies=1.4, low=1.1, high=2.6)])
    assert markers_of(single)[0].get_ydata().tolist() == [1.4]


def test_what_was_never_reached_is_an_arrow_in_the_legend_too():
    ax = axes_with([point(copies=None, low=20.0, high=None)])
    (entry,), _ = ax.get_legend_handles_labels()
    assert entry.get_linestyle() == "None"
    assert "arrow" in entry.get_marker()


def test_nothing_is_drawn_for_no_points():
    ax = axes_with([], [])
    assert not ax.lines
    assert not ax.containers


def test_points_of_a_protocol_come_in_order_of_qubits_with_circuits_first():
    points = [
        point(qubits=4),
        point("memory:qubits=1"),
        point(qubits=2, source="law"),
        point(qubits=2),
        point(qubits=2, target=0.9),
    ]
    chosen = plots.of_protocol(points, "bell", target=0.7)
    assert [(p.spec.qubits, p.spec.source) for p in chosen] == [
        (2, "circuit"),
        (2, "law"),
        (4, "circuit"),
    ]
    assert plots.of_protocol(points, "memory") == [points[1]]
    assert len(plots.of_protocol(points, "bell")) == 4


def test_points_stand_at_their_numbers_of_qubits_by_default():
    ax = axes_with([point(qubits=4), point(qubits=7, copies=None, low=20.0, high=None)])
    (marker,) = markers_of(ax)
    assert marker.get_xydata().tolist() == [[4, 2]]
    assert ax.texts[0].xyann == (7, 20)
