"""The checks behind the claims about unlimited computing and about learning processes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.circuits.run import run
from quantum_advantage.claims.checking import ALPHA, OBSERVABLES, SEED, TARGET, Found, Setting
from quantum_advantage.core.statistics import bootstrap_accuracy, crossings, fit_log_linear
from quantum_advantage.inference.hidden_pauli.posterior import answer
from quantum_advantage.study.spec import BATCHES
from quantum_advantage.tasks.observables.evidence import decide
from quantum_advantage.tasks.observables.games import draw_games, read_task
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.posterior import candidate_places, string_posterior

PROCESSES = "processes:alpha=0.9,game=two"


def posterior_right(
    protocol: str, qubits: int, prefixes: npt.NDArray[np.int64], games: int, batch: int
) -> tuple[npt.NDArray[np.int64], int]:
    """Plays games on circuits, answered from the exact posterior over all strings.

    Args:
        protocol: The protocol's full name.
        qubits: The number n of qubits.
        prefixes: (prefixes,) increasing numbers of shots.
        games: The number of games.
        batch: The number of the batch, which seeds all randomness.

    Returns:
        (prefixes,) right answers, and how many answers differ from those of two likelihoods.

    Raises:
        ValueError: If the protocol is unknown, n is above 8 or the prefixes do not increase.

    Example:
        With all strings in view the learner answers as it does from two likelihoods:

        >>> right, differ = posterior_right("bell", 2, np.array([1, 4]), games=30, batch=0)
        >>> right.shape, differ
        ((2,), 0)
    """
    nature, copies, learner, sampler = np.random.SeedSequence([SEED, qubits, batch]).spawn(4)
    rng = np.random.default_rng(learner)
    drawn = draw_games(
        read_task(OBSERVABLES),
        "hidden",
        qubits,
        games,
        np.random.default_rng(nature),
        np.random.default_rng(copies),
    )
    chosen = Observables(OBSERVABLES).read(protocol, qubits).measurement()
    request = chosen.request(drawn.preparation, int(prefixes[-1]), rng)
    seed = int(sampler.generate_state(1)[0] >> 1)
    (record,) = run([request], open_backend("qsim").make(seed))
    logs = string_posterior(protocol, record, drawn, ALPHA, prefixes)
    # Both readings break ties by the same coins.
    whole = answer(logs, candidate_places(drawn), np.random.default_rng(seed))
    evidence = chosen.evidence(record, drawn.candidates, prefixes)
    two = decide(evidence, ALPHA, np.random.default_rng(seed))
    right = (whole == drawn.truth[:, None]).sum(axis=0)
    return right, int((whole != two).sum())


def unlimited_computing(setting: Setting) -> Found:
    """Checks the exact posterior over all strings, on circuits, against the bound, n = 2 … 5."""
    sizes, games = (2, 3, 4, 5), setting.size(50, 400)
    copies, samples, differ = [], [], 0
    for n in sizes:
        prefixes = np.unique(np.rint((2**n + 1) * np.linspace(0.8, 1.8, 8)).astype(np.int64))
        played = [
            posterior_right("mutually_unbiased:times=3", n, prefixes, games, b)
            for b in range(BATCHES)
        ]
        right = np.array([r for r, _ in played])
        differ += sum(d for _, d in played)
        copies.append(float(crossings(prefixes, right.sum(axis=0) / (games * BATCHES), TARGET)))
        again = bootstrap_accuracy(right, np.full_like(right, games), SEED)
        samples.append(crossings(prefixes, again, TARGET))
    if not np.isfinite(copies).all():
        return Found("the target was missed", False)
    bounds = [copies_required(TARGET, qubits=n, alpha=ALPHA) for n in sizes]
    bell, same = posterior_right("bell", sizes[-1], np.array([1]), games * BATCHES, 0)
    least = min(c / b for c, b in zip(copies, bounds, strict=True))
    fit = fit_log_linear(sizes, copies, np.stack(samples, axis=1))
    text = ", ".join(f"{c:.1f}" for c in copies) + f" copies, at least {least:.2f} bounds, "
    text += f"growth {fit.slope:+.2f} ({fit.low:+.2f} to {fit.high:+.2f}); {differ + same} answers "
    text += f"differ; one Bell shot {bell[0] / (games * BATCHES):.3f}"
    return Found(text, least > 1 and differ + same == 0)
