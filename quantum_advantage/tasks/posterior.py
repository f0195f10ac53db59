"""The exact posterior over all hidden strings, as a function of the copies.

Nature hides one of 4ⁿ - 1 strings with a secret sign; the learner measures by a protocol of
``tasks.observables``, on circuits, and computes the exact posterior over all strings and both signs
(:mod:`quantum_advantage.inference.hidden_pauli.posterior`): it has all the computing that there is.
One row is the mean over a set of 100 hidden systems, of three quantities:

``entropy``: what the learner does not know of the string, in bits: the entropy of its posterior.
The truth beside it is the surprise -log₂ of the posterior at the string that was hidden.

``named``: the posterior chance of the most likely string, which it would name if nothing at all
were asked; beside it how often it named the hidden one.

``answered``: the posterior chance of the better one of two strings, one of which is hidden; beside
it how often it was. This is the game ``two``, and the bound applies to single copies.

The exact posterior is calibrated: in the mean, what it claims is what is true. The errors stated
are the standard deviations of the truth under the posterior.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.naming import canonical, parse
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.bell.spectrum import square_index
from quantum_advantage.inference.hidden_pauli import posterior
from quantum_advantage.inference.hidden_pauli.posterior import SignCounts, count_bell_signs
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.measurements.pauli_basis import (
    pauli_basis_strings,
)
from quantum_advantage.measurements.shadow_records import dialled_bases
from quantum_advantage.measurements.stabiliser import (
    StabiliserBases,
    decode_random_bases,
    random_basis_dials,
    select_bases,
    stabiliser_strings,
)
from quantum_advantage.measurements.unbiased_bases import (
    mutually_unbiased_bases,
    unbiased_basis_dial,
)
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source, sampler_of
from quantum_advantage.tasks.observables.games import Games, draw_games
from quantum_advantage.tasks.observables.protocols import ObservablesProtocol
from quantum_advantage.tasks.observables.task import Observables
from quantum_advantage.tasks.protocol import Chosen, Limits, Protocol
from quantum_advantage.tasks.shared.seeds import Seeds

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

QUANTITIES = ("entropy", "named", "answered")
SET = 100
# Numbers in the counts that are in memory at once.
_MOST_NUMBERS = 1 << 22
_POSTERIOR = (
    "\nPosterior of all 4^n - 1 strings and both signs: a sign of P is +1 with\n"
    "probability (1 + sα)/2 (one copy) or (1 + α²)/2 (two), signs of all others are coins."
)


def _bell(record: Record, qubits: int, games: int, prefixes: Integers) -> SignCounts:
    return count_bell_signs(qubits, record.bits[SYSTEM], record.bits[MEMORY], games, prefixes)


def _pauli(record: Record, qubits: int, games: int, prefixes: Integers) -> SignCounts:
    bases = dialled_bases(record, qubits)
    strings = pauli_basis_strings(qubits, bases, record.bits[SYSTEM])
    return posterior.count_signs_of_groups(qubits, strings, games, prefixes)


def _clifford(record: Record, qubits: int, games: int, prefixes: Integers) -> SignCounts:
    positions = [record.settings[dial.name] for dial in random_basis_dials(qubits)]
    return _stabiliser(record, decode_random_bases(positions), qubits, games, prefixes)


def _unbiased(record: Record, qubits: int, games: int, prefixes: Integers) -> SignCounts:
    chosen = record.settings[unbiased_basis_dial(qubits).name]
    bases = select_bases(mutually_unbiased_bases(qubits), chosen)
    return _stabiliser(record, bases, qubits, games, prefixes)


def _stabiliser(
    record: Record, bases: StabiliserBases, qubits: int, games: int, prefixes: Integers
) -> SignCounts:
    strings = stabiliser_strings(qubits, bases, record.bits[SYSTEM][:, 0])
    return posterior.count_signs_of_groups(qubits, strings, games, prefixes)


# Of a record, n, the number of games and the numbers of shots: the signs of all strings.
Counter = Callable[[Record, int, int, Integers], SignCounts]
COUNTERS: Mapping[str, Counter] = {
    "bell": _bell,
    "local_pauli": _pauli,
    "random_clifford": _clifford,
    "mutually_unbiased": _unbiased,
    "mutually_unbiased_cycled": _unbiased,
}


def string_posterior(
    protocol: str, record: Record, games: Games, alpha: float, prefixes: Integers
) -> Floats:
    """Returns the exact posterior over all strings from a record of a protocol.

    Args:
        protocol: The protocol's name; its record holds the shots of all games, game by game.
        record: Its record.
        games: The games, of which only their number and that of their qubits are looked at.
        alpha: The signal α that the learner was told.
        prefixes: (prefixes,) increasing numbers of shots.

    Returns:
        (games, prefixes, 4ⁿ) logarithms, the string at the place x + 2ⁿ z.

    Raises:
        ValueError: If n is above 8, or the prefixes do not increase to at most the shots of a game.

    Example:
        The posterior of two games on one qubit, after one Bell shot each:

        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.tasks.observables.games import ObservablesTask
        >>> rng = np.random.default_rng(1)
        >>> games = draw_games(ObservablesTask(), "hidden", 1, 2, rng, rng)
        >>> measurement = Posterior("posterior").read("bell", 1).measurement()
        >>> request = measurement.request(games.preparation, 1, rng)
        >>> (record,) = run([request], open_backend("qsim").make(1))
        >>> logs = string_posterior("bell", record, games, 0.9, np.array([1]))
        >>> logs.shape, np.exp(logs).sum(axis=2).round(6).tolist()  # I, X, Z, Y
        ((2, 1, 4), [[1.0], [1.0]])
    """
    name = parse(protocol)[0]
    counts = COUNTERS[name](record, games.qubits, games.trials, prefixes)
    return posterior.of_strings(posterior.log_posterior(counts, alpha, squared=name == "bell"))


def candidate_places(games: Games) -> Integers:
    """Returns the places of the revealed strings among all 4ⁿ.

    Returns:
        (games, candidates) places x + 2ⁿ z.

    Example:
        >>> from quantum_advantage.tasks.observables.games import ObservablesTask
        >>> rng = np.random.default_rng(1)
        >>> games = draw_games(ObservablesTask(), "hidden", 3, 10, rng, rng)
        >>> places = candidate_places(games)
        >>> places.shape, bool((places > 0).all() and (places < 4**3).all())  # never the identity
        ((10, 2), True)
    """
    strings = PauliStrings.from_letters(games.candidates.reshape(-1, games.qubits))
    return square_index(strings).reshape(games.trials, -1)


class Posterior(EstimatingTask):
    """The task ``posterior``: what the exact posterior over all strings says, beside the truth.

    Example:
        >>> task = Posterior("posterior:alpha=0.5")
        >>> task.protocol_names()[0], task.quantities("bell", 4)
        ('bell', ('entropy', 'named', 'answered'))
    """

    NAME: ClassVar[str] = "posterior"
    DEFAULTS: ClassVar[Mapping[str, float]] = {"alpha": 0.9}

    def __init__(self, text: str) -> None:
        """Reads the task's name, for example ``posterior:alpha=0.9``.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self._observables = Observables(canonical("observables", self.options))

    def __str__(self) -> str:
        return canonical(self.NAME, self.options)

    def describe(self) -> Iterable[Protocol]:
        """Returns the protocols of ``observables`` whose signs of all strings can be counted."""
        for name in COUNTERS:
            protocol = self._observables.protocols[name]
            yield replace(
                protocol,
                about=protocol.about.partition("\nAnswer:")[0] + _POSTERIOR,
                exact=None,
                limits=Limits(circuit_qubits=posterior.MOST_QUBITS),
                bounded=False,
            )

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns the names of what the posterior claims."""
        return QUANTITIES

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of one hidden system."""
        return self._observables.request_shot(chosen, rng)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long a set takes: 0.1 µs for each shot and string that it counts."""
        shots = copies // self.copies_per_shot(protocol, qubits)
        return 1e-7 * SET * (shots * 2.0**qubits + 4.0**qubits) + 0.01

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Measures sets of hidden systems and computes the posterior of each.

        Returns:
            The means over each set, (systems, 3).
        """
        rngs = seeds.generators()
        per_shot = 2**chosen.qubits if chosen.protocol.copies_per_shot == 1 else 1
        at_once = max(1, _MOST_NUMBERS // (per_shot * shots + 4 * 4**chosen.qubits))
        wanted = systems * SET
        found = [
            self._claims(chosen, shots, min(at_once, wanted - k), source, *rngs)
            for k in range(0, wanted, at_once)
        ]
        values, variances, truths = (
            np.concatenate(parts).reshape(systems, SET, len(QUANTITIES))
            for parts in zip(*found, strict=True)
        )
        errors = np.sqrt(variances.sum(axis=1)) / SET
        return Estimated(values.mean(axis=1), errors, truths.mean(axis=1))

    def _claims(
        self,
        chosen: Chosen,
        shots: int,
        trials: int,
        source: Source,
        nature: np.random.Generator,
        copies: np.random.Generator,
        learner: np.random.Generator,
    ) -> tuple[Floats, Floats, Floats]:
        """Returns claims, their variances under the posterior, and the truth, (trials, 3) each."""
        played = self._observables.games
        games = draw_games(played, "hidden", chosen.qubits, trials, nature, copies)
        measurement: ObservablesProtocol = chosen.measurement()
        (record,) = run(
            [measurement.request(games.preparation, shots, learner)], sampler_of(source)
        )
        logs = string_posterior(chosen.name, record, games, played.alpha, np.array([shots]))
        # Only now is the question revealed.
        places = candidate_places(games)
        named = posterior.name_string(logs, learner)[:, 0]
        answered = posterior.answer(logs, places, learner)[:, 0]
        each = np.arange(trials)
        hidden = places[each, games.truth]
        bits, logs = posterior.entropy(logs)[:, 0], logs[:, 0]
        largest = np.exp(logs[each, named])
        better = posterior.confidence(logs[:, None], places)[:, 0]
        chances = np.exp(logs)
        surprise = -np.where(chances > 0, logs, 0.0) / np.log(2)
        spread = (chances * surprise**2).sum(axis=1) - bits**2
        values = np.stack([bits, largest, better], axis=1)
        variances = np.stack([spread, largest * (1 - largest), better * (1 - better)], axis=1)
        truths = np.stack(
            [-logs[each, hidden] / np.log(2), named == hidden, answered == games.truth], axis=1
        )
        return values, np.maximum(variances, 0.0), truths.astype(float)
