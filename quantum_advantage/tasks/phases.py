"""Phases without labels: toric code or product state, behind a random shallow circuit?

Source: Huang, Kueng, Torlai, Albert and Preskill, Science 377, eabk3333 (2022), arXiv 2106.12627.
Of a set of unknown states half come from one state of the toric code and half from |0…0⟩, each
behind a random circuit of its own: layers of random two-qubit Clifford gates on n/2 bonds of the
torus. Such circuits of constant depth do not leave the phase. The learner gets single copies in
random Pauli bases, and neither labels nor depths. From the records alone every state gets a
coordinate, and the points on the line are divided into two groups.

The share of states in the right group, for the better way to name the groups, is estimated for
several readings of the same records (``tasks.shared.state_readings``). Some of them are controls.
``own_value`` looks at no other state: it is a function of the state's local purity. ``linear`` is a
linear function of one copy: behind at least one layer all states have the same mean, the fully
mixed state, as the random gates contain all Pauli strings, so that no linear function can tell the
two classes apart on average. ``labelled_purity`` is no grouping: the largest accuracy of any
threshold on the estimated one-qubit purity, found with the labels.

``depth`` is that of the deepest states of the toric code, ``spread`` how much shallower the others
may be: the depth of every state is uniform from depth - spread to depth. Product states have
``deeper`` more layers. Of the first sets the ``coordinate`` of every state is kept (the truth is
its class), and its estimated one-qubit ``purity`` beside the exact one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.learning.clustering import best_threshold_accuracy, cluster
from quantum_advantage.inference.sensing.companion import share_error
from quantum_advantage.inference.shadows.shadow_kernel import one_qubit_purity
from quantum_advantage.measurements.pauli_basis import (
    pauli_basis_change,
    pauli_basis_dials,
    random_pauli_bases,
)
from quantum_advantage.measurements.records import ShadowRecord
from quantum_advantage.measurements.shadow_records import shadow_of, shadow_of_arrays
from quantum_advantage.systems.clifford_layers import StabiliserState, random_clifford_layers
from quantum_advantage.systems.toric_code import toric_code_circuit, torus_bonds
from quantum_advantage.tasks.base import Estimated, EstimatingTask, FromLaw, Source, sampler_of
from quantum_advantage.tasks.protocol import Chosen, Limits, Protocol
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies
from quantum_advantage.tasks.shared.seeds import Seeds
from quantum_advantage.tasks.shared.state_readings import (
    CLAIMED,
    READINGS,
    coordinates_of,
)

Floats = npt.NDArray[np.float64]

# The coordinates and purities of so many sets are kept; of the others only the accuracies are.
SHOWN_SETS = 2
SHARES = (*READINGS, "labelled_purity")


def request_random_bases(state: StabiliserState, shots: int, rng: np.random.Generator) -> Request:
    """Requests single copies of a state, every shot in a random Pauli basis.

    Args:
        state: The state.
        shots: The number of shots.
        rng: The learner's randomness.

    Example:
        >>> zero = StabiliserState(cirq.Circuit(), 2)
        >>> request = request_random_bases(zero, 10, np.random.default_rng(0))
        >>> request.shots, sorted(request.learner)
        (10, ['basis0', 'basis1'])
    """
    system, _ = copy_qubits(state.qubits)
    change, dials = pauli_basis_change(system), pauli_basis_dials(state.qubits)
    columns = random_pauli_bases(state.qubits, 1, shots, 1, rng)
    return request_copies(state, 1, shots, change, dials, columns)


class Phases(EstimatingTask):
    """The task ``phases``: groups of states behind random circuits.

    Example:
        >>> task = Phases("phases:depth=3")
        >>> str(task), task.copies_per_shot("local_pauli", 18)
        ('phases:depth=3', 1)
        >>> topological, depth, state = next(task.draw(2, 18, np.random.default_rng(0)))
        >>> topological, depth, state.qubits
        (True, 3, 18)
    """

    NAME: ClassVar[str] = "phases"
    DEFAULTS: ClassVar[Mapping[str, float | int | str]] = {"deeper": 0, "depth": 1, "spread": 0}

    def __init__(self, text: str) -> None:
        """Reads the task's name with its options.

        Raises:
            ValueError: If an option is unknown or out of range.
        """
        super().__init__(text)
        self.depth, self.deeper, self.spread = (
            int(self.options[key]) for key in ("depth", "deeper", "spread")
        )
        for key in ("depth", "deeper"):
            if int(self.options[key]) < 0:
                raise UsageError(f"{key} of {text!r} must be at least 0, not {self.options[key]}")
        if not 0 <= self.spread <= self.depth:
            raise UsageError(
                f"spread of {text!r} must lie between 0 and the depth {self.depth}, not "
                f"{self.spread}"
            )

    def describe(self) -> Iterable[Protocol]:
        """Returns the protocol of the task: single copies in random Pauli bases."""
        yield Protocol(
            "local_pauli",
            "Single copies, every qubit of every shot in a random Pauli basis. Each state becomes\n"
            "a point on a line by the shadow kernel or a control, the points form two groups.",
            copies_per_shot=1,
            measurement=lambda o, n: request_random_bases,
            exact=lambda o, n: StabiliserState.measure,
            limits=Limits(least_qubits=8, least_copies=3),
        )

    def read(self, protocol: str, qubits: int, target: float | None = None) -> Chosen:
        """Reads the name of a protocol, see :meth:`Task.read`; refuses what is no torus.

        Raises:
            UsageError: As :meth:`Task.read`, or if n is not 2L².
        """
        chosen = super().read(protocol, qubits, target)
        torus_bonds(qubits)
        return chosen

    def quantities(self, protocol: str, qubits: int) -> tuple[str, ...]:
        """Returns accuracies, of a set, and ``coordinate`` and ``purity``, of a state."""
        return (*SHARES, "coordinate", "purity")

    def kept(
        self, protocol: str, qubits: int, systems: int, batch: int
    ) -> tuple[tuple[int, str], ...]:
        """Returns which rows of a set are kept: its accuracies, and points of the first sets."""
        shown = range(systems) if batch < SHOWN_SETS else ()
        points = tuple((s, quantity) for s in shown for quantity in ("coordinate", "purity"))
        return tuple((0, share) for share in SHARES) + points

    def draw(
        self, systems: int, qubits: int, nature: np.random.Generator
    ) -> Iterable[tuple[bool, int, StabiliserState]]:
        """Yields a set of states: whether it is the toric code, the depth, and the state.

        Half of them are, the smaller half if their number is odd, in random order.

        Args:
            systems: The number of states.
            qubits: The number n of qubits.
            nature: The source of randomness.
        """
        line, bonds = cirq.LineQubit.range(qubits), torus_bonds(qubits)
        order = nature.permutation(np.arange(systems) < systems // 2)
        depths = nature.integers(self.depth - self.spread, self.depth + 1, systems)
        code = toric_code_circuit(line)
        for topological, shallow in zip(order.tolist(), depths.tolist(), strict=True):
            depth = shallow + (0 if topological else self.deeper)
            start = code if topological else cirq.Circuit()
            layers = random_clifford_layers(line, bonds, depth, nature)
            yield topological, depth, StabiliserState(start + layers, qubits)

    def request_shot(self, chosen: Chosen, rng: np.random.Generator) -> Request:
        """Requests one shot of a state of the toric code."""
        drawn = self.draw(2, chosen.qubits, rng)
        (state,) = (state for topological, _, state in drawn if topological)
        return request_random_bases(state, 1, rng)

    def seconds(self, protocol: str, qubits: int, copies: int, *, circuits: bool) -> float:
        """Returns roughly how long one state takes.

        Measured on one core with 500 shots: at n = 200 a second as a circuit, 0.2 s by the exact
        distribution, and some 2 ms for the kernel with each of a hundred other states.
        """
        of_state = 2.5e-5 * qubits**2 if circuits else 1e-3 * qubits
        return of_state + 2e-6 * copies * qubits

    def estimate(
        self, chosen: Chosen, shots: int, systems: int, seeds: Seeds, source: Source
    ) -> Estimated:
        """Draws a set of states, measures each, and divides them into two groups by each reading.

        Returns:
            The accuracies, equal for all states of the set; coordinates by the claimed kernel, with
            the sign that makes the toric code's group the upper one; one-qubit purities. The error
            of an accuracy is that of a share of so many independent states; that of a coordinate,
            which estimates nothing, is infinite.
        """
        nature, _, learner = seeds.generators()
        drawn = list(self.draw(systems, chosen.qubits, nature))
        states = [state for _, _, state in drawn]
        kinds = np.array([topological for topological, _, _ in drawn], dtype=np.float64)
        records = self._measure(states, shots, learner, seeds, source)
        purities, purity_errors = np.array([one_qubit_purity(record) for record in records]).T
        coordinates = coordinates_of(records, torus_bonds(chosen.qubits))
        agreeing = {name: (cluster(x) == kinds).mean() for name, x in coordinates.items()}
        shares = [max(agreeing[name], 1 - agreeing[name]) for name in READINGS]
        shares.append(best_threshold_accuracy(purities, kinds))
        points = coordinates[CLAIMED] * (1 if agreeing[CLAIMED] >= 0.5 else -1)
        exact = [state.one_qubit_purities().mean() for state in states]
        errors = [share_error(float(share), systems) for share in shares]

        def columns(of_set: list[float], *of_states: npt.ArrayLike) -> Floats:
            return np.stack([*np.repeat([of_set], systems, axis=0).T, *of_states], axis=1)

        return Estimated(
            columns(shares, points, purities),
            columns(errors, np.full(systems, np.inf), purity_errors),
            columns([1.0] * len(shares), kinds, exact),
        )

    def _measure(
        self,
        states: list[StabiliserState],
        shots: int,
        learner: np.random.Generator,
        seeds: Seeds,
        source: Source,
    ) -> list[ShadowRecord]:
        if isinstance(source, FromLaw):
            outcomes_of = np.random.default_rng(seeds.sampler)
            records = []
            for state in states:
                bases = learner.integers(0, 3, (shots, state.qubits), dtype=np.uint8)
                records.append(shadow_of_arrays(bases, state.measure(bases, outcomes_of)))
            return records
        requests = [request_random_bases(state, shots, learner) for state in states]
        qubits = states[0].qubits
        return [shadow_of(record, qubits) for record in run(requests, sampler_of(source))]
