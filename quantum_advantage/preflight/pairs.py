"""The preflight: how good each pair is now, measured through the sampler that will take the data.

Three circuits on all pairs at once: product eigenstates through the Bell measurement (damping f_X,
f_Y, f_Z), a Bell pair read in seven pairs of bases (fidelity and CHSH value), and basis states read
as they are (readout errors). No copy of the unknown system is used.

The fidelity with Φ⁺ is (1 + ⟨XX⟩ - ⟨YY⟩ + ⟨ZZ⟩)/4, for the projector on Φ⁺ is (1 + XX - YY + ZZ)/4.
The CHSH value is ⟨ZW⟩ + ⟨ZV⟩ + ⟨XW⟩ - ⟨XV⟩ with W, V = (Z ± X)/√2: at most 2 without entanglement
(Clauser, Horne, Shimony, Holt 1969), 2√2 for Φ⁺. Both include the errors of the readout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cirq
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial, DialSampler, Record, Request
from quantum_advantage.circuits.results import check_sampler
from quantum_advantage.circuits.run import run
from quantum_advantage.circuits.sweeps import MOST_REPETITIONS
from quantum_advantage.core.arguments import MOST_QUBITS
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.statistics import binomial_interval
from quantum_advantage.core.values import whole_number
from quantum_advantage.inference.bell.pauli_fidelities import DampingCounts
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.tasks.shared.calibration import fixed_damping_request, read_damping
from quantum_advantage.tasks.shared.requests import copy_qubits

CIRCUITS = 3
SHOTS, LEAST_SHOTS = 6000, 120
# A pair stands out if the logarithm of its cost is so many standard deviations above the median,
# the standard deviation being read robustly from the median absolute deviation.
DEVIATIONS = 4.0
_MAD_TO_SIGMA = 1.4826
_NORMAL = 1.959964

Floats = npt.NDArray[np.float64]

# Y^(1/2), Y^(-1/4) and so on turn an axis of the plane of Z and X into Z; Y needs X^(1/2).
_AXES = {"Z": (0.0, 0.0), "X": (-0.5, 0.0), "Y": (0.0, 0.5), "W": (-0.25, 0.0), "V": (0.25, 0.0)}
_SETTINGS = tuple(tuple(axes) for axes in ("ZZ", "XX", "YY", "ZW", "ZV", "XW", "XV"))
_FIDELITY = np.array([1.0, 1.0, -1.0, 0.0, 0.0, 0.0, 0.0]) / 4
_CHSH = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0, -1.0])


@dataclass(frozen=True, eq=False)
class Preflight:
    """The numbers that a preflight measured, pair by pair, with 95 % intervals.

    Attributes:
        damping: Counts behind f_X, f_Y, f_Z.
        fidelity: (pairs, 3) fidelity of a Bell pair: estimate, low, high.
        chsh: (pairs, 3) CHSH value: estimate, low, high.
        readout: (pairs, 2, 2, 3) for system and memory qubit p(1|0) and p(0|1): estimate, low,
            high.

    Example:
        >>> from quantum_advantage.backends.simulators.factorised import FactorisedSampler
        >>> found = measure_pairs(FactorisedSampler(seed=1), 1, shots=120)
        >>> found.fidelity[:, 0].tolist(), found.costs().tolist(), found.outliers().tolist()
        ([1.0], [1.0], [False])
    """

    damping: DampingCounts
    fidelity: Floats
    chsh: Floats
    readout: Floats

    @property
    def pairs(self) -> int:
        """The number of pairs."""
        return self.fidelity.shape[0]

    def costs(self) -> Floats:
        """Returns (pairs,) (f_X f_Y f_Z)^(-1/2), by which each pair multiplies the copies.

        Source: :mod:`quantum_advantage.backends.devices.calibration`. It is infinite where a factor
        is not positive.
        """
        f = np.maximum(self.damping.factors()[:, 1:], 0.0)
        with np.errstate(divide="ignore"):
            return np.asarray(f.prod(axis=1) ** -0.5)

    def outliers(self) -> npt.NDArray[np.bool_]:
        """Tells which pairs stand out by their cost, beyond its sampling error, (pairs,).

        Source: derived here. The logarithm of the cost is compared with the median of all pairs, in
        units of 1.4826 times the median absolute deviation, which is the standard deviation for
        normal values.
        """
        f = self.damping.factors()[:, 1:]
        alive = np.asarray((f > 0).all(axis=1))
        # A pair whose sign is gone stands out whatever the others are.
        if not alive.any():
            return ~alive
        square = np.where(alive[:, None], f, 1.0) ** 2
        logs = -np.log(square.prod(axis=1)) / 4
        error = np.sqrt(((1 - square) / (self.damping.shots * square)).sum(axis=1)) / 2
        middle = np.median(logs[alive])
        sigma = _MAD_TO_SIGMA * np.median(np.abs(logs[alive] - middle))
        return np.asarray(~alive | (logs - _NORMAL * error > middle + DEVIATIONS * sigma))


def joined(parts: Sequence[Preflight]) -> Preflight:
    """Returns preflights of several groups of pairs as one, group after group.

    Args:
        parts: The preflights, one or more, each with pairs of its own.

    Example:
        >>> from quantum_advantage.backends.simulators.factorised import FactorisedSampler
        >>> found = measure_pairs(FactorisedSampler(seed=1), 1, shots=120)
        >>> joined([found, found]).pairs
        2
    """
    return Preflight(
        DampingCounts.joined([part.damping for part in parts]),
        np.concatenate([part.fidelity for part in parts]),
        np.concatenate([part.chsh for part in parts]),
        np.concatenate([part.readout for part in parts]),
    )


def measure_pairs(sampler: cirq.Sampler | DialSampler, pairs: int, shots: int = SHOTS) -> Preflight:
    """Measures how good the pairs are.

    Args:
        sampler: Where the data will be taken.
        pairs: The number of pairs.
        shots: Shots of each of the three circuits, at least 120.

    Raises:
        UsageError: If there is no pair or there are too few shots, or the sampler returns something
            else than was requested.

    Example:
        >>> from quantum_advantage.backends.simulators.factorised import FactorisedSampler
        >>> found = measure_pairs(FactorisedSampler(seed=1), 1, shots=2100)
        >>> fidelity, (chsh, low, high) = found.fidelity[0, 0], found.chsh[0]
        >>> float(fidelity), bool(2 < low < chsh < high)  # entangled: 2√2 without noise
        (1.0, True)
    """
    pairs = whole_number("pairs", pairs, 1, MOST_QUBITS)
    # Ten for each setting.
    shots = whole_number("shots", shots, LEAST_SHOTS, MOST_REPETITIONS)
    check_sampler(sampler)
    requests = [
        fixed_damping_request(pairs, shots),
        entanglement_request(pairs, shots),
        readout_request(pairs, shots),
    ]
    damping, entanglement, readout = run(requests, sampler)
    fidelity, chsh = _read_entanglement(entanglement, pairs)
    return Preflight(read_damping(damping, pairs), fidelity, chsh, _read_readout(readout, pairs))


def entanglement_request(pairs: int, shots: int) -> Request:
    """Requests Bell pairs Φ⁺, read in seven settings in turn, the same on all pairs.

    Args:
        pairs: The number of pairs.
        shots: The number of shots.

    Example:
        >>> request = entanglement_request(2, 14)
        >>> request.table[0][:8].tolist(), len(request.circuit.all_qubits())
        ([0, 1, 2, 3, 4, 5, 6, 0], 4)
    """
    system, memory = copy_qubits(pairs)
    circuit = cirq.Circuit(
        cirq.Moment(cirq.H.on_each(*system)),
        cirq.Moment(cirq.CNOT(a, b) for a, b in zip(system, memory, strict=True)),
    )
    for name, gate in (("y", cirq.Y), ("x", cirq.X)):
        circuit.append(
            cirq.Moment(
                (gate ** sympy.Symbol(f"{name}_{side}"))(q)
                for side, qubits in (("a", system), ("b", memory))
                for q in qubits
            )
        )
    circuit.append(
        cirq.Moment(cirq.measure(*system, key=SYSTEM), cirq.measure(*memory, key=MEMORY))
    )
    positions = tuple((*_AXES[first], *_AXES[second]) for first, second in _SETTINGS)
    dial = Dial("setting", ("y_a", "x_a", "y_b", "x_b"), positions)
    column = (np.arange(shots) % len(_SETTINGS)).astype(np.uint8)
    return Request(circuit, (dial,), (column,), shots, frozenset({"setting"}))


def _measured(system: Sequence[cirq.Qid], memory: Sequence[cirq.Qid]) -> cirq.Moment:
    return cirq.Moment(cirq.measure(*system, key=SYSTEM), cirq.measure(*memory, key=MEMORY))


def _read_entanglement(record: Record, pairs: int) -> tuple[Floats, Floats]:
    setting = record.settings["setting"]
    system, memory = (unpack_bits(record.bits[key], pairs) for key in (SYSTEM, MEMORY))
    signs = 1.0 - 2.0 * (system ^ memory)
    means = np.stack([signs[setting == k].mean(axis=0) for k in range(len(_SETTINGS))])
    counts = np.bincount(setting, minlength=len(_SETTINGS))[:, None]
    # Two more signs of either kind keep the error from vanishing where all signs are alike.
    variance = (1 - (means * counts / (counts + 4)) ** 2) / counts

    def combined(weights: Floats, offset: float, least: float, most: float) -> Floats:
        value = offset + weights @ means
        error = _NORMAL * np.sqrt(weights**2 @ variance)
        return np.clip(np.stack([value, value - error, value + error], axis=1), least, most)

    return combined(_FIDELITY, 0.25, 0.0, 1.0), combined(_CHSH, 0.0, -4.0, 4.0)


def readout_request(pairs: int, shots: int) -> Request:
    """Requests four basis states in turn, each bit 0 in two of them, read without a twirl.

    Args:
        pairs: The number of pairs.
        shots: The number of shots.

    Example:
        >>> request = readout_request(1, 4)
        >>> request.dials[0].positions  # flips of the system and of the memory qubit
        ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0))
    """
    system, memory = copy_qubits(pairs)
    circuit = cirq.Circuit(
        cirq.Moment(
            (cirq.X ** sympy.Symbol(side))(q)
            for side, qubits in (("a", system), ("b", memory))
            for q in qubits
        ),
        _measured(system, memory),
    )
    states = ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0))
    column = (np.arange(shots) % len(states)).astype(np.uint8)
    dial = Dial("state", ("a", "b"), states)
    return Request(circuit, (dial,), (column,), shots, frozenset({"state"}), twirled=False)


def _read_readout(record: Record, pairs: int) -> Floats:
    state = record.settings["state"]
    prepared = np.stack([(state == 1) | (state == 3), (state == 1) | (state == 2)])
    found = np.empty((pairs, 2, 2, 3))
    for side, key in enumerate((SYSTEM, MEMORY)):
        bits = unpack_bits(record.bits[key], pairs)
        for value in (0, 1):
            rows = bits[prepared[side] == bool(value)] != value
            for pair, wrong in enumerate(rows.sum(axis=0)):
                interval = binomial_interval(int(wrong), rows.shape[0])
                found[pair, side, value] = (wrong / rows.shape[0], *interval)
    return found
