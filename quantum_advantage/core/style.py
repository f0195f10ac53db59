"""How a protocol is drawn: a value that needs no matplotlib."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How a protocol is drawn.

    Attributes:
        label: Its name in legends.
        colour: As matplotlib reads colours.
        marker: A letter of matplotlib, or (corners, 0 for a polygon or 1 for a star, turn in
            degrees).

    Example:
        >>> Style("my protocol", "tab:blue", "o").label
        'my protocol'
    """

    label: str
    colour: str
    marker: str | tuple[int, int, int]
