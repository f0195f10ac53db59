import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.bounds.paired_hits import WEAK, hits_for, largest_gap

repeatable = settings(derandomize=True, deadline=None)
alphas = st.floats(0.05, 0.99)


def gap_of(distribution, alpha):
    """E[1 - r^max(S, S')] for two independent numbers of hits with these chances of 0, 1, 2 ..."""
    r = np.sqrt(1 - alpha**2)
    places = np.arange(len(distribution))
    larger = np.maximum(places[:, None], places)
    return float(distribution @ (1 - r**larger) @ distribution)


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=30).filter(lambda w: sum(w) > 0.01),
    alphas,
)
@repeatable
def test_no_distribution_has_a_larger_gap_at_its_mean(weights, alpha):
    chances = np.array(weights) / sum(weights)
    mean = float(chances @ np.arange(chances.size))
    assert gap_of(chances, alpha) <= largest_gap(mean, alpha) + 1e-12


@given(st.floats(0.02, 0.98), alphas)
@repeatable
def test_the_stationary_distribution_attains_it(level, alpha):
    r = np.sqrt(1 - alpha**2)
    count = int(np.log(level) / np.log(r)) + 2
    chances = np.diff(np.minimum(1, level * r ** -np.arange(count)), prepend=0)
    mean = float(chances @ np.arange(chances.size))
    assert largest_gap(mean, alpha) == pytest.approx(gap_of(chances, alpha), abs=1e-9)


@given(st.floats(0, 0.7), st.floats(0.05, 0.95))
@repeatable
def test_few_hits_have_the_closed_form(share, alpha):
    c = 1 - np.sqrt(1 - alpha**2)
    hits = share * c
    assert largest_gap(hits, alpha) == pytest.approx(c * (2 * hits - hits**2), abs=1e-14)


@given(st.floats(0, 0.999), st.one_of(alphas, st.floats(1e-100, 0.02)))
@repeatable
def test_hits_and_gap_are_inverse(gap, alpha):
    hits = hits_for(gap, alpha)
    assert largest_gap(hits, alpha) == pytest.approx(gap, abs=1e-12)
    assert largest_gap(0.99 * hits, alpha) <= gap <= largest_gap(1.01 * hits, alpha) + 1e-15


@pytest.mark.parametrize(
    ("alpha", "gap", "hits"),
    [
        (0.9, 0.4, 0.4606),
        (0.9, 0.8, 1.667),
        (0.95, 0.4, 0.353),
        (0.95, 0.8, 1.209),
        (0.5, 0.4, 2.565),
    ],
)
def test_hits_for_two_targets(alpha, gap, hits):
    assert hits_for(gap, alpha) == pytest.approx(hits, abs=6e-4)


@pytest.mark.parametrize("hits", [1e-3, 0.5, 40.0, 3000.0, 1e5])
def test_a_weak_signal_is_bounded_from_above_by_real_valued_hits(hits):
    exact, relaxed = (largest_gap(hits, alpha) for alpha in (WEAK, np.nextafter(WEAK, 0)))
    assert exact <= relaxed <= exact * 1.0001


def test_very_many_hits_tell_all():
    assert largest_gap(1e300, 0.9) == 1
    assert largest_gap(0, 0.9) == largest_gap(0, 1e-3) == 0
