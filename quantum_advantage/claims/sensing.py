"""The checks behind the table of claims about sensors and telescopes.

Each compares fresh estimates with the exact formulas of their mean and mean square: none may
deviate by more than three standard errors. What entangled sensors save and what separate ones
cannot reach is measured without these formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.bounds.companion import odd_chance
from quantum_advantage.bounds.sensor_array import least_separate_error
from quantum_advantage.claims.checking import SEED, Found, Setting
from quantum_advantage.inference.sensing.characteristic import part_variances
from quantum_advantage.inference.sensing.companion import shots_to_detect
from quantum_advantage.inference.sensing.phase_sum import mean_square
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.spec import Spec
from quantum_advantage.systems.sensor_array import visibility
from quantum_advantage.tasks.registry import load_task

DEVIATIONS = 3


def _rows(
    task: str, protocol: str, qubits: int, backend: str, copies: int, systems: int
) -> npt.NDArray[np.float64]:
    """Returns (systems, quantities, 2): estimates and truths of one fresh batch."""
    spec = Spec(task, protocol, qubits, backend, copies, systems, SEED)
    rows = play_batch("verify", spec, 0)
    pairs = np.array([(row.value, row.truth) for row in rows])
    return pairs.reshape(systems, -1, 2)


def _deviations(
    off: npt.NDArray[np.float64], variances: npt.NDArray[np.float64] | float
) -> list[float]:
    """Returns by how many standard errors mean and mean square of the errors miss the formulas.

    Divided by its exact standard deviation an error is nearly a standard normal variable, of mean 0
    and mean square 1, whose own variance is 2.
    """
    scaled = off / np.sqrt(variances)
    root = math.sqrt(off.size)
    return [float(scaled.mean()) * root, float((scaled**2).mean() - 1) * root / math.sqrt(2)]


def _ratio(above: npt.NDArray[np.float64], below: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Returns the ratio of two means and the standard error of its logarithm."""
    ratio = above.mean() / below.mean()
    shares = [values.var(ddof=1) / values.size / values.mean() ** 2 for values in (above, below)]
    return float(ratio), math.sqrt(sum(shares))


def _rate_deviation(rate: float, chance: float, trials: int) -> float:
    """Returns by how many standard errors a rate of independent events misses their chance."""
    return (rate - chance) / math.sqrt(chance * (1 - chance) / trials)


def _worst(found: Sequence[float], text: str) -> Found:
    worst = max(map(abs, found))
    return Found(f"{text}; largest of {len(found)} deviations {worst:.1f} σ", worst <= DEVIATIONS)


def array_of_sensors(setting: Setting) -> Found:
    """Checks cos Φ from entangled, jointly read and separate sensors, with phase noise.

    Besides the formulas: separate sensors take 4ⁿ⁻¹ times the mean square of entangled ones, which
    is T times that of the error plus cos² Φ; their error lies above the bound, and from n = 4 on
    those of the others below it.
    """
    shots, systems, sigma = 1000, setting.size(100, 400), 0.3
    protocols = ("entangled_sensors", "joint_readout", "separate_sensors")
    found, bound_holds = [], True
    for n in (2, 4, 7):
        v = visibility(n, sigma)
        squares, errors = [], []
        for protocol in protocols:
            pairs = _rows(f"sensor_array:sigma={sigma}", protocol, n, "qsim", shots, systems)
            way = load_task("sensor_array").read(protocol, n).measurement().way
            square = mean_square(n, v, way)
            off = pairs[:, 0, 0] - pairs[:, 0, 1]
            found += _deviations(off, (square - pairs[:, 0, 1] ** 2) / shots)
            squares.append(shots * off**2 + pairs[:, 0, 1] ** 2)
            errors.append(math.sqrt((off**2).mean()))
        ratio, error = _ratio(squares[2], squares[0])
        found.append(float(math.log(ratio / 4.0 ** (n - 1)) / error))
        bound = least_separate_error(shots, n, v)
        bound_holds &= bound <= errors[2] and (n < 4 or max(errors[:2]) < bound)
    texts = ", ".join(f"{value:.2g}" for value in errors)
    text = (
        f"rms errors at n = 7: {texts}, bound {bound:.2g}; separate over entangled "
        f"{ratio:.0f} ± {ratio * error:.0f}, expected {4**6}"
    )
    verdict = _worst(found, text)
    return Found(verdict.value, verdict.met and bound_holds)


def companion_of_a_star(setting: Setting) -> Found:
    """Checks the rate of odd singlets, that a single star has none, and pairs for detection."""
    share, overlap, n = 0.01, 0.5, 6
    chance = odd_chance(share, overlap)
    pairs = round(shots_to_detect(chance))
    systems = setting.size(300, 2000)
    star = f"companion:overlap={overlap},share={share}"
    shots = pairs * systems
    rates = _rows(star, "bell", n, "qsim", 2 * pairs, systems)[:, 0, 0]
    seen, power = float((rates > 0).mean()), 1 - (1 - chance) ** pairs
    clicks = _rows(star, "known_star", n, "qsim", pairs, systems)[:, 0, 0]
    hazy = _rows(f"{star},background=0.05", "bell", n, "qsim", 2 * pairs, systems)[:, 0]
    found = [
        _rate_deviation(rates.mean(), chance, shots),
        _rate_deviation(seen, power, systems),
        _rate_deviation(clicks.mean(), share * (1 - overlap**2), shots),
        _rate_deviation(hazy[:, 0].mean(), float(hazy[0, 1]), shots),
    ]
    alone = _rows("companion:share=0", "bell", n, "qsim", 2 * pairs, systems)[:, 0, 0]
    text = f"found by {pairs} pairs: {seen:.3f}, single stars {float((alone > 0).mean()):.3f}"
    verdict = _worst(found, text)
    return Found(verdict.value, verdict.met and not alone.any())


def displacements_of_light(setting: Setting) -> Found:
    """Checks the characteristic function at the hidden point, with and without squeezing."""
    shots, systems, kappa = 400, setting.size(300, 2000), 0.5
    found, texts = [], []
    noises = {
        "heterodyne:transmission=1.0": 1.0,
        "squeezed_pairs:decibels=5.0,transmission=1.0": 10**-0.5,
        "squeezed_pairs:decibels=5.0,transmission=0.9": 10**-0.5 + 1 / 9,
    }
    for n in (4, 16):
        for protocol, noise in noises.items():
            pairs = _rows(f"displacement:kappa={kappa}", protocol, n, "law", shots, systems)
            beta = np.array([math.sqrt(kappa * n)], dtype=np.complex128)
            exact = complex(*np.abs(pairs[0, :, 1]))
            for part, variance in enumerate(part_variances(beta, noise, exact, 0)):
                found += _deviations(pairs[:, part, 0] - pairs[:, part, 1], variance / shots)
            if n == 16:
                right = np.sign(pairs[:, 1, 0]) == np.sign(pairs[:, 1, 1])
                texts.append(f"{right.mean():.3f}")
    return _worst(found, f"signs found at n = 16 from {shots} samples: {', '.join(texts)}")
