"""What notebooks show: small tables. Standard library alone."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape


def html_table(values: Mapping[str, object]) -> str:
    """Returns names and values as a table of HTML, a row for each; None is an empty cell.

    Example:
        >>> html_table({"protocol": "bell", "copies": 2.0714285, "bound": None})
        '<table><tr><th>protocol</th><td>bell</td></tr><tr><th>copies</th><td>2.07143</td></tr>\
<tr><th>bound</th><td></td></tr></table>'
    """
    rows = (f"<tr><th>{escape(n)}</th><td>{_cell(v)}</td></tr>" for n, v in values.items())
    return f"<table>{''.join(rows)}</table>"


def _cell(value: object) -> str:
    if isinstance(value, tuple | list):
        return "<br>".join(map(_cell, value))
    if value is None:
        return ""
    return escape(f"{value:.6g}" if isinstance(value, float) else str(value))
