import csv
import json
import os
import re
import subprocess
import sys

import pytest
from calibration_examples import write_today
from processor_calls import NO_CREDENTIALS, WRONG_PLACES, hidden_credentials
from rehearsed_engine import local_engine

from quantum_advantage.backends.devices import engine
from quantum_advantage.backends.devices.placement import best_chain
from quantum_advantage.backends.devices.virtual import open_virtual, virtual_device

COMMAND = [sys.executable, "-m", "quantum_advantage.cli"]


def numbers_of(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def no_map(monkeypatch):
    """Leaves out the slow part of a preflight where a test does not look at it."""
    monkeypatch.setattr("quantum_advantage.preflight.processors.render", lambda draw, stem: None)


def test_preflight_leaves_a_table_within_physical_ranges_and_a_map(printed, tmp_path):
    out = printed("preflight", "qvm:rainbow", "--pairs", "4", "--out", str(tmp_path))
    stem = tmp_path / "preflight" / "rainbow_4"
    names = sorted(path.name for path in stem.parent.iterdir())
    assert names == ["rainbow_4.csv", "rainbow_4.pdf", "rainbow_4.png", "rainbow_4.svg"]
    rows = numbers_of(stem.with_suffix(".csv"))
    assert len(rows) == 4
    pairs = open_virtual("qvm:rainbow").place(4)
    assert [row["pair"] for row in rows] == [f"{a.row}.{a.col}-{b.row}.{b.col}" for a, b in pairs]
    errors = [f"{side}_{e}" for side in ("system", "memory") for e in ("p10", "p01")]
    ranges = {
        "fidelity": (0.5, 1),
        "chsh": (2, 2 * 2**0.5),  # noisy, but entangled
        "f_x": (0.5, 1),
        "f_y": (0.5, 1),
        "f_z": (0.5, 1),
    } | dict.fromkeys(errors, (0, 0.25))
    for row, pair in zip(rows, pairs, strict=True):
        for name, (least, most) in ranges.items():
            value, low, high = (float(row[name + end]) for end in ("", "_low", "_high"))
            assert low < value < high
            assert least <= value <= most
        # Y is read from both bits, X and Z from one.
        assert float(row["f_y"]) < min(float(row["f_x"]), float(row["f_z"]))
        product = float(row["f_x"]) * float(row["f_y"]) * float(row["f_z"])
        assert float(row["cost"]) == pytest.approx(product**-0.5, rel=1e-4)
        assert row["outlier"] == "0"
        # Readout errors are those of the calibration, within five standard errors.
        device = virtual_device("rainbow")
        for name, true in zip(
            errors, [e for q in pair for e in device.readout_errors[q]], strict=True
        ):
            assert abs(float(row[name]) - true) < 5 * (true * (1 - true) / 3000) ** 0.5 + 1e-9
    lines = out.splitlines()
    assert lines[0].split()[0] == "pair"
    assert [line.split()[0] for line in lines[1:5]] == [row["pair"] for row in rows]
    cost = 1.0
    for row in rows:
        cost *= float(row["cost"])
    assert float(re.search(r"copies grow by ([\d.]+),", lines[5])[1]) == pytest.approx(
        cost, rel=5e-3
    )
    assert "0 of 4 pairs stand out" in lines[5]
    assert f"in {stem}.csv and {stem}.png" in lines[5]


def test_preflight_with_more_shots_has_narrower_intervals(printed, tmp_path, no_map):
    widths = []
    for shots in ("600", "9600"):
        out = str(tmp_path / shots)
        printed("preflight", "qvm:rainbow", "--pairs", "3", "--shots", shots, "--out", out)
        rows = numbers_of(tmp_path / shots / "preflight" / "rainbow_3.csv")
        widths.append(sum(float(r["fidelity_high"]) - float(r["fidelity_low"]) for r in rows))
    # Sixteen times the shots: a quarter of the width, or less as few shots are read with caution.
    assert 3.3 < widths[0] / widths[1] < 5.5


def test_preflight_places_again_without_pairs_that_stand_out(printed, tmp_path, no_map):
    # The worst pair of the chip is never chosen, so it is named, with five of the best.
    device = virtual_device("weber")
    weights = device.calibrated_pairs()
    worst = max(weights, key=weights.get)
    good = [p for p in sorted(weights, key=weights.get) if not set(p) & set(worst)]
    chosen = [worst]
    for pair in good:
        if len(chosen) < 6 and not set(pair) & {q for p in chosen for q in p}:
            chosen.append(pair)
    text = "+".join(f"{a.row}.{a.col}-{b.row}.{b.col}" for a, b in chosen)
    arguments = ["preflight", f"qvm:weber,pairs={text}", "--pairs", "6", "--drop-outliers"]
    out = printed(*arguments, "--out", str(tmp_path))
    first, again = out.split("\n\n")
    bad = [line.split()[0] for line in first.splitlines() if line.endswith("stands out")]
    assert text.split("+")[0] in bad
    name = again.splitlines()[0].removeprefix("without them: ")
    after = open_virtual(name).place(6)
    assert not set(worst) & {q for pair in after for q in pair}
    csvs = sorted(path.stem for path in (tmp_path / "preflight").glob("*.csv"))
    assert csvs[:2] == ["weber_6", "weber_6_without"]
    rows = numbers_of(tmp_path / "preflight" / "weber_6_without.csv")
    assert {row["backend"] for row in rows} == {name}


def test_preflight_of_a_chain_measures_its_couplers_too(printed, tmp_path, no_map):
    arguments = ["preflight", "weber", "--pairs", "3", "--chain", "--shots", "120"]
    *lines, last = printed(*arguments, "--out", str(tmp_path)).splitlines()
    assert [line.split()[0] for line in lines[:1]] == ["pair"]
    assert lines[4] == "couplers between neighbouring systems:"
    rows = numbers_of(tmp_path / "preflight" / "weber_chain_3.csv")
    assert [row["pair"] for row in rows] == [line.split()[0] for line in lines[1:4] + lines[5:7]]
    assert f"of 5 couplers stand out; in {tmp_path}/preflight/weber_chain_3.csv" in lines[7]
    # The last line names the chain as an option of a backend.
    named = open_virtual(f"qvm:weber,{last}")
    assert tuple(named.place(3)) == best_chain(named.device, 3)


def test_what_stood_out_once_stays_away(printed, tmp_path, no_map, monkeypatch):
    """The second choice must not return to the pair that the first one had left."""
    flagged = []

    def flag_the_first(couplers, found):
        flagged.append(couplers[0])
        if len(flagged) > 3:
            return frozenset()
        return frozenset(couplers[0])

    name = "quantum_advantage.preflight.processors.outlying_qubits"
    monkeypatch.setattr(name, flag_the_first)
    options = ["--pairs", "4", "--shots", "120", "--drop-outliers", "--out", str(tmp_path)]
    printed("preflight", "weber", *options)
    qubits = [q for pair in flagged for q in pair]
    assert len(flagged) == 4
    assert len(set(qubits)) == len(qubits)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        *WRONG_PLACES[1:2],
        *WRONG_PLACES[3:],
        (["qvm:rainbow", "--pairs", "2", "--shots", "10"], ["--shots", "'10'", "at least 120"]),
        (["qvm:rainbow", "--pairs", "2", "--max-minutes", "0"], ["--max-minutes", "'0'"]),
        (["nope", "--pairs", "2"], ["'nope'"]),
        (["qsim", "--pairs", "2"], ["'qsim'", "no processor"]),
    ],
)
def test_preflight_refuses_in_one_line_and_writes_nothing(refused, tmp_path, arguments, named):
    text = (
        arguments[0] if ":" in arguments[0] or arguments[0] in ("nope", "qsim") else "qvm:rainbow"
    )
    line = refused("preflight", text, *arguments[1:], "--out", str(tmp_path))
    for part in named:
        assert part in line
    assert list(tmp_path.iterdir()) == []


def test_preflight_takes_a_bare_processor_as_layout_does(printed, tmp_path):
    out = printed("preflight", "weber", "--pairs", "2", "--shots", "120", "--out", str(tmp_path))
    assert "in " in out
    assert (tmp_path / "preflight" / "weber_2.csv").is_file()


def test_program_without_credentials_says_in_one_line_how_to_get_them(tmp_path):
    given, absent = hidden_credentials(tmp_path)
    environment = {key: value for key, value in os.environ.items() if key not in absent}
    arguments = ["preflight", "engine:p/q", "--pairs", "2", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=environment | given, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"quantum-advantage preflight: error: {NO_CREDENTIALS}\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("chain", [(), ("--chain",)])
def test_a_dry_run_needs_no_credentials_and_leaves_nothing(tmp_path, chain):
    given, absent = hidden_credentials(tmp_path)
    environment = {key: value for key, value in os.environ.items() if key not in absent}
    arguments = ["preflight", "engine:p/q", "--pairs", "4", "--shots", "600", *chain, "--dry-run"]
    done = subprocess.run(
        [*COMMAND, *arguments, "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        env=environment | given,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    circuits = 9 if chain else 3
    told, cost = done.stdout.splitlines()
    assert told == "(q is not asked: the virtual willow_pink stands in for it)"
    assert cost.startswith(f"{circuits} circuits of 600 shots, no copy of an unknown state: ")
    assert f" {circuits * 600} repetitions, " in cost
    assert cost.endswith("minutes on a processor by Google's estimate")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("chain", [(), ("--chain",)])
def test_a_dry_run_tells_the_jobs_that_are_then_sent(printed, tmp_path, monkeypatch, no_map, chain):
    path = tmp_path / "willow.json"
    write_today(path)
    monkeypatch.setattr(engine, "connect", lambda _: local_engine(path, tmp_path / "log"))
    arguments = ["engine:mine/willow", "--pairs", "3", "--shots", "120", *chain, "--json"]
    price = json.loads(printed("preflight", *arguments, "--dry-run"))
    printed("preflight", *arguments, "--out", str(tmp_path / "out"))
    assert price["jobs"] == len((tmp_path / "log").read_text().splitlines())
    jobs = tmp_path / "out" / "jobs" / "preflight_willow"
    sent = [json.loads(file.read_text()) for file in jobs.glob("*.json")]
    sent = [job for job in sent if "repetitions" in job]
    assert len(sent) == price["jobs"]
    for name, key in (("parameter_sets", "points"), ("repetitions", "repetitions")):
        assert price[name] == sum(job[key] for job in sent)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("preflight weber --pairs 2 --max-minutes 3", ["--max-minutes would change nothing"]),
        ("preflight qsim --pairs 2", ["'qsim' is no processor"]),
        ("preflight weber --pairs 2 --shots 1e9", ["--shots", "at most 1000000"]),
    ],
)
def test_mistake_or_idle_option_is_one_line(refused, arguments, named):
    line = refused(*arguments.split())
    for part in named:
        assert part in line
