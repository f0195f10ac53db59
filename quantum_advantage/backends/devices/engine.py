"""Google's real processors.

What is called there stands in ``engine_service``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cirq
import cirq_google
import numpy as np
import numpy.typing as npt
from cirq_google.engine.engine import EngineContext
from cirq_google.engine.engine_client import EngineClient
from google.auth import default as default_credentials
from google.auth.exceptions import GoogleAuthError

from quantum_advantage.backends.backend import opened_as
from quantum_advantage.backends.devices.blocks import block_on, block_sites
from quantum_advantage.backends.devices.calibration import Pair, Qubit
from quantum_advantage.backends.devices.chain_placement import (
    chain_length,
    chain_on,
    fitted_chain_on,
    line_slots,
)
from quantum_advantage.backends.devices.engine_service import LOGIN, EngineService
from quantum_advantage.backends.devices.job_files import RUN
from quantum_advantage.backends.devices.jobs import JobFolder, JobSampler
from quantum_advantage.backends.devices.mitigation import Mitigation
from quantum_advantage.backends.devices.placed import PlacedSampler
from quantum_advantage.backends.devices.placement import (
    grid_pairs,
    pair_places,
    place_on,
)
from quantum_advantage.backends.devices.virtual import ProcessorBackend, check_limits
from quantum_advantage.backends.names import (
    BackendName,
    read_backend,
    read_pairs,
    write_pairs,
)
from quantum_advantage.circuits.digests import circuit_digest
from quantum_advantage.core.usage import UsageError

RETRY_SECONDS = 60


def connect(project: str) -> Any:
    """Returns Google's engine for a project.

    Raises:
        UsageError: If there are no credentials.
    """
    try:
        client = EngineClient(max_retry_delay_seconds=RETRY_SECONDS, verbose=False)
        context = EngineContext(client=client, enable_streaming=False, compress_run_context=True)
        # The credentials are looked for now, not when the first job is sent.
        default_credentials()
    except GoogleAuthError as error:
        raise UsageError(f"no Google Cloud credentials were found; {LOGIN}") from error
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
        UsageError: If the name is wrong, there are no credentials, the processor cannot be reached,
            or the folder belongs to another one.

    Example:
        >>> import cirq_google
        >>> from quantum_advantage import open_engine
        >>> # A local engine in place of Google's, which needs credentials.
        >>> local = cirq_google.engine.create_noiseless_virtual_engine_from_latest_templates()
        >>> backend = open_engine("engine:my_project/weber", "out/jobs", engine=local)
        >>> backend.name, len(backend.place(2))
        ('engine:weber', 2)
    """
    read = name if isinstance(name, BackendName) else read_backend(name)
    if read.base != "engine":
        raise UsageError(f"backend {str(read)!r} must read engine:PROJECT/PROCESSOR")
    if not hasattr(cirq_google, "Run"):
        raise UsageError(
            f"backend {str(read)!r} needs cirq-google 1.7 or later, not {cirq_google.__version__}"
        )
    if engine is None and not read.project:
        raise UsageError(f"backend {str(read)!r} must name the project: engine:PROJECT/PROCESSOR")
    service = EngineService(connect(read.project) if engine is None else engine, read)
    for line in service.notices():
        warnings.warn(line, stacklevel=2)
    place_on(service.device, grid_pairs(read.pairs))
    return _engine_backend(read, service, JobFolder(Path(folder), service, max_minutes))


def _engine_backend(read: BackendName, service: EngineService, jobs: JobFolder) -> ProcessorBackend:
    device = service.device
    choose = place_on(device, grid_pairs(read.pairs))
    fits = read.fits_circuit
    choose_chain = fitted_chain_on(device) if fits else chain_on(device, grid_pairs(read.pairs))
    choose_block = block_on(device, grid_pairs(read.pairs))

    def kept(key: str, choice: Callable[[], Sequence[Pair]]) -> tuple[Pair, ...]:
        """Chooses as on the day the run began, whatever the calibration says today."""
        text = jobs.pinned(key, lambda: write_pairs(pair_places(choice())))
        if not isinstance(text, str):
            raise UsageError(f"{jobs.folder / RUN} holds no pairs under {key!r}; restore it")
        return grid_pairs(read_pairs(text))

    def place(count: int) -> tuple[Pair, ...]:
        if read.pairs:
            return tuple(choose(count))
        return kept(f"pairs {count}", lambda: choose(count))

    def chain(circuit: cirq.AbstractCircuit) -> tuple[Pair, ...]:
        if read.pairs:
            return tuple(choose_chain(circuit))
        key = f"chain {chain_length(line_slots(circuit))}"
        if fits:
            key += f" for circuit {circuit_digest(circuit)[:16]}"
        return kept(key, lambda: choose_chain(circuit))

    def block(circuit: cirq.AbstractCircuit) -> Mapping[cirq.Qid, Qubit]:
        sites = block_sites(circuit)
        if read.pairs or sites is None:
            return choose_block(circuit)

        def under_sites() -> list[Pair]:
            found = choose_block(circuit)
            return [(site, found[q]) for q, site in sites.items()]

        size = f"{len(sites)} qubits, circuit {circuit_digest(circuit)[:16]}"
        under = dict(kept(f"block of {size}", under_sites))
        return {q: under[site] for q, site in sites.items()}

    def damping(count: int) -> npt.NDArray[np.float64] | None:
        def predicted() -> list[list[float]] | None:
            factors = device.damping(place(count))
            return None if factors is None else factors.tolist()

        known = jobs.pinned(f"damping {count} {write_pairs(read.pairs)}".strip(), predicted)
        return None if known is None else np.array(known)

    def on_pairs(key: str, choice: Callable[[], Sequence[Pair]]) -> ProcessorBackend:
        named = read.on_pairs(pair_places(kept(key, choice)))
        return _engine_backend(named, service, jobs)

    mitigation = Mitigation(read.gauge, read.dd)
    return ProcessorBackend(
        str(read),
        lambda seed: PlacedSampler(
            device, place, JobSampler(jobs, seed), check_limits, seed, chain, mitigation, block
        ),
        damping,
        opened_as(str(read)),
        device=device,
        place=place,
        chain=chain,
        block=block,
        on_pairs=on_pairs,
    )
