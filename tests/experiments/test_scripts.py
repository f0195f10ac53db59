"""The experiment scripts as a user runs them: real processes, real signals, real files."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import pytest

from quantum_advantage import plots
from quantum_advantage.experiment.runner import run_script
from quantum_advantage.study.accuracy import read_summary
from quantum_advantage.study.kinds import decisions
from quantum_advantage.tasks.observables import catalogue
from quantum_advantage.tasks.observables.task import Observables

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "experiments").glob("*.py"))
NAME = "predicting_observables"
SCRIPT = ROOT / "experiments" / f"{NAME}.py"
COUNTS, SUMMARY = f"data/{NAME}.csv", f"data/{NAME}_summary.csv"
PROVENANCE = f"data/{NAME}.json"
FIGURES = [f"{NAME}.pdf", f"{NAME}.png", f"{NAME}.svg"]
SMALL = ["--qubits", "2", "--protocols", "bell,mutually_unbiased", "--quick"]
PATIENCE = 120  # seconds
CIRCUITS_ALONE = ("depth_trap", "learned_predictions", "testing_purity")

# Quantities that are drawn as another number, together with others, or at one size alone.
UNDRAWN = {
    "exact_posterior": {"answered"},
    "finding_phases": {"coordinate", "purity", "fidelity_transition"},
    "mimicking_states": {"mimicked"},
    "predicting_ground_states": {"energy", "entropy"},
    "sensing": {"rate", "real", "imaginary"},
}
# Tasks of which a figure shows where groups part, and not how many systems are in the right one.
PARTED = "chain_phases"

each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
# Their smallest size takes longer than the fast suite allows; the others draw in the same way.
DEAR = {
    *("classical_shadows", "depth_trap", "entanglement_entropy", "estimating_purity"),
    *(
        "exact_posterior",
        "finding_phases",
        "learning_dynamics",
        "mimicking_states",
        "sensing",
        "signs",
    ),
    *("testing_purity", "time_reversal"),
}
each_script_to_play = pytest.mark.parametrize(
    "script",
    [pytest.param(p, marks=[pytest.mark.slow] if p.stem in DEAR else []) for p in SCRIPTS],
    ids=lambda path: path.stem,
)
# Its models are trained before they are priced.
each_script_to_price = pytest.mark.parametrize(
    "script",
    [
        pytest.param(p, marks=[pytest.mark.slow] if p.stem == "learned_predictions" else [])
        for p in SCRIPTS
    ],
    ids=lambda path: path.stem,
)


def run(script, *arguments, cwd=None):
    return subprocess.run(
        [sys.executable, str(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=PATIENCE,
        check=False,
    )


def loaded(script):
    """Imports a script without running it."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def play(module, changes, arguments):
    """Runs a loaded script in this process, with some of its declaration changed."""
    return run_script(replace(module.EXPERIMENT, **changes), module.draw, arguments)


def run_here(script, arguments, capsys):
    """Runs a script in this process; returns what :func:`run` does."""
    try:
        status = play(loaded(script), {}, arguments)
    except SystemExit as ended:
        status = ended.code
    printed, told = capsys.readouterr()
    return subprocess.CompletedProcess(arguments, status, printed, told)


def collect(out, workers=1):
    return run(SCRIPT, *SMALL, "--workers", workers, "--out", out)


def contents_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows_of(out):
    return set(decisions(NAME, out / COUNTS))


def is_one_line_mistake(done, *named):
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert ".py: error: " in done.stderr
    for part in named:
        assert part in done.stderr


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """The folder of a small unbroken run, and what it printed."""
    out = tmp_path_factory.mktemp("unbroken")
    done = collect(out)
    assert done.returncode == 0, done.stderr
    return out, done


@pytest.fixture
def finished(unbroken, tmp_path):
    """A copy of that folder, to be changed."""
    return Path(shutil.copytree(unbroken[0], tmp_path / "finished"))


# Help and dry runs.


@each_script
def test_help_loads_the_standard_library_alone(script):
    code = (
        "import runpy, sys\n"
        "try:\n"
        "    sys.argv[1:] = ['--help']\n"
        f"    runpy.run_path({str(script)!r}, run_name='__main__')\n"
        "finally:\n"
        "    heavy = {'numpy', 'scipy', 'cirq', 'matplotlib'} & set(sys.modules)\n"
        "    print(sorted(heavy), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: {script.name}")
    assert "--protocols" in done.stdout
    assert done.stderr == "[]\n"


def test_dry_run_lists_work_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    done = run_here(SCRIPT, ["--dry-run", "--quick", "--qubits", "2,4"], capsys)
    assert done.returncode == 0, done.stderr
    # Six protocols at two sizes, one of them with another form for the second target.
    assert len(done.stdout.splitlines()) == 2 + 7 * 2
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@each_script_to_price
def test_full_size_of_every_script_can_be_played(script, tmp_path, monkeypatch, capsys):
    module = loaded(script)
    monkeypatch.chdir(tmp_path)
    # Predicting where a search begins is slow, and no matter here.
    monkeypatch.setattr(Observables, "first_budget", lambda *arguments: 20)
    # So is the training of networks.
    monkeypatch.setattr(catalogue, "trained_recurrent", catalogue.trained_table)
    assert play(module, {}, ["--dry-run", "--full"]) == 0
    printed, told = capsys.readouterr()
    assert len(printed.splitlines()) > len(module.EXPERIMENT.full)
    assert told == ""
    assert list(tmp_path.iterdir()) == []


def drawn_numbers(figure):
    """Returns the numbers behind all lines and markers of a figure, (numbers, 2)."""
    parts = [
        line.get_xydata()
        for ax in figure.axes
        for line in ax.lines
        if line.get_transform() == ax.transData
    ]
    parts += [marks.get_offsets() for ax in figure.axes for marks in ax.collections]
    return np.concatenate([np.asarray(part, dtype=float) for part in parts])


def is_drawn(point, numbers):
    """Tells whether a point stands in a figure: its copies, or its value or error."""
    if hasattr(point, "rmse"):
        wanted = [point.value, point.rmse]
    else:
        wanted = [max(point.copies, point.copies_per_shot)]
    return any(np.isclose(numbers, number, rtol=1e-6, atol=0).any() for number in wanted)


def lettered(figure):
    """Tells whether the titles of several panels begin with bold letters in their order."""
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    if len(titles) == 1:
        return "mathbf" not in titles[0]
    starts = [rf"$\mathbf{{{letter}}}$  " for letter in ascii_lowercase]
    return all(map(str.startswith, titles, starts))


@each_script_to_play
def test_every_script_draws_its_smallest_size_from_few_games(script, tmp_path, monkeypatch):
    module = loaded(script)
    estimates = not module.EXPERIMENT.searches
    few = {"batch_size": 2, "trials": 5} if estimates else {"batch_size": 5, "trials": 5}
    # Some protocols have circuits alone.
    backend = "auto" if estimates or script.stem in CIRCUITS_ALONE else "law"
    arguments = ["--quick", "--backend", backend, "--workers", "1", "--out", str(tmp_path)]
    if not estimates:
        # A ladder of a few games, which ends by chance alone, would climb for long.
        arguments += ["--max-copies", "1100"]
    drawn, shown = {}, []

    def render(draw, stem):
        with plots.in_style():
            drawn[stem.name] = draw()

    monkeypatch.setattr("quantum_advantage.plots.render", render)
    draws = module.draw if isinstance(module.draw, dict) else {script.stem: module.draw}

    def draw_and_keep(draw, data):
        shown.append(data)
        return draw(data)

    kept = {name: partial(draw_and_keep, draw) for name, draw in draws.items()}
    monkeypatch.setattr(module, "draw", kept)
    assert play(module, few, arguments) == 0
    assert list(drawn) == list(draws)
    data = shown[0]
    for figure in drawn.values():
        figure.draw_without_rendering()
        assert lettered(figure)
        for ax in figure.axes:
            assert ax.get_title(loc="left")
            assert ax.get_xlabel()
    # Every point of the summary stands in a figure, but for what the script says of others.
    numbers = np.concatenate([drawn_numbers(figure) for figure in drawn.values()])
    points = [p for p in data.points if estimates or p.copies is not None]
    points = [p for p in points if getattr(p, "quantity", "") not in UNDRAWN.get(script.stem, ())]
    points = [
        p for p in points if p.spec.task.partition(":")[0] != PARTED or "transition" in p.quantity
    ]
    assert points
    assert [p for p in points if not is_drawn(p, numbers)] == []


@pytest.mark.parametrize(
    ("name", "protocol"),
    [(NAME, "local_pauli"), ("memory_tradeoff", "memory:qubits=0"), ("controls", "no_signal")],
)
def test_every_script_draws_though_the_target_is_missed(name, protocol, tmp_path, monkeypatch):
    module = loaded(ROOT / "experiments" / f"{name}.py")
    experiment = replace(module.EXPERIMENT, batch_size=20, trials=400)
    monkeypatch.setattr("quantum_advantage.plots.render", lambda draw, stem: draw())
    arguments = ["--protocols", protocol, "--qubits", "8", "--backend", "law", "--max-copies", "2"]
    arguments += ["--workers", "1", "--out", str(tmp_path)]
    assert run_script(experiment, module.draw, arguments) == 0
    points = read_summary(tmp_path / "data" / f"{name}_summary.csv")
    assert points
    assert all(point.copies is None for point in points)


# What a run leaves.


def test_run_leaves_counts_summary_and_figure(unbroken):
    out, done = unbroken
    assert sorted(contents_of(out)) == sorted([COUNTS, PROVENANCE, SUMMARY, *FIGURES])
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "protocol",
        "bell",
        "bell",
        "mutually_unbiased:times=3",
    ]


def test_second_run_with_more_workers_adds_nothing(finished):
    before = contents_of(finished)
    assert collect(finished, workers=2).returncode == 0
    assert contents_of(finished) == before


def test_draw_makes_the_figure_anew_from_the_counts(finished):
    before = contents_of(finished)
    for name in (SUMMARY, *FIGURES):
        (finished / name).unlink()
    module = loaded(SCRIPT)
    assert run_script(module.EXPERIMENT, module.draw, ["--draw", "--out", str(finished)]) == 0
    assert contents_of(finished) == before


# On processors.

DEVICE = ROOT / "experiments" / "device_noise.py"
TINY = ["--quick", "--qubits", "4", "--trials", "40", "--games", "2", "--workers", "1"]
DEVICE_FIGURES = [f"device_noise.{kind}" for kind in ("pdf", "png", "svg")]
MAPS = [f"preflight/device_noise_weber.{kind}" for kind in ("csv", "pdf", "png", "svg")]
DEVICE_DATA = [f"data/device_noise{end}" for end in (".csv", ".json", "_summary.csv")]


@pytest.mark.slow
def test_run_on_a_virtual_processor_goes_on_and_draws_half_of_itself(tmp_path):
    done = run(DEVICE, *TINY, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [(words[0], words[-1]) for words in lines] == [
        ("bell", "qvm:weber"), ("bell_calibrated", "qvm:weber"), ("local_pauli", "qvm:weber")
    ]  # fmt: skip
    assert done.stderr.startswith(f"device_noise: preflight of weber in {tmp_path}/preflight/")
    before = contents_of(tmp_path)
    assert sorted(before) == sorted([*DEVICE_DATA, *MAPS, *DEVICE_FIGURES])

    # What is there is not played again, and no byte changes.
    again = run(DEVICE, *TINY, "--out", tmp_path)
    assert again.stdout == done.stdout
    assert contents_of(tmp_path) == before

    # Killed half-way, it can be drawn, and goes on to the same rows.
    counts = tmp_path / DEVICE_DATA[0]
    half = before[DEVICE_DATA[0]][: len(before[DEVICE_DATA[0]]) // 2]
    counts.write_bytes(half)
    for name in (DEVICE_DATA[1], *DEVICE_FIGURES):
        (tmp_path / name).unlink()
    drawn = run(DEVICE, "--draw", "--out", tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    assert set(DEVICE_FIGURES) < set(contents_of(tmp_path))
    assert counts.read_bytes() == half
    assert run(DEVICE, *TINY, "--out", tmp_path).returncode == 0
    after = set(decisions("device_noise", counts))
    counts.write_bytes(before[DEVICE_DATA[0]])
    assert after == set(decisions("device_noise", counts))


def without_credentials(script, *arguments, cwd):
    """Runs a script where no credentials of Google's are to be found."""
    home = cwd.parent / f"{cwd.name}_home"
    home.mkdir(exist_ok=True)
    absent = ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT")
    environment = {key: value for key, value in os.environ.items() if key not in absent}
    environment |= {"HOME": str(home), "CLOUDSDK_CONFIG": str(home), "NO_GCE_CHECK": "true"}
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        timeout=PATIENCE,
        check=False,
    )


def test_dry_run_on_a_real_processor_needs_no_credentials_and_tells_the_cost(tmp_path):
    arguments = ["--dry-run", "--qubits", "4", "--protocols", "bell,bell_calibrated"]
    arguments += ["--backend", "engine:proj/chip", "--games", "5", "--trials", "100"]
    done = without_credentials(DEVICE, *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert "is not asked: the virtual" in done.stdout
    head = next(i for i, line in enumerate(lines) if "bytes/request" in line)
    assert re.split(r"  +", lines[head]) == [
        "protocol", "n", "jobs", "parameter sets", "repetitions", "bytes/request", "hours"
    ]  # fmt: skip
    rows = {line.split()[0]: line.split()[1:] for line in lines[head + 1 : head + 3]}
    assert set(rows) == {"bell", "bell_calibrated"}
    jobs, parameter_sets, repetitions, size, hours = map(float, rows["bell"][1:])
    assert jobs == 20
    assert parameter_sets <= repetitions
    assert size > 1000
    assert hours > 0
    assert float(rows["bell_calibrated"][3]) == repetitions + 20 * 600
    assert lines[-2].startswith("some ")
    assert "hours of a processor" in lines[-2]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--backend", "qvm:weber", "--qubits", "4,30"], ["weber holds 24 disjoint pairs, not 30"]),
        (["--backend", "qvm:nope"], ["'nope'", "rainbow, weber, willow_pink"]),
        (["--backend", "engine:proj/chip"], ["gcloud auth application-default login"]),
        (["--backend", "engine:chip"], ["'engine:chip'", "engine:PROJECT/PROCESSOR"]),
        (["--dry-run", "--backend", "engine:proj/chip", "--qubits", "60"], ["49", "60"]),
        (["--max-minutes", "0"], ["--max-minutes", "'0'"]),
        (["--games", "0"], ["--games", "'0'"]),
    ],
)
def test_mistake_about_a_processor_is_one_line_before_anything_runs(tmp_path, arguments, named):
    done = without_credentials(DEVICE, "--quick", *arguments, cwd=tmp_path)
    is_one_line_mistake(done, *named)
    assert contents_of(tmp_path) == {}


# Signals.


def processes_of_group(group):
    """Returns the processes of a group that still run, as lines of ps."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [row for row in rows if row[0] == str(group) and not row[1].startswith("Z")]


def start_and_signal(out, number, rows):
    """Starts a run on two workers, signals it when some rows are there, returns it when it ends.

    A kill meets the process alone, as an interrupt from the keyboard meets the whole group.
    """
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), *SMALL, "--workers", "2", "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Also where this process was started in the background, deaf to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + PATIENCE
    while not (out / COUNTS).exists() or (out / COUNTS).read_bytes().count(b"\n") <= rows:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    if number == signal.SIGKILL:
        process.kill()
    else:
        os.killpg(process.pid, number)
    return process, process.communicate(timeout=PATIENCE)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """The folder of a run that was killed, and its process group."""
    out = tmp_path_factory.mktemp("killed")
    process, _ = start_and_signal(out, signal.SIGKILL, rows=8)
    assert process.returncode == -signal.SIGKILL
    return out, process.pid


def test_no_worker_outlives_a_killed_run(killed):
    deadline = time.monotonic() + 10
    while left := processes_of_group(killed[1]):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


@pytest.fixture(scope="module")
def interrupted(killed):
    """The folder of a killed run that went on until Ctrl-C, its process and what it printed."""
    out, _ = killed
    before = rows_of(out)
    return before, *start_and_signal(out, signal.SIGINT, rows=len(before) + 24)


def test_interrupted_run_ends_with_status_130_and_one_line(interrupted):
    _, process, (printed, told) = interrupted
    assert process.returncode == 130
    assert printed == ""
    lines = [line for line in told.splitlines() if not line.endswith(" batches")]
    assert lines == [
        f"{NAME}.py: stopped; all finished batches are kept, and the same command goes on from "
        "there"
    ]


def test_killed_and_interrupted_run_goes_on_to_the_same_rows_and_summary(
    killed, interrupted, unbroken
):
    out, _ = killed
    assert interrupted[0] < rows_of(out) < rows_of(unbroken[0])
    done = collect(out)
    assert done.returncode == 0, done.stderr
    assert rows_of(out) == rows_of(unbroken[0])
    for name in (SUMMARY, *FIGURES):
        assert (out / name).read_bytes() == (unbroken[0] / name).read_bytes()


# Mistakes.


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("--qubits 0", ["--qubits", "'0'", "2:20"]),
        ("--qubits 20:2", ["--qubits", "'20:2'", "2:20"]),
        ("--backend nope", ["--backend", "'nope'", "choose one of auto, "]),
        (
            "--protocols nope",
            ["--protocols", "'nope'", "bell, adaptive_unbiased, mutually_unbiased"],
        ),
        ("--target 1", ["--target", "'1'", "between 0.5 and 1"]),
        ("--trials 0", ["--trials", "'0'", "at least 1"]),
        ("--nope", ["--nope"]),
        ("--out file/out", ["--out", "file/out", "folder that can be written"]),
        ("--out file", ["--out", "file", "folder that can be written"]),
    ],
)
def test_mistake_in_the_arguments_is_one_line_and_writes_nothing(
    tmp_path, monkeypatch, capsys, arguments, named
):
    (tmp_path / "file").write_text("mine")
    monkeypatch.chdir(tmp_path)
    is_one_line_mistake(run_here(SCRIPT, arguments.split(), capsys), *named)
    assert contents_of(tmp_path) == {"file": b"mine"}


def test_program_ends_with_status_2_and_one_line(tmp_path):
    is_one_line_mistake(run(SCRIPT, "--qubits", "0", cwd=tmp_path), "--qubits", "'0'", "2:20")
    assert contents_of(tmp_path) == {}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--task", "observables:alpha=1"], ["alpha", "1.0", "between 0 and 1"]),
        (["--draw"], ["--draw", COUNTS, "run without it first"]),
    ],
)
def test_mistake_that_the_task_finds_is_one_line_and_writes_nothing(
    tmp_path, monkeypatch, capsys, arguments, named
):
    monkeypatch.chdir(tmp_path)
    is_one_line_mistake(run_here(SCRIPT, arguments, capsys), *named)
    assert contents_of(tmp_path) == {}


def test_counts_of_another_experiment_are_refused_and_kept(finished, capsys):
    (finished / COUNTS).rename(finished / "data" / "controls.csv")
    before = contents_of(finished)
    controls = ROOT / "experiments" / "controls.py"
    done = run_here(controls, ["--quick", "--out", str(finished)], capsys)
    is_one_line_mistake(done, "controls.csv", repr(NAME), "'controls'", "another output folder")
    assert contents_of(finished) == before


def test_edited_row_is_refused_by_its_number_and_kept(finished, capsys):
    lines = (finished / COUNTS).read_text().splitlines(keepends=True)
    lines[11] = lines[11].replace(",500,500,", ",500,501,")
    (finished / COUNTS).write_text("".join(lines))
    before = contents_of(finished)
    done = run_here(SCRIPT, [*SMALL, "--workers", "1", "--out", str(finished)], capsys)
    is_one_line_mistake(done, f"row 12 of {finished / COUNTS}", "edited")
    assert contents_of(finished) == before
