"""The chain of messages as a role sees it: it writes its own, and checks and keeps all.

A role is a process of its own. The referee sends it every published message, a line each, and the
role answers with the next one where that is its own. It checks each message as an auditor does
before it goes on, so that a run in which somebody cheats is aborted where that happens. A role
reads from standard input and writes to standard output; what it keeps is in its own folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from quantum_advantage.core.endings import prepare_process, run_to_its_end
from quantum_advantage.core.files import create_file
from quantum_advantage.core.usage import UsageError
from quantum_advantage.sealed.auditor import (
    FORMAT,
    KINDS,
    MOST_BYTES,
    NAMES,
    AuditError,
    Message,
    canonical,
    check,
)

# The file of the secret seed in nature's folder.
SEED = "seed.txt"
Chain = Sequence[Message]
# Of the messages so far: the values of the next one.
Author = Callable[[Chain], Mapping[str, Any]]


def compose(chain: Chain, values: Mapping[str, Any]) -> bytes:
    """Returns the next message of a chain.

    It is dated now, but not before the message before it, and the result as the opening is.

    Args:
        chain: The messages before it.
        values: Its own values.

    Example:
        >>> compose([], {"backend": "qsim"}).decode()[:28]
        '{"backend":"qsim","date":"20'
    """
    kind, date = KINDS[len(chain)], datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if chain:
        last = chain[-1].values["date"]
        date = last if kind == "result" else max(date, last)
    previous = chain[-1].digest if chain else "0" * 64
    head = {"format": FORMAT, "kind": kind, "previous": previous, "date": date}
    return canonical({**head, **values})


def accept(chain: list[Message], octets: bytes, folder: Path) -> Message:
    """Checks the next message of a chain, keeps it in a folder and appends it.

    Args:
        chain: The messages before it.
        octets: The message.
        folder: Where all messages are kept, under names that must be free.

    Raises:
        UsageError: If it does not follow, or is larger than a message may be.
        OSError: If it cannot be kept.
    """
    name = NAMES[len(chain)]
    if len(octets) > MOST_BYTES:
        raise UsageError(f"{name} is larger than {MOST_BYTES} bytes: ask for fewer games or copies")
    try:
        message = check(chain, octets)
    except AuditError as error:
        raise UsageError(f"{name}: {error}") from None
    create_file(folder / name, octets)
    chain.append(message)
    return message


def read_message(stream: IO[bytes]) -> bytes:
    """Reads one message from a stream; nothing if it has ended."""
    return stream.readline(MOST_BYTES + 1)


def run_role(role: str, authors: Callable[[], tuple[Path, Mapping[str, Author]]]) -> int:
    """Runs the process of a role to its end and returns its exit status.

    Args:
        role: ``nature`` or ``learner``.
        authors: Returns the role's folder, which nobody else can read, and what it writes.
    """
    prepare_process()
    os.umask(0o077)

    def work() -> int:
        take_part(*authors())
        return 0

    return run_to_its_end(role, work, "stopped by the referee")


def take_part(folder: Path, authors: Mapping[str, Author]) -> None:
    """Plays a role to the end of the chain, or until nothing comes any more.

    Args:
        folder: The role's own folder.
        authors: The kinds of messages that the role writes, and what writes them.

    Raises:
        UsageError: If a message does not follow, or another one was published than was written.
    """
    # What a library prints must not get between the messages.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        chain: list[Message] = []
        while len(chain) < len(KINDS):
            own = b""
            if (kind := KINDS[len(chain)]) in authors:
                own = compose(chain, authors[kind](chain))
                out.write(own)
                out.flush()
            octets = read_message(sys.stdin.buffer)
            if not octets:
                return
            if own and octets != own:
                raise UsageError(f"the referee published another message as the {kind}")
            accept(chain, octets, folder)
