"""The calibration of Bell measurements: product eigenstates through the very same circuit.

Every pair is prepared in eigenstates of X, Y or Z with known signs, by the same gates as a copy of
a hidden-Pauli state, so that a calibration runs in the same job as the data.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from quantum_advantage.inference.damping import DampingCounts, count_damping
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.pauli import unpack_bits
from quantum_advantage.sampling import Record, Request
from quantum_advantage.systems.eigenstates import (
    KnownEigenstates,
    eigenstate_dials,
    eigenstate_positions,
    letters_and_bits,
)
from quantum_advantage.tasks.requests import copy_qubits, request_copies

LABELS = ("a", "b")


def damping_request(qubits: int, shots: int, rng: np.random.Generator) -> Request:
    """Requests a calibration in random eigenstates, every shot and every pair its own.

    Args:
        qubits: The number n of pairs.
        shots: The number of shots, some third of them for each letter on each pair.
        rng: The learner's randomness.
    """
    letters = rng.integers(1, 4, (shots, qubits), dtype=np.uint8)
    bits = rng.integers(0, 2, (2, shots, qubits), dtype=np.uint8)
    return _request(
        {k: eigenstate_positions(letters, b) for k, b in zip(LABELS, bits, strict=True)}
    )


def fixed_damping_request(qubits: int, shots: int) -> Request:
    """Requests a calibration in twelve settings, the same on all pairs and repeated in turn.

    Few settings are cheap where every parameter set costs time.

    Args:
        qubits: The number n of pairs.
        shots: The number of shots, a third of them for each letter.
    """
    settings = np.array(list(product((1, 2, 3), (0, 1), (0, 1))), dtype=np.uint8)
    rows = settings[np.arange(shots) % len(settings)]
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
    """
    positions = (
        np.stack([record.settings[dial.name] for dial in eigenstate_dials(qubits, label)], axis=1)
        for label in LABELS
    )
    (letters, first), (_, second) = (letters_and_bits(p) for p in positions)
    system, memory = (unpack_bits(record.bits[key], qubits) for key in (SYSTEM, MEMORY))
    return count_damping(letters, first ^ second, system, memory)
