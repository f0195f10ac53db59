import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import quantum_advantage
from quantum_advantage.core import endings
from quantum_advantage.core.endings import fail, run_to_its_end
from quantum_advantage.core.usage import UsageError

PACKAGE = Path(quantum_advantage.__file__).parent


def ended(work, capsys):
    """Runs to the end and returns the status and what was told."""
    status = run_to_its_end("program", work)
    printed, told = capsys.readouterr()
    assert printed == ""
    return status, told


def raising(error):
    def work():
        raise error

    return work


def program(code, **options):
    """Runs Python code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, **options
    )


# Exit status and lines.


def test_the_status_is_what_the_work_returns(capsys):
    assert ended(lambda: 7, capsys) == (7, "")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UsageError("--x 3\n  must be 4"), "--x 3 must be 4"),
        (FileNotFoundError(2, "No such file or directory", "/x/y"), "/x/y: No such file"),
        (PermissionError(13, "Permission denied", b"/x/y"), "Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("could not be written; is the disk full?"), "is the disk full?"),
        (ConnectionError("the cluster was lost"), "the cluster was lost"),
        (MemoryError(), "not enough memory"),
        (MemoryError("Unable to allocate 3 TiB"), "not enough memory: Unable to allocate 3 TiB"),
    ],
)
def test_a_mistake_or_a_want_of_the_machine_is_one_line_and_status_2(error, line, capsys):
    status, told = ended(raising(error), capsys)
    assert status == 2
    assert told.startswith("program: error: ")
    assert told.count("\n") == 1
    assert line in told


@pytest.mark.parametrize(
    "error",
    [
        ValueError("cannot reshape"),
        KeyError("x"),
        RuntimeError("no"),
        OSError(9, "Bad file descriptor"),
        FileNotFoundError(2, "No such file", str(PACKAGE / "core" / "table.bin")),
        FileNotFoundError(2, "No such file", str(PACKAGE / "backends" / "devices" / "table.bin")),
    ],
)
def test_a_bug_keeps_its_traceback(error, capsys):
    with pytest.raises(type(error)) as caught:
        ended(raising(error), capsys)
    assert caught.value is error


def test_an_interrupt_is_one_line_and_status_130(capsys):
    status, told = ended(raising(KeyboardInterrupt()), capsys)
    assert (status, told) == (130, f"program: {endings.STOPPED}\n")


def test_sigterm_is_one_line_and_status_143(capsys):
    before = signal.getsignal(signal.SIGTERM)
    status, told = ended(lambda: os.kill(os.getpid(), signal.SIGTERM) or 0, capsys)
    assert (status, told) == (143, f"program: {endings.STOPPED}\n")
    assert signal.getsignal(signal.SIGTERM) is before


FORK = """
import os, signal, sys, time
from quantum_advantage.core.endings import run_to_its_end
def work():
    ready, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(write, b"x")
            while True:
                time.sleep(0.01)
        finally:
            os._exit(77)
    # A signal that comes while Python sets up a fork is lost.
    os.read(ready, 1)
    os.kill(child, signal.SIGTERM)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) + signal.SIGTERM
sys.exit(run_to_its_end("program", work))
"""


def test_a_fork_ends_by_sigterm_as_it_would_without_the_command():
    """In a process of its own: this one has threads, and must not be forked."""
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_handler_of_somebody_else_is_left_alone(capsys):
    seen = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    try:
        assert ended(lambda: os.kill(os.getpid(), signal.SIGTERM) or 0, capsys) == (0, "")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [signal.SIGTERM]


# Streams and the environment.

SPEAK = (
    "import sys\n"
    "from quantum_advantage.core.endings import prepare_process, run_to_its_end\n"
    "prepare_process()\n"
    "def work():\n"
    "    sys.stdout.write('a ± b ψ\\n')\n"
    "    sys.stderr.write('c ± d\\n')\n"
    "    return 0\n"
    "sys.exit(run_to_its_end('program', work))\n"
)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_a_terminal_that_lacks_a_character_gets_another(encoding):
    done = subprocess.run(
        [sys.executable, "-c", SPEAK],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stdout == "a ± b ψ\n".encode(encoding, "replace")
    assert done.stderr == "c ± d\n".encode(encoding, "replace")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_failure(closed, tmp_path):
    code = tmp_path / "code.py"
    code.write_text(SPEAK)
    done = subprocess.run(f"{sys.executable} {code} {closed}", shell=True, timeout=60)
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_output_is_one_line():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", SPEAK],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    *_, line = done.stderr.splitlines()
    assert line.startswith("program: error: ")
    assert line.endswith("No space left on device")


def test_the_users_matplotlib_is_not_read():
    done = program(
        "import os\n"
        "from quantum_advantage.core.endings import prepare_process\n"
        "prepare_process()\n"
        "import matplotlib\n"
        "print(matplotlib.get_backend())\n",
        env={**os.environ, "MPLBACKEND": "module://absent.backend"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().lower() == "agg"


def test_the_end_searches_no_objects_for_cycles():
    done = program(
        "import gc\n"
        "from quantum_advantage.core.endings import prepare_process\n"
        "class Told:\n"
        "    def __init__(self):\n"
        "        self.cycle = self\n"
        "    def __del__(self, say=print):\n"
        "        say('found')\n"
        "Told()\n"
        "prepare_process()\n"
        "print(len(gc.get_objects()) > 1000)\n"
    )
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_failure_is_one_line_and_status_2(capsys):
    assert fail("program", ValueError("first\n  second")) == 2
    assert capsys.readouterr() == ("", "program: error: first second\n")


def test_failure_of_the_system_names_the_file(capsys):
    fail("program", FileNotFoundError(2, "No such file or directory", "/x/y"))
    assert capsys.readouterr().err == "program: error: /x/y: No such file or directory\n"


def test_failure_of_the_system_without_a_file_does_not_name_one(capsys):
    fail("program", OSError(28, "No space left on device"))
    assert capsys.readouterr().err == "program: error: No space left on device\n"


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_leaves_early_is_no_failure(lines):
    code = (
        "import sys, time\n"
        "from quantum_advantage.core.endings import fail\n"
        "try:\n"
        f"    sys.stdout.write('line\\n' * {lines})\n"
        "    time.sleep(0.5)\n"
        "    sys.stdout.flush()\n"
        "except OSError as error:\n"
        "    sys.exit(fail('program', error))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        program.stdout.close()
        told = program.stderr.read()
    assert program.returncode == 141
    assert told == b""
