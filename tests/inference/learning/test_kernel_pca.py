import itertools
import math

import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import KernelPCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from quantum_advantage.inference.learning import kernel_pca
from quantum_advantage.inference.learning.clustering import chance_accuracy, cluster
from quantum_advantage.inference.learning.kernel_pca import (
    bell_kernel,
    feature_coordinates,
    kernel_coordinates,
    moment_features,
)

TRUTH = np.repeat([0, 1], 20)


def y_law(unitary):
    """The law of U|0…0⟩ with every qubit measured in the basis of Y."""
    one = np.array([[1, -1j], [1, 1j]]) / math.sqrt(2)
    state = unitary[:, 0]
    for _ in range(len(state).bit_length() - 1):
        # One qubit after the other is measured and becomes the last.
        state = (one @ state.reshape(2, -1)).T
    return np.abs(state.ravel()) ** 2


def unitaries(qubits, truth, rng):
    groups = (stats.unitary_group, stats.ortho_group)
    return [groups[kind].rvs(2**qubits, random_state=rng) for kind in truth]


def measured(laws, shots, rng, *, readout=0.0, fidelity=1.0):
    """Bits of shots from every law, (evolutions, shots, bits)."""
    bits = len(laws[0]).bit_length() - 1
    drawn = np.array([rng.choice(len(law), size=shots, p=law / law.sum()) for law in laws])
    uniform = rng.integers(0, 2**bits, drawn.shape)
    drawn = np.where(rng.random(drawn.shape) < fidelity, drawn, uniform)
    found = (drawn[..., None] >> np.arange(bits) & 1).astype(np.uint8)
    return found ^ (rng.random(found.shape) < readout)


def by_moments(bits):
    return feature_coordinates(moment_features(bits))


def by_bell_kernel(bits):
    return kernel_coordinates(bell_kernel(bits))


def clustering_accuracy(labels, truth=TRUTH):
    """The share in the right group, for the better naming of the groups."""
    right = (labels == truth).mean()
    return max(right, 1 - right)


def accuracy(coordinates):
    return clustering_accuracy(cluster(coordinates))


def separation(coordinates):
    """The distance of the two classes' means in units of their pooled standard deviation."""
    groups = [coordinates[kind == TRUTH] for kind in (0, 1)]
    spread = math.sqrt(sum(g.size * g.var() for g in groups) / (TRUTH.size - 2))
    return abs(groups[0].mean() - groups[1].mean()) / spread


def bits_of(shape, seed=1):
    return np.random.default_rng(seed).integers(0, 2, shape, dtype=np.uint8)


def test_moments_are_means_and_variances():
    bits = bits_of((5, 30, 4))
    expected = np.concatenate([bits.mean(axis=1), bits.var(axis=1)], axis=1)
    np.testing.assert_allclose(moment_features(bits), expected)


def test_coordinates_of_features_are_those_of_the_usual_pipeline():
    features = np.random.default_rng(2).normal(size=(12, 7)) * np.arange(7) + 3
    pipeline = make_pipeline(StandardScaler(), KernelPCA(1, kernel="rbf", gamma=1 / 7))
    np.testing.assert_allclose(
        np.abs(feature_coordinates(features)),
        np.abs(pipeline.fit_transform(features)[:, 0]),
        atol=1e-9,
    )


def direct_overlaps(symbols, gamma):
    evolutions, shots, sites = symbols.shape
    found = np.zeros((evolutions, evolutions))
    for one, two in itertools.product(range(evolutions), repeat=2):
        for s, t in itertools.product(symbols[one], symbols[two]):
            found[one, two] += math.exp(gamma * (s == t).sum() / sites)
    return found / shots**2


@pytest.mark.parametrize("sums", ["_sums_by_shots", "_sums_by_counts"])
def test_means_over_pairs_of_shots_are_those_of_a_loop(sums):
    symbols = np.random.default_rng(3).integers(0, 4, (4, 11, 3), dtype=np.uint8)
    gains = np.ones((4, 4))
    np.fill_diagonal(gains, math.exp(0.7 / 3))
    found = getattr(kernel_pca, sums)(symbols, gains) / 11**2
    np.testing.assert_allclose(found, direct_overlaps(symbols, 0.7), rtol=1e-5)


def test_the_kernel_is_that_of_mean_embeddings():
    bits = bits_of((5, 9, 4))
    overlaps = direct_overlaps(2 * bits[..., :2] + bits[..., 2:], 3.0)
    diagonal = np.diag(overlaps)
    middle = np.mean(
        [
            diagonal[i] + diagonal[j] - 2 * overlaps[i, j]
            for i, j in itertools.combinations(range(5), 2)
        ]
    )
    # The published exponential with another scale, divided by the roots of its diagonal.
    published = np.exp(2.0 / middle * 2 * overlaps)
    roots = np.sqrt(np.diag(published))
    found = bell_kernel(bits)
    np.testing.assert_allclose(found, published / np.outer(roots, roots), rtol=1e-4)
    assert np.linalg.eigvalsh(found).min() > -1e-9


def test_both_ways_to_sum_agree_where_the_faster_one_changes(monkeypatch):
    rng = np.random.default_rng(4)
    for shots in (10, 300):
        bits = rng.integers(0, 2, (6, shots, 10), dtype=np.uint8)
        found = bell_kernel(bits)
        for sums in ("_sums_by_shots", "_sums_by_counts"):
            other = "_sums_by_counts" if sums == "_sums_by_shots" else "_sums_by_shots"
            with monkeypatch.context() as patch:
                patch.setattr(kernel_pca, other, getattr(kernel_pca, sums))
                np.testing.assert_allclose(bell_kernel(bits), found, rtol=1e-4)


def test_the_kernel_sees_correlations_that_no_bit_has():
    """Two uniform bits, equal in one class and unequal in the other: all moments are the same."""
    first = bits_of((40, 60, 3), seed=5)
    bits = np.concatenate([first, first ^ TRUTH[:, None, None].astype(np.uint8)], axis=2)
    assert accuracy(by_bell_kernel(bits)) == 1
    labels = cluster(by_moments(bits))
    # Within three standard deviations of the number of points that are right by chance.
    assert accuracy(by_moments(bits)) < chance_accuracy(labels, TRUTH) + 3 * 0.5 / math.sqrt(40)


def test_equal_records_have_no_coordinates():
    bits = np.zeros((6, 8, 4), dtype=np.uint8)
    for coordinates in (by_moments(bits), by_bell_kernel(bits)):
        np.testing.assert_allclose(coordinates, 0, atol=1e-12)
        assert not cluster(np.round(coordinates, 9)).any()


def test_order_of_the_shots_does_not_matter():
    rng = np.random.default_rng(6)
    bits = bits_of((8, 40, 4))
    mixed = np.array([rng.permutation(shots) for shots in bits])
    assert not np.array_equal(mixed, bits)
    np.testing.assert_allclose(bell_kernel(mixed), bell_kernel(bits), rtol=1e-5)
    np.testing.assert_allclose(by_moments(mixed), by_moments(bits), atol=1e-9)


# Evolutions.


@pytest.mark.parametrize("qubits", [4, 6])
@pytest.mark.parametrize(("shots", "readout"), [(50, 0.0), (500, 0.03)])
def test_two_copies_divide_symmetric_from_general_evolutions(qubits, shots, readout, bell_law):
    rng = np.random.default_rng(7)
    laws = [bell_law(u) for u in unitaries(qubits, TRUTH, rng)]
    bits = measured(laws, shots, rng, readout=readout)
    for coordinates in (by_moments(bits), by_bell_kernel(bits)):
        assert accuracy(coordinates) >= 0.95
        assert separation(coordinates) > 5


def test_single_copies_of_as_many_uses_divide_them_worse():
    rng = np.random.default_rng(8)
    found = []
    for _ in range(6):
        laws = [y_law(u) for u in unitaries(6, TRUTH, rng)]
        found.append(accuracy(by_moments(measured(laws, 100, rng))))
    assert 0.6 < np.mean(found) < 0.9


def test_the_kernel_of_shots_stands_more_noise_than_the_moments(bell_law):
    """One shot in ten is not lost: mean accuracies of about 0.84 and 0.97."""
    rng = np.random.default_rng(9)
    found = []
    for _ in range(6):
        laws = [bell_law(u) for u in unitaries(6, TRUTH, rng)]
        bits = measured(laws, 100, rng, readout=0.03, fidelity=0.1)
        found.append((accuracy(by_moments(bits)), accuracy(by_bell_kernel(bits))))
    moments, shots = np.mean(found, axis=0)
    assert moments > 0.7
    assert shots > moments + 0.05


@pytest.mark.parametrize("coordinates", [by_moments, by_bell_kernel])
def test_identical_ensembles_and_wrong_labels_are_divided_by_chance(coordinates, bell_law):
    """The controls that must fail, against the exact level of chance."""
    rng = np.random.default_rng(10)
    excess = []
    for _ in range(40):
        laws = [bell_law(u) for u in unitaries(3, np.zeros(40, dtype=int), rng)]
        labels = cluster(coordinates(measured(laws, 50, rng)))
        excess.append(clustering_accuracy(labels) - chance_accuracy(labels, TRUTH))
    laws = [bell_law(u) for u in unitaries(3, TRUTH, rng)]
    labels = cluster(coordinates(measured(laws, 50, rng)))
    for _ in range(40):
        wrong = rng.permutation(TRUTH)
        excess.append(clustering_accuracy(labels, wrong) - chance_accuracy(labels, wrong))
    for part in (excess[:40], excess[40:]):
        assert abs(np.mean(part)) < 4 * np.std(part) / math.sqrt(40)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"bits must have shape \(evolutions, shots, bits\)"):
        moment_features(bits_of((3, 4)))
    with pytest.raises(ValueError, match="bits must be 0 or 1, not 2"):
        bell_kernel(np.full((3, 4, 2), 2, dtype=np.uint8))
    with pytest.raises(ValueError, match="bits of pairs must be even in number, not 3"):
        bell_kernel(bits_of((3, 4, 3)))
    with pytest.raises(ValueError, match="evolutions must be at least 2, not 1"):
        kernel_coordinates(np.eye(1))
