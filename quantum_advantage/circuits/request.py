"""Dials, requests and records: what physics and backends tell each other.

A circuit with symbols is run for many shots, and every shot may have its own parameters. A *dial*
sets a few symbols together and has finitely many positions ('which of six Pauli eigenstates'), so
what a shot needs is one small integer per dial. A sampler that understands dials (those of this
package do) takes the table as it is; any other ``cirq.Sampler`` receives ordinary sweeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.pauli import Words
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of


@dataclass(frozen=True)
class Dial:
    """A few symbols that are set together, to one of finitely many positions.

    Attributes:
        name: What the dial chooses.
        symbols: The symbols it sets.
        positions: One tuple of values, in the order of the symbols, for each position.
    """

    name: str
    symbols: tuple[str, ...]
    positions: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class Request:
    """One circuit, and for every shot where its dials stand.

    Attributes:
        circuit: A circuit with symbols that ends in measurements.
        dials: The dials; every symbol of the circuit belongs to exactly one of them.
        table: One array of shape (shots,) for each dial, unsigned integers: the positions.
        learner: Names of the dials that the learner chose; their columns go into the record.
        twirled: Whether a device may flip qubits at random before the readout and their bits back
            after it, so that an asymmetric readout averages out.
    """

    circuit: cirq.Circuit
    dials: tuple[Dial, ...]
    table: tuple[npt.NDArray[np.unsignedinteger], ...]
    shots: int
    learner: frozenset[str] = frozenset()
    twirled: bool = True


@dataclass(frozen=True, eq=False)
class Record:
    """What a measurement leaves: bits, and the learner's own settings; never nature's.

    Attributes:
        shots: The number of shots T.
        bits: For each measurement key the packed outcomes, (T, words) uint64; bit j of a row is
            the j-th measured qubit of that key.
        settings: For each of the learner's dials its positions, (T,).
    """

    shots: int
    bits: Mapping[str, Words]
    settings: Mapping[str, npt.NDArray[np.unsignedinteger]] = field(default_factory=dict)

    def rows(self, shots: slice) -> Record:
        """Returns the record of some of the shots."""
        bits = {key: words[shots] for key, words in self.bits.items()}
        settings = {name: column[shots] for name, column in self.settings.items()}
        return Record(len(range(*shots.indices(self.shots))), bits, settings)

    def split(self, systems: int) -> Iterator[Record]:
        """Yields the records of systems that were measured equally often, one after the other."""
        shots = self.shots // systems
        for system in range(systems):
            yield self.rows(slice(system * shots, (system + 1) * shots))


@runtime_checkable
class DialSampler(Protocol):
    """A sampler that takes a table of dial positions as it is."""

    def sample_table(self, request: Request) -> Mapping[str, Words]:
        """Runs every shot of the request and returns the packed bits for each measurement key."""
        ...


def position_type(positions: int) -> type[np.unsignedinteger]:
    """Returns the smallest unsigned type that can number that many positions."""
    return np.uint8 if positions <= 256 else np.uint16 if positions <= 65536 else np.uint32


def distinct_rows(
    columns: Sequence[npt.NDArray[np.unsignedinteger]], shots: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Finds the distinct rows of a table.

    Args:
        columns: Arrays of shape (shots,).
        shots: The number of rows, also where there are no columns.

    Returns:
        The index of one row of each kind, and for every row the number of its kind, (shots,).
    """
    if not columns:
        return np.zeros(1, dtype=np.int64), np.zeros(shots, dtype=np.int64)
    octets = [
        np.ascontiguousarray(column).view(np.uint8).reshape(shots, column.dtype.itemsize)
        for column in columns
    ]
    rows = np.ascontiguousarray(np.concatenate(octets, axis=1))
    keys = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, kinds = np.unique(keys, return_index=True, return_inverse=True)
    return first.astype(np.int64), kinds.astype(np.int64)


def resolver_values(request: Request, shot: int) -> dict[str, float]:
    """Returns the value of every symbol in one shot, as Python numbers."""
    return {
        symbol: value
        for dial, column in zip(request.dials, request.table, strict=True)
        for symbol, value in zip(dial.symbols, dial.positions[int(column[shot])], strict=True)
    }


def measured_qubits(circuit: cirq.AbstractCircuit) -> dict[str, tuple[cirq.Qid, ...]]:
    """Returns the qubits of each measurement key, in the order of their bits.

    Raises:
        UsageError: If something else than qubits is measured, or not in the computational basis, or
            a key more than once.
    """
    qubits: dict[str, tuple[cirq.Qid, ...]] = {}
    for op in circuit.all_operations():
        if not cirq.is_measurement(op):
            continue
        gate = op.gate
        if not isinstance(gate, cirq.MeasurementGate) or any(q.dimension != 2 for q in op.qubits):
            raise UsageError(
                f"circuit must measure qubits by cirq.measure, not by a {kind_of(gate or op)} on "
                f"{', '.join(map(str, op.qubits))}"
            )
        if gate.key in qubits:
            raise UsageError(f"circuit must measure every key once, but {gate.key!r} comes twice")
        qubits[gate.key] = op.qubits
    return qubits
