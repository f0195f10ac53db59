"""Google's processors: the virtual ones with their calibrations, and the real ones.

This module and ``jobs`` are the only ones that know that a service exists. A virtual processor is
Google's device specification with a real calibration: its noise is Google's own noise model,
inserted once into the parametrised circuit, and its request limits are those of the service.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import cirq
import cirq_google
import numpy as np
from cirq_google.engine import engine_validator

from quantum_advantage.backends.devices import NATIVE_GATES, Device, Pair, describe
from quantum_advantage.backends.factorised import FactorisedSampler
from quantum_advantage.backends.names import BackendName, PairPlace
from quantum_advantage.backends.placed import PlacedSampler
from quantum_advantage.backends.placement import best_pairs

VIRTUAL = ("rainbow", "weber", "willow_pink")

_ONE_QUBIT_GATES = (cirq.PhasedXZGate, cirq.ZPowGate, cirq.IdentityGate)


class DeviceNoise(cirq.NoiseModel):
    """Google's noise model of a calibration, for gates that the calibration covers, and no others.

    Google's own model leaves a gate without noise that it has no data for, and an empty calibration
    makes it the identity.

    Args:
        name: The device's name.
        properties: What the calibration says.

    Raises:
        ValueError: If the calibration covers no two-qubit gate at all.
    """

    def __init__(self, name: str, properties: cirq_google.GoogleNoiseProperties) -> None:
        """See the class."""
        self._name = name
        self._model = cirq_google.NoiseModelFromGoogleNoiseProperties(properties)
        self._covered = {
            (identifier.gate_type, identifier.qubits) for identifier in properties.gate_pauli_errors
        }
        if not any(len(qubits) == 2 for _, qubits in self._covered):
            raise ValueError(
                f"the calibration of {name} holds no error of any two-qubit gate under a name that "
                "cirq-google reads; it would be simulated as perfect, and is refused"
            )

    def noisy_moments(
        self, moments: Iterable[cirq.Moment], system_qubits: Sequence[cirq.Qid]
    ) -> Sequence[cirq.OP_TREE]:
        """Returns the moments with their noise.

        Raises:
            ValueError: If the calibration does not cover a gate.
        """
        listed = list(moments)
        for moment in listed:
            for op in moment:
                self._check(op)
        return self._model.noisy_moments(listed, system_qubits)

    def _check(self, op: cirq.Operation) -> None:
        needed: list[tuple[type, tuple[cirq.Qid, ...]]]
        if isinstance(op.gate, cirq.MeasurementGate):
            needed = [(cirq.MeasurementGate, (q,)) for q in op.qubits]
        elif isinstance(op.gate, _ONE_QUBIT_GATES):
            needed = [(cirq.PhasedXZGate, op.qubits)]
        else:
            kinds = [kind for kind, _, _ in NATIVE_GATES.values() if type(op.gate) is kind]
            needed = [(kind, op.qubits) for kind in kinds]
        if not needed or not self._covered.issuperset(needed):
            raise ValueError(
                f"the calibration of {self._name} holds no error of {op}, which would be simulated "
                "as perfect; compile to the gates that it covers"
            )


@functools.cache
def _properties(processor: str) -> cirq_google.GoogleNoiseProperties:
    return cirq_google.engine.load_device_noise_properties(processor)


@functools.cache
def virtual_device(processor: str) -> Device:
    """Returns a virtual processor with its calibration.

    Raises:
        ValueError: If there is none of that name.
    """
    if processor not in VIRTUAL:
        raise ValueError(
            f"unknown virtual processor {processor!r}; choose one of {', '.join(VIRTUAL)}"
        )
    calibration = cirq_google.engine.load_median_device_calibration(processor)
    return describe(
        processor,
        cirq_google.engine.create_device_from_processor_id(processor),
        _properties(processor),
        datetime.fromtimestamp(calibration.timestamp / 1000, UTC),
    )


@functools.cache
def virtual_noise(processor: str) -> DeviceNoise:
    """Returns the noise model of a virtual processor."""
    return DeviceNoise(processor, _properties(processor))


def check_limits(circuit: cirq.AbstractCircuit) -> None:
    """Refuses a circuit that the service would refuse: its depth, measurements and size.

    Raises:
        ValueError: With the service's reason.
    """
    try:
        engine_validator.validate_for_engine([circuit], [None], 1)
        engine_validator.validate_program([circuit], [None], 1, cirq_google.CIRCUIT_SERIALIZER)
    except RuntimeError as error:
        raise ValueError(f"the service would refuse the circuit: {error}") from error


@functools.cache
def placement(name: BackendName) -> Callable[[int], Sequence[Pair]]:
    """Returns what chooses the pairs on a virtual processor; see :func:`place_on`."""
    return place_on(virtual_device(name.processor), grid_pairs(name.pairs))


def grid_pairs(places: Iterable[PairPlace]) -> tuple[Pair, ...]:
    """Returns pairs of places as pairs of qubits."""
    return tuple((cirq.GridQubit(*a), cirq.GridQubit(*b)) for a, b in places)


def place_on(device: Device, named: Sequence[Pair] = ()) -> Callable[[int], Sequence[Pair]]:
    """Returns what chooses the pairs of a device.

    Args:
        device: The device.
        named: The pairs to use, first ones first; if there are none, the lightest ones.

    Raises:
        ValueError: If a named pair is no calibrated coupler or a qubit comes twice.
    """
    for pair in named:
        device.gate(pair)
    qubits = [q for pair in named for q in pair]
    if repeated := sorted({q for q in qubits if qubits.count(q) > 1}):
        raise ValueError(f"qubit {repeated[0]} is in two of the named pairs; each may be in one")

    @functools.cache
    def place(count: int) -> tuple[Pair, ...]:
        if not named:
            return best_pairs(device, count)
        if count > len(named):
            raise ValueError(f"{len(named)} pairs are named, and {count} are needed")
        return tuple(named[:count])

    return place


def virtual_sampler(name: BackendName, seed: int | np.random.Generator) -> PlacedSampler:
    """Returns a sampler that runs on a virtual processor, noise and limits included."""
    rng = np.random.default_rng(seed)
    device, place = virtual_device(name.processor), placement(name)
    inner = FactorisedSampler("qsim", virtual_noise(name.processor), rng)
    return PlacedSampler(device, place, inner, check_limits, rng)
