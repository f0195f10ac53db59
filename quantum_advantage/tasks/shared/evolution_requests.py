"""Requests for uses of an unknown evolution: one on |0…0⟩, or two side by side on Bell pairs.

On n Bell pairs (Φ⁺)ⁿ one use acts on the first qubits of all pairs and another on the second. As
(U⊗U)|Φ⁺⟩ = (U Uᵀ⊗I)|Φ⁺⟩, a Bell measurement finds the string of Bell states that belongs to the
Pauli string σ with probability |tr(σ U Uᵀ)|²/4ⁿ: for a real U always Φ⁺ on every pair. U Uᵀ is
symmetric, so the number of singlets is even for every U.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import cirq

from quantum_advantage.circuits.request import Request
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.systems.evolutions import Evolutions
from quantum_advantage.systems.row_shifts import Shift, row_shifts
from quantum_advantage.tasks.shared.requests import copy_qubits, request_copies

LABEL = "u"


def request_bell_uses(evolutions: Evolutions, shots: int) -> Request:
    """Requests Bell measurements of two uses side by side; a shot is two uses.

    Args:
        evolutions: The unknown unitaries.
        shots: Shots for each of them.

    Example:
        A real evolution leaves every Bell pair as it was:

        >>> from quantum_advantage.backends.opening import open_backend
        >>> from quantum_advantage.circuits.run import run
        >>> from quantum_advantage.systems.evolutions import draw_evolutions
        >>> request = request_bell_uses(draw_evolutions([True], 2, seed=1), shots=5)
        >>> (record,) = run([request], open_backend("qsim").make(1))
        >>> bool(record.bits["system"].any() or record.bits["memory"].any())
        False
    """
    system, memory = copy_qubits(evolutions.qubits)
    both = [evolutions.circuit(half, LABEL) for half in (system, memory)]
    return _bell_request(evolutions, shots, both[0].zip(both[1]))


def bell_uses_on_chain(evolutions: Evolutions, shots: int = 1) -> Request:
    """Requests the same measurement where only the system's qubits are coupled to one another.

    U acts on the system's qubits, they are swapped with the memory's, and U acts on them again: the
    circuit of a chip on which every memory qubit has one neighbour.

    Args:
        evolutions: The unknown unitaries.
        shots: Shots for each of them.

    Example:
        >>> from quantum_advantage.systems.evolutions import draw_evolutions
        >>> evolutions = draw_evolutions([True], 3, seed=1)
        >>> memory = cirq.LineQubit.range(6)[1::2]
        >>> def couplings(request):
        ...     return {frozenset(op.qubits) for op in request.circuit.all_operations()
        ...         if len(op.qubits) == 2}
        >>> sum(pair <= set(memory) for pair in couplings(request_bell_uses(evolutions, 1)))
        2
        >>> sum(pair <= set(memory) for pair in couplings(bell_uses_on_chain(evolutions)))
        0
    """
    system, memory = copy_qubits(evolutions.qubits)
    use = evolutions.circuit(system, LABEL)
    swap = cirq.Moment(cirq.SWAP(a, b) for a, b in zip(system, memory, strict=True))
    return _bell_request(evolutions, shots, use + swap + use)


def bell_uses_on_grid(evolutions: Evolutions, shots: int, rows: int, columns: int) -> Request:
    """Requests the same measurement for a grid of pairs on a square lattice, by row shifts.

    Qubits 2i and 2i + 1 are the upper and the lower site of pair i; the pairs are numbered row by
    row. U acts on the systems and then on the memories. Between the layers pairs are swapped, as in
    ``systems.row_shifts``, so that neighbouring sites alone are coupled.

    Args:
        evolutions: The unknown unitaries, on a grid or a line.
        shots: Shots for each of them.
        rows: The rows of the grid, 1 for a line.
        columns: Its columns.

    Example:
        On a grid of 2 × 2 the lower sites of the first row, 1 and 3, face the upper sites of the
        second row, 4 and 6:

        >>> from quantum_advantage.systems.evolutions import draw_evolutions
        >>> evolutions = draw_evolutions([True], 4, seed=1, geometry="grid")
        >>> request = bell_uses_on_grid(evolutions, 1, rows=2, columns=2)
        >>> pairs = [sorted(q.x for q in op.qubits) for op in request.circuit.all_operations()
        ...     if len(op.qubits) == 2]
        >>> sorted({(a, b) for a, b in pairs if a < 4 <= b})
        [(1, 4), (3, 6)]
    """
    system, memory = copy_qubits(evolutions.qubits)
    uses = evolutions.circuit(system, LABEL) + evolutions.circuit(memory, LABEL)
    request = _bell_request(evolutions, shots, uses)
    shifts = row_shifts(evolutions.layers, rows, columns)
    return replace(request, circuit=cirq.Circuit(_on_sites(request.circuit, shifts, columns)))


def _on_sites(
    circuit: cirq.Circuit, shifts: Sequence[Shift], columns: int
) -> Iterator[cirq.Moment]:
    """Yields the moments of a circuit of systems 2i and memories 2i + 1 on the sites of pairs."""
    line = cirq.LineQubit.range(len(circuit.all_qubits()))
    pair: dict[cirq.Qid, int] = {q: q.x // 2 for q in line}
    coming = iter(shifts)
    shift = shifts[0] if shifts else ()
    for moment in circuit:
        gates = [op for op in moment if len(op.qubits) == 2 and not cirq.is_measurement(op)]
        if any(len({pair[q] for q in op.qubits}) == 2 for op in gates):
            before, shift = shift, next(coming)
            pairs = range(len(line) // 2)
            moved = [i for i in pairs if shift[i // columns] != before[i // columns]]
            if moved:
                yield cirq.Moment(cirq.SWAP(line[2 * i], line[2 * i + 1]) for i in moved)
        # A shift exchanges the two sites of a pair.
        site: dict[cirq.Qid, cirq.Qid] = {
            q: line[q.x ^ shift[pair[q] // columns] if shift else q.x] for q in line
        }
        yield moment.transform_qubits(site)


def request_single_uses(evolutions: Evolutions, shots: int, basis: Literal["Y", "Z"]) -> Request:
    """Requests single uses on |0…0⟩, all qubits measured in one basis.

    Args:
        evolutions: The unknown unitaries.
        shots: Shots for each of them.
        basis: The basis of every qubit.

    Raises:
        ValueError: If the basis is neither Y nor Z.

    Example:
        >>> from quantum_advantage.systems.evolutions import draw_evolutions
        >>> request = request_single_uses(draw_evolutions([True, False], 3, seed=1), 10, "Y")
        >>> request.shots, len(request.circuit.all_qubits())  # 10 uses of each of two evolutions
        (20, 3)
    """
    if basis not in ("Y", "Z"):
        raise UsageError(f"basis must be Y or Z, not {basis!r}")
    change = []
    if basis == "Y":
        system, _ = copy_qubits(evolutions.qubits)
        change = [cirq.Moment(gate.on_each(*system)) for gate in (cirq.S**-1, cirq.H)]
    return request_copies(evolutions, 1, shots, change)


def _bell_request(evolutions: Evolutions, shots: int, uses: cirq.Circuit) -> Request:
    """Puts Bell pairs before the uses, and the Bell measurement behind them."""
    system, memory = copy_qubits(evolutions.qubits)
    change = bell_basis_change(system, memory)
    circuit = cirq.Circuit(reversed(change)) + uses + cirq.Circuit(change)
    circuit.append(
        cirq.Moment(cirq.measure(*system, key=SYSTEM), cirq.measure(*memory, key=MEMORY))
    )
    return Request(
        circuit,
        evolutions.dials(LABEL),
        evolutions.draw(shots, LABEL),
        shots * evolutions.systems,
    )
