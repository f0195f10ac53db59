import numpy as np
import pytest
from matplotlib.colors import to_hex

from quantum_advantage import plots


@pytest.fixture
def ax():
    return plots.new_figure(3, 2).axes[0]


def test_region_below_a_bound_is_shaded_from_the_floor_to_its_edge(ax):
    plots.shade_below(ax, [2, 4, 8], [1, 2, 4], 0.5, "bound")
    (edge,) = ax.lines
    assert edge.get_xydata().tolist() == [[2, 1], [4, 2], [8, 4]]
    assert (edge.get_label(), edge.get_color()) == ("bound", plots.palette.BOUND)
    (region,) = ax.collections
    corners = {tuple(corner) for corner in region.get_paths()[0].vertices}
    assert corners == {(x, y) for x in (2, 4, 8) for y in (0.5, x / 2)}
    assert to_hex(region.get_facecolor()[0]) == plots.palette.BOUND


def test_bound_takes_its_line_and_width(ax):
    plots.draw_bound(ax, np.arange(3), np.arange(3), None, ":", 0.4, alpha=0.5)
    (line,) = ax.lines
    drawn = line.get_linestyle(), line.get_linewidth(), line.get_alpha()
    assert drawn == (":", 0.4, 0.5)


def test_law_lies_behind_the_points_and_a_level_behind_everything(ax):
    plots.draw_law(ax, [1, 2], [0.5, 0.7], "red")
    plots.draw_level(ax, 0.7, ":")
    law, level = ax.lines
    assert law.get_xydata().tolist() == [[1, 0.5], [2, 0.7]]
    assert level.get_ydata() == [0.7, 0.7]
    assert (level.get_linestyle(), level.get_color()) == (":", plots.palette.LEVEL)
    assert level.zorder < law.zorder < 2  # where lines are drawn by default
