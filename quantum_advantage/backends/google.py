"""Google's processors: the virtual ones with their calibrations, and the real ones.

This module and ``jobs`` are the only ones that know that a service exists. A virtual processor is
Google's device specification with a real calibration: its noise is Google's own noise model,
inserted once into the parametrised circuit, and its request limits are those of the service.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from typing import Any

import cirq
import cirq_google
import numpy as np
import numpy.typing as npt
from cirq_google.engine import engine_validator
from cirq_google.engine.engine import EngineContext
from cirq_google.engine.engine_client import EngineClient, EngineException
from cirq_google.engine.stream_manager import StreamError
from google.api_core.exceptions import GoogleAPICallError
from google.auth import default as default_credentials
from google.auth.exceptions import GoogleAuthError

from quantum_advantage.backends.devices import NATIVE_GATES, Device, Pair, describe
from quantum_advantage.backends.factorised import FactorisedSampler
from quantum_advantage.backends.jobs import CostSampler, Job, JobFolder, JobSampler
from quantum_advantage.backends.names import (
    BackendName,
    PairPlace,
    read_backend,
    read_pairs,
    write_pairs,
)
from quantum_advantage.backends.opening import Backend
from quantum_advantage.backends.placed import PlacedSampler
from quantum_advantage.backends.placement import best_chain, best_pairs

VIRTUAL = ("rainbow", "weber", "willow_pink")

CALIBRATION_SECONDS = 300
RETRY_SECONDS = 60
# What cirq-google says of a job that ended without a result.
_FAILURE = re.compile(r"Job \S+ (on processor \S+ )?failed")
_PROJECT = re.compile(r"projects/[^/\s]+")
LOGIN = "run: gcloud auth application-default login"

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
    return describe(
        processor,
        cirq_google.engine.create_device_from_processor_id(processor),
        _properties(processor),
        _calibration_time(cirq_google.engine.load_median_device_calibration(processor)),
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


@dataclass(frozen=True)
class ProcessorBackend(Backend):
    """A processor, virtual or real.

    Attributes:
        device: What is known of it.
        place: Returns the pairs in use for a number of pairs.
        chain: Returns those whose systems form a chain, for circuits that couple them.
        on_pairs: Returns the same processor with other pairs, chosen once under a name.
    """

    device: Device = field(kw_only=True)
    place: Callable[[int], Sequence[Pair]] = field(kw_only=True)
    chain: Callable[[int], Sequence[Pair]] = field(kw_only=True)
    on_pairs: Callable[[str, Callable[[], Sequence[Pair]]], ProcessorBackend] = field(kw_only=True)

    def __reduce__(self) -> tuple[Callable[..., ProcessorBackend], tuple[str]]:
        """Sends a virtual processor to another process by its name; jobs stay in one process."""
        if not self.name.startswith("qvm:"):
            raise TypeError(f"{self.name} runs jobs, which belong to one process")
        return open_virtual, (self.name,)


def open_virtual(name: str | BackendName) -> ProcessorBackend:
    """Opens a virtual processor.

    Args:
        name: ``qvm:PROCESSOR``, with ``pairs=`` if wanted.

    Raises:
        ValueError: If there is none of that name, or a named pair does not fit it.
    """
    read = name if isinstance(name, BackendName) else read_backend(name)
    if read.base != "qvm":
        raise ValueError(f"backend {str(read)!r} must read qvm:PROCESSOR")
    place = placement(read)
    device = virtual_device(read.processor)

    def on_pairs(key: str, choose: Callable[[], Sequence[Pair]]) -> ProcessorBackend:
        return open_virtual(replace(read, pairs=pair_places(choose())))

    return ProcessorBackend(
        str(read),
        lambda seed: virtual_sampler(read, seed),
        lambda count: device.damping(place(count)),
        device=device,
        place=place,
        chain=chaining(read),
        on_pairs=on_pairs,
    )


def pair_places(pairs: Iterable[Pair]) -> tuple[PairPlace, ...]:
    """Returns pairs of qubits as pairs of places."""
    return tuple(((a.row, a.col), (b.row, b.col)) for a, b in pairs)


@functools.cache
def placement(name: BackendName) -> Callable[[int], Sequence[Pair]]:
    """Returns what chooses the pairs on a virtual processor; see :func:`place_on`."""
    return place_on(virtual_device(name.processor), grid_pairs(name.pairs))


@functools.cache
def chaining(name: BackendName) -> Callable[[int], Sequence[Pair]]:
    """Returns what chooses the chain on a virtual processor; see :func:`chain_on`."""
    return chain_on(virtual_device(name.processor), grid_pairs(name.pairs))


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
        return _first(named, count) if named else best_pairs(device, count)

    return place


def chain_on(device: Device, named: Sequence[Pair] = ()) -> Callable[[int], Sequence[Pair]]:
    """Returns what chooses pairs of a device whose systems form a chain.

    Args:
        device: The device.
        named: The pairs to use in their order, first ones first; if there are none, the lightest
            chain that is found.

    Returns:
        A function of the number of pairs; it raises a ValueError if neighbours of the named pairs
        are not coupled.
    """

    @functools.cache
    def chain(count: int) -> tuple[Pair, ...]:
        if not named:
            return best_chain(device, count)
        pairs = _first(named, count)
        for (one, _), (other, _) in pairwise(pairs):
            try:
                device.gate((one, other))
            except ValueError as error:
                raise ValueError(
                    f"the named pairs must be a chain for this circuit, each system coupled to the "
                    f"next: {error}"
                ) from None
        return pairs

    return chain


def _first(named: Sequence[Pair], count: int) -> tuple[Pair, ...]:
    if count > len(named):
        raise ValueError(f"{len(named)} pairs are named, and {count} are needed")
    return tuple(named[:count])


def virtual_sampler(name: BackendName, seed: int | np.random.Generator) -> PlacedSampler:
    """Returns a sampler that runs on a virtual processor, noise and limits included."""
    rng = np.random.default_rng(seed)
    device, place = virtual_device(name.processor), placement(name)
    inner = FactorisedSampler("qsim", virtual_noise(name.processor), rng)
    return PlacedSampler(device, place, inner, check_limits, rng, chaining(name))


class EngineService:
    """A processor of Google's Quantum Engine; the only place that calls it.

    Jobs are created by unary calls, not over a stream, so that a job is known to exist when its
    creation returns.

    Args:
        engine: The engine, or a local one of the same interface.
        name: The processor, and its configuration if one is named.

    Raises:
        ValueError: If the processor or the configuration cannot be reached.
    """

    def __init__(self, engine: Any, name: BackendName) -> None:
        """See the class."""
        self._engine = engine
        self._name = name
        options: dict[str, Any] = {}
        if name.config:
            revision = _revision(name.snapshot, name.run)
            options = {"device_config_name": name.config, "device_config_revision": revision}
        try:
            self._processor = engine.get_processor(name.processor)
            self._sampler = self._processor.get_sampler(**options)
            self._config = self._find_config()
            device = (
                self._processor.get_device()
                if self._config is None
                else self._config.effective_device
            )
            calibration = self._calibration()
        except Exception as error:
            if isinstance(error, KeyError):
                raise ValueError(f"{name}: there is no such processor") from error
            reason = self.explain(error)
            if reason is None:
                raise
            raise ValueError(f"{name}: {reason}") from error
        self.device = _describe_engine(name.processor, device, calibration)
        self._checked = time.monotonic()

    def _find_config(self) -> Any:
        """Returns the configuration as it is now; None for a local processor, which has none."""
        if not hasattr(self._processor, "get_config"):
            return None
        sampler = self._sampler
        found = self._processor.get_config(
            config_name=sampler.device_config_name,
            device_config_revision=_revision(sampler.snapshot_id, sampler.run_name),
        )
        if found is None and self._name.config:
            raise ValueError(f"there is no configuration {self._name.config!r} of that name")
        return found

    def _calibration(self) -> cirq_google.Calibration | None:
        """Returns the calibration now."""
        if self._config is None:
            return self._processor.get_current_calibration()
        return self._config.calibration

    def describe(self) -> dict[str, str]:
        """Returns processor, configuration, and run or snapshot."""
        sampler = self._sampler
        return {
            "processor": self._name.processor,
            "config": str(sampler.device_config_name),
            "run": str(sampler.run_name),
            "snapshot": str(sampler.snapshot_id),
        }

    def calibrated(self) -> str:
        """Returns the time of the current calibration, looked up every few minutes."""
        if self._config is not None and time.monotonic() - self._checked > CALIBRATION_SECONDS:
            self._config = self._find_config()
            self._checked = time.monotonic()
        moment = _calibration_time(self._calibration())
        return "" if moment is None else moment.isoformat(timespec="seconds")

    def send(
        self, job: Job, circuit: cirq.AbstractCircuit, sweep: cirq.Sweepable, repetitions: int
    ) -> EngineHandle:
        """Sends a job under its ids; returns the one that is there if they are known already."""
        try:
            sent = self._processor.run_sweep(
                program=circuit,
                program_id=job.program_id,
                job_id=job.job_id,
                params=sweep,
                repetitions=repetitions,
                job_labels={"experiment": "quantum-advantage", "circuit": job.circuit},
                run_name=self._sampler.run_name,
                snapshot_id=self._sampler.snapshot_id,
                device_config_name=self._sampler.device_config_name,
            )
        except EngineException as error:
            found = self.find(job) if error.code == HTTPStatus.CONFLICT else None
            if found is None:
                raise
            return found
        return EngineHandle(sent)

    def find(self, job: Job) -> EngineHandle | None:
        """Returns the job of these ids, or None if the service does not know it."""
        try:
            found = self._engine.get_program(job.program_id).get_job(job.job_id)
            found.create_time()
        except KeyError:
            return None
        except EngineException as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return None
            raise
        return EngineHandle(found)

    def explain(self, error: Exception) -> str | None:
        """Returns what an error of the service means, in one line; None if it is not one."""
        text = self._without_project(" ".join(str(error).split()).rstrip("."))
        if isinstance(error, GoogleAuthError):
            return f"the credentials do not work ({text}); {LOGIN}"
        code = getattr(error, "code", None)
        if isinstance(error, (EngineException, GoogleAPICallError)):
            meanings: dict[int, str] = {
                HTTPStatus.UNAUTHORIZED: f"the credentials have expired; {LOGIN}",
                HTTPStatus.FORBIDDEN: "the project has no access to this processor",
                HTTPStatus.NOT_FOUND: "there is no such project, processor or configuration",
                HTTPStatus.TOO_MANY_REQUESTS: "the quota is spent; wait, or ask for more",
            }
            meaning = meanings.get(code) if isinstance(code, int) else None
            return f"{meaning} ({text})" if meaning else f"the service refused ({text})"
        if isinstance(error, TimeoutError):
            return f"no answer in time ({text or 'time-out'})"
        if isinstance(error, OSError):
            return f"the connection was lost ({text})"
        if isinstance(error, (RuntimeError, ValueError, StreamError)):
            return text
        return None

    def has_failed(self, error: Exception) -> bool:
        """Tells whether an error says that the job itself failed, so that it must be sent anew."""
        return isinstance(error, RuntimeError) and _FAILURE.match(str(error)) is not None

    def _without_project(self, text: str) -> str:
        """Takes the project out of an error, which goes into files."""
        text = _PROJECT.sub("projects/-", text)
        return text.replace(self._name.project, "-") if self._name.project else text


class EngineHandle:
    """A job at the engine."""

    def __init__(self, job: Any) -> None:
        """Args: ``job`` is the engine's job."""
        self._job = job

    def results(self) -> Sequence[cirq.Result]:
        """Waits for the results, one for each parameter set."""
        return self._job.results()

    def times(self) -> tuple[str, str]:
        """Returns when the job was created and last updated, as ISO times."""
        moments = self._job.create_time(), self._job.update_time()
        created, updated = (moment.isoformat(timespec="seconds") for moment in moments)
        return created, updated


def _revision(snapshot: str, run: str) -> cirq_google.Snapshot | cirq_google.Run:
    """Returns which revision of a configuration is meant; a snapshot goes before a run."""
    return cirq_google.Snapshot(snapshot) if snapshot else cirq_google.Run(run)


def _calibration_time(calibration: cirq_google.Calibration | None) -> datetime | None:
    if calibration is None or not calibration.timestamp:
        return None
    return datetime.fromtimestamp(calibration.timestamp / 1000, UTC)


def _describe_engine(
    name: str, device: cirq.Device, calibration: cirq_google.Calibration | None
) -> Device:
    """Describes a real processor; an unreadable calibration leaves it without errors."""
    readable = cirq_google.engine.noise_properties_from_calibration
    empty = cirq_google.Calibration()
    try:
        properties = readable(calibration or empty, gate_times_ns="legacy")
    except (KeyError, ValueError):
        properties = readable(empty, gate_times_ns="legacy")
    return describe(name, device, properties, _calibration_time(calibration))


def connect(project: str) -> Any:
    """Returns Google's engine for a project.

    Raises:
        ValueError: If there are no credentials.
    """
    try:
        client = EngineClient(max_retry_delay_seconds=RETRY_SECONDS, verbose=False)
        context = EngineContext(client=client, enable_streaming=False, compress_run_context=True)
        # The credentials are looked for now, not when the first job is sent.
        default_credentials()
    except GoogleAuthError as error:
        raise ValueError(f"no Google Cloud credentials were found; {LOGIN}") from error
    return cirq_google.Engine(project_id=project, context=context)


def open_engine(
    name: str | BackendName,
    folder: str | Path,
    max_minutes: float | None = None,
    engine: Any = None,
) -> ProcessorBackend:
    """Opens a real processor, whose jobs are kept in a folder.

    Opened again with the same folder, it fetches what was sent before and sends nothing twice.

    Args:
        name: ``engine:PROJECT/PROCESSOR``, with ``config=`` and ``run=`` or ``snapshot=``, and
            ``pairs=``, if wanted.
        folder: Where the jobs are kept.
        max_minutes: Cap on the device time of all jobs in the folder, by Google's estimate.
        engine: An engine that is open already; by default that of the project.

    Raises:
        ValueError: If the name is wrong, there are no credentials, the processor cannot be reached,
            or the folder belongs to another one.
    """
    read = name if isinstance(name, BackendName) else read_backend(name)
    if read.base != "engine":
        raise ValueError(f"backend {str(read)!r} must read engine:PROJECT/PROCESSOR")
    if engine is None and not read.project:
        raise ValueError(f"backend {str(read)!r} must name the project: engine:PROJECT/PROCESSOR")
    service = EngineService(connect(read.project) if engine is None else engine, read)
    place_on(service.device, grid_pairs(read.pairs))
    return _engine_backend(read, service, JobFolder(Path(folder), service, max_minutes))


def _engine_backend(read: BackendName, service: EngineService, jobs: JobFolder) -> ProcessorBackend:
    device = service.device
    choose = place_on(device, grid_pairs(read.pairs))
    choose_chain = chain_on(device, grid_pairs(read.pairs))

    def kept(key: str, choice: Callable[[], Sequence[Pair]]) -> tuple[Pair, ...]:
        """Chooses as on the day the run began, whatever the calibration says today."""
        text = jobs.pinned(key, lambda: write_pairs(pair_places(choice())))
        return grid_pairs(read_pairs(text))

    def place(count: int) -> tuple[Pair, ...]:
        if read.pairs:
            return tuple(choose(count))
        return kept(f"pairs {count}", lambda: choose(count))

    def chain(count: int) -> tuple[Pair, ...]:
        if read.pairs:
            return tuple(choose_chain(count))
        return kept(f"chain {count}", lambda: choose_chain(count))

    def damping(count: int) -> npt.NDArray[np.float64] | None:
        def predicted() -> list[list[float]] | None:
            factors = device.damping(place(count))
            return None if factors is None else factors.tolist()

        known = jobs.pinned(f"damping {count} {write_pairs(read.pairs)}".strip(), predicted)
        return None if known is None else np.array(known)

    def on_pairs(key: str, choice: Callable[[], Sequence[Pair]]) -> ProcessorBackend:
        named = replace(read, pairs=pair_places(kept(key, choice)))
        return _engine_backend(named, service, jobs)

    return ProcessorBackend(
        str(read),
        lambda seed: PlacedSampler(
            device, place, JobSampler(jobs, seed), check_limits, seed, chain
        ),
        damping,
        device=device,
        place=place,
        chain=chain,
        on_pairs=on_pairs,
    )


def cost_on(device: Device, seed: int = 0) -> tuple[PlacedSampler, CostSampler]:
    """Returns a sampler that runs nothing on a device, and what adds up what it would cost."""
    meter = CostSampler()
    sampler = PlacedSampler(device, place_on(device), meter, check_limits, seed, chain_on(device))
    return sampler, meter
