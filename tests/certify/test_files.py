import json
import re
from dataclasses import replace

import pytest

from quantum_advantage.certify import files
from quantum_advantage.certify.certificate import Certificate, certify
from quantum_advantage.certify.choices import certificate_stem, chosen_afterwards
from quantum_advantage.certify.files import refuse_changed_data, write_certificate
from quantum_advantage.certify.methods import Fixed
from quantum_advantage.certify.pages import certificate_text, sentence
from quantum_advantage.certify.played import Played, read_counts, select_games
from quantum_advantage.cli import main
from quantum_advantage.core.files import write_json
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.lines import format_row, header_of
from quantum_advantage.study.rows import DecisionRow
from quantum_advantage.study.spec import CurveSpec, Spec
from quantum_advantage.tasks.registry import load_deciding

SPEC = Spec("observables:alpha=0.9,game=two", "bell", 10, "qsim", 2, 10, 0)


def grow(path, batches, spec=SPEC, experiment="trial"):
    counts = decisions(experiment, path)
    counts.open()
    for batch in batches:
        counts.append(play_batch(experiment, spec, batch))
    counts.close()


@pytest.fixture(autouse=True)
def undrawn(request, monkeypatch):
    """Draws nothing but in the test that looks at the picture."""
    if request.node.name != "test_certificate_is_printed_and_kept":
        monkeypatch.setattr(files, "render", lambda draw, stem: None)


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
    for word in ("Assumed:", "Not covered:", "Registered: no", "no attempt is kept back"):
        assert word in out
    (path,) = (tmp_path / "certificates").glob("*.json")
    assert path.with_suffix(".txt").read_text() in out
    assert path.with_suffix(".png").stat().st_size > 1000
    kept = json.loads(path.read_text())
    assert set(kept) == {*Certificate.__dataclass_fields__, "check"}
    assert kept["certified"] is True
    assert (kept["copies"], kept["games"], kept["mode"]) == (2, 200, "afterwards")
    assert kept["right"] == sum(kept["right_by_batch"])
    # The same call again is no other certificate.
    before = path.read_bytes()
    assert run(capsys, data, "--confidence", 0.999, "--out", tmp_path)[1] == out
    assert path.read_bytes() == before


def price(path, **chosen):
    counts = read_counts(path)
    return chosen_afterwards(path, counts, select_games(counts, **chosen)).price


def test_what_could_have_been_chosen_is_paid_for(tmp_path):
    folder = tmp_path / "out" / "data"
    folder.mkdir(parents=True)
    path = folder / "trial.csv"
    grow(path, range(20), replace(SPEC, budget=8))
    # Four numbers of copies in one curve.
    assert price(path) == 4 * 1 * 2
    grow(path, range(2), replace(SPEC, qubits=4))
    grow(path, range(3), replace(SPEC, qubits=5))
    assert price(path, qubits=10) == 4 * 3 * 4
    assert price(path, qubits=4) == 1 * 3 * 4
    # Another file of the folder, two seeds.
    other = folder / "other.csv"
    for seed in (0, 1):
        grow(other, range(2), replace(SPEC, seed=seed), "other")
    assert price(path, qubits=4) == 1 * 5 * 6
    # Summaries, estimates and others' files are no curves.
    (folder / "notes.csv").write_text("a,b\n1,2\n")
    assert price(path, qubits=4) == 1 * 5 * 6
    # A curve that is gone, of which a certificate is kept.
    games = select_games(read_counts(other), seed=1)
    write_certificate(certificate_stem(tmp_path / "out", games, None), certify(games, Fixed()))
    assert price(path, qubits=4) == 1 * 5 * 6
    other.unlink()
    assert price(path, qubits=4) == 1 * 4 * 5
    # Looked at through a link it is the same folder.
    (tmp_path / "linked.csv").symlink_to(path)
    assert price(tmp_path / "linked.csv", qubits=4) == 1 * 4 * 5


def test_the_price_is_told(data, capsys):
    out = run(capsys, data)[1]
    assert "the level is divided by K C (C + 1) = 2, for K = 1 numbers of copies" in out


def test_a_damaged_file_beside_the_data_is_not_passed_over(data, capsys):
    lines = data.read_text().splitlines()
    (data.parent / "other.csv").write_text("\n".join([lines[0], lines[1][:-2] + "zz", ""]))
    assert "other.csv" in refused(capsys, data)


def test_going_on_is_allowed_and_covered(data, tmp_path, capsys):
    assert "of 100 games" in run(capsys, data, "--games", 100)[1]
    assert "of 200 games" in run(capsys, data)[1]
    grow(data, range(20, 22))
    status, out, told = run(capsys, data)
    assert (status, told) == (0, "")
    assert "of 220 games" in out
    # An earlier certificate of more games, or at another confidence, goes with a line about it.
    _, out, told = run(capsys, data, "--games", 100)
    assert "of 100 games" in out
    assert told.endswith(".json is replaced; it was of 220 games at a confidence of 0.99\n")
    assert told.count("\n") == 1
    assert "of 100 games at a confidence of 0.99" in run(capsys, data, "--confidence", 0.999)[2]


def test_batches_that_were_seen_must_stay_as_they_were(data, tmp_path, capsys):
    assert run(capsys, data)[0] == 0
    rows = data.read_text().splitlines(keepends=True)
    (first, *rest) = decisions("trial", data)
    changed = replace(first, correct=10 - first.correct)
    data.write_text("".join([rows[0], format_row(changed), *rows[2:]]))
    for options in ((), ("--out", tmp_path / "elsewhere")):
        assert "has seen other batches" in refused(capsys, data, *options)
    assert rest


def test_another_folder_hides_no_certificate(data, tmp_path, capsys):
    first = tmp_path / "first"
    assert run(capsys, data, "--out", first)[0] == 0
    # Beside the data only what is needed to know of it.
    kept = list((tmp_path / "certificates").iterdir())
    assert [path.suffix for path in kept] == [".json"]
    assert kept[0].read_bytes() == (first / "certificates" / kept[0].name).read_bytes()


def test_by_default_it_goes_to_the_folder_of_the_data(tmp_path, capsys, monkeypatch):
    (tmp_path / "mine" / "data").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    grow(tmp_path / "mine" / "data" / "trial.csv", range(20))
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run(capsys, "../mine/data/trial.csv")[0] == 0
    assert {p.suffix for p in (tmp_path / "mine" / "certificates").iterdir()} == {".json", ".txt"}
    assert not list((tmp_path / "elsewhere").iterdir())


def test_data_that_does_not_suffice_gets_an_honest_no(tmp_path, capsys):
    path = tmp_path / "trial.csv"
    spec = Spec(SPEC.task, "mutually_unbiased:times=3", 4, "qsim", 10, 10, 0)
    grow(path, range(5), spec)
    status, out, _ = run(capsys, path, "--out", tmp_path)
    assert status == 0
    assert out.startswith("NOT certified")
    assert "this data proves nothing" in out


def test_wrong_input_is_one_line(data, tmp_path, capsys):
    assert "absent.csv does not exist" in refused(capsys, tmp_path / "absent.csv")
    assert "strictly between 0.5 and 1" in refused(
        capsys, data, "--confidence", 2, "--out", tmp_path
    )
    assert "--copies 3 must be one of 2" in refused(capsys, data, "--copies", 3)
    assert "unrecognized arguments: --anytime" in refused(capsys, data, "--anytime")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    assert "holds no counts" in refused(capsys, other)
    assert not (tmp_path / "certificates").exists()


def test_a_damaged_certificate_is_refused(data, tmp_path):
    games = select_games(decisions("trial", data))
    stem = certificate_stem(tmp_path, games, None)
    write_certificate(stem, certify(games, Fixed()))
    stem.with_suffix(".json").write_text("{}")
    with pytest.raises(ValueError, match="is no certificate"):
        refuse_changed_data(stem, games)


CANNOT_BE = [
    {"mode": "any"}, {"mode": None}, {"budget": 0}, {"copies": "2"}, {"games": True},
    {"confidence": 2}, {"confidence": None}, {"alternative": 7}, {"digest": "x"}, {"digest": None},
    {"registration": "x"}, {"registration": 1},
    {"right_by_batch": []}, {"right_by_batch": [-1]}, {"right_by_batch": [10**9]},
    {"right_by_batch": [1.0]}, {"right_by_batch": "1"},
]  # fmt: skip


@pytest.mark.parametrize("changes", CANNOT_BE, ids=str)
def test_a_certificate_that_cannot_be_is_refused(data, tmp_path, changes):
    games = select_games(decisions("trial", data))
    stem = certificate_stem(tmp_path, games, None)
    write_certificate(stem, certify(games, Fixed()))
    path = stem.with_suffix(".json")
    values = json.loads(path.read_text()) | changes
    del values["check"]
    write_json(path, values)
    with pytest.raises(UsageError, match=r"is no certificate .*; move it away") as caught:
        refuse_changed_data(stem, games)
    assert "\n" not in str(caught.value)


def test_an_edited_certificate_is_noticed(data, tmp_path):
    games = select_games(decisions("trial", data))
    stem = certificate_stem(tmp_path, games, None)
    write_certificate(stem, certify(games, Fixed()))
    path = stem.with_suffix(".json")
    path.write_text(path.read_text().replace('"mode": "fixed"', '"mode": "anytime"'))
    with pytest.raises(UsageError, match="does not match its check"):
        refuse_changed_data(stem, games)


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


ANYBODY = "o learner without a quantum memory, however adaptive and however powerful its computer,"
SENTENCES = {
    "observables": f"N{ANYBODY} answers so often from 4 copies a game, except",
    "processes": f"N{ANYBODY} answers so often from 4 uses a game, except",
    "purity": f"If the states are Haar-random, n{ANYBODY} answers so often from 4 copies a game",
    "principal_component": f"If the states are Haar-random, n{ANYBODY} answers so often from 4 co",
    "time_reversal": "If the evolutions are Haar-random, no learner without a quantum memory that "
    "uses one fixed real input and no ancilla answers so often from 4 uses a game",
}


@pytest.mark.parametrize("task", SENTENCES)
def test_the_sentence_belongs_to_the_task(task):
    key = CurveSpec(str(load_deciding(task)), "bell", 20, "law", 100, 0)
    found = certify(Played("trial", key, 4, 4, (95, 97), 100, "", (4,)), Fixed())
    assert sentence(found).startswith(SENTENCES[task])
    text = certificate_text(found)
    # Whom the bound is about stands where it is named first, too.
    assert " ".join(text.lower().split()).count((found.condition or "quantum memory").lower()) >= 2
    assert ("only look random" in text) == bool(found.condition)
    assert f"{found.unit} in each game" in text
    # The accuracy stands beside the factor.
    assert re.search(r"certified factor +\S+ at 96 %: not even", text)


def test_a_certificate_in_a_line_names_the_accuracy_beside_the_factor(data):
    games = select_games(read_counts(data))
    found = certify(replace(games, right=(7,) * 20), Fixed(), confidence=0.999)
    line = f"certified at 99.9 %, factor {found.factor:.4g} at 70 %: 140 of 200 right from 2 copies"
    assert str(found) == f"{line} a game"
    found = certify(replace(games, right=(5,) * 20), Fixed())
    assert str(found) == "not certified at 99 %: 100 of 200 right from 2 copies a game"
