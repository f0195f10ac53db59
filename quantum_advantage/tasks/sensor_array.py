"""The sum of the random phases of an array of sensors, with and without entanglement between them.

Every shot uses all n sensors once, and every time their phases are new; only the sum Φ stays
(:mod:`quantum_advantage.systems.sensor_array`). The task ``sensor_array`` estimates cos Φ, with a
uniformly random Φ for every record and the phase noise ``sigma`` of each sensor.

What separates the protocols here is entanglement between sensors, within one shot: no copies are
stored, and no memory is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial, Record, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.phase_sum import Way, sum_cosine
from quantum_advantage.measurements.bell import SYSTEM
from quantum_advantage.measurements.pauli_basis import pauli_basis_change, pauli_basis_dials
from quantum_advantage.systems.known_states import ghz_circuit
from quantum_advantage.systems.sensor_array import Columns, SensorArray
from quantum_advantage.tasks.base import Estimated, EstimatingTask, Source, sampler_of
from quantum_advantage.tasks.protocol import Chosen, Limits, Protocol
from quantum_advantage.tasks.shared.seeds import Seeds

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
class Sensing:
    """How sensors are prepared and read out, and what a shot says.

    Attributes:
        probe: Prepares the sensors.
        readout: Changes the basis before they are measured.
        signs: Of a record and n: (shots,) signs, 0 where a shot says nothing.
        way: How cos Φ follows from the signs.
        dials: The learner's dials at n sensors.
        bases: Where they stand: of n, the number of shots and the learner's randomness.

    Example:
        Three entangled sensors whose phases sum to 0: the product of their signs is always +1.

        >>> from quantum_advantage.backends.opening import open_backend
        >>> rng = np.random.default_rng(1)
        >>> task = SensorArrays("sensor_array")
        >>> request = task.request_shot(task.read("entangled_sensors", 3), rng)
        >>> (record,) = run([request], open_backend("qsim").make(1))
        >>> ENTANGLED.signs(record, 3).tolist()
        [1]
    """

    probe: Callable[[Qubits], cirq.Circuit]
    readout: Callable[[Qubits], cirq.Circuit]
    signs: Callable[[Record, int], Signs]
    way: Way
    dials: Callable[[int], tuple[Dial, ...]] = _no_dials
    bases: Callable[[int, int, np.random.Generator], Columns] = _no_bases


ENTANGLED = Sensing(ghz_circuit, _pluses, _parity, "entangled")
JOINT = Sensing(_pluses, lambda qubits: cirq.inverse(ghz_circuit(qubits)), _joint, "joint")
SEPARATE = Sensing(_pluses, _pluses, _parity, "separate")
SEPARATE_XY = Sensing(
    _pluses,
    lambda qubits: cirq.Circuit(pauli_basis_change(qubits)),
    _even_parity,
    "separate",
    dials=pauli_basis_dials,
    bases=_even_bases,
)


class SensorArrays(EstimatingTask):
    """The task ``sensor_array``: the cosine of the sum of random phases.

    Example:
        >>> task = SensorArrays("sensor_array:sigma=0.1")
        >>> task.protocol_names(), task.sigma
        (('entangled_sensors', 'joint_readout', 'separate_sensors', 'separate_sensors_xy'), 0.1)
    """

    NAME: ClassVar[str] = "sensor_array"
    DEFAULTS: ClassVar[Mapping[str, float]] = {"sigma": 0.0}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self.sigma = float(self.options["sigma"])
        if not self.sigma >= 0:
            raise UsageError(f"sigma of {text!r} must be at least 0, not {self.sigma}")

    def describe(self) -> Iterable[Protocol]:
        """Returns all protocols of the task; a shot uses all sensors once."""

        def protocol(name: str, sensing: Sensing, about: str) -> Protocol:
            return Protocol(
                name,
                about,
                copies_per_shot=1,
                measurement=lambda o, n: sensing,
                limits=Limits(least_qubits=2, circuit_qubits=MOST_QUBITS, least_copies=2),
            )

        yield protocol(
            "entangled_sensors",
            ENTANGLED,
            "Sensors in (|0…0⟩ + |1…1⟩)/√2, each read in the X basis. Estimate of cos Φ: the mean\n"
            "product of the signs, over v. Variance (v^-2 - cos² Φ)/T, at any n.",
        )
        yield protocol(
            "joint_readout",
            JOINT,
            "Separate sensors in |+⟩, read jointly in a basis that holds (|0…0⟩ ± |1…1⟩)/√2. "
            "Estimate\nof cos Φ: 2^(n-1)/v times the mean of 1, -1, or 0 for other outcomes. "
            "Variance\n(2^(n-1) v^-2 - cos² Φ)/T.",
        )
        yield protocol(
            "separate_sensors",
            SEPARATE,
            "Separate sensors in |+⟩, each read in the X basis. Estimate of cos Φ: 2^(n-1)/v "
            "times\nthe mean product of the signs. Variance (4^(n-1) v^-2 - cos² Φ)/T.",
        )
        yield protocol(
            "separate_sensors_xy",
            SEPARATE_XY,
            "Separate sensors in |+⟩, each read in X or Y at random, with an even number k of "
            "Ys.\nEstimate of cos Φ: 2^(n-1)/v times the mean product of the signs and "
            "(-1)^(k/2). The\nvariance is that of X alone.",
        )

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns ``cosine`` alone."""
        return ("cosine",)

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of an array whose phases sum to 0."""
        array = SensorArray(chosen.qubits, np.zeros(1), self.sigma, rng)
        return _request(chosen.measurement(), array, 1, rng)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long a record takes.

        Measured: 0.1 µs for each shot and separate sensor, 8 ns for each qubit and amplitude of a
        state of all.
        """
        if protocol.startswith("separate"):
            return 1e-7 * copies * qubits
        return 8e-9 * copies * qubits * 2.0**qubits

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws arrays with random sums, measures a record of each and estimates cos Φ."""
        sensing: Sensing = chosen.measurement()
        nature, copies, learner = seeds.generators()
        sums = nature.uniform(0, 2 * np.pi, systems)
        array = SensorArray(chosen.qubits, sums, self.sigma, copies)
        (record,) = run([_request(sensing, array, shots, learner)], sampler_of(source))
        signs = sensing.signs(record, chosen.qubits).reshape(systems, shots)
        found = np.array(
            [sum_cosine(row, chosen.qubits, array.visibility, sensing.way) for row in signs]
        )
        return Estimated(found[:, :1], found[:, 1:], np.cos(sums)[:, None])


def _request(sensing: Sensing, array: SensorArray, shots: int, rng: np.random.Generator) -> Request:
    """Requests shots of every array of sensors."""
    n, total = array.qubits, shots * array.systems
    line = cirq.LineQubit.range(n)
    circuit = sensing.probe(line) + array.circuit(line, LABEL) + sensing.readout(line)
    circuit.append(cirq.Moment(cirq.measure(*line, key=SYSTEM)))
    dials = sensing.dials(n)
    return Request(
        circuit,
        (*array.dials(LABEL), *dials),
        (*array.draw(shots, LABEL), *sensing.bases(n, total, rng)),
        total,
        frozenset(dial.name for dial in dials),
    )
