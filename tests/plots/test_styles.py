import numpy as np
import pytest
from matplotlib.colors import to_rgb

from quantum_advantage import plots
from quantum_advantage.core.usage import UsageError
from quantum_advantage.plots import styles
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.principal_component import PrincipalComponent
from quantum_advantage.tasks.purity import Purity
from quantum_advantage.tasks.registry import load_task, task_names
from quantum_advantage.tasks.time_reversal import TimeReversal

PROTOCOLS = Observables("observables").protocols


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_has_a_style_and_an_explanation(protocol):
    assert plots.style_of(protocol).label
    assert PROTOCOLS[protocol].about.strip()


OTHERS = [
    Purity("purity"),
    PrincipalComponent("principal_component"),
    TimeReversal("time_reversal"),
]


@pytest.mark.parametrize("task", OTHERS)
def test_every_protocol_of_the_other_tasks_has_a_style_and_an_explanation(task):
    for protocol in task.protocols:
        assert plots.style_of(protocol).label
        assert task.explain(protocol, 4).strip()


def test_nothing_else_has_a_style_or_an_explanation():
    known = {name for task in task_names() for name in load_task(task).protocols}
    assert set(plots.STYLES) == known


@pytest.mark.parametrize("trait", ["label", "colour", "marker"])
def test_no_two_protocols_share_a_label_a_colour_or_a_marker(trait):
    values = [getattr(style, trait) for style in plots.STYLES.values()]
    assert len(set(values)) == len(plots.STYLES)


def test_no_two_colours_are_close():
    colours = np.array([to_rgb(style.colour) for style in plots.STYLES.values()])
    distance = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    assert distance[~np.eye(len(colours), dtype=bool)].min() > 0.1


def test_style_does_not_depend_on_the_options():
    assert plots.style_of("memory:qubits=3") == plots.style_of("memory")


# Styles of other packages.


@pytest.fixture
def none_added(monkeypatch):
    monkeypatch.setattr(styles, "_ADDED", {})


def test_protocol_without_a_style_is_drawn_in_a_neutral_one(none_added):
    found = plots.style_of("somebodys_own:times=3")
    assert found == plots.Style("somebodys own", plots.palette.NEUTRAL, "o")
    assert found.colour not in {style.colour for style in plots.STYLES.values()}


def test_added_style_is_found_whatever_the_options(none_added):
    own = plots.Style("mine", "#336699", (5, 1, 0))
    plots.add_style("somebodys_own", own)
    assert plots.style_of("somebodys_own:times=3") == own
    plots.add_style("somebodys_own:times=2", own)  # The same again changes nothing.


@pytest.mark.parametrize("name", ["bell", "bell:times=2", "somebodys_own"])
def test_a_style_is_never_replaced(none_added, name):
    plots.add_style("somebodys_own", plots.Style("mine", "#336699", "o"))
    before = plots.style_of(name)
    with pytest.raises(UsageError, match=r"has a style already; give yours another name"):
        plots.add_style(name, plots.Style("other", "#336699", "o"))
    assert plots.style_of(name) == before
