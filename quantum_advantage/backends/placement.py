"""Where on the chip the pairs go: the lightest disjoint pairs, and chains of pairs.

A pair is (system qubit, memory qubit), joined by a coupler. The couplers of Google's processors
join the two colours of a checkerboard, so choosing n disjoint couplers of least total weight is a
flow problem and solved exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import networkx as nx
import numpy as np

from quantum_advantage.backends.devices import Device, Pair, Qubit, sorted_pair

STEPS_PER_START = 1500
ROUNDS = 4
# The flow solver needs whole numbers.
_UNITS = 1_000_000


def most_pairs(graph: nx.Graph) -> int:
    """Returns the largest number of disjoint couplers."""
    return len(nx.max_weight_matching(graph, maxcardinality=True))


def best_pairs(device: Device, count: int, avoid: Iterable[Qubit] = ()) -> tuple[Pair, ...]:
    """Returns the disjoint couplers with the least total weight, the lightest first.

    In each pair the qubit that is read better is the system.

    Args:
        device: The device, calibrated.
        count: The number of pairs.
        avoid: Qubits that must not be used.

    Raises:
        ValueError: If the device holds fewer pairs, or its calibration cannot be read.
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
        flow.add_edge(first, second, capacity=1, weight=round(_UNITS * weight))
    try:
        sent = nx.min_cost_flow(flow)
    except nx.NetworkXUnfeasible:
        raise ValueError(_too_many(device, count, most_pairs(graph), "disjoint pairs")) from None
    chosen = [pair for pair in weights if sent.get(pair[0], {}).get(pair[1])]
    chosen += [pair for pair in weights if sent.get(pair[1], {}).get(pair[0])]
    return tuple(_oriented(device, p) for p in sorted(chosen, key=lambda p: (weights[p], p)))


def best_chain(
    device: Device, count: int, avoid: Iterable[Qubit] = (), seed: int = 0
) -> tuple[Pair, ...]:
    """Returns pairs whose system qubits form a chain, each with a memory qubit of its own.

    Searches depth first from every qubit, by two rules: light pairs first, and pairs with few free
    neighbours first. Of the chains that are long enough it returns the one of least weight, which
    is that of its pairs and of the couplers between neighbouring systems. Neither length nor weight
    is proven to be the best there is.

    Args:
        device: The device, calibrated.
        count: The number of pairs.
        avoid: Qubits that must not be used.
        seed: The seed of the restarts.

    Raises:
        ValueError: If no chain of that length is found.
    """
    weights = _weights(device, avoid)
    found, longest = [], 0
    for chains in _rounds(nx.Graph(weights.keys()), weights, count, seed):
        for chain in chains:
            longest = max(longest, len(chain))
            if len(chain) == count:
                found.append(chain)
        if found:
            break
    if not found:
        raise ValueError(_too_many(device, count, longest, "pairs in a chain"))
    return min(found, key=lambda chain: chain_weight(chain, weights))


def longest_chain(device: Device, seed: int = 0) -> int:
    """Returns the length of the longest chain of pairs that the search finds."""
    weights = _weights(device, ())
    graph = nx.Graph(weights.keys())
    most = most_pairs(graph)
    longest = 0
    for chains in _rounds(graph, weights, most, seed):
        for chain in chains:
            longest = max(longest, len(chain))
            if longest == most:
                return longest
    return longest


def chain_weight(chain: Sequence[Pair], weights: Mapping[Pair, float]) -> float:
    """Returns the summed weight of a chain's pairs and of the couplers along it."""
    along = [(chain[i][0], chain[i + 1][0]) for i in range(len(chain) - 1)]
    return sum(weights[sorted_pair(edge)] for edge in [*chain, *along])


def _weights(device: Device, avoid: Iterable[Qubit]) -> dict[Pair, float]:
    if not device.gate_errors:
        raise ValueError(
            f"the calibration of {device.name} holds no gate error under a name that cirq-google "
            "reads, so no placement can be chosen; name the pairs with pairs=..."
        )
    excluded = set(avoid)
    return {p: w for p, w in device.calibrated_pairs().items() if not excluded & set(p)}


def _too_many(device: Device, count: int, most: int, what: str) -> str:
    return f"{device.name} holds {most} {what}, not {count}; ask for at most {most}"


def _oriented(device: Device, pair: Pair) -> Pair:
    a, b = sorted(pair, key=lambda q: (sum(device.readout_errors[q]), q))
    return a, b


def _rounds(
    graph: nx.Graph, weights: Mapping[Pair, float], count: int, seed: int
) -> Iterable[Iterable[tuple[Pair, ...]]]:
    """Yields rounds of chains: from every qubit the longest by either rule, at most ``count``."""
    rng = np.random.default_rng(seed)
    nodes = sorted(graph.nodes)
    for turn in range(ROUNDS):
        rules = ({}, weights) if turn == 0 else ({},)
        yield (_search_chain(graph, rule, count, start, rng) for rule in rules for start in nodes)


def _search_chain(
    graph: nx.Graph,
    weights: Mapping[Pair, float],
    count: int,
    start: Qubit,
    rng: np.random.Generator,
) -> tuple[Pair, ...]:
    """Grows a chain from one end, backtracking; every new system takes a memory qubit at once.

    Args:
        graph: The couplers.
        weights: Their weights, for light pairs first; empty for few free neighbours first.
        count: The pairs that are wanted.
        start: The first system.
        rng: Breaks ties.
    """
    used: set[Qubit] = set()
    chain: list[Pair] = []
    longest: tuple[Pair, ...] = ()

    def free(qubit: Qubit) -> list[Qubit]:
        return [q for q in graph.neighbors(qubit) if q not in used]

    def burden(system: Qubit, memory: Qubit) -> float:
        if not weights:
            return len(free(system)) + len(free(memory)) + float(rng.random())
        link = weights[sorted_pair((chain[-1][0], system))] if chain else 0.0
        return link + weights[sorted_pair((system, memory))]

    def options(qubits: Iterable[Qubit]) -> list[Pair]:
        """Lists the next pairs, the best last."""
        ranked = [(-burden(s, m), s, m) for s in qubits for m in free(s)]
        return [(system, memory) for _, system, memory in sorted(ranked)]

    stack = [options([start])]
    for _ in range(STEPS_PER_START):
        if not stack:
            break
        if not stack[-1]:
            stack.pop()
            if chain:
                used -= set(chain.pop())
            continue
        pair = stack[-1].pop()
        chain.append(pair)
        used |= set(pair)
        if len(chain) > len(longest):
            longest = tuple(chain)
            if len(chain) == count:
                break
        stack.append(options(free(pair[0])))
    return longest
