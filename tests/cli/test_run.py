"""``quantum-advantage run`` does what the script does: real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "quantum_advantage.cli", "run"]
SMALL = [
    *("--qubits", "2", "--protocols", "bell", "--backend", "law", "--max-copies", "4"),
    *("--games", "10", "--trials", "200", "--workers", "1"),
]


def done(*command, cwd):
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, cwd=cwd, check=False, timeout=120
    )


@pytest.mark.slow
def test_run_leaves_what_the_script_leaves(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    ours = done(*COMMAND, "predicting_observables", *SMALL, cwd=tmp_path / "a")
    script = ROOT / "experiments" / "predicting_observables.py"
    theirs = done(sys.executable, script, *SMALL, cwd=tmp_path / "b")
    assert ours.returncode == theirs.returncode == 0, ours.stderr
    assert ours.stdout == theirs.stdout
    name = "out/data/predicting_observables.csv"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert (tmp_path / "a" / "out" / "predicting_observables.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        # A mistake of the command line, and one that is found when something is to run.
        (["signs", "--qubits", "0"], ["quantum-advantage run signs: error: argument --qubits"]),
        (
            ["signs", "--draw", "--full"],
            ["quantum-advantage run signs: error: --full would change nothing"],
        ),
        (
            ["predicting_ground_states", "--data", "nowhere"],
            ["quantum-advantage run predicting_ground_states: error: "],
        ),
        (["sensin"], ["unknown experiment 'sensin'", "did you mean sensing?"]),
        (["../setup"], ["unknown experiment '../setup'"]),
        ([], ["EXPERIMENT"]),
        (["signs", "--quik"], ["--quik", "did you mean --quick?"]),
        (["signs", "--qubits", "0"], ["--qubits", "'0'"]),
        (["--quick", "signs"], ["--quick"]),
        (["predicting_ground_states", "--data", "there_is_no_such_folder"], ["no_such_folder"]),
    ],
)
def test_a_mistake_is_one_line_and_status_2(tmp_path, arguments, named):
    ended = done(*COMMAND, *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    for part in named:
        assert part in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_of_an_experiment_is_that_of_its_script(tmp_path):
    ours = done(*COMMAND, "signs", "--help", cwd=tmp_path)
    theirs = done(sys.executable, ROOT / "experiments" / "signs.py", "--help", cwd=tmp_path)
    assert ours.returncode == theirs.returncode == 0
    usage, explained = ours.stdout.split("\n\n", 1)
    assert usage.startswith("usage: quantum-advantage run signs [-h]")
    assert theirs.stdout.startswith("usage: signs.py [-h]")
    assert theirs.stdout.split("\n\n", 1)[1] == explained
    assert "sign of a hidden string" in ours.stdout
