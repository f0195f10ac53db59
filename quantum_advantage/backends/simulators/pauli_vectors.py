"""Exact laws of noisy circuits: Pauli vectors, many parameter sets side by side.

A state ρ of q qubits is the real vector of its 4^q expectations tr(P ρ) of the Pauli strings P, and
a gate or channel E on k qubits the real matrix R_PQ = tr(P E(Q))/2ᵏ on the letters of its qubits
(the Pauli transfer matrix, as in Greenbaum, arXiv 1509.02921). Everything that happens to a pair of
qubits in a row is multiplied into one matrix before it meets the vector, noise included.

What happens to a qubit after its last gate with another acts on its outcome alone, and becomes a
map from its letters to its outcomes. So parameter sets that differ only there, as those of the
random flips before a readout do, share one evolution.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.simulators.state_vectors import Step
from quantum_advantage.backends.simulators.unitaries import is_always_unitary, unitaries
from quantum_advantage.circuits.request import Dial
from quantum_advantage.core.remembering import Remembered

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

# Numbers in the vectors, and in the matrices of one block, that are in memory side by side.
MOST_NUMBERS = 1 << 22
_NUMBERS_OF_A_BLOCK = 256

# Expectations of I, X, Y, Z in |0⟩, and probabilities of 0 and 1 from expectations.
_ZERO = np.array([1.0, 0.0, 0.0, 1.0])
_READ = np.array([[0.5, 0.0, 0.0, 0.5], [0.5, 0.0, 0.0, -0.5]])


def pauli_laws(
    qubits: int, steps: Sequence[Step], dials: Sequence[Dial], joints: npt.ArrayLike
) -> Floats:
    """Returns the laws of all qubits of a circuit that begins in |0…0⟩.

    Args:
        qubits: The number q of qubits.
        steps: Gates and channels in order.
        dials: The dials that set their symbols.
        joints: (joints,) joint positions of the dials, the last of them counting fastest.

    Returns:
        (joints, 2^q) probabilities up to rounding; qubit 0 is the most significant bit.

    Example:
        >>> steps = (cirq.X, (0,)), (cirq.bit_flip(0.1), (0,))
        >>> pauli_laws(1, steps, (), [0]).round(6).tolist()
        [[0.1, 0.9]]
    """
    numbers = np.asarray(joints, dtype=np.intp)
    core, tails = _split_tails(qubits, steps)
    sets = _ParameterSets(dials, numbers)
    readers = [_READ @ sets.product(tail) for tail in tails]
    first, kinds = sets.distinct(core)
    at_once = max(1, MOST_NUMBERS // max(4**qubits, _NUMBERS_OF_A_BLOCK))
    laws = np.empty((numbers.size, 2**qubits))
    for start in range(0, first.size, at_once):
        vectors = _evolved(
            qubits, core, _ParameterSets(dials, numbers[first[start : start + at_once]])
        )
        (rows,) = np.nonzero((kinds >= start) & (kinds < start + at_once))
        for begin in range(0, rows.size, at_once):
            part = rows[begin : begin + at_once]
            own = [reader[part] if len(reader) > 1 else reader for reader in readers]
            laws[part] = _read(vectors[kinds[part] - start], own)
    return laws


@functools.cache
def _strings(count: int) -> npt.NDArray[np.complex128]:
    """Returns (4ᵏ, 4ᵏ) all Pauli strings on k qubits, each matrix as one row."""
    letters = [cirq.unitary(gate) for gate in (cirq.I, cirq.X, cirq.Y, cirq.Z)]
    strings = [functools.reduce(np.kron, string) for string in product(letters, repeat=count)]
    return np.stack(strings).reshape(4**count, 4**count)


def transfer_matrix(gate: cirq.Gate) -> Floats:
    """Returns (4ᵏ, 4ᵏ) the Pauli transfer matrix tr(P E(Q))/2ᵏ of a gate or channel on k qubits.

    The channels of a processor come again and again, and are kept.

    Example:
        >>> transfer_matrix(cirq.depolarize(0.3)).diagonal().round(6).tolist()  # 1 - 4p/3
        [1.0, 0.6, 0.6, 0.6]
    """
    return _kept_matrix(gate)


def _matrix(gate: cirq.Gate) -> Floats:
    matrix = _of_operators(np.stack(cirq.kraus(gate))[None].astype(np.complex128))[0]
    matrix.setflags(write=False)
    return matrix


def _of_operators(kraus: npt.NDArray[np.complex128]) -> Floats:
    """Returns (channels, 4ᵏ, 4ᵏ) the matrices of channels, from (channels, operators, d, d)."""
    size = kraus.shape[-1]
    whole = np.einsum("ckab,ckde->cadbe", kraus, kraus.conj()).reshape(-1, size**2, size**2)
    strings = _strings(size.bit_length() - 1)
    return np.asarray((strings.conj() @ whole @ strings.T).real / size)


_kept_matrix = Remembered(_matrix, most=4096)


class _ParameterSets:
    """Positions of the dials, in as many parameter sets as are solved together."""

    def __init__(self, dials: Sequence[Dial], joints: Places) -> None:
        self.size = joints.size
        self._dials = dials
        self._owner = {symbol: d for d, dial in enumerate(dials) for symbol in dial.symbols}
        self._sizes = [len(dial.positions) for dial in dials]
        self._places = np.unravel_index(joints, self._sizes) if dials else ()

    def distinct(self, steps: Sequence[Step]) -> tuple[Places, Places]:
        """Returns one parameter set of every kind that steps distinguish, and the kind of each."""
        gates = {id(gate): gate for gate, _ in steps}.values()
        _, joint = self._joint(gates)
        _, first, kinds = np.unique(joint, return_index=True, return_inverse=True)
        return first, kinds.reshape(-1)

    def matrices(self, gate: cirq.Gate) -> Floats:
        """Returns (sets or 1, 4ᵏ, 4ᵏ) the transfer matrices of a gate."""
        used, joint = self._joint([gate])
        if not used:
            return transfer_matrix(gate)[None]
        found, rows = np.unique(joint, return_inverse=True)
        values: dict[str, Floats] = {}
        for d, places in zip(used, np.unravel_index(found, self._shape(used)), strict=True):
            dial = self._dials[d]
            values.update(zip(dial.symbols, dial.values[places].T, strict=True))
        if is_always_unitary(gate):
            matrices = _of_operators(np.moveaxis(unitaries(gate, values), -1, 0)[:, None])
        else:
            own = {name: values[name].tolist() for name in cirq.parameter_names(gate)}
            matrices = np.stack(
                [
                    transfer_matrix(cirq.resolve_parameters(gate, dict(zip(own, row, strict=True))))
                    for row in zip(*own.values(), strict=True)
                ]
            )
        return matrices[rows]

    def product(self, tail: Iterable[Step]) -> Floats:
        """Returns (sets or 1, 4, 4) the product of steps on one qubit."""
        whole = np.eye(4)[None]
        for gate, _ in tail:
            whole = self.matrices(gate) @ whole
        return whole

    def _joint(self, gates: Iterable[cirq.Gate]) -> tuple[list[int], Places]:
        """Returns the dials that set some gates, and the joint position of these dials."""
        names = set[str]().union(*map(cirq.parameter_names, gates))
        used = sorted({self._owner[name] for name in names})
        if not used:
            return used, np.zeros(self.size, dtype=np.intp)
        return used, np.ravel_multi_index([self._places[d] for d in used], self._shape(used))

    def _shape(self, used: Iterable[int]) -> list[int]:
        """Returns the numbers of positions of some dials."""
        return [self._sizes[d] for d in used]


def _split_tails(qubits: int, steps: Sequence[Step]) -> tuple[list[Step], list[list[Step]]]:
    """Splits off what happens to every qubit after its last gate with another."""
    tails: list[list[Step]] = [[] for _ in range(qubits)]
    core: list[Step] = []
    busy: set[int] = set()
    for gate, targets in reversed(steps):
        if len(targets) == 1 and targets[0] not in busy:
            tails[targets[0]].append((gate, targets))
        else:
            busy |= set(targets)
            core.append((gate, targets))
    return core[::-1], [tail[::-1] for tail in tails]


@dataclass(eq=False)
class _Block:
    """Steps in a row on the same qubits, (sets or 1, 4ᵏ, 4ᵏ) one matrix for each set."""

    targets: tuple[int, ...]
    matrices: Floats

    def take(self, targets: Sequence[int], matrices: Floats) -> None:
        """Multiplies what happens next to some of its qubits into it."""
        shape = (4,) * len(self.targets)
        front = range(1, 1 + len(targets))
        axes = [1 + self.targets.index(target) for target in targets]
        before = self.matrices.reshape(len(self.matrices), *shape, -1)
        moved = np.moveaxis(before, axes, front)
        after = matrices @ moved.reshape(len(moved), matrices.shape[-1], -1)
        whole = np.moveaxis(after.reshape(len(after), *moved.shape[1:]), front, axes)
        self.matrices = whole.reshape(len(whole), *self.matrices.shape[1:])


def _blocks(steps: Iterable[Step], sets: _ParameterSets) -> Iterable[_Block]:
    """Yields steps in blocks: each as long as no other qubit meets one of its own."""
    current: dict[int, _Block] = {}
    for gate, targets in steps:
        there = {id(current[t]): current[t] for t in targets if t in current}.values()
        block = next((b for b in there if set(b.targets) >= set(targets)), None)
        if block is None:
            block = _Block(targets, np.eye(4 ** len(targets))[None])
            for other in there:
                if set(other.targets) <= set(targets):
                    block.take(other.targets, other.matrices)
                else:
                    yield other
                    for t in other.targets:
                        del current[t]
            current.update(dict.fromkeys(targets, block))
        block.take(targets, sets.matrices(gate))
    yield from {id(block): block for block in current.values()}.values()


def _evolved(qubits: int, steps: Iterable[Step], sets: _ParameterSets) -> Floats:
    """Returns (sets, 4^q) Pauli vectors."""
    start = functools.reduce(np.kron, [_ZERO] * qubits)
    state = np.tile(start, (sets.size, 1)).reshape(sets.size, *(4,) * qubits)
    # The qubits in the order of the axes: those of the last block stand in front.
    order = list(range(qubits))
    for block in _blocks(steps, sets):
        wanted = [*block.targets, *(q for q in order if q not in block.targets)]
        moved = state.transpose(0, *(1 + order.index(q) for q in wanted))
        columns = moved.reshape(sets.size, 4 ** len(block.targets), -1)
        state = (block.matrices @ columns).reshape(sets.size, *(4,) * qubits)
        order = wanted
    sorted_axes = state.transpose(0, *(1 + order.index(q) for q in range(qubits)))
    return sorted_axes.reshape(sets.size, -1)


def _read(vectors: Floats, readers: Iterable[Floats]) -> Floats:
    """Returns the laws of Pauli vectors from a map (sets or 1, 2, 4) for each qubit."""
    laws = vectors
    for reader in readers:
        # The first letter goes, and its outcome becomes the last bit.
        outcomes = reader @ laws.reshape(len(laws), 4, -1)
        laws = outcomes.transpose(0, 2, 1).reshape(len(laws), -1)
    return laws
