import hashlib
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.study import spec as spec_module
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.wanted import next_budget

repeatable = settings(derandomize=True, deadline=None)

KNOWN = Spec("observables:alpha=0.9,game=two", "bell", 4, "qsim", 20, 500, 0)
WORDS = st.text(max_size=20)
NUMBERS = st.integers(-(2**64), 2**64)
SPECS = st.builds(Spec, WORDS, WORDS, NUMBERS, WORDS, NUMBERS, NUMBERS, NUMBERS)


def test_id_of_a_known_spec_never_changes():
    assert KNOWN.id == "2857c3994632"


def test_id_is_the_start_of_the_hash_of_the_sorted_fields():
    text = (
        '{"backend":"qsim","budget":20,"games":500,"protocol":"bell","qubits":4,"seed":0,'
        '"task":"observables:alpha=0.9,game=two","version":1}'
    )
    assert KNOWN.id == hashlib.sha256(text.encode()).hexdigest()[:12]


@pytest.mark.parametrize("field", [field.name for field in fields(Spec)])
@given(SPECS, st.data())
@repeatable
def test_changing_any_field_changes_the_id(field, spec, data):
    old = getattr(spec, field)
    new = data.draw((WORDS if isinstance(old, str) else NUMBERS).filter(lambda v: v != old))
    assert replace(spec, **{field: new}).id != spec.id


def test_raising_the_version_changes_the_id(monkeypatch):
    before = KNOWN.id
    monkeypatch.setattr(spec_module, "VERSION", spec_module.VERSION + 1)
    assert replace(KNOWN).id != before


def test_number_of_batches_target_and_workers_are_not_in_the_identity():
    names = {field.name for field in fields(Spec)}
    assert names == {"task", "protocol", "qubits", "backend", "budget", "batch_size", "seed"}


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


@given(st.integers(1, 2**60))
@repeatable
def test_next_budget_is_four_times_as_large(budget):
    assert next_budget(budget) == 4 * budget
