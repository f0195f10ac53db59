import numpy as np
import pytest
from speed.copying import fresh_copy


@pytest.mark.parametrize("kind", ["f4", "f8", "c8", "u1"])
def test_a_fresh_copy_is_equal_and_apart(kind):
    values = np.arange(24).reshape(4, 6).astype(kind)[:, ::2]
    found = fresh_copy(values)
    assert found.dtype == values.dtype
    assert np.array_equal(found, values)
    found[0, 0] = 7
    assert values[0, 0] == 0
