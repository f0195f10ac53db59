from itertools import pairwise

import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.backends.simulators import factorised
from quantum_advantage.backends.simulators import laws as law_module
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.laws import (
    Laws,
    laws_of,
    sample_stim,
    sample_trajectories,
)
from quantum_advantage.backends.simulators.pieces import Piece, can_be_exact, without_flips
from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.circuits.request import Dial, Request

LINE = cirq.LineQubit.range(30)
ON = Dial("on", ("x",), ((0.0,), (1.0,)))


def chain(qubits):
    return [cirq.CNOT(a, b) for a, b in pairwise(qubits)]


def only_piece(circuit, dials=()):
    (placed,) = split(circuit + cirq.measure(*sorted(circuit.all_qubits()), key="m"), dials)
    return placed.piece


def random_circuit(qubits, seed):
    """All qubits hang together and the gates are universal."""
    rng = np.random.default_rng(seed)
    line = cirq.LineQubit.range(qubits)
    turns = [cirq.ry(rng.uniform(0, 6))(q) for q in line]
    return cirq.Circuit(turns, chain(line)) + cirq.testing.random_circuit(
        line, n_moments=12, op_density=0.8, random_state=seed
    )


def with_channels(circuit, seed):
    rng = np.random.default_rng(seed)
    channels = [
        lambda q: cirq.amplitude_damp(0.3)(q),
        lambda q: cirq.depolarize(0.2)(q),
        lambda q: cirq.phase_damp(0.4)(q),
        lambda q: cirq.bit_flip(0.1)(q),
        lambda q: cirq.reset(q),
    ]
    line = sorted(circuit.all_qubits())
    noisy = cirq.Circuit()
    for moment in circuit:
        noisy += moment
        noisy.append(channels[rng.integers(4)](line[rng.integers(len(line))]))
    noisy.insert(4, channels[4](line[0]))
    return noisy


def rotated_pairs(pairs):
    """One dial for each pair, and all pairs alike but for their qubits and symbols."""
    values = tuple((position / 7,) for position in range(5))
    dials = tuple(Dial(f"d{k}", (f"turn{k}",), values) for k in range(pairs))
    circuit = cirq.Circuit()
    for k in range(pairs):
        a, b = cirq.GridQubit.rect(1, 2, k, 0)
        circuit += cirq.Circuit((cirq.X ** sympy.Symbol(f"turn{k}"))(a), cirq.CNOT(a, b))
    circuit.append(cirq.Moment(cirq.measure(*sorted(circuit.all_qubits()), key="m")))
    return circuit, dials


def test_equal_pieces_on_other_qubits_and_symbols_are_equal():
    circuit, dials = rotated_pairs(3)
    first, *others = (placed.piece for placed in split(circuit, dials))
    assert others == [first, first]
    assert {hash(piece) for piece in others} == {hash(first)}


@pytest.mark.parametrize(
    "change",
    [
        cirq.Circuit(cirq.X(LINE[1])),
        cirq.Circuit(cirq.X(LINE[0]) ** 0.5),
        cirq.Circuit(cirq.X(LINE[0]), cirq.Z(LINE[0])),
    ],
)
def test_pieces_that_differ_are_not_equal(change):
    base = cirq.Circuit(cirq.CNOT(*LINE[:2]))
    assert only_piece(base + change) != only_piece(base + cirq.Circuit(cirq.X(LINE[0])))


def test_pieces_whose_dials_stand_for_other_values_are_not_equal():
    circuit = cirq.Circuit(cirq.X(LINE[0]) ** sympy.Symbol("x"))
    other = Dial("on", ("x",), ((0.0,), (0.5,)))
    assert only_piece(circuit, (ON,)) != only_piece(circuit, (other,))


def test_the_law_is_solved_once_for_each_distinct_piece_and_position(monkeypatch):
    pairs, shots = 12, 400
    circuit, dials = rotated_pairs(pairs)
    rng = np.random.default_rng(0)
    table = tuple(rng.integers(0, 4, shots, dtype=np.uint8) for _ in range(pairs))
    solved = []
    solve = law_module._pure_law
    monkeypatch.setattr(law_module, "_pure_law", lambda p, j: solved.append(j) or solve(p, j))
    law_module._shared_laws.cache_clear()
    factorised._shared_solvers.cache_clear()
    for seed in (1, 2):
        FactorisedSampler(seed=seed).sample_table(Request(circuit, dials, table, shots))
    assert sorted(solved) == [0, 1, 2, 3]  # the fifth position never occurs


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_law_is_that_of_the_state_vector(seed):
    circuit = random_circuit(2 + seed % 4, seed)
    state = cirq.Simulator(dtype=np.complex128).simulate(circuit).final_state_vector
    np.testing.assert_allclose(
        laws_of(only_piece(circuit)).at([0])[0], np.abs(state) ** 2, atol=2e-6
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_law_under_noise_is_that_of_the_density_matrix(seed):
    circuit = with_channels(random_circuit(2 + seed % 3, seed), seed)
    state = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(circuit)
    law = np.real(np.diag(state.final_density_matrix))
    np.testing.assert_allclose(laws_of(only_piece(circuit)).at([0])[0], law, atol=2e-6)


def turned_and_noisy(qubits, seed, sizes):
    """A random noisy circuit with a few dials, each in several gates, one gate with two dials."""
    rng = np.random.default_rng(seed)
    dials = tuple(
        Dial(
            f"d{k}",
            (f"a{k}", f"b{k}"),
            tuple((rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(size)),
        )
        for k, size in enumerate(sizes)
    )
    symbols = [sympy.Symbol(name) for dial in dials for name in dial.symbols]
    circuit = cirq.Circuit()
    for k, symbol in enumerate(symbols):
        gates = [cirq.X**symbol, cirq.Y**symbol, cirq.Z**symbol, cirq.H**symbol]
        circuit += with_channels(random_circuit(qubits, 10 * seed + k), seed + k)
        circuit.append(gates[rng.integers(4)](LINE[rng.integers(qubits)]))
        circuit.append((cirq.CZ**symbol)(*(LINE[i] for i in rng.permutation(qubits)[:2])))
    joined = cirq.PhasedXZGate(
        x_exponent=symbols[0], z_exponent=symbols[-1], axis_phase_exponent=symbols[-2]
    )
    circuit.append([joined(LINE[0]), chain(LINE[:qubits]), cirq.H.on_each(*LINE[:qubits])])
    return circuit, dials


def density_matrix_law(piece, joint):
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    line = LINE[: piece.qubits]
    state = simulator.simulate(piece.resolved(joint), qubit_order=line)
    return np.real(np.diag(state.final_density_matrix))


@pytest.mark.parametrize(("qubits", "sizes"), [(2, (3, 2, 4)), (3, (2, 3)), (4, (4,)), (3, (1, 5))])
def test_laws_under_noise_are_those_of_density_matrices_at_every_joint_position(qubits, sizes):
    circuit, dials = turned_and_noisy(qubits, 7 * qubits + len(sizes), sizes)
    piece = only_piece(circuit, dials)
    assert piece.positions == np.prod(sizes)
    laws = Laws(piece).at(range(piece.positions))
    assert laws.shape == (piece.positions, 2**qubits)
    for joint in range(piece.positions):
        np.testing.assert_allclose(laws[joint], density_matrix_law(piece, joint), atol=1e-6)
    assert np.ptp(laws, axis=0).max() > 0.01 or piece.positions == 1


@pytest.mark.parametrize("seed", range(3))
def test_positions_asked_one_by_one_or_together_agree(seed):
    circuit, dials = turned_and_noisy(3, seed, (3, 2, 2))
    piece = only_piece(circuit, dials)
    together = Laws(piece).at(range(12))
    alone = Laws(piece)
    for joint in (7, 0, 11, 7):
        np.testing.assert_allclose(alone.at([joint])[0], together[joint], atol=1e-12)
    mixed = alone.at([11, 3, 3, 0, 5])
    np.testing.assert_allclose(mixed, together[[11, 3, 3, 0, 5]], atol=1e-12)


def test_positions_that_do_not_fit_at_once_are_evolved_in_parts(monkeypatch):
    circuit, dials = turned_and_noisy(3, 1, (3, 2, 2))
    piece = only_piece(circuit, dials)
    together = Laws(piece).at(range(12))
    # Five density matrices of three qubits at a time.
    monkeypatch.setattr(law_module, "MOST_ELEMENTS", 5 * 64)
    parts, solve = [], law_module._noisy_laws
    monkeypatch.setattr(
        law_module, "_noisy_laws", lambda p, joints: parts.append(len(joints)) or solve(p, joints)
    )
    np.testing.assert_allclose(Laws(piece).at(range(12)), together, atol=1e-12)
    assert parts == [5, 5, 2]
    parts.clear()
    monkeypatch.setattr(law_module, "MOST_ELEMENTS", 1)
    np.testing.assert_allclose(Laws(piece).at([4, 9]), together[[4, 9]], atol=1e-12)
    assert parts == [1, 1]


def test_a_law_under_noise_is_solved_once_for_each_position(monkeypatch):
    circuit, dials = turned_and_noisy(2, 3, (3, 2))
    laws, solved, solve = Laws(only_piece(circuit, dials)), [], law_module._noisy_laws
    monkeypatch.setattr(
        law_module, "_noisy_laws", lambda p, joints: solved.extend(joints) or solve(p, joints)
    )
    for joints in ([0, 3, 3, 0], [3, 5], [5, 0, 1]):
        assert laws.at(joints).shape == (len(joints), 4)
    assert solved == [0, 3, 5, 1]


def test_laws_are_probabilities_and_cannot_be_changed():
    circuit, dials = turned_and_noisy(3, 2, (3, 2))
    laws = Laws(only_piece(circuit, dials))
    found = laws.at(range(6))
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    found[:] = 7.0
    assert (laws.at(range(6)) <= 1).all()


def test_equal_pieces_share_their_laws_and_pieces_without_a_hash_do_not():
    circuit, dials = rotated_pairs(2)
    first, second = (placed.piece for placed in split(circuit, dials))
    assert laws_of(first) is laws_of(second)
    given = cirq.KrausChannel([np.sqrt(0.9) * np.eye(2), np.sqrt(0.1) * cirq.unitary(cirq.X)])
    piece = only_piece(cirq.Circuit(given(LINE[0])))
    assert not piece.hashable
    assert laws_of(piece) is not laws_of(piece)
    np.testing.assert_allclose(laws_of(piece).at([0]), [[0.9, 0.1]], atol=1e-12)


def test_the_last_dial_of_a_piece_counts_fastest():
    dials = (
        Dial("slow", ("a",), ((0.0,), (1.0,))),
        Dial("fast", ("b",), ((0.0,), (1.0,), (0.0,))),
    )
    circuit = cirq.Circuit(
        cirq.X(LINE[0]) ** sympy.Symbol("a"),
        cirq.X(LINE[1]) ** sympy.Symbol("b"),
        cirq.CZ(*LINE[:2]),
    )
    piece = only_piece(circuit, dials)
    outcomes = [int(np.argmax(laws_of(piece).at([joint]))) for joint in range(6)]
    assert outcomes == [0b00, 0b01, 0b00, 0b10, 0b11, 0b10]


def test_idle_qubits_and_empty_circuits_have_a_law():
    (placed,) = split(cirq.Circuit(cirq.measure(LINE[0], key="m")), ())
    assert laws_of(placed.piece).at([0])[0].tolist() == [1.0, 0.0]


def test_impossible_outcomes_have_probability_zero():
    circuit = cirq.Circuit(cirq.H(LINE[0]), chain(LINE[:4]))
    law = laws_of(only_piece(circuit)).at([0])[0]
    assert np.flatnonzero(law).tolist() == [0, 15]


@pytest.mark.parametrize("simulator", ["qsim", "stim"])
def test_inverted_bits_come_out_inverted(simulator):
    circuit = cirq.Circuit(
        cirq.X(LINE[0]),
        cirq.CNOT(LINE[0], LINE[1]),
        cirq.measure(*LINE[:3], key="m", invert_mask=(False, True, True)),
    )
    result = FactorisedSampler(simulator, seed=1).run(circuit, repetitions=3)
    assert result.measurements["m"].tolist() == [[1, 0, 1]] * 3


def test_stim_refuses_a_gate_that_is_not_clifford():
    piece = only_piece(cirq.Circuit(cirq.H(LINE[0]), cirq.T(LINE[0])))
    with pytest.raises(ValueError, match="stim runs Clifford circuits with Pauli noise only"):
        sample_stim(piece, 0, 10, np.random.default_rng(0))


def test_stim_refuses_noise_that_is_not_pauli():
    piece = only_piece(cirq.Circuit(cirq.X(LINE[0]), cirq.amplitude_damp(0.5)(LINE[0])))
    with pytest.raises(ValueError, match="stim runs Clifford circuits with Pauli noise only"):
        sample_stim(piece, 0, 10, np.random.default_rng(0))


def test_stim_samples_the_position_that_is_asked_for():
    circuit = cirq.Circuit(cirq.X(LINE[0]) ** sympy.Symbol("x"), cirq.CNOT(LINE[0], LINE[1]))
    piece = only_piece(circuit, (ON,))
    for position in (0, 1):
        bits = sample_stim(piece, position, 5, np.random.default_rng(0))
        assert bits.tolist() == [[position, position]] * 5


def test_more_qubits_than_a_state_vector_holds_are_refused():
    piece = only_piece(cirq.Circuit(cirq.H(LINE[0]), chain(LINE[:29])))
    with pytest.raises(ValueError, match="29 entangled qubits exceeds the 28 qubits"):
        laws_of(piece).at([0])


@pytest.mark.parametrize(
    ("qubits", "noisy", "exact"),
    [(8, True, True), (9, True, False), (9, False, True), (28, False, True)],
)
def test_noise_limits_what_is_exact(qubits, noisy, exact):
    circuit = cirq.Circuit(chain(LINE[:qubits]))
    if noisy:
        circuit.append(cirq.depolarize(0.1)(LINE[0]))
    assert can_be_exact(only_piece(circuit)) is exact


def test_a_parametrised_gate_does_not_count_as_noise():
    circuit = cirq.Circuit(chain(LINE[:9]), cirq.X(LINE[0]) ** sympy.Symbol("x"))
    assert can_be_exact(only_piece(circuit, (ON,)))


def forgetful(losses):
    """Returns what prepares a sampler that loses a sample in so many of its first runs."""
    left = [losses]

    def sample(repetitions, seed):
        missing = left[0] > 0
        left[0] -= 1
        return np.ones((repetitions - missing, 3), dtype=np.uint8)

    return lambda piece, joint: sample


def test_a_run_that_lost_a_sample_is_repeated(monkeypatch):
    monkeypatch.setattr(law_module, "_prepared", forgetful(3))
    piece = only_piece(cirq.Circuit(chain(LINE[:3])))
    assert sample_trajectories(piece, 0, 7, np.random.default_rng(0)).shape == (7, 3)


def test_a_simulator_that_keeps_losing_samples_is_reported(monkeypatch):
    monkeypatch.setattr(law_module, "_prepared", forgetful(1000))
    piece = only_piece(cirq.Circuit(chain(LINE[:3])))
    with pytest.raises(ValueError, match="returned 6 of 7 samples"):
        sample_trajectories(piece, 0, 7, np.random.default_rng(0))


def test_samples_that_qsim_leaves_out_are_drawn_again(monkeypatch):
    piece = only_piece(cirq.Circuit(chain(LINE[:3]), cirq.bit_flip(0.5)(LINE[0])))
    draw = law_module.qsimcirq.qsim.qtrajectory_sample
    calls = []

    def sometimes(options):
        calls.append(options)
        return [] if len(calls) == 2 else draw(options)

    monkeypatch.setattr(law_module.qsimcirq.qsim, "qtrajectory_sample", sometimes)
    assert sample_trajectories(piece, 0, 5, np.random.default_rng(0)).shape == (5, 3)
    assert len(calls) == 10


def test_last_flips_of_every_qubit_are_taken_off_and_joined():
    flip = cirq.bit_flip
    steps = (
        (flip(0.5), (0,)),
        (cirq.H, (0,)),
        (cirq.CNOT, (0, 1)),
        (flip(0.1), (0,)),
        (flip(0.2), (1,)),
        (flip(0.3), (0,)),
        (cirq.X, (1,)),
    )
    stripped, flips = without_flips(Piece(3, steps, ()))
    assert stripped.steps == (*steps[:3], steps[4], steps[6])
    assert flips == pytest.approx([0.1 * 0.7 + 0.9 * 0.3, 0, 0])


# Resets.


def with_resets(kind):
    a, b, c = LINE[:3]
    turn = cirq.ry(0.8)
    return {
        # What was entangled with the past of a is still there.
        "remembered": [turn(a), cirq.CNOT(a, b), cirq.reset(a), cirq.ry(0.3)(a)],
        # Past and future of a are joined by b.
        "joined": [turn(a), cirq.CNOT(a, b), cirq.reset(a), cirq.ry(0.3)(a), cirq.CNOT(b, a)],
        # The first and the last of three are joined, the second is not.
        "around": [
            *(turn(a), cirq.CNOT(a, b), cirq.reset(a), cirq.ry(1.1)(a), cirq.CNOT(a, c)),
            *(cirq.reset(a), cirq.ry(0.3)(a), cirq.CNOT(b, a)),
        ],
        "last": [turn(a), cirq.CNOT(a, b), turn(c), cirq.reset(a), cirq.reset(c)],
        "twice": [cirq.X(a), cirq.reset(a), cirq.reset(a), cirq.CNOT(a, b), turn(c)],
    }[kind]


@pytest.mark.parametrize("noise", [None, cirq.ConstantQubitNoiseModel(cirq.bit_flip(0.1))])
@pytest.mark.parametrize("kind", ["remembered", "joined", "around", "last", "twice"])
def test_circuits_with_resets_have_the_law_of_the_density_matrix(kind, noise, p_of_law):
    circuit = cirq.Circuit(with_resets(kind), [cirq.I(q) for q in LINE[:3]])
    whole = circuit if noise is None else circuit.with_noise(noise)
    state = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(whole)
    law = np.real(np.diag(state.final_density_matrix))
    sampler = FactorisedSampler(seed=3)
    result = sampler.run(whole + cirq.measure(*LINE[:3], key="m"), repetitions=4000)
    numbers = result.measurements["m"] @ [4, 2, 1]
    assert p_of_law(np.bincount(numbers, minlength=8), law) > 1e-4
