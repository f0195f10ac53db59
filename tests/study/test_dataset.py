"""What a kill, a full disk or an editor leaves of a file of rows, and what is made of it."""

import errno
import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from sealed_lines import cells_of, sealed

from quantum_advantage.backends.names import read_backend
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study import dataset as dataset_module
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.kinds import estimates as open_estimates
from quantum_advantage.study.lines import format_row, header_of, joined
from quantum_advantage.study.rows import DecisionRow, EstimateRow
from quantum_advantage.study.spec import Spec
from quantum_advantage.tasks.shared.prefixes import shots_played

SPEC = Spec("observables:alpha=0.9,game=two", "bell", 2, "qsim", 20, 50, 3)
HEADER = header_of(DecisionRow)


def batch_rows(batch, spec=SPEC, correct=30):
    return [
        DecisionRow.of("trial", spec, batch, 2 * shots, shots, correct)
        for shots in shots_played(spec.budget, 2)
    ]


def file_of(rows):
    return HEADER + "\n" + "".join(map(format_row, rows))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trial.csv"


def collect(path, *batches):
    counts = decisions("trial", path)
    counts.open()
    try:
        for batch in batches:
            counts.append(batch)
    finally:
        counts.close()
    return counts


# Parts of batches.


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_wherever_a_kill_cuts_the_file_the_same_rows_stand_there_once_in_the_end(path, step):
    whole = file_of(batch_rows(0) + batch_rows(1)).encode()
    first = len(file_of(batch_rows(0)).encode())
    # Steps backwards: also just before the end, and around the end of the first batch.
    cuts = {*range(len(whole), -1, -step), *range(first - 3, first + 3)}
    for cut in sorted(cuts):
        path.write_bytes(whole[:cut])
        counts = decisions("trial", path)
        counts.open()
        missing = {0, 1} - set(counts.whole_batches().get(SPEC, {}))
        assert missing == {0, 1} if cut < first - 1 else missing <= {1}
        # Rows that a part of a batch has left are written no second time.
        for batch in sorted(missing):
            counts.append(batch_rows(batch))
        counts.close()
        assert path.read_bytes() == whole, cut


def test_the_first_row_of_a_part_of_a_batch_is_named(path):
    rows = batch_rows(0) + batch_rows(1)
    path.write_text(file_of(rows[:-2]))
    counts = decisions("trial", path)
    counts.open()
    counts.close()
    assert counts.torn == 2 + len(batch_rows(0))
    assert path.read_text() == file_of(batch_rows(0))


def test_rows_of_a_part_within_the_file_are_not_written_twice(path):
    old = batch_rows(1)[:3]
    path.write_text(file_of([*old, *batch_rows(0)]))
    collect(path, batch_rows(1))
    lines = path.read_text().splitlines()[1:]
    assert len(lines) == len(set(lines)) == 2 * len(batch_rows(0))
    assert decisions("trial", path).whole_batches() == {SPEC: {0: batch_rows(0), 1: batch_rows(1)}}


def test_a_batch_that_is_there_is_not_written_again(path):
    collect(path, batch_rows(0))
    before = path.read_bytes()
    collect(path, batch_rows(0))
    assert path.read_bytes() == before


def test_estimates_of_a_part_of_a_batch_are_cut_off_too(tmp_path):
    spec = Spec("purities:depth=2", "bell", 3, "qsim", 40, 2, 7)
    rows = [
        EstimateRow.of("trial", spec, b, 40, 20, s, f"purity:first={k}", (0.5, 0.1, 0.25))
        for b in (0, 1)
        for s in range(2)
        for k in (1, 2, 3)
    ]
    path = tmp_path / "trial.csv"
    lines = [format_row(row) for row in rows]
    head = header_of(EstimateRow) + "\n"
    path.write_text(head + "".join(lines[:9]))
    estimates = open_estimates("trial", path)
    estimates.open()
    assert path.read_text() == head + "".join(lines[:6])
    estimates.append(rows[6:])
    estimates.close()
    assert path.read_text() == head + "".join(lines)


# Full disks.


@pytest.mark.parametrize("octets", [0, 1, 120, 300, 500])
def test_a_full_disk_leaves_nothing_of_the_batch(path, monkeypatch, full_disk_after, octets):
    collect(path, batch_rows(0))
    before = path.read_bytes()
    counts = decisions("trial", path)
    counts.open()
    with monkeypatch.context() as patch:
        full_disk_after(patch, octets)
        with pytest.raises(OSError, match="No space left") as caught:
            counts.append(batch_rows(1))
    assert caught.value.filename == str(path)
    assert path.read_bytes() == before
    assert counts.whole_batches() == {SPEC: {0: batch_rows(0)}}
    # As soon as there is space again, the same process goes on.
    counts.append(batch_rows(1))
    counts.close()
    assert path.read_text() == file_of(batch_rows(0) + batch_rows(1))


def test_a_batch_that_did_not_reach_the_disk_is_taken_back(path, monkeypatch):
    counts = decisions("trial", path)
    counts.open()
    before = path.read_bytes()

    def fails(handle):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(dataset_module.os, "fsync", fails)
        with pytest.raises(OSError, match="Input/output"):
            counts.append(batch_rows(0))
    assert path.read_bytes() == before
    counts.close()


LIMITED = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[2], str(Path(sys.argv[2]).parent)]
from test_dataset import batch_rows, collect
collect(Path(sys.argv[1]), *(batch_rows(b) for b in range(50)))
"""


@pytest.mark.slow
def test_a_file_that_may_not_grow_is_resumed_without_a_row_twice(path):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    here = os.path.dirname(__file__)  # noqa: PTH120
    command = [sys.executable, "-c", LIMITED, str(path), here]
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert f"File too large: '{path}'" in done.stderr
    kept = len(decisions("trial", path).whole_batches()[SPEC])
    assert 0 < kept < 50
    subprocess.run(command, check=True)
    assert path.read_text() == file_of([row for b in range(50) for row in batch_rows(b)])


# What editors and other systems do to a file.


def test_a_missing_end_of_the_last_line_is_made_good(path):
    path.write_text(file_of(batch_rows(0))[:-1])
    counts = decisions("trial", path)
    assert counts.torn is None
    assert counts.whole_batches() == {SPEC: {0: batch_rows(0)}}
    collect(path, batch_rows(1))
    assert path.read_text() == file_of(batch_rows(0) + batch_rows(1))


def test_line_ends_of_windows_are_read(path):
    path.write_bytes(file_of(batch_rows(0)).replace("\n", "\r\n").encode())
    assert list(decisions("trial", path)) == batch_rows(0)
    collect(path, batch_rows(1))
    assert list(decisions("trial", path)) == batch_rows(0) + batch_rows(1)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (b"\xef\xbb\xbf", "without the mark of its byte order"),
        (b"\n", "its first line must be"),
        (b" ", "its first line must be"),
    ],
)
def test_what_stands_before_the_first_line_is_told(path, mark, message):
    path.write_bytes(mark + file_of(batch_rows(0)).encode())
    with pytest.raises(UsageError, match=message):
        decisions("trial", path)


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r"])
def test_other_separators_do_not_part_lines(path, separator):
    path.write_bytes(file_of(batch_rows(0)).replace("\n", separator).encode())
    with pytest.raises(UsageError, match="not a file of counts"):
        decisions("trial", path)


def test_rows_of_several_seeds_are_kept_apart(path):
    other = replace(SPEC, seed=4)
    mixed = [row for pair in zip(batch_rows(0), batch_rows(0, other), strict=True) for row in pair]
    path.write_text(file_of(mixed))
    whole = decisions("trial", path).whole_batches()
    assert whole == {SPEC: {0: batch_rows(0)}, other: {0: batch_rows(0, other)}}


def test_a_line_without_end_is_refused_in_bounded_memory(path):
    path.write_text(file_of(batch_rows(0)) + "7" * 100_000 + "\n")
    with pytest.raises(UsageError, match=f"row {2 + len(batch_rows(0))} of .* is longer than"):
        decisions("trial", path)


# Cells that match their check and cannot be.


def edited(**changes):
    """A line whose check and spec_id fit its changed cells."""
    values = cells_of(batch_rows(0)[0]) | changes
    if not set(changes) & {"spec_id", "source"}:
        names = ("task", "protocol", "qubits", "backend", "budget", "trials", "seed")
        whole = ("qubits", "budget", "trials", "seed")
        fields = [int(values[name]) if name in whole else values[name] for name in names]
        values["spec_id"] = Spec(*fields).id
    return sealed(joined(values.values()))


@pytest.mark.parametrize(
    "changes",
    [
        {"experiment": "../../../ESCAPED"},
        {"experiment": "/etc/passwd"},
        {"experiment": ""},
        {"experiment": "a\0b"},
        {"experiment": "a b"},
        {"experiment": "ünder"},
        {"experiment": "a" * 101},
        {"task": "observables:alpha=../x"},
        {"task": "observables:game=two,alpha=0.9"},
        {"task": "observables:"},
        {"task": "a/b"},
        {"protocol": "bell\nbell"},
        {"protocol": "..", "task": "observables"},
        {"protocol": "bell:x=1,x=2"},
        {"backend": "a/b"},
        {"backend": "my chip"},
        {"backend": ""},
        {"backend": "qsim:readout=0.020"},
        {"backend": "qsim:readout=0.7"},
        {"backend": "qvm:../weber"},
        {"backend": "engine:project/weber"},
        {"backend": "engine:weber,config=../../x,run=r"},
        {"backend": "qsim:readout=0.02:"},
        {"source": "law"},
        {"qubits": 0},
        {"qubits": -2},
        {"qubits": 10**9},
        {"budget": 0},
        {"budget": 10**40},
        {"budget": 1},
        {"batch": -1},
        {"copies": 0},
        {"copies": -2},
        {"copies": 3},
        {"copies": 30},
        {"shots": 0},
        {"shots": -1},
        {"shots": 3},
        {"systems": 0},
        {"systems": 51},
        {"trials": 0},
        {"trials": 20},
        {"correct": 51},
        {"correct": -1},
        {"seed": -1},
        {"seed": 2**200},
    ],
    ids=str,
)
def test_cells_that_cannot_be_are_refused_though_the_check_is_right(path, changes):
    if (changes.keys(), changes.get("copies")) == ({"copies"}, 3):
        changes = {"copies": 3, "shots": 2}
    path.write_text(file_of([]) + edited(**changes))
    with pytest.raises(UsageError, match=r"row 2 of .*trial.csv|not a file") as caught:
        list(decisions("trial", path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "spelling"),
    [
        (",20,", ",+20,"),
        (",20,", ", 20,"),
        (",20,", ",20 ,"),
        (",20,", ",2_0,"),
        (",20,", ",020,"),
        (",20,", ",20.0,"),
        (",20,", ",2e1,"),
        (",20,", ",٢٠,"),
        (",20,", ",２０,"),
        (",20,", ',"20",'),
        (",20,", ",True,"),
        (",20,", ",nan,"),
        (",20,", ",,"),
        (",20,", ",20,20,"),
        (",bell,", ',"bell",'),
        (",bell,", ',bell"",'),
        (",bell,", ',"bell,'),
        (",20,", "," + "9" * 5000 + ","),
    ],
)
def test_other_spellings_are_refused_though_the_check_is_right(path, cell, spelling):
    line = format_row(batch_rows(0)[0]).rpartition(",")[0]
    assert cell in line
    path.write_text(file_of([]) + sealed(line.replace(cell, spelling, 1)))
    with pytest.raises(UsageError, match=r"row 2 of .*trial.csv"):
        decisions("trial", path)


@pytest.mark.parametrize(
    "number", ["nan", "inf", "-inf", "1e999", "1.50", "+1.5", "1_0.0", "1", ""]
)
@pytest.mark.parametrize("column", ["value", "error", "truth"])
def test_estimates_are_finite_and_spelt_as_written(tmp_path, column, number):
    spec = Spec("whole_purity", "bell", 2, "qsim", 40, 1, 7)
    row = EstimateRow.of("trial", spec, 0, 40, 20, 0, "purity:first=2", (1.5, 1.5, 1.5))
    cells = cells_of(row) | {column: number}
    path = tmp_path / "trial.csv"
    path.write_text(header_of(EstimateRow) + "\n" + sealed(joined(cells.values())))
    if (column, number) == ("error", "inf"):
        assert len(list(open_estimates("trial", path))) == 1
        return
    with pytest.raises(UsageError, match="row 2 of"):
        open_estimates("trial", path)


@pytest.mark.parametrize(
    "changes", [{"error": -0.1}, {"system": 1}, {"system": -1}, {"quantity": "a/b"}]
)
def test_estimates_that_cannot_be_are_refused(tmp_path, changes):
    spec = Spec("whole_purity", "bell", 2, "qsim", 40, 1, 7)
    row = EstimateRow.of("trial", spec, 0, 40, 20, 0, "purity:first=2", (1.5, 1.5, 1.5))
    path = tmp_path / "trial.csv"
    path.write_text(header_of(EstimateRow) + "\n" + format_row(replace(row, **changes)))
    with pytest.raises(UsageError, match="row 2 of"):
        open_estimates("trial", path)


def test_a_batch_of_very_many_systems_is_not_listed(tmp_path):
    spec = Spec("whole_purity", "bell", 2, "qsim", 40, 2**39, 7)
    row = EstimateRow.of("trial", spec, 0, 40, 20, 0, "purity:first=2", (1.5, 1.5, 1.5))
    path = tmp_path / "trial.csv"
    path.write_text(header_of(EstimateRow) + "\n" + format_row(row))
    assert open_estimates("trial", path).whole_batches() == {}


def test_a_task_that_there_is_not_is_named_with_the_file(tmp_path):
    spec = Spec("poem", "bell", 2, "qsim", 40, 1, 7)
    line = EstimateRow.of("trial", spec, 0, 40, 20, 0, "a", (0.5, 0.5, 0.5))
    path = tmp_path / "trial.csv"
    path.write_text(header_of(EstimateRow) + "\n" + format_row(line))
    with pytest.raises(UsageError, match=r"trial.csv, batch 0 of .*: unknown task 'poem'"):
        open_estimates("trial", path).whole_batches()


def test_backends_with_names_of_this_package_stand_in_one_spelling():
    names = "qsim:depolarize=0.01,readout=0.02", "qvm:weber,pairs=3.3-3.2+4.3-4.4", "engine:weber"
    for name in names:
        assert str(read_backend(name)) == name


def test_a_name_that_could_not_be_read_back_is_not_written(path):
    counts = decisions("trial", path)
    counts.open()
    with pytest.raises(UsageError, match="backend must be"):
        counts.append(batch_rows(0, replace(SPEC, backend="my chip")))
    counts.close()
    assert path.read_text() == file_of([])
