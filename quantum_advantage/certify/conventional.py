"""What a learner without a quantum memory could have reached in the games of a data set.

The hypothesis that a certificate excludes: whatever happened in earlier games, each game is won
with a chance of at most p_max(T), the proven bound for the T copies spent in it. It needs games as
the theorems have them, so data of another kind is refused here, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from quantum_advantage.bounds import haar_states, hidden_pauli, time_reversal
from quantum_advantage.core.naming import parse
from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.observables.games import GAME_TASKS, read_task
from quantum_advantage.tasks.observables.playing import PROTOCOLS
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.time_reversal import TimeReversal

INDEPENDENT = (
    "every game had a fresh system, a fresh record and one question, the copies of a system were "
    "independent of each other, and what other protocols measured on the same systems was not used"
)
COUNTED = "all copies measured up to the answer are counted, discarded ones included"
AFTERWARDS = "the question was revealed after the measuring, by somebody honest"
TRUST = (
    "that the copies were exactly what is stated: a device may leave traces of the secret in them",
    "that copies were independent of each other and of earlier games",
    "the honesty of whoever draws the secrets and reveals the questions",
)
# Of learners of processes.
KEPT = "learners that keep ancillas or outputs from one use to the next: that is a quantum memory"


@dataclass(frozen=True)
class Conventional:
    """The largest accuracy of learners without quantum memory, and when it is theirs.

    Attributes:
        largest_accuracy: p_max of a number of copies spent in a game.
        copies_for: Its inverse: the copies that an accuracy in (1/2, 1) takes at least.
        proof: Where the bound is proven.
        assumptions: What must hold of the games, in plain words.
        not_covered: What no count of right answers can show.
    """

    largest_accuracy: Callable[[float], float]
    copies_for: Callable[[float], float]
    proof: str
    assumptions: tuple[str, ...]
    not_covered: tuple[str, ...]


def conventional_learners(task: str, protocol: str, qubits: int) -> Conventional:
    """Returns what learners without quantum memory can reach in the games of a protocol.

    The protocol matters only for the games: controls that hide something else, or tell the question
    beforehand, play other games than those of the theorem.

    Args:
        task: The task's full name.
        protocol: The protocol's full name.
        qubits: The number n of qubits.

    Raises:
        ValueError: If no bound is proven for these games.
    """
    loaded = load_task(task)
    loaded.copies_per_shot(protocol, qubits)  # refuses unknown protocols
    name, _ = parse(task)
    if name in GAME_TASKS:
        return _observables(task, parse(protocol)[0], qubits)
    if name == "purity":
        return Conventional(
            partial(haar_states.largest_purity_accuracy, qubits=qubits),
            partial(haar_states.copies_to_test_purity, qubits=qubits),
            "quantum_advantage.bounds.haar_states, setting 'purity', derived there",
            (
                "a fair secret coin chose a Haar-random pure state, drawn anew for each game, or "
                "the maximally mixed state (noise that the task adds to copies only makes it "
                "harder)",
                INDEPENDENT,
                COUNTED,
            ),
            _haar_random("states", TRUST),
        )
    if name == "principal_component":
        return Conventional(
            partial(haar_states.largest_principal_accuracy, qubits=qubits),
            partial(haar_states.copies_for_principal_component, qubits=qubits),
            "quantum_advantage.bounds.haar_states, setting 'principal component', derived there",
            (
                "a fair secret coin chose behind which value of the flag a Haar-random pure "
                "state, drawn anew for each game, stands",
                INDEPENDENT,
                COUNTED,
            ),
            _haar_random("states", TRUST),
        )
    if not isinstance(loaded, TimeReversal) or not loaded.family.looks_haar_random:
        raise UsageError(
            f"no bound is proven for the games of {task}: its evolutions are not Haar-random"
        )
    return Conventional(
        partial(time_reversal.largest_reversal_accuracy, qubits=qubits),
        partial(time_reversal.uses_to_find_reversal, qubits=qubits),
        "quantum_advantage.bounds.time_reversal, derived there",
        (
            "a fair secret coin chose a Haar-random real or a Haar-random general evolution, "
            "drawn anew for each game; copies are uses of it",
            INDEPENDENT,
            COUNTED,
        ),
        (
            "learners who use other inputs than one fixed real state without ancilla: for them "
            "no constants are proven",
            *_haar_random("evolutions", TRUST),
        ),
    )


def _haar_random(what: str, others: tuple[str, ...]) -> tuple[str, ...]:
    return (
        f"learners who know that the {what} come from circuits, which only look random",
        *others,
    )


def _observables(task: str, protocol: str, qubits: int) -> Conventional:
    entry, read = PROTOCOLS[protocol], read_task(task)
    if entry.told:
        raise UsageError(
            f"no bound is proven for the games of {protocol}: the question is told beforehand"
        )
    if entry.family != "hidden":
        raise UsageError(
            f"no bound is proven for the games of {protocol}: it does not hide one string drawn "
            "uniformly from all"
        )
    question = (
        "the strings were revealed in random order, the other one drawn uniformly"
        if read.game == "two"
        else "a fair secret coin hid the string or nothing, and the string was revealed"
    )
    alpha, game = read.alpha, read.game
    uses = read.name == "processes"
    copy = "use of the process replaced its input by" if uses else "copy was"
    return Conventional(
        partial(hidden_pauli.largest_conventional_accuracy, qubits=qubits, alpha=alpha, game=game),
        partial(hidden_pauli.copies_required, qubits=qubits, alpha=alpha, game=game),
        "quantum_advantage.bounds.hidden_pauli, derived there",
        (
            f"every {copy} (I + s·a·P)/2^n with a at most {read.alpha:g}, P uniform over all "
            "strings but the identity and s a fair secret sign, both drawn anew for each game",
            question,
            AFTERWARDS,
            INDEPENDENT,
            COUNTED,
        ),
        ((KEPT, *TRUST) if uses else TRUST),
    )
