import itertools

import cirq
import cirq_google
import numpy as np
import pytest
import sympy
from native_requests import native_request

from quantum_advantage.backends.devices.gauges import (
    GAUGE,
    GAUGES,
    KINDS,
    gauge_dial,
    with_gauges,
)
from quantum_advantage.backends.devices.virtual import open_virtual, virtual_sampler
from quantum_advantage.backends.names import MITIGATION, read_backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.circuits.request import Dial, Request, resolver_values
from quantum_advantage.circuits.run import run
from quantum_advantage.tasks.shared.calibration import (
    exact_damping,
    fixed_damping_request,
    read_damping,
)

A, B = cirq.LineQubit.range(2)
DIAL = gauge_dial()
GATES = {"cz": cirq.CZ, "syc": cirq_google.SYC, "sqrt_iswap": cirq.SQRT_ISWAP}


def resolved(ops, position):
    return cirq.resolve_parameters(
        cirq.Circuit(ops), dict(zip(DIAL.symbols, DIAL.positions[position], strict=True))
    )


def test_names_of_gates_are_those_that_backends_take():
    assert tuple(KINDS) == MITIGATION["gauge"]
    assert {kind for kinds in KINDS.values() for kind in kinds} == set(KINDS["all"])


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("position", range(GAUGES))
def test_every_gauge_leaves_the_gates_as_they_are(name, position):
    gate = GATES[name]
    ops = [gate(A, B), cirq.X(A) ** 0.3, gate(B, A), cirq.Y(B) ** 0.2, gate(A, B)]
    gauged = resolved(list(with_gauges(ops, name)), position)
    cirq.testing.assert_allclose_up_to_global_phase(
        cirq.unitary(gauged), cirq.unitary(cirq.Circuit(ops)), atol=1e-12
    )
    assert sum(op.gate == gate for op in gauged.all_operations()) == 3


def test_the_gauges_of_cz_are_all_paulis():
    ops = list(with_gauges([cirq.CZ(A, B)], "cz"))
    first = ops[: ops.index(cirq.CZ(A, B))]
    found = {
        tuple(np.round(cirq.unitary(resolved([*first, cirq.I(A), cirq.I(B)], k)), 9).ravel())
        for k in range(GAUGES)
    }
    assert len(found) == 16


def test_bits_and_pairs_of_bits_are_balanced():
    bits = np.array(DIAL.positions)
    assert bits.shape == (GAUGES, 15)
    for i, j in itertools.combinations(range(15), 2):
        counts = np.bincount((2 * bits[:, i] + bits[:, j]).astype(int), minlength=4)
        assert counts.tolist() == [GAUGES // 4] * 4


def test_the_signs_of_the_errors_of_two_sycamore_gates_are_balanced_together():
    bits = np.array(DIAL.positions, dtype=int)
    za, zb, x, zc, zd, y = bits[:, :6].T
    signs = np.stack([za ^ zb, x, zc ^ zd, y])
    assert len({tuple(column) for column in signs.T}) == 16
    assert len({tuple(row) for row in bits[:, :4]}) == 16


def test_an_overrotation_of_cz_is_an_even_mixture_of_both_signs():
    """Averaged over the gauges CZ^x has no coherence between its parts 1 and ZZ (Pauli twirl)."""
    error, ops = cirq.CZ**0.2, [cirq.CZ(A, B)]
    total = 0
    for k in range(GAUGES):
        gauged = []
        for op in with_gauges(ops, "cz"):
            gauged += [op, error(A, B)] if op == cirq.CZ(A, B) else [op]
        u = cirq.unitary(cirq.CZ).conj() @ cirq.unitary(resolved(gauged, k))
        total = total + np.kron(u, u.conj()) / GAUGES
    paulis = [
        cirq.unitary(cirq.DensePauliString([a, b])) for a, b in itertools.product("IXYZ", repeat=2)
    ]
    matrix = np.array(
        [[np.trace(p @ (total @ q.ravel()).reshape(4, 4)) / 4 for q in paulis] for p in paulis]
    )
    np.testing.assert_allclose(matrix, np.diag(np.diag(matrix)), atol=1e-9)


def test_only_the_named_gates_are_gauged():
    ops = [cirq.CZ(A, B), cirq_google.SYC(A, B)]
    assert list(with_gauges(ops, "")) == list(with_gauges(ops, "sqrt_iswap")) == ops
    around = list(with_gauges(ops, "syc"))
    assert around[0] == ops[0]
    assert cirq.parameter_names(cirq.Circuit(around)) == {f"{GAUGE}_{c}" for c in (1, 2, 3)}


def test_the_other_qubit_of_a_long_circuit_uses_columns_again():
    ops = [cirq.CZ(A, B)] * 5
    assert cirq.parameter_names(cirq.Circuit(with_gauges(ops, "cz"))) == set(DIAL.symbols)


@pytest.mark.parametrize(("processor", "more"), [("willow_pink", 0), ("weber", 1)])
def test_gauges_are_merged_into_the_gates_beside(processor, more):
    """At most a layer between two gates is new, on the qubit that had nothing to do there."""
    request = fixed_damping_request(3, 48)
    plain = native_request(f"qvm:{processor}", request)
    gauged = native_request(f"qvm:{processor},gauge=all", request)
    counts = [
        [
            sum(
                len(op.qubits) == width and not cirq.is_measurement(op)
                for op in r.circuit.all_operations()
            )
            for width in (1, 2)
        ]
        for r in (plain, gauged)
    ]
    assert counts[1][1] == counts[0][1]
    assert counts[1][0] == counts[0][0] + 3 * more
    assert len(gauged.circuit) == len(plain.circuit)


@pytest.mark.parametrize("processor", ["weber", "willow_pink"])
def test_a_perfect_chip_shows_no_gauges(processor):
    sampler = virtual_sampler(read_backend(f"qvm:{processor},gauge=all"), 1)
    sampler._inner._noise = None
    request = fixed_damping_request(3, 240)
    (record,) = run([request], sampler)
    np.testing.assert_array_equal(read_damping(record, 3).factors(), 1)


def test_gauges_change_nothing_where_one_cz_makes_the_measurement():
    """Twirling keeps the diagonal of a channel's Pauli transfer matrix, which is what damps."""
    name = "qvm:willow_pink,overrotation=0.05"
    raw, gauged = (exact_damping(open_backend(n).make(1), 6) for n in (name, f"{name},gauge=cz"))
    np.testing.assert_allclose(gauged, raw, atol=2e-6)


def test_sampled_outcomes_under_gauges_are_damped_as_the_exact_laws_say():
    backend = open_backend("qvm:weber,gauge=all,overrotation=0.1")
    (record,) = run([fixed_damping_request(2, 24_000)], backend.make(3))
    found = read_damping(record, 2).factors()[:, 1:]
    exact = exact_damping(backend.make(1), 2)[:, 1:]
    assert (abs(found - exact) < 4.5 * np.sqrt((1 - exact**2) / 8000)).all()


def test_shots_of_one_setting_take_all_gauges_and_lone_shots_random_ones():
    plain = fixed_damping_request(1, 12 * GAUGES)
    native = native_request("qvm:willow_pink,gauge=cz", plain)
    assert len({tuple(c[row] for c in native.table) for row in range(plain.shots)}) == 12 * GAUGES
    lone = Request(
        plain.circuit, plain.dials, tuple(c[:12] for c in plain.table), 12, plain.learner
    )
    native = native_request("qvm:willow_pink,gauge=cz", lone)
    whole = native_request("qvm:willow_pink", lone)
    assert any(
        cirq.resolve_parameters(native.circuit, resolver_values(native, row))
        != cirq.resolve_parameters(whole.circuit, resolver_values(whole, row))
        for row in range(12)
    )


def test_gauges_are_part_of_the_name_and_other_values_are_refused():
    name = read_backend("qvm:weber,gauge=all,drift=0.01,pairs=3.3-3.2")
    assert str(name) == "qvm:weber,drift=0.01,gauge=all,pairs=3.3-3.2"
    assert read_backend(str(name)) == name
    assert name.gauge == "all"
    real = read_backend("engine:project/chip,gauge=cz")
    assert str(real) == "engine:chip,gauge=cz"
    assert (real.gauge, read_backend("qsim").gauge) == ("cz", "")
    with pytest.raises(ValueError, match=r"gauge in .* must be one of cz, syc, sqrt_iswap, all"):
        read_backend("qvm:weber,gauge=swap")
    place = open_virtual("qvm:weber").place
    other = open_virtual(str(read_backend("qvm:weber,gauge=all"))).on_pairs("x", lambda: place(1))
    assert read_backend(other.name).gauge == "all"


def test_symbols_of_gauges_are_taken():
    symbol = f"{GAUGE}_1"
    q = cirq.LineQubit(0)
    circuit = cirq.Circuit(cirq.X(q) ** sympy.Symbol(symbol), cirq.measure(q, key="m"))
    taken = Dial("mine", (symbol,), ((0.0,), (1.0,)))
    request = Request(circuit, (taken,), (np.zeros(4, np.uint8),), 4)
    open_backend("qvm:weber").make(1).sample_table(request)
    with pytest.raises(ValueError, match="symbols that begin with 'gauge_choice' are taken"):
        open_backend("qvm:weber,gauge=all").make(1).sample_table(request)
