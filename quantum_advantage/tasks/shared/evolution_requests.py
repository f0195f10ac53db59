"""Requests for uses of an unknown evolution: one on |0…0⟩, or two side by side on Bell pairs.

On n Bell pairs (Φ⁺)ⁿ one use acts on the first qubits of all pairs and another on the second. As
(U⊗U)|Φ⁺⟩ = (U Uᵀ⊗I)|Φ⁺⟩, a Bell measurement finds the string of Bell states that belongs to the
Pauli string σ with probability |tr(σ U Uᵀ)|²/4ⁿ: for a real U always Φ⁺ on every pair. U Uᵀ is
symmetric, so the number of singlets is even for every U.
"""

from __future__ import annotations

from typing import Literal

import cirq

from quantum_advantage.circuits.request import Request
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.systems.evolutions import Evolutions
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
