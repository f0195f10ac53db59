"""Blocks of a chip: what a circuit asks for, where it fits, and what it costs there."""

import math
from collections import Counter
from dataclasses import replace
from itertools import product

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.devices.blocks import best_block, block_on, block_sites
from quantum_advantage.backends.devices.calibration import sorted_pair
from quantum_advantage.backends.devices.chain_placement import chain_circuit, chain_on
from quantum_advantage.backends.devices.placed import PlacedSampler
from quantum_advantage.backends.devices.placement import place_on
from quantum_advantage.backends.devices.virtual import check_limits, open_virtual, virtual_device
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.evolution_requests import (
    bell_uses_on_grid,
    request_bell_uses,
    request_single_uses,
)

LINE = cirq.LineQubit.range(24)
# The largest grids of two to five rows; each has a block of twice as many rows.
WILLOW = [(2, 11), (3, 9), (4, 7), (5, 5)]
NATIVE = {"weber": "syc", "willow_pink": "cz"}


def coupled(*bonds):
    return cirq.Circuit(cirq.CZ(LINE[a], LINE[b]) for a, b in bonds)


def on_grid(rows, columns, native="cz", protocol="bell_on_grid"):
    task = load_task(f"dynamics:depth=5,geometry=grid:rows={rows},native={native}")
    return task.circuit(protocol, rows * columns)


# What a circuit asks for.


@pytest.mark.parametrize(("rows", "columns"), [(1, 4), (2, 2), (2, 3), (3, 4), (4, 4)])
def test_sites_of_pairs_stand_one_above_the_other(rows, columns):
    sites = block_sites(on_grid(rows, columns))
    for qubit, site in sites.items():
        pair, side = divmod(qubit.x, 2)
        row, column = divmod(pair, columns)
        assert site == cirq.GridQubit(2 * row + side, column)


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (2, 3), (3, 4)])
def test_systems_alone_stand_in_a_plain_grid(rows, columns):
    sites = block_sites(on_grid(rows, columns, protocol="y_marginals"))
    assert len(sites) == rows * columns
    for qubit, site in sites.items():
        assert site == cirq.GridQubit(*divmod(qubit.x // 2, columns))


@pytest.mark.parametrize(
    "bonds",
    [
        [(0, 3)],
        [(1, 4), (1, 6)],  # two widths
        [(0, 2), (2, 4), (1, 4)],  # across the end of a row of two
        [(0, 4), (0, 6)],
        [(1, 5)],
        [(0, 6), (1, 2)],
    ],
)
def test_other_couplings_are_no_block(bonds):
    assert block_sites(coupled(*bonds)) is None


def test_qubits_of_other_kinds_are_no_block():
    a, b = cirq.NamedQubit.range(2, prefix="q")
    assert block_sites(cirq.Circuit(cirq.CZ(a, b))) is None
    assert block_sites(cirq.Circuit(cirq.CZ(a, LINE[0]))) is None
    assert block_sites(cirq.Circuit()) is None


# Where it fits.


@pytest.mark.parametrize(
    ("processor", "rows", "columns"),
    [
        ("weber", 2, 6),
        ("weber", 3, 4),
        ("weber", 4, 2),
        *(pytest.param("willow_pink", *size, marks=pytest.mark.slow) for size in WILLOW),
    ],
)
def test_the_largest_blocks(processor, rows, columns):
    device, native = virtual_device(processor), NATIVE[processor]
    circuit = on_grid(rows, columns, native)
    found = best_block(device, circuit).qubits
    assert len(set(found.values())) == 2 * rows * columns
    for op in circuit.all_operations():
        if len(op.qubits) == 2 and not cirq.is_measurement(op):
            assert device.couplers.has_edge(*(found[q] for q in op.qubits))
    with pytest.raises(ValueError, match="holds no block") as error:
        best_block(device, on_grid(rows, columns + 1, native))
    size = f"the largest of {2 * rows} rows that fits is {2 * rows} x {columns}"
    assert size in str(error.value)
    assert "\n" not in str(error.value)


def test_where_no_column_fits_it_is_said():
    with pytest.raises(ValueError, match="none of 14 rows fits"):
        best_block(virtual_device("weber"), on_grid(7, 1, "syc"))


def test_couplers_that_a_circuit_does_not_use_need_not_be_calibrated():
    device = virtual_device("weber")
    circuit = on_grid(2, 6, "syc")
    block = best_block(device, circuit).qubits
    used = {
        sorted_pair(block[q] for q in op.qubits)
        for op in circuit.all_operations()
        if len(op.qubits) == 2 and not cirq.is_measurement(op)
    }
    lean = {pair: errors for pair, errors in device.gate_errors.items() if pair in used}
    assert len(lean) < len(device.gate_errors)
    assert set(best_block(replace(device, gate_errors=lean), circuit).qubits.values()) == set(
        block.values()
    )
    short = {pair: errors for pair, errors in lean.items() if pair != min(lean)}
    with pytest.raises(ValueError, match="holds no block of 4 x 6"):
        best_block(replace(device, gate_errors=short), circuit)


def test_a_calibration_that_cannot_be_read_is_said():
    device = replace(virtual_device("weber"), gate_errors={})
    with pytest.raises(ValueError, match="holds no gate error under a name that is known"):
        best_block(device, on_grid(2, 2))
    with pytest.raises(ValueError, match="other qubits than the neighbours of a block"):
        best_block(virtual_device("weber"), coupled((0, 3)))


# What it costs there.


def test_the_block_is_the_cheapest_of_all_places_and_orientations():
    """Against every way to lay the block on the chip, by the sum of its own weights."""
    device, circuit = virtual_device("weber"), on_grid(2, 2, "syc")
    sites = block_sites(circuit)
    # Native gates by hand: two for a CNOT, three for a SWAP, one for the evolution's own.
    price = {cirq.CNOT: 2, cirq.SWAP: 3}
    uses = Counter()
    for op in circuit.all_operations():
        if len(op.qubits) == 2 and not cirq.is_measurement(op):
            uses[frozenset(op.qubits)] += price.get(op.gate, 1)
    totals = []
    for corner, (down, right) in product(
        sorted(device.couplers),
        [
            *product([(1, 0), (-1, 0)], [(0, 1), (0, -1)]),
            *product([(0, 1), (0, -1)], [(1, 0), (-1, 0)]),
        ],
    ):
        block = {
            q: cirq.GridQubit(
                corner.row + s.row * down[0] + s.col * right[0],
                corner.col + s.row * down[1] + s.col * right[1],
            )
            for q, s in sites.items()
        }
        pairs = {sorted_pair(block[q] for q in bond): count for bond, count in uses.items()}
        if not all(device.couplers.has_edge(*pair) for pair in pairs):
            continue
        if all("syc" in device.gate_errors.get(pair, {}) for pair in pairs):
            total = sum(n * device.circuit_weight([pair], "syc") for pair, n in pairs.items())
            readouts = [1 - sum(device.readout_errors[q]) for q in block.values()]
            totals.append(total - sum(map(math.log, readouts)))
    found = best_block(device, circuit)
    assert len(totals) > 20
    assert found.gate == "syc"
    assert found.gates == sum(uses.values()) == 48
    assert found.fidelity == pytest.approx(math.exp(-min(totals)), rel=1e-6)


@pytest.mark.parametrize(
    ("rows", "columns", "cz"),
    [
        (2, 2, 40),
        (2, 3, 54),
        (2, 4, 76),
        (2, 5, 94),
        (2, 6, 116),
        (3, 3, 84),
        (3, 4, 118),
        (4, 4, 168),
    ],
)
def test_native_gates_of_two_uses_at_depth_five(rows, columns, cz):
    """A CZ for each Bell pair and Bell measurement, each bond of both uses, three for each swap."""
    assert best_block(virtual_device("willow_pink"), on_grid(rows, columns)).gates == cz


def test_a_bad_qubit_is_avoided():
    device, circuit = virtual_device("willow_pink"), on_grid(2, 2)
    first = best_block(device, circuit).qubits
    bad = first[LINE[0]]
    worse = replace(device, readout_errors={**device.readout_errors, bad: (0.4, 0.4)})
    assert bad not in best_block(worse, circuit).qubits.values()


# Circuits on blocks.


def ideal(processor):
    device = virtual_device(processor)
    return PlacedSampler(
        device,
        place_on(device),
        FactorisedSampler(seed=1),
        check_limits,
        2,
        chain_on(device),
        block=block_on(device),
    )


@pytest.mark.parametrize(
    "processor", [pytest.param("weber", marks=pytest.mark.slow), "willow_pink"]
)
def test_noiseless_circuits_on_a_block_have_the_outcomes_of_uses_side_by_side(processor, p_of_two):
    shots, ensemble = 1500, f"matched:native={NATIVE[processor]}"
    evolutions = draw_evolutions([True, False], 4, 8, ensemble, "grid", depth=5)
    (record,) = run([bell_uses_on_grid(evolutions, shots, 2, 2)], ideal(processor))
    (expected,) = run([request_bell_uses(evolutions, shots)], FactorisedSampler(seed=3))
    found, other = (
        np.hstack([unpack_bits(r.bits[key], 4) for key in (SYSTEM, MEMORY)])
        for r in (record, expected)
    )
    assert not found[:shots].any()
    assert p_of_two(found[shots:], other[shots:]) > 1e-4


def test_single_uses_of_a_grid_go_to_a_plain_block(p_of_two):
    shots = 2000
    evolutions = draw_evolutions([False], 6, 8, "matched:native=cz", "grid", depth=5)
    request = request_single_uses(evolutions, shots, "Y")
    (record,) = run([request], ideal("willow_pink"))
    (expected,) = run([request], FactorisedSampler(seed=3))
    outcomes = [unpack_bits(r.bits[SYSTEM], 6) for r in (record, expected)]
    assert p_of_two(*outcomes) > 1e-4


def test_a_virtual_processor_runs_blocks_with_its_noise():
    evolutions = draw_evolutions([True], 4, 5, "matched:native=cz", "grid", depth=2)
    request = bell_uses_on_grid(evolutions, 400, 2, 2)
    (record,) = run([request], open_backend("qvm:willow_pink").make(1))
    zero = ~np.hstack([unpack_bits(record.bits[key], 4) for key in (SYSTEM, MEMORY)]).any(axis=1)
    assert 0.6 < zero.mean() < 0.95


def test_named_pairs_are_refused_where_a_block_is_chosen():
    backend = open_virtual("qvm:rainbow,pairs=5.3-5.4")
    with pytest.raises(ValueError, match="pairs= names no block"):
        backend.block(on_grid(2, 2, "syc"))


def test_a_place_without_blocks_refuses_them_and_one_with_blocks_says_so():
    device = virtual_device("weber")
    without = PlacedSampler(
        device, place_on(device), FactorisedSampler(seed=1), check_limits, 2, chain_on(device)
    )
    for sampler, wrong, also in (
        (without, [(1, 3)], "chains of their systems .* are placed"),
        (ideal("weber"), [(0, 3)], "and blocks of a grid are placed"),
    ):
        circuit = coupled(*wrong) + cirq.measure(LINE[0], key="m")
        with pytest.raises(ValueError, match=also) as error:
            sampler.run(circuit)
        assert "\n" not in str(error.value)


def test_pairs_and_chains_stay_where_they_were():
    sampler = ideal("weber")
    device = virtual_device("weber")
    pairs, chain = place_on(device)(2), chain_on(device)(chain_circuit(2))
    for bonds, expected in (([(0, 1), (2, 3)], pairs), ([(0, 1), (0, 2), (2, 3)], chain)):
        circuit = coupled(*bonds) + cirq.measure(*LINE[:4], key="m")
        positions = sampler._positions(circuit)
        assert [where for _, where in positions] == [q for pair in expected for q in pair]


def test_the_compiled_circuit_takes_the_gates_that_were_counted():
    kept = []

    class Kept:
        def sample_table(self, request):
            kept.append(request.circuit)
            return {key: np.zeros((1, 1), np.uint64) for key in (SYSTEM, MEMORY)}

    device = virtual_device("willow_pink")
    sampler = PlacedSampler(
        device, place_on(device), Kept(), check_limits, 2, block=block_on(device)
    )
    evolutions = draw_evolutions([True], 6, 5, "matched:native=cz", "grid", depth=5)
    request = bell_uses_on_grid(evolutions, 1, 2, 3)
    sampler.sample_table(request)
    found = best_block(device, request.circuit)
    (native,) = kept
    pairs = [op.qubits for op in native.all_operations() if op.gate == cirq.CZ]
    assert len(pairs) == found.gates == 54
    assert {q for pair in pairs for q in pair} == set(found.qubits.values())
