import numpy as np
import pytest

from quantum_advantage.tasks.shared.families import FAMILY_DEFAULTS, Family


def read(**options):
    return Family.read("time_reversal", {**FAMILY_DEFAULTS, **options})


def test_defaults_look_haar_random_on_a_line():
    family = read()
    assert family == Family("matched", "line", 0)
    assert family.looks_haar_random
    assert family.on_line


@pytest.mark.parametrize("options", [{"depth": 5}, {"ensemble": "public"}])
def test_a_fixed_depth_and_the_public_circuits_do_not_look_haar_random(options):
    assert not read(**options).looks_haar_random


def test_a_native_gate_belongs_to_the_name_of_the_ensemble():
    assert read(native="syc").ensemble == "matched:native=syc"
    assert read(native="iswap").ensemble == "matched"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ensemble": "public", "native": "cz"}, "native of 'time_reversal' is an option"),
        ({"depth": -1}, "depth of 'time_reversal' must be at least 0, not -1"),
        ({"ensemble": "haar"}, "haar"),
        ({"geometry": "ring"}, "ring"),
    ],
)
def test_what_is_unknown_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        read(**options)


def test_depth_is_that_of_the_name_or_grows_with_the_size():
    assert [read(depth=5).depth(n) for n in (2, 20)] == [5, 5]
    depths = [read().depth(n) for n in (2, 4, 8, 16)]
    assert depths == sorted(set(depths))


def test_drawn_evolutions_have_the_family_and_the_symmetry():
    family = read(depth=3)
    drawn = family.draw([True, False], 4, 7)
    again = family.draw([True, False], 4, np.random.default_rng(7))
    np.testing.assert_array_equal(drawn.exponents, again.exponents)
    assert (drawn.systems, drawn.qubits, drawn.depth) == (2, 4, 3)
