"""Files that were changed in every way: one line or the same values, within bounded memory."""

import json
import subprocess
import sys
from pathlib import Path

import campaign
import pytest
from kinds import KINDS

HERE = Path(__file__).parent
FILES = 3000
MEGABYTES = 500


@pytest.mark.parametrize("name", KINDS)
def test_a_good_file_of_every_kind_is_read(tmp_path, name):
    kind = KINDS[name]
    path = kind.write(tmp_path)
    assert kind.read(path) == kind.read(path)


@pytest.mark.parametrize("name", KINDS)
def test_changed_files_give_one_line_or_the_same_values(tmp_path, name):
    counts, wrong = campaign.run(tmp_path, 20, 0, (name,))
    assert not wrong
    assert counts[name]["refused"] >= 5


@pytest.mark.slow
def test_three_thousand_changed_files_give_one_line_or_the_same_values(tmp_path):
    command = [sys.executable, str(HERE / "campaign.py"), str(tmp_path), str(FILES), "1000"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert not found["wrong"]
    assert sum(sum(counts.values()) for counts in found["counts"].values()) == FILES
    assert found["megabytes"] < MEGABYTES
    sys.stdout.write(json.dumps(found["counts"], indent=1))
