"""Outcomes of shallow circuits on chains, against state vectors of Cirq."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import cirq
import numpy as np
import pytest
import sympy
from threadpoolctl import threadpool_limits

from quantum_advantage.backends.simulators import tensor_chain, tensors
from quantum_advantage.backends.simulators.chain_sites import chain_of, sites_of
from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.backends.simulators.tensor_chain import check_chain, sample_chain
from quantum_advantage.backends.simulators.tensors import (
    grown_tensors,
    right_canonical,
    without_zeros,
)
from quantum_advantage.circuits.request import Dial, Request, measured_qubits
from quantum_advantage.circuits.run import run
from quantum_advantage.circuits.sweeps import sweep_as_table
from quantum_advantage.core.bits import pack_bits, unpack_bits
from quantum_advantage.measurements.bell import MEMORY, SYSTEM, bell_basis_change

SYC = cirq.FSimGate(np.pi / 2, np.pi / 6)
HALF_TURNS = (cirq.X**0.5, cirq.Y**0.5, cirq.PhasedXPowGate(phase_exponent=0.25, exponent=0.5))
ANGLE = sympy.Symbol("angle")


class ChainSampler(cirq.Sampler):
    """Runs every piece of a circuit as a chain of tensors, small ones too."""

    def __init__(self, seed):
        self._rng = np.random.default_rng(seed)

    def sample_table(self, request):
        pieces = [p for p in split(request.circuit, request.dials) if p.outputs]
        bits = {
            key: np.zeros((request.shots, len(qubits)), dtype=np.uint8)
            for key, qubits in measured_qubits(request.circuit).items()
        }
        for placed in pieces:
            columns = [request.table[d] for d in placed.dials]
            check_chain(placed, columns, request.shots)
            found = sample_chain(placed, columns, request.shots, self._rng)
            for key, place, qubit, inverted in placed.outputs:
                bits[key][:, place] = found[qubit] ^ inverted
        return {key: pack_bits(array) for key, array in bits.items()}

    def run_sweep(self, program, params, repetitions=1):
        return sweep_as_table(self, program, params, repetitions)


@pytest.fixture(autouse=True)
def _one_thread():
    """Many small factorisations are slow where threads wait for each other."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield


def general(qubits, depth, seed, coupler=SYC):
    """Half turns about a random one of three axes, then a coupler on alternating bonds."""
    rng = np.random.default_rng(seed)
    return [
        step
        for layer in range(depth)
        for i in range(layer % 2, qubits - 1, 2)
        for step in [
            (HALF_TURNS[rng.integers(3)], (i,)),
            (HALF_TURNS[rng.integers(3)], (i + 1,)),
            (coupler, (i, i + 1)),
        ]
    ]


def real(qubits, depth, seed):
    """Random turns about Y on every qubit, then CZ on alternating bonds."""
    rng = np.random.default_rng(seed)
    steps = []
    for layer in range(depth):
        steps += [(cirq.ry(rng.uniform(0, 2 * np.pi)), (i,)) for i in range(qubits)]
        steps += [(cirq.CZ, (i, i + 1)) for i in range(layer % 2, qubits - 1, 2)]
    return steps


def on(qubits, steps):
    return [gate(*(qubits[t] for t in targets)) for gate, targets in steps]


def pairs(qubits):
    return cirq.NamedQubit.range(qubits, prefix="a"), cirq.NamedQubit.range(qubits, prefix="b")


def two_copies(qubits, steps):
    """Both halves of Bell pairs evolve alike, and each pair is measured in the Bell basis."""
    a, b = pairs(qubits)
    circuit = cirq.Circuit(
        [[cirq.H(x), cirq.CNOT(x, y)] for x, y in zip(a, b, strict=True)],
        on(a, steps),
        on(b, steps),
    )
    circuit += cirq.Circuit(bell_basis_change(a, b))
    circuit.append(cirq.Moment(cirq.measure(*a, key=SYSTEM), cirq.measure(*b, key=MEMORY)))
    return circuit


def one_copy(qubits, steps):
    line = cirq.LineQubit.range(qubits)
    return cirq.Circuit(on(line, steps), cirq.measure(*line, key="m"))


def without_measurements(circuit):
    return cirq.Circuit(op for op in circuit.all_operations() if not cirq.is_measurement(op))


def law_of(circuit, values=None):
    """The law of all qubits in sorted order, by Cirq."""
    found = cirq.Simulator(dtype=np.complex128).simulate(
        without_measurements(circuit), values, qubit_order=sorted(circuit.all_qubits())
    )
    return np.abs(found.final_state_vector) ** 2


def chain_law_of(circuit):
    """The same law, from the tensors that are sampled."""
    law, order = np.ones(1), []
    for placed in split(circuit, ()):
        sites = sites_of(placed.piece, placed.qubits)
        state = np.ones((1, 1), dtype=np.complex64)
        for tensor in right_canonical(grown_tensors(chain_of(placed.piece, sites, {}))):
            branches = tensor.branches(state)
            state = branches.reshape(-1, branches.shape[2])
        law = np.multiply.outer(law, np.abs(state.ravel()) ** 2).ravel()
        order += [placed.qubits[qubit] for site in sites for qubit in site]
    axes = [order.index(qubit) for qubit in sorted(order)]
    return law.reshape((2,) * len(order)).transpose(axes).ravel()


def numbers(*bits):
    """Outcomes as one number for each shot, the first bit the most significant."""
    joined = np.concatenate(bits, axis=1).astype(np.int64)
    return joined @ (1 << np.arange(joined.shape[1] - 1, -1, -1))


def bell_numbers(result):
    return numbers(result.measurements[SYSTEM], result.measurements[MEMORY])


def singlets(result):
    """(shots,) how many pairs showed 11."""
    return (result.measurements[SYSTEM] & result.measurements[MEMORY]).sum(axis=1)


@pytest.mark.parametrize("coupler", [SYC, cirq.CZ, cirq.ISWAP, cirq.CZ**0.3], ids=str)
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_the_law_of_two_copies_is_exact(depth, coupler):
    circuit = two_copies(4, general(4, depth, depth, coupler))
    np.testing.assert_allclose(chain_law_of(circuit), law_of(circuit), atol=1e-6)


@pytest.mark.parametrize("coupler", [SYC, cirq.CZ], ids=str)
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 9])
def test_the_law_of_one_copy_is_exact(depth, coupler):
    circuit = one_copy(7, general(7, depth, depth, coupler))
    np.testing.assert_allclose(chain_law_of(circuit), law_of(circuit), atol=1e-6)


@pytest.mark.parametrize("cheap", [1, 4, 16, 64])
@pytest.mark.parametrize("qubits", [4, 5])
def test_the_law_is_exact_where_bonds_take_all_that_a_side_can_be_in(qubits, cheap, monkeypatch):
    """Also where bonds are checked for zeros on the way, again and again."""
    monkeypatch.setattr(tensors, "CHEAP_BOND", cheap)
    for steps in general(qubits, 10, 1), general(qubits, 6, 2, cirq.CZ**0.3):
        circuit = two_copies(qubits, steps)
        np.testing.assert_allclose(chain_law_of(circuit), law_of(circuit), atol=1e-6)


def test_the_law_is_exact_where_sites_of_both_kinds_stand_in_any_order():
    """Pairs between single qubits, on names that do not follow the chain, with gates as they come.

    Also an idle qubit and a part of its own.
    """
    c, a, e, b, d, f, idle, g, h = (cirq.NamedQubit(name) for name in "caebdfigh")
    unitaries = iter(
        cirq.MatrixGate(cirq.testing.random_unitary(4, random_state=seed)) for seed in range(20)
    )
    couples = [(a, b), (c, b), (d, c), (e, d), (g, h), (a, b), (c, d), (b, d), (e, c), (f, e)]
    circuit = cirq.Circuit(
        next(unitaries)(*both) for both in [*couples, (a, b), (f, e), (b, d), (c, e), (d, c)]
    )
    circuit.append(cirq.measure(a, idle, c, e, g, h, key="m"))
    np.testing.assert_allclose(chain_law_of(circuit), law_of(circuit), atol=1e-6)


@pytest.mark.parametrize("most", [None, 1 << 10])
def test_outcomes_of_two_copies_follow_the_law(most, p_of_law, monkeypatch):
    """Also where the shots pass in many blocks."""
    if most:
        monkeypatch.setattr(tensor_chain, "AMPLITUDES_PER_BLOCK", most)
    circuit = two_copies(3, general(3, 4, 5))
    result = ChainSampler(1).run(circuit, repetitions=20_000)
    counts = np.bincount(bell_numbers(result), minlength=64)
    assert p_of_law(counts, law_of(circuit)) > 1e-4


def test_outcomes_agree_with_the_simulator_of_cirq(p_of_two):
    """Several keys in an order of their own, an inverted bit, and an unmeasured qubit."""
    line = cirq.LineQubit.range(6)
    circuit = cirq.Circuit(on(line, general(6, 3, 2, cirq.CZ**0.7)))
    circuit.append(cirq.measure(line[4], line[1], key="b", invert_mask=(False, True)))
    circuit.append(cirq.measure(line[2], line[0], line[5], key="a"))
    rows = []
    for sampler in (ChainSampler(1), cirq.Simulator(seed=2)):
        result = sampler.run(circuit, repetitions=5000)
        rows.append(numbers(result.measurements["a"], result.measurements["b"]))
    assert p_of_two(*rows) > 1e-4


def test_outcomes_in_the_middle_of_forty_qubits_follow_the_law_of_their_light_cone(p_of_law):
    """At depth 3 two pairs depend on no gate beyond the eight pairs around them."""
    steps = general(20, 3, 4)
    result = ChainSampler(3).run(two_copies(20, steps), repetitions=20_000)
    seen = numbers(result.measurements[SYSTEM][:, 10:12], result.measurements[MEMORY][:, 10:12])
    window = range(7, 15)
    inner = [
        (gate, tuple(t - window.start for t in targets))
        for gate, targets in steps
        if set(targets) <= set(window)
    ]
    law = law_of(two_copies(len(window), inner)).reshape((2,) * 16)
    law = law.sum(axis=tuple(axis for axis in range(16) if axis % 8 not in (3, 4)))
    assert p_of_law(np.bincount(seen, minlength=16), law.ravel()) > 1e-4


def test_twenty_pairs_after_a_real_evolution_show_nothing_else_than_they_were_prepared_in():
    """U U^T = 1, so that (U ⊗ U)|Φ⁺⟩ = |Φ⁺⟩: every other outcome has probability zero."""
    result = ChainSampler(1).run(two_copies(20, real(20, 5, 6)), repetitions=1000)
    assert not bell_numbers(result).any()


def test_singlets_come_in_even_numbers():
    """U ⊗ U |Φ⁺⟩ is symmetric under the exchange of the copies, and a singlet is odd."""
    for qubits, depth in (12, 4), (20, 5):
        circuit = two_copies(qubits, general(qubits, depth, 7))
        found = singlets(ChainSampler(1).run(circuit, repetitions=1000))
        assert not (found % 2).any()
        assert np.unique(found).size > 3


def test_every_shot_obeys_its_own_position(p_of_law):
    """Two dials in one chain, and one in a part of its own; positions in random order."""
    line = cirq.LineQubit.range(4)
    first, second, third = sympy.symbols("first second third")
    circuit = cirq.Circuit(
        cirq.ry(first)(line[0]),
        cirq.ISWAP(*line[:2]) ** 0.4,
        cirq.rx(second)(line[2]),
        cirq.FSimGate(0.9, 0.3)(*line[1:3]),
        cirq.CZ(*line[:2]) ** second,
        cirq.H.on_each(*line[:3]),
        cirq.X(line[3]) ** third,
        cirq.measure(*line, key="m"),
    )
    dials = (
        Dial("one", ("first",), ((0.3,), (1.2,), (2.5,))),
        Dial("other", ("second", "third"), ((0.4, 0.0), (1.7, 1.0))),
    )
    shots, rng = 30_000, np.random.default_rng(1)
    table = tuple(rng.integers(0, len(d.positions), shots, dtype=np.uint8) for d in dials)
    bits = ChainSampler(2).sample_table(Request(circuit, dials, table, shots))
    outcomes = numbers(unpack_bits(bits["m"], 4))
    for i, (x,) in enumerate(dials[0].positions):
        for j, (y, z) in enumerate(dials[1].positions):
            mine = outcomes[(table[0] == i) & (table[1] == j)]
            law = law_of(circuit, {"first": x, "second": y, "third": z})
            assert p_of_law(np.bincount(mine, minlength=16), law) > 1e-4


def test_run_sweep_gives_every_parameter_set_its_own_law(p_of_law):
    line = cirq.LineQubit.range(3)
    circuit = cirq.Circuit(
        cirq.ry(ANGLE).on_each(*line),
        cirq.CZ(*line[:2]),
        cirq.CZ(*line[1:]),
        cirq.rx(ANGLE / 2).on_each(*line),
        cirq.measure(*line, key="m"),
    )
    sweep = cirq.Points("angle", [0.4, 1.1])
    results = ChainSampler(3).run_sweep(circuit, sweep, repetitions=8000)
    for result, resolver in zip(results, sweep, strict=True):
        counts = np.bincount(numbers(result.measurements["m"]), minlength=8)
        assert p_of_law(counts, law_of(circuit, resolver)) > 1e-4


def test_the_seed_decides_the_outcomes():
    circuit = two_copies(5, general(5, 3, 1))
    one, same, other = (
        bell_numbers(ChainSampler(seed).run(circuit, repetitions=50))
        for seed in (4, np.random.default_rng(4), 5)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def chain_from(circuit):
    (placed,) = split(circuit, ())
    return chain_of(placed.piece, sites_of(placed.piece, placed.qubits), {})


def bonds_of(tensors):
    return [tensor.shape[2] for tensor in tensors[:-1]]


def generic(qubits, depth, seed):
    """A random turn on every qubit before each coupler: no bond has directions to spare."""
    turns = iter(range(1000 * seed, 1000 * seed + 1000))
    return [
        (cirq.MatrixGate(cirq.testing.random_unitary(2, random_state=next(turns))), targets)
        if len(targets) == 1
        else (gate, targets)
        for gate, targets in general(qubits, depth, seed)
    ]


def test_a_generic_evolution_needs_the_bonds_that_its_ranks_predict():
    chain = chain_from(two_copies(10, generic(10, 5, 1)))
    grown = grown_tensors(chain)
    assert bonds_of(grown) == chain.bonds() == [4, 16, 64, 256, 1024, 256, 64, 16, 4]
    tensors = right_canonical(grown)
    rows = [tensor.rows for tensor in tensors if tensor.rows is not None]
    assert [matrix.shape for matrix in rows] == [(4**k, 4 ** (k + 2)) for k in (0, 1, 2, 3, 4)]
    for matrix in rows:
        np.testing.assert_allclose(matrix @ matrix.conj().T, np.eye(len(matrix)), atol=1e-5)


def test_bonds_are_cut_down_to_the_schmidt_ranks_of_the_state():
    qubits, zero = 6, 1e-9
    circuit = two_copies(qubits, general(qubits, 3, 2))
    grown = grown_tensors(chain_from(circuit))
    vector = without_measurements(circuit).final_state_vector(dtype=np.complex128)
    axes = [qubit + half for qubit in range(qubits) for half in (0, qubits)]
    vector = vector.reshape((2,) * 2 * qubits).transpose(axes)
    ranks = [np.linalg.matrix_rank(vector.reshape(4**k, -1), tol=zero) for k in range(1, qubits)]
    assert bonds_of(without_zeros(grown)) == ranks
    assert max(ranks) < max(bonds_of(grown))


def test_bonds_are_cut_before_they_grow_large():
    """A real evolution leaves the pairs as they were, and bonds grow from 1 again."""
    for steps, most in (general(10, 4, 3), 128), (real(10, 8, 3), 4):
        chain = chain_from(two_copies(10, steps))
        assert max(chain.bonds()) == 256
        assert max(bonds_of(grown_tensors(chain))) <= most


def refuse(*_):
    raise AssertionError("nothing must be computed")


def test_a_bond_beyond_the_limit_is_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(tensor_chain, "grown_tensors", refuse)
    circuit = two_copies(20, general(20, 5, 1))
    message = r"bond between qubits \(a4, b4\) and \(a5, b5\) needs dimension 1024, above the limit"
    monkeypatch.setattr(tensor_chain, "MOST_BOND", 1000)
    with pytest.raises(ValueError, match=message + " 1000; fewer layers"):
        ChainSampler(1).run(circuit)
    monkeypatch.setattr(tensor_chain, "MOST_BOND", 1024)
    with pytest.raises(AssertionError, match="nothing must be computed"):
        ChainSampler(1).run(circuit)


def test_one_position_beyond_the_limit_is_enough_to_refuse(monkeypatch):
    monkeypatch.setattr(tensor_chain, "grown_tensors", refuse)
    monkeypatch.setattr(tensor_chain, "MOST_BOND", 1)
    line = cirq.LineQubit.range(4)
    couple = [cirq.CZ(*line[1:3]) ** ANGLE, cirq.H.on_each(*line)]
    ends = [cirq.CZ(*line[:2]), cirq.CZ(*line[2:])]
    circuit = cirq.Circuit(cirq.H.on_each(*line), couple, ends, cirq.measure(*line))
    dial = Dial("power", ("angle",), ((2.0,), (0.5,)))
    for column, error in [([0, 0], AssertionError), ([0, 1], ValueError)]:
        table = (np.array(column, dtype=np.uint8),)
        with pytest.raises(error, match="needs dimension 2" if any(column) else "computed"):
            run([Request(circuit, (dial,), table, 2)], ChainSampler(1))


def test_tensors_beyond_the_memory_are_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(tensor_chain, "grown_tensors", refuse)
    monkeypatch.setattr(tensor_chain, "MOST_BYTES", 1 << 28)
    with pytest.raises(ValueError, match=r"20 sites from qubit a0 on needs 0\.[3-6] GiB, above"):
        ChainSampler(1).run(two_copies(20, general(20, 5, 1)))


def test_what_is_no_pure_circuit_with_measurements_is_refused():
    line = cirq.LineQubit.range(2)
    noisy = cirq.Circuit(cirq.CZ(*line), cirq.depolarize(0.1)(line[0]), cirq.measure(*line))
    with pytest.raises(ValueError, match=r"takes unitary gates only, not depolarize\(p=0.1\)"):
        ChainSampler(1).run(noisy)


@pytest.mark.slow
def test_forty_qubits_at_depth_five_take_little_memory():
    """Bonds that are full, 1000 shots: 4 GiB are allowed, with two threads at hand."""
    script = """
        import resource, sys
        sys.path.insert(0, sys.argv[1])
        from test_tensor_chain import ChainSampler, generic, singlets, two_copies
        circuit = two_copies(20, generic(20, 5, 11))
        result = ChainSampler(1).run(circuit, repetitions=1000)
        odd = int((singlets(result) % 2).sum())
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(kilobytes / 2**20, odd, singlets(result).std())
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(Path(__file__).parent)]
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    gibibytes, odd, spread = map(float, done.stdout.split())
    assert gibibytes < 4
    assert odd == 0
    assert spread > 1
