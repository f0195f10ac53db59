"""Registrations: what is claimed, written down before the data exists.

A registration names for each claim the task, protocol, n, backend, seed, copies, games and the size
of batches, the mode and the level, and digests of the circuit, of the sampler and of this package.
Its own digest, the SHA-256 of the file, is to be published before the data is taken; what was
published later, or not at all, no program can see. Claims of one registration share its level.

Whether data was registered is told in :mod:`quantum_advantage.certify.registered`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from quantum_advantage.certify.certificate import check_alternative
from quantum_advantage.certify.methods import default_alternative
from quantum_advantage.core import shipped
from quantum_advantage.core.arguments import MOST_SEED, MOST_TRIALS
from quantum_advantage.core.fields import choice, moment, moment_text, number, text, whole
from quantum_advantage.core.files import (
    CHECK,
    MOST_JSON,
    check_of,
    create_file,
    parse_json,
    read_file,
    read_json,
    read_text,
)
from quantum_advantage.core.usage import UsageError
from quantum_advantage.study.provenance import origin_of
from quantum_advantage.study.rows import MOST_COPIES, check_identity
from quantum_advantage.study.spec import PointSpec, Spec
from quantum_advantage.tasks.registry import load_deciding

_VERSION = 1
_MOST_CLAIMS = 1000


@dataclass(frozen=True)
class Claim:
    """What is claimed: that so many games with so many copies each will be certified.

    Attributes:
        task: The task's full name.
        protocol: The protocol's full name.
        qubits: The number n of qubits.
        backend: Where it will run.
        seed: The root of all randomness.
        copies: Copies of a record, all of which are spent in a game.
        games: How many games; in the mode ``anytime`` how many are planned.
        batch_size: Games in a batch.
        alternative: p₁ in the mode ``anytime``; None in the mode ``fixed``.
        circuit: Digest of the circuit of one shot; empty for the exact distribution.
        sampler: Fingerprint of the sampler; likewise.
    """

    task: str
    protocol: str
    qubits: int
    backend: str
    seed: int
    copies: int
    games: int
    batch_size: int
    alternative: float | None
    circuit: str
    sampler: str

    @property
    def spec(self) -> Spec:
        """What will be played."""
        return Spec(
            self.task,
            self.protocol,
            self.qubits,
            self.backend,
            self.copies,
            self.batch_size,
            self.seed,
        )

    def check(self) -> None:
        """Raises a ``ValueError`` that names the field if a value cannot be."""
        for name in ("task", "protocol", "backend"):
            text(getattr(self, name), name)
        check_identity("claim", PointSpec(self.task, self.protocol, self.qubits, self.backend))
        whole(self.seed, "seed", 0, MOST_SEED)
        whole(self.copies, "copies", 1, MOST_COPIES)
        whole(self.games, "games", 1, MOST_TRIALS)
        whole(self.batch_size, "batch_size", 1, self.games)
        if self.games % self.batch_size:
            raise ValueError(f"games must be whole batches of {self.batch_size}, not {self.games}")
        if self.alternative is not None:
            number(self.alternative, "alternative", 0.5, 1)
        text(self.circuit, "circuit", "(?:[0-9a-f]{64})?")
        text(self.sampler, "sampler", "(?:[0-9a-f]{20}|[0-9a-f]{64})?")


@dataclass(frozen=True)
class Registration:
    """What was written down before the data.

    Attributes:
        registered: When, in UTC.
        mode: ``fixed`` or ``anytime``.
        confidence: 1 - a.
        code: Digest of this package.
        claims: What is claimed; all claims share the level.
        digest: SHA-256 of the file, to be published before the data is taken.
    """

    registered: datetime
    mode: str
    confidence: float
    code: str
    claims: tuple[Claim, ...]
    digest: str


def code_digest() -> str:
    """Returns the SHA-256 of all files of this package that Python reads."""
    found = hashlib.sha256()
    for path in shipped.package_modules():
        content = path.read_bytes()
        found.update(
            f"{path.relative_to(shipped.PACKAGE).as_posix()} {len(content)}\n".encode() + content
        )
    return found.hexdigest()


def claim_of(
    spec: Spec,
    games: int,
    *,
    anytime: bool = False,
    alternative: float | None = None,
    sampler: str | None = None,
) -> Claim:
    """Returns a claim, with what makes its rows here and now.

    Args:
        spec: What will be played; its budget is spent in each game.
        games: How many games, in whole batches.
        anytime: Whether one may stop when one likes.
        alternative: p₁ then; by default :func:`default_alternative` of p_max.
        sampler: Fingerprint of a backend of one's own, as ``study.provenance.sampler_of`` says it.

    Raises:
        UsageError: If no bound is proven for these games, or the alternative does not fit.
    """
    learners = load_deciding(spec.task).bound_of(spec.protocol, spec.qubits)
    largest = learners.largest_accuracy(spec.budget)
    if anytime and alternative is None:
        alternative = default_alternative(largest)
    if alternative is not None and not anytime:
        raise UsageError("an alternative belongs to the mode anytime; leave it out, or choose that")
    check_alternative(alternative, largest)
    origin = origin_of(spec, sampler)
    return Claim(
        spec.task,
        spec.protocol,
        spec.qubits,
        spec.backend,
        spec.seed,
        spec.budget,
        games,
        spec.batch_size,
        alternative,
        origin.circuit,
        origin.sampler,
    )


def register(path: Path, claims: Sequence[Claim], confidence: float) -> Registration:
    """Writes a registration, and returns it.

    Args:
        path: A new file.
        claims: What is claimed, all with an alternative (mode ``anytime``) or none (``fixed``).
        confidence: 1 - a, in (1/2, 1).

    Raises:
        UsageError: If there is such a file already.
        OSError: If it cannot be written.
    """
    if not 0.5 < confidence < 1:
        raise UsageError(f"confidence must lie strictly between 0.5 and 1, not {confidence}")
    values = {
        "registration": _VERSION,
        "registered": moment_text(datetime.now(UTC)),
        "mode": "fixed" if claims[0].alternative is None else "anytime",
        "confidence": confidence,
        "code": code_digest(),
        "claims": [asdict(claim) for claim in claims],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        create_file(path, json.dumps({**values, "check": check_of(values)}, indent=1) + "\n")
    except FileExistsError:
        raise UsageError(
            f"{path} exists, and a registration is never replaced; name a new file"
        ) from None
    return read_registration(path)


def read_registration(path: Path) -> Registration:
    """Reads a registration.

    Raises:
        UsageError: If it is none, or was edited.
        OSError: If it cannot be read.
    """
    what = "a registration"
    found = read_json(path, what)
    try:
        # Also what was written by hand: a check that is left out is none that fits.
        if CHECK not in parse_json(read_text(path, MOST_JSON)):
            raise ValueError("it has no check")
        expected = {"registration", "registered", "mode", "confidence", "code", "claims"}
        if set(found) != expected:
            raise ValueError(f"it must hold {', '.join(sorted(expected))}")
        whole(found["registration"], "registration", _VERSION, _VERSION)
        mode = choice(found["mode"], "mode", "fixed", "anytime")
        if not isinstance(found["claims"], list) or not 1 <= len(found["claims"]) <= _MOST_CLAIMS:
            raise ValueError(f"claims must be a list of 1 to {_MOST_CLAIMS}")
        claims = tuple(_claim(one) for one in found["claims"])
        if any((claim.alternative is None) != (mode == "fixed") for claim in claims):
            raise ValueError(f"the claims are not of the mode {mode}")
        if len({claim.spec for claim in claims}) < len(claims):
            raise ValueError("a claim comes twice")
        confidence = number(found["confidence"], "confidence", 0.5, 1)
        if confidence in (0.5, 1):
            raise ValueError(f"confidence must lie between 0.5 and 1, not {confidence}")
        return Registration(
            moment(found["registered"], "registered"),
            mode,
            confidence,
            text(found["code"], "code", "[0-9a-f]{64}"),
            claims,
            hashlib.sha256(read_file(path, MOST_JSON)).hexdigest(),
        )
    except ValueError as error:
        raise UsageError(f"{path} is no registration ({error})") from None


def _claim(values: Any) -> Claim:
    if not isinstance(values, dict) or set(values) != {f.name for f in fields(Claim)}:
        raise ValueError(f"a claim must hold {', '.join(f.name for f in fields(Claim))}")
    claim = Claim(**values)
    claim.check()
    return claim
