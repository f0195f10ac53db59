"""Protocols whose record a trained model reads: trained small and noiseless, used large and noisy.

Source: Huang et al., arXiv 2112.00778, whose supervised model is a recurrent network, trained on
noiseless simulated data of n < 8 qubits, that then reads the data of a processor up to n = 20. The
models and their training here are this project's own.

A learner simulates games of its own: hidden strings, copies, circuits and measurements are those of
the task at α = 0.9, on a noiseless simulator, and labels say which string was hidden. From them
alone it learns what an outcome says about a letter. Neither the table of signs, nor α, nor the
noise of the place where it is used is told to it.
"""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.inference.learning.labelled_records import (
    Labelled,
    Reader,
    shuffled,
    symbols_of,
)
from quantum_advantage.inference.learning.recurrent import (
    WIDTH,
    Recurrent,
    draw_recurrent,
    fit_recurrent,
    from_vector,
)
from quantum_advantage.inference.learning.symbol_table import SymbolTable, fit_symbol_table
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.measurements.pauli_basis import pauli_basis_dials
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.observables.evidence import Scores
from quantum_advantage.tasks.observables.games import ObservablesTask, draw_games
from quantum_advantage.tasks.observables.protocols import (
    Bell,
    Letters,
    ObservablesProtocol,
    Prefixes,
    ProductTwoCopy,
)

# Trained on fewer than eight qubits, as in the paper.
LARGEST_TRAINED = 7
# Few shots, so that some answers are wrong: a model that is always right learns nothing more.
TRAINING_SHOTS = 8
# Games of each size.
TABLE_GAMES, RECURRENT_GAMES = 300, 2000
# In random Pauli bases one shot in 9 measures two given letters, one in 81 measures four.
PRODUCT_LARGEST, PRODUCT_GAMES, PRODUCT_SHOTS = 4, 800, 32
# A random table of 16 signs is sometimes right by chance.
SHUFFLES = 20

BELL_KINDS, PRODUCT_KINDS = 4, 12

# The numbers of trained recurrent models, one row for each seed from 0 on, and the file's SHA-256.
NETWORKS = Path(__file__).with_name("trained_networks.npy")
NETWORKS_DIGEST = "9babc69c7d331a779b71ae34c20d927e074aaf40a0f3b4eb924013b4419ab585"


def bell_outcomes(record: Record, qubits: int) -> npt.NDArray[np.uint8]:
    """Returns 2a + b of every shot and pair: 0, 1, 2, 3 for the Bell states Φ⁺, Ψ⁺, Φ⁻, Ψ⁻.

    Args:
        record: A Bell record.
        qubits: The number n of pairs.

    Returns:
        (shots, qubits) numbers.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> record = Record(1, {SYSTEM: pack_bits([[0, 1]]), MEMORY: pack_bits([[0, 1]])})
        >>> bell_outcomes(record, 2).tolist()  # Φ⁺, and a singlet
        [[0, 3]]
    """
    a, b = (unpack_bits(record.bits[key], qubits) for key in (SYSTEM, MEMORY))
    return 2 * a + b


def product_outcomes(record: Record, qubits: int) -> npt.NDArray[np.uint8]:
    """Returns 4 · basis + 2a + b of every shot and qubit of two copies in one product basis.

    Args:
        record: A record of two copies, each measured in the same random Pauli basis.
        qubits: The number n of qubits.

    Returns:
        (shots, qubits) numbers; the bases are 0, 1, 2 for X, Y, Z.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> bases = {dial.name: np.array([2]) for dial in pauli_basis_dials(2)}  # ZZ
        >>> bits = {SYSTEM: pack_bits([[0, 1]]), MEMORY: pack_bits([[0, 0]])}
        >>> product_outcomes(Record(1, bits, bases), 2).tolist()
        [[8, 10]]
    """
    bases = [record.settings[dial.name].astype(np.uint8) for dial in pauli_basis_dials(qubits)]
    return 4 * np.stack(bases, axis=1) + bell_outcomes(record, qubits)


@dataclass(frozen=True)
class Alphabet:
    """A measurement, and the numbers that stand for its outcomes in a model.

    Attributes:
        protocol: How two copies are measured.
        outcomes: Returns (shots, qubits) numbers of outcomes.
        kinds: The number of different outcomes.

    Example:
        >>> BELL.kinds, PRODUCT.kinds  # outcomes of a pair of qubits
        (4, 12)
    """

    protocol: ObservablesProtocol
    outcomes: Callable[[Record, int], npt.NDArray[np.uint8]]
    kinds: int


BELL = Alphabet(Bell(), bell_outcomes, BELL_KINDS)
PRODUCT = Alphabet(ProductTwoCopy(), product_outcomes, PRODUCT_KINDS)


def symbols_in(record: Record, candidates: Letters, alphabet: Alphabet) -> npt.NDArray[np.uint8]:
    """Returns what a model sees of a record and its questions.

    Args:
        record: The record of all trials.
        candidates: (trials, candidates, n) letter codes.
        alphabet: The measurement.

    Returns:
        (trials * candidates, shots, n) symbols.

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> shots = pack_bits([[0, 1], [1, 1], [0, 0]])
        >>> record = Record(3, {SYSTEM: shots, MEMORY: shots})
        >>> candidates = np.array([[[1, 0], [3, 3]]], dtype=np.uint8)  # XI or ZZ, one trial
        >>> symbols_in(record, candidates, BELL).shape
        (2, 3, 2)
    """
    trials, _, n = candidates.shape
    outcomes = alphabet.outcomes(record, n).reshape(trials, -1, n)
    return symbols_of(candidates, outcomes, alphabet.kinds)


def training_sets(
    alphabet: Alphabet, largest: int, games: int, shots: int, seed: int
) -> list[Labelled]:
    """Plays noiseless games of 1, 2, … qubits on circuits, for a model to learn from.

    Args:
        alphabet: The measurement.
        largest: The largest number of qubits.
        games: Games of each size.
        shots: Shots in a game.
        seed: The source of all randomness.

    Returns:
        For each number n of qubits the symbols, (games * 2, shots, n), and (games * 2,):
        whether a candidate was the hidden one.

    Example:
        >>> one, two = training_sets(BELL, largest=2, games=5, shots=3, seed=1)
        >>> two.symbols.shape, int(two.hidden.sum())
        ((10, 3, 2), 5)
    """
    rng = np.random.default_rng([seed, largest, games, shots])
    sampler = open_backend("qsim").make(int(rng.integers(2**31)))
    sets = []
    for n in range(1, largest + 1):
        drawn = draw_games(ObservablesTask(), "hidden", n, games, rng, rng)
        request = alphabet.protocol.request(drawn.preparation, shots, rng)
        (record,) = run([request], sampler)
        hidden = drawn.truth[:, None] == np.arange(drawn.candidates.shape[1])
        sets.append(Labelled(symbols_in(record, drawn.candidates, alphabet), hidden.ravel()))
    return sets


def _bell_sets(games: int, seed: int) -> list[Labelled]:
    return training_sets(BELL, LARGEST_TRAINED, games, TRAINING_SHOTS, seed)


@functools.cache
def trained_table(seed: int) -> tuple[SymbolTable, ...]:
    """Returns one product of symbols, trained on Bell records of up to seven qubits.

    Args:
        seed: The source of the games and of the numbers at the beginning.
    """
    return (fit_symbol_table(_bell_sets(TABLE_GAMES, seed), BELL_KINDS, seed),)


@functools.cache
def trained_recurrent(seed: int) -> tuple[Recurrent, ...]:
    """Returns one recurrent model, trained on Bell records of up to seven qubits.

    Those of the first seeds are kept with the package, so that no worker trains them again.

    Args:
        seed: The source of the games and of the numbers at the beginning.
    """
    kept = kept_networks()
    return (kept[seed] if seed < len(kept) else train_recurrent(seed),)


def train_recurrent(seed: int) -> Recurrent:
    """Trains a recurrent model, which takes some seconds.

    Args:
        seed: The source of the games and of the numbers at the beginning.
    """
    return fit_recurrent(_bell_sets(RECURRENT_GAMES, seed), BELL_KINDS, seed)


@functools.cache
def kept_networks() -> tuple[Recurrent, ...]:
    """Returns the models of the seeds 0, 1, … that are kept with the package.

    Raises:
        RuntimeError: If the file is not the one that belongs to this version.

    Example:
        >>> len(kept_networks()) >= 5, kept_networks()[0] is trained_recurrent(0)[0]
        (True, True)
    """
    data = NETWORKS.read_bytes()
    if hashlib.sha256(data).hexdigest() != NETWORKS_DIGEST:
        raise RuntimeError(f"{NETWORKS} does not belong to this version; install the package anew")
    like = draw_recurrent(BELL_KINDS, WIDTH, np.random.default_rng(0))
    numbers = np.load(io.BytesIO(data), allow_pickle=False)
    return tuple(from_vector(row, like) for row in numbers)


@functools.cache
def trained_on_shuffled_labels(seed: int) -> tuple[SymbolTable, ...]:
    """Returns products of symbols, each trained on labels in another random order. A control.

    Args:
        seed: The source of the games, of the orders and of the numbers at the beginning.
    """
    rng = np.random.default_rng(seed)
    sets = _bell_sets(TABLE_GAMES, seed)
    return tuple(fit_symbol_table(shuffled(sets, rng), BELL_KINDS, rng) for _ in range(SHUFFLES))


@functools.cache
def trained_on_product_bases(seed: int) -> tuple[SymbolTable, ...]:
    """Returns one product of symbols, trained on copies in product Pauli bases. A control.

    Args:
        seed: The source of the games and of the numbers at the beginning.
    """
    sets = training_sets(PRODUCT, PRODUCT_LARGEST, PRODUCT_GAMES, PRODUCT_SHOTS, seed)
    return (fit_symbol_table(sets, PRODUCT_KINDS, seed),)


@dataclass(frozen=True)
class Learned:
    """A measurement of two copies, whose record a trained model reads.

    Attributes:
        alphabet: The measurement.
        readers: Trains the models, or returns the trained ones; trials are dealt out to them.
        seed: The seed of the training.
        copies_per_shot: Two.

    Example:
        The network of seed 0 has learned from at most seven qubits; here it reads ten games of ten.

        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.tasks.observables.evidence import decide
        >>> rng = np.random.default_rng(1)
        >>> games = draw_games(ObservablesTask(), "hidden", 10, 10, rng, rng)
        >>> learned = Learned(BELL, trained_recurrent, seed=0)
        >>> request = learned.request(games.preparation, 30, rng)
        >>> (record,) = run([request], open_backend("qsim").make(1))
        >>> scores = learned.evidence(record, games.candidates, np.array([30]))
        >>> bool((decide(scores, 0.9, rng)[:, 0] == games.truth).mean() > 0.9)
        True
    """

    alphabet: Alphabet
    readers: Callable[[int], Sequence[Reader]]
    seed: int
    copies_per_shot: int = 2

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests the same circuits as the protocol with the exact reading."""
        return self.alphabet.protocol.request(preparation, shots, rng)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Scores:
        """Reads the log-odds of every candidate, for every prefix in shots."""
        trials, count, _ = candidates.shape
        symbols = symbols_in(record, candidates, self.alphabet)
        symbols = symbols.reshape(trials, count, *symbols.shape[1:])
        found = np.empty((trials, count, prefixes.size))
        readers = self.readers(self.seed)
        for i, reader in enumerate(readers[:trials]):
            own = symbols[i :: len(readers)]
            read = reader.log_odds(own.reshape(-1, *own.shape[2:]), prefixes)
            found[i :: len(readers)] = read.reshape(-1, count, prefixes.size)
        return Scores(found)
