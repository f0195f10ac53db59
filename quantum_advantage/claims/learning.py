"""The checks of the claims about models that learn to read records.

The claim is the paper's: a model trained on small noiseless systems works on large noisy ones. The
number in the criterion, at most three times the copies of the exact reading, is this project's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.circuits.run import run
from quantum_advantage.claims.checking import (
    ALPHA,
    OBSERVABLES,
    SEED,
    TARGET,
    Found,
    NoDataError,
    Setting,
    points_of,
)
from quantum_advantage.core.statistics import bootstrap_accuracy, crossings, interval
from quantum_advantage.inference.learning.symbol_table import cost_of_table
from quantum_advantage.measurements.bell import bell_signs
from quantum_advantage.study.spec import BATCHES
from quantum_advantage.tasks.observables.evidence import decide
from quantum_advantage.tasks.observables.games import ObservablesTask, draw_games
from quantum_advantage.tasks.observables.learned import BELL, Learned, trained_table
from quantum_advantage.tasks.observables.protocols import Bell

PLACE = "qvm:weber"
SIZES = (8, 14, 20)
MOST = 3.0  # times the copies of the exact reading
# Beyond the shots that either reading needs at n = 20.
SHOTS = 120


@dataclass(frozen=True, eq=False)
class Paired:
    """Right answers of two readings of the same records.

    Attributes:
        prefixes: (prefixes,) shots.
        exact: (batches, prefixes) right answers of the exact reading.
        learned: (batches, prefixes) those of the model.
        games: Games in a batch.

    Example:
        Twenty batches of 50 games, in which the model needs twice as many shots:

        >>> rising = np.tile([25, 32, 38, 44], (20, 1))
        >>> later = np.tile([25, 28, 32, 38], (20, 1))
        >>> paired = Paired(np.array([1, 2, 3, 4]), exact=rising, learned=later, games=50)
        >>> ratio, low, high = paired.ratio()
        >>> round(ratio, 2), low <= ratio <= high
        (1.4, True)
    """

    prefixes: npt.NDArray[np.int64]
    exact: npt.NDArray[np.int64]
    learned: npt.NDArray[np.int64]
    games: int

    def ratio(self) -> tuple[float, float, float]:
        """Returns the copies of the model over those of the exact reading, with its interval.

        Both readings are resampled together, so that the luck of the records cancels.
        """
        trials = np.full_like(self.exact, self.games)
        found = [
            (
                crossings(2 * self.prefixes, right.sum(axis=0) / trials.sum(axis=0), TARGET),
                crossings(2 * self.prefixes, bootstrap_accuracy(right, trials, SEED), TARGET),
            )
            for right in (self.learned, self.exact)
        ]
        (learned, learned_samples), (exact, exact_samples) = found
        return float(learned / exact), *interval(learned_samples / exact_samples)


def play_paired(qubits: int, games: int, model: Learned, place: str = PLACE) -> Paired:
    """Plays batches of games on a place and reads every record twice.

    Args:
        qubits: The number n of qubits.
        games: Games in a batch.
        model: The trained model's protocol.
        place: The backend.

    Raises:
        ValueError: If the backend is unknown.
    """
    rng = np.random.default_rng([SEED, qubits])
    sampler = open_backend(place).make(int(rng.integers(2**31)))
    prefixes = np.unique(np.rint(np.geomspace(1, SHOTS, 40)).astype(np.int64))
    right: dict[str, list[npt.NDArray[np.int64]]] = {"exact": [], "learned": []}
    for _ in range(BATCHES):
        drawn = draw_games(ObservablesTask(ALPHA), "hidden", qubits, games, rng, rng)
        (record,) = run([model.request(drawn.preparation, SHOTS, rng)], sampler)
        for name, protocol in (("exact", Bell()), ("learned", model)):
            evidence = protocol.evidence(record, drawn.candidates, prefixes)
            answers = decide(evidence, ALPHA, rng)
            right[name].append((answers == drawn.truth[:, None]).sum(axis=0))
    return Paired(prefixes, np.array(right["exact"]), np.array(right["learned"]), games)


def table_costs(setting: Setting) -> Found:
    """Checks the copies of the product of symbols against the exact reading of the same records."""
    model, games = Learned(BELL, trained_table, 0), setting.size(150, 800)
    texts, met = [], True
    for n in SIZES:
        ratio, low, high = play_paired(n, games, model).ratio()
        texts.append(f"n = {n}: {ratio:.2f} ({low:.2f} to {high:.2f})")
        met = met and high <= MOST
    (table,) = trained_table(model.seed)
    # On average every letter occurs at n/4 places.
    costs = cost_of_table(table.weights, bell_signs()) ** (SIZES[-1] / 4)
    texts.append(f"{costs.prod():.2f} expected from the table at n = {SIZES[-1]}")
    return Found(", ".join(texts), met)


def recurrent_costs(setting: Setting) -> Found:
    """Checks the copies of every recurrent network at n = 20 against the exact reading.

    Raises:
        NoDataError: If there are no points of either.
    """
    points = [
        p
        for p in points_of(setting, "learned_predictions", OBSERVABLES)
        if (p.spec.qubits, p.spec.backend) == (SIZES[-1], PLACE)
    ]
    exact = [p.copies for p in points if p.spec.protocol == "bell" and p.copies]
    networks = [p for p in points if p.spec.protocol.startswith("learned_recurrent")]
    if not exact or not networks:
        raise NoDataError(f"no points of bell and learned_recurrent on {SIZES[-1]} qubits")
    ratios = np.array([(p.copies or math.inf) / exact[0] for p in networks])
    text = f"{(ratios <= MOST).sum()} of {ratios.size} trainings, ratio {ratios.min():.2f} to "
    return Found(f"{text}{ratios.max():.2f}, n = {SIZES[-1]}", bool((ratios <= MOST).all()))
