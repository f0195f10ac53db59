"""Random shallow Clifford circuits: every layer acts on n/2 random bonds, and stabiliser states.

A layer pairs all qubits along bonds of the lattice, and every pair gets its own uniformly random
two-qubit Clifford gate. The pairing is the perfect matching of least total weight for independent
random weights of the bonds. The gate is uniform in the Clifford group: with probabilities 1/20,
9/20, 9/20 and 1/20 nothing, CNOT, iSWAP or SWAP, between uniformly random one-qubit Clifford gates
on both qubits, before and after. These are the four double cosets of the local gates; up to phases
they hold 24², 9·24², 9·24² and 24² gates (Córcoles et al., Phys. Rev. A 87, 030301 (2013)), and
local gates on both sides are uniform on each.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt
import stim
import stimcirq
from scipy import sparse
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.lattice import Bond, Layer

Floats = npt.NDArray[np.float64]
Octets = npt.NDArray[np.uint8]

_LOCAL = tuple(cirq.SingleQubitCliffordGate.all_single_qubit_cliffords)
_CORES = (None, cirq.CNOT, cirq.ISWAP, cirq.SWAP)
_CORE_CHANCES = np.array([1, 9, 9, 1]) / 20


def random_pairing(bonds: Sequence[Bond], qubits: int, rng: np.random.Generator) -> Layer:
    """Pairs all qubits at random along bonds.

    Args:
        bonds: The bonds of a lattice of two sublattices; on every bond the qubit of the same one
            comes first.
        qubits: The number n of qubits.
        rng: The source of randomness.

    Returns:
        n/2 disjoint bonds.

    Raises:
        UsageError: If there is no such pairing.

    Example:
        >>> square = ((0, 1), (2, 1), (2, 3), (0, 3))
        >>> sorted(random_pairing(square, 4, np.random.default_rng(0)))
        [(0, 1), (2, 3)]
    """
    first, second = np.array(bonds).T
    rows, row_of = np.unique(first, return_inverse=True)
    columns, column_of = np.unique(second, return_inverse=True)
    if rows.size != columns.size or rows.size + columns.size != qubits:
        raise UsageError(f"bonds must join two halves of the {qubits} qubits")
    # A weight of 0 would be no bond.
    weights = sparse.csr_matrix((1 - rng.random(first.size), (row_of, column_of)))
    try:
        ones, others = min_weight_full_bipartite_matching(weights)
    except ValueError as error:
        raise UsageError(f"bonds must pair all qubits: {error}") from None
    return tuple(zip(rows[ones].tolist(), columns[others].tolist(), strict=True))


def random_clifford_layers(
    qubits: Sequence[cirq.Qid], bonds: Sequence[Bond], depth: int, rng: np.random.Generator
) -> cirq.Circuit:
    """Draws a circuit of layers of random two-qubit Clifford gates on random bonds.

    Args:
        qubits: The n qubits.
        bonds: As in :func:`random_pairing`.
        depth: The number of layers.
        rng: The source of randomness.

    Raises:
        UsageError: As :func:`random_pairing`.

    Example:
        >>> from quantum_advantage.systems.toric_code import torus_bonds
        >>> line = cirq.LineQubit.range(8)
        >>> circuit = random_clifford_layers(line, torus_bonds(8), 2, np.random.default_rng(1))
        >>> len(circuit) <= 6, cirq.has_stabilizer_effect(circuit)
        (True, True)
    """
    circuit = cirq.Circuit()
    for _ in range(depth):
        layer = random_pairing(bonds, len(qubits), rng)
        local = rng.integers(0, len(_LOCAL), (2, len(qubits)))
        chosen = rng.choice(len(_CORES), size=len(layer), p=_CORE_CHANCES)
        cores = [
            core(qubits[a], qubits[b])
            for (a, b), number in zip(layer, chosen, strict=True)
            if (core := _CORES[number]) is not None
        ]
        before, after = (
            cirq.Moment(_LOCAL[k](qubit) for k, qubit in zip(row, qubits, strict=True))
            for row in local
        )
        circuit += cirq.Circuit(before, cirq.Moment(cores), after)
    return circuit


@dataclass(frozen=True, eq=False)
class StabiliserState:
    """Copies of one stabiliser state, whose circuit is known to nature.

    Attributes:
        prepared: A Clifford circuit on a line of qubits 0 … n - 1.
        qubits: The number n of qubits.
        systems: One state.

    Example:
        A Bell pair, and a qubit in |0⟩:

        >>> a, b, c = cirq.LineQubit.range(3)
        >>> state = StabiliserState(cirq.Circuit(cirq.H(a), cirq.CNOT(a, b)), 3)
        >>> state.one_qubit_purities().tolist()
        [0.5, 0.5, 1.0]
        >>> bits = state.measure(np.full((50, 3), 2, np.uint8), np.random.default_rng(0))
        >>> bool((bits[:, 0] == bits[:, 1]).all()), bool(bits[:, 2].any())
        (True, False)
    """

    prepared: cirq.Circuit
    qubits: int
    systems: int = 1

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares one copy."""
        line = cirq.LineQubit.range(self.qubits)
        return self.prepared.transform_qubits(dict(zip(line, qubits, strict=True)))

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns no dial: the state is always the same."""
        return ()

    def draw(self, copies: int, label: str) -> tuple[npt.NDArray[np.unsignedinteger], ...]:
        """Returns no positions."""
        return ()

    def select(self, systems: slice) -> StabiliserState:
        """Returns the state itself, the only one."""
        return self

    @functools.cached_property
    def _simulator(self) -> stim.TableauSimulator:
        """A simulator that has run the circuit."""
        line = cirq.LineQubit.range(self.qubits)
        whole = cirq.Circuit(cirq.I.on_each(*line)) + self.prepared
        simulator = stim.TableauSimulator(seed=0)
        simulator.do_circuit(stimcirq.cirq_circuit_to_stim_circuit(whole))
        return simulator

    def one_qubit_purities(self) -> Floats:
        """Returns the exact purity of every qubit, (n,): 1 in a Pauli eigenstate, else 1/2."""
        known = [bool(self._simulator.peek_bloch(k).weight) for k in range(self.qubits)]
        return np.where(known, 1.0, 0.5)

    def measure(self, bases: Octets, rng: np.random.Generator) -> Octets:
        """Draws outcomes in Pauli bases from their exact distribution, by stim's tableaus.

        Args:
            bases: (shots, n) bases 0, 1, 2 for X, Y, Z.
            rng: The source of randomness.

        Returns:
            (shots, n) outcomes.
        """
        outcomes = np.empty(bases.shape, dtype=np.uint8)
        seeds = rng.integers(0, 2**62, len(bases)).tolist()
        for shot, (row, seed) in enumerate(zip(bases, seeds, strict=True)):
            copy = self._simulator.copy(seed=seed)
            copy.h(*np.flatnonzero(row == 0))
            copy.h_yz(*np.flatnonzero(row == 1))
            outcomes[shot] = copy.measure_many(*range(self.qubits))
        return outcomes
