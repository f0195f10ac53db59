import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.tasks.shared.prefixes import shots_played

repeatable = settings(derandomize=True, deadline=None)


@given(st.integers(1, 4), st.integers(1, 2**53))
@repeatable
def test_shots_increase_from_at_least_one_to_the_whole_budget(per_shot, budget):
    shots = shots_played(max(budget, per_shot), per_shot)
    assert shots
    assert shots[0] >= 1
    assert shots == sorted(set(shots))
    assert shots[-1] == max(budget, per_shot) // per_shot


@pytest.mark.parametrize("per_shot", [1, 2, 3])
def test_budget_of_a_single_shot_is_played(per_shot):
    assert shots_played(per_shot, per_shot) == [1]


@pytest.mark.parametrize(("budget", "per_shot"), [(10, 1), (20, 2), (21, 2)])
def test_ten_shots_are_answered_after_1_2_3_5_7_and_10(budget, per_shot):
    assert shots_played(budget, per_shot) == [1, 2, 3, 5, 7, 10]


def test_few_shots_that_are_not_on_the_grid_end_at_the_budget():
    assert shots_played(11, 1) == [1, 2, 3, 5, 7, 10, 11]


def test_grid_of_many_shots_never_changes():
    assert shots_played(1000, 1) == [125, 250, 420, 490, 530, 570, 610, 670, 800, 1000]


@given(st.integers(21, 2**50))
@repeatable
def test_grid_of_many_shots_is_finest_in_the_middle(most):
    shots = shots_played(most, 1)
    for first, second in itertools.pairwise(s for s in shots if 0.48 * most < s < 0.68 * most):
        assert second - first <= 0.06 * most + 1
