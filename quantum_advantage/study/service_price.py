"""What batches will take of a service, told before any of them is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from quantum_advantage.backends.adapter.adapted import AdaptedSampler
from quantum_advantage.backends.adapter.packing import Price
from quantum_advantage.backends.backend import Adapting, Backend
from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.sweeps import TableSampler, measured_widths
from quantum_advantage.core.bits import Words, pack_bits
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.spec import Spec


class _Priced(TableSampler):
    """Adds up what requests would take, and answers them by coins."""

    def __init__(self, sampler: AdaptedSampler, seed: int) -> None:
        self._sampler, self._rng, self.price = sampler, np.random.default_rng(seed), Price()

    def sample_table(self, request: Request) -> dict[str, Words]:
        self.price += self._sampler.price(request)
        return {
            key: pack_bits(self._rng.integers(0, 2, (request.shots, width), dtype=np.uint8))
            for key, width in measured_widths(request.circuit).items()
        }


def batch_price(spec: Spec, backend: Backend) -> Price | None:
    """Returns what the first batch of a spec takes of a service; nothing is sent.

    Other batches take as much up to chance: how often parameter sets agree differs between them.

    Args:
        spec: What would be played.
        backend: Where.

    Returns:
        The price; None if the backend was not made by ``Backend.from_sampler``.

    Raises:
        UsageError: If a request is more than the service's limits allow.

    Example:
        >>> import cirq
        >>> mine = Backend.from_sampler(cirq.Simulator(), "mine")
        >>> spec = Spec("observables", "bell", 1, "mine", budget=20, batch_size=5, seed=1)
        >>> price = batch_price(spec, mine)
        >>> price.shots, price.jobs == price.circuits < 50
        (50, True)
    """
    if not isinstance(backend.make, Adapting):
        return None
    priced = _Priced(backend.make(0), 0)
    play_batch("price", spec, 0, replace(backend, make=lambda seed: priced))
    return priced.price


def service_lines(backend: Backend | None) -> Callable[[Mapping[Spec, int]], Iterator[str]]:
    """Returns what tells, of how many batches of every spec are wanted, what they take.

    Args:
        backend: Where they run; None, as every backend that is no service, tells nothing.

    Example:
        >>> spec = Spec("observables", "bell", 1, "mine", budget=20, batch_size=5, seed=1)
        >>> list(service_lines(None)({spec: 20}))
        []
    """

    def lines(wanted: Mapping[Spec, int]) -> Iterator[str]:
        for spec, batches in wanted.items():
            price = None if backend is None else batch_price(spec, backend)
            if price is not None:
                yield (
                    f"{spec.protocol} at n = {spec.qubits} on {spec.backend}: some "
                    f"{price * batches} for {batches} batches of {spec.budget} copies a game; "
                    "later rungs of a search, if needed, four times each"
                )

    return lines
