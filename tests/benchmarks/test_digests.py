import numpy as np
import pytest
from speed.digests import Outcome, digest


def test_equal_parts_have_equal_digests():
    one, other = np.arange(6.0), np.repeat(np.arange(6.0), 2)[::2]
    assert not other.flags.c_contiguous
    assert digest([one, "text"]) == digest([other, "text"])


@pytest.mark.parametrize(
    "parts",
    [
        [np.arange(6.0).reshape(2, 3), b"a"],
        [np.arange(6), b"a"],
        [np.arange(6.0, dtype=np.float32), b"a"],
        [b"a", np.arange(6.0)],
        [np.arange(6.0), "a"],
        [np.nextafter(np.arange(6.0), 9), b"a"],
        [np.arange(6.0)],
    ],
)
def test_types_shapes_order_and_last_bits_count(parts):
    assert digest(parts) != digest([np.arange(6.0), b"a"])


def test_byte_order_does_not_count():
    values = np.arange(5, dtype=np.int32)
    assert digest([values.astype(">i4")]) == digest([values])


def test_rounding_hides_the_last_places_alone():
    values = np.array([0.1, 0.2, -0.0])
    shaken = values + np.array([1e-12, -1e-12, 0])
    assert digest([values]) != digest([shaken])
    assert digest([values], 6) == digest([shaken], 6) == digest([np.array([0.1, 0.2, 0.0])], 6)
    assert digest([values], 6) != digest([values + 1e-5], 6)


def test_what_has_no_bytes_is_refused():
    with pytest.raises(TypeError, match="object have no digest"):
        digest([np.array([{}])])


def test_outcomes_say_how_their_digest_is_to_be_read():
    assert Outcome((1,)).kind == "exact"
    assert Outcome((1.0,), decimals=6).kind == "6 decimals"
    assert Outcome((1,), drawn=True).kind == "seeded draws"
