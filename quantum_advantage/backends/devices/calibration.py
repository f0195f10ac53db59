"""What is known of a processor: its couplers, the errors of its calibration, its native gates.

A device is a value without a connection: the same for a virtual processor and for a real one. How
good a coupler is for a Bell measurement is estimated here from three numbers of the calibration,
the Pauli errors of one- and two-qubit gates and the readout errors (derived here; within a few per
cent of the exact factors under Google's noise models, whose coherent errors it leaves out):

A gate of Pauli error r on k qubits is taken as a depolarising channel, which multiplies every
non-identity Pauli operator by 1 - r 4ᵏ/(4ᵏ - 1). A qubit that is read as 1 with probability e₀ when
it is 0, and as 0 with probability e₁ when it is 1, multiplies its bit's mean by 1 - e₀ - e₁. The
Bell measurement of a pair reads X⊗X from one bit, Z⊗Z from the other and Y⊗Y from both. With g the
product of all the gates' factors (too much for a sign that is read from one bit) and b, b' those of
the readouts, f_X f_Y f_Z ≈ g³ (b b')². The copies for the typical string, the geometric mean over
the four letters of f⁻², grow by (f_X f_Y f_Z)^(-1/2) for each pair. The logarithm of that is the
weight of a coupler: weights add up over the pairs, so that the lightest n pairs are the cheapest.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import cirq
import cirq_google
import networkx as nx
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.devices.metrics import FOR_EVER, GATE_ERRORS, listed
from quantum_advantage.core.usage import UsageError

Qubit = cirq.GridQubit
Pair = tuple[Qubit, Qubit]
# Weights are compared as whole multiples of 1/UNITS, so that sums in another order are equal.
UNITS = 1_000_000_000

# The two-qubit gates of Google's processors: their class in the noise properties, an example to
# look up in a specification, and how many of them a CNOT takes; in the order of preference where no
# calibration decides.
NATIVE_GATES: dict[str, tuple[type[cirq.Gate], cirq.Gate, int]] = {
    "cz": (cirq.CZPowGate, cirq.CZ, 1),
    "syc": (cirq_google.SycamoreGate, cirq_google.SYC, 2),
    "sqrt_iswap": (cirq.ISwapPowGate, cirq.SQRT_ISWAP, 2),
}

# Weights that differ by less are equal: the rounding of their logarithms, a million times smaller,
# must not choose.
SAME_WEIGHT = 1e-9

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Device:
    """A processor as its specification and its calibration describe it.

    Attributes:
        name: What it is called.
        device: Validates circuits.
        couplers: All couplers, calibrated or not.
        accepted: The two-qubit gates that the specification allows.
        gate_errors: For each calibrated coupler, as a sorted pair, the Pauli error of each
            two-qubit gate that the device accepts and the calibration covers.
        one_qubit_errors: The Pauli error of a one-qubit gate on each qubit.
        readout_errors: (e₀, e₁) of each qubit.
        t1: The relaxation time of each qubit, in microseconds.
        calibrated: When the calibration was taken, or None if it does not say.
        metrics: The names under which the calibration gives its numbers.

    Example:
        >>> a, b = pair = (cirq.GridQubit(0, 0), cirq.GridQubit(0, 1))
        >>> readout = {a: (0.01, 0.05), b: (0.02, 0.06)}
        >>> chip = Device(
        ...     name="chip",
        ...     device=cirq.UNCONSTRAINED_DEVICE,
        ...     couplers=nx.Graph([pair]),
        ...     accepted=("cz",),
        ...     gate_errors={pair: {"cz": 0.0}},
        ...     one_qubit_errors={a: 0.0, b: 0.0},
        ...     readout_errors=readout,
        ...     t1={a: 20.0, b: 20.0},
        ...     calibrated=None,
        ... )
        >>> chip.gate(pair), round(math.exp(chip.weight(pair)), 3)  # 1/(0.94 · 0.92), readout alone
        ('cz', 1.156)
        >>> chip.damping([pair]).round(4).tolist()  # I, X, Y, Z
        [[1.0, 0.94, 0.8648, 0.92]]
        >>> list(chip.calibrated_pairs()) == [pair], chip.circuit_weight([pair], "cz")
        (True, 0.0)
        >>> chip.medians()["readout 1"]
        0.055
    """

    name: str
    device: cirq.Device = field(repr=False)
    couplers: nx.Graph = field(repr=False)
    accepted: tuple[str, ...]
    gate_errors: Mapping[Pair, Mapping[str, float]] = field(repr=False)
    one_qubit_errors: Mapping[Qubit, float] = field(repr=False)
    readout_errors: Mapping[Qubit, tuple[float, float]] = field(repr=False)
    t1: Mapping[Qubit, float] = field(repr=False)
    calibrated: datetime | None
    metrics: tuple[str, ...] = field(default=(), repr=False)

    def gate(self, pair: Pair) -> str:
        """Returns the two-qubit gate that makes the Bell measurement of a coupler best.

        Where the whole calibration is unreadable it is the first gate that the device accepts.

        Args:
            pair: The coupler.

        Raises:
            UsageError: If the device has no such coupler, or it is not calibrated.
        """
        if not self.gate_errors:
            self._check_coupler(pair)
            return self.accepted[0]
        return lightest(self._weights(pair))

    def weight(self, pair: Pair, gate: str | None = None) -> float:
        """Returns the logarithm of the factor by which a pair raises the cost; see the module.

        Args:
            pair: The coupler.
            gate: The native gate; by default the best. Infinite if it is not calibrated there.

        Raises:
            UsageError: If the device has no such coupler, or it is not calibrated.
        """
        weights = self._weights(pair)
        return min(weights.values()) if gate is None else weights.get(gate, math.inf)

    def circuit_weight(self, pairs: Iterable[Pair], gate: str) -> float:
        """Returns minus the logarithm of the factors of a circuit's two-qubit gates.

        Each comes with the layer of one-qubit gates behind it.

        Args:
            pairs: The coupler of every two-qubit gate; each is calibrated.
            gate: The native gate of all.
        """
        total = 0.0
        for pair in pairs:
            error = self.gate_errors[sorted_pair(pair)][gate]
            total -= math.log(1 - 16 * error / 15)
            total -= sum(math.log(1 - 4 * self.one_qubit_errors[q] / 3) for q in pair)
        return total

    def damping(self, pairs: Iterable[Pair]) -> npt.NDArray[np.float64] | None:
        """Returns the damping f_I = 1, f_X, f_Y, f_Z that the calibration predicts; see the module.

        Args:
            pairs: The pairs; the first qubit of each is the system, whose bit reads X⊗X.

        Returns:
            (pairs, 4) factors; None if the device has no readable calibration.

        Raises:
            UsageError: If a pair is no calibrated coupler.
        """
        if not self.gate_errors:
            return None
        rows = []
        for pair in pairs:
            errors = self.gate_errors.get(sorted_pair(pair), {})
            gates, (a, b) = self._factors(pair, self.gate(pair), errors[self.gate(pair)])
            g = math.prod(gates)
            rows.append((1.0, g * a, g * a * b, g * b))
        return np.array(rows)

    def calibrated_pairs(self) -> dict[Pair, float]:
        """Returns the weight of every coupler that is calibrated and carries any signal."""
        known = self.one_qubit_errors.keys() & self.readout_errors.keys()
        weights = {p: self.weight(p) for p in sorted(self.gate_errors) if known >= set(p)}
        return {pair: weight for pair, weight in weights.items() if math.isfinite(weight)}

    def medians(self) -> dict[str, float]:
        """Returns the medians of the calibration: Pauli errors, readout errors, T₁ (µs)."""
        errors = self.gate_errors.values()
        found = {f"{g} error": [e[g] for e in errors if g in e] for g in self.accepted}
        found["1q error"] = list(self.one_qubit_errors.values())
        found["readout 0"] = [e for e, _ in self.readout_errors.values()]
        found["readout 1"] = [e for _, e in self.readout_errors.values()]
        found["T1 us"] = list(self.t1.values())
        return {name: statistics.median(values) for name, values in found.items() if values}

    def _check_coupler(self, pair: Pair) -> None:
        if not self.couplers.has_edge(*pair):
            raise UsageError(f"{self.name} has no coupler between {pair[0]} and {pair[1]}")

    def _weights(self, pair: Pair) -> dict[str, float]:
        self._check_coupler(pair)
        errors = self.gate_errors.get(sorted_pair(pair), {})
        known = self.one_qubit_errors.keys() & self.readout_errors.keys()
        if not errors or not known >= set(pair):
            raise UsageError(
                f"the coupler between {pair[0]} and {pair[1]} of {self.name} is not calibrated: "
                "errors of its two-qubit gates, of its qubits' gates or of their readout are "
                "missing; choose another pair"
            )
        return {name: self._weight(pair, name, error) for name, error in errors.items()}

    def _factors(self, pair: Pair, gate: str, error: float) -> tuple[list[float], list[float]]:
        """Returns the factors of the gates, and those of the two readouts."""
        count = NATIVE_GATES[gate][2]
        gates = [1 - 16 * error / 15] * count
        gates += [1 - 4 * self.one_qubit_errors[q] / 3 for q in pair] * (count + 1)
        return gates, [1 - sum(self.readout_errors[q]) for q in pair]

    def _weight(self, pair: Pair, gate: str, error: float) -> float:
        gates, bits = self._factors(pair, gate, error)
        if min(gates + bits) <= 0:
            return math.inf
        return -1.5 * sum(map(math.log, gates)) - sum(map(math.log, bits))


def lightest(weights: Mapping[T, float]) -> T:
    """Returns the first of the names with the least weight; see ``SAME_WEIGHT``.

    Args:
        weights: The weight of each name.

    Example:
        >>> lightest({"cz": 0.30, "syc": 0.30 + 1e-12, "sqrt_iswap": 0.41})
        'cz'
    """
    least = min(weights.values())
    return next(name for name, weight in weights.items() if weight <= least + SAME_WEIGHT)


def sorted_pair(pair: Iterable[Qubit]) -> Pair:
    """Returns a coupler under the one name that it has in tables, its qubits in order.

    Example:
        >>> print(*sorted_pair([cirq.GridQubit(0, 1), cirq.GridQubit(0, 0)]))
        q(0, 0) q(0, 1)
    """
    a, b = sorted(pair)
    return a, b


def check_calibrated(device: Device) -> None:
    """Refuses a device whose calibration holds no gate error that can be read.

    Args:
        device: The device.

    Raises:
        UsageError: If there is none.

    Example:
        >>> from quantum_advantage.backends.devices.virtual import virtual_device
        >>> check_calibrated(virtual_device("rainbow"))
    """
    if not device.gate_errors:
        raise UsageError(
            f"the calibration of {device.name} holds no gate error under a name that is known "
            f"here ({', '.join(GATE_ERRORS)}), so no placement can be chosen; it has "
            f"{listed(device.metrics)}; name the pairs with pairs=..."
        )


def describe(
    name: str,
    device: cirq.Device,
    properties: cirq_google.GoogleNoiseProperties,
    calibrated: datetime | None,
    metrics: tuple[str, ...] = (),
) -> Device:
    """Makes a device from its specification and the noise properties of its calibration.

    Args:
        name: What to call it.
        device: The specification.
        properties: What is read of the calibration; may be empty.
        calibrated: When the calibration was taken.
        metrics: The names under which it gives its numbers.

    Raises:
        UsageError: If the specification names no couplers or no two-qubit gate that is known here.

    Example:
        >>> device = cirq_google.engine.create_device_from_processor_id("rainbow")
        >>> properties = cirq_google.engine.load_device_noise_properties("rainbow")
        >>> rainbow = describe("rainbow", device, properties, None)
        >>> rainbow.accepted, rainbow.couplers.number_of_edges()
        (('cz', 'syc', 'sqrt_iswap'), 32)
    """
    metadata = device.metadata
    if not isinstance(metadata, cirq.GridDeviceMetadata):
        raise UsageError(f"the specification of {name} does not say which qubits it couples")
    accepted = tuple(g for g, (_, gate, _) in NATIVE_GATES.items() if gate in metadata.gateset)
    if not accepted:
        raise UsageError(f"{name} accepts none of the gates {', '.join(NATIVE_GATES)}")
    gate_errors: dict[Pair, dict[str, float]] = {}
    one_qubit: dict[Qubit, float] = {}
    for operation, error in properties.gate_pauli_errors.items():
        qubits: Any = operation.qubits
        if operation.gate_type is cirq.PhasedXZGate:
            one_qubit[qubits[0]] = float(error)
        for gate in accepted:
            if operation.gate_type is NATIVE_GATES[gate][0] and len(qubits) == 2:
                gate_errors.setdefault(sorted_pair(qubits), {})[gate] = float(error)
    readout: dict[Any, tuple[float, float]] = {
        q: (float(e[0]), float(e[1])) for q, e in properties.readout_errors.items()
    }
    t1: dict[Any, float] = {q: float(t) / 1000 for q, t in properties.t1_ns.items() if t < FOR_EVER}
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(sorted(metadata.nx_graph.nodes))
    graph.add_edges_from(sorted(sorted_pair(edge) for edge in metadata.nx_graph.edges))
    return Device(
        name, device, graph, accepted, gate_errors, one_qubit, readout, t1, calibrated, metrics
    )


def calibration_time(calibration: cirq_google.Calibration | None) -> datetime | None:
    """Returns when a calibration was taken, in UTC; None if it does not say so.

    Example:
        >>> calibration_time(None) is None
        True
    """
    if calibration is None or not calibration.timestamp:
        return None
    return datetime.fromtimestamp(calibration.timestamp / 1000, UTC)
