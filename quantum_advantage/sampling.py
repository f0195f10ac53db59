"""The seam between physics and backends: dials, requests, records, and the one place that runs.

A circuit with symbols is run for many shots, and every shot may have its own parameters. A *dial*
sets a few symbols together and has finitely many positions ('which of six Pauli eigenstates'), so
what a shot needs is one small integer per dial. A sampler that understands dials (those of this
package do) takes the table as it is; any other ``cirq.Sampler`` receives ordinary sweeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.pauli import Words, pack_bits, unpack_bits
from quantum_advantage.results import check_sampler, check_words, read_results
from quantum_advantage.usage import UsageError
from quantum_advantage.values import kind_of, whole_number

POINTS_PER_SWEEP = 10_000
# What Google's service takes in one request.
MOST_REPETITIONS = 5_000_000


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


def run(requests: Iterable[Request], sampler: cirq.Sampler | DialSampler) -> list[Record]:
    """Runs requests on a sampler: the only place in the package where anything runs.

    Requests of the same circuit run together, as one: on a processor in the same job.

    Args:
        requests: What to run.
        sampler: Any ``cirq.Sampler``, or a sampler that understands dials.

    Returns:
        One record for each request.

    Raises:
        UsageError: If the sampler is none, or returns something else than it was asked for.
    """
    check_sampler(sampler)
    wanted = list(requests)
    records: dict[int, Record] = {}
    while alike := [i for i in range(len(wanted)) if i not in records]:
        alike = [i for i in alike if _same_circuit(wanted[i], wanted[alike[0]])]
        parts = [wanted[i] for i in alike]
        joined = parts[0] if len(parts) == 1 else _joined(parts)
        bits: Mapping[str, Words]
        if isinstance(sampler, DialSampler):
            found = sampler.sample_table(joined)
            bits = check_words(found, joined.shots, _widths(joined.circuit), kind_of(sampler))
        else:
            bits = _sample_sweeps(joined, sampler)
        start = 0
        for i, request in zip(alike, parts, strict=True):
            rows = slice(start, start + request.shots)
            settings = {
                dial.name: column
                for dial, column in zip(request.dials, request.table, strict=True)
                if dial.name in request.learner
            }
            own = {key: words[rows] for key, words in bits.items()}
            records[i] = Record(request.shots, own, settings)
            start += request.shots
    return [records[i] for i in range(len(wanted))]


def _same_circuit(one: Request, other: Request) -> bool:
    return one is other or (
        one.dials == other.dials and one.twirled == other.twirled and one.circuit == other.circuit
    )


def _joined(parts: Sequence[Request]) -> Request:
    """Joins requests of one circuit; a dial counts as the learner's if it is so in all of them."""
    first = parts[0]
    table = tuple(
        np.concatenate(columns) for columns in zip(*(p.table for p in parts), strict=True)
    )
    learner = frozenset.intersection(*(p.learner for p in parts))
    shots = sum(p.shots for p in parts)
    return Request(first.circuit, first.dials, table, shots, learner, first.twirled)


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


def sweep_of(request: Request, shots: Sequence[int]) -> cirq.Sweepable:
    """Unrolls some shots into a ``cirq.Zip`` of Python numbers (the Engine refuses NumPy's)."""
    values = [resolver_values(request, shot) for shot in shots]
    if not values[0]:
        return cirq.UnitSweep
    return cirq.Zip(*(cirq.Points(name, [row[name] for row in values]) for name in values[0]))


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


def _widths(circuit: cirq.AbstractCircuit) -> dict[str, int]:
    """Returns the number of qubits of each measurement key."""
    return {key: len(qubits) for key, qubits in measured_qubits(circuit).items()}


def sweep_as_table(
    sampler: DialSampler, program: cirq.AbstractCircuit, params: cirq.Sweepable, repetitions: int
) -> list[cirq.Result]:
    """Runs an ordinary sweep on a sampler that takes tables, as ``cirq.Sampler.run_sweep`` does.

    Raises:
        UsageError: If the circuit is none or measures nothing, a symbol is not given a number, or
            there are no repetitions.
    """
    if not isinstance(program, cirq.AbstractCircuit):
        raise UsageError(f"circuit must be a cirq.Circuit, not a {kind_of(program)}")
    if not cirq.is_measurement(program):
        raise UsageError("circuit must measure at least one qubit")
    repetitions = whole_number("repetitions", repetitions, 1)
    resolvers = list(cirq.to_resolvers(params))
    circuit = program.unfreeze(copy=False)
    keys = measured_qubits(circuit)
    names = tuple(sorted(cirq.parameter_names(circuit)))
    values = tuple(tuple(_number(resolver, name) for name in names) for resolver in resolvers)
    shots = len(resolvers) * repetitions
    column = np.repeat(np.arange(len(resolvers), dtype=position_type(len(resolvers))), repetitions)
    dials = (Dial("point", names, values),) if names else ()
    learner = frozenset(dial.name for dial in dials)
    packed = sampler.sample_table(Request(circuit, dials, (column,) * len(dials), shots, learner))
    results: list[cirq.Result] = []
    for i, resolver in enumerate(resolvers):
        rows = slice(i * repetitions, (i + 1) * repetitions)
        measurements = {
            key: unpack_bits(packed[key][rows], len(qubits)) for key, qubits in keys.items()
        }
        results.append(cirq.ResultDict(params=resolver, measurements=measurements))
    return results


def _number(resolver: cirq.ParamResolver, name: str) -> float:
    value = cirq.resolve_parameters(resolver.value_of(name), {})
    try:
        return float(value)
    except TypeError:
        raise UsageError(f"symbol {name!r} of the circuit must be given a number") from None


@dataclass(frozen=True, eq=False)
class Part:
    """Parameter sets of a request that share one number of repetitions.

    Attributes:
        request: The request.
        rows: (points,) one shot of each parameter set.
        members: (points, repetitions) all its shots.
    """

    request: Request
    rows: npt.NDArray[np.int64]
    members: npt.NDArray[np.int64]


def parts_of(
    request: Request, most_points: int, most_repetitions: int = MOST_REPETITIONS
) -> Iterator[Part]:
    """Cuts a request into sweeps.

    Rows that repeat equally often become repetitions of one parameter set. Which of the equal rows
    gets which of their outcomes does not matter: they are exchangeable.

    Args:
        request: The request.
        most_points: Parameter sets in a part.
        most_repetitions: Repetitions in a part, over all its parameter sets.
    """
    first, kinds = distinct_rows(request.table, request.shots)
    counts = np.bincount(kinds, minlength=first.size)
    ends = np.cumsum(counts)
    order = np.argsort(kinds, kind="stable")
    for repetitions in np.unique(counts).tolist():
        chosen = np.flatnonzero(counts == repetitions)
        members = order[(ends - counts)[chosen, None] + np.arange(repetitions)]
        for begin in range(0, repetitions, most_repetitions):
            some = members[:, begin : begin + most_repetitions]
            points = max(1, min(most_points, most_repetitions // some.shape[1]))
            for start in range(0, chosen.size, points):
                rows = first[chosen[start : start + points]]
                yield Part(request, rows, some[start : start + points])


def _sample_sweeps(request: Request, sampler: cirq.Sampler) -> dict[str, Words]:
    """Runs a request on a sampler that knows no dials."""

    def outcomes(part: Part) -> Mapping[str, npt.NDArray[np.uint8]]:
        sweep = sweep_of(request, part.rows.tolist())
        results = sampler.run_sweep(request.circuit, sweep, part.members.shape[1])
        return outcomes_of(results, part, kind_of(sampler))

    return assembled(
        request, ((part, outcomes(part)) for part in parts_of(request, POINTS_PER_SWEEP))
    )


def assembled(
    request: Request, found: Iterable[tuple[Part, Mapping[str, npt.NDArray[np.uint8]]]]
) -> dict[str, Words]:
    """Puts the outcomes of all parts of a request in the order of its shots, packed.

    Args:
        request: The request.
        found: Its parts, each with its outcomes for each key, (points, repetitions, qubits).
    """
    bits = {
        key: np.zeros((request.shots, len(qubits)), dtype=np.uint8)
        for key, qubits in measured_qubits(request.circuit).items()
    }
    for part, outcomes in found:
        for key, array in outcomes.items():
            bits[key][part.members] = array
    return {key: pack_bits(array) for key, array in bits.items()}


def outcomes_of(results: object, part: Part, sender: str) -> dict[str, npt.NDArray[np.uint8]]:
    """Returns for each measurement key the outcomes of a part, (points, repetitions, qubits).

    Args:
        results: What a sampler or a service returned for the part.
        part: The part.
        sender: Who returned it, for messages.

    Raises:
        UsageError: If it is not an answer to the part; see :func:`results.read_results`.
    """
    points = [resolver_values(part.request, shot) for shot in part.rows.tolist()]
    widths = _widths(part.request.circuit)
    return read_results(results, points, part.members.shape[1], widths, sender)
