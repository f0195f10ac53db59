from functools import partial

import numpy as np
import pytest

from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.circuits.run import run
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.shared.evolution_requests import (
    bell_uses_on_chain,
    bell_uses_on_grid,
    request_bell_uses,
)
from quantum_advantage.tasks.shared.reversal_measurements import BellUses


def test_exact_shots_exclude_general_evolutions_and_never_real_ones():
    truth = np.repeat([1, 0], [50, 4000])
    scores = BellUses(2).exact_scores(truth, np.array([1, 4]), np.random.default_rng(0))
    assert (scores[:50] > 0).all()
    # One shot leaves all pairs alone with the probability 2/(d (d + 1)), d = 4.
    excluded = (scores[50:, 0] < 0).mean()
    assert abs(excluded - 0.9) < 5 * np.sqrt(0.9 * 0.1 / 4000)
    assert (scores[50:, 1] < 0).mean() > excluded


@pytest.mark.parametrize(
    "use",
    [request_bell_uses, bell_uses_on_chain, partial(bell_uses_on_grid, rows=1, columns=3)],
)
def test_two_uses_of_a_real_evolution_leave_every_pair_alone(use):
    uses = BellUses(3, use=use)
    evolutions = draw_evolutions([True, False], 3, np.random.default_rng(1))
    request = uses.request(evolutions, 40, np.random.default_rng(2))
    (record,) = run([request], FactorisedSampler(seed=3))
    (weights,) = uses.read(record, 2)
    assert not weights[0].any()
    assert weights[1].any()
