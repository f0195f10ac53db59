"""Ground states along a ratio of couplings: where they fall into two groups."""

import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.chain_phases import TRANSITIONS, ChainPhases
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds
from quantum_advantage.tasks.shared.state_readings import CLAIMED, READINGS

NAMES = (*READINGS, *TRANSITIONS, "coordinate")


def estimate(task, n, shots=300, systems=30, number=0):
    seeds = Seeds(*np.random.SeedSequence(number).spawn(4))
    loaded = load_task(task)
    found = loaded.estimate(loaded.read("local_pauli", n), shots, systems, seeds, FromLaw())
    return dict(zip(NAMES, found.values.T, strict=True)), found


def test_groups_of_a_balanced_range_part_at_the_transition():
    """Of eight sets the mean lies within four standard errors of 1."""
    found = [estimate("chain_phases", 8, number=s)[0] for s in range(8)]
    for name in TRANSITIONS:
        places = np.array([one[name][0] for one in found])
        assert abs(places.mean() - 1) < 4 * places.std(ddof=1) / np.sqrt(8)
        assert places.std() < 0.15
    assert np.mean([one[CLAIMED][0] for one in found]) > 0.9
    # Both phases have equal local purities: a state's own value says nothing.
    assert np.mean([one["own_value"][0] for one in found]) < 0.75


@pytest.mark.slow
def test_transition_is_located_within_five_per_cent():
    found = [estimate("chain_phases", 14, 500, 40, number=s)[0] for s in range(20)]
    assert abs(np.mean([one["transition"][0] for one in found]) - 1) < 0.05


def test_coordinates_rise_with_the_ratio():
    values, found = estimate("chain_phases", 8)
    ratios = found.truths[:, -1]
    assert (found.truths[:, :-1] == 1).all()
    assert ((ratios > 0.5) & (ratios < 2)).all()
    assert np.corrcoef(values["coordinate"], np.log(ratios))[0, 1] > 0.9


def test_rows_of_a_set_are_what_is_found_of_it_and_the_points_of_the_first_sets():
    task = ChainPhases("chain_phases")
    of_set = tuple((0, name) for name in NAMES[:-1])
    points = tuple((s, "coordinate") for s in range(4))
    assert task.kept("local_pauli", 8, 4, 1) == of_set + points
    assert task.kept("local_pauli", 8, 4, 2) == of_set
    numbers = task.numbers(estimate("chain_phases", 4, 20, 4)[1], NAMES)
    assert np.isfinite(numbers[0, "transition"]).all()
    assert numbers[0, "transition"][2] == 1.0
    assert numbers[2, "coordinate"][1] == np.inf


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("chain_phases:low=1.5", "low and high of .* must lie on both sides of 1"),
        ("chain_phases:high=0.9", "low and high of .* must lie on both sides of 1"),
        ("chain_phases:anisotropy=2", "anisotropy of .* must lie in"),
    ],
)
def test_wrong_name_is_refused_in_one_line(name, reason):
    with pytest.raises(UsageError, match=reason):
        ChainPhases(name)


def test_what_cannot_be_played_is_refused():
    task = load_task("chain_phases")
    with pytest.raises(UsageError, match="must be even"):
        task.check("local_pauli", 7, circuits=False, noise=False)
    with pytest.raises(UsageError, match="has no circuits"):
        task.check("local_pauli", 8, circuits=True, noise=False)
    with pytest.raises(UsageError, match="16"):
        task.check("local_pauli", 18, circuits=False, noise=False)
