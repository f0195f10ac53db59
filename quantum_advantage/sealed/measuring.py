"""How the copies of a sealed run are measured, and how outcomes and settings are spelled.

A Bell outcome is one digit a pair, 2a + b for the outcome (a, b); a single copy's is one bit a
qubit. Settings are letters of the measured bases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.digests import circuit_digest
from quantum_advantage.circuits.request import Record, Request
from quantum_advantage.core.bits import pack_bits, unpack_bits
from quantum_advantage.core.pauli import LETTERS
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.measurements.pauli_basis import pauli_basis_change, pauli_basis_dials
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies

# Texts of one game each.
Table = Sequence[Sequence[str]]
Letters = npt.NDArray[np.uint8]


def codes_of(table: Table, alphabet: str) -> Letters:
    """Returns the places of letters in an alphabet, (games * texts, letters).

    Example:
        >>> codes_of([["XZ"], ["YI"]], "IXYZ").tolist()
        [[1, 3], [2, 0]]
    """
    texts = [text for row in table for text in row]
    octets = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8)
    places = np.zeros(256, dtype=np.uint8)
    places[np.frombuffer(alphabet.encode("ascii"), dtype=np.uint8)] = np.arange(len(alphabet))
    return places[octets].reshape(len(texts), -1)


def table_of(codes: Letters, alphabet: str, games: int) -> list[list[str]]:
    """Returns the texts of codes, a list for each game; the inverse of :func:`codes_of`.

    Example:
        >>> table_of(np.array([[1, 3], [2, 0]], dtype=np.uint8), "IXYZ", 2)
        [['XZ'], ['YI']]
    """
    letters = np.frombuffer(alphabet.encode("ascii"), dtype=np.uint8)[codes]
    width = codes.shape[1]
    text = letters.tobytes().decode("ascii")
    texts = [text[i : i + width] for i in range(0, len(text), width)]
    each = len(texts) // games
    return [texts[i : i + each] for i in range(0, len(texts), each)]


def request_sealed(protocol: str, preparation: Preparation, shots: int, settings: Table) -> Request:
    """Says what to run.

    Args:
        protocol: ``bell`` or ``local_pauli``.
        preparation: What nature hides, a system for each game.
        shots: Shots of each game.
        settings: The learner's bases of every shot, for ``local_pauli``.
    """
    system, memory = copy_qubits(preparation.qubits)
    if protocol == "bell":
        return request_copies(preparation, 2, shots, bell_basis_change(system, memory))
    dials, change = pauli_basis_dials(preparation.qubits), pauli_basis_change(system)
    columns = tuple(np.ascontiguousarray(codes_of(settings, "XYZ").T))
    return request_copies(preparation, 1, shots, change, dials, columns)


def requested_circuit(protocol: str, qubits: int) -> str:
    """Returns the digest of the circuit that a protocol runs, the same whatever is hidden.

    Example:
        >>> requested_circuit("bell", 2) == requested_circuit("bell", 2)
        True
    """
    anything = HiddenPauli(
        np.ones((1, qubits), dtype=np.uint8),
        np.ones(1, dtype=np.int8),
        np.zeros(1),
        np.random.default_rng(0),
    )
    settings = [["X" * qubits]] if protocol == "local_pauli" else []
    return circuit_digest(request_sealed(protocol, anything, 1, settings).circuit)


def write_outcomes(record: Record, qubits: int, games: int) -> list[list[str]]:
    """Spells the outcomes of a record, a list of shots for each game."""
    codes = unpack_bits(record.bits[SYSTEM], qubits)
    if MEMORY in record.bits:
        codes = 2 * codes + unpack_bits(record.bits[MEMORY], qubits)
    return table_of(codes, "0123", games)


def read_record(protocol: str, outcomes: Table, settings: Table) -> Record:
    """Reads the record of spelled outcomes and settings; the inverse of :func:`write_outcomes`.

    Example:
        >>> record = read_record("bell", [["03"], ["21"]], [])
        >>> write_outcomes(record, 2, 2)
        [['03'], ['21']]
    """
    codes = codes_of(outcomes, "0123")
    if protocol == "bell":
        return Record(len(codes), {SYSTEM: pack_bits(codes >> 1), MEMORY: pack_bits(codes & 1)})
    bases = codes_of(settings, "XYZ").T
    dials = pauli_basis_dials(codes.shape[1])
    columns = {dial.name: column for dial, column in zip(dials, bases, strict=True)}
    return Record(len(codes), {SYSTEM: pack_bits(codes)}, columns)


def question_letters(questions: Table) -> Letters:
    """Returns the letter codes of questions, (games, 2, qubits).

    Example:
        >>> question_letters([["XZ", "YI"]]).tolist()
        [[[1, 3], [2, 0]]]
    """
    return codes_of(questions, LETTERS).reshape(len(questions), 2, -1)
