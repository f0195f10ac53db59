"""Sensors and telescopes: what entanglement buys outside the laboratory, and what it does not.

Three figures: an array of sensors whose phases change from shot to shot, all but their sum; a faint
companion of an unknown star, from photons stored two at a time; a pattern in the random
displacements of many modes of light, drawn from its exact law.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quantum_advantage.experiment.declaration import Curve, ErrorData, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from quantum_advantage.study.errors import EstimatePoint

ARRAY, NOISY_ARRAY, SIGMA = "sensor_array", "sensor_array:sigma=0.5", 0.5
SHOTS = 1000
SENSORS = ("separate_sensors_xy", "separate_sensors", "joint_readout", "entangled_sensors")

SHARE, OVERLAP, BACKGROUND = 0.01, 0.5, 0.01
STAR = "companion"
HAZY, HAZY_ALONE = f"{STAR}:background=0.01", f"{STAR}:background=0.01,share=0.0"
PHOTONS = 4000

LIGHT, KAPPA, ERROR = "displacement", 0.5, 0.2
SQUEEZED = "squeezed_pairs:decibels={}.0,transmission={}"
DETECTORS = (
    ("heterodyne:transmission=1.0", "vacuum, heterodyne detection", "-", ">"),
    (SQUEEZED.format(5, 0.9), "squeezed pairs, 5 dB, 10 % lost", ":", "v"),
    (SQUEEZED.format(5, 1.0), "squeezed pairs, 5 dB", "-", "H"),
    (SQUEEZED.format(10, 1.0), "squeezed pairs, 10 dB", "--", "s"),
)


def curves(
    sensors: tuple[int, ...], stored: tuple[int, ...], modes: tuple[int, ...]
) -> tuple[Curve, ...]:
    """Returns what is estimated at one size.

    Args:
        sensors: Numbers of sensors in an array.
        stored: Numbers of qubits that hold a photon.
        modes: Numbers of modes that are displaced.
    """
    return (
        *(Curve(protocol, sensors, Fixed((SHOTS,)), task=ARRAY) for protocol in SENSORS),
        *(
            Curve(protocol, sensors, Fixed((SHOTS,)), task=NOISY_ARRAY)
            for protocol in SENSORS[1::2]
        ),
        *(
            Curve(protocol, stored, Fixed((PHOTONS,)), task=STAR)
            for protocol in ("bell", "known_star")
        ),
        *(Curve("bell", stored, Fixed((5 * PHOTONS,)), task=task) for task in (HAZY, HAZY_ALONE)),
        *(Curve(protocol, modes, Fixed((SHOTS,)), task=LIGHT) for protocol, *_ in DETECTORS),
    )


EXPERIMENT = Experiment(
    name="sensing",
    about="Errors of sensors with and without entanglement; photons that find a companion.",
    task=ARRAY,
    curves=curves((2, 4, 6, 8), (2, 4, 8), (8, 16, 24, 40)),
    quick=curves((2, 4), (2,), (8, 16)),
    full=curves((2, 4, 6, 8, 10), (2, 4, 6, 8, 10), (8, 16, 24, 32, 40)),
    trials=60,
    batch_size=3,
    seconds=24,
)


def _of(points: Sequence[EstimatePoint], task: str, protocol: str) -> list[EstimatePoint]:
    """Returns the points of a task and protocol, by size and quantity."""
    chosen = [p for p in points if p.spec.task == task and p.spec.protocol == protocol]
    return sorted(chosen, key=lambda p: (p.spec.qubits, p.quantity))


def draw_array(data: ErrorData) -> Figure:
    """Draws the errors of the array, without and with phase noise."""
    from quantum_advantage import plots

    figure = plots.new_figure(7.2, 3.2, 2)
    quiet, noisy = figure.axes
    _draw_sensors(quiet, data.points, ARRAY, 0.0)
    _draw_sensors(noisy, data.points, NOISY_ARRAY, SIGMA)
    quiet.set(title="No phase noise", ylabel=rf"error of $\cos\,\Phi$ (rms), {SHOTS} shots")
    noisy.set_title(f"Phase noise of {SIGMA} rad")
    quiet.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)
    plots.letter_panels(figure)
    return figure


def _draw_sensors(ax: Axes, points: Sequence[EstimatePoint], task: str, sigma: float) -> None:
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.sensor_array import least_separate_error
    from quantum_advantage.inference.sensing.phase_sum import mean_square
    from quantum_advantage.systems.sensor_array import visibility
    from quantum_advantage.tasks.registry import load_task

    n = list(range(2, 11))
    bound = [least_separate_error(SHOTS, k) for k in n]
    plots.shade_below(ax, n, bound, 1e-3, "proven bound without entanglement")
    for protocol in SENSORS:
        found = _of(points, task, protocol)
        if not found:
            continue
        # Lines are the exact law, averaged over the sum; points what circuits gave.
        style = plots.style_of(protocol)
        way = load_task("sensor_array").read(protocol, 2).measurement().way
        squares = np.array([mean_square(k, visibility(k, sigma), way) for k in n])
        # Both ways to read separate sensors have nearly one law.
        aside = protocol == "separate_sensors_xy"
        if not aside:
            law = np.sqrt((squares - 0.5) / SHOTS)
            ax.plot(n, law, color=style.colour, linewidth=0.8, zorder=1)
        at = [p.spec.qubits + 0.15 * aside for p in found]
        plots.plot_errors(ax, found, at, line=" ", face="white" if aside else None)
    palette = plots.palette
    ax.plot([2, 10], [np.sqrt(0.5)] * 2, color=palette.LEVEL, linewidth=0.6, zorder=0)
    at_end = {"color": palette.LEVEL_TEXT, "fontsize": 6.5, "va": "center"}
    ax.text(10.15, np.sqrt(0.5), "answering 0", **at_end)
    ax.set(yscale="log", xlabel="number of sensors $n$", ylim=(1e-2, 1e4), xlim=(1.6, 11.9))
    ax.set_xticks(range(2, 11, 2))


def draw_star(data: ErrorData) -> Figure:
    """Draws the photons that find a companion."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.companion import (
        odd_chance,
        odd_chance_with_background,
        photons_to_find_companion,
    )
    from quantum_advantage.inference.sensing.companion import shots_to_detect
    from quantum_advantage.inference.sensing.single_photons import (
        photons_by_collisions,
        photons_by_histogram,
        photons_by_nulling,
    )

    figure, points = plots.new_figure(plots.COLUMN_WIDTH, 3.2), data.points
    (ax,) = figure.axes
    n = range(2, 25)
    chance = odd_chance(SHARE, OVERLAP)
    bound = [photons_to_find_companion(0.95, qubits=k, share=SHARE, overlap=OVERLAP) for k in n]
    plots.shade_below(
        ax, np.array(n), bound, 1e2, "proven bound, one photon at a time,\nif Haar-random, unknown"
    )
    ways = (photons_by_collisions, photons_by_histogram, photons_by_nulling)
    least = [min(way(chance, k) for way in ways) for k in n]
    colour = plots.style_of("collisions").colour
    ax.plot(n, least, color=colour, label="best of three, one photon at a time")

    def point(x: int, shots: Sequence[float], photons: int, look: tuple[str, object]) -> None:
        middle, *ends = (photons * value for value in shots)
        plots.draw_interval(ax, x, min(ends), max(ends), look[0])
        ax.plot(x, middle, color=look[0], marker=look[1], markersize=4)

    bell, known = plots.style_of("bell"), plots.style_of("known_star")
    haze = plots.palette.WARM_WITH_BACKGROUND, "D"

    hazy = {p.spec.qubits: p for p in _of(points, HAZY_ALONE, "bell")}
    for p in _of(points, HAZY, "bell"):
        dark = hazy.get(p.spec.qubits)
        if dark is None or None in (p.low, p.high, dark.low, dark.high):
            continue
        pairs = ((p.value, dark.value), (p.low, dark.high), (p.high, dark.low))
        values = [shots_to_detect(a, b) if b < a else np.nan for a, b in pairs]
        point(p.spec.qubits, values, 2, haze)
    for protocol, photons, style in (("bell", 2, bell), ("known_star", 1, known)):
        for p in _of(points, STAR, protocol):
            if p.value > 0 and p.low and p.high:
                values = [shots_to_detect(rate) for rate in (p.value, p.low, p.high)]
                point(p.spec.qubits, values, photons, (style.colour, style.marker))
    pairs, clicks = 2 * shots_to_detect(chance), shots_to_detect(SHARE * (1 - OVERLAP**2))
    found, dark = (
        [float(odd_chance_with_background(p, BACKGROUND, k)) for k in n] for p in (chance, 0.0)
    )
    hazy_pairs = [2 * shots_to_detect(*both) for both in zip(found, dark, strict=True)]
    laws = (
        (haze, hazy_pairs, "Bell measurement, 1 % background light"),
        ((bell.colour, bell.marker), [pairs] * len(n), "Bell measurement, two photons"),
        ((known.colour, known.marker), [clicks] * len(n), "known star, one photon"),
    )
    for (colour, marker), law, label in laws:
        look = {"marker": marker, "markersize": 4, "markevery": [], "label": label}
        ax.plot(n, law, color=colour, linewidth=0.8, zorder=1, **look)
    ax.set(yscale="log", xlabel="qubits $n$ that hold a photon", ylim=(1e2, 1e9), xlim=(1, 24))
    ax.set(ylabel="photons to find 95 %", title="Companion, 1 % of the light")
    ax.set_xticks(range(4, 25, 4))
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)
    return figure


def draw_light(data: ErrorData) -> Figure:
    """Draws the samples that describe random displacements."""
    import numpy as np

    from quantum_advantage import plots
    from quantum_advantage.bounds.displacement import samples_without_entanglement
    from quantum_advantage.inference.sensing.characteristic import part_variances
    from quantum_advantage.systems.displacements import random_channels
    from quantum_advantage.tasks.displacement import Displacement

    figure, points = plots.new_figure(plots.COLUMN_WIDTH, 3.2), data.points
    (ax,) = figure.axes

    def variance(modes: int, noise: float) -> float:
        rng = np.random.default_rng(0)
        channel = random_channels(modes, 1, **Displacement.DEFAULTS, seed=rng, uses=rng)
        (point,) = channel.points
        values = (channel.characteristic(k * point, 0) for k in (1, 2))
        return sum(part_variances(point, noise, *values))

    # The parts are normal and nearly alike, so that the squared error is an exponential variable:
    # it stays below ε² with probability 2/3, as the bound asks, if its mean is ε²/ln 3.
    samples = np.log(3) / ERROR**2
    bounded = np.arange(8, 43)
    bound = [samples_without_entanglement(k, KAPPA, ERROR) for k in bounded.tolist()]
    plots.shade_below(ax, bounded, bound, 1.0, "proven bound without ancillas")
    n, task = range(2, 43), Displacement(LIGHT)
    for protocol, label, line, marker in DETECTORS:
        style = plots.style_of(protocol)
        law = [samples * variance(k, task.noise(protocol)) for k in n]
        ax.plot(n, law, line, color=style.colour, linewidth=0.8, zorder=1)
        found = _of(points, LIGHT, protocol)
        look = {"marker": marker, "color": style.colour, "mfc": "white", "ms": 4}
        if found:
            ax.plot([], [], line, lw=0.8, label=label, **look)
        # The imaginary part comes before the real one.
        for imaginary, real in zip(found[::2], found[1::2], strict=True):
            squares = [
                samples * real.copies * sum(value**2 for value in values)
                for values in (
                    (imaginary.rmse, real.rmse),
                    (imaginary.rmse_low or 0, real.rmse_low or 0),
                    (imaginary.rmse_high or 0, real.rmse_high or 0),
                )
            ]
            at = real.spec.qubits
            plots.draw_interval(ax, at, *squares[1:], style.colour)
            ax.plot(at, squares[0], **look)
    ax.set(yscale="log", xlabel="number of modes $n$", ylim=(1, 1e26), xlim=(2, 42))
    ax.set(ylabel=rf"samples for error {ERROR}, chance 2/3", title="Displacements of light")
    ax.legend(loc="upper left", labelspacing=0.25, borderaxespad=0.2)
    return figure


draw = {"sensing": draw_array, "sensing_star": draw_star, "sensing_light": draw_light}

if __name__ == "__main__":
    sys.exit(run_script(EXPERIMENT, draw))
