"""Google's virtual processors: a device specification with a real calibration.

The noise is Google's own noise model, inserted once into the parametrised circuit, and the limits
of a request are those of the service.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import cirq
import cirq_google
import numpy as np
from cirq_google.engine import engine_validator

from quantum_advantage.backends.backend import Backend, opened_as
from quantum_advantage.backends.devices.blocks import block_on
from quantum_advantage.backends.devices.calibration import Device, Pair, Qubit
from quantum_advantage.backends.devices.chain_placement import ChainOf, chain_on, fitted_chain_on
from quantum_advantage.backends.devices.chips import SHIPPED, Chip, saved_chip, shipped_chip
from quantum_advantage.backends.devices.device_noise import DeviceNoise
from quantum_advantage.backends.devices.imperfections import ImperfectNoise, is_error
from quantum_advantage.backends.devices.jobs import CostSampler
from quantum_advantage.backends.devices.mitigation import Mitigation
from quantum_advantage.backends.devices.placed import PlacedSampler
from quantum_advantage.backends.devices.placement import (
    grid_pairs,
    pair_places,
    place_on,
)
from quantum_advantage.backends.names import (
    IMPERFECTIONS,
    BackendName,
    read_backend,
)
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.twirling import TwirledNoise
from quantum_advantage.core.usage import UsageError

# Those that need no file.
VIRTUAL = SHIPPED

# The service takes circuits of some 40 µs; the longest gates of its processors' calibrations.
MOST_NANOSECONDS = 40_000
ONE_QUBIT_NANOSECONDS, TWO_QUBIT_NANOSECONDS = 25, 42


def _chip(processor: str, digest: str) -> Chip:
    return saved_chip(processor, digest) if digest else shipped_chip(processor)


def virtual_device(processor: str, digest: str = "") -> Device:
    """Returns a virtual processor with its calibration.

    Args:
        processor: ``rainbow``, ``weber`` or ``willow_pink``, or the name of a calibration file.
        digest: The digest of that file.

    Raises:
        UsageError: If there is none of that name.

    Example:
        >>> rainbow = virtual_device("rainbow")
        >>> len(rainbow.couplers), rainbow.couplers.number_of_edges(), rainbow.calibrated.year
        (23, 32, 2021)
    """
    return _chip(processor, digest).device


@functools.cache
def virtual_noise(processor: str, digest: str = "") -> DeviceNoise:
    """Returns the noise model of a virtual processor.

    Args:
        processor: As in :func:`virtual_device`.
        digest: As there.

    Example:
        >>> isinstance(virtual_noise("rainbow"), cirq.NoiseModel)
        True
    """
    return DeviceNoise(processor, _chip(processor, digest).properties)


def check_limits(circuit: cirq.AbstractCircuit) -> None:
    """Refuses a circuit that the service would refuse: its depth, time, measurements and size.

    Raises:
        UsageError: With the service's reason.

    Example:
        >>> q = cirq.GridQubit(0, 0)
        >>> check_limits(cirq.Circuit(cirq.X(q), cirq.measure(q)))
        >>> check_limits(cirq.Circuit(cirq.X(q)))
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: the service would refuse the circuit: ...
    """
    try:
        engine_validator.validate_for_engine([circuit], [None], 1)
        engine_validator.validate_program([circuit], [None], 1, cirq_google.CIRCUIT_SERIALIZER)
    except RuntimeError as error:
        raise UsageError(f"the service would refuse the circuit: {error}") from error
    if (taken := circuit_nanoseconds(circuit)) > MOST_NANOSECONDS:
        raise UsageError(
            f"the service would refuse the circuit: it takes {taken / 1000:.1f} µs, and "
            f"{MOST_NANOSECONDS / 1000:g} µs are allowed; choose a smaller depth"
        )


def circuit_nanoseconds(circuit: cirq.AbstractCircuit) -> int:
    """Returns how long a native circuit takes before its readout, at most.

    Each moment takes as long as its longest gate: 25 ns with one-qubit gates alone, else 42 ns (the
    longest two-qubit gates of the calibrations that come with cirq-google).

    Args:
        circuit: The circuit.

    Example:
        >>> a, b = cirq.GridQubit.rect(1, 2)
        >>> circuit_nanoseconds(cirq.Circuit(cirq.X(a), cirq.CZ(a, b), cirq.measure(a, b)))
        67
    """
    gates = [[op for op in moment if not cirq.is_measurement(op)] for moment in circuit]
    return sum(
        TWO_QUBIT_NANOSECONDS if any(len(op.qubits) > 1 for op in moment) else ONE_QUBIT_NANOSECONDS
        for moment in gates
        if moment
    )


@dataclass(frozen=True)
class ProcessorBackend(Backend):
    """A processor, virtual or real.

    Attributes:
        device: Its specification and calibration.
        place: Returns the pairs in use for a number of pairs.
        chain: Returns those whose systems form a chain, for a circuit that couples them.
        block: Returns where the qubits of a circuit go that couples a block of a grid.
        on_pairs: Returns the same processor with other pairs, chosen once under a name.

    Example:
        >>> processor = open_virtual("qvm:rainbow")
        >>> best, other = processor.place(1), processor.place(2)[1:]
        >>> processor.on_pairs("the second best", lambda: other).place(1) == other
        True
    """

    device: Device = field(kw_only=True)
    place: Callable[[int], Sequence[Pair]] = field(kw_only=True)
    chain: ChainOf = field(kw_only=True)
    block: Callable[[cirq.AbstractCircuit], Mapping[cirq.Qid, Qubit]] = field(kw_only=True)
    on_pairs: Callable[[str, Callable[[], Sequence[Pair]]], ProcessorBackend] = field(kw_only=True)

    def __reduce__(self) -> tuple[Callable[..., ProcessorBackend], tuple[str]]:
        """Sends a virtual processor to another process by its name; jobs stay in one process."""
        if not self.name.startswith("qvm:"):
            raise TypeError(f"{self.name} runs jobs, which belong to one process")
        return open_virtual, (self.name,)


def open_virtual(name: str | BackendName) -> ProcessorBackend:
    """Opens a virtual processor.

    Args:
        name: ``qvm:PROCESSOR`` or ``qvm:FILE.json``, with ``pairs=`` if wanted.

    Raises:
        UsageError: If there is none of that name, or a named pair does not fit it.

    Example:
        >>> print(*open_virtual("qvm:rainbow,pairs=5.3-5.4").place(1))
        (cirq.GridQubit(5, 3), cirq.GridQubit(5, 4))
    """
    read = name if isinstance(name, BackendName) else read_backend(name)
    if read.base != "qvm":
        raise UsageError(f"backend {str(read)!r} must read qvm:PROCESSOR")
    place = placement(read)
    device = virtual_device(read.processor, read.digest)

    def on_pairs(key: str, choose: Callable[[], Sequence[Pair]]) -> ProcessorBackend:
        return open_virtual(read.on_pairs(pair_places(choose())))

    return ProcessorBackend(
        str(read),
        lambda seed: virtual_sampler(read, seed),
        lambda count: device.damping(place(count)),
        opened_as(str(read)),
        device=device,
        place=place,
        chain=chaining(read),
        block=blocking(read),
        on_pairs=on_pairs,
    )


@functools.cache
def placement(name: BackendName) -> Callable[[int], Sequence[Pair]]:
    """Returns what chooses the pairs on a virtual processor; see :func:`place_on`.

    Args:
        name: The backend.

    Raises:
        UsageError: If there is no such processor, or a named pair does not fit it.

    Example:
        >>> len(placement(read_backend("qvm:rainbow"))(3))
        3
    """
    return place_on(virtual_device(name.processor, name.digest), grid_pairs(name.pairs))


@functools.cache
def chaining(name: BackendName) -> ChainOf:
    """Returns what chooses the chain for a circuit on a virtual processor.

    It is :func:`chain_on`, or :func:`fitted_chain_on` with ``place=circuit``.

    Args:
        name: The backend.

    Raises:
        UsageError: If there is no such processor.

    Example:
        >>> circuit = cirq.Circuit(cirq.CZ(*cirq.LineQubit.range(0, 3, 2)))
        >>> len(chaining(read_backend("qvm:rainbow"))(circuit))
        2
    """
    device = virtual_device(name.processor, name.digest)
    return (
        fitted_chain_on(device) if name.fits_circuit else chain_on(device, grid_pairs(name.pairs))
    )


@functools.cache
def blocking(name: BackendName) -> Callable[[cirq.AbstractCircuit], Mapping[cirq.Qid, Qubit]]:
    """Returns what chooses the block on a virtual processor; see :func:`block_on`.

    Args:
        name: The backend.

    Raises:
        UsageError: If there is no such processor.

    Example:
        >>> circuit = cirq.Circuit(cirq.CZ(*cirq.LineQubit.range(2)))
        >>> len(blocking(read_backend("qvm:rainbow"))(circuit))
        2
    """
    return block_on(virtual_device(name.processor, name.digest), grid_pairs(name.pairs))


def virtual_sampler(name: BackendName, seed: int | np.random.Generator) -> PlacedSampler:
    """Returns a sampler that runs on a virtual processor, noise and limits included.

    Args:
        name: The backend.
        seed: Draws the readout masks and the outcomes.

    Raises:
        UsageError: If there is no such processor, or a named pair does not fit it.

    Example:
        >>> sampler = virtual_sampler(read_backend("qvm:rainbow"), seed=1)
        >>> a, b = cirq.LineQubit.range(2)
        >>> bell = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.measure(a, b, key="m"))
        >>> bits = sampler.run(bell, repetitions=1000).measurements["m"]
        >>> bool(0.7 < (bits[:, 0] == bits[:, 1]).mean() < 1)  # 1 without noise
        True
    """
    rng = np.random.default_rng(seed)
    noise: cirq.NoiseModel = virtual_noise(name.processor, name.digest)
    if any(key in IMPERFECTIONS for key, _ in name.options):
        noise = _imperfect(name, rng)
    device, place = virtual_device(name.processor, name.digest), placement(name)
    if name.twirled:
        noise = TwirledNoise(noise, is_error)
    inner = FactorisedSampler("qsim", noise, rng)
    mitigation = Mitigation(name.gauge, name.dd)
    return PlacedSampler(
        device,
        place,
        inner,
        check_limits,
        rng,
        chain=chaining(name),
        mitigation=mitigation,
        block=blocking(name),
    )


def _imperfect(name: BackendName, rng: np.random.Generator) -> ImperfectNoise:
    """Adds what the calibration does not tell; what drifts is drawn once for a sampler."""
    options = {key: float(value) for key, value in name.options if key in IMPERFECTIONS}
    drifts = options.keys() & {"drift", "idling"}
    chip = _chip(name.processor, name.digest)
    return ImperfectNoise(
        virtual_noise(name.processor, name.digest),
        chip.properties,
        chip.device.couplers,
        **options,
        batch=int(rng.integers(2**62)) if drifts else 0,
    )


def cost_on(device: Device) -> tuple[PlacedSampler, CostSampler]:
    """Returns a sampler that runs nothing on a device, and the meter that adds up its cost.

    Args:
        device: The device.

    Example:
        >>> sampler, meter = cost_on(virtual_device("rainbow"))
        >>> circuit = cirq.Circuit(cirq.measure(*cirq.LineQubit.range(2), key="m"))
        >>> _ = sampler.run(circuit, repetitions=100)
        >>> meter.cost.repetitions
        100
    """
    meter = CostSampler()
    sampler = PlacedSampler(
        device,
        place_on(device),
        meter,
        check_limits,
        0,
        chain_on(device),
        block=block_on(device),
    )
    return sampler, meter
