"""Records of one state joined into one, unless they hold the same settings twice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from quantum_advantage.core.bits import Words
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of
from quantum_advantage.measurements.records import RANDOM, ShadowRecord, StabiliserRecord
from quantum_advantage.measurements.repeated_settings import refuse_twice
from quantum_advantage.measurements.stabiliser import StabiliserBases

_Kind = TypeVar("_Kind")


def common_entries(
    provenances: Sequence[Mapping[str, str | int | float | None]],
) -> dict[str, str | int | float | None]:
    """Returns the entries on which all agree.

    Example:
        >>> common_entries([{"circuit": "a", "seed": 1}, {"circuit": "a", "seed": 2}])
        {'circuit': 'a'}
    """
    first, *others = provenances
    return {k: v for k, v in first.items() if all(k in o and o[k] == v for o in others)}


def merge_records(
    records: Sequence[ShadowRecord], *, independent: bool = False, same_state: bool = False
) -> ShadowRecord:
    """Joins records of one state, measured on the same qubits by the same scheme.

    Args:
        records: The records.
        independent: Whether records with equal settings are known to be separate measurements;
            outcomes can repeat if the state fixes them in the given bases.
        same_state: Whether records of different circuits are known to be of the same state.

    Returns:
        The record of all settings, in the order of the records; of the provenance the entries on
        which all records agree.

    Raises:
        UsageError: If there are none, if qubits, shots for each setting or schemes differ, if
            circuits differ unless ``same_state``, or if two records share a run of settings, as the
            same record, a slice of it and another record of its seed do, unless ``independent``.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> circuit = cirq.Circuit(cirq.H(cirq.LineQubit(0)))
        >>> records = [
        ...     measure_shadow(circuit, cirq.Simulator(seed=seed), 50, seed=seed)
        ...     for seed in (1, 2)
        ... ]
        >>> merge_records(records)
        ShadowRecord(100 shots of 1 qubits in 100 random bases)
    """
    records = _listed(records, ShadowRecord, "shadow")
    first = records[0]
    for name in ("qubits", "times", "scheme"):
        for other in records[1:]:
            if getattr(other, name) != getattr(first, name):
                raise UsageError(
                    f"records must agree in {name}, but have {getattr(first, name)} and "
                    f"{getattr(other, name)}"
                )
    refuse_other_circuits([r.provenance for r in records], same_state)
    if not independent:
        # Random bases identify settings by themselves; given bases repeat, their outcomes do not.
        random = first.scheme == RANDOM
        settings = [_settings_of(record, outcomes=not random) for record in records]
        bits = len(first.qubits) * first.times
        chance = 3.0 ** -len(first.qubits) if random else 2.0**-bits
        arrays = [record.bases[0] for record in records]
        refuse_twice(arrays, settings, chance, "bases" if random else "bases and outcomes")
    common = common_entries([r.provenance for r in records])
    x, z = (np.concatenate(parts) for parts in zip(*(r.bases for r in records), strict=True))
    outcomes = np.concatenate([r.outcomes for r in records])
    return replace(first, bases=(x, z), outcomes=outcomes, provenance=common)


def _listed(records: object, kind: type[_Kind], name: str) -> list[_Kind]:
    """Reads records of one kind, at least one; a record that is in no list is none."""
    if isinstance(records, kind) or not isinstance(records, Iterable):
        raise UsageError(f"records must be a list of {name} records, not a {kind_of(records)}")
    listed = list(records)
    if not listed:
        raise UsageError("records must hold at least one record, not 0")
    for record in listed:
        if not isinstance(record, kind):
            raise UsageError(f"records must be {name} records, not {kind_of(record)}")
    return listed


def _settings_of(record: ShadowRecord, *, outcomes: bool) -> Words:
    """Returns (settings, words) what identifies settings: the bases, and the outcomes if wanted."""
    parts = list(record.bases)
    if outcomes:
        parts.append(record.outcomes.reshape(record.settings, -1))
    return np.concatenate(parts, axis=1)


def refuse_other_circuits(
    provenances: Sequence[Mapping[str, str | int | float | None]], same_state: bool
) -> None:
    """Refuses records from different circuits, unless these prepare the same state.

    Args:
        provenances: The provenance of each record.
        same_state: Whether different circuits are known to prepare the same state.

    Raises:
        UsageError: If they come from different circuits that are not known to do so.

    Example:
        >>> refuse_other_circuits([{"circuit": "a"}, {"circuit": "b"}], same_state=True)
    """
    circuits = list(dict.fromkeys(p["circuit"] for p in provenances if p.get("circuit")))
    if len(circuits) > 1 and not same_state:
        raise UsageError(
            f"records must be of one circuit, but have {str(circuits[0])[:12]} and "
            f"{str(circuits[1])[:12]}; if these prepare one state all the same, say same_state=True"
        )


def merge_stabiliser_records(
    records: Sequence[StabiliserRecord], *, independent: bool = False, same_state: bool = False
) -> StabiliserRecord:
    """Joins records of one state on the same qubits, as :func:`merge_records` does.

    Args:
        records: The records.
        independent: Whether records with equal bases are known to be separate measurements.
        same_state: Whether records of different circuits are known to be of the same state.

    Returns:
        The record of all shots, in the order of the records; of the provenance the entries on which
        all records agree.

    Raises:
        UsageError: If there are none, if the qubits differ, if circuits differ unless
            ``same_state``, or if two records share a run of bases unless ``independent``.

    Example:
        >>> import cirq
        >>> from quantum_advantage.measurements.measure import measure_stabiliser_shadow
        >>> circuit = cirq.Circuit(cirq.I.on_each(*cirq.LineQubit.range(2)))
        >>> records = [
        ...     measure_stabiliser_shadow(circuit, cirq.Simulator(seed=seed), 10, seed=seed)
        ...     for seed in (1, 2)
        ... ]
        >>> merge_stabiliser_records(records)
        StabiliserRecord(20 shots of 2 qubits)
    """
    records = _listed(records, StabiliserRecord, "stabiliser")
    if any(r.qubits != records[0].qubits for r in records):
        raise UsageError("records must all be of the same qubits")
    refuse_other_circuits([r.provenance for r in records], same_state)
    if not independent:
        settings = [np.stack([*r.bases.rows, r.bases.hadamards], axis=1) for r in records]
        number = math.prod(2**m + 1 for m in range(1, len(records[0].qubits) + 1))
        refuse_twice([r.bases.hadamards for r in records], settings, 1 / number, "bases")
    rows = zip(*(r.bases.rows for r in records), strict=True)
    return StabiliserRecord(
        records[0].qubits,
        StabiliserBases(
            tuple(np.concatenate(parts) for parts in rows),
            np.concatenate([r.bases.hadamards for r in records]),
        ),
        np.concatenate([r.outcomes for r in records]),
        common_entries([r.provenance for r in records]),
    )
