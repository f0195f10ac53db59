import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.tasks.base import DecidingTask
from quantum_advantage.tasks.registry import load_deciding, load_estimating, load_task, task_names


@pytest.mark.parametrize("name", task_names())
def test_every_task_is_loaded_by_its_name_alone(name):
    task = load_task(name)
    assert name == type(task).NAME
    assert str(task).partition(":")[0] == name


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("observables", "observables:alpha=0.9,game=two"),
        ("observables:game=one", "observables:alpha=0.9,game=one"),
        ("observables:game=one,alpha=0.5", "observables:alpha=0.5,game=one"),
        ("purity:depolarize=0.1,mixing=0", "purity:depolarize=0.1"),
        ("principal_component", "principal_component"),
    ],
)
def test_a_task_is_loaded_with_its_options(text, full):
    assert str(load_task(text)) == full
    assert str(load_task(full)) == full


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("channels", "unknown task 'channels'; choose one of chain_phases, .*observables"),
        ("", "must begin with a word"),
        ("observables:alpha", "must read key=value"),
        ("observables:alpha=2", "alpha must lie strictly between 0 and 1"),
        ("observables:game=one,game=two", "comes twice"),
    ],
)
def test_a_task_that_does_not_exist_is_refused_in_one_line(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        load_task(text)
    assert "\n" not in str(caught.value)


def test_a_task_of_the_other_kind_is_refused_with_those_that_would_do():
    deciding = (
        "hidden_sign, observables, pauli_channel, principal_component, processes, purity, "
        "time_reversal"
    )
    with pytest.raises(UsageError) as refusal:
        load_deciding("purities:depth=2")
    assert str(refusal.value).startswith(f"task 'purities' estimates; choose one of {deciding}")
    with pytest.raises(UsageError, match=r"^task 'purity' decides; choose one of chain_phases, "):
        load_estimating("purity")
    for name in task_names():
        assert isinstance(load_task(name), DecidingTask) == (name in deciding.split(", "))
