"""Outcomes of pure pieces with many dial positions, against state vectors of Cirq."""

from __future__ import annotations

from itertools import pairwise

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.simulators import vectors as vectors_module
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.pieces import is_pure
from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.backends.simulators.vectors import sample_vectors, vectors
from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.run import run
from quantum_advantage.systems.random_states import random_states

LINE = cirq.LineQubit.range(3)


def measured(preparation, copies, change=()):
    """Returns a request of copies in the computational basis after a change of basis."""
    circuit = preparation.circuit(LINE[: preparation.qubits], "a") + cirq.Circuit(change)
    circuit.append(cirq.measure(*LINE[: preparation.qubits], key="system"))
    columns = preparation.draw(copies, "a")
    return Request(circuit, preparation.dials("a"), columns, copies * preparation.systems)


def piece_of(request):
    (placed,) = split(request.circuit, request.dials)
    return placed.piece


def states(systems, mixing=0.0):
    return random_states(3, np.full(systems, mixing), 7, np.random.default_rng(8))


@pytest.mark.parametrize("most", [None, 8 * 2])
def test_outcomes_follow_the_law_of_every_system(most, p_of_law, monkeypatch):
    """Also where only a few vectors are kept at once."""
    if most:
        monkeypatch.setattr(vectors_module, "MOST_AMPLITUDES", most)
    preparation, copies = states(5), 4000
    request = measured(preparation, copies)
    rows = sample_vectors(piece_of(request), request.table, request.shots, np.random.default_rng(1))
    numbers = (rows * np.array([4, 2, 1])[:, None]).sum(axis=0).reshape(5, copies)
    for system, outcomes in enumerate(numbers):
        law = np.diag(preparation.density_matrix(system)).real
        assert p_of_law(np.bincount(outcomes, minlength=8), law) > 1e-4


def test_shots_of_mixed_copies_are_uniform(p_of_law):
    request = measured(states(3, mixing=1.0), 3000)
    rows = sample_vectors(piece_of(request), request.table, request.shots, np.random.default_rng(2))
    numbers = (rows * np.array([4, 2, 1])[:, None]).sum(axis=0)
    assert p_of_law(np.bincount(numbers, minlength=8), np.full(8, 1 / 8)) > 1e-4


def test_the_sampler_uses_vectors_and_keeps_the_order_of_the_shots(monkeypatch):
    """Each of 300 systems is a basis state of its own: every shot has its own certain outcome."""
    used = []
    solve = vectors_module.vectors
    monkeypatch.setattr(vectors_module, "vectors", lambda *a: used.append(a) or solve(*a))
    preparation = states(300, mixing=1.0)
    exponents = np.zeros_like(preparation.exponents)
    preparation = type(preparation)(exponents, preparation.mixing, preparation.nature)
    # Without turns the circuit permutes the qubits, the same way for every input.
    request = measured(preparation, 2, [cirq.T(LINE[0]), cirq.T(LINE[1])])
    (record,) = run([request], FactorisedSampler(seed=3))
    assert used
    inputs = np.stack(request.table[:3], axis=1)
    found = (record.bits["system"][:, 0, None] >> np.arange(3, dtype=np.uint64)) & np.uint64(1)
    orders = [o for o in np.ndindex(3, 3, 3) if len(set(o)) == 3]
    assert any((found == inputs[:, order]).all() for order in orders)


def test_what_is_pure():
    x = cirq.Circuit(cirq.X(LINE[0]), cirq.measure(LINE[0]))
    noisy = cirq.Circuit(cirq.depolarize(0.1)(LINE[0]), cirq.measure(LINE[0]))
    assert is_pure(split(x, ())[0].piece)
    assert not is_pure(split(noisy, ())[0].piece)


def test_a_piece_beyond_a_state_vector_is_refused():
    line = cirq.LineQubit.range(29)
    chain = cirq.Circuit(cirq.CNOT(a, b) for a, b in pairwise(line))
    (placed,) = split(chain + cirq.Circuit(cirq.measure(*line)), ())
    with pytest.raises(ValueError, match="29 entangled qubits exceeds the 28 qubits"):
        vectors(placed.piece, ())
