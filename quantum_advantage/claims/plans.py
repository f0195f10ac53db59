"""The checks behind the table of claims that compare runs with their plans."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from quantum_advantage.backends.names import read_backend
from quantum_advantage.certify.certificate import Certificate, certify
from quantum_advantage.certify.methods import Fixed
from quantum_advantage.certify.played import select_games
from quantum_advantage.claims.checking import OBSERVABLES, SEED, Found, Setting, share_text
from quantum_advantage.plan.plan import Plan, plan
from quantum_advantage.preflight.files import PreflightRecord, read_preflight
from quantum_advantage.preflight.processors import open_processor, run_preflight
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.spec import BATCHES, Spec

# The interval of a plan holds 95 % of runs: about 1.96 standard errors to either side.
_HALF_WIDTHS = 4 / 1.96


def play_plan(p: Plan, seed: int) -> Certificate:
    """Plays what was planned, on the simulator or the virtual processor, and certifies it.

    Raises:
        ValueError: If it cannot be played.
    """
    spec = Spec(p.task, p.protocol, p.qubits, str(p.backend), p.copies, p.games // BATCHES, seed)
    counts = decisions("verify")
    for batch in range(BATCHES):
        counts.append(play_batch("verify", spec, batch))
    return certify(select_games(counts), Fixed(), confidence=p.confidence)


def plan_met(backend: str, qubits: int) -> Callable[[Setting], Found]:
    """Returns the check that a run finds the accuracy and the certificate that were planned."""

    def check(setting: Setting) -> Found:
        games = setting.size(400, 2000)
        return _compare(plan(OBSERVABLES, backend, qubits, games=games, whole=False))

    return check


def preflight_plan_met(backend: str, qubits: int) -> Callable[[Setting], Found]:
    """Returns the check that a run on the pairs of a preflight finds what its record foresees."""

    def check(setting: Setting) -> Found:
        record = _flown(backend, qubits)
        games = setting.size(400, 2000)
        return _compare(plan(OBSERVABLES, record, qubits, games=games, whole=False))

    return check


def _flown(backend: str, pairs: int) -> PreflightRecord:
    with tempfile.TemporaryDirectory() as folder:
        stem = Path(folder) / "preflight"
        run_preflight(open_processor(read_backend(backend), Path(folder)), pairs, stem)
        return read_preflight(stem.with_suffix(".csv"))


def _compare(p: Plan) -> Found:
    run = play_plan(p, SEED)
    text = (
        f"{p.copies} copies, right {share_text(run.right, run.games)}, planned "
        f"{p.accuracy:.4f}; factor there {max(run.factor, 0):.4g}, planned {p.factor:.4g} "
        f"({p.factor_low:.4g} to {p.factor_high:.4g})"
    )
    end = p.accuracy_low if run.accuracy < p.accuracy else p.accuracy_high
    near = abs(run.accuracy - p.accuracy) <= _HALF_WIDTHS * abs(end - p.accuracy)
    met = near and run.copies == p.copies and run.certified == (p.power > 0.5)
    return Found(text, met)
