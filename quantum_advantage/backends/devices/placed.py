"""A sampler in front of a processor: places circuits, makes them native, twirls the readout.

A circuit whose qubits fall into pairs and single qubits is put on the chosen pairs of the device:
qubits 2i and 2i + 1 of a line are the system and the memory of pair i, so that conventional and
quantum-enhanced circuits of one size run on the same part of the chip; qubits of other kinds are
numbered in their order. A circuit that also couples systems, 2i with 2i + 2, is put on a chain of
pairs, and one that couples the neighbours of a grid on a block, see :mod:`blocks`. A circuit that
already stands on the device's qubits stays where it is.

Before the readout every qubit is flipped or not, by a random mask that costs no gate (it is merged
into the last one-qubit gate), and its bit is flipped back afterwards. An asymmetric readout,
p(1|0) ≠ p(0|1), then only damps the mean of every bit by 1 - p(1|0) - p(0|1) and shifts nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import cirq
import networkx as nx
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.backends.devices.blocks import block_sites
from quantum_advantage.backends.devices.calibration import Device, Pair
from quantum_advantage.backends.devices.chain_placement import ChainOf, chain_length, line_slots
from quantum_advantage.backends.devices.gauges import (
    GAUGE,
    GAUGES,
    draw_gauges,
    gauge_dial,
)
from quantum_advantage.backends.devices.masks import MASK, draw_masks, mask_dials, unmasked
from quantum_advantage.backends.devices.mitigation import NO_MITIGATION, Mitigation
from quantum_advantage.backends.devices.native import NativeCircuit, compile_native
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.circuits.barriers import BARRIER
from quantum_advantage.circuits.request import (
    Dial,
    DialSampler,
    JointSampler,
    Request,
    measured_qubits,
)
from quantum_advantage.circuits.sweeps import TableSampler
from quantum_advantage.core.bits import Words
from quantum_advantage.core.usage import UsageError

_NO_GAUGES = np.zeros(0, dtype=np.uint8)


class PlacedSampler(TableSampler):
    """Runs circuits on a device through a sampler that takes native circuits.

    Args:
        device: The device.
        place: Returns the pairs for a number of pairs, at least so many, the first used first.
        inner: Takes native requests.
        check: Raises a ValueError for a native circuit that the service would refuse.
        seed: Draws the readout masks.
        chain: Returns pairs whose systems form a chain for a circuit that needs one; by default
            such circuits are refused.
        mitigation: What is done to the native circuits against coherent errors.
        block: Returns where the qubits of a circuit on a block go; by default such circuits are
            refused.

    Example:
        >>> from quantum_advantage.backends.devices.placement import place_on
        >>> from quantum_advantage.backends.devices.virtual import check_limits, virtual_device
        >>> device, ideal = virtual_device("rainbow"), FactorisedSampler(seed=1)
        >>> sampler = PlacedSampler(device, place_on(device), ideal, check_limits, seed=2)
        >>> a, b = cirq.LineQubit.range(2)
        >>> bell = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.measure(a, b, key="m"))
        >>> bits = sampler.run(bell, repetitions=50).measurements["m"]
        >>> bool((bits[:, 0] == bits[:, 1]).all())  # the readout masks are undone
        True
    """

    # Set where there are some; a sampler without is described as before there were any.
    _mitigation = NO_MITIGATION

    def __init__(
        self,
        device: Device,
        place: Callable[[int], Sequence[Pair]],
        inner: DialSampler,
        check: Callable[[cirq.AbstractCircuit], None],
        seed: int | np.random.Generator,
        chain: ChainOf | None = None,
        mitigation: Mitigation = NO_MITIGATION,
        block: Callable[[cirq.AbstractCircuit], Mapping[cirq.Qid, cirq.Qid]] | None = None,
    ) -> None:
        """See the class."""
        if mitigation:
            self._mitigation = mitigation
        self._device = device
        self._place = place
        self._chain = chain
        self._block = block
        self._inner = inner
        self._check = check
        self._rng = np.random.default_rng(seed)

    def sample_table(self, request: Request) -> dict[str, Words]:
        """Runs every shot of a request.

        Args:
            request: The request.

        Returns:
            For each measurement key the packed bits, (shots, words).

        Raises:
            UsageError: If the circuit cannot be placed, compiled or accepted.
        """
        return self.sample_tables([request])[0]

    def sample_tables(self, requests: Sequence[Request]) -> list[dict[str, Words]]:
        """Runs every shot of requests of any circuits, together where the inner sampler can.

        Args:
            requests: The requests.

        Returns:
            For each request and measurement key the packed bits, (shots, words).

        Raises:
            UsageError: If a circuit cannot be placed, compiled or accepted.
        """
        masked = map(self._masked, requests)
        if not isinstance(self._inner, JointSampler):
            # One after the other: the masks and the outcomes may come from one generator.
            return [
                unmasked(request, masks, self._inner.sample_table(native))
                for request, masks, native in masked
            ]
        prepared = list(masked)
        found = self._inner.sample_tables([native for _, _, native in prepared])
        return [
            unmasked(request, masks, bits)
            for (request, masks, _), bits in zip(prepared, found, strict=True)
        ]

    def _masked(self, request: Request) -> tuple[Request, npt.NDArray[np.uint8], Request]:
        """Returns a request, the readout masks that are drawn for it, and the native request."""
        width = sum(map(len, measured_qubits(request.circuit).values()))
        masks = draw_masks(request, width, self._rng)
        gauges = draw_gauges(request, self._rng) if self._mitigation.gauge else _NO_GAUGES
        return request, masks, self._translated(request, masks, gauges)

    def pair_laws(self, request: Request, first: str, second: str) -> npt.NDArray[np.float64]:
        """Returns the exact joint laws of pairs of bits, averaged over the readout masks.

        As ``FactorisedSampler.pair_laws``, which must be the inner sampler.

        Args:
            request: The request.
            first: One measurement key.
            second: The other.

        Returns:
            (shots, places, 2, 2): for every shot and place the law of (first bit, second bit).

        Raises:
            UsageError: If the inner sampler is another one, or the circuit cannot be placed.

        Example:
            >>> from quantum_advantage.backends.devices.placement import place_on
            >>> from quantum_advantage.backends.devices.virtual import check_limits, virtual_device
            >>> device, ideal = virtual_device("rainbow"), FactorisedSampler(seed=1)
            >>> sampler = PlacedSampler(device, place_on(device), ideal, check_limits, seed=2)
            >>> a, b = cirq.LineQubit.range(2)
            >>> bell = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.measure(a), cirq.measure(b))
            >>> laws = sampler.pair_laws(Request(bell, (), (), shots=1), "q(0)", "q(1)")
            >>> laws[0, 0].round(3).tolist()
            [[0.5, 0.0], [0.0, 0.5]]
        """
        if not isinstance(self._inner, FactorisedSampler):
            raise UsageError(f"the laws of {self._device.name} are not known: it is not simulated")
        keys = measured_qubits(request.circuit)
        if not request.twirled:
            masks = np.zeros((request.shots, 0), dtype=np.uint8)
            return self._inner.pair_laws(
                self._translated(request, masks, _NO_GAUGES), first, second
            )
        gauges = range(GAUGES if self._mitigation.gauge else 1)
        patterns = list(product((0, 1), (0, 1), gauges))
        rows = []
        for *flips, _ in patterns:
            flip = dict(zip((first, second), flips, strict=True))
            row = [flip.get(key, 0) for key, qubits in keys.items() for _ in qubits]
            rows.append(np.tile(np.array(row, dtype=np.uint8), (request.shots, 1)))
        table = tuple(np.tile(column, len(patterns)) for column in request.table)
        whole = replace(request, table=table, shots=len(patterns) * request.shots)
        turns = np.repeat(np.array([p[2] for p in patterns], dtype=np.uint8), request.shots)
        native = self._translated(whole, np.concatenate(rows), turns)
        laws = np.split(self._inner.pair_laws(native, first, second), len(patterns))
        unflipped = [
            np.flip(law, tuple(2 + i for i in (0, 1) if flips[i]))
            for law, flips in zip(laws, patterns, strict=True)
        ]
        return np.mean(unflipped, axis=0)

    def _translated(
        self,
        request: Request,
        masks: npt.NDArray[np.uint8],
        gauges: npt.NDArray[np.uint8],
    ) -> Request:
        """Returns the native request, the masks (shots, qubits) and gauges (shots,) included."""
        mitigation = self._mitigation
        if not request.twirled:
            mitigation = replace(mitigation, gauge="")
        for taken in (MASK, GAUGE) if mitigation.gauge else (MASK,):
            if any(name.startswith(taken) for name in cirq.parameter_names(request.circuit)):
                raise UsageError(f"symbols that begin with {taken!r} are taken; rename them")
        native = _native(
            request.circuit.freeze(),
            request.dials,
            request.learner,
            self._device,
            self._positions(request.circuit),
            request.twirled,
            self._check,
            mitigation,
        )
        dials = (*request.dials, *mask_dials(masks.shape[1]))
        columns = (*request.table, *masks.T)
        if mitigation.gauge:
            dials, columns = (*dials, gauge_dial()), (*columns, gauges)
        table = native.columns(columns, dials)
        return Request(native.circuit, native.dials, table, request.shots)

    def _positions(self, circuit: cirq.AbstractCircuit) -> tuple[tuple[cirq.Qid, cirq.Qid], ...]:
        """Returns where each qubit of a circuit goes."""
        qubits = sorted(circuit.all_qubits())
        chip = self._device.couplers
        if any(isinstance(q, cirq.GridQubit) for q in qubits):
            if off := [q for q in qubits if q not in chip]:
                raise UsageError(
                    f"{off[0]!r} is not a qubit of {self._device.name}: of a circuit that stands "
                    "on a chip all qubits must be the chip's, a memory= too"
                )
            return tuple((q, q) for q in qubits)
        slots, beyond_pairs, beyond_chain = _slots(circuit)
        if beyond_chain or (beyond_pairs and self._chain is None):
            if self._block is not None and block_sites(circuit) is not None:
                block = self._block(circuit)
                return tuple((q, block[q]) for q in qubits)
            raise UsageError(self._refusal(beyond_chain or beyond_pairs))
        if beyond_pairs and self._chain is not None:
            pairs = self._chain(circuit)
        else:
            pairs = self._place(chain_length(slots))
        return tuple((q, pairs[slots[q][0]][slots[q][1]]) for q in qubits)

    def _refusal(self, group: Sequence[cirq.Qid]) -> str:
        """Says which circuits are placed, for one that entangles a group of others."""
        also = "" if self._chain is None else ", and chains of their systems (2i and 2i+2)"
        also += "" if self._block is None else ", and blocks of a grid"
        return (
            f"the circuit entangles {group[0]} with {group[-1]}, which are no pair; only pairs "
            f"(qubits 2i and 2i+1 of a line){also} are placed by themselves: give other "
            "circuits, and a memory=, on the device's own qubits"
        )


def _slots(
    circuit: cirq.AbstractCircuit,
) -> tuple[dict[cirq.Qid, tuple[int, int]], list[cirq.Qid], list[cirq.Qid]]:
    """Returns for each qubit the number of its pair and its side: 0 is the system, 1 the memory.

    With them comes the first group of entangled qubits that are no pair, and the first one that is
    no chain of pairs either; each is empty if there is none.
    """
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(circuit.all_qubits())
    for op in circuit.all_operations():
        if not cirq.is_measurement(op):
            nx.add_path(graph, op.qubits)
    groups = sorted(sorted(group) for group in nx.connected_components(graph))
    on_line = all(isinstance(q, cirq.LineQubit) and q.x >= 0 for q in graph)
    slots: dict[cirq.Qid, tuple[int, int]] = (
        line_slots(circuit)
        if on_line
        else {q: (g, side) for g, group in enumerate(groups) for side, q in enumerate(group)}
    )
    larger = [g for g in groups if len({slots[q][0] for q in g}) > 1 or len(g) > 2]
    no_chain = [g for g in larger if not (on_line and all(map(_is_link, graph.subgraph(g).edges)))]
    return slots, next(iter(larger), []), next(iter(no_chain), [])


def _is_link(edge: tuple[cirq.LineQubit, cirq.LineQubit]) -> bool:
    """Tells whether two qubits of a line are a pair, or the systems of neighbouring pairs."""
    first, second = sorted(edge)
    return first.x % 2 == 0 and second.x - first.x in (1, 2)


@functools.lru_cache(maxsize=32)
def _native(
    circuit: cirq.FrozenCircuit,
    dials: tuple[Dial, ...],
    learner: frozenset[str],
    device: Device,
    positions: tuple[tuple[cirq.Qid, cirq.Qid], ...],
    twirled: bool,
    check: Callable[[cirq.AbstractCircuit], None],
    mitigation: Mitigation,
) -> NativeCircuit:
    """Places, twirls, compiles and checks a circuit, once for all samplers of a device."""
    if not circuit.are_all_measurements_terminal():
        raise UsageError("circuit must measure every qubit at most once, at its end")
    # A phase of the whole state has no qubits and no effect, unless it is a barrier.
    acting = (cirq.Moment(op for op in moment if op.qubits or op == BARRIER) for moment in circuit)
    placed = cirq.Circuit(acting).transform_qubits(dict(positions))
    masks: tuple[Dial, ...] = ()
    if twirled:
        measurements = [op for op in placed.all_operations() if cirq.is_measurement(op)]
        measured = [q for qubits in measured_qubits(placed).values() for q in qubits]
        masks = mask_dials(len(measured))
        flips = cirq.Moment(
            cirq.X(q) ** sympy.Symbol(dial.name) for q, dial in zip(measured, masks, strict=True)
        )
        placed = cirq.Circuit(
            cirq.Moment(op for op in moment if not cirq.is_measurement(op)) for moment in placed
        )
        placed += cirq.Circuit(flips, measurements)
    names = learner | {dial.name for dial in masks}
    given = (*dials, *masks, *((gauge_dial(),) if mitigation.gauge else ()))
    native = compile_native(placed, given, device, names, mitigation).joined()
    check(native.circuit)
    return native
