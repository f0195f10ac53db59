"""A morning at the machine, rehearsed: a live calibration, a local engine, killed and resumed."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from calibration_examples import write_today

from quantum_advantage.backends.devices.jobs import read_jobs

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "experiments" / "device_noise.py"
ENGINE = ROOT / "tests" / "rehearsed_engine.py"
ASKED = ["--protocols", "bell,local_pauli", "--qubits", "2", "--games", "10", "--trials", "200"]
JOBS = Path("out/jobs/device_noise")


def on_the_engine(*arguments):
    run = ["--backend", "engine:rehearsal/chip", *ASKED, "--out", "out"]
    return [sys.executable, str(ENGINE), "chip.json", "log", str(SCRIPT), *run, *arguments]


def command(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "quantum_advantage.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "" or "batches" in done.stderr, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_morning_at_the_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_today(Path("chip.json"))
    # Look at the chip, choose pairs, ask what the data will show and what it costs.
    assert "105 qubits" in command("devices", "chip.json")
    assert "pairs=" in command("layout", "chip.json", "--pairs", "4")
    asked = ("--qubits", "2", "--copies", "4")
    plan = command("plan", "observables", "--backend", "qvm:chip.json", *asked)
    (expected,) = re.findall(r"^ +2 +4 +([\d.]+)", plan, re.MULTILINE)
    priced = subprocess.run(
        on_the_engine("--dry-run"), capture_output=True, text=True, check=True
    ).stdout
    table = re.findall(r"^\w+ +2 +(\d+) +\d+ +\d+ +\d+ ", priced, re.MULTILINE)
    jobs = sum(map(int, table))
    assert jobs == 40
    assert not Path("log").exists()

    # Run it, kill it in the middle, go on.
    with Path("said").open("w") as said:
        run = subprocess.Popen(on_the_engine(), stdout=said, stderr=said)
        deadline = time.monotonic() + 300
        while not Path("log").exists() or len(Path("log").read_text().split()) < 12:
            assert run.poll() is None, Path("said").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    killed = read_jobs(JOBS)
    finished = {job.job_id for job in killed if job.state == "done"}
    assert 0 < len(finished) < jobs
    subprocess.run(on_the_engine(), check=True, capture_output=True)
    ran = Counter(json.loads(line) for line in Path("log").read_text().split())
    # Every job once, and one for the preflight; a local engine forgets those that were under way.
    assert len(ran) == jobs + 1
    assert {job for job in ran if ran[job] > 1} <= {job.job_id for job in killed} - finished
    assert {job.state for job in read_jobs(JOBS)} == {"done"}

    # The data is whole, as foreseen, and the page says so.
    with Path("out/data/device_noise.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    four = [row for row in rows if row["protocol"] == "bell" and row["copies"] == "4"]
    right, games = (sum(int(row[name]) for row in four) for name in ("correct", "trials"))
    assert games == 200
    p = float(expected)
    assert abs(right / games - p) < 4 * (p * (1 - p) / games) ** 0.5
    told = command("certify", "out/data/device_noise.csv", "--protocol", "bell", "--copies", "4")
    # Two qubits are too few for a certificate from so few games; it counts them, and says so.
    assert f"{right} of {games} games" in told
    assert "at 99 %" in told
    assert command("report", "out") == "in out/report.html\n"
    page = Path("out/report.html").read_text()
    assert "Nothing: every file was read" in page
    assert f"{right} of {games} games" in page
    assert all(job.job_id in page for job in read_jobs(JOBS))
