"""The commands below a plan: the script that plays a task is that of the task."""

import pytest

from quantum_advantage.cli.listing import declared_experiments
from quantum_advantage.core.naming import parse
from quantum_advantage.plan.pages import commands_of
from quantum_advantage.plan.plan import plan
from quantum_advantage.tasks.base import DecidingTask
from quantum_advantage.tasks.registry import load_task, task_class, task_names

DECIDING = [
    name
    for name in task_names()
    if issubclass(task_class(name), DecidingTask) and "bell" in load_task(name).protocols
]


@pytest.mark.parametrize("name", DECIDING)
def test_every_task_is_planned_and_has_the_commands_of_a_script_that_plays_it(name):
    first = load_task(name).first_budget("bell", 4, 0.7, None)
    copies = min(first, 2 * load_task(name).copies_per_shot("bell", 4))
    found = plan(name, "qsim", 4, copies=copies, games=100, whole=False)
    run, certify = commands_of(found, 1, None)
    script = run.split()[2]
    assert script in certify
    (experiment,) = (e for e in declared_experiments() if e.name == script)
    assert parse(experiment.task)[0] == name
