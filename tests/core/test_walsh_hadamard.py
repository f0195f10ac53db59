import numpy as np
import pytest
from scipy import linalg

from quantum_advantage.core.walsh_hadamard import walsh_hadamard


def draw(shape, dtype, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.normal(size=shape)
    return values.astype(dtype)


# One round transforms five bits: 5, 10 end with a whole round, 6 and 11 with a single bit.
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
