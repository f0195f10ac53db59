import argparse

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quantum_advantage.core.arguments import (
    OneLineParser,
    at_least,
    minutes,
    read_qubits,
    read_targets,
)

repeatable = settings(derandomize=True, deadline=None)

SIZES = st.integers(1, 60)
ACCURACIES = st.floats(0.5, 1, exclude_min=True, exclude_max=True)
SCRIBBLE = st.text("0123456789:,.-+e x", max_size=6)


def refused(reader, text):
    """Checks that a text is refused with one line that names it."""
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        reader(text)
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Qubits.


@given(st.lists(SIZES, min_size=1))
@repeatable
def test_list_of_qubits_comes_sorted_and_without_repeats(sizes):
    assert read_qubits(",".join(map(str, sizes))) == tuple(sorted(set(sizes)))


@given(SIZES, st.integers(0, 50), st.integers(1, 60))
@repeatable
def test_range_of_qubits_holds_both_ends(first, more, step):
    last = first + more
    assert read_qubits(f"{first}:{last}") == tuple(range(first, last + 1))
    assert read_qubits(f"{first}:{last}:{step}") == tuple(range(first, last + 1, step))


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("8", (8,)),
        ("2,4,8", (2, 4, 8)),
        ("2:5", (2, 3, 4, 5)),
        ("2:20:6", (2, 8, 14, 20)),
        ("2:4,8,20:24:2", (2, 3, 4, 8, 20, 22, 24)),
        ("3:3", (3,)),
    ],
)
def test_qubits_as_in_the_help(text, sizes):
    assert read_qubits(text) == sizes


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "20:2", "2:20:0", "2:20:-1", "2:20:2:2", "0:4", "", ",", "2,", ":", "2:", ":4",
     "2.5", "two", "2;4", "1,0"],
)  # fmt: skip
def test_qubits_that_do_not_read_are_refused_with_what_would_do(text):
    assert "8 or 2,4,8 or 2:20 or 2:20:2" in refused(read_qubits, text)


@given(SCRIBBLE)
@repeatable
def test_any_qubits_are_read_or_refused(text):
    try:
        sizes = read_qubits(text)
    except argparse.ArgumentTypeError:
        refused(read_qubits, text)
    else:
        assert sizes
        assert sizes[0] >= 1
        assert sizes == tuple(sorted(set(sizes)))


# Targets.


@given(st.lists(ACCURACIES, min_size=1))
@repeatable
def test_targets_are_read_in_their_order(accuracies):
    assert read_targets(",".join(map(repr, accuracies))) == tuple(accuracies)


@pytest.mark.parametrize(
    "text", ["1", "0.5", "0.4", "1.2", "-0.7", "nan", "inf", "", ",", "0.7,", "0.7;0.9", "0.7,1"]
)
def test_targets_outside_one_half_to_one_are_refused_with_what_would_do(text):
    assert "strictly between 0.5 and 1" in refused(read_targets, text)


@given(SCRIBBLE)
@repeatable
def test_any_targets_are_read_or_refused(text):
    try:
        targets = read_targets(text)
    except argparse.ArgumentTypeError:
        refused(read_targets, text)
    else:
        assert targets
        assert all(0.5 < target < 1 for target in targets)


# Whole numbers.


@given(st.integers(0, 5), st.integers(-(2**60), 2**60))
@repeatable
def test_number_is_read_if_it_is_large_enough(least, number):
    if number >= least:
        assert at_least(least)(str(number)) == number
    else:
        assert f"at least {least}" in refused(at_least(least), str(number))


@pytest.mark.parametrize(("text", "number"), [("1e4", 10_000), ("2E3", 2000), ("2.5e3", 2500)])
def test_whole_numbers_may_be_written_with_an_exponent(text, number):
    assert at_least(1)(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "x", "1.5", "nan", "inf", "1e400", "-1e3", "1e", "e", "0", "3.0", "0x3", "1_0", " 3", "+3",
     "3 ", "٣", "1e999", "9" * 40],
)  # fmt: skip
def test_text_that_is_no_such_number_is_refused(text):
    assert "whole number, at least 1" in refused(at_least(1), text)


@pytest.mark.parametrize(("text", "most"), [("11", 10), ("1e2", 10), ("1e999", 10)])
def test_number_above_its_limit_is_refused_with_the_limit(text, most):
    assert "at most 10" in refused(at_least(1, most), text)


@pytest.mark.parametrize("text", ["2.5e0", "1e-1", "1.23456e3"])
def test_exponent_that_leaves_no_whole_number_is_refused(text):
    refused(at_least(0), text)


@given(st.integers(0, 3), SCRIBBLE)
@repeatable
def test_any_number_is_read_or_refused(least, text):
    assume("e" not in text)
    try:
        number = at_least(least)(text)
    except argparse.ArgumentTypeError:
        refused(at_least(least), text)
    else:
        assert number == int(text) >= least


# Minutes.


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), ("0.25", 0.25), ("1e3", 1000.0), ("2.", 2.0), (".5", 0.5)]
)
def test_minutes_are_read(text, value):
    assert minutes(text) == value


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "-0.0", "nan", "inf", "-inf", "", "x", "1m", "1e999", "1e7", " 2 ", "1_0", "0x1"],
)
def test_minutes_that_are_none_are_refused(text):
    assert "must be a number of minutes above 0" in refused(minutes, text)


@given(SCRIBBLE)
@repeatable
def test_any_minutes_are_read_or_refused(text):
    try:
        value = minutes(text)
    except argparse.ArgumentTypeError:
        refused(minutes, text)
    else:
        assert 0 < value < float("inf")


# One line for every mistake.


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--size", "0"], ["--size", "'0'", "at least 1"]),
        (["--size"], ["--size"]),
        (["--sise", "3"], ["--sise"]),
        (["more"], ["more"]),
    ],
)
def test_parser_ends_with_status_2_and_one_line(capsys, given, named):
    parser = OneLineParser(prog="program")
    parser.add_argument("--size", type=at_least(1))
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(given)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("program: error: ")
    assert err.count("\n") == 1
    for part in named:
        assert part in err


def test_parser_names_the_nearest_choice(capsys):
    parser = OneLineParser(prog="program")
    parser.add_argument("task", choices=["observables", "purity"])
    with pytest.raises(SystemExit):
        parser.parse_args(["observable"])
    assert capsys.readouterr().err.endswith("; did you mean observables?\n")
    with pytest.raises(SystemExit):
        parser.parse_args(["xyz"])
    assert "did you mean" not in capsys.readouterr().err
