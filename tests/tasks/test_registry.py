import pytest

from quantum_advantage.tasks.registry import TASKS, load_task


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_loaded_by_its_name_alone(name):
    task = load_task(name)
    assert type(task) is TASKS[name]
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
        ("channels", "unknown task 'channels'; choose one of observables"),
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
