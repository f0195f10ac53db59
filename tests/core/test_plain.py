import json
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest

from quantum_advantage.core.plain import from_plain, to_plain


@dataclass(frozen=True)
class Inner:
    name: str


@dataclass(frozen=True)
class Outer:
    mode: Literal["fixed", "anytime"]
    games: int
    share: float
    least: int | None
    met: bool
    notes: tuple[str, ...]
    inner: Inner | None

    def check(self):
        if self.games < 1:
            raise ValueError("games must be positive")


@dataclass(frozen=True, eq=False)
class Counts:
    counts: npt.NDArray[np.int64]


OUTER = Outer("fixed", 3, 0.1, None, True, ("a", "b"), Inner("x"))


def test_values_come_back_through_json():
    plain = json.loads(json.dumps(to_plain(OUTER)))
    assert from_plain(Outer, plain) == OUTER
    counts = Counts(np.array([[1, 2], [3, 4]]))
    back = from_plain(Counts, json.loads(json.dumps(to_plain(counts))))
    assert back.counts.dtype == np.int64
    assert back.counts.tolist() == counts.counts.tolist()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("mode", "other", "mode must be one of fixed, anytime"),
        ("games", 3.0, "games must be of type int"),
        ("games", True, "games must be of type int"),
        ("games", 0, "games must be positive"),
        ("share", "0.1", "share must be a number"),
        ("share", None, "share must be a number"),
        ("least", "1", "least must be of type int"),
        ("met", 1, "met must be of type bool"),
        ("notes", "ab", "notes must be a list"),
        ("notes", ["a", 1], "notes must be a text"),
        ("notes", ["a\nb"], "notes must be a text of one line"),
        ("inner", {}, "inner must be a Inner of name"),
        ("inner", {"name": "x", "more": 1}, "inner must be a Inner of name"),
        ("more", 1, "value must be a Outer of mode"),
    ],
)
def test_what_is_of_another_type_is_named(name, value, told):
    with pytest.raises(ValueError, match=told):
        from_plain(Outer, {**to_plain(OUTER), name: value})


@pytest.mark.parametrize(
    "counts", [[], [[]], [1, 2.0], [[1, 2], [3]], [[1], 2], [True], [2**63], 3]
)
def test_arrays_are_rows_of_whole_numbers(counts):
    with pytest.raises(ValueError, match="counts must be"):
        from_plain(Counts, {"counts": counts})


def test_what_is_no_plain_value_is_a_bug():
    with pytest.raises(TypeError, match="a object is no plain value"):
        to_plain((1, object()))
