import dataclasses
import functools

import cirq
import numpy as np
import pytest
from native_requests import native_request

from quantum_advantage.backends.devices.gauges import gauge_dial
from quantum_advantage.backends.devices.mitigation import SEQUENCES, Mitigation, decoupled
from quantum_advantage.backends.devices.native import compile_native
from quantum_advantage.backends.devices.virtual import virtual_device, virtual_noise
from quantum_advantage.backends.names import MITIGATION, read_backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.laws import laws_of
from quantum_advantage.backends.simulators.splitting import split, without_the_measured
from quantum_advantage.circuits.request import resolver_values
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.shared.calibration import fixed_damping_request
from quantum_advantage.tasks.shared.evolution_requests import bell_uses_on_chain

BELL = fixed_damping_request(4, 24)


@functools.cache
def chain_request():
    request = bell_uses_on_chain(draw_evolutions([True], 2, 5, "matched", depth=3), 2)
    return dataclasses.replace(request, twirled=False)  # without random masks


def chain_law(name, noise=None):
    """The exact law of one row of a circuit on a chain, with the noise of a backend or another."""
    native = native_request(name, chain_request())
    noise = open_backend(name).make(1)._inner._noise if noise is None else noise
    (placed,) = split(without_the_measured(native.circuit.with_noise(noise)), native.dials)
    shape = [len(dial.positions) for dial in placed.piece.dials]
    joint = int(np.ravel_multi_index([int(native.table[d][0]) for d in placed.dials], shape))
    law = laws_of(placed.piece).at([joint])[0].reshape((2,) * placed.piece.qubits)
    read = {q: (key, bit) for key, bit, q, _ in placed.outputs}
    return law.transpose(sorted(range(law.ndim), key=lambda q: read[q])).ravel()


def distance(one, other):
    return abs(one - other).sum() / 2


def test_names_of_sequences_are_those_that_backends_take():
    assert tuple(SEQUENCES) == MITIGATION["dd"]
    assert read_backend("engine:p/chip,dd=xx,gauge=cz").dd == "xx"
    assert str(read_backend("qvm:weber,gauge=cz,dd=xyxy")) == "qvm:weber,dd=xyxy,gauge=cz"
    assert (read_backend("qvm:weber").dd, read_backend("qsim").dd) == ("", "")
    with pytest.raises(ValueError, match=r"dd in 'qvm:weber,dd=zz' must be one of xx, yy, xyxy"):
        read_backend("qvm:weber,dd=zz")
    assert not Mitigation()
    assert Mitigation(gauge="cz")


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_pulses_fill_idle_moments_and_leave_the_circuit_as_it_is(sequence):
    plain = native_request("qvm:willow_pink", chain_request())
    filled = native_request(f"qvm:willow_pink,dd={sequence}", chain_request())
    assert len(filled.circuit) == len(plain.circuit)
    idle = [sum(len(moment.qubits) for moment in request.circuit) for request in (plain, filled)]
    assert idle[1] > idle[0] + 10
    # The calibration covers every pulse, and nothing waits.
    filled.circuit.with_noise(virtual_noise("willow_pink"))
    assert not any(isinstance(op.gate, cirq.IdentityGate) for op in filled.circuit.all_operations())
    for before, after in zip(plain.circuit, filled.circuit, strict=True):
        if any(len(op.qubits) == 2 for op in before):
            assert before == after
    laws = [
        chain_law(n, cirq.NO_NOISE) for n in ("qvm:willow_pink", f"qvm:willow_pink,dd={sequence}")
    ]
    np.testing.assert_allclose(*laws, atol=1e-6)


def test_nothing_is_asked_of_a_circuit_without_a_sequence():
    circuit = native_request("qvm:weber", BELL).circuit
    assert decoupled(circuit, "") is circuit


def test_decoupling_takes_back_what_detuned_qubits_do():
    steady = chain_law("qvm:willow_pink")
    drifting = "qvm:willow_pink,idling=0.3"
    assert distance(chain_law(drifting), steady) > 0.1
    filled = distance(chain_law(f"{drifting},dd=xx"), chain_law("qvm:willow_pink,dd=xx"))
    assert filled < 0.01
    assert distance(chain_law("qvm:willow_pink,dd=xx"), steady) < 0.02  # the price of the pulses


@pytest.mark.parametrize("processor", ["weber", "willow_pink"])
def test_pairs_have_no_idle_window_that_pulses_would_fill(processor):
    plain = native_request(f"qvm:{processor}", BELL)
    assert native_request(f"qvm:{processor},dd=xx", BELL).circuit == plain.circuit


def shaken(circuit, rng):
    """A circuit whose gates are matrices that are off by the rounding of another machine."""
    ops = []
    for op in circuit.all_operations():
        if cirq.is_measurement(op):
            ops.append(op)
            continue
        matrix = cirq.unitary(op)
        shift = rng.standard_normal(matrix.shape) + 1j * rng.standard_normal(matrix.shape)
        ops.append(cirq.MatrixGate(matrix + 1e-15 * shift)(*op.qubits))
    return cirq.Circuit(ops)


@pytest.mark.parametrize("processor", ["weber", "willow_pink"])
def test_mitigated_circuits_do_not_depend_on_rounding(processor):
    device = virtual_device(processor)
    pair = next(iter(device.calibrated_pairs()))
    circuit = cirq.Circuit(cirq.CNOT(*pair), cirq.H(pair[0]), cirq.measure(*pair, key="m"))
    rng = np.random.default_rng(1)
    mitigation = Mitigation("all", "xx")

    def native(given):
        found = compile_native(given, (gauge_dial(),), device, (), mitigation)
        return found.circuit, found.dials

    first = native(shaken(circuit, rng))
    for _ in range(10):
        assert native(shaken(circuit, rng)) == first


def test_mitigation_is_sent_to_the_processor_as_a_sweep():
    """One circuit with symbols for all gauges; parameter sets differ in their values alone."""
    native = native_request("qvm:weber,gauge=all,dd=xx", BELL)
    assert cirq.is_parameterized(native.circuit)
    values = {tuple(sorted(resolver_values(native, row).items())) for row in range(BELL.shots)}
    assert len(values) > 12
