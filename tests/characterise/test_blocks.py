import itertools
from dataclasses import replace

import cirq
import networkx as nx
import pytest

from quantum_advantage.backends.devices.virtual import VIRTUAL, virtual_device
from quantum_advantage.characterise.blocks import Block, best_blocks, named_blocks

WEBER = virtual_device("weber")


def couplers(block):
    return (*block.pairs, block.systems, block.memories)


@pytest.mark.parametrize("processor", VIRTUAL)
def test_blocks_are_disjoint_squares_of_one_gate(processor):
    device = virtual_device(processor)
    blocks = best_blocks(device, 4)
    assert len({q for block in blocks for pair in block.pairs for q in pair}) == 8
    for block in blocks:
        assert all(device.couplers.has_edge(*coupler) for coupler in couplers(block))
        assert len({device.gate(coupler) for coupler in couplers(block)}) == 1


@pytest.mark.parametrize("pairs", [2, 4, 8])
@pytest.mark.parametrize("processor", ["weber", "willow_pink"])
def test_weber_and_willow_hold_the_pairs_that_are_asked_for(processor, pairs):
    assert len(best_blocks(virtual_device(processor), pairs)) == pairs // 2


def test_the_first_block_is_the_lightest_of_all():
    (best,) = best_blocks(WEBER, 2)

    def weight(block):
        gate = WEBER.gate(block.pairs[0])
        links = [block.systems, block.memories]
        return sum(map(WEBER.weight, block.pairs)) + WEBER.circuit_weight(links, gate)

    found = []
    for q in WEBER.couplers.nodes:
        right, below, across = q + (0, 1), q + (1, 0), q + (1, 1)  # noqa: RUF005
        for block in (Block((q, right), (below, across)), Block((q, below), (right, across))):
            calibrated = all(
                WEBER.couplers.has_edge(*c) and tuple(sorted(c)) in WEBER.gate_errors
                for c in couplers(block)
            )
            if calibrated and len({WEBER.gate(c) for c in couplers(block)}) == 1:
                found.append(weight(block))
    assert weight(best) == pytest.approx(min(found))


def test_systems_are_read_better_than_memories():
    for block in best_blocks(WEBER, 8):
        systems, memories = (
            sum(sum(WEBER.readout_errors[q]) for q in side)
            for side in (block.systems, block.memories)
        )
        assert systems <= memories


@pytest.mark.parametrize("pairs", [1, 3])
def test_an_odd_number_of_pairs_is_refused(pairs):
    with pytest.raises(ValueError, match=f"pairs must be an even number, .* not {pairs}"):
        best_blocks(WEBER, pairs)


def test_more_pairs_than_there_are_blocks_for_are_refused():
    with pytest.raises(ValueError, match=r"pairs must be at most \d+ on weber, not 60"):
        best_blocks(WEBER, 60)


# Named pairs.


def test_named_pairs_are_taken_two_by_two():
    blocks = best_blocks(WEBER, 4)
    pairs = list(itertools.chain.from_iterable(block.pairs for block in blocks))
    assert named_blocks(WEBER, pairs) == blocks


def test_pairs_that_are_no_block_are_refused_with_the_reason():
    one, other = best_blocks(WEBER, 4)
    with pytest.raises(ValueError, match="are no block: weber has no coupler between"):
        named_blocks(WEBER, [one.pairs[0], other.pairs[0]])
    with pytest.raises(ValueError, match="even number"):
        named_blocks(WEBER, [one.pairs[0]])


def test_couplers_with_different_best_gates_are_no_block():
    (block,) = best_blocks(WEBER, 2)
    first = tuple(sorted(block.pairs[0]))
    errors = {c: dict(e) for c, e in WEBER.gate_errors.items()}
    worst = WEBER.gate(first)
    errors[first][worst] = 0.3
    other = replace(WEBER, gate_errors=errors)
    with pytest.raises(ValueError, match="its couplers have different best gates"):
        named_blocks(other, block.pairs)


def test_a_coupler_without_calibration_is_no_block():
    qubits = cirq.GridQubit.square(2)
    graph = nx.Graph([(a, b) for a in qubits for b in qubits if a < b and a.is_adjacent(b)])
    bare = replace(WEBER, couplers=graph, gate_errors={})
    with pytest.raises(ValueError, match="is not calibrated"):
        named_blocks(bare, [(qubits[0], qubits[1]), (qubits[2], qubits[3])])
