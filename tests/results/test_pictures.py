"""Pictures of results: what is drawn, and what has no picture."""

from dataclasses import replace

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from plot_examples import CURVE, point

from quantum_advantage import plots
from quantum_advantage.certify.certificate import certify
from quantum_advantage.certify.methods import Fixed
from quantum_advantage.certify.played import Played
from quantum_advantage.core.usage import UsageError
from quantum_advantage.experiment.declaration import AccuracyData
from quantum_advantage.plan.plan import plan
from quantum_advantage.results.pictures import plot
from quantum_advantage.study.spec import CurveSpec

KEY = CurveSpec("observables:alpha=0.9,game=two", "bell", 10, "qsim", 10, 0)
CERTIFICATE = certify(Played("trial", KEY, 2, 2, (8,) * 20, 10, "0" * 64, (2,)), Fixed())


@pytest.fixture(autouse=True)
def closed():
    # Other tests may have left figures open.
    plt.close("all")
    yield
    plt.close("all")


def test_what_run_returns_is_drawn_as_its_points():
    ax = plot(AccuracyData([point(), point(qubits=4)], [CURVE]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("number of qubits $n$", "copies")
    assert ax.lines[0].get_xdata().tolist() == [2, 4]


def test_one_result_or_a_list_of_them_is_drawn():
    for result in (point(), [point()], (point(),)):
        assert plot(result).lines[0].get_xdata().tolist() == [2]
    assert plot(CURVE).get_xlabel() == "copies"


def test_given_axes_are_drawn_on_and_returned():
    (ax,) = plots.new_figure(3, 2).axes
    assert plot(point(), ax) is ax
    assert not plt.get_fignums()


@pytest.mark.parametrize("projection", [None, "polar", "3d"])
def test_what_are_no_straight_axes_is_refused(projection):
    figure = plots.new_figure(3, 2)
    ax = figure if projection is None else figure.add_subplot(projection=projection)
    for other in (ax, "axes", 3, [figure.axes[0]]):
        with pytest.raises(UsageError, match=r"^ax must be matplotlib axes"):
            plot(point(), other)


def test_new_axes_have_the_projects_look_and_leave_the_users_alone():
    before = plt.rcParams["font.size"]
    ax = plot(point())
    assert ax.xaxis.label.get_size() == plots.RC["axes.labelsize"]
    assert plt.rcParams["font.size"] == before


def test_a_notebook_that_begins_to_show_figures_goes_on():
    before = matplotlib.is_interactive()
    try:
        matplotlib.interactive(False)
        with plots.in_style():
            matplotlib.interactive(True)
        assert matplotlib.is_interactive()
    finally:
        matplotlib.interactive(before)


def test_certificates_and_plans_are_drawn():
    assert "certified at 99 %: bell" in plot(CERTIFICATE).get_title(loc="left")
    ax = plot([plan("observables", "qsim:readout=0.02", n, whole=False) for n in (4, 6)])
    assert ax.lines[0].get_xdata().tolist() == [4, 6]


@pytest.mark.parametrize(
    "result",
    [
        None,
        3,
        "bell",
        [],
        [point(), CURVE],
        np.zeros(3),
        [CERTIFICATE, replace(CERTIFICATE, seed=1)],
    ],
    ids=["nothing", "number", "text", "empty", "mixed", "array", "two certificates"],
)
def test_what_has_no_picture_is_refused_before_a_figure_is_made(result):
    with pytest.raises(UsageError, match=r"^result must be"):
        plot(result)
    assert not plt.get_fignums()
