import itertools
import math

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage import expectation, measure_bell, measure_shadow, open_backend
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.standard_errors import sign_error
from quantum_advantage.inference.bell.principal_component import principal_expectation
from quantum_advantage.inference.bell.squares import purity, squares
from quantum_advantage.measurements.measure_pairs import measure_principal
from quantum_advantage.measurements.records import PrincipalRecord

SHOTS = 4000
QUBITS = cirq.LineQubit.range(2)
ANGLES = np.random.default_rng(6).uniform(-1, 1, (3, 7))
RANDOM = cirq.Circuit(
    [
        cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=a)(qubit)
        for (x, z, a), qubit in zip(layer[:6].reshape(2, 3), QUBITS, strict=True)
    ]
    + [cirq.CZ(*QUBITS) ** layer[6]]
    for layer in ANGLES
)
BELL_PAIR = cirq.Circuit(cirq.H(QUBITS[0]), cirq.CNOT(*QUBITS))
STRINGS = ["".join(letters) for letters in itertools.product("IXYZ", repeat=2)]
SAMPLERS = {
    "cirq": lambda: cirq.Simulator(seed=3),
    "qsim": lambda: open_backend("qsim").make(1),
}

samplers = pytest.mark.parametrize("make", SAMPLERS.values(), ids=SAMPLERS)


def state_of(circuit):
    vector = circuit.final_state_vector(qubit_order=sorted(circuit.all_qubits()))
    return np.outer(vector, vector.conj())


def exact_purity(circuit, kept):
    reduced = cirq.partial_trace(state_of(circuit).reshape(2, 2, 2, 2), [kept])
    return np.trace(reduced @ reduced).real


def exact_means(circuit, strings):
    state = state_of(circuit)
    return np.array(
        [np.trace(state @ cirq.unitary(cirq.DensePauliString(text))).real for text in strings]
    )


def test_the_random_circuit_entangles_its_two_qubits():
    assert RANDOM.all_qubits() == set(QUBITS)
    assert 0.55 < exact_purity(RANDOM, 0) < 0.95


# Bell records.


@samplers
def test_squares_of_all_strings_agree_with_the_state(make):
    record = measure_bell(RANDOM, make(), SHOTS)
    exact = exact_means(RANDOM, STRINGS) ** 2
    error = np.sqrt((1 - np.minimum(exact, 1) ** 2) / SHOTS)
    estimates = squares(record, STRINGS)
    assert (np.abs(estimates[:, 0] - exact) <= 5 * error + 1e-6).all()


def test_error_of_a_square_is_its_standard_error():
    record = measure_bell(RANDOM, cirq.Simulator(seed=3), SHOTS)
    exact = exact_means(RANDOM, STRINGS) ** 2
    expected = np.sqrt((1 - np.minimum(exact, 1) ** 2) / SHOTS)
    np.testing.assert_allclose(squares(record, STRINGS)[:, 1], expected, rtol=0.2, atol=1e-4)


def test_strings_may_be_packed():
    record = measure_bell(RANDOM, cirq.Simulator(seed=3), 50)
    packed = PauliStrings.from_text(STRINGS)
    assert squares(record, packed).tolist() == squares(record, STRINGS).tolist()


@samplers
def test_pure_state_has_purity_one_within_an_error(make):
    assert purity(measure_bell(RANDOM, make(), 200)) == pytest.approx((1.0, sign_error(1, 200)))


@pytest.mark.parametrize("kept", [0, 1])
@samplers
def test_purity_of_one_qubit_agrees_with_the_state(make, kept):
    exact = exact_purity(RANDOM, kept)
    estimate, error = purity(measure_bell(RANDOM, make(), SHOTS), [kept])
    assert abs(estimate - exact) < 5 * math.sqrt((1 - exact**2) / SHOTS)
    assert error == pytest.approx(math.sqrt((1 - exact**2) / SHOTS), rel=0.1)


@samplers
def test_one_half_of_a_bell_pair_has_purity_one_half(make):
    estimate, _ = purity(measure_bell(BELL_PAIR, make(), SHOTS), [1])
    assert abs(estimate - 0.5) < 5 * math.sqrt((1 - 0.5**2) / SHOTS)


def test_mixed_state_is_measured_through_its_noise():
    # A bit flip of probability 0.2 on |0>: <Z> = 0.6, purity (1 + 0.36)/2.
    circuit = cirq.Circuit(cirq.bit_flip(0.2)(QUBITS[0]))
    shots = 300
    record = measure_bell(circuit, cirq.Simulator(seed=5), shots)
    (square, _), (value, _) = squares(record, ["Z"])[0], purity(record)
    assert abs(square - 0.36) < 5 * math.sqrt((1 - 0.36**2) / shots)
    assert abs(value - 0.68) < 5 * math.sqrt((1 - 0.68**2) / shots)


def test_record_has_the_qubits_and_shots_asked_for():
    record = measure_bell(RANDOM, cirq.Simulator(seed=1), 17)
    assert (record.qubits, record.shots) == (2, 17)


def test_qubits_are_numbered_in_sorted_order():
    circuit = cirq.Circuit(cirq.H(cirq.LineQubit(7)), cirq.X(cirq.LineQubit(2)))
    record = measure_bell(circuit, cirq.Simulator(seed=1), 20)
    assert squares(record, ["ZX"]) == pytest.approx(np.array([[1, sign_error(1, 20)]]))
    assert record.held == (cirq.LineQubit(2), cirq.LineQubit(7))
    assert purity(record, [cirq.LineQubit(7)]) == purity(record, [1])


def test_a_qubit_on_which_nothing_acts_is_not_taken_for_another():
    a, b, c = cirq.LineQubit.range(3)
    circuit = cirq.Circuit(cirq.H(a), cirq.CNOT(a, c))
    record = measure_bell(circuit, cirq.Simulator(seed=1), 20)
    assert record.held == (a, c)
    with pytest.raises(ValueError, match=r"qubit q\(1\) is not among the record's q\(0\), q\(2\)"):
        purity(record, [b])
    circuit.append(cirq.I(b))
    known = measure_bell(circuit, cirq.Simulator(seed=1), 20)
    assert purity(known, [b])[0] == 1


def test_memory_may_be_named():
    seen = []

    class Watched(cirq.Simulator):
        def run_sweep(self, program, params, repetitions=1):
            seen.append(program.all_qubits())
            return super().run_sweep(program, params, repetitions)

    memory = [cirq.NamedQubit("m0"), cirq.NamedQubit("m1")]
    measure_bell(BELL_PAIR, Watched(seed=1), 5, memory=memory)
    assert seen == [frozenset([*QUBITS, *memory])]


def test_circuit_is_left_as_it_is():
    before = BELL_PAIR.copy()
    measure_bell(BELL_PAIR, cirq.Simulator(), 2)
    measure_shadow(BELL_PAIR, cirq.Simulator(), 2, seed=0)
    assert before == BELL_PAIR


def test_frozen_circuit_is_measured_as_well():
    assert measure_bell(BELL_PAIR.freeze(), cirq.Simulator(), 3).shots == 3
    assert measure_shadow(BELL_PAIR.freeze(), cirq.Simulator(), 3, seed=0).shots == 3


# Shadow records.

A, B = QUBITS
OBSERVABLE = 0.5 * cirq.X(A) - 1.5 * cirq.Y(A) * cirq.Z(B) + 2 * cirq.Z(B) + 0.25


@samplers
def test_expectation_of_a_pauli_sum_agrees_with_the_state(make):
    exact = OBSERVABLE.expectation_from_state_vector(
        RANDOM.final_state_vector(qubit_order=QUBITS), {A: 0, B: 1}
    ).real
    record = measure_shadow(RANDOM, make(), SHOTS, seed=4)
    estimate, error = expectation(record, OBSERVABLE)
    # The second moment of a term is its squared coefficient times 3 to its weight.
    largest = (math.sqrt(3) * 0.5 + 3 * 1.5 + math.sqrt(3) * 2) / math.sqrt(SHOTS)
    assert 0 < error < largest
    assert abs(estimate - exact) < 5 * error


@samplers
def test_expectation_of_every_string_agrees_with_the_state(make):
    record = measure_shadow(RANDOM, make(), SHOTS, seed=4)
    for text, exact in zip(STRINGS, exact_means(RANDOM, STRINGS), strict=True):
        weight = 2 - text.count("I")
        error = math.sqrt(max(3**weight - exact**2, 0) / SHOTS)
        estimate, _ = expectation(record, cirq.DensePauliString(text).on(*QUBITS))
        assert abs(estimate - exact) <= 5 * error + 1e-6


def test_bases_are_uniform_and_fresh_for_every_shot():
    record = measure_shadow(BELL_PAIR, cirq.Simulator(seed=1), SHOTS, seed=2)
    x, z = record.bases
    counts = np.unique(np.concatenate([x, z], axis=1), axis=0, return_counts=True)[1]
    assert counts.size == 9
    error = math.sqrt(SHOTS * (1 / 9) * (8 / 9))
    assert (np.abs(counts - SHOTS / 9) < 5 * error).all()


def test_same_seed_draws_the_same_bases_and_another_seed_others():
    first, second, other = (
        measure_shadow(BELL_PAIR, cirq.Simulator(), 40, seed=seed).bases[0].tolist()
        for seed in (1, 1, 2)
    )
    assert first == second != other


def test_seed_may_be_a_generator():
    rng = np.random.default_rng(1)
    with_generator = measure_shadow(BELL_PAIR, cirq.Simulator(), 40, seed=rng)
    with_number = measure_shadow(BELL_PAIR, cirq.Simulator(), 40, seed=1)
    assert with_generator.bases[0].tolist() == with_number.bases[0].tolist()


# Refusals.

SYMBOL = cirq.Circuit(cirq.X(A) ** sympy.Symbol("t"), cirq.X(B))
MEASURED = BELL_PAIR + cirq.measure(A)


@pytest.mark.parametrize(
    ("circuit", "shots", "message"),
    [
        (SYMBOL, 5, "must have no symbols, not {'t'}"),
        (MEASURED, 5, "measure nothing"),
        (BELL_PAIR, 0, "shots must be at least 1, not 0"),
        (BELL_PAIR, -3, "shots must be at least 1, not -3"),
        (cirq.Circuit(), 5, "at least one qubit"),
    ],
)
@pytest.mark.parametrize(
    "measure",
    [measure_bell, lambda *arguments: measure_shadow(*arguments, seed=0)],
    ids=["bell", "shadow"],
)
def test_circuit_that_does_not_fit_is_refused_in_one_line(measure, circuit, shots, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        measure(circuit, cirq.Simulator(), shots)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "memory",
    [QUBITS, [B, cirq.LineQubit(5)], [cirq.LineQubit(5)], [cirq.LineQubit(5)] * 2, []],
    ids=["the same", "overlapping", "too few", "twice", "none"],
)
def test_memory_that_does_not_fit_is_refused_in_one_line(memory):
    with pytest.raises(
        ValueError, match=r"memory must (hold 2 qubits|be at least one|be different)"
    ) as caught:
        measure_bell(BELL_PAIR, cirq.Simulator(), 5, memory=memory)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["X", "XXX"])
def test_string_of_another_length_is_refused(text):
    record = measure_bell(BELL_PAIR, cirq.Simulator(), 2)
    with pytest.raises(ValueError, match=f"act on {len(text)} qubits, the record has 2"):
        squares(record, [text])


@pytest.mark.parametrize("qubit", [-1, 2])
def test_purity_of_a_qubit_that_is_not_there_is_refused(qubit):
    record = measure_bell(BELL_PAIR, cirq.Simulator(), 2)
    with pytest.raises(ValueError, match=f"qubit {qubit} is not among"):
        purity(record, [qubit])


@pytest.mark.parametrize(
    ("observable", "message"),
    [(1j * cirq.X(A), "real coefficients"), (cirq.X(cirq.LineQubit(9)), "outside")],
)
def test_observable_that_does_not_fit_is_refused(observable, message):
    record = measure_shadow(BELL_PAIR, cirq.Simulator(), 2, seed=0)
    with pytest.raises(ValueError, match=message):
        expectation(record, observable)


def test_two_different_states_give_products_and_their_overlap():
    """|0+⟩ against |1+⟩ rotated: every mean is a product of two known ones."""
    other = cirq.Circuit(cirq.X(A) ** 0.25, cirq.H(B))
    state = cirq.Circuit(cirq.I(A), cirq.H(B))
    record = measure_bell(state, cirq.Simulator(seed=3), 4000, other=other)
    z = math.cos(math.pi / 4)
    for (found, error), exact in zip(
        squares(record, ["ZI", "IX", "ZX", "XI"]), [z, 1, z, 0], strict=True
    ):
        assert abs(found - exact) < 4 * error + 1e-9
    found, error = purity(record)
    assert abs(found - (1 + z) / 2) < 4 * error


def test_two_states_on_different_qubits_are_refused():
    with pytest.raises(ValueError, match="other must act on the qubits of circuit"):
        measure_bell(BELL_PAIR, cirq.Simulator(), 5, other=cirq.Circuit(cirq.X(A)))


MIXED = cirq.Circuit(
    cirq.ry(0.7)(A), cirq.rx(0.4)(A), cirq.CNOT(A, B), cirq.rx(1.1)(B), cirq.depolarize(0.15)(A)
)


@pytest.mark.parametrize(
    "observable",
    [
        *(cirq.X(A), cirq.Y(A), cirq.Z(A), cirq.Y(B), cirq.Z(B), -cirq.X(A)),
        *(p(A) * q(B) for p in (cirq.X, cirq.Y, cirq.Z) for q in (cirq.X, cirq.Y, cirq.Z)),
        -cirq.Z(A) * cirq.Z(B),
    ],
)
def test_the_principal_ratio_is_that_of_the_density_matrix(observable):
    rho = cirq.final_density_matrix(MIXED, dtype=np.complex128)
    matrix = cirq.PauliString(observable).matrix([A, B])
    exact = np.trace(matrix @ rho @ rho).real / np.trace(rho @ rho).real
    record = measure_principal(MIXED, open_backend("qsim").make(5), 20_000, observable)
    assert record.shots == 20_000
    found, error = principal_expectation(record)
    assert error < 0.03
    assert abs(found - exact) < 4 * error
    swap = record.swaps.mean()
    assert abs(swap - np.trace(rho @ rho).real) < 4 / math.sqrt(record.shots)


def test_a_string_on_all_of_three_qubits_is_measured_as_on_two():
    c = cirq.LineQubit(2)
    state = MIXED + cirq.Circuit(cirq.ry(0.9)(c), cirq.CNOT(B, c), cirq.depolarize(0.1)(c))
    observable = cirq.Y(A) * cirq.X(B) * cirq.Y(c)
    rho = cirq.final_density_matrix(state, dtype=np.complex128)
    matrix = observable.matrix([A, B, c])
    exact = np.trace(matrix @ rho @ rho).real / np.trace(rho @ rho).real
    record = measure_principal(state, open_backend("qsim").make(6), 20_000, observable)
    found, error = principal_expectation(record)
    assert abs(exact) > 10 * error
    assert abs(found - exact) < 4 * error


def test_the_stated_error_of_the_principal_ratio_is_its_spread():
    backend = open_backend("qsim")
    found = np.array(
        [
            principal_expectation(measure_principal(MIXED, backend.make(i), 400, cirq.Z(A)))
            for i in range(300)
        ]
    )
    spread = found[:, 0].std(ddof=1)
    assert abs(found[:, 1].mean() / spread - 1) < 4 / math.sqrt(2 * 300)


@pytest.mark.parametrize(
    "observable", [2 * cirq.X(A), 1j * cirq.Z(A), cirq.PauliString(), cirq.Z(cirq.LineQubit(9))]
)
def test_an_observable_that_is_no_pauli_string_of_the_qubits_is_refused(observable):
    with pytest.raises(ValueError, match="observable must be a Pauli string of the circuit's"):
        measure_principal(MIXED, cirq.Simulator(), 5, observable)


def test_a_ratio_without_purity_is_infinite():
    none = PrincipalRecord(np.array([1, -1], dtype=np.int8), np.zeros(2, dtype=np.int8))
    assert principal_expectation(none) == (math.inf, math.inf)
