from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.circuits.run import run
from quantum_advantage.core.bits import pack_bits
from quantum_advantage.measurements.bell import MEMORY, SYSTEM
from quantum_advantage.systems.eigenstates import letters_and_bits
from quantum_advantage.tasks.observables.games import ObservablesTask, draw_games
from quantum_advantage.tasks.observables.protocols import Bell
from quantum_advantage.tasks.shared.calibration import (
    damping_request,
    fixed_damping_request,
    read_damping,
)

KINDS = {
    "random": lambda qubits, shots: damping_request(qubits, shots, np.random.default_rng(5)),
    "fixed": fixed_damping_request,
}


def prepared(request, qubits):
    """Letters and bits of both copies, (shots, qubits) each."""
    columns = dict(zip((dial.name for dial in request.dials), request.table, strict=True))
    return [
        letters_and_bits(np.stack([columns[f"{label}{i}"] for i in range(qubits)], axis=1))
        for label in "ab"
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("qubits", [1, 3])
def test_both_copies_hold_the_same_letters(kind, qubits):
    (first, _), (second, _) = prepared(KINDS[kind](qubits, 100), qubits)
    np.testing.assert_array_equal(first, second)
    assert set(np.unique(first)) == {1, 2, 3}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("qubits", [1, 4])
def test_without_noise_every_sign_comes_out_as_prepared(kind, qubits):
    shots = 600
    request = KINDS[kind](qubits, shots)
    (record,) = run([request], FactorisedSampler(seed=1))
    counts = read_damping(record, qubits)
    (letters, _), _ = prepared(request, qubits)
    for k in (1, 2, 3):
        np.testing.assert_array_equal(counts.shots[:, k - 1], (letters == k).sum(axis=0))
    np.testing.assert_array_equal(counts.right, counts.shots)
    np.testing.assert_array_equal(counts.factors(), np.ones((qubits, 4)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("key", "wrong"), [(SYSTEM, [1, 1, 0]), (MEMORY, [0, 1, 1])])
def test_a_flipped_bit_turns_the_signs_that_are_read_from_it(kind, key, wrong):
    """X is read from the system, Z from the memory, Y from both."""
    (record,) = run([KINDS[kind](2, 300)], FactorisedSampler(seed=2))
    flip = pack_bits(np.tile([0, 1], (300, 1)))
    bits = dict(record.bits) | {key: record.bits[key] ^ flip}
    factors = read_damping(replace(record, bits=bits), 2).factors()
    np.testing.assert_array_equal(factors, [[1, 1, 1, 1], [1, *(1 - 2 * np.array(wrong))]])


def test_random_settings_are_uniform_and_independent_from_pair_to_pair(p_of_law):
    (letters, first), (_, second) = prepared(
        damping_request(2, 40_000, np.random.default_rng(8)), 2
    )
    kinds = 4 * (letters - 1) + 2 * first + second
    joint = np.bincount(12 * kinds[:, 0] + kinds[:, 1], minlength=144)
    assert p_of_law(joint, np.full(144, 1 / 144)) > 1e-4
    repeated = (kinds[1:] == kinds[:-1]).mean()
    assert abs(repeated - 1 / 12) < 5 * np.sqrt(1 / 12 / 80_000)


def test_fixed_settings_are_twelve_in_turn_and_the_same_on_all_pairs():
    request = fixed_damping_request(3, 240)
    rows = np.stack(request.table, axis=1)
    settings, counts = np.unique(rows, axis=0, return_counts=True)
    assert len(settings) == 12
    assert set(counts) == {20}
    (letters, first), (_, second) = prepared(request, 3)
    for column in (letters, first, second):
        assert (column == column[:, :1]).all()
    seen = set(zip(letters[:12, 0], first[:12, 0], second[:12, 0], strict=True))
    assert seen == set(product((1, 2, 3), (0, 1), (0, 1)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_settings_are_the_learners_own(kind):
    request = KINDS[kind](2, 60)
    assert request.learner == {dial.name for dial in request.dials}


class CountingSampler:
    """Counts how often it is asked."""

    def __init__(self):
        self.inner, self.requests = FactorisedSampler(seed=3), []

    def sample_table(self, request):
        self.requests.append(request)
        return self.inner.sample_table(request)


@pytest.mark.parametrize("kind", KINDS)
def test_a_calibration_runs_in_the_same_job_as_the_data(kind):
    rng = np.random.default_rng(4)
    games = draw_games(ObservablesTask(0.9, "two"), "hidden", 3, 5, rng, rng)
    data = Bell().request(games.preparation, 40, rng)
    sampler = CountingSampler()
    record, calibration = run([data, KINDS[kind](3, 120)], sampler)
    (joined,) = sampler.requests
    assert joined.shots == 320
    assert not joined.learner, "what nature prepares is not the learner's"
    assert not record.settings
    assert (record.shots, calibration.shots) == (200, 120)
    counts = read_damping(calibration, 3)
    np.testing.assert_array_equal(counts.right, counts.shots)
