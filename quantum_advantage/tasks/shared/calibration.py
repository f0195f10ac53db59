"""The calibration of Bell measurements: product eigenstates through the very same circuit.

Every pair is prepared in eigenstates of X, Y or Z with known signs, by the same gates as a copy of
a hidden-Pauli state, so that a calibration runs in the same job as the data.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Protocol

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.inference.bell.pauli_fidelities import LETTERS, DampingCounts, count_damping
from quantum_advantage.measurements.bell import (
    MEMORY,
    SYSTEM,
    bell_basis_change,
    bell_parity,
)
from quantum_advantage.systems.eigenstates import (
    KnownEigenstates,
    eigenstate_dials,
    eigenstate_positions,
    letters_and_bits,
)
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies

LABELS = ("a", "b")
# Letter of both eigenstates, bit of the first, bit of the second.
_SETTINGS = np.array(list(product((1, 2, 3), (0, 1), (0, 1))), dtype=np.uint8)


def damping_request(qubits: int, shots: int, rng: np.random.Generator) -> Request:
    """Requests a calibration in random eigenstates, every shot and every pair its own.

    Args:
        qubits: The number n of pairs.
        shots: The number of shots, some third of them for each letter on each pair.
        rng: The learner's randomness.

    Example:
        Without noise every prepared sign comes out, so no factor differs from 1:

        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.circuits.run import run
        >>> request = damping_request(2, 60, np.random.default_rng(1))
        >>> (record,) = run([request], open_backend("qsim").make(1))
        >>> read_damping(record, 2).factors().tolist()
        [[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]
    """
    letters = rng.integers(1, 4, (shots, qubits), dtype=np.uint8)
    bits = rng.integers(0, 2, (2, shots, qubits), dtype=np.uint8)
    return _request(
        {k: eigenstate_positions(letters, b) for k, b in zip(LABELS, bits, strict=True)}
    )


def fixed_damping_request(qubits: int, shots: int) -> Request:
    """Requests a calibration in twelve settings, the same on all pairs and repeated in turn.

    Few settings are few parameter sets, each of which costs time on a processor.

    Args:
        qubits: The number n of pairs.
        shots: The number of shots, a third of them for each letter.

    Example:
        >>> request = fixed_damping_request(2, 60)
        >>> np.unique(np.stack(request.table), axis=1).shape[1]  # 3 letters, 2 x 2 signs
        12
    """
    rows = _SETTINGS[np.arange(shots) % len(_SETTINGS)]
    return _request(
        {
            label: np.tile(eigenstate_positions(rows[:, 0], rows[:, column])[:, None], qubits)
            for label, column in zip(LABELS, (1, 2), strict=True)
        }
    )


def _request(positions: dict[str, np.ndarray]) -> Request:
    prepared = KnownEigenstates(positions)
    shots = positions[LABELS[0]].shape[0]
    change = bell_basis_change(*copy_qubits(prepared.qubits))
    request = request_copies(prepared, 2, shots, change)
    return replace(request, learner=frozenset(dial.name for dial in request.dials))


def read_damping(record: Record, qubits: int) -> DampingCounts:
    """Counts, for every pair and letter, how often the prepared sign came out.

    Args:
        record: The record of a calibration.
        qubits: The number n of pairs.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.circuits.run import run
        >>> request = fixed_damping_request(2, 120)
        >>> (record,) = run([request], open_backend("qsim:readout=0.05").make(1))
        >>> factors = read_damping(record, 2).factors()  # near 0.9 for X and Z, 0.81 for Y
        >>> factors.shape, bool((factors[:, 1:] < 1).all())
        ((2, 4), True)
    """
    positions = (
        np.stack([record.settings[dial.name] for dial in eigenstate_dials(qubits, label)], axis=1)
        for label in LABELS
    )
    (letters, first), (_, second) = (letters_and_bits(p) for p in positions)
    system, memory = (unpack_bits(record.bits[key], qubits) for key in (SYSTEM, MEMORY))
    return count_damping(letters, first ^ second, system, memory)


class KnowsLaws(Protocol):
    """A sampler that can tell the exact distributions of pairs of bits."""

    def pair_laws(self, request: Request, first: str, second: str) -> npt.NDArray[np.float64]:
        """Returns (shots, places, 2, 2) distributions of the bits at the same place of two keys."""
        ...


def exact_damping(sampler: KnowsLaws, qubits: int) -> npt.NDArray[np.float64]:
    """Returns the factors that a calibration on this sampler estimates, exactly.

    Args:
        sampler: A simulator, or a virtual processor.
        qubits: The number n of pairs.

    Returns:
        (qubits, 4) factors of I, X, Y, Z on each pair.

    Example:
        The sign of X or Z on a pair is one measured bit, a sign of Y both: a readout that flips 5 %
        of the bits damps them by 1 - 2 x 0.05 = 0.9 for each bit.

        >>> from quantum_advantage.backends.opening import open_backend
        >>> exact_damping(open_backend("qsim:readout=0.05").make(1), 1).round(3).tolist()
        [[1.0, 0.9, 0.81, 0.9]]
    """
    request = fixed_damping_request(qubits, len(_SETTINGS))
    chances = sampler.pair_laws(request, SYSTEM, MEMORY)
    letters, signs = _SETTINGS[:, 0], _SETTINGS[:, 1] ^ _SETTINGS[:, 2]
    outcomes = np.indices((2, 2), dtype=np.uint64)[..., None]
    x, z = (
        column.astype(np.uint64)[:, None, None, None] for column in (letters <= 2, letters >= 2)
    )
    parity = bell_parity(x, z, outcomes[0], outcomes[1]) ^ signs[:, None, None]
    means = np.einsum("tpab,tab->tp", chances, 1.0 - 2.0 * parity)
    factors = [means[letters == letter].mean(axis=0) for letter in LETTERS]
    return np.stack([np.ones(qubits), *factors], axis=1)
