"""Executors that play batches on one machine: processes, and threads that wait for remote jobs."""

from __future__ import annotations

import functools
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from typing import Any

from quantum_advantage.backends.calibration_files import FOLDERS
from quantum_advantage.core.endings import collect_seldom, undisturbed

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

# Seconds in which a pool whose workers were stopped has ended.
PATIENCE = 10.0


def _start_worker(folders: str) -> None:
    """Ignores Ctrl-C, which the parent handles, and ends when the parent has ended.

    Args:
        folders: Where calibrations are looked for; the server of the workers may be older.
    """
    os.environ[FOLDERS] = folders
    collect_seldom()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Lets Ctrl-C wait until the end of a block; processes started within it never see one.

    Example:
        >>> with interrupts_held():
        ...     signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
        True
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return
    held = []
    signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    if held:
        signal.raise_signal(signal.SIGINT)


class EndingExecutor(Executor):
    """An executor whose calls do not outlive a block that an error ends."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        """Waits for the calls, or gives them up if the block ended by an error."""
        if error is None:
            self.shutdown()
            return
        with undisturbed():
            self.shutdown(wait=False, cancel_futures=True)


class _Processes(EndingExecutor, ProcessPoolExecutor):
    """Worker processes that can be ended in the middle of a call."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """Queues a call; the first one starts the processes, each of which is then known here."""
        with interrupts_held():
            return super().submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the pool; with ``cancel_futures`` and without ``wait``, in the middle of a call."""
        if wait or not cancel_futures:
            super().shutdown(wait=wait, cancel_futures=cancel_futures)
            return
        for process in list((self._processes or {}).values()):
            process.terminate()
        manager: Any = self._executor_manager_thread
        super().shutdown(wait=False, cancel_futures=True)
        if manager is not None:
            # This ends soon, unless an interrupt came while the lock of a future was being taken:
            # Python then leaves it locked, and the thread waits for ever.
            manager.join(PATIENCE)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        """Ends the pool, in the middle of its calls if the block ended by an error.

        Raises:
            ChildProcessError: If a process was killed.
        """
        super().__exit__(kind, error, trace)
        if isinstance(error, BrokenProcessPool):
            raise ChildProcessError(
                "a worker process was killed, perhaps for want of memory; fewer --workers need less"
            ) from None


def process_pool(workers: int) -> Executor:
    """Starts worker processes with one thread each, when the first call is queued.

    They are forked from a server that has loaded the package but run nothing: forking after qsim
    has run dead-locks.

    Args:
        workers: The number of processes.
    """
    folders = os.environ.get(FOLDERS, "")
    return _Processes(workers, mp_context=_server(), initializer=_start_worker, initargs=(folders,))


def load_ahead() -> None:
    """Lets the server of the workers load the package while the caller goes on.

    It is for a caller that loads much itself before its first call, and is sure to make one.
    """
    _server()
    # Its start lets Ctrl-C through again, so that it comes before the server.
    resource_tracker.ensure_running()
    with interrupts_held():
        forkserver.ensure_running()


def _server() -> multiprocessing.context.ForkServerContext:
    """Returns what starts processes by a server, which reads the number of threads as it starts."""
    for variable in _THREADS:
        os.environ.setdefault(variable, "1")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["quantum_advantage.study.batches"])
    return context


class JobThreads(Executor):
    """Threads that wait for remote jobs; the program can end while they wait.

    Args:
        threads: How many jobs may be waited for at once.

    Example:
        >>> JobThreads(2).submit(pow, 2, 10).result()
        1024
    """

    def __init__(self, threads: int) -> None:
        """See the class."""
        self._work: queue.SimpleQueue[tuple[Future, Callable[[], Any]]] = queue.SimpleQueue()
        for _ in range(threads):
            threading.Thread(target=self._serve, daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """Queues a call."""
        future: Future = Future()
        self._work.put((future, functools.partial(fn, *args, **kwargs)))
        return future

    def _serve(self) -> None:
        while True:
            future, call = self._work.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # the future carries it to the caller
                future.set_exception(error)
