"""``quantum-advantage replay`` as it is called."""

import json
from dataclasses import replace

import pytest

from quantum_advantage.cli import main
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.kinds import estimates as open_estimates
from quantum_advantage.study.lines import format_row
from quantum_advantage.study.provenance import origin_of, read_provenance
from quantum_advantage.study.spec import Spec

GAMES = Spec("observables:alpha=0.9,game=two", "bell", 2, "qsim", 6, 10, 3)
STATES = Spec("purities:depth=2", "bell", 2, "qsim", 20, 2, 3)


@pytest.fixture
def folder(tmp_path):
    """Two data files, one of games with two batches, one of estimates, and a summary."""
    with_rows(
        decisions("games", tmp_path / "games.csv"), [play_batch("games", GAMES, b) for b in (0, 1)]
    )
    with_rows(open_estimates("states", tmp_path / "states.csv"), [play_batch("states", STATES, 0)])
    (tmp_path / "games_summary.csv").write_text("not read\n")
    return tmp_path


def with_rows(results, batches):
    results.open()
    for rows in batches:
        results.append(rows)
    results.close()


def edit(path):
    """Changes the count of the first row, with a check that fits."""
    header, first, *rest = path.read_text().splitlines(keepends=True)
    row = next(iter(decisions("games", path)))
    path.write_text(header + format_row(replace(row, correct=row.correct - 1)) + "".join(rest))
    assert first not in path.read_text()


def test_folder_replays_file_by_file(folder, capsys):
    assert main(["replay", str(folder), "--all", "--workers", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(", ")[0] for line in lines] == [
        f"{folder / 'games.csv'}: 2 of 2 batches of 1 specs are equal",
        f"{folder / 'states.csv'}: 1 of 1 batches of 1 specs are equal",
    ]


def test_one_batch_of_each_spec_by_default(folder, capsys):
    assert main(["replay", str(folder / "games.csv"), "--workers", "1"]) == 0
    assert "1 of 1 batches of 1 specs" in capsys.readouterr().out


def test_difference_is_named_and_is_the_exit_status(folder, capsys):
    edit(folder / "games.csv")
    assert main(["replay", str(folder), "--all", "--workers", "2"]) == 1
    out = capsys.readouterr().out
    assert "games.csv: 1 of 2 batches" in out
    assert "differs: batch 0 of bell, 2 qubits on qsim, budget 6" in out


def test_provenance_is_recorded_of_what_is_equal(folder):
    edit(folder / "games.csv")
    assert main(["replay", str(folder), "--all", "--record", "--workers", "1"]) == 1
    assert not (folder / "games.json").exists()
    found = read_provenance(folder / "states.json")
    entry = found.entries[STATES.id]
    assert (entry.origin, entry.batches) == (origin_of(STATES), 1)
    assert "check" in json.loads((folder / "states.json").read_text())


def test_nothing_is_written_without_record(folder):
    before = sorted(folder.iterdir())
    assert main(["replay", str(folder), "--workers", "1"]) == 0
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nope.csv", "nope.csv does not exist; name a file of counts or estimates"),
        ("games_summary.csv", "holds no counts"),
        ("empty", "must hold files of counts or estimates"),
    ],
)
def test_what_is_no_data_is_one_line(name, message, folder, capsys):
    (folder / "empty").mkdir()
    assert main(["replay", str(folder / name)]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


def test_other_kernels_are_told_beside_a_difference(folder, capsys):
    path = folder / "games.csv"
    assert main(["replay", str(path), "--record", "--workers", "1"]) == 0
    kept = read_provenance(path.with_suffix(".json"))
    kept.environments[0] = kept.environments[0] | {"qsim": "sse0"}
    kept.write()
    capsys.readouterr()
    assert main(["replay", str(path), "--workers", "1"]) == 0
    assert "made with" not in capsys.readouterr().out
    edit(path)
    assert main(["replay", str(path), "--workers", "1"]) == 1
    assert "    made with qsim sse0, replayed with " in capsys.readouterr().out
