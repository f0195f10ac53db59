"""Records: what a measurement leaves, the outcomes and the learner's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import Words, check_unused, words_for
from quantum_advantage.core.notebook import html_table
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.stabiliser import StabiliserBases, select_bases


@dataclass(frozen=True, eq=False, repr=False)
class BellRecord:
    """Bell outcomes of pairs of copies.

    Attributes:
        qubits: The number n of qubits of one copy.
        system: (shots, words) packed outcomes a of the first copy's qubits.
        memory: (shots, words) packed outcomes b of the second copy's qubits.
        held: (n,) the qubits of the first copy, in the order of the bits; None if they are not
            known, as for a record read from a file of bits.

    Raises:
        UsageError: If the outcomes are not packed, or shapes and qubits do not fit.

    Example:
        >>> import numpy as np
        >>> from quantum_advantage.core.bits import pack_bits
        >>> first, second = np.array([[0, 1], [1, 1]]), np.array([[0, 0], [1, 0]])
        >>> record = BellRecord(2, pack_bits(first), pack_bits(second))
        >>> record, record.shots
        (BellRecord(2 shots of 2 x 2 qubits), 2)
    """

    qubits: int
    system: Words
    memory: Words
    held: tuple[cirq.Qid, ...] | None = None

    def __post_init__(self) -> None:
        if self.system.dtype != np.uint64 or self.memory.dtype != np.uint64:
            raise UsageError("system and memory must be packed, as pack_bits does")
        shapes = self.system.shape, self.memory.shape
        if shapes[0] != shapes[1] or shapes[0][1:] != (words_for(self.qubits),):
            raise UsageError(
                f"system and memory must both have shape (shots, {words_for(self.qubits)}) for "
                f"{self.qubits} qubits, not {shapes[0]} and {shapes[1]}"
            )
        if self.held is not None and not (len(self.held) == len(set(self.held)) == self.qubits):
            raise UsageError(f"held must be {self.qubits} different qubits, not {self.held}")
        check_unused("system", self.system, self.qubits)
        check_unused("memory", self.memory, self.qubits)

    def __repr__(self) -> str:
        return f"BellRecord({self.shots} shots of 2 x {self.qubits} qubits)"

    def _repr_html_(self) -> str:
        values = {"shots": self.shots, "copies": 2 * self.shots, "qubits": self.qubits}
        return html_table({"record": "Bell", **values, "held": self.held})

    @property
    def shots(self) -> int:
        """The number T of Bell shots; each used two copies."""
        return self.system.shape[0]


@dataclass(frozen=True, eq=False, repr=False)
class PrincipalRecord:
    """Joint outcomes of SWAP and of a Pauli string O on pairs of copies.

    Attributes:
        swaps: (shots,) ±1, the SWAP eigenvalue of all pairs, with mean tr(ρ²).
        values: (shots,) +1, -1 or 0, the eigenvalue of (O⊗I + I⊗O) SWAP/2, with mean tr(O ρ²).
        held: (n,) the qubits of the first copy; None if they are not known.
        observable: O; None if it is not known.

    Raises:
        UsageError: If the shapes differ or an eigenvalue is another number.

    Example:
        >>> import numpy as np
        >>> record = PrincipalRecord(np.array([1, 1, -1]), np.array([1, -1, 0]))
        >>> record, record.shots
        (PrincipalRecord(3 shots), 3)
    """

    swaps: npt.NDArray[np.int8]
    values: npt.NDArray[np.int8]
    held: tuple[cirq.Qid, ...] | None = None
    observable: cirq.PauliString | None = None

    def __post_init__(self) -> None:
        if self.swaps.ndim != 1 or self.swaps.shape != self.values.shape:
            raise UsageError(
                f"swaps and values must both have shape (shots,), not {self.swaps.shape} and "
                f"{self.values.shape}"
            )
        if not np.isin(self.swaps, (-1, 1)).all() or not np.isin(self.values, (-1, 0, 1)).all():
            raise UsageError("swaps must be 1 or -1, and values 1, -1 or 0")

    def __repr__(self) -> str:
        about = "" if self.observable is None else f" of {self.observable}"
        return f"PrincipalRecord({self.shots} shots{about})"

    def _repr_html_(self) -> str:
        values = {"shots": self.shots, "copies": 2 * self.shots, "observable": self.observable}
        return html_table({"record": "principal component", **values, "held": self.held})

    @property
    def shots(self) -> int:
        """The number T of shots; each used two copies."""
        return self.swaps.shape[0]


RANDOM = "random"


@dataclass(frozen=True, eq=False, repr=False)
class ShadowRecord:
    """Outcomes of Pauli measurements of single copies, in many bases.

    Attributes:
        qubits: The measured qubits, in the order of the bits.
        bases: Packed x bits and z bits of the measured strings, (settings, words) each.
        outcomes: (settings * times, words) packed outcomes, setting by setting.
        times: Shots in a row for each setting.
        scheme: How the bases were chosen; ``random`` if uniformly, each anew.
        provenance: Where the record comes from, as plain values by name.

    Raises:
        UsageError: If bases or outcomes are not packed, or their shapes do not fit.

    Example:
        >>> import cirq
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 600, seed=2, times=3)
        >>> record.shots, record.settings
        (600, 200)
        >>> record[:50]
        ShadowRecord(150 shots of 2 qubits in 50 random bases, each 3 times)
    """

    qubits: tuple[cirq.Qid, ...]
    bases: tuple[Words, Words]
    outcomes: Words
    times: int = 1
    scheme: str = RANDOM
    provenance: Mapping[str, str | int | float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(set(self.qubits)) < len(self.qubits):
            raise UsageError(f"qubits must be different ones, not {self.qubits}")
        words = words_for(len(self.qubits))
        for name, part in (
            ("bases", self.bases[0]),
            ("bases", self.bases[1]),
            ("outcomes", self.outcomes),
        ):
            if part.dtype != np.uint64 or part.shape[1:] != (words,):
                raise UsageError(
                    f"{name} must be packed, as pack_bits does, with {words} words for "
                    f"{len(self.qubits)} qubits, not {part.dtype} of shape {part.shape}"
                )
            check_unused(name, part, len(self.qubits))
        settings = self.bases[0].shape[0]
        if self.bases[1].shape[0] != settings:
            raise UsageError(
                f"bases must have x and z bits of the same settings, not {settings} and "
                f"{self.bases[1].shape[0]}"
            )
        if self.times < 1 or self.outcomes.shape[0] != settings * self.times:
            raise UsageError(
                f"outcomes must have {self.times} shots for each of the {settings} settings, not "
                f"{self.outcomes.shape[0]} in all"
            )

    def __repr__(self) -> str:
        often = f", each {self.times} times" if self.times > 1 else ""
        return (
            f"ShadowRecord({self.shots} shots of {len(self.qubits)} qubits in {self.settings} "
            f"{self.scheme} bases{often})"
        )

    def _repr_html_(self) -> str:
        values = {"shots": self.shots, "settings": self.settings, "scheme": self.scheme}
        return html_table({"record": "shadow", **values, "qubits": self.qubits, **self.provenance})

    @property
    def shots(self) -> int:
        """The number of shots; each used one copy."""
        return self.outcomes.shape[0]

    @property
    def settings(self) -> int:
        """The number of bases, each used ``times`` times in a row."""
        return self.bases[0].shape[0]

    def __getitem__(self, settings: slice) -> ShadowRecord:
        """Returns the record of some of the settings, with all of their shots."""
        x, z = (part[settings] for part in self.bases)
        shots = self.outcomes.reshape(self.settings, self.times, -1)[settings]
        return replace(self, bases=(x, z), outcomes=shots.reshape(-1, self.outcomes.shape[1]))


@dataclass(frozen=True, eq=False, repr=False)
class StabiliserRecord:
    """Outcomes of uniformly random stabiliser bases, a fresh basis for every shot.

    Attributes:
        qubits: The measured qubits, in the order of the bits.
        bases: The basis of every shot.
        outcomes: (shots,) uint64 packed outcomes.
        provenance: Where the record comes from, as plain values by name.

    Raises:
        UsageError: If bases and outcomes are not of the same shots and qubits.

    Example:
        >>> import cirq
        >>> from quantum_advantage.measurements.measure import measure_stabiliser_shadow
        >>> circuit = cirq.Circuit(cirq.H(cirq.LineQubit(0)))
        >>> measure_stabiliser_shadow(circuit, cirq.Simulator(seed=1), 400, seed=2)[:100]
        StabiliserRecord(100 shots of 1 qubits)
    """

    qubits: tuple[cirq.Qid, ...]
    bases: StabiliserBases
    outcomes: npt.NDArray[np.uint64]
    provenance: Mapping[str, str | int | float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shapes = {part.shape for part in (*self.bases.rows, self.bases.hadamards, self.outcomes)}
        if len(self.bases.rows) != len(self.qubits) or shapes != {(self.shots,)}:
            raise UsageError(
                f"bases must have {len(self.qubits)} rows of {self.shots} shots, as outcomes have, "
                f"not {len(self.bases.rows)} rows and the shapes {sorted(shapes)}"
            )

    def __repr__(self) -> str:
        return f"StabiliserRecord({self.shots} shots of {len(self.qubits)} qubits)"

    def _repr_html_(self) -> str:
        values = {"record": "stabiliser", "shots": self.shots, "qubits": self.qubits}
        return html_table({**values, **self.provenance})

    @property
    def shots(self) -> int:
        """The number of shots; each used one copy."""
        return self.outcomes.shape[0]

    def __getitem__(self, shots: slice) -> StabiliserRecord:
        """Returns the record of some of the shots."""
        bases = select_bases(self.bases, np.arange(self.shots, dtype=np.uint64)[shots])
        return replace(self, bases=bases, outcomes=self.outcomes[shots])
