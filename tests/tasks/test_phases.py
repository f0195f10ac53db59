"""Unlabelled states: groups found from classical shadows, and the controls beside them."""

import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.learning.clustering import chance_accuracy
from quantum_advantage.inference.sensing.companion import share_error
from quantum_advantage.tasks.base import FromLaw
from quantum_advantage.tasks.phases import SHARES, Phases
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds


def estimate(task, n, shots=500, systems=20, number=0, backend="law"):
    seeds = Seeds(*np.random.SeedSequence(number).spawn(4))
    loaded = load_task(task)
    source = FromLaw() if backend == "law" else open_backend(backend).make(number)
    return loaded.estimate(loaded.read("local_pauli", n), shots, systems, seeds, source)


def shares(found):
    return dict(zip(SHARES, found.values[0], strict=False))


@pytest.mark.parametrize("backend", ["law", "qsim"])
def test_states_behind_one_layer_form_their_classes(backend):
    found = shares(estimate("phases", 32, systems=12, backend=backend))
    assert found["kernel_10"] >= 0.95
    assert found["labelled_purity"] == 1


@pytest.mark.parametrize("task", ["phases:depth=0", "phases:depth=2,spread=2"])
def test_circuits_and_the_exact_distribution_agree(task):
    """The same states by both: one-qubit purities differ by no more than their errors."""
    one, other = (estimate(task, 18, 200, number=3, backend=b) for b in ("law", "qsim"))
    assert (one.truths == other.truths).all()
    gap = one.values[:, -1] - other.values[:, -1]
    assert (abs(gap) < 4.5 * np.hypot(one.errors[:, -1], other.errors[:, -1])).all()


def test_purities_are_estimated_without_bias():
    """Over all depths the pulls have mean 0; jackknife errors are not too small."""
    found = estimate("phases:depth=4,spread=4", 18, 100, systems=40, number=5)
    pulls = (found.values[:, -1] - found.truths[:, -1]) / found.errors[:, -1]
    assert abs(pulls.mean()) < 4 / np.sqrt(40)
    assert 0.5 < pulls.std() < 1.3


def test_mixed_depths_are_not_divided_by_class_at_the_claimed_tau():
    """Control: eight sets stay below 95 % by more than four standard errors of their mean."""
    found = [shares(estimate("phases:depth=9,spread=9", 32, 60, number=s)) for s in range(8)]
    claimed = np.array([one["kernel_10"] for one in found])
    assert claimed.mean() + 4 * claimed.std(ddof=1) / np.sqrt(8) < 0.95


def test_linear_functions_of_one_copy_are_right_by_chance_behind_two_layers():
    """Groups of any sizes that know nothing are right for 0.5 to 0.586 of 20 states on average."""
    found = [shares(estimate("phases:depth=2", 18, 50, number=s))["linear"] for s in range(10)]
    halves = np.arange(20) % 2
    top = chance_accuracy(halves, halves)
    assert np.mean(found) < top + 4 * np.std(found, ddof=1) / np.sqrt(10)


def test_half_of_a_set_is_topological_in_secret_order():
    nature = np.random.default_rng(0)
    drawn = list(Phases("phases:deeper=2,depth=3,spread=1").draw(20, 8, nature))
    kinds = np.array([topological for topological, _, _ in drawn])
    assert kinds.sum() == 10
    assert 0 < kinds[:10].sum() < 10
    assert {depth for topological, depth, _ in drawn if topological} == {2, 3}
    assert {depth for topological, depth, _ in drawn if not topological} == {4, 5}


def test_rows_of_a_set_are_its_accuracies_and_the_points_of_the_first_sets():
    task = Phases("phases")
    found = estimate("phases", 8, 50, systems=6)
    numbers = task.numbers(found, task.quantities("local_pauli", 8))
    for name, share in shares(found).items():
        assert numbers[0, name] == (share, share_error(share, 6), 1.0)
    assert numbers[3, "coordinate"] == (found.values[3, -2], np.inf, found.truths[3, -2])
    kept = tuple((0, name) for name in SHARES)
    points = tuple((s, quantity) for s in range(6) for quantity in ("coordinate", "purity"))
    assert task.kept("local_pauli", 8, 6, 1) == kept + points
    assert task.kept("local_pauli", 8, 6, 2) == kept


def test_upper_group_is_the_one_called_topological():
    found = estimate("phases", 18, 200)
    points, kinds = found.values[:, -2], found.truths[:, -2]
    assert points[kinds == 1].mean() > points[kinds == 0].mean()


def test_names_copies_and_circuits():
    task = Phases("phases:spread=1,depth=2")
    assert str(task) == "phases:depth=2,spread=1"
    assert len(task.circuit("local_pauli", 18).all_qubits()) == 18
    assert task.couplings("local_pauli") == "more"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("phases:depth=-2", "depth of .* must be at least 0"),
        ("phases:deeper=-1", "deeper of .* must be at least 0"),
        ("phases:depth=2,spread=3", "spread of .* must lie between 0 and the depth 2"),
    ],
)
def test_wrong_name_is_refused_in_one_line(name, reason):
    with pytest.raises(UsageError, match=reason):
        Phases(name)


def test_what_cannot_be_played_is_refused():
    task = load_task("phases")
    with pytest.raises(UsageError, match="qubits must be 2L²"):
        task.check("local_pauli", 10, circuits=False, noise=False)
    with pytest.raises(UsageError, match="copies must be at least 3"):
        task.check("local_pauli", 8, 2, circuits=True, noise=False)
    with pytest.raises(UsageError, match="knows no noise"):
        task.check("local_pauli", 8, 9, circuits=False, noise=True)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_hundred_states_of_two_hundred_qubits(depth):
    """The published size: 50 + 50 states, 500 shots; half a minute each."""
    found = shares(estimate(f"phases:depth={depth}", 200, systems=100))
    assert found["kernel_10"] >= 0.95
    assert found["own_value"] >= 0.95
    assert found["linear"] < 0.75
