import dataclasses
import io
import sys

import pytest
from sealed_runs import TASK, digests, play, terms

from quantum_advantage.cli import main
from quantum_advantage.sealed.auditor import NAMES, audit, report, sha256


def play_here(chosen, folder, private, *, witness):
    """Plays as ``seal`` does, in this process, and tells of the messages afterwards."""
    assert str(private) == f"{folder}.private"
    chosen = dataclasses.replace(chosen, task=TASK)
    for name, octets in play(private, chosen).items():
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(octets)
        witness(name[2:-5], sha256(octets))


@pytest.fixture(params=["here", pytest.param("processes", marks=pytest.mark.slow)])
def played(request, monkeypatch):
    if request.param == "here":
        monkeypatch.setattr("quantum_advantage.sealed.seal.seal", play_here)


@pytest.mark.usefixtures("played")
def test_sealed_run_is_played_and_audited(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n" * 3))
    out = tmp_path / "run"
    arguments = ["seal", "observables", "--backend", "stim", "--qubits", "4", "--games", "200"]
    assert (
        main([*arguments, "--copies", "8", "--confidence", "0.9", "--wait", "--out", str(out)]) == 0
    )
    told = capsys.readouterr()
    assert "CERTIFIED at 0.9" in told.out
    lines = told.err.splitlines()
    assert lines.count("published? Enter goes on") == 3
    published = [line.split() for line in lines if "Enter" not in line]
    assert [digest for digest, *_ in published] == digests(
        {name: (out / name).read_bytes() for name in NAMES}
    )
    needed = [kind for _, kind, *rest in published if rest]
    assert needed == ["terms", "receipt", "answers"]
    assert main(["audit", str(out), "--published", *(d for d, *_ in published)]) == 0
    assert "order and dates: as whoever published" in capsys.readouterr().out


@pytest.mark.slow
def test_wait_without_anybody_aborts_the_run(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    out = tmp_path / "run"
    arguments = ["seal", "observables", "--backend", "stim", "--qubits", "4", "--games", "20"]
    assert main([*arguments, "--wait", "--out", str(out)]) == 2
    assert "nobody said that the digest of the receipt is published" in capsys.readouterr().err
    finding = audit({path.name: path.read_bytes() for path in out.iterdir()})
    assert len(finding.chain) == 4
    assert not finding.certified


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["purity"], "must be observables with game=two"),
        (["processes"], "must be observables with game=two"),
        (["observables:game=one"], "game=two"),
        (["observables", "--protocol", "memory"], "memory"),
        (["observables", "--copies", "3"], "shots must be whole"),
        (["observables", "--games", "0"], "--games"),
        (["observables", "--qubits", "1000"], "--qubits"),
        (["observables", "--confidence", "1"], "--confidence"),
        (["observables", "--backend", "nowhere"], "nowhere"),
        (["observables", "--backend", "law"], "runs no circuits"),
        (["observables", "--backend", "qvm:nowhere"], "nowhere"),
        (["observables", "--backend", "qvm:weber", "--qubits", "25"], "24 disjoint pairs"),
    ],
)
def test_mistakes_end_with_one_line(refused, tmp_path, arguments, named):
    assert named in refused("seal", *arguments, "--out", str(tmp_path / "run"))
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_there_is_left_alone(refused, tmp_path):
    (tmp_path / "run").mkdir()
    line = refused("seal", "observables", "--out", str(tmp_path / "run"))
    assert "takes a new folder" in line


@pytest.mark.parametrize("folder", [".", "/", ".."])
def test_folder_must_have_a_name_of_its_own(refused, folder):
    assert "new folder" in refused("seal", "observables", "--out", folder)


def test_folder_is_needed(refused):
    assert "--out" in refused("seal", "observables")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("audited")
    play(out, terms(games=40, copies=6))
    return out / "published"


def test_audit_prints_the_report_of_the_auditor(folder, printed):
    files = {name: (folder / name).read_bytes() for name in NAMES}
    text = printed("audit", str(folder))
    assert text.startswith(report(audit(files)))
    assert "auditor.html" in text.splitlines()[-1]


def test_audit_of_a_changed_run_ends_with_status_1(folder, tmp_path, capsys):
    for name in NAMES:
        octets = (folder / name).read_bytes()
        (tmp_path / name).write_bytes(octets.replace(b'"right":', b'"right":1'))
    assert main(["audit", str(tmp_path)]) == 1
    assert "FAULT: 8-result.json" in capsys.readouterr().out
    assert main(["audit", str(folder), "--published", "0" * 64]) == 1
    assert "no message has this published digest" in capsys.readouterr().out


def test_audit_of_no_folder_ends_with_one_line(refused, tmp_path):
    assert "does not exist; name the --out of seal" in refused("audit", str(tmp_path / "nowhere"))


def test_an_interrupted_run_says_that_it_cannot_go_on(tmp_path, capsys, monkeypatch):
    def stop(*given, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("quantum_advantage.sealed.seal.seal", stop)
    assert main(["seal", "observables", "--out", str(tmp_path / "new")]) == 130
    assert "this run cannot go on: seal again into a new folder" in capsys.readouterr().err
