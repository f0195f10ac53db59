import json
from dataclasses import replace
from datetime import date

import cirq
import pytest

from quantum_advantage.backends.backend import Backend
from quantum_advantage.study import provenance as module
from quantum_advantage.study.provenance import (
    Origin,
    Provenance,
    environment,
    origin_of,
    provenance_path,
    read_provenance,
    sampler_of,
)
from quantum_advantage.study.spec import Spec

SPEC = Spec("observables:alpha=0.9,game=two", "bell", 2, "qsim", 6, 10, 3)
LAW = replace(SPEC, backend="law")
HERE = Origin("a" * 64, "b" * 20)


def noisy(seed):
    return cirq.DensityMatrixSimulator(noise=cirq.depolarize(0.1), seed=seed)


# What made the rows.


def test_origin_names_the_circuit_and_the_sampler():
    origin = origin_of(SPEC)
    assert len(origin.circuit) == 64
    assert origin.sampler
    assert origin == origin_of(replace(SPEC, budget=60, batch_size=5, seed=4))


@pytest.mark.parametrize(
    "change",
    [{"protocol": "local_pauli:times=1"}, {"qubits": 3}, {"backend": "qsim:readout=0.02"}],
    ids=str,
)
def test_origin_changes_with_what_runs(change):
    assert origin_of(replace(SPEC, **change)) != origin_of(SPEC)


def test_exact_distribution_runs_nothing():
    assert origin_of(LAW) == Origin("", "")


def test_samplers_of_ones_own_are_told_apart():
    spec = replace(SPEC, backend="mine")
    plain = Backend("mine", lambda seed: cirq.DensityMatrixSimulator(seed=seed))
    one, other = (origin_of(spec, sampler_of(b)) for b in (plain, Backend("mine", noisy)))
    assert one.circuit == other.circuit
    assert one.sampler != other.sampler


def test_a_named_backend_and_a_real_processor_are_known_by_their_names():
    assert sampler_of(None) is None
    assert sampler_of(Backend("engine:weber", noisy)) is None
    assert origin_of(replace(SPEC, backend="engine:weber")).sampler


# The file.


def test_what_was_written_is_read_again(tmp_path):
    kept = Provenance(tmp_path / "games.json")
    kept.begin({SPEC: 0, LAW: 0})
    kept.add(SPEC, 0.5)
    kept.add(SPEC, 1.5)
    kept.add(LAW, 0.25)
    kept.write()
    found = read_provenance(tmp_path / "games.json")
    assert (found.entries, found.environments) == (kept.entries, [environment()])
    entry = found.entries[SPEC.id]
    assert entry.origin == origin_of(SPEC)
    assert (entry.batches, entry.seconds, entry.environments) == (2, 1.0, (0,))
    assert entry.begun is not None
    assert entry.begun.date() == entry.first


def test_files_that_do_not_say_when_rows_were_begun_stay_as_they_are(tmp_path):
    path = tmp_path / "games.json"
    kept = begun(path, HERE)
    kept.entries[SPEC.id] = replace(kept.entries[SPEC.id], begun=None)
    kept.write()
    before = path.read_bytes()
    assert b"begun" not in before
    again = read_provenance(path)
    assert again.entries[SPEC.id].begun is None
    again.write()
    assert path.read_bytes() == before


def test_another_machine_is_another_environment(tmp_path, monkeypatch):
    kept = Provenance(tmp_path / "games.json")
    kept.begin({SPEC: 0, LAW: 0})
    kept.add(SPEC, 1)
    monkeypatch.setattr(module, "environment", lambda: {**environment(), "numpy": "9.9"})
    kept.add(SPEC, 1)
    kept.add(LAW, 1)
    kept.write()
    found = read_provenance(tmp_path / "games.json")
    assert len(found.environments) == 2
    assert found.entries[SPEC.id].environments == (0, 1)
    assert found.entries[LAW.id].environments == (1,)


def test_environment_names_versions_and_kernels():
    found = environment()
    assert {"python", "machine", "cirq-core", "numpy", "qsimcirq", "stim"} <= set(found)
    assert all(isinstance(value, str) and value for value in found.values())


def test_file_lies_beside_the_data(tmp_path):
    assert provenance_path(tmp_path / "games.csv") == tmp_path / "games.json"


def test_nothing_is_written_without_rows_or_without_a_path(tmp_path):
    Provenance(tmp_path / "games.json").write()
    in_memory = Provenance()
    in_memory.begin({SPEC: 0})
    in_memory.add(SPEC, 1)
    in_memory.write()
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_an_empty_provenance(tmp_path):
    assert read_provenance(tmp_path / "games.json").entries == {}


# What does not fit.


def begun(path, origin):
    """A provenance that names an origin of the spec."""
    kept = Provenance(path)
    kept.begin({SPEC: 0})
    kept.add(SPEC, 1)
    kept.entries[SPEC.id] = replace(kept.entries[SPEC.id], origin=origin)
    kept.write()
    return kept


@pytest.mark.parametrize(
    ("change", "named"),
    [({"circuit": "c" * 64}, "circuit"), ({"sampler": "d" * 20}, "sampler")],
    ids=["circuit", "sampler"],
)
@pytest.mark.parametrize("found", [0, 20])
def test_rows_that_something_else_made_are_refused_in_one_line(change, named, found, tmp_path):
    kept = begun(tmp_path / "games.json", replace(origin_of(SPEC), **change))
    with pytest.raises(ValueError, match=f"made by another {named}") as refusal:
        kept.begin({SPEC: found})
    assert "bell, 2 qubits on qsim" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_rows_of_the_same_origin_go_on(tmp_path):
    kept = begun(tmp_path / "games.json", origin_of(SPEC))
    again = read_provenance(kept.path)
    again.begin({SPEC: 1, LAW: 0})
    again.add(SPEC, 3)
    assert (again.entries[SPEC.id].batches, again.entries[SPEC.id].seconds) == (2, 2)


def test_rows_of_unknown_origin_stay_unknown(tmp_path):
    kept = Provenance(tmp_path / "games.json")
    kept.begin({SPEC: 3, LAW: 0})
    kept.add(SPEC, 1)
    assert set(kept.entries) == {LAW.id}


def test_unknown_rows_of_a_sampler_of_ones_own_are_refused(tmp_path):
    kept = Provenance(tmp_path / "games.json")
    spec = replace(SPEC, backend="mine")
    with pytest.raises(ValueError, match=r"games\.json does not say what made them"):
        kept.begin({spec: 3}, sampler_of(Backend("mine", noisy)))
    kept.begin({spec: 0}, sampler_of(Backend("mine", noisy)))


def test_specs_are_noted_before_their_first_batch(tmp_path):
    """A run that is killed leaves no row of unknown origin."""
    kept = Provenance(tmp_path / "games.json")
    kept.begin({SPEC: 0})
    (entry,) = read_provenance(kept.path).entries.values()
    assert (entry.origin, entry.batches, entry.environments) == (origin_of(SPEC), 0, ())


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.pop("specs"),
        lambda found: found["environments"].append({"numpy": 2}),
        lambda found: found["specs"].update({"../../x": {}}),
        lambda found: found["specs"][SPEC.id].update(circuit="zz"),
        lambda found: found["specs"][SPEC.id].update(seconds=-1),
        lambda found: found["specs"][SPEC.id].update(seconds="1"),
        lambda found: found["specs"][SPEC.id].update(batches=True),
        lambda found: found["specs"][SPEC.id].update(environments=[7]),
        lambda found: found["specs"][SPEC.id].update(environments=0),
        lambda found: found["specs"][SPEC.id].update(first="yesterday"),
        lambda found: found["specs"][SPEC.id].update(first=5),
        lambda found: found["specs"][SPEC.id].update(begun="2026-01-01"),
        lambda found: found["specs"][SPEC.id].update(begun=None),
        lambda found: found.update(specs=[]),
    ],
)
def test_damaged_file_is_refused_in_one_line_that_names_it(change, tmp_path):
    path = tmp_path / "games.json"
    begun(path, HERE)
    found = json.loads(path.read_text())
    del found["check"]
    change(found)
    path.write_text(json.dumps(found))
    with pytest.raises(ValueError, match=r"games\.json is no provenance file") as refusal:
        read_provenance(path)
    assert "\n" not in str(refusal.value)


def test_edited_file_does_not_match_its_check(tmp_path):
    path = tmp_path / "games.json"
    begun(path, HERE)
    path.write_text(path.read_text().replace("a" * 64, "d" * 64))
    with pytest.raises(ValueError, match="does not match its check"):
        read_provenance(path)


def test_days_are_those_of_the_first_and_the_last_batch(tmp_path):
    kept, key = begun(tmp_path / "games.json", HERE), SPEC.id
    early = date(2020, 2, 29)
    kept.entries[key] = replace(kept.entries[key], first=early, last=early)
    kept.add(SPEC, 1)
    entry = kept.entries[key]
    assert entry.first == early < entry.last
