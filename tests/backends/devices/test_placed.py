import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.devices.chain_placement import chain_on
from quantum_advantage.backends.devices.masks import MASKS
from quantum_advantage.backends.devices.placed import PlacedSampler
from quantum_advantage.backends.devices.placement import best_chain, best_pairs
from quantum_advantage.backends.devices.virtual import virtual_device
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.circuits.request import Dial, DialSampler, Request, measured_qubits
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.pauli import LETTERS
from quantum_advantage.inference.bell.squares import squares
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.measurements.measure_pairs import measure_bell
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.tasks.observables.protocols import Bell, LocalPauli

LINE = cirq.LineQubit.range(12)
ON = Dial("on", ("x",), ((0.0,), (1.0,)))
FLIP = cirq.X ** sympy.Symbol("x")


class Kept:
    """Stands between a placed sampler and its simulator, and keeps what goes through."""

    def __init__(self, noise=None, seed=0):
        self.inner = FactorisedSampler("qsim", noise, seed)
        self.runs = 0

    def sample_table(self, request):
        self.runs += 1
        self.request = request
        self.bits = self.inner.sample_table(request)
        return self.bits


def placed(inner, seed=1, processor="weber", check=lambda circuit: None):
    device = virtual_device(processor)
    return PlacedSampler(device, lambda count: best_pairs(device, count), inner, check, seed)


def hidden(text):
    letters = np.array([[LETTERS.index(letter) for letter in text]], dtype=np.uint8)
    return HiddenPauli(letters, np.array([1], np.int8), np.array([0.8]), np.random.default_rng(4))


def flips(qubits, shots, twirled=True, settings=1, measured=None):
    """Qubits that a common dial flips, in ``settings`` settings in turn."""
    line = LINE[:qubits]
    circuit = cirq.Circuit((FLIP(q) for q in line), cirq.measure(*(measured or line), key="m"))
    column = (np.arange(shots) % settings).astype(np.uint8)
    return Request(circuit, (ON,), (column,), shots, frozenset(), twirled)


def inner_masks(kept, request, bits):
    """(shots, qubits): what was flipped before the readout, seen from what was flipped after."""
    (key,) = bits
    return unpack_bits(bits[key] ^ kept.bits[key], len(measured_qubits(request.circuit)[key]))


def test_it_is_a_cirq_sampler_that_understands_dials():
    sampler = placed(Kept())
    assert isinstance(sampler, cirq.Sampler)
    assert isinstance(sampler, DialSampler)


@pytest.mark.parametrize("count", [1, 3])
def test_qubits_of_a_line_go_to_the_pairs_in_their_order(count):
    device = virtual_device("weber")
    pairs = best_pairs(device, count)
    kept, text = Kept(), "XYZ"[:count]
    run([Bell().request(hidden(text), 10, np.random.default_rng(0))], placed(kept))
    systems, memories = zip(*pairs, strict=True)
    assert measured_qubits(kept.request.circuit) == {SYSTEM: systems, MEMORY: memories}
    run([LocalPauli().request(hidden(text), 10, np.random.default_rng(0))], placed(kept))
    assert measured_qubits(kept.request.circuit) == {SYSTEM: systems}


def test_an_odd_qubit_of_a_line_is_a_memory():
    kept = Kept()
    circuit = cirq.Circuit(cirq.X(LINE[3]), cirq.measure(LINE[3], key="m"))
    placed(kept).run(circuit)
    assert kept.request.circuit.all_qubits() == {best_pairs(virtual_device("weber"), 2)[1][1]}


def test_qubits_of_other_kinds_are_numbered_in_their_order():
    kept = Kept()
    names = cirq.NamedQubit.range(5, prefix="q")
    circuit = cirq.Circuit(
        cirq.CNOT(names[3], names[1]), cirq.CNOT(names[2], names[4]), cirq.measure(*names, key="m")
    )
    placed(kept).run(circuit)
    pairs = best_pairs(virtual_device("weber"), 3)
    expected = (pairs[0][0], pairs[1][0], pairs[2][0], pairs[1][1], pairs[2][1])
    assert measured_qubits(kept.request.circuit) == {"m": expected}


def test_qubits_of_the_device_stay_where_they_are():
    device, kept = virtual_device("weber"), Kept()
    chain = best_chain(device, 3)
    systems = [system for system, _ in chain]
    circuit = cirq.Circuit(
        cirq.X(systems[0]),
        cirq.CNOT(*systems[:2]),
        cirq.CNOT(*systems[1:]),
        cirq.measure(*systems, key="m"),
    )
    result = placed(kept).run(circuit, repetitions=40)
    assert measured_qubits(kept.request.circuit) == {"m": tuple(systems)}
    assert result.measurements["m"].tolist() == [[1, 1, 1]] * 40


@pytest.mark.parametrize(
    ("joined", "message"),
    [
        ([(1, 2)], r"entangles q\(1\) with q\(2\)"),
        ([(0, 1), (1, 2)], r"entangles q\(0\) with q\(2\)"),
        ([(4, 5), (5, 7)], r"entangles q\(4\) with q\(7\)"),
    ],
)
def test_circuits_that_join_different_pairs_are_refused_by_name(joined, message):
    circuit = cirq.Circuit(cirq.CZ(LINE[a], LINE[b]) for a, b in joined)
    circuit.append(cirq.measure(*sorted(circuit.all_qubits()), key="m"))
    sampler = placed(Kept())
    with pytest.raises(ValueError, match=message) as error:
        sampler.run(circuit)
    assert "\n" not in str(error.value)


def test_three_entangled_qubits_of_another_kind_are_refused():
    a, b, c = cirq.NamedQubit.range(3, prefix="q")
    circuit = cirq.Circuit(cirq.CZ(a, b), cirq.CZ(b, c), cirq.measure(a, b, c, key="m"))
    sampler = placed(Kept())
    with pytest.raises(ValueError, match="entangles q0 with q2, which are no pair"):
        sampler.run(circuit)


def test_the_check_sees_the_native_circuit_before_anything_runs():
    kept, seen = Kept(), []

    def check(circuit):
        seen.append(circuit)
        raise ValueError("too good")

    sampler = placed(kept, check=check)
    with pytest.raises(ValueError, match="too good"):
        sampler.sample_table(flips(2, 10))
    assert kept.runs == 0
    virtual_device("weber").device.validate_circuit(seen[0])


@pytest.mark.parametrize("processor", ["rainbow", "weber", "willow_pink"])
@pytest.mark.parametrize("twirled", [True, False])
def test_without_noise_every_row_comes_out_as_prepared(processor, twirled):
    shots, rng = 300, np.random.default_rng(2)
    dials = tuple(Dial(f"d{i}", (f"s{i}",), ((0.0,), (1.0,))) for i in range(6))
    circuit = cirq.Circuit(cirq.X(LINE[i]) ** sympy.Symbol(f"s{i}") for i in range(6))
    circuit.append(cirq.CNOT(*LINE[k : k + 2]) for k in (0, 2, 4))
    circuit.append(
        cirq.Moment(
            cirq.measure(LINE[5], LINE[0], key="b"),
            cirq.measure(*LINE[1:5], key="a", invert_mask=(True,)),
        )
    )
    table = tuple(rng.integers(0, 2, shots, dtype=np.uint8) for _ in dials)
    request = Request(circuit, dials, table, shots, frozenset({"d0"}), twirled)
    bits = placed(Kept(), processor=processor).sample_table(request)
    d = np.stack(table, axis=1)
    first = np.stack([d[:, 4] ^ d[:, 5], d[:, 0]], axis=1)
    second = np.stack([d[:, 0] ^ d[:, 1] ^ 1, d[:, 2], d[:, 2] ^ d[:, 3], d[:, 4]], axis=1)
    np.testing.assert_array_equal(unpack_bits(bits["b"], 2), first)
    np.testing.assert_array_equal(unpack_bits(bits["a"], 4), second)


def test_masks_flip_every_bit_of_a_repeated_setting_half_the_time():
    shots, kept, request = 3 * 16 * 20, Kept(), flips(5, 3 * 16 * 20, settings=2)
    bits = placed(kept).sample_table(request)
    masks = inner_masks(kept, request, bits)
    for setting in (0, 1):
        rows = masks[request.table[0] == setting]
        assert rows.shape == (shots // 2, 5)
        np.testing.assert_array_equal(rows.mean(axis=0), 0.5)
        distinct, counts = np.unique(rows, axis=0, return_counts=True)
        assert 2 < len(distinct) <= MASKS == 16
        # With every mask goes its complement, equally often.
        found = dict(zip(map(tuple, distinct), counts, strict=True))
        assert all(found[tuple(1 - np.array(mask))] == count for mask, count in found.items())


def test_every_setting_has_masks_of_its_own():
    kept, request = Kept(), flips(12, 2 * 160, settings=2)
    masks = inner_masks(kept, request, placed(kept).sample_table(request))
    first, second = ({tuple(m) for m in masks[request.table[0] == k]} for k in (0, 1))
    assert len(first) == len(second) == 16
    assert len(first & second) < 4


def test_a_setting_takes_at_most_sixteen_points_of_a_sweep():
    kept, request = Kept(), flips(12, 5000, settings=2)
    placed(kept).sample_table(request)
    assert len(np.unique(np.stack(kept.request.table, axis=1), axis=0)) <= 2 * 16


def test_a_setting_of_few_shots_has_a_fresh_mask_for_every_shot():
    shots = 4000
    dial = Dial("point", ("x",), tuple((k / 1000,) for k in range(1000)))
    column = (np.arange(shots) % 1000).astype(np.uint16)
    circuit = cirq.Circuit(FLIP(LINE[0]), cirq.measure(*LINE, key="m"))
    request, kept = Request(circuit, (dial,), (column,), shots), Kept()
    # What the qubits do is random in part; what is flipped back is not.
    masks = inner_masks(kept, request, placed(kept).sample_table(request))
    assert len(np.unique(masks, axis=0)) > 0.5 * 4096
    z = (masks.mean(axis=0) - 0.5) / (0.5 / np.sqrt(shots))
    assert (np.abs(z) < 4).all()
    correlations = np.corrcoef(masks.T)[np.triu_indices(12, 1)] * np.sqrt(shots)
    assert (np.abs(correlations) < 4).all()


def test_masks_do_not_tell_the_outcome():
    """The bits after the correction are independent of the masks that were drawn."""
    kept = Kept()
    circuit = cirq.Circuit(cirq.H(LINE[0]), cirq.measure(LINE[0], key="m"))
    request = Request(circuit, (), (), 16_000)
    bits = placed(kept).sample_table(request)
    flipped = inner_masks(kept, request, bits)[:, 0]
    outcome = unpack_bits(bits["m"], 1)[:, 0]
    z = np.corrcoef(flipped, outcome)[0, 1] * np.sqrt(16_000)
    assert abs(z) < 4


def test_without_a_twirl_nothing_is_flipped_and_no_gate_is_added():
    kept, request = Kept(), flips(4, 100, twirled=False)
    bits = placed(kept).sample_table(request)
    assert not inner_masks(kept, request, bits).any()
    circuit = cirq.Circuit(cirq.CNOT(*LINE[:2]), cirq.measure(*LINE[:2], key="m"))
    placed(kept).sample_table(Request(circuit, (), (), 10, twirled=False))
    assert not cirq.is_parameterized(kept.request.circuit)


@pytest.mark.parametrize("processor", ["weber", "willow_pink"])
def test_the_twirl_costs_no_gate_where_a_gate_stands_before_the_readout(processor):
    lengths = []
    circuit = cirq.Circuit(cirq.H(LINE[0]), cirq.CNOT(*LINE[:2]), cirq.ry(0.3).on_each(*LINE[:2]))
    circuit.append(cirq.measure(*LINE[:2], key="m"))
    for twirled in (True, False):
        kept = Kept()
        placed(kept, processor=processor).sample_table(
            Request(circuit, (), (), 10, twirled=twirled)
        )
        lengths.append(len(list(kept.request.circuit.all_operations())))
    assert lengths[0] == lengths[1]


def test_masks_merge_with_the_dials_of_the_learner_and_not_with_those_of_nature():
    counts = []
    for learner in (frozenset({"on"}), frozenset()):
        kept = Kept()
        circuit = cirq.Circuit(FLIP(LINE[0]), cirq.measure(LINE[0], key="m"))
        column = np.zeros(10, dtype=np.uint8)
        placed(kept).sample_table(Request(circuit, (ON,), (column,), 10, learner))
        counts.append(len(list(kept.request.circuit.all_operations())))
    assert counts == [2, 3]


ERRORS = (0.04, 0.24)


class Asymmetric(cirq.NoiseModel):
    """Reads 0 as 1 with probability 0.04, and 1 as 0 with probability 0.24."""

    def noisy_operation(self, op):
        if not cirq.is_measurement(op):
            return op
        first, second = ERRORS
        # A decay with probability g, then a flip with probability e0.
        decay = 1 - (1 - second - first) / (1 - 2 * first)
        channels = [cirq.amplitude_damp(decay), cirq.bit_flip(first)]
        return [channel(q) for channel in channels for q in op.qubits] + [op]


@pytest.mark.parametrize("twirled", [True, False])
def test_an_asymmetric_readout_damps_under_the_twirl_and_shifts_without(twirled):
    shots = 2 * 16 * 2000
    request = flips(4, shots, twirled, settings=2)
    bits = placed(Kept(Asymmetric())).sample_table(request)
    signs = 1.0 - 2.0 * unpack_bits(bits["m"], 4)
    e0, e1 = ERRORS
    plus, minus = (signs[request.table[0] == k].mean(axis=0) for k in (0, 1))
    damped = 1 - e0 - e1
    expected = (damped, -damped) if twirled else (1 - 2 * e0, 2 * e1 - 1)
    for mean, value in zip((plus, minus), expected, strict=True):
        z = (mean - value) / np.sqrt((1 - value**2) / (shots / 2))
        assert (np.abs(z) < 4).all()


def test_random_bits_have_mean_zero_under_the_twirl_and_an_offset_without():
    shots = 400_000
    circuit = cirq.Circuit(cirq.H.on_each(*LINE[:2]), cirq.measure(*LINE[:2], key="m"))
    means = {}
    for twirled in (True, False):
        request = Request(circuit, (), (), shots, twirled=twirled)
        signs = 1.0 - 2.0 * unpack_bits(
            placed(Kept(Asymmetric()), seed=3).sample_table(request)["m"], 2
        )
        means[twirled] = signs.mean(axis=0)
    sigma = 1 / np.sqrt(shots)
    assert (np.abs(means[True]) < 4 * sigma).all()
    assert (np.abs(means[False] - (ERRORS[1] - ERRORS[0])) < 4 * sigma).all()


def test_a_sweep_gives_each_parameter_set_its_own_outcomes():
    circuit = cirq.Circuit(FLIP(LINE[0]), cirq.CNOT(*LINE[:2]), cirq.measure(*LINE[:2], key="m"))
    results = placed(Kept()).run_sweep(circuit, cirq.Points("x", [0, 1, 0]), repetitions=30)
    assert [r.measurements["m"].tolist() for r in results] == [
        [[0, 0]] * 30,
        [[1, 1]] * 30,
        [[0, 0]] * 30,
    ]


def test_outcomes_and_masks_obey_the_seed():
    circuit = cirq.Circuit(cirq.H(LINE[0]), cirq.measure(*LINE[:4], key="m"))
    request, found = Request(circuit, (), (), 64), []
    for seed in (1, 1, 2):
        kept = Kept(seed=0)
        found.append(inner_masks(kept, request, placed(kept, seed).sample_table(request)))
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0] != found[2]).any()


def test_more_pairs_than_there_are_are_refused():
    line = cirq.LineQubit.range(18)
    circuit = cirq.Circuit(cirq.measure(*line, key="m"))
    sampler = placed(Kept(), processor="rainbow")
    with pytest.raises(ValueError, match="rainbow holds 8 disjoint pairs, not 9"):
        sampler.run(circuit)


def test_one_circuit_is_compiled_once_for_many_batches(monkeypatch):
    from quantum_advantage.backends.devices import placed as module

    calls, compile_native = [], module.compile_native
    monkeypatch.setattr(
        module, "compile_native", lambda *args: calls.append(1) or compile_native(*args)
    )
    module._native.cache_clear()
    for seed in range(3):
        placed(Kept(), seed).sample_table(flips(3, 10))
    assert len(calls) == 1


def test_a_circuit_that_leaves_the_chip_is_refused_and_not_moved():
    on, off = cirq.GridQubit(3, 2), cirq.GridQubit(12, 3)
    for other in (off, cirq.LineQubit(0), cirq.NamedQubit("memory")):
        circuit = cirq.Circuit(cirq.X(on), cirq.X(other), cirq.measure(on, other, key="m"))
        with pytest.raises(ValueError, match="is not a qubit of weber"):
            open_backend("qvm:weber").make(0).run(circuit)


def test_symbols_of_a_user_never_meet_those_of_the_masks():
    q, sampler = cirq.GridQubit(3, 4), open_backend("qvm:weber").make(0)
    for name in ("mask0", "readout_mask"):
        circuit = cirq.Circuit(cirq.X(q) ** sympy.Symbol(name), cirq.measure(q, key="m"))
        results = sampler.run_sweep(circuit, cirq.Points(name, [0, 1]), repetitions=500)
        zero, one = (result.measurements["m"].mean() for result in results)
        assert zero < 0.1
        assert one > 0.85
    taken = cirq.Circuit(cirq.X(q) ** sympy.Symbol("readout_mask_0"), cirq.measure(q, key="m"))
    with pytest.raises(ValueError, match="are taken"):
        sampler.run_sweep(taken, cirq.Points("readout_mask_0", [0, 1]), repetitions=5)


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (cirq.wait(cirq.GridQubit(3, 4), nanos=100), "waiting is not supported"),
        (cirq.reset(cirq.GridQubit(3, 4)), "no unitary gate"),
        (cirq.depolarize(0.1)(cirq.GridQubit(3, 4)), "no unitary gate"),
        (cirq.measure(cirq.GridQubit(3, 4), key="early"), "at most once, at its end"),
    ],
)
def test_what_a_processor_does_not_run_is_refused_in_one_line(op, message):
    q = cirq.GridQubit(3, 4)
    circuit = cirq.Circuit(cirq.X(q), op, cirq.X(q), cirq.measure(q, key="m"))
    with pytest.raises(ValueError, match=message) as error:
        open_backend("qvm:weber").make(0).run(circuit)
    assert "\n" not in str(error.value)


def test_no_repetitions_are_refused():
    q = cirq.GridQubit(3, 4)
    with pytest.raises(ValueError, match="repetitions must be at least 1, not 0"):
        open_backend("qvm:weber").make(0).run(cirq.Circuit(cirq.measure(q)), repetitions=0)


def test_a_state_of_ones_own_on_a_square_of_the_chip_is_measured_in_the_bell_basis():
    # System and memory of both qubits: the corners of a square of couplers.
    a, b, c, d = (cirq.GridQubit(*place) for place in ((4, 4), (4, 5), (5, 4), (5, 5)))
    state = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
    record = measure_bell(state, open_backend("qvm:willow_pink").make(0), 4000, memory=[c, d])
    found = squares(record, ["XX", "YY", "ZZ", "XI"])[:, 0]
    assert (found[:3] > 0.8).all()
    assert abs(found[3]) < 0.1


# Chains of pairs.


def on_chain(inner, processor="weber"):
    device = virtual_device(processor)
    return PlacedSampler(
        device,
        lambda count: best_pairs(device, count),
        inner,
        lambda circuit: None,
        1,
        chain_on(device),
    )


def coupled(joined):
    circuit = cirq.Circuit(cirq.CZ(LINE[a], LINE[b]) for a, b in joined)
    circuit.append(cirq.measure(*sorted(circuit.all_qubits()), key="m"))
    return circuit


@pytest.mark.parametrize(
    ("joined", "places"),
    [
        ([(0, 1), (0, 2), (3, 2), (4, 2)], [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]),
        ([(0, 2), (2, 4)], [(0, 0), (1, 0), (2, 0)]),
    ],
)
def test_systems_that_are_coupled_along_a_line_go_to_a_chain_of_pairs(joined, places):
    kept, chain = Kept(), best_chain(virtual_device("weber"), 3)
    on_chain(kept).run(coupled(joined))
    expected = tuple(chain[pair][side] for pair, side in places)
    assert measured_qubits(kept.request.circuit) == {"m": expected}


def test_pairs_alone_stay_on_the_lightest_pairs_where_chains_are_known():
    kept, pairs = Kept(), best_pairs(virtual_device("weber"), 2)
    on_chain(kept).run(coupled([(0, 1), (2, 3)]))
    assert measured_qubits(kept.request.circuit) == {"m": (*pairs[0], *pairs[1])}


@pytest.mark.parametrize("joined", [[(1, 3)], [(0, 4)], [(0, 1), (0, 2), (1, 3)], [(1, 2)]])
def test_other_couplings_than_those_of_a_chain_are_refused(joined):
    with pytest.raises(ValueError, match="chains of their systems") as error:
        on_chain(Kept()).run(coupled(joined))
    assert "\n" not in str(error.value)


def test_a_place_without_chains_refuses_them():
    with pytest.raises(ValueError, match=r"no pair; only pairs .* are placed"):
        placed(Kept()).run(coupled([(0, 2)]))


def test_a_dial_of_many_gates_stays_one_dial():
    kept = Kept()
    circuit = cirq.Circuit(
        FLIP.on_each(*LINE[:3:2]), cirq.CZ(LINE[0], LINE[2]), FLIP.on_each(*LINE[:3:2])
    )
    circuit.append(cirq.measure(LINE[0], LINE[2], key="m"))
    column = np.array([0, 1], np.uint8)
    on_chain(kept).sample_table(Request(circuit, (ON,), (column,), 2, frozenset(), False))
    (dial,) = kept.request.dials
    assert len(dial.positions) == 2
    assert set(dial.symbols) == cirq.parameter_names(kept.request.circuit)


def test_a_phase_of_the_whole_state_changes_nothing():
    q, sampler = cirq.LineQubit(0), open_backend("qvm:weber").make(0)
    circuit = cirq.Circuit(cirq.global_phase_operation(1j), cirq.X(q), cirq.measure(q, key="m"))
    assert sampler.run(circuit, repetitions=2000).measurements["m"].mean() > 0.8


@pytest.mark.parametrize("circuit", [None, [], cirq.X(cirq.LineQubit(0)), "X 0"])
def test_what_is_no_circuit_is_refused(circuit):
    with pytest.raises(ValueError, match=r"circuit must be a cirq.Circuit, not a "):
        open_backend("qvm:weber").make(0).run_sweep(circuit, None, 3)


def test_a_circuit_that_measures_nothing_is_refused():
    for circuit in (cirq.Circuit(), cirq.Circuit(cirq.X(cirq.LineQubit(0)))):
        with pytest.raises(ValueError, match="must measure at least one qubit"):
            open_backend("qvm:weber").make(0).run_sweep(circuit, None, 3)
