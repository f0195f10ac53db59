import dataclasses
from itertools import pairwise

import cirq
import numpy as np
import pytest
import sympy
from scipy import stats

from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.backends.simulators.noise import LocalNoise
from quantum_advantage.circuits.request import Dial, DialSampler, Request, resolver_values
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import unpack_bits
from quantum_advantage.core.pauli import LETTERS
from quantum_advantage.core.usage import UsageError
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change
from quantum_advantage.measurements.stabiliser import random_bases, stabiliser_basis_change
from quantum_advantage.systems.hidden_pauli import HiddenPauli
from quantum_advantage.tasks.observables.protocols import Bell, RandomClifford

LINE = cirq.LineQubit.range(40)
FLIP = ((0.0,), (1.0,))
SIMULATORS = ("qsim", "stim")


def numbers(bits):
    """(shots, qubits) bits as one number for each shot, the first qubit the most significant."""
    return bits.astype(np.int64) @ (1 << np.arange(bits.shape[1] - 1, -1, -1))


def universal_circuit(qubits, seed):
    rng = np.random.default_rng(seed)
    line = LINE[:qubits]
    circuit = cirq.Circuit()
    for _ in range(3):
        circuit.append((cirq.X ** rng.uniform(0, 2))(q) for q in line)
        circuit.append((cirq.Z ** rng.uniform(0, 2))(q) for q in line)
        circuit.append((cirq.CZ ** rng.uniform(0.3, 0.9))(a, b) for a, b in pairwise(line))
    circuit.append((cirq.X ** rng.uniform(0, 2))(q) for q in line)
    return circuit


def law_of(circuit, resolver=None):
    state = cirq.Simulator(dtype=np.complex128).simulate(circuit, resolver).final_state_vector
    return np.abs(state) ** 2


def written_out(qubits, keys):
    """One dial for each qubit, which says what is measured there; ``keys`` names the groups."""
    dials = tuple(Dial(f"d{i}", (f"s{i}",), FLIP) for i in range(qubits))
    circuit = cirq.Circuit(cirq.X(LINE[i]) ** sympy.Symbol(f"s{i}") for i in range(qubits))
    circuit.append(
        cirq.Moment(cirq.measure(*(LINE[i] for i in who), key=key) for key, who in keys.items())
    )
    return circuit, dials


def test_it_is_a_cirq_sampler_that_understands_dials():
    sampler = FactorisedSampler()
    assert isinstance(sampler, cirq.Sampler)
    assert isinstance(sampler, DialSampler)


@pytest.mark.parametrize("seed", range(3))
def test_run_draws_from_the_law_of_an_ordinary_circuit(seed, p_of_law):
    circuit = universal_circuit(3, seed)
    result = FactorisedSampler(seed=seed).run(
        circuit + cirq.measure(*LINE[:3], key="m"), repetitions=20_000
    )
    counts = np.bincount(numbers(result.measurements["m"]), minlength=8)
    assert p_of_law(counts, law_of(circuit)) > 1e-4


def test_run_agrees_with_the_simulator_of_cirq_on_several_keys(p_of_two):
    circuit = cirq.Circuit(
        universal_circuit(3, 5),
        cirq.ry(0.7)(LINE[3]),
        cirq.measure(LINE[2], LINE[3], key="b"),
        cirq.measure(LINE[1], LINE[0], key="a"),
    )
    rows = []
    for sampler in (FactorisedSampler(seed=1), cirq.Simulator(seed=2)):
        result = sampler.run(circuit, repetitions=5000)
        rows.append(np.concatenate([result.measurements[key] for key in "ab"], axis=1))
    assert p_of_two(*rows) > 1e-4


def test_run_sweep_gives_every_parameter_set_its_own_law(p_of_law):
    a, b = sympy.symbols("a b")
    circuit = cirq.Circuit((cirq.X**a)(LINE[0]), cirq.CNOT(*LINE[:2]), (cirq.Y ** (a * b))(LINE[1]))
    sweep = cirq.Zip(cirq.Points("a", [0.3, 0.5, 0.8]), cirq.Points("b", [1.0, 0.4, -0.6]))
    results = FactorisedSampler(seed=3).run_sweep(
        circuit + cirq.measure(*LINE[:2], key="m"), sweep, repetitions=8000
    )
    assert [result.params for result in results] == list(sweep)
    for result, resolver in zip(results, sweep, strict=True):
        counts = np.bincount(numbers(result.measurements["m"]), minlength=4)
        assert p_of_law(counts, law_of(circuit, resolver)) > 1e-4


def test_sample_gives_a_table_with_one_row_for_each_repetition():
    circuit = cirq.Circuit(cirq.X(LINE[0]), cirq.measure(*LINE[:2], key="m"))
    table = FactorisedSampler(seed=1).sample(circuit, repetitions=3)
    assert table["m"].tolist() == [0b10] * 3


def test_sample_gives_every_parameter_set_its_own_rows():
    circuit = cirq.Circuit((cirq.X ** sympy.Symbol("x"))(LINE[0]), cirq.measure(*LINE[:2], key="m"))
    table = FactorisedSampler(seed=1).sample(
        circuit, repetitions=3, params=[{"x": 0.0}, {"x": 1.0}]
    )
    assert table["m"].tolist() == [0, 0, 0, 0b10, 0b10, 0b10]
    assert table["x"].tolist() == [0.0] * 3 + [1.0] * 3


def test_a_circuit_without_measurement_is_refused():
    with pytest.raises(ValueError, match="must measure"):
        FactorisedSampler().run(cirq.Circuit(cirq.X(LINE[0])))


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_dials_are_obeyed_row_by_row(simulator):
    shots, rng = 1000, np.random.default_rng(1)
    circuit, dials = written_out(4, {"first": [2, 0], "second": [1, 3]})
    table = tuple(rng.integers(0, 2, shots, dtype=np.uint8) for _ in dials)
    bits = FactorisedSampler(simulator, seed=2).sample_table(Request(circuit, dials, table, shots))
    first, second = unpack_bits(bits["first"], 2), unpack_bits(bits["second"], 2)
    np.testing.assert_array_equal(first, np.stack([table[2], table[0]], axis=1))
    np.testing.assert_array_equal(second, np.stack([table[1], table[3]], axis=1))


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_dials_of_an_entangled_piece_are_obeyed_row_by_row(simulator):
    """More than 256 joint positions: the piece is sampled bit by bit of its dials."""
    shots, qubits, rng = 1000, 9, np.random.default_rng(1)
    circuit, dials = written_out(qubits, {"m": list(range(qubits))})
    tied = cirq.Circuit(cirq.CNOT(a, b) for a, b in pairwise(LINE[:qubits]))
    circuit = circuit[:1] + tied + cirq.inverse(tied) + circuit[1:]
    table = tuple(rng.integers(0, 2, shots, dtype=np.uint8) for _ in dials)
    bits = FactorisedSampler(simulator, seed=2).sample_table(Request(circuit, dials, table, shots))
    np.testing.assert_array_equal(unpack_bits(bits["m"], qubits), np.stack(table, axis=1))


def test_many_positions_of_a_circuit_that_is_not_clifford_are_obeyed(p_of_law):
    """300 positions of one dial, each with its own chance, counted together."""
    positions, shots = 300, 60_000
    dial = Dial("angle", ("t",), tuple((k / positions,) for k in range(positions)))
    circuit = cirq.Circuit((cirq.X ** sympy.Symbol("t"))(LINE[0]), cirq.measure(LINE[0], key="m"))
    column = np.random.default_rng(0).integers(0, positions, shots, dtype=np.uint16)
    bits = FactorisedSampler(seed=1).sample_table(Request(circuit, (dial,), (column,), shots))
    chances = np.sin(np.pi / 2 * np.arange(positions) / positions) ** 2
    seen = np.bincount(column, minlength=positions) / shots
    law = np.stack([(1 - chances) * seen, chances * seen])
    counts = [np.bincount(column[bits["m"][:, 0] == k], minlength=positions) for k in (0, 1)]
    assert p_of_law(counts, law) > 1e-4


def one_system(text, sign, alpha, seed):
    letters = np.array([[LETTERS.index(letter) for letter in text]], dtype=np.uint8)
    return HiddenPauli(
        letters, np.array([sign], dtype=np.int8), np.array([alpha]), np.random.default_rng(seed)
    )


def every_sampler():
    return {
        "qsim": FactorisedSampler("qsim", seed=11),
        "stim": FactorisedSampler("stim", seed=12),
        "cirq": cirq.Simulator(seed=13),
    }


@pytest.mark.parametrize("name", every_sampler())
@pytest.mark.parametrize("text", ["XY", "ZI", "IY"])
def test_bell_outcomes_of_a_hidden_state_follow_its_density_matrix(name, text, p_of_law):
    shots = 6000
    state = one_system(text, -1, 0.7, 1)
    request = Bell().request(state, shots, np.random.default_rng(0))
    (record,) = run([request], every_sampler()[name])
    rows = [unpack_bits(record.bits[key], 2) for key in (SYSTEM, MEMORY)]
    counts = np.bincount(numbers(np.concatenate(rows, axis=1)), minlength=16)
    change = cirq.Circuit(bell_basis_change(LINE[:2], LINE[2:4])).unitary(LINE[:4])
    rho = state.density_matrix(0)
    law = np.real(np.diag(change @ np.kron(rho, rho) @ change.conj().T)).clip(0)
    assert p_of_law(counts, law) > 1e-4


@pytest.mark.parametrize("name", every_sampler())
@pytest.mark.parametrize("text", ["XY", "YZX", "IYZ"])
def test_stabiliser_outcomes_of_a_hidden_state_follow_its_density_matrix(name, text, p_of_law):
    """Six random bases, so that every outcome is seen often also where parameters are swept."""
    n, shots, kinds, rng = len(text), 3600, 6, np.random.default_rng(4)
    state = one_system(text, 1, 0.8, 2)
    request = RandomClifford().request(state, shots, rng)
    basis = rng.integers(0, kinds, shots)
    chosen = [column[basis] for column in random_bases(n, kinds, rng)]
    request = dataclasses.replace(request, table=request.table[:n] + tuple(chosen))
    (record,) = run([request], every_sampler()[name])
    outcome = numbers(unpack_bits(record.bits[SYSTEM], n))
    counts = np.bincount(basis * 2**n + outcome, minlength=kinds * 2**n)
    rho, laws = state.density_matrix(0), []
    for kind in range(kinds):
        shot = int(np.flatnonzero(basis == kind)[0])
        change = cirq.resolve_parameters(
            cirq.Circuit(stabiliser_basis_change(LINE[:n])), resolver_values(request, shot)
        ).unitary(LINE[:n])
        laws.append(np.real(np.diag(change @ rho @ change.conj().T)).clip(0))
    weights = np.bincount(basis, minlength=kinds)[:, None] / shots
    assert p_of_law(counts, np.stack(laws) * weights) > 1e-4


@pytest.mark.parametrize("protocol", [Bell(), RandomClifford()], ids=["bell", "stabiliser"])
def test_the_samplers_agree_with_each_other(protocol, p_of_two):
    rows = {}
    for k, (name, sampler) in enumerate(every_sampler().items()):
        request = protocol.request(one_system("XZ", 1, 0.9, k), 4000, np.random.default_rng(k))
        (record,) = run([request], sampler)
        columns = [*record.settings.values(), *(words[:, 0] for words in record.bits.values())]
        rows[name] = np.stack([column.astype(np.int64) for column in columns], axis=1)
    assert p_of_two(rows["qsim"], rows["cirq"]) > 1e-4
    assert p_of_two(rows["stim"], rows["cirq"]) > 1e-4
    assert p_of_two(rows["qsim"], rows["stim"]) > 1e-4


def coins(simulator, seed, repetitions=200):
    circuit = cirq.Circuit(cirq.H(LINE[0]), cirq.CNOT(LINE[0], LINE[1]), cirq.H(LINE[2]))
    circuit.append(cirq.measure(*LINE[:3], key="m"))
    result = FactorisedSampler(simulator, seed=seed).run(circuit, repetitions=repetitions)
    return result.measurements["m"].tolist()


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_the_seed_decides_every_bit(simulator):
    assert coins(simulator, 7) == coins(simulator, 7)
    assert coins(simulator, 7) != coins(simulator, 8)


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_a_generator_is_as_good_as_a_seed(simulator):
    assert coins(simulator, np.random.default_rng(7)) == coins(simulator, 7)


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_a_sampler_that_runs_twice_throws_fresh_coins(simulator):
    circuit = cirq.Circuit(cirq.H(LINE[0]), cirq.measure(LINE[0], key="m"))
    sampler = FactorisedSampler(simulator, seed=1)
    first, second = (sampler.run(circuit, repetitions=200).measurements["m"] for _ in range(2))
    assert (first != second).any()


def test_an_entangled_piece_of_five_qubits_follows_its_law(p_of_law):
    circuit = universal_circuit(5, 9)
    result = FactorisedSampler(seed=1).run(
        circuit + cirq.measure(*LINE[:5], key="m"), repetitions=30_000
    )
    counts = np.bincount(numbers(result.measurements["m"]), minlength=32)
    assert p_of_law(counts, law_of(circuit)) > 1e-4


@pytest.mark.parametrize("qubits", [3, 5])
def test_noise_that_is_not_pauli_follows_the_density_matrix(qubits, p_of_law):
    circuit = universal_circuit(qubits, 2)
    circuit.append(cirq.amplitude_damp(0.4).on_each(*LINE[:qubits]))
    circuit.append(cirq.CNOT(a, b) for a, b in pairwise(LINE[:qubits]))
    state = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(circuit)
    law = np.real(np.diag(state.final_density_matrix)).clip(0)
    result = FactorisedSampler(seed=5).run(
        circuit + cirq.measure(*LINE[:qubits], key="m"), repetitions=20_000
    )
    counts = np.bincount(numbers(result.measurements["m"]), minlength=2**qubits)
    assert p_of_law(counts, law) > 1e-4


def test_a_noise_model_is_put_into_the_circuit_once():
    shots, chance = 20_000, 0.2
    circuit = cirq.Circuit(cirq.X(LINE[0]), cirq.measure(LINE[0], key="m"))
    sampler = FactorisedSampler(noise=LocalNoise(0.0, chance), seed=1)
    for _ in range(2):  # also when the same circuit comes again
        bits = sampler.run(circuit, repetitions=shots).measurements["m"]
        assert abs(1 - bits.mean() - chance) < 5 * np.sqrt(chance * (1 - chance) / shots)


def test_trajectories_of_nine_noisy_qubits_have_the_exact_marginals(p_of_law):
    qubits, shots = 9, 4000
    circuit = universal_circuit(qubits, 3)
    circuit.append(cirq.amplitude_damp(0.5).on_each(*LINE[:qubits:2]))
    circuit.append(cirq.depolarize(0.3).on_each(*LINE[1:qubits:2]))
    circuit.append(cirq.CNOT(a, b) for a, b in pairwise(LINE[:qubits]))
    result = FactorisedSampler(seed=2).run(
        circuit + cirq.measure(*LINE[:qubits], key="m"), repetitions=shots
    )
    bits = result.measurements["m"]
    state = cirq.DensityMatrixSimulator().simulate(circuit).final_density_matrix
    law = np.real(np.diag(state)).clip(0).reshape((2,) * qubits)
    for a in range(qubits - 1):
        others = tuple(q for q in range(qubits) if q not in (a, a + 1))
        counts = np.bincount(numbers(bits[:, a : a + 2]), minlength=4)
        assert p_of_law(counts, law.sum(axis=others)) > 1e-4


@pytest.mark.parametrize("simulator", SIMULATORS)
@pytest.mark.parametrize("pairs", [20, 100])
def test_one_key_over_many_pieces_puts_every_bit_in_its_place(simulator, pairs):
    """Every pair is a fair coin and its copy, flipped where a dial says so."""
    shots, rng = 2000, np.random.default_rng(3)
    left, right = cirq.GridQubit.rect(1, pairs, 0), cirq.GridQubit.rect(1, pairs, 1)
    dials = tuple(Dial(f"d{k}", (f"s{k}",), FLIP) for k in range(pairs))
    circuit = cirq.Circuit(cirq.H.on_each(*left), map(cirq.CNOT, left, right))
    circuit.append((cirq.X ** sympy.Symbol(f"s{k}"))(right[k]) for k in range(pairs))
    circuit.append(cirq.Moment(cirq.measure(*left, *reversed(right), key="m")))
    table = tuple(rng.integers(0, 2, shots, dtype=np.uint8) for _ in range(pairs))
    bits = FactorisedSampler(simulator, seed=4).sample_table(Request(circuit, dials, table, shots))
    assert bits["m"].shape == (shots, -(-2 * pairs // 64))
    unpacked = unpack_bits(bits["m"], 2 * pairs)
    coin, copy = unpacked[:, :pairs], unpacked[:, : pairs - 1 : -1]
    np.testing.assert_array_equal(coin ^ copy, np.stack(table, axis=1))
    assert np.abs(coin.mean(axis=0) - 0.5).max() < 5 * np.sqrt(0.25 / shots)
    together = np.corrcoef(coin.T)[np.triu_indices(pairs, 1)]
    assert np.abs(together).max() < 5 / np.sqrt(shots)


def test_probabilities_of_one_in_a_thousand_are_kept():
    shots, chance = 200_000, 1e-3
    circuit = cirq.Circuit(
        cirq.ry(2 * np.arcsin(np.sqrt(chance)))(LINE[0]), cirq.measure(LINE[0], key="m")
    )
    bits = FactorisedSampler(seed=1).run(circuit, repetitions=shots).measurements["m"]
    assert abs(bits.mean() - chance) < 5 * np.sqrt(chance / shots)


def test_stim_refuses_a_circuit_that_is_not_clifford():
    circuit = cirq.Circuit(cirq.T(LINE[0]), cirq.measure(LINE[0], key="m"))
    with pytest.raises(ValueError, match="Clifford circuits with Pauli noise only"):
        FactorisedSampler("stim", seed=1).run(circuit)


def test_a_shallow_piece_beyond_a_state_vector_is_a_chain_of_tensors():
    """A GHZ state of 30 qubits, a few of them flipped: all bits agree but for the flips."""
    circuit = cirq.Circuit(cirq.H(LINE[0]), (cirq.CNOT(a, b) for a, b in pairwise(LINE[:30])))
    circuit.append(cirq.X(q) for q in LINE[3:30:7])
    circuit.append(cirq.measure(*LINE[:30], key="m"))
    outcomes = FactorisedSampler(seed=4).run(circuit, repetitions=400).measurements["m"]
    flips = np.array([i in range(3, 30, 7) for i in range(30)])
    first = outcomes[:, :1]
    assert (outcomes ^ flips == first).all()
    assert abs(first.mean() - 0.5) < 5 * 0.5 / np.sqrt(400)


def test_a_piece_that_is_too_large_is_refused():
    circuit = cirq.Circuit(cirq.CNOT(LINE[0], b) for b in LINE[1:30])
    circuit.append(cirq.measure(*LINE[:30], key="m"))
    with pytest.raises(ValueError, match=r"30 entangled qubits .* as a chain of tensors: .*open"):
        FactorisedSampler(seed=1).run(circuit)


def flip_circuit():
    return cirq.Circuit((cirq.X ** sympy.Symbol("x"))(LINE[0]), cirq.measure(LINE[0], key="m"))


def test_a_second_sweep_of_the_same_circuit_has_its_own_parameters():
    sampler, circuit = FactorisedSampler(seed=1), flip_circuit()
    bits = [sampler.run(circuit, {"x": x}).measurements["m"][0, 0] for x in (0.0, 1.0)]
    assert bits == [0, 1]


def test_a_second_request_with_other_dials_has_its_own_positions():
    sampler, circuit = FactorisedSampler(seed=1), flip_circuit()
    bits = []
    for values in (((0.0,), (1.0,)), ((1.0,), (0.0,))):
        column = np.zeros(1, dtype=np.uint8)
        request = Request(circuit, (Dial("d", ("x",), values),), (column,), 1)
        bits.append(int(sampler.sample_table(request)["m"][0, 0]))
    assert bits == [0, 1]


def test_a_circuit_that_was_changed_is_split_anew():
    sampler = FactorisedSampler(seed=1)
    circuit = cirq.Circuit(cirq.X(LINE[0]), cirq.measure(LINE[0], key="m"))
    before = sampler.run(circuit).measurements["m"][0, 0]
    circuit.insert(0, cirq.X(LINE[0]))
    assert [before, sampler.run(circuit).measurements["m"][0, 0]] == [1, 0]


def test_a_dial_with_one_position_and_one_with_256_go_together():
    dials = (
        Dial("fixed", ("x",), ((1.0,),)),
        Dial("many", ("y",), tuple((float(k % 2),) for k in range(256))),
    )
    circuit = cirq.Circuit((cirq.X ** sympy.Symbol("x"))(LINE[0]))
    circuit.append((cirq.X ** sympy.Symbol("y"))(LINE[0]))
    circuit.append(cirq.measure(LINE[0], key="m"))
    table = (np.zeros(4, dtype=np.uint8), np.arange(4, dtype=np.uint8))
    bits = FactorisedSampler(seed=1).sample_table(Request(circuit, dials, table, 4))
    assert bits["m"].ravel().tolist() == [1, 0, 1, 0]


def test_a_channel_given_by_matrices_is_sampled():
    flip = cirq.KrausChannel([cirq.unitary(cirq.X)])
    circuit = cirq.Circuit(flip(LINE[0]), cirq.measure(LINE[0], key="m"))
    assert FactorisedSampler(seed=1).run(circuit).measurements["m"].tolist() == [[1]]


UNFAITHFUL = {
    "confusion map": cirq.Circuit(
        cirq.measure(LINE[0], key="m", confusion_map={(0,): np.array([[0.0, 1.0], [0.0, 1.0]])})
    ),
    "classical control": cirq.Circuit(
        cirq.measure(LINE[0], key="c"),
        cirq.X(LINE[1]).with_classical_controls("c"),
        cirq.measure(LINE[1], key="m"),
    ),
    "repeated key": cirq.Circuit(
        cirq.X(LINE[0]), cirq.measure(LINE[0], key="m"), cirq.measure(LINE[1], key="m")
    ),
}


@pytest.mark.parametrize("circuit", UNFAITHFUL.values(), ids=UNFAITHFUL)
def test_what_cannot_be_run_faithfully_is_refused(circuit):
    with pytest.raises(ValueError, match=r".+"):
        FactorisedSampler(seed=1).run(circuit)


# Readout flips of pure pieces.


@pytest.mark.parametrize("entangled_before", [False, True])
def test_flips_before_the_readout_have_the_law_of_the_density_matrix(entangled_before):
    """Two halves of three qubits: prepared apart, or one entangled piece."""
    rng = np.random.default_rng(12)
    a, b = LINE[:3], LINE[3:6]
    halves = [
        cirq.testing.random_circuit(half, n_moments=6, op_density=1.0, random_state=5)
        for half in (a, b)
    ]
    circuit = cirq.Circuit(halves, [cirq.CZ(a[0], b[2])] * entangled_before)
    circuit += cirq.Circuit(bell_basis_change(a, b))
    noisy = circuit + cirq.Moment(cirq.bit_flip(0.1).on_each(*a, *b))
    law = np.diag(cirq.final_density_matrix(noisy, qubit_order=[*a, *b])).real
    circuit.append(cirq.measure(*a, *b, key="m"))
    sampler = FactorisedSampler("qsim", LocalNoise(0.0, 0.1), rng)
    bits = sampler.run(circuit, repetitions=20_000).measurements["m"]
    counts = np.bincount(bits @ 2 ** np.arange(5, -1, -1), minlength=64)
    expected = 20_000 * law
    small = expected < 5
    observed = np.append(counts[~small], counts[small].sum())
    expected = np.append(expected[~small], expected[small].sum())
    kept = expected > 0
    statistic = ((observed - expected)[kept] ** 2 / expected[kept]).sum()
    assert stats.chi2.sf(statistic, kept.sum() - 1) > 1e-4


def test_flips_let_large_pure_pieces_keep_their_short_cuts():
    """40 qubits: impossible for trajectories, easy for a chain of tensors."""
    circuit = cirq.Circuit(cirq.H(LINE[0]), (cirq.CNOT(a, b) for a, b in pairwise(LINE)))
    circuit.append(cirq.measure(*LINE, key="m"))
    sampler = FactorisedSampler("qsim", LocalNoise(0.0, 0.05), 3)
    bits = sampler.run(circuit, repetitions=500).measurements["m"]
    majority = bits.mean(axis=1) > 0.5
    flipped = (bits != majority[:, None]).mean()
    assert abs(flipped - 0.05) < 5 * np.sqrt(0.05 * 0.95 / bits.size)


# What is asked of it.

Q, R = LINE[:2]
MEASURED = cirq.Circuit(cirq.X(Q), cirq.measure(Q, key="m"))
REFUSED = {
    "no circuit": ([cirq.X(Q), cirq.measure(Q, key="m")], "must be a cirq.Circuit, not a list"),
    "an operation": (cirq.measure(Q, key="m"), "must be a cirq.Circuit, not a cirq.ops"),
    "nothing": (None, "must be a cirq.Circuit, not a NoneType"),
    "empty": (cirq.Circuit(), "must measure at least one qubit"),
    "unmeasured": (cirq.Circuit(cirq.X(Q)), "must measure at least one qubit"),
    "a key twice": (MEASURED + cirq.measure(R, key="m"), "every key once, but 'm' comes twice"),
    "a qubit twice": (MEASURED + cirq.measure(Q, key="n"), "every qubit at most once, at its end"),
    "a Pauli string": (
        cirq.Circuit(cirq.measure_single_paulistring(-cirq.X(Q) * cirq.Z(R), key="m")),
        "by cirq.measure, not by a cirq.ops.pauli_measurement_gate.PauliMeasurementGate on q",
    ),
    "an operation of a circuit": (
        cirq.Circuit(cirq.CircuitOperation(MEASURED.freeze())),
        "by cirq.measure, not by a cirq.circuits.circuit_operation.CircuitOperation on q",
    ),
    "a qutrit": (cirq.Circuit(cirq.measure(cirq.LineQid(0, 3), key="m")), "by cirq.measure, not"),
    "a controlled gate": (
        MEASURED + cirq.Circuit(cirq.X(R).with_classical_controls("m"), cirq.measure(R, key="n")),
        "without classical controls",
    ),
    "a confused readout": (
        cirq.Circuit(cirq.measure(Q, key="m", confusion_map={(0,): np.eye(2)[::-1]})),
        "must have no confusion map",
    ),
}


@pytest.mark.parametrize(("circuit", "message"), REFUSED.values(), ids=REFUSED)
def test_a_circuit_whose_outcomes_would_be_others_is_refused(circuit, message):
    with pytest.raises(UsageError) as caught:
        FactorisedSampler(seed=1).run_sweep(circuit, None, 3)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_inverted_outcomes_and_global_phases_are_as_in_cirq():
    circuit = cirq.Circuit(
        cirq.global_phase_operation(1j), cirq.X(Q), cirq.measure(Q, R, key="m", invert_mask=(True,))
    )
    for sampler in (cirq.Simulator(), FactorisedSampler(seed=1)):
        assert sampler.run(circuit, repetitions=3).measurements["m"].tolist() == [[0, 0]] * 3


@pytest.mark.parametrize("repetitions", [0, -1, 2.5, True, None, "3", [3], np.nan])
def test_repetitions_are_a_whole_number(repetitions):
    with pytest.raises(UsageError, match=r"^repetitions must be "):
        FactorisedSampler(seed=1).run_sweep(MEASURED, None, repetitions)


@pytest.mark.parametrize("repetitions", [3, 3.0, np.int64(3)])
def test_repetitions_may_be_any_whole_number(repetitions):
    (result,) = FactorisedSampler(seed=1).run_sweep(MEASURED, None, repetitions)
    assert result.measurements["m"].tolist() == [[1]] * 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"simulator": "cirq"}, "simulator must be qsim or stim, not 'cirq'"),
        ({"simulator": None}, "simulator must be qsim or stim, not None"),
        ({"noise": "depolarize"}, "noise must be a cirq.NoiseModel or None, not a str"),
        ({"noise": 0.1}, "noise must be a cirq.NoiseModel or None, not a float"),
        ({"noise": [cirq.bit_flip(0.1)]}, "noise must be a cirq.NoiseModel or None, not a list"),
        ({"noise": cirq.ConstantQubitNoiseModel}, "noise must be a cirq.NoiseModel or None"),
        ({"seed": "1"}, "seed must be a whole number"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"seed": True}, "seed must be a whole number"),
        ({"seed": np.random.RandomState(1)}, "seed must be a whole number"),
    ],
)
def test_arguments_of_the_sampler_are_checked(options, message):
    with pytest.raises(UsageError, match=message):
        FactorisedSampler(**options)


@pytest.mark.parametrize("qubits", [1, 8, 9, 64, 65, 130])
def test_bits_of_a_key_stand_in_the_order_of_its_qubits(qubits):
    """Octets and words that are full, and a last one that is not; some bits inverted."""
    line = cirq.LineQubit.range(qubits)[::-1]
    ones = np.random.default_rng(qubits).integers(0, 2, qubits).astype(bool)
    mask = np.arange(qubits) % 3 == 0
    circuit = cirq.Circuit(
        cirq.X(q) if one else cirq.I(q) for q, one in zip(line, ones, strict=True)
    )
    circuit.append(cirq.measure(*line, key="m", invert_mask=tuple(mask.tolist())))
    found = FactorisedSampler(seed=1).sample_table(Request(circuit, (), (), 3))["m"]
    np.testing.assert_array_equal(unpack_bits(found, qubits), [ones ^ mask] * 3)
