"""Bell measurements of two copies that were prepared apart, against the joint circuits."""

import itertools
import tracemalloc

import cirq
import numpy as np
import pytest
import sympy
from two_copy_circuits import (
    FLIP,
    LINE,
    bell_of,
    bell_request,
    copies,
    numbers,
    only_piece,
)

from quantum_advantage.backends.simulators import large_copies, two_copy
from quantum_advantage.backends.simulators import vectors as vectors_module
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.halves import split_apart
from quantum_advantage.backends.simulators.two_copy import sample_apart
from quantum_advantage.backends.simulators.vectors import vectors
from quantum_advantage.circuits.request import Dial, Request, resolver_values
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.inference.bell.squares import squares
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.measurements.measure_pairs import measure_bell


def outcomes_of(request, sampler):
    found = sampler.sample_table(request)
    qubits = len(request.circuit.all_qubits()) // 2
    rows = [unpack_bits(found[key], qubits) for key in (SYSTEM, MEMORY)]
    return numbers(np.concatenate(rows, axis=1))


def joint_law(request, shot):
    """The exact law of a joint circuit at the positions of one shot, the system's bits first."""
    qubits = len(request.circuit.all_qubits()) // 2
    system, memory = copies(qubits)
    circuit = cirq.resolve_parameters(request.circuit[:-1], resolver_values(request, shot))
    simulator = cirq.Simulator(dtype=np.complex128)
    state = simulator.simulate(circuit, qubit_order=[*system, *memory]).final_state_vector
    return np.abs(state) ** 2


def by_system(request, outcome):
    """Counts of (system, outcome) and their law; the other dials stand still."""
    place = request.table[-1].astype(np.int64)
    systems = len(request.dials[-1].positions)
    laws = [joint_law(request, int(np.flatnonzero(place == k)[0])) for k in range(systems)]
    counts = np.bincount(place * laws[0].size + outcome, minlength=systems * laws[0].size)
    weights = np.bincount(place, minlength=systems)[:, None] / request.shots
    return counts, np.stack(laws) * weights


@pytest.mark.parametrize("same", [True, False], ids=["alike", "different"])
@pytest.mark.parametrize(("qubits", "kinds"), [(2, 20), (3, 12), (4, 6), (5, 3)])
def test_outcomes_of_every_position_follow_the_joint_circuit(qubits, kinds, same, p_of_law):
    """Shots of a few joint positions, counted together with the position."""
    shots = 40_000
    request = bell_request(qubits, kinds, shots, seed=qubits, same=same)
    # Three input patterns for each system, so that every position occurs often.
    pattern = np.random.default_rng(1).integers(0, 3, shots)
    bits = [column[:3][pattern] for column in request.table[:-1]]
    request = Request(request.circuit, request.dials, (*bits, request.table[-1]), shots)
    place = request.table[-1].astype(np.int64) * 3 + pattern
    outcome = outcomes_of(request, FactorisedSampler(seed=2))
    counts = np.bincount(place * 4**qubits + outcome, minlength=3 * kinds * 4**qubits)
    first = [int(np.flatnonzero(place == k)[0]) for k in range(3 * kinds)]
    weights = np.bincount(place, minlength=3 * kinds)[:, None] / shots
    law = np.stack([joint_law(request, shot) for shot in first]) * weights
    assert p_of_law(counts, law) > 1e-4


@pytest.mark.parametrize("same", [True, False], ids=["alike", "different"])
@pytest.mark.parametrize("qubits", [2, 3, 5])
def test_large_halves_follow_the_joint_circuit(qubits, same, p_of_law, monkeypatch):
    monkeypatch.setattr(two_copy, "MOST_BATCHED_QUBITS", 1)
    monkeypatch.setattr(large_copies, "QUBITS_AT_ONCE", 2)
    shots, kinds = 10_000, 3
    bits = (np.arange(2 * qubits) % 3 == 1).astype(int)
    request = bell_request(qubits, kinds, shots, seed=9, same=same, bits=bits)
    piece = only_piece(request.circuit[:-1], request.dials)
    rows = sample_apart(split_apart(piece), request.table, shots, np.random.default_rng(3))
    registers = [rows[[q.x for q in register]] for register in copies(qubits)]
    counts, law = by_system(request, numbers(np.concatenate(registers).T))
    assert p_of_law(counts, law) > 1e-4


def test_outcomes_of_mixed_copies_follow_their_density_matrices(p_of_law):
    """Random input bits make both copies mixtures; a chosen bit is random in half of the shots."""
    qubits, shots = 2, 40_000
    request = bell_request(qubits, 1, shots, seed=4, same=False)
    table = list(request.table)
    table[1] = np.zeros(shots, dtype=np.uint8)
    table[2] &= np.random.default_rng(6).integers(0, 2, shots, dtype=np.uint8)
    request = Request(request.circuit, request.dials, tuple(table), shots)
    chances = [0.5, 0.0, 0.25, 0.5]
    law = 0.0
    for bits in itertools.product((0, 1), repeat=4):
        weight = np.prod([p if b else 1 - p for p, b in zip(chances, bits, strict=True)])
        single = bell_request(qubits, 1, 1, seed=4, same=False, bits=bits)
        law = law + weight * joint_law(single, 0)
    piece = only_piece(request.circuit[:-1], request.dials)
    rows = sample_apart(split_apart(piece), request.table, shots, np.random.default_rng(5))
    registers = [rows[[q.x for q in register]] for register in copies(qubits)]
    counts = np.bincount(numbers(np.concatenate(registers).T), minlength=16)
    assert p_of_law(counts, law) > 1e-4


def test_shots_cut_into_many_parts_follow_the_same_law(p_of_law, monkeypatch):
    """So few amplitudes that states are solved, and pairs transformed, again and again."""
    monkeypatch.setattr(two_copy, "MOST_AMPLITUDES", 8 * 3)
    monkeypatch.setattr(vectors_module, "AMPLITUDES_PER_BLOCK", 8 * 2)
    monkeypatch.setattr(two_copy, "AMPLITUDES_PER_TRANSFORM", 8 * 5)
    request = bell_request(3, 5, 12_000, seed=8, bits=[0, 1, 1, 1, 0, 1])
    counts, law = by_system(request, outcomes_of(request, FactorisedSampler(seed=1)))
    assert p_of_law(counts, law) > 1e-4


def test_more_joint_positions_than_a_number_holds_are_sampled():
    """24 dials of 16 positions; what the memory shows of two basis states is certain."""
    qubits, shots = 12, 50
    system, memory = copies(qubits)
    dials = tuple(Dial("", (f"b{k}_{i}",), FLIP * 8) for k in "sm" for i in range(qubits))
    circuit = cirq.Circuit(
        (cirq.X ** sympy.Symbol(dial.symbols[0]))(q)
        for dial, q in zip(dials, [*system, *memory], strict=True)
    )
    # A T gate, or the circuit would be a Clifford circuit.
    circuit += cirq.Circuit(cirq.T(system[0]), map(cirq.CNOT, system, system[1:]))
    circuit = bell_of(system, memory, circuit)
    rng = np.random.default_rng(3)
    table = tuple(rng.integers(0, 16, shots, dtype=np.uint8) for _ in dials)
    circuit.append(cirq.measure(*system, key=SYSTEM), strategy=cirq.InsertStrategy.NEW)
    circuit.append(cirq.measure(*memory, key=MEMORY), strategy=cirq.InsertStrategy.INLINE)
    found = FactorisedSampler(seed=1).sample_table(Request(circuit, dials, table, shots))
    inputs = np.stack(table, axis=1) % 2
    expected = np.cumsum(inputs[:, :qubits], axis=1) % 2 ^ inputs[:, qubits:]
    np.testing.assert_array_equal(unpack_bits(found[MEMORY], qubits), expected)
    means = unpack_bits(found[SYSTEM], qubits).mean(axis=0)
    assert np.abs(means - 0.5).max() < 4 * np.sqrt(0.25 / shots)


def test_a_state_of_both_halves_is_solved_once(monkeypatch):
    solved = []
    solve = two_copy.vectors
    monkeypatch.setattr(
        two_copy,
        "vectors",
        lambda half, columns: solved.append(len(columns[0])) or solve(half, columns),
    )
    request = bell_request(4, 5, 3000, seed=2, bits=[0, 1, 0, 0, 0, 1, 0, 0])
    outcomes_of(request, FactorisedSampler(seed=1))
    assert solved == [5]


def test_a_large_state_is_solved_once_where_two_are_kept(monkeypatch):
    monkeypatch.setattr(two_copy, "MOST_BATCHED_QUBITS", 1)
    monkeypatch.setattr(two_copy, "MOST_AMPLITUDES", 1)
    solved = []
    solve = two_copy.vectors
    monkeypatch.setattr(two_copy, "vectors", lambda *args: solved.append(args) or solve(*args))
    request = bell_request(3, 5, 300, seed=2, bits=[0, 1, 0, 0, 0, 0])
    outcomes_of(request, FactorisedSampler(seed=1))
    assert len(solved) == 10


def test_draws_follow_the_weights_of_their_rows(p_of_law):
    weights = np.array([[0.0, 1.0, 0.0, 2.0, 0.5, 0.0, 3.0, 0.0], [1.0, 0, 0, 0, 0, 0, 0, 0.01]])
    rows = np.arange(400_000) % 2
    found = vectors_module.drawn(np.cumsum(weights, axis=1), rows, np.random.default_rng(1))
    for row in (0, 1):
        counts = np.bincount(found[rows == row], minlength=8)
        assert p_of_law(counts, weights[row]) > 1e-4


def ghz(line):
    return cirq.Circuit(cirq.H(line[0]), map(cirq.CNOT, line, line[1:]))


@pytest.mark.parametrize("qubits", [3, 4, 14])
def test_bell_record_of_a_ghz_state_has_its_squares(qubits):
    line, other = LINE[:qubits], LINE[20 : 20 + qubits]
    assert split_apart(only_piece(bell_of(line, other, ghz(line).zip(ghz(other))))) is not None
    record = measure_bell(ghz(line), FactorisedSampler(seed=qubits), 400)
    rest = "I" * (qubits - 2)
    stabilisers = ["X" * qubits, "YY" + "X" * (qubits - 2), "ZZ" + rest, rest + "ZZ"]
    others = ["Z" + rest + "I", "XX" + rest, "XZ" + rest, "Y" + "X" * (qubits - 1)]
    assert squares(record, PauliStrings.from_text(stabilisers))[:, 0].tolist() == [1.0] * 4
    estimates, errors = squares(record, PauliStrings.from_text(others)).T
    assert (np.abs(estimates) < 4 * errors).all()


def test_clifford_copies_with_many_positions_are_not_solved_by_vectors():
    """Two of 30 qubits each: no vector would hold a half."""
    qubits, shots = 30, 20
    system, memory = copies(qubits)
    dials = tuple(Dial("", (f"b{i}",), FLIP) for i in range(qubits))
    circuit = cirq.Circuit((cirq.X ** sympy.Symbol(f"b{i}"))(q) for i, q in enumerate(memory))
    circuit = bell_of(system, memory, circuit + ghz(system).zip(ghz(memory)))
    circuit.append(cirq.Moment(cirq.measure(*system, *memory, key="m")))
    table = tuple(np.ones(shots, dtype=np.uint8) for _ in dials)
    bits = FactorisedSampler(seed=1).sample_table(Request(circuit, dials, table, shots))["m"]
    shown = unpack_bits(bits, 2 * qubits)[:, qubits:]
    # The GHZ state of the flipped bits is that of 0101… and 1010…
    pattern = np.arange(qubits) % 2
    assert {tuple(row) for row in shown.tolist()} == {tuple(pattern), tuple(1 - pattern)}


def turned(qubits, seed, positions=4):
    """Gates of all kinds with symbols of two dials and without, and random positions."""
    rng = np.random.default_rng(seed)
    names = [("x", "z", "a", "t"), ("p", "q")]
    dials = tuple(
        Dial("", symbols, tuple(map(tuple, rng.uniform(-2, 2, (positions, len(symbols))).tolist())))
        for symbols in names
    )
    x, z, a, t, p, q = sympy.symbols("x z a t p q")
    line = LINE[:qubits]
    turn = cirq.PhasedXZGate(x_exponent=x, z_exponent=z, axis_phase_exponent=a)
    gates = [
        *(cirq.H(qubit) for qubit in line),
        *(cirq.T(qubit) for qubit in line[::2]),
        *(turn(qubit) for qubit in line),
        cirq.ISWAP(line[0], line[1]),
        (cirq.CZ**0.3)(line[2], line[1]),
        cirq.PhasedXZGate(x_exponent=p, z_exponent=0.3, axis_phase_exponent=t)(line[2]),
        cirq.PhasedXZGate(x_exponent=p * q, z_exponent=0.3, axis_phase_exponent=t)(line[0]),
        *(
            (gate**power)(line[k % qubits])
            for k, (gate, power) in enumerate(
                itertools.product([cirq.X, cirq.Y, cirq.Z, cirq.H], [t, q])
            )
        ),
        cirq.rx(p)(line[1]),
        cirq.CNOT(line[2], line[0]),
        *((gate**q)(line[1], line[0]) for gate in (cirq.CZ, cirq.CNOT, cirq.SWAP, cirq.ISWAP)),
        cirq.XPowGate(exponent=t, global_shift=0.25)(line[0]),
        (cirq.X ** (p + 2 * q))(line[0]),
        cirq.CCX(line[0], line[2], line[1]),
        cirq.MatrixGate(cirq.testing.random_unitary(4, random_state=seed))(line[2], line[0]),
        *(cirq.CNOT(b, c) for b, c in itertools.pairwise(line)),
        *(turn(qubit) for qubit in line),
    ]
    return cirq.Circuit(gates), dials


def resolved_vector(circuit, dials, rows, qubits):
    values = {
        s: v
        for d, row in zip(dials, rows, strict=True)
        for s, v in zip(d.symbols, d.positions[row], strict=True)
    }
    simulator = cirq.Simulator(dtype=np.complex128)
    resolved = cirq.resolve_parameters(circuit, values)
    return simulator.simulate(resolved, qubit_order=LINE[:qubits]).final_state_vector


@pytest.mark.parametrize("qubits", [3, 4, 6])
@pytest.mark.parametrize(
    "solve", [vectors_module._side_by_side, vectors_module._one_by_one, vectors]
)
def test_vectors_are_those_of_cirq(solve, qubits, monkeypatch):
    """Amplitudes, with their phases; in blocks of three rows."""
    monkeypatch.setattr(vectors_module, "AMPLITUDES_PER_BLOCK", 3 << qubits)
    circuit, dials = turned(qubits, qubits)
    piece = only_piece(circuit, dials)
    columns = np.random.default_rng(1).integers(0, 4, (2, 10), dtype=np.uint8)
    found = solve(piece, list(columns))
    assert found.dtype == np.complex64
    assert found.shape == (10, 2**qubits)
    for vector, rows in zip(found, columns.T, strict=True):
        expected = resolved_vector(circuit, dials, rows, qubits)
        np.testing.assert_allclose(vector, expected, atol=1e-5)


def test_large_and_small_halves_have_the_same_vectors():
    circuit, dials = turned(13, 3)
    piece = only_piece(circuit, dials)
    columns = [np.array([2, 0], dtype=np.uint8), np.array([1, 3], dtype=np.uint8)]
    np.testing.assert_allclose(
        vectors(piece, columns), vectors_module._side_by_side(piece, columns), atol=1e-5
    )


def test_a_half_without_dials_has_one_vector():
    found = vectors(only_piece(ghz(LINE[:3])), [])
    np.testing.assert_allclose(found, [[0.5**0.5, *[0] * 6, 0.5**0.5]], atol=1e-6)


def test_a_half_that_no_vector_holds_is_refused():
    line, other = LINE[:29], LINE[29:58]
    circuit = bell_of(line, other, ghz(line).zip(ghz(other)))
    circuit.append(cirq.measure(*line, *other, key="m"))
    with pytest.raises(ValueError, match="a half of 29 entangled qubits exceeds the 28 qubits"):
        FactorisedSampler(seed=1).run(circuit)


def test_forty_qubits_run_end_to_end_within_memory():
    """The purity of a pure state is one: no outcome has an odd number of singlets."""
    request = bell_request(20, 1, 6, seed=1, layers=3, bits=[1, 0] * 20)
    tracemalloc.start()
    found = FactorisedSampler(seed=1).sample_table(request)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    system, memory = (unpack_bits(found[key], 20) for key in (SYSTEM, MEMORY))
    assert ((system & memory).sum(axis=1) % 2 == 0).all()
    assert np.unique(memory, axis=0).shape[0] == 6
    assert most < 200e6


def test_the_seed_decides_every_outcome():
    request = bell_request(3, 6, 500, seed=1)
    first, again, other = (
        outcomes_of(request, FactorisedSampler(seed=seed)).tolist() for seed in (5, 5, 6)
    )
    assert first == again
    assert first != other
