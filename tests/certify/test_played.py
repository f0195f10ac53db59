from dataclasses import replace
from pathlib import Path

import pytest

from quantum_advantage.certify.played import read_counts, select_games
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.rows import DecisionRow
from quantum_advantage.study.spec import Spec

OBSERVABLES = "observables:alpha=0.9,game=two"


def counts_of(spec, batches, experiment="trial"):
    counts = decisions(experiment)
    for batch in batches:
        counts.append(play_batch(experiment, spec, batch))
    return counts


SPEC = Spec(OBSERVABLES, "bell", 6, "law", 20, 50, 3)


def test_rungs_prefixes_and_whole_batches():
    counts = counts_of(SPEC, range(4))
    found = select_games(counts)
    assert (found.copies, found.games, len(found.right)) == (20, 50, 4)
    assert len(found.notes) == 3
    first = select_games(counts, copies=2, games=100, budget=20)
    assert (first.copies, len(first.right), first.notes) == (2, 2, ())
    assert first.digest == found.digest
    assert first.prefixes == found.prefixes == (2, 4, 6, 10, 14, 20)
    rows = [row for row in counts if row.copies == 2]
    assert first.right == tuple(row.correct for row in rows)[:2]
    with pytest.raises(ValueError, match="--copies 3 must be one of 2, 4"):
        select_games(counts, copies=3)
    with pytest.raises(ValueError, match="whole batches of 50"):
        select_games(counts, games=120)
    with pytest.raises(ValueError, match="batch 4 is missing"):
        select_games(counts, games=250)
    with pytest.raises(ValueError, match="batch 1 is missing"):
        select_games(counts_of(SPEC, (0, 2)))


def test_near_match_of_what_the_file_holds_is_offered():
    counts = counts_of(SPEC, range(2))
    with pytest.raises(ValueError, match=r"with protocol bel; did you mean bell\?$"):
        select_games(counts, protocol="bel")
    with pytest.raises(ValueError, match=r"with protocol bell, qubits 5$"):
        select_games(counts, protocol="bell", qubits=5)
    with pytest.raises(ValueError, match=r"with backend las; did you mean law\?$"):
        select_games(counts, backend="las")


def test_of_a_ladder_that_climbed_only_the_lowest_rung_is_taken():
    counts = counts_of(SPEC, range(2))
    alone = select_games(counts)
    for batch in range(2):
        counts.append(play_batch("trial", replace(SPEC, budget=80), batch))
    lowest = select_games(counts)
    assert (lowest.copies, lowest.right) == (20, alone.right)
    assert select_games(counts, budget=20).right == alone.right
    # Its questions about the same systems were revealed before the upper one was measured.
    for budget in (80, 40):
        with pytest.raises(ValueError, match=f"--budget {budget} must be the lowest rung, 20"):
            select_games(counts, budget=budget)


def test_a_rung_that_was_played_after_a_higher_one_is_refused():
    counts = decisions("trial")
    counts.append(play_batch("trial", SPEC, 0))
    for budget in (80, 20):
        counts.append(play_batch("trial", replace(SPEC, budget=budget), 1))
    with pytest.raises(ValueError, match="batch 1 of bell, 6 qubits, was played with 80 copies"):
        select_games(counts)


def test_one_curve_has_to_be_chosen():
    counts = counts_of(SPEC, range(2))
    counts.append(play_batch("trial", replace(SPEC, qubits=4), 0))
    with pytest.raises(ValueError, match="2 curves of trial are asked for"):
        select_games(counts)
    assert select_games(counts, qubits=4).key.qubits == 4
    with pytest.raises(ValueError, match=r"^trial holds no whole batch with qubits 5, seed 1$"):
        select_games(counts, qubits=5, seed=1)


def test_shared_systems_and_miscounted_copies_are_refused():
    row = DecisionRow.of("trial", SPEC, 0, 2, 1, 30)
    counts = decisions("trial")
    counts.append([replace(row, systems=10)])
    with pytest.raises(ValueError, match="10 systems for 50 games"):
        select_games(counts)
    counts = decisions("trial")
    rows = play_batch("trial", SPEC, 0)
    # As if a Bell shot took one copy: whole for a budget of 10.
    half = replace(SPEC, budget=10)
    counts.append([DecisionRow.of("trial", half, 0, r.shots, r.shots, r.correct) for r in rows])
    with pytest.raises(ValueError, match="takes 2 a shot"):
        select_games(counts)


def test_files_of_another_kind_are_refused():
    data = Path(__file__).parent.parent.parent / "figures" / "data"
    with pytest.raises(ValueError, match="is a summary"):
        read_counts(data / "predicting_observables_summary.csv")
    with pytest.raises(ValueError, match="is a summary"):
        read_counts(data / "estimating_purity_summary.csv")
    with pytest.raises(ValueError, match="holds estimates"):
        read_counts(data / "estimating_purity.csv")
    with pytest.raises(ValueError, match="holds no counts"):
        read_counts(Path(__file__))
