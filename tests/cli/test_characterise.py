import numpy as np
import pytest
from calibration_examples import write_today
from rehearsed_engine import local_engine

from quantum_advantage.backends.devices import engine
from quantum_advantage.backends.devices.virtual import virtual_device
from quantum_advantage.characterise.blocks import best_blocks
from quantum_advantage.characterise.files import read_noise

FEW = ["--depths", "0", "4", "--settings", "4", "--shots", "25"]


@pytest.fixture
def no_map(monkeypatch):
    """Leaves out the slow part where a test does not look at it."""
    monkeypatch.setattr("quantum_advantage.plots.render", lambda draw, stem: None)


def test_a_layer_is_learned_printed_written_and_drawn(printed, tmp_path):
    out = printed("characterise", "weber", "--layer", "cz", "--pairs", "2", *FEW,
                  "--out", str(tmp_path))  # fmt: skip
    folder = tmp_path / "characterise"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"weber_cz_2.{ending}" for ending in ("json", "pdf", "png", "svg")
    ]
    backend, blocks, learned = read_noise(folder / "weber_cz_2.json")
    assert backend == "qvm:weber"
    assert blocks == best_blocks(virtual_device("weber"), 2)
    assert (learned.depths, learned.settings, learned.shots) == ((0, 4), 4, 25)
    lines = out.splitlines()
    assert lines[0].startswith("layer cz: 4 circuits of 4 layers at most")
    assert "the noise model's own value lies inside" in out
    assert lines[-1] == f"in {folder}/weber_cz_2.json and {folder}/weber_cz_2.png"


def test_what_differs_is_kept_beside_what_was_there(printed, tmp_path, no_map):
    command = ["characterise", "weber", "--layer", "wait", "--pairs", "2", *FEW]
    for seed in ("1", "1", "2"):
        printed(*command, "--seed", seed, "--out", str(tmp_path))
    names = sorted(path.name for path in (tmp_path / "characterise").iterdir())
    assert names == ["weber_wait_2.json", "weber_wait_2_2.json"]


def test_named_pairs_are_used(printed, tmp_path, no_map):
    blocks = best_blocks(virtual_device("weber"), 4)
    pairs = "+".join(f"{a.row}.{a.col}-{b.row}.{b.col}" for a, b in blocks[1].pairs)
    printed("characterise", f"qvm:weber,pairs={pairs}", "--layer", "wait", "--pairs", "2", *FEW,
            "--out", str(tmp_path))  # fmt: skip
    (path,) = (tmp_path / "characterise").glob("*.json")
    assert read_noise(path)[1] == blocks[1:]


def test_a_dry_run_tells_the_cost_of_a_real_processor_and_runs_nothing(printed, tmp_path):
    out = printed("characterise", "engine:p/q", "--layer", "cz", "--pairs", "4", "--dry-run",
                  "--settings", "10", "--out", str(tmp_path / "out"))  # fmt: skip
    # Six depths with and without turns, ten settings of a hundred shots each.
    assert "120 parameter sets, 12000 repetitions" in out
    assert out.endswith("minutes on a processor by Google's estimate\n")
    assert not (tmp_path / "out").exists()


def test_a_real_processor_runs_it_too(printed, tmp_path, monkeypatch, no_map):
    path = tmp_path / "willow.json"
    write_today(path)
    monkeypatch.setattr(engine, "connect", lambda _: local_engine(path, tmp_path / "log"))
    out = printed("characterise", "engine:mine/willow", "--layer", "cz_both", "--pairs", "2", *FEW,
                  "--out", str(tmp_path / "out"))  # fmt: skip
    assert "noise model" not in out
    (found,) = (tmp_path / "out" / "characterise").glob("*.json")
    backend, _, learned = read_noise(found)
    assert backend == "engine:willow"
    assert 0.95 < np.mean([decay.factors for decay in learned.decays.values()]) < 1.05
    assert len((tmp_path / "log").read_text().splitlines()) == 1
    assert "mine" not in found.read_text()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("weber --layer swap --pairs 2", ["layer must be one of wait, cz, cz_both, not 'swap'"]),
        ("weber --layer cz --pairs 3", ["pairs must be an even number", "3"]),
        ("weber --layer cz --pairs 1", ["--pairs", "at least 2"]),
        ("weber --layer cz --pairs 50", ["pairs must be at most", "weber"]),
        ("weber --layer cz --pairs 2 --depths 0 3", ["depths must be", "even numbers", "0, 3"]),
        ("weber --layer cz --pairs 2 --depths 4", ["depths must be at least two"]),
        ("weber --layer cz --pairs 2 --settings 1", ["--settings", "at least 2"]),
        ("weber --layer cz --pairs 2 --max-minutes 3", ["--max-minutes would change nothing"]),
        ("qsim --layer cz --pairs 2", ["'qsim' is no processor"]),
        ("qvm:weber,gauge=all --layer cz --pairs 2", ["gauge=all would change nothing"]),
        ("qvm:weber,pairs=1.6-1.7 --layer cz --pairs 2", ["1 pairs are named, and 2 are needed"]),
        ("nope --layer cz --pairs 2", ["'nope'"]),
        ("qvm:weber,pairs=1.6-1.7+7.3-7.4 --layer cz --pairs 2", ["are no block"]),
        ("weber --layer cz --pairs 2 --depths 0 202", ["--depths", "'202'", "at most 200"]),
    ],
)
def test_mistake_is_one_line_and_nothing_is_written(refused, tmp_path, arguments, named):
    line = refused("characterise", *arguments.split(), "--out", str(tmp_path / "out"))
    for part in named:
        assert part in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["characterise", "weber", "--layer", "cz", "--pairs", "2", *FEW],
        ["preflight", "weber", "--pairs", "2", "--shots", "120"],
    ],
)
def test_an_output_folder_that_cannot_be_made_is_refused_before_anything_runs(
    refused, tmp_path, monkeypatch, command
):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr("quantum_advantage.circuits.run.run", lambda *given: 1 / 0)
    line = refused(*command, "--out", str(tmp_path / "file"))
    assert f"--out {tmp_path / 'file'} must be a folder that can be written" in line
