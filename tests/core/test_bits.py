import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from quantum_advantage.core.bits import (
    check_unused,
    count_ones,
    pack_bits,
    unpack_bits,
    words_for,
    words_of_octets,
)
from quantum_advantage.core.usage import UsageError

repeatable = settings(derandomize=True, deadline=None, max_examples=60)


@given(st.integers(1, 200).flatmap(lambda n: arrays(np.uint8, (3, n), elements=st.integers(0, 1))))
@repeatable
def test_packed_bits_unpack_to_themselves(bits):
    words = pack_bits(bits)
    assert words.shape == (3, words_for(bits.shape[1]))
    np.testing.assert_array_equal(unpack_bits(words, bits.shape[1]), bits)


@given(st.integers(1, 200).flatmap(lambda n: arrays(np.uint8, n, elements=st.integers(0, 1))))
@repeatable
def test_bit_j_lies_at_position_j_mod_64_of_word_j_over_64(bits):
    whole = sum(int(word) << 64 * k for k, word in enumerate(pack_bits(bits)))
    assert whole == sum(int(bit) << j for j, bit in enumerate(bits))


@given(arrays(np.uint8, (2, 3, 130), elements=st.integers(0, 1)))
@repeatable
def test_ones_are_counted_across_words(bits):
    np.testing.assert_array_equal(count_ones(pack_bits(bits)), bits.sum(axis=-1))


def test_words_grow_at_65_bits():
    assert [words_for(n) for n in (0, 1, 64, 65, 128, 129)] == [1, 1, 1, 2, 2, 3]


def test_more_bits_than_the_words_hold_are_refused():
    assert unpack_bits(pack_bits([1, 0, 1]), 64).sum() == 2
    with pytest.raises(ValueError, match="count must be at most the 64 bits held, not 65"):
        unpack_bits(pack_bits([1, 0, 1]), 65)


@pytest.mark.parametrize("octets", [0, 1, 3, 8, 9, 17])
def test_words_hold_their_octets_in_order(octets):
    rows = np.random.default_rng(octets).integers(0, 256, (octets, 5), dtype=np.uint8)
    bits = np.unpackbits(rows, axis=0, bitorder="little").T
    for columns in (rows.T, np.ascontiguousarray(rows.T)):
        words = words_of_octets(columns)
        assert words.shape == (5, words_for(8 * octets))
        np.testing.assert_array_equal(unpack_bits(words, 8 * octets), bits)
        assert words.flags.c_contiguous


@pytest.mark.parametrize("kind", [bool, np.uint8])
def test_everything_else_than_0_is_packed_as_1(kind):
    assert pack_bits(np.array([1, 0, 1, 3, -1]).astype(kind)).tolist() == [0b11101]


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint64, float])
def test_zeros_and_ones_of_any_kind_are_bits(kind):
    assert pack_bits(np.array([1, 0, 1, 1, 0]).astype(kind)).tolist() == [0b01101]


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ([1, -1], "not -1"),
        (np.array([0, 2], dtype=np.int8), "not 2"),
        ([0.0, 0.5], "not 0.5"),
        ([float("nan"), 1.0], "not nan"),
        (["0", "1"], "not '0'"),
        ([0, None], "not None"),
        (np.ma.masked_array([0, 1], [True, False]), "no masked values"),
    ],
)
def test_other_numbers_are_no_bits(values, wrong):
    """Eigenvalues ±1 would all become 1 without a word."""
    with pytest.raises(UsageError, match=f"bits must .*{wrong}"):
        pack_bits(values)


def test_bits_beyond_those_that_are_used_are_refused():
    check_unused("outcomes", pack_bits(np.ones((2, 70))), 70)
    check_unused("outcomes", pack_bits(np.ones((2, 64))), 64)
    for count in (69, 65):
        with pytest.raises(UsageError, match=f"outcomes must have no bit beyond the {count} q"):
            check_unused("outcomes", pack_bits(np.ones((2, 70))), count)
