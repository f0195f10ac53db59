from itertools import pairwise

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.simulators import bit_sliced_clifford
from quantum_advantage.backends.simulators.bit_sliced_clifford import (
    compile_clifford,
    sample_clifford,
)
from quantum_advantage.backends.simulators.laws import laws_of, sample_stim
from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.circuits.request import Dial

ONE_QUBIT = [cirq.X, cirq.Y, cirq.Z, cirq.H, cirq.S, cirq.S**-1, cirq.X**0.5, cirq.Y**-0.5]
TWO_QUBITS = [cirq.CNOT, cirq.CZ, cirq.SWAP, cirq.ISWAP, cirq.ISWAP**-1, cirq.XX**0.5, cirq.ZZ**0.5]
# Gates with a symbol, and the values at which they are Clifford gates.
TURNED = [
    (cirq.X, 1, (0.0, 0.5, 1.0, -0.5)),
    (cirq.Y, 1, (0.0, 0.5, 1.0, -0.5)),
    (cirq.Z, 1, (0.0, 0.5, 1.0, -0.5)),
    (cirq.H, 1, (0.0, 1.0)),
    (cirq.CZ, 2, (0.0, 1.0)),
    (cirq.CNOT, 2, (0.0, 1.0)),
    (cirq.SWAP, 2, (0.0, 1.0)),
    (cirq.ISWAP, 2, (0.0, 1.0, -1.0, 2.0)),
]
NOISE = [
    (cirq.bit_flip(0.15), 1),
    (cirq.phase_flip(0.2), 1),
    (cirq.depolarize(0.2), 1),
    (cirq.asymmetric_depolarize(0.1, 0.05, 0.2), 1),
    (cirq.depolarize(0.3, 2), 2),
]


def random_gates(qubits, count, rng):
    """Gates without symbols; qubits are in random order, so that both directions occur."""
    line = cirq.LineQubit.range(qubits)
    for _ in range(count):
        choose = TWO_QUBITS if qubits > 1 and rng.random() < 0.5 else ONE_QUBIT
        places = rng.permutation(qubits)[: 2 if choose is TWO_QUBITS else 1]
        yield choose[rng.integers(len(choose))](*(line[i] for i in places))


def turned_gates(qubits, dials, rng):
    """One gate for each of a dial's two symbols, on random qubits, and the dials."""
    line = cirq.LineQubit.range(qubits)
    gates, made = [], []
    for d in range(dials):
        positions, columns = int(rng.integers(2, 4)), []
        for part in "ab":
            fitting = [entry for entry in TURNED if entry[1] <= qubits]
            gate, width, values = fitting[rng.integers(len(fitting))]
            places = rng.permutation(qubits)[:width]
            gates.append((gate ** sympy.Symbol(f"{part}{d}"))(*(line[i] for i in places)))
            columns.append(rng.choice(values, positions).tolist())
        made.append(Dial(f"d{d}", (f"a{d}", f"b{d}"), tuple(zip(*columns, strict=True))))
    return gates, tuple(made)


def random_circuit(qubits, seed, *, dials=2, noise=0):
    rng = np.random.default_rng([seed, qubits])
    line = cirq.LineQubit.range(qubits)
    operations = list(random_gates(qubits, 6 * qubits, rng))
    turned, made = turned_gates(qubits, dials, rng)
    channels = [entry for entry in NOISE if entry[1] <= qubits]
    for k in range(noise):
        channel, width = channels[k % len(channels)]
        turned.append(channel(*(line[i] for i in rng.permutation(qubits)[:width])))
    for operation in turned:
        operations.insert(int(rng.integers(len(operations))), operation)
    tied = [cirq.CZ(a, b) for a, b in pairwise(line)]
    middle = len(operations) // 2
    return cirq.Circuit(operations[:middle], tied, operations[middle:]), made


def only_piece(circuit, dials=()):
    line = sorted(circuit.all_qubits())
    (placed,) = split(circuit + cirq.measure(*line, key="m"), dials)
    assert len(placed.piece.dials) == len(dials)
    return placed.piece


def positions_of(piece, shots, rng):
    """Random positions of every dial, and the joint position of every shot."""
    columns = [rng.integers(0, len(dial.positions), shots).astype(np.uint8) for dial in piece.dials]
    joint = np.zeros(shots, dtype=np.int64)
    for dial, column in zip(piece.dials, columns, strict=True):
        joint = joint * len(dial.positions) + column
    return columns, joint


def numbers(bits):
    """(qubits, shots) bits as one number for each shot, qubit 0 the most significant."""
    weights = 1 << np.arange(bits.shape[0] - 1, -1, -1)
    return weights @ bits.astype(np.int64)


def run(piece, columns, shots, seed):
    program = compile_clifford(piece)
    assert program is not None
    return sample_clifford(program, columns, shots, np.random.default_rng(seed))


def counted(joint, outcome, piece):
    size = 2**piece.qubits
    return np.bincount(joint * size + outcome, minlength=piece.positions * size)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("qubits", [1, 2, 3, 4, 6])
def test_outcomes_follow_the_exact_law_at_every_position(qubits, seed, p_of_law):
    shots = 12_000
    piece = only_piece(*random_circuit(qubits, seed))
    columns, joint = positions_of(piece, shots, np.random.default_rng(seed))
    outcome = numbers(run(piece, columns, shots, seed))
    laws = laws_of(piece).at(range(piece.positions))
    weights = np.bincount(joint, minlength=piece.positions)[:, None] / shots
    assert p_of_law(counted(joint, outcome, piece), laws * weights) > 1e-4


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("qubits", [2, 3, 5])
def test_outcomes_agree_with_stim(qubits, seed, p_of_two):
    shots = 4000
    circuit, _ = random_circuit(qubits, seed + 100, dials=0, noise=seed % 3)
    # A fair coin, so that there is something to compare even if the rest is determined.
    piece = only_piece(circuit + cirq.X(cirq.LineQubit(0)) ** 0.5)
    ours = numbers(run(piece, [], shots, seed))
    theirs = numbers(sample_stim(piece, 0, shots, np.random.default_rng(seed)).T)
    if len(np.unique(theirs)) == 1:
        assert np.unique(ours).tolist() == np.unique(theirs).tolist()
    else:
        assert p_of_two(ours, theirs) > 1e-4


def undone_paulis(qubits, seed):
    """U, then a Pauli string that dials choose, then U undone: every outcome is determined."""
    rng = np.random.default_rng([seed, qubits, 1])
    line = cirq.LineQubit.range(qubits)
    dials = tuple(
        Dial(f"p{i}", (f"x{i}", f"z{i}"), ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
        for i in range(qubits)
    )
    tied = [cirq.CZ(a, b) for a, b in pairwise(line)]
    prepare = cirq.Circuit(
        random_gates(qubits, 5 * qubits, rng), tied, random_gates(qubits, 5 * qubits, rng)
    )
    strings = [
        [cirq.X(q) ** sympy.Symbol(f"x{i}"), cirq.Z(q) ** sympy.Symbol(f"z{i}")]
        for i, q in enumerate(line)
    ]
    return prepare + cirq.Circuit(strings) + cirq.inverse(prepare), dials


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("qubits", [1, 2, 3])
def test_determined_outcomes_equal_those_of_stim_and_cirq_shot_by_shot(qubits, seed):
    shots = 700
    circuit, dials = undone_paulis(qubits, seed)
    piece = only_piece(circuit, dials)
    columns, joint = positions_of(piece, shots, np.random.default_rng(seed))
    outcome = run(piece, columns, shots, seed)
    simulator = cirq.Simulator(seed=seed)
    for k in np.unique(joint):
        resolved = piece.resolved(int(k))
        measured = resolved + cirq.measure(*cirq.LineQubit.range(qubits), key="m")
        by_cirq = simulator.run(measured).measurements["m"][0]
        by_stim = sample_stim(piece, int(k), 1, np.random.default_rng(0))[0]
        np.testing.assert_array_equal(by_cirq, by_stim)
        here = outcome[:, joint == k]
        np.testing.assert_array_equal(here, np.repeat(by_cirq[:, None], here.shape[1], axis=1))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("qubits", [1, 2, 3, 6])
def test_a_stabiliser_state_that_is_undone_gives_zeros_always(qubits, seed):
    rng = np.random.default_rng([seed, qubits, 2])
    prepare, dials = random_circuit(qubits, seed)
    piece = only_piece(prepare + cirq.inverse(prepare), dials)
    columns, _ = positions_of(piece, 500, rng)
    assert not run(piece, columns, 500, seed).any()


@pytest.mark.parametrize("gate", ONE_QUBIT + TWO_QUBITS, ids=str)
def test_every_gate_turns_every_stabiliser_state_as_it_should(gate, p_of_law):
    """All product states of Pauli eigenstates in, all product Pauli bases out."""
    qubits = cirq.num_qubits(gate)
    line = cirq.LineQubit.range(qubits)
    states = ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (-0.5, 0.0), (0.5, 0.5), (-0.5, 0.5))
    bases = ((0.0, 0.0), (0.0, -0.5), (0.5, -0.5))
    dials, before, after = [], [], []
    for i, q in enumerate(line):
        dials.append(Dial(f"in{i}", (f"y{i}", f"z{i}"), states))
        dials.append(Dial(f"out{i}", (f"v{i}", f"w{i}"), bases))
        before += [cirq.Y(q) ** sympy.Symbol(f"y{i}"), cirq.Z(q) ** sympy.Symbol(f"z{i}")]
        after += [cirq.Z(q) ** sympy.Symbol(f"v{i}"), cirq.Y(q) ** sympy.Symbol(f"w{i}")]
    piece = only_piece(cirq.Circuit(before, gate(*line), after), tuple(dials))
    shots = 200 * piece.positions
    columns, joint = positions_of(piece, shots, np.random.default_rng(0))
    outcome = numbers(run(piece, columns, shots, 1))
    laws = laws_of(piece).at(range(piece.positions))
    weights = np.bincount(joint, minlength=piece.positions)[:, None] / shots
    assert p_of_law(counted(joint, outcome, piece), laws * weights) > 1e-4


@pytest.mark.parametrize(("channel", "width"), NOISE, ids=str)
def test_a_channel_damps_the_bell_state_as_the_density_matrix_says(channel, width, p_of_law):
    a, b = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(
        cirq.H(a), cirq.CNOT(a, b), channel(*[a, b][:width]), cirq.CNOT(a, b), cirq.H(a)
    )
    state = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(circuit)
    law = np.real(np.diag(state.final_density_matrix))
    outcome = numbers(run(only_piece(circuit), [], 40_000, 3))
    assert p_of_law(np.bincount(outcome, minlength=4), law) > 1e-4


@pytest.mark.parametrize("seed", range(8))
def test_pauli_noise_in_random_circuits_follows_the_density_matrix(seed, p_of_law):
    shots = 20_000
    piece = only_piece(*random_circuit(3, seed, dials=1, noise=5))
    columns, joint = positions_of(piece, shots, np.random.default_rng(seed))
    outcome = numbers(run(piece, columns, shots, seed))
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    states = [
        simulator.simulate(piece.resolved(k)).final_density_matrix for k in range(piece.positions)
    ]
    laws = np.stack([np.real(np.diag(state)).clip(0) for state in states])
    weights = np.bincount(joint, minlength=piece.positions)[:, None] / shots
    assert p_of_law(counted(joint, outcome, piece), laws * weights) > 1e-4


def test_certain_noise_strikes_every_shot():
    line = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(cirq.CNOT(*line), cirq.bit_flip(1.0 - 1e-12)(line[0]))
    assert run(only_piece(circuit), [], 100, 0).tolist() == [[1] * 100, [0] * 100]


def test_noise_before_a_gate_is_carried_through_it():
    a, b = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(
        cirq.bit_flip(0.3)(a), cirq.CNOT(a, b), cirq.bit_flip(0.2)(b), cirq.CNOT(b, a)
    )
    first, second = run(only_piece(circuit), [], 40_000, 0)
    # a = flip_a + (flip_a + flip_b) = flip_b, b = flip_a + flip_b
    sigma = np.sqrt(0.25 / 40_000)
    assert abs(first.mean() - 0.2) < 5 * sigma
    assert abs((first ^ second).mean() - 0.3) < 5 * sigma
    assert abs(second.mean() - (0.3 * 0.8 + 0.7 * 0.2)) < 5 * sigma


X = sympy.Symbol("x")
LEFT, RIGHT = cirq.LineQubit.range(2)


@pytest.mark.parametrize(
    "operations",
    [
        [cirq.T(LEFT)],
        [cirq.Z(LEFT) ** X],
        [cirq.CZ(LEFT, RIGHT) ** 0.5],
        [cirq.amplitude_damp(0.1)(LEFT)],
        [cirq.reset(LEFT), cirq.CNOT(LEFT, RIGHT)],
        [cirq.H.with_probability(0.5)(LEFT)],
        [cirq.CCX(*cirq.LineQubit.range(3))],
    ],
    ids=["T", "one position", "root of CZ", "damping", "reset", "mixture", "Toffoli"],
)
def test_what_is_not_clifford_with_pauli_noise_is_not_compiled(operations):
    used = cirq.Circuit(cirq.CNOT(LEFT, RIGHT), operations)
    dials = (Dial("d", ("x",), ((0.0,), (0.5,), (0.25,))),) if cirq.is_parameterized(used) else ()
    assert compile_clifford(only_piece(used, dials)) is None


def test_a_mixture_of_pauli_strings_is_compiled_as_noise():
    circuit = cirq.Circuit(cirq.Y.with_probability(0.25)(LEFT))
    (bits,) = run(only_piece(circuit), [], 40_000, 5)
    assert abs(bits.mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / 40_000)


def test_a_gate_with_symbols_of_two_dials_is_not_compiled():
    dials = (Dial("a", ("x",), ((0.0,), (1.0,))), Dial("b", ("y",), ((0.0,), (1.0,))))
    circuit = cirq.Circuit(cirq.X(LEFT) ** (X + sympy.Symbol("y")))
    assert compile_clifford(only_piece(circuit, dials)) is None


def written_out(qubits):
    """A circuit that writes its dials out, through gates that must not matter."""
    line = cirq.LineQubit.range(qubits)
    dials = tuple(Dial(f"d{i}", (f"f{i}",), ((0.0,), (1.0,))) for i in range(qubits))
    ladder = cirq.Circuit(cirq.CNOT(a, b) for a, b in pairwise(line))
    turned = cirq.Circuit(cirq.H.on_each(*line), ladder)
    flips = cirq.Circuit(cirq.X(q) ** sympy.Symbol(f"f{i}") for i, q in enumerate(line))
    return flips + turned + cirq.inverse(turned), dials


@pytest.mark.parametrize("shots", [1, 7, 63, 64, 65, 130])
def test_any_number_of_shots_is_sampled(shots):
    piece = only_piece(*written_out(3))
    columns, _ = positions_of(piece, shots, np.random.default_rng(shots))
    assert run(piece, columns, shots, 0).tolist() == [column.tolist() for column in columns]


@pytest.mark.parametrize("shots", [128, 300])
def test_shots_in_several_blocks_keep_their_own_positions(monkeypatch, shots):
    monkeypatch.setattr(bit_sliced_clifford, "SHOTS_PER_BLOCK", 128)
    piece = only_piece(*written_out(3))
    columns, _ = positions_of(piece, shots, np.random.default_rng(shots))
    assert run(piece, columns, shots, 0).tolist() == [column.tolist() for column in columns]


def test_every_block_has_its_own_coins_and_noise(monkeypatch):
    monkeypatch.setattr(bit_sliced_clifford, "SHOTS_PER_BLOCK", 128)
    circuit = cirq.Circuit(cirq.H(LEFT), cirq.CNOT(LEFT, RIGHT), cirq.bit_flip(0.5)(RIGHT))
    bits = run(only_piece(circuit), [], 128 * 40, 0)
    noise = bits[0] ^ bits[1]
    for column in (bits[0], noise):
        blocks = column.reshape(40, 128)
        assert len(np.unique(blocks, axis=0)) == 40
        assert abs(column.mean() - 0.5) < 5 * np.sqrt(0.25 / column.size)
