"""The task of all signs: shares and errors against what the laws give."""

import numpy as np
import pytest
from task_plays import seeds

from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.mixed_states import KINDS
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.mimicking import QUANTITIES, Mimicking


def played(protocol, n, shots, systems, text="mimicking", root=1):
    answers = Mimicking(text).play(
        protocol, n, np.array([shots]), systems, 0, seeds(root), FromLaw()
    )
    rows = np.array([(row.value, row.error, row.truth) for row in answers.rows])
    return rows.reshape(systems, len(QUANTITIES), 3)


@pytest.mark.parametrize("kind", KINDS)
def test_all_signs_are_found_from_many_shots(kind):
    rows = played("mimicking_state", 3, 10_000, 3, f"mimicking:state={kind}")
    assert rows[:, 0, 0].mean() > 0.97
    assert rows[:, 2, 0].max() < 0.5
    assert (rows[:, :2, 2] == 1).all()
    assert np.isfinite(rows).all()


def test_few_shots_show_little():
    rows = played("mimicking_state", 4, 3, 10)
    assert rows[:, 0, 0].mean() < 0.75


def test_a_mimicking_state_shows_more_than_a_random_one():
    mimicking, random = (
        played(name, 4, 300, 8)[:, 0, 0].mean() for name in ("mimicking_state", "random_reference")
    )
    assert mimicking > random


def test_there_are_no_circuits_and_other_states_are_refused():
    with pytest.raises(UsageError, match="no circuit"):
        Mimicking("mimicking").circuit("mimicking_state", 4)
    with pytest.raises(UsageError, match="must be one of haar, ghz"):
        Mimicking("mimicking:state=cat")
    with pytest.raises(UsageError, match="epsilon"):
        Mimicking("mimicking:epsilon=0.9")
