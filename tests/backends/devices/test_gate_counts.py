"""Gates of the two-copy circuits on a chip, in native gates."""

from __future__ import annotations

import cirq
import pytest
import sympy

from quantum_advantage.backends.devices.gate_counts import gate_counts
from quantum_advantage.circuits.request import resolver_values
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.shared.evolution_requests import bell_uses_on_chain


def on_chip(ensemble, n, depth, native, symmetric=False):
    evolutions = draw_evolutions([symmetric], n, 3, ensemble, "line", depth)
    request = bell_uses_on_chain(evolutions)
    return gate_counts(
        cirq.resolve_parameters(request.circuit, resolver_values(request, 0)), native
    )


def test_on_a_chip_pairs_cost_seven_sycamore_gates_and_bonds_two():
    """Two for the Bell pair, three for the swap, two for the measurement."""
    counts = on_chip("public", 4, 5, "syc")
    assert counts.qubits == 8
    assert counts.two_qubit == 7 * 4 + 2 * (2 + 1 + 2 + 1 + 2)
    assert counts.total == counts.one_qubit + counts.two_qubit
    assert on_chip("public", 4, 5, "syc", symmetric=True).two_qubit == counts.two_qubit


def test_on_a_chip_with_cz():
    pairs, bonds = (1 + 3 + 1) * 4, 2 * (2 + 1 + 2 + 1 + 2)
    assert on_chip("matched:native=cz", 4, 5, "cz").two_qubit == pairs + bonds
    # An iSWAP takes two CZ.
    assert on_chip("matched", 4, 5, "cz").two_qubit == pairs + 2 * bonds


@pytest.mark.parametrize(
    ("ensemble", "native", "totals"),
    [
        ("public", "syc", {5: (432, 236), 8: (544, 292), 10: (620, 330), 15: (812, 426)}),
        ("matched", "cz", {5: (624, 292), 8: (848, 404), 10: (1000, 480), 15: (1384, 672)}),
    ],
)
def test_forty_qubits_and_their_gates(ensemble, native, totals):
    for depth, (one, two) in totals.items():
        counts = on_chip(ensemble, 20, depth, native)
        assert (counts.qubits, counts.one_qubit, counts.two_qubit) == (40, one, two)


def test_the_public_circuits_pass_1300_gates_at_depth_17():
    assert on_chip("public", 20, 16, "syc").total < 1300 < on_chip("public", 20, 17, "syc").total


def test_compiled_gates_are_counted_as_they_are():
    a, b = cirq.LineQubit.range(2)
    bell = cirq.Circuit(cirq.H(a), cirq.T(a), cirq.CNOT(a, b), cirq.measure(a, b))
    counts = gate_counts(bell, "cz")
    assert (counts.one_qubit, counts.two_qubit) == (3, 1)
    with pytest.raises(ValueError, match="native must be one of cz, syc, sqrt_iswap, not 'ccz'"):
        gate_counts(bell, "ccz")
    with pytest.raises(ValueError, match="circuit must be without symbols, not with 's'"):
        gate_counts(cirq.Circuit(cirq.X(a) ** sympy.Symbol("s")), "cz")
