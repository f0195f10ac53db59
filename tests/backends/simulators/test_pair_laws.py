"""Exact laws of pairs of bits, against density matrices and against outcomes that were drawn."""

from dataclasses import dataclass

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.devices.placed import PlacedSampler
from quantum_advantage.backends.devices.placement import best_pairs
from quantum_advantage.backends.devices.virtual import cost_on, virtual_device
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.noise import LocalNoise
from quantum_advantage.circuits.request import Dial, Request, resolver_values
from quantum_advantage.core.bits import unpack_bits

TURNS = ((0.0, 0.5), (0.3, 0.0), (1.0, 0.2), (0.5, 0.5))


def dial(name):
    return Dial(name, (f"y_{name}", f"z_{name}"), TURNS)


def turned(qubit, name):
    return [
        (cirq.Y ** sympy.Symbol(f"y_{name}"))(qubit),
        (cirq.Z ** sympy.Symbol(f"z_{name}"))(qubit),
    ]


def bell_request(pairs, shots=7, inverted=False, twirled=True, seed=3):
    """Pairs in product states of their own, through a Bell measurement."""
    qubits = cirq.LineQubit.range(2 * pairs)
    system, memory = qubits[::2], qubits[1::2]
    circuit = cirq.Circuit(turned(q, str(q.x)) for q in qubits)
    circuit += cirq.Circuit(cirq.CNOT(a, b) for a, b in zip(system, memory, strict=True))
    circuit += cirq.Circuit(cirq.H.on_each(*system))
    mask = (True,) + (False,) * (pairs - 1) if inverted else ()
    circuit.append(
        cirq.Moment(
            cirq.measure(*system, key="s", invert_mask=mask), cirq.measure(*memory, key="m")
        )
    )
    rng = np.random.default_rng(seed)
    table = tuple(rng.integers(0, len(TURNS), shots, dtype=np.uint8) for _ in qubits)
    dials = tuple(dial(str(q.x)) for q in qubits)
    return Request(circuit, dials, table, shots, twirled=twirled)


def before_the_measurement(circuit):
    """Leaves out the measurements, and any noise that comes too late to matter."""
    kept, measured = [], set()
    for op in circuit.all_operations():
        if cirq.is_measurement(op):
            measured |= set(op.qubits)
        elif not measured & set(op.qubits):
            kept.append(op)
    return cirq.Circuit(kept)


def by_density_matrices(request, noise, first, second):
    """Runs every shot's circuit as one density matrix, and sums its diagonal over the others."""
    keys = {cirq.measurement_key_name(op): op for op in request.circuit[-1]}
    found = []
    for shot in range(request.shots):
        resolved = cirq.resolve_parameters(request.circuit, resolver_values(request, shot))
        whole = resolved if noise is None else resolved.with_noise(noise)
        gates = before_the_measurement(whole)
        order = sorted(request.circuit.all_qubits())
        state = cirq.final_density_matrix(gates, qubit_order=order, dtype=np.complex128)
        law = np.diag(state).real.reshape((2,) * len(order))
        places = []
        for one, other in zip(keys[first].qubits, keys[second].qubits, strict=True):
            at = [order.index(one), order.index(other)]
            pair = np.einsum(law, list(range(len(order))), at)
            for axis, (key, qubit) in enumerate(((first, one), (second, other))):
                mask = keys[key].gate.full_invert_mask()
                if mask[keys[key].qubits.index(qubit)]:
                    pair = np.flip(pair, axis)
            places.append(pair)
        found.append(places)
    return np.array(found)


@dataclass(frozen=True)
class Readout(cirq.NoiseModel):
    """A readout that errs as p(1|0) and p(0|1), and nothing else."""

    up: float
    down: float

    def noisy_operation(self, operation):
        if not cirq.is_measurement(operation):
            return operation
        total = self.up + self.down
        channel = cirq.generalized_amplitude_damp(self.down / total, total)
        return [channel.on_each(*operation.qubits), operation]


NOISES = {
    "none": None,
    "local": LocalNoise(0.08, 0.05),
    "asymmetric": Readout(0.03, 0.2),
    "everywhere": cirq.ConstantQubitNoiseModel(cirq.amplitude_damp(0.1)),
}


@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("pairs", [1, 2])
def test_laws_are_those_of_density_matrices(noise, inverted, pairs):
    request = bell_request(pairs, inverted=inverted)
    laws = FactorisedSampler("qsim", noise).pair_laws(request, "s", "m")
    assert laws.shape == (7, pairs, 2, 2)
    expected = by_density_matrices(request, noise, "s", "m")
    np.testing.assert_allclose(laws, expected, atol=2e-6)
    # The dials matter: not all shots have one law.
    assert np.ptp(laws, axis=0).max() > 0.1


def test_other_order_of_the_keys_turns_the_laws_around():
    request, sampler = bell_request(2, inverted=True), FactorisedSampler("qsim", NOISES["local"])
    there, back = sampler.pair_laws(request, "s", "m"), sampler.pair_laws(request, "m", "s")
    np.testing.assert_allclose(back, there.swapaxes(2, 3), atol=1e-12)
    assert np.abs(there - back).max() > 0.05


def test_a_piece_of_three_qubits_gives_the_law_of_two():
    a, b, c = cirq.LineQubit.range(3)
    circuit = cirq.Circuit(
        cirq.ry(0.7)(a), cirq.CNOT(a, b), cirq.ry(1.1)(b), cirq.CNOT(b, c), cirq.ry(0.4)(c)
    )
    circuit.append(cirq.Moment(cirq.measure(c, key="s"), cirq.measure(a, key="m")))
    request = Request(circuit, (), (), 2)
    laws = FactorisedSampler("qsim", LocalNoise(0.1, 0.0)).pair_laws(request, "s", "m")
    noisy = circuit[:-1].with_noise(LocalNoise(0.1, 0.0))
    law = np.diag(cirq.final_density_matrix(noisy, dtype=np.complex128)).real.reshape(2, 2, 2)
    np.testing.assert_allclose(laws, np.tile(law.sum(axis=1).T, (2, 1, 1, 1)), atol=2e-6)


def test_bits_of_different_pieces_are_refused():
    a, b = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(cirq.H.on_each(a, b), cirq.measure(a, key="s"), cirq.measure(b, key="m"))
    with pytest.raises(ValueError, match="'s' and 'm' must come from common pieces"):
        FactorisedSampler().pair_laws(Request(circuit, (), (), 1), "s", "m")


@pytest.mark.parametrize("name", ["qsim:depolarize=0.05,readout=0.02", "qvm:weber"])
def test_outcomes_are_drawn_from_the_laws(name, p_of_law):
    shots = 30_000
    request = bell_request(2, shots=1)
    many = Request(
        request.circuit, request.dials, tuple(np.repeat(c, shots) for c in request.table), shots
    )
    backend = open_backend(name)
    laws = backend.make(0).pair_laws(request, "s", "m")
    bits = {key: unpack_bits(w, 2) for key, w in backend.make(9).sample_table(many).items()}
    for place in (0, 1):
        counts = np.bincount(2 * bits["s"][:, place] + bits["m"][:, place], minlength=4)
        assert p_of_law(counts, laws[0, place].ravel()) > 1e-4


# On a device.


def placed(noise, processor="weber"):
    device = virtual_device(processor)
    return PlacedSampler(
        device,
        lambda count: best_pairs(device, count),
        FactorisedSampler("qsim", noise),
        lambda circuit: None,
        0,
    )


@pytest.mark.parametrize("processor", ["weber", "willow_pink"])
def test_without_noise_a_device_gives_the_laws_of_the_circuit(processor):
    request = bell_request(2)
    laws = placed(None, processor).pair_laws(request, "s", "m")
    np.testing.assert_allclose(laws, by_density_matrices(request, None, "s", "m"), atol=5e-6)


@pytest.mark.parametrize("twirled", [True, False])
def test_a_twirled_readout_errs_alike_on_both_bits_and_an_untwirled_one_as_it_is(twirled):
    up, down = 0.04, 0.3
    request = bell_request(2, twirled=twirled)
    laws = placed(Readout(up, down)).pair_laws(request, "s", "m")
    clean = by_density_matrices(request, None, "s", "m")
    mean = (up + down) / 2
    errors = (mean, mean) if twirled else (up, down)
    # Columns: what the bit is; rows: how it is read.
    read = np.array([[1 - errors[0], errors[1]], [errors[0], 1 - errors[1]]])
    expected = np.einsum("ai,bj,tpij->tpab", read, read, clean)
    np.testing.assert_allclose(laws, expected, atol=5e-6)


def test_laws_sum_to_one_on_a_virtual_processor():
    laws = open_backend("qvm:rainbow").make(0).pair_laws(bell_request(3), "s", "m")
    np.testing.assert_allclose(laws.sum(axis=(2, 3)), 1, atol=1e-6)
    assert (laws > 0).all()


def test_laws_of_a_device_that_is_not_simulated_are_not_known():
    sampler, _ = cost_on(virtual_device("weber"))
    with pytest.raises(ValueError, match="weber are not known: it is not simulated"):
        sampler.pair_laws(bell_request(1), "s", "m")
