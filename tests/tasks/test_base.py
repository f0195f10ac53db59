import cirq
import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.batches import batch_seeds
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.base import Estimated, FromLaw
from quantum_advantage.tasks.registry import TASKS, load_estimation, load_task
from quantum_advantage.tasks.seeds import Seeds

SEEDS = batch_seeds(Spec("observables", "bell", 2, "qsim", 20, 5, 0), 0)


def test_the_law_is_without_noise_unless_it_is_given():
    assert FromLaw().damping is None
    damping = np.ones((2, 4))
    assert FromLaw(damping).damping is damping


@pytest.mark.parametrize("task", [name for name in TASKS if name != "processes"])
def test_the_law_plays_what_the_law_knows(task):
    loaded = load_task(task)
    protocol = loaded.resolve("bell", 2, 0.7)
    right = loaded.play(protocol, 2, np.array([1, 5]), 40, SEEDS, FromLaw())
    assert right.shape == (2,)
    assert ((right >= 0) & (right <= 40)).all()
    assert (loaded.play(protocol, 2, np.array([1, 5]), 40, SEEDS, FromLaw()) == right).all()


@pytest.mark.parametrize("task", ["purity", "principal_component", "time_reversal"])
def test_a_law_without_noise_refuses_noise(task):
    with pytest.raises(UsageError, match="backend law knows no noise"):
        load_task(task).play("bell", 2, np.array([1]), 4, SEEDS, FromLaw(np.ones((2, 4))))


def test_generators_of_a_batch_are_fresh_and_always_the_same():
    first, second = SEEDS.generators(), SEEDS.generators()
    drawn = [rng.integers(2**60) for rng in first]
    assert drawn == [rng.integers(2**60) for rng in second]
    assert len(set(drawn)) == 3
    other = Seeds(SEEDS.copies, SEEDS.nature, SEEDS.learner, SEEDS.sampler)
    assert [rng.integers(2**60) for rng in other.generators()] == [drawn[1], drawn[0], drawn[2]]


@pytest.mark.parametrize("name", ["purities", "whole_purity", "companion"])
def test_places_of_an_estimation_are_numbers_that_it_has(name):
    task = load_estimation(name)
    protocol = task.resolve("bell", 2)
    found = task.estimate(protocol, 2, 40, 3, SEEDS, cirq.Simulator(seed=1))
    assert isinstance(found, Estimated)
    numbers = task.numbers(found, protocol, 2)
    assert set(task.places(protocol, 2, 3, 0)) <= set(numbers)
    value, error, truth = numbers[2, task.quantities(protocol, 2)[0]]
    assert (value, error, truth) == (found.values[2, 0], found.errors[2, 0], found.truths[2, 0])


@pytest.mark.parametrize("name", ["purities", "whole_purity", "companion", "dynamics"])
def test_no_estimation_measures_on_what_is_no_sampler(name):
    task = load_estimation(name)
    for sampler in (None, "qsim", cirq.Simulator):
        with pytest.raises(UsageError, match=r"^sampler must be "):
            task.estimate(task.resolve("bell", 2), 2, 40, 4, SEEDS, sampler)
