import cirq
import numpy as np
import pytest

from quantum_advantage.circuits.request import Request, resolver_values
from quantum_advantage.systems.companions import CompanionStates
from quantum_advantage.systems.random_states import random_states
from quantum_advantage.tasks.companion import OddSinglets


def stars(qubits, share, overlap, background=0.0, systems=2):
    rng = np.random.default_rng(7)
    mixing = np.full(systems, background)
    return CompanionStates(random_states(qubits, mixing, rng, rng), share, overlap)


def averaged(unknown, system, copies):
    """The mean projector of the photons that the circuits prepare, without sampling noise in it."""
    line = cirq.LineQubit.range(unknown.qubits)
    one = unknown.select(slice(system, system + 1))
    request = Request(one.circuit(line, "a"), one.dials("a"), one.draw(copies, "a"), copies)
    rows = [tuple(sorted(resolver_values(request, shot).items())) for shot in range(copies)]
    simulator = cirq.Simulator(dtype=np.complex128)
    total = np.zeros((2**unknown.qubits,) * 2, dtype=complex)
    for row in set(rows):
        vector = simulator.simulate(cirq.resolve_parameters(request.circuit, dict(row)))
        state = vector.final_state_vector
        total += rows.count(row) / copies * np.outer(state, state.conj())
    return total


@pytest.mark.parametrize("background", [0.0, 0.4])
@pytest.mark.parametrize("qubits", [1, 2])
def test_circuits_prepare_the_density_matrix(qubits, background):
    unknown = stars(qubits, 0.3, 0.6, background)
    for system in range(2):
        found = averaged(unknown, system, 3000)
        off = np.abs(found - unknown.density_matrix(system)).max()
        assert off < 4.5 * 0.5 / np.sqrt(3000)


@pytest.mark.parametrize(("share", "overlap", "background"), [(0.2, 0.5, 0), (0.1, 0, 0.3)])
def test_chances_are_those_of_the_density_matrix(share, overlap, background):
    unknown = stars(3, share, overlap, background)
    line = cirq.LineQubit.range(3)
    for system in range(2):
        matrix = unknown.density_matrix(system)
        odd = (1 - np.trace(matrix @ matrix).real) / 2
        assert OddSinglets().truths(unknown)[system] == pytest.approx(odd)
        (dial,) = (d for d in unknown.dials("a") if d.name == "system_a")
        values = dict(zip(dial.symbols, dial.positions[system], strict=True))
        null = cirq.unitary(cirq.resolve_parameters(unknown.nulled(line, "a"), values))
        passed = 1 - (null @ matrix @ null.conj().T)[0, 0].real
        assert unknown.click_chances()[system] == pytest.approx(passed, abs=1e-6)


def test_companion_overlaps_its_star_as_asked():
    unknown = stars(2, 1.0, 0.3)
    star = stars(2, 0.0, 0.3)
    overlap = np.trace(unknown.density_matrix(0) @ star.density_matrix(0)).real
    assert overlap == pytest.approx(0.09)
    assert OddSinglets().truths(star) == pytest.approx(0)


@pytest.mark.parametrize(("share", "overlap", "name"), [(1.1, 0, "share"), (0, -0.1, "overlap")])
def test_wrong_numbers_are_refused(share, overlap, name):
    with pytest.raises(ValueError, match=rf"{name} must lie in \[0, 1\]"):
        stars(1, share, overlap)


def test_stars_with_local_noise_are_refused():
    rng = np.random.default_rng(7)
    noisy = random_states(1, [0.0], rng, rng, depolarize=0.1)
    with pytest.raises(ValueError, match=r"stars must have no local noise, not 0\.1"):
        CompanionStates(noisy, 0.1, 0.0)
