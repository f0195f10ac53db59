"""Errors that are looked up by qubits, against Cirq's own model."""

import cirq
import cirq_google
import pytest
from cirq.devices.noise_utils import PHYSICAL_GATE_TAG, OpIdentifier

from quantum_advantage.backends.devices.device_noise import DeviceNoise, ErrorsByQubits, usable

LINE = cirq.LineQubit.range(3)


def native_circuit(properties, layers=4):
    """Every qubit is turned, and all couplers of one direction act, in turn."""
    qubits = sorted(properties.qubits)
    pairs = [
        pair
        for kind, pair in ((one.gate_type, one.qubits) for one in properties.gate_pauli_errors)
        if kind is cirq.CZPowGate and pair[0] < pair[1]
    ]
    moments = []
    for layer in range(layers):
        moments.append(
            cirq.Moment(
                cirq.PhasedXZGate(x_exponent=0.5, z_exponent=0.1 * layer, axis_phase_exponent=0.2)(
                    q
                )
                for q in qubits
            )
        )
        busy, gates = set(), []
        for pair in pairs[layer:]:
            if not busy & set(pair):
                busy |= set(pair)
                gates.append(cirq.CZ(*pair))
        moments.append(cirq.Moment(gates))
    return cirq.Circuit(moments, cirq.measure(*qubits, key="m"))


@pytest.mark.parametrize("name", ["rainbow", "willow_pink"])
def test_the_noise_is_that_of_googles_own_model(name):
    properties = cirq_google.engine.load_device_noise_properties(name)
    stock = cirq_google.NoiseModelFromGoogleNoiseProperties(usable(properties))
    circuit = native_circuit(properties)
    assert circuit.with_noise(DeviceNoise(name, properties)) == circuit.with_noise(stock)


@pytest.mark.parametrize("prepend", [False, True])
@pytest.mark.parametrize("tagged", [False, True])
def test_the_most_specific_error_is_added_on_the_same_side(prepend, tagged):
    a, b, c = LINE
    added = {
        OpIdentifier(cirq.Gate): cirq.bit_flip(0.1)(c),
        OpIdentifier(cirq.XPowGate): cirq.bit_flip(0.2)(c),
        OpIdentifier(cirq.XPowGate, a): cirq.bit_flip(0.3)(a),
        OpIdentifier(cirq.CZPowGate, a, b): cirq.depolarize(0.1, 2)(a, b),
    }
    model = cirq.devices.InsertionNoiseModel(added, prepend=prepend, require_physical_tag=tagged)
    for op in (cirq.X(a), cirq.X(b), cirq.Y(a), cirq.CZ(a, b), cirq.CZ(b, a), cirq.X(a) ** 0.5):
        for tags in ((), (PHYSICAL_GATE_TAG,)):
            moment = cirq.Moment(op.with_tags(*tags))
            mine = ErrorsByQubits(model).noisy_moment(moment, LINE)
            assert cirq.Circuit(mine) == cirq.Circuit(model.noisy_moment(moment, LINE))


def test_an_operation_without_errors_stays_alone():
    moment = cirq.Moment(cirq.X(LINE[0]))
    assert ErrorsByQubits(cirq.devices.InsertionNoiseModel()).noisy_moment(moment, LINE) == [moment]
