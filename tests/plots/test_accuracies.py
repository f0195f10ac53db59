import numpy as np
from plot_examples import CURVE

from quantum_advantage import plots


def test_accuracy_is_drawn_with_its_band():
    (ax,) = plots.new_figure(3, 2).axes
    plots.plot_accuracy(ax, CURVE, label="mine")
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_xydata(), np.stack([CURVE.copies, CURVE.accuracy], axis=1))
    low, high = np.quantile(CURVE.resampled, [0.025, 0.975], axis=0)
    corners = {tuple(corner) for corner in ax.collections[0].get_paths()[0].vertices}
    assert set(zip(CURVE.copies, low, strict=True)) <= corners
    assert set(zip(CURVE.copies, high, strict=True)) <= corners
    assert line.get_label() == "mine"


def test_words_stand_beside_the_last_point_of_a_curve():
    (ax,) = plots.new_figure(3, 2).axes
    plots.name_end(ax, CURVE, "here", (4, 4), color="red")
    (text,) = ax.texts
    assert text.get_text() == "here"
    assert text.xy == (CURVE.copies[-1], CURVE.accuracy[-1])
    assert text.xyann == (4, 4)
    assert (text.get_ha(), text.get_color()) == ("center", "red")
