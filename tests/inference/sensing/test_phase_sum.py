import numpy as np
import pytest

from quantum_advantage.core.standard_errors import sign_error
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.sensing.phase_sum import mean_square, sum_cosine


def test_mean_squares_grow_by_one_two_and_four():
    for way, base in (("entangled", 1), ("joint", 2), ("separate", 4)):
        assert mean_square(1, 0.5, way) == pytest.approx(4)
        ratio = mean_square(6, 1.0, way) / mean_square(5, 1.0, way)
        assert ratio == pytest.approx(base)


def test_estimate_is_the_scaled_mean_with_the_error_of_signs_or_of_the_exact_mean_square():
    signs = np.array([1, 1, 1, -1])
    rule = sign_error(0.5, 4)
    assert sum_cosine(signs, 3, 0.5, "entangled") == pytest.approx((1, 2 * rule))
    assert sum_cosine(signs, 3, 0.5, "separate") == pytest.approx((4, 8 * rule))
    value, error = sum_cosine(np.array([0, 0, 0, 1]), 3, 1.0, "joint")
    assert (value, error) == pytest.approx((1, np.sqrt((4 - 1) / 4)))


def test_error_is_not_0_where_all_shots_agree():
    value, error = sum_cosine(np.ones(5, dtype=int), 3, 1.0, "joint")
    assert (value, error) == pytest.approx((4, np.sqrt((16 - 1) / 5)))
    assert sum_cosine(np.ones(5, dtype=int), 3, 1.0, "entangled")[1] > 0.4


@pytest.mark.parametrize(("signs", "way"), [([0, 1], "entangled"), ([2], "joint"), ([], "joint")])
def test_what_are_no_signs_is_refused(signs, way):
    with pytest.raises(ValueError, match="signs must be of shape"):
        sum_cosine(np.array(signs), 3, 1.0, way)


@pytest.mark.parametrize(
    ("sensors", "visibility", "way", "reason"),
    [
        (4, 1.0, "Entangled", "way must be one of entangled, joint, separate, not 'Entangled'"),
        (4, 0.0, "entangled", "visibility must lie in"),
        (4, 1.1, "joint", "visibility must lie in"),
        (4, np.nan, "joint", "visibility must lie in"),
        (0, 1.0, "separate", "sensors must be at least 1, not 0"),
    ],
)
def test_arrays_that_cannot_be_are_refused(sensors, visibility, way, reason):
    with pytest.raises(UsageError, match=reason):
        mean_square(sensors, visibility, way)
    with pytest.raises(UsageError, match=reason):
        sum_cosine(np.array([1, -1]), sensors, visibility, way)
