import numpy as np
import pytest
from scipy import linalg

from quantum_advantage.core import compiled_walsh
from quantum_advantage.core import walsh_hadamard as module
from quantum_advantage.core.walsh_hadamard import transform_in_place, walsh_hadamard


def draw(shape, dtype, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.normal(size=shape)
    return values.astype(dtype)


def assert_close(transformed, expected, levels):
    """Every level, and the two products of a test, round by one unit of the largest number."""
    largest = np.abs(expected).max(initial=0)
    unit = (levels + 2) * np.finfo(transformed.dtype).eps
    np.testing.assert_allclose(transformed, expected, rtol=0, atol=float(unit * largest))


# One product transforms four bits: 4 ends with a whole one, 5 and 9 with a single bit.
@pytest.mark.parametrize("bits", [0, 1, 4, 5, 6, 9, 10, 11])
@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
def test_transform_is_the_matrix_of_hadamard_in_the_same_precision(bits, dtype):
    values = draw(2**bits, dtype, bits)
    transformed = walsh_hadamard(values)
    assert transformed.dtype == np.dtype(dtype)
    # In more digits and without the library whose kernels differ from processor to processor.
    expected = linalg.hadamard(2**bits) @ values.astype(np.clongdouble)
    scale = 2 ** (bits / 2) * np.finfo(dtype).eps
    np.testing.assert_allclose(transformed, expected, rtol=0, atol=20 * scale)


@pytest.mark.parametrize("shape", [(1, 8), (3, 64), (2, 3, 128), (2, 1, 3, 4), (5, 1), (0, 64)])
@pytest.mark.parametrize("dtype", ["f8", "c16"])
def test_every_row_of_a_batch_is_transformed_by_itself(shape, dtype):
    values = draw(shape, dtype, seed=1)
    transformed = walsh_hadamard(values)
    assert transformed.shape == shape
    np.testing.assert_allclose(transformed, values @ linalg.hadamard(shape[-1]), atol=1e-12)


def test_values_need_not_lie_side_by_side():
    values = draw((64, 6), "f8", seed=2)
    np.testing.assert_allclose(
        walsh_hadamard(values.T[::2]), values.T[::2] @ linalg.hadamard(64), atol=1e-12
    )


@pytest.mark.parametrize("dtype", ["f8", "c16"])
def test_input_is_left_as_it_was(dtype):
    values = draw((2, 64), dtype, seed=3)
    before = values.copy()
    walsh_hadamard(values)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("dtype", ["i8", "u1", "?"])
def test_whole_numbers_become_floating_point_numbers_and_stay_exact(dtype):
    values = np.random.default_rng(4).integers(0, 2, 2048).astype(dtype)
    transformed = walsh_hadamard(values)
    assert transformed.dtype == np.float64
    np.testing.assert_array_equal(transformed, linalg.hadamard(2048) @ values.astype(np.int64))


def test_transform_applied_twice_multiplies_by_the_length():
    values = np.random.default_rng(5).integers(-100, 100, 4096)
    np.testing.assert_array_equal(walsh_hadamard(walsh_hadamard(values)), 4096 * values)


@pytest.mark.parametrize(
    ("values", "size"), [(np.ones(3), 3), (np.ones((4, 6)), 6), (np.ones((2, 0)), 0), (1.0, 0)]
)
def test_other_lengths_are_refused_by_number(values, size):
    with pytest.raises(ValueError, match=f"power of two along the last axis, not {size}"):
        walsh_hadamard(values)


@pytest.mark.parametrize("shape", [(1,), (8,), (3, 4), (5, 64), (2, 3, 2**13), (2**17,)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16", "g"])
def test_transform_in_place_is_the_transform(shape, dtype):
    values = draw(shape, dtype, seed=13)
    expected = walsh_hadamard(values)
    transform_in_place(values)
    np.testing.assert_array_equal(values, expected)


def test_numbers_that_cannot_be_transformed_in_place_are_refused():
    for values in (np.ones((4, 8)).T, np.ones(8, dtype=np.int64)):
        with pytest.raises(ValueError, match="floating-point numbers in C order"):
            transform_in_place(values)
    with pytest.raises(ValueError, match="power of two along the last axis, not 6"):
        transform_in_place(np.ones(6))


@pytest.mark.parametrize("dtype", [">f8", ">c16", "<f4"])
def test_numbers_of_other_machines_and_read_only_ones_are_transformed_too(dtype):
    values = draw(64, dtype[1:], seed=14).astype(dtype)
    values.setflags(write=False)
    expected = values.astype(np.clongdouble) @ linalg.hadamard(64)
    assert_close(walsh_hadamard(values), expected, 6)


# Large vectors.


@pytest.mark.parametrize("bits", [15, 16, 17, 20])
@pytest.mark.parametrize("dtype", ["f4", "f8", "c16"])
def test_transform_of_a_product_is_the_product_of_transforms(bits, dtype):
    high, low = draw(2 ** (bits - 8), dtype, seed=5), draw(2**8, dtype, seed=6)
    transformed = walsh_hadamard(np.outer(high, low).ravel())
    expected = np.outer(walsh_hadamard(high), linalg.hadamard(2**8) @ low).ravel()
    assert transformed.dtype == np.dtype(dtype)
    assert_close(transformed, expected, bits)


@pytest.mark.parametrize("shape", [(1000, 64), (9, 2**12), (33, 2**10), (2, 3, 2**14)])
@pytest.mark.parametrize("compiled", [False, compiled_walsh.AVAILABLE])
def test_a_batch_may_leave_a_part_of_the_last_piece(monkeypatch, shape, compiled):
    monkeypatch.setattr(compiled_walsh, "AVAILABLE", compiled)
    values = draw(shape, "f8", seed=12)
    transformed = walsh_hadamard(values).reshape(-1, shape[-1])
    for row, found in zip(values.reshape(-1, shape[-1]), transformed, strict=True):
        np.testing.assert_allclose(found, walsh_hadamard(row), rtol=0, atol=1e-10)


def test_rows_of_a_batch_may_be_larger_than_a_piece_of_the_cache():
    values = draw((3, 2**17), "f8", seed=7)
    for row, transformed in zip(values, walsh_hadamard(values), strict=True):
        np.testing.assert_allclose(transformed, walsh_hadamard(row), rtol=0, atol=1e-10)


@pytest.mark.parametrize("cache", [5, 6, 8])
def test_bits_behind_a_piece_are_transformed_in_several_ways_through_memory(monkeypatch, cache):
    monkeypatch.setattr(module, "BITS_IN_CACHE", cache)
    monkeypatch.setattr(compiled_walsh, "AVAILABLE", False)
    values = draw((2, 2**11), "f8", seed=8)
    expected = values @ linalg.hadamard(2**11)
    np.testing.assert_allclose(walsh_hadamard(values), expected, atol=1e-10)


# The compiled steps.


@pytest.fixture
def steps(monkeypatch):
    """The steps in small pieces and, where there is no numba, as plain Python."""
    monkeypatch.setattr(compiled_walsh, "AVAILABLE", True)
    if not have_numba:
        # Compiled, these numbers are fixed.
        for name, value in (("FIRST", 5), ("SECOND", 8), ("AT_ONCE", 3), ("TILE", 32)):
            monkeypatch.setattr(compiled_walsh, name, value)


have_numba = compiled_walsh.AVAILABLE


@pytest.mark.parametrize("shape", [(1,), (2,), (4,), (8,), (16,), (5, 64), (2, 3, 256), (2**11,)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "c16"])
@pytest.mark.parametrize("shared", [2**24, 4])
def test_compiled_steps_are_the_transform(steps, monkeypatch, shape, dtype, shared):
    monkeypatch.setattr(module, "SHARED", shared)
    values = draw(shape, dtype, seed=9)
    expected = values.astype(np.clongdouble) @ linalg.hadamard(shape[-1])
    assert_close(walsh_hadamard(values), expected, shape[-1].bit_length())


def test_two_threads_find_what_one_finds(steps, monkeypatch):
    values = draw(2**11 if not have_numba else 2**20, "f8", seed=10)
    found = []
    for shared in (4, 2**30):
        monkeypatch.setattr(module, "SHARED", shared)
        found.append(walsh_hadamard(values))
    np.testing.assert_array_equal(*found)


def test_long_numbers_are_transformed_too(steps):
    values = draw(64, np.longdouble, seed=11)
    np.testing.assert_allclose(
        walsh_hadamard(values), linalg.hadamard(64) @ values, rtol=0, atol=1e-15
    )
