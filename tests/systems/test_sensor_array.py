from itertools import product

import cirq
import numpy as np
import pytest

from quantum_advantage.circuits.request import Request, resolver_values
from quantum_advantage.systems.sensor_array import ANGLES, SensorArray


def array(sensors, sums, sigma=0.0, seed=0):
    return SensorArray(sensors, np.asarray(sums, dtype=float), sigma, np.random.default_rng(seed))


def phases(unknown, shots):
    """The phases of the sensors in every shot, (systems * shots, sensors), by the circuits."""
    line = cirq.LineQubit.range(unknown.qubits)
    circuit = unknown.circuit(line, "s")
    request = Request(
        circuit, unknown.dials("s"), unknown.draw(shots, "s"), shots * unknown.systems
    )
    names = [dial.symbols[0] for dial in unknown.dials("s")]
    values = [resolver_values(request, shot) for shot in range(request.shots)]
    return np.pi * np.array([[row[name] for name in names] for row in values])


def test_sum_is_kept_in_every_shot_and_nothing_else_is():
    sums = [0.3, 2.0, -1.0]
    drawn = phases(array(4, sums), 400).reshape(3, 400, 4)
    off = drawn.sum(axis=2) - np.array(sums)[:, None]
    np.testing.assert_allclose(np.exp(1j * off), 1, atol=1e-12)
    for first, second in ((0, 1), (0, 3), (2, 3)):
        for sign in (1, -1):
            mean = np.exp(1j * (drawn[..., first] + sign * drawn[..., second])).mean()
            assert abs(mean) < 5 / np.sqrt(1200)


def test_noise_damps_the_sum_by_its_visibility():
    unknown = array(3, [0.7], 0.5)
    drawn = phases(unknown, 20_000)
    mean = np.exp(1j * (drawn.sum(axis=1) - 0.7)).mean()
    assert unknown.visibility == pytest.approx(np.exp(-3 * 0.25 / 2))
    assert abs(mean - unknown.visibility) < 4.5 / np.sqrt(20_000)


def test_circuit_is_the_phase_gate_of_every_sensor():
    line = cirq.LineQubit.range(2)
    circuit = array(2, [0.4]).circuit(line, "s")
    resolved = cirq.resolve_parameters(circuit, {"phase0_s": 0.25, "phase1_s": 0.5})
    expected = np.diag([1, 1j, np.exp(0.25j * np.pi), np.exp(0.75j * np.pi)])
    np.testing.assert_allclose(cirq.unitary(resolved), expected, atol=1e-12)


@pytest.mark.parametrize("sensors", [2, 3])
def test_evenly_spaced_angles_are_the_channel_of_all_angles(sensors):
    """The mean over the grid leaves the diagonal and the corner alone."""
    total = 1.1
    rng = np.random.default_rng(3)
    size = 2**sensors
    matrix = rng.standard_normal((size, size)) + 1j * rng.standard_normal((size, size))
    state = matrix @ matrix.conj().T
    bits = np.array(list(product([0, 1], repeat=sensors)))
    grid = 2 * np.pi * np.arange(ANGLES) / ANGLES
    out = np.zeros_like(state)
    for free in product(grid, repeat=sensors - 1):
        turn = np.exp(1j * bits @ np.array([*free, total - sum(free)]))
        out += turn[:, None] * state * turn.conj() / ANGLES ** (sensors - 1)
    expected = np.diag(np.diag(state))
    expected[-1, 0], expected[0, -1] = (np.exp(s * 1j * total) * state[k] for s, k in _CORNERS)
    np.testing.assert_allclose(out, expected, atol=1e-10)


_CORNERS = ((1, (-1, 0)), (-1, (0, -1)))


def test_some_of_the_arrays_keep_their_sums():
    unknown = array(3, [0.1, 0.2, 0.3])
    assert unknown.systems == 3
    assert unknown.select(slice(1, 3)).sums.tolist() == [0.2, 0.3]
