"""The checks behind the claims about signs: of a hidden string, and of all strings of a state."""

from __future__ import annotations

import math

from quantum_advantage.claims.checking import (
    ALPHA,
    SEED,
    TARGET,
    Found,
    NoDataError,
    Setting,
    curves_of,
    points_of,
    share_text,
    slope_of,
)
from quantum_advantage.claims.checks import slope_within
from quantum_advantage.claims.claim import Claim, script_command
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.errors import summarise_estimates
from quantum_advantage.study.kinds import estimates
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.hidden_sign import ADAPTIVE, named_rounds

SIGN = "hidden_sign:alpha=0.9"
EXPERIMENT, MIMICKING = "signs", "mimicking_states"
# 1000 shots of three copies.
COPIES = 3000
LARGE = (10, 12, 14, 16, 18, 20)
# From there on the adaptive protocol needs fewer copies than any that is fixed is known to.
_MOST_GROWTH = 0.15


def named_and_looked_at(setting: Setting) -> Found:
    """Checks that the copies of the adaptive protocol are as few as is proven, and hardly grow.

    Raises:
        NoDataError: If there are no points of it.
        OSError: If the counts are not there.
    """
    found = [
        p
        for p in points_of(setting, EXPERIMENT, SIGN)
        if p.spec.protocol == f"{ADAPTIVE}:pairs={named_rounds(TARGET, ALPHA, p.spec.qubits)[0]}"
    ]
    if not found:
        raise NoDataError(f"no points of {ADAPTIVE}")
    # One pair more, for what so many games leave open.
    few = all(
        (p.copies or math.inf) <= 2 * sum(named_rounds(TARGET, ALPHA, p.spec.qubits)) + 2
        for p in found
    )
    fit = slope_of(curves_of(setting, EXPERIMENT, SIGN), ADAPTIVE, LARGE).fit
    most = max(found, key=lambda p: p.spec.qubits)
    text = f"{most.copies:.1f} copies at n = {most.spec.qubits}, growth {fit.slope:+.3f} "
    text += f"({fit.low:+.3f} to {fit.high:+.3f}), n = {LARGE[0]}..{LARGE[-1]}"
    return Found(text, few and fit.slope <= _MOST_GROWTH)


def fixed_beforehand(setting: Setting) -> Found:
    """Checks that every protocol that is fixed beforehand stays above the bound for all of them.

    Raises:
        NoDataError: If there are no points of them.
        OSError: If the counts are not there.
    """
    points = points_of(setting, EXPERIMENT, SIGN)
    above = [p.copies / p.bound for p in points if p.bound is not None and p.copies is not None]
    if not above:
        raise NoDataError("no points of protocols that are fixed beforehand")
    return Found(f"at least {min(above):.1f} bounds, {len(above)} points", min(above) > 1)


def all_signs(setting: Setting) -> Found:
    """Checks the signs of all large strings of states of several kinds, from Bell data alone.

    Raises:
        NoDataError: If there are no such points.
        OSError: If the estimates are not there.
    """
    path = setting.data / f"{MIMICKING}.csv"
    path.stat()
    shares: dict[int, list[float]] = {}
    for spec, point in summarise_estimates(estimates(MIMICKING, path)):
        if (spec.protocol, spec.budget, point.quantity) == ("mimicking_state", COPIES, "right"):
            shares.setdefault(spec.qubits, []).append(point.value)
    if not shares:
        raise NoDataError(f"no points of {COPIES} copies")
    text = ", ".join(f"n = {n}: {min(found):.3f}" for n, found in sorted(shares.items()))
    kinds = min(map(len, shares.values()))
    met = min(map(min, shares.values())) >= 0.9
    return Found(f"{text} in the worst of {kinds} kinds of states", met)


def blind(setting: Setting) -> Found:
    """Tests whether Bell measurements alone, 1000 copies of them, show the sign."""
    games = setting.size(1000, 5000)
    spec = Spec(SIGN, "bell", 4, "law", 1000, games, SEED)
    right = play_batch("verify", spec, 0)[-1].correct
    far = abs(right / games - 0.5) > 4 * 0.5 / math.sqrt(games)
    return Found(f"{share_text(right, games, 3)} right", far)


CLAIMS = (
    Claim(
        "15",
        "the sign of a hidden string that is revealed afterwards takes O(n) copies, adaptively",
        "string named from Bell measurements, then looked at: copies for 70 % on circuits",
        "at most those proven to be enough; growth of log2(copies) at most 0.15 a qubit",
        named_and_looked_at,
        script_command(EXPERIMENT),
    ),
    Claim(
        "15",
        "the same with measurements that are fixed beforehand takes exponentially many copies",
        "growth of log2(copies) for 70 % per qubit, unbiased bases once each",
        "1.0 ± 0.1",
        slope_within(EXPERIMENT, "mutually_unbiased_cycled", range(2, 21), 1, 0.1, SIGN),
        script_command(EXPERIMENT),
    ),
    Claim(
        "15",
        "the bound for measurements of one or two copies that are fixed beforehand holds",
        "copies for 70 % over the proven bound",
        "every such point above",
        fixed_beforehand,
        script_command(EXPERIMENT),
    ),
    Claim(
        "15",
        "a mimicking state, found from Bell data alone, shows the signs of all large strings",
        "1000 shots of three copies, strings with |tr(Pρ)| at least 0.34, exact law",
        "at least 0.9 of the signs right, for every kind of state, n = 4, 5, 6",
        all_signs,
        script_command("mimicking_states"),
    ),
)
