import numpy as np
import pytest

from quantum_advantage.measurements.agreement import (
    apply_update,
    fourth_bases,
    fourth_update,
    third_bases,
)
from quantum_advantage.measurements.stabiliser import (
    decode_random_bases,
    encode_random_bases,
    select_bases,
    stabiliser_hits,
    stabiliser_strings,
)
from quantum_advantage.measurements.unbiased_bases import mutually_unbiased_bases

SHOTS = 400


def drawn(n, seed):
    """Random unbiased bases, and random outcomes of four copies in each."""
    rng = np.random.default_rng(seed)
    bases = select_bases(mutually_unbiased_bases(n), rng.integers(0, 2**n + 1, SHOTS))
    return bases, rng.integers(0, 2**n, (4, SHOTS), dtype=np.uint64)


def looks_at_own_group(n, bases, outcomes):
    """Hits and signs of every string of the first basis, four looks: (4, shots, 2^n - 1) each."""
    x, z, _ = stabiliser_strings(n, bases, outcomes[0])
    all_bases = [
        bases,
        bases,
        third_bases(bases, *outcomes[:2]),
        fourth_bases(bases, *outcomes[:3]),
    ]
    found = []
    for basis, outcome in zip(all_bases, outcomes, strict=True):
        columns = [stabiliser_hits(x[:, k], z[:, k], basis, outcome) for k in range(1, 2**n)]
        found.append([np.stack(part, axis=1) for part in zip(*columns, strict=True)])
    return np.array([hits for hits, _ in found]), np.array([signs for _, signs in found])


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_later_copies_measure_exactly_the_strings_whose_signs_agree(n):
    bases, outcomes = drawn(n, n)
    hits, signs = looks_at_own_group(n, bases, outcomes)
    plain = bases.hadamards == 0
    twice = signs[0] == signs[1]
    thrice = twice & (signs[0] == signs[2])
    assert hits[:2].all()
    np.testing.assert_array_equal(hits[2][plain], twice[plain])
    # Where all that agreed twice agree three times the third basis comes again.
    np.testing.assert_array_equal(hits[3][plain], thrice[plain])
    assert hits[:, ~plain].all()


def test_the_third_basis_is_a_basis_of_the_same_form():
    bases, outcomes = drawn(4, 7)
    third = third_bases(bases, *outcomes[:2])
    x, z, _ = stabiliser_strings(4, third, outcomes[2])
    commute = (
        np.bitwise_count(x[:, :, None] & z[:, None]) + np.bitwise_count(z[:, :, None] & x[:, None])
    ) % 2
    assert not commute.any()
    distinct = x * np.uint64(16) + z
    assert all(np.unique(row).size == 16 for row in distinct)


@pytest.mark.parametrize("n", [1, 3, 12])
def test_positions_and_bases_are_inverse(n):
    bases, outcomes = drawn(n, 2)
    for basis in (bases, third_bases(bases, *outcomes[:2]), fourth_bases(bases, *outcomes[:3])):
        again = decode_random_bases(encode_random_bases(basis))
        np.testing.assert_array_equal(again.hadamards, basis.hadamards)
        np.testing.assert_array_equal(again.rows, basis.rows)


def test_an_update_acts_as_the_change_of_the_matrix():
    rng = np.random.default_rng(0)
    c, d, v = rng.integers(0, 32, (3, 200), dtype=np.uint64)
    c[:20], d[:40] = 0, np.where(np.arange(40) % 2, 0, c[:40])

    def bits(words):
        return (words[:, None] >> np.arange(5, dtype=np.uint64)) & np.uint64(1)

    pairs = fourth_update(c, d)
    matrix = sum(bits(p)[:, :, None] * bits(q)[:, None] for p, q in pairs) % 2
    np.testing.assert_array_equal(matrix, matrix.swapaxes(1, 2))
    image = np.einsum("kij,kj->ki", matrix, bits(v)) % 2
    np.testing.assert_array_equal(image, bits(apply_update(pairs, v)))
