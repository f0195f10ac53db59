"""The preflight of a chain of pairs: its pairs, and the couplers between its systems.

Couplers of neighbours share a qubit. So there are three turns, each with the three circuits of
:mod:`.pairs`: all pairs, the first, third, ... coupler between systems, and the second, fourth, ...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cirq

from quantum_advantage.backends.devices.chain_placement import chain_links, chain_use, line_slots
from quantum_advantage.backends.devices.placement import pair_places
from quantum_advantage.backends.names import write_pairs
from quantum_advantage.core.usage import UsageError
from quantum_advantage.preflight.pairs import SHOTS, Preflight, joined, measure_pairs

if TYPE_CHECKING:
    from quantum_advantage.backends.devices.calibration import Pair
    from quantum_advantage.backends.devices.virtual import ProcessorBackend


@dataclass(frozen=True, eq=False)
class ChainPreflight:
    """What a preflight measured on a chain of pairs.

    Attributes:
        pairs: The pairs that the circuit couples, (system, memory) each.
        links: The couplers between neighbouring systems, every second one first.
        found: The numbers of the pairs, and then of the links.
    """

    pairs: tuple[Pair, ...]
    links: tuple[Pair, ...]
    found: Preflight

    @property
    def couplers(self) -> tuple[Pair, ...]:
        """All couplers in use, in the order of the numbers."""
        return self.pairs + self.links


def measure_chain(
    backend: ProcessorBackend, circuit: cirq.AbstractCircuit, shots: int = SHOTS
) -> ChainPreflight:
    """Measures how good the couplers are that a circuit uses on the chain chosen for it.

    Args:
        backend: The processor.
        circuit: The circuit, on qubits 2i (systems) and 2i + 1 (memories) of a line. One of single
            copies couples systems alone.
        shots: Shots of each of the three circuits of every turn, at least 120.

    Raises:
        UsageError: If the processor holds no such chain, there are too few shots, the circuit
            couples nothing, or a job fails.

    Example:
        >>> from quantum_advantage.backends.devices.chain_placement import chain_circuit
        >>> from quantum_advantage.backends.devices.virtual import open_virtual
        >>> measured = measure_chain(open_virtual("qvm:rainbow"), chain_circuit(3), shots=120)
        >>> len(measured.pairs), len(measured.links), measured.found.pairs
        (3, 2, 5)
    """
    pairs, *links = chain_turns(backend, circuit)
    turns = [turn for turn in (pairs, *links) if turn]
    parts = [measure_pairs(_on(backend, turn).make(0), len(turn), shots) for turn in turns]
    return ChainPreflight(pairs, (*links[0], *links[1]), joined(parts))


def chain_turns(
    backend: ProcessorBackend, circuit: cirq.AbstractCircuit
) -> tuple[tuple[Pair, ...], tuple[Pair, ...], tuple[Pair, ...]]:
    """Returns the couplers that are measured at the same time; a turn may be empty.

    Args:
        backend: The processor.
        circuit: As in :func:`measure_chain`.

    Returns:
        The pairs, then the first, third, ... coupler between systems, then the second, fourth, ...

    Raises:
        UsageError: If the processor holds no such chain, or the circuit couples nothing.

    Example:
        >>> from quantum_advantage.backends.devices.chain_placement import chain_circuit
        >>> from quantum_advantage.backends.devices.virtual import open_virtual
        >>> [len(turn) for turn in chain_turns(open_virtual("qvm:rainbow"), chain_circuit(4))]
        [4, 2, 1]
    """
    chain = tuple(backend.chain(circuit))
    use = chain_use(circuit, line_slots(circuit), backend.device.accepted[0])
    pairs = tuple(pair for pair, gates in zip(chain, use.pairs, strict=True) if gates)
    links = [link for link, gates in zip(chain_links(chain), use.links[1:], strict=True) if gates]
    if not pairs and not links:
        raise UsageError("circuit must couple qubits of a chain, and it couples none")
    return pairs, tuple(links[::2]), tuple(links[1::2])


def _on(backend: ProcessorBackend, turn: tuple[Pair, ...]) -> ProcessorBackend:
    return backend.on_pairs(f"preflight of {write_pairs(pair_places(turn))}", lambda: turn)
