"""Statistics that several test files share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

LEAST_EXPECTED = 5


def _merge_rare(expected, *columns):
    """Pools the cells that expect fewer than five counts, with the next one if need be."""
    order = np.argsort(expected, kind="stable")
    pooled = np.cumsum(expected[order])
    rare = expected[order] < LEAST_EXPECTED
    first = 0
    if rare.any():
        first = max(int(rare.sum()), int(np.searchsorted(pooled, LEAST_EXPECTED)) + 1)
    return [
        np.concatenate([[column[order][:first].sum()] if first else [], column[order][first:]])
        for column in (expected, *columns)
    ]


def _p_value_of_law(counts, law):
    counts, law = np.asarray(counts, dtype=float).ravel(), np.asarray(law, dtype=float).ravel()
    if counts[law < 1e-12].any():
        return 0.0
    possible = law >= 1e-12
    expected = law[possible] / law[possible].sum() * counts.sum()
    expected, observed = _merge_rare(expected, counts[possible])
    assert expected.size > 1 or possible.sum() == 1, "too few counts for a test"
    return float(stats.chisquare(observed, expected).pvalue) if expected.size > 1 else 1.0


def _p_value_of_two(first, second):
    """Two lists of outcomes (rows of integers, or integers)."""
    first, second = (np.asarray(x).reshape(len(x), -1) for x in (first, second))
    _, kinds = np.unique(np.concatenate([first, second]), axis=0, return_inverse=True)
    kinds = kinds.ravel()
    table = np.stack(
        [
            np.bincount(part, minlength=kinds.max() + 1).astype(float)
            for part in (kinds[: len(first)], kinds[len(first) :])
        ]
    )
    expected = table.sum(axis=0) * min(len(first), len(second)) / kinds.size
    _, left, right = _merge_rare(expected, *table)
    assert left.size > 1, "too few different outcomes for a test"
    return float(stats.chi2_contingency([left, right], correction=False).pvalue)


@pytest.fixture(scope="session")
def p_of_law():
    """The chi-square p value of counts under a law; 0 where an impossible outcome was seen."""
    return _p_value_of_law


@pytest.fixture(scope="session")
def p_of_two():
    """The chi-square p value of 'both lists of outcomes come from one law'."""
    return _p_value_of_two
