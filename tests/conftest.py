"""Statistics that several test files share, one thread for each worker, and unsteady rounding."""

from __future__ import annotations

import errno
import gc
import math
import os

# Before numpy is loaded: tests run side by side, and threads of theirs would wait for each other.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402
import scipy  # noqa: E402  # its parts are loaded where they are used

from quantum_advantage.core.endings import collect_seldom  # noqa: E402

LEAST_EXPECTED = 5
collect_seldom()


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Spares the collector the modules and the tests, which stay until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


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
    return float(scipy.stats.chisquare(observed, expected).pvalue) if expected.size > 1 else 1.0


def _numbered(rows):
    """Numbers equal rows of integers alike, in their order."""
    numbers = rows.astype(np.int64)
    shifted = numbers - numbers.min(axis=0)
    sizes = shifted.max(axis=0).astype(float) + 1
    if sizes.prod() < 2**62:
        # One number for a row is sorted in less time than the row.
        rows = np.ravel_multi_index(shifted.T, sizes.astype(np.int64))
    return np.unique(rows, axis=0, return_inverse=True)[1].ravel()


def _p_value_of_two(first, second):
    """Two lists of outcomes (rows of integers, or integers)."""
    first, second = (np.asarray(x).reshape(len(x), -1) for x in (first, second))
    kinds = _numbered(np.concatenate([first, second]))
    table = np.stack(
        [
            np.bincount(part, minlength=kinds.max() + 1).astype(float)
            for part in (kinds[: len(first)], kinds[len(first) :])
        ]
    )
    expected = table.sum(axis=0) * min(len(first), len(second)) / kinds.size
    _, left, right = _merge_rare(expected, *table)
    assert left.size > 1, "too few different outcomes for a test"
    return float(scipy.stats.chi2_contingency([left, right], correction=False).pvalue)


@pytest.fixture(scope="session")
def p_of_law():
    """The chi-square p value of counts under a law; 0 where an impossible outcome was seen."""
    return _p_value_of_law


@pytest.fixture(scope="session")
def p_of_two():
    """The chi-square p value of 'both lists of outcomes come from one law'."""
    return _p_value_of_two


def _moved(values, rng):
    """Moves floats by up to four units in the last place."""
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.floating):
        return values
    with np.errstate(invalid="ignore"):
        steps = rng.integers(-4, 5, array.shape).astype(array.dtype) * np.spacing(array)
    moved = array + np.where(np.isfinite(array), steps, 0)
    return moved if isinstance(values, np.ndarray) else type(values)(moved)


@pytest.fixture(scope="session")
def moved():
    """Moves floats by up to four units in the last place, as another machine's rounding may."""
    return _moved


@pytest.fixture
def unsteady(monkeypatch):
    """Makes logarithms and exponentials of all modules unsteady in the last places, from a seed."""

    def begin(seed):
        rng = np.random.default_rng(seed)

        def shaken(function):
            def call(*args, **options):
                found = function(*args, **options)
                return found if options.get("out") is not None else _moved(found, rng)

            return call

        monkeypatch.undo()
        for module, names in (
            (np, ("log", "log1p", "exp", "expm1", "sqrt", "cos", "sin")),
            (math, ("log", "log1p", "exp", "expm1", "sqrt", "cos", "sin")),
            (scipy.special, ("logsumexp", "ndtri", "betaincinv", "gammaln")),
        ):
            for name in names:
                monkeypatch.setattr(module, name, shaken(getattr(module, name)))

    return begin


def _full_disk_after(patch, octets):
    real, left = os.write, [octets]

    def write(handle, content):
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = min(left[0], len(content))
        left[0] -= taken
        return real(handle, bytes(content[:taken]))

    patch.setattr(os, "write", write)


@pytest.fixture(scope="session")
def full_disk_after():
    """Makes the system take so many bytes in all, and refuse the rest, as a monkeypatch says."""
    return _full_disk_after
