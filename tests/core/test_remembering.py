import pytest

from quantum_advantage.core.remembering import Remembered


def test_a_result_is_computed_once_where_the_arguments_have_a_hash():
    calls = []
    double = Remembered(lambda value: calls.append(value) or 2 * value, most=2)
    assert [double(3), double(3), double([1]), double([1])] == [6, 6, [1, 1], [1, 1]]
    assert calls == [3, [1], [1]]


def test_no_more_results_are_kept_than_asked():
    double = Remembered(lambda value: 2 * value, most=1)
    for value in (1, 2, 1):
        double(value)
    assert (double.cache_info().misses, double.cache_info().currsize) == (3, 1)


@pytest.mark.parametrize("argument", [3, [3]])
def test_an_error_of_the_function_passes_and_is_not_asked_for_again(argument):
    calls = []

    def refuse(value):
        calls.append(value)
        raise TypeError("not this one")

    with pytest.raises(TypeError, match="not this one") as raised:
        Remembered(refuse, most=2)(argument)
    assert calls == [argument]
    assert raised.value.__context__ is None
