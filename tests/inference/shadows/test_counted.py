import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.inference.shadows import counted, shot_pairs
from quantum_advantage.inference.shadows.purity import grouped_purities, shadow_purities
from quantum_advantage.inference.shadows.shot_pairs import (
    lower_blocks,
    sums_by_distances,
    sums_with_earlier,
)


def draw(shape, seed, ones):
    """Bases and bits, of which so large a share are ones."""
    rng = np.random.default_rng(seed)
    bits = (rng.random(shape) < ones).astype(np.uint8)
    return rng.integers(0, 3, shape, dtype=np.uint8), bits


@settings(max_examples=60, deadline=None)
@given(
    number=st.integers(1, 9),
    shots=st.integers(2, 40),
    qubits=st.integers(1, 9),
    at_once=st.sampled_from([1, 64, 2**18]),
    seed=st.integers(0, 2**32),
    ones=st.floats(0, 1),
)
def test_counts_and_distances_in_a_basis_give_exactly_the_sums_over_pairs(
    number, shots, qubits, at_once, seed, ones
):
    _, bits = draw((number, shots, 9), seed, ones)
    expected = sums_with_earlier(None, bits, [qubits])[0].sum(axis=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counted, "AT_ONCE", at_once)
        patch.setattr(shot_pairs, "PAIRS_AT_ONCE", at_once)
        np.testing.assert_array_equal(counted.sums_in_settings(bits, qubits), expected)
        np.testing.assert_array_equal(sums_by_distances(bits, qubits), expected)


def test_distances_of_more_than_a_word_are_those_of_all_qubits():
    _, bits = draw((3, 12, 100), 4, 0.02)
    for qubits in (64, 65, 100):
        expected = sums_with_earlier(None, bits, [qubits])[0].sum(axis=1)
        np.testing.assert_allclose(sums_by_distances(bits, qubits), expected, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    shots=st.integers(2, 60),
    qubits=st.integers(1, 6),
    seed=st.integers(0, 2**32),
    ones=st.floats(0, 1),
)
def test_counts_in_fresh_bases_give_exactly_the_moments_of_pairs(shots, qubits, seed, ones):
    bases, bits = draw((shots, 6), seed, ones)
    ((*_, values),) = lower_blocks(bases[None], bits[None], [qubits])
    both = values[0] + values[0].T
    expected = both.sum(), (both.sum(axis=1) ** 2).sum(), (both**2).sum()
    assert counted.shadow_moments(bases, bits, qubits) == expected


@pytest.mark.parametrize("sizes", [[3], [1, 8], [8, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8]])
def test_parts_of_all_sizes_have_the_same_purities_either_way(monkeypatch, sizes):
    # With 9 shots 2⁴ kinds are too many, and with 40 shots 6⁴ are.
    _, bits = draw((20, 9, 8), 1, 0.2)
    bases, fresh = draw((40, 8), 2, 0.2)
    found = grouped_purities(bits, sizes), shadow_purities(bases, fresh, sizes)
    monkeypatch.setattr(counted, "MOST_KINDS", 0)
    np.testing.assert_array_equal(grouped_purities(bits, sizes), found[0])
    np.testing.assert_allclose(shadow_purities(bases, fresh, sizes), found[1], rtol=1e-12)


def test_time_grows_with_the_shots_and_not_with_their_pairs():
    _, bits = draw((4, 8000, 4), 3, 0.3)
    seconds = []
    for shots in (500, 8000):
        start = time.process_time()
        for _ in range(10):
            grouped_purities(bits[:, :shots], [4])
        seconds.append(time.process_time() - start)
    # Sixteen times as many shots are 256 times as many pairs.
    assert seconds[1] < 64 * seconds[0]
