import hashlib
import itertools
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.study import spec as spec_module
from quantum_advantage.study.spec import Spec, next_budget, shots_played, spec_id

repeatable = settings(derandomize=True, deadline=None)

KNOWN = Spec("observables:alpha=0.9,game=two", "bell", 4, "qsim", 20, 500, 0)
WORDS = st.text(max_size=20)
NUMBERS = st.integers(-(2**64), 2**64)
SPECS = st.builds(Spec, WORDS, WORDS, NUMBERS, WORDS, NUMBERS, NUMBERS, NUMBERS)


def test_id_of_a_known_spec_never_changes():
    assert spec_id(KNOWN) == "2857c3994632"


def test_id_is_the_start_of_the_hash_of_the_sorted_fields():
    text = (
        '{"backend":"qsim","budget":20,"games":500,"protocol":"bell","qubits":4,"seed":0,'
        '"task":"observables:alpha=0.9,game=two","version":1}'
    )
    assert spec_id(KNOWN) == hashlib.sha256(text.encode()).hexdigest()[:12]


@pytest.mark.parametrize("field", [field.name for field in fields(Spec)])
@given(SPECS, st.data())
@repeatable
def test_changing_any_field_changes_the_id(field, spec, data):
    old = getattr(spec, field)
    new = data.draw((WORDS if isinstance(old, str) else NUMBERS).filter(lambda v: v != old))
    assert spec_id(replace(spec, **{field: new})) != spec_id(spec)


def test_raising_the_version_changes_the_id(monkeypatch):
    before = spec_id(KNOWN)
    monkeypatch.setattr(spec_module, "VERSION", spec_module.VERSION + 1)
    assert spec_id(KNOWN) != before


def test_number_of_batches_target_and_workers_are_not_in_the_identity():
    names = {field.name for field in fields(Spec)}
    assert names == {"task", "protocol", "qubits", "backend", "budget", "games", "seed"}


@pytest.mark.parametrize(
    ("backend", "source"),
    [
        ("law", "law"),
        ("law:readout=0.02", "law"),
        ("qsim", "circuit"),
        ("stim:depolarize=0.01", "circuit"),
        ("lawful", "circuit"),
    ],
)
def test_source_is_law_for_the_law_backend_alone(backend, source):
    assert replace(KNOWN, backend=backend).source == source


@given(st.integers(1, 4), st.integers(1, 2**53))
@repeatable
def test_shots_increase_from_at_least_one_to_the_whole_budget(per_shot, budget):
    shots = shots_played(max(budget, per_shot), per_shot)
    assert shots
    assert shots[0] >= 1
    assert shots == sorted(set(shots))
    assert shots[-1] == max(budget, per_shot) // per_shot


@pytest.mark.parametrize("per_shot", [1, 2, 3])
def test_budget_of_a_single_shot_is_played(per_shot):
    assert shots_played(per_shot, per_shot) == [1]


@pytest.mark.parametrize(("budget", "per_shot"), [(10, 1), (20, 2), (21, 2)])
def test_ten_shots_are_answered_after_1_2_3_5_7_and_10(budget, per_shot):
    assert shots_played(budget, per_shot) == [1, 2, 3, 5, 7, 10]


def test_few_shots_that_are_not_on_the_grid_end_at_the_budget():
    assert shots_played(11, 1) == [1, 2, 3, 5, 7, 10, 11]


def test_grid_of_many_shots_never_changes():
    assert shots_played(1000, 1) == [125, 250, 420, 490, 530, 570, 610, 670, 800, 1000]


@given(st.integers(21, 2**50))
@repeatable
def test_grid_of_many_shots_is_finest_in_the_middle(most):
    shots = shots_played(most, 1)
    for first, second in itertools.pairwise(s for s in shots if 0.48 * most < s < 0.68 * most):
        assert second - first <= 0.06 * most + 1


@given(st.integers(1, 2**60))
@repeatable
def test_next_budget_is_four_times_as_large(budget):
    assert next_budget(budget) == 4 * budget
