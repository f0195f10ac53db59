"""All protocols of the task: how each measures, what it reads, and what of it can be played."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from quantum_advantage.inference.learning.labelled_records import Reader
from quantum_advantage.measurements.stabiliser import MOST_QUBITS
from quantum_advantage.tasks.observables import exact
from quantum_advantage.tasks.observables.adaptive_unbiased import AdaptiveUnbiased
from quantum_advantage.tasks.observables.calibrated import LEAST_CALIBRATION, CalibratedBell
from quantum_advantage.tasks.observables.exact_adaptive import (
    LOOKS,
    best_looks,
    exact_adaptive_unbiased,
)
from quantum_advantage.tasks.observables.games import ObservablesTask
from quantum_advantage.tasks.observables.grouped import (
    GroupedBell,
    check_times,
    exact_grouped_bell,
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
from quantum_advantage.tasks.observables.limited_memory import LimitedMemory
from quantum_advantage.tasks.observables.protocols import (
    Bell,
    KnownQuestion,
    LocalPauli,
    MutuallyUnbiased,
    ProductTwoCopy,
    RandomClifford,
)
from quantum_advantage.tasks.protocol import Limits, Option, Protocol

# The control whose question is known beforehand; others are named as what nature hides.
QUESTION_KNOWN = "question_known"
# Copies that share hidden product states, and so are not independent.
GROUPED = "grouped"
# Counts of copies stay within 64-bit integers.
EXACT_MOST_QUBITS = 50
ANY = Limits(exact_qubits=EXACT_MOST_QUBITS)
NOISY = replace(ANY, exact_noise=True)
STABILISER = replace(ANY, circuit_qubits=MOST_QUBITS)

_BELL = """Two copies; CNOT from system to memory, H on the system, all measured.
Sign of Q in one shot: the product of the table's entries for the letters of Q.
Its mean is tr(Q ρ)²: α² for the hidden string, 0 for every other one.
Answer: the string with the larger mean sign. One noiseless shot: right with 1/2 + α²/4."""
_MODEL = """The model is trained on noiseless simulated games of few qubits, whose labels say which
string was hidden; it is told no signs, no α and no noise."""
_SINGLE = """Answer: the larger likelihood, K signs of which a are +1, with the hidden sign unknown:
ln{ [(1+α)^a (1-α)^(K-a) + (1-α)^a (1+α)^(K-a)] / 2 }."""


def learned(
    name: str,
    about: str,
    alphabet: Alphabet,
    readers: Callable[[int], Sequence[Reader]],
    search_as: str,
    bounded: bool = False,
) -> Protocol:
    """Describes a protocol of two copies whose record a trained model reads.

    Args:
        name: Its name.
        about: How it measures and reads.
        alphabet: The measurement.
        readers: Trains the models from a seed, or returns the trained ones.
        search_as: The protocol with the exact reading of the same measurement.
        bounded: Whether the bound is about it.
    """
    return Protocol(
        name,
        about,
        copies_per_shot=2,
        measurement=lambda o, n: Learned(alphabet, readers, o["seed"]),
        options={"seed": Option(0, least=0, named=False)},
        couplings="pairs",
        bounded=bounded,
        search_as=search_as,
    )


def describe(games: ObservablesTask) -> Iterable[Protocol]:
    """Returns all protocols of the task.

    Args:
        games: The parameters of the task.
    """

    def best(qubits: int, target: float | None) -> int | None:
        return None if target is None else exact.best_times(target, games.alpha, games.game)

    def looks(qubits: int, target: float | None) -> int | None:
        return None if target is None else best_looks(target, games.alpha, games.game)

    yield Protocol(
        "bell",
        _BELL,
        copies_per_shot=2,
        measurement=lambda o, n: Bell(),
        exact=lambda o, n: exact.exact_bell,
        limits=NOISY,
        couplings="pairs",
    )
    yield Protocol(
        "bell_calibrated",
        "Bell measurements on a noisy processor. Product eigenstates of X, Y and Z\n"
        "go through the same circuit in the same job (shots=600 of them) and give f_X, f_Y, f_Z "
        "of\n"
        "every pair: the factors by which noise damps the mean of a string's letters there.\n"
        + _BELL.replace(
            "the string with the larger mean sign. One noiseless shot: right with 1/2 + α²/4.",
            "the larger likelihood of signs with\nmean α² Π f, the product of the measured "
            "factors.",
        ),
        copies_per_shot=2,
        measurement=lambda o, n: CalibratedBell(shots=o["shots"]),
        exact=lambda o, n: exact.exact_calibrated_bell,
        limits=NOISY,
        options={"shots": Option(600, least=LEAST_CALIBRATION, named=False)},
        couplings="pairs",
    )
    yield Protocol(
        "local_pauli",
        "One copy; a random Pauli basis on every qubit (dials basis0, basis1, …).\n"
        "A shot is a sign of Q if its basis agrees with all w letters of Q: probability 3^-w.\n"
        + _SINGLE,
        copies_per_shot=1,
        measurement=lambda o, n: LocalPauli(o["times"]),
        exact=lambda o, n: partial(exact.exact_local_pauli, times=o["times"]),
        limits=ANY,
        options={"times": Option(1, least=1, named=False)},
        bounded=True,
        couplings="pairs",
    )
    yield Protocol(
        "random_clifford",
        "One copy; a uniformly random stabiliser basis (dials row0, row1, …).\n"
        "A shot is a sign of Q with probability 1/(2^n + 1).\n" + _SINGLE,
        copies_per_shot=1,
        measurement=lambda o, n: RandomClifford(),
        exact=lambda o, n: exact.exact_random_clifford,
        limits=STABILISER,
        couplings="more",
        bounded=True,
    )
    yield Protocol(
        "mutually_unbiased",
        "One copy; a random subset of the 2^n + 1 unbiased bases, each measured\n"
        "so often that the target is reached with the fewest copies (3 times at 70 %).\n"
        "Q lies in exactly one of the bases.\n" + _SINGLE,
        copies_per_shot=1,
        measurement=lambda o, n: MutuallyUnbiased(max(1, o["times"])),
        exact=lambda o, n: partial(exact.exact_mutually_unbiased, times=o["times"]),
        limits=STABILISER,
        options={"times": Option(0, least=1, choose=best)},
        couplings="more",
        bounded=True,
    )
    yield Protocol(
        "mutually_unbiased_cycled",
        "One copy; the 2^n + 1 unbiased bases in turn, in random order.\n"
        "Q lies in exactly one of the bases.\n" + _SINGLE,
        copies_per_shot=1,
        measurement=lambda o, n: MutuallyUnbiased(1),
        exact=lambda o, n: partial(exact.exact_mutually_unbiased, times=1),
        limits=STABILISER,
        couplings="more",
        bounded=True,
    )
    yield Protocol(
        "adaptive_unbiased",
        "One copy; the 2^n + 1 unbiased bases in random order. Two copies in each, a third\n"
        "one (looks=4: and a fourth) in another basis, chosen by their outcomes, that holds only\n"
        "the strings whose signs agreed. The best conventional protocol known here to 90 %.\n"
        + _SINGLE,
        copies_per_shot=1,
        measurement=lambda o, n: AdaptiveUnbiased(o["looks"] or LOOKS[0]),
        exact=lambda o, n: partial(exact_adaptive_unbiased, looks=o["looks"]),
        limits=STABILISER,
        options={"looks": Option(0, least=3, most=lambda n: 4, choose=looks)},
        couplings="more",
        bounded=True,
        # Its own distribution is drawn basis by basis, which is dear at 12 qubits.
        search_as="mutually_unbiased",
    )
    yield Protocol(
        "memory",
        "Two copies; Bell measurement of the first k pairs (memory:qubits=k), the other\n"
        "qubits of both copies in the same random stabiliser basis. A round is a sign of Q, of "
        "mean\n"
        "tr(Q ρ)², if the rest of Q lies in the group of that basis: about 2^-(n-k).",
        copies_per_shot=2,
        measurement=lambda o, n: LimitedMemory(o["qubits"]),
        exact=lambda o, n: partial(exact.exact_limited_memory, memory=o["qubits"]),
        limits=lambda o, n: replace(STABILISER, circuit_qubits=MOST_QUBITS + o["qubits"]),
        options={"qubits": Option(0, least=0, most=lambda n: n, named=False)},
        couplings="more",
        bounded=lambda o: o["qubits"] == 0,
    )
    yield Protocol(
        "known_question",
        "A control: the strings are known before anything is measured.\n"
        "One copy in the product basis of the first string.\n" + _SINGLE,
        copies_per_shot=1,
        measurement=lambda o, n: KnownQuestion(),
        exact=lambda o, n: exact.exact_known_question,
        limits=ANY,
        control=QUESTION_KNOWN,
        couplings="pairs",
    )
    yield Protocol(
        "product_two_copy",
        "A control: two copies, no entanglement, in the same random Pauli basis.\n"
        "A shot is two signs of Q if its basis agrees with all letters of Q.\n" + _SINGLE,
        copies_per_shot=2,
        measurement=lambda o, n: ProductTwoCopy(),
        exact=lambda o, n: exact.exact_product_two_copy,
        limits=ANY,
        bounded=True,
        couplings="pairs",
    )
    yield Protocol(
        "different_hidden",
        "A control: the two copies hide different strings P and P'.\n"
        "The mean sign of Q is tr(Q ρ) tr(Q σ) = 0: nothing can be learned.\n" + _BELL,
        copies_per_shot=2,
        measurement=lambda o, n: Bell(),
        exact=lambda o, n: exact.exact_different_hidden,
        limits=ANY,
        control="different",
        couplings="pairs",
    )
    yield Protocol(
        "local_observables",
        "A control: all strings have weight exactly 2; random Pauli bases.\n"
        "A shot is a sign of Q with probability 1/9, whatever n is.\n" + _SINGLE,
        copies_per_shot=1,
        measurement=lambda o, n: LocalPauli(1),
        exact=lambda o, n: partial(exact.exact_local_pauli, times=1),
        limits=replace(ANY, least_qubits=2),
        control="local",
        couplings="pairs",
    )
    yield Protocol(
        "no_signal",
        "A control: all copies are maximally mixed.\n" + _BELL,
        copies_per_shot=2,
        measurement=lambda o, n: Bell(),
        exact=lambda o, n: exact.exact_bell,
        limits=ANY,
        control="none",
        couplings="pairs",
    )
    yield Protocol(
        "bell_grouped",
        "Bell measurements, each setting of the two product states run times=5 times, an odd\n"
        "number: for services where a circuit is dear and a shot is cheap. The shots of a setting "
        "are\n"
        "not independent: the majority of its signs counts as one sign, of mean tr(Q ρ)².\n"
        "Answer: the string with the larger mean sign. No bound applies to copies that are alike.",
        copies_per_shot=2,
        measurement=lambda o, n: GroupedBell(check_times(o["times"])),
        exact=lambda o, n: partial(exact_grouped_bell, times=check_times(o["times"])),
        limits=ANY,
        options={"times": Option(5, least=1)},
        control=GROUPED,
        couplings="pairs",
    )
    yield learned(
        "learned_symbols",
        "Bell measurements, read by a learned table w of letters and outcomes.\n"
        "Score of Q: the mean over the shots of the product of w[letter of Q, outcome (a, b)].\n"
        "Answer: the string with the larger score. Trained on 1 to 7 qubits.\n" + _MODEL,
        BELL,
        trained_table,
        search_as="bell",
    )
    yield learned(
        "learned_recurrent",
        "Bell measurements, read by a gated recurrent unit, pair by pair.\n"
        "Score of Q: the mean over the shots of what it returns after the last pair.\n"
        "Answer: the string with the larger score. Trained on 1 to 7 qubits.\n" + _MODEL,
        BELL,
        trained_recurrent,
        search_as="bell",
    )
    yield learned(
        "learned_shuffled",
        "A control: learned_symbols, trained on labels in random order; 20 such\n"
        "tables, each of which reads every twentieth record.",
        BELL,
        trained_on_shuffled_labels,
        search_as="different_hidden",
    )
    yield learned(
        "learned_product",
        "A control: learned_symbols on two copies that are not entangled, both in\n"
        "the same random Pauli basis: the table has letters, bases and both bits. Trained on 1 to "
        "4\n"
        "qubits. The bound applies.\n" + _MODEL,
        PRODUCT,
        trained_on_product_bases,
        search_as="product_two_copy",
        bounded=True,
    )
