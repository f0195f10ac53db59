from itertools import permutations

import numpy as np
import pytest

from quantum_advantage.bounds.companion import (
    largest_companion_accuracy,
    odd_chance,
    odd_chance_with_background,
    photons_to_find_companion,
)


def permanent(matrix):
    rows = np.arange(len(matrix))
    return sum(np.prod(matrix[rows, list(order)]) for order in permutations(rows)).real


def gain(copies, qubits, share):
    """1 - E R by its definition, for companions orthogonal to their star."""
    accuracy = largest_companion_accuracy(copies, qubits=qubits, share=share, overlap=0)
    return 2 * accuracy - 1


def ratio(copies, k, d):
    j = np.arange(k)
    return np.prod((1 + (j - 1) / d) / (1 + (copies - k + j) / d))


def random_vectors(rng, *shape):
    parts = rng.standard_normal((2, *shape))
    vectors = parts[0] + 1j * parts[1]
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.mark.parametrize(("d", "copies", "k"), [(2, 2, 1), (3, 3, 1), (4, 4, 2), (4, 3, 2)])
def test_likelihood_ratio_of_random_transcripts_is_above_the_bound(d, copies, k):
    """L by permanents, L' by Monte Carlo over orthonormal pairs."""
    rng = np.random.default_rng(d)
    pairs = 40_000
    first = random_vectors(rng, pairs, d)
    second = random_vectors(rng, pairs, d)
    second -= (first.conj() * second).sum(axis=1, keepdims=True) * first
    second /= np.linalg.norm(second, axis=1, keepdims=True)
    for trial in range(8):
        phi = random_vectors(rng, copies, d)
        if trial == 0:
            phi[:] = phi[0]  # all outcomes equal
        if trial == 1:
            phi = np.eye(d)[np.arange(copies) % d].astype(complex)
        single = permanent(phi @ phi.conj().T) / np.prod(1 + np.arange(copies) / d)
        seen = np.abs(first @ phi[k:].conj().T) ** 2
        others = np.abs(second @ phi[:k].conj().T) ** 2
        samples = float(d) ** copies * seen.prod(axis=1) * others.prod(axis=1)
        error = samples.std() / np.sqrt(pairs)
        assert single >= ratio(copies, k, d) * (samples.mean() - 4.5 * error)


def test_gain_is_the_binomial_mean():
    d, share, copies = 8, 0.1, 6
    weights = [1.0]
    for _ in range(copies):
        weights = np.convolve(weights, [1 - share, share])
    exact = 1 - sum(w * ratio(copies, k, d) for k, w in enumerate(weights))
    assert gain(copies, 3, share) == pytest.approx(exact, rel=1e-6)


def test_one_photon_tells_nothing_and_the_search_starts_below_it():
    assert gain(1, 1, 0.5) == 0
    assert gain(2, 1, 0.5) > 0
    assert photons_to_find_companion(0.55, qubits=1, share=0.5, overlap=0) > 1


def test_background_shows_odd_numbers_too():
    """Of the density matrix (1-q) ρ + q I/d."""
    chance, q = odd_chance(0.2, 0.3), 0.1
    weights = np.append((1 - q) * np.array([1 - 0.2, 0.2]), q)
    vectors = np.array([[1, 0, 0, 0], [0.3, np.sqrt(1 - 0.09), 0, 0]])
    parts = [np.outer(v, v) for v in vectors] + [np.eye(4) / 4]
    rho = np.einsum("i,ijk->jk", weights, parts)
    exact = (1 - np.trace(rho @ rho)) / 2
    assert odd_chance_with_background(chance, q, 2) == pytest.approx(exact)
    assert odd_chance_with_background(chance, 0.0, 2) == pytest.approx(chance)


def test_overlap_counts_by_the_chance_alone():
    """A companion that overlaps looks like a fainter one that does not."""
    p = odd_chance(0.1, 0.5)
    fainter = (1 - np.sqrt(1 - 4 * p)) / 2
    near = largest_companion_accuracy(50, qubits=4, share=0.1, overlap=0.5)
    assert near == pytest.approx(largest_companion_accuracy(50, qubits=4, share=fainter, overlap=0))
    assert near < largest_companion_accuracy(50, qubits=4, share=0.1, overlap=0)


def test_best_guess_from_computational_outcomes_stays_below_the_bound():
    """Exact likelihoods of counts under a star alone, Monte Carlo under a companion; n = 2."""
    rng = np.random.default_rng(1)
    d, copies, share, games = 4, 12, 0.4, 4000
    size = 4000
    first = random_vectors(rng, size, d)
    second = random_vectors(rng, size, d)
    second -= (first.conj() * second).sum(axis=1, keepdims=True) * first
    second /= np.linalg.norm(second, axis=1, keepdims=True)
    alone = np.abs(first) ** 2
    both = (1 - share) * alone + share * np.abs(second) ** 2
    logs = [np.log(alone), np.log(both)]
    right = 0
    for game in range(games):
        law = (alone, both)[game % 2][rng.integers(size)]
        counts = rng.multinomial(copies, law / law.sum())
        scores = [np.exp(log @ counts).mean() for log in logs]
        right += (scores[1] > scores[0]) == game % 2
    accuracy = right / games
    bound = largest_companion_accuracy(copies, qubits=2, share=share, overlap=0)
    assert 0.5 < accuracy < bound


def test_photons_grow_as_the_root_of_the_modes_and_invert_the_accuracy():
    found = [
        photons_to_find_companion(0.95, qubits=n, share=0.01, overlap=0.5) for n in (20, 22, 24)
    ]
    slopes = np.diff(np.log2(found)) / 2
    np.testing.assert_allclose(slopes, 0.5, atol=0.01)
    accuracy = largest_companion_accuracy(found[0], qubits=20, share=0.01, overlap=0.5)
    assert accuracy == pytest.approx(0.95, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"share": 1.5}, r"share must lie in \[0, 1\], not 1.5"),
        ({"overlap": -1}, r"overlap must lie in \[0, 1\], not -1"),
        ({"share": 0}, "share 0 at overlap 0.5 leaves no companion to find"),
        ({"qubits": 31}, "qubits must be at most 30, not 31"),
        ({"target": 1}, "target must lie strictly between 0.5 and 1"),
    ],
)
def test_wrong_arguments_are_refused(change, message):
    arguments = {"target": 0.7, "qubits": 4, "share": 0.1, "overlap": 0.5} | change
    with pytest.raises(ValueError, match=message):
        photons_to_find_companion(arguments.pop("target"), **arguments)
