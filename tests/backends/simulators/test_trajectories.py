"""Noisy pieces by trajectories, against exact laws and against one another."""

from __future__ import annotations

import time

import cirq
import numpy as np
import pytest
import sympy
from scipy import stats

from quantum_advantage.backends.opening import open_backend
from quantum_advantage.backends.simulators import trajectories
from quantum_advantage.backends.simulators.chain_sites import sites_of
from quantum_advantage.backends.simulators.laws import laws_of
from quantum_advantage.backends.simulators.noise import LocalNoise
from quantum_advantage.backends.simulators.pauli_frames import frame_of
from quantum_advantage.backends.simulators.solver import joint_positions
from quantum_advantage.backends.simulators.splitting import split
from quantum_advantage.backends.simulators.tensors import _singular
from quantum_advantage.backends.simulators.trajectories import (
    chain_trajectories,
    draw_errors,
    sample_frame,
    vector_trajectories,
)
from quantum_advantage.backends.simulators.twirling import TwirledNoise
from quantum_advantage.circuits.request import Dial, Request
from quantum_advantage.circuits.run import run
from quantum_advantage.core.usage import UsageError
from quantum_advantage.systems.evolutions import draw_evolutions
from quantum_advantage.tasks.shared.evolution_requests import bell_uses_on_chain

MASK = Dial("mask", ("x",), ((0.0,), (1.0,)))


class DampingNoise(cirq.NoiseModel):
    """Damps both qubits of every two-qubit gate, and every qubit before its measurement."""

    def __init__(self, damping, readout):
        self._damping, self._readout = damping, readout

    def noisy_operation(self, operation):
        if cirq.is_measurement(operation):
            return [cirq.amplitude_damp(self._readout).on_each(*operation.qubits), operation]
        if len(operation.qubits) == 2:
            return [operation, cirq.amplitude_damp(self._damping).on_each(*operation.qubits)]
        return operation


def chain_piece(qubits, noise, symmetric=False):
    """Returns the piece of two uses on a chain, as it is placed, and its columns for one system."""
    evolutions = draw_evolutions([symmetric], qubits, 3, "matched:native=cz", depth=2)
    request = bell_uses_on_chain(evolutions)
    (placed,) = split(request.circuit.with_noise(noise), request.dials)
    return placed


def numbers_of(bits):
    return np.asarray(bits, dtype=np.int64).T @ (1 << np.arange(len(bits))[::-1])


def surprise(numbers, law):
    """Returns the chi-square p of numbers under a law; cells below 5 are merged."""
    counts = np.bincount(numbers, minlength=law.size)
    order = np.argsort(law)
    expected = numbers.size * law[order]
    edges = np.unique(np.searchsorted(np.cumsum(expected), np.arange(0, numbers.size, 5.0)))
    edges = edges[edges < law.size]
    sums = [np.add.reduceat(array, edges) for array in (counts[order], expected)]
    assert not counts[law < 1e-12].any()
    return stats.chisquare(*sums).pvalue


NOISES = (
    LocalNoise(0.08, 0.05),
    TwirledNoise(DampingNoise(0.06, 0.08)),
)


@pytest.mark.parametrize("noise", NOISES, ids=["depolarising", "twirled damping"])
@pytest.mark.parametrize("qubits", [2, 3])
@pytest.mark.parametrize("engine", ["vectors", "chain"])
def test_trajectories_agree_with_density_matrices(noise, qubits, engine, monkeypatch):
    if engine == "chain":
        monkeypatch.setattr(trajectories, "MOST_QUICK_QUBITS", 0)
        monkeypatch.setattr(trajectories, "MOST_VECTOR_QUBITS", 0)
    placed = chain_piece(qubits, noise, symmetric=qubits == 3)
    shots, rng = 2000, np.random.default_rng(qubits)
    columns = [np.zeros(shots, dtype=np.uint8) for _ in placed.dials]
    bits = sample_frame(frame_of(placed.piece), placed, columns, shots, rng)
    (law,) = laws_of(placed.piece).at([0])
    assert surprise(numbers_of(bits), law) > 1e-4
    # A control: the law without noise is another one.
    clean = chain_piece(qubits, LocalNoise(0, 0), symmetric=qubits == 3)
    assert surprise(numbers_of(bits), laws_of(clean.piece).at([0])[0] + 1e-12) < 1e-12


@pytest.mark.slow  # the compilation of native circuits
@pytest.mark.parametrize(
    ("processor", "ensemble"), [("weber", "public"), ("willow_pink", "matched:native=cz")]
)
@pytest.mark.parametrize("qubits", [2, 3])
def test_trajectories_of_processors_agree_with_density_matrices(processor, ensemble, qubits):
    evolutions = draw_evolutions([True, False], qubits, 3, ensemble, depth=5)
    request = bell_uses_on_chain(evolutions, 2000)
    sampler = open_backend(f"qvm:{processor},noise=twirled").make(1)
    _, _, native = sampler._masked(request)
    (solver,) = sampler._inner._solvers(native)
    placed = solver.placed
    columns = [native.table[d] for d in placed.dials]
    frame = frame_of(placed.piece)
    # The readout masks are taken out of the circuit: one circuit for each evolution.
    assert len(frame.pure.dials) == 1
    assert len(frame.dial_flips) == 2 * qubits
    bits = sample_frame(frame, placed, columns, request.shots, np.random.default_rng(1))
    joint = joint_positions(placed.piece, columns, request.shots)
    kinds, counts = np.unique(joint, return_counts=True)
    for system in (0, 1):
        own = np.arange(request.shots) // 2000 == system
        weights = np.isin(kinds, joint[own]) * counts
        chosen = kinds[weights > 0]
        law = np.average(laws_of(placed.piece).at(chosen), axis=0, weights=weights[weights > 0])
        assert surprise(numbers_of(bits[:, own]), law) > 1e-4


@pytest.mark.slow  # the compilation of native circuits, and density matrices of six qubits
def test_twirling_changes_the_law_of_a_processor_little():
    laws = []
    for name in ("qvm:weber", "qvm:weber,noise=twirled", "qsim"):
        evolutions = draw_evolutions([True, False], 3, 5, "public", depth=5)
        sampler = open_backend(name).make(1)
        request = bell_uses_on_chain(evolutions, 1)
        if name != "qsim":
            _, _, request = sampler._masked(request)
            sampler = sampler._inner
        (solver,) = sampler._solvers(request)
        assert solver.placed.dials[0] == 0
        # All readout masks at their first position, no flip.
        of_masks = solver.placed.piece.positions // 2
        laws.append(laws_of(solver.placed.piece).at([0, of_masks]))
    exact, twirled, clean = laws
    distances = abs(exact - twirled).sum(axis=1) / 2
    assert (distances < 0.05).all()
    assert abs(exact[0, 0] - twirled[0, 0]) < 0.01
    # The noise itself is far larger, so it was there.
    assert clean[0, 0] - exact[0, 0] > 0.5


def test_masks_flip_bits_afterwards_and_the_readout_sees_them():
    q = cirq.LineQubit(0)
    circuit = cirq.Circuit(cirq.X(q) ** sympy.Symbol("x"), cirq.amplitude_damp(0.3)(q))
    (placed,) = split(circuit + cirq.Circuit(cirq.measure(q, key="m")), (MASK,))
    frame = frame_of(placed.piece)
    assert not frame.dials
    column = np.arange(4000) % 2
    bits = sample_frame(frame, placed, [column], 4000, np.random.default_rng(2))[0]
    assert not bits[column == 0].any()
    share = bits[column == 1].mean()
    assert abs(share - 0.7) < 4 * np.sqrt(0.7 * 0.3 / 2000)


def test_errors_that_reach_the_end_are_no_trajectories_of_their_own():
    a, b = cirq.LineQubit.range(2)
    circuit = cirq.Circuit(
        cirq.ry(0.7)(a),
        cirq.CNOT(a, b),
        cirq.depolarize(0.5, 2)(a, b),
        cirq.CNOT(a, b),
        cirq.H(a),
        cirq.measure(a, b),
    )
    (placed,) = split(circuit, ())
    frame = frame_of(placed.piece)
    errors = draw_errors(frame, 200, np.random.default_rng(1))
    assert set(errors.errors) == {()}
    assert errors.flips.any()


def test_a_noise_that_depends_on_the_state_is_refused_and_the_option_named():
    placed = chain_piece(2, DampingNoise(0.06, 0.08))
    with pytest.raises(UsageError, match=r"noise=twirled"):
        frame_of(placed.piece)


def test_both_engines_give_the_same_law_for_given_errors():
    placed = chain_piece(3, LocalNoise(0.3, 0))
    frame = frame_of(placed.piece)
    values = dict(zip(frame.pure.dials[0].symbols, frame.pure.dials[0].positions[0], strict=True))
    sites = sites_of(frame.pure, placed.qubits)
    errors = max(draw_errors(frame, 20, np.random.default_rng(4)).errors, key=len)
    assert len(errors) > 3
    shots = 4000
    chain = chain_trajectories(frame.pure, sites, values)(errors, shots, np.random.default_rng(1))
    vectors = vector_trajectories(frame.pure, values)
    found = numbers_of(vectors(errors, shots, np.random.default_rng(2)))
    counts = [np.bincount(numbers, minlength=64) for numbers in (numbers_of(chain), found)]
    seen = np.sum(counts, axis=0) >= 10
    assert stats.chi2_contingency(np.array(counts)[:, seen]).pvalue > 1e-4


def test_a_piece_too_large_is_refused_before_anything_is_computed(monkeypatch):
    def never(*_):
        raise AssertionError("something was computed")

    monkeypatch.setattr(trajectories, "draw_errors", never)
    monkeypatch.setattr(trajectories, "MOST_BYTES", 1 << 10)
    monkeypatch.setattr(trajectories, "MOST_VECTOR_QUBITS", 4)
    monkeypatch.setattr(trajectories, "MOST_QUICK_QUBITS", 4)
    placed = chain_piece(3, LocalNoise(0.1, 0))
    columns = [np.zeros(1, dtype=np.uint8)]
    with pytest.raises(UsageError, match=r"as a chain of tensors: .* needs .* GiB"):
        sample_frame(frame_of(placed.piece), placed, columns, 1, np.random.default_rng(0))


def test_noise_of_pauli_errors_runs_on_chains_beyond_state_vectors():
    evolutions = draw_evolutions([True], 20, 1, "matched:native=cz", depth=2)
    request = bell_uses_on_chain(evolutions, 3)
    (record,) = run([request], open_backend("qsim:depolarize=0.001,readout=0.01").make(1))
    assert record.shots == 3


def test_other_noise_beyond_state_vectors_is_refused_and_the_option_named():
    evolutions = draw_evolutions([True], 14, 1, "matched:native=cz", depth=2)
    request = bell_uses_on_chain(evolutions, 1)
    circuit = request.circuit.with_noise(DampingNoise(0.01, 0.01))
    noisy = Request(circuit, request.dials, request.table, 1)
    with pytest.raises(UsageError, match=r"28 entangled qubits .* noise=twirled"):
        run([noisy], open_backend("qsim").make(1))


def test_equal_singular_values_do_not_stop_a_chain(monkeypatch):
    def fails(*_, **__):
        raise np.linalg.LinAlgError("SVD did not converge")

    matrix = np.random.default_rng(0).normal(size=(3, 5)).astype(complex)
    monkeypatch.setattr(np.linalg, "svd", fails)
    columns, values, rows = _singular(matrix)
    np.testing.assert_allclose((columns * values) @ rows, matrix, atol=1e-12)


def processor_piece(processor, ensemble, qubits, kinds, shots):
    """Returns the piece of two uses on a chain of a processor, its columns and their shots."""
    evolutions = draw_evolutions(kinds, qubits, 3, ensemble, depth=5)
    request = bell_uses_on_chain(evolutions, shots)
    sampler = open_backend(f"qvm:{processor},noise=twirled,place=circuit").make(1)
    _, _, native = sampler._masked(request)
    (solver,) = sampler._inner._solvers(native)
    placed = solver.placed
    return placed, [native.table[d] for d in placed.dials], request.shots


@pytest.mark.slow  # hundreds of trajectories of 16 and 20 qubits: half a minute of one core each
@pytest.mark.parametrize(
    ("processor", "ensemble", "qubits", "shots"),
    [("weber", "public", 8, 150), ("willow_pink", "matched:native=cz", 10, 200)],
)
def test_both_engines_agree_on_three_pairs_of_a_processor(
    processor, ensemble, qubits, shots, monkeypatch
):
    placed, columns, total = processor_piece(processor, ensemble, qubits, [True, False], shots)
    frame = frame_of(placed.piece)
    found = []
    for seed, cheaper in enumerate((True, False)):
        monkeypatch.setattr(trajectories, "_is_cheaper", lambda *_, cheaper=cheaper: cheaper)
        rng = np.random.default_rng(seed)
        found.append(sample_frame(frame, placed, columns, total, rng))
    # A pair is what shares a coupler at the end: the sites of the chain.
    pairs = sites_of(frame.pure, placed.qubits)
    assert {len(pair) for pair in pairs} == {2}
    masks = np.zeros((2 * qubits, total), dtype=np.uint8)
    for flip in frame.dial_flips:
        masks[flip.qubit] ^= flip.flips[columns[flip.dial]]
    for own in (slice(None, shots), slice(shots, None)):
        for first in range(qubits - 2):
            chosen = [q for pair in pairs[first : first + 3] for q in pair]
            counts = np.array(
                [
                    np.bincount(numbers_of((bits ^ masks)[chosen, own]), minlength=64)
                    for bits in found
                ]
            )
            rare = counts.sum(axis=0) < 10
            merged = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])
            merged = merged[:, merged.sum(axis=0) > 0]
            assert stats.chi2_contingency(merged).pvalue > 1e-4


@pytest.mark.slow  # chains of 40 qubits: half a minute of one core
def test_a_trajectory_of_forty_qubits_takes_little_longer_than_a_noiseless_sample():
    placed, _, _ = processor_piece("weber", "public", 20, [False], 1)
    frame = frame_of(placed.piece)
    (dial,) = frame.pure.dials
    values = dict(zip(dial.symbols, dial.positions[0], strict=True))
    sample = chain_trajectories(frame.pure, sites_of(frame.pure, placed.qubits), values)
    rng = np.random.default_rng(5)

    def seconds(errors):
        start = time.process_time()
        sample(errors, 1, rng)
        return time.process_time() - start

    seconds(())
    clean = np.median([seconds(()) for _ in range(5)])
    drawn = draw_errors(frame, 15, rng).errors
    assert min(map(len, drawn)) > 0
    assert np.median([seconds(errors) for errors in drawn]) < 2 * clean
