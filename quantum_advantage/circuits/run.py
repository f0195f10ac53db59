"""The seam between physics and backends: the one place of the package that runs circuits.

Requests, dials and records are explained in :mod:`.request`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import cirq
import numpy as np

from quantum_advantage.circuits.request import (
    DialSampler,
    JointSampler,
    Record,
    Request,
)
from quantum_advantage.circuits.results import check_sampler, check_words
from quantum_advantage.circuits.sweeps import measured_widths, sample_sweeps
from quantum_advantage.core.bits import Words
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of


def run(requests: Iterable[Request], sampler: cirq.Sampler | DialSampler) -> list[Record]:
    """Runs requests on a sampler: the only place in the package where anything runs.

    Requests of the same circuit run together, as one; on a processor those of different circuits
    share their jobs too.

    Args:
        requests: What to run.
        sampler: Any ``cirq.Sampler``, or a sampler that understands dials.

    Returns:
        One record for each request.

    Raises:
        UsageError: If the sampler is none, a table does not fit its dials, a circuit does not end
            in measurements of qubits, or the sampler returns something else than was requested.

    Example:
        >>> from quantum_advantage.core.bits import unpack_bits
        >>> a, b = cirq.LineQubit.range(2)
        >>> bell = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.measure(a, b, key="bits"))
        >>> (record,) = run([Request(bell, (), (), shots=100)], cirq.Simulator(seed=1))
        >>> bits = unpack_bits(record.bits["bits"], 2)
        >>> bits.shape, bool((bits[:, 0] == bits[:, 1]).all())
        ((100, 2), True)
    """
    check_sampler(sampler)
    wanted = list(requests)
    for request in wanted:
        _check_table(request)
    groups = _alike(wanted)
    joined = [_joined([wanted[i] for i in group]) for group in groups]
    records: dict[int, Record] = {}
    for group, bits in zip(groups, _sampled(joined, sampler), strict=True):
        start = 0
        for i in group:
            request = wanted[i]
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


def _alike(requests: Sequence[Request]) -> list[list[int]]:
    """Returns the numbers of the requests of each circuit, in their order."""
    groups: list[list[int]] = []
    for i, request in enumerate(requests):
        same = (group for group in groups if _same_circuit(request, requests[group[0]]))
        if (group := next(same, None)) is None:
            groups.append([i])
        else:
            group.append(i)
    return groups


def _sampled(
    requests: Sequence[Request], sampler: cirq.Sampler | DialSampler
) -> Iterator[Mapping[str, Words]]:
    """Yields what the sampler returns for each request, checked."""
    if not isinstance(sampler, DialSampler):
        yield from (sample_sweeps(request, sampler) for request in requests)
        return
    found: Iterable[Mapping[str, Words]] = map(sampler.sample_table, requests)
    if isinstance(sampler, JointSampler):
        found = sampler.sample_tables(requests)
        if not isinstance(found, Sequence) or len(found) != len(requests):
            raise UsageError(
                f"{kind_of(sampler)} must return {len(requests)} tables, one for each request"
            )
    for request, words in zip(requests, found, strict=True):
        widths = measured_widths(request.circuit)
        yield check_words(words, request.shots, widths, kind_of(sampler))


def _check_table(request: Request) -> None:
    """Refuses positions that a dial does not have; a sampler could take them for others."""
    if len(request.table) != len(request.dials):
        raise UsageError(
            f"table must have a column for each of {len(request.dials)} dials, not "
            f"{len(request.table)}"
        )
    for dial, column in zip(request.dials, request.table, strict=True):
        if column.shape != (request.shots,):
            raise UsageError(
                f"column of dial {dial.name!r} must have shape ({request.shots},), not "
                f"{column.shape}"
            )
        if column.size and int(column.max()) >= len(dial.positions):
            raise UsageError(
                f"dial {dial.name!r} has {len(dial.positions)} positions, and none of the number "
                f"{column.max()}"
            )


def _same_circuit(one: Request, other: Request) -> bool:
    return one is other or (
        one.dials == other.dials and one.twirled == other.twirled and one.circuit == other.circuit
    )


def _joined(parts: Sequence[Request]) -> Request:
    """Joins requests of one circuit; a dial counts as the learner's if it is so in all of them."""
    first = parts[0]
    if len(parts) == 1:
        return first
    table = tuple(
        np.concatenate(columns) for columns in zip(*(p.table for p in parts), strict=True)
    )
    learner = frozenset.intersection(*(p.learner for p in parts))
    shots = sum(p.shots for p in parts)
    return Request(first.circuit, first.dials, table, shots, learner, first.twirled)
