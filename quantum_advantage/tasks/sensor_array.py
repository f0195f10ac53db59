"""The sum of the random phases of an array of sensors, with and without entanglement between them.

Every shot uses all n sensors once, and every time their phases are new; only the sum Φ stays
(:mod:`quantum_advantage.systems.sensor_array`). The task ``sensor_array`` estimates cos Φ, with a
uniformly random Φ for every record and the phase noise ``sigma`` of each sensor.

What separates the protocols here is entanglement between sensors, within one shot: no copies are
stored, and no memory is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial, Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.naming import known_protocol, read_options, read_task_options, shortest
from quantum_advantage.core.pauli import unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.phase_sum import Way, sum_cosine
from quantum_advantage.measurements.bell import SYSTEM
from quantum_advantage.measurements.pauli_basis import pauli_basis_change, pauli_basis_dials
from quantum_advantage.systems.known_states import ghz_circuit
from quantum_advantage.systems.sensor_array import Columns, SensorArray
from quantum_advantage.tasks.base import Couplings, Estimated, EstimationTask
from quantum_advantage.tasks.seeds import Seeds

Qubits = list[cirq.LineQubit]
Signs = npt.NDArray[np.int64]

LABEL = "s"
MOST_QUBITS = 16


def _pluses(qubits: Qubits) -> cirq.Circuit:
    return cirq.Circuit(cirq.Moment(cirq.H.on_each(*qubits)))


def _parity(record: Record, qubits: int) -> Signs:
    return 1 - 2 * (unpack_bits(record.bits[SYSTEM], qubits).sum(axis=1, dtype=np.int64) & 1)


def _joint(record: Record, qubits: int) -> Signs:
    """Returns 1 and -1 for (|0…0⟩ ± |1…1⟩)/√2, and 0 for all else."""
    bits = unpack_bits(record.bits[SYSTEM], qubits).astype(np.int64)
    return np.where(bits[:, 1:].any(axis=1), 0, 1 - 2 * bits[:, 0])


def _even_parity(record: Record, qubits: int) -> Signs:
    """Returns the parity with the sign of its setting: (-1)^{k/2} for k readouts of Y."""
    ys = sum(record.settings[dial.name].astype(np.int64) for dial in pauli_basis_dials(qubits))
    return _parity(record, qubits) * (1 - np.asarray(ys) % 4)


def _even_bases(qubits: int, shots: int, rng: np.random.Generator) -> Columns:
    """Draws X or Y for every sensor and shot, with an even number of Ys."""
    ys = rng.integers(0, 2, (qubits, shots), dtype=np.uint8)
    ys[-1] = ys[:-1].sum(axis=0) % 2
    return tuple(ys)


def _no_dials(qubits: int) -> tuple[Dial, ...]:
    return ()


def _no_bases(qubits: int, shots: int, rng: np.random.Generator) -> Columns:
    return ()


@dataclass(frozen=True)
class _Entry:
    probe: Callable[[Qubits], cirq.Circuit]
    readout: Callable[[Qubits], cirq.Circuit]
    signs: Callable[[Record, int], Signs]
    way: Way
    about: str
    dials: Callable[[int], tuple[Dial, ...]] = _no_dials
    bases: Callable[[int, int, np.random.Generator], Columns] = _no_bases


ENTRIES = {
    "entangled_sensors": _Entry(
        ghz_circuit,
        _pluses,
        _parity,
        "entangled",
        "Sensors in (|0…0⟩ + |1…1⟩)/√2, each read in the X basis. Estimate of cos Φ: the mean\n"
        "product of the signs, over v. Variance (v^-2 - cos² Φ)/T, at any n.",
    ),
    "joint_readout": _Entry(
        _pluses,
        lambda qubits: cirq.inverse(ghz_circuit(qubits)),
        _joint,
        "joint",
        "Separate sensors in |+⟩, read jointly in a basis that holds (|0…0⟩ ± |1…1⟩)/√2. Estimate\n"
        "of cos Φ: 2^(n-1)/v times the mean of 1, -1, or 0 for other outcomes. Variance\n"
        "(2^(n-1) v^-2 - cos² Φ)/T.",
    ),
    "separate_sensors": _Entry(
        _pluses,
        _pluses,
        _parity,
        "separate",
        "Separate sensors in |+⟩, each read in the X basis. Estimate of cos Φ: 2^(n-1)/v times\n"
        "the mean product of the signs. Variance (4^(n-1) v^-2 - cos² Φ)/T.",
    ),
    "separate_sensors_xy": _Entry(
        _pluses,
        lambda qubits: cirq.Circuit(pauli_basis_change(qubits)),
        _even_parity,
        "separate",
        "Separate sensors in |+⟩, each read in X or Y at random, with an even number k of Ys.\n"
        "Estimate of cos Φ: 2^(n-1)/v times the mean product of the signs and (-1)^(k/2). The\n"
        "variance is that of X alone.",
        dials=pauli_basis_dials,
        bases=_even_bases,
    ),
}


class SensorArrays(EstimationTask):
    """The task ``sensor_array``: the cosine of the sum of random phases."""

    NAME: ClassVar[str] = "sensor_array"
    DEFAULTS: ClassVar[Mapping[str, float]] = {"sigma": 0.0}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        options = read_task_options(text, self.NAME, self.DEFAULTS)
        self.sigma = float(options["sigma"])
        if not self.sigma >= 0:
            raise UsageError(f"sigma of {text!r} must be at least 0, not {self.sigma}")

    def __str__(self) -> str:
        return shortest(self.NAME, {"sigma": self.sigma}, self.DEFAULTS)

    def couplings(self, protocol: str) -> Couplings:
        """Returns what the circuits of the protocol couple: sensors in a row."""
        return "more"

    def _read(self, protocol: str) -> _Entry:
        name = known_protocol(protocol, ENTRIES)
        read_options(protocol, {})
        return ENTRIES[name]

    def resolve(self, protocol: str, qubits: int) -> str:
        """Returns the full name of a protocol; there are no options.

        Raises:
            ValueError: If the protocol is unknown.
        """
        self._read(protocol)
        return protocol

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``cosine`` alone."""
        return ("cosine",)

    def copies_per_shot(self, protocol: str) -> int:
        """Returns 1: a shot uses all sensors once."""
        return 1

    def check(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> None:
        """Refuses what cannot be played, before anything runs.

        Raises:
            ValueError: If there are no circuits of that size.
        """
        self._read(protocol)
        if not circuits:
            raise UsageError(f"backend law knows no exact law of {self.NAME}; use qsim")
        if not 2 <= qubits <= MOST_QUBITS:
            raise UsageError(f"qubits must lie between 2 and {MOST_QUBITS}, not {qubits}")
        if copies < 2:
            raise UsageError(f"copies must be at least 2 for {protocol}, not {copies}")

    def _request(
        self, protocol: str, array: SensorArray, shots: int, rng: np.random.Generator
    ) -> Request:
        entry, n = self._read(protocol), array.qubits
        line = cirq.LineQubit.range(n)
        circuit = entry.probe(line) + array.circuit(line, LABEL) + entry.readout(line)
        circuit.append(cirq.Moment(cirq.measure(*line, key=SYSTEM)))
        dials, total = entry.dials(n), shots * array.systems
        return Request(
            circuit,
            (*array.dials(LABEL), *dials),
            (*array.draw(shots, LABEL), *entry.bases(n, total, rng)),
            total,
            frozenset(dial.name for dial in dials),
        )

    def circuit(self, protocol: str, qubits: int) -> cirq.Circuit:
        """Returns the parametrised circuit of one shot, as it is run."""
        rng = np.random.default_rng(0)
        return self._request(
            protocol, SensorArray(qubits, np.zeros(1), self.sigma, rng), 1, rng
        ).circuit

    def explain(self, protocol: str, qubits: int) -> str:
        """Returns in a few lines how the protocol measures and what it estimates."""
        return self._read(protocol).about

    def seconds(self, protocol: str, qubits: int, shots: int) -> float:
        """Returns roughly how long a record takes.

        Measured: 0.1 µs for each shot and separate sensor, 8 ns for each qubit and amplitude of a
        state of all.
        """
        if protocol.startswith("separate"):
            return 1e-7 * shots * qubits
        return 8e-9 * shots * qubits * 2.0**qubits

    def estimate(
        self,
        protocol: str,
        qubits: int,
        shots: int,
        systems: int,
        seeds: Seeds,
        sampler: cirq.Sampler,
    ) -> Estimated:
        """Draws arrays with random sums, measures a record of each and estimates cos Φ.

        Args:
            protocol: The protocol's name.
            qubits: The number n of sensors.
            shots: The shots of each record.
            systems: The number of arrays.
            seeds: The sources of randomness.
            sampler: Where the circuits run.

        Returns:
            The estimates, with their stated errors and the exact values.
        """
        entry = self._read(protocol)
        nature, copies, learner = seeds.generators()
        sums = nature.uniform(0, 2 * np.pi, systems)
        array = SensorArray(qubits, sums, self.sigma, copies)
        (record,) = run([self._request(protocol, array, shots, learner)], sampler)
        signs = entry.signs(record, qubits).reshape(systems, shots)
        found = np.array([sum_cosine(row, qubits, array.visibility, entry.way) for row in signs])
        return Estimated(found[:, :1], found[:, 1:], np.cos(sums)[:, None])
