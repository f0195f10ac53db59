"""Gauge compiling: two-qubit gates between random gates that undo one another.

A gate U is replaced by Q U P, where P is a product of Paulis and Q U P = U up to a phase. Without
noise nothing changes. An error E of the gate, Q E U P, becomes another one for each P; on average
over the gauges the part of a coherent error that changes sign with P is random, so that the errors
of gates in a row no longer add up in amplitude (Wallman, Emerson, Physical Review A 94, 052325
(2016)). P and Q are merged into the one-qubit gates before and after, and cost no gate where there
are some.

The gauges of each gate (derived here; the tests hold them to the unitaries):

- CZ: all Paulis. Q has X where P has it, Z where P has it, and Z beside an X of the other qubit.
- Sycamore, FSim(π/2, π/6): Z on either qubit, which the gate swaps, and X⊗X, after which come
  Z^(-1/6) on both qubits.
- √iSWAP: Z⊗Z and X⊗X, which commute with it. They leave an over-rotation as it is.

A circuit takes ``GAUGES`` gauges in turn, as positions of one dial: parameter sets stay few. The
bits that choose P are columns of an orthogonal array: over the gauges every bit and every two bits
take all their values equally often, and the first four bits do so together. For one CZ and for two
√iSWAP these are all gauges. The signs of the errors of a Sycamore gate are those of za ⊕ zb and of
x; for two such gates these four bits take all their values, so that no errors of the two interfere.
With more gates on connected qubits the average is over some of the gauges; beyond 15 bits columns
are used again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import cirq
import cirq_google
import numpy as np
import numpy.typing as npt
import sympy

from quantum_advantage.circuits.request import Dial, Request, distinct_rows

# Rows of the orthogonal array; a power of 2.
GAUGES = 16
# The name of the dial, which begins the names of its symbols.
GAUGE = "gauge_choice"
# The bits that choose P for each gate.
_BITS: dict[type[cirq.Gate], int] = {
    cirq.CZPowGate: 4,
    cirq_google.SycamoreGate: 3,
    cirq.ISwapPowGate: 2,
}
# The gates that a name means.
KINDS: dict[str, tuple[type[cirq.Gate], ...]] = {
    "cz": (cirq.CZPowGate,),
    "syc": (cirq_google.SycamoreGate,),
    "sqrt_iswap": (cirq.ISwapPowGate,),
    "all": tuple(_BITS),
}


def gauge_dial() -> Dial:
    """Returns the dial of the gauges, with one symbol for each column of the array.

    Example:
        >>> dial = gauge_dial()
        >>> len(dial.symbols), len(dial.positions)
        (15, 16)
    """
    # Independent columns first.
    columns = sorted(range(1, GAUGES), key=lambda c: (c.bit_count(), c))
    rows = (tuple(float((row & c).bit_count() % 2) for c in columns) for row in range(GAUGES))
    return Dial(GAUGE, tuple(f"{GAUGE}_{i}" for i in range(1, GAUGES)), tuple(rows))


def with_gauges(ops: Iterable[cirq.Operation], gauged: str) -> Iterator[cirq.Operation]:
    """Yields native operations, with the gates of a gauge around each two-qubit gate.

    Args:
        ops: Operations of connected qubits, in order.
        gauged: Which gates, a key of ``KINDS``; or nothing for none.

    Example:
        >>> a, b = cirq.LineQubit.range(2)
        >>> for op in with_gauges([cirq.SQRT_ISWAP(a, b)], "sqrt_iswap"):
        ...     print(op)
        Z**gauge_choice_1(q(0))
        Z**gauge_choice_1(q(1))
        X**gauge_choice_2(q(0))
        X**gauge_choice_2(q(1))
        ISWAP**0.5(q(0), q(1))
        X**gauge_choice_2(q(0))
        X**gauge_choice_2(q(1))
        Z**gauge_choice_1(q(0))
        Z**gauge_choice_1(q(1))
    """
    kinds: tuple[type[cirq.Gate], ...] = KINDS.get(gauged, ())
    used = 0
    for op in ops:
        count = next((n for kind, n in _BITS.items() if type(op.gate) is kind), 0)
        if not isinstance(op.gate, kinds):
            yield op
            continue
        columns = [1 + (used + i) % (GAUGES - 1) for i in range(count)]
        bits = [sympy.Symbol(f"{GAUGE}_{column}") for column in columns]
        used += count
        before, after = _around(op, bits)
        yield from before
        yield op
        yield from after


def _around(
    op: cirq.Operation, bits: Sequence[sympy.Symbol]
) -> tuple[list[cirq.Operation], list[cirq.Operation]]:
    a, b = op.qubits
    if isinstance(op.gate, cirq.CZPowGate):
        xa, za, xb, zb = bits
        before = [cirq.X(a) ** xa, cirq.Z(a) ** za, cirq.X(b) ** xb, cirq.Z(b) ** zb]
        beside = [cirq.Z(a) ** xb, cirq.Z(b) ** xa]
        return before, [*beside, *reversed(before)]
    if isinstance(op.gate, cirq_google.SycamoreGate):
        za, zb, x = bits
        flips = [cirq.X(a) ** x, cirq.X(b) ** x]
        phases = [cirq.Z(a) ** (-x / 6), cirq.Z(b) ** (-x / 6)]
        before = [cirq.Z(a) ** za, cirq.Z(b) ** zb, *flips]
        return before, [*flips, *phases, cirq.Z(a) ** zb, cirq.Z(b) ** za]
    z, x = bits
    before = [cirq.Z(a) ** z, cirq.Z(b) ** z, cirq.X(a) ** x, cirq.X(b) ** x]
    after = [cirq.X(a) ** x, cirq.X(b) ** x, cirq.Z(a) ** z, cirq.Z(b) ** z]
    return before, after


def draw_gauges(request: Request, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Draws a gauge for every shot: shots of one parameter set take all of them in turn.

    Args:
        request: The request.
        rng: Draws where each parameter set begins.

    Returns:
        (shots,) positions of the gauge dial.

    Example:
        >>> circuit = cirq.Circuit(cirq.measure(cirq.LineQubit(0)))
        >>> gauges = draw_gauges(Request(circuit, (), (), shots=16), np.random.default_rng(1))
        >>> sorted(gauges.tolist()) == list(range(16))
        True
    """
    _, kinds = distinct_rows(request.table, request.shots)
    first = rng.integers(0, GAUGES, kinds.max(initial=0) + 1)
    return ((first[kinds] + turns_of(kinds)) % GAUGES).astype(np.uint8)


def turns_of(kinds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Returns how many shots of the same parameter set come before each shot.

    Args:
        kinds: (shots,) the number of each shot's parameter set.

    Example:
        >>> turns_of(np.array([1, 1, 0, 1])).tolist()
        [0, 1, 0, 2]
    """
    order, counts = np.argsort(kinds, kind="stable"), np.bincount(kinds)
    turn = np.empty(kinds.size, dtype=np.int64)
    turn[order] = np.arange(kinds.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return turn
