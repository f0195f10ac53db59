"""What the functions that measure refuse, in one line each."""

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.measure import (
    MOST_SHOTS,
    measure_bases,
    measure_calibration,
    measure_shadow,
    measure_stabiliser_shadow,
)
from quantum_advantage.measurements.measure_pairs import measure_bell, measure_principal
from quantum_advantage.preflight.pairs import measure_pairs

QUBITS = A, B = cirq.LineQubit.range(2)
STATE = cirq.Circuit(cirq.H(A), cirq.CNOT(A, B))
ZEROS = cirq.ZerosSampler()

ON_CIRCUITS = {
    "bell": lambda circuit, shots=5, **more: measure_bell(circuit, ZEROS, shots, **more),
    "principal": lambda circuit, shots=5, **more: measure_principal(
        circuit, ZEROS, shots, cirq.Z(A), **more
    ),
    "shadow": lambda circuit, shots=5, seed=1, **more: measure_shadow(
        circuit, ZEROS, shots, seed=seed, **more
    ),
    "stabiliser": lambda circuit, shots=5, seed=1: measure_stabiliser_shadow(
        circuit, ZEROS, shots, seed=seed
    ),
    "bases": lambda circuit, shots=5, **more: measure_bases(
        circuit, ZEROS, ["XY"], times=shots, **more
    ),
}
measured = pytest.mark.parametrize("measure", ON_CIRCUITS.values(), ids=ON_CIRCUITS)


def one_line(call):
    with pytest.raises(UsageError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@measured
@pytest.mark.parametrize(
    ("circuit", "message"),
    [
        (None, "not a NoneType; cirq.Circuit(...) makes one of operations"),
        ([cirq.H(A), cirq.CNOT(A, B)], "circuit must be a cirq.Circuit, not a list"),
        (cirq.H(A), "not a cirq.ops."),
        (cirq.Moment(cirq.H(A)), "not a cirq.circuits.moment.Moment"),
        (cirq.H, "not a cirq.ops."),
        ("H 0", "not a str"),
        (lambda: STATE, "not a function"),
        (cirq.Circuit(), "must act on at least one qubit"),
        (cirq.Circuit(cirq.global_phase_operation(1j)), "must act on at least one qubit"),
        (cirq.Circuit(cirq.X(A) ** sympy.Symbol("t")), "must have no symbols, not {'t'}"),
        (STATE + cirq.measure(A), "must prepare the state and measure nothing"),
        (STATE + cirq.measure_single_paulistring(cirq.X(A)), "measure nothing"),
        (STATE + cirq.X(B).with_classical_controls("m"), "measure nothing"),
        (
            cirq.Circuit(cirq.CircuitOperation((STATE + cirq.measure(A)).freeze())),
            "measure nothing",
        ),
        (cirq.Circuit(cirq.IdentityGate(qid_shape=(3,))(cirq.LineQid(0, 3))), "has 3 levels"),
    ],
)
def test_what_prepares_no_state_of_qubits_is_refused(measure, circuit, message):
    assert message in one_line(lambda: measure(circuit))


@measured
@pytest.mark.parametrize(
    ("shots", "message"),
    [
        (0, "must be at least 1, not 0"),
        (-2, "must be at least 1, not -2"),
        (MOST_SHOTS + 1, "must be at most 100000000, not 100000001"),
        *[(v, "must be a whole number, not") for v in (True, None, "5", 1.5, [5], np.nan, 5j)],
    ],
)
def test_what_is_no_number_of_shots_is_refused(measure, shots, message):
    told = one_line(lambda: measure(STATE, shots))
    assert told.startswith(("shots", "times"))
    assert message in told


@measured
@pytest.mark.parametrize("shots", [1e1, np.int64(10), np.float32(10)])
def test_shots_may_be_any_whole_number(measure, shots):
    record = measure(STATE, shots)
    assert (record.shots, type(record.shots)) == (10, int)


@measured
def test_a_frozen_circuit_is_a_circuit(measure):
    assert measure(STATE.freeze()).shots == 5


@pytest.mark.parametrize("measure", [ON_CIRCUITS[n] for n in ("shadow", "stabiliser")])
@pytest.mark.parametrize("seed", [None, True, -1, 1.5, "1", [1], np.random.RandomState(1)])
def test_what_is_no_seed_is_refused(measure, seed):
    assert "seed must be a whole number" in one_line(lambda: measure(STATE, seed=seed))


def test_a_seed_that_is_whole_is_kept():
    for seed in (7, np.int64(7), 7.0):
        assert measure_shadow(STATE, ZEROS, 3, seed=seed).provenance["seed"] == 7


@pytest.mark.parametrize("measure", [ON_CIRCUITS[n] for n in ("bell", "principal")])
@pytest.mark.parametrize(
    ("memory", "message"),
    [
        (cirq.LineQubit(5), "memory must hold 2 qubits that the circuit does not use"),
        (5, "memory must hold 2 qubits that the circuit does not use"),
        ("ab", "memory must be qubits or their numbers, not a str"),
        ({cirq.LineQubit(5), cirq.LineQubit(6)}, "memory must be qubits or their numbers, not a s"),
        ([5, 5], "memory must be different qubits, but q(5) is there twice"),
        ([5, True], "memory must be qubits or their numbers, not a bool"),
        (["a", "b"], "memory must be qubits or their numbers, not a str"),
        (cirq.LineQid.range(5, 7, dimension=3), "memory must be qubits or their numbers, not a c"),
        ([A, B], "memory must hold 2 qubits that the circuit does not use"),
        ([cirq.LineQubit(5)], "memory must hold 2 qubits that the circuit does not use"),
        (cirq.LineQubit.range(5, 8), "memory must hold 2 qubits that the circuit does not use"),
        ([cirq.LineQubit(i) for i in (5, 6, 6)], "different qubits, but q(6) is there twice"),
    ],
)
def test_what_is_no_memory_is_refused(measure, memory, message):
    assert message in one_line(lambda: measure(STATE, memory=memory))


def test_the_qubits_of_the_second_copy_are_new_ones():
    a, b = cirq.NamedQubit("a"), cirq.NamedQubit("memory_a")
    # Names that are taken, or would be the same, get dashes.
    assert measure_bell(cirq.Circuit(cirq.CNOT(a, b)), ZEROS, 5).shots == 5
    same = cirq.Circuit(cirq.CNOT(cirq.q(0), cirq.NamedQubit("q(0)")))
    assert measure_bell(same, ZEROS, 5).shots == 5
    assert measure_bell(cirq.Circuit(cirq.X(a)), ZEROS, 5, memory=(b,)).shots == 5


def test_a_second_copy_may_be_named_by_numbers_and_one_qubit_by_itself():
    of_numbers = measure_bell(STATE, cirq.Simulator(seed=1), 20, memory=[7, 8])
    of_qubits = measure_bell(STATE, cirq.Simulator(seed=1), 20, memory=cirq.LineQubit.range(7, 9))
    assert of_numbers.memory.tolist() == of_qubits.memory.tolist()
    for memory in (7, cirq.q(7), [7], (cirq.q(7),)):
        assert measure_bell(cirq.Circuit(cirq.X(A)), ZEROS, 5, memory=memory).shots == 5


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ([cirq.H(A), cirq.H(B)], "other must be a cirq.Circuit, not a list"),
        (cirq.H(A), "other must be a cirq.Circuit, not a cirq.ops"),
        ("H", "other must be a cirq.Circuit, not a str"),
        (STATE + cirq.measure(A), "other must prepare the state and measure nothing"),
        (cirq.Circuit(cirq.X(A) ** sympy.Symbol("t")), "other must have no symbols"),
        (cirq.Circuit(cirq.X(A)), "other must act on the qubits of circuit"),
    ],
)
def test_what_is_no_second_copy_is_refused(other, message):
    assert message in one_line(lambda: measure_bell(STATE, ZEROS, 5, other=other))


@pytest.mark.parametrize(
    "observable",
    [
        *(None, "ZI", A, STATE, cirq.Z, cirq.Z(A) + cirq.Z(B), cirq.DensePauliString("ZI")),
        *(cirq.PauliString(), 2 * cirq.Z(A), 1j * cirq.Z(A), cirq.Z(cirq.LineQubit(7)), cirq.H(A)),
    ],
)
def test_what_is_no_pauli_string_of_the_circuit_is_refused(observable):
    told = one_line(lambda: measure_principal(STATE, ZEROS, 5, observable))
    assert told.startswith("observable must be ")


@pytest.mark.parametrize(
    ("qubits", "message"),
    [
        ([], "qubits must be at least one qubit"),
        ("ab", "qubits must be qubits or their numbers, not a str"),
        (None, "qubits must be qubits or their numbers, not a NoneType"),
        ([0, 1.0], "qubits must be qubits or their numbers, not a float"),
        (cirq.LineQid.range(2, dimension=3), "qubits must be qubits or their numbers, not a cirq"),
    ],
)
def test_a_calibration_needs_qubits(qubits, message):
    assert message in one_line(lambda: measure_calibration(qubits, ZEROS, 5, seed=1))


@pytest.mark.parametrize(
    ("bases", "message"),
    [
        (None, "shape (settings, 2), not ()"),
        ("XYZ", "shape (settings, 2), not (1, 3)"),
        ([["X", "Y"]], "one text for each setting, not shape (1, 2)"),
        (["XY", None, "ZZ"], "must be texts of I, X, Y and Z, not None"),
        (np.array(["XY", 5], dtype=object), "must be texts of I, X, Y and Z, not 5"),
        (["XY", "X"], "all of one length"),
        ([[0, 1], [2]], "bases must be an array, all rows of one length"),
        (np.ma.masked_array([[0, 1]], [[True, False]]), "bases must have no masked values"),
        ([[True, False]], "bases must be 0 (X), 1 (Y) or 2 (Z)"),
        ([[0, None]], "bases must be 0 (X), 1 (Y) or 2 (Z)"),
        ([[0, -1]], "bases must be 0 (X), 1 (Y) or 2 (Z)"),
        (5, "shape (settings, 2), not ()"),
        ({"X": "Y"}, "shape (settings, 2), not ()"),
    ],
)
def test_what_are_no_bases_is_refused(bases, message):
    told = one_line(lambda: measure_bases(STATE, ZEROS, bases))
    assert message in told


@pytest.mark.parametrize("scheme", [None, 5, b"given", ["given"]])
def test_a_scheme_is_a_text(scheme):
    told = one_line(lambda: measure_bases(STATE, ZEROS, ["XY"], scheme=scheme))
    assert told.startswith("scheme must be a text, not ")


@pytest.mark.parametrize("times", [0, -1, True, None, "2", 1.5, [2]])
def test_times_is_a_whole_number(times):
    for call in (
        lambda: measure_bases(STATE, ZEROS, ["XY"], times=times),
        lambda: measure_shadow(STATE, ZEROS, 6, seed=1, times=times),
    ):
        assert one_line(call).startswith("times must be ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 120), "pairs must be at least 1, not 0"),
        ((1001, 120), "pairs must be at most 1000, not 1001"),
        ((True, 120), "pairs must be a whole number, not True"),
        ((None, 120), "pairs must be a whole number, not None"),
        (("2", 120), "pairs must be a whole number, not '2'"),
        ((2, 119), "shots must be at least 120, not 119"),
        ((2, 1_500_001), "shots must be at most 1500000, not 1500001"),
        ((2, 120.5), "shots must be a whole number, not 120.5"),
        ((2, None), "shots must be a whole number, not None"),
    ],
)
def test_a_preflight_needs_pairs_and_shots(arguments, message):
    assert one_line(lambda: measure_pairs(ZEROS, *arguments)) == message


def test_numbers_of_a_preflight_may_be_whole_floats():
    assert measure_pairs(ZEROS, 2.0, 1.2e2).pairs == 2


def test_a_calibration_takes_qubits_or_their_numbers_one_or_several():
    for qubits in (4, [4], cirq.q(4), (cirq.q(4),)):
        found = measure_calibration(qubits, ZEROS, 5, seed=1)
        assert found.qubits == (cirq.LineQubit(4),)
