import itertools
import math
from dataclasses import replace

import cirq
import numpy as np
import pytest
from cirq_google.api import v2
from cirq_google.engine import runtime_estimator
from preflight_examples import BAD, GOOD, found_with

from quantum_advantage.backends.devices import engine, virtual
from quantum_advantage.backends.devices.chain_placement import chain_circuit
from quantum_advantage.backends.devices.placement import best_chain, pair_places
from quantum_advantage.backends.devices.virtual import open_virtual, virtual_device
from quantum_advantage.backends.names import read_backend, write_pairs
from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.run import run
from quantum_advantage.circuits.sweeps import sweep_of
from quantum_advantage.preflight import processors
from quantum_advantage.preflight.files import preflight_table
from quantum_advantage.preflight.processors import (
    STAND_IN,
    avoiding,
    chain_avoiding,
    cost_of,
    couplers_of,
    draw_layout,
    open_processor,
    outlying_qubits,
    run_preflight,
)
from quantum_advantage.tasks.shared.calibration import damping_request, fixed_damping_request

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


# Cost.


def request_of(settings, repetitions):
    """A request of one pair in so many settings, each repeated so often."""
    whole = fixed_damping_request(2, 12)
    rows = np.repeat(np.arange(settings), repetitions)
    return replace(whole, table=tuple(c[rows] for c in whole.table), shots=rows.size, twirled=False)


@pytest.mark.parametrize(("settings", "repetitions"), [(1, 1), (12, 1), (5, 400)])
def test_cost_counts_settings_and_repetitions(settings, repetitions):
    cost = cost_of(read_backend("qvm:weber"), lambda s: run([request_of(settings, repetitions)], s))
    assert cost.jobs == 1
    assert cost.points == settings
    assert cost.repetitions == settings * repetitions


class Catching:
    """Keeps the native request that it is given, and runs nothing."""

    def __init__(self):
        self.request: Request | None = None

    def sample_table(self, request):
        self.request = request
        raise InterruptedError


def test_cost_is_that_of_the_native_request_by_the_services_own_measures(monkeypatch):
    request = request_of(12, 3)
    cost = cost_of(read_backend("qvm:weber"), lambda s: run([request], s))
    catching = Catching()
    monkeypatch.setattr(virtual, "CostSampler", lambda: catching)
    with pytest.raises(InterruptedError):
        cost_of(read_backend("qvm:weber"), lambda s: run([request], s))
    native = catching.request
    sweep = sweep_of(native, list(range(0, 36, 3)))
    assert cost.request_bytes == v2.run_context_to_proto(sweep, 3).ByteSize()
    seconds = runtime_estimator.estimate_run_sweep_time(native.circuit, sweep, 3)
    assert cost.seconds == pytest.approx(seconds)


def test_many_settings_are_many_jobs():
    rng, shots = np.random.default_rng(0), 2600
    cost = cost_of(read_backend("qvm:weber"), lambda s: run([damping_request(6, shots, rng)], s))
    # With a readout mask of its own every shot is a setting; a job takes 5 minutes at most.
    assert (cost.points, cost.repetitions) == (shots, shots)
    assert cost.jobs == math.ceil(cost.seconds / 300) == 2


def test_a_real_processor_is_not_asked_what_it_costs(monkeypatch):
    def connect(project):
        raise AssertionError("nothing is to be asked")

    monkeypatch.setattr(engine, "connect", connect)
    request = request_of(5, 7)
    real = cost_of(read_backend("engine:mine/chip"), lambda s: run([request], s))
    assert real == cost_of(read_backend(f"qvm:{STAND_IN}"), lambda s: run([request], s))
    assert real != cost_of(read_backend("qvm:weber"), lambda s: run([request], s))


def test_the_stand_in_is_the_latest_virtual_processor():
    dates = {name: virtual_device(name).calibrated for name in virtual.VIRTUAL}
    assert max(dates, key=dates.get) == STAND_IN
