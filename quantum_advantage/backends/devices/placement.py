"""Where on the chip the pairs go: the lightest disjoint pairs, and chains of pairs.

A pair is (system qubit, memory qubit), joined by a coupler. The couplers of Google's processors
join the two colours of a checkerboard, so choosing n disjoint couplers of least total weight is a
flow problem and solved exactly. Weights are whole numbers here, so that sums in another order are
equal and names, not rounding, decide between equal choices.
"""

from __future__ import annotations

import functools
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import cirq
import networkx as nx
import numpy as np

from quantum_advantage.backends.devices.calibration import (
    UNITS,
    Device,
    Pair,
    Qubit,
    check_calibrated,
    sorted_pair,
)
from quantum_advantage.backends.names import PairPlace
from quantum_advantage.core.usage import UsageError

BEAM = 300
STEPS_PER_START = 1500
ROUNDS = 4


def most_pairs(graph: nx.Graph) -> int:
    """Returns the largest number of disjoint couplers.

    Args:
        graph: The couplers.

    Example:
        >>> most_pairs(nx.path_graph(5))  # five qubits in a row
        2
    """
    return len(nx.max_weight_matching(graph, maxcardinality=True))


def best_pairs(device: Device, count: int, avoid: Iterable[Qubit] = ()) -> tuple[Pair, ...]:
    """Returns the disjoint couplers with the least total weight, the lightest first.

    In each pair the qubit that is read better is the system.

    Args:
        device: The device, calibrated.
        count: The number of pairs.
        avoid: Qubits that must not be used.

    Raises:
        UsageError: If the device holds fewer pairs, or its calibration cannot be read.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> rainbow = virtual_device("rainbow")
        >>> pairs = best_pairs(rainbow, 2)
        >>> len({qubit for pair in pairs for qubit in pair})  # disjoint
        4
        >>> rainbow.weight(pairs[0]) <= rainbow.weight(pairs[1])
        True
    """
    weights = _weights(device, avoid)
    graph = nx.Graph(weights.keys())
    flow: nx.DiGraph = nx.DiGraph()
    colours = nx.bipartite.color(graph)
    flow.add_node("source", demand=-count)
    flow.add_node("sink", demand=count)
    for qubit, colour in colours.items():
        ends = ("source", qubit) if colour else (qubit, "sink")
        flow.add_edge(*ends, capacity=1, weight=0)
    for (a, b), weight in weights.items():
        first, second = (a, b) if colours[a] else (b, a)
        flow.add_edge(first, second, capacity=1, weight=weight)
    try:
        sent = nx.min_cost_flow(flow)
    except nx.NetworkXUnfeasible:
        raise UsageError(_too_many(device, count, most_pairs(graph), "disjoint pairs")) from None
    chosen = [pair for pair in weights if sent.get(pair[0], {}).get(pair[1])]
    chosen += [pair for pair in weights if sent.get(pair[1], {}).get(pair[0])]
    return tuple(_oriented(device, p) for p in sorted(chosen, key=lambda p: (weights[p], p)))


def best_chain(device: Device, count: int, avoid: Iterable[Qubit] = ()) -> tuple[Pair, ...]:
    """Returns pairs whose system qubits form a chain, each with a memory qubit of its own.

    The weight of a chain is that of its pairs and of the couplers between neighbouring systems. A
    beam search keeps the lightest chains of every length, and a search in depth finds long ones;
    the lighter of their results is returned. Neither length nor weight is proven to be the best.

    Args:
        device: The device, calibrated.
        count: The number of pairs.
        avoid: Qubits that must not be used.

    Raises:
        UsageError: If no chain of that length is found.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> rainbow = virtual_device("rainbow")
        >>> (one, _), (other, _) = best_chain(rainbow, 2)
        >>> rainbow.couplers.has_edge(one, other)  # the systems are neighbours
        True
    """
    weights = _weights(device, avoid)
    graph = nx.Graph(weights.keys())
    found = _light_chains(graph, weights, count)
    longest = 0
    for chain in _long_chains(graph, count):
        longest = max(longest, len(chain))
        if len(chain) == count:
            found.append(chain)
            break
    if not found:
        raise UsageError(_too_many(device, count, longest, "pairs in a chain"))
    return min(found, key=lambda chain: (_chain_weight(chain, weights), chain))


def longest_chain(device: Device) -> int:
    """Returns the length of the longest chain of pairs that the search finds.

    Args:
        device: The device, calibrated.

    Raises:
        UsageError: If the calibration cannot be read.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> longest_chain(virtual_device("rainbow"))
        8
    """
    graph = nx.Graph(_weights(device, ()).keys())
    most = most_pairs(graph)
    longest = 0
    for chain in _long_chains(graph, most):
        longest = max(longest, len(chain))
        if longest == most:
            break
    return longest


def _chain_weight(chain: Sequence[Pair], weights: Mapping[Pair, int]) -> int:
    return sum(weights[edge] for edge in _chain_couplers(chain))


def _chain_couplers(chain: Sequence[Pair]) -> list[Pair]:
    along = [(one, other) for (one, _), (other, _) in pairwise(chain)]
    return [sorted_pair(edge) for edge in [*chain, *along]]


def _weights(device: Device, avoid: Iterable[Qubit]) -> dict[Pair, int]:
    """Returns the weights of the couplers between other qubits, in units of 1/UNITS."""
    check_calibrated(device)
    excluded = set(avoid)
    weights = device.calibrated_pairs().items()
    return {pair: round(UNITS * w) for pair, w in weights if not excluded & set(pair)}


def _too_many(device: Device, count: int, most: int, what: str) -> str:
    return f"{device.name} holds {most} {what}, not {count}; ask for at most {most}"


def _oriented(device: Device, pair: Pair) -> Pair:
    a, b = sorted(pair, key=lambda q: (round(UNITS * sum(device.readout_errors[q])), q))
    return a, b


def _light_chains(
    graph: nx.Graph, weights: Mapping[Pair, int], count: int
) -> list[tuple[Pair, ...]]:
    """Returns the lightest chains that a beam search finds, or none if it runs into dead ends."""
    beam: list[tuple[int, tuple[Pair, ...]]] = [
        (weight, (pair,)) for (a, b), weight in weights.items() for pair in ((a, b), (b, a))
    ]
    for _ in range(count - 1):
        grown = []
        for weight, chain in heapq.nsmallest(BEAM, beam):
            last, used = chain[-1][0], {q for pair in chain for q in pair}
            for system in set(graph[last]) - used:
                link = weight + weights[sorted_pair((last, system))]
                grown += [
                    (link + weights[sorted_pair((system, memory))], (*chain, (system, memory)))
                    for memory in set(graph[system]) - used
                ]
        beam = grown
    return [chain for _, chain in heapq.nsmallest(1, beam)]


def _long_chains(graph: nx.Graph, count: int) -> Iterator[tuple[Pair, ...]]:
    """Yields the longest chain found from every qubit, several times, at most ``count`` pairs."""
    qubits = sorted(graph.nodes)
    # The search visits qubits a million times, and numbers are found faster than qubits.
    number = {qubit: i for i, qubit in enumerate(qubits)}
    neighbours = [[number[other] for other in graph.neighbors(qubit)] for qubit in qubits]
    draws = _uniform(np.random.default_rng(0))
    for _ in range(ROUNDS):
        for start in range(len(qubits)):
            chain = _search_chain(neighbours, count, start, draws)
            yield tuple((qubits[system], qubits[memory]) for system, memory in chain)


def _uniform(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(4096).tolist()


def _search_chain(
    neighbours: Sequence[Sequence[int]], count: int, start: int, draws: Iterator[float]
) -> list[tuple[int, int]]:
    """Grows a chain from one end in depth, with backtracking: few free neighbours first.

    Args:
        neighbours: For every qubit its neighbours.
        count: The search ends at so many pairs.
        start: The first system.
        draws: Numbers in [0, 1), for the order of equals.

    Returns:
        The pairs of system and memory of the longest chain.
    """
    is_free = [True] * len(neighbours)
    free_neighbours = [len(others) for others in neighbours]
    chain: list[tuple[int, int]] = []
    longest: list[tuple[int, int]] = []

    def mark(pair: tuple[int, int], free: bool) -> None:
        for qubit in pair:
            is_free[qubit] = free
            for other in neighbours[qubit]:
                free_neighbours[other] += 1 if free else -1

    def options(systems: Iterable[int]) -> list[tuple[int, int]]:
        """Lists the next pairs, the best last."""
        ranked = [
            (-free_neighbours[s] - free_neighbours[m] - next(draws), s, m)
            for s in systems
            for m in neighbours[s]
            if is_free[m]
        ]
        ranked.sort()
        return [(system, memory) for _, system, memory in ranked]

    stack = [options([start])]
    for _ in range(STEPS_PER_START):
        if not stack:
            break
        if not stack[-1]:
            stack.pop()
            if chain:
                mark(chain.pop(), free=True)
            continue
        pair = stack[-1].pop()
        chain.append(pair)
        mark(pair, free=False)
        if len(chain) > len(longest):
            longest = chain.copy()
            if len(chain) == count:
                break
        stack.append(options(s for s in neighbours[pair[0]] if is_free[s]))
    return longest


def pair_places(pairs: Iterable[Pair]) -> tuple[PairPlace, ...]:
    """Returns pairs of qubits as pairs of places, (row, column) each.

    Example:
        >>> pair_places([(cirq.GridQubit(5, 3), cirq.GridQubit(5, 4))])
        (((5, 3), (5, 4)),)
    """
    return tuple(((a.row, a.col), (b.row, b.col)) for a, b in pairs)


def grid_pairs(places: Iterable[PairPlace]) -> tuple[Pair, ...]:
    """Returns pairs of places, (row, column) each, as pairs of qubits.

    Example:
        >>> grid_pairs([((5, 3), (5, 4))])
        ((cirq.GridQubit(5, 3), cirq.GridQubit(5, 4)),)
    """
    return tuple((cirq.GridQubit(*a), cirq.GridQubit(*b)) for a, b in places)


def place_on(device: Device, named: Sequence[Pair] = ()) -> Callable[[int], Sequence[Pair]]:
    """Returns what chooses the pairs of a device.

    Args:
        device: The device.
        named: The pairs to use, first ones first; if there are none, the lightest ones.

    Returns:
        A function of the number of pairs; it raises a UsageError if the device, or the list of
        named pairs, holds fewer.

    Raises:
        UsageError: If a named pair is no calibrated coupler or a qubit comes twice.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> named = grid_pairs([((5, 3), (5, 4)), ((6, 2), (6, 1))])
        >>> place_on(virtual_device("rainbow"), named)(1) == named[:1]
        True
    """
    for pair in named:
        device.gate(pair)
    qubits = [q for pair in named for q in pair]
    if repeated := sorted({q for q in qubits if qubits.count(q) > 1}):
        raise UsageError(f"qubit {repeated[0]} is in two of the named pairs; each may be in one")

    @functools.cache
    def place(count: int) -> tuple[Pair, ...]:
        return first_named(named, count) if named else best_pairs(device, count)

    return place


def first_named(named: Sequence[Pair], count: int) -> tuple[Pair, ...]:
    """Returns the first named pairs.

    Args:
        named: The pairs.
        count: How many of them.

    Raises:
        UsageError: If fewer are named.

    Example:
        >>> pairs = grid_pairs([((5, 3), (5, 4)), ((6, 2), (6, 1))])
        >>> first_named(pairs, 1) == pairs[:1]
        True
    """
    if count > len(named):
        raise UsageError(f"{len(named)} pairs are named, and {count} are needed")
    return tuple(named[:count])
