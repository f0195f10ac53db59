import itertools

import cirq
import numpy as np
import pytest
from preflight_examples import BAD, GOOD, found_with

from quantum_advantage.backends.devices import virtual
from quantum_advantage.backends.devices.chain_placement import chain_circuit
from quantum_advantage.backends.devices.placement import best_chain, pair_places
from quantum_advantage.backends.devices.virtual import open_virtual, virtual_device
from quantum_advantage.backends.names import read_backend, write_pairs
from quantum_advantage.preflight import processors
from quantum_advantage.preflight.files import preflight_table
from quantum_advantage.preflight.processors import (
    STAND_IN,
    avoiding,
    chain_avoiding,
    couplers_of,
    draw_layout,
    open_processor,
    outlying_qubits,
    run_preflight,
)

RAINBOW = "qvm:rainbow"
LEAST = 120  # the fewest shots of a preflight


# Opening.


def test_a_virtual_processor_is_opened_without_a_folder(tmp_path):
    backend = open_processor(read_backend(RAINBOW), tmp_path / "jobs", 3.0)
    assert backend.name == RAINBOW
    assert backend.device is virtual_device("rainbow")
    assert list(tmp_path.iterdir()) == []


def test_a_real_processor_is_opened_with_its_folder_and_its_cap(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(processors, "open_engine", lambda *given: asked.append(given))
    name = read_backend("engine:mine/weber")
    open_processor(name, tmp_path, 3.0)
    assert asked == [(name, tmp_path, 3.0)]


# The preflight.


def test_preflight_leaves_a_table_and_a_map_and_nothing_else(tmp_path):
    found = run_preflight(open_virtual(RAINBOW), 2, tmp_path / "deep" / "rainbow", LEAST)
    names = sorted(path.name for path in (tmp_path / "deep").iterdir())
    assert names == ["rainbow.csv", "rainbow.pdf", "rainbow.png", "rainbow.svg"]
    places = pair_places(open_virtual(RAINBOW).place(2))
    assert (tmp_path / "deep" / "rainbow.csv").read_text() == preflight_table(
        RAINBOW, places, found
    )


def test_preflight_is_repeatable_and_takes_the_shots_it_is_given(tmp_path):
    backend = open_virtual(RAINBOW)
    first = run_preflight(backend, 2, tmp_path / "first", LEAST)
    run_preflight(backend, 2, tmp_path / "again", LEAST)
    for suffix in (".csv", ".png", ".svg", ".pdf"):
        again = (tmp_path / "again").with_suffix(suffix).read_bytes()
        assert again == (tmp_path / "first").with_suffix(suffix).read_bytes()
    assert first.damping.shots.sum(axis=1).tolist() == [LEAST, LEAST]


def test_preflight_of_more_pairs_than_there_are_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="rainbow holds 8 disjoint pairs, not 9"):
        run_preflight(open_virtual(RAINBOW), 9, tmp_path / "new" / "rainbow", LEAST)
    assert list(tmp_path.iterdir()) == []


def test_the_map_shows_costs_and_crosses(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(processors, "draw_chip", lambda *given, **options: seen.append(options))
    found = found_with(BAD)
    monkeypatch.setattr(processors, "measure_pairs", lambda sampler, pairs, shots: found)
    run_preflight(open_virtual(RAINBOW), 4, tmp_path / "rainbow")
    assert {tuple(options["flagged"]) for options in seen} == {(False, False, True, False)}
    assert {tuple(options["values"]) for options in seen} == {tuple(found.costs())}


# Without what stands out.


def test_without_outliers_the_processor_stays_the_same():
    backend = open_virtual(RAINBOW)
    assert outlying_qubits(backend.place(4), found_with(GOOD)) == frozenset()
    assert avoiding(backend, 4, ()) is backend
    assert chain_avoiding(backend, 4, ()) is backend


def test_pairs_that_stand_out_are_left_out_with_both_their_qubits():
    backend = open_virtual(RAINBOW)
    bad = outlying_qubits(backend.place(4), found_with(BAD))
    assert bad == set(backend.place(4)[2])
    other = avoiding(backend, 4, bad)
    pairs = other.place(4)
    assert not bad & {q for pair in pairs for q in pair}
    assert len({q for pair in pairs for q in pair}) == 8
    assert other.name == f"{RAINBOW},pairs={write_pairs(pair_places(pairs))}"
    # The name says all: opened from it, the same pairs are used.
    assert tuple(open_virtual(other.name).place(4)) == tuple(pairs)


def test_the_pairs_are_again_the_lightest_of_the_rest():
    backend = open_virtual(RAINBOW)
    bad = set(backend.place(4)[2])
    other = avoiding(backend, 4, bad)
    device = backend.device
    weights = {p: w for p, w in device.calibrated_pairs().items() if not bad & set(p)}
    best = min(
        sum(weights[p] for p in chosen)
        for chosen in itertools.combinations(weights, 4)
        if len({q for p in chosen for q in p}) == 8
    )
    assert sum(map(device.weight, other.place(4))) == pytest.approx(best, abs=1e-5)


def test_a_chain_avoids_qubits_and_is_named_by_its_pairs():
    backend = open_virtual("qvm:weber,place=circuit")
    bad = set(backend.chain(chain_circuit(6))[2])
    other = chain_avoiding(backend, 6, bad)
    chain = other.chain(chain_circuit(6))
    assert not bad & {q for pair in chain for q in pair}
    assert chain == best_chain(backend.device, 6, bad)
    assert other.name == f"qvm:weber,pairs={write_pairs(pair_places(chain))}"


def test_too_few_pairs_without_outliers_are_refused():
    backend = open_virtual(RAINBOW)
    with pytest.raises(ValueError, match="rainbow holds 7 disjoint pairs, not 8"):
        avoiding(backend, 8, backend.place(8)[7])
    with pytest.raises(ValueError, match=r"rainbow holds \d pairs in a chain, not 8"):
        chain_avoiding(backend, 8, backend.chain(chain_circuit(8))[3])


# Maps.


def test_layout_is_drawn_with_the_cost_of_every_pair(tmp_path, monkeypatch):
    seen = []

    def watch(ax, couplers, pairs, **options):
        seen.append((couplers, pairs, options))

    monkeypatch.setattr(processors, "draw_chip", watch)
    device, pairs = virtual_device("rainbow"), open_virtual(RAINBOW).place(3)
    draw_layout(device, pairs, True, tmp_path / "map" / "rainbow")
    couplers, places, options = seen[0]
    assert couplers == couplers_of(device)
    assert places == pair_places(pairs)
    assert options["chain"] is True
    np.testing.assert_allclose(options["values"], np.exp([device.weight(p) for p in pairs]))
    assert {path.suffix for path in (tmp_path / "map").iterdir()} == {".png", ".svg", ".pdf"}


@pytest.mark.parametrize("processor", virtual.VIRTUAL)
def test_all_couplers_are_there_as_places(processor):
    device = virtual_device(processor)
    places = couplers_of(device)
    assert len(places) == device.couplers.number_of_edges()
    for (a, b), (c, d) in places:
        assert device.couplers.has_edge(cirq.GridQubit(a, b), cirq.GridQubit(c, d))


def test_the_stand_in_is_the_latest_virtual_processor():
    dates = {name: virtual_device(name).calibrated for name in virtual.VIRTUAL}
    assert max(dates, key=dates.get) == STAND_IN
