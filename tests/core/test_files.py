import errno
import json
import os
import resource
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from quantum_advantage import plots
from quantum_advantage.claims import verify
from quantum_advantage.claims.checking import Found
from quantum_advantage.claims.log import append_log
from quantum_advantage.core import files
from quantum_advantage.core.files import (
    check_of,
    create_file,
    parse_json,
    read_file,
    read_json,
    read_text,
    write_file,
    write_json,
)
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.accuracy import write_summary

OLD = b"the old file"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file.txt"


def names(folder):
    return sorted(p.name for p in folder.iterdir())


# Writing.


@pytest.mark.parametrize("write", [write_file, create_file])
@pytest.mark.parametrize("content", ["", "λ = |1⟩\n", b"\0\xff", "a" * 3_000_000])
def test_what_is_written_is_read_and_nothing_else_is_there(path, write, content):
    write(path, content)
    assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())
    assert names(path.parent) == [path.name]


def test_permissions_are_those_of_a_new_file(path):
    for mask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        old = os.umask(mask)
        try:
            write_file(path, "x")
        finally:
            os.umask(old)
        assert path.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("octets", [0, 1, 5])
def test_a_full_disk_leaves_the_old_file_and_no_other(path, monkeypatch, full_disk_after, octets):
    path.write_bytes(OLD)
    full_disk_after(monkeypatch, octets)
    with pytest.raises(OSError, match="No space left") as caught:
        write_file(path, "something new")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == OLD
    assert names(path.parent) == [path.name]


@pytest.mark.parametrize("step", ["fsync", "replace", "close"])
def test_a_failure_at_any_step_leaves_the_old_file(path, monkeypatch, step):
    path.write_bytes(OLD)
    real = getattr(os, step)

    def fails(*arguments):
        if step == "close":
            real(*arguments)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fails)
        with pytest.raises(OSError, match="Input/output"):
            write_file(path, "something new")
    assert path.read_bytes() == OLD
    assert names(path.parent) == [path.name]


def test_an_interrupt_leaves_the_old_file(path, monkeypatch):
    path.write_bytes(OLD)

    def interrupted(handle):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_file(path, "something new")
    assert path.read_bytes() == OLD
    assert names(path.parent) == [path.name]


KILLED = """
import os, signal, sys
from pathlib import Path
from quantum_advantage.core import files
step = sys.argv[2]
def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(files.os, step, die)
files.write_file(Path(sys.argv[1]), "something new")
"""


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_kill_at_any_step_leaves_the_old_file(path, step):
    path.write_bytes(OLD)
    command = [sys.executable, "-c", KILLED, str(path), step]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert path.read_bytes() == OLD
    write_file(path, "new")
    assert path.read_text() == "new"


LIMITED = """
import sys
from pathlib import Path
from quantum_advantage.core.files import write_file
write_file(Path(sys.argv[1]), "n" * 100_000)
"""


def test_a_real_limit_of_the_system_leaves_the_old_file(path):
    path.write_bytes(OLD)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    command = [sys.executable, "-c", LIMITED, str(path)]
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert f"File too large: '{path}'" in done.stderr
    assert path.read_bytes() == OLD
    assert names(path.parent) == [path.name]


def test_temporary_names_cannot_be_foreseen_and_links_in_their_place_are_not_followed(
    path, monkeypatch
):
    seen = []
    real = os.open

    def spy(name, flags, *mode):
        if flags & os.O_CREAT:
            assert flags & os.O_EXCL
            assert flags & os.O_NOFOLLOW
            seen.append(Path(name))
        return real(name, flags, *mode)

    monkeypatch.setattr(files.os, "open", spy)
    for _ in range(3):
        write_file(path, "x")
    assert len(set(seen)) == 3
    assert {part.parent for part in seen} == {path.parent}
    # Somebody who foresaw it all the same.
    precious = path.parent / "precious"
    precious.write_text("mine")
    monkeypatch.setattr(files.secrets, "token_hex", lambda size: "ab")
    (path.parent / ".ab.part").symlink_to(precious)
    with pytest.raises(OSError, match="File exists"):
        write_file(path, "new")
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("target", ["precious", "absent"])
def test_a_link_in_place_of_the_file_is_replaced_and_not_followed(path, target):
    precious = path.parent / "precious"
    precious.write_text("mine")
    path.symlink_to(path.parent / target)
    with pytest.raises(FileExistsError):
        create_file(path, "new")
    write_file(path, "new")
    assert not path.is_symlink()
    assert path.read_text() == "new"
    assert precious.read_text() == "mine"
    assert names(path.parent) == ["file.txt", "precious"]


def test_a_folder_in_place_of_the_file_is_left_alone(path):
    path.mkdir()
    with pytest.raises(OSError, match=r"file.txt"):
        write_file(path, "new")
    assert names(path.parent) == [path.name]


def test_a_file_that_is_there_is_not_created(path, monkeypatch):
    path.write_bytes(OLD)
    with pytest.raises(FileExistsError, match=r"file.txt"):
        create_file(path, "new")
    # Nor one that appears in the meantime.
    monkeypatch.setattr(files.os.path, "lexists", lambda name: False)
    with pytest.raises(FileExistsError):
        create_file(path, "new")
    assert path.read_bytes() == OLD
    assert names(path.parent) == [path.name]


def test_a_file_system_without_second_names_will_do(path, monkeypatch):
    def refuses(*arguments, **options):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(files.os, "link", refuses)
    create_file(path, "new")
    assert path.read_text() == "new"
    with pytest.raises(FileExistsError):
        create_file(path, "newer")
    assert names(path.parent) == [path.name]


# Everything that is written goes this way.


def draw():
    return plots.new_figure(1, 1)


WRITERS = {
    "figure.png": lambda folder: plots.render(draw, folder / "figure"),
    "figure.svg": lambda folder: plots.render(draw, folder / "figure"),
    "figure.pdf": lambda folder: plots.render(draw, folder / "figure"),
    "summary.csv": lambda folder: write_summary([], folder / "summary.csv"),
    "claims.md": lambda folder: verify.write_claims([], folder / "claims.md"),
    "claims.log": lambda folder: append_log(folder / "claims.log", "a", "b", Found("c", True)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_every_kind_of_file_as_it_was(
    tmp_path, monkeypatch, full_disk_after, name
):
    old = "old\n"
    for other in WRITERS:
        (tmp_path / other).write_text(old)
    before = names(tmp_path)
    with monkeypatch.context() as patch:
        full_disk_after(patch, 20)
        with pytest.raises(OSError, match="No space left"):
            WRITERS[name](tmp_path)
    assert (tmp_path / name).read_text() == old
    assert names(tmp_path) == before
    WRITERS[name](tmp_path)
    assert (tmp_path / name).read_bytes() != old.encode()
    assert names(tmp_path) == before


def test_a_figure_that_cannot_be_drawn_leaves_the_old_ones(tmp_path):
    def fails():
        raise ValueError("no figure")

    (tmp_path / "a.png").write_text("old")
    with pytest.raises(ValueError, match="no figure"):
        plots.render(fails, tmp_path / "a")
    assert (tmp_path / "a.png").read_text() == "old"
    assert names(tmp_path) == ["a.png"]


# Reading.


def test_a_file_that_is_too_large_is_refused_in_bounded_memory(path):
    with path.open("wb") as stream:
        stream.truncate(2**33)
    tracemalloc.start()
    with pytest.raises(UsageError, match=r"file.txt is too large: it must have at most 1000000"):
        read_file(path, 1_000_000)
    with pytest.raises(UsageError, match=r"/dev/zero is too large"):
        read_file(Path("/dev/zero"), 1_000_000)
    assert tracemalloc.get_traced_memory()[1] < 2**23
    tracemalloc.stop()


def test_a_limit_is_kept_to_the_byte(path):
    path.write_bytes(b"a" * 100)
    assert read_file(path, 100) == b"a" * 100
    with pytest.raises(UsageError, match="at most 99 bytes"):
        read_file(path, 99)


def test_a_text_is_one_in_utf_8(path):
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"file.txt must be a text in UTF-8"):
        read_text(path)


def test_json_comes_back_without_its_check(path):
    values = {"b": [1, 2.5, None, "λ"], "a": {"x": True}}
    write_json(path, values)
    assert read_json(path, "a thing") == values
    assert json.loads(path.read_text())["check"] == check_of(values)


def test_json_with_a_changed_value_is_refused(path):
    write_json(path, {"seconds": 3.25})
    path.write_text(path.read_text().replace("3.25", "3.26"))
    with pytest.raises(UsageError, match=r"file.txt does not match its check"):
        read_json(path, "a thing")


def test_json_without_a_check_is_taken_as_it_is(path):
    path.write_text('{"seconds": 3.25}')
    assert read_json(path, "a thing") == {"seconds": 3.25}


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "3", "null", "[" * 100_000, '{"a":' * 100_000, '{"a": NaN}', '{"a": Infinity}',
     '{"a": 1, "a": 2}', '{"a": ' + "9" * 5000 + "}", "{'a': 1}", '{"a": 1} x'],
)  # fmt: skip
def test_what_is_no_json_object_is_one_line(path, content):
    path.write_text(content)
    with pytest.raises(UsageError, match=r"file.txt is not a thing; restore or remove it"):
        read_json(path, "a thing")


def test_json_that_is_too_large_is_refused(path):
    path.write_text("[" + "[]," * 2_000_000 + "[]]")
    with pytest.raises(UsageError, match="too large"):
        read_json(path, "a thing")


def test_no_number_is_written_that_json_does_not_have(path):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, {"a": float("nan")})
    assert not path.exists()
    with pytest.raises(ValueError, match="NaN is no number"):
        parse_json("NaN")
