import dataclasses
import functools

import cirq
import cirq_google
import networkx as nx
import numpy as np
import pytest
import sympy
from cirq_google.engine import virtual_engine_factory

from quantum_advantage.backends.devices.calibration import NATIVE_GATES, describe
from quantum_advantage.backends.devices.chain_placement import chain_circuit, chain_on
from quantum_advantage.backends.devices.device_noise import DeviceNoise
from quantum_advantage.backends.devices.native import compile_native
from quantum_advantage.backends.devices.placement import (
    best_chain,
    best_pairs,
    grid_pairs,
    most_pairs,
    place_on,
)
from quantum_advantage.backends.devices.virtual import (
    VIRTUAL,
    check_limits,
    placement,
    virtual_device,
    virtual_noise,
    virtual_sampler,
)
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.laws import laws_of
from quantum_advantage.backends.simulators.splitting import split, without_the_measured
from quantum_advantage.circuits.request import Dial, Request, measured_qubits, resolver_values
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.pauli import LETTERS
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.preflight.pairs import entanglement_request, readout_request
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.tasks.observables.protocols import Bell, LocalPauli
from quantum_advantage.tasks.shared.calibration import fixed_damping_request
from quantum_advantage.tasks.shared.evolution_requests import bell_uses_on_chain
from quantum_advantage.tasks.shared.requests import copy_qubits

MOST_PAIRS = {"rainbow": 8, "weber": 24, "willow_pink": 49}


@functools.cache
def properties(processor):
    return cirq_google.engine.load_device_noise_properties(processor)


@functools.cache
def stock_noise(processor):
    """Google's own noise model, as the virtual machine of cirq-google takes it."""
    return cirq_google.NoiseModelFromGoogleNoiseProperties(properties(processor))


def hidden(text, seed=1):
    letters = np.array([[LETTERS.index(letter) for letter in text]], dtype=np.uint8)
    return HiddenPauli(
        letters, np.array([1], np.int8), np.array([0.9]), np.random.default_rng(seed)
    )


def protocol_requests(pairs):
    """One request for every kind of circuit that is run, by name."""
    text = "XYZ"[:pairs]
    rng = np.random.default_rng(0)
    return {
        "bell": Bell().request(hidden(text), 60, rng),
        "conventional": LocalPauli().request(hidden(text), 60, rng),
        "damping": fixed_damping_request(pairs, 60),
        "entanglement": entanglement_request(pairs, 60),
        "readout": readout_request(pairs, 60),
    }


def repeat(request, rows, times, twirled=False):
    """Some rows of a request, each so many times in a row."""
    table = tuple(np.repeat(column[list(rows)], times) for column in request.table)
    shots = len(rows) * times
    return Request(request.circuit, request.dials, table, shots, request.learner, twirled)


class Kept:
    """Stands between a placed sampler and its simulator, and keeps what goes through."""

    def __init__(self, inner):
        self.inner = inner

    def sample_table(self, request):
        self.request = request
        self.bits = self.inner.sample_table(request)
        return self.bits


def opened(name, seed):
    """The sampler of a backend, and what it keeps of the native side."""
    sampler = open_backend(name).make(seed)
    sampler._inner = kept = Kept(sampler._inner)
    return sampler, kept


def native_request(name, request):
    sampler, kept = opened(name, 1)
    sampler.sample_table(request)
    return kept.request


def outcome_rows(bits, circuit):
    """The packed bits of all keys as one row of bits for each shot."""
    keys = measured_qubits(circuit)
    return np.concatenate([unpack_bits(bits[key], len(keys[key])) for key in sorted(keys)], axis=1)


@pytest.fixture(scope="module")
def _files_read_once():
    """The files of cirq-google, which its virtual machine reads anew whenever one is made."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("load_median_device_calibration", "load_device_noise_properties"):
            once = functools.cache(getattr(virtual_engine_factory, name))
            patch.setattr(virtual_engine_factory, name, once)
        yield


def stock_rows(processor, native, rows, times, seed):
    """Outcomes of the virtual machine of cirq-google, and for each the number of its setting."""
    machine = cirq_google.engine.create_default_noisy_quantum_virtual_machine(
        processor_id=processor, seed=seed
    )
    sampler = machine.get_sampler(processor)
    found = []
    for kind, row in enumerate(rows):
        resolved = cirq.resolve_parameters(native.circuit, resolver_values(native, row))
        measurements = sampler.run(resolved, repetitions=times).measurements
        bits = np.concatenate([measurements[key] for key in sorted(measurements)], axis=1)
        found.append(np.insert(bits.astype(np.int64), 0, kind, axis=1))
    return np.concatenate(found)


def our_rows(bits, circuit, settings, times):
    rows = outcome_rows(bits, circuit).astype(np.int64)
    return np.insert(rows, 0, np.repeat(np.arange(settings), times), axis=1)


def exact_law(native, row, noise):
    """The law of one row of a native request, noise inserted once, pieces solved one by one."""
    noisy = without_the_measured(native.circuit.with_noise(noise))
    law, labels = np.ones(()), []
    for placed in split(noisy, native.dials):
        shape = [len(dial.positions) for dial in placed.piece.dials]
        where = [int(native.table[d][row]) for d in placed.dials]
        joint = int(np.ravel_multi_index(where, shape)) if shape else 0
        part = laws_of(placed.piece).at([joint])[0].reshape((2,) * placed.piece.qubits)
        read = {qubit: (key, bit) for key, bit, qubit, _ in placed.outputs}
        part = part.sum(axis=tuple(q for q in range(placed.piece.qubits) if q not in read))
        law = np.multiply.outer(law, part)
        labels += [read[q] for q in sorted(read)]
    return law.transpose(sorted(range(len(labels)), key=labels.__getitem__)).ravel()


def density_matrix_law(native, row, noise):
    """The law of the resolved circuit under a noise model, all qubits in one density matrix."""
    resolved = cirq.resolve_parameters(native.circuit, resolver_values(native, row))
    noisy = resolved.with_noise(noise)
    (last,) = [i for i, moment in enumerate(noisy) if any(map(cirq.is_measurement, moment))]
    qubits = sorted(noisy.all_qubits())
    state = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(
        noisy[:last], qubit_order=qubits
    )
    law = np.real(np.diag(state.final_density_matrix)).reshape((2,) * len(qubits))
    keys = measured_qubits(native.circuit)
    return law.transpose([qubits.index(q) for key in sorted(keys) for q in keys[key]]).ravel()


@pytest.mark.parametrize("processor", VIRTUAL)
@pytest.mark.parametrize(
    ("pairs", "kind"),
    [
        (2, "bell"),
        (3, "bell"),
        (2, "conventional"),
        (2, "entanglement"),
        (2, "readout"),
    ],
)
def test_laws_are_those_of_one_density_matrix_of_the_resolved_circuit(processor, pairs, kind):
    request = protocol_requests(pairs)[kind]
    # Every row of the table has random readout masks of its own.
    native = native_request(f"qvm:{processor}", repeat(request, range(4), 1, twirled=True))
    assert len({tuple(column[row] for column in native.table) for row in range(4)}) > 2
    for row in range(4):
        np.testing.assert_allclose(
            exact_law(native, row, virtual_noise(processor)),
            density_matrix_law(native, row, stock_noise(processor)),
            atol=1e-6,
        )


# Identity, pure Z, pure X, and something else, twice over.
TURNS = ((0.0, 0.0), (0.0, 0.5), (0.0, 1.0), (0.0, -0.37), (1.0, 0.0), (0.61, 0.23))


def turning(processor):
    """A native request on two pairs whose gates stand at identity, at pure Z and elsewhere."""
    line = cirq.LineQubit.range(4)
    circuit, dials = cirq.Circuit(), []
    for part in "pq":
        for i, q in enumerate(line):
            x, z = f"x_{part}{i}", f"z_{part}{i}"
            dials.append(Dial(f"{part}{i}", (x, z), TURNS))
            circuit.append([cirq.X(q) ** sympy.Symbol(x), cirq.Z(q) ** sympy.Symbol(z)])
        if part == "p":
            circuit.append([cirq.CNOT(*line[:2]), cirq.CNOT(*line[2:])])
    circuit.append(cirq.Moment(cirq.measure(*line, key="m")))
    rng = np.random.default_rng(3)
    table = [np.append(np.arange(6), rng.integers(0, 6, 1)).astype(np.uint8) for _ in dials]
    table = tuple(np.roll(column, 0 if i < 2 else i) for i, column in enumerate(table))
    request = Request(circuit, tuple(dials), table, 7, frozenset(), twirled=False)
    return native_request(f"qvm:{processor}", request)


@pytest.mark.parametrize("processor", VIRTUAL)
def test_gates_at_identity_or_a_pure_phase_are_as_noisy_as_all_others(processor):
    native = turning(processor)
    for row in range(7):
        np.testing.assert_allclose(
            exact_law(native, row, virtual_noise(processor)),
            density_matrix_law(native, row, stock_noise(processor)),
            atol=1e-6,
        )


def superoperator(op):
    return sum(np.kron(k, k.conj()) for k in cirq.kraus(op))


@pytest.mark.parametrize("processor", VIRTUAL)
def test_noise_and_parameters_may_come_in_either_order(processor):
    native = turning(processor)
    once = native.circuit.with_noise(virtual_noise(processor))
    assert cirq.is_parameterized(once)
    for row in range(7):
        values = resolver_values(native, row)
        after = cirq.resolve_parameters(once, values)
        before = cirq.resolve_parameters(native.circuit, values).with_noise(stock_noise(processor))
        assert len(after) == len(before)
        for one, other in zip(after, before, strict=True):
            assert one.qubits == other.qubits
            assert len(one) == len(other)
            for op in one:
                twin = other.operation_at(op.qubits[0])
                assert twin.qubits == op.qubits
                if cirq.is_measurement(op):
                    assert twin == op
                else:
                    np.testing.assert_allclose(superoperator(op), superoperator(twin), atol=1e-8)


def compare_with_stock(processor, pairs, kind, rows, times, p_of_two):
    request = repeat(protocol_requests(pairs)[kind], rows, times)
    sampler, kept = opened(f"qvm:{processor}", 5)
    ours = our_rows(sampler.sample_table(request), request.circuit, len(rows), times)
    firsts = [k * times for k in range(len(rows))]
    stock = stock_rows(processor, kept.request, firsts, times, seed=6)
    assert p_of_two(ours, stock) > 1e-4


@pytest.mark.usefixtures("_files_read_once")
@pytest.mark.parametrize("processor", VIRTUAL)
@pytest.mark.parametrize(
    ("pairs", "kind", "rows"),
    [
        (2, "bell", (0, 1)),
        (2, "conventional", (0,)),
        (2, "entanglement", (3,)),
        (2, "readout", (1,)),
        (3, "bell", (0,)),
    ],
)
def test_the_stock_noisy_virtual_machine_gives_the_same_outcomes(
    processor, pairs, kind, rows, p_of_two
):
    compare_with_stock(processor, pairs, kind, rows, 1500, p_of_two)


@pytest.mark.slow
@pytest.mark.parametrize("processor", VIRTUAL)
@pytest.mark.parametrize(
    ("pairs", "kind", "rows"),
    [
        (2, "bell", range(4)),
        (3, "bell", range(6, 9)),
        (2, "conventional", range(4)),
        (3, "conventional", range(4)),
        (2, "damping", (1, 6, 11)),
        (3, "damping", (0, 5, 10)),
        (2, "entanglement", range(1, 7, 2)),
        (3, "entanglement", (0, 4)),
        (2, "readout", range(4)),
        (3, "readout", (2,)),
    ],
)
def test_the_stock_noisy_virtual_machine_gives_the_same_outcomes_everywhere(
    processor, pairs, kind, rows, p_of_two
):
    compare_with_stock(processor, pairs, kind, rows, 8000, p_of_two)


@pytest.mark.slow
@pytest.mark.parametrize("processor", VIRTUAL)
def test_the_stock_noisy_virtual_machine_agrees_under_a_readout_twirl(processor, p_of_two):
    """Sixteen masks of one setting, each a parameter set of its own."""
    times, request = 16 * 500, protocol_requests(2)["bell"]
    sampler, kept = opened(f"qvm:{processor}", 7)
    sampler.sample_table(repeat(request, [0], times, twirled=True))
    native = kept.request
    settings = np.stack(native.table, axis=1)
    _, firsts, kinds = np.unique(settings, axis=0, return_index=True, return_inverse=True)
    assert 8 < firsts.size <= 16
    order = np.argsort(kinds.ravel(), kind="stable")
    counts = np.bincount(kinds.ravel())
    ours = outcome_rows(kept.bits, native.circuit).astype(np.int64)
    ours = np.insert(ours, 0, kinds.ravel(), axis=1)[order]
    stock = stock_rows(processor, native, firsts, int(counts.max()), seed=8)
    # The machine repeats every mask equally often; the sampler may draw one twice.
    kept_rows = [stock[stock[:, 0] == k][: counts[k]] for k in range(firsts.size)]
    assert p_of_two(ours, np.concatenate(kept_rows)) > 1e-4


def first_pair(processor):
    return best_pairs(virtual_device(processor), 1)[0]


@pytest.mark.parametrize("processor", ["weber", "rainbow"])
def test_a_gate_without_noise_data_is_never_simulated_as_perfect(processor):
    a, b = first_pair(processor)
    circuit = cirq.Circuit(cirq.CZ(a, b), cirq.measure(a, b, key="m"))
    # Google's own model lets it pass.
    assert any(
        op.gate == cirq.CZ for op in circuit.with_noise(stock_noise(processor)).all_operations()
    )
    with pytest.raises(ValueError, match=rf"calibration of {processor} holds no error of CZ") as e:
        circuit.with_noise(virtual_noise(processor))
    assert f"CZ({a}, {b})" in str(e.value)
    assert "\n" not in str(e.value)
    with pytest.raises(ValueError, match="no error of CZ"):
        FactorisedSampler("qsim", virtual_noise(processor), 1).run(circuit)


@pytest.mark.parametrize("processor", ["weber", "rainbow"])
def test_a_cz_sent_to_a_processor_without_data_for_it_is_compiled_and_noisy(processor):
    a, b = first_pair(processor)
    circuit = cirq.Circuit(
        cirq.H(b), cirq.CZ(a, b), cirq.CZ(a, b) ** 0.5, cirq.H(b), cirq.measure(a, b, key="m")
    )
    sampler, kept = opened(f"qvm:{processor}", 1)
    bits = sampler.run(circuit, repetitions=4000).measurements["m"]
    two = [op.gate for op in kept.request.circuit.all_operations() if len(op.qubits) == 2]
    gates = [gate for gate in two if not isinstance(gate, cirq.MeasurementGate)]
    assert gates
    assert not any(isinstance(gate, cirq.CZPowGate) for gate in gates)
    assert bits.any(axis=1).mean() > 0.01


@pytest.mark.parametrize(
    "op",
    [
        lambda a, b: cirq.CNOT(a, b),
        lambda a, b: cirq.FSimGate(0.3, 0.2)(a, b),
        lambda a, b: cirq.H(a),
        lambda a, b: cirq.X(b),
        lambda a, b: cirq.PhasedXZGate(x_exponent=0.1, z_exponent=0.2, axis_phase_exponent=0.3).on(
            cirq.GridQubit(90, 90)
        ),
        lambda a, b: cirq.measure(cirq.GridQubit(90, 90)),
        lambda a, b: cirq.SQRT_ISWAP(a, cirq.GridQubit(90, 90)),
    ],
)
def test_what_the_calibration_does_not_cover_is_named(op):
    refused = op(*first_pair("weber"))
    with pytest.raises(ValueError, match="would be simulated as perfect") as error:
        cirq.Circuit(refused).with_noise(virtual_noise("weber"))
    assert str(refused) in str(error.value)


def test_a_coupler_that_the_calibration_left_out_is_refused_by_the_noise():
    known = properties("willow_pink")
    pair = set(first_pair("willow_pink"))
    errors = {k: v for k, v in known.gate_pauli_errors.items() if set(k.qubits) != pair}
    noise = DeviceNoise("willow", dataclasses.replace(known, gate_pauli_errors=errors))
    with pytest.raises(ValueError, match="calibration of willow holds no error of CZ"):
        cirq.Circuit(cirq.CZ(*sorted(pair))).with_noise(noise)
    other = best_pairs(virtual_device("willow_pink"), 2)[1]
    assert len(cirq.Circuit(cirq.CZ(*other)).with_noise(noise)) > 1


@functools.cache
def empty_properties():
    return cirq_google.engine.noise_properties_from_calibration(
        cirq_google.Calibration(), gate_times_ns="legacy"
    )


def test_an_empty_calibration_is_refused_as_noise_and_as_a_guide_to_placement():
    with pytest.raises(ValueError, match="calibration of weber holds no error") as error:
        DeviceNoise("weber", empty_properties())
    assert "\n" not in str(error.value)
    specification = cirq_google.engine.create_device_from_processor_id("weber")
    blank = describe("weber", specification, empty_properties(), None)
    with pytest.raises(ValueError, match="calibration of weber holds no gate error"):
        place_on(blank)(2)


def test_one_qubit_errors_alone_are_no_calibration():
    known = properties("weber")
    errors = {k: v for k, v in known.gate_pauli_errors.items() if len(k.qubits) == 1}
    with pytest.raises(ValueError, match="no error of any two-qubit gate"):
        DeviceNoise("weber", dataclasses.replace(known, gate_pauli_errors=errors))


def bell_circuit(pairs):
    line = cirq.LineQubit.range(2 * pairs)
    return cirq.Circuit(bell_basis_change(line[::2], line[1::2]), cirq.measure(*line, key="m"))


def assert_refused(name, message, circuit):
    sampler = open_backend(name).make(1)
    with pytest.raises(ValueError, match=message) as error:
        sampler.run(circuit)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("qvm:sycamore", "unknown virtual processor 'sycamore'; .* rainbow, weber, willow_pink"),
        ("qvm:weber,pairs=3.3-5.3", r"weber has no coupler between q\(3, 3\) and q\(5, 3\)"),
        ("qvm:weber,pairs=3.3-99.3", r"weber has no coupler between q\(3, 3\) and q\(99, 3\)"),
        ("qvm:weber,pairs=3.3-3.4+3.4-3.5", r"qubit q\(3, 4\) is in two of the named pairs"),
        ("qvm:weber,pairs=3.3-3.4+3.4-3.3", r"is in two of the named pairs"),
    ],
)
def test_pairs_that_do_not_fit_are_refused_when_the_backend_is_opened(name, message):
    with pytest.raises(ValueError, match=message) as error:
        open_backend(name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("processor", "most"), MOST_PAIRS.items())
def test_more_pairs_than_the_processor_holds_are_refused(processor, most):
    assert_refused(
        f"qvm:{processor}",
        f"{processor} holds {most} disjoint pairs, not {most + 1}; ask for at most {most}",
        bell_circuit(most + 1),
    )


def test_more_pairs_than_are_named_are_refused():
    assert_refused(
        "qvm:weber,pairs=3.3-3.4+4.3-4.4", "2 pairs are named, and 3 are needed", bell_circuit(3)
    )


def test_an_uncalibrated_coupler_is_refused_by_name():
    device = virtual_device("weber")
    pair = first_pair("weber")
    errors = {p: e for p, e in device.gate_errors.items() if p != tuple(sorted(pair))}
    without = dataclasses.replace(device, gate_errors=errors)
    message = r"coupler between .* of weber is not calibrated"
    with pytest.raises(ValueError, match=message) as error:
        place_on(without, [pair])
    assert str(pair[0]) in str(error.value)
    assert str(pair[1]) in str(error.value)
    with pytest.raises(ValueError, match=message):
        compile_native(cirq.Circuit(cirq.CNOT(*pair), cirq.measure(*pair)), (), without)
    assert pair not in place_on(without)(24)


def test_a_circuit_without_a_measurement_is_refused():
    assert_refused("qvm:weber", "must measure at least one qubit", cirq.Circuit(cirq.X(cirq.q(0))))


def test_a_circuit_that_is_too_deep_is_refused():
    # A CZ takes three moments there, and the gate of the dial one.
    a, b = first_pair("weber")
    circuit = cirq.Circuit([cirq.X(a) ** sympy.Symbol("s"), cirq.CZ(a, b)] * 2501)
    circuit.append(cirq.measure(a, b, key="m"))
    sampler = open_backend("qvm:weber").make(1)
    with pytest.raises(ValueError, match="exceeds the limit of 10000 moments") as error:
        sampler.run(circuit, {"s": 0.3})
    assert "\n" not in str(error.value)


def test_the_limit_of_moments_is_that_of_the_service():
    # A turn about z is made in software, and still a moment; 25 ns are counted for it.
    gate, q = cirq.Z**0.5, cirq.GridQubit(3, 3)
    with pytest.raises(ValueError, match=r"the service would refuse .* 10000 moments"):
        check_limits(cirq.Circuit([cirq.Moment(gate(q))] * 10_000, cirq.Moment(cirq.measure(q))))


def test_the_limit_of_time_is_that_of_the_service():
    a, b = cirq.GridQubit.rect(1, 2)
    layer = [cirq.Moment(cirq.X(a), cirq.Z(b)), cirq.Moment(cirq.CZ(a, b))]  # 25 ns and 42 ns
    check_limits(cirq.Circuit(layer * 597, cirq.Moment(cirq.measure(a, b))))
    with pytest.raises(ValueError, match=r"it takes 40\.1 µs, and 40 µs are allowed"):
        check_limits(cirq.Circuit(layer * 598, cirq.Moment(cirq.measure(a, b))))


def test_a_circuit_that_entangles_different_pairs_is_refused():
    line = cirq.LineQubit.range(4)
    circuit = cirq.Circuit(cirq.CNOT(line[0], line[3]), cirq.measure(*line, key="m"))
    assert_refused("qvm:weber", r"entangles q\(0\) with q\(3\), which are no pair", circuit)


@pytest.mark.parametrize("processor", VIRTUAL)
def test_a_virtual_processor_is_described_as_it_is(processor):
    device = virtual_device(processor)
    qubits, couplers, native = {
        "rainbow": (23, 32, {"syc", "sqrt_iswap"}),
        "weber": (53, 86, {"syc", "sqrt_iswap"}),
        "willow_pink": (105, 182, {"cz"}),
    }[processor]
    assert device.name == processor
    assert len(device.couplers) == len(device.readout_errors) == len(device.t1) == qubits
    assert device.couplers.number_of_edges() == len(device.gate_errors) == couplers
    assert {gate for errors in device.gate_errors.values() for gate in errors} == native
    assert device.calibrated.year in (2021, 2024)
    known = properties(processor)
    for (a, b), errors in device.gate_errors.items():
        for gate, error in errors.items():
            kind = NATIVE_GATES[gate][0]
            assert (
                error == known.gate_pauli_errors[cirq.devices.noise_utils.OpIdentifier(kind, a, b)]
            )
            assert 0 < error < 0.2
    assert all(1 < t1 < 500 for t1 in device.t1.values())  # microseconds
    assert device.medians()["readout 1"] > device.medians()["readout 0"]


def test_a_virtual_processor_is_described_once():
    assert virtual_device("weber") is virtual_device("weber")
    assert virtual_noise("weber") is virtual_noise("weber")


def test_named_pairs_are_used_first_ones_first_and_as_they_are_oriented():
    name = read_backend("qvm:weber,pairs=3.4-3.3+4.3-4.4+6.4-6.5")
    place = placement(name)
    expected = grid_pairs(name.pairs)
    assert expected[0] == (cirq.GridQubit(3, 4), cirq.GridQubit(3, 3))
    assert [tuple(place(count)) for count in (1, 2, 3)] == [expected[:k] for k in (1, 2, 3)]
    request = fixed_damping_request(2, 12)
    native = native_request(str(name), request)
    assert measured_qubits(native.circuit) == {
        SYSTEM: (expected[0][0], expected[1][0]),
        MEMORY: (expected[0][1], expected[1][1]),
    }


def test_pairs_are_the_lightest_if_none_are_named():
    device = virtual_device("rainbow")
    place = place_on(device)
    assert place(5) == best_pairs(device, 5)
    assert placement(read_backend("qvm:rainbow"))(8) == best_pairs(device, 8)


@pytest.mark.parametrize("name", ["qvm:weber", "qvm:weber,pairs=3.3-3.4+4.3-4.4+6.4-6.5"])
def test_the_backend_expects_what_the_calibration_predicts_of_its_pairs(name):
    read, device = read_backend(name), virtual_device("weber")
    pairs = grid_pairs(read.pairs) or best_pairs(device, 3)
    np.testing.assert_array_equal(open_backend(name).damping(3), device.damping(pairs))
    assert open_backend(name).damping(2).shape == (2, 4)


def test_samplers_obey_their_seed():
    request = repeat(protocol_requests(2)["bell"], range(20), 20, twirled=True)
    rows = []
    for seed in (1, 1, 2):
        bits = virtual_sampler(read_backend("qvm:weber"), seed).sample_table(request)
        rows.append(outcome_rows(bits, request.circuit))
    np.testing.assert_array_equal(rows[0], rows[1])
    assert (rows[0] != rows[2]).any()


def test_any_sampler_of_cirq_may_stand_in_for_a_virtual_processor():
    line = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(
        cirq.X(line[0]) ** sympy.Symbol("x"), cirq.CNOT(*line), cirq.measure(*line, key="m")
    )
    sampler = open_backend("qvm:willow_pink").make(1)
    assert isinstance(sampler, cirq.Sampler)
    off, on = sampler.run_sweep(circuit, cirq.Points("x", [0.0, 1.0]), repetitions=500)
    assert off.measurements["m"].mean() < 0.1
    assert on.measurements["m"].mean() > 0.9


@pytest.mark.parametrize("processor", VIRTUAL)
def test_readout_errors_of_the_calibration_show_without_a_twirl_and_average_out_with_it(processor):
    """Mean of a bit prepared in 0 and in 1: damped with a twirl, and offset without."""
    shots = 4 * 16 * 1500
    device = virtual_device(processor)
    (pair,) = best_pairs(device, 1)
    plain = readout_request(1, shots)
    sums = {}
    for twirled in (False, True):
        request = dataclasses.replace(plain, twirled=twirled)
        sampler = open_backend(f"qvm:{processor}").make(11)
        bits = sampler.sample_table(request)
        state = request.table[0]
        for side, key, ones in ((0, SYSTEM, (1, 3)), (1, MEMORY, (1, 2))):
            signs = 1.0 - 2.0 * unpack_bits(bits[key], 1)[:, 0]
            prepared = np.isin(state, ones)
            means = signs[~prepared].mean(), signs[prepared].mean()
            sums[twirled, side] = sum(means) / 2, (means[0] - means[1]) / 2
    for side, qubit in enumerate(pair):
        e0, e1 = device.readout_errors[qubit]
        sigma = np.sqrt((1 - (1 - e0 - e1) ** 2) / shots)
        # One gate of 25 ns and of its own error stands before the readout.
        decay = 0.05 / device.t1[qubit]
        offset, damped = sums[False, side]
        assert offset == pytest.approx(e1 - e0, abs=4 * sigma + decay)
        assert offset > 4 * sigma + decay
        assert sums[True, side][0] == pytest.approx(0, abs=4 * sigma)
        error = 4 / 3 * device.one_qubit_errors[qubit] + decay
        assert damped == pytest.approx(1 - e0 - e1, abs=4 * sigma + error)
        assert sums[True, side][1] == pytest.approx(1 - e0 - e1, abs=4 * sigma + error)


FLIPS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))


def exact_damping(processor, count):
    """(pairs, 4) factors of the Bell measurement, averaged over all signs and readout masks."""
    calibration = fixed_damping_request(count, 12)
    settings, masks = np.divmod(np.arange(48), 4)
    system, memory = copy_qubits(count)
    flips = cirq.Moment(
        (cirq.X ** sympy.Symbol(f"flip_{side}"))(q)
        for side, qubits in (("s", system), ("m", memory))
        for q in qubits
    )
    circuit = cirq.Circuit(calibration.circuit[:-1], flips, calibration.circuit[-1])
    dial = Dial("flips", ("flip_s", "flip_m"), FLIPS)
    table = (*(column[settings] for column in calibration.table), masks.astype(np.uint8))
    dials = (*calibration.dials, dial)
    learner = calibration.learner | {"flips"}
    native = native_request(
        f"qvm:{processor}", Request(circuit, dials, table, 48, learner, twirled=False)
    )
    noisy = without_the_measured(native.circuit.with_noise(virtual_noise(processor)))
    letter, signs = settings // 4, (settings // 2 % 2) ^ (settings % 2)
    factors = np.ones((count, 4))
    flipped = np.array(FLIPS, dtype=np.int64)[masks]
    for placed in split(noisy, native.dials):
        shape = [len(dial.positions) for dial in placed.piece.dials]
        joints = np.ravel_multi_index([native.table[d] for d in placed.dials], shape)
        laws = laws_of(placed.piece).at(joints).reshape(48, 2, 2)
        (place,) = {bit for _, bit, _, _ in placed.outputs}
        axis = {key: 1 + qubit for key, _, qubit, _ in placed.outputs}
        if axis[SYSTEM] > axis[MEMORY]:
            laws = laws.transpose(0, 2, 1)
        for k in range(3):  # X from the system's bit, Y from both with a sign, Z from the memory's
            means = []
            for row in np.flatnonzero(letter == k):
                a = np.arange(2)[:, None] ^ flipped[row, 0]
                b = np.arange(2)[None, :] ^ flipped[row, 1]
                parity = (a, a ^ b ^ 1, b)[k] ^ signs[row]
                means.append((laws[row] * (1 - 2 * parity)).sum())
            factors[place, 1 + k] = np.mean(means)
    return factors


@pytest.mark.parametrize(("processor", "most"), MOST_PAIRS.items())
def test_the_calibration_predicts_the_exact_damping_of_every_pair(processor, most):
    predicted = open_backend(f"qvm:{processor}").damping(most)
    exact = exact_damping(processor, most)
    assert (exact[:, 1:] < 1).all()
    np.testing.assert_allclose(predicted, exact, rtol=0.01 if processor == "willow_pink" else 0.05)


def test_the_lightest_pairs_really_damp_least():
    """The weight of a pair is the logarithm of what its exact damping costs, to a few per cent."""
    device = virtual_device("rainbow")
    pairs = best_pairs(device, 8)
    exact = exact_damping("rainbow", 8)
    costs = -0.5 * np.log(exact[:, 1:]).sum(axis=1)
    weights = [device.weight(pair) for pair in pairs]
    np.testing.assert_allclose(weights, costs, atol=0.06)


def test_every_calibrated_coupler_of_a_virtual_processor_can_be_used():
    for processor in VIRTUAL:
        device = virtual_device(processor)
        assert most_pairs(nx.Graph(list(device.calibrated_pairs()))) == MOST_PAIRS[processor]


# Chains.


@pytest.mark.parametrize(
    ("processor", "ensemble"), [("weber", "matched:native=syc"), ("willow_pink", "matched")]
)
def test_uses_on_a_chain_have_the_law_of_density_matrices(processor, ensemble):
    request = bell_uses_on_chain(draw_evolutions([True, False], 2, 5, ensemble, depth=2), 3)
    native, noise = native_request(f"qvm:{processor}", request), stock_noise(processor)
    for row in (0, 4):
        law = exact_law(native, row, noise)
        np.testing.assert_allclose(law, density_matrix_law(native, row, noise), atol=1e-6)


def test_named_pairs_are_used_as_a_chain_in_their_order():
    device = virtual_device("weber")
    pairs = best_chain(device, 3)[::-1]
    assert tuple(chain_on(device, pairs)(chain_circuit(3))) == pairs
    assert tuple(chain_on(device, pairs)(chain_circuit(2))) == pairs[:2]
    apart = (pairs[0], pairs[2], pairs[1])
    assert tuple(place_on(device, apart)(3)) == apart
    with pytest.raises(ValueError, match=r"named pairs must be a chain .* has no coupler") as error:
        chain_on(device, apart)(chain_circuit(3))
    assert "\n" not in str(error.value)
    with pytest.raises(ValueError, match="3 pairs are named, and 4 are needed"):
        chain_on(device, pairs)(chain_circuit(4))


def test_a_virtual_processor_runs_chains_on_its_lightest_chain_or_on_the_named_one():
    backend = open_backend("qvm:weber")
    assert tuple(backend.chain(chain_circuit(3))) == best_chain(virtual_device("weber"), 3)
    (a, b), (c, d) = best_chain(virtual_device("weber"), 2)
    named = "+".join(f"{x.row}.{x.col}-{y.row}.{y.col}" for x, y in ((c, d), (a, b)))
    request = bell_uses_on_chain(draw_evolutions([True], 2, 5, depth=1), 2)
    native = native_request(f"qvm:weber,pairs={named}", request)
    assert measured_qubits(native.circuit) == {SYSTEM: (c, a), MEMORY: (d, b)}


def test_other_pairs_of_a_processor_are_named_without_a_place():
    processor = open_backend("qvm:rainbow,place=circuit")
    other = processor.on_pairs("some", lambda: processor.place(2)[1:])
    assert other.place(1) == processor.place(2)[1:]
    assert read_backend(other.name).pairs
    assert not read_backend(other.name).fits_circuit
