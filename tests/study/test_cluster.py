"""Real clusters, each in processes of its own: a scheduler, its workers and the script."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import types
from collections import Counter
from concurrent.futures import wait
from pathlib import Path

import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.cluster import (
    PACKAGE,
    cluster_executor,
    installed,
    refuse_difference,
)
from quantum_advantage.study.kinds import decisions
from quantum_advantage.study.spec import Spec

ROOT = Path(__file__).resolve().parents[2]
NAME = "predicting_observables"
SCRIPT = ROOT / "experiments" / f"{NAME}.py"
SMALL = ["--qubits", "2", "--protocols", "bell,mutually_unbiased", "--quick"]
SPEC = Spec("observables:alpha=0.9,game=two", "bell", 4, "qsim", 20, 20, 0)
PATIENCE = 120  # seconds
STOPPED = "stopped; all finished batches are kept, and the same command goes on from there"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Cluster:
    """A scheduler and workers as processes."""

    def __init__(self):
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        options = "--port", self.port, "--no-dashboard", "--host", "127.0.0.1"
        self.scheduler = self._start("distributed.cli.dask_scheduler", *options)
        self.workers = []

    def _start(self, module, *arguments, path=ROOT):
        code = f"import sys; from {module} import main; sys.exit(main())"
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=path,
            env={**os.environ, "PYTHONPATH": str(path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def add_worker(self, path=ROOT):
        options = "--nthreads", 1, "--no-nanny", "--no-dashboard", "--memory-limit", 0
        self.workers.append(
            self._start("distributed.cli.dask_worker", self.address, *options, path=path)
        )

    def end(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster():
    """A scheduler without workers."""
    made = Cluster()
    yield made
    made.end()


@pytest.fixture
def other_package(tmp_path):
    """A folder that hides the package, whatever way it was installed."""
    folder = tmp_path / "other" / PACKAGE
    folder.mkdir(parents=True)
    absent = f"raise ModuleNotFoundError(\"No module named '{PACKAGE}'\", name='{PACKAGE}')\n"
    (folder / "__init__.py").write_text(absent)
    return folder.parent


def start(out, address, *arguments):
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *SMALL, "--cluster", address, "--out", str(out), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def rows_of(out):
    path = out / "data" / f"{NAME}.csv"
    return path.read_bytes().count(b"\n") - 1 if path.exists() else 0


def wait_for_rows(process, out, rows):
    deadline = time.monotonic() + PATIENCE
    while rows_of(out) < rows:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def told(process):
    """Returns the status, and the lines on standard error that tell no progress."""
    printed, text = process.communicate(timeout=PATIENCE)
    lines = [line for line in text.splitlines() if not re.search(r"[0-9] of [0-9]+ batches", line)]
    return process.returncode, lines, printed


# What is installed.


def test_what_is_installed_names_the_package_and_what_decides_its_rows():
    assert {PACKAGE, "python", "numpy", "qsimcirq", "stim"} <= set(installed())
    refuse_difference(installed(), dict(installed()))


@pytest.mark.parametrize("name", [PACKAGE, "python", "numpy"])
def test_a_worker_with_something_else_is_refused_by_its_name(name):
    with pytest.raises(UsageError, match=f"has {name} 0.1, and here it is") as caught:
        refuse_difference(installed(), {**installed(), name: "0.1"})
    assert "install the same" in str(caught.value)


def test_cluster_without_its_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="pip install") as caught:
        cluster_executor("tcp://127.0.0.1:8786")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("error", [OSError("timed out"), ValueError("no such scheme")])
def test_cluster_that_does_not_answer_is_named(monkeypatch, error):
    def client(address, **options):
        raise error

    monkeypatch.setitem(sys.modules, "distributed", types.SimpleNamespace(Client=client))
    with pytest.raises(UsageError, match=r"no cluster answers at --cluster 'tcp://127\.0\.0\.1:1'"):
        cluster_executor("tcp://127.0.0.1:1")


# A real one.


@pytest.mark.slow
def test_workers_play_the_same_batches_and_errors_come_back(cluster):
    cluster.add_worker()
    executor = cluster_executor(cluster.address, 30)
    try:
        assert executor.threads == 1
        futures = [executor.submit(play_batch, "trial", SPEC, batch) for batch in range(3)]
        failing = executor.submit(int, "x")
        wait([*futures, failing], timeout=60)
        assert [f.result(0) for f in futures] == [play_batch("trial", SPEC, b) for b in range(3)]
        assert isinstance(failing.exception(0), ValueError)
        # The only worker is lost: what it had waits for another.
        slow = executor.submit(time.sleep, 0.5)
        cluster.workers[0].kill()
        cluster.add_worker()
        assert slow.result(60) is None
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def test_no_workers_is_one_line_after_a_while(cluster):
    with pytest.raises(UsageError, match="has had no workers for 1 s; start some with dask worker"):
        cluster_executor(cluster.address, 1)


def test_workers_that_leave_for_good_are_one_line(cluster):
    cluster.add_worker()
    executor = cluster_executor(cluster.address, 3)
    try:
        waiting = [executor.submit(time.sleep, 30) for _ in range(3)]
        cluster.workers[0].kill()
        for future in waiting:
            with pytest.raises(UsageError, match="has had no workers for 3 s"):
                future.result(60)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def test_a_worker_without_the_package_is_refused_before_anything_is_played(cluster, other_package):
    cluster.add_worker(other_package)
    with pytest.raises(UsageError, match="install the same on all machines") as caught:
        cluster_executor(cluster.address, 30)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_worker_that_joins_later_without_the_package_is_refused(cluster, other_package):
    cluster.add_worker()
    executor = cluster_executor(cluster.address, 30)
    try:
        cluster.add_worker(other_package)
        deadline = time.monotonic() + 60
        while executor.threads < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        cluster.workers[0].kill()
        # A worker that cannot read what it is sent tells of it, or ends by itself.
        same = "install the same on all machines|where the same packages are installed as here"
        with pytest.raises(UsageError, match=same):
            executor.submit(play_batch, "trial", SPEC, 0).result(60)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def test_a_lost_scheduler_is_one_line(cluster):
    cluster.add_worker()
    executor = cluster_executor(cluster.address, 30)
    try:
        waiting = [executor.submit(time.sleep, 30) for _ in range(3)]
        cluster.scheduler.kill()
        for future in waiting:
            with pytest.raises(ConnectionError, match="was lost; all finished batches are kept"):
                future.result(60)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


# A script on a real one.


@pytest.mark.slow
def test_script_survives_workers_and_ends_in_one_line_with_its_scheduler(cluster, tmp_path):
    for _ in range(2):
        cluster.add_worker()
    home = tmp_path / "home"
    alone = start(home, cluster.address)
    assert told(alone)[:2] == (0, [])
    names = (f"data/{NAME}.csv", f"data/{NAME}_summary.csv", f"{NAME}.png")

    # One worker dies: the run goes on.
    out = tmp_path / "out"
    process = start(out, cluster.address)
    wait_for_rows(process, out, 40)
    cluster.workers[0].kill()
    # Ctrl-C in the middle.
    wait_for_rows(process, out, 80)
    process.send_signal(signal.SIGINT)
    assert told(process)[:2] == (130, [f"{NAME}.py: {STOPPED}"])
    before = rows_of(out)
    # An interrupt in the middle of a write takes back the batch that was being written.
    sizes = Counter((row.spec, row.batch) for row in decisions(NAME, out / names[0]))
    assert before > 80 - max(sizes.values())

    # SIGTERM.
    process = start(out, cluster.address)
    wait_for_rows(process, out, before + 20)
    process.terminate()
    assert told(process)[:2] == (143, [f"{NAME}.py: {STOPPED}"])

    # The scheduler dies: one line, and the same command goes on with another.
    process = start(out, cluster.address)
    wait_for_rows(process, out, before + 60)
    cluster.scheduler.kill()
    status, lines, _ = told(process)
    assert status == 2
    assert len(lines) == 1
    assert "was lost" in lines[0]
    other = Cluster()
    other.add_worker()
    try:
        assert told(start(out, other.address))[:2] == (0, [])
    finally:
        other.end()
    assert set(decisions(NAME, out / names[0])) == set(decisions(NAME, home / names[0]))
    assert rows_of(out) == rows_of(home)
    for name in names[1:]:
        assert (out / name).read_bytes() == (home / name).read_bytes()
