"""Unlabelled evolutions: groups found from measured bits."""

import numpy as np
import pytest

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.inference.learning.clustering import chance_accuracy
from quantum_advantage.inference.sensing.companion import share_error
from quantum_advantage.tasks.dynamics import Dynamics
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.families import Family
from quantum_advantage.tasks.shared.seeds import Seeds


def estimate(task, protocol, n, shots, systems=40, number=0, backend="qsim"):
    seeds = Seeds(*np.random.SeedSequence(number).spawn(4))
    sampler = open_backend(backend).make(number)
    loaded = load_task(task)
    return loaded.estimate(loaded.read(protocol, n), shots, systems, seeds, sampler)


def accuracy(found):
    return float((found.values[:, 1] == found.truths[:, 1]).mean())


@pytest.mark.parametrize("protocol", ["bell", "bell_shots"])
@pytest.mark.parametrize("task", ["dynamics", "dynamics:geometry=grid"])
@pytest.mark.parametrize("n", [4, 6])
def test_two_uses_divide_every_set_into_its_kinds(task, protocol, n):
    assert accuracy(estimate(task, protocol, n, 50)) >= 0.95


@pytest.mark.parametrize("n", [4, 6])
def test_groups_stand_three_per_cent_of_readout_errors(n):
    assert accuracy(estimate("dynamics", "bell", n, 500, backend="qsim:readout=0.03")) >= 0.95


def test_single_uses_lose_sight_as_evolutions_grow():
    """Over ten sets: means of bits at n = 8 are near chance, complements still are not."""
    marginals, complements = (
        np.mean([accuracy(estimate("dynamics", p, 8, 100, number=s)) for s in range(10)])
        for p in ("y_marginals", "complement_collisions")
    )
    assert marginals < 0.75
    assert 0.8 < complements < 0.98


def test_half_of_a_set_is_symmetric_in_secret_order():
    found = estimate("dynamics", "bell", 3, 4, systems=20)
    truth = found.truths[:, 0]
    assert truth.sum() == 10
    assert 0 < truth[:10].sum() < 10
    assert (found.truths[:, 1] == truth).all()


def test_rows_of_a_set_are_its_accuracy_and_the_points_of_the_first_sets():
    task = Dynamics("dynamics")
    found = estimate("dynamics", "y_marginals", 4, 40, systems=6)
    numbers = task.numbers(found, task.quantities("y_marginals", 4))
    share = accuracy(found)
    assert numbers[0, "accuracy"] == (share, share_error(share, 6), 1.0)
    assert numbers[3, "coordinate"] == (found.values[3, 0], np.inf, found.truths[3, 0])
    points = tuple((s, "coordinate") for s in range(6))
    assert task.kept("y_marginals", 4, 6, 1) == ((0, "accuracy"), *points)
    assert task.kept("y_marginals", 4, 6, 2) == ((0, "accuracy"),)


def test_upper_group_is_the_one_called_symmetric():
    found = estimate("dynamics", "y_marginals", 4, 40)
    coordinates, groups = found.values.T
    assert coordinates[groups == 1].min() > coordinates[groups == 0].max()
    assert accuracy(found) >= 0.5
    assert np.isinf(found.errors[:, 0]).all()
    assert (found.errors[:, 1] == 0).all()


def test_evolutions_of_one_kind_are_grouped_at_chance(monkeypatch):
    """Control: all evolutions general, labels meaningless."""
    draw = Family.draw
    monkeypatch.setattr(
        Family, "draw", lambda family, kinds, n, rng: draw(family, np.zeros_like(kinds), n, rng)
    )
    found = [estimate("dynamics", "bell", 4, 50, number=s) for s in range(30)]
    accuracies = np.array([accuracy(f) for f in found])
    chance = np.array([chance_accuracy(f.values[:, 1], f.truths[:, 1]) for f in found])
    off = accuracies - chance
    assert abs(off.mean()) < 4 * off.std() / np.sqrt(off.size)


@pytest.mark.slow
def test_sets_of_twenty_qubits_at_depth_five_are_divided_on_chains_of_tensors():
    found = estimate("dynamics:ensemble=public", "bell", 20, 20, systems=8)
    assert accuracy(found) == 1


def test_names_copies_and_circuits():
    task = Dynamics("dynamics:geometry=grid,ensemble=matched")
    assert str(task) == "dynamics:geometry=grid"
    assert (task.copies_per_shot("bell", 4), task.copies_per_shot("y_marginals", 4)) == (2, 1)
    assert len(task.circuit("bell", 4).all_qubits()) == 8
    assert len(task.circuit("y_marginals", 4).all_qubits()) == 4
    assert task.quantities("bell", 4) == ("accuracy", "coordinate")
    assert task.couplings("bell") == "more"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dynamics:depth=-2", "depth of .* must be at least 0"),
        ("dynamics:ensemble=x", "ensemble 'x' must be matched or public"),
        ("dynamics:geometry=x", "geometry 'x' must be line or grid"),
    ],
)
def test_wrong_name_is_refused_in_one_line(name, reason):
    with pytest.raises(ValueError, match=reason):
        Dynamics(name)


@pytest.mark.parametrize(
    ("protocol", "n", "uses", "circuits", "reason"),
    [
        ("nope", 4, 100, True, "unknown protocol 'nope'; choose one of bell, bell_shots"),
        ("bell", 4, 100, False, "no exact law of dynamics; use qsim"),
        ("bell", 1, 100, True, "qubits must be at least 2 for bell, not 1"),
        ("bell", 4, 3, True, "copies must be at least 4 for bell, not 3"),
    ],
)
def test_what_cannot_be_played_is_refused(protocol, n, uses, circuits, reason):
    with pytest.raises(ValueError, match=reason):
        Dynamics("dynamics").check(protocol, n, uses, circuits=circuits, noise=False)


# On processors.


@pytest.mark.parametrize("protocol", ["bell_on_chain", "bell_shots_on_chain"])
def test_uses_on_a_chain_divide_a_set_like_uses_side_by_side(protocol):
    assert accuracy(estimate("dynamics", protocol, 4, 50)) >= 0.95


@pytest.mark.parametrize(
    ("protocol", "line", "grid"),
    [
        ("bell", "more", "more"),
        ("bell_shots", "more", "more"),
        ("bell_on_chain", "chain", "chain"),
        ("bell_shots_on_chain", "chain", "chain"),
        ("bell_on_grid", "grid", "grid"),
        ("bell_shots_on_grid", "grid", "grid"),
        ("y_marginals", "chain", "grid"),
        ("complement_collisions", "chain", "grid"),
    ],
)
def test_what_circuits_couple_depends_on_protocol_and_geometry(protocol, line, grid):
    assert Dynamics("dynamics").couplings(protocol) == line
    assert Dynamics("dynamics:geometry=grid").couplings(protocol) == grid


def test_uses_on_a_chain_are_refused_on_a_grid():
    with pytest.raises(ValueError, match="bell_on_chain is for evolutions on a line"):
        Dynamics("dynamics:geometry=grid").check(
            "bell_on_chain", 4, 100, circuits=True, noise=False
        )


@pytest.mark.parametrize("protocol", ["bell_on_grid", "bell_shots_on_grid"])
def test_uses_on_a_grid_divide_a_set_like_uses_side_by_side(protocol):
    assert accuracy(estimate("dynamics:geometry=grid", protocol, 4, 50)) >= 0.95


def test_a_grid_has_the_rows_of_its_name():
    task = Dynamics("dynamics:geometry=grid:rows=3")
    assert task.family.shape(6) == (3, 2)
    assert len(task.circuit("bell_on_grid", 6).all_qubits()) == 12
    with pytest.raises(ValueError, match=r"must have rows \* columns = 4 qubits"):
        task.circuit("bell_on_grid", 4)


def test_native_gate_is_an_option_of_the_matched_ensemble():
    assert str(Dynamics("dynamics:native=syc")) == "dynamics:native=syc"
    assert str(Dynamics("dynamics:native=iswap,ensemble=matched")) == "dynamics"
    line, fast = Dynamics("dynamics:native=cz"), Dynamics("dynamics:native=syc")
    assert (line.family.depth(4), fast.family.depth(4)) == (20, 8)
    assert line.family.looks_haar_random
    with pytest.raises(ValueError, match=r"native of .* is an option of ensemble=matched alone"):
        Dynamics("dynamics:ensemble=public,native=cz")
    with pytest.raises(ValueError, match=r"native of .* must be one of iswap, cz, syc"):
        Dynamics("dynamics:native=xy")


@pytest.mark.parametrize(
    ("task", "processor"), [("dynamics:native=syc", "weber"), ("dynamics", "willow_pink")]
)
def test_groups_are_found_under_the_noise_of_a_calibration(task, processor):
    found = estimate(task, "bell_shots_on_chain", 3, 200, systems=20, backend=f"qvm:{processor}")
    assert accuracy(found) >= 0.9
    assert accuracy(estimate(task, "y_marginals", 3, 100, 10, backend=f"qvm:{processor}")) >= 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("native", "processor"), [("syc", "weber"), ("cz", "willow_pink")])
def test_a_grid_on_a_processor_is_divided_at_a_hundred_uses(native, processor):
    task, place = f"dynamics:depth=5,geometry=grid,native={native}", f"qvm:{processor}"
    assert accuracy(estimate(task, "bell_on_grid", 4, 50, 20, 1, place)) >= 0.95
    assert accuracy(estimate(task, "y_marginals", 4, 100, 20, 1, place)) >= 0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "processor"), [("dynamics:native=syc", "weber"), ("dynamics", "willow_pink")]
)
def test_four_qubits_on_a_processor_are_divided_by_memory_and_less_well_without(task, processor):
    place = f"qvm:{processor}"
    found = {
        protocol: np.mean(
            [accuracy(estimate(task, protocol, 4, shots, 20, s, place)) for s in range(10)]
        )
        for protocol, shots in (("bell_on_chain", 500), ("y_marginals", 1000))
    }
    assert found["bell_on_chain"] > 0.98
    assert found["y_marginals"] < 0.95
