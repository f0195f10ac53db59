import json
from dataclasses import replace

import pytest

from quantum_advantage.certify.certificate import Certificate, certify
from quantum_advantage.certify.files import (
    certificate_stem,
    certificate_text,
    refuse_second_look,
    write_certificate,
)
from quantum_advantage.certify.played import Played, select_games
from quantum_advantage.cli import main
from quantum_advantage.core.files import write_json
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.lines import format_row, header_of
from quantum_advantage.study.rows import DecisionRow
from quantum_advantage.study.spec import CurveSpec, Spec

SPEC = Spec("observables:alpha=0.9,game=two", "bell", 10, "qsim", 2, 10, 0)


def grow(path, batches, spec=SPEC):
    counts = decisions("trial", path)
    counts.open()
    for batch in batches:
        counts.append(play_batch("trial", spec, batch))
    counts.close()


@pytest.fixture
def data(tmp_path):
    grow(tmp_path / "trial.csv", range(20))
    return tmp_path / "trial.csv"


def run(capsys, *arguments):
    status = main(["certify", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, out, err


def refused(capsys, *arguments):
    try:
        status, out, err = run(capsys, *arguments)
    except SystemExit as ended:
        status, (out, err) = ended.code, capsys.readouterr()
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_certificate_is_printed_and_kept(data, tmp_path, capsys):
    status, out, _ = run(capsys, data, "--confidence", 0.999, "--out", tmp_path)
    assert status == 0
    assert out.startswith("CERTIFIED at 99.9 %")
    for word in ("Assumed:", "Not covered:", "copies, games, mode and level were chosen before"):
        assert word in out
    (path,) = (tmp_path / "certificates").glob("*.json")
    assert path.with_suffix(".txt").read_text() in out
    assert path.with_suffix(".png").stat().st_size > 1000
    kept = json.loads(path.read_text())
    assert set(kept) == {*Certificate.__dataclass_fields__, "check"}
    assert kept["certified"] is True
    assert (kept["copies"], kept["games"], kept["mode"]) == (2, 200, "fixed")
    assert kept["right"] == sum(kept["right_by_batch"])
    # The same call again is no second look.
    before = path.read_bytes()
    assert run(capsys, data, "--confidence", 0.999, "--out", tmp_path)[1] == out
    assert path.read_bytes() == before


def test_going_on_with_a_fixed_number_is_refused(data, tmp_path, capsys):
    assert run(capsys, data, "--fixed", "--out", tmp_path)[0] == 0
    assert "mode is chosen before" in refused(capsys, data, "--anytime", "--out", tmp_path)
    assert "made with confidence 0.99" in refused(
        capsys, data, "--confidence", 0.9, "--out", tmp_path
    )
    assert "made with games 200" in refused(capsys, data, "--games", 100, "--out", tmp_path)
    grow(data, range(20, 22))
    assert "is peeking" in refused(capsys, data, "--out", tmp_path)
    # Not even for the games that were there before: they might have been chosen now.
    assert "is peeking" in refused(capsys, data, "--games", 200, "--out", tmp_path)


def test_another_folder_hides_no_earlier_look(data, tmp_path, capsys):
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(capsys, data, "--out", first)[0] == 0
    # Beside the data only what is needed to know of it.
    kept = list((tmp_path / "certificates").iterdir())
    assert [path.suffix for path in kept] == [".json"]
    assert kept[0].read_bytes() == (first / "certificates" / kept[0].name).read_bytes()
    assert "mode is chosen before" in refused(capsys, data, "--anytime", "--out", second)
    assert "made with confidence 0.99" in refused(
        capsys, data, "--confidence", 0.9, "--out", second
    )
    grow(data, range(20, 22))
    for options in (("--out", second), ()):
        assert "is peeking" in refused(capsys, data, *options)
    assert not second.exists()


def test_a_link_to_the_data_hides_no_earlier_look(data, tmp_path, capsys):
    assert run(capsys, data)[0] == 0
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "linked.csv").symlink_to(data)
    assert "mode is chosen before" in refused(
        capsys, tmp_path / "other" / "linked.csv", "--anytime"
    )
    assert "made with games 200" in refused(
        capsys, tmp_path / "other" / "linked.csv", "--games", 100
    )


def test_other_attempts_beside_the_data_are_told(data, tmp_path, capsys):
    grow(data, range(20), replace(SPEC, seed=1))
    assert "other certificates" not in run(capsys, data, "--seed", 0)[1]
    assert "1 other certificates of this protocol and n" in run(capsys, data, "--seed", 1)[1]


def test_by_default_it_goes_to_the_folder_of_the_data(tmp_path, capsys, monkeypatch):
    (tmp_path / "mine" / "data").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    grow(tmp_path / "mine" / "data" / "trial.csv", range(20))
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run(capsys, "../mine/data/trial.csv")[0] == 0
    assert {p.suffix for p in (tmp_path / "mine" / "certificates").iterdir()} >= {".json", ".txt"}
    assert not list((tmp_path / "elsewhere").iterdir())


def test_going_on_at_any_time_is_allowed_with_the_same_choices(data, tmp_path, capsys):
    options = "--anytime", "--alternative", "0.65", "--out", tmp_path
    assert run(capsys, data, *options, "--games", 100)[0] == 0
    assert run(capsys, data, *options)[0] == 0
    grow(data, range(20, 22))
    assert "of 220 games" in run(capsys, data, *options)[1]
    assert "made with alternative 0.65" in refused(capsys, data, "--anytime", "--out", tmp_path)
    assert "which are not the first ones" in refused(capsys, data, *options, "--games", 100)
    assert "mode is chosen before" in refused(capsys, data, "--fixed", "--out", tmp_path)


def test_data_that_does_not_suffice_gets_an_honest_no(tmp_path, capsys):
    path = tmp_path / "trial.csv"
    spec = Spec(SPEC.task, "mutually_unbiased:times=3", 4, "qsim", 10, 10, 0)
    grow(path, range(5), spec)
    status, out, _ = run(capsys, path, "--out", tmp_path)
    assert status == 0
    assert out.startswith("NOT certified")
    assert "this data proves nothing" in out


def test_wrong_input_is_one_line(data, tmp_path, capsys):
    assert "No such file" in refused(capsys, tmp_path / "absent.csv")
    assert "strictly between 0.5 and 1" in refused(
        capsys, data, "--confidence", 2, "--out", tmp_path
    )
    assert "--copies 3 must be one of 2" in refused(capsys, data, "--copies", 3)
    assert "not allowed with" in refused(capsys, data, "--fixed", "--anytime")
    assert "belongs to the mode anytime" in refused(capsys, data, "--alternative", 0.7)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    assert "holds no counts" in refused(capsys, other)
    assert not (tmp_path / "certificates").exists()


def test_a_damaged_certificate_is_no_free_look(data, tmp_path):
    games = select_games(decisions("trial", data))
    stem = certificate_stem(tmp_path, games)
    write_certificate(stem, certify(games))
    stem.with_suffix(".json").write_text("{}")
    with pytest.raises(ValueError, match="is no certificate"):
        refuse_second_look(stem, games, "fixed")


CANNOT_BE = [
    {"mode": "any"}, {"mode": None}, {"budget": 0}, {"copies": "2"}, {"games": True},
    {"confidence": 2}, {"confidence": None}, {"alternative": 7}, {"digest": "x"}, {"digest": None},
    {"right_by_batch": []}, {"right_by_batch": [-1]}, {"right_by_batch": [10**9]},
    {"right_by_batch": [1.0]}, {"right_by_batch": "1"},
]  # fmt: skip


@pytest.mark.parametrize("changes", CANNOT_BE, ids=str)
def test_a_certificate_that_cannot_be_is_no_free_look(data, tmp_path, changes):
    games = select_games(decisions("trial", data))
    stem = certificate_stem(tmp_path, games)
    write_certificate(stem, certify(games))
    path = stem.with_suffix(".json")
    values = json.loads(path.read_text()) | changes
    del values["check"]
    write_json(path, values)
    with pytest.raises(UsageError, match=r"is no certificate .*; move it away") as caught:
        refuse_second_look(stem, games, "fixed")
    assert "\n" not in str(caught.value)


def test_an_edited_certificate_is_noticed(data, tmp_path):
    games = select_games(decisions("trial", data))
    stem = certificate_stem(tmp_path, games)
    write_certificate(stem, certify(games))
    path = stem.with_suffix(".json")
    path.write_text(path.read_text().replace('"mode": "fixed"', '"mode": "anytime"'))
    with pytest.raises(UsageError, match="does not match its check"):
        refuse_second_look(stem, games, "fixed")


@pytest.mark.parametrize(
    "experiment", ["../../../ESCAPED", "/tmp/ESCAPED", "..", "a/b", "a\\b", "", ".hidden", "a\0b"]
)
def test_data_does_not_say_where_a_certificate_goes(tmp_path, capsys, experiment):
    folder = tmp_path / "deep" / "out" / "data"
    folder.mkdir(parents=True)
    rows = [
        replace(row, experiment=experiment)
        for batch in range(20)
        for row in play_batch("trial", SPEC, batch)
    ]
    path = folder / "trial.csv"
    path.write_text(header_of(DecisionRow) + "\n" + "".join(map(format_row, rows)))
    before = sorted(p for p in tmp_path.rglob("*"))
    line = refused(capsys, path)
    assert "trial.csv" in line
    assert sorted(p for p in tmp_path.rglob("*")) == before


def test_scope_is_said_for_every_task():
    said = {
        "purity": "Haar-random pure state, drawn anew",
        "principal_component": "value of the flag",
        "time_reversal": "other inputs than one fixed real state without ancilla",
    }
    for task, words in said.items():
        key = CurveSpec(task, "bell", 20, "law", 100, 0)
        games = Played("trial", key, 4, 4, (95, 97), 100, "")
        text = certificate_text(certify(games))
        assert words in text
        assert "only look random" in text
