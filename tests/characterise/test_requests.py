import functools

import cirq
import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.characterise.blocks import Block
from quantum_advantage.characterise.characterisation import characterise
from quantum_advantage.characterise.layers import LAYERS, string_text, visited
from quantum_advantage.characterise.requests import (
    bell_pairs,
    layered_request,
    mean_signs,
    plus_states,
)
from quantum_advantage.circuits.run import run

LINE = cirq.LineQubit.range(8)
BLOCKS = [Block(tuple(LINE[:2]), tuple(LINE[2:4])), Block(tuple(LINE[4:6]), tuple(LINE[6:]))]
each_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))


@each_layer
@pytest.mark.parametrize("depth", [0, 2, 4, 6])
def test_without_noise_every_string_of_bell_pairs_comes_out(layer, depth):
    rng = np.random.default_rng(depth)
    for turned in layer.turns:
        asked = layered_request(BLOCKS, layer, turned, depth, 12, 3, rng)
        (record,) = run([asked.request], open_backend("qsim").make(1))
        found = mean_signs(asked, record)
        assert found.shape == (12, 2, 16)
        assert (found == 1).all()


def test_odd_depths_come_back_with_the_strings_of_one_layer():
    # Bell pairs behind one CZ on the systems: only strings that it leaves alone come out.
    asked = layered_request(BLOCKS, LAYERS["cz"], False, 1, 40, 50, np.random.default_rng(1))
    (record,) = run([asked.request], open_backend("qsim").make(1))
    found = mean_signs(asked, record).mean(axis=0)
    still = [string_text(s) in ("II", "ZI", "IZ", "ZZ") for s in range(16)]
    assert (found[:, still] == 1).all()
    assert np.abs(found[:, ~np.array(still)]).max() < 5 / np.sqrt(2000)


def test_odd_depths_are_refused_where_turns_follow():
    with pytest.raises(ValueError, match="depth must be even where quarter turns follow, not 3"):
        layered_request(BLOCKS, LAYERS["cz"], True, 3, 2, 1, np.random.default_rng(1))


def test_preparations_are_what_they_say():
    block = BLOCKS[0]
    vector = cirq.Circuit(bell_pairs(block)).final_state_vector(qubit_order=LINE[:4])
    assert np.abs(vector[[0, 5, 10, 15]]).round(6).tolist() == [0.5] * 4
    vector = cirq.Circuit(plus_states(block)).final_state_vector(qubit_order=LINE[:4])
    np.testing.assert_allclose(vector, 0.25, atol=1e-6)


class AfterCz(cirq.NoiseModel):
    """Noise behind every CZ that is no Pauli channel: it turns, couples and relaxes."""

    def noisy_operation(self, operation):
        if operation.gate != cirq.CZ:
            return operation
        a, b = operation.qubits
        return [operation, *channel(a, b)]


def channel(a, b):
    return [
        cirq.ISWAP(a, b) ** 0.06,
        cirq.X(a) ** 0.05,
        cirq.Z(b) ** 0.04,
        cirq.amplitude_damp(0.02)(a),
        cirq.depolarize(0.01)(b),
    ]


def twirled_eigenvalue(string):
    """tr(Q E(Q))/4 of the channel behind a CZ, by density matrices."""
    a, b = LINE[:2]
    q = functools.reduce(np.kron, (cirq.unitary(getattr(cirq, c)) for c in string_text(string)))
    states = [(np.eye(4) + sign * q) / 4 for sign in (1, -1)]
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    out = [
        simulator.simulate(cirq.Circuit(channel(a, b)), initial_state=state).final_density_matrix
        for state in states
    ]
    return np.trace(q @ (out[0] - out[1])).real / 2


def test_decays_are_those_of_the_twirled_channel_of_any_noise():
    exact = np.array([1.0, *map(twirled_eigenvalue, range(1, 16))])
    sampler = FactorisedSampler("qsim", AfterCz(), seed=1)
    found = characterise(sampler, BLOCKS[:1], LAYERS["cz"], (0, 2, 6), 100, 400, seed=2)
    misses = []
    for start, decay in found.decays.items():
        met = visited(LAYERS["cz"], start.turned, start.string)
        # The memories have no noise here.
        true = np.prod([exact[s.system] for s in met]) ** (1 / len(met))
        misses += ((decay.factors - true) / ((decay.high - decay.low) / 3.92)).tolist()
    assert len(misses) == 30
    # Strings share their shots, so the thirty deviates are not independent: a wide allowance.
    assert np.sqrt(np.mean(np.square(misses))) < 1.5
    assert np.abs(misses).max() < 4
