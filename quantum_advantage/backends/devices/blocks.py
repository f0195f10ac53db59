"""Blocks of a chip: where circuits go that couple a grid of pairs, or a grid of single qubits.

Such a circuit is written on a line of qubits. With memories, qubits 2i and 2i + 1 are the upper and
the lower site of pair i, and the pairs of a grid of R × C are numbered row by row: the block has 2R
rows of C sites. Of systems alone, qubit 2i is site i of a block of R rows. The couplings say which:
neighbours along a row are coupled, and rows that face each other; C follows from any coupling
between two rows, and without one all pairs stand in one row.

A block may lie anywhere on a chip, turned and mirrored. Its weight is that of the whole circuit:
minus the logarithm of the factors of all its native gates, each coupler as often as it is used, and
of its readouts; see :mod:`.calibration`. All places are tried.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import cirq

from quantum_advantage.backends.devices.calibration import (
    UNITS,
    Device,
    Pair,
    Qubit,
    check_calibrated,
    sorted_pair,
)
from quantum_advantage.backends.devices.fixed_gates import native_ops
from quantum_advantage.core.usage import UsageError


@dataclass(frozen=True)
class Block:
    """Where a circuit stands on a chip, and what it costs there.

    Attributes:
        qubits: For each qubit of the circuit the qubit of the chip.
        gate: The native two-qubit gate.
        gates: How many of them the circuit takes.
        fidelity: The product of the factors of all its gates and readouts.

    Example:
        >>> corner = {cirq.LineQubit(0): cirq.GridQubit(5, 3)}
        >>> Block(corner, gate="cz", gates=0, fidelity=0.95).gates
        0
    """

    qubits: Mapping[cirq.Qid, Qubit]
    gate: str
    gates: int
    fidelity: float


def block_sites(circuit: cirq.AbstractCircuit) -> dict[cirq.Qid, Qubit] | None:
    """Returns the sites in a block of the qubits of a circuit.

    Args:
        circuit: The circuit, on qubits of a line.

    Returns:
        For each qubit its row and column in the block; None if the circuit couples other qubits
        than the neighbours of a block.

    Example:
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> lower_to_upper = cirq.Circuit(cirq.CZ(a, b), cirq.CZ(c, d), cirq.CZ(b, c))
        >>> print(*block_sites(lower_to_upper).values())  # two pairs, one below the other
        q(0, 0) q(1, 0) q(2, 0) q(3, 0)
        >>> systems = cirq.Circuit(cirq.CZ(a, c), cirq.CZ(a, cirq.LineQubit(6)))
        >>> print(*block_sites(systems).values())
        q(0, 0) q(0, 1) q(1, 0)
        >>> block_sites(cirq.Circuit(cirq.CZ(a, d))) is None
        True
    """
    qubits = sorted(circuit.all_qubits())
    numbers = [q.x for q in qubits if isinstance(q, cirq.LineQubit) and q.x >= 0]
    if not qubits or len(numbers) < len(qubits):
        return None
    height = 2 if any(x % 2 for x in numbers) else 1
    # The pair and the side of every qubit.
    sides = {q: divmod(x, 2) for q, x in zip(qubits, numbers, strict=True)}
    couplings = {
        tuple(sorted(sides[q] for q in op.qubits))
        for op in circuit.all_operations()
        if len(op.qubits) == 2 and not cirq.is_measurement(op)
    }
    widths, along = set(), set()
    for (one, upper), (other, lower) in couplings:
        if upper == lower and other == one + 1:
            along.add(one)
        elif upper == height - 1 and lower == 0 and other > one:
            widths.add(other - one)
        elif one != other:
            return None
    columns = widths.pop() if widths else max(pair for pair, _ in sides.values()) + 1
    if widths or any(one % columns == columns - 1 for one in along):
        return None
    return {
        q: cirq.GridQubit(pair // columns * height + side, pair % columns)
        for q, (pair, side) in sides.items()
    }


def best_block(device: Device, circuit: cirq.AbstractCircuit) -> Block:
    """Returns where on a chip a circuit that couples a block costs least.

    Args:
        device: The device, calibrated.
        circuit: The circuit, on qubits of a line; see the module.

    Raises:
        UsageError: If the circuit couples no block, or no block of the chip has all the couplers
            that it uses, calibrated.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> a, b, c, d = cirq.LineQubit.range(4)
        >>> rainbow = virtual_device("rainbow")
        >>> bonds = [(a, b), (c, d), (b, c)]  # two pairs, one below the other
        >>> found = best_block(rainbow, cirq.Circuit(cirq.CZ(*bond) for bond in bonds))
        >>> all(rainbow.couplers.has_edge(*(found.qubits[q] for q in bond)) for bond in bonds)
        True
        >>> found.gate, found.gates, 0.8 < found.fidelity < 1  # two for each CZ
        ('syc', 6, True)
    """
    check_calibrated(device)
    sites = block_sites(circuit)
    if sites is None:
        raise UsageError("the circuit couples other qubits than the neighbours of a block")
    on_sites = circuit.unfreeze().transform_qubits(dict(sites))
    blocks = list(_weighed_blocks(device, on_sites))
    if not blocks:
        raise UsageError(_too_large(device, on_sites))
    weight, chosen, gate, gates = min(blocks)
    under = dict(zip(sorted(sites.values()), chosen, strict=True))
    qubits = {q: under[site] for q, site in sites.items()}
    return Block(qubits, gate, gates, math.exp(-weight / UNITS))


def block_on(
    device: Device, named: Sequence[Pair] = ()
) -> Callable[[cirq.AbstractCircuit], Mapping[cirq.Qid, Qubit]]:
    """Returns what chooses the block for a circuit on a device, each circuit once.

    Args:
        device: The device.
        named: The pairs that are to be used; there must be none.

    Returns:
        A function of the circuit, which returns the ``qubits`` of :func:`best_block`. It raises a
        UsageError if pairs are named.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> a, b = cirq.LineQubit.range(2)
        >>> len(block_on(virtual_device("rainbow"))(cirq.Circuit(cirq.CZ(a, b))))
        2
    """

    @functools.lru_cache(maxsize=32)
    def chosen(circuit: cirq.FrozenCircuit) -> Mapping[cirq.Qid, Qubit]:
        return best_block(device, circuit).qubits

    def block(circuit: cirq.AbstractCircuit) -> Mapping[cirq.Qid, Qubit]:
        if named:
            raise UsageError(
                "pairs= names no block for this circuit, which is chosen; leave it out"
            )
        return chosen(circuit.freeze())

    return block


def _weighed_blocks(
    device: Device, circuit: cirq.AbstractCircuit
) -> Iterator[tuple[int, tuple[Qubit, ...], str, int]]:
    """Yields what fits a circuit on sites: weight, qubits in order, native gate, how many."""
    sites = [q for q in sorted(circuit.all_qubits()) if isinstance(q, Qubit)]
    measured = [q for op in circuit.all_operations() if cirq.is_measurement(op) for q in op.qubits]
    errors = {q: sum(e) for q, e in device.readout_errors.items()}
    readout = {q: round(-UNITS * math.log(1 - e)) for q, e in errors.items() if e < 1}
    blocks = list(_blocks(device, sites))
    for gate in device.accepted if blocks else ():
        weights = _coupler_weights(device, gate)
        uses = _uses(circuit, gate) if weights else {}
        for block in blocks if weights else ():
            on = dict(zip(sites, block, strict=True))
            couplers = {sorted_pair((on[a], on[b])): count for (a, b), count in uses.items()}
            read = [on[q] for q in measured if isinstance(q, Qubit)]
            if couplers.keys() <= weights.keys() and readout.keys() >= set(read):
                gates = sum(count * weights[pair] for pair, count in couplers.items())
                yield gates + sum(readout[q] for q in read), block, gate, sum(uses.values())


def _uses(circuit: cirq.AbstractCircuit, gate: str) -> Mapping[Pair, int]:
    """Returns how many native gates each coupling of a circuit takes, every gate by itself."""
    uses: Counter[Pair] = Counter()
    for op in circuit.all_operations():
        # A gate with symbols has no native form, and its circuit is refused when it is compiled.
        if len(op.qubits) == 2 and not cirq.is_measurement(op) and not cirq.is_parameterized(op):
            native = [len(one.qubits) for one in native_ops([op], gate)]
            uses[sorted_pair(q for q in op.qubits if isinstance(q, Qubit))] += native.count(2)
    return uses


def _coupler_weights(device: Device, gate: str) -> dict[Pair, int]:
    """Returns the weight of a native gate on each coupler that is calibrated for it."""
    return {
        pair: round(UNITS * device.circuit_weight([pair], gate))
        for pair in device.calibrated_pairs()
        if math.isfinite(device.weight(pair, gate))
    }


def _blocks(device: Device, sites: Sequence[Qubit]) -> Iterator[tuple[Qubit, ...]]:
    """Yields the chip's qubits under sites: all ways to turn, mirror and move these."""
    chip = sorted(device.couplers)
    for turned, upside_down, mirrored in product((False, True), repeat=3):
        places = [(q.col, q.row) if turned else (q.row, q.col) for q in sites]
        places = [(-r if upside_down else r, -c if mirrored else c) for r, c in places]
        for corner in chip:
            down, right = corner.row - places[0][0], corner.col - places[0][1]
            block = tuple(cirq.GridQubit(r + down, c + right) for r, c in places)
            if set(block) <= device.couplers.nodes:
                yield block


def _too_large(device: Device, circuit: cirq.AbstractCircuit) -> str:
    """Says that no block fits a circuit on sites, and how many of its columns would."""
    sites = [q for q in circuit.all_qubits() if isinstance(q, Qubit)]
    rows, columns = 1 + max(q.row for q in sites), 1 + max(q.col for q in sites)
    ops = list(circuit.all_operations())

    def fits(width: int) -> bool:
        part = (op for op in ops if all(isinstance(q, Qubit) and q.col < width for q in op.qubits))
        return any(True for _ in _weighed_blocks(device, cirq.Circuit(part)))

    most = next((width for width in range(columns - 1, 0, -1) if fits(width)), 0)
    largest = f"the largest of {rows} rows that fits is {rows} x {most}" if most else ""
    return (
        f"{device.name} holds no block of {rows} x {columns} qubits with all couplers that the "
        f"circuit uses; {largest or f'none of {rows} rows fits'}; ask for fewer qubits, or another "
        "grid, as geometry=grid:rows=2"
    )
