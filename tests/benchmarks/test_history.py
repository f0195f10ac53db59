import json
import threading

import pytest
from speed import history, machine
from toy_workloads import record

from quantum_advantage.core.usage import UsageError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "folder" / "history.jsonl"
    history.append(path, record(commit="one"))
    history.append(path, record(commit="two"))
    return path


def test_records_come_back_in_order(file):
    assert history.read_history(file) == [record(commit="one"), record(commit="two")]


def test_no_file_has_no_records(tmp_path):
    assert history.read_history(tmp_path / "none.jsonl") == []


def test_what_stands_in_the_file_stays(file):
    before = file.read_bytes()
    history.append(file, record(commit="three"))
    after = file.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line[:-30],  # the end was lost
        lambda line: line.rstrip("\n"),
        lambda line: line.replace('"ratio": 2.0', '"ratio": 1.0'),
        lambda line: "\n",
        lambda line: "[1, 2]\n",
        lambda line: "\x00" * 40 + "\n",
    ],
)
def test_a_damaged_line_is_named_and_nothing_is_written(file, damage):
    first, second = file.read_text().splitlines(keepends=True)
    file.write_text(first + damage(second))
    before = file.read_bytes()
    for work in (history.read_history, lambda path: history.append(path, record())):
        with pytest.raises(UsageError, match=r"history\.jsonl is damaged in line 2: restore"):
            work(file)
    assert file.read_bytes() == before


def test_a_line_without_its_keys_is_no_record(tmp_path):
    path = tmp_path / "history.jsonl"
    values = record()
    del values["machine"]
    path.write_text(history.line_of(values))
    with pytest.raises(UsageError, match="damaged in line 1"):
        history.read_history(path)


def test_a_full_disk_leaves_the_file_as_it_was(file, full_disk_after):
    before = file.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        full_disk_after(patch, 100)
        with pytest.raises(OSError, match=r"No space left.*history\.jsonl"):
            history.append(file, record(commit="three"))
    assert file.read_bytes() == before


def test_records_added_at_the_same_time_are_all_kept(file):
    def add(k):
        history.append(file, record(commit=str(k)))

    threads = [threading.Thread(target=add, args=[k]) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [one["commit"] for one in history.read_history(file)]
    assert kept[:2] == ["one", "two"]
    assert sorted(kept[2:]) == [str(k) for k in range(8)]


def test_a_new_record_names_the_machine_and_no_host_or_folder(tmp_path):
    import platform

    made = history.new_record({}, {"toy": "absent"}, load=0.5)
    history.append(tmp_path / "h.jsonl", made)
    assert set(made) == history.KEYS
    assert machine.same(made["machine"], machine.describe())
    text = json.dumps(made)
    assert platform.node() not in text.replace(made["machine"]["cpu"], "")
    assert str(history.ROOT) not in text
    assert made["machine"]["numpy"]
    assert made["machine"]["cores"] >= 1
