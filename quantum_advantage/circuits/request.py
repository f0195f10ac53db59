"""Dials, requests and records: the values that pass between physics and backends.

A circuit with symbols is run for many shots, and every shot may have its own parameters. A *dial*
sets a few symbols together and has finitely many positions ('which of six Pauli eigenstates'), so
a shot needs one small integer per dial. A sampler that understands dials (those of this package do)
takes the table as it is; any other ``cirq.Sampler`` receives ordinary sweeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, runtime_checkable

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import Words
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of


@dataclass(frozen=True)
class Dial:
    """A few symbols that are set together, to one of finitely many positions.

    Attributes:
        name: What the dial chooses.
        symbols: The symbols it sets.
        positions: One tuple of values, in the order of the symbols, for each position.

    Example:
        >>> basis = Dial("basis", ("turn_y",), ((0.0,), (-0.5,)))  # Y^0 measures Z, Y^(-1/2) X
        >>> basis.positions[1], basis.values.shape
        ((-0.5,), (2, 1))
    """

    name: str
    symbols: tuple[str, ...]
    positions: tuple[tuple[float, ...], ...]

    @cached_property
    def values(self) -> npt.NDArray[np.float64]:
        """The positions as an array, (positions, symbols)."""
        return np.array(self.positions, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Request:
    """One circuit, and the positions of its dials in every shot.

    Attributes:
        circuit: A circuit with symbols that ends in measurements.
        dials: The dials; every symbol of the circuit belongs to exactly one of them.
        table: One array of shape (shots,) for each dial, unsigned integers: the positions.
        shots: The number of shots.
        learner: Names of the dials that the learner chose; their columns go into the record.
        twirled: Whether a device may flip qubits at random before the readout and their bits back
            after it, so that an asymmetric readout averages out.

    Example:
        >>> import sympy
        >>> q, turn = cirq.LineQubit(0), sympy.Symbol("turn")
        >>> circuit = cirq.Circuit(cirq.X(q) ** turn, cirq.measure(q, key="bit"))
        >>> flip = Dial("flip", ("turn",), ((0.0,), (1.0,)))
        >>> request = Request(circuit, (flip,), (np.array([0, 1, 1], np.uint8),), shots=3)
        >>> [resolver_values(request, shot) for shot in range(2)]
        [{'turn': 0.0}, {'turn': 1.0}]
    """

    circuit: cirq.Circuit
    dials: tuple[Dial, ...]
    table: tuple[npt.NDArray[np.unsignedinteger], ...]
    shots: int
    learner: frozenset[str] = frozenset()
    twirled: bool = True


@dataclass(frozen=True, eq=False)
class Record:
    """The result of a measurement: bits and the learner's own settings, without hidden ones.

    Attributes:
        shots: The number of shots T.
        bits: For each measurement key the packed outcomes, (T, words) uint64; bit j of a row is
            the j-th measured qubit of that key.
        settings: For each of the learner's dials its positions, (T,).

    Example:
        >>> from quantum_advantage.core.bits import pack_bits
        >>> record = Record(4, {"bit": pack_bits([[0], [0], [1], [1]])})
        >>> record.rows(slice(1, 3)).bits["bit"].ravel().tolist()
        [0, 1]
        >>> [one.bits["bit"].ravel().tolist() for one in record.split(2)]  # two systems
        [[0, 0], [1, 1]]
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
        """Yields the records of systems that were measured equally often, one after the other.

        Args:
            systems: The number of systems.

        Raises:
            UsageError: If the shots are no multiple of it.
        """
        shots, left = divmod(self.shots, systems)
        if left:
            raise UsageError(f"shots must be a multiple of {systems} systems, not {self.shots}")
        for system in range(systems):
            yield self.rows(slice(system * shots, (system + 1) * shots))


@runtime_checkable
class DialSampler(Protocol):
    """A sampler that takes a table of dial positions as it is.

    Example:
        >>> class Zeros:
        ...     def sample_table(self, request):
        ...         return {"m": np.zeros((request.shots, 1), np.uint64)}
        >>> isinstance(Zeros(), DialSampler), isinstance(cirq.Simulator(), DialSampler)
        (True, False)
    """

    def sample_table(self, request: Request) -> Mapping[str, Words]:
        """Runs every shot of the request.

        Args:
            request: What to run.

        Returns:
            For each measurement key (shots, words) uint64, packed as ``core.bits.pack_bits`` does.
        """
        ...


@runtime_checkable
class JointSampler(DialSampler, Protocol):
    """A sampler that runs requests of several circuits together, as a processor in one job."""

    def sample_tables(self, requests: Sequence[Request]) -> Sequence[Mapping[str, Words]]:
        """Runs every shot of the requests.

        Args:
            requests: What to run.

        Returns:
            For each request what ``sample_table`` would return.
        """
        ...


def position_type(positions: int) -> type[np.unsignedinteger]:
    """Returns the smallest unsigned type that can number that many positions, at most 2³².

    Example:
        >>> position_type(6).__name__, position_type(257).__name__
        ('uint8', 'uint16')
    """
    return np.uint8 if positions <= 256 else np.uint16 if positions <= 65536 else np.uint32


def distinct_rows(
    columns: Sequence[npt.NDArray[np.unsignedinteger]], shots: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Finds the distinct rows of a table.

    Args:
        columns: Arrays of shape (shots,).
        shots: The number of rows, also where there are no columns.

    Returns:
        The index of one row of each kind, (kinds,), and the number of every row's kind, (shots,).

    Example:
        >>> columns = np.array([0, 1, 0], np.uint8), np.array([5, 5, 5], np.uint8)
        >>> first, kinds = distinct_rows(columns, 3)
        >>> first.tolist(), kinds.tolist()
        ([0, 1], [0, 1, 0])
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
    """Returns the value of every symbol in one shot, as Python numbers.

    Args:
        request: The request.
        shot: The number of the shot.

    Example:
        >>> flip = Dial("flip", ("x", "z"), ((0.0, 0.0), (1.0, 0.5)))
        >>> request = Request(cirq.Circuit(), (flip,), (np.array([1], np.uint8),), shots=1)
        >>> resolver_values(request, 0)
        {'x': 1.0, 'z': 0.5}
    """
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

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> measured_qubits(cirq.Circuit(cirq.measure(b, a, key="bits")))
        {'bits': (cirq.LineQubit(1), cirq.LineQubit(0))}
    """
    qubits: dict[str, tuple[cirq.Qid, ...]] = {}
    # A moment remembers its keys; most have none.
    measuring = (moment for moment in circuit if cirq.measurement_key_objs(moment))
    for op in (op for moment in measuring for op in moment if cirq.is_measurement(op)):
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
