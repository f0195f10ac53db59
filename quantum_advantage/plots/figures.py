"""Figures: their look, whatever a user's files say, and their files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from quantum_advantage.core.files import write_file

COLUMN_WIDTH = 3.5  # inches; a text column of a journal
RC: Any = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.1,
    "lines.markersize": 4.2,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "quantum_advantage",
    "savefig.dpi": 300,
}
# Not of a figure's look, but of the window that shows it.
_OF_WINDOWS = {"backend", "backend_fallback", "interactive", "toolbar"}


def style() -> Any:
    """Returns the value of every parameter of a figure's look, whatever a user's files say.

    Example:
        >>> style()["font.size"], style()["savefig.dpi"]
        (8, 300)
    """
    defaults = matplotlib.rcParamsDefault
    return {key: defaults[key] for key in defaults if key not in _OF_WINDOWS} | RC


def new_figure(
    width: float,
    height: float,
    columns: int = 1,
    width_ratios: Sequence[float] | None = None,
    *,
    rows: int = 1,
) -> Figure:
    """Returns an empty figure with axes in rows.

    Args:
        width: In inches.
        height: In inches.
        columns: The number of axes in a row.
        width_ratios: Their relative widths.
        rows: The number of rows.

    Example:
        >>> figure = new_figure(COLUMN_WIDTH, 2.5, columns=2)
        >>> len(figure.axes), [float(inches) for inches in figure.get_size_inches()]
        (2, [3.5, 2.5])
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.subplots(rows, columns, width_ratios=width_ratios)
    return figure


def letter_panels(figure: Figure) -> None:
    r"""Writes bold letters before the titles of all axes, in the order in which they were made.

    Args:
        figure: Its axes have their titles already.

    Example:
        >>> figure = new_figure(COLUMN_WIDTH, 2.5, columns=2)
        >>> for ax, title in zip(figure.axes, ("Near", "Far"), strict=True):
        ...     ax.set_title(title, loc="left") and None
        >>> letter_panels(figure)
        >>> [ax.get_title(loc="left") for ax in figure.axes]
        ['$\\mathbf{a}$  Near', '$\\mathbf{b}$  Far']
    """
    for letter, ax in zip(ascii_lowercase, figure.axes, strict=False):
        ax.set_title(rf"$\mathbf{{{letter}}}$  {ax.get_title(loc='left')}", loc="left")


@contextmanager
def in_style() -> Iterator[None]:
    """Gives figures the project's look, in a context."""
    with matplotlib.rc_context(style()):
        yield
        # The first figure of a notebook switches this on, so that later ones are shown too.
        interactive = matplotlib.is_interactive()
    matplotlib.interactive(interactive)


def new_axes() -> Axes:
    """Returns the axes of a new figure of pyplot, which windows and notebooks show."""
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(4.4, 3.0), layout="constrained")[1]


def is_axes(ax: object) -> bool:
    """Tells whether something is a pair of straight axes, not polar ones or those of a volume."""
    return isinstance(ax, Axes) and ax.name == "rectilinear"


def render(draw: Callable[[], Figure], stem: Path) -> None:
    """Draws in the project's style and writes ``stem.png``, ``.svg`` and ``.pdf``.

    Nothing in the files changes when the same figure is drawn again. A figure that cannot be drawn
    or written leaves the old files as they were.

    Args:
        draw: Returns the figure; called in the project's style.
        stem: The files without their endings.

    Raises:
        OSError: If a file cannot be written.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None},
    }
    contents = {}
    with in_style():
        figure = draw()
        for kind, tags in metadata.items():
            image = io.BytesIO()
            figure.savefig(image, format=kind, metadata=tags)
            contents[kind] = image.getvalue()
            # Places are found once, so that they are the same in all files.
            figure.set_layout_engine(None)
    for kind, content in contents.items():
        write_file(stem.with_suffix(f".{kind}"), content)
