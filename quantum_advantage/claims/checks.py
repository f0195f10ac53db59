"""The checks behind the table of claims that use the counts of the experiments on disk.

Each check returns what was measured and whether its criterion is met.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.simulators.noise import local_damping
from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.claims.checking import (
    ALPHA,
    OBSERVABLES,
    TARGET,
    Found,
    NoDataError,
    Setting,
    curves_of,
    points_of,
    slope_near,
    slope_of,
)
from quantum_advantage.study.accuracy import (
    ENVELOPE,
    exponents,
)
from quantum_advantage.tasks.observables.exact_adaptive import best_known_cost

T = TypeVar("T")


def _some(found: list[T], what: str) -> list[T]:
    """Returns what was found, if anything."""
    if not found:
        raise NoDataError(f"no points of {what}")
    return found


def slope_within(
    experiment: str,
    protocol: str,
    qubits: Sequence[int],
    middle: float,
    width: float,
    task: str = OBSERVABLES,
) -> Callable[[Setting], Found]:
    """Returns the check that log₂(copies) grows by so much a qubit.

    Args:
        experiment: The name of the experiment, which is that of its file.
        protocol: The protocol's full name, or ``ENVELOPE`` for the best conventional one.
        qubits: The numbers n of qubits that count.
        middle: The slope that is expected.
        width: How far off it may lie.
        task: The task's full name.
    """

    def check(setting: Setting) -> Found:
        e = slope_of(curves_of(setting, experiment, task), protocol, qubits)
        return slope_near(e.fit, e.qubits, middle, width)

    return check


def beside_the_bound(
    experiment: str = "predicting_observables", task: str = OBSERVABLES
) -> Callable[[Setting], Found]:
    """Returns the check that conventional points lie above the bound, and Bell below from n = 4.

    Args:
        experiment: The name of the experiment, which is that of its file.
        task: The task's full name.
    """

    def check(setting: Setting) -> Found:
        points = points_of(setting, experiment, task)
        above = [p.copies / p.bound for p in points if p.bound is not None and p.copies is not None]
        # A point that misses its target within the budget counts as infinitely many copies.
        bell = [
            copies_required(TARGET, qubits=p.spec.qubits, alpha=ALPHA) / (p.copies or math.inf)
            for p in points
            if p.spec.protocol == "bell" and p.spec.qubits >= 4
        ]
        _some(above, "conventional protocols")
        _some(bell, "bell from n = 4")
        text = f"conventional at least {min(above):.2f} bounds, Bell at most 1/{min(bell):.3g} of "
        return Found(f"{text}it", min(above) > 1 and min(bell) > 1)

    return check


def principal_above_bound(setting: Setting) -> Found:
    """Checks that every conventional point of the principal component lies above its bound.

    Raises:
        NoDataError: If there are none.
        OSError: If the counts are not there.
    """
    points = points_of(setting, "principal_component", "principal_component")
    above = _some([p.copies / p.bound for p in points if p.bound and p.copies], "collisions")
    return Found(f"at least {min(above):.2f} bounds, {len(above)} points", min(above) > 1)


def product_control(setting: Setting) -> Found:
    """Checks that two copies without entanglement grow like single copies.

    Raises:
        NoDataError: If there are fewer than three sizes of either, or one of them misses the
            target.
        OSError: If the counts are not there.
    """
    sizes = (2, 4, 6, 8, 10)
    product = slope_of(curves_of(setting, "controls", OBSERVABLES), "product_two_copy", sizes)
    single = slope_of(curves_of(setting, "predicting_observables", OBSERVABLES), ENVELOPE, sizes)
    text = f"{product.fit.slope:.3f} against {single.fit.slope:.3f}"
    return Found(text, product.fit.slope >= 0.9 * single.fit.slope)


def weber_advantage(single: str, least: float) -> Callable[[Setting], Found]:
    """Returns the check of the copies' ratio at n = 20 on the virtual Weber, own placement.

    Args:
        single: ``bound`` for the proven bound, ``best`` for the best conventional protocol known.
        least: The least ratio; the lower end of its interval must reach it.
    """

    def check(setting: Setting) -> Found:
        found = [
            p
            for p in points_of(setting, "device_noise")
            if (p.spec.protocol, p.spec.qubits, p.spec.backend) == ("bell", 20, "qvm:weber")
        ]
        p = _some(found, "bell on 20 qubits of qvm:weber")[0]
        if single == "bound":
            copies = copies_required(TARGET, qubits=20, alpha=ALPHA)
        else:
            copies = best_known_cost(TARGET, ALPHA, "two") * (2**20 + 1)
        if p.copies is None or p.copies_low is None or p.copies_high is None:
            return Found("the target was missed", False)
        ratio, low, high = copies / p.copies, copies / p.copies_high, copies / p.copies_low
        text = f"{ratio:.3g} ({low:.3g} to {high:.3g}), Bell {p.copies:.1f} copies"
        return Found(text, low >= least)

    return check


def copies_of_control(
    protocol: str, most: float, experiment: str = "controls", task: str = OBSERVABLES
) -> Callable[[Setting], Found]:
    """Returns the check that a control needs at most so many copies at every size.

    Args:
        protocol: The control's full name.
        most: The most copies.
        experiment: The name of the experiment, which is that of its file.
        task: The task's full name.
    """

    def check(setting: Setting) -> Found:
        every = points_of(setting, experiment, task)
        points = _some([p for p in every if p.spec.protocol == protocol], protocol)
        copies = [p.copies or math.inf for p in points]
        text = f"{min(copies):.2f} to {max(copies):.2f} copies, n = "
        text += f"{points[0].spec.qubits}..{points[-1].spec.qubits}"
        return Found(text, max(copies) <= most)

    return check


def memory_scaling(setting: Setting) -> Found:
    """Checks that rounds are proportional to 2^(n-k) for a memory of k qubits, within 20 %.

    Raises:
        NoDataError: If there are no points.
        OSError: If the counts are not there.
    """
    ratios = {}
    for p in points_of(setting, "memory_tradeoff"):
        if p.spec.protocol.startswith("memory:") and p.copies:
            k = int(p.spec.protocol.rpartition("=")[2])
            ratios[k] = p.copies / 2 / 2 ** (p.spec.qubits - k)
    _some([*ratios], "memory")
    middle = math.exp(float(np.mean(np.log(list(ratios.values())))))
    worst = max(abs(r / middle - 1) for r in ratios.values())
    text = f"{middle:.3f} ({min(ratios.values()):.3f} to {max(ratios.values()):.3f}) · 2^(n-k) "
    text += f"rounds, within {worst:.0%}, k = {min(ratios)}..{max(ratios)}"
    return Found(text, worst <= 0.2 and len(ratios) >= 3)


def noise_bases(setting: Setting) -> Found:
    """Checks the growth of the copies under readout errors against the geometric mean of f.

    Raises:
        OSError: If the counts are not there.
    """
    texts, met = [], True
    curves = [
        c for c in curves_of(setting, "device_noise", OBSERVABLES) if c.key.protocol == "bell"
    ]
    for e in exponents(curves, lambda key: [TARGET]):
        if not e.place.startswith("qsim:") or e.protocol != "bell":
            continue
        damping = local_damping(read_backend(e.place), 1)
        if damping is None:
            continue
        # Copies grow as signal⁻², and the signal by (f_X f_Y f_Z)^(1/4) a qubit, on geometric mean.
        expected = float(np.prod(damping[0]) ** -0.5)
        base = 2**e.fit.slope
        texts.append(
            f"{e.place.partition(':')[2]}: {base:.3f} ({2**e.fit.low:.3f} to {2**e.fit.high:.3f}), "
            f"expected {expected:.3f}"
        )
        met = met and abs(base / expected - 1) <= 0.05
    return Found("; ".join(texts) or "no noisy sizes", met and bool(texts))
