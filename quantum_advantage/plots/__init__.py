"""Figures: one style, one colour and one marker for each protocol throughout the project.

Nothing else of the package imports matplotlib. Scripts use it as ``from quantum_advantage import
plots``.
"""

from quantum_advantage.core.style import Style
from quantum_advantage.plots import palette
from quantum_advantage.plots.accuracies import name_end, plot_accuracy, sizes_of
from quantum_advantage.plots.bounds import draw_bound, draw_law, draw_level, shade_below
from quantum_advantage.plots.chips import draw_chip
from quantum_advantage.plots.errors import NO_ERROR, bell_errors, draw_interval, plot_errors
from quantum_advantage.plots.figures import (
    COLUMN_WIDTH,
    RC,
    in_style,
    is_axes,
    letter_panels,
    new_axes,
    new_figure,
    render,
    style,
)
from quantum_advantage.plots.legends import (
    add_legend,
    label_once,
    legend_entry,
    legend_marks,
    listed,
    percent,
    thousands,
)
from quantum_advantage.plots.pictures import draw_curves, draw_estimates, draw_points
from quantum_advantage.plots.points import of_protocol, plot_points
from quantum_advantage.plots.styles import STYLES, add_style, style_of

__all__ = [
    "COLUMN_WIDTH",
    "NO_ERROR",
    "RC",
    "STYLES",
    "Style",
    "add_legend",
    "add_style",
    "bell_errors",
    "draw_bound",
    "draw_chip",
    "draw_curves",
    "draw_estimates",
    "draw_interval",
    "draw_law",
    "draw_level",
    "draw_points",
    "in_style",
    "is_axes",
    "label_once",
    "legend_entry",
    "legend_marks",
    "letter_panels",
    "listed",
    "name_end",
    "new_axes",
    "new_figure",
    "of_protocol",
    "palette",
    "percent",
    "plot_accuracy",
    "plot_errors",
    "plot_points",
    "render",
    "shade_below",
    "sizes_of",
    "style",
    "style_of",
    "thousands",
]
