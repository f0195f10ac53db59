"""The preflight of a chain of pairs: its pairs, and the couplers between its systems.

Couplers of neighbours share a qubit. So there are three turns, each with the three circuits of
:mod:`.pairs`: all pairs, the first, third, ... coupler between systems, and the second, fourth, ...
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quantum_advantage.backends.devices.chain_placement import chain_links
from quantum_advantage.backends.devices.placement import pair_places
from quantum_advantage.backends.names import write_pairs
from quantum_advantage.preflight.pairs import SHOTS, Preflight, joined, measure_pairs

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.calibration import Pair
    from quantum_advantage.backends.devices.virtual import ProcessorBackend


@dataclass(frozen=True, eq=False)
class ChainPreflight:
    """What a preflight measured on a chain of n pairs.

    Attributes:
        chain: The n pairs.
        links: The n - 1 couplers between neighbouring systems, every second one first.
        found: The numbers of the pairs, and then of the links.
    """

    chain: tuple[Pair, ...]
    links: tuple[Pair, ...]
    found: Preflight

    @property
    def couplers(self) -> tuple[Pair, ...]:
        """All couplers in use, in the order of the numbers."""
        return self.chain + self.links


def measure_chain(
    backend: ProcessorBackend, chain: Sequence[Pair], shots: int = SHOTS
) -> ChainPreflight:
    """Measures how good the pairs of a chain are, and the couplers between its systems.

    Args:
        backend: The processor.
        chain: The pairs, the system of each coupled to the next one's.
        shots: Shots of each of the three circuits of every turn, at least 120.

    Raises:
        UsageError: If there is no pair or there are too few shots, two neighbours are not coupled,
            or a job fails.

    Example:
        >>> from quantum_advantage.backends.devices.placement import best_chain
        >>> from quantum_advantage.backends.devices.virtual import open_virtual
        >>> rainbow = open_virtual("qvm:rainbow")
        >>> measured = measure_chain(rainbow, best_chain(rainbow.device, 3), shots=120)
        >>> len(measured.chain), len(measured.links), measured.found.pairs
        (3, 2, 5)
    """
    links = chain_links(chain)
    turns = [tuple(chain), links[::2], links[1::2]]
    parts = []
    for turn in turns:
        if turn:
            there = _on(backend, turn)
            parts.append(measure_pairs(there.make(0), len(turn), shots))
    return ChainPreflight(turns[0], turns[1] + turns[2], joined(parts))


def _on(backend: ProcessorBackend, turn: tuple[Pair, ...]) -> ProcessorBackend:
    return backend.on_pairs(f"preflight of {write_pairs(pair_places(turn))}", lambda: turn)
