"""The preflight of a chain and of the couplers between its systems."""

import csv
from itertools import pairwise

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.devices.chain_placement import chain_circuit, chain_links
from quantum_advantage.backends.devices.placement import pair_places
from quantum_advantage.backends.devices.virtual import open_virtual
from quantum_advantage.backends.names import write_pairs
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.core.usage import UsageError
from quantum_advantage.preflight.chains import measure_chain
from quantum_advantage.preflight.files import read_preflight
from quantum_advantage.preflight.pairs import measure_pairs
from quantum_advantage.preflight.processors import outlying_qubits, run_chain_preflight
from tests.preflight.test_pairs import OneBadPair

LEAST = 120


def chain_of(processor, pairs):
    backend = open_virtual(f"qvm:{processor}")
    return backend, tuple(backend.chain(chain_circuit(pairs)))


class OneBadCoupler:
    """A processor on which one coupler is bad and all others are alike."""

    def __init__(self, bad, turn=()):
        self.bad, self.turn = bad, list(turn)

    def on_pairs(self, key, choose):
        return OneBadCoupler(self.bad, choose())

    device = open_virtual("qvm:weber").device

    def chain(self, circuit):
        return self.turn

    def make(self, seed):
        place = self.turn.index(self.bad) if self.bad in self.turn else None
        return FactorisedSampler("qsim", OneBadPair(place, 0.25), seed)


def test_every_coupler_of_a_chain_is_measured_once_and_as_a_pair():
    backend, chain = chain_of("weber", 5)
    measured = measure_chain(backend, chain_circuit(len(chain)), LEAST)
    assert measured.pairs == chain
    assert set(measured.links) == set(chain_links(chain))
    assert len(measured.couplers) == measured.found.pairs == 9
    first, second = chain_links(chain)[::2], chain_links(chain)[1::2]
    assert measured.links == (*first, *second)
    # The couplers of a turn share no qubit.
    for turn, rows in ((chain, slice(0, 5)), (first, slice(5, 7)), (second, slice(7, 9))):
        assert len({q for pair in turn for q in pair}) == 2 * len(turn)
        named = open_virtual(f"qvm:weber,pairs={write_pairs(pair_places(turn))}")
        alone = measure_pairs(named.make(0), len(turn), LEAST)
        for name in ("fidelity", "chsh", "readout"):
            got = getattr(measured.found, name)[rows]
            np.testing.assert_array_equal(got, getattr(alone, name))
        np.testing.assert_array_equal(measured.found.costs()[rows], alone.costs())


@pytest.mark.parametrize("bad", range(9))
def test_a_bad_coupler_stands_out_with_both_its_qubits(bad):
    _, chain = chain_of("weber", 5)
    coupler = (*chain, *chain_links(chain))[bad]
    measured = measure_chain(OneBadCoupler(coupler, chain), chain_circuit(5), 3000)
    assert outlying_qubits(measured.couplers, measured.found) == set(coupler)


@pytest.mark.parametrize(("pairs", "links"), [(1, 0), (2, 1), (3, 2)])
def test_the_shortest_chains_have_as_many_couplers_as_they_must(pairs, links):
    backend, chain = chain_of("rainbow", pairs)
    measured = measure_chain(backend, chain_circuit(len(chain)), LEAST)
    assert (len(measured.pairs), len(measured.links)) == (pairs, links)


def test_single_copies_use_no_memory_and_none_is_measured():
    backend = open_virtual("qvm:weber,place=circuit")
    line = cirq.LineQubit.range(12)[::2]
    circuit = cirq.Circuit(cirq.CZ(a, b) for a, b in pairwise(line))
    measured = measure_chain(backend, circuit, LEAST)
    assert measured.pairs == ()
    assert set(measured.links) == set(chain_links(backend.chain(circuit)))
    # Two of the pairs may share a memory, which is not used.
    assert measured.found.pairs == 5


def test_a_circuit_that_couples_nothing_is_refused():
    backend = open_virtual("qvm:weber")
    with pytest.raises(UsageError, match="circuit must couple qubits of a chain"):
        measure_chain(backend, cirq.Circuit(cirq.X(cirq.LineQubit(2))), LEAST)


def test_a_chain_leaves_a_table_with_its_pairs_first_and_a_map(tmp_path):
    backend = open_virtual("qvm:rainbow")
    measured = run_chain_preflight(backend, chain_circuit(3), tmp_path / "deep" / "chain", LEAST)
    names = sorted(path.name for path in (tmp_path / "deep").iterdir())
    assert names == ["chain.csv", "chain.pdf", "chain.png", "chain.svg"]
    with (tmp_path / "deep" / "chain.csv").open(newline="") as stream:
        rows = [row["pair"] for row in csv.DictReader(stream)]
    assert rows == [write_pairs([place]) for place in pair_places(measured.couplers)]
    # No plan can be made of it: its couplers share qubits.
    with pytest.raises(UsageError, match="holds a qubit twice"):
        read_preflight(tmp_path / "deep" / "chain.csv")
