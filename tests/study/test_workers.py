import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

from quantum_advantage.study import workers
from quantum_advantage.study.batches import play_batch
from quantum_advantage.study.spec import Spec
from quantum_advantage.study.workers import JobThreads, interrupts_held, process_pool

SPEC = Spec("observables:alpha=0.9,game=two", "bell", 4, "qsim", 20, 20, 0)


def threads_after_work():
    """Plays a batch and multiplies matrices; returns the threads of the system and of Python."""
    play_batch("trial", SPEC, 0)
    square = np.ones((300, 300))
    np.linalg.norm(square @ square)
    return len(list(Path("/proc/self/task").iterdir())), threading.active_count()


def alive(process):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


def test_function_runs_in_another_process():
    with process_pool(1) as pool:
        assert pool.submit(os.getpid).result(60) != os.getpid()


def test_batch_is_the_same_in_another_process():
    with process_pool(1) as pool:
        rows = pool.submit(play_batch, "trial", SPEC, 3).result(60)
    assert rows == play_batch("trial", SPEC, 3)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads in /proc")
def test_worker_computes_with_one_thread():
    with process_pool(1) as pool:
        of_system, of_python = pool.submit(threads_after_work).result(60)
    assert of_system == of_python


def test_an_error_in_the_block_ends_the_calls_that_run():
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), process_pool(1) as pool:  # noqa: PT012
        assert pool.submit(os.getpid).result(60)
        waiting = pool.submit(time.sleep, 60)
        raise KeyboardInterrupt
    assert time.monotonic() - start < 50
    with pytest.raises((BrokenProcessPool, CancelledError)):
        waiting.result(10)


def test_a_killed_worker_is_one_line():
    with (
        pytest.raises(ChildProcessError, match="fewer --workers need less"),
        process_pool(1) as pool,
    ):
        pool.submit(os._exit, 9).result(60)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="finds processes in /proc")
def test_workers_end_when_the_pool_is_shut_down():
    pool = process_pool(2)
    workers = {pool.submit(os.getpid).result(60) for _ in range(4)}
    assert all(map(alive, workers))
    pool.shutdown()
    for _ in range(100):
        if not any(map(alive, workers)):
            return
        time.sleep(0.05)
    pytest.fail("a worker is still there after five seconds")


def test_worker_leaves_an_interrupt_to_its_parent():
    with process_pool(1) as pool:
        worker = pool.submit(os.getpid).result(60)
        os.kill(worker, signal.SIGINT)
        time.sleep(0.1)
        assert pool.submit(os.getpid).result(60) == worker


STARTING = """
import signal, time
from quantum_advantage.study.workers import load_ahead
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
load_ahead()
print("started", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_the_server_leaves_an_interrupt_to_its_parent_while_it_loads_the_package():
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        [sys.executable, "-c", STARTING], start_new_session=True, **pipes
    ) as process:
        assert process.stdout.readline() == "started\n"
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=60) == ("interrupted\n", "")


AHEAD = """
from test_workers import threads_after_work
from quantum_advantage.study.workers import load_ahead, process_pool
if __name__ == "__main__":
    load_ahead()
    with process_pool(1) as pool:
        of_system, of_python = pool.submit(threads_after_work).result(60)
    print(of_system == of_python)
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts threads in /proc")
def test_a_worker_of_a_server_that_loaded_ahead_has_one_thread_too():
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", AHEAD],
        cwd=Path(__file__).parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_error_in_a_worker_comes_back():
    with process_pool(1) as pool, pytest.raises(ValueError, match="invalid literal"):
        pool.submit(int, "x").result(60)


# Threads that wait for jobs.


def test_threads_give_the_results_of_their_calls():
    threads = JobThreads(3)
    futures = [threads.submit(pow, base, exp=2) for base in range(20)]
    assert [future.result(60) for future in futures] == [base**2 for base in range(20)]


@pytest.mark.parametrize("error", [ValueError("no such job"), KeyboardInterrupt(), SystemExit(3)])
def test_error_in_a_thread_comes_back_and_the_thread_goes_on(error):
    def fails():
        raise error

    threads = JobThreads(1)
    future = threads.submit(fails)
    assert future.exception(60) is error
    assert threads.submit(int, "7").result(60) == 7


def test_so_many_calls_wait_at_once_and_no_more():
    running, most, together = threading.Lock(), [0, 0], threading.Barrier(4)

    def call():
        with running:
            most[0] += 1
            most[1] = max(most)
        together.wait(60)  # passes when four are here at once
        time.sleep(0.002)
        with running:
            most[0] -= 1

    threads = JobThreads(4)
    wait([threads.submit(call) for _ in range(12)], timeout=60)
    assert most == [0, 4]


def test_cancelled_call_is_never_made():
    started, go, made = threading.Event(), threading.Event(), []

    def first():
        started.set()
        go.wait(60)
        return "first"

    threads = JobThreads(1)
    running = threads.submit(first)
    waiting = [threads.submit(made.append, number) for number in range(3)]
    assert started.wait(60)
    assert waiting[1].cancel()
    assert not running.cancel()
    go.set()
    assert running.result(60) == "first"
    with pytest.raises(CancelledError):
        waiting[1].result(60)
    waiting[2].result(60)
    assert made == [0, 2]


@pytest.mark.parametrize("end", ["", "threads.shutdown(wait=False, cancel_futures=True)"])
def test_program_ends_although_a_thread_still_waits(end):
    code = (
        "import threading\n"
        "from quantum_advantage.study.workers import JobThreads\n"
        "started = threading.Event()\n"
        "threads = JobThreads(2)\n"
        "threads.submit(lambda: (started.set(), threading.Event().wait()))\n"
        "assert started.wait(60)\n"
        f"{end}\n"
        "print('end')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_a_pool_that_cannot_end_is_left_after_a_while(monkeypatch):
    """As after an interrupt that has left the lock of a future locked."""
    monkeypatch.setattr(workers, "PATIENCE", 0.2)
    pool = process_pool(1)
    running = pool.submit(time.sleep, 30)
    waiting = [pool.submit(time.sleep, 30) for _ in range(3)]
    manager = pool._executor_manager_thread
    locks = [future._condition for future in (running, *waiting)]
    for lock in locks:
        lock.acquire()
    try:
        pool.shutdown(wait=False, cancel_futures=True)
        assert manager.is_alive()
    finally:
        for lock in locks:
            lock.release()
    manager.join(30)
    assert not manager.is_alive()


@pytest.fixture
def interruptible():
    """Interrupts raise, whatever an earlier test has left."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_waits_until_the_end_of_the_block():
    seen = []

    def interrupted():
        with interrupts_held():
            os.kill(os.getpid(), signal.SIGINT)
            seen.append("went on")
        seen.append("not reached")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert seen == ["went on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_processes_started_in_the_block_see_no_interrupt():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('alive')"
    with interrupts_held():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "alive\n"
    assert done.stderr == ""


def test_other_threads_hold_nothing():
    """They cannot set handlers, and no interrupt is theirs."""
    seen = []

    def hold():
        with interrupts_held():
            seen.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
    assert seen == [False]
