"""The committed figures as they are drawn: nothing lies on anything else, and words can be read."""

import importlib.util
import shutil
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text

from quantum_advantage import plots
from quantum_advantage.experiment.runner import run_script

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "experiments").glob("*.py"))
LEAST_POINTS = 6  # of a font
PAGE = 7.2  # inches; two columns of a journal
# Legends of two panels touch what is drawn there.
CROWDED = {"dynamics_on_processors"}


def drawn(script, tmp_path, monkeypatch):
    """Returns the committed figures of a script, by name, laid out."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "data").mkdir()
    for path in (ROOT / "figures" / "data").glob(f"{script.stem}.*"):
        shutil.copy(path, tmp_path / "data")
    figures = {}

    def render(draw, stem):
        with plots.in_style():
            figures[stem.name] = draw()
            # Lays it out.
            figures[stem.name].draw_without_rendering()

    monkeypatch.setattr("quantum_advantage.plots.render", render)
    assert run_script(module.EXPERIMENT, module.draw, ["--draw", "--out", str(tmp_path)]) == 0
    return figures


def markers_of(ax):
    """Returns the places of all markers of a panel in pixels, (markers, 2)."""
    places = [np.empty((0, 2))]
    for line in ax.lines:
        marked = line.get_markevery()
        if line.get_marker() not in ("None", None, "", " ") and marked != []:
            points = line.get_xydata()[slice(None) if marked is None else marked]
            places.append(line.get_transform().transform(np.asarray(points, dtype=float)))
    return np.concatenate(places)


def overlaps(figure):
    """Returns what lies on something else, with its panel: words and legends, markers."""
    found = []
    for ax in figure.axes:
        words = [(text.get_text(), text.get_window_extent()) for text in ax.texts]
        words = [(text, box) for text, box in words if text.strip()]
        legends = ax.findobj(Legend)
        named = [(t.get_text(), t.get_window_extent()) for one in legends for t in one.get_texts()]
        marks = [
            (f"mark of {handle.get_label()}", handle.get_window_extent())
            for one in legends
            for handle in one.legend_handles
            if isinstance(handle, Line2D)
        ]
        panel = ax.get_title(loc="left")
        markers = markers_of(ax)
        for text, box in (*words, *named, *marks):
            if any(box.contains(*place) for place in markers):
                found.append((panel, text, "a marker"))
        pairs = (*combinations(words, 2), *product(words, named + marks))
        found += [(panel, one, other) for (one, a), (other, b) in pairs if a.overlaps(b)]
    return found


def smallest_font(figure):
    """Returns the size in points of the smallest words, in a figure as wide as a page."""
    fonts = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text().strip()]
    return min(fonts) * min(1, PAGE / figure.get_size_inches()[0])


def test_words_on_markers_and_on_words_are_found():
    figure = plots.new_figure(3, 3)
    (ax,) = figure.axes
    ax.plot([0, 1], [0, 1], "o", label="two points")
    ax.annotate("free", (0.5, 0.2))
    ax.legend(loc="lower right")
    figure.draw_without_rendering()
    assert overlaps(figure) == []
    ax.annotate("on it", (1, 1), (-3, -3), textcoords="offset points")
    ax.annotate("on free", (0.52, 0.21))
    assert [others[1:] for others in overlaps(figure)] == [
        ("on it", "a marker"),
        ("free", "on free"),
    ]
    ax.legend(loc="upper right")
    figure.draw_without_rendering()
    # Its words, which reach to the corner, where the second point is.
    assert any("two points" in others for others in overlaps(figure))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_nothing_in_a_committed_figure_lies_on_anything_else(script, tmp_path, monkeypatch):
    for name, figure in drawn(script, tmp_path, monkeypatch).items():
        assert smallest_font(figure) >= LEAST_POINTS, name
        if script.stem not in CROWDED:
            assert overlaps(figure) == [], name
        # Nothing is cut off at the edges.
        (left, low), (right, high) = figure.get_tightbbox().get_points()
        width, height = figure.get_size_inches()
        assert 0 <= left < right <= width, name
        assert 0 <= low < high <= height, name
