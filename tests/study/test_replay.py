from dataclasses import replace

import pytest

from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions, read_dataset
from quantum_advantage.study.kinds import estimates as open_estimates
from quantum_advantage.study.lines import format_row
from quantum_advantage.study.replay import (
    StoredBatch,
    replay,
    replay_batch,
    stored_batches,
)
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.workers import process_pool

GAMES = Spec("observables:alpha=0.9,game=two", "bell", 2, "qsim", 6, 10, 3)
LAW = replace(GAMES, protocol="mutually_unbiased:times=3", backend="law", budget=20)
STATES = Spec("purities:depth=2", "bell", 2, "qsim", 20, 2, 3)


@pytest.fixture
def played(tmp_path):
    """A file with two batches of two specs."""
    path = tmp_path / "games.csv"
    counts = decisions("games", path)
    counts.open()
    for spec in (GAMES, LAW):
        for batch in (0, 1):
            counts.append(play_batch("games", spec, batch))
    counts.close()
    return path


def test_batches_of_a_file_replay(played):
    found = list(replay(stored_batches(read_dataset(played))))
    assert {(r.stored.spec, r.stored.batch) for r in found} == {
        (spec, batch) for spec in (GAMES, LAW) for batch in (0, 1)
    }
    assert all(r.equal and r.seconds > 0 for r in found)


def test_estimates_replay(tmp_path):
    path = tmp_path / "states.csv"
    estimates = open_estimates("states", path)
    estimates.open()
    estimates.append(play_batch("states", STATES, 0))
    estimates.close()
    (found,) = replay(stored_batches(read_dataset(path)))
    assert found.equal


@pytest.mark.parametrize(("factor", "equal"), [(1 + 1e-10, True), (1 + 1e-6, False)])
def test_numbers_of_estimates_are_equal_up_to_rounding(factor, equal):
    rows = play_batch("states", STATES, 0)
    (first, *rest) = rows
    moved = (replace(first, value=first.value * factor), *rest)
    assert replay_batch(StoredBatch("states", STATES, 0, moved)).equal == equal


def test_other_processes_replay_the_same(played):
    with process_pool(2) as executor:
        found = list(replay(stored_batches(read_dataset(played)), executor))
    assert len(found) == 4
    assert all(r.equal for r in found)


def test_a_changed_row_does_not_replay(played):
    counts = read_dataset(played)
    rows = list(counts)
    changed = replace(rows[0], correct=rows[0].correct - 1)
    lines = played.read_text().splitlines(keepends=True)
    played.write_text(lines[0] + "".join(map(format_row, [changed, *rows[1:]])))
    found = {
        (result.stored.spec, result.stored.batch): result.equal
        for result in replay(stored_batches(read_dataset(played)))
    }
    assert found == {(GAMES, 0): False, (GAMES, 1): True, (LAW, 0): True, (LAW, 1): True}


def test_at_most_so_many_batches_of_each_spec_are_taken(played):
    assert [stored.batch for stored in stored_batches(read_dataset(played), 1)] == [0, 0]


def test_rows_of_a_real_processor_are_left_out(tmp_path):
    path = tmp_path / "games.csv"
    spec = replace(GAMES, backend="engine:weber")
    rows = [replace(row, spec=spec) for row in play_batch("g", GAMES, 0)]
    counts = decisions("g", path)
    counts.open()
    counts.append(rows)
    counts.close()
    assert stored_batches(read_dataset(path)) == []


def test_what_cannot_be_played_says_so(played):
    (stored, *_) = stored_batches(read_dataset(played))
    with pytest.raises(ValueError, match="unknown protocol 'bel'"):
        replay_batch(replace(stored, spec=replace(stored.spec, protocol="bel")))
