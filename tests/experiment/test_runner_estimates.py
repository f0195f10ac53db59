from dataclasses import replace

import pytest

from quantum_advantage import plots
from quantum_advantage.experiment.declaration import Curve, Experiment, Fixed
from quantum_advantage.experiment.runner import run_script
from quantum_advantage.study.errors import read_estimates
from quantum_advantage.study.kinds import estimates as open_estimates

TRIAL = Experiment(
    name="trial",
    about="A trial.",
    task="whole_purity:mixing=0.1",
    curves=(Curve("bell", (1, 2), Fixed((20,))), Curve("mutually_unbiased", (2,), Fixed((20, 40)))),
    quick=(Curve("bell", (2,), Fixed((20,))),),
    full=(
        Curve("bell", (1, 2, 3), Fixed((20, 40))),
        Curve("mutually_unbiased", (2,), Fixed((20, 40))),
        Curve("local_pauli", (2,), Fixed((20,)), task="whole_purity"),
    ),
    trials=20,
    batch_size=1,
)
FIGURES = ["trial.pdf", "trial.png", "trial.svg"]


def draw(data):
    figure = plots.new_figure(2, 2)
    plots.plot_errors(figure.axes[0], data.points, [p.spec.qubits for p in data.points])
    return figure


def call(out, *arguments, estimation=TRIAL, draw=draw):
    try:
        workers = [] if "--draw" in arguments else ["--workers", "1"]
        return run_script(estimation, draw, [*arguments, "--out", str(out), *workers])
    except SystemExit as ended:
        return ended.code


def contents_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of(out):
    return list(open_estimates("trial", out / "data" / "trial.csv"))


@pytest.fixture
def no_figure(monkeypatch):
    monkeypatch.setattr("quantum_advantage.plots.render", lambda draw, stem: draw())


def test_run_leaves_rows_summary_and_figure(tmp_path, capsys):
    assert call(tmp_path) == 0
    names = sorted(str(path.relative_to(tmp_path)) for path in contents_of(tmp_path))
    assert names == ["data/trial.csv", "data/trial.json", "data/trial_summary.csv", *FIGURES]
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split()[:4] == ["protocol", "n", "copies", "quantity"]
    assert [line.split()[:3] for line in lines] == [
        ["bell", "1", "20"],
        ["bell", "2", "20"],
        ["mutually_unbiased", "2", "20"],
        ["mutually_unbiased", "2", "40"],
    ]
    points = read_estimates(tmp_path / "data" / "trial_summary.csv")
    assert {p.systems for p in points} == {20}


def test_second_run_adds_nothing_and_draw_makes_the_figure_anew(tmp_path, monkeypatch):
    assert call(tmp_path, "--quick") == 0
    before = contents_of(tmp_path)

    def estimate(*arguments):
        raise AssertionError("nothing is to be estimated")

    monkeypatch.setattr("quantum_advantage.study.engine.play_batch", estimate)
    assert call(tmp_path, "--quick") == 0
    assert contents_of(tmp_path) == before
    for name in FIGURES:
        (tmp_path / name).unlink()
    assert call(tmp_path, "--draw") == 0
    assert contents_of(tmp_path) == before


def test_several_figures_have_the_names_that_the_script_gives_them(tmp_path):
    other = tmp_path / "one"
    assert call(other, "--quick") == 0
    assert call(tmp_path, "--quick", draw={"trial": draw, "trial_again": draw}) == 0
    for kind in ("pdf", "png", "svg"):
        content = (other / f"trial.{kind}").read_bytes()
        assert (tmp_path / f"trial.{kind}").read_bytes() == content
        assert (tmp_path / f"trial_again.{kind}").read_bytes() == content


def test_quick_rows_count_towards_the_default_size(tmp_path, no_figure):
    assert call(tmp_path, "--quick") == 0
    quick = set(rows_of(tmp_path))
    assert call(tmp_path) == 0
    assert quick < set(rows_of(tmp_path))


def test_series_with_a_task_of_its_own_is_drawn_with_the_others(tmp_path, no_figure):
    seen = []

    def watch(data):
        seen.append(data)
        return draw(data)

    assert call(tmp_path, "--full", "--max-copies", "20", draw=watch) == 0
    ((data),) = seen
    assert {p.spec.task for p in data.points} == {"whole_purity:mixing=0.1", "whole_purity"}
    assert {p.copies for p in data.points} == {20}
    assert set(data.rows) == set(rows_of(tmp_path))


def test_figure_leaves_out_other_seeds_tasks_and_noise(tmp_path, no_figure):
    seen = []

    def watch(data):
        seen.append(data)
        return draw(data)

    assert call(tmp_path, "--quick") == 0
    for arguments in (["--seed", "4"], ["--task", "whole_purity:mixing=0.5"]):
        assert call(tmp_path, "--quick", *arguments, draw=watch) == 0
        assert len(seen.pop().points) == 1
    assert call(tmp_path, "--quick", "--backend", "qsim:readout=0.02", draw=watch) == 0
    assert {p.spec.backend for p in seen.pop().points} == {"qsim:readout=0.02"}
    assert len(read_estimates(tmp_path / "data" / "trial_summary.csv")) == 4


def test_sizes_protocols_and_systems_can_be_chosen(tmp_path, no_figure):
    arguments = "--qubits 1,3 --protocols local_pauli --trials 23 --seed 9"
    assert call(tmp_path, *arguments.split()) == 0
    rows = rows_of(tmp_path)
    assert {(row.spec.protocol, row.spec.qubits, row.spec.seed) for row in rows} == {
        ("local_pauli", 1, 9),
        ("local_pauli", 3, 9),
    }
    assert {row.batch for row in rows} == set(range(23))


def test_dry_run_lists_the_work_and_writes_nothing(tmp_path, capsys):
    assert call(tmp_path, "--dry-run") == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split()[0] == "protocol"
    assert [line.split()[0] for line in lines] == ["bell"] * 2 + ["mutually_unbiased"] * 2 + [
        "some"
    ]
    assert contents_of(tmp_path) == {}


def test_torn_row_is_told_and_its_batch_estimated_again(tmp_path, capsys, no_figure):
    assert call(tmp_path, "--quick") == 0
    path = tmp_path / "data" / "trial.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    capsys.readouterr()
    assert call(tmp_path, "--quick") == 0
    assert "row 21 of the estimates was torn by a kill" in capsys.readouterr().err
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("--protocols nope", "unknown protocol 'nope' in --protocols; trial has bell, mutually"),
        ("--task nope", "unknown task 'nope'"),
        (
            "--full --protocols local_pauli --task whole_purity:mixing=0.2",
            "--task whole_purity:mixing=0.2 would change nothing",
        ),
        ("--backend law", "backend law knows no exact law"),
        ("--backend qvm:weber", "couple qubits of a copy"),
        ("--max-copies 19", "--max-copies 19 leaves nothing to estimate"),
        ("--qubits 21", "qubits must be at most 20"),
        ("--draw", "--draw finds nothing in"),
        ("--target 0.7", "--target"),
    ],
)
def test_mistake_is_one_line_and_writes_nothing(tmp_path, capsys, arguments, named):
    assert call(tmp_path, *arguments.split()) == 2
    printed, told = capsys.readouterr()
    assert printed == ""
    assert told.count("\n") == 1
    assert named in told
    assert contents_of(tmp_path) == {}


def test_file_of_counts_is_refused_and_kept(tmp_path, capsys):
    path = tmp_path / "data" / "trial.csv"
    path.parent.mkdir()
    path.write_text("experiment,task\n")
    assert call(tmp_path, "--quick") == 2
    assert "is not a file of estimates" in capsys.readouterr().err
    assert path.read_text() == "experiment,task\n"


def test_exact_estimates_are_drawn_as_arrows(tmp_path, no_figure):
    drawn = []
    monkeyed = replace(TRIAL, task="whole_purity")
    call(tmp_path, "--quick", estimation=monkeyed, draw=lambda d: drawn.append(draw(d)) or drawn[0])
    (figure,) = drawn
    figure.draw_without_rendering()
    assert len(figure.axes[0].texts) == 1
