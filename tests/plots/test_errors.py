from dataclasses import replace

from quantum_advantage import plots
from quantum_advantage.study.errors import EstimatePoint
from quantum_advantage.study.spec import PointSpec

SPEC = PointSpec("whole_purity", "bell", 4, "qsim")
NUMBERS = (40, 20, 0.81, 0.8, 0.83, 0.82, 0.034, 0.03, 0.037, 0.95)
POINT = EstimatePoint("trial", SPEC, "purity:first=4", *NUMBERS)


def drawn(points):
    (ax,) = plots.new_figure(3, 2).axes
    plots.plot_errors(ax, points, [p.copies for p in points])
    return ax


def test_errors_are_drawn_with_their_intervals():
    ax = drawn([POINT, replace(POINT, copies=80, rmse=0.02, rmse_low=None)])
    line, interval = ax.lines
    assert line.get_xydata().tolist() == [[40, 0.034], [80, 0.02]]
    assert interval.get_xydata().tolist() == [[40, 0.03], [40, 0.037]]
    assert not ax.texts


def test_an_error_of_zero_is_an_arrow_from_the_lower_edge():
    ax = drawn([POINT, replace(POINT, copies=80, rmse=plots.NO_ERROR)])
    assert ax.lines[0].get_xydata().tolist() == [[40, 0.034]]
    (arrow,) = ax.texts
    assert (arrow.xy, arrow.xyann) == ((80, 0.0), (80, 0.09))


def test_nothing_is_drawn_for_no_points():
    assert not drawn([]).lines


def test_errors_stand_at_their_numbers_of_qubits_by_default():
    (ax,) = plots.new_figure(3, 2).axes
    plots.plot_errors(ax, [POINT, replace(POINT, spec=replace(SPEC, qubits=6))])
    assert ax.lines[0].get_xdata().tolist() == [4, 6]


def test_exact_errors_of_purities_are_those_of_signs():
    points = [replace(POINT, copies=200, truth=0.6), replace(POINT, copies=200, truth=1.0)]
    assert plots.bell_errors(points) == [0.08, 0.0]
