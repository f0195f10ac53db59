"""One JSON object for each command, with the keys that the documentation names."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sealed_runs import play, terms

from quantum_advantage.backends.devices.virtual import virtual_device
from quantum_advantage.bounds.hidden_pauli import copies_required
from quantum_advantage.claims.table import CLAIMS
from quantum_advantage.cli import main
from quantum_advantage.cli.parser import subparsers_of
from quantum_advantage.plan.plan import plan
from quantum_advantage.study.accuracy import Point, write_summary
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.spec import PointSpec, Spec

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "figures"
DOCUMENT = (ROOT / "docs" / "command_line.md").read_text()
KEYS = {
    command: re.findall(r"`(\w+)`", keys)
    for command, keys in re.findall(r"^\| `([\w -]+)` \| (`\w+`(?:, `\w+`)*) \|$", DOCUMENT, re.M)
}


def keys_of(part, of=""):
    """The keys that the documentation names for the objects inside."""
    (line,) = re.findall(rf"^- `{part}`{of}.*?: (.*?)(?=^- |\n\n)", DOCUMENT, re.M | re.S)
    return re.findall(r"`(\w+)`", line.partition(". ")[0].partition(", in the")[0])


@pytest.fixture
def read(capsys):
    """Runs a command with --json and returns what it prints."""

    def run(*arguments, status=0):
        assert main([*arguments, "--json"]) == status
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def played(tmp_path):
    """A file with one batch of 400 games of two copies."""
    path = tmp_path / "out" / "data" / "mine.csv"
    path.parent.mkdir(parents=True)
    counts = decisions("mine", path)
    counts.open()
    counts.append(play_batch("mine", Spec("observables", "bell", 6, "law", 2, 400, 1), 0))
    counts.close()
    return path


def test_every_command_with_json_is_documented():
    able = {n for n, p in subparsers_of().items() if "--json" in p._option_string_actions}
    assert able == {command.partition(" ")[0] for command in KEYS}


def test_bound(read):
    found = read("bound", "--qubits", "2,20")
    assert list(found) == KEYS["bound"]
    assert [list(row) for row in found["bounds"]] == [keys_of("bounds")] * 2
    assert found["bounds"][1]["least"] == pytest.approx(copies_required(0.7, qubits=20))


def test_bound_beyond_all_numbers_is_null(read):
    found = read("bound", "--alpha", "1e-90", "--qubits", "1000")
    assert found["bounds"] == [{"qubits": 1000, "least": None}]


def test_show(read):
    found = read("show", "bell")
    assert list(found) == KEYS["show"]
    assert found["circuit_qubits"] == 4
    assert list(found["signs"][0]) == keys_of("signs")
    assert [row["YY"] for row in found["signs"]] == [-1, 1, 1, -1]
    assert read("show", "local_pauli")["signs"] == []


def test_list_and_its_map_of_the_paper(read):
    assert list(read("list")) == KEYS["list"]
    assert list(read("list")["experiments"][0]) == keys_of("experiments")
    found = read("list", "--paper")
    assert list(found) == KEYS["list --paper"]
    assert list(found["paper"][0]) == keys_of("paper")


def test_demo(read, monkeypatch):
    class Instant:
        copies, copies_low, copies_high, in_whole_shots, bound = 2.0, 1.9, 2.1, 2, None

    monkeypatch.setattr("quantum_advantage.study.search.copies_needed", lambda *a, **o: Instant)
    found = read("demo")
    assert list(found) == KEYS["demo"]
    assert list(found["points"][0]) == keys_of("points", " of the demo")
    assert [p["qubits"] for p in found["points"]] == [2, 2, 4, 4, 6, 6, 8, 8]


def test_devices(read):
    found = read("devices", "rainbow")
    assert list(found) == KEYS["devices"]
    (chip,) = found["processors"]
    assert list(chip) == keys_of("processors")
    medians = virtual_device("rainbow").medians()
    assert chip["one_qubit_error"] == medians["1q error"]
    assert chip["two_qubit_errors"]["cz"] is None  # not calibrated


def test_layout(read, tmp_path):
    found = read("layout", "weber", "--pairs", "4", "--grid", "2", "--out", str(tmp_path))
    assert list(found) == KEYS["layout"]
    assert list(found["pairs"][0]) == keys_of("pairs")
    assert found["block"]["gates"] == 48
    assert Path(found["figure"]).is_file()
    product = 1.0
    for row in found["pairs"]:
        product *= row["cost"]
    assert found["growth"] == pytest.approx(product)


def test_preflight(read, tmp_path):
    found = read("preflight", "rainbow", "--pairs", "2", "--shots", "120", "--out", str(tmp_path))
    assert list(found) == KEYS["preflight"]
    (measured,) = found["preflights"]
    assert list(measured) == keys_of("preflights")
    header = Path(measured["table"]).read_text().splitlines()[0].split(",")
    assert ["backend", *measured["couplers"][0], "check"] == header
    assert measured["couplers"][0]["outlier"] is False


def test_characterise(read, tmp_path):
    few = ["--pairs", "2", "--depths", "0", "2", "--settings", "2", "--shots", "20"]
    command = ["characterise", "rainbow", "--layer", "wait", *few, "--out", str(tmp_path)]
    found = read(*command)
    assert list(found) == KEYS["characterise"]
    assert list(found["blocks"][0]) == keys_of("blocks")
    written = json.loads(Path(found["file"]).read_text())
    assert written["blocks"] == found["blocks"]
    assert Path(found["figure"]).is_file()
    found = read(*command, "--dry-run")
    assert list(found) == KEYS["characterise --dry-run"]
    assert found["repetitions"] == 2 * 2 * 20


def test_preflight_of_a_chain(read, tmp_path):
    options = ["--pairs", "3", "--chain", "--shots", "120", "--out", str(tmp_path)]
    found = read("preflight", "rainbow", *options)
    assert (found["pairs"], found["chain"], found["shots"]) == (3, True, 120)
    assert len(found["preflights"][0]["couplers"]) == 3 + 2


def test_certify(read, played):
    found = read("certify", str(played))
    assert list(found) == KEYS["certify"]
    kept = json.loads(Path(f"{found['stem']}.json").read_text())
    kept.pop("check", None)
    assert found["certificate"] == kept
    assert found["certificate"]["games"] == 400
    assert found["score"] is None


def test_replay(read, played):
    found = read("replay", str(played), "--workers", "1")
    assert list(found) == KEYS["replay"]
    (file,) = found["files"]
    assert list(file) == keys_of("files")
    assert (file["batches"], file["equal"], file["differing"]) == (1, 1, [])


def test_plan(read, tmp_path):
    registration = tmp_path / "mine.json"
    arguments = ["observables", "--qubits", "6", "--copies", "2", "--games", "200", "--seed", "7"]
    found = read(
        "plan", *arguments, "--register", str(registration), "--out", str(tmp_path / "out")
    )
    assert list(found) == KEYS["plan"]
    expected = plan("observables", "qsim", 6, games=200, copies=2)
    assert found["plans"][0]["accuracy"] == expected.accuracy
    assert found["plans"][0]["backend"] == "qsim"
    assert len(found["registration"]["digest"]) == 64
    assert Path(found["figure"]).is_file()
    run, certify = found["commands"]
    assert run.startswith("quantum-advantage run predicting_observables --task")
    assert f"--registration {registration}" in certify


def test_plan_never_names_the_project_of_a_real_processor(read, tmp_path):
    arguments = ["observables", "--backend", "engine:secret/weber", "--qubits", "4"]
    found = read("plan", *arguments, "--copies", "6", "--out", str(tmp_path))
    assert found["plans"][0]["backend"] == "engine:weber"
    assert "secret" not in json.dumps(found)
    assert found["plans"][0]["cost"]["jobs"] > 0


def test_verify(read, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    defaults = "quantum_advantage.claims.verify.verify.__defaults__"
    monkeypatch.setattr(defaults, (CLAIMS[-1:], print, None, None))
    found = read("verify", "--quick", "--workers", "1", "--out", str(tmp_path))
    assert list(found) == KEYS["verify"]
    assert found["passed"] == 1
    assert found["all_hold"] is True
    assert list(found["claims"][0]) == keys_of("claims")
    assert Path(found["table"]).is_file()


def test_compare(read, tmp_path):
    spec = PointSpec("observables:alpha=0.9,game=two", "bell", 4, "qsim")
    point = Point("predicting_observables", spec, 0.7, 1.96, 1.9, 2.05, 10_000, None)
    (tmp_path / "data").mkdir()
    write_summary([point], tmp_path / "data" / "predicting_observables_summary.csv")
    found = read("compare", str(tmp_path))
    assert list(found) == KEYS["compare"]
    (both,) = found["points"]
    assert list(both) == keys_of("points", " of a comparison")
    for side in both.values():
        assert (side["protocol"], side["qubits"], side["target"]) == ("bell", 4, 0.7)
    assert both["here"]["copies"] == 1.96
    # The committed one is another, of the figure.
    assert both["committed"]["copies"] == pytest.approx(1.96, abs=0.2)
    (tmp_path / "other").mkdir()
    (point,) = read("compare", str(tmp_path), str(tmp_path / "other"))["points"]
    assert point["committed"] is None


def test_report(read, tmp_path):
    (tmp_path / "data").mkdir()
    for path in (FIGURES / "data").glob("controls*.csv"):
        shutil.copy(path, tmp_path / "data")
    found = read("report", str(tmp_path))
    assert list(found) == KEYS["report"]
    assert Path(found["page"]).is_file()


def test_audit(read, tmp_path):
    play(tmp_path, terms(games=40, copies=6))
    found = read("audit", str(tmp_path / "published"))
    assert list(found) == KEYS["audit"]
    assert found["certified"] is True
    assert found["fault"] is None
    assert found["terms"]["confidence"] == 0.99
    assert [list(message) for message in found["messages"]] == [keys_of("messages")] * 8
    assert list(found["result"]) == keys_of("result")
    assert 0 < found["result"]["p_value"] < 0.01
    last = tmp_path / "published" / "8-result.json"
    last.write_bytes(last.read_bytes().replace(b'"right":', b'"right":1'))
    found = read("audit", str(tmp_path / "published"), status=1)
    assert (found["certified"], found["result"]) == (False, None)
    assert found["fault"].startswith("8-result.json")


def test_seal(read, tmp_path, monkeypatch):
    def play_here(chosen, folder, private, *, witness):
        play(private, replace(chosen, task="observables:alpha=0.9,game=two"))
        shutil.copytree(private / "published", folder)

    monkeypatch.setattr("quantum_advantage.sealed.seal.seal", play_here)
    options = ["--backend", "stim", "--qubits", "4", "--games", "200", "--copies", "8"]
    out = tmp_path / "run"
    found = read("seal", "observables", *options, "--confidence", "0.9", "--out", str(out))
    assert list(found) == KEYS["seal"]
    assert found["certified"] is True
    assert found["folder"] == str(out)
