import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_advantage.core.naming import (
    canonical,
    known_protocol,
    parse,
    read_options,
    read_task_options,
    shortest,
)

WORDS = st.text("azAZ09_", min_size=1, max_size=5).filter(lambda word: word[0].isalpha())
VALUES = st.text(st.characters(codec="ascii", exclude_characters=","), min_size=1, max_size=8)


@given(WORDS, st.dictionaries(WORDS, VALUES, max_size=5))
@settings(derandomize=True, deadline=None)
def test_canonical_spelling_reads_back(name, options):
    assert parse(canonical(name, options)) == (name, options)


def test_canonical_spelling_does_not_depend_on_the_order_of_options():
    assert canonical("task", {"b": 2, "a": 0.5}) == "task:a=0.5,b=2"
    assert canonical("task", {"a": 0.5, "b": 2}) == "task:a=0.5,b=2"


def test_name_without_options_is_the_bare_word():
    assert parse("law") == ("law", {})
    assert canonical("law", {}) == "law"


def test_parsed_options_come_sorted():
    assert list(parse("task:b=2,a=1")[1]) == ["a", "b"]


@pytest.mark.parametrize("text", ["", ":a=1", "7up", "a b", "a-b:c=1", "a\n"])
def test_name_that_is_no_word_is_refused_by_name(text):
    with pytest.raises(ValueError, match="must begin with a word") as error:
        parse(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [("a:", ""), ("a:b", "b"), ("a:b=", "b="), ("a:=1", "=1"), ("a:b=1,", ""), ("a: b=1", " b=1")],
)
def test_option_outside_the_grammar_is_refused_by_name(text, part):
    with pytest.raises(ValueError, match="must read key=value") as error:
        parse(text)
    assert f"{part!r} in {text!r}" in str(error.value)


def test_option_given_twice_is_refused_by_name():
    with pytest.raises(ValueError, match="'b' comes twice in 'a:b=1,c=2,b=1'"):
        parse("a:b=1,c=2,b=1")


def test_options_are_read_in_the_type_of_their_default():
    name, options = read_options("task:rate=1,size=3,kind=x", {"rate": 0.5, "size": 1, "kind": "y"})
    assert name == "task"
    assert options == {"rate": 1.0, "size": 3, "kind": "x"}
    assert [type(options[key]) for key in ("rate", "size", "kind")] == [float, int, str]


def test_options_not_given_keep_their_default():
    assert read_options("task:b=2", {"a": 0.5, "b": 1}) == ("task", {"a": 0.5, "b": 2})


def test_reading_leaves_the_defaults_alone():
    defaults = {"a": 1}
    read_options("task:a=2", defaults)
    assert defaults == {"a": 1}


def test_unknown_option_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown option 'c' in 'task:c=1'; task takes: a, b"):
        read_options("task:c=1", {"a": 1, "b": 2})


def test_unknown_option_of_a_name_without_options_is_refused():
    with pytest.raises(ValueError, match="takes: none"):
        read_options("task:c=1", {})


@pytest.mark.parametrize(
    ("text", "kind"),
    [("task:a=x", "a whole number"), ("task:a=1.5", "a whole number"), ("task:b=x", "a number")],
)
def test_value_of_another_type_is_refused_by_name_and_type(text, kind):
    with pytest.raises(ValueError, match=f"in '{text}' must be {kind}"):
        read_options(text, {"a": 1, "b": 0.5})


def test_a_task_reads_its_own_options_and_writes_those_that_differ():
    defaults = {"depth": 0, "mixing": 0.0}
    options = read_task_options("purities:mixing=0.1", "purities", defaults)
    assert options == {"depth": 0, "mixing": 0.1}
    assert shortest("purities", options, defaults) == "purities:mixing=0.1"
    assert shortest("purities", defaults, defaults) == "purities"
    with pytest.raises(ValueError, match="task 'purity' must be purities"):
        read_task_options("purity", "purities", defaults)


def test_a_protocol_that_is_not_known_is_refused_with_those_that_are():
    assert known_protocol("memory:qubits=2", ("bell", "memory")) == "memory"
    with pytest.raises(ValueError, match="unknown protocol 'nope'; choose one of bell, memory"):
        known_protocol("nope:qubits=2", ("bell", "memory"))
