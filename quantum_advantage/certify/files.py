"""Certificates on disk: JSON for programs, text for people, a picture; and no second look.

The JSON file is what was decided before the data: mode, copies, games, confidence; it carries a
check, so that an edited one is refused. A certificate
for a fixed number of games is written once; asked again about data that has grown, or with other
choices, it would be peeking, which is refused. One that holds at any time goes on with the same
choices as long as the batches that it has seen are still there. So that no other output folder
hides an earlier look, the JSON file is always kept beside the data too.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quantum_advantage.certify.certificate import Certificate
from quantum_advantage.certify.played import Played
from quantum_advantage.core.fields import choice, number, shown, text, whole
from quantum_advantage.core.files import read_json, write_file, write_json
from quantum_advantage.core.naming import parse
from quantum_advantage.core.usage import UsageError
from quantum_advantage.plots import new_figure, render, shade_below, style_of
from quantum_advantage.study.rows import MOST_COPIES
from quantum_advantage.tasks.registry import load_deciding

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.certify.certificate import Mode

FOLDER = "certificates"
CHOSEN = (
    "protocol, qubits, seed, copies, games, mode and level were chosen before the data, and no "
    "other attempt is kept back"
)
# What was chosen before the data; in the mode fixed also the games.
_CHOICES = ("budget", "copies", "confidence", "alternative")


def others_kept(stem: Path) -> int:
    """Returns how many other certificates of the protocol and n are kept beside one.

    They differ in seed, task, backend or the size of batches: other attempts, or other questions.

    Args:
        stem: The certificate's path without its ending.
    """
    alike = stem.name.rpartition("_")[0]
    return sum(path.stem != stem.name for path in stem.parent.glob(f"{alike}_*.json"))


def home_of(data: Path) -> Path:
    """Returns the output folder that a file of counts lies in: ``DIR`` of ``DIR/data/NAME.csv``.

    Args:
        data: The file; in a folder of another name, that folder.
    """
    folder = data.resolve().parent
    return folder.parent if folder.name == "data" else folder


def certificate_stem(out: Path, played: Played) -> Path:
    """Returns the path of a curve's certificate without its ending: one certificate a curve.

    Args:
        out: The output folder.
        played: The games.
    """
    key = played.key
    identity = hashlib.sha256(repr(astuple(key)).encode()).hexdigest()[:8]
    name = f"{played.experiment}_{parse(key.protocol)[0]}_{key.qubits}_{identity}"
    return out / FOLDER / name


def refuse_second_look(stem: Path, played: Played, mode: Mode) -> None:
    """Refuses what an earlier certificate rules out, before anything new is seen.

    Args:
        stem: The certificate's path without its ending.
        played: The games.
        mode: The mode that is asked for.

    Raises:
        ValueError: If going on would be peeking, or the earlier file is no certificate.
    """
    found = _read(stem)
    if found is None:
        return
    path = stem.with_suffix(".json")
    if found["mode"] != mode:
        raise UsageError(
            f"{path} is a certificate in the mode {found['mode']}, and the mode is chosen before "
            "the data; collect fresh data with another seed"
        )
    if mode == "fixed" and found["digest"] != played.digest:
        raise UsageError(
            f"{path} is a certificate for a fixed number of games, and the data has changed since: "
            "going on is peeking, which is not free; collect fresh data with another seed"
        )
    seen = tuple(found["right_by_batch"])
    if mode == "anytime" and played.right[: len(seen)] != seen:
        raise UsageError(
            f"{path} has seen {len(seen)} batches, which are not the first ones that are asked for "
            "now; restore them, or ask for no fewer games"
        )


def write_certificate(stem: Path, certificate: Certificate, beside: Path | None = None) -> str:
    """Writes ``stem.json``, ``.txt`` and the picture, and returns the text.

    Args:
        stem: The certificate's path without its ending.
        certificate: What is written.
        beside: The same path beside the data, where the JSON file is kept too.

    Raises:
        ValueError: If a certificate with other choices is in either place.
        OSError: If they cannot be written.
    """
    values = json.loads(json.dumps(asdict(certificate)))
    places = {stem, stem if beside is None else beside}
    for place in places:
        _refuse_other_choices(place, values)
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_json(place.with_suffix(".json"), values)
    lines = certificate_text(certificate)
    write_file(stem.with_suffix(".txt"), lines)
    render(lambda: _figure(certificate), stem)
    return lines


def _refuse_other_choices(stem: Path, values: dict[str, Any]) -> None:
    found = _read(stem)
    if found is None:
        return
    for name in (*_CHOICES, "games") if values["mode"] == "fixed" else _CHOICES:
        if found[name] != values[name]:
            raise UsageError(
                f"{stem.with_suffix('.json')} was made with {name} {found[name]}, not "
                f"{values[name]}, and that is chosen before the data; collect fresh data with "
                "another seed"
            )


def _read(stem: Path) -> dict[str, Any] | None:
    path = stem.with_suffix(".json")
    if not path.exists():
        return None
    what = "a certificate"
    found = read_json(path, what)
    try:
        if unknown := set(found) - {f.name for f in fields(Certificate)}:
            raise ValueError(f"it holds {shown(min(unknown))}")
        for name in ("budget", "copies", "games"):
            whole(found.get(name), name, 1, MOST_COPIES)
        choice(found.get("mode"), "mode", "fixed", "anytime")
        number(found.get("confidence"), "confidence", 0.5, 1)
        if found.get("alternative") is not None:
            number(found["alternative"], "alternative", 0, 1)
        text(found.get("digest"), "digest", r"[0-9a-f]{64}")
        seen = found.get("right_by_batch")
        if "alternative" not in found or not isinstance(seen, list) or not seen:
            raise ValueError("it lacks what was chosen, or what was seen")
        for right in seen:
            whole(right, "right_by_batch", 0, found["games"])
    except ValueError as error:
        raise UsageError(f"{path} is no certificate ({error}); move it away") from None
    return found


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
        f"    copies in each game    {c.copies}",
        f"    without quantum memory at most {c.largest_conventional:.4%} right from as many",
        f"    p-value                {f'{c.p_value:.3g}' if c.p_value else 'below 1e-300'}",
    ]
    if c.certified:
        lines.append(
            f"    certified factor       {_number(c.factor)}: not even "
            f"{_number(c.excluded_copies)} copies a game would do"
        )
        lines += [
            "",
            "No learner without a quantum memory, however adaptive and however powerful its "
            "computer,",
            f"answers so often from {c.copies} copies a game, except with a chance of at most "
            f"{1 - c.confidence:.3g}.",
        ]
    else:
        lines += [
            "",
            "A learner without a quantum memory may have done as well: this data proves nothing.",
        ]
    mode = {
        "fixed": "fixed number of games, exact binomial tail; a look at more data is refused",
        "anytime": "valid whenever one stops; the product over games of "
        f"[X p1/p0 + (1 - X)(1 - p1)/(1 - p0)], p1 = {c.alternative}",
    }[c.mode]
    lines += ["", f"Mode: {mode}.", f"Bound: {c.proof}."]
    for head, items in (
        ("Assumed", (CHOSEN, *c.assumptions)),
        ("Not covered", c.not_covered),
        ("Notes", c.notes),
    ):
        lines += ["", f"{head}:", *(f"  - {item}" for item in items)]
    return "\n".join([*lines, "", f"Data: {c.experiment}, SHA-256 {c.digest}", ""])


def _figure(c: Certificate) -> Figure:
    figure = new_figure(4.4, 3.0)
    draw_certificate(figure.axes[0], c)
    return figure


def draw_certificate(ax: Axes, c: Certificate) -> None:
    """Draws the measured accuracy beside the largest one without quantum memory."""
    learners = load_deciding(c.task).bound_of(c.protocol, c.qubits)
    most = max(10.0 * c.copies, 3.0 * c.excluded_copies)
    copies = np.geomspace(1, most, 200)
    largest = [learners.largest_accuracy(float(t)) for t in copies]
    shade_below(ax, copies, largest, 0, "largest accuracy without quantum memory")
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
        ax.text(
            middle, c.lower - 0.012, f"factor {_number(c.factor)}", ha="center", va="top",
            color=style.colour,
        )  # fmt: skip
    verdict = "certified" if c.certified else "NOT certified"
    ax.set_title(
        f"{verdict} at {100 * c.confidence:g} %: {c.protocol.partition(':')[0]}, $n$ = {c.qubits}"
    )
    ax.set(xscale="log", xlabel="copies in a game", ylabel="share of right answers")
    ax.set(xlim=(1, most), ylim=(0.45, 1.02))
    ax.legend(loc="upper left")
