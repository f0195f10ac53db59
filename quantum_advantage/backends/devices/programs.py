"""Native programs of two-qubit unitaries: layers of one-qubit gates around a device's own gate.

A unitary's interaction (see :mod:`interaction`) decides how many native gates it takes and what
turns stand between them; the outer turns follow from comparing the program's own local gates with
the unitary's. Turns that pass through the native gate are then moved to where they cost least.
Nothing here depends on the last bits of a matrix: the interaction does not, and every choice below
has a tolerance.

Numbers of gates: CZ takes 0 to 3, the least possible (Vidal and Dawson, PRA 69, 010301 (2004)); the
square root of iSWAP takes 0 to 3 by the rules of Huang et al., PRL 130, 070601 (2023), the least
possible; Sycamore gates take 2 for every x XX, 3 for every SWAP-like π/4 (XX + YY) + z ZZ, and
otherwise 2 for every non-zero strength.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from itertools import product

import cirq
import numpy as np

from quantum_advantage.backends.devices.calibration import NATIVE_GATES
from quantum_advantage.backends.devices.interaction import (
    SAME,
    Matrix,
    Pair,
    interaction,
    interaction_matrix,
)
from quantum_advantage.backends.devices.turns import (
    inverse_pair,
    pair_product,
    turn_equator,
    turn_exponents,
    turn_x,
    turn_y,
    turn_z,
)

# Layers of turns, one native gate between each and the next.
Layers = list[Pair]

_EIGHTH = math.pi / 8
_QUARTER = math.pi / 4
# The interaction of a Sycamore gate is π/4 (XX + YY) + π/24 ZZ.
_SYCAMORE_ZZ = math.pi / 24
# Below it both sides of an equation are taken for zero.
_PART = 1e-3
# Arguments of arc cosines that are this close to ±1 are ±1, as their roots would magnify rounding.
_EDGE = 1e-13
_I, _X, _Y, _Z, _H = (
    np.asarray(cirq.unitary(gate), dtype=np.complex128)
    for gate in (cirq.I, cirq.X, cirq.Y, cirq.Z, cirq.H)
)


def native_layers(unitary: Matrix, gate: str) -> Layers:
    """Returns the turns of a program for a unitary up to a phase.

    Args:
        unitary: (4, 4), the first qubit counting slowest.
        gate: The native gate: ``cz``, ``syc`` or ``sqrt_iswap``.

    Returns:
        The turns of both qubits, (2, 2) each, before, between and after the native gates.

    Raises:
        ValueError: If it is not unitary.

    Example:
        >>> len(native_layers(cirq.unitary(cirq.CNOT), "cz"))  # turns, one CZ, turns
        2
    """
    whole = interaction(unitary)
    program = _program(gate, *whole.strengths)
    first, last = program[0], inverse_pair(program[-1])
    ends = [
        *zip(first, whole.before, strict=True),
        *zip(last, inverse_pair(whole.after), strict=True),
    ]
    found = []
    for pair in _symmetries(*whole.strengths, ends):
        layers = list(program)
        layers[0] = pair_product(layers[0], pair_product(pair, whole.before))
        layers[-1] = pair_product(pair_product(whole.after, inverse_pair(pair)), layers[-1])
        found.append(_least(layers, gate))
    return min(found, key=_cost)


def equal_unitaries(one: cirq.Operation, gate: cirq.Gate) -> bool:
    """Tells whether an operation is a gate up to a phase and rounding.

    Args:
        one: The operation.
        gate: The gate.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> equal_unitaries(cirq.ISWAP(a, b) ** 0.5, cirq.SQRT_ISWAP)
        True
    """
    if one.gate == gate:
        return True
    if len(one.qubits) != cirq.num_qubits(gate):
        return False
    left, right = cirq.unitary(one), cirq.unitary(gate)
    overlap = complex(np.vdot(right, left))
    if abs(overlap) < 1:
        return False
    return bool(np.abs(left - overlap / abs(overlap) * right).max() < SAME)


@lru_cache(maxsize=1024)
def _program(gate: str, x: float, y: float, z: float) -> tuple[Pair, ...]:
    """Returns the layers of exp[i (x XX + y YY + z ZZ)] for strengths in their canonical order."""
    if x == 0:
        return ((_I, _I),)
    return tuple({"cz": _by_cz, "syc": _by_sycamore, "sqrt_iswap": _by_roots}[gate](x, y, z))


def _by_cz(x: float, y: float, z: float) -> Layers:
    if (x, y, z) == (_QUARTER, 0, 0):
        return _fitted("cz", (x, y, z), [])
    if z == 0:
        return _fitted("cz", (x, y, z), [(turn_x(2 * x), turn_x(2 * y))])
    # Three CNOTs, the middle one turned round (Vatan and Williams, PRA 69, 032315 (2004)).
    first = (turn_z(2 * z - math.pi / 2) @ _H, _H @ turn_y(2 * x - math.pi / 2))
    second = (_H, turn_y(2 * y - math.pi / 2) @ _H)
    return _fitted("cz", (x, y, z), [first, second])


def _by_roots(x: float, y: float, z: float) -> Layers:
    if abs(x - _EIGHTH) < SAME and abs(y - _EIGHTH) < SAME and z == 0:
        return _fitted("sqrt_iswap", (x, y, z), [])
    if x > y + abs(z) - SAME:
        return _fitted("sqrt_iswap", (x, y, z), [_between_roots(x, y, z)])
    # Interactions add up: one root, and what two roots can do.
    if y > _EIGHTH + SAME:
        one = (0.0, _EIGHTH, math.copysign(_EIGHTH, z))
    else:
        one = (-_EIGHTH, _EIGHTH, 0.0)
    other = (x - one[0], y - one[1], z - one[2])
    return _sum("sqrt_iswap", [one, other])


def _between_roots(x: float, y: float, z: float) -> Pair:
    """Returns the turns between two roots of iSWAP (Huang et al., PRL 130, 070601, Procedure 1)."""
    edge = x - y - abs(z)
    sines = math.sin(x + y - z) * math.sin(x - y + z) * math.sin(x + y + z) * math.sin(x - y - z)
    spread = 0.0 if abs(edge) < SAME else 2 * math.sqrt(max(sines, 0.0))
    middle = math.cos(2 * x) - math.cos(2 * y) + math.cos(2 * z)
    part = 2 * math.cos(x) * math.cos(z) * math.sin(y)
    rest = max(math.cos(2 * x) * math.cos(2 * y) * math.cos(2 * z), 0.0)
    cosine = 0.0 if y == 0 else math.copysign(part / math.sqrt(part**2 + rest), z)
    gamma = _arccos(cosine)
    turn = turn_z(-gamma) @ turn_x(-_arccos(middle + spread)) @ turn_z(-gamma)
    return turn, turn_x(-_arccos(middle - spread))


def _by_sycamore(x: float, y: float, z: float) -> Layers:
    if x == y == _QUARTER:
        if abs(z - _SYCAMORE_ZZ) < SAME:
            return _fitted("syc", (x, y, z), [])
        return _sum("syc", [(x, y, _SYCAMORE_ZZ), (0.0, 0.0, z - _SYCAMORE_ZZ)])
    if y == 0:
        low = math.cos(math.pi / 12)
        cosine = (math.sin(x) if math.cos(x) > low + SAME else math.cos(x)) / low
        return _fitted("syc", (x, y, z), [(_I, turn_x(2 * _arccos(cosine)))])
    parts = [(x, 0.0, 0.0), (0.0, y, 0.0), (0.0, 0.0, z)]
    return _sum("syc", parts if z else parts[:2])


def _arccos(cosine: float) -> float:
    return math.acos(math.copysign(1.0, cosine) if abs(cosine) > 1 - _EDGE else cosine)


def _fitted(gate: str, strengths: tuple[float, float, float], inner: Layers) -> Layers:
    """Returns the layers of an interaction, given the turns between its native gates."""
    native = np.asarray(cirq.unitary(NATIVE_GATES[gate][1]), dtype=complex)
    matrix = reduce(lambda done, pair: native @ np.kron(*pair) @ done, inner, native)
    own = interaction(matrix)
    if max(map(abs, np.subtract(own.strengths, strengths))) > 10 * SAME:
        raise ArithmeticError(f"{gate} program has strengths {own.strengths}, not {strengths}")
    return [inverse_pair(own.before), *inner, inverse_pair(own.after)]


def _sum(gate: str, parts: Iterable[tuple[float, float, float]]) -> Layers:
    """Returns the layers of commuting interactions in a row, of any strengths."""
    layers: Layers = [(_I, _I)]
    for strengths in parts:
        whole = interaction(interaction_matrix(*strengths))
        own = list(_program(gate, *whole.strengths))
        own[0] = pair_product(own[0], whole.before)
        own[-1] = pair_product(whole.after, own[-1])
        layers = [*layers[:-1], pair_product(own[0], layers[-1]), *own[1:]]
    return layers


def _least(layers: Layers, gate: str) -> Layers:
    """Moves turns through native gates so that few are left; see :func:`_passes`."""
    found = [layers]
    for lead, flips in product((0, 1), (False, True)):
        pushed = _pushed(layers, gate, lead, flips)
        found += [pushed, *(_pulled(pushed, gate, back) for back in (False, True))]
    return min(found, key=_cost)


def _cost(layers: Layers) -> tuple[int, int]:
    """Returns the number of turns that are left, and of those that are more than a phase."""
    turns = [turn_exponents(turn) for pair in layers for turn in pair]
    return sum(any(turn[:2]) for turn in turns), sum(x > 0 for x, _, _ in turns)


def _symmetries(x: float, y: float, z: float, ends: Sequence[Pair]) -> list[Pair]:
    """Returns turns of both qubits that commute with exp[i (x XX + y YY + z ZZ)].

    Equal Pauli operators always do. Where two strengths are equal so do equal turns about the axis
    of the third (of opposite sense where the strengths have opposite signs), and where all are,
    all equal turns. Of these the quarter turns are tried, and some that leave nothing of an outer
    turn, or nothing but a phase.

    Args:
        x: The largest strength.
        y: The next.
        z: The third, of any sign.
        ends: F and N of the four outer turns F A N of which A can be chosen, those of the first
            qubit and those of the second in turn.
    """
    found = [(pauli, pauli) for pauli in (_I, _X, _Y, _Z)]
    if x == y:
        phases = [turn_z(math.pi / 2), *(phase for f, n in ends for phase in _phases(f, n))]
        found += [pair_product((phase, phase), pair) for phase in phases for pair in found[:4]]
    if y == abs(z):
        quarter = turn_x(math.pi / 2)
        other = quarter if z > 0 else quarter.conj().T
        found += [pair_product((quarter, other), pair) for pair in found]
    if x == y == abs(z):
        sign = _I if z > 0 else _Z
        for k, (f, n) in enumerate(ends):
            turn, other = (n @ f).conj().T, sign @ (n @ f).conj().T @ sign
            found.append((turn, other) if k % 2 == 0 else (other, turn))
    return found


def _phases(first: Matrix, last: Matrix) -> list[Matrix]:
    """Returns the phases A with which first A last is a phase or a half turn, if there are any."""
    found = []
    for row in (0, 1):
        one, other = first[row, 0] * last[0, 0], first[row, 1] * last[1, 0]
        if abs(abs(one) - abs(other)) < SAME and abs(one) > _PART:
            found.append(turn_z(cmath.phase(-one / other)))
    return found


def _passes(gate: str, turn: Matrix, side: int, flip: bool) -> tuple[Pair, Pair] | None:
    """Returns what a turn of one qubit becomes behind a native gate, and what it needs before it.

    A phase passes CZ, a half turn about an axis of the equator makes a phase of the other qubit
    there; a phase changes sides at a Sycamore gate, which is iSWAP with a partial CZ; √iSWAP is
    passed by equal phases, and by equal half turns, of both qubits.

    Args:
        gate: The native gate.
        turn: A phase, or a half turn about an axis of the equator.
        side: The qubit.
        flip: Whether it is a half turn.

    Returns:
        The turns of both qubits behind the gate, and those in front of it that it is equal to; None
        if it does not pass.
    """
    alone = (turn, _I) if side == 0 else (_I, turn)
    if gate == "cz":
        if not flip:
            return alone, alone
        return ((turn, _Z) if side == 0 else (_Z, turn)), alone
    if gate == "syc":
        return None if flip else (alone[::-1], alone)
    return (turn, turn), (turn, turn)


def _pushed(layers: Layers, gate: str, lead: int, flips: bool) -> Layers:
    """Pushes phases, and half turns if wanted, behind the native gates, side ``lead`` first."""
    moved = list(layers)
    for j in range(len(moved) - 1):
        for side in (lead,) if gate == "sqrt_iswap" else (lead, 1 - lead):
            x, z, a = turn_exponents(moved[j][side])
            for turn, flip in ((turn_z(math.pi * z), False), (turn_equator(x, a), True)):
                if flip and not (flips and x == 1):
                    continue
                if passed := _passes(gate, turn, side, flip):
                    behind, before = passed
                    moved[j] = pair_product(inverse_pair(before), moved[j])
                    moved[j + 1] = pair_product(moved[j + 1], behind)
    return moved


def _pulled(layers: Layers, gate: str, flips: bool) -> Layers:
    """Pulls turns that are nothing but a phase, or a half turn if wanted, in front again."""
    moved = list(layers)
    for j in reversed(range(1, len(moved))):
        for side in (0, 1):
            x, z, a = turn_exponents(moved[j][side])
            if x == 0 and gate != "sqrt_iswap":
                from_side = side if gate == "cz" else 1 - side
                passed = _passes(gate, turn_z(math.pi * z), from_side, False)
            elif x == 1 and flips and gate == "cz":
                passed = _passes(gate, turn_equator(x, a), side, True)
            else:
                passed = None
            if passed:
                behind, before = passed
                moved[j] = pair_product(moved[j], inverse_pair(behind))
                moved[j - 1] = pair_product(before, moved[j - 1])
    return moved
