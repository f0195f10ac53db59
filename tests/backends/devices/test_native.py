import dataclasses
from itertools import pairwise, product

import cirq
import cirq_google
import networkx as nx
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.devices.calibration import Device
from quantum_advantage.backends.devices.native import compile_native
from quantum_advantage.backends.devices.placement import best_chain, best_pairs
from quantum_advantage.backends.devices.virtual import VIRTUAL, virtual_device
from quantum_advantage.circuits.barriers import BARRIER
from quantum_advantage.circuits.request import Dial

X, Y, Z = (sympy.Symbol(name) for name in "xyz")
TURN = Dial("turn", ("x", "z"), ((0.0, 0.0), (0.0, 0.5), (1.0, 0.0), (0.3, -0.7), (0.5, 1.0)))
OTHER = Dial("other", ("y",), ((0.0,), (1.0,), (0.25,)))
TWO_QUBIT = {
    "cz": cirq.CZPowGate,
    "syc": cirq_google.SycamoreGate,
    "sqrt_iswap": cirq.ISwapPowGate,
}


def pair_for(processor, gate):
    """The lightest coupler of a processor whose best gate this is."""
    device = virtual_device(processor)
    weights = device.calibrated_pairs()
    return min((p for p in weights if device.gate(p) == gate), key=weights.__getitem__)


PLACES = [
    ("rainbow", "syc"),
    ("rainbow", "sqrt_iswap"),
    ("weber", "syc"),
    ("weber", "sqrt_iswap"),
    ("willow_pink", "cz"),
]


def values_at(dials, positions):
    return {
        symbol: value
        for dial, position in zip(dials, positions, strict=True)
        for symbol, value in zip(dial.symbols, dial.positions[position], strict=True)
    }


def native_values(native, dials, positions):
    """The native symbols where the original dials stand at these positions."""
    columns = native.columns([np.array([p], dtype=np.uint8) for p in positions], dials)
    return values_at(native.dials, [int(column[0]) for column in columns])


def all_positions(dials):
    return product(*(range(len(dial.positions)) for dial in dials))


def assert_equal_up_to_phase(native, circuit, dials, qubits, measured=()):
    """At every joint position; a phase of a qubit before its measurement does not count."""
    bare = cirq.Circuit(op for op in native.circuit.all_operations() if not cirq.is_measurement(op))
    plain = cirq.Circuit(op for op in circuit.all_operations() if not cirq.is_measurement(op))
    size = 2 ** len(qubits)
    numbers = np.arange(size)
    seen = [q in measured for q in qubits]
    for positions in all_positions(dials):
        values = native_values(native, dials, positions)
        assert set(values) == cirq.parameter_names(native.circuit)
        one = cirq.resolve_parameters(bare, values).unitary(
            qubit_order=qubits, qubits_that_should_be_present=qubits
        )
        other = cirq.resolve_parameters(plain, values_at(dials, positions)).unitary(
            qubit_order=qubits, qubits_that_should_be_present=qubits
        )
        difference = one @ other.conj().T
        # Blocks of equal bits of the measured qubits must be one phase each.
        blocks = np.zeros(size, dtype=np.int64)
        for i, flag in enumerate(seen):
            if flag:
                blocks = 2 * blocks + (numbers >> (len(qubits) - 1 - i) & 1)
        for block in np.unique(blocks):
            rows = np.flatnonzero(blocks == block)
            part = difference[np.ix_(rows, rows)]
            phase = part[0, 0]
            assert abs(phase) == pytest.approx(1, abs=1e-6)
            np.testing.assert_allclose(part, phase * np.eye(rows.size), atol=1e-6)


def two_qubit_circuit(a, b, seed):
    """Fixed gates of many kinds, with dials between them."""
    rng = np.random.default_rng(seed)
    fixed = [cirq.CNOT(a, b), cirq.CZ(a, b) ** rng.uniform(), cirq.ISWAP(b, a) ** rng.uniform()]
    turns = [(cirq.X ** rng.uniform())(a), cirq.T(b), cirq.H(a), (cirq.Y ** rng.uniform())(b)]
    return cirq.Circuit(
        cirq.X(a) ** X,
        turns[seed % 4],
        cirq.Z(a) ** Z,
        fixed[seed % 3],
        cirq.Y(b) ** Y,
        turns[(seed + 1) % 4],
        cirq.SWAP(a, b) if seed == 4 else fixed[(seed + 1) % 3],
        turns[(seed + 2) % 4],
        turns[(seed + 3) % 4],
        cirq.S(b),
        fixed[(seed + 2) % 3],
    )


@pytest.mark.parametrize(("processor", "gate"), PLACES)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("measured", ["none", "one", "both"])
def test_a_native_circuit_does_the_same_at_every_position(processor, gate, seed, measured):
    device, (a, b) = virtual_device(processor), pair_for(processor, gate)
    circuit, dials = two_qubit_circuit(a, b, seed), (TURN, OTHER)
    qubits = {"none": (), "one": (b,), "both": (a, b)}[measured]
    if qubits:
        circuit.append(cirq.measure(*qubits, key="m"))
    native = compile_native(circuit, dials, device)
    assert_equal_up_to_phase(native, circuit, dials, (a, b), qubits)
    device.device.validate_circuit(native.circuit)
    resolved = cirq.resolve_parameters(native.circuit, native_values(native, dials, (3, 2)))
    device.device.validate_circuit(resolved)


@pytest.mark.parametrize("processor", VIRTUAL)
def test_three_entangled_qubits_do_the_same_with_one_gate_for_all(processor):
    device = virtual_device(processor)
    (a, c), (b, d) = best_chain(device, 2)
    circuit = cirq.Circuit(
        cirq.H(c),
        cirq.CNOT(c, a),
        cirq.X(a) ** X,
        cirq.CNOT(a, b),
        cirq.Z(b) ** Z,
        cirq.T(a),
        cirq.CZ(c, a),
        cirq.CNOT(b, d),
        cirq.measure(b, key="m"),
    )
    native = compile_native(circuit, (TURN,), device)
    assert_equal_up_to_phase(native, circuit, (TURN,), (a, b, c, d), (b,))
    used = [op.gate for op in native.circuit.all_operations() if cirq.num_qubits(op) == 2]
    assert len({type(gate) for gate in used}) == 1
    assert cirq.CZPowGate not in map(type, used) or processor == "willow_pink"


def kinds(circuit):
    return [type(op.gate) for op in circuit.all_operations() if not cirq.is_measurement(op)]


@pytest.mark.parametrize(("processor", "gate"), PLACES)
def test_only_the_best_gate_of_the_coupler_and_one_qubit_gates_are_left(processor, gate):
    device, (a, b) = virtual_device(processor), pair_for(processor, gate)
    circuit = cirq.Circuit(
        cirq.ry(0.3)(a),
        cirq.T(b),
        cirq.CNOT(a, b),
        cirq.X(b) ** X,
        cirq.Z(b) ** Z,
        cirq.ISWAP(a, b),
        cirq.measure(a, b),
    )
    found = set(kinds(compile_native(circuit, (TURN,), device).circuit))
    assert found <= {cirq.PhasedXZGate, cirq.ZPowGate, TWO_QUBIT[gate]}
    assert TWO_QUBIT[gate] in found


@pytest.mark.parametrize("processor", VIRTUAL)
def test_every_pair_of_a_circuit_takes_the_gate_of_its_own_coupler(processor):
    device = virtual_device(processor)
    pairs = best_pairs(device, 8)
    circuit = cirq.Circuit(
        (cirq.CNOT(*pair) for pair in pairs),
        cirq.measure(*(q for pair in pairs for q in pair), key="m"),
    )
    native = compile_native(circuit, (), device)
    used = {}
    for op in native.circuit.all_operations():
        if len(op.qubits) == 2 and not cirq.is_measurement(op):
            used.setdefault(frozenset(op.qubits), set()).add(type(op.gate))
    expected = {frozenset(pair): {TWO_QUBIT[device.gate(pair)]} for pair in pairs}
    assert used == expected
    if processor == "weber":
        assert len(set().union(*used.values())) == 2


@pytest.mark.parametrize(("processor", "gate"), PLACES)
def test_a_cnot_takes_as_many_gates_as_its_weight_counts(processor, gate):
    """Prepared by dials, measured with masks: one gate more on each qubit than between them."""
    device, (a, b) = virtual_device(processor), pair_for(processor, gate)
    circuit = cirq.Circuit(
        cirq.X(a) ** X,
        cirq.Z(a) ** Z,
        cirq.Y(b) ** Y,
        cirq.CNOT(a, b),
        cirq.H(a),
        cirq.X(a) ** sympy.Symbol("m"),
        cirq.X(b) ** sympy.Symbol("n"),
        cirq.measure(a, b, key="m"),
    )
    masks = tuple(Dial(name, (name,), ((0.0,), (1.0,))) for name in "mn")
    native = compile_native(circuit, (TURN, OTHER, *masks), device, {"m", "n"})
    found = kinds(native.circuit)
    count = 1 if gate == "cz" else 2
    assert found.count(TWO_QUBIT[gate]) == count
    assert found.count(cirq.PhasedXZGate) <= 2 * (count + 1)
    assert len(native.circuit) == 2 * count + 2


def test_all_measurements_are_in_the_last_moment_and_nothing_else_is():
    device = virtual_device("weber")
    (a, b), (c, d) = best_pairs(device, 2)
    circuit = cirq.Circuit(
        cirq.measure(d, key="early"),
        cirq.CNOT(a, b),
        cirq.X(c) ** 0.3,
        cirq.measure(c, b, key="late", invert_mask=(True, False)),
        cirq.H(a),
        cirq.measure(a, key="last"),
    )
    native = compile_native(circuit, (), device)
    assert all(cirq.is_measurement(op) for op in native.circuit[-1])
    assert not any(cirq.is_measurement(op) for moment in native.circuit[:-1] for op in moment)
    assert set(native.circuit[-1]) == {
        op for op in circuit.all_operations() if cirq.is_measurement(op)
    }


def test_gates_come_as_late_as_they_can():
    """A qubit that waits in its ground state does not decay; one that was turned does."""
    device = virtual_device("weber")
    (a, b), (c, _) = best_pairs(device, 2)
    circuit = cirq.Circuit(cirq.X(c), cirq.H(a), cirq.CNOT(a, b), cirq.measure(a, b, c, key="m"))
    native = compile_native(circuit, (), device)
    assert native.circuit[-2].operation_at(c) is not None
    assert all(moment.operation_at(c) is None for moment in native.circuit[:-2])


def one_qubit(processor="willow_pink"):
    return best_pairs(virtual_device(processor), 1)[0][0]


def compiled(ops, dials, learner=(), measured=True):
    q = one_qubit()
    circuit = cirq.Circuit(op(q) for op in ops)
    if measured:
        circuit.append(cirq.measure(q, key="m"))
    native = compile_native(circuit, dials, virtual_device("willow_pink"), learner)
    assert_equal_up_to_phase(native, circuit, dials, (q,), (q,) if measured else ())
    return native


def test_one_qubit_gates_in_a_row_become_one():
    native = compiled([cirq.H, cirq.T, cirq.X**0.3, cirq.S], (), measured=False)
    assert kinds(native.circuit) == [cirq.PhasedXZGate]
    assert native.dials == ()


def test_a_phase_alone_stays_virtual_and_nothing_at_all_is_dropped():
    assert kinds(compiled([cirq.S, cirq.T], (), measured=False).circuit) == [cirq.ZPowGate]
    assert kinds(compiled([cirq.S, cirq.T], ()).circuit) == []
    assert kinds(compiled([cirq.H, cirq.H], (), measured=False).circuit) == []


def test_fixed_gates_merge_into_the_gate_of_a_dial():
    native = compiled([cirq.H, cirq.X**X, cirq.Z**Z, cirq.T, cirq.Y**0.2], (TURN,), measured=False)
    assert kinds(native.circuit) == [cirq.PhasedXZGate]
    ((dial,), (sources,)) = native.dials, native.sources
    assert sources == (0,)
    assert len(dial.positions) == len(TURN.positions)
    assert set(dial.symbols) == cirq.parameter_names(native.circuit)
    assert len(dial.symbols) == 3


def test_a_phase_before_a_measurement_takes_no_symbol():
    (dial,) = compiled([cirq.X**X, cirq.Z**Z], (TURN,)).dials
    assert len(dial.symbols) == 2


def test_a_dial_that_only_turns_the_phase_still_makes_a_gate():
    """Where it stands must not be seen in what the circuit does to the other qubits."""
    native = compiled([cirq.Z**Z], (TURN,), measured=False)
    assert kinds(native.circuit) == [cirq.PhasedXZGate]


def test_dials_of_the_learner_merge():
    native = compiled([cirq.X**X, cirq.Z**Z, cirq.Y**Y], (TURN, OTHER), {"turn", "other"})
    assert kinds(native.circuit) == [cirq.PhasedXZGate]
    assert native.sources == ((0, 1),)
    assert len(native.dials[0].positions) == 15


@pytest.mark.parametrize("learner", [(), ("turn",), ("other",)])
def test_dials_of_nature_merge_with_no_other(learner):
    native = compiled([cirq.X**X, cirq.Z**Z, cirq.Y**Y], (TURN, OTHER), learner)
    assert kinds(native.circuit) == [cirq.PhasedXZGate] * 2
    assert native.sources == ((0,), (1,))
    assert not set(native.dials[0].symbols) & set(native.dials[1].symbols)


def test_one_dial_may_make_several_gates():
    a, b = best_pairs(virtual_device("willow_pink"), 1)[0]
    circuit = cirq.Circuit(
        cirq.X(a) ** X, cirq.CZ(a, b), cirq.Y(a) ** Z, cirq.X(b) ** X, cirq.measure(a, b, key="m")
    )
    native = compile_native(circuit, (TURN,), virtual_device("willow_pink"))
    assert native.sources == ((0,), (0,), (0,))
    assert len({dial.name for dial in native.dials}) == 3
    assert_equal_up_to_phase(native, circuit, (TURN,), (a, b), (a, b))


def test_columns_number_joint_positions_with_the_last_dial_fastest():
    native = compiled([cirq.X**X, cirq.Z**Z, cirq.Y**Y], (TURN, OTHER), {"turn", "other"})
    table = (np.array([0, 1, 4, 2], np.uint8), np.array([2, 0, 2, 1], np.uint8))
    (column,) = native.columns(table, (TURN, OTHER))
    assert column.tolist() == [2, 3, 14, 7]


def test_many_joint_positions_do_not_overflow():
    """Two dials of twenty positions have four hundred together."""
    values = tuple((k / 20,) for k in range(20))
    dials = (Dial("p", ("x",), values), Dial("q", ("z",), values))
    native = compiled([cirq.X**X, cirq.Z**Z, cirq.H], dials, {"p", "q"})
    (column,) = native.columns((np.array([19], np.uint8), np.array([18], np.uint8)), dials)
    assert column.tolist() == [398]


def weber_refuses(circuit, message, dials=()):
    with pytest.raises(ValueError, match=message) as error:
        compile_native(circuit, dials, virtual_device("weber"))
    assert "\n" not in str(error.value)


def test_a_dial_between_two_qubits_is_refused_by_name():
    a, b = best_pairs(virtual_device("weber"), 1)[0]
    op = cirq.CZ(a, b) ** X
    weber_refuses(cirq.Circuit(op, cirq.measure(a)), "couples two qubits by a dial", (TURN,))
    weber_refuses(cirq.Circuit(op, cirq.measure(a)), r"CZ\*\*x", (TURN,))


def test_a_gate_on_three_qubits_is_refused_by_name():
    (a, b), (c, _) = best_chain(virtual_device("weber"), 2)
    weber_refuses(cirq.Circuit(cirq.CCX(a, b, c), cirq.measure(a)), "more than two qubits")
    weber_refuses(cirq.Circuit(cirq.CCX(a, b, c), cirq.measure(a)), "TOFFOLI")


def test_a_pair_that_is_no_coupler_is_refused_by_name():
    a, b = cirq.GridQubit(3, 3), cirq.GridQubit(5, 5)
    weber_refuses(
        cirq.Circuit(cirq.CZ(a, b), cirq.measure(a)),
        r"weber has no coupler between q\(\d, \d\) and q\(\d, \d\)",
    )


def test_a_symbol_that_no_dial_sets_is_refused_by_name():
    q = one_qubit("weber")
    weber_refuses(cirq.Circuit(cirq.X(q) ** Y, cirq.measure(q)), "'y' .* set by no dial", (TURN,))


def test_a_measurement_before_the_end_is_refused():
    q = one_qubit("weber")
    weber_refuses(cirq.Circuit(cirq.measure(q), cirq.X(q)), "at its end")


def test_what_does_not_fit_the_device_is_refused_in_its_name():
    with pytest.raises(ValueError, match="weber refuses the compiled circuit") as error:
        compile_native(
            cirq.Circuit(cirq.X(cirq.GridQubit(90, 90)), cirq.measure(cirq.GridQubit(90, 90))),
            (),
            virtual_device("weber"),
        )
    assert "90" in str(error.value)


def three_on_a_line(errors):
    a, b, c = line = cirq.GridQubit.rect(1, 3)
    return Device(
        "three",
        cirq.UNCONSTRAINED_DEVICE,
        nx.Graph([(a, b), (b, c)]),
        ("cz", "syc", "sqrt_iswap"),
        {(a, b): errors[0], (b, c): errors[1]},
        dict.fromkeys(line, 0.001),
        dict.fromkeys(line, (0.01, 0.02)),
        {},
        None,
    )


@pytest.mark.parametrize(
    ("errors", "gate"),
    [
        (({"syc": 0.01}, {"syc": 0.02}), "syc"),
        (({"syc": 0.01, "sqrt_iswap": 0.02}, {"syc": 0.02, "sqrt_iswap": 0.001}), "sqrt_iswap"),
        (({"syc": 0.01, "sqrt_iswap": 0.05}, {"syc": 0.02, "sqrt_iswap": 0.01}), "syc"),
        (({"cz": 0.001, "syc": 0.01}, {"syc": 0.02, "sqrt_iswap": 0.01}), "syc"),
    ],
)
def test_an_entangled_group_takes_the_best_gate_that_all_its_couplers_share(errors, gate):
    a, b, c = cirq.GridQubit.rect(1, 3)
    circuit = cirq.Circuit(cirq.CNOT(a, b), cirq.CNOT(b, c), cirq.measure(a, b, c, key="m"))
    native = compile_native(circuit, (), three_on_a_line(errors))
    assert TWO_QUBIT[gate] in kinds(native.circuit)
    assert set(kinds(native.circuit)) <= {cirq.PhasedXZGate, cirq.ZPowGate, TWO_QUBIT[gate]}
    assert_equal_up_to_phase(native, circuit, (), (a, b, c), (a, b, c))


def test_couplers_that_share_no_gate_are_refused():
    a, b, c = cirq.GridQubit.rect(1, 3)
    circuit = cirq.Circuit(cirq.CNOT(a, b), cirq.CNOT(b, c), cirq.measure(a, b, c, key="m"))
    device = three_on_a_line(({"syc": 0.01}, {"sqrt_iswap": 0.02}))
    with pytest.raises(ValueError, match="of three share no calibrated gate"):
        compile_native(circuit, (), device)
    # Apart from each other they may differ.
    alone = cirq.Circuit(cirq.CNOT(a, b), cirq.X(c), cirq.measure(a, b, c, key="m"))
    assert TWO_QUBIT["syc"] in kinds(compile_native(alone, (), device).circuit)


def test_a_device_without_a_calibration_takes_the_first_gate_that_it_accepts():
    device = dataclasses.replace(three_on_a_line(({}, {})), gate_errors={})
    a, b, _ = cirq.GridQubit.rect(1, 3)
    native = compile_native(cirq.Circuit(cirq.CNOT(a, b), cirq.measure(a, b)), (), device)
    assert kinds(native.circuit).count(cirq.CZPowGate) == 1


@pytest.mark.parametrize(("gate", "native"), [("sycamore", "syc"), ("iswap", "sqrt_iswap")])
def test_a_chain_has_the_gate_that_its_circuit_is_made_of(gate, native):
    """For a Bell measurement all its couplers would have the same one."""
    device = virtual_device("weber")
    chain = best_chain(device, 4)
    systems = [system for system, _ in chain]
    fsim = cirq.FSimGate(np.pi / 2, np.pi / 6)
    made_of, each = (fsim, 1) if gate == "sycamore" else (cirq.ISWAP, 2)
    circuit = cirq.Circuit(made_of(a, b) for a, b in pairwise(systems))
    assert {device.gate(pair) for pair in pairwise(systems)} == {"sqrt_iswap"}
    compiled_circuit = compile_native(circuit, (), device).circuit
    pairs = [op for op in compiled_circuit.all_operations() if len(op.qubits) == 2]
    assert {type(op.gate) for op in pairs} == {TWO_QUBIT[native]}
    assert len(pairs) == 3 * each


# Barriers.


def walled(*parts):
    """A circuit of these parts with barriers between them."""
    circuit = cirq.Circuit(parts[0])
    for part in parts[1:]:
        circuit += cirq.Circuit(cirq.Moment(BARRIER)) + cirq.Circuit(part)
    return circuit


@pytest.mark.parametrize("processor", ["weber", "willow_pink"])
def test_gates_stay_on_their_side_of_a_barrier(processor):
    device = virtual_device(processor)
    a, b = pair = best_pairs(device, 1)[0]
    parts = [cirq.H.on_each(*pair)], [cirq.X(b) ** 0.3], [cirq.CZ(a, b), cirq.X(b) ** 0.2]
    native = compile_native(walled(*parts), (), device).circuit
    alone = [compile_native(cirq.Circuit(part), (), device).circuit for part in parts]
    # The last moment of each holds measurements, of which there are none here.
    assert native[:-1] == sum((circuit[:-1] for circuit in alone), cirq.Circuit())
    merged = compile_native(cirq.Circuit(parts), (), device).circuit
    assert len(merged) < len(native)


def test_a_barrier_keeps_the_layers_of_all_groups_side_by_side():
    device = virtual_device("willow_pink")
    (a, b), (c, _) = best_pairs(device, 2)
    layer = [cirq.CZ(a, b)]
    circuit = walled(*([cirq.X(c) ** 0.3, *layer] for _ in range(3)))
    native = compile_native(circuit, (), device).circuit
    waiting = [k for k, moment in enumerate(native) if moment.operates_on_single_qubit(c)]
    coupled = [k for k, moment in enumerate(native) if moment.operates_on_single_qubit(a)]
    # Cirq puts what is alone as far to the right as it goes: into the moments of the couplings.
    assert waiting == coupled
    assert len(waiting) == 3


def test_a_dial_on_both_sides_of_a_barrier_is_two_gates():
    device = virtual_device("willow_pink")
    (a, _) = best_pairs(device, 1)[0]
    turn = Dial("turn", ("s",), ((0.0,), (1.0,)))
    gate = [cirq.X(a) ** sympy.Symbol("s")]
    native = compile_native(walled(gate, gate), (turn,), device)
    assert len(list(native.circuit.all_operations())) == 2
    assert native.joined().sources == ((0,),)
