"""The sampler in front of qsim and stim: splits a circuit and solves each piece once.

A circuit is split into independent pieces. The exact law of a piece is computed once for each
position of its dials that occurs, and the outcomes of the shots are drawn from these laws; Clifford
pieces with too many positions to enumerate run bit-sliced; two copies that meet only in a Bell
measurement are simulated apart; pieces beyond a state vector are chains of tensors, if they are
shallow; other pieces with many positions have their vectors computed side by side; what is left is
simulated position by position. Noise enters the circuit once, before it is split; flips of outcomes
that a pure piece would show are made afterwards.
"""

from __future__ import annotations

from typing import Literal

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.simulators.solver import Solver, joint_positions, prepared_solvers
from quantum_advantage.circuits.request import Request, measured_qubits
from quantum_advantage.circuits.sweeps import TableSampler
from quantum_advantage.core.bits import Words, words_of_octets
from quantum_advantage.core.remembering import Remembered
from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import kind_of, seed_of


class FactorisedSampler(TableSampler):
    """A ``cirq.Sampler`` that understands dials and factorises.

    Args:
        simulator: What simulates a piece: ``qsim`` (state vectors, density matrices under noise)
            or ``stim``.
        noise: A noise model, or a gate of one qubit, that is inserted once, or None.
        seed: An int or a generator; with None the outcomes cannot be repeated.

    Raises:
        UsageError: If an argument is something else.

    Example:
        >>> qubits = cirq.LineQubit.range(80)  # 40 Bell pairs, solved one by one
        >>> pairs = list(zip(qubits[::2], qubits[1::2]))
        >>> circuit = cirq.Circuit(
        ...     [cirq.H(a) for a, _ in pairs],
        ...     [cirq.CNOT(a, b) for a, b in pairs],
        ...     cirq.measure(*qubits, key="m"),
        ... )
        >>> bits = FactorisedSampler(seed=1).run(circuit, repetitions=100).measurements["m"]
        >>> bits.shape, bool((bits[:, ::2] == bits[:, 1::2]).all())
        ((100, 80), True)
    """

    def __init__(
        self,
        simulator: Literal["qsim", "stim"] = "qsim",
        noise: cirq.NoiseModel | None = None,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        """See the class."""
        if simulator not in ("qsim", "stim"):
            raise UsageError(f"simulator must be qsim or stim, not {simulator!r}")
        if not isinstance(noise, (cirq.NoiseModel, cirq.Gate, type(None))):
            raise UsageError(f"noise must be a cirq.NoiseModel or None, not a {kind_of(noise)}")
        self._simulator = simulator
        self._noise = noise
        self._rng = np.random.default_rng(None if seed is None else seed_of(seed))

    def sample_table(self, request: Request) -> dict[str, Words]:
        """Runs every shot of a request.

        Args:
            request: What to run.

        Returns:
            For each measurement key the packed bits, (shots, words).

        Raises:
            UsageError: If a piece is beyond what the simulator can hold, or no Clifford circuit
                under ``stim``.

        Example:
            >>> from quantum_advantage.circuits.request import Dial
            >>> import sympy
            >>> q = cirq.LineQubit(0)
            >>> circuit = cirq.Circuit(cirq.X(q) ** sympy.Symbol("turn"), cirq.measure(q, key="m"))
            >>> flip = Dial("flip", ("turn",), ((0.0,), (1.0,)))
            >>> request = Request(circuit, (flip,), (np.array([0, 1, 1], np.uint8),), shots=3)
            >>> FactorisedSampler(seed=1).sample_table(request)["m"].ravel().tolist()
            [0, 1, 1]
        """
        keys = measured_qubits(request.circuit)
        # Octets of each key, eight of its bits: a shot's word is too wide to visit for every bit.
        octets = {
            key: np.zeros((-(-len(qubits) // 8), request.shots), dtype=np.uint8)
            for key, qubits in keys.items()
        }
        for solver in self._solvers(request):
            columns = [request.table[d] for d in solver.placed.dials]
            outcome = solver.sample(columns, request.shots, self._rng)
            for key, place, qubit, inverted in solver.placed.outputs:
                column = outcome(qubit)
                if inverted:
                    column = column ^ np.uint8(1)
                octet, shift = divmod(place, 8)
                octets[key][octet] |= column << np.uint8(shift)
        return {key: words_of_octets(rows.T) for key, rows in octets.items()}

    def _solvers(self, request: Request) -> list[Solver]:
        circuit = request.circuit.freeze()
        return _shared_solvers(circuit, request.dials, self._simulator, self._noise)

    def pair_laws(self, request: Request, first: str, second: str) -> npt.NDArray[np.float64]:
        """Returns the exact joint laws of the bits at the same place of two measurement keys.

        Args:
            request: What would be run.
            first: One measurement key.
            second: The other.

        Returns:
            (shots, places, 2, 2): for every shot and place the law of (first bit, second bit).

        Raises:
            UsageError: If the two bits of a place come from different pieces, or one is too large.

        Example:
            >>> a, b = cirq.LineQubit.range(2)
            >>> bell = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.measure(a), cirq.measure(b))
            >>> laws = FactorisedSampler().pair_laws(Request(bell, (), (), 1), "q(0)", "q(1)")
            >>> laws[0, 0].round(6).tolist()
            [[0.5, 0.0], [0.0, 0.5]]
        """
        width = len(measured_qubits(request.circuit)[first])
        found = np.full((request.shots, width, 2, 2), np.nan)
        for solver in self._solvers(request):
            joint = joint_positions(
                solver.placed.piece, [request.table[d] for d in solver.placed.dials], request.shots
            )
            kinds, rows = np.unique(joint, return_inverse=True)
            law = solver.laws.at(kinds)[rows].reshape(-1, *(2,) * solver.placed.piece.qubits)
            bits = {(key, place): (q, flip) for key, place, q, flip in solver.placed.outputs}
            for key, place in bits:
                if key == first and (second, place) in bits:
                    sides = [bits[first, place], bits[second, place]]
                    kept = [1 + q for q, _ in sides]
                    rest = tuple(i for i in range(1, law.ndim) if i not in kept)
                    pair = law.sum(axis=rest)
                    pair = pair if kept[0] < kept[1] else pair.swapaxes(1, 2)
                    flips = tuple(i for i, (_, flip) in enumerate(sides, start=1) if flip)
                    found[:, place] = np.flip(pair, flips) if flips else pair
        if np.isnan(found).any():
            raise UsageError(f"the bits of {first!r} and {second!r} must come from common pieces")
        return found


# A sampler is made afresh for every batch; what it prepares is the same for all of them.
_shared_solvers = Remembered(prepared_solvers, most=16)
