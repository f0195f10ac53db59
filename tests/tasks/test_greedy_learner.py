import numpy as np
import pytest
from greedy_learner import greedy_right, stabiliser_expectations

from quantum_advantage.bounds.hidden_pauli import largest_conventional_accuracy


@pytest.mark.parametrize(("qubits", "bases"), [(1, 3), (2, 15), (3, 135)])
def test_there_are_all_stabiliser_bases(qubits, bases):
    values = stabiliser_expectations(qubits)
    assert values.shape == (bases, 2**qubits, 4**qubits - 1)
    # Every state is stabilised by 2ⁿ - 1 strings, every string held by as many bases.
    assert (np.abs(values).sum(axis=2) == 2**qubits - 1).all()
    held = np.abs(values[:, 0]).sum(axis=0)
    assert (held == bases * (2**qubits - 1) / (4**qubits - 1)).all()
    # The outcomes of a basis sum to the identity.
    assert (values.sum(axis=1) == 0).all()
    assert len(np.unique(np.abs(values[:, 0]), axis=0)) == bases


def test_one_copy_tells_nothing_as_the_sign_is_secret():
    right = greedy_right(2, 1, 20_000, 0.9, 1)
    assert right.mean() == pytest.approx(0.5, abs=4 * 0.5 / 20_000**0.5)


def test_three_bases_and_one_again_are_counted_by_hand():
    """At n = 1 every basis tells as much until it was used, so the fourth copy is the first twice.

    The repeated basis holds P in 1/3 of the games: equal signs, with probability (1 + α²)/2, favour
    it. It holds Q in another third: signs are equal half of the time, and unequal ones favour P.
    In the last third nothing leads. Together 1/2 + α²/6.
    """
    trials, alpha = 40_000, 0.9
    right = greedy_right(1, 4, trials, alpha, 2).mean(axis=0)
    width = 4 * 0.5 / trials**0.5
    assert right[:3] == pytest.approx([0.5] * 3, abs=width)
    assert right[3] == pytest.approx(0.5 + alpha**2 / 6, abs=width)


@pytest.mark.parametrize(("qubits", "copies"), [(1, 4), (2, 8), (3, 13)])
def test_the_bound_holds_for_the_greedy_learner(qubits, copies):
    trials = 4000
    accuracy = greedy_right(qubits, copies, trials, 0.9, 3).mean(axis=0)
    bound = [largest_conventional_accuracy(t + 1, qubits=qubits) for t in range(copies)]
    assert (accuracy <= np.array(bound) + 4 * 0.5 / trials**0.5).all()
    assert accuracy[-1] > 0.6


def test_many_copies_find_the_string():
    assert greedy_right(2, 60, 500, 0.9, 4).mean(axis=0)[-1] > 0.95


def test_too_many_bases_are_refused():
    with pytest.raises(ValueError, match="between 1 and 3"):
        greedy_right(4, 1, 1, 0.9, 0)
