"""What goes into the channel and how it is measured: the state itself, found again or flipped.

Every protocol prepares the state that its measurement would find with certainty to be all zeros,
lets the channel act and measures. So the circuit of a use is the inverse of a change of basis, the
channel, and the change of basis; the outcomes show how the channel flipped the signs of the strings
that stabilise the input.

Equal laws (derived here). For a string Q that stabilises the input up to a sign (it is *held*) the
flip is (-1)^⟨Q,E⟩ of the error E that was drawn, with the mean λ_Q. Signs of other strings are not
seen. So a stabiliser input of n qubits, measured in its own basis, shows independent signs of mean
s α of the hidden string if it is held, and fair coins for all others, exactly as a copy of
(1 + s α P)/2ⁿ in the same basis does: protocols without ancillas have the laws of
``tasks.observables``, with uses for copies. With k Bell pairs on the first k qubits and a
stabiliser state of the others all strings are held whose letters on the n - k other qubits are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import DialSampler, Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import Words, bits_from, count_ones, pack_bits
from quantum_advantage.measurements.bell import SYSTEM, bell_basis_change
from quantum_advantage.measurements.records import BellRecord
from quantum_advantage.measurements.stabiliser import (
    StabiliserBases,
    decode_random_bases,
    random_basis_dials,
    select_bases,
    stabiliser_basis_change,
    stabiliser_flips,
)
from quantum_advantage.measurements.unbiased_bases import (
    mutually_unbiased_bases,
    unbiased_basis_dial,
)
from quantum_advantage.systems.preparation import Preparation
from quantum_advantage.tasks.observables.adaptive_unbiased import AdaptiveUnbiased
from quantum_advantage.tasks.observables.evidence import Evidence, count_prefixes, stack
from quantum_advantage.tasks.observables.protocols import (
    Letters,
    Measuring,
    Prefixes,
    RandomClifford,
    basis_order,
    stabiliser_evidence,
    strings_of,
)
from quantum_advantage.tasks.shared.requests import copy_qubits

ANCILLAS = "ancillas"
# Gates without symbols that are their own inverse.
_OWN_INVERSE = (cirq.H, cirq.CNOT)


def request_uses(
    measurement: Measuring, channel: Preparation, uses: int, rng: np.random.Generator
) -> Request:
    """Requests uses of a channel between the inverse of a change of basis and the change itself.

    Args:
        measurement: How a copy of a state would be measured.
        channel: The channel.
        uses: Uses of every channel.
        rng: The learner's randomness.

    Example:
        >>> from quantum_advantage.systems.pauli_channels import PauliErrors
        >>> from quantum_advantage.tasks.observables.protocols import LocalPauli
        >>> rng = np.random.default_rng(1)
        >>> errors = PauliErrors(np.array([[1]], np.uint8), np.array([0.5]), rng)
        >>> print(request_uses(LocalPauli(), errors, 1, rng).circuit)
        0: ───...
    """
    request = measurement.request(channel, uses, rng)
    system, _ = copy_qubits(channel.qubits)
    acting = len(channel.circuit(system, "a"))
    use, change, readout = (
        request.circuit[:acting],
        request.circuit[acting:-1],
        request.circuit[-1:],
    )
    undone = cirq.Circuit(cirq.Moment(map(_inverse, moment)) for moment in change[::-1])
    circuit = undone + use + change + readout
    return Request(
        circuit, request.dials, request.table, request.shots, request.learner, request.twirled
    )


def _inverse(operation: cirq.Operation) -> cirq.Operation:
    return operation if operation.gate in _OWN_INVERSE else cirq.inverse(operation)


@dataclass(frozen=True)
class Ancillas:
    """Bell pairs on the first k qubits, unbiased bases on the others, each so many times in a row.

    Attributes:
        ancillas: k, from 0 to n; with n the input is n Bell pairs.
        times: Uses in a row with the same basis.
    """

    ancillas: int
    times: int = 1
    copies_per_shot: int = 1

    def request(self, preparation: Preparation, shots: int, rng: np.random.Generator) -> Request:
        """Requests the measurement; :func:`request_uses` puts the inputs before the channel.

        Raises:
            UsageError: If more than 12 qubits have no ancilla.
        """
        n, k, systems = preparation.qubits, self.ancillas, preparation.systems
        system, memory = copy_qubits(n)
        change = cirq.Circuit(bell_basis_change(system[:k], memory[:k]))
        readout = [cirq.measure(*system, key=SYSTEM)]
        if k:
            readout.append(cirq.measure(*memory[:k], key=ANCILLAS))
        dials, columns = preparation.dials("a"), preparation.draw(shots, "a")
        learner: frozenset[str] = frozenset()
        if k < n:
            change = cirq.Circuit.zip(change, cirq.Circuit(stabiliser_basis_change(system[k:])))
            dial = unbiased_basis_dial(n - k)
            order = basis_order(len(dial.positions), self.times, systems, shots, rng)
            dials, columns = (*dials, dial), (*columns, order.ravel())
            learner = frozenset({dial.name})
        circuit = preparation.circuit(system, "a") + change + cirq.Circuit(cirq.Moment(readout))
        return Request(circuit, dials, columns, shots * systems, learner)

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a flipped sign or not from every use that held the string."""
        trials, count, n = candidates.shape
        k, shots = self.ancillas, record.shots // trials
        system = record.bits[SYSTEM]
        pairs = []
        for c in range(count):
            x, z = (np.repeat(words[:, 0], shots, axis=0) for words in strings_of(candidates, c))
            hits = np.ones(record.shots, dtype=np.bool_)
            memory = record.bits[ANCILLAS] if k else np.zeros_like(system)
            flips = pair_flips(x, z, system, memory, k)
            if k < n:
                dial = unbiased_basis_dial(n - k)
                bases = select_bases(mutually_unbiased_bases(n - k), record.settings[dial.name])
                hits, more = stabiliser_flips(
                    bits_from(x, k), bits_from(z, k), bases, bits_from(system, k)
                )
                flips = flips ^ more
            by_trial = (trials, shots)
            pairs.append(count_prefixes(hits.reshape(by_trial), flips.reshape(by_trial), prefixes))
        return stack(pairs, np.zeros((trials, count), dtype=np.bool_))


@dataclass(frozen=True)
class Concatenated(Ancillas):
    """The same inputs; two uses of the channel act one after the other before the measurement.

    The errors of both uses multiply, so that a sign is flipped with the mean λ_Q² (derived here).
    Of the hidden string it is α², and its secret sign is gone.
    """

    copies_per_shot: int = 2

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a flipped sign of known mean from every pair of uses that held the string."""
        seen = super().evidence(record, candidates, prefixes)
        return replace(seen, squared=np.ones_like(seen.squared))


def known_sign(seen: Evidence, alpha: float) -> Evidence:
    """Returns what signs say to a learner who knows that the hidden eigenvalue is +α.

    A sign of the hidden string has the known mean α, in place of the mean α² of two copies.

    Args:
        seen: The counted signs.
        alpha: α.
    """
    shape = seen.squared.shape
    return replace(seen, squared=np.ones(shape, dtype=np.bool_), damping=np.full(shape, 1 / alpha))


@dataclass(frozen=True)
class KnownSign(Ancillas):
    """The same inputs and outcomes, read by a learner who knows that the eigenvalue is +α.

    Attributes:
        alpha: α.
    """

    alpha: float = 0.9

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a flipped sign of mean α from every use that held the string."""
        return known_sign(super().evidence(record, candidates, prefixes), self.alpha)


def pair_flips(
    x: Words, z: Words, system: Words, memory: Words, pairs: int
) -> npt.NDArray[np.uint8]:
    """Tells whether the letters of strings on the first pairs were flipped: x·a + z·b.

    The outcome (a, b) of a pair is the letter Z^a X^b that acted on its system (see
    :mod:`quantum_advantage.measurements.bell`), and ⟨Q, E⟩ is the parity of x·a + z·b.

    Args:
        x: (shots, words) packed x bits of the strings.
        z: (shots, words) packed z bits.
        system: (shots, words) packed outcomes a.
        memory: (shots, words) packed outcomes b.
        pairs: The number k of pairs.

    Returns:
        (shots,) uint8 bits, 1 for a flipped sign.

    Example:
        >>> x, z = pack_bits([[1, 0]]), pack_bits([[0, 0]])  # X on the first of two qubits
        >>> a, b = pack_bits([[1, 0]]), pack_bits([[0]])  # Z was applied there
        >>> pair_flips(x, z, a, b, 1).tolist()
        [1]
    """
    words = x.shape[-1]
    held = pack_bits(np.arange(64 * words) < pairs)
    bits = np.zeros_like(system)
    bits[:, : memory.shape[1]] = memory
    ones = count_ones(x & held & system) + count_ones(z & held & bits)
    return (ones & 1).astype(np.uint8)


def channel_record(
    channel: Preparation,
    uses: int,
    sampler: cirq.Sampler | DialSampler,
    seed: int | np.random.Generator,
) -> BellRecord:
    """Uses a channel on n Bell pairs, for the estimates of ``inference.bell.pauli_channels``.

    Args:
        channel: One channel, for example ``systems.pauli_channels.PauliErrors``.
        uses: The number of uses.
        sampler: Where the circuits run.
        seed: The learner's randomness.

    Raises:
        UsageError: If the sampler sends back something else than it was asked for.

    Example:
        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.inference.bell.pauli_channels import eigenvalues
        >>> from quantum_advantage.systems.pauli_channels import PauliErrors
        >>> letters = np.array([[1, 0, 3]], dtype=np.uint8)  # XIZ in 20 % of the uses
        >>> errors = PauliErrors(letters, np.array([0.2]), np.random.default_rng(1))
        >>> record = channel_record(errors, 4000, open_backend("qsim").make(1), seed=2)
        >>> eigenvalues(record, ["ZII", "XII", "IIX"]).values.round(1).tolist()
        [0.6, 1.0, 0.6]
    """
    n = channel.qubits
    request = request_uses(Ancillas(n), channel, uses, np.random.default_rng(seed))
    (record,) = run([request], sampler)
    return BellRecord(n, record.bits[SYSTEM], record.bits[ANCILLAS])


def _random_bases_of(record: Record, qubits: int) -> StabiliserBases:
    return decode_random_bases([record.settings[d.name] for d in random_basis_dials(qubits)])


@dataclass(frozen=True)
class CliffordInputs(RandomClifford):
    """Uniformly random stabiliser inputs, each measured in its own basis."""

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a flipped sign or not from every use that held the string."""
        bases = _random_bases_of(record, candidates.shape[2])
        return stabiliser_evidence(record, bases, candidates, prefixes, stabiliser_flips)


@dataclass(frozen=True)
class AdaptiveInputs(AdaptiveUnbiased):
    """Inputs from the unbiased bases, later ones as the outcomes of earlier ones say.

    The signs of two uses agree where the flips do, so that the bases of later looks are chosen from
    outcomes as for states.
    """

    def evidence(self, record: Record, candidates: Letters, prefixes: Prefixes) -> Evidence:
        """Reads a flipped sign or not from every use that held the string."""
        bases = _random_bases_of(record, candidates.shape[2])
        return stabiliser_evidence(record, bases, candidates, prefixes, stabiliser_flips)
