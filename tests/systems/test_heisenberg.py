import cirq
import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.heisenberg import draw_couplings, ground_state
from quantum_advantage.systems.lattice import grid_bonds
from quantum_advantage.systems.stored_states import default_folder, stored_ground_state


def hamiltonian(rows, columns, couplings):
    """The matrix of H from Pauli matrices."""
    sites = rows * columns
    qubits = cirq.LineQubit.range(sites)
    total = cirq.PauliSum()
    for strength, (a, b) in zip(couplings, grid_bonds(rows, columns), strict=True):
        for letter in (cirq.X, cirq.Y, cirq.Z):
            total += strength * letter(qubits[a]) * letter(qubits[b])
    return total.matrix(qubits)


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 2), (2, 3), (1, 6), (2, 4)])
def test_the_state_is_the_ground_state_of_the_whole_matrix(rows, columns):
    couplings = draw_couplings(rows, columns, 1, seed=3)[0]
    state = ground_state(rows, columns, couplings)
    matrix = hamiltonian(rows, columns, couplings)
    levels = np.linalg.eigvalsh(matrix)
    vector = state.vector()
    assert state.energy == pytest.approx(levels[0], abs=1e-9)
    assert levels[1] - levels[0] > 1e-3
    assert np.linalg.norm(matrix @ vector - state.energy * vector) < 1e-6
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_correlators_are_those_of_the_vector_for_every_letter():
    state = ground_state(2, 3, draw_couplings(2, 3, 1, seed=4)[0])
    qubits = cirq.LineQubit.range(6)
    where = {qubit: i for i, qubit in enumerate(qubits)}
    vector = state.vector().astype(complex)
    exact = state.correlators()
    for letter in (cirq.X, cirq.Y, cirq.Z):
        for a in range(6):
            for b in range(a):
                string = cirq.PauliString(letter(qubits[a]), letter(qubits[b]))
                found = string.expectation_from_state_vector(vector, where).real
                assert found == pytest.approx(exact[a, b], abs=1e-7)


def test_the_energy_is_the_sum_of_its_bonds():
    couplings = draw_couplings(3, 4, 1, seed=5)[0]
    state = ground_state(3, 4, couplings)
    bonds = np.array(grid_bonds(3, 4))
    correlators = state.correlators()[bonds[:, 0], bonds[:, 1]]
    assert 3 * couplings @ correlators == pytest.approx(state.energy, abs=1e-9)


def test_couplings_are_uniform_and_repeat_with_their_seed():
    couplings = draw_couplings(4, 5, 500, seed=6)
    assert couplings.shape == (500, 31)
    assert np.array_equal(couplings, draw_couplings(4, 5, 500, seed=6))
    shares = np.histogram(couplings, bins=10, range=(0, 2))[0] / couplings.size
    assert np.abs(shares - 0.1).max() < 4 * np.sqrt(0.09 / couplings.size)


def test_a_state_on_disk_is_the_state_and_damage_is_told(tmp_path):
    couplings = draw_couplings(2, 3, 2, seed=7)
    folder = tmp_path / "states"
    first = stored_ground_state(2, 3, couplings[0], folder)
    stored_ground_state(2, 3, couplings[1], folder)
    again = stored_ground_state(2, 3, couplings[0], folder)
    assert np.array_equal(first.amplitudes, again.amplitudes)
    assert first.energy == again.energy
    files = sorted(folder.iterdir())
    assert len(files) == 2
    for path in files:
        content = bytearray(path.read_bytes())
        place = content.find(np.float64(first.energy).tobytes())
        content[place if place > 0 else 400] ^= 1
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"npz is damaged: .*; remove it"):
        stored_ground_state(2, 3, couplings[0], folder)


def test_the_folder_of_states_is_in_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "quantum-advantage" / "ground_states"


@pytest.mark.parametrize(
    ("size", "couplings", "line"),
    [
        ((3, 3), [1] * 12, "sites must be even in number"),
        ((4, 6), [1] * 38, "sites must be at most 20"),
        ((2, 2), [1, 1], "couplings must be 4"),
        ((2, 2), [1, 1, 1, -1], "finite and not negative"),
        ((2, 2), [1, 1, 1, np.inf], "finite and not negative"),
    ],
)
def test_mistakes_are_one_line(size, couplings, line):
    with pytest.raises(UsageError, match=line):
        ground_state(*size, couplings)
