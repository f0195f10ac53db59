"""Records of random Pauli bases, drawn from the exact laws of density matrices."""

import functools

import numpy as np

# Rows are the eigenstates +1 and -1 of X, Y and Z.
EIGENSTATES = np.array(
    [[[1, 1], [1, -1]], [[1, 1j], [1, -1j]], [[np.sqrt(2), 0], [0, np.sqrt(2)]]]
) / np.sqrt(2)


def digits(numbers, base, count):
    """The digits of numbers, the highest first, along a new last axis."""
    powers = base ** np.arange(count)[::-1]
    return (np.asarray(numbers)[..., None] // powers % base).astype(np.uint8)


@functools.cache
def pauli_projections(qubits):
    """The bras of all outcomes of all 3ⁿ product bases, (3ⁿ, 2ⁿ, 2ⁿ)."""
    rows = np.ones((1, 1, 1))
    for _ in range(qubits):
        rows = np.einsum("bkx,cly->bcklxy", rows, EIGENSTATES.conj())
        b, c, k, m, x, y = rows.shape
        rows = rows.reshape(b * c, k * m, x * y)
    return rows


def laws_of(state, projections):
    """The law of the outcomes in every basis."""
    return np.einsum("bki,ij,bkj->bk", projections, state, projections.conj()).real


def pauli_laws(state):
    return laws_of(state, pauli_projections(len(state).bit_length() - 1))


def purity_of(state):
    return np.trace(state @ state).real


def draw(laws, chosen, rng):
    """One outcome of each of the chosen bases, as numbers."""
    steps = np.cumsum(laws, axis=1)[:, :-1]
    return (rng.random((*chosen.shape, 1)) > steps[chosen]).sum(axis=-1)


def draw_bits(laws, qubits, shape, times, rng):
    """Bases and bits of random bases of the given shape, each used so many times on."""
    chosen = np.repeat(rng.integers(0, 3**qubits, shape)[..., None], times, axis=-1)
    return digits(chosen, 3, qubits), digits(draw(laws, chosen, rng), 2, qubits)


def shadow_records(state, records, shots, rng):
    qubits = len(state).bit_length() - 1
    bases, bits = draw_bits(pauli_laws(state), qubits, (records, shots), 1, rng)
    return bases[:, :, 0], bits[:, :, 0]


def assert_unbiased_with_stated_error(estimates, errors, truth):
    """The mean, and the mean squared deviation: not above the stated one, nor far below it."""
    root = np.sqrt(len(estimates))
    assert abs(estimates.mean() - truth) < 4 * estimates.std(ddof=1) / root
    off = (estimates - truth) ** 2 - errors**2
    tolerance = 4 * off.std(ddof=1) / root
    assert off.mean() < tolerance
    assert tolerance < 0.35 * estimates.var(), "too few records to see 16 % of the error"
    assert np.sqrt((errors**2).mean()) < 1.3 * estimates.std()
