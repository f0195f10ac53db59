"""A sealed run: the referee, between nature and the learner.

Nature and the learner are processes of their own with folders of their own. They speak to the
referee alone, which checks every message as an auditor does, publishes it, and hands it to both.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from quantum_advantage.backends.devices.virtual import ProcessorBackend
from quantum_advantage.backends.names import read_backend
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.core.files import create_file
from quantum_advantage.core.usage import UsageError
from quantum_advantage.sealed.auditor import (
    KINDS,
    PROTOCOLS,
    AuditError,
    Message,
    check,
    result_of,
)
from quantum_advantage.sealed.messages import SEED, accept, compose, read_message
from quantum_advantage.tasks.observables.games import read_task

WRITTEN_BY_LEARNER = ("request", "receipt", "answers")
# How many seconds a role may take to end.
PATIENCE = 5.0
# Of the kind of a message and its digest: lets somebody witness it before the next is written.
Witness = Callable[[str, str], None]


@dataclass(frozen=True)
class Terms:
    """What is played.

    Attributes:
        task: ``observables`` in the game ``two``, with alpha as a decimal number.
        protocol: ``bell``, or ``local_pauli`` as a control.
        qubits: The number n of qubits.
        games: The number of games.
        copies: Copies spent in a game.
        backend: Where circuits run.
        confidence: One minus the level, as a decimal number from 0.5 on.
    """

    task: str
    protocol: str
    qubits: int
    games: int
    copies: int
    backend: str
    confidence: str


@dataclass(frozen=True)
class Role:
    """Nature or the learner: where its process listens, and where it writes."""

    to: IO[bytes]
    back: IO[bytes]


def seal(
    terms: Terms,
    folder: Path,
    private: Path,
    *,
    seed: bytes | None = None,
    witness: Witness = lambda kind, digest: None,
) -> list[Message]:
    """Plays a sealed run and returns its messages.

    Args:
        terms: What is played.
        folder: Where the messages are published; a new folder.
        private: Where the folders of nature and the learner are made; a new folder too.
        seed: Nature's seed of 32 bytes, for a repetition or a test; by default a secret one.
        witness: Called with each message that has been published.

    Raises:
        UsageError: If the terms do not fit, a folder exists, or a role has stopped; what was
            published till then is a run that was aborted, and stays.
        OSError: If the folders cannot be made.
    """
    terms = _check_terms(terms)
    for place in (folder, private):
        if place.exists():
            raise UsageError(f"{place} is there already: a sealed run takes a new folder")
    homes = {role: private / role for role in ("nature", "learner")}
    for place in (folder, private, *homes.values()):
        place.mkdir(parents=True, mode=0o755 if place is folder else 0o700)
    if seed is not None:
        create_file(homes["nature"] / SEED, seed.hex())
    try:
        with ExitStack() as stack:
            roles = {}
            for role, home in homes.items():
                given = [json.dumps(asdict(terms))] if role == "nature" else []
                process = _started(role, home, given)
                stack.callback(_end, process)
                assert process.stdin is not None
                assert process.stdout is not None
                roles[role] = Role(process.stdin, process.stdout)
            return referee(roles, folder, witness)
    finally:
        if not any(folder.iterdir()):
            # Nothing was begun, and the same names are free again.
            shutil.rmtree(private)
            folder.rmdir()


def referee(roles: Mapping[str, Role], folder: Path, witness: Witness) -> list[Message]:
    """Publishes the messages of nature and the learner, and the result.

    Args:
        roles: ``nature`` and ``learner``.
        folder: Where the messages are published.
        witness: Called with each message that has been published.

    Raises:
        UsageError: If a role has stopped, or its message does not follow.
    """
    chain: list[Message] = []
    while len(chain) < len(KINDS):
        kind = KINDS[len(chain)]
        author = "learner" if kind in WRITTEN_BY_LEARNER else "nature"
        if kind == "result":
            octets = compose(chain, result_of(chain))
        else:
            octets = read_message(roles[author].back)
        if not octets:
            raise _aborted(author, kind, len(chain))
        message = accept(chain, octets, folder)
        witness(kind, message.digest)
        for name, role in roles.items():
            try:
                role.to.write(octets)
                role.to.flush()
            except BrokenPipeError:
                if kind != "result":
                    raise _aborted(name, kind, len(chain)) from None
    return chain


def _aborted(role: str, kind: str, published: int) -> UsageError:
    games = "; the run is aborted, and all its games count as wrong" if published else ""
    return UsageError(f"{role} stopped at the {kind}{games}")


def _started(role: str, home: Path, given: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"quantum_advantage.sealed.{role}", str(home), *given],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C stops the referee, which stops both.
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Lets a role come to its end, which it does when nothing can come any more, or stops it."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _check_terms(terms: Terms) -> Terms:
    """Returns the terms with the full name of the task, if they can be played."""
    task = read_task(terms.task) if terms.task.partition(":")[0] == "observables" else None
    if task is None or task.game != "two":
        raise UsageError(f"task {terms.task!r} must be observables with game=two to be sealed")
    if terms.protocol not in PROTOCOLS:
        known = " or ".join(PROTOCOLS)
        raise UsageError(f"protocol {terms.protocol!r} must be {known} to be sealed")
    backend = read_backend(terms.backend).resolve(circuits=True)
    if backend.base != "engine":
        # Refused here in one line; nature, a process of its own, would add that it has stopped.
        place = open_backend(backend)
        if isinstance(place, ProcessorBackend):
            place.place(terms.qubits)
    terms = replace(terms, task=str(task))
    try:
        check([], compose([], {**asdict(terms), "backend": "any", "commitment": "0" * 64}))
    except AuditError as error:
        raise UsageError(f"these games cannot be sealed: {error}") from None
    return terms
