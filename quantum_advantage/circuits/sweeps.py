"""Requests as sweeps, for samplers that do not understand dials, and sweeps as requests."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import (
    Dial,
    DialSampler,
    Request,
    distinct_rows,
    measured_qubits,
    position_type,
    resolver_values,
)
from quantum_advantage.circuits.results import read_results
from quantum_advantage.core.bits import Words, pack_bits, unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of, whole_number

POINTS_PER_SWEEP = 10_000
# What Google's service takes in one request, outside a reservation.
MOST_REPETITIONS = 1_500_000


def sweep_of(request: Request, shots: Sequence[int]) -> cirq.Sweepable:
    """Unrolls some shots into a ``cirq.Zip`` of Python numbers (the Engine refuses NumPy's).

    Args:
        request: The request.
        shots: The numbers of the shots, at least one.

    Example:
        >>> flip = Dial("flip", ("turn",), ((0.0,), (1.0,)))
        >>> request = Request(cirq.Circuit(), (flip,), (np.array([0, 1, 1], np.uint8),), shots=3)
        >>> sweep_of(request, [0, 2])
        cirq.Zip(cirq.Points('turn', [0.0, 1.0]))
    """
    points: dict[str, Sequence[float]] = {}
    for dial, column in zip(request.dials, request.table, strict=True):
        rows = [dial.positions[position] for position in column[list(shots)].tolist()]
        points.update(zip(dial.symbols, zip(*rows, strict=True), strict=True))
    if not points:
        return cirq.UnitSweep
    return cirq.Zip(*(cirq.Points(name, list(values)) for name, values in points.items()))


def measured_widths(circuit: cirq.AbstractCircuit) -> dict[str, int]:
    """Returns the number of qubits of each measurement key.

    Raises:
        UsageError: If something else than qubits is measured, or not in the computational basis, or
            a key more than once.

    Example:
        >>> measured_widths(cirq.Circuit(cirq.measure(*cirq.LineQubit.range(3), key="bits")))
        {'bits': 3}
    """
    return {key: len(qubits) for key, qubits in measured_qubits(circuit).items()}


class TableSampler(cirq.Sampler):
    """A ``cirq.Sampler`` that takes tables of dial positions; sweeps become tables.

    Example:
        >>> class Zeros(TableSampler):
        ...     def sample_table(self, request):
        ...         return {"m": np.zeros((request.shots, 1), np.uint64)}
        >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0), key="m"))
        >>> print(*Zeros().run_sweep(circuit, None, repetitions=3))
        m=000
    """

    @abc.abstractmethod
    def sample_table(self, request: Request) -> Mapping[str, Words]:
        """Runs every shot of a request; see ``DialSampler``.

        Args:
            request: What to run.
        """

    def run_sweep(
        self, program: cirq.AbstractCircuit, params: cirq.Sweepable, repetitions: int = 1
    ) -> Sequence[cirq.Result]:
        """Runs a circuit for each parameter set, as every ``cirq.Sampler`` does.

        Args:
            program: A circuit that ends in measurements.
            params: The parameter sets.
            repetitions: Repetitions of each.

        Returns:
            One result for each parameter set.

        Raises:
            UsageError: As :meth:`sample_table`, or if the arguments do not fit.
        """
        return sweep_as_table(self, program, params, repetitions)


def sweep_as_table(
    sampler: DialSampler, program: cirq.AbstractCircuit, params: cirq.Sweepable, repetitions: int
) -> list[cirq.Result]:
    """Runs an ordinary sweep on a sampler that takes tables, as ``cirq.Sampler.run_sweep`` does.

    Args:
        sampler: Takes tables.
        program: A circuit that ends in measurements.
        params: The parameter sets.
        repetitions: Repetitions of each.

    Returns:
        One result for each parameter set.

    Raises:
        UsageError: If the circuit is none or measures nothing, a symbol is not given a number, or
            there are no repetitions.

    Example:
        >>> class Zeros:
        ...     def sample_table(self, request):
        ...         return {"m": np.zeros((request.shots, 1), np.uint64)}
        >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0), key="m"))
        >>> print(*sweep_as_table(Zeros(), circuit, None, 3))
        m=000
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

    Example:
        >>> request = Request(cirq.Circuit(), (), (), shots=3)
        >>> Part(request, np.array([0]), np.array([[0, 1, 2]])).members.shape
        (1, 3)
    """

    request: Request
    rows: npt.NDArray[np.int64]
    members: npt.NDArray[np.int64]

    def points(self, chosen: slice) -> Part:
        """Returns the part with some of its parameter sets."""
        return Part(self.request, self.rows[chosen], self.members[chosen])


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

    Example:
        >>> flip = Dial("flip", ("turn",), ((0.0,), (1.0,)))
        >>> request = Request(cirq.Circuit(), (flip,), (np.array([0, 1, 1], np.uint8),), shots=3)
        >>> [part.members.tolist() for part in parts_of(request, 10)]  # once, and twice
        [[[0]], [[1, 2]]]
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


def sample_sweeps(request: Request, sampler: cirq.Sampler) -> dict[str, Words]:
    """Runs a request on a sampler that knows no dials.

    Args:
        request: The request.
        sampler: Runs sweeps.

    Returns:
        For each measurement key the packed outcomes, (shots, words).

    Raises:
        UsageError: If the sampler returns something else than was requested.

    Example:
        >>> import sympy
        >>> q = cirq.LineQubit(0)
        >>> circuit = cirq.Circuit(cirq.X(q) ** sympy.Symbol("turn"), cirq.measure(q, key="m"))
        >>> flip = Dial("flip", ("turn",), ((0.0,), (1.0,)))
        >>> request = Request(circuit, (flip,), (np.array([0, 1, 1], np.uint8),), shots=3)
        >>> sample_sweeps(request, cirq.Simulator(seed=0))["m"].ravel().tolist()
        [0, 1, 1]
    """

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

    Returns:
        For each measurement key the packed outcomes, (shots, words).

    Example:
        >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0), key="m"))
        >>> request = Request(circuit, (), (), shots=2)
        >>> part = Part(request, np.array([0]), np.array([[1, 0]]))  # the later shot first
        >>> assembled(request, [(part, {"m": np.array([[[1], [0]]], np.uint8)})])["m"].tolist()
        [[0], [1]]
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

    Example:
        >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0), key="m"))
        >>> (part,) = parts_of(Request(circuit, (), (), shots=2), 10)
        >>> results = cirq.Simulator(seed=0).run_sweep(circuit, None, repetitions=2)
        >>> outcomes_of(results, part, "a simulator")["m"].tolist()
        [[[0], [0]]]
    """
    points = [resolver_values(part.request, shot) for shot in part.rows.tolist()]
    widths = measured_widths(part.request.circuit)
    return read_results(results, points, part.members.shape[1], widths, sender)
