"""Clifford circuits whose gates differ from shot to shot, 64 shots to a word.

The measured operators Z_k are taken backwards through the circuit (Heisenberg picture), one signed
Pauli row for each measured qubit. Every bit of a row is a bit slice: one word holds it for 64
shots, and a gate acts under the mask of the shots whose dial selects it. Pauli noise flips the
signs of the rows that anticommute with it. At the start of the circuit the state is |0…0⟩: Gaussian
elimination on the x parts, again slice by slice, finds which outcomes are fair coins and which are
determined.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import cirq
import numpy as np
import numpy.typing as npt

from quantum_advantage.backends.simulators.pieces import Piece
from quantum_advantage.core.bits import Words, pack_bits

SHOTS_PER_BLOCK = 1 << 14

_PAULIS = {
    (0, 0): np.eye(2),
    (1, 0): np.array([[0, 1], [1, 0]]),
    (1, 1): np.array([[0, -1j], [1j, 0]]),
    (0, 1): np.diag([1.0, -1.0]),
}


def _pauli_matrix(bits: tuple[int, ...]) -> npt.NDArray[np.complex128]:
    """Returns the Hermitian Pauli matrix of bits (x₁, z₁, x₂, z₂, …)."""
    factors = [_PAULIS[bits[i], bits[i + 1]] for i in range(0, len(bits), 2)]
    return functools.reduce(np.kron, factors).astype(np.complex128)


# A Clifford gate as it acts on a row: for each new bit the old bits whose sum it is, and the sign
# as a polynomial over GF(2), a list of monomials in the old bits.
@dataclass(frozen=True)
class _Action:
    linear: tuple[tuple[int, ...], ...]
    sign: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class _GateStep:
    qubits: tuple[int, ...]
    dial: int | None
    # Actions other than the identity, each with the number of its condition among the dial's.
    actions: tuple[tuple[_Action, int], ...]


@dataclass(frozen=True)
class _NoiseStep:
    qubits: tuple[int, ...]
    probabilities: npt.NDArray[np.float64]
    # (errors, 2 * qubits) bits (x₁, z₁, …) of each error.
    errors: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class CliffordProgram:
    """A piece whose every gate is Clifford at every position, ready to run backwards.

    Attributes:
        qubits: The number of qubits.
        steps: Gates and noise, in the order of time.
        conditions: For each dial its conditions, eight to an octet, (octets, positions): bit k mod
            8 of octet k // 8 tells which positions meet condition k.

    Example:
        >>> program = compile_clifford(Piece(2, ((cirq.H, (0,)), (cirq.CNOT, (0, 1))), ()))
        >>> program.qubits, len(program.steps)
        (2, 2)
    """

    qubits: int
    steps: tuple[_GateStep | _NoiseStep, ...]
    conditions: tuple[npt.NDArray[np.uint8], ...]


def _as_signed_pauli(matrix: npt.NDArray[np.complex128]) -> tuple[tuple[int, ...], int] | None:
    qubits = matrix.shape[0].bit_length() - 1
    for bits in product((0, 1), repeat=2 * qubits):
        overlap = np.trace(_pauli_matrix(bits) @ matrix) / matrix.shape[0]
        if abs(abs(overlap) - 1) < 1e-6:
            return (bits, int(overlap.real < 0)) if abs(overlap.imag) < 1e-6 else None
    return None


@functools.lru_cache(maxsize=4096)
def _clifford_action(gate: cirq.Gate) -> _Action | None:
    """Returns how P ↦ U† P U acts on the bits of P, or None if the gate is no Clifford gate."""
    unitary = cirq.unitary(gate, None)
    if unitary is None or unitary.shape[0] > 4:
        return None
    size = 2 * (unitary.shape[0].bit_length() - 1)
    images, signs = {}, np.zeros((2,) * size, dtype=np.uint8)
    for bits in product((0, 1), repeat=size):
        image = _as_signed_pauli(unitary.conj().T @ _pauli_matrix(bits) @ unitary)
        if image is None:
            return None
        images[bits], signs[bits] = image
    units = [tuple(int(i == j) for j in range(size)) for i in range(size)]
    linear = tuple(tuple(j for j in range(size) if images[units[j]][new]) for new in range(size))
    # Moebius transform: the truth table of the sign becomes its polynomial.
    for axis in range(size):
        view = np.moveaxis(signs, axis, 0)
        view[1] ^= view[0]
    monomials = tuple(
        tuple(int(i) for i in np.flatnonzero(bits))
        for bits in product((0, 1), repeat=size)
        if signs[bits]
    )
    return _Action(linear, monomials)


def _identity(action: _Action) -> bool:
    return action.linear == tuple((i,) for i in range(len(action.linear))) and not action.sign


def compile_clifford(piece: Piece) -> CliffordProgram | None:
    """Prepares a piece, or returns None if it is no Clifford circuit with Pauli noise.

    Every gate may depend on the symbols of one dial.

    Args:
        piece: The piece.

    Example:
        >>> compile_clifford(Piece(1, ((cirq.T, (0,)),), ())) is None
        True
    """
    return (_cached_program if piece.hashable else _compile)(piece)


def _compile(piece: Piece) -> CliffordProgram | None:
    conditions: list[dict[bytes, int]] = [{} for _ in piece.dials]
    owner = {symbol: d for d, dial in enumerate(piece.dials) for symbol in dial.symbols}
    steps: list[_GateStep | _NoiseStep] = []
    for gate, qubits in piece.steps:
        names = cirq.parameter_names(gate)
        if not names and not cirq.has_unitary(gate):
            noise = _pauli_noise(gate, qubits)
            if noise is None:
                return None
            steps.append(noise)
            continue
        if len({owner[name] for name in names}) > 1:
            return None
        dial = owner[min(names)] if names else None
        positions = piece.dials[dial].positions if dial is not None else ((),)
        symbols = piece.dials[dial].symbols if dial is not None else ()
        kept = [k for k, symbol in enumerate(symbols) if symbol in names]
        alike: dict[tuple[float, ...], list[int]] = {}
        for position, values in enumerate(positions):
            alike.setdefault(tuple(values[k] for k in kept), []).append(position)
        found: dict[_Action, list[int]] = {}
        for values, where in alike.items():
            resolved = {symbols[k]: value for k, value in zip(kept, values, strict=True)}
            action = _clifford_action(cirq.resolve_parameters(gate, resolved) if resolved else gate)
            if action is None:
                return None
            if not _identity(action):
                found.setdefault(action, []).extend(where)
        actions = []
        for action, where in found.items():
            chosen = np.zeros(len(positions), dtype=np.uint8)
            chosen[where] = 1
            numbers = conditions[dial] if dial is not None else {}
            actions.append((action, numbers.setdefault(chosen.tobytes(), len(numbers))))
        if actions:
            steps.append(_GateStep(qubits, dial, tuple(actions)))
    pairs = zip(conditions, piece.dials, strict=True)
    tables = (_octets_of(met, len(dial.positions)) for met, dial in pairs)
    return CliffordProgram(piece.qubits, tuple(steps), tuple(tables))


def _octets_of(conditions: dict[bytes, int], positions: int) -> npt.NDArray[np.uint8]:
    """Joins conditions, an octet 0 or 1 for each position, eight to an octet."""
    table = np.frombuffer(b"".join(conditions), dtype=np.uint8).reshape(-1, positions)
    return np.packbits(table, axis=0, bitorder="little")


_cached_program = functools.lru_cache(maxsize=256)(_compile)


def _pauli_noise(channel: cirq.Gate, qubits: tuple[int, ...]) -> _NoiseStep | None:
    mixture: Any = cirq.mixture(channel, None)
    if mixture is None:
        return None
    probabilities, errors = [], []
    for probability, unitary in mixture:
        size = 2 * (unitary.shape[0].bit_length() - 1)
        for bits in product((0, 1), repeat=size):
            overlap = np.trace(_pauli_matrix(bits) @ unitary) / unitary.shape[0]
            if abs(abs(overlap) - 1) < 1e-6:
                break
        else:
            return None
        if any(bits) and probability > 0:
            probabilities.append(float(probability))
            errors.append(bits)
    width = 2 * len(qubits)
    return _NoiseStep(
        qubits, np.array(probabilities), np.array(errors, dtype=np.uint8).reshape(-1, width)
    )


def sample_clifford(
    program: CliffordProgram,
    columns: list[npt.NDArray[np.unsignedinteger]],
    shots: int,
    rng: np.random.Generator,
) -> npt.NDArray[np.uint8]:
    """Samples all qubits of a Clifford program, every shot at its own dial positions.

    Args:
        program: The program.
        columns: For each dial of the piece its positions, (shots,).
        shots: The number of shots.
        rng: The source of randomness.

    Returns:
        (qubits, shots) uint8 bits.

    Example:
        >>> program = compile_clifford(Piece(2, ((cirq.H, (0,)), (cirq.CNOT, (0, 1))), ()))
        >>> bits = sample_clifford(program, [], 100, np.random.default_rng(0))
        >>> bits.shape, bool((bits[0] == bits[1]).all())  # a Bell pair
        ((2, 100), True)
    """
    out = np.empty((program.qubits, shots), dtype=np.uint8)
    for start in range(0, shots, SHOTS_PER_BLOCK):
        stop = min(start + SHOTS_PER_BLOCK, shots)
        block = [column[start:stop] for column in columns]
        words = _sample_block(program, block, stop - start, rng)
        octets = words.view(np.uint8)
        out[:, start:stop] = np.unpackbits(octets, axis=1, count=stop - start, bitorder="little")
    return out


def _sample_block(
    program: CliffordProgram,
    columns: list[npt.NDArray[np.unsignedinteger]],
    shots: int,
    rng: np.random.Generator,
) -> Words:
    n, width = program.qubits, -(-shots // 64)
    # bits[2q] and bits[2q + 1] are the x and z bits of all rows at qubit q: (rows, words).
    bits = np.zeros((2 * n, n, width), dtype=np.uint64)
    sign = np.zeros((n, width), dtype=np.uint64)
    for k in range(n):
        bits[2 * k + 1, k] = ~np.uint64(0)
    mask_of = _masks(program, columns)
    for step in reversed(program.steps):
        places = [2 * q + part for q in step.qubits for part in (0, 1)]
        if isinstance(step, _NoiseStep):
            _apply_noise(step, bits, sign, places, shots, rng)
            continue
        for action, condition in step.actions:
            mask = None if step.dial is None else mask_of(step.dial, condition)
            _apply(action, bits, sign, places, mask)
    return _measure_zero_state(bits, sign, rng)


def _masks(
    program: CliffordProgram, columns: list[npt.NDArray[np.unsignedinteger]]
) -> Callable[[int, int], Words]:
    """Returns what gives for a dial and a condition of it the mask of the shots that meet it.

    A shot's position is looked up once for eight conditions.
    """

    @functools.cache
    def octets(dial: int, octet: int) -> npt.NDArray[np.uint8]:
        # Numpy looks up by its own kind of index.
        return program.conditions[dial][octet][columns[dial].astype(np.intp)]

    @functools.cache
    def mask(dial: int, condition: int) -> Words:
        octet, bit = divmod(condition, 8)
        return pack_bits(octets(dial, octet) & np.uint8(1 << bit))

    return mask


def _apply(
    action: _Action, bits: Words, sign: Words, places: list[int], mask: Words | None
) -> None:
    old = [bits[p] for p in places]
    for monomial in action.sign:
        term = functools.reduce(np.bitwise_and, [old[i] for i in monomial])
        sign ^= term if mask is None else term & mask
    changes = []
    for new, sources in enumerate(action.linear):
        if sources == (new,):
            continue
        total = functools.reduce(np.bitwise_xor, [old[i] for i in sources])
        if mask is None:
            changes.append((places[new], total.copy() if len(sources) == 1 else total))
        elif new in sources:
            rest = functools.reduce(np.bitwise_xor, [old[i] for i in sources if i != new])
            changes.append((places[new], old[new] ^ (rest & mask)))
        else:
            changes.append((places[new], old[new] ^ ((total ^ old[new]) & mask)))
    for place, value in changes:
        bits[place] = value


def _apply_noise(
    step: _NoiseStep,
    bits: Words,
    sign: Words,
    places: list[int],
    shots: int,
    rng: np.random.Generator,
) -> None:
    total = float(step.probabilities.sum())
    events = rng.binomial(shots, min(total, 1.0)) if total > 0 else 0
    if not events:
        return
    where = rng.choice(shots, events, replace=False)
    which = rng.choice(step.probabilities.size, events, p=step.probabilities / total)
    errors = np.zeros((len(places), shots), dtype=np.uint8)
    errors[:, where] = step.errors[which].T
    masks = pack_bits(errors)
    for i, place in enumerate(places):
        # An X error anticommutes with the z bit of a row, a Z error with its x bit.
        sign ^= bits[place ^ 1] & masks[i]


def _measure_zero_state(bits: Words, sign: Words, rng: np.random.Generator) -> Words:
    """Draws the outcomes of the commuting rows on |0…0⟩, as (rows, words) slices.

    Rows with an x part are fair coins: one of them, the pivot, is drawn and multiplied into the
    others, so that every row stands for its outcome times operators of value +1. What remains is a
    product of Z, whose sign is the outcome.
    """
    n, width = sign.shape
    outcome = np.zeros_like(sign)
    open_rows = np.full_like(sign, ~np.uint64(0))
    for q in range(n):
        candidates = bits[2 * q] & open_rows
        taken = np.bitwise_or.accumulate(candidates, axis=0)
        pivot = candidates.copy()
        pivot[1:] &= ~taken[:-1]
        coin = np.frombuffer(rng.bytes(8 * width), dtype=np.uint64)
        outcome |= pivot & coin
        open_rows &= ~pivot
        others = candidates & ~pivot
        if not others.any():
            continue
        # The signed pivot row with its outcome folded in, one for each shot.
        pivot_sign = np.bitwise_or.reduce(sign & pivot, axis=0) ^ (coin & taken[-1])
        low = np.zeros_like(sign)
        high = np.zeros_like(sign)
        # Qubits before q have no x part left, so that their z parts matter no more.
        for p in range(q, n):
            x, z = bits[2 * p], bits[2 * p + 1]
            pivot_x = np.bitwise_or.reduce(x & pivot, axis=0) & others
            pivot_z = np.bitwise_or.reduce(z & pivot, axis=0) & others
            crossed = x & pivot_z
            anti = (pivot_x & z) ^ crossed
            x ^= pivot_x
            z ^= pivot_z
            # low + 2 high counts the power of i of the product, qubit by qubit.
            high ^= (low ^ x ^ z ^ crossed) & anti
            low ^= anti
        sign ^= (pivot_sign & others) ^ high
    return outcome | (sign & open_rows)
