"""Virtual chips: what cirq-google ships, and what a saved calibration says of another.

A calibration file is the JSON of a ``cirq_google.Calibration`` as ``cirq.to_json`` writes it, or of
the ``MetricsSnapshot`` message below it as ``google.protobuf.json_format.MessageToJson`` writes it:
``{"timestampMs": ..., "metrics": [{"name": ..., "targets": ["3_2"], "values": [...]}, ...]}``.

The chip has the qubits whose gates and readout the file knows, and the couplers with an error of a
two-qubit gate between them. Gates and durations are those of a family: of Weber (Sycamore, √iSWAP,
CZ) if the file knows errors of Sycamore or √iSWAP gates, otherwise of Willow (CZ alone).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import Any

import cirq
import cirq_google
from cirq_google.api import v2

from quantum_advantage.backends.calibration_files import calibration_bytes
from quantum_advantage.backends.devices.calibration import Device, calibration_time, describe
from quantum_advantage.backends.devices.metrics import (
    TWO_QUBIT,
    Metrics,
    check_complete,
    read_metrics,
)
from quantum_advantage.core.arguments import MOST_QUBITS
from quantum_advantage.core.fields import shown
from quantum_advantage.core.files import parse_json
from quantum_advantage.core.usage import UsageError, did_you_mean

SHIPPED = ("rainbow", "weber", "willow_pink")
CZ_FAMILY, SYCAMORE_FAMILY = "willow_pink", "weber"
_QUBIT = re.compile(r"q?(\d{1,3})_(\d{1,3})\Z")
_VALUE = re.compile(r"(double|float|int64|int32|str|bool)(Val|_val)\Z")
_LATEST = 10**14
_Table = dict[tuple[Any, ...], list[Any]]


@dataclass(frozen=True, eq=False)
class Chip:
    """A virtual chip.

    Attributes:
        device: Its specification and calibration.
        properties: What its noise model is made of.
    """

    device: Device
    properties: cirq_google.GoogleNoiseProperties = field(repr=False)


@functools.cache
def shipped_chip(processor: str) -> Chip:
    """Returns a chip whose calibration comes with cirq-google.

    Args:
        processor: ``rainbow``, ``weber`` or ``willow_pink``.

    Raises:
        UsageError: If there is none of that name.

    Example:
        >>> len(shipped_chip("rainbow").device.couplers)
        23
    """
    if processor not in SHIPPED:
        raise UsageError(
            f"unknown virtual processor {processor!r}; choose one of {', '.join(SHIPPED)}"
            f"{did_you_mean(processor, SHIPPED)}"
        )
    calibration = cirq_google.engine.load_median_device_calibration(processor)
    properties = cirq_google.engine.load_device_noise_properties(processor)
    device = describe(
        processor,
        cirq_google.engine.create_device_from_processor_id(processor),
        properties,
        calibration_time(calibration),
        tuple(calibration),
    )
    return Chip(device, properties)


@functools.cache
def saved_chip(name: str, digest: str) -> Chip:
    """Returns the chip of a calibration file.

    Args:
        name: The file's name.
        digest: Its digest.

    Raises:
        UsageError: If the file is missing, is no calibration, or does not say what is needed.
    """
    return chip_of(name, read_calibration(name, calibration_bytes(name, digest)))


def chip_of(name: str, calibration: cirq_google.Calibration) -> Chip:
    """Returns the chip that a calibration describes.

    Args:
        name: What to call it.
        calibration: The calibration.

    Raises:
        UsageError: If it has a value that cannot be, or no coupler with all that is needed.

    Example:
        >>> a, b = cirq.GridQubit.rect(1, 2)
        >>> each = {(a,): [0.01], (b,): [0.01]}
        >>> today = {"zero_error": each, "one_error": each, "sq_rb_pauli_error": each}
        >>> today |= {"cz_inferred_gate_error_pauli": {(a, b): [0.004]}}
        >>> device = chip_of("mine", cirq_google.Calibration(metrics=today)).device
        >>> device.accepted, device.damping([(a, b)]).round(3).tolist()
        (('cz',), [[1.0, 0.925, 0.906, 0.925]])
    """
    metrics = read_metrics(calibration)
    if metrics.unusable:
        rest = len(metrics.unusable) - 1
        more = f", and {rest} more values like it" if rest else ""
        raise UsageError(f"calibration {name}: {metrics.unusable[0]}{more}")
    check_complete(metrics, name)
    couplers = metrics.couplers()
    sycamore = any(metrics.values.get(gate) for gate in TWO_QUBIT[1:])
    family = SYCAMORE_FAMILY if sycamore else CZ_FAMILY
    times = shipped_chip(family).properties.gate_times_ns
    properties = metrics.noise_properties(times)
    device = describe(
        name,
        _grid_device(family, metrics, couplers),
        properties,
        calibration_time(calibration),
        metrics.names,
    )
    return Chip(device, properties)


def _grid_device(
    family: str, metrics: Metrics, couplers: list[tuple[cirq.GridQubit, ...]]
) -> cirq.Device:
    """Returns a device with the gates of a family, and other qubits and couplers."""
    qubits = sorted({q for pair in couplers for q in pair})
    if len(qubits) > MOST_QUBITS:
        raise UsageError(f"a calibration may know at most {MOST_QUBITS} qubits, not {len(qubits)}")
    shipped = cirq_google.engine.create_device_from_processor_id(family)
    if not isinstance(shipped, cirq_google.GridDevice):
        raise TypeError(f"the device of {family} is no GridDevice")
    written = shipped.to_proto()
    del written.valid_qubits[:]
    written.valid_qubits.extend(map(v2.qubit_to_proto_id, qubits))
    for targets in written.valid_targets:
        if targets.target_ordering == v2.device_pb2.TargetSet.SYMMETRIC:
            del targets.targets[:]
            for pair in couplers:
                targets.targets.add().ids.extend(map(v2.qubit_to_proto_id, pair))
    return cirq_google.GridDevice.from_proto(written)


def read_calibration(name: str, content: bytes) -> cirq_google.Calibration:
    """Reads the content of a calibration file.

    Args:
        name: The file's name, for messages.
        content: Its bytes.

    Raises:
        UsageError: If it is none, or gives two values for the same.

    Example:
        >>> metric = '{"name": "t1", "targets": ["0_1"], "values": [{"doubleVal": 15.5}]}'
        >>> found = read_calibration("chip.json", f'{{"metrics": [{metric}]}}'.encode())
        >>> found["t1"]
        {(cirq.GridQubit(0, 1),): [15.5]}
    """
    try:
        snapshot = parse_json(content.decode())
        if isinstance(snapshot, dict) and isinstance(snapshot.get("metrics"), dict):
            snapshot = snapshot["metrics"]
        listed = snapshot.get("metrics") if isinstance(snapshot, dict) else None
        if not isinstance(listed, list):
            raise ValueError('it holds no list under "metrics"')
        tables: dict[str, _Table] = {}
        for number, metric in enumerate(listed, start=1):
            try:
                _add(tables, metric)
            except ValueError as error:
                raise ValueError(f"metric {number}: {error}") from None
        calibration = cirq_google.Calibration(metrics=tables)
        calibration.timestamp = _milliseconds(snapshot)
    except ValueError as error:
        raise UsageError(
            f"{name} is no calibration, as cirq.to_json writes a cirq_google.Calibration: {error}"
        ) from None
    return calibration


def _add(tables: dict[str, _Table], metric: Any) -> None:
    name = metric.get("name") if isinstance(metric, dict) else None
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= 200:
        raise ValueError("it has no name")
    targets, values = metric.get("targets", []), metric.get("values", [])
    if not isinstance(targets, list) or not isinstance(values, list):
        raise ValueError(f"targets and values of {shown(name)} must be lists")
    key = tuple(map(_target, targets))
    table = tables.setdefault(name, {})
    read = list(map(_value, values))
    # Equal texts, so that NaN equals NaN.
    if str(table.setdefault(key, read)) != str(read):
        raise ValueError(f"{name} of {', '.join(map(str, key))} comes twice, with two values")


def _target(text: Any) -> cirq.GridQubit | str:
    if not isinstance(text, str) or not text.isprintable() or len(text) > 200:
        raise ValueError(f"targets must be texts such as '3_2', not {shown(text)}")
    match = _QUBIT.match(text)
    return cirq.GridQubit(int(match[1]), int(match[2])) if match else text


def _value(value: Any) -> float | str:
    if isinstance(value, dict) and len(value) == 1:
        ((kind, found),) = value.items()
        if _VALUE.match(kind) and isinstance(found, (int, float, str)):
            try:
                return found if isinstance(found, str) else float(found)
            except OverflowError:
                raise ValueError("a value is too large") from None
    raise ValueError('values must read {"doubleVal": 0.01}')


def _milliseconds(snapshot: dict[str, Any]) -> int:
    """Returns the time of a snapshot since 1970; 0 if it does not say."""
    found = snapshot.get("timestampMs", snapshot.get("timestamp_ms", 0))
    text = str(found) if isinstance(found, (int, str)) else ""
    if not re.fullmatch(r"\d{1,15}", text) or int(text) > _LATEST:
        raise ValueError(f"timestampMs must be milliseconds since 1970, not {shown(found)}")
    return int(text)
