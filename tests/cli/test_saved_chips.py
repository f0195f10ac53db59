"""Commands on a chip that is known by a file of its calibration alone."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cirq
import cirq_google
import pytest
from calibration_examples import as_message, renamed, small, write_today

from quantum_advantage import Curve, Experiment, run
from quantum_advantage.backends.calibration_files import FOLDERS
from quantum_advantage.backends.devices.chips import saved_chip
from quantum_advantage.backends.devices.virtual import open_virtual
from quantum_advantage.backends.names import read_backend

COMMAND = [sys.executable, "-m", "quantum_advantage.cli"]


@pytest.fixture(autouse=True)
def no_folders(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDERS, "")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def called(*arguments, folder):
    root = os.pathsep.join([str(path) for path in sys.path if path])
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root},
        timeout=120,
        check=False,
    )


def test_devices_tells_what_a_file_says(printed, tmp_path):
    path = tmp_path / "today.json"
    path.write_text(as_message(renamed(), milliseconds=1_790_000_000_000))
    first, *rest = printed("devices", str(path)).splitlines()
    assert first.startswith(f"{read_backend(f'qvm:{path}')}: 105 qubits, 182 couplers, at most 49")
    assert first.endswith("calibrated 2026-09-21")
    assert [" ".join(line.split()) for line in rest] == [
        "cz median Pauli error 0.34%",
        "one qubit median Pauli error 0.04%, T1 unknown",
        "readout median errors 0.37% of 0, 1.06% of 1",
    ]


def test_devices_lists_those_that_are_named(printed, refused):
    assert printed("devices", "rainbow").startswith("qvm:rainbow: 23 qubits")
    assert "'qsim' is no processor" in refused("devices", "qsim")
    assert "engine:chip is a real processor" in refused("devices", "engine:project/chip")


def test_layout_and_preflight_and_plan_take_a_file(printed, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("quantum_advantage.preflight.processors.render", lambda draw, stem: None)
    path, out = tmp_path / "chip.json", tmp_path / "out"
    path.write_text(cirq.to_json(cirq_google.Calibration(metrics=small())))
    label = read_backend(f"qvm:{path}").label
    *_, pairs, drawn = printed("layout", str(path), "--pairs", "1", "--out", str(out)).splitlines()
    assert pairs == "pairs=0.0-0.1"
    assert drawn == f"drawn in {out}/layout/{label}_pairs_1.png"
    printed("preflight", str(path), "--pairs", "1", "--shots", "120", "--out", str(out))
    table = out / "preflight" / f"{label}_1.csv"
    assert table.read_text().splitlines()[1].startswith(f'"qvm:chip.json,digest={label[5:]}')
    # The preflight is planned with wherever the file has gone: a copy was kept.
    path.unlink()
    monkeypatch.setenv(FOLDERS, "")
    arguments = ("plan", "observables", "--preflight", str(table), "--games", "20", "--copies", "2")
    printed(*arguments, "--out", str(out))


def wrong_files(folder):
    """Files that are no calibration, each with what must be said of it."""
    good = cirq.to_json(renamed())
    unknown = cirq_google.Calibration(
        metrics={f"future_{name}": table for name, table in small().items()}
    )
    changed = {}
    for value in ("-0.1", "1.5", '"Infinity"', '"x"'):
        text = as_message(cirq_google.Calibration(metrics=small()))
        changed[f"value{len(changed)}"] = re.sub(r'(?<="doubleVal": )0.03', value, text)
    files = {
        "empty": ("", "empty.json is no calibration"),
        "nothing": (cirq.to_json(cirq_google.Calibration()), 'no list under "metrics"'),
        "torn": (good[:-1000], "torn.json is no calibration"),
        "deep": ("[" * 10**6, "nested too deeply"),
        "circuit": (cirq.to_json(cirq.Circuit()), "circuit.json is no calibration"),
        "unknown": (cirq.to_json(unknown), "it has future_zero_error, future_one_error"),
        "large": (" " * (8 * 2**20 + 1), "too large"),
        **{name: (text, "zero_error of q(0, 2) is ") for name, text in changed.items()},
    }
    for name, (text, _) in files.items():
        (folder / f"{name}.json").write_text(text)
    return {name: said for name, (_, said) in files.items()}


def test_wrong_files_end_in_one_line(refused, tmp_path):
    for name, said in wrong_files(tmp_path).items():
        path = tmp_path / f"{name}.json"
        line = refused("layout", str(path), "--pairs", "1", "--out", str(tmp_path / "out"))
        assert said in line, name
        assert len(line) < 700
    assert not (tmp_path / "out").exists()


EMPTY = '{"metrics": {"metrics": []}}'


@pytest.mark.parametrize(
    "arguments",
    [
        "devices bad.json",
        "layout bad.json --pairs 1",
        "preflight bad.json --pairs 1",
        "plan observables --backend qvm:bad.json --qubits 2",
    ],
)
def test_a_calibration_of_nothing_ends_every_command_in_one_line(refused, arguments):
    Path("bad.json").write_text(EMPTY)
    assert "calibration of bad.json holds nothing under names" in refused(*arguments.split())
    gone = refused(*arguments.replace("bad", "gone").split())
    assert "calibration file 'gone.json' cannot be read: No such file" in gone


def test_a_wrong_file_ends_the_process_in_one_line(tmp_path):
    (tmp_path / "bad.json").write_text(EMPTY)
    ended = called("devices", "bad.json", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(
        "quantum-advantage devices: error: the calibration of bad.json holds"
    )
    assert ended.stderr.count("\n") == 1


@pytest.mark.slow  # worker processes, and two commands in processes of their own
def test_results_on_a_file_are_played_again_and_their_file_is_missed(tmp_path):
    path, out = tmp_path / "far" / "chip.json", tmp_path / "out"
    path.parent.mkdir()
    write_today(path)
    sweep = Experiment("mine", "", "observables", [Curve("bell", (2,))], trials=20, batch_size=1)
    # Two workers are processes of their own, which find the file too.
    found = run(sweep, out=out, seed=1, workers=2, backend=f"qvm:{path}", report=lambda line: None)
    name = str(read_backend(f"qvm:{path}"))
    data = out / "data" / "mine.csv"
    assert len(found.curves) == 1
    assert f'"{name}"' in data.read_text()
    path.unlink()
    played = called("replay", data, "--workers", "1", folder=tmp_path)
    assert played.returncode == 0, played.stderr
    assert re.search(r"(\d+) of \1 batches of \d specs are equal", played.stdout)
    shutil.rmtree(out / "calibrations")
    missed = called("replay", data, "--workers", "1", folder=tmp_path)
    assert missed.returncode == 2
    last = missed.stderr.splitlines()[-1]
    assert "calibration file chip.json" in last
    assert "is missing" in last
    assert "Traceback" not in missed.stderr


def test_another_file_is_another_backend(tmp_path):
    names = []
    for error in (0.004, 0.0041):
        path = tmp_path / "chip.json"
        a, b, _ = cirq.GridQubit.rect(1, 3)
        metrics = small(cz_inferred_gate_error_pauli={(a, b): [error]})
        path.write_text(cirq.to_json(cirq_google.Calibration(metrics=metrics)))
        names.append(open_virtual(f"qvm:{path}").name)
    assert len(set(names)) == 2
    # What was opened stays open; a new process would ask for the file.
    saved_chip.cache_clear()
    with pytest.raises(ValueError, match=r"chip\.json has another content"):
        open_virtual(names[0])


def test_json_of_a_calibration_is_never_built_into_objects(tmp_path, refused):
    hostile = {
        "cirq_type": "cirq.Circuit",
        "metrics": [{"cirq_type": "SingleQubitPauliStringGate"}],
    }
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(hostile))
    assert "metric 1: it has no name" in refused("devices", str(path))
