"""All protocols of the task by name, and how a batch of games is played."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.results import check_sampler
from quantum_advantage.circuits.run import run
from quantum_advantage.core.naming import canonical, known_protocol, parse, read_options
from quantum_advantage.core.statistics import crossings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.learning.labelled_records import Reader
from quantum_advantage.measurements.stabiliser import MOST_QUBITS
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.base import Couplings, FromLaw, Source, whole_copies
from quantum_advantage.tasks.calibration import damping_request, read_damping
from quantum_advantage.tasks.observables import laws
from quantum_advantage.tasks.observables.evidence import Evidence, decide
from quantum_advantage.tasks.observables.explain import EXPLANATIONS
from quantum_advantage.tasks.observables.games import (
    Family,
    Games,
    ObservablesTask,
    draw_games,
    read_task,
)
from quantum_advantage.tasks.observables.learned import (
    BELL,
    PRODUCT,
    Alphabet,
    Learned,
    trained_on_product_bases,
    trained_on_shuffled_labels,
    trained_recurrent,
    trained_table,
)
from quantum_advantage.tasks.observables.protocols import (
    Bell,
    KnownQuestion,
    LimitedMemory,
    LocalPauli,
    MutuallyUnbiased,
    ObservablesProtocol,
    ProductTwoCopy,
    RandomClifford,
)
from quantum_advantage.tasks.seeds import Seeds

Prefixes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Options = Mapping[str, int]
Law = Callable[[Games, Prefixes, np.random.Generator], Evidence]

# Rows of a table that are in memory at once.
SHOTS_PER_REQUEST = 1 << 18
# Counts of copies stay within 64-bit integers.
LAW_MOST_QUBITS = 50
LARGEST_BUDGET = 60  # octaves
PREDICTION_TRIALS = 2000
# Shots of a calibration, spread over three letters.
LEAST_CALIBRATION = 30
# A first budget lies so far above the predicted sample complexity.
HEADROOM = 1.75
# Above the margin at which the next rung is not needed.
ENOUGH = 0.065
BELL_PROTOCOLS = ("bell", "bell_calibrated")
STABILISER_PROTOCOLS = (
    "random_clifford",
    "mutually_unbiased",
    "mutually_unbiased_cycled",
    "memory",
)


@dataclass(frozen=True)
class Entry:
    """One protocol of the task.

    Attributes:
        circuits: Makes the protocol from its options and the games (which only a protocol that is
            told the question beforehand may look into).
        law: Makes the exact law from its options; where a model reads the record, that of the exact
            reading, which only says where a search begins.
        copies_per_shot: Copies that a shot uses.
        conventional: Whether the bound on experiments without quantum memory applies.
        defaults: Its options.
        family: What nature hides.
        told: Whether the question is told beforehand.
        calibrated: Whether the damping of every pair is measured in the same job and used.
        learned: Whether a trained model reads the record.
    """

    circuits: Callable[[Options, Games], ObservablesProtocol]
    law: Callable[[Options], Law]
    copies_per_shot: int
    conventional: bool
    defaults: Mapping[str, int]
    family: Family = "hidden"
    told: bool = False
    calibrated: bool = False
    learned: bool = False


def _learned(
    alphabet: Alphabet,
    readers: Callable[[int], Sequence[Reader]],
    law: Law,
    conventional: bool = False,
) -> Entry:
    """Returns a protocol of two copies whose record a trained model reads."""
    return Entry(
        lambda o, g: Learned(alphabet, readers, o["seed"]),
        lambda o: law,
        2,
        conventional,
        {"seed": 0},
        learned=True,
    )


PROTOCOLS: dict[str, Entry] = {
    "bell": Entry(lambda o, g: Bell(), lambda o: laws.bell_law, 2, False, {}),
    "bell_calibrated": Entry(
        lambda o, g: Bell(), lambda o: laws.bell_law, 2, False, {"shots": 600}, calibrated=True
    ),
    "local_pauli": Entry(
        lambda o, g: LocalPauli(o["times"]),
        lambda o: partial(laws.local_pauli_law, times=o["times"]),
        1,
        True,
        {"times": 1},
    ),
    "random_clifford": Entry(
        lambda o, g: RandomClifford(), lambda o: laws.random_clifford_law, 1, True, {}
    ),
    "mutually_unbiased": Entry(
        lambda o, g: MutuallyUnbiased(o["times"]),
        lambda o: partial(laws.mutually_unbiased_law, times=o["times"]),
        1,
        True,
        {"times": 0},
    ),
    "mutually_unbiased_cycled": Entry(
        lambda o, g: MutuallyUnbiased(1),
        lambda o: partial(laws.mutually_unbiased_law, times=1),
        1,
        True,
        {},
    ),
    "memory": Entry(
        lambda o, g: LimitedMemory(o["qubits"]),
        lambda o: partial(laws.limited_memory_law, memory=o["qubits"]),
        2,
        False,
        {"qubits": 0},
    ),
    "known_question": Entry(
        lambda o, g: KnownQuestion(g.candidates),
        lambda o: laws.known_question_law,
        1,
        False,
        {},
        told=True,
    ),
    "product_two_copy": Entry(
        lambda o, g: ProductTwoCopy(), lambda o: laws.product_two_copy_law, 2, True, {}
    ),
    "different_hidden": Entry(
        lambda o, g: Bell(), lambda o: laws.different_hidden_law, 2, False, {}, family="different"
    ),
    "local_observables": Entry(
        lambda o, g: LocalPauli(1),
        lambda o: partial(laws.local_pauli_law, times=1),
        1,
        False,
        {},
        family="local",
    ),
    "no_signal": Entry(lambda o, g: Bell(), lambda o: laws.bell_law, 2, False, {}, family="none"),
    "learned_symbols": _learned(BELL, trained_table, laws.bell_law),
    "learned_recurrent": _learned(BELL, trained_recurrent, laws.bell_law),
    "learned_shuffled": _learned(BELL, trained_on_shuffled_labels, laws.different_hidden_law),
    "learned_product": _learned(
        PRODUCT, trained_on_product_bases, laws.product_two_copy_law, conventional=True
    ),
}


class Observables:
    """The task with all its protocols, as the study engine sees it."""

    def __init__(self, text: str) -> None:
        """Reads the task's name, for example ``observables:alpha=0.9,game=two``."""
        self._task: ObservablesTask = read_task(text)

    def __str__(self) -> str:
        return str(self._task)

    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple: pairs, but for stabiliser bases."""
        return "more" if parse(protocol)[0] in STABILISER_PROTOCOLS else "pairs"

    def protocol(self, protocol: str, games: Games) -> ObservablesProtocol:
        """Returns a protocol by its full name; only one that is told the question looks into games.

        Raises:
            ValueError: If the protocol or an option of it is unknown.
        """
        entry, options = self._read_full(protocol, games.qubits)
        return entry.circuits(options, games)

    def request(
        self,
        chosen: ObservablesProtocol,
        preparation: Preparation,
        shots: int,
        learner: np.random.Generator,
    ) -> Request:
        """Says what to run for a protocol: its measurements of copies."""
        return chosen.request(preparation, shots, learner)

    def _read(self, protocol: str, qubits: int) -> tuple[Entry, dict[str, int]]:
        if qubits < 1:
            raise UsageError(f"qubits must be at least 1, not {qubits}")
        name = known_protocol(protocol, PROTOCOLS)
        entry = PROTOCOLS[name]
        options = {key: int(v) for key, v in read_options(protocol, entry.defaults)[1].items()}
        if name == "memory" and not 0 <= options["qubits"] <= qubits:
            raise UsageError(f"qubits of {protocol!r} must lie between 0 and {qubits}")
        if "times" in options and options["times"] < (name == "local_pauli"):
            raise UsageError(f"times of {protocol!r} must be at least 1")
        if entry.calibrated and options["shots"] < LEAST_CALIBRATION:
            raise UsageError(f"shots of {protocol!r} must be at least {LEAST_CALIBRATION}")
        if entry.learned and options["seed"] < 0:
            raise UsageError(f"seed of {protocol!r} must be at least 0")
        if entry.family == "local" and qubits < 2:
            raise UsageError(f"{name} needs at least 2 qubits, not {qubits}")
        return entry, options

    def _read_full(self, protocol: str, qubits: int) -> tuple[Entry, dict[str, int]]:
        entry, options = self._read(protocol, qubits)
        if "times" in options and not options["times"]:
            raise UsageError(f"{protocol!r} must say how often each basis is measured: times=K")
        return entry, options

    def resolve(self, protocol: str, qubits: int, target: float) -> str:
        """Returns the full name of a protocol: options that depend on the target are filled in.

        Raises:
            ValueError: If the protocol or an option of it is unknown.
        """
        _, options = self._read(protocol, qubits)
        name, given = parse(protocol)
        if name == "mutually_unbiased" and not options["times"]:
            given["times"] = str(laws.best_times(target, self._task.alpha, self._task.game))
        return canonical(name, given)

    def copies_per_shot(self, protocol: str, qubits: int) -> int:
        """Returns how many copies a shot of the protocol uses."""
        return self._read(protocol, qubits)[0].copies_per_shot

    def bound(self, protocol: str, qubits: int, target: float) -> float | None:
        """Returns the proven least copies of the protocol, or None where no bound applies."""
        entry, options = self._read(protocol, qubits)
        without_memory = parse(protocol)[0] == "memory" and options["qubits"] == 0
        if not (entry.conventional or without_memory):
            return None
        return copies_required(target, qubits=qubits, alpha=self._task.alpha, game=self._task.game)

    def check(self, protocol: str, qubits: int, *, circuits: bool, noise: bool) -> None:
        """Refuses what cannot be played, before anything runs.

        Raises:
            ValueError: If the protocol has no circuits of that size, or no exact law with noise.
        """
        entry, options = self._read(protocol, qubits)
        name, _ = parse(protocol)
        if not circuits and entry.learned:
            raise UsageError(f"backend law knows no law of {name}; use qsim or qvm:weber")
        if not circuits and noise and name not in BELL_PROTOCOLS:
            raise UsageError(f"backend law knows no noise for {name}; use qsim or stim")
        if not circuits and qubits > LAW_MOST_QUBITS:
            raise UsageError(f"qubits must be at most {LAW_MOST_QUBITS} for the law, not {qubits}")
        measured = qubits - (options["qubits"] if name == "memory" else 0)
        if circuits and name in STABILISER_PROTOCOLS and measured > MOST_QUBITS:
            raise UsageError(
                f"qubits must be at most {MOST_QUBITS} for {name} as circuits, not {measured}; "
                "backend law goes on"
            )

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run."""
        entry, options = self._read(protocol, qubits)
        if "times" in options:
            options["times"] = max(1, options["times"])
        self.check(protocol, qubits, circuits=True, noise=False)
        rng = np.random.default_rng(0)
        games = draw_games(self._task, entry.family, qubits, 1, rng, rng)
        chosen = entry.circuits(options, games)
        return self.request(chosen, games.preparation, 1, rng).circuit

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns 0: the states are mixtures of product states, and no copy needs a vector."""
        return 0.0

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it reads."""
        self._read(protocol, qubits)
        return EXPLANATIONS[parse(protocol)[0]]

    def first_budget(
        self, protocol: str, qubits: int, target: float, damping: Floats | None = None
    ) -> int:
        """Returns the copies of the ladder's first rung.

        1.75 times the sample complexity that a short draw from the exact law predicts, and at least
        20 copies. Noise flattens the accuracy curve, so that the budget then also reaches the
        accuracy at which the ladder ends. It decides only where the search begins.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.
            target: The accuracy to reach.
            damping: (qubits, 4) factors that the noise is expected to have, or None.
        """
        entry, options = self._read_full(protocol, qubits)
        law = _law(entry, options, damping)
        rng = np.random.default_rng(0)
        games = draw_games(self._task, entry.family, qubits, PREDICTION_TRIALS, rng, rng)
        for octaves in range(4, min(LARGEST_BUDGET, 16 + 5 * qubits // 4) + 1, 4):
            shots = np.unique(np.rint(2 ** np.arange(0, octaves, 0.25)).astype(np.int64))
            answers = decide(law(games, shots, rng), self._task.alpha, rng)
            accuracy = (answers == games.truth[:, None]).mean(axis=0)
            played = entry.copies_per_shot * shots
            copies = HEADROOM * float(crossings(played, accuracy, target))
            if damping is not None and target + ENOUGH < 1:
                copies = max(copies, float(crossings(played, accuracy, target + ENOUGH)))
            if math.isfinite(copies):
                return max(20, whole_copies(copies))
        return 20

    def play(
        self,
        protocol: str,
        qubits: int,
        prefixes: Prefixes,
        trials: int,
        seeds: Seeds,
        source: Source,
    ) -> npt.NDArray[np.int64]:
        """Plays a batch of games, on circuits or from the exact law.

        Args:
            protocol: The protocol's full name.
            qubits: The number n of qubits.
            prefixes: (prefixes,) increasing numbers of shots after which the question is answered.
            trials: The number of games, each with a fresh system, record and question.
            seeds: The sources of randomness.
            source: Where the circuits run, or the exact law, which knows noise for Bell
                measurements alone.

        Returns:
            (prefixes,) the number of right answers.

        Raises:
            ValueError: If the source is neither a sampler nor the law, or the protocol cannot be
                played so.
        """
        entry, options = self._read_full(protocol, qubits)
        nature, copies, learner = seeds.generators()
        if isinstance(source, FromLaw):
            self.check(protocol, qubits, circuits=False, noise=source.damping is not None)
            games = draw_games(self._task, entry.family, qubits, trials, nature, copies)
            law = _law(entry, options, source.damping)
            answers = decide(law(games, prefixes, learner), self._task.alpha, learner)
            return np.asarray((answers == games.truth[:, None]).sum(axis=0))
        self.check(protocol, qubits, circuits=True, noise=False)
        check_sampler(source)
        games = draw_games(self._task, entry.family, qubits, trials, nature, copies)
        correct = np.zeros(prefixes.size, dtype=np.int64)
        at_once = max(1, SHOTS_PER_REQUEST // int(prefixes[-1]))
        factors: Floats | None = None
        for start in range(0, trials, at_once):
            part = _select(games, slice(start, start + at_once))
            chosen = entry.circuits(options, part)
            requests = [self.request(chosen, part.preparation, int(prefixes[-1]), learner)]
            if entry.calibrated and factors is None:
                requests.append(damping_request(qubits, options["shots"], learner))
            record, *calibration = run(requests, source)
            for known in calibration:
                factors = read_damping(known, qubits).factors()
            # Only now is the question revealed.
            evidence = chosen.evidence(record, part.candidates, prefixes)
            if factors is not None and isinstance(evidence, Evidence):
                evidence = evidence.damped(factors, part.candidates)
            answers = decide(evidence, self._task.alpha, learner)
            correct += (answers == part.truth[:, None]).sum(axis=0)
        return correct


def _law(entry: Entry, options: Options, damping: Floats | None) -> Law:
    """Returns the law of a protocol; of Bell measurements under noise if a damping is given."""
    law = entry.law(options)
    if damping is None or law is not laws.bell_law:
        return law
    noisy = partial(laws.bell_law, damping=damping)
    if not entry.calibrated:
        return noisy
    return lambda games, shots, rng: noisy(games, shots, rng).damped(damping, games.candidates)


def _select(games: Games, rows: slice) -> Games:
    return Games(
        games.preparation.select(rows),
        games.candidates[rows],
        games.truth[rows],
        games.means[rows],
    )
