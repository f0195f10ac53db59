"""Brickwork circuits: layers of one-qubit gates with symbols, and fixed two-qubit gates on bonds.

A circuit of depth t has t layers of bonds, and t + 1 layers of one ``PhasedXZ`` gate on every
qubit, before, between and after them. The gates are numbered layer by layer, and qubit by qubit
within a layer; the symbols of gate k are x, z and a with its number and a label.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cirq
import numpy as np
import numpy.typing as npt
import sympy

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]
Layer = Sequence[tuple[int, int]]


@functools.cache
def gate_symbols(gates: int, label: str) -> tuple[str, ...]:
    """Returns the symbols of a number of one-qubit gates, three for each gate: x, z and a.

    Args:
        gates: The number of gates.
        label: Tells the symbols apart from those of other circuits.

    Returns:
        3 · gates names, gate by gate.

    Example:
        >>> gate_symbols(2, "memory")
        ('x0_memory', 'z0_memory', 'a0_memory', 'x1_memory', 'z1_memory', 'a1_memory')
    """
    return tuple(f"{axis}{gate}_{label}" for gate in range(gates) for axis in "xza")


def brickwork_circuit(
    qubits: Sequence[cirq.Qid], layers: Sequence[Layer], gate: cirq.Gate, label: str
) -> cirq.Circuit:
    """Returns a brickwork circuit with symbols for its one-qubit gates.

    Args:
        qubits: The n qubits.
        layers: The bonds of every layer, pairs of numbers of qubits.
        gate: The two-qubit gate on every bond.
        label: Tells the symbols apart from those of other circuits.

    Example:
        >>> circuit = brickwork_circuit(cirq.LineQubit.range(3), [[(0, 1)], [(1, 2)]], cirq.CZ, "")
        >>> [len(moment) for moment in circuit]  # three gates on every qubit, two bonds between
        [3, 1, 3, 1, 3]
        >>> sorted(cirq.parameter_names(circuit)) == sorted(gate_symbols(9, ""))
        True
    """
    bonds = tuple(tuple(map(tuple, layer)) for layer in layers)
    return cirq.Circuit(_brickwork_moments(tuple(qubits), bonds, gate, label))


@functools.lru_cache(maxsize=64)
def _brickwork_moments(
    qubits: tuple[cirq.Qid, ...], layers: Sequence[Layer], gate: cirq.Gate, label: str
) -> tuple[cirq.Moment, ...]:
    names = gate_symbols(len(qubits) * (len(layers) + 1), label)
    turns = iter(_turns(names))
    moments = []
    for layer in (None, *layers):
        if layer is not None:
            moments.append(cirq.Moment(gate(qubits[i], qubits[j]) for i, j in layer))
        moments.append(cirq.Moment(next(turns)(q) for q in qubits))
    return tuple(moments)


@functools.lru_cache(maxsize=16)
def _turns(names: tuple[str, ...]) -> tuple[cirq.PhasedXZGate, ...]:
    symbols = [sympy.Symbol(name) for name in names]
    return tuple(
        cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=a)
        for x, z, a in zip(symbols[::3], symbols[1::3], symbols[2::3], strict=True)
    )


def haar_exponents(shape: tuple[int, ...], seed: int | np.random.Generator) -> Floats:
    """Draws Haar-random one-qubit gates as exponents (x, z, a) of ``cirq.PhasedXZGate``.

    The gate is Z^{z+a} X^x Z^{-a}: it is Haar-random when both turns about Z are uniform and the
    turn π x about X has a uniform cosine (the Haar measure of SU(2) in Euler angles).

    Args:
        shape: The shape of the array of gates.
        seed: The source of randomness.

    Returns:
        (*shape, 3) exponents, in units of half turns.

    Example:
        >>> exponents = haar_exponents((1000,), seed=1)
        >>> exponents.shape
        (1000, 3)
        >>> z_means = np.cos(np.pi * exponents[:, 0])  # ⟨Z⟩ of U|0⟩: uniform in [-1, 1]
        >>> round(float(z_means.mean()), 1), round(float((z_means**2).mean()), 1)
        (0.0, 0.3)
    """
    rng = np.random.default_rng(seed)
    turn = np.arccos(rng.uniform(-1, 1, shape)) / np.pi
    after, before = rng.uniform(-1, 1, (2, *shape))
    return np.stack([turn, after + before, -before], axis=-1)


def phased_xz(x: npt.ArrayLike, z: npt.ArrayLike, a: npt.ArrayLike) -> Complexes:
    """Returns the matrices of ``cirq.PhasedXZGate`` with given exponents.

    Source: derived here, as the product Z^{z+a} Xˣ Z^{-a} with Xˣ = ½ (1 + e^{iπx}) I +
    ½ (1 - e^{iπx}) X.

    Args:
        x: (...) exponents of X, in units of half turns.
        z: (...) exponents of Z.
        a: (...) exponents of the phase of the axis.

    Returns:
        (2, 2, ...) unitaries.

    Example:
        >>> gate = cirq.PhasedXZGate(x_exponent=0.3, z_exponent=0.2, axis_phase_exponent=0.1)
        >>> np.allclose(phased_xz(0.3, 0.2, 0.1), cirq.unitary(gate))
        True
    """
    x, z, a = (np.asarray(part, dtype=np.float64) for part in (x, z, a))
    turn = np.exp(1j * np.pi * x)
    same, other = (1 + turn) / 2, (1 - turn) / 2
    before, after = np.exp(-1j * np.pi * a), np.exp(1j * np.pi * (z + a))
    return np.array([[same, other * before], [other * after, same * before * after]])


def brickwork_vectors(exponents: Floats, layers: Sequence[Layer], gate: cirq.Gate) -> Complexes:
    """Returns the states that brickwork circuits make of |0…0⟩, many circuits at a time.

    Args:
        exponents: (circuits, gates, 3) the exponents (x, z, a) of the one-qubit gates.
        layers: The bonds of every layer.
        gate: The two-qubit gate on every bond.

    Returns:
        (circuits, 2ⁿ); qubit 0 is the most significant bit.

    Example:
        >>> exponents = haar_exponents((1, 4), seed=1)
        >>> circuit = brickwork_circuit(cirq.LineQubit.range(2), [[(0, 1)]], cirq.CZ, "")
        >>> values = dict(zip(gate_symbols(4, ""), exponents.ravel()))
        >>> expected = cirq.resolve_parameters(circuit, values).final_state_vector()
        >>> np.allclose(brickwork_vectors(exponents, [[(0, 1)]], cirq.CZ), expected, atol=1e-6)
        True
    """
    circuits, gates, _ = exponents.shape
    qubits = gates // (len(layers) + 1)
    turns = phased_xz(*np.moveaxis(exponents.reshape(circuits, -1, qubits, 3), -1, 0))
    bond = cirq.unitary(gate).reshape(2, 2, 2, 2)
    state = np.zeros((circuits, 2**qubits), dtype=np.complex128)
    state[:, 0] = 1.0
    for number, layer in enumerate([(), *layers]):
        for places in layer:
            axes = [1 + place for place in places]
            moved = np.tensordot(bond, state.reshape(-1, *(2,) * qubits), ((2, 3), axes))
            state = np.moveaxis(moved, (0, 1), axes)
        for qubit in range(qubits):
            halves = state.reshape(circuits, 2**qubit, 2, -1)
            state = np.einsum("abs,sibj->siaj", turns[:, :, :, number, qubit], halves)
    return state.reshape(circuits, -1)


def exponents_of(matrices: npt.ArrayLike) -> Floats:
    """Returns one-qubit unitaries as exponents (x, z, a) of ``cirq.PhasedXZGate``.

    Source: derived here. With determinant 1 a unitary is [[α, -β*], [β, α*]]. Up to a phase
    Z^{z+a} X^x Z^{-a} has the entries α = cos(πx/2) e^{-iπz/2} and β = -i sin(πx/2) e^{iπ(z/2+a)},
    so that z = -2 arg(α)/π and a = 1/2 + (arg(α) + arg(β))/π. Where α or β vanishes its argument
    does not matter.

    Args:
        matrices: (..., 2, 2) unitaries; a global phase does not matter.

    Returns:
        (..., 3) exponents, x in [0, 1], the others in [-1, 1).

    Example:
        >>> exponents_of(cirq.unitary(cirq.H)).round(3).tolist()
        [0.5, -1.0, -0.5]
        >>> gate = cirq.PhasedXZGate(x_exponent=0.5, z_exponent=-1, axis_phase_exponent=-0.5)
        >>> cirq.equal_up_to_global_phase(cirq.unitary(gate), cirq.unitary(cirq.H))
        True
    """
    given = np.asarray(matrices, dtype=np.complex128)
    root = np.sqrt(np.linalg.det(given))[..., None]
    alpha, beta = np.moveaxis(given[..., :, 0] / root, -1, 0)
    x = 2 / np.pi * np.arctan2(np.abs(beta), np.abs(alpha))
    z = -2 / np.pi * np.angle(alpha)
    a = 0.5 + (np.angle(alpha) + np.angle(beta)) / np.pi
    return np.stack([x, (z + 1) % 2 - 1, (a + 1) % 2 - 1], axis=-1)
