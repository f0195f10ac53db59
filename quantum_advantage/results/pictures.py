"""Pictures of results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from quantum_advantage import plots
from quantum_advantage.certify.certificate import Certificate
from quantum_advantage.certify.pages import draw_certificate
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of
from quantum_advantage.experiment.declaration import AccuracyData, ErrorData
from quantum_advantage.plan.pages import draw_factors
from quantum_advantage.plan.plan import Plan
from quantum_advantage.study.accuracy import AccuracyCurve, Point
from quantum_advantage.study.errors import EstimatePoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _draw_one_certificate(ax: Axes, certificates: Sequence[Certificate]) -> None:
    draw_certificate(ax, *certificates)
    ax.legend(loc="upper left")


_DRAW: Mapping[type, Callable[[Axes, Any], None]] = {
    Point: plots.draw_points,
    EstimatePoint: plots.draw_estimates,
    AccuracyCurve: plots.draw_curves,
    Certificate: _draw_one_certificate,
    Plan: draw_factors,
}


def plot(result: object, ax: Axes | None = None) -> Axes:
    """Draws a result in the style of the project's figures.

    Args:
        result: Points or curves of a summary, what ``run`` returns, a certificate, or plans; one of
            them or a list. Points are copies against qubits, with their bounds; estimates are
            errors against copies, or against qubits where all have as many copies.
        ax: Where to draw, one pair of straight axes; new ones of pyplot by default, which a
            notebook shows.

    Returns:
        The axes.

    Raises:
        UsageError: If there is no picture of it, nothing to draw, or ``ax`` is something else.

    Example:
        >>> from quantum_advantage import copies_needed, plot
        >>> points = [copies_needed("bell", n, trials=100, games=5) for n in (2, 3)]
        >>> plot(points).get_ylabel()
        'copies'
    """
    if isinstance(result, AccuracyData | ErrorData):
        result = result.points
    listed = list(result) if isinstance(result, Sequence) else [result]
    kinds = {type(one) for one in listed}
    if len(kinds) != 1 or not kinds <= set(_DRAW):
        names = ", ".join(kind.__name__ for kind in _DRAW)
        given = ", ".join(sorted(kind.__name__ for kind in kinds)) or f"an empty {kind_of(result)}"
        raise UsageError(f"result must be of one kind among {names}, not {given}")
    if kinds == {Certificate} and len(listed) > 1:
        raise UsageError(f"result must be one certificate, not {len(listed)}")
    if ax is not None and not plots.is_axes(ax):
        raise UsageError(f"ax must be matplotlib axes with straight x and y, not a {kind_of(ax)}")
    with plots.in_style():
        ax = plots.new_axes() if ax is None else ax
        _DRAW[kinds.pop()](ax, listed)
    return ax
