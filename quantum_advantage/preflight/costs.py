"""What a preflight or a run costs on a processor, told before anything is sent there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add
from typing import TYPE_CHECKING

from quantum_advantage.backends.backend import Backend
from quantum_advantage.backends.devices.chain_placement import chain_circuit
from quantum_advantage.backends.devices.virtual import cost_on, open_virtual, virtual_device
from quantum_advantage.backends.names import BackendName
from quantum_advantage.preflight.chains import chain_turns
from quantum_advantage.preflight.pairs import CIRCUITS, SHOTS, measure_pairs
from quantum_advantage.preflight.processors import stand_in
from quantum_advantage.study.batches import play_batch
from quantum_advantage.tasks.registry import load_deciding

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.jobs import Cost
    from quantum_advantage.backends.devices.placed import PlacedSampler
    from quantum_advantage.study.spec import Spec

# Shots of a batch that are played to price it.
PRICED_SHOTS = 20_000


def cost_of(name: BackendName, play: Callable[[PlacedSampler], object]) -> Cost:
    """Returns the cost of something on a processor, without running it there.

    A real processor is not connected to: a virtual one stands in for its layout.

    Args:
        name: The backend.
        play: Takes a sampler and runs on it; every bit it receives is 0.

    Raises:
        UsageError: If a circuit does not fit the processor.

    Example:
        >>> from quantum_advantage.preflight.pairs import readout_request
        >>> request = readout_request(2, 400)
        >>> from quantum_advantage.backends.names import read_backend
        >>> cost = cost_of(read_backend("qvm:rainbow"), lambda s: s.sample_table(request))
        >>> cost.jobs, cost.repetitions
        (1, 400)
    """
    place = name.processor if name.base == "qvm" else stand_in(name.processor)
    device = virtual_device(place, name.digest)
    sampler, meter = cost_on(device)
    play(sampler)
    return meter.cost


def preflight_cost(
    name: BackendName, pairs: int, shots: int = SHOTS, *, chain: bool = False
) -> tuple[int, Cost]:
    """Returns the number of circuits of a preflight and what they cost, without running them.

    Args:
        name: The backend; a virtual processor stands in for a real one, as in :func:`cost_of`.
        pairs: The number of pairs.
        shots: Shots of each circuit.
        chain: Whether the systems form a chain, whose couplers are measured too.

    Raises:
        UsageError: If the processor holds fewer pairs, or no such chain.

    Example:
        >>> from quantum_advantage.backends.names import read_backend
        >>> circuits, cost = preflight_cost(read_backend("qvm:rainbow"), pairs=4, shots=600)
        >>> circuits, cost.jobs, cost.repetitions
        (3, 1, 1800)
    """
    if name.base != "qvm":
        name = BackendName("qvm", processor=stand_in(name.processor))
    backend = open_virtual(name)
    turns = chain_turns(backend, chain_circuit(pairs)) if chain else (backend.place(pairs),)
    sizes = [len(turn) for turn in turns if turn]
    # A sampler for each turn, as when they are measured.
    costs = [cost_of(name, partial(measure_pairs, pairs=n, shots=shots)) for n in sizes]
    return CIRCUITS * len(sizes), reduce(add, costs)


@dataclass(frozen=True)
class RunCost:
    """The cost of the batches of a spec on a processor, by Google's own estimate.

    Attributes:
        jobs: The number of jobs.
        parameter_sets: The number of parameter sets.
        repetitions: Repetitions in all.
        request_bytes: The largest request, in bytes.
        hours: The time on the processor.

    Example:
        >>> RunCost(jobs=4, parameter_sets=2e3, repetitions=2e4, request_bytes=9000, hours=0.1).jobs
        4
    """

    jobs: float
    parameter_sets: float
    repetitions: float
    request_bytes: int
    hours: float


def run_cost(spec: Spec, batches: int) -> RunCost:
    """Returns the cost of batches, without the preflight and without contact to a processor.

    A few games, or a part of one, are priced, and the result is scaled to all of them.

    Args:
        spec: What to play, on a virtual or a real processor.
        batches: How many batches.

    Raises:
        UsageError: If the spec cannot be played on the processor.
    """

    def play(sampler: PlacedSampler, few: Spec) -> None:
        play_batch("", few, 0, Backend(few.backend, lambda seed: sampler))

    per_shot = load_deciding(spec.task).copies_per_shot(spec.protocol, spec.qubits)
    few, share = _few_shots(spec, per_shot)
    cost = cost_of(spec.backend_name, partial(play, few=few))
    times = batches * share
    return RunCost(
        times * cost.jobs,
        times * cost.points,
        times * cost.repetitions,
        cost.request_bytes,
        times * cost.seconds / 3600,
    )


def _few_shots(spec: Spec, per_shot: int) -> tuple[Spec, float]:
    """Returns a spec of at most PRICED_SHOTS shots a batch, and by how much the cost is larger."""
    shots = spec.budget // per_shot
    if spec.batch_size * shots <= PRICED_SHOTS:
        return spec, 1.0
    games = min(spec.batch_size, max(1, PRICED_SHOTS // shots))
    fewer = min(shots, PRICED_SHOTS)
    share = (spec.batch_size / games) * (shots / fewer)
    return replace(spec, batch_size=games, budget=fewer * per_shot), share
