import numpy as np
import pytest
from scipy import stats

from quantum_advantage.companion_bounds import odd_chance, photons_to_find_companion
from quantum_advantage.inference.bell import BellRecord
from quantum_advantage.inference.companion import (
    collision_moments,
    odd_share,
    photons_by_collisions,
    photons_by_nulling,
    share_error,
    shots_to_detect,
)
from quantum_advantage.pauli import pack_bits


def test_odd_share_counts_singlets():
    bits = np.array([[1, 0], [1, 1], [0, 0], [1, 1]])
    others = np.array([[1, 0], [1, 1], [1, 1], [0, 1]])
    share, error = odd_share(BellRecord(2, pack_bits(bits), pack_bits(others)))
    assert share == pytest.approx(0.5)  # 1, 2, 0 and 1 singlets
    assert error == pytest.approx(share_error(0.5, 4))
    assert share_error(0, 100) > 0


def test_pairs_for_95_percent_without_background():
    assert shots_to_detect(odd_chance(0.01, 0.5)) == pytest.approx(401.97, abs=0.01)
    assert shots_to_detect(odd_chance(0.001, 0.5)) == pytest.approx(3996.8, abs=0.1)


@pytest.mark.parametrize(("chance", "dark"), [(0.02, 0.001), (0.0174, 0.01), (0.06, 0.04)])
def test_shots_with_background_have_the_power_and_the_false_alarms(chance, dark):
    shots = int(np.ceil(shots_to_detect(chance, dark)))
    events = stats.binom.isf(0.05, shots, dark) + 1
    assert stats.binom.sf(events - 1, shots, dark) <= 0.05
    assert stats.binom.sf(events - 1, shots, chance) == pytest.approx(0.95, abs=0.01)


def test_impossible_chances_are_refused():
    with pytest.raises(ValueError, match=r"0 <= dark < chance < 1, not 0\.2 and 0\.1"):
        shots_to_detect(0.1, 0.2)


@pytest.mark.parametrize(("qubits", "photons"), [(2, 6), (4, 10), (6, 30)])
def test_collision_moments_are_those_of_random_states(qubits, photons):
    rng = np.random.default_rng(qubits)
    laws = rng.dirichlet(np.ones(2**qubits), 20_000)
    counts = rng.multinomial(photons, laws)
    pairs = (counts * (counts - 1) // 2).sum(axis=1)
    mean, variance = collision_moments(photons, qubits)
    assert abs(pairs.mean() - mean) < 4.5 * np.sqrt(variance / pairs.size)
    squares = (pairs - mean) ** 2
    assert abs(squares.mean() - variance) < 4.5 * squares.std() / np.sqrt(pairs.size)


def test_companion_takes_its_share_of_the_collisions():
    """Orthonormal pairs of random vectors; the fraction p of the equal pairs disappears."""
    rng = np.random.default_rng(2)
    d, share, size = 8, 0.3, 40_000
    parts = rng.standard_normal((2, 2, size, d))
    first, second = parts[0] + 1j * parts[1]
    second -= (
        (first.conj() * second).sum(1, keepdims=True)
        * first
        / (abs(first) ** 2).sum(1, keepdims=True)
    )
    laws = [abs(v) ** 2 / (abs(v) ** 2).sum(1, keepdims=True) for v in (first, second)]
    chances = (((1 - share) * laws[0] + share * laws[1]) ** 2).sum(axis=1)
    expected = 2 * (1 - odd_chance(share, 0)) / (d + 1)
    assert abs(chances.mean() - expected) < 4.5 * chances.std() / np.sqrt(size)


@pytest.mark.parametrize("share", [0.01, 0.1])
@pytest.mark.parametrize("qubits", [2, 8, 14, 20])
def test_known_single_photon_ways_stay_above_the_bound(qubits, share):
    chance = odd_chance(share, 0.5)
    bound = photons_to_find_companion(0.95, qubits=qubits, share=share, overlap=0.5)
    assert photons_by_collisions(chance, qubits) > bound
    assert photons_by_nulling(chance, qubits) > bound


def test_collisions_grow_as_the_root_of_the_modes_in_the_end():
    chance = odd_chance(0.1, 0.5)
    ratio = photons_by_collisions(chance, 28) / photons_by_collisions(chance, 24)
    assert ratio == pytest.approx(4, rel=0.04)
