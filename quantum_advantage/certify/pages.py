"""Certificates for people: a text and a picture."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from quantum_advantage.certify.certificate import Certificate, accuracy_name
from quantum_advantage.plots import new_figure, shade_below, style_of
from quantum_advantage.tasks.registry import load_deciding

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 100
_REGISTERED = (
    "the registration was published before the data was taken, nobody had seen data of this seed "
    "then, and no attempt under another registration is kept back"
)
_AFTERWARDS = (
    "no attempt is kept back: data that was removed, lies in other folders, or was played again "
    "until it pleased, is not counted"
)


def sentence(c: Certificate) -> str:
    """Returns what is certified, in one sentence with its condition.

    Args:
        c: The certificate, granted or not.
    """
    spent = f"{c.copies} {c.unit} a game, except with a chance of at most {1 - c.confidence:.3g}"
    said = f"{c.learners} answers so often from {spent}."
    said = f"{c.condition}, {said}" if c.condition else said
    return said[0].upper() + said[1:]


def _whom(c: Certificate) -> str:
    """Returns whom the bound is about, with its condition."""
    anybody = f"by {c.learners.replace('no learner', 'any learner', 1).rstrip(',')}"
    return f"{anybody}, {c.condition}" if c.condition else anybody


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 100 or value >= 1e6 else f"{value:.0f}"


def certificate_text(c: Certificate) -> str:
    """Returns a certificate in plain words."""
    level = f"{100 * c.confidence:.10g} %"
    verdict = "CERTIFIED" if c.certified else "NOT certified"
    lines = [
        f"{verdict} at {level}: {c.task}, {c.protocol}, {c.qubits} qubits, {c.backend}",
        "",
        f"    right answers          {c.right} of {c.games} games, {c.accuracy:.2%}, "
        f"more than {c.lower:.2%} at {level}",
        f"    {c.unit + ' in each game':22s} {c.copies}",
        *textwrap.wrap(
            f"at most {c.largest_conventional:.4%} right from as many, {_whom(c)}",
            _WIDTH,
            initial_indent=f"    {'proven bound':22s} ",
            subsequent_indent=" " * 27,
        ),
        f"    {'p-value':22s} {f'{c.p_value:.3g}' if c.p_value else 'below 1e-300'}",
    ]
    if c.certified:
        lines.append(
            f"    certified factor       {_number(c.factor)} at {accuracy_name(c.accuracy)}: not "
            f"even {_number(c.excluded_copies)} {c.unit} a game would do"
        )
        lines += ["", *textwrap.wrap(sentence(c), _WIDTH)]
    else:
        lines += [
            "",
            "A learner without a quantum memory may have done as well: this data proves nothing.",
        ]
    if c.registration is None:
        lines += ["", "Registered: no."]
    else:
        lines += ["", f"Registered: {c.registered}, SHA-256 {c.registration}."]
    lines += [f"Mode: {c.method}.", f"Bound: {c.proof}."]
    chosen = _AFTERWARDS if c.registration is None else _REGISTERED
    for head, items in (
        ("Assumed", (chosen, *c.assumptions)),
        ("Not covered", c.not_covered),
        ("Notes", c.notes),
    ):
        if items:
            lines += ["", f"{head}:", *(f"  - {item}" for item in items)]
    return "\n".join([*lines, "", f"Data: {c.experiment}, SHA-256 {c.digest}", ""])


def certificate_figure(c: Certificate) -> Figure:
    """Returns the picture of :func:`draw_certificate`, with its legend below the axes."""
    figure = new_figure(4.4, 3.6)
    draw_certificate(figure.axes[0], c)
    # The sentence is long, and nothing of the data may lie behind it.
    figure.legend(loc="outside lower left")
    return figure


def draw_certificate(ax: Axes, c: Certificate) -> None:
    """Draws the measured accuracy beside the largest one without quantum memory.

    Args:
        ax: Where to draw.
        c: The certificate.
    """
    learners = load_deciding(c.task).bound_of(c.protocol, c.qubits)
    most = max(10.0 * c.copies, 3.0 * c.excluded_copies)
    copies = np.geomspace(1, most, 200)
    largest = [learners.largest_accuracy(float(t)) for t in copies]
    label = textwrap.fill(f"largest accuracy {_whom(c)}", 64, break_on_hyphens=False)
    shade_below(ax, copies, largest, 0, label)
    style = style_of(c.protocol)
    ax.errorbar(
        c.copies,
        c.accuracy,
        yerr=np.array([[max(c.accuracy - c.lower, 0.0)], [0.0]]),
        marker=style.marker,
        color=style.colour,
        capsize=2,
        linestyle="none",
        label=f"{c.right} of {c.games} right, limit at {100 * c.confidence:g} %",
        zorder=3,
    )
    if c.certified:
        ax.annotate(
            "",
            (c.excluded_copies, c.lower),
            (c.copies, c.lower),
            arrowprops={"arrowstyle": "->", "color": style.colour, "linewidth": 0.8},
        )
        middle = float(np.sqrt(float(c.copies) * c.excluded_copies))
        factor = f"factor {_number(c.factor)} at {accuracy_name(c.accuracy)}"
        ax.text(middle, c.lower - 0.012, factor, ha="center", va="top", color=style.colour)
    verdict = "certified" if c.certified else "NOT certified"
    ax.set_title(
        f"{verdict} at {100 * c.confidence:g} %: {c.protocol.partition(':')[0]}, $n$ = {c.qubits}"
    )
    ax.set(xscale="log", xlabel=f"{c.unit} in a game", ylabel="share of right answers")
    ax.set(xlim=(1, most), ylim=(0.45, 1.02))
