import dataclasses
import math

import cirq
import cirq_google
import networkx as nx
import numpy as np
import pytest

from quantum_advantage.backends.devices.calibration import Device, describe, sorted_pair
from quantum_advantage.backends.devices.virtual import VIRTUAL, virtual_device

A, B, C, D = cirq.GridQubit.rect(2, 2)
ONE = {A: 0.001, B: 0.002, C: 0.003, D: 0.004}
READOUT = {A: (0.01, 0.05), B: (0.02, 0.06), C: (0.0, 0.0), D: (0.03, 0.01)}


def square(**changes):
    """Four qubits in a square: three couplers calibrated, that of C and D not."""
    known = {
        "name": "square",
        "device": cirq.UNCONSTRAINED_DEVICE,
        "couplers": nx.Graph([(A, B), (A, C), (B, D), (C, D)]),
        "accepted": ("cz", "syc", "sqrt_iswap"),
        "gate_errors": {
            (A, B): {"syc": 0.01, "sqrt_iswap": 0.008},
            (A, C): {"syc": 0.01, "sqrt_iswap": 0.02},
            (B, D): {"cz": 0.015, "syc": 0.01},
        },
        "one_qubit_errors": ONE,
        "readout_errors": READOUT,
        "t1": {A: 10.0, B: 20.0, C: 30.0, D: 60.0},
        "calibrated": None,
    }
    return Device(**(known | changes))


def test_damping_is_the_product_of_the_factors_of_gates_and_readouts():
    (row,) = square().damping([(A, B)])
    # Two sqrt-iSWAPs, three gates on each qubit; 1 - e0 - e1 of the system and of the memory.
    g = (1 - 16 / 15 * 0.008) ** 2 * (1 - 4 / 3 * 0.001) ** 3 * (1 - 4 / 3 * 0.002) ** 3
    np.testing.assert_allclose(row, [1, g * 0.94, g * 0.94 * 0.92, g * 0.92], rtol=1e-12)


def test_a_cnot_takes_one_cz_and_two_gates_on_each_qubit():
    (row,) = square().damping([(D, B)])
    g = (1 - 16 / 15 * 0.015) * (1 - 4 / 3 * 0.004) ** 2 * (1 - 4 / 3 * 0.002) ** 2
    np.testing.assert_allclose(row, [1, g * 0.96, g * 0.96 * 0.92, g * 0.92], rtol=1e-12)


def test_the_first_qubit_of_a_pair_is_the_system_that_tells_x():
    (one,), (other,) = square().damping([(A, B)]), square().damping([(B, A)])
    np.testing.assert_allclose(other, one[[0, 3, 2, 1]], rtol=1e-12)
    assert one[1] != pytest.approx(one[3], rel=1e-3)


@pytest.mark.parametrize("pair", [(A, B), (C, A), (B, D)])
def test_the_weight_is_the_logarithm_of_what_the_damping_costs(pair):
    device = square()
    (row,) = device.damping([pair])
    assert device.weight(pair) == pytest.approx(-0.5 * math.log(row.prod()), rel=1e-12)


def test_a_pair_weighs_the_same_in_both_directions():
    device = square()
    assert device.weight((A, B)) == device.weight((B, A))
    assert device.gate((A, B)) == device.gate((B, A))
    assert sorted_pair((B, A)) == sorted_pair((A, B)) == (A, B)


def test_every_coupler_takes_the_gate_that_damps_it_least():
    device = square()
    assert [device.gate(pair) for pair in ((A, B), (A, C), (B, D))] == ["sqrt_iswap", "syc", "cz"]
    for pair, errors in device.gate_errors.items():
        assert device.weight(pair) == min(device.weight(pair, gate) for gate in errors)
        assert device.weight(pair) == device.weight(pair, device.gate(pair))


def test_one_cz_may_have_a_larger_error_than_each_of_two_sycamore_gates():
    errors = {(A, B): {"cz": 0.019, "syc": 0.01}, (A, C): {"cz": 0.028, "syc": 0.01}}
    device = square(gate_errors=errors)
    assert device.gate((A, B)) == "cz"
    assert device.gate((A, C)) == "syc"


def test_a_gate_without_data_is_never_chosen():
    assert square().weight((A, B), "cz") == math.inf
    assert square().gate((A, B)) != "cz"


@pytest.mark.parametrize("ask", [Device.gate, Device.weight, lambda d, p: d.damping([p])])
def test_a_pair_that_is_no_coupler_is_refused_by_name(ask):
    with pytest.raises(ValueError, match=r"square has no coupler between") as error:
        ask(square(), (A, D))
    assert str(A) in str(error.value)
    assert str(D) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("ask", [Device.gate, Device.weight, lambda d, p: d.damping([p])])
@pytest.mark.parametrize(
    ("pair", "changes"),
    [
        ((C, D), {}),
        ((A, B), {"readout_errors": {q: e for q, e in READOUT.items() if q != B}}),
        ((A, B), {"one_qubit_errors": {q: e for q, e in ONE.items() if q != A}}),
    ],
)
def test_a_coupler_whose_calibration_is_incomplete_is_refused_by_name(ask, pair, changes):
    with pytest.raises(ValueError, match="of square is not calibrated") as error:
        ask(square(**changes), pair)
    assert f"between {pair[0]} and {pair[1]}" in str(error.value)
    assert "\n" not in str(error.value)


def test_an_empty_calibration_leaves_the_couplers_and_predicts_nothing():
    device = square(gate_errors={}, one_qubit_errors={}, readout_errors={})
    assert device.damping([(A, B)]) is None
    assert device.gate((A, B)) == "cz"
    assert device.calibrated_pairs() == {}
    with pytest.raises(ValueError, match="not calibrated"):
        device.weight((A, B))
    with pytest.raises(ValueError, match="no coupler"):
        device.gate((A, D))


def test_calibrated_pairs_are_those_with_data_and_a_signal():
    assert set(square().calibrated_pairs()) == {(A, B), (A, C), (B, D)}
    for pair, weight in square().calibrated_pairs().items():
        assert weight == square().weight(pair)
    blind = square(readout_errors=READOUT | {A: (0.5, 0.5)})
    assert set(blind.calibrated_pairs()) == {(B, D)}
    unknown = square(readout_errors={A: (0.0, 0.1), B: (0.0, 0.1), C: (0.0, 0.1)})
    assert set(unknown.calibrated_pairs()) == {(A, B), (A, C)}
    errors = {(A, B): {"syc": 0.95}, (B, D): {"cz": 0.1}}
    assert set(square(gate_errors=errors).calibrated_pairs()) == {(B, D)}


def test_medians_are_those_of_the_calibration():
    medians = square().medians()
    assert medians == {
        "cz error": 0.015,
        "syc error": 0.01,
        "sqrt_iswap error": pytest.approx(0.014),
        "1q error": pytest.approx(0.0025),
        "readout 0": pytest.approx(0.015),
        "readout 1": pytest.approx(0.03),
        "T1 us": 25.0,
    }
    empty = square(gate_errors={}, one_qubit_errors={}, readout_errors={}, t1={})
    assert empty.medians() == {}


class WithGates(cirq.Device):
    """A device with two qubits and some gates."""

    def __init__(self, *gates):
        self.gates = gates

    @property
    def metadata(self):
        return cirq.GridDeviceMetadata([(B, A)], gateset=cirq.Gateset(*self.gates))


def some_properties():
    def of(gate, *qubits):
        return cirq.devices.noise_utils.OpIdentifier(gate, *qubits)

    errors = {of(cirq.PhasedXZGate, A): 0.001, of(cirq.PhasedXZGate, B): 0.002}
    for pair in ((A, B), (B, A)):
        errors[of(cirq.CZPowGate, *pair)] = 0.01
        errors[of(cirq_google.SycamoreGate, *pair)] = 0.02
    return cirq_google.GoogleNoiseProperties(
        gate_times_ns={
            cirq.PhasedXZGate: 25.0,
            cirq.ZPowGate: 0.0,
            cirq.CZPowGate: 30.0,
            cirq_google.SycamoreGate: 12.0,
        },
        t1_ns={A: 10_000.0, B: 25_000.0},
        tphi_ns={A: 1e9, B: 1e9},
        readout_errors={A: [0.01, 0.05], B: [0.02, 0.06]},
        gate_pauli_errors=errors,
    )


def test_a_device_is_read_from_its_specification_and_its_calibration():
    device = describe("two", WithGates(cirq.CZPowGate), some_properties(), None)
    assert (device.name, device.accepted, device.calibrated) == ("two", ("cz",), None)
    assert sorted(device.couplers.edges) == [(A, B)]
    assert device.gate_errors == {(A, B): {"cz": 0.01}}
    assert device.one_qubit_errors == {A: 0.001, B: 0.002}
    assert device.readout_errors == {A: (0.01, 0.05), B: (0.02, 0.06)}
    assert device.t1 == {A: 10.0, B: 25.0}


def test_what_the_specification_does_not_allow_is_left_out_though_it_is_calibrated():
    both = describe(
        "two", WithGates(cirq.CZPowGate, cirq_google.SycamoreGate), some_properties(), None
    )
    assert both.gate_errors == {(A, B): {"cz": 0.01, "syc": 0.02}}
    (only,) = describe(
        "two", WithGates(cirq_google.SycamoreGate), some_properties(), None
    ).gate_errors.values()
    assert only == {"syc": 0.02}


def test_a_device_without_known_gates_or_couplers_is_refused():
    with pytest.raises(ValueError, match="odd accepts none of the gates cz, syc, sqrt_iswap"):
        describe("odd", WithGates(cirq.PhasedXZGate), some_properties(), None)
    with pytest.raises(ValueError, match="specification of odd does not say"):
        describe("odd", cirq.UNCONSTRAINED_DEVICE, some_properties(), None)


@pytest.mark.parametrize("processor", VIRTUAL)
def test_every_coupler_of_a_processor_takes_its_best_calibrated_gate(processor):
    device = virtual_device(processor)
    chosen = set()
    for pair, errors in device.gate_errors.items():
        gate = device.gate(pair)
        chosen.add(gate)
        lone = [
            dataclasses.replace(device, gate_errors={pair: {name: error}}).damping([pair])[0]
            for name, error in errors.items()
        ]
        best = list(errors)[int(np.argmax([row.prod() for row in lone]))]
        assert gate == best
    assert chosen == ({"cz"} if processor == "willow_pink" else {"syc", "sqrt_iswap"})
