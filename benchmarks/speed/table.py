"""A record as a table, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from speed.comparing import Change
from speed.history import Record

_WIDTHS = (26, 10, 10, 10, 22, 9, 7, 8)
_HEAD = ("", "work", "other", "ratio", "noise", "first", "MiB", "change")


def seconds(value: float) -> str:
    """Writes seconds with three digits and a unit.

    Args:
        value: In seconds.
    """
    if abs(value) >= 1000:
        return f"{value:.0f} s"
    for factor, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if abs(value) >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def number(value: float) -> str:
    """Writes a ratio with three digits."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _cells(title: str, result: Mapping[str, Any], change: Change | None) -> tuple[str, ...]:
    return (
        title,
        seconds(result["seconds"]),
        seconds(result["other"]),
        number(result["ratio"]),
        f"{number(result['low'])} to {number(result['high'])}",
        seconds(result["first"]),
        f"{result['memory']:.0f}",
        f"{change.factor - 1:+.0%}" if change else "-",
    )


def _line(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, _WIDTHS, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in others)


def head() -> str:
    """Returns the line above a table for a terminal."""
    return _line(_HEAD)


def row(title: str, result: Mapping[str, Any], change: Change | None) -> str:
    """Returns the line of a workload for a terminal.

    Args:
        title: What is shown of the workload.
        result: What was measured.
        change: What has changed since the last time, if there was one.
    """
    return _line(_cells(title, result, change))


def machine_line(record: Record) -> str:
    """Returns the machine of a record in a sentence, for a terminal and for a page."""
    found = record["machine"]
    parts = [found["cpu"], f"{found['cores']} cores"]
    parts += [f"{level} {size}" for level, size in found["caches"].items()]
    if found["memory"] is not None:
        parts.append(f"{found['memory']:g} GiB")
    versions = ("python", "numpy", "numba", "stim", "qsimcirq", "cirq-core")
    parts += [f"{key} {found[key]}" for key in versions if found[key] is not None]
    parts += [found["blas"]] if found["blas"] else []
    text = ", ".join(parts)
    return text if record["load"] is None else f"{text}; load at the start {record['load']:g}"


def markdown(record: Record) -> Iterator[str]:
    """Writes a record as a table of a page that describes the workloads, line by line."""
    commit = f" at {record['commit']}" if record["commit"] else ""
    yield f"Measured on {record['date'][:10]}{commit}: {machine_line(record)}."
    yield ""
    yield "| workload | work | other | ratio | noise | MiB |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, result in record["results"].items():
        yield (
            f"| `{name}` | {seconds(result['seconds'])} | {seconds(result['other'])} "
            f"| {number(result['ratio'])} | {number(result['low'])} to {number(result['high'])} "
            f"| {result['memory']:.0f} |"
        )
    for name, reason in record["skipped"].items():
        yield f"| `{name}` | skipped: {reason} | | | | |"
