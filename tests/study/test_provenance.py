import json
from dataclasses import replace
from datetime import date

import cirq
import pytest

from quantum_advantage.backends.opening import Backend
from quantum_advantage.study import provenance as module
from quantum_advantage.study.provenance import (
    Origin,
    Provenance,
    environment,
    origin_of,
    provenance_path,
    read_provenance,
)
from quantum_advantage.study.spec import Spec, spec_id

SPEC = Spec("observables:alpha=0.9,game=two", "bell", 2, "qsim", 6, 10, 3)
LAW = replace(SPEC, backend="law")
HERE, ELSEWHERE = Origin("a" * 64, "b" * 20), Origin("c" * 64, "b" * 20)


def noisy(seed):
    return cirq.DensityMatrixSimulator(noise=cirq.depolarize(0.1), seed=seed)


# What made the rows.


def test_origin_names_the_circuit_and_the_sampler():
    origin = origin_of(SPEC)
    assert len(origin.circuit) == 64
    assert origin.sampler
    assert origin == origin_of(replace(SPEC, budget=60, games=5, seed=4))


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
    one, other = origin_of(spec, plain), origin_of(spec, Backend("mine", noisy))
    assert one.circuit == other.circuit
    assert one.sampler != other.sampler


# The file.


def test_what_was_written_is_read_again(tmp_path):
    kept = Provenance(tmp_path / "games.json")
    kept.add(SPEC, HERE, 0.5)
    kept.add(SPEC, HERE, 1.5)
    kept.add(LAW, Origin("", ""), 0.25)
    kept.write()
    found = read_provenance(tmp_path / "games.json")
    assert (found.entries, found.environments) == (kept.entries, [environment()])
    entry = found.entries[spec_id(SPEC)]
    assert (entry.batches, entry.seconds, entry.environments) == (2, 1.0, (0,))


def test_another_machine_is_another_environment(tmp_path, monkeypatch):
    kept = Provenance(tmp_path / "games.json")
    kept.add(SPEC, HERE, 1)
    monkeypatch.setattr(module, "environment", lambda: {**environment(), "numpy": "9.9"})
    kept.add(SPEC, HERE, 1)
    kept.add(LAW, Origin("", ""), 1)
    kept.write()
    found = read_provenance(tmp_path / "games.json")
    assert len(found.environments) == 2
    assert found.entries[spec_id(SPEC)].environments == (0, 1)
    assert found.entries[spec_id(LAW)].environments == (1,)


def test_environment_names_versions_and_kernels():
    found = environment()
    assert {"python", "machine", "cirq-core", "numpy", "qsimcirq", "stim"} <= set(found)
    assert all(isinstance(value, str) and value for value in found.values())


def test_file_lies_beside_the_data(tmp_path):
    assert provenance_path(tmp_path / "games.csv") == tmp_path / "games.json"


def test_nothing_is_written_without_rows_or_without_a_path(tmp_path):
    Provenance(tmp_path / "games.json").write()
    in_memory = Provenance()
    in_memory.add(SPEC, HERE, 1)
    in_memory.write()
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_an_empty_provenance(tmp_path):
    assert read_provenance(tmp_path / "games.json").entries == {}


# What does not fit.


@pytest.mark.parametrize(
    ("now", "changed"),
    [(ELSEWHERE, "circuit"), (replace(HERE, sampler="d" * 20), "sampler")],
    ids=["circuit", "sampler"],
)
def test_rows_that_something_else_made_are_refused_in_one_line(now, changed, tmp_path):
    kept = Provenance(tmp_path / "games.json")
    kept.add(SPEC, HERE, 1)
    for refuse in (kept.check, lambda spec, origin: kept.add(spec, origin, 1)):
        with pytest.raises(ValueError, match=f"made by another {changed}") as refusal:
            refuse(SPEC, now)
        assert "bell, 2 qubits on qsim" in str(refusal.value)
        assert "\n" not in str(refusal.value)
    kept.check(LAW, now)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.pop("specs"),
        lambda found: found["environments"].append({"numpy": 2}),
        lambda found: found["specs"].update({"../../x": {}}),
        lambda found: found["specs"][spec_id(SPEC)].update(circuit="zz"),
        lambda found: found["specs"][spec_id(SPEC)].update(seconds=-1),
        lambda found: found["specs"][spec_id(SPEC)].update(seconds="1"),
        lambda found: found["specs"][spec_id(SPEC)].update(batches=True),
        lambda found: found["specs"][spec_id(SPEC)].update(environments=[7]),
        lambda found: found["specs"][spec_id(SPEC)].update(environments=0),
        lambda found: found["specs"][spec_id(SPEC)].update(first="yesterday"),
        lambda found: found["specs"][spec_id(SPEC)].update(first=5),
        lambda found: found.update(specs=[]),
    ],
)
def test_damaged_file_is_refused_in_one_line_that_names_it(change, tmp_path):
    path = tmp_path / "games.json"
    kept = Provenance(path)
    kept.add(SPEC, HERE, 1)
    kept.write()
    found = json.loads(path.read_text())
    del found["check"]
    change(found)
    path.write_text(json.dumps(found))
    with pytest.raises(ValueError, match=r"games\.json is no provenance file") as refusal:
        read_provenance(path)
    assert "\n" not in str(refusal.value)


def test_edited_file_does_not_match_its_check(tmp_path):
    path = tmp_path / "games.json"
    kept = Provenance(path)
    kept.add(SPEC, HERE, 1)
    kept.write()
    path.write_text(path.read_text().replace("a" * 64, "d" * 64))
    with pytest.raises(ValueError, match="does not match its check"):
        read_provenance(path)


def test_days_are_those_of_the_first_and_the_last_batch(tmp_path):
    path = tmp_path / "games.json"
    kept = Provenance(path)
    kept.add(SPEC, HERE, 1)
    key = spec_id(SPEC)
    early = date(2020, 2, 29)
    kept.entries[key] = replace(kept.entries[key], first=early, last=early)
    kept.add(SPEC, HERE, 1)
    entry = kept.entries[key]
    assert entry.first == early < entry.last
