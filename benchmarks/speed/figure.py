"""The figure of a history: the ratios of the last record, and how they have changed."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from quantum_advantage.core.files import write_file
from quantum_advantage.plots.figures import in_style, new_figure
from quantum_advantage.plots.palette import COOL, FAINT_LEVEL, INK, LEVEL, WARM
from speed import machine
from speed.comparing import DROP
from speed.history import Record
from speed.workload import Against, Workload

# So many of the last records have a column.
MOST_RECORDS = 12
_COLOURS = {Against.LIMIT: COOL, Against.YARDSTICK: LEVEL, Against.PEER: WARM}
_WORDS = {
    Against.LIMIT: "against a limit of the machine",
    Against.YARDSTICK: "against a yardstick",
    Against.PEER: "against another program",
}


def rows_of(
    history: Sequence[Record], workloads: Mapping[str, Workload]
) -> tuple[list[Workload], list[Record]]:
    """Chooses what is drawn: workloads of the last record, and the records of its machine.

    Args:
        history: The records, the oldest first, at least one.
        workloads: The catalogue.
    """
    last = history[-1]
    records = [r for r in history if machine.same(r["machine"], last["machine"])][-MOST_RECORDS:]
    return [workloads[name] for name in last["results"] if name in workloads], records


def changes_of(
    workload: Workload, records: Sequence[Record]
) -> list[tuple[float, float, float] | None]:
    """Returns each record's ratio over that of the last record, between the ends of its noise.

    Args:
        workload: The workload.
        records: Records of one machine; the last one has the workload.

    Returns:
        For each record the lower end, the ratio and the upper end; None where it has not measured
        the workload, or from other inputs.
    """
    last = records[-1]["results"][workload.name]
    found: list[tuple[float, float, float] | None] = []
    for record in records:
        one = record["results"].get(workload.name)
        if one is None or any(one[key] != last[key] for key in ("inputs", "clock")):
            found.append(None)
        else:
            low, ratio, high = (one[key] / last["ratio"] for key in ("low", "ratio", "high"))
            found.append((low, ratio, high))
    return found


def draw(history: Sequence[Record], workloads: Mapping[str, Workload]) -> Figure:
    """Draws ratios by workload, and the history beside them if there are two records.

    Args:
        history: The records, the oldest first, at least one.
        workloads: The catalogue.
    """
    rows, records = rows_of(history, workloads)
    height = 1.2 + 0.2 * len(rows)
    if len(records) < 2:
        figure = new_figure(6.5, height)
    else:
        figure = new_figure(8.5, height, columns=2, width_ratios=[2.6, 1.0])
        _draw_history(figure.axes[1], rows, records)
    _draw_ratios(figure.axes[0], rows, records[-1])
    figure.legend(loc="outside lower center", ncols=len(Against))
    return figure


def _places(ax: Axes, rows: Sequence[Workload]) -> None:
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [one.name for one in rows])
    ax.tick_params(axis="y", length=0)


def _draw_ratios(ax: Axes, rows: Sequence[Workload], record: Record) -> None:
    seen: set[Against] = set()
    for place, workload in enumerate(rows):
        one = record["results"][workload.name]
        against = workload.against
        ax.axhline(place, color=FAINT_LEVEL, linewidth=0.4, zorder=0)
        ax.plot([one["low"], one["high"]], [place, place], color=_COLOURS[against], linewidth=2.2)
        label = _WORDS[against] if against not in seen else None
        ax.plot(one["ratio"], place, "o", color=_COLOURS[against], label=label)
        seen.add(against)
    ax.axvline(1, color=INK, linewidth=0.6, linestyle="--")
    ax.set_xscale("log")
    _places(ax, rows)
    ax.set_xlabel("time over the other's time; lines: noise")
    ax.set_title(f"{record['date'][:10]} {_short(record['commit'])}".strip())


def _draw_history(ax: Axes, rows: Sequence[Workload], records: Sequence[Record]) -> None:
    """Draws a line for each workload; half a row stands for the factor that is told."""
    for place, workload in enumerate(rows):
        ax.axhline(place, color=FAINT_LEVEL, linewidth=0.4, zorder=0)
        columns, heights = [], []
        for column, change in enumerate(changes_of(workload, records)):
            if change is not None:
                steps = 0.5 * np.log(change) / np.log(DROP)
                low, middle, high = place - np.clip(steps, -0.48, 0.48)
                ax.plot([column, column], [low, high], color=LEVEL, linewidth=0.8, zorder=1)
                columns.append(column)
                heights.append(middle)
        ax.plot(columns, heights, "o-", markersize=2, linewidth=0.8, color=INK)
    _places(ax, rows)
    ax.set_yticklabels([])
    ax.set_xlim(-0.5, len(records) - 0.5)
    names = [_short(record["commit"]) or record["date"][:10] for record in records]
    ax.set_xticks(range(len(records)), names, rotation=90)
    ax.set_title("history")
    ax.set_xlabel(f"up: slower; half a row: {DROP - 1:.0%}")


def _short(commit: str | None) -> str:
    """Returns seven digits of a commit, and the plus of changed files."""
    return f"{commit[:7]}{'+' if commit.endswith('+') else ''}" if commit else ""


def write(history: Sequence[Record], workloads: Mapping[str, Workload], path: Path) -> None:
    """Writes the figure as a picture.

    Args:
        history: The records, the oldest first, at least one.
        workloads: The catalogue.
        path: The file, which ends in .png, .svg or .pdf.

    Raises:
        OSError: If it cannot be written.
    """
    image = io.BytesIO()
    with in_style():
        draw(history, workloads).savefig(image, format=path.suffix[1:], dpi=200)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, image.getvalue())
