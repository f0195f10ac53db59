"""Blocks of a chip: four qubits of a square, two pairs of them and two links between the pairs.

The pairs are measured in the Bell basis; the links couple the two systems and the two memories. All
four couplers must have the same best gate, so that circuits of every depth are compiled to one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cirq

from quantum_advantage.backends.devices.calibration import UNITS, Device, Pair, Qubit, sorted_pair
from quantum_advantage.core.usage import UsageError


@dataclass(frozen=True)
class Block:
    """Two pairs whose systems are neighbours, and whose memories are.

    Attributes:
        systems: The two system qubits.
        memories: Their memory qubits.

    Example:
        >>> Block(tuple(cirq.GridQubit.rect(1, 2)), tuple(cirq.GridQubit.rect(1, 2, 1))).pairs[0]
        (cirq.GridQubit(0, 0), cirq.GridQubit(1, 0))
    """

    systems: tuple[cirq.Qid, cirq.Qid]
    memories: tuple[cirq.Qid, cirq.Qid]

    @property
    def pairs(self) -> tuple[tuple[cirq.Qid, cirq.Qid], ...]:
        """The two pairs, (system, memory) each."""
        return tuple(zip(self.systems, self.memories, strict=True))


def best_blocks(device: Device, pairs: int) -> tuple[Block, ...]:
    """Returns disjoint blocks of little weight: again and again the lightest that still fits.

    The weight is that of the Bell measurements of the pairs and of a gate on each link. Of the two
    sides of a block the one that is read better is that of the systems.

    Args:
        device: The device, calibrated.
        pairs: The number of pairs, two for each block.

    Raises:
        UsageError: If the number is odd, or fewer are found.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> one, other = best_blocks(virtual_device("rainbow"), 4)
        >>> len({*one.systems, *one.memories, *other.systems, *other.memories})
        8
    """
    wanted = _blocks_of(pairs)
    weights: dict[Block, int] = {}
    for q in device.couplers.nodes:
        right, below, across = (q + cirq.GridQubit(*step) for step in ((0, 1), (1, 0), (1, 1)))
        for block in (Block((q, right), (below, across)), Block((q, below), (right, across))):
            if not _fault(device, block):
                better = _better_side_first(device, block)
                weights[better] = round(_weight(device, better) * UNITS)
    chosen: list[Block] = []
    taken: set[cirq.Qid] = set()
    for block in sorted(weights, key=lambda b: (weights[b], b.systems)):
        if len(chosen) < wanted and not taken & {*block.systems, *block.memories}:
            chosen.append(block)
            taken |= {*block.systems, *block.memories}
    if len(chosen) < wanted:
        raise UsageError(
            f"pairs must be at most {2 * len(chosen)} on {device.name}, not {pairs}: so many are "
            "found in squares whose four couplers are calibrated for the same gate"
        )
    return tuple(chosen)


def named_blocks(device: Device, pairs: Sequence[Pair]) -> tuple[Block, ...]:
    """Returns the blocks of pairs that were named: two at a time.

    Args:
        device: The device.
        pairs: The pairs, (system, memory) each.

    Raises:
        UsageError: If their number is odd, or two are no block.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> rainbow = virtual_device("rainbow")
        >>> (block,) = best_blocks(rainbow, 2)
        >>> named_blocks(rainbow, block.pairs) == (block,)
        True
    """
    _blocks_of(len(pairs))
    blocks = []
    for one, other in zip(pairs[::2], pairs[1::2], strict=True):
        block = Block((one[0], other[0]), (one[1], other[1]))
        if fault := _fault(device, block):
            raise UsageError(f"pairs {_listed(one)} and {_listed(other)} are no block: {fault}")
        blocks.append(block)
    return tuple(blocks)


def _blocks_of(pairs: int) -> int:
    if pairs < 2 or pairs % 2:
        raise UsageError(f"pairs must be an even number, two for each block, not {pairs}")
    return pairs // 2


def _couplers(block: Block) -> tuple[tuple[cirq.Qid, cirq.Qid], ...]:
    return (*block.pairs, block.systems, block.memories)


def _fault(device: Device, block: Block) -> str:
    """Returns why four qubits are no block of the device; nothing if they are one."""
    gates = set()
    for coupler in _couplers(block):
        a, b = (q for q in coupler if isinstance(q, Qubit))
        if not device.couplers.has_edge(a, b):
            return f"{device.name} has no coupler between {a} and {b}"
        known = device.one_qubit_errors.keys() & device.readout_errors.keys() >= {a, b}
        if not known or sorted_pair((a, b)) not in device.gate_errors:
            return f"the coupler between {a} and {b} is not calibrated"
        if not math.isfinite(device.weight((a, b))):
            return f"the coupler between {a} and {b} carries no signal"
        gates.add(device.gate((a, b)))
    if len(gates) > 1:
        return f"its couplers have different best gates, {' and '.join(sorted(gates))}"
    return ""


def _better_side_first(device: Device, block: Block) -> Block:
    def readout(side: Iterable[cirq.Qid]) -> float:
        return sum(sum(device.readout_errors[q]) for q in side if isinstance(q, Qubit))

    if readout(block.memories) < readout(block.systems):
        return Block(block.memories, block.systems)
    return block


def _weight(device: Device, block: Block) -> float:
    pairs = [_on_chip(pair) for pair in block.pairs]
    links = [_on_chip(link) for link in (block.systems, block.memories)]
    gate = device.gate(pairs[0])
    return sum(map(device.weight, pairs)) + device.circuit_weight(links, gate)


def _on_chip(coupler: Iterable[cirq.Qid]) -> Pair:
    a, b = (q for q in coupler if isinstance(q, Qubit))
    return a, b


def _listed(pair: Pair) -> str:
    return f"{pair[0]}-{pair[1]}"
