"""Specs: the identity of a result. Standard library alone.

A spec is a frozen set of primitive fields; the SHA-256 of their canonical JSON names it. Everything
that changes a bit of a batch is in it; the number of batches, the target and the workers are not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from quantum_advantage.backends.names import BackendName, read_backend
from quantum_advantage.core.arguments import LEAST_BATCHES

# Raised when the meaning of a spec changes, so that old rows are never added to new ones.
VERSION = 1
ID_LENGTH = 12
# The least number of batches of a point; its intervals resample batches.
BATCHES = LEAST_BATCHES


@dataclass(frozen=True)
class PointSpec:
    """What a summary names of a spec.

    Attributes:
        task: The task's full name.
        protocol: The protocol's full name.
        qubits: The number n of qubits of one copy.
        backend: The backend's full name.

    Example:
        >>> PointSpec("observables", "bell", 4, "law").source
        'law'
    """

    task: str
    protocol: str
    qubits: int
    backend: str

    def __str__(self) -> str:
        return f"{self.protocol}, n = {self.qubits}, {self.backend}"

    @property
    def source(self) -> str:
        """``law`` or ``circuit``: where the bits come from."""
        return "law" if self.backend.partition(":")[0] == "law" else "circuit"

    @cached_property
    def backend_name(self) -> BackendName:
        """The backend's name, read once; a ``UsageError`` if this installation does not know it."""
        return read_backend(self.backend)

    @property
    def point(self) -> PointSpec:
        """What a summary names of it."""
        return PointSpec(self.task, self.protocol, self.qubits, self.backend)


@dataclass(frozen=True)
class Spec(PointSpec):
    """What the batches of a record of so many copies are results of: one rung of one curve.

    Attributes:
        budget: Copies per record.
        batch_size: Trials in a batch, each with a system of its own.
        seed: The root of all randomness.

    Example:
        >>> spec = Spec("purity", "bell", 10, "law", budget=16, batch_size=50, seed=1)
        >>> spec.source, len(spec.id), len(spec.digest)
        ('law', 12, 32)
        >>> larger = Spec("purity", "bell", 10, "law", budget=64, batch_size=50, seed=1)
        >>> larger.id == spec.id, larger.curve == spec.curve
        (False, True)
    """

    budget: int
    batch_size: int
    seed: int

    @cached_property
    def digest(self) -> bytes:
        """The SHA-256 of the spec's canonical JSON, in which the batch size is called games."""
        fields = {
            "backend": self.backend,
            "budget": self.budget,
            "games": self.batch_size,
            "protocol": self.protocol,
            "qubits": self.qubits,
            "seed": self.seed,
            "task": self.task,
            "version": VERSION,
        }
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).digest()

    @cached_property
    def id(self) -> str:
        """The first twelve hexadecimal digits of the digest."""
        return self.digest.hex()[:ID_LENGTH]

    @property
    def curve(self) -> CurveSpec:
        """What the specs of one curve have in common: all but the budget."""
        return CurveSpec(
            self.task, self.protocol, self.qubits, self.backend, self.batch_size, self.seed
        )


@dataclass(frozen=True, order=True)
class CurveSpec(PointSpec):
    """What all budgets of one curve have in common; the fields are those of :class:`Spec`.

    Example:
        >>> CurveSpec("purity", "bell", 10, "qsim", batch_size=50, seed=1).source
        'circuit'
    """

    batch_size: int
    seed: int
