"""States with known answers: a noisy GHZ state of any size, and a critical chain's ground state.

What is estimated of them can be compared with exact values, also where no state vector fits.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.pauli_matrices import all_means
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.local_noise import draw_errors, error_dials, error_moments

Floats = npt.NDArray[np.float64]
Columns = tuple[npt.NDArray[np.unsignedinteger], ...]

# Angles of the variational circuit, those of the bonds first. With n/2 layers it reaches the ground
# state of the ring (Ho and Hsieh, SciPost Physics 6, 029 (2019)). They are minima of the energy, as
# a search from a ramp found them; where a search stops depends on the rounding of the machine.
_ISING_ANGLES: dict[int, tuple[float, ...]] = {
    4: (
        0.2428392340430314,
        0.3785767698666139,
        0.6148918403635816,
        0.3552764727038183,
    ),
    6: (
        0.24995839594086217,
        0.45868752833729176,
        0.42992113423853867,
        0.6622094779160244,
        0.6070554453789412,
        0.3330918113245671,
    ),
    8: (
        0.2496261868292249,
        0.4807569089179804,
        0.5260084505816971,
        0.4502611379661474,
        0.6845041574193456,
        0.65589440187437,
        0.6048024204673225,
        0.31799820781124866,
    ),
    10: (
        0.4031344324435223,
        0.6454423650269844,
        0.28551584011895803,
        0.9196614574435825,
        0.43090862797360613,
        0.45083525634495647,
        0.9788651085570571,
        0.5942490139706774,
        0.4721727737919414,
        -1.0716977925957583,
    ),
}
ISING_MOST_QUBITS = max(_ISING_ANGLES)


def ghz_circuit(qubits: Sequence[cirq.Qid]) -> cirq.Circuit:
    """Returns a circuit of depth n that turns |0…0⟩ into (|0…0⟩ + |1…1⟩)/√2.

    Args:
        qubits: The n qubits, at least one.

    Example:
        >>> vector = ghz_circuit(cirq.LineQubit.range(2)).final_state_vector()
        >>> (abs(vector) ** 2).round(3).tolist()
        [0.5, 0.0, 0.0, 0.5]
    """
    return cirq.Circuit(cirq.H(qubits[0]), (cirq.CNOT(a, b) for a, b in pairwise(qubits)))


def ghz_expectations(strings: PauliStrings) -> Floats:
    """Returns the exact mean of Pauli strings in a GHZ state, (strings,).

    Source: the stabilisers are Z on any even number of qubits, times X on all of them or none. A
    product with Y on k qubits, an even number, and X on the rest is (-1)^{k/2} times a stabiliser.

    Args:
        strings: Strings on all n qubits; their phases do not matter.

    Returns:
        (strings,) expectation values, each -1, 0 or 1.

    Example:
        >>> ghz_expectations(PauliStrings.from_text(["XXX", "XYY", "ZZI", "ZII"])).tolist()
        [1.0, -1.0, 1.0, 0.0]
    """
    x, z = (unpack_bits(part, strings.qubits).astype(np.int64) for part in (strings.x, strings.z))
    flips = x.sum(axis=1)
    alone = (flips == 0) & (z.sum(axis=1) % 2 == 0)
    whole = (flips == strings.qubits) & (z.sum(axis=1) % 2 == 0)
    return np.where(alone, 1.0, np.where(whole, (-1.0) ** (z.sum(axis=1) // 2), 0.0))


def ising_circuit(qubits: Sequence[cirq.Qid]) -> cirq.Circuit:
    """Returns a circuit that prepares the ground state of the critical Ising ring.

    Its n/2 layers are exp(i γ Z Z) on all bonds, then exp(i β X) on all qubits, from |+…+⟩ (Ho and
    Hsieh, SciPost Physics 6, 029 (2019)).

    Args:
        qubits: An even number of qubits, 4 to 10.

    Raises:
        UsageError: For another number of qubits.

    Example:
        >>> ring = cirq.LineQubit.range(4)
        >>> vector = ising_circuit(ring).final_state_vector(dtype=np.complex128)
        >>> bonds = zip(ring, [*ring[1:], ring[0]])
        >>> hamiltonian = -sum(cirq.Z(a) * cirq.Z(b) for a, b in bonds) - sum(map(cirq.X, ring))
        >>> order = {qubit: i for i, qubit in enumerate(ring)}
        >>> energy = hamiltonian.expectation_from_state_vector(vector, order).real
        >>> round(float(energy), 4), round(float(-2 / np.sin(np.pi / 8)), 4)  # exact: Pfeuty
        (-5.2263, -5.2263)
    """
    n = len(qubits)
    if n % 2 or not 4 <= n <= ISING_MOST_QUBITS:
        raise UsageError(f"qubits must be 4, 6, … {ISING_MOST_QUBITS} for the Ising ring, not {n}")
    angles = _ISING_ANGLES[n]
    circuit = cirq.Circuit(cirq.H.on_each(*qubits))
    for gamma, beta in zip(angles[: n // 2], angles[n // 2 :], strict=True):
        circuit.append(
            cirq.ZZPowGate(exponent=-2 * gamma / np.pi, global_shift=-0.5)(a, b)
            for a, b in zip(qubits, [*qubits[1:], qubits[0]], strict=True)
        )
        circuit.append(cirq.rx(-2 * beta).on_each(*qubits))
    return circuit


STATES = {"ghz": ghz_circuit, "ising": ising_circuit}


@dataclass(frozen=True, eq=False)
class KnownState:
    """Copies of one known state, with depolarising noise on every qubit.

    Attributes:
        state: ``ghz`` or ``ising``.
        qubits: The number n of qubits.
        depolarize: λ of the channel (1 - λ) ρ + λ I/2 on every qubit of a copy.
        nature: The source of the errors of every copy.
        systems: How many records are taken side by side, all of the same state.

    Raises:
        UsageError: If the state is unknown or λ lies outside [0, 1].

    Example:
        >>> copies = KnownState("ghz", 3, depolarize=0.4, nature=np.random.default_rng(0))
        >>> strings = PauliStrings.from_text(["ZZI", "XXX"])
        >>> copies.expectations(strings).round(3).tolist()  # (1 - λ)^weight
        [0.36, 0.216]
        >>> errors = np.array(copies.draw(2000, ""))  # 0, 1, 2, 3: no error, X, Y, Z
        >>> errors.shape, round(float((errors > 0).mean()), 1)  # 3λ/4
        ((3, 2000), 0.3)
    """

    state: str
    qubits: int
    depolarize: float
    nature: np.random.Generator
    systems: int = 1

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise UsageError(f"state must be one of {', '.join(STATES)}, not {self.state!r}")
        if not 0 <= self.depolarize <= 1:
            raise UsageError(f"depolarize must lie in [0, 1], not {self.depolarize}")

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit that prepares one copy, with its errors if there is noise."""
        whole = STATES[self.state](qubits)
        return whole + cirq.Circuit(error_moments(qubits, label) if self.depolarize else [])

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns one dial for every error."""
        return error_dials(self.qubits, label) if self.depolarize else ()

    def draw(self, copies: int, label: str) -> Columns:
        """Draws the errors of fresh copies.

        Args:
            copies: Copies of each record.
            label: Not used: all labels follow one law.

        Returns:
            For each qubit (systems * copies,) positions of its dial; nothing without noise.
        """
        if not self.depolarize:
            return ()
        shots = self.systems * copies
        return tuple(draw_errors(self.qubits, shots, self.depolarize, self.nature))

    def select(self, systems: slice) -> KnownState:
        """Returns the states of some of the records."""
        count = len(range(*systems.indices(self.systems)))
        return KnownState(self.state, self.qubits, self.depolarize, self.nature, count)

    def expectations(self, strings: PauliStrings) -> Floats:
        """Returns the exact expectation values, (strings,); noise damps by (1 - λ)^weight.

        Source: the channel (1 - λ) ρ + λ I/2 multiplies X, Y and Z by 1 - λ.

        Args:
            strings: Strings on all n qubits; their phases do not matter.

        Raises:
            UsageError: If the strings act on another number of qubits, or the Ising ring does not
                exist for n qubits.
        """
        if strings.qubits != self.qubits:
            raise UsageError(f"strings must act on {self.qubits} qubits, not on {strings.qubits}")
        if self.state == "ghz":
            pure = ghz_expectations(strings)
        else:
            pure = _ising_means(self.qubits)[strings.x[:, 0] + (strings.z[:, 0] << self.qubits)]
        return np.asarray(pure * (1 - self.depolarize) ** strings.weight())


@functools.cache
def _ising_means(qubits: int) -> Floats:
    """Returns the means of all strings in the ground state of the ring, (4ⁿ,)."""
    circuit = ising_circuit(cirq.LineQubit.range(qubits))
    vector = circuit.final_state_vector(dtype=np.complex128)
    return all_means(np.outer(vector, vector.conj()))
