"""Accuracy against copies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from quantum_advantage.plots.styles import style_of

if TYPE_CHECKING:
    from quantum_advantage.study.accuracy import AccuracyCurve


def plot_accuracy(
    ax: Axes, curve: AccuracyCurve, *, label: str | None = None, line: str = "-"
) -> None:
    """Draws accuracy against copies with its 95 % band.

    Args:
        ax: Where to draw.
        curve: The curve.
        label: For the legend; the protocol's own by default.
        line: The style of the line.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> from quantum_advantage.study.accuracy import AccuracyCurve
        >>> from quantum_advantage.study.spec import CurveSpec
        >>> key = CurveSpec("observables:alpha=0.9,game=two", "bell", 2, "qsim", 100, 0)
        >>> right, trials = np.array([[55, 80]] * 20), np.full((20, 2), 100)
        >>> (ax,) = new_figure(3, 2).axes
        >>> plot_accuracy(ax, AccuracyCurve(key, np.array([1, 10]), right, trials))
        >>> ax.lines[0].get_ydata().tolist()
        [0.55, 0.8]
    """
    style = style_of(curve.key.protocol)
    low, high = np.quantile(curve.resampled, [0.025, 0.975], axis=0)
    filled = style.colour if curve.key.source == "circuit" else "white"
    ax.fill_between(curve.copies, low, high, color=style.colour, alpha=0.2, linewidth=0)
    ax.plot(
        curve.copies,
        curve.accuracy,
        line,
        color=style.colour,
        marker=style.marker,
        markersize=3.2,
        markerfacecolor=filled,
        markeredgewidth=0.8,
        label=style.label if label is None else label,
        zorder=3,
    )


def name_end(
    ax: Axes,
    curve: AccuracyCurve,
    text: str,
    offset: tuple[float, float] = (0, 5),
    *,
    at: int = -1,
    **options: Any,
) -> None:
    """Writes beside an end of a curve; ``options`` go to ``ax.annotate``.

    Args:
        ax: Where to draw.
        curve: The curve.
        text: What is written.
        offset: From the end to the text, in points.
        at: The index of the point; the last by default, 0 is the first.
        **options: ``ha="center"`` unless said otherwise.

    Example:
        >>> from quantum_advantage.plots.figures import new_figure
        >>> from quantum_advantage.study.accuracy import AccuracyCurve
        >>> from quantum_advantage.study.spec import CurveSpec
        >>> key = CurveSpec("observables:alpha=0.9,game=two", "bell", 2, "qsim", 100, 0)
        >>> right, trials = np.array([[55, 80]] * 20), np.full((20, 2), 100)
        >>> (ax,) = new_figure(3, 2).axes
        >>> name_end(ax, AccuracyCurve(key, np.array([1, 10]), right, trials), "n = 2")
        >>> text = ax.texts[0]
        >>> text.get_text(), [float(x) for x in text.xy]
        ('n = 2', [10.0, 0.8])
    """
    end = curve.copies[at], curve.accuracy[at]
    ax.annotate(text, end, offset, textcoords="offset points", **{"ha": "center"} | options)


def sizes_of(curves: Iterable[AccuracyCurve], protocol: str, among: Sequence[int]) -> list[int]:
    """Returns for which of some numbers of qubits a protocol has a curve, in order.

    Args:
        curves: The curves.
        protocol: The bare name of the protocol.
        among: The numbers of qubits.

    Example:
        >>> from quantum_advantage.study.accuracy import AccuracyCurve
        >>> from quantum_advantage.study.spec import CurveSpec
        >>> task, one = "observables:alpha=0.9,game=two", np.ones((1, 1), dtype=int)
        >>> keys = [CurveSpec(task, "memory:qubits=1", n, "qsim", 100, 0) for n in (6, 2, 4)]
        >>> sizes_of([AccuracyCurve(key, one[0], one, one) for key in keys], "memory", [2, 3, 6])
        [2, 6]
    """
    found = {c.key.qubits for c in curves if c.key.protocol.partition(":")[0] == protocol}
    return sorted(found & set(among))
