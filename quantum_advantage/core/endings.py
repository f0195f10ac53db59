"""How a command begins and ends: its streams, its signals and its exit status. Standard library.

A command ignores the user's configuration of matplotlib, prints a question mark for a character
that the terminal lacks, and ends with one line unless the cause is a bug.
"""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from quantum_advantage.core.usage import UsageError

STOPPED = "stopped; all finished batches are kept, and the same command goes on from there"
# What shells call an end by a signal: 128 and its number.
INTERRUPTED, UNREAD, TERMINATED = 130, 141, 143
# What a machine runs out of, or denies, without a file's name.
_EXHAUSTED = (
    errno.EAGAIN,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOSPC,
    errno.EROFS,
)


class Terminated(KeyboardInterrupt):
    """SIGTERM: an interrupt that a scheduler of jobs, or ``kill``, sends.

    Example:
        >>> issubclass(Terminated, KeyboardInterrupt)
        True
    """


def program_of(script: str) -> str:
    """Returns the name before the messages of a script: what was typed to start it.

    ``quantum-advantage run`` leaves it as PROGRAM in the script's module.

    Args:
        script: The name if the script was started by itself.

    Example:
        >>> program_of("signs.py")
        'signs.py'
    """
    return str(getattr(sys.modules["__main__"], "PROGRAM", script))


def run_to_its_end(program: str, work: Callable[[], int], stopped: str = STOPPED) -> int:
    """Runs a command and returns its exit status.

    Args:
        program: The name before every message.
        work: The command.
        stopped: What an interrupted command says.

    Returns:
        What ``work`` returns, or 2 after a mistake that one line on standard error explains, or 130
        after Ctrl-C, 143 after SIGTERM, 141 if the reader of the output has closed it.

    Raises:
        Exception: What ``work`` raises if it is a bug: anything but a mistake, a file that cannot
            be used, or a machine without memory, disk or processes.

    Example:
        >>> run_to_its_end("program", lambda: 0)
        0
    """
    try:
        with _sigterm_interrupts():
            try:
                status = work()
                sys.stdout.flush()
                return status
            except KeyboardInterrupt as interrupt:
                sys.stderr.write(f"{program}: {stopped}\n")
                return TERMINATED if isinstance(interrupt, Terminated) else INTERRUPTED
    except (UsageError, OSError, MemoryError) as error:
        if isinstance(error, OSError) and not _is_of_the_machine(error):
            raise
        return fail(program, error)


def _is_of_the_machine(error: OSError) -> bool:
    """Tells whether a user's file, a full disk, a lost connection or a lost process is the cause.

    A file that is missing from the package itself is a bug, and so is a wrong system call.
    """
    lost = isinstance(error, ConnectionError | ChildProcessError | TimeoutError)
    if lost or error.errno is None or error.errno in _EXHAUSTED:
        return True
    package = Path(__file__).resolve().parents[1]
    return error.filename is not None and package not in Path(str(error.filename)).parents


def fail(program: str, error: Exception) -> int:
    """Prints one line for a user's mistake and returns the exit status 2.

    If the reader of the output has closed it, as ``head`` does, nothing is printed and the status
    is 141, the status of a process that SIGPIPE ends.

    Args:
        program: The name before the message.
        error: The mistake.

    Example:
        >>> import contextlib
        >>> with contextlib.redirect_stderr(io.StringIO()) as stream:
        ...     status = fail("program", UsageError("shots must be at least 1, not 0"))
        >>> print(status, stream.getvalue().strip())
        2 program: error: shots must be at least 1, not 0
    """
    if isinstance(error, BrokenPipeError):
        _give_up_output()
        return UNREAD
    text = str(error)
    if isinstance(error, MemoryError):
        text = "not enough memory" + (f": {text}" if text else "")
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    try:
        sys.stdout.flush()
    except OSError as unwritten:
        _give_up_output()
        text = f"standard output: {unwritten.strerror}"
    sys.stderr.write(f"{program}: error: {' '.join(text.split())}\n")
    return 2


def _give_up_output() -> None:
    """Discards buffered output, which the interpreter could not flush when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def prepare_process() -> None:
    """Makes streams take every character and matplotlib ignore what users configured.

    It also calls :func:`collect_seldom`, and takes all objects from the collector at the end: what
    the system takes back whole need not be searched for cycles first, which takes 0.4 s once Cirq
    is loaded.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # Closed by the caller. The file would otherwise be the next one that is opened.
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    os.environ["MATPLOTLIBRC"] = os.devnull
    os.environ.pop("MPLBACKEND", None)
    collect_seldom()
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)


def collect_seldom() -> None:
    """Lets Python look for unreachable cycles of objects less often.

    Cirq and what it imports are 400 000 objects that stay, and looking through them again and again
    takes a tenth of a short command's time. The peak memory grows by some 20 MB.

    Example:
        >>> before = gc.get_threshold()
        >>> collect_seldom()
        >>> gc.get_threshold()
        (500000, 20, 20)
        >>> gc.set_threshold(*before)
    """
    gc.set_threshold(500_000, 20, 20)


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Lets SIGTERM interrupt as Ctrl-C does, in the main thread and if no handler is installed."""
    process = os.getpid()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if os.getpid() != process:
            # Inherited by a fork, which must not end as if it were the command.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
        raise Terminated

    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignores Ctrl-C and SIGTERM while work that an earlier signal stopped comes to its end.

    Example:
        >>> with undisturbed():
        ...     signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        True
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = signal.SIGINT, signal.SIGTERM
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
