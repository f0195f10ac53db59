"""Unknown evolutions: is a unitary U real, that is time-reversal symmetric, or general?

Source: Huang et al., arXiv 2112.00778 (its second experiment). U is a brickwork circuit: one-qubit
gates between layers of two-qubit gates on the bonds of a line or a grid. A real U obeys U = U*, so
U Uᵀ = I. Both kinds of U are the same circuit with the same symbols; only the values differ.

Ensembles:

- ``matched`` (derived here): the two-qubit gate is the same real gate for both kinds, CZ·SWAP as
  one iSWAP; before, between and after the layers every qubit is turned by Ry of a uniform angle in
  the symmetric kind, by a Haar-random gate in the general kind. Depth 2n by default. The mean
  collision probabilities of U|0…0⟩ have an exact formula (:mod:`.moments`). On a line they lie
  within 3.2 % of those of Haar-random orthogonal and unitary U for n = 2 to 20, within 0.2 % from
  n = 10 on; on the most square grids within 7.4 %, and 0.7 % from n = 10 on.
- ``matched:native=syc``: the same with the real form of the Sycamore gate (:mod:`.real_gates`).
  That gate takes a Y from its second to its first qubit and does no more to it, so on every bond
  the qubit of the even sublattice comes first, or a Y would run along a line unchanged. At depth
  2n within 10 % for n ≤ 5, 1 % from n = 6 on.
- ``matched:native=cz``: the same with CZ alone, which moves nothing and mixes slowly: depth 5n on a
  line and 3n on a grid reach 2.8 % and 3 %; at depth 2n on a line, n = 10, it is 49 %.
- ``public``: the circuits published with the paper, quantumlib/ReCirq, recirq/qml_lfe, of a fixed
  depth, 5 by default. General: X^{1/2}, Y^{1/2} or W^{1/2} with W = (X + Y)/√2 at random on every
  qubit of a bond, then the Sycamore gate. Symmetric: Ry of a uniform angle, then the published
  fixed gate, which is (Ry⊗Ry) G (Ry Z⊗Ry) for G the real form of the Sycamore gate and some angles.
  Here it is G itself: turns before it are absorbed by the uniform ones, Z passes to the front as in
  :mod:`.moments` and leaves |0…0⟩ alone, and turns behind the last layer do not change the law of Y
  measurements, nor U Uᵀ = I; those of Z measurements they do. One-way bonds as published let a Y
  run along the line, so this ensemble stays far from Haar-random. Published are the circuits of a
  line; on a grid the same gates stand on its bonds, the smaller number first (our own choice).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.circuits.request import Dial, position_type
from quantum_advantage.core.naming import parse, read_options
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.brickwork import (
    Floats,
    brickwork_circuit,
    exponents_of,
    gate_symbols,
    haar_exponents,
)
from quantum_advantage.systems.lattice import Layers, lattice_layers, repeated
from quantum_advantage.systems.real_gates import REAL_GATES, RealGate

Columns = tuple[npt.NDArray[np.unsignedinteger], ...]
Booleans = npt.NDArray[np.bool_]

PUBLIC_DEPTH = 5
# Exponents (x, z, a) of X^(1/2), Y^(1/2), W^(1/2).
_SQUARE_ROOTS = np.array([(0.5, 0.0, 0.0), (0.5, 0.0, 0.5), (0.5, 0.0, 0.25)])


@dataclass(frozen=True, eq=False)
class Evolutions:
    """Unknown unitaries of one circuit, one for each system.

    Attributes:
        exponents: (systems, gates, 3) one-qubit gates as exponents of ``cirq.PhasedXZGate``,
            numbered as in :mod:`.brickwork`.
        layers: The bonds of every layer.
        native: The two-qubit gate on every bond.

    Example:
        >>> evolutions = draw_evolutions([True, False], qubits=2, seed=1)
        >>> evolutions.systems, evolutions.qubits, evolutions.depth
        (2, 2, 4)
        >>> for system in (0, 1):  # |tr(U Uᵀ)/d| is 1 for a real U, up to a phase
        ...     unitary = evolutions.unitary(system)
        ...     print(abs(np.trace(unitary @ unitary.T) / 4).round(6) == 1)
        True
        False
        >>> [column.tolist() for column in evolutions.draw(3, "")]  # three uses of each
        [[0, 0, 0, 1, 1, 1]]
    """

    exponents: Floats
    layers: Layers
    native: cirq.Gate

    @property
    def depth(self) -> int:
        """The number of layers of two-qubit gates."""
        return len(self.layers)

    @property
    def qubits(self) -> int:
        """The number n of qubits that U acts on."""
        return self.exponents.shape[1] // (self.depth + 1)

    @property
    def systems(self) -> int:
        """The number of unknown unitaries."""
        return self.exponents.shape[0]

    def circuit(self, qubits: Sequence[cirq.Qid], label: str) -> cirq.Circuit:
        """Returns the circuit of U; circuits with equal labels are set by the same dial."""
        return brickwork_circuit(qubits, self.layers, self.native, label)

    def dials(self, label: str) -> tuple[Dial, ...]:
        """Returns one dial: which of the systems."""
        rows = tuple(map(tuple, self.exponents.reshape(self.systems, -1).tolist()))
        return (Dial(f"system_{label}", gate_symbols(self.exponents.shape[1], label), rows),)

    def draw(self, uses: int, label: str) -> Columns:
        """Returns the dial positions of uses: the numbers of the systems. Nothing is random.

        Args:
            uses: Uses of each system.
            label: Not used.

        Returns:
            One array (systems * uses,), system by system.
        """
        return (np.repeat(np.arange(self.systems, dtype=position_type(self.systems)), uses),)

    def select(self, systems: slice) -> Evolutions:
        """Returns some of the systems."""
        return replace(self, exponents=self.exponents[systems])

    def unitary(self, system: int) -> npt.NDArray[np.complex128]:
        """Returns the exact (2ⁿ, 2ⁿ) matrix of one U, for checks at small n.

        A real U comes with a phase: the one-qubit gates of Cirq have one.
        """
        (dial,) = self.dials("")
        values = dict(zip(dial.symbols, dial.positions[system], strict=True))
        circuit = self.circuit(cirq.LineQubit.range(self.qubits), "")
        return cirq.unitary(cirq.resolve_parameters(circuit, values))


def draw_evolutions(
    symmetric: npt.ArrayLike,
    qubits: int,
    seed: int | np.random.Generator,
    ensemble: str = "matched",
    geometry: str = "line",
    depth: int | None = None,
) -> Evolutions:
    """Draws unknown unitaries, real or general.

    Args:
        symmetric: (systems,) booleans, whether U is real.
        qubits: The number n of qubits.
        seed: The source of randomness.
        ensemble: ``matched``, ``matched:native=syc``, ``matched:native=cz`` or ``public``.
        geometry: ``line`` or ``grid``, as in :func:`.lattice.lattice_layers`.
        depth: The layers of two-qubit gates; by default :func:`default_depth`.

    Raises:
        UsageError: If ``symmetric`` is not one-dimensional, the ensemble or the geometry is
            unknown, or ``qubits`` or ``depth`` is out of range.

    Example:
        >>> evolutions = draw_evolutions([True], 4, seed=1, ensemble="public", depth=2)
        >>> evolutions.layers
        (((0, 1), (2, 3)), ((1, 2),))
    """
    kinds = np.asarray(symmetric, dtype=bool)
    if kinds.ndim != 1:
        raise UsageError(f"symmetric must be a list of booleans, not of shape {kinds.shape}")
    public, gate = _read_ensemble(ensemble)
    cycle = lattice_layers(geometry, qubits)
    if depth is None:
        depth = default_depth(qubits, ensemble, geometry)
    layers = repeated(cycle, depth)
    if public:
        # The published gate has the first qubit of the line first on every bond.
        layers = tuple(tuple((min(bond), max(bond)) for bond in layer) for layer in layers)
    busy = _busy(layers, qubits) if public else np.ones((len(layers) + 1, qubits), dtype=np.bool_)
    rng = np.random.default_rng(seed)
    exponents = np.empty((kinds.size, *busy.shape, 3))
    turns = rng.uniform(0, 2, (int(kinds.sum()), *busy.shape)) * busy
    exponents[kinds] = _symmetric_exponents(gate, layers, turns)
    general = (int((~kinds).sum()), *busy.shape)
    if public:
        roots = _SQUARE_ROOTS[rng.integers(0, len(_SQUARE_ROOTS), general)]
        exponents[~kinds] = roots * busy[..., None]
    else:
        # Haar-random gates absorb the fixed ones that make the native gate real.
        exponents[~kinds] = haar_exponents(general, rng)
    return Evolutions(exponents.reshape(kinds.size, -1, 3), layers, gate.native)


def default_depth(qubits: int, ensemble: str = "matched", geometry: str = "line") -> int:
    """Returns the layers of two-qubit gates at which an ensemble looks Haar-random.

    The public circuits do not at any depth; theirs is 5, as published. The others are those at the
    head of this module.

    Args:
        qubits: The number n of qubits.
        ensemble: As in :func:`draw_evolutions`.
        geometry: As in :func:`draw_evolutions`.

    Raises:
        UsageError: If the ensemble or the geometry is unknown or has no qubit.

    Example:
        >>> default_depth(10), default_depth(10, "matched:native=cz"), default_depth(10, "public")
        (20, 50, 5)
    """
    public, gate = _read_ensemble(ensemble)
    if public:
        return PUBLIC_DEPTH
    if gate is not REAL_GATES["cz"]:
        return 2 * qubits
    bonds = sum(map(len, lattice_layers(geometry, qubits)))
    return 5 * qubits if bonds < qubits else 3 * qubits


def _read_ensemble(ensemble: str) -> tuple[bool, RealGate]:
    name, _ = parse(ensemble)
    if name == "public":
        read_options(ensemble, {})
        return True, REAL_GATES["syc"]
    if name != "matched":
        raise UsageError(f"ensemble {ensemble!r} must be matched or public")
    native = str(read_options(ensemble, {"native": "iswap"})[1]["native"])
    if native not in REAL_GATES:
        raise UsageError(f"native of {ensemble!r} must be one of {', '.join(REAL_GATES)}")
    return False, REAL_GATES[native]


def _busy(layers: Layers, qubits: int) -> Booleans:
    """Returns (depth + 1, n) which qubits have a bond in the layer that follows."""
    busy = np.zeros((len(layers) + 1, qubits), dtype=np.bool_)
    for k, layer in enumerate(layers):
        busy[k, [qubit for bond in layer for qubit in bond]] = True
    return busy


def _symmetric_exponents(gate: RealGate, layers: Layers, turns: Floats) -> Floats:
    """Returns the one-qubit gates of real unitaries.

    Every gate is a turn Ry(π t) after what follows the native gate of the layer before, and before
    what precedes that of the next layer.

    Args:
        gate: The real gate on the bonds.
        layers: The bonds of every layer.
        turns: (systems, depth + 1, n) t.

    Returns:
        (systems, depth + 1, n, 3) exponents.
    """
    before = np.tile(np.eye(2, dtype=np.complex128), (*turns.shape[1:], 1, 1))
    after = before.copy()
    for k, layer in enumerate(layers):
        for bond in layer:
            for side, qubit in enumerate(bond):
                before[k, qubit] = gate.before[side]
                after[k + 1, qubit] = gate.after[side]
    cosine, sine = np.cos(np.pi / 2 * turns), np.sin(np.pi / 2 * turns)
    rotations = np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], -2)
    return exponents_of(before @ rotations @ after)
