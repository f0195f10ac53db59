"""Parts of a state from one record of random Pauli bases: density matrices, purities, entropies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.core.bits import pick_bits, unpack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.bell.subsystems import entropy_of_purity
from quantum_advantage.inference.checks import Part, places
from quantum_advantage.inference.shadows.expectations import check_random, expectations
from quantum_advantage.inference.shadows.purity import grouped_purity, shadow_purity
from quantum_advantage.inference.shadows.terms import Floats
from quantum_advantage.measurements.pauli_basis import unpack_bases
from quantum_advantage.measurements.records import ShadowRecord

MOST_QUBITS = 6


@dataclass(frozen=True, eq=False)
class ReducedState:
    """The estimate of a reduced density matrix, by linear inversion.

    Attributes:
        qubits: Its k qubits.
        strings: All 4ᵏ Pauli strings on them, the letters IXYZ of the last qubit running fastest.
        coefficients: (4ᵏ, 2) estimates of tr(P ρ) and their standard errors.

    Example:
        >>> strings = PauliStrings.from_text(["I", "X", "Y", "Z"])
        >>> values = np.array([[1.0, 0.0], [0.0, 0.1], [0.0, 0.1], [1.0, 0.1]])
        >>> ReducedState((cirq.LineQubit(0),), strings, values).matrix().real.tolist()
        [[1.0, 0.0], [0.0, 0.0]]
    """

    qubits: tuple[cirq.Qid, ...]
    strings: PauliStrings
    coefficients: Floats

    def matrix(self) -> npt.NDArray[np.complex128]:
        """Returns 2⁻ᵏ Σ tr(P ρ) P, (2ᵏ, 2ᵏ): Hermitian, of trace 1, perhaps with negative values.

        The first qubit is the most significant, as in Cirq.
        """
        size = len(self.qubits)
        paulis = np.array([cirq.unitary(p) for p in (cirq.I, cirq.X, cirq.Y, cirq.Z)]) / 2
        tensor = self.coefficients[:, 0].astype(complex).reshape((4,) * size)
        for _ in range(size):
            # Consumes the first axis; the rows and columns of its qubit come last.
            tensor = np.tensordot(tensor, paulis, axes=(0, 0))
        order = [*range(0, 2 * size, 2), *range(1, 2 * size, 2)]
        return tensor.transpose(order).reshape(2**size, 2**size)


def _places(record: ShadowRecord, qubits: Part) -> list[int]:
    check_random(record)
    chosen = places(qubits, len(record.qubits), record.qubits)
    if not chosen:
        raise UsageError("qubits must be at least one, not none")
    return chosen


def reduced_state(record: ShadowRecord, qubits: Part) -> ReducedState:
    """Estimates the reduced density matrix of a few qubits.

    Args:
        record: The shadow record, with random bases.
        qubits: At most six of its qubits, or their positions, or a mask, as for ``bell.purity``.

    Returns:
        The Pauli coefficients with their standard errors, and the matrix.

    Raises:
        ValueError: If the bases are not random, or the qubits are too many, repeated or others.

    Example:
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> reduced_state(record, [a]).matrix().diagonal().real.round(1).tolist()
        [0.5, 0.5]
    """
    chosen = _places(record, qubits)
    if len(chosen) > MOST_QUBITS:
        raise UsageError(f"qubits must be at most {MOST_QUBITS}, not {len(chosen)}")
    codes = np.array(list(product(range(4), repeat=len(chosen))), dtype=np.uint8)
    letters = np.zeros((codes.shape[0], len(record.qubits)), dtype=np.uint8)
    letters[:, chosen] = codes
    found = expectations(record, PauliStrings.from_letters(letters))
    named = tuple(record.qubits[i] for i in chosen)
    return ReducedState(named, PauliStrings.from_letters(codes), found)


def purity(record: ShadowRecord, qubits: Part = None) -> tuple[float, float]:
    """Estimates the purity tr(ρ_A²) of some qubits A from a record of random Pauli bases.

    With one shot for each basis the mean over *all* pairs of shots
    (:func:`~quantum_advantage.inference.shadows.purity.shadow_purity`); with several the mean over
    the pairs within each basis
    (:func:`~quantum_advantage.inference.shadows.purity.grouped_purity`).

    Args:
        record: The shadow record, with random bases.
        qubits: The qubits in A, or their positions in the record, or a mask, as for
            ``bell.purity``; all of them if not given.

    Returns:
        The estimate and its standard error. Up to 8 qubits any number of shots takes about a
        second or less; beyond that the time grows with the number of pairs of shots.

    Raises:
        ValueError: If the bases are not random, the qubits are repeated or others, or there are
            less than two shots.

    Example:
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> value, error = purity(record, [a])  # exactly 1/2
        >>> print(f"{value:.3f} ± {error:.3f}")
        0.500 ± 0.003
    """
    chosen = _places(record, qubits)
    if record.shots < 2:
        raise UsageError(f"record must hold at least 2 shots, not {record.shots}")
    bits = unpack_bits(pick_bits(record.outcomes, chosen), len(chosen))
    if record.times > 1:
        return grouped_purity(bits.reshape(record.settings, record.times, -1))
    x, z = (pick_bits(part, chosen) for part in record.bases)
    return shadow_purity(unpack_bases((x, z), len(chosen)), bits)


def renyi_entropy(record: ShadowRecord, qubits: Part = None) -> tuple[float, float]:
    """Estimates the second Rényi entropy S₂(A) = -log₂ tr(ρ_A²) in bits.

    Args:
        record: The shadow record, with random bases.
        qubits: The qubits in A, as for :func:`purity`; all of them if not given.

    Returns:
        The estimate and its standard error by ``subsystems.entropy_of_purity``.

    Raises:
        ValueError: As :func:`purity`.

    Example:
        >>> from quantum_advantage import measure_shadow
        >>> a, b = cirq.LineQubit.range(2)
        >>> pair = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b))
        >>> record = measure_shadow(pair, cirq.Simulator(seed=1), 2000, seed=2)
        >>> value, error = renyi_entropy(record, [a])  # exactly 1 bit
        >>> print(f"{value:.3f} ± {error:.3f}")
        1.000 ± 0.007
    """
    return entropy_of_purity(*purity(record, qubits), len(_places(record, qubits)))
