"""Which chain of pairs suits a circuit: every gate of it counts, and every readout.

The weight of a chain is minus the logarithm of the probability that nothing goes wrong in one shot
(derived here, for independent errors): a native two-qubit gate of Pauli error r counts
-log(1 - r) as often as the circuit has it on that coupler, a one-qubit gate likewise behind each of
them and before the first, and a readout of errors e₀, e₁ counts -log(1 - (e₀ + e₁)/2). What qubits
lose while they wait is left out: all of them wait about as long.

Where a chain is chosen without its circuit (:func:`.placement.best_chain`) a coupler counts once,
as in a Bell measurement.
"""

from __future__ import annotations

import functools
import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import cirq
import networkx as nx

from quantum_advantage.backends.devices.calibration import Device, Pair, Qubit, sorted_pair
from quantum_advantage.backends.devices.native import native_couplings
from quantum_advantage.backends.devices.placement import BEAM, best_chain

# A pair's number, and 0 for its system or 1 for its memory.
SlotOf = Mapping[cirq.Qid, tuple[int, int]]
# Weights are whole multiples of 1/_UNITS, so that sums in another order are equal.
_UNITS = 1_000_000_000


@dataclass(frozen=True)
class ChainUse:
    """How often a circuit on a chain of pairs uses what.

    Attributes:
        pairs: (n,) native two-qubit gates on each pair.
        links: (n,) those between each system and the one before; 0 for the first.

    Example:
        >>> use = ChainUse(pairs=(5, 5), links=(0, 3))
        >>> use.of_system(0), use.of_system(1)  # the links on both sides, and the pair
        (8, 8)
    """

    pairs: tuple[int, ...]
    links: tuple[int, ...]

    def of_system(self, number: int) -> int:
        """Returns the two-qubit gates on a system."""
        return self.pairs[number] + sum(self.links[number : number + 2])


def chain_use(circuit: cirq.AbstractCircuit, slots: SlotOf, gate: str) -> ChainUse:
    """Counts the native gates of a circuit on a chain of pairs.

    Args:
        circuit: The circuit, on any qubits.
        slots: The slot of each of them.
        gate: The native two-qubit gate.

    Example:
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> circuit = cirq.Circuit(cirq.SWAP(a, b), cirq.CZ(a, c))
        >>> chain_use(circuit, {a: (0, 0), b: (0, 1), c: (1, 0), d: (1, 1)}, "cz")
        ChainUse(pairs=(3, 0), links=(0, 1))
    """
    count = max(number for number, _ in slots.values()) + 1
    pairs, links = [0] * count, [0] * count
    ops = [op for op in circuit.all_operations() if not cirq.is_measurement(op)]
    for qubits in native_couplings(ops, gate):
        one, other = sorted(slots[q] for q in qubits)
        if one[0] == other[0]:
            pairs[one[0]] += 1
        else:
            links[other[0]] += 1
    return ChainUse(tuple(pairs), tuple(links))


def chain_for(device: Device, circuit: cirq.AbstractCircuit, slots: SlotOf) -> tuple[Pair, ...]:
    """Returns the lightest chain that is found for a circuit, with the native gate that suits it.

    A beam search keeps the lightest chains of every length; where all of them end too early, the
    chain is that of :func:`.placement.best_chain`.

    Args:
        device: The device, calibrated.
        circuit: The circuit, on any qubits.
        slots: The slot of each of them.

    Raises:
        UsageError: If no chain of that length is found.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> circuit = cirq.Circuit(cirq.CZ(a, b), cirq.CZ(c, d), cirq.CZ(a, c))
        >>> slots = {a: (0, 0), b: (0, 1), c: (1, 0), d: (1, 1)}
        >>> rainbow = virtual_device("rainbow")
        >>> (one, _), (other, _) = chain_for(rainbow, circuit, slots)
        >>> rainbow.couplers.has_edge(one, other)
        True
    """
    return _chosen(device, circuit.freeze(), tuple(sorted(slots.items())))


@functools.lru_cache(maxsize=32)
def _chosen(
    device: Device,
    circuit: cirq.FrozenCircuit,
    slots: tuple[tuple[cirq.Qid, tuple[int, int]], ...],
) -> tuple[Pair, ...]:
    uses = {gate: chain_use(circuit, dict(slots), gate) for gate in device.accepted}
    found = []
    for gate, use in uses.items():
        weigh = functools.partial(chain_weight, device, gate, use)
        found += [(weigh(chain), chain) for chain in _light_chains(device, gate, use)]
    count = len(uses[device.accepted[0]].pairs)
    return min(found)[1] if found else best_chain(device, count)


def chain_weight(device: Device, gate: str, use: ChainUse, chain: Sequence[Pair]) -> int:
    """Returns the weight of a chain, in units of 10⁻⁹; see the module.

    Args:
        device: The device, calibrated.
        gate: The native gate, calibrated on all couplers of the chain.
        use: How often the circuit uses what.
        chain: The pairs.
    """
    weigh = _weights(device, gate, use)
    before: list[Pair | None] = [None, *chain]
    return sum(weigh(number, pair, before[number]) for number, pair in enumerate(chain))


def clean_chance(device: Device, gate: str, use: ChainUse, chain: Sequence[Pair]) -> float:
    """Returns the probability that nothing goes wrong in a shot, exp(-weight).

    Args:
        device: The device, calibrated.
        gate: The native gate, calibrated on all couplers of the chain.
        use: How often the circuit uses what.
        chain: The pairs.
    """
    return math.exp(-chain_weight(device, gate, use, chain) / _UNITS)


def _weights(device: Device, gate: str, use: ChainUse) -> Callable[[int, Pair, Pair | None], int]:
    """Returns what weighs a pair at a place of the chain, with its link to the pair before."""

    @functools.cache
    def of_gates(coupler: Pair, count: int) -> float:
        return -count * math.log(1 - device.gate_errors[coupler][gate]) if count else 0.0

    @functools.cache
    def of_qubit(qubit: Qubit, count: int) -> float:
        turns = -(count + 1) * math.log(1 - device.one_qubit_errors[qubit])
        return turns - math.log(1 - sum(device.readout_errors[qubit]) / 2)

    def weigh(number: int, pair: Pair, before: Pair | None) -> int:
        system, memory = pair
        weight = of_gates(sorted_pair(pair), use.pairs[number])
        weight += of_qubit(system, use.of_system(number))
        if use.pairs[number]:
            weight += of_qubit(memory, use.pairs[number])
        if before is not None:
            weight += of_gates(sorted_pair((before[0], system)), use.links[number])
        return round(_UNITS * weight)

    return weigh


def _light_chains(device: Device, gate: str, use: ChainUse) -> Iterable[tuple[Pair, ...]]:
    """Returns the lightest chain that a beam search finds, or none if it runs into dead ends."""
    usable = [pair for pair in device.calibrated_pairs() if gate in device.gate_errors[pair]]
    graph = nx.Graph(usable)
    weigh = _weights(device, gate, use)

    def memories(number: int, system: Qubit, used: set[Qubit]) -> Iterable[Qubit]:
        """Lists the memories of a system; one that is not used stands for itself alone."""
        free = sorted(graph[system])
        return set(free) - used if use.pairs[number] else free[:1]

    beam: list[tuple[int, tuple[Pair, ...]]] = [
        (weigh(0, (system, memory), None), ((system, memory),))
        for system in sorted(graph)
        for memory in memories(0, system, set())
    ]
    for number in range(1, len(use.pairs)):
        grown = []
        for weight, chain in heapq.nsmallest(BEAM, beam):
            last = chain[-1]
            used = {system for system, _ in chain}
            used |= {m for (_, m), gates in zip(chain, use.pairs, strict=False) if gates}
            grown += [
                (weight + weigh(number, (system, memory), last), (*chain, (system, memory)))
                for system in set(graph[last[0]]) - used
                for memory in memories(number, system, used | {system})
            ]
        beam = grown
    return [chain for _, chain in heapq.nsmallest(1, beam)]
