import math

import pytest

from quantum_advantage.study.tables import check_interval


@pytest.mark.parametrize(
    "ends", [(1.0, 2.0, 3.0), (1.0, 1.0, 1.0), (None, 2.0, None), (1.0, None, math.inf)]
)
def test_an_interval_holds_its_value(ends):
    check_interval(*ends, "copies")


@pytest.mark.parametrize(
    "ends", [(2.0, 1.0, 3.0), (1.0, 4.0, 3.0), (3.0, None, 1.0), (math.nan, 2.0, 3.0)]
)
def test_an_interval_that_is_upside_down_or_no_number_is_refused(ends):
    with pytest.raises(ValueError, match="copies must lie between its ends"):
        check_interval(*ends, "copies")
