import cirq
import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.batches import batch_seeds, play_batch
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.base import Estimated, FromLaw
from quantum_advantage.tasks.registry import load_task
from quantum_advantage.tasks.shared.seeds import Seeds

SEEDS = batch_seeds(Spec("observables", "bell", 2, "qsim", 20, 5, 0), 0)


def test_the_law_is_without_noise_unless_it_is_given():
    assert FromLaw().damping is None
    damping = np.ones((2, 4))
    assert FromLaw(damping).damping is damping


@pytest.mark.parametrize("task", ["observables", "purity", "principal_component", "time_reversal"])
def test_the_law_plays_what_the_law_knows(task):
    loaded = load_task(task)
    protocol = loaded.resolve("bell", 2, 0.7)
    right = loaded.play(protocol, 2, np.array([1, 5]), 40, 0, SEEDS, FromLaw()).correct
    assert right.shape == (2,)
    assert ((right >= 0) & (right <= 40)).all()
    assert (
        loaded.play(protocol, 2, np.array([1, 5]), 40, 0, SEEDS, FromLaw()).correct == right
    ).all()


@pytest.mark.parametrize("task", ["purity", "principal_component", "time_reversal"])
def test_a_law_without_noise_refuses_noise(task):
    with pytest.raises(UsageError, match="backend law knows no noise"):
        load_task(task).play("bell", 2, np.array([1]), 4, 0, SEEDS, FromLaw(np.ones((2, 4))))


def test_generators_of_a_batch_are_fresh_and_always_the_same():
    first, second = SEEDS.generators(), SEEDS.generators()
    drawn = [rng.integers(2**60) for rng in first]
    assert drawn == [rng.integers(2**60) for rng in second]
    assert len(set(drawn)) == 3
    other = Seeds(SEEDS.copies, SEEDS.nature, SEEDS.learner, SEEDS.sampler)
    assert [rng.integers(2**60) for rng in other.generators()] == [drawn[1], drawn[0], drawn[2]]


@pytest.mark.parametrize("name", ["purities", "whole_purity", "companion"])
def test_places_of_an_estimation_are_numbers_that_it_has(name):
    task = load_task(name)
    protocol = task.resolve("bell", 2)
    found = task.estimate(task.read(protocol, 2), 40, 3, SEEDS, cirq.Simulator(seed=1))
    assert isinstance(found, Estimated)
    numbers = task.numbers(found, task.quantities(protocol, 2))
    assert set(task.kept(protocol, 2, 3, 0)) <= set(numbers)
    value, error, truth = numbers[2, task.quantities(protocol, 2)[0]]
    assert (value, error, truth) == (found.values[2, 0], found.errors[2, 0], found.truths[2, 0])


@pytest.mark.parametrize("name", ["purities", "whole_purity", "companion", "dynamics"])
def test_no_estimation_measures_on_what_is_no_sampler(name):
    task = load_task(name)
    for sampler in (None, "qsim", cirq.Simulator):
        with pytest.raises(UsageError, match=r"^sampler must be "):
            task.estimate(task.read("bell", 2), 40, 4, SEEDS, sampler)


@pytest.mark.parametrize("backend", ["law:readout=0.1", "law:depolarize=0.01"])
def test_light_without_circuits_refuses_the_noise_of_circuits(backend):
    protocol = load_task("displacement").resolve("heterodyne", 2)
    line = "backend law knows no noise of circuits for heterodyne of displacement; use law without "
    line += "noise"
    with pytest.raises(UsageError) as refusal:
        load_task("displacement").check(protocol, 2, circuits=False, noise=True)
    assert str(refusal.value) == line
    with pytest.raises(UsageError) as refusal:
        play_batch("trial", Spec("displacement", protocol, 2, backend, 100, 3, 1), 0)
    assert str(refusal.value) == line


@pytest.mark.parametrize("name", ["purities", "companion", "dynamics"])
def test_an_estimating_task_plays_the_rows_that_it_keeps(name):
    task = load_task(name)
    protocol = task.resolve("bell", 2)
    for batch in (0, 5):
        sampler = cirq.Simulator(seed=1)
        played = task.play(protocol, 2, np.array([40]), 3, batch, SEEDS, sampler)
        found = task.estimate(task.read(protocol, 2), 40, 3, SEEDS, cirq.Simulator(seed=1))
        numbers = task.numbers(found, task.quantities(protocol, 2))
        kept = task.kept(protocol, 2, 3, batch)
        assert [(row.system, row.quantity) for row in played.rows] == list(kept)
        assert [(r.value, r.error, r.truth) for r in played.rows] == [numbers[p] for p in kept]


def test_an_estimating_task_reads_a_record_once():
    task = load_task("purities")
    with pytest.raises(UsageError, match="prefixes must be one number of shots for purities"):
        task.play("bell", 2, np.array([10, 20]), 3, 0, SEEDS, cirq.Simulator(seed=1))


def test_a_batch_with_too_few_copies_is_refused_when_it_is_played():
    with pytest.raises(UsageError, match="copies must be at least 4"):
        load_task("purities").play("bell", 2, np.array([1]), 3, 0, SEEDS, cirq.Simulator())


def test_copies_are_not_checked_before_they_are_chosen():
    for name in ("purities", "companion", "dynamics", "string_errors", "sensor_array"):
        task = load_task(name)
        protocol = "entangled_sensors" if name == "sensor_array" else "bell"
        task.check(protocol, 2, circuits=True, noise=False)
        with pytest.raises(UsageError, match="at least"):
            task.check(protocol, 2, 1, circuits=True, noise=False)


def test_no_bound_is_proven_where_a_task_states_none():
    for name in ("purities", "companion", "dynamics", "posterior"):
        assert load_task(name).bound("bell", 4, 0.7) is None


@pytest.mark.parametrize("task", ["observables", "purity"])
@pytest.mark.parametrize("prefixes", [[5, 1], [1, 1], [0, 5]])
def test_numbers_of_shots_must_increase(task, prefixes):
    with pytest.raises(UsageError, match="prefixes must increase from 1 on"):
        load_task(task).play("bell", 3, np.array(prefixes), 4, 0, SEEDS, FromLaw())


@pytest.mark.parametrize("task", ["observables", "purity"])
@pytest.mark.parametrize("target", [0.4, 0.5, 1.0, np.nan])
def test_a_search_has_a_target_that_copies_reach(task, target):
    with pytest.raises(UsageError, match=r"target must lie strictly between 0\.5 and 1"):
        load_task(task).first_budget("bell", 3, target)
