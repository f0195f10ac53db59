import functools
import math

import cirq
import cirq_google
import numpy as np
import pytest
from calibration_examples import small, write_today

from quantum_advantage.backends.calibration_files import FOLDERS
from quantum_advantage.backends.devices.chips import chip_of, shipped_chip
from quantum_advantage.backends.devices.device_noise import DeviceNoise
from quantum_advantage.backends.devices.imperfections import ImperfectNoise
from quantum_advantage.backends.devices.virtual import open_virtual, virtual_noise, virtual_sampler
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.circuits.run import run
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.shared.calibration import exact_damping, fixed_damping_request

A, B, C, D = ROW = cirq.GridQubit.rect(1, 4)
SYC = "two_qubit_parallel_sycamore_gate_xeb_pauli_error_per_cycle"
SQRT_ISWAP = "two_qubit_parallel_sqrt_iswap_gate_xeb_pauli_error_per_cycle"


@functools.cache
def perfect():
    """A row of four qubits without any error, in all three gates."""
    each = {(q,): [0.0] for q in ROW}
    pairs = {pair: [0.0] for pair in ((A, B), (B, C), (C, D))}
    metrics = dict.fromkeys(("zero_error", "one_error", "sq_rb_pauli_error"), each)
    metrics |= dict.fromkeys(("cz_inferred_gate_error_pauli", SYC, SQRT_ISWAP), pairs)
    return chip_of("perfect", cirq_google.Calibration(metrics=metrics))


def imperfect(chip=None, **options):
    chip = chip or perfect()
    base = DeviceNoise("chip", chip.properties)
    return ImperfectNoise(base, chip.properties, chip.device.couplers, **options)


def state_of(circuit, qubits=ROW):
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    return simulator.simulate(circuit, qubit_order=qubits).final_density_matrix


def prepared(*qubits):
    """Different states of the qubits, none an eigenstate of anything that matters."""
    return cirq.Moment(
        cirq.PhasedXZGate(x_exponent=0.3 + 0.1 * i, z_exponent=0.2, axis_phase_exponent=0.1 * i)(q)
        for i, q in enumerate(qubits)
    )


def kept(state, qubits, whole=ROW):
    """The reduced density matrix of some qubits."""
    tensor = state.reshape((2,) * (2 * len(whole)))
    reduced = cirq.partial_trace(tensor, [whole.index(q) for q in qubits])
    return reduced.reshape((2 ** len(qubits),) * 2)


@pytest.mark.parametrize(
    ("gate", "turned"),
    [
        (cirq.CZ, cirq.CZ**1.03),
        (cirq_google.SYC, cirq.FSimGate(1.03 * math.pi / 2, 1.03 * math.pi / 6)),
        (cirq.SQRT_ISWAP, cirq.ISWAP**0.515),
        (cirq.SQRT_ISWAP_INV, cirq.ISWAP**-0.515),
    ],
)
def test_overrotation_turns_every_gate_too_far_by_the_fraction(gate, turned):
    noisy = cirq.Circuit(prepared(A, B), gate(A, B), gate(A, B)).with_noise(
        imperfect(overrotation=0.03)
    )
    ideal = cirq.Circuit(prepared(A, B), turned(A, B), turned(A, B))
    np.testing.assert_allclose(state_of(noisy, [A, B]), state_of(ideal, [A, B]), atol=1e-7)


def test_without_imperfections_the_noise_is_googles():
    chip = shipped_chip("weber")
    noise = ImperfectNoise(virtual_noise("weber"), chip.properties, chip.device.couplers)
    a, b, c = cirq.GridQubit(3, 3), cirq.GridQubit(3, 4), cirq.GridQubit(3, 5)
    circuit = cirq.Circuit(
        prepared(a, b, c), cirq_google.SYC(a, b), cirq.Z(c) ** 0.3, cirq.measure(a, b, c)
    )
    assert circuit.with_noise(noise) == circuit.with_noise(virtual_noise("weber"))
    with pytest.raises(ValueError, match="holds no error of CZ"):
        cirq.Circuit(cirq.CZ(a, b)).with_noise(noise)


def test_errors_come_on_top_of_the_noise_of_the_calibration():
    """An over-rotated gate of a noisy chip: the noise of the gate, then the turn."""
    chip = chip_of("small", cirq_google.Calibration(metrics=small()))
    circuit = cirq.Circuit(prepared(A, B), cirq.CZ(A, B))
    noisy = circuit.with_noise(imperfect(chip, overrotation=0.05))
    google = cirq_google.NoiseModelFromGoogleNoiseProperties(chip.properties)
    expected = circuit.with_noise(google) + cirq.Circuit((cirq.CZ**0.05)(A, B))
    np.testing.assert_allclose(state_of(noisy, [A, B]), state_of(expected, [A, B]), atol=1e-7)


def test_crosstalk_is_what_a_coupling_to_a_random_neighbour_does():
    angle = 0.3
    gates = cirq.Circuit(prepared(*ROW), cirq.Moment(cirq.CZ(A, B), cirq.CZ(C, D)))
    found = kept(state_of(gates.with_noise(imperfect(crosstalk=angle))), [A, B])
    # The neighbour C maximally mixed, and coupled for good.
    mixed = cirq.Circuit(
        prepared(A, B), cirq.CZ(A, B), cirq.depolarize(0.75)(C), cirq.ZZ(B, C) ** (angle / math.pi)
    )
    np.testing.assert_allclose(found, kept(state_of(mixed), [A, B]), atol=1e-7)
    alone = kept(state_of(gates), [A, B])
    assert abs(found - alone).max() > 0.005


def test_crosstalk_is_between_simultaneous_gates_on_neighbours_alone():
    noise = imperfect(crosstalk=0.3)

    def flipped(*moments):
        noisy = cirq.Circuit(moments).with_noise(noise)
        return {
            op.qubits[0]
            for op in noisy.all_operations()
            if isinstance(op.gate, cirq.PhaseFlipChannel)
        }

    assert flipped(cirq.Moment(cirq.CZ(A, B), cirq.CZ(C, D))) == {B, C}
    assert flipped(cirq.Moment(cirq.CZ(A, B)), cirq.Moment(cirq.CZ(C, D))) == set()
    assert flipped(cirq.Moment(cirq.CZ(B, C)), prepared(A, D)) == set()


def test_several_neighbours_flip_as_often_as_one_after_the_other():
    chip = shipped_chip("willow_pink")
    noise = ImperfectNoise(
        virtual_noise("willow_pink"), chip.properties, chip.device.couplers, crosstalk=0.4
    )
    # (5, 5) has the gates of (4, 5) and (6, 5) beside its own.
    pairs = [((5, 5), (5, 6)), ((4, 5), (4, 4)), ((6, 5), (6, 4))]
    moment = cirq.Moment(cirq.CZ(cirq.GridQubit(*a), cirq.GridQubit(*b)) for a, b in pairs)
    flips = {
        op.qubits[0]: op.gate.p
        for op in cirq.Circuit(moment).with_noise(noise).all_operations()
        if isinstance(op.gate, cirq.PhaseFlipChannel)
    }
    one = math.sin(0.2) ** 2
    assert flips[cirq.GridQubit(5, 5)] == pytest.approx(2 * one * (1 - one))
    assert flips[cirq.GridQubit(4, 5)] == pytest.approx(one)


def test_pieces_stay_pairs():
    name = "qvm:willow_pink,crosstalk=0.1,drift=0.02,idling=0.1,overrotation=0.01"
    sampler = virtual_sampler(read_backend(name), 1)
    noise = sampler._inner._noise
    request = fixed_damping_request(12, 12)
    seen = []
    sampler._inner = type("Kept", (), {"sample_table": lambda self, r: seen.append(r) or {}})()
    with pytest.raises(KeyError):
        sampler.sample_table(request)
    (native,) = seen
    placed = split(native.circuit.with_noise(noise), native.dials)
    assert [one.piece.qubits for one in placed] == [2] * 12


def test_a_qubit_that_sits_out_a_gate_turns_by_its_detuning():
    noise = imperfect(idling=0.5, batch=3)
    circuit = cirq.Circuit(prepared(*ROW), cirq.CZ(A, B))
    found = state_of(circuit.with_noise(noise))
    # A CZ beside √iSWAP takes 32 ns; C and D sit it out.
    turns = [cirq.rz(2 * math.pi * noise.detuning(q) * 0.032)(q) for q in (C, D)]
    np.testing.assert_allclose(found, state_of(circuit + cirq.Circuit(turns)), atol=1e-7)
    assert noise.detuning(C) != noise.detuning(D)


def test_what_drifts_has_the_stated_spread_and_stays_in_a_batch():
    draws = [
        (noise.fraction([A, B]), noise.fraction([C, B]), noise.detuning(D))
        for batch in range(600)
        for noise in [imperfect(overrotation=0.1, drift=0.02, idling=0.3, batch=batch)]
    ]
    first, second, detuning = np.array(draws).T
    # Standard errors of a mean and of a standard deviation of 600 normal draws.
    for values, mean, spread in ((first, 0.1, 0.02), (second, 0.1, 0.02), (detuning, 0, 0.3)):
        assert abs(values.mean() - mean) < 4 * spread / 600**0.5
        assert abs(values.std() - spread) < 4 * spread / 1200**0.5
    assert abs(np.corrcoef([first, second, detuning])[np.triu_indices(3, 1)]).max() < 4 / 600**0.5
    same = imperfect(overrotation=0.1, drift=0.02, batch=5)
    assert same.fraction([A, B]) == same.fraction([B, A]) == draws[5][0]


def test_a_batch_drifts_as_its_seed_says():
    name = read_backend("qvm:weber,drift=0.05")
    request = fixed_damping_request(2, 600)

    def bits(seed):
        (record,) = run([request], virtual_sampler(name, seed))
        return {key: words.tobytes() for key, words in record.bits.items()}

    assert bits(1) == bits(1) != bits(2)
    one, other = (virtual_sampler(name, seed)._inner._noise for seed in (1, 2))
    assert one.batch != other.batch
    assert one == virtual_sampler(name, 1)._inner._noise


def test_a_preflight_sees_what_the_calibration_does_not_tell(tmp_path, monkeypatch):
    """One CZ of a Bell measurement is damped by (1 + cos πx)/2 (derived here).

    CZ^x multiplies |11⟩ by exp(iπx). Of X or Y on one qubit the half with the other bit 1 turns by
    πx, and the other half does not; X⊗X and Y⊗Y come from, or end in, such an operator.
    """
    monkeypatch.setenv(FOLDERS, "")
    # A calibration without angles: those of the shipped one would add in amplitude.
    plain = f"qvm:{write_today(tmp_path / 'today.json')}"
    factors = []
    for name in (plain, f"{plain},overrotation=0.08"):
        backend = open_virtual(name)
        factors.append(exact_damping(backend.make(1), 4)[:, 1:])
        np.testing.assert_array_equal(backend.damping(4), open_virtual(plain).damping(4))
    ratio = factors[1] / factors[0]
    np.testing.assert_allclose(ratio, (1 + math.cos(0.08 * math.pi)) / 2, rtol=1e-4)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("qvm:weber,overrotation=0", "qvm:weber"),
        ("qvm:weber,pairs=3.3-3.2,drift=1e-2", "qvm:weber,drift=0.01,pairs=3.3-3.2"),
        (
            "qvm:weber,overrotation=.5,idling=1,crosstalk=0.1",
            "qvm:weber,crosstalk=0.1,idling=1.0,overrotation=0.5",
        ),
    ],
)
def test_imperfections_are_part_of_the_name(text, spelling):
    name = read_backend(text)
    assert str(name) == spelling
    assert read_backend(spelling) == name
    plain = Spec("purity", "bell", 2, "qvm:weber", 4, 5, 1)
    assert (Spec("purity", "bell", 2, spelling, 4, 5, 1).id == plain.id) == (
        spelling == "qvm:weber"
    )


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("overrotation=0.6", "overrotation in 'qvm:weber,overrotation=0.6' must lie between 0 and"),
        ("drift=-0.1", "drift in .* must lie between 0 and 0.5"),
        ("crosstalk=2", "crosstalk in .* must lie between 0 and 1.5"),
        ("idling=11", "idling in .* must lie between 0 and 10"),
        ("idling=nan", "'idling' in .* must be a number"),
    ],
)
def test_an_imperfection_out_of_range_is_refused_by_name(option, message):
    with pytest.raises(ValueError, match=message) as error:
        read_backend(f"qvm:weber,{option}")
    assert "\n" not in str(error.value)


def test_a_real_processor_takes_no_imperfections():
    with pytest.raises(ValueError, match="unknown option 'drift'"):
        read_backend("engine:project/weber,drift=0.01")
