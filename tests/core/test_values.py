from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from quantum_advantage.core.usage import UsageError
from quantum_advantage.core.values import open_interval, root_of, seed_of, text_of, whole_number

LONG = "x" * 200 + "\n" + "y"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (7, 7),
        (1e3, 1000),
        (np.int64(7), 7),
        (np.uint8(255), 255),
        (np.float32(3.0), 3),
        (np.array(5), 5),
        (2**70, 2**70),
        (-0.0, 0),
    ],
)
def test_whole_numbers_of_all_kinds_become_ints_of_python(value, number):
    found = whole_number("shots", value)
    assert found == number
    assert type(found) is int


@pytest.mark.parametrize(
    "value",
    [
        *(True, False, np.True_, None, "7", b"7", 1.5, np.nan, np.inf, -np.inf, 2.0**53, 1e300),
        *(3 + 0j, [7], (7,), np.array([7]), np.array(5.5), Fraction(7, 2), Decimal(7), int, LONG),
    ],
)
def test_what_is_no_whole_number_is_refused_in_one_short_line(value):
    with pytest.raises(UsageError, match=r"^shots must be a whole number, not ") as caught:
        whole_number("shots", value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 110


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, "^shots must be at least 1, not 0$"),
        (-3.0, "^shots must be at least 1, not -3$"),
        (np.int8(-1), "^shots must be at least 1, not -1$"),
        (11, "^shots must be at most 10, not 11$"),
        (10**30, "^shots must be at most 10, not 1000000"),
    ],
)
def test_numbers_out_of_range_are_refused_with_the_limit(value, message):
    with pytest.raises(UsageError, match=message):
        whole_number("shots", value, 1, 10)
    assert (whole_number("shots", 1, 1, 10), whole_number("shots", 10, 1, 10)) == (1, 10)


@pytest.mark.parametrize("value", [0.7, np.float32(0.75), np.float64(0.51), Fraction(2, 3)])
def test_numbers_inside_an_interval_become_floats(value):
    found = open_interval("target", value, 0.5, 1)
    assert found == float(value)
    assert type(found) is float


@pytest.mark.parametrize(
    "value", [0.5, 1, 0, 2, -1.0, np.nan, np.inf, True, None, "0.7", [0.7], 0.7 + 0j]
)
def test_numbers_outside_an_interval_and_what_is_none_are_refused(value):
    with pytest.raises(UsageError, match=r"^target must lie strictly between 0.5 and 1, not "):
        open_interval("target", value, 0.5, 1)


def test_seeds_are_whole_numbers_and_generators():
    generator, sequence = np.random.default_rng(1), np.random.SeedSequence(1)
    assert seed_of(generator) is generator
    assert seed_of(sequence) is sequence
    for value in (3, np.uint32(3), 3.0):
        assert (seed_of(value), type(seed_of(value))) == (3, int)


@pytest.mark.parametrize(
    "value", [None, True, -1, 1.5, "1", [1, 2], np.random.RandomState(1), np.random, np.nan]
)
def test_what_is_no_seed_is_refused(value):
    with pytest.raises(UsageError, match=r"^seed must be a whole number, at least 0, or a numpy"):
        seed_of(value)


def test_a_generator_draws_the_whole_number_that_names_results():
    drawn = [root_of(np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert root_of(np.random.SeedSequence(5)) == root_of(np.random.SeedSequence(5))
    assert all(type(value) is int and 0 <= value < 2**63 for value in (*drawn, root_of(7.0)))
    generator = np.random.default_rng(1)
    assert root_of(generator) != root_of(generator)
    with pytest.raises(UsageError, match=r"^seed must be a whole number"):
        root_of(None)


def test_texts_are_texts():
    assert text_of("task", "purity") == "purity"
    for value in (None, 1, b"purity", ["purity"]):
        with pytest.raises(UsageError, match=r"^task must be a text, not "):
            text_of("task", value)
