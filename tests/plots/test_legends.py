import pytest
from plot_examples import point

from quantum_advantage import plots


def test_a_legend_needs_something_to_name():
    (ax,) = plots.new_figure(3, 3).axes
    plots.add_legend(ax, loc="upper left")
    assert ax.get_legend() is None
    ax.plot([1, 2], [1, 2], label="a line")
    plots.add_legend(ax, loc="upper left")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a line"]


@pytest.mark.parametrize(
    ("sources", "labels"),
    [
        (["circuit"], []),
        (["law", "law"], []),
        (["law", "circuit"], ["circuits", "exact law"]),
        ([], []),
    ],
)
def test_legend_tells_sources_apart_where_there_are_two(sources, labels):
    (ax,) = plots.new_figure(3, 3).axes
    plots.legend_marks(ax, [point(source=source) for source in sources])
    assert ax.get_legend_handles_labels()[1] == labels
    faces = {line.get_label(): line.get_markerfacecolor() for line in ax.lines}
    assert faces.get("exact law", "white") == "white" != faces.get("circuits")


def test_a_label_comes_once_and_none_stays_for_the_protocols_own():
    labelled = set()
    found = [plots.label_once(labelled, name) for name in ("bell", "memory", "bell")]
    assert found == [None, None, "_"]
    assert labelled == {"bell", "memory"}
