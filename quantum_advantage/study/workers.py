"""Executors that play batches: processes on one machine, or a cluster."""

from __future__ import annotations

import functools
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

from quantum_advantage.usage import UsageError

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def _start_worker() -> None:
    """Leaves Ctrl-C to the parent, and ends when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def process_pool(workers: int) -> Executor:
    """Starts worker processes with one thread each.

    They are forked from a server that has loaded the package but run nothing: forking after qsim
    has run dead-locks.
    """
    for variable in _THREADS:
        os.environ.setdefault(variable, "1")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["quantum_advantage.study.batches"])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)


class JobThreads(Executor):
    """Threads that wait for jobs elsewhere, and that the end of the program does not wait for.

    Args:
        threads: How many jobs may be waited for at once.
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


def cluster_executor(address: str) -> Executor:
    """Connects to a ``dask.distributed`` scheduler; needs the extra ``cluster``.

    Raises:
        ValueError: If the extra is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "--cluster needs dask.distributed: pip install 'quantum-advantage[cluster]'"
        ) from None
    try:
        executor: Executor = Client(address, timeout=10).get_executor()
    except OSError:
        raise UsageError(f"no cluster answers at {address!r}") from None
    return executor
