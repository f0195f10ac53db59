"""Spelled outcomes and settings, and the circuits that are run."""

import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.circuits.digests import circuit_digest
from quantum_advantage.circuits.run import run
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.sealed.measuring import (
    codes_of,
    question_letters,
    read_record,
    request_sealed,
    requested_circuit,
    table_of,
    write_outcomes,
)
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.tasks.observables.protocols import Bell, LocalPauli


def hidden(games, qubits, seed=1):
    rng = np.random.default_rng(seed)
    letters = rng.integers(1, 4, (games, qubits), dtype=np.uint8)
    return HiddenPauli(letters, np.ones(games, dtype=np.int8), np.full(games, 0.9), rng)


@pytest.mark.parametrize("qubits", [1, 5, 64, 70])
def test_texts_and_codes_are_inverse(qubits):
    codes = np.random.default_rng(0).integers(0, 4, (12, qubits), dtype=np.uint8)
    table = table_of(codes, "IXYZ", 4)
    assert [len(row) for row in table] == [3] * 4
    assert {len(text) for row in table for text in row} == {qubits}
    assert (codes_of(table, "IXYZ") == codes).all()
    assert question_letters([row[:2] for row in table]).shape == (4, 2, qubits)


def test_bell_digits_are_two_times_a_plus_b():
    record = read_record("bell", [["0123"]], [])
    assert record.bits[SYSTEM].tolist() == [[0b1100]]
    assert record.bits[MEMORY].tolist() == [[0b1010]]


@pytest.mark.parametrize("qubits", [3, 70])
def test_bell_record_is_what_was_spelled(qubits):
    request = request_sealed("bell", hidden(4, qubits), 5, [])
    (record,) = run([request], open_backend("stim").make(3))
    outcomes = write_outcomes(record, qubits, 4)
    again = read_record("bell", outcomes, [])
    for key in (SYSTEM, MEMORY):
        assert (again.bits[key] == record.bits[key]).all()


def test_single_copies_are_measured_in_the_bases_that_were_asked_for():
    qubits, settings = 2, [["XX", "XY"], ["ZZ", "YX"]]
    preparation = hidden(2, qubits)
    request = request_sealed("local_pauli", preparation, 2, settings)
    (record,) = run([request], open_backend("stim").make(3))
    again = read_record("local_pauli", write_outcomes(record, qubits, 2), settings)
    assert (again.bits[SYSTEM] == record.bits[SYSTEM]).all()
    assert {name: column.tolist() for name, column in again.settings.items()} == {
        "basis0": [0, 0, 2, 1], "basis1": [0, 1, 2, 0],
    }  # fmt: skip
    assert {n: c.tolist() for n, c in record.settings.items()} == {
        n: c.tolist() for n, c in again.settings.items()
    }


@pytest.mark.parametrize(("protocol", "own"), [("bell", Bell()), ("local_pauli", LocalPauli())])
def test_circuits_are_those_of_the_task_whatever_is_hidden(protocol, own):
    rng = np.random.default_rng(0)
    for seed in (1, 2):
        asked = own.request(hidden(2, 4, seed), 3, rng)
        assert circuit_digest(asked.circuit) == requested_circuit(protocol, 4)
    assert requested_circuit(protocol, 4) != requested_circuit(protocol, 5)
    assert requested_circuit("bell", 4) != requested_circuit("local_pauli", 4)
