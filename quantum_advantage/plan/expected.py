"""The accuracy that an experiment is expected to have, and how well that is known.

It comes from a closed form or the exact law of the protocol where these know the backend's noise.
Elsewhere the games are played beforehand, on a simulator with that noise or on the virtual
processor: what so many games tell of the accuracy is a beta distribution (Jeffreys' prior).

An expectation is kept as equally likely values of the accuracy. The right answers in N games are
then distributed as the mixture of the binomials of these values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from quantum_advantage.backends.names import BackendName
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.noise import local_damping
from quantum_advantage.core.naming import parse
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval
from quantum_advantage.preflight.files import PreflightRecord
from quantum_advantage.preflight.processors import stand_in
from quantum_advantage.study.batches import batch_seeds, play_batch
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.observables.forecast import averaged_accuracies
from quantum_advantage.tasks.observables.games import GAME_TASKS, read_task
from quantum_advantage.tasks.registry import load_deciding

Floats = npt.NDArray[np.float64]

# Games drawn from a law, and played on circuits: to choose the shots, then to know the accuracy.
DRAWN = 20_000
PLAYED_TO_CHOOSE, PLAYED = 100, 400
# The number of equally likely values that represent an uncertain accuracy.
LIKELY = 101
# Draws of the damping from the estimates and errors of a preflight.
_PREFLIGHT_DRAWS = 64
# Differs from the seeds of experiments: these must not repeat the games played beforehand.
_SEED = 0x71A7_0000


@dataclass(frozen=True, eq=False)
class Expected:
    """The expected accuracy after several numbers of shots.

    Attributes:
        shots: (numbers,) of shots in a game.
        accuracy: (numbers,) expected accuracies.
        likely: (values, numbers) equally likely values of them; a single row if they are exact.

    Example:
        >>> found = expect("observables", "bell", 20, [1, 10], damping=None)  # noiseless Bell shots
        >>> found.accuracy.round(4).tolist(), found.likely.shape
        ([0.7025, 0.9825], (1, 2))
    """

    shots: npt.NDArray[np.int64]
    accuracy: Floats
    likely: Floats


def device_of(name: BackendName) -> BackendName:
    """Returns the backend itself, or the virtual processor that stands in for a real one.

    Raises:
        UsageError: If no virtual processor stands in for the real one.

    Example:
        >>> from quantum_advantage.backends.names import read_backend
        >>> str(device_of(read_backend("engine:weber"))), str(device_of(read_backend("qsim")))
        ('qvm:weber', 'qsim')
    """
    if name.base != "engine":
        return name
    place = stand_in(name.processor)
    # Another processor need not have the same pairs.
    pairs = name.pairs if place == name.processor else ()
    return BackendName("qvm", name.options, processor=place, pairs=pairs)


def expected_damping(name: BackendName, qubits: int) -> Floats | None:
    """Returns the factors by which the noise of a backend damps the letters.

    A real processor is not contacted: the virtual one that stands in for it gives the factors.

    Args:
        name: The backend.
        qubits: The number n of pairs.

    Returns:
        (qubits, 4) factors of I, X, Y, Z on each pair; None without noise.

    Raises:
        ValueError: If the backend does not hold so many pairs.

    Example:
        >>> from quantum_advantage.backends.names import read_backend
        >>> expected_damping(read_backend("qsim:readout=0.05"), 1).round(3).tolist()
        [[1.0, 0.9, 0.81, 0.9]]
        >>> expected_damping(read_backend("qsim"), 1) is None
        True
    """
    if not name.on_device:
        return local_damping(name, qubits)
    return open_backend(device_of(name)).damping(qubits)


def needs_playing(task: str, protocol: str, name: BackendName, qubits: int) -> bool:
    """Tells whether only circuits know these games, or what the noise of a backend does to them.

    Args:
        task: The task's full name.
        protocol: The protocol's full name.
        name: The backend.
        qubits: The number n of qubits.

    Raises:
        ValueError: If there is no such task or protocol, or neither circuits nor a law know it.

    Example:
        >>> from quantum_advantage.backends.names import read_backend
        >>> noisy = read_backend("qsim:readout=0.05")
        >>> [needs_playing(task, "bell", noisy, 8) for task in ("observables", "purity")]
        [False, True]
    """
    noise = name.noisy or name.on_device
    if not noise and _is_closed(task, protocol):
        return False
    try:
        load_deciding(task).check(protocol, qubits, circuits=False, noise=noise)
    except UsageError:
        if name.base == "law":
            raise
        return True
    return False


def expect(
    task: str, protocol: str, qubits: int, shots: Sequence[int], damping: Floats | None
) -> Expected:
    """Returns the expected accuracy after each number of shots, without circuits.

    Exact for Bell measurements in the game ``two``; drawn from the exact law elsewhere.

    Args:
        task: The task's full name.
        protocol: The protocol's full name.
        qubits: The number n of qubits.
        shots: Numbers of shots, increasing, at least 1.
        damping: (qubits, 4) factors of the noise, or None.

    Raises:
        ValueError: If the shots do not increase, or the protocol has no law there, or none with
            noise.

    Example:
        >>> noise = np.array([[1.0, 0.9, 0.81, 0.9]] * 8)
        >>> clean, noisy = (expect("observables", "bell", 8, [10], d) for d in (None, noise))
        >>> bool(noisy.accuracy[0] < clean.accuracy[0])
        True
    """
    grid = np.array(shots, dtype=np.int64)
    if not grid.size or grid[0] < 1 or (np.diff(grid) <= 0).any():
        raise UsageError(f"shots must be increasing and at least 1, not {list(shots)}")
    if _is_closed(task, protocol):
        exact = _closed(task, qubits, shots, damping)
        return Expected(grid, exact, exact[None])
    loaded = load_deciding(task)
    loaded.check(protocol, qubits, circuits=False, noise=damping is not None)
    seeds = batch_seeds(Spec(task, protocol, qubits, "law", 0, DRAWN, _SEED), 0)
    right = loaded.play(protocol, qubits, grid, DRAWN, 0, seeds, FromLaw(damping)).correct
    return _of_games(grid, right, DRAWN)


def check_foreseen(task: str, protocol: str) -> None:
    """Raises unless a preflight alone tells the accuracy of these games.

    Args:
        task: The task's full name.
        protocol: The protocol's full name.

    Raises:
        UsageError: If these games have no closed form in the damping of pairs.

    Example:
        >>> check_foreseen("observables", "bell")
    """
    if not _is_closed(task, protocol):
        raise UsageError(
            f"a preflight foresees bell in the game two of observables alone, not {protocol} in "
            f"{task}; name a backend instead"
        )


def expect_after_preflight(
    task: str, protocol: str, shots: int, record: PreflightRecord
) -> Expected:
    """Returns the expected accuracy on the pairs of a preflight, with its uncertainty.

    Args:
        task: The task's full name.
        protocol: The protocol's full name.
        shots: The number of shots.
        record: What the preflight found of the pairs in use.

    Raises:
        ValueError: If these games have no closed form in the damping of pairs.

    Example:
        The errors of a preflight of one pair make the expected accuracy uncertain:

        >>> factors, errors = np.array([[1.0, 0.9, 0.81, 0.9]]), np.full((1, 4), 0.02)
        >>> record = PreflightRecord("qvm:weber", ("a",), factors, errors)
        >>> found = expect_after_preflight("observables", "bell", 10, record)
        >>> found.likely.shape, bool(found.likely.std() > 0)
        ((64, 1), True)
    """
    check_foreseen(task, protocol)
    rng = np.random.default_rng(_SEED)
    noise = rng.standard_normal((_PREFLIGHT_DRAWS, *record.factors.shape))
    likely = np.array(
        [
            _closed(task, record.pairs, [shots], np.clip(record.factors + record.errors * z, -1, 1))
            for z in noise
        ]
    )
    return Expected(np.array([shots]), likely.mean(axis=0), likely)


def play_beforehand(
    task: str, protocol: str, name: BackendName, qubits: int, shots: int, games: int
) -> Expected:
    """Plays games on circuits with the backend's noise, at several numbers of shots.

    Args:
        task: The task's full name.
        protocol: The protocol's full name.
        name: The backend; for a real processor the virtual one that stands in plays.
        qubits: The number n of qubits.
        shots: The largest number of shots.
        games: How many games; other numbers play other games.

    Raises:
        ValueError: If the circuits do not run there.

    Example:
        >>> from quantum_advantage.backends.names import read_backend
        >>> noisy = read_backend("qsim:readout=0.05")
        >>> found = play_beforehand("observables", "bell", noisy, 4, shots=5, games=50)
        >>> found.shots.tolist(), found.likely.shape
        ([1, 2, 3, 5], (101, 4))
    """
    per_shot = load_deciding(task).copies_per_shot(protocol, qubits)
    place = str(device_of(name))
    spec = Spec(task, protocol, qubits, place, per_shot * shots, games, _SEED + games)
    rows = play_batch("plan", spec, 0)
    right = np.array([row.correct for row in rows])
    return _of_games(np.array([row.shots for row in rows], dtype=np.int64), right, games)


def right_answers(likely: Floats, games: int, share: float) -> int:
    """Returns a quantile of the number of right answers: the mixture of binomials.

    Args:
        likely: (values,) equally likely accuracies.
        games: The number of games.
        share: The share of runs that have at most as many, in (0, 1).

    Raises:
        UsageError: If the share does not lie in (0, 1).

    Example:
        Of 1000 games at an accuracy of 0.7, the central 95 %:

        >>> [right_answers(np.array([0.7]), 1000, share) for share in (0.025, 0.975)]
        [671, 728]
    """
    share = open_interval("share", share, 0, 1)
    low, high = -1, games
    while high - low > 1:
        middle = (low + high) // 2
        enough = np.mean(scipy.special.bdtr(middle, games, likely)) >= share
        low, high = (low, middle) if enough else (middle, high)
    return high


def _of_games(shots: npt.NDArray[np.int64], right: npt.NDArray[np.int64], games: int) -> Expected:
    shares = (np.arange(LIKELY) + 0.5) / LIKELY
    likely = scipy.special.betaincinv(right + 0.5, games - right + 0.5, shares[:, None])
    return Expected(shots, right / games, np.asarray(likely))


def _is_closed(task: str, protocol: str) -> bool:
    if parse(task)[0] not in GAME_TASKS or protocol != "bell":
        return False
    return read_task(task).game == "two"


def _closed(task: str, qubits: int, shots: Sequence[int], damping: Floats | None) -> Floats:
    known = np.ones((qubits, 4)) if damping is None else damping
    alpha = read_task(task).alpha
    return averaged_accuracies(shots, known, alpha)
