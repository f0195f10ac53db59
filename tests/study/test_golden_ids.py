"""The identity of results: names, first budgets and ids of every task and protocol stay."""

import csv
from pathlib import Path

import pytest

from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.base import DecidingTask
from quantum_advantage.tasks.registry import load_task, task_names

GOLDEN = Path(__file__).with_name("golden_ids.csv")
ROWS = list(csv.DictReader(GOLDEN.open(newline="")))
# The budget of golden specs that estimate, and what all golden specs share.
COPIES, GAMES, SEED = 3000, 50, 7


def golden(task, protocol):
    return [row for row in ROWS if (row["task"], row["protocol"]) == (task, protocol)]


def identity(row):
    """Returns the columns that follow from a task, a protocol, n, the target and the backend."""
    qubits = int(row["qubits"])
    task = load_task(row["task"])
    if isinstance(task, DecidingTask):
        target = float(row["target"])
        protocol = task.resolve(row["protocol"], qubits, target)
        budget = task.first_budget(protocol, qubits, target)
    else:
        protocol, budget = task.resolve(row["protocol"], qubits), COPIES
    spec = Spec(str(task), protocol, qubits, row["backend"], budget, GAMES, SEED)
    return {
        **row,
        "full_task": spec.task,
        "full_protocol": spec.protocol,
        "budget": str(budget),
        "spec_id": spec.id,
    }


def protocols_of(name):
    """Returns the protocols of a task, as its refusal of an unknown one lists them."""
    with pytest.raises(ValueError, match="choose one of") as refusal:
        load_task(name).resolve("nonesuch", 4)
    return set(str(refusal.value).split("choose one of ")[1].split(", "))


@pytest.mark.parametrize("name", task_names())
def test_every_protocol_of_every_task_has_golden_ids(name):
    assert {row["protocol"] for row in ROWS if row["task"] == name} == protocols_of(name)


@pytest.mark.parametrize(("task", "protocol"), sorted({(r["task"], r["protocol"]) for r in ROWS}))
def test_identity_of_every_protocol_stays(task, protocol):
    row = golden(task, protocol)[0]
    assert identity(row) == row


@pytest.mark.slow
@pytest.mark.parametrize(("task", "protocol"), sorted({(r["task"], r["protocol"]) for r in ROWS}))
def test_identity_stays_at_every_size_and_target(task, protocol):
    rows = golden(task, protocol)
    assert list(map(identity, rows)) == rows
