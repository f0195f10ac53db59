"""Groups and unitaries of stabiliser bases, for tests of their hits and signs."""

import itertools

import cirq
import numpy as np

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.measurements.stabiliser import (
    select_bases,
    stabiliser_basis_change,
    stabiliser_hits,
)


def all_strings(qubits):
    """Every Pauli string other than the identity: texts, x words and z words."""
    texts = ["".join(row) for row in itertools.product("IXYZ", repeat=qubits)][1:]
    strings = PauliStrings.from_text(texts)
    return texts, strings.x[:, 0], strings.z[:, 0]


def circuit_unitary(qubits, dials, positions):
    values = {
        symbol: value
        for dial, position in zip(dials, positions, strict=True)
        for symbol, value in zip(dial.symbols, dial.positions[int(position)], strict=True)
    }
    line = cirq.LineQubit.range(qubits)
    circuit = cirq.Circuit(stabiliser_basis_change(line))
    return cirq.resolve_parameters(circuit, values).unitary(qubit_order=line)


def assert_hits_agree_with_the_unitary(qubits, bases, number, unitary):
    """Compares hits and signs of one basis, for all strings and outcomes, with its unitary."""
    texts, x, z = all_strings(qubits)
    one = select_bases(bases, np.array([number]))
    # Bit j of an outcome word is qubit j; the index of the unitary has qubit 0 first.
    index = np.arange(2**qubits)
    words = sum(((index >> (qubits - 1 - j)) & 1) << j for j in range(qubits)).astype(np.uint64)
    for k, text in enumerate(texts):
        turned = unitary @ cirq.unitary(cirq.DensePauliString(text)) @ unitary.conj().T
        diagonal = np.allclose(turned, np.diag(np.diag(turned)), atol=1e-7)
        hit, sign = stabiliser_hits(x[k : k + 1], z[k : k + 1], one, words)
        assert bool(hit[0]) == diagonal
        if diagonal:
            np.testing.assert_allclose(1 - 2.0 * sign, np.diag(turned).real, atol=1e-7)


def groups(qubits, bases):
    """The strings other than the identity that each basis hits, as sets of their numbers."""
    _, x, z = all_strings(qubits)
    zero = np.zeros(1, dtype=np.uint64)
    hit, _ = stabiliser_hits(x[:, None], z[:, None], bases, zero)
    return [frozenset(np.flatnonzero(column)) for column in hit.T]
