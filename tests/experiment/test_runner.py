import functools
import json
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from cirq_google.engine import (
    SimulatedLocalEngine,
    SimulatedLocalProcessor,
    create_device_from_processor_id,
    engine_validator,
    load_median_device_calibration,
)

from quantum_advantage import plots
from quantum_advantage.backends.devices import engine as google
from quantum_advantage.backends.devices import placement, virtual
from quantum_advantage.backends.devices.jobs import read_jobs
from quantum_advantage.backends.devices.virtual import open_virtual
from quantum_advantage.backends.names import write_pairs
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.experiment.declaration import Curve, Experiment, Search
from quantum_advantage.experiment.runner import run_script
from quantum_advantage.preflight import processors
from quantum_advantage.preflight.pairs import Preflight
from quantum_advantage.study.accuracy import read_summary
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.spec import Spec

TASK = "observables:alpha=0.9,game=two"
TRIAL = Experiment(
    name="trial",
    about="A trial.",
    task=TASK,
    curves=(Curve("bell", (2, 3), circuits_to=2), Curve("mutually_unbiased", (2,), circuits_to=2)),
    quick=(Curve("bell", (2,), circuits_to=2),),
    full=(
        Curve("bell", (2, 3, 4), Search((0.7, 0.9)), circuits_to=4),
        Curve("mutually_unbiased", (2, 3), circuits_to=2),
        Curve("memory:qubits=1", (2,), circuits_to=2),
        Curve("no_signal", (2,), Search(max_copies=80), circuits_to=2),
    ),
    trials=40,
    batch_size=2,
)
FIGURES = ["trial.pdf", "trial.png", "trial.svg"]


def draw(data):
    figure = plots.new_figure(2, 2)
    (ax,) = figure.axes
    plots.plot_points(ax, data.points[:1], [2])
    for curve in data.curves:
        plots.plot_accuracy(ax, curve)
    return figure


def call(out, *arguments, experiment=TRIAL, draw=draw):
    """Runs the experiment in this process and returns the exit status."""
    try:
        others = {"--draw", "--cluster"} & {*arguments}
        on_engine = any(text.startswith("engine:") for text in arguments)
        workers = [] if others or on_engine else ["--workers", "1"]
        return run_script(experiment, draw, [*arguments, "--out", str(out), *workers])
    except SystemExit as ended:
        return ended.code


def rows_of(out):
    return list(decisions("trial", out / "data" / "trial.csv"))


def contents_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(capsys, out, *arguments):
    """Runs with a mistake: status 2, one line, nothing on standard output, no file changed."""
    before = contents_of(out)
    capsys.readouterr()
    assert call(out, *arguments) == 2
    assert contents_of(out) == before
    printed, line = capsys.readouterr()
    assert printed == ""
    assert line.startswith("trial.py: error: ")
    assert line.count("\n") == 1
    return line


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """The folder of an unbroken run."""
    out = tmp_path_factory.mktemp("unbroken")
    assert call(out) == 0
    return out


@pytest.fixture
def finished(unbroken, tmp_path):
    """A copy of that folder, to be changed."""
    for path, content in contents_of(unbroken).items():
        copy = tmp_path / path.relative_to(unbroken)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(content)
    return tmp_path


@pytest.fixture
def no_playing(monkeypatch):
    def play(*arguments):
        raise AssertionError("nothing is to be played")

    monkeypatch.setattr("quantum_advantage.study.engine.play_batch", play)


@pytest.fixture
def no_figure(monkeypatch):
    """Leaves out the slow part of a run where a test does not look at it."""
    monkeypatch.setattr("quantum_advantage.plots.render", lambda draw, stem: draw())
    monkeypatch.setattr(processors, "render", lambda draw, stem: None)


# What a run leaves.


def test_run_leaves_counts_summary_and_figure(unbroken):
    names = sorted(str(path.relative_to(unbroken)) for path in contents_of(unbroken))
    assert names == ["data/trial.csv", "data/trial.json", "data/trial_summary.csv", *FIGURES]


def test_run_plays_every_curve_with_at_least_20_batches(unbroken):
    batches = {}
    for row in rows_of(unbroken):
        batches.setdefault((row.spec.protocol, row.spec.qubits), set()).add(row.batch)
    assert set(batches) == {("bell", 2), ("bell", 3), ("mutually_unbiased:times=3", 2)}
    assert all(numbers == set(range(20)) for numbers in batches.values())


def test_rows_are_those_of_the_batches_played_alone(unbroken):
    rows = rows_of(unbroken)
    for spec in {row.spec for row in rows}:
        assert set(play_batch("trial", spec, 7)) <= set(rows)


def test_summary_has_a_point_for_each_curve_and_target(unbroken):
    points = read_summary(unbroken / "data" / "trial_summary.csv")
    # The full size reads bell at two targets, and so does every summary.
    assert sorted((p.spec.protocol, p.spec.qubits, p.target) for p in points) == [
        ("bell", 2, 0.7),
        ("bell", 2, 0.9),
        ("bell", 3, 0.7),
        ("bell", 3, 0.9),
        ("mutually_unbiased:times=3", 2, 0.7),
    ]


def test_auto_runs_circuits_to_the_declared_size_and_the_law_beyond(unbroken):
    found = {
        (row.spec.protocol, row.spec.qubits): (row.spec.backend, row.spec.source)
        for row in rows_of(unbroken)
    }
    assert found["bell", 2] == ("qsim", "circuit")
    assert found["bell", 3] == ("law", "law")


def test_run_prints_a_line_for_each_point(tmp_path, capsys, no_figure):
    call(tmp_path, "--quick")
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split()[:5] == ["protocol", "n", "source", "target", "copies"]
    assert [line.split()[:4] for line in lines] == [
        ["bell", "2", "circuit", "0.70"],
        ["bell", "2", "circuit", "0.90"],
    ]


def test_run_tells_of_its_progress(tmp_path, capsys, no_figure):
    call(tmp_path, "--quick")
    assert capsys.readouterr().err.splitlines()[-1] == "trial: 20 of 20 batches"


def test_figure_is_drawn_from_what_is_on_disk(tmp_path, no_figure):
    seen = []

    def watch(data):
        seen.append(data)
        return draw(data)

    call(tmp_path, draw=watch)
    (data,) = seen
    on_disk = read_summary(tmp_path / "data" / "trial_summary.csv")
    assert [replace(p, copies=0, copies_low=0, copies_high=0, bound=0) for p in data.points] == [
        replace(p, copies=0, copies_low=0, copies_high=0, bound=0) for p in on_disk
    ]
    assert [p.copies for p in data.points] == pytest.approx([p.copies for p in on_disk], rel=1e-5)
    assert len(data.curves) == 3


@pytest.mark.parametrize(
    ("option", "value", "field"),
    [
        ("--seed", "5", "seed"),
        ("--task", "observables:alpha=0.8,game=two", "task"),
        ("--backend", "qsim:readout=0.1", "backend"),
    ],
)
def test_figure_leaves_out_what_else_is_in_the_file(finished, no_figure, option, value, field):
    seen = []

    def watch(data):
        seen.append(data)
        return draw(data)

    call(finished, "--quick", option, value, draw=watch)
    (data,) = seen
    assert {str(getattr(curve.key, field)) for curve in data.curves} == {value}
    assert len(data.points) == 2  # bell at two targets, and none of the earlier run
    assert len({getattr(row.spec, field) for row in rows_of(finished)}) >= 2


def test_summary_keeps_the_curves_of_another_task_in_the_same_file(finished, no_figure):
    path = finished / "data" / "trial_summary.csv"
    before = path.read_text().splitlines()
    assert call(finished, "--task", "observables:alpha=0.5", "--backend", "law") == 0
    assert set(before) < set(path.read_text().splitlines())


# Arguments.


def test_sizes_protocols_targets_and_seed_can_be_chosen(tmp_path, no_figure, capsys):
    arguments = "--qubits 3:4 --protocols bell --target 0.6,0.8 --seed 9 --backend law"
    assert call(tmp_path, *arguments.split()) == 0
    rows = rows_of(tmp_path)
    assert {row.spec.qubits for row in rows} == {3, 4}
    assert {(row.spec.protocol, row.spec.backend, row.spec.seed) for row in rows} == {
        ("bell", "law", 9)
    }
    targets = {p.target for p in read_summary(tmp_path / "data" / "trial_summary.csv")}
    assert {0.6, 0.8} < targets
    # Only what was asked for is printed.
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in lines[1:]] == ["0.60", "0.80"] * 2


def test_task_and_trials_can_be_chosen(tmp_path, no_figure):
    arguments = ["--quick", "--task", "observables:game=one,alpha=0.8", "--trials", "45"]
    assert call(tmp_path, *arguments) == 0
    rows = rows_of(tmp_path)
    assert {row.spec.task for row in rows} == {"observables:alpha=0.8,game=one"}
    assert {row.batch for row in rows} == set(range(23))


def test_fewer_trials_than_the_least_batches_hold_are_told(tmp_path, no_figure, capsys):
    assert call(tmp_path, "--quick", "--games", "6", "--trials", "45") == 0
    told = capsys.readouterr().err.splitlines()[0]
    assert (
        told
        == "--trials 45: 20 batches of 6 games are played at least; --games 2 makes them smaller"
    )
    assert call(tmp_path, "--quick", "--games", "2", "--trials", "45") == 0
    assert "--trials" not in capsys.readouterr().err


def test_protocol_with_options_can_be_chosen(tmp_path, no_figure):
    assert call(tmp_path, "--protocols", "bell,memory:qubits=2", "--qubits", "2") == 0
    assert {row.spec.protocol for row in rows_of(tmp_path)} == {"memory:qubits=2", "bell"}


def test_records_have_no_more_copies_than_allowed(tmp_path, no_figure):
    assert call(tmp_path, "--protocols", "no_signal", "--max-copies", "17") == 0
    assert {row.spec.budget for row in rows_of(tmp_path)} == {17}


def test_records_have_no_more_copies_than_their_curve_allows(tmp_path, no_figure):
    assert call(tmp_path, "--protocols", "no_signal", "--backend", "law") == 0
    assert {row.spec.budget for row in rows_of(tmp_path)} == {20, 80}


def test_noise_of_the_backend_reaches_the_rows(tmp_path, no_figure):
    assert call(tmp_path, "--quick", "--backend", "qsim:readout=0.1") == 0
    assert {row.spec.backend for row in rows_of(tmp_path)} == {"qsim:readout=0.1"}


def test_games_in_a_batch_can_be_chosen(tmp_path, no_figure):
    assert call(tmp_path, "--quick", "--games", "3", "--trials", "70") == 0
    rows = rows_of(tmp_path)
    assert {row.trials for row in rows} == {3}
    assert {row.batch for row in rows} == set(range(24))


def test_other_games_are_another_curve(finished, no_figure):
    before = rows_of(finished)
    assert call(finished, "--quick", "--games", "3") == 0
    after = rows_of(finished)
    assert after[: len(before)] == before
    assert {row.trials for row in after} == {2, 3}


# Places of curves.

PLACED = replace(
    TRIAL,
    curves=(
        Curve("bell", (2, 3), backend="qvm:rainbow"),
        Curve("bell", (2,), backend="auto:readout=0.05"),
        Curve("bell", (2, 3), circuits_to=2),
    ),
    quick=(Curve("bell", (2,), backend="qvm:rainbow"),),
)
CHIP_FIGURES = ["trial_rainbow.pdf", "trial_rainbow.png", "trial_rainbow.svg"]


def places_of(out):
    return {(row.spec.backend, row.spec.qubits) for row in rows_of(out)}


def test_every_curve_runs_where_it_says(tmp_path, no_figure):
    assert call(tmp_path, experiment=PLACED) == 0
    assert places_of(tmp_path) == {
        ("qvm:rainbow", 2), ("qvm:rainbow", 3), ("qsim:readout=0.05", 2), ("qsim", 2), ("law", 3),
    }  # fmt: skip


def test_backend_of_the_command_line_is_that_of_all_curves(tmp_path, no_figure):
    assert call(tmp_path, "--backend", "stim", experiment=PLACED) == 0
    assert places_of(tmp_path) == {("stim", 2), ("stim", 3)}


def test_protocol_that_is_named_keeps_the_places_of_its_curves(tmp_path, capsys):
    assert call(tmp_path, "--dry-run", "--protocols", "bell", experiment=PLACED) == 0
    listed = {tuple(line.split()[:3]) for line in capsys.readouterr().out.splitlines()}
    assert {("bell", "2", "qvm:rainbow"), ("bell", "2", "qsim"), ("bell", "3", "law")} <= listed


def test_curves_of_different_places_are_drawn_together_and_told_apart(tmp_path, capsys, no_figure):
    seen = []

    def watch(data):
        seen.append(data)
        return draw(data)

    call(tmp_path, experiment=PLACED, draw=watch)
    (data,) = seen
    assert {(c.key.backend, c.key.qubits) for c in data.curves} == places_of(tmp_path)
    lines = capsys.readouterr().out.splitlines()[1:]
    printed = {(line.split()[-1], int(line.split()[1])) for line in lines}
    assert printed == places_of(tmp_path)


def test_processor_is_flown_before_anything_is_played_and_its_map_is_kept(tmp_path, capsys):
    assert call(tmp_path, "--quick", experiment=PLACED) == 0
    folder = tmp_path / "preflight"
    assert sorted(p.name for p in folder.iterdir()) == sorted(["trial_rainbow.csv", *CHIP_FIGURES])
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"trial: preflight of rainbow in {folder}/trial_rainbow.csv"
    assert told[1].endswith("batches")


def test_run_on_a_virtual_processor_goes_on_without_playing_again(tmp_path, no_figure, monkeypatch):
    assert call(tmp_path, "--quick", experiment=PLACED) == 0
    before = contents_of(tmp_path)

    def play(*arguments):
        raise AssertionError("nothing is to be played")

    monkeypatch.setattr("quantum_advantage.study.engine.play_batch", play)
    assert call(tmp_path, "--quick", experiment=PLACED) == 0
    assert contents_of(tmp_path) == before


def test_more_pairs_than_the_processor_holds_are_refused_before_anything_runs(
    capsys, tmp_path, no_playing, monkeypatch
):
    monkeypatch.setattr("quantum_advantage.preflight.processors.measure_pairs", None)
    capsys.readouterr()
    arguments = "--backend", "qvm:rainbow", "--qubits", "2,9"
    assert call(tmp_path, *arguments, "--protocols", "bell") == 2
    printed, line = capsys.readouterr()
    assert printed == ""
    assert line.count("\n") == 1
    assert "rainbow holds 8 disjoint pairs, not 9" in line
    # Stabiliser bases couple more than pairs, which is said before any preflight.
    assert call(tmp_path, *arguments) == 2
    assert "mutually_unbiased would couple qubits of a copy" in capsys.readouterr().err
    assert contents_of(tmp_path) == {}


# Pairs that stand out.


@pytest.fixture
def flagging(monkeypatch):
    """Makes every preflight flag its second pair."""
    monkeypatch.setattr(Preflight, "outliers", lambda found: np.arange(found.pairs) == 1)


def test_outliers_are_told_and_kept(tmp_path, capsys, no_figure, flagging):
    assert call(tmp_path, "--quick", experiment=PLACED) == 0
    assert "trial_rainbow.csv, 1 of 2 pairs stand out\n" in capsys.readouterr().err
    assert places_of(tmp_path) == {("qvm:rainbow", 2)}


def test_outliers_are_dropped_and_the_rows_name_the_pairs_instead(tmp_path, no_figure, flagging):
    seen = []

    def watch(data):
        seen.append(data)
        return draw(data)

    def dropped():
        return call(tmp_path, "--quick", "--drop-outliers", experiment=PLACED, draw=watch)

    assert dropped() == 0
    ((backend, _),) = places_of(tmp_path)
    bad = set(open_virtual("qvm:rainbow").place(2)[1])
    pairs = open_virtual(backend).place(2)
    assert len({q for pair in pairs for q in pair}) == 4
    assert not bad & {q for pair in pairs for q in pair}
    assert backend == f"qvm:rainbow,pairs={write_pairs(placement.pair_places(pairs))}"
    assert [point.spec.backend for point in seen[0].points] == [backend] * 2
    # The same command goes on with the same pairs.
    before = contents_of(tmp_path)
    assert dropped() == 0
    assert contents_of(tmp_path) == before


def test_outliers_of_the_backend_of_the_command_line_are_dropped_too(tmp_path, no_figure, flagging):
    assert call(tmp_path, "--quick", "--backend", "qvm:weber", "--drop-outliers") == 0
    ((backend, _),) = places_of(tmp_path)
    assert backend.startswith("qvm:weber,pairs=")
    assert backend.count("-") == 2


# A real processor: Google's own local stand-in, as strict as the service.


class Seen:
    """What went over to the processor."""

    def __init__(self):
        self.projects, self.sent = [], 0


@pytest.fixture
def engine(monkeypatch):
    """Puts a local engine with Weber on it in the place of Google's; returns what it has seen."""
    seen, sampler = Seen(), FactorisedSampler("qsim", virtual.virtual_noise("weber"), 3)
    processor = SimulatedLocalProcessor(
        processor_id="weber",
        sampler=sampler,
        device=create_device_from_processor_id("weber"),
        validator=engine_validator.create_engine_validator(),
        program_validator=engine_validator.create_program_validator(),
        calibrations={1: load_median_device_calibration("weber")},
    )
    run_sweep = processor.run_sweep

    @functools.wraps(run_sweep)
    def counted(*arguments, **options):
        seen.sent += 1
        return run_sweep(*arguments, **options)

    def connect(project):
        seen.projects.append(project)
        return SimulatedLocalEngine([processor])

    monkeypatch.setattr(processor, "run_sweep", counted)
    monkeypatch.setattr(google, "connect", connect)
    # Folders of jobs are locked as long as they are open; every run here opens its own.
    opened = []
    original = google.JobFolder

    def watched(*arguments):
        opened.append(original(*arguments))
        return opened[-1]

    monkeypatch.setattr(google, "JobFolder", watched)
    seen.close = lambda: [folder.close() for folder in opened]
    return seen


ENGINE = ["--backend", "engine:secretproj/weber", "--qubits", "4", "--games", "5"]
ENGINE += ["--trials", "100", "--protocols"]
FEW = "bell,bell_calibrated:shots=30"
REAL = replace(
    TRIAL,
    curves=(Curve("bell", (4,), circuits_to=4), Curve("bell_calibrated", (4,), circuits_to=4)),
)


def call_engine(seen, out, *arguments, protocols=FEW):
    try:
        return call(out, *ENGINE, protocols, *arguments, experiment=REAL)
    finally:
        seen.close()


@pytest.mark.parametrize(
    "protocols", [FEW, pytest.param("bell,bell_calibrated", marks=pytest.mark.slow)]
)
def test_real_processor_collects_keeps_its_jobs_and_goes_on_without_sending(
    tmp_path, no_figure, engine, capsys, protocols
):
    def again():
        return call_engine(engine, tmp_path, protocols=protocols)

    assert again() == 0
    rows = rows_of(tmp_path)
    assert {(row.spec.backend, row.spec.source) for row in rows} == {("engine:weber", "circuit")}
    batches = {}
    for row in rows:
        batches.setdefault(row.spec.protocol, set()).add(row.batch)
    assert batches == {name: set(range(20)) for name in protocols.split(",")}
    jobs = read_jobs(tmp_path / "jobs" / "trial")
    assert len(jobs) == engine.sent > 40
    assert {job.state for job in jobs} == {"done"}
    assert {job.calibrated[:10] for job in jobs} == {"2021-11-03"}
    stored = {path.stem for path in (tmp_path / "jobs" / "trial").glob("*.npz")}
    assert stored == {job.name for job in jobs}

    sent, before = engine.sent, contents_of(tmp_path)
    assert again() == 0
    assert engine.sent == sent
    assert contents_of(tmp_path) == before

    # Counts that are lost are made again from the jobs on disk, without the processor.
    (tmp_path / "data" / "trial.csv").unlink()
    assert again() == 0
    assert engine.sent == sent
    assert set(rows_of(tmp_path)) == set(rows)

    # The project was asked for, and is written nowhere.
    assert set(engine.projects) == {"secretproj"}
    for path, content in contents_of(tmp_path).items():
        assert b"secretproj" not in content, path
        assert "secretproj" not in str(path.relative_to(tmp_path))
    assert "secretproj" not in "".join(capsys.readouterr())


def settled(folder):
    """Waits until the jobs that were under way when a run stopped are on disk; returns all."""
    deadline = time.monotonic() + 60
    while any(job.state != "done" for job in read_jobs(folder)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return read_jobs(folder)


def test_real_processor_stops_at_its_cap_and_goes_on_from_there(
    tmp_path, no_figure, engine, capsys
):
    folder = tmp_path / "jobs" / "trial"

    def stopped(minutes):
        assert call_engine(engine, tmp_path, "--max-minutes", str(minutes), protocols="bell") == 2
        printed, told = capsys.readouterr()
        assert printed == ""
        *before, line = told.splitlines()
        assert line.startswith("trial.py: error: the next job would take the device time to ")
        assert f"beyond --max-minutes {minutes}; " in line
        assert f"finished jobs are kept in {folder}" in line
        assert not any("error" in other for other in before)
        assert "secretproj" not in told
        jobs = settled(folder)
        assert sum(job.seconds for job in jobs) <= 60 * minutes
        return {job.name for job in jobs}

    assert stopped(0.01) == set()
    kept = stopped(3)
    assert 3 < len(kept) == engine.sent
    assert call_engine(engine, tmp_path, protocols="bell") == 0
    jobs = {job.name for job in read_jobs(folder)}
    assert kept < jobs
    assert len(jobs) == engine.sent, "a job was sent twice"
    assert len({(row.spec.id, row.batch) for row in rows_of(tmp_path)}) >= 20


@pytest.mark.slow
def test_real_processor_chooses_its_pairs_once(tmp_path, no_figure, engine, flagging):
    assert call_engine(engine, tmp_path, "--drop-outliers", protocols="bell") == 0
    ((backend, _),) = places_of(tmp_path)
    assert backend.startswith("engine:weber,pairs=")
    bad = set(open_virtual("qvm:weber").place(4)[1])
    pairs = open_virtual(backend.replace("engine:", "qvm:")).place(4)
    assert not bad & {q for pair in pairs for q in pair}
    pinned = json.loads((tmp_path / "jobs" / "trial" / "run.json").read_text())["pinned"]
    assert write_pairs(placement.pair_places(pairs)) in pinned.values()
    sent, before = engine.sent, contents_of(tmp_path)
    assert call_engine(engine, tmp_path, "--drop-outliers", protocols="bell") == 0
    assert engine.sent == sent
    assert contents_of(tmp_path) == before
    for content in before.values():
        assert b"secretproj" not in content


def test_dry_run_of_a_real_processor_asks_nobody(tmp_path, capsys, monkeypatch, no_playing):
    def connect(project):
        raise AssertionError("nothing is to be asked")

    monkeypatch.setattr(google, "connect", connect)
    assert call(tmp_path / "new", *ENGINE, FEW, "--dry-run", experiment=REAL) == 0
    assert not (tmp_path / "new").exists()
    printed, told = capsys.readouterr()
    assert told == ""
    assert "secretproj" not in printed
    assert "is not asked: the virtual" in printed


# Dry runs.


def dry(capsys, out, *arguments):
    assert call(out / "new", "--dry-run", *arguments) == 0
    assert not (out / "new").exists()
    return capsys.readouterr().out.splitlines()[1:-1]


@pytest.mark.parametrize(
    ("arguments", "work"),
    [
        ([], ["bell 2 qsim", "bell 3 law", "mutually_unbiased:times=3 2 qsim"]),
        (["--quick"], ["bell 2 qsim"]),
        (["--quick", "--backend", "stim"], ["bell 2 stim"]),
        (["--protocols", "no_signal,bell", "--qubits", "3"], ["no_signal 3 law", "bell 3 law"]),
        (["--protocols", "memory:qubits=0"], ["memory:qubits=0 2 qsim"]),
    ],
)
def test_dry_run_lists_the_work_and_writes_nothing(capsys, tmp_path, no_playing, arguments, work):
    lines = dry(capsys, tmp_path, *arguments)
    assert [" ".join(line.split()[:3]) for line in lines] == work


def test_dry_run_of_the_full_size_lists_every_first_rung_once(capsys, tmp_path, no_playing):
    lines = [line.split() for line in dry(capsys, tmp_path, "--full")]
    sizes = {("bell", n) for n in "234"} | {("mutually_unbiased:times=3", n) for n in "23"}
    sizes |= {("memory:qubits=1", "2"), ("no_signal", "2")}
    assert {(words[0], words[1]) for words in lines} == sizes
    assert len({tuple(words[:4]) for words in lines}) == len(lines)


def test_dry_run_names_the_specs_that_a_run_plays(capsys, tmp_path, unbroken):
    listed = {line.split()[-1] for line in dry(capsys, tmp_path)}
    assert listed <= {row.spec.id for row in rows_of(unbroken)}


def test_dry_run_tells_circuit_size_and_shots(capsys, tmp_path):
    (line,) = dry(capsys, tmp_path, "--quick", "--seed", "3")
    _, _, _, budget, qubits, gates, shots, _, identity = line.split()
    assert (qubits, gates) == ("4", "2")
    assert float(shots) == 40 * (int(budget) // 2)
    assert identity == Spec(TASK, "bell", 2, "qsim", int(budget), 2, 3).id


# Again.


def test_second_run_plays_nothing_and_changes_no_byte(finished, no_playing):
    before = contents_of(finished)
    assert call(finished) == 0
    assert contents_of(finished) == before


def test_draw_makes_summary_and_figure_anew_without_playing(finished, no_playing):
    before = contents_of(finished)
    for path in before:
        if path.name not in ("trial.csv", "trial.json"):
            path.unlink()
    assert call(finished, "--draw") == 0
    assert contents_of(finished) == before


def test_larger_run_keeps_what_was_there(finished, no_figure):
    before = (finished / "data" / "trial.csv").read_bytes()
    assert call(finished, "--trials", "50") == 0
    after = (finished / "data" / "trial.csv").read_bytes()
    assert after.startswith(before)
    assert {row.batch for row in rows_of(finished)} == set(range(25))


def test_torn_row_is_told_and_its_batch_is_played_again(finished, unbroken, capsys):
    path = finished / "data" / "trial.csv"
    batches = [(row.spec.id, row.batch) for row in rows_of(finished)]
    path.write_bytes(path.read_bytes()[:-10])
    assert call(finished) == 0
    # The rows before it that belong to the same batch are dropped with it.
    first = 2 + batches.index(batches[-1])
    assert f"trial: row {first} of the counts was torn" in capsys.readouterr().err
    assert set(rows_of(finished)) == set(rows_of(unbroken))
    for name in ("data/trial_summary.csv", *FIGURES):
        assert (finished / name).read_bytes() == (unbroken / name).read_bytes()


def test_interrupt_ends_with_130_and_one_line_and_the_same_command_goes_on(
    tmp_path, unbroken, capsys, monkeypatch
):
    played = []

    def interrupted(*arguments):
        played.append(arguments)
        if len(played) == 31:
            raise KeyboardInterrupt
        return play_batch(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("quantum_advantage.study.engine.play_batch", interrupted)
        assert call(tmp_path) == 130
    printed, told = capsys.readouterr()
    assert printed == ""
    assert [line for line in told.splitlines() if not line.endswith("batches")] == [
        "trial.py: stopped; all finished batches are kept, and the same command goes on from there"
    ]
    assert len({(row.spec.id, row.batch) for row in rows_of(tmp_path)}) == 30
    assert call(tmp_path) == 0
    assert set(rows_of(tmp_path)) == set(rows_of(unbroken))
    for name in ("data/trial_summary.csv", *FIGURES):
        assert (tmp_path / name).read_bytes() == (unbroken / name).read_bytes()


# Mistakes.


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("--qubits 0", ["--qubits", "'0'", "2:20"]),
        ("--qubits 20:2", ["--qubits", "'20:2'", "2:20"]),
        ("--qubits 60 --protocols mutually_unbiased", ["60", "at most 50"]),
        ("--backend nope", ["--backend", "'nope'", "choose one of auto, "]),
        ("--backend qsim:readout=2", ["--backend", "readout", "'qsim:readout=2'", "0.5"]),
        ("--backend law:readout=0.1", ["law", "mutually_unbiased", "use qsim"]),
        ("--protocols nope", ["--protocols", "'nope'", "bell, mutually_unbiased"]),
        ("--protocols bell,", ["''"]),
        ("--protocols bell:times=2", ["'times'", "'bell:times=2'"]),
        ("--protocols memory:qubits=5", ["'memory:qubits=5'", "between 0 and 2"]),
        ("--task nope", ["'nope'", "observables"]),
        ("--task observables:alpha=1", ["alpha", "1.0", "between 0 and 1"]),
        ("--task observables:alpha=0", ["alpha", "0.0", "between 0 and 1"]),
        ("--task observables:game=three", ["game", "'three'", "two, one"]),
        ("--task observables:beta=1", ["'beta'", "alpha, game"]),
        ("--target 1", ["--target", "'1'", "between 0.5 and 1"]),
        ("--target 0.7,x", ["--target", "'0.7,x'", "0.7,0.9"]),
        ("--trials 0", ["--trials", "'0'", "at least 1"]),
        ("--max-copies x", ["--max-copies", "'x'", "at least 1"]),
        ("--max-copies 1 --protocols bell", ["--max-copies 1", "2 copies of one shot of bell"]),
        ("--seed -1", ["--seed", "'-1'", "at least 0"]),
        ("--workers 0", ["--workers", "'0'", "at least 1"]),
        ("--quick --full", ["--full", "--quick"]),
        ("--nope", ["--nope"]),
        ("--draw", ["--draw", "trial.csv", "run without it first"]),
    ],
)
def test_mistake_is_one_line_that_names_it_and_writes_nothing(
    capsys, tmp_path, no_playing, arguments, named
):
    line = refused(capsys, tmp_path / "new", *arguments.split())
    for part in named:
        assert part in line


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("--drop-outliers", ["--drop-outliers would change nothing", "no preflight"]),
        ("--max-minutes 3", ["--max-minutes would change nothing", "real processor"]),
        ("--max-minutes 3 --backend qvm:weber", ["--max-minutes would change nothing"]),
        ("--drop-outliers --dry-run", ["--drop-outliers would change nothing"]),
        ("--draw --dry-run", ["--dry-run", "--draw"]),
        ("--draw --trials 100", ["--trials would change nothing", "--draw"]),
        ("--draw --games 100", ["--games would change nothing", "--draw"]),
        ("--draw --qubits 2", ["--qubits would change nothing", "--draw"]),
        ("--draw --quick", ["--quick would change nothing", "--draw"]),
        ("--draw --full", ["--full would change nothing", "--draw"]),
        ("--draw --max-copies 9", ["--max-copies would change nothing", "--draw"]),
        ("--draw --workers 2", ["--workers would change nothing", "--draw"]),
        ("--draw --cluster tcp://x:1", ["--cluster would change nothing", "--draw"]),
        ("--draw --protocols bell", ["--protocols would change nothing", "--draw"]),
        ("--cluster tcp://x:1 --workers 2", ["--workers would change nothing", "cluster"]),
        ("--backend engine:p/c --workers 2", ["--workers would change nothing", "real processor"]),
        ("--backend engine:p/c --cluster x", ["--cluster would change nothing", "real processor"]),
        ("--cluster=", ["--cluster", "must not be empty"]),
        ("--out=", ["--out", "must not be empty"]),
        ("--protocols=", ["--protocols", "must not be empty"]),
        ("--task=", ["--task", "must not be empty"]),
        ("--task observables:alpha=0.9_9", ["'alpha'", "a number", "'0.9_9'"]),
        ("--task observables:alpha=nan", ["'alpha'", "a number", "'nan'"]),
        ("--task observables:alpha=inf", ["'alpha'", "a number", "'inf'"]),
        ("--protocols memory:qubits=1.0", ["'qubits'", "a whole number", "'1.0'"]),
        ("--protocols memory:qubits=0x1", ["'qubits'", "a whole number", "'0x1'"]),
        ("--protocols mutually_unbiased:times=1_0", ["'times'", "a whole number", "'1_0'"]),
        ("--protocols mutually_unbiased:times=99999999999999999999", ["'times'", "below 2^63"]),
        ("--trials 1e13", ["--trials", "at most 100000000"]),
        ("--games 1000000", ["--games", "at most 100000"]),
        ("--trials 1e8 --games 1", ["--trials 100000000", "100000 batches of 1"]),
        ("--seed 99999999999999999999", ["--seed", "at most"]),
        ("--workers 100000", ["--workers", "at most 1000"]),
        ("--max-copies 1e30", ["--max-copies", "at most"]),
        ("--protocols bel", ["'bel'", "did you mean bell?"]),
        ("--task observable", ["'observable'", "did you mean observables?"]),
        ("--backend qvm:webber --protocols bell --qubits 2", ["'webber'", "did you mean weber?"]),
        ("--backend qvm:webber --qubits 2", ["'webber'", "did you mean weber?"]),
    ],
)
def test_options_that_change_nothing_or_too_much_are_refused(
    capsys, tmp_path, no_playing, arguments, named
):
    others = arguments.split()
    before = contents_of(tmp_path)
    try:
        status = run_script(
            TRIAL, draw, [*others, "--out", str(tmp_path)] if "--out=" not in others else others
        )
    except SystemExit as ended:
        status = ended.code
    printed, line = capsys.readouterr()
    assert (status, printed) == (2, "")
    assert line.startswith("trial.py: error: ")
    assert line.count("\n") == 1
    for part in named:
        assert part in line
    assert contents_of(tmp_path) == before


def test_two_spellings_of_a_value_are_one_task(capsys, tmp_path):
    for alpha in ("0.5", "0.50", ".5", "5e-1"):
        assert call(tmp_path, "--dry-run", "--quick", "--task", f"observables:alpha={alpha}") == 0
    lines = [x.split() for x in capsys.readouterr().out.splitlines() if x.startswith("bell")]
    assert len({words[-1] for words in lines}) == 1


def test_long_work_is_announced_before_the_first_batch(capsys, tmp_path, no_figure, monkeypatch):
    monkeypatch.setattr("quantum_advantage.study.price.batch_seconds", lambda spec: 3600.0)
    assert call(tmp_path, "--quick") == 0
    first = capsys.readouterr().err.splitlines()[0]
    assert first.startswith("trial: some 20 hours of work on one worker, as far as is known now; ")
    assert first.endswith("bell at n = 2 on qsim costs most, 20 hours")


def test_a_killed_worker_process_is_one_line_and_the_same_command_goes_on(
    tmp_path, unbroken, capsys, monkeypatch
):
    played = []

    def broken(*arguments):
        played.append(arguments)
        if len(played) == 31:
            raise ChildProcessError("a worker process was killed")
        return play_batch(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("quantum_advantage.study.engine.play_batch", broken)
        assert call(tmp_path) == 2
    *_, line = capsys.readouterr().err.splitlines()
    assert line == (
        "trial.py: error: a worker process was killed; all finished batches are kept, and the same "
        "command goes on from there"
    )
    assert call(tmp_path) == 0
    assert set(rows_of(tmp_path)) == set(rows_of(unbroken))


def test_draw_of_a_seed_that_was_not_played_is_refused(capsys, finished, no_playing):
    assert "seed 5" in refused(capsys, finished, "--draw", "--seed", "5")


def test_draw_with_nothing_to_show_is_refused_and_nothing_changes(capsys, tmp_path, no_figure):
    # The counts hold a protocol with options of its own, which no size of the experiment shows.
    assert call(tmp_path, "--protocols", "mutually_unbiased:times=5") == 0
    assert "trial.csv" in refused(capsys, tmp_path, "--draw")


def test_folder_below_a_file_is_refused(capsys, tmp_path, no_playing):
    (tmp_path / "file").write_text("mine")
    line = refused(capsys, tmp_path / "file" / "out")
    assert "--out" in line
    assert str(tmp_path / "file" / "out") in line
    assert (tmp_path / "file").read_text() == "mine"


def test_folder_that_is_a_file_is_refused(capsys, tmp_path, no_playing):
    (tmp_path / "file").write_text("mine")
    assert "--out" in refused(capsys, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_edited_row_is_refused_and_nothing_changes(capsys, finished, no_playing):
    path = finished / "data" / "trial.csv"
    lines = path.read_text().splitlines(keepends=True)
    lines[6] = lines[6].replace(",2,2,", ",2,3,", 1)
    path.write_text("".join(lines))
    assert f"row 7 of {path}" in refused(capsys, finished)
    assert f"row 7 of {path}" in refused(capsys, finished, "--draw")


def test_counts_of_another_experiment_are_refused_and_nothing_changes(capsys, finished, no_playing):
    other = replace(TRIAL, name="other")
    (finished / "data" / "trial.csv").rename(finished / "data" / "other.csv")
    before = contents_of(finished)
    assert call(finished, experiment=other) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    for part in ("other.csv", "'trial'", "'other'", "choose another output folder"):
        assert part in line
    assert contents_of(finished) == before


def test_file_that_is_no_counts_file_is_refused_and_untouched(capsys, tmp_path, no_playing):
    path = tmp_path / "data" / "trial.csv"
    path.parent.mkdir()
    path.write_text("my,own,table\n1,2,3\n")
    assert f"{path} is not a file of counts" in refused(capsys, tmp_path)


def test_file_in_use_by_another_run_is_refused(capsys, finished, no_playing):
    other = decisions("trial", finished / "data" / "trial.csv")
    other.open()
    line = refused(capsys, finished)
    other.close()
    assert "trial.csv is in use by another run" in line


def test_cluster_without_its_extra_says_what_to_install(capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert call(tmp_path, "--quick", "--cluster", "tcp://127.0.0.1:1") == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "--cluster needs dask.distributed: pip install" in line
    assert not list(tmp_path.rglob("*.csv"))


# Curves with a task, a batch size and a smallest fitted size of their own.


NOISY = "purity:depolarize=0.1"
MANY = Experiment(
    name="trial",
    about="A trial.",
    task="purity",
    curves=(
        Curve("bell", (2, 3, 4, 5), Search((0.7, 0.8)), circuits_to=0, fit_from=3),
        Curve("bell", (2, 3, 4, 5), circuits_to=0, task=NOISY, fit_from=3, batch_size=7),
    ),
    quick=(),
    full=(),
    trials=40,
    batch_size=2,
)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    out = tmp_path_factory.mktemp("many")
    assert call(out, experiment=MANY) == 0
    return out


def test_a_curve_may_have_a_task_and_a_batch_size_of_its_own(many):
    found = {(row.spec.task, row.spec.qubits, row.trials) for row in rows_of(many)}
    assert found == {("purity", n, 2) for n in (2, 3, 4, 5)} | {(NOISY, n, 7) for n in (2, 3, 4, 5)}


def test_the_command_line_says_how_large_all_batches_are(tmp_path):
    assert call(tmp_path, "--games", "3", experiment=MANY) == 0
    assert {row.trials for row in rows_of(tmp_path)} == {3}


def test_a_curve_is_read_at_the_targets_of_its_own_task(many):
    points = read_summary(many / "data" / "trial_summary.csv")
    found = {(p.spec.task, p.target) for p in points}
    assert found == {("purity", 0.7), ("purity", 0.8), (NOISY, 0.7)}


def test_exponents_begin_with_the_smallest_fitted_size_and_name_the_task(many, capsys):
    assert call(many, "--draw", experiment=MANY) == 0
    lines = [x for x in capsys.readouterr().out.splitlines() if x.startswith("log2")]
    assert sorted(line.split(",")[1] for line in lines) == [
        " bell of purity",
        " bell of purity",
        f" bell of {NOISY}",
    ]
    for line in lines:
        assert line.endswith("n = 3, 4, 5")


def test_states_on_chains_are_refused_before_the_preflight(tmp_path, capsys, no_playing):
    arguments = ["--task", "purity", "--protocols", "bell", "--backend", "qvm:weber"]
    line = refused(capsys, tmp_path, *arguments)
    assert "task purity does not run on qvm" in line
    assert "use qsim" in line
    assert not (tmp_path / "preflight").exists()


def test_options_that_do_not_fit_an_n_hide_no_other_curve(tmp_path, no_figure):
    wide = Curve("memory:qubits=5", (8,), circuits_to=8)
    narrow = Curve("memory:qubits=2", (4,), circuits_to=8)
    trial = replace(TRIAL, curves=(narrow,), quick=(narrow,), full=(wide, narrow))
    assert call(tmp_path, experiment=trial) == 0
