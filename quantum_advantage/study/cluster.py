"""Batches on the workers of a ``dask.distributed`` scheduler. Needs the extra ``cluster``.

The workers must run the same code with the same libraries as the process that uses them, or a batch
could differ from one that is played locally. They are checked before anything is played, and again
in every call, since workers come and go.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import logging
import platform
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from quantum_advantage.core import shipped
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.workers import EndingExecutor

if TYPE_CHECKING:
    from distributed import Client

PACKAGE = "quantum_advantage"
# Seconds within which the scheduler must answer, and within which there must be a worker.
PATIENCE_FOR_SCHEDULER = 10.0
PATIENCE_FOR_WORKERS = 60.0
# What decides the rows of a batch.
_LIBRARIES = ("cirq-core", "numpy", "qsimcirq", "scipy", "stim")
_LOGGERS = ("asyncio", "dask", "distributed", "tornado")


@functools.cache
def installed() -> dict[str, str]:
    """Returns what decides the rows of a batch here: versions, and a digest of the package.

    Example:
        >>> sorted(installed())
        ['cirq-core', 'numpy', 'python', 'qsimcirq', 'quantum_advantage', 'scipy', 'stim']
    """
    digest = hashlib.sha256()
    for path in shipped.package_modules():
        digest.update(path.relative_to(shipped.PACKAGE).as_posix().encode() + path.read_bytes())
    found = {
        PACKAGE: digest.hexdigest()[:12],
        "python": ".".join(platform.python_version_tuple()[:2]),
    }
    return found | {name: version(name) for name in _LIBRARIES}


def _call_alike(
    expected: Mapping[str, str], call: Callable[..., Any], *args: Any, **kwargs: Any
) -> Any:
    """Calls a function where the same is installed; runs on a worker."""
    refuse_difference(expected, installed())
    return call(*args, **kwargs)


def refuse_difference(here: Mapping[str, str], there: Mapping[str, str]) -> None:
    """Refuses a worker on which something else is installed.

    Raises:
        UsageError: If a name has another version there.

    Example:
        >>> refuse_difference({"numpy": "2.1"}, {"numpy": "2.1"})
        >>> try:
        ...     refuse_difference({"numpy": "2.1"}, {"numpy": "2.0"})
        ... except ValueError as error:
        ...     print(error)
        a worker of the cluster has numpy 2.0, and here it is 2.1; install the same on all machines
        ...
    """
    for name, ours in here.items():
        if there.get(name) != ours:
            raise UsageError(
                f"a worker of the cluster has {name} {there.get(name)}, and here it is {ours}; "
                "install the same on all machines and start the workers again"
            )


def cluster_executor(address: str, patience: float = PATIENCE_FOR_WORKERS) -> ClusterExecutor:
    """Connects to a ``dask.distributed`` scheduler and asks its workers what they run.

    Args:
        address: The scheduler's address.
        patience: Seconds within which there must be a worker, now and later.

    Raises:
        UsageError: If the extra is not installed, the scheduler does not answer, it has no workers,
            or they lack the package or have another version of it.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "--cluster needs dask.distributed: pip install 'quantum-advantage[cluster]'"
        ) from None
    _silence()
    try:
        client = Client(address, timeout=PATIENCE_FOR_SCHEDULER, set_as_default=False)
    except (OSError, ValueError) as error:
        # A ValueError is raised where the address cannot be read.
        detail = "" if isinstance(error, OSError) else f" ({error})"
        raise UsageError(
            f"no cluster answers at --cluster {address!r} within {PATIENCE_FOR_SCHEDULER:.0f} s"
            f"{detail}; start dask scheduler and give its address, as tcp://HOST:8786"
        ) from None
    executor = ClusterExecutor(client, address, patience)
    try:
        executor.ask_workers()
    except BaseException:
        executor.shutdown(cancel_futures=True)
        raise
    return executor


def _silence() -> None:
    """Keeps the libraries' logs of lost connections off the terminal: one line says it here."""
    warnings.filterwarnings("ignore", module="distributed")
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class ClusterExecutor(EndingExecutor):
    """Calls on the workers of a cluster, as futures of the standard library.

    If a worker is lost, the scheduler gives its calls to another one, and only time is lost. If no
    worker is left for a while, or the scheduler itself is lost, all waiting calls fail with one
    line.

    Args:
        client: The connection.
        address: The scheduler's address, for messages.
        patience: Seconds for which there may be no worker.
    """

    def __init__(self, client: Client, address: str, patience: float) -> None:
        """See the class."""
        self._client, self._address, self._patience = client, address, patience
        self._waiting: dict[Future[Any], Any] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def threads(self) -> int:
        """How many calls run at once."""
        return sum(self._client.nthreads().values())

    def ask_workers(self) -> None:
        """Waits for a worker and refuses those on which something else is installed.

        Raises:
            UsageError: If there is none, or one lacks the package or has another version.
        """
        try:
            self._client.wait_for_workers(1, timeout=self._patience)
        except TimeoutError:
            raise self._no_workers() from None
        # The package may be missing, or too old to have the module of this function.
        module = f"{PACKAGE}.study.cluster"
        for imported in self._on_all(importlib.import_module, module):
            self._refuse_absence(imported)
        for there in self._on_all(installed):
            self._refuse_absence(there)
            refuse_difference(installed(), there)
        threading.Thread(target=self._watch, daemon=True).start()

    def _on_all(self, call: Callable[..., Any], *args: Any) -> list[Any]:
        """Calls a function on every worker; returns what it returned or raised."""
        return list(self._client.run(call, *args, on_error="return").values())

    def _refuse_absence(self, found: Any) -> None:
        if isinstance(found, ImportError | AttributeError):
            raise UsageError(
                f"a worker of the cluster at {self._address} cannot import {PACKAGE} as it is here "
                f"({found}); install the same on all machines and start the workers again"
            ) from None
        if isinstance(found, BaseException):
            raise found

    def _no_workers(self) -> UsageError:
        return UsageError(
            f"the cluster at {self._address} has had no workers for {self._patience:.0f} s; start "
            f"some with dask worker {self._address}, where the same packages are installed as here"
            "; all finished batches are kept"
        )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Sends a call to the cluster."""
        here: Future[Any] = Future()
        here.set_running_or_notify_cancel()
        there = self._client.submit(_call_alike, installed(), fn, *args, pure=False, **kwargs)
        with self._lock:
            self._waiting[here] = there
        there.add_done_callback(partial(self._hand_over, here))
        return here

    def _hand_over(self, here: Future[Any], there: Any) -> None:
        """Gives the outcome of a call on the cluster to the one who waits."""
        if there.status == "finished":
            try:
                self._settle(here, result=there.result(self._patience))
            except Exception as error:  # lost between the end of the call and its result
                self._settle(here, error=self._lost(error))
        elif there.status == "error":
            self._settle(here, error=self._explained(there.exception()))
        else:
            self._settle(here, error=self._lost(None))

    def _settle(
        self, here: Future[Any], *, result: Any = None, error: BaseException | None = None
    ) -> None:
        with self._lock:
            if self._waiting.pop(here, None) is None:
                return
        if error is not None:
            here.set_exception(error)
        else:
            here.set_result(result)

    def _lost(self, error: Exception | None) -> Exception:
        reason = f" ({error})" if error is not None and str(error) else ""
        return ConnectionError(
            f"the cluster at {self._address} was lost{reason}; all finished batches are kept, and "
            "the same command goes on from there when it is back"
        )

    def _explained(self, error: BaseException) -> BaseException:
        """Returns what a call raised, or one line for what befell the worker."""
        from distributed.scheduler import KilledWorker

        if isinstance(error, KilledWorker):
            return ChildProcessError(
                "one batch ended several workers of the cluster, perhaps for want of memory"
            )
        if isinstance(error, ModuleNotFoundError) and str(error.name).startswith(PACKAGE):
            return UsageError(
                f"a worker of the cluster at {self._address} cannot import {PACKAGE} ({error}); "
                "install the same on all machines and start the workers again; all finished "
                "batches are kept"
            )
        return error

    def _watch(self) -> None:
        """Ends the waiting when there has been no worker for too long."""
        since = time.monotonic()
        while not self._closed.wait(min(1.0, self._patience / 4)):
            try:
                alive = bool(self._client.nthreads())
            except (OSError, RuntimeError, ValueError):
                # The connection is lost or closing: the futures report it.
                alive = True
            now = time.monotonic()
            if alive or not self._waiting:
                since = now
            elif now - since > self._patience:
                for here in list(self._waiting):
                    self._settle(here, error=self._no_workers())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Closes the connection; calls that wait are cancelled."""
        self._closed.set()
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        try:
            if waiting:
                self._client.cancel(list(waiting.values()), force=True)
            self._client.close(timeout=2)
        except (OSError, RuntimeError, TimeoutError):
            # The scheduler has gone.
            pass
