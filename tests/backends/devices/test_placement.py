import dataclasses
from itertools import combinations, pairwise, permutations

import cirq
import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from quantum_advantage.backends.devices import placement
from quantum_advantage.backends.devices.calibration import Device, sorted_pair
from quantum_advantage.backends.devices.placement import (
    best_chain,
    best_pairs,
    longest_chain,
    most_pairs,
)
from quantum_advantage.backends.devices.virtual import VIRTUAL, virtual_device

MOST_PAIRS = {"rainbow": 8, "weber": 24, "willow_pink": 49}
LONGEST_CHAIN = {"rainbow": 8, "weber": 24, "willow_pink": 46}


def grid(rows, columns, seed, missing=0):
    """A small device with random errors, and a few couplers without calibration."""
    rng = np.random.default_rng(seed)
    qubits = cirq.GridQubit.rect(rows, columns)
    couplers = nx.Graph([(a, b) for a, b in combinations(qubits, 2) if a.is_adjacent(b)])
    edges = sorted(sorted_pair(edge) for edge in couplers.edges)
    rng.shuffle(edges)
    return Device(
        "grid",
        cirq.UNCONSTRAINED_DEVICE,
        couplers,
        ("cz",),
        {(a, b): {"cz": float(rng.uniform(0.001, 0.2))} for a, b in edges[missing:]},
        {q: float(rng.uniform(0.001, 0.01)) for q in qubits},
        {q: (float(rng.uniform(0, 0.05)), float(rng.uniform(0, 0.1))) for q in qubits},
        dict.fromkeys(qubits, 20.0),
        None,
    )


def total(device, pairs):
    return sum(device.weight(pair) for pair in pairs)


def assert_disjoint_couplers(device, pairs):
    qubits = [q for pair in pairs for q in pair]
    assert len(set(qubits)) == 2 * len(pairs)
    for pair in pairs:
        assert device.couplers.has_edge(*pair)
        assert sorted_pair(pair) in device.gate_errors


def assert_chain(device, chain):
    assert_disjoint_couplers(device, chain)
    for (one, _), (other, _) in pairwise(chain):
        assert device.couplers.has_edge(one, other)


def matchings(device, count):
    """All sets of so many disjoint calibrated couplers."""
    return [
        chosen
        for chosen in combinations(device.calibrated_pairs(), count)
        if len({q for pair in chosen for q in pair}) == 2 * count
    ]


def chains(device, count):
    """All chains of so many pairs."""
    known = nx.Graph(list(device.calibrated_pairs()))
    found = []
    for systems in permutations(known, count):
        if not all(known.has_edge(a, b) for a, b in pairwise(systems)):
            continue
        partial = [()]
        for system in systems:
            partial = [
                (*memories, q)
                for memories in partial
                for q in known.neighbors(system)
                if q not in systems and q not in memories
            ]
        found += [tuple(zip(systems, memories, strict=True)) for memories in partial]
    return found


def least_total_by_assignment(device, count, avoid=()):
    """The least weight of so many disjoint couplers, as an assignment with dummy partners."""
    weights = {p: w for p, w in device.calibrated_pairs().items() if not set(p) & set(avoid)}
    qubits = sorted({q for pair in weights for q in pair})
    even = [q for q in qubits if (q.row + q.col) % 2 == 0]
    odd = [q for q in qubits if (q.row + q.col) % 2]
    size = len(even) + len(odd) - count
    cost = np.full((size, size), 1e6)
    cost[len(even) :, : len(odd)] = 0.0
    cost[: len(even), len(odd) :] = 0.0
    for (a, b), weight in weights.items():
        a, b = (a, b) if (a.row + a.col) % 2 == 0 else (b, a)
        cost[even.index(a), odd.index(b)] = weight
    return cost[linear_sum_assignment(cost)].sum()


@pytest.mark.parametrize(("processor", "most"), MOST_PAIRS.items())
def test_a_processor_holds_as_many_pairs_as_it_does(processor, most):
    device = virtual_device(processor)
    assert most_pairs(device.couplers) == most
    pairs = best_pairs(device, most)
    assert len(pairs) == most
    assert_disjoint_couplers(device, pairs)
    with pytest.raises(ValueError, match=f"{processor} holds {most} disjoint pairs") as error:
        best_pairs(device, most + 1)
    assert f"not {most + 1}; ask for at most {most}" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("processor", VIRTUAL)
def test_pairs_of_a_processor_have_the_least_weight(processor):
    device = virtual_device(processor)
    for count in {1, 2, 5, MOST_PAIRS[processor] // 2, MOST_PAIRS[processor]}:
        pairs = best_pairs(device, count)
        assert_disjoint_couplers(device, pairs)
        least = least_total_by_assignment(device, count)
        assert total(device, pairs) == pytest.approx(least, abs=1e-6 * count)


@pytest.mark.parametrize("seed", range(8))
def test_pairs_of_a_small_device_have_the_least_weight_of_all(seed):
    device = grid(2 + seed % 2, 4, seed, missing=seed % 4)
    most = most_pairs(nx.Graph(list(device.calibrated_pairs())))
    for count in range(1, most + 1):
        pairs = best_pairs(device, count)
        assert len(pairs) == count
        assert_disjoint_couplers(device, pairs)
        least = min(total(device, chosen) for chosen in matchings(device, count))
        assert total(device, pairs) == pytest.approx(least, abs=1e-6 * count)
    with pytest.raises(ValueError, match=f"holds {most} disjoint pairs"):
        best_pairs(device, most + 1)


def test_the_best_pairs_are_not_just_the_lightest_couplers():
    """On a line of four the middle coupler is lightest, and in the way of two pairs."""
    device = grid(1, 4, 0)
    line = cirq.GridQubit.rect(1, 4)
    errors = {(line[0], line[1]): 0.02, (line[1], line[2]): 0.001, (line[2], line[3]): 0.03}
    device = dataclasses.replace(device, gate_errors={p: {"cz": e} for p, e in errors.items()})
    assert {sorted_pair(p) for p in best_pairs(device, 1)} == {(line[1], line[2])}
    assert {sorted_pair(p) for p in best_pairs(device, 2)} == {tuple(line[:2]), tuple(line[2:])}


@pytest.mark.parametrize("processor", VIRTUAL)
def test_the_lightest_pair_comes_first_and_its_better_read_qubit_is_the_system(processor):
    device = virtual_device(processor)
    pairs = best_pairs(device, MOST_PAIRS[processor])
    weights = [device.weight(pair) for pair in pairs]
    assert weights == sorted(weights)
    assert weights[0] < weights[-1]
    for system, memory in pairs:
        assert sum(device.readout_errors[system]) <= sum(device.readout_errors[memory])


@pytest.mark.parametrize("processor", VIRTUAL)
def test_qubits_to_be_avoided_are_not_used(processor):
    device = virtual_device(processor)
    avoid = {q for pair in best_pairs(device, 2) for q in pair}
    count = MOST_PAIRS[processor] // 2
    pairs = best_pairs(device, count, iter(avoid))
    assert_disjoint_couplers(device, pairs)
    assert not avoid & {q for pair in pairs for q in pair}
    least = least_total_by_assignment(device, count, avoid)
    assert total(device, pairs) == pytest.approx(least, abs=1e-6 * count)
    assert total(device, pairs) > total(device, best_pairs(device, count))


def test_where_all_is_avoided_no_pair_is_left():
    device = grid(2, 3, 0)
    with pytest.raises(ValueError, match="grid holds 0 disjoint pairs, not 1"):
        best_pairs(device, 1, cirq.GridQubit.rect(2, 3))


def chain_weight(chain, weights):
    """The summed weight of a chain's pairs and of the couplers along it."""
    along = [(one, other) for (one, _), (other, _) in pairwise(chain)]
    return sum(weights[sorted_pair(edge)] for edge in [*chain, *along])


@pytest.mark.parametrize(("processor", "longest"), LONGEST_CHAIN.items())
def test_a_processor_holds_long_chains(processor, longest):
    device = virtual_device(processor)
    assert longest <= longest_chain(device) <= MOST_PAIRS[processor]
    chain = best_chain(device, longest)
    assert len(chain) == longest
    assert_chain(device, chain)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_a_chain_of_a_small_device_is_a_light_one(count, seed):
    device = grid(3, 3, seed, missing=1)
    weights = device.calibrated_pairs()
    every = sorted(chain_weight(chain, weights) for chain in chains(device, count))
    chain = best_chain(device, count)
    assert len(chain) == count
    assert_chain(device, chain)
    found = chain_weight(chain, weights)
    assert found >= every[0] - 1e-9
    # So few chains fit into the beam.
    assert found == pytest.approx(every[0])


@pytest.mark.parametrize("count", [4, 12])
def test_a_wider_beam_finds_lighter_chains(count, monkeypatch):
    device = virtual_device("weber")
    found = []
    for width in (1, 300):
        monkeypatch.setattr(placement, "BEAM", width)
        found.append(chain_weight(best_chain(device, count), device.calibrated_pairs()))
    assert found[0] > found[1]


def test_one_pair_is_the_lightest_pair():
    device = virtual_device("weber")
    assert sorted(best_chain(device, 1)[0]) == sorted(best_pairs(device, 1)[0])


def test_a_chain_that_is_too_long_is_refused_with_the_longest_found():
    device = virtual_device("rainbow")
    with pytest.raises(ValueError, match="rainbow holds 8 pairs in a chain, not 9") as error:
        best_chain(device, 9)
    assert "ask for at most 8" in str(error.value)
    assert "\n" not in str(error.value)
    # Every qubit of a line has two neighbours at most: the chain ends after two pairs.
    with pytest.raises(ValueError, match="grid holds 2 pairs in a chain, not 3"):
        best_chain(grid(1, 8, 0), 3)


@pytest.mark.parametrize("choose", [best_pairs, best_chain])
def test_nothing_is_placed_by_an_empty_calibration(choose):
    device = dataclasses.replace(grid(2, 3, 0), gate_errors={})
    with pytest.raises(ValueError, match="calibration of grid holds no gate error") as error:
        choose(device, 1)
    assert "pairs=" in str(error.value)
    assert "\n" not in str(error.value)


def test_an_uncalibrated_coupler_is_not_chosen():
    device = grid(2, 4, 5, missing=4)
    known = set(device.gate_errors)
    most = most_pairs(nx.Graph(sorted(known)))
    assert {sorted_pair(pair) for pair in best_pairs(device, most)} <= known
    for (one, memory), (other, _) in pairwise(best_chain(device, 2)):
        assert {sorted_pair((one, memory)), sorted_pair((one, other))} <= known


def shaken(device, moved, seed):
    """The device with all its calibrations moved in the last places."""
    rng = np.random.default_rng(seed)
    return dataclasses.replace(
        device,
        gate_errors={
            pair: {gate: moved(error, rng) for gate, error in errors.items()}
            for pair, errors in device.gate_errors.items()
        },
        one_qubit_errors={q: moved(e, rng) for q, e in device.one_qubit_errors.items()},
        readout_errors={
            q: (moved(a, rng), moved(b, rng)) for q, (a, b) in device.readout_errors.items()
        },
    )


def even_grid():
    """A device on which all couplers are equal, and so are both their gates."""
    graph = nx.grid_2d_graph(4, 4)
    couplers = nx.relabel_nodes(graph, {place: cirq.GridQubit(*place) for place in graph})
    qubits = sorted(couplers)
    # 0.01 + 0.02 and 0.015 + 0.015 differ in the last place.
    readout = {q: (0.01, 0.02) if q.row % 2 else (0.015, 0.015) for q in qubits}
    return Device(
        "even",
        cirq.UNCONSTRAINED_DEVICE,
        couplers,
        ("syc", "sqrt_iswap"),
        {sorted_pair(edge): {"syc": 0.01, "sqrt_iswap": 0.01} for edge in couplers.edges},
        dict.fromkeys(qubits, 0.001),
        readout,
        {},
        None,
    )


@pytest.mark.parametrize("name", [*VIRTUAL, "even"])
def test_places_do_not_depend_on_rounding(name, moved):
    """Neither pairs nor chains nor gates; on the even device names decide everything."""
    device = even_grid() if name == "even" else virtual_device(name)
    pairs, chain = best_pairs(device, 6), best_chain(device, 4)
    gates = [device.gate(pair) for pair in pairs]
    for seed in range(3):
        other = shaken(device, moved, seed)
        assert best_pairs(other, 6) == pairs
        assert best_chain(other, 4) == chain
        assert [other.gate(pair) for pair in pairs] == gates
