"""States behind a flag: as mixed as they should be, and pure behind one value alone."""

import numpy as np
import pytest
from brickwork_examples import averaged, states

from quantum_advantage.systems.flagged_states import FlaggedStates
from quantum_advantage.systems.random_states import random_states


@pytest.mark.parametrize("truth", [0, 1])
def test_flagged_states_hide_a_pure_state_behind_one_flag(truth):
    systems = FlaggedStates(np.array([truth]), states(2, np.zeros(1)))
    found, error = averaged(systems, 2500)
    exact = systems.density_matrix(0)
    assert (np.abs(found[0] - exact) < 5 * error[0] + 1e-6).all()
    z = np.kron(np.diag([1, -1]), np.eye(4))
    assert np.trace(z @ exact).real == pytest.approx(0, abs=1e-9)
    ratio = np.trace(z @ exact @ exact).real / np.trace(exact @ exact).real
    assert ratio == pytest.approx((1 - 2 * truth) * (1 - 2 / 5))


@pytest.mark.parametrize(("depolarize", "depth"), [(0.4, None), (0.0, 1)])
def test_density_matrix_behind_a_flag_keeps_noise_and_depth(depolarize, depth):
    rng = np.random.default_rng(3)
    rest = random_states(2, np.zeros(1), 3, rng, depolarize, depth)
    systems = FlaggedStates(np.array([1]), rest)
    found, error = averaged(systems, 2500)
    assert (np.abs(found[0] - systems.density_matrix(0)) < 5 * error[0] + 1e-6).all()


def test_select_keeps_the_chosen_systems_behind_their_flags():
    systems = states(2, np.array([0.0, 0.5, 1.0]))
    flagged = FlaggedStates(np.array([0, 1, 1]), systems).select(slice(0, 2))
    assert flagged.systems == 2
    assert flagged.truth.tolist() == [0, 1]
