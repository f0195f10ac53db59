import fcntl
import os
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealed_lines import cells_of, sealed

from quantum_advantage.core.naming import canonical
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.lines import format_row, header_of
from quantum_advantage.study.rows import DecisionRow
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.tables import joined
from quantum_advantage.tasks.shared.prefixes import shots_played

HEADER = header_of(DecisionRow)
repeatable = settings(derandomize=True, deadline=None)

SPEC = Spec(
    "observables:alpha=0.9,game=two", "memory:qubits=1", 2, "qsim:depolarize=0.01,readout=0.02",
    10, 7, 3,
)  # fmt: skip
WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,20}", fullmatch=True)
VALUES = st.from_regex(r"[A-Za-z0-9_.+\-]{1,12}", fullmatch=True)
NAMES = st.builds(canonical, WORDS, st.dictionaries(WORDS, VALUES, max_size=4))
PLACES = st.text(st.sampled_from("aZ09_:=,.+-λé⟩'\""), min_size=1, max_size=20)


def batch_rows(batch, spec=SPEC, experiment="trial", per_shot=2, correct=4):
    return [
        DecisionRow.of(experiment, spec, batch, per_shot * shots, shots, correct)
        for shots in shots_played(spec.budget, per_shot)
    ]


def file_of(rows):
    return HEADER + "\n" + "".join(map(format_row, rows))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "trial.csv"


@pytest.fixture
def collected(path):
    """A file with two whole batches, as the package leaves it."""
    counts = decisions("trial", path)
    counts.open()
    counts.append(batch_rows(0))
    counts.append(batch_rows(1, correct=5))
    counts.close()
    return path


def edited(row, **changes):
    """The line of a row with changed cells, its check right and its spec_id as it was."""
    return sealed(joined((cells_of(row) | changes).values()))


def refuses(path, *parts):
    """Checks that a file is refused with one line that names all parts, and left as it is."""
    before = path.read_bytes()
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        decisions("trial", path)
    assert path.read_bytes() == before
    message = str(caught.value)
    assert "\n" not in message
    for part in (str(path), *parts):
        assert part in message


# What is written is read back.


def test_rows_come_back_from_the_file(collected):
    rows = batch_rows(0) + batch_rows(1, correct=5)
    assert list(decisions("trial", collected)) == rows


@given(NAMES, NAMES, PLACES, st.integers(0, 2**80), st.integers(1, 40))
@repeatable
def test_rows_with_any_names_and_numbers_come_back(
    tmp_path_factory, task, protocol, backend, seed, budget
):
    spec = Spec(task, protocol, 1, backend, budget, 2, seed)
    path = tmp_path_factory.mktemp("rows") / "trial.csv"
    rows = batch_rows(0, spec, per_shot=1, correct=2)
    path.write_text(file_of(rows))
    assert list(decisions("trial", path)) == rows


def test_file_is_the_header_and_one_line_for_each_row(collected):
    assert collected.read_text() == file_of(batch_rows(0) + batch_rows(1, correct=5))


def test_header_names_every_column():
    assert HEADER == (
        "experiment,task,protocol,qubits,backend,source,budget,batch,copies,shots,systems,trials,"
        "correct,seed,spec_id,check"
    )


def test_check_of_a_row_is_the_crc_of_the_rest_of_it():
    body, _, check = format_row(batch_rows(0)[0]).rstrip("\n").rpartition(",")
    assert int(check, 16) == zlib.crc32(body.encode())
    assert len(check) == 8


def test_spec_of_a_row_is_what_was_played():
    assert {row.spec for row in batch_rows(0)} == {SPEC}


def test_batch_is_on_disk_when_append_returns(path):
    counts = decisions("trial", path)
    counts.open()
    counts.append(batch_rows(0))
    assert list(decisions("trial", path)) == batch_rows(0)
    counts.close()


def test_folders_are_made_when_the_file_is_opened(tmp_path):
    path = tmp_path / "new" / "data" / "trial.csv"
    counts = decisions("trial", path)
    assert not path.parent.exists()
    counts.open()
    counts.close()
    assert path.read_text() == HEADER + "\n"


def test_counts_without_a_path_stay_in_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    counts = decisions("trial")
    counts.open()
    counts.append(batch_rows(0))
    counts.close()
    assert counts.whole_batches() == {SPEC: {0: batch_rows(0)}}
    assert list(tmp_path.iterdir()) == []


# Torn rows.


def cuts_of_the_last_row(content):
    """Returns every length at which a part of the last row, but not all of it, is there."""
    start = content.rfind(b"\n", 0, len(content) - 1) + 1
    return range(start + 1, len(content) - 1)


def test_torn_last_row_is_named_and_not_counted_wherever_it_is_cut(collected):
    content = collected.read_bytes()
    rows = list(decisions("trial", collected))
    for cut in cuts_of_the_last_row(content):
        collected.write_bytes(content[:cut])
        counts = decisions("trial", collected)
        assert counts.torn == len(rows) + 1  # the header is row 1
        assert list(counts) == rows[:-1]


def test_torn_last_row_stays_in_the_file_until_it_is_opened(collected):
    content = collected.read_bytes()[:-9]
    collected.write_bytes(content)
    decisions("trial", collected)
    assert collected.read_bytes() == content


def test_opening_cuts_off_the_torn_batch_and_nothing_else(collected):
    content = collected.read_bytes()
    whole = file_of(batch_rows(0)).encode()
    for cut in cuts_of_the_last_row(content):
        collected.write_bytes(content[:cut])
        counts = decisions("trial", collected)
        counts.open()
        counts.close()
        assert collected.read_bytes() == whole


def test_batch_with_a_torn_row_is_whole_once_it_is_played_again(collected):
    collected.write_bytes(collected.read_bytes()[:-20])
    counts = decisions("trial", collected)
    assert counts.whole_batches() == {SPEC: {0: batch_rows(0)}}
    counts.open()
    counts.append(batch_rows(1, correct=5))
    counts.close()
    again = decisions("trial", collected)
    assert again.torn is None
    assert again.whole_batches() == {SPEC: {0: batch_rows(0), 1: batch_rows(1, correct=5)}}


def test_whole_file_is_not_torn(collected):
    assert decisions("trial", collected).torn is None


def test_opening_a_whole_file_changes_nothing(collected):
    before = collected.read_bytes()
    counts = decisions("trial", collected)
    counts.open()
    counts.close()
    assert collected.read_bytes() == before


# Beginnings of files.


def test_empty_file_gets_its_header_when_opened(path):
    path.touch()
    counts = decisions("trial", path)
    assert list(counts) == []
    assert counts.torn is None
    counts.open()
    counts.close()
    assert path.read_text() == HEADER + "\n"


def test_part_of_a_header_is_replaced_by_the_header_when_opened(path):
    for cut in range(1, len(HEADER) + 1):
        path.write_text(HEADER[:cut])
        counts = decisions("trial", path)
        assert counts.torn == 1
        assert list(counts) == []
        counts.open()
        counts.append(batch_rows(0))
        counts.close()
        assert path.read_text() == file_of(batch_rows(0))


def test_header_alone_holds_no_rows(path):
    path.write_text(HEADER + "\n")
    counts = decisions("trial", path)
    assert list(counts) == []
    assert counts.torn is None


# Refused files.


def test_any_changed_digit_is_refused_by_the_number_of_its_row(path):
    content = file_of(batch_rows(0)).encode()
    number = 1
    for at, byte in enumerate(content):
        number += at > 0 and content[at - 1] == ord("\n")
        if number == 1 or not chr(byte).isdigit():
            continue
        digit = b"0123456789"[(byte - ord("0") + 1) % 10]
        path.write_bytes(content[:at] + bytes([digit]) + content[at + 1 :])
        refuses(path, f"row {number} of", "edited")


def test_removed_cell_is_refused(path):
    lines = file_of(batch_rows(0)).splitlines(keepends=True)
    lines[2] = lines[2].replace("circuit,", "")
    path.write_text("".join(lines))
    refuses(path, "row 3 of")


def test_empty_line_is_refused(path):
    lines = file_of(batch_rows(0)).splitlines(keepends=True)
    path.write_text("".join([*lines[:3], "\n", *lines[3:]]))
    refuses(path, "row 4 of")


def test_bytes_that_are_no_text_are_refused(path):
    path.write_bytes(file_of(batch_rows(0)).replace("memory", "m\xe9mory").encode("latin-1"))
    refuses(path, "row 2 of")


def test_row_with_too_few_columns_is_refused_though_its_check_is_right(path):
    body = "trial,observables"
    path.write_text(f"{HEADER}\n{sealed(body)}")
    refuses(path, "row 2 of", HEADER)


def test_row_with_another_spec_id_is_refused_though_its_check_is_right(path):
    rows = batch_rows(0)
    path.write_text(file_of(rows[:2]) + edited(rows[2], spec_id="0" * 12))
    refuses(path, "row 4 of", "spec_id")


@pytest.mark.parametrize(
    ("column", "value"),
    [("task", "observables:alpha=0.8,game=two"), ("qubits", 3), ("budget", 12), ("seed", 4)],
)
def test_row_of_another_spec_is_refused_though_its_check_is_right(path, column, value):
    path.write_text(file_of([]) + edited(batch_rows(0)[0], **{column: value}))
    refuses(path, "row 2 of", "spec_id")


def test_counts_of_another_experiment_are_refused_by_name(path):
    path.write_text(file_of(batch_rows(0, experiment="other")))
    refuses(path, "row 2 of", "'other'", "'trial'")


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,2\n",
        b"hello",
        b"\n",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"\x00\xff\xfe",
        HEADER.encode() + b",more\n",
        HEADER.encode() + b",more",
        HEADER.encode().replace(b"check", b"czech") + b"\n",
    ],
)
def test_file_of_another_kind_is_refused_and_untouched(path, content):
    path.write_bytes(content)
    refuses(path, "not a file of counts", HEADER)


# Rows that come twice, batches that are not whole.


def test_row_that_comes_twice_counts_once(path):
    rows = batch_rows(0)
    path.write_text(file_of([*rows, rows[1], *rows]))
    counts = decisions("trial", path)
    assert list(counts) == rows
    assert counts.whole_batches() == {SPEC: {0: rows}}


def test_contradicting_row_is_refused_by_its_number(path):
    rows = batch_rows(0)
    path.write_text(file_of([*rows, replace(rows[1], correct=0)]))
    refuses(path, f"row {len(rows) + 2} of", "contradicts")


def test_contradicting_batch_is_not_written(collected):
    before = collected.read_bytes()
    counts = decisions("trial", collected)
    counts.open()
    with pytest.raises(ValueError, match="contradicts"):
        counts.append(batch_rows(0, correct=1))
    counts.close()
    assert collected.read_bytes() == before


@pytest.mark.parametrize("missing", range(len(batch_rows(0))))
def test_batch_that_lacks_a_row_is_not_whole(path, missing):
    rows = batch_rows(0)
    del rows[missing]
    path.write_text(file_of([*rows, *batch_rows(1)]))
    assert decisions("trial", path).whole_batches() == {SPEC: {1: batch_rows(1)}}


def test_rows_of_a_whole_batch_come_in_order_of_copies(path):
    path.write_text(file_of(batch_rows(0)[::-1]))
    assert decisions("trial", path).whole_batches() == {SPEC: {0: batch_rows(0)}}


def test_batches_of_two_specs_are_kept_apart(path):
    other = replace(SPEC, seed=4)
    path.write_text(file_of(batch_rows(0) + batch_rows(0, other)))
    whole = decisions("trial", path).whole_batches()
    assert whole == {SPEC: {0: batch_rows(0)}, other: {0: batch_rows(0, other)}}


# Two runs at once.


def test_second_opener_gets_one_clear_error(collected):
    first = decisions("trial", collected)
    first.open()
    before = collected.read_bytes()
    with pytest.raises(ValueError, match="in use by another run") as caught:
        decisions("trial", collected).open()
    assert "\n" not in str(caught.value)
    assert str(collected) in str(caught.value)
    assert collected.read_bytes() == before
    first.close()


def test_file_can_be_opened_again_after_it_is_closed(collected):
    for _ in range(2):
        counts = decisions("trial", collected)
        counts.open()
        counts.close()
    with collected.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_rows_that_another_run_adds_before_the_file_is_opened_are_not_lost(collected):
    slow = decisions("trial", collected)
    fast = decisions("trial", collected)
    fast.open()
    fast.append(batch_rows(2))
    fast.close()
    try:
        slow.open()
        slow.append(batch_rows(3))
    except ValueError:
        pass  # refusing to go on would be fine as well
    finally:
        slow.close()
    batches = decisions("trial", collected).whole_batches()[SPEC]
    assert {0, 1, 2} <= set(batches)


def test_folder_in_place_of_the_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match=os.strerror(21)):
        decisions("trial", tmp_path)
