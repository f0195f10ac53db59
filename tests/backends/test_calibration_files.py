import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from quantum_advantage.backends.calibration_files import (
    FOLDERS,
    MOST_CALIBRATION,
    calibration_bytes,
    keep,
    look_beside,
    look_in,
    named_file,
)
from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.study.rows import check_backend


@pytest.fixture(autouse=True)
def no_folders(monkeypatch, tmp_path):
    """A working folder of its own, and no others."""
    monkeypatch.setenv(FOLDERS, "")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def write(path, text="{}"):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_a_file_is_named_without_its_folder_and_by_its_content(tmp_path):
    path = write(tmp_path / "far" / "chip.json")
    name = read_backend(f"qvm:{path}")
    assert name == BackendName("qvm", processor="chip.json", digest=digest("{}"))
    assert str(name) == f"qvm:chip.json,digest={digest('{}')}"
    assert read_backend(str(name)) == name
    check_backend(str(name))  # as files of results hold it
    assert name.label == f"chip_{digest('{}')[:8]}"
    assert read_backend("qvm:weber").label == "weber"


def test_the_folder_changes_no_name_and_the_content_does(tmp_path):
    one, other = write(tmp_path / "a" / "c.json"), write(tmp_path / "b" / "c.json")
    assert read_backend(f"qvm:{one}") == read_backend(f"qvm:{other}")
    write(other, "[]")
    assert read_backend(f"qvm:{one}") != read_backend(f"qvm:{other}")


def test_a_name_holds_pairs_beside_the_digest(tmp_path):
    path = write(tmp_path / "far" / "chip.json")
    name = read_backend(f"qvm:{path},pairs=03.3-3.2")
    assert str(name) == f"qvm:chip.json,digest={digest('{}')},pairs=3.3-3.2"
    assert read_backend(str(name)) == name


def test_a_file_that_was_named_is_found_again_wherever_it_lies(tmp_path):
    named = named_file(str(write(tmp_path / "far" / "chip.json")))
    assert calibration_bytes(*named) == b"{}"
    # Processes that are started find it, too.
    code = (
        "import sys; from quantum_advantage.backends.calibration_files import calibration_bytes;"
        f"sys.stdout.write(calibration_bytes('chip.json', {named[1]!r}).decode())"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert found.stdout == "{}"


def test_a_file_in_the_working_folder_needs_no_list():
    write(Path("chip.json"))
    assert calibration_bytes("chip.json", digest("{}")) == b"{}"
    assert os.environ[FOLDERS] == ""


def test_of_files_of_one_name_the_one_with_the_digest_is_taken(tmp_path):
    named = [named_file(str(write(tmp_path / f / "c.json", f'"{f}"'))) for f in "abc"]
    assert [calibration_bytes(*one) for one in named] == [b'"a"', b'"b"', b'"c"']


def test_a_file_that_is_missing_or_was_changed_is_told_in_one_line(tmp_path):
    path = write(tmp_path / "far" / "chip.json")
    named = named_file(str(path))
    path.write_text("[]")
    with pytest.raises(ValueError, match=re.escape(digest("{}"))) as error:
        calibration_bytes(*named)
    assert f"{path} has another content, SHA-256 {digest('[]')}" in str(error.value)
    path.unlink()
    with pytest.raises(ValueError, match=r"chip\.json .* is missing: put it in") as error:
        calibration_bytes(*named)
    assert "\n" not in str(error.value)


def test_what_is_kept_beside_results_is_found_from_their_files(tmp_path, monkeypatch):
    path = write(tmp_path / "far" / "chip.json")
    named = named_file(str(path))
    for _ in range(2):
        keep(*named, tmp_path / "out")
    path.unlink()
    monkeypatch.setenv(FOLDERS, "")
    with pytest.raises(ValueError, match="is missing"):
        calibration_bytes(*named)
    look_beside(tmp_path / "out" / "data" / "sweep.csv")
    assert calibration_bytes(*named) == b"{}"


def test_results_without_calibrations_add_no_folder(tmp_path):
    look_beside(tmp_path / "out" / "data" / "sweep.csv")
    assert os.environ[FOLDERS] == ""


def test_a_folder_that_cannot_stand_in_a_list_is_refused(tmp_path):
    path = write(tmp_path / f"a{os.pathsep}b" / "chip.json")
    with pytest.raises(ValueError, match="separates folders"):
        look_in(path.parent)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere.json", "'nowhere.json' cannot be read: No such file"),
        ("../gone/x.json", "'../gone/x.json' cannot be read"),
        ("a b.json", "must have a name of letters"),
        (".json", "must have a name of letters"),
        ("folder.json", "is no file"),
        ("x.json,digest=12", "digest must be the first 16"),
        ("x.json,digest=ABCDEF0123456789", "digest must be the first 16"),
        ("x.json,config=a", "unknown option 'config'"),
        ("weber,digest=0123456789abcdef", "unknown option 'digest'"),
    ],
)
def test_what_is_no_file_of_a_backend_is_refused_in_one_line(place, message):
    Path("folder.json").mkdir()
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        read_backend(f"qvm:{place}")
    assert "\n" not in str(error.value)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "chip.json"
    with path.open("wb") as stream:
        stream.truncate(MOST_CALIBRATION + 1)
    with pytest.raises(ValueError, match="too large"):
        named_file(str(path))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such device")
def test_a_device_is_no_file(tmp_path):
    (tmp_path / "chip.json").symlink_to("/dev/zero")
    with pytest.raises(ValueError, match="is no file"):
        named_file(str(tmp_path / "chip.json"))
