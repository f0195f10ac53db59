"""Chains of pairs that suit a whole circuit."""

from __future__ import annotations

import math
from itertools import pairwise

import cirq
import pytest

from quantum_advantage.backends.devices.calibration import sorted_pair
from quantum_advantage.backends.devices.chain_placement import (
    ChainUse,
    chain_circuit,
    chain_for,
    chain_length,
    chain_use,
    chain_weight,
    line_slots,
)
from quantum_advantage.backends.devices.placement import best_chain, pair_places
from quantum_advantage.backends.devices.virtual import open_virtual, virtual_device
from quantum_advantage.backends.names import write_pairs
from quantum_advantage.circuits.request import measured_qubits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.shared.evolution_requests import (
    bell_uses_on_chain,
    request_single_uses,
)
from tests.backends.devices.test_placement import chains, grid

FITTING = (("weber", "public"), ("willow_pink", "matched:native=cz"))


def circuit_of(qubits, ensemble="public", depth=5):
    evolutions = draw_evolutions([True], qubits, 1, ensemble, depth=depth)
    return bell_uses_on_chain(evolutions, 1).circuit


def weights(device, circuit, chain):
    """The weights of a chain, by each gate that all of its couplers know."""
    couplers = [sorted_pair(p) for p in chain]
    couplers += [sorted_pair((a, b)) for (a, _), (b, _) in pairwise(chain)]
    slots = line_slots(circuit)
    return [
        chain_weight(device, gate, chain_use(circuit, slots, gate), chain)
        for gate in device.accepted
        if all(gate in device.gate_errors[coupler] for coupler in couplers)
    ]


def test_the_gates_of_the_published_circuits_are_counted():
    circuit = circuit_of(20)
    use = chain_use(circuit, line_slots(circuit), "syc")
    # Bell pairs, a full swap and the way back take 7 Sycamore gates; 48 bonds are used twice.
    assert set(use.pairs) == {7}
    assert sum(use.pairs) + sum(use.links) == 236
    native = circuit_of(20, "matched:native=cz")
    use = chain_use(native, line_slots(native), "cz")
    assert sum(use.pairs) + sum(use.links) == 196


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_the_chain_is_the_lightest_of_a_small_device(count, seed):
    device, circuit = grid(3, 3, seed, missing=1), circuit_of(count, "matched:native=cz", 3)
    every = [min(weights(device, circuit, c), default=math.inf) for c in chains(device, count)]
    found = chain_for(device, circuit, line_slots(circuit))
    assert min(weights(device, circuit, found)) == min(every)


@pytest.mark.parametrize(("processor", "ensemble"), FITTING)
@pytest.mark.parametrize("count", [4, 8, 20])
def test_the_chain_is_lighter_than_that_of_the_pairs(processor, ensemble, count):
    device, circuit = virtual_device(processor), circuit_of(count, ensemble)
    found = chain_for(device, circuit, line_slots(circuit))
    qubits = [q for pair in found for q in pair]
    assert len(set(qubits)) == 2 * count
    assert all(device.couplers.has_edge(a, b) for (a, _), (b, _) in pairwise(found))
    assert min(weights(device, circuit, found)) < min(
        weights(device, circuit, best_chain(device, count))
    )


def test_single_uses_need_no_room_for_memories():
    device = virtual_device("weber")
    circuit = request_single_uses(draw_evolutions([True], 20, 1, "public"), 1, "Y").circuit
    found = chain_for(device, circuit, line_slots(circuit))
    systems = [system for system, _ in found]
    assert len(set(systems)) == 20
    assert all(device.couplers.has_edge(a, b) for a, b in pairwise(systems))


def test_the_weight_is_the_logarithm_of_a_shot_without_errors():
    device = virtual_device("willow_pink")
    ((one, other),) = best_chain(device, 1)
    errors = device.gate_errors[sorted_pair((one, other))]
    right = (1 - errors["cz"]) ** 4
    for q in (one, other):
        right *= (1 - device.one_qubit_errors[q]) ** 5 * (1 - sum(device.readout_errors[q]) / 2)
    weight = chain_weight(device, "cz", ChainUse((4,), (0,)), ((one, other),))
    assert weight == pytest.approx(-1e9 * math.log(right), abs=2)


def test_the_name_says_that_the_circuit_decides():
    circuit = circuit_of(4, "matched:native=cz", 1)
    device = virtual_device("willow_pink")
    for name, chain in (
        ("qvm:willow_pink,place=circuit", chain_for(device, circuit, line_slots(circuit))),
        ("qvm:willow_pink", best_chain(device, 4)),
    ):
        backend = open_virtual(name)
        assert backend.name == name
        assert tuple(backend.chain(circuit)) == chain
        positions = dict(backend.make(1)._positions(circuit))
        keys = measured_qubits(circuit)
        assert [positions[q] for q in keys["system"]] == [system for system, _ in chain]


def test_other_pairs_of_a_place_by_its_circuit_are_named_alone():
    backend = open_virtual("qvm:willow_pink,place=circuit")
    pairs = best_chain(backend.device, 3)
    other = backend.on_pairs("chosen", lambda: pairs)
    assert other.name == f"qvm:willow_pink,pairs={write_pairs(pair_places(pairs))}"
    assert tuple(other.chain(chain_circuit(3))) == pairs


def test_a_circuit_that_is_on_no_line_has_no_chain():
    a, b = cirq.LineQubit(0), cirq.NamedQubit("b")
    with pytest.raises(UsageError, match="circuit must be on qubits 2i and 2i"):
        line_slots(cirq.Circuit(cirq.CZ(a, b)))
    with pytest.raises(UsageError, match="circuit must be on qubits 2i and 2i"):
        line_slots(cirq.Circuit(cirq.X(cirq.LineQubit(-1))))


def test_a_circuit_of_a_chain_uses_every_coupler_once():
    circuit = chain_circuit(5)
    assert chain_use(circuit, line_slots(circuit), "cz") == ChainUse((1,) * 5, (0, 1, 1, 1, 1))
    assert chain_length(line_slots(circuit)) == 5
