import subprocess
import sys
from pathlib import Path

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.circuits.digests import circuit_digest, rounded_text, text_digest

LINE = cirq.LineQubit.range(3)
CIRCUIT = cirq.Circuit(
    cirq.PhasedXZGate(x_exponent=0.1, z_exponent=-0.7, axis_phase_exponent=1 / 3)(LINE[0]),
    cirq.CZ(LINE[0], LINE[1]) ** 0.37,
    (cirq.X ** sympy.Symbol("a"))(LINE[2]),
    cirq.MatrixGate(cirq.testing.random_unitary(2, random_state=1))(LINE[1]),
    cirq.measure(*LINE, key="m"),
)


def moved(number, ulps):
    """Returns a number that is so many units in the last place away."""
    for _ in range(abs(ulps)):
        number = float(np.nextafter(number, np.inf if ulps > 0 else -np.inf))
    return number


@pytest.mark.parametrize("number", [0.1, 1 / 3, 0.5, 2.0**-20, 5e-10, -0.7071067811865476, 1e-300])
@pytest.mark.parametrize("ulps", [-4, -1, 1, 4])
def test_numbers_that_differ_by_rounding_have_one_text(number, ulps):
    assert rounded_text(repr(moved(number, ulps))) == rounded_text(repr(number))


def test_numbers_that_differ_by_more_have_two_texts():
    assert rounded_text("0.25") != rounded_text("0.2500000001")


def test_whole_numbers_words_and_symbols_stay():
    assert rounded_text("cirq.LineQubit(12), x1e, 'a_2'") == "cirq.LineQubit(12), x1e, 'a_2'"


def test_zero_has_no_sign():
    assert rounded_text("-0.0") == rounded_text("0.0") == rounded_text("1e-17")


def test_addresses_in_memory_are_left_out():
    assert text_digest("<Gate at 0x7f00>") == text_digest("<Gate at 0x7fff>")


def test_order_inside_a_moment_does_not_matter():
    ops = [cirq.X(LINE[0]), cirq.Y(LINE[1])]
    assert circuit_digest(cirq.Circuit(cirq.Moment(ops))) == circuit_digest(
        cirq.Circuit(cirq.Moment(ops[::-1]))
    )


def test_every_part_of_a_circuit_counts():
    others = [
        CIRCUIT[:-1],
        CIRCUIT + cirq.Circuit(cirq.X(LINE[0])),
        CIRCUIT.transform_qubits({LINE[0]: LINE[1], LINE[1]: LINE[0]}),
        cirq.Circuit(reversed(CIRCUIT.moments)),
        cirq.resolve_parameters(CIRCUIT, {"a": 0.5}),
        cirq.Circuit(),
    ]
    digests = {circuit_digest(circuit) for circuit in [CIRCUIT, *others]}
    assert len(digests) == 1 + len(others)


def test_matrices_that_differ_by_rounding_have_one_digest():
    matrix = cirq.testing.random_unitary(4, random_state=3)
    gates = [cirq.MatrixGate(m)(*LINE[:2]) for m in (matrix, matrix * (1 + 1e-16) + 1e-17)]
    first, second = (circuit_digest(cirq.Circuit(gate)) for gate in gates)
    assert first == second


def test_another_process_finds_the_same_digest():
    code = "import test_digests as t; print(t.circuit_digest(t.CIRCUIT))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == circuit_digest(CIRCUIT)
