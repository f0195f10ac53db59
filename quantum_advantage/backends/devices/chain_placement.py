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
from itertools import pairwise

import cirq
import networkx as nx

from quantum_advantage.backends.devices.calibration import UNITS, Device, Pair, Qubit, sorted_pair
from quantum_advantage.backends.devices.native import native_couplings
from quantum_advantage.backends.devices.placement import BEAM, best_chain, first_named
from quantum_advantage.core.usage import UsageError

# A pair's number, and 0 for its system or 1 for its memory.
SlotOf = Mapping[cirq.Qid, tuple[int, int]]
# Returns the chain of pairs for a circuit on a line.
ChainOf = Callable[[cirq.AbstractCircuit], Sequence[Pair]]


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


def line_slots(circuit: cirq.AbstractCircuit) -> dict[cirq.Qid, tuple[int, int]]:
    """Returns the slots of a circuit on a line: qubits 2i and 2i + 1 are the pair i.

    Args:
        circuit: The circuit.

    Raises:
        UsageError: If it is not on a line.

    Example:
        >>> line_slots(cirq.Circuit(cirq.CZ(cirq.LineQubit(0), cirq.LineQubit(3))))
        {cirq.LineQubit(0): (0, 0), cirq.LineQubit(3): (1, 1)}
    """
    qubits = sorted(circuit.all_qubits())
    slots: dict[cirq.Qid, tuple[int, int]] = {
        q: divmod(q.x, 2) for q in qubits if isinstance(q, cirq.LineQubit) and q.x >= 0
    }
    if len(slots) < len(qubits):
        raise UsageError("circuit must be on qubits 2i and 2i + 1 of a line")
    return slots


def chain_circuit(pairs: int) -> cirq.Circuit:
    """Returns a circuit with one gate on every coupler of a chain, in place of one that is unknown.

    Args:
        pairs: The length of the chain.

    Example:
        >>> sum(len(op.qubits) == 2 for op in chain_circuit(4).all_operations())
        7
    """
    line = cirq.LineQubit.range(2 * pairs)
    systems, memories = line[::2], line[1::2]
    bonds = [*zip(systems, memories, strict=True), *pairwise(systems)]
    return cirq.Circuit([cirq.CZ(*bond) for bond in bonds], cirq.measure(*line, key="m"))


def chain_length(slots: SlotOf) -> int:
    """Returns how many pairs a circuit needs, the one of the last slot included.

    Args:
        slots: The slots of its qubits.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> chain_length({a: (0, 0), b: (2, 1)})
        3
    """
    return max(number for number, _ in slots.values()) + 1


def chain_on(device: Device, named: Sequence[Pair] = ()) -> ChainOf:
    """Returns what chooses pairs of a device whose systems form a chain, whatever the circuit.

    Args:
        device: The device.
        named: The pairs to use in their order, first ones first; if there are none, the lightest
            chain that is found.

    Returns:
        A function of a circuit on a line; it raises a UsageError if no chain of its length is
        found, fewer pairs are named, or neighbours of the named pairs are not coupled.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> rainbow = virtual_device("rainbow")
        >>> circuit = cirq.Circuit(cirq.CZ(*cirq.LineQubit.range(0, 3, 2)))
        >>> chain_on(rainbow)(circuit) == best_chain(rainbow, 2)
        True
    """

    @functools.cache
    def chain(count: int) -> tuple[Pair, ...]:
        if not named:
            return best_chain(device, count)
        pairs = first_named(named, count)
        for link in chain_links(pairs):
            try:
                device.gate(link)
            except ValueError as error:
                raise UsageError(
                    f"the named pairs must be a chain for this circuit, each system coupled to the "
                    f"next: {error}"
                ) from None
        return pairs

    return lambda circuit: chain(chain_length(line_slots(circuit)))


def fitted_chain_on(device: Device) -> ChainOf:
    """Returns what chooses the chain that suits the whole of a circuit, see :func:`chain_for`.

    Args:
        device: The device.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> circuit = cirq.Circuit(cirq.CZ(*cirq.LineQubit.range(0, 3, 2)))
        >>> len(fitted_chain_on(virtual_device("rainbow"))(circuit))
        2
    """
    return lambda circuit: chain_for(device, circuit, line_slots(circuit))


def chain_links(chain: Sequence[Pair]) -> tuple[Pair, ...]:
    """Returns the couplers between neighbouring systems of a chain.

    Args:
        chain: The pairs.

    Example:
        >>> a, b, c, d = cirq.GridQubit.rect(2, 2)
        >>> chain_links([(a, b), (c, d)])
        ((cirq.GridQubit(0, 0), cirq.GridQubit(1, 0)),)
    """
    return tuple((one, other) for (one, _), (other, _) in pairwise(chain))


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
    count = chain_length(slots)
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
    return math.exp(-chain_weight(device, gate, use, chain) / UNITS)


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
        return round(UNITS * weight)

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
