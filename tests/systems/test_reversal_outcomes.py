import math

import numpy as np
import pytest
from scipy import stats

from quantum_advantage.systems.reversal_outcomes import zero_chances


def second_moment(size):
    """E|tr V|⁴ of the circular orthogonal ensemble: Jiang and Matsumoto, Ann. Probab. 43, 3279."""
    one = size * (size + 2) / (size + 1) / (size + 3)
    return 8 / 3 * one + 16 / 3 * (size - 1) / (size + 1)


@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_one_shot_is_uniform_over_outcomes_with_an_even_number_of_singlets(qubits):
    """The mean of |tr(σ U Uᵀ)|²/4ⁿ over U, for all σ."""
    size, unitaries = 2**qubits, 4000
    u = stats.unitary_group.rvs(size, size=unitaries, random_state=np.random.default_rng(2))
    v = u @ u.swapaxes(1, 2)
    letters = [np.eye(2), np.array([[0, 1], [1, 0]]), np.diag([1, -1])]
    letters.append(letters[2] @ letters[1])
    for number in range(4**qubits):
        digits = [number >> 2 * i & 3 for i in range(qubits)]
        string = np.eye(1)
        for digit in digits:
            string = np.kron(string, letters[digit])
        chances = np.abs(np.einsum("ij,kji->k", string, v) / size) ** 2
        if digits.count(3) % 2:
            np.testing.assert_allclose(chances, 0, atol=1e-28)
        else:
            error = chances.std() / math.sqrt(unitaries)
            assert abs(chances.mean() - 2 / size / (size + 1)) < 4.5 * error


@pytest.mark.parametrize("qubits", [1, 2, 4])
def test_moments_of_the_all_zero_chance(qubits):
    size, trials = 2**qubits, 100_000
    chances = zero_chances(trials, qubits, np.random.default_rng(3))
    moments = {1: 2 * size / (size + 1) / size**2, 2: second_moment(size) / size**4}
    for power, exact in moments.items():
        values = chances**power
        assert abs(values.mean() - exact) < 4 * values.std() / math.sqrt(trials)


def test_all_zero_chances_are_those_of_random_unitaries():
    u = stats.unitary_group.rvs(4, size=20_000, random_state=np.random.default_rng(4))
    direct = np.abs(np.trace(u @ u.swapaxes(1, 2), axis1=1, axis2=2) / 4) ** 2
    drawn = zero_chances(20_000, 2, np.random.default_rng(5))
    assert stats.ks_2samp(direct, drawn).pvalue > 1e-4


def test_large_evolutions_need_no_matrices():
    chances = zero_chances(20, 16, np.random.default_rng(6)) * 2**32 / 2
    # Then 4ⁿ/2 times the chance is exponential with mean one.
    assert stats.kstest(chances, "expon").pvalue > 1e-4
    assert zero_chances(0, 3, np.random.default_rng(7)).shape == (0,)
