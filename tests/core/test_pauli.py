import itertools
import re

import cirq
import numpy as np
import pytest
import stim
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from quantum_advantage.core.pauli import PauliStrings, random_letters
from quantum_advantage.core.usage import UsageError

PHASES = (1, 1j, -1, -1j)
CODES = st.integers(0, 3)
WIDTHS = st.sampled_from([1, 2, 3, 5, 63, 64, 65, 130])

repeatable = settings(derandomize=True, deadline=None, max_examples=60)


@st.composite
def string_tables(draw, phases=CODES):
    """Letter codes (m, n) and phase exponents (m,) of two Pauli strings."""
    n = draw(WIDTHS)
    letters = draw(arrays(np.uint8, (2, n), elements=CODES))
    return letters, draw(arrays(np.uint8, 2, elements=phases))


def packed(letters, phases):
    bare = PauliStrings.from_letters(letters)
    return PauliStrings(bare.qubits, bare.x, bare.z, phases)


def as_stim(letters, phase):
    return PHASES[phase] * stim.PauliString(letters.tolist())


def as_cirq(letters, phase):
    return cirq.DensePauliString(letters.tolist(), coefficient=PHASES[phase])


@given(string_tables())
@repeatable
def test_product_has_the_letters_and_the_phase_of_stim(table):
    letters, phases = table
    strings = packed(letters, phases)
    product = strings[0] * strings[1]
    expected = as_stim(letters[0], phases[0]) * as_stim(letters[1], phases[1])
    assert product.letters()[0].tolist() == list(expected)
    assert PHASES[product.phase[0]] == expected.sign


@given(string_tables())
@repeatable
def test_product_has_the_letters_and_the_phase_of_cirq(table):
    letters, phases = table
    strings = packed(letters, phases)
    product = (strings[0] * strings[1]).to_cirq_dense()[0]
    assert product == as_cirq(letters[0], phases[0]) * as_cirq(letters[1], phases[1])


@given(string_tables())
@repeatable
def test_commutation_agrees_with_stim_and_cirq(table):
    letters, phases = table
    strings = packed(letters, phases)
    answer = bool(strings[0].commutes_with(strings[1])[0])
    assert answer == as_stim(letters[0], phases[0]).commutes(as_stim(letters[1], phases[1]))
    assert answer == cirq.commutes(as_cirq(letters[0], 0), as_cirq(letters[1], 0))


@given(string_tables())
@repeatable
def test_weight_agrees_with_stim(table):
    letters, phases = table
    expected = [as_stim(row, 0).weight for row in letters]
    assert packed(letters, phases).weight().tolist() == expected


@given(string_tables())
@repeatable
def test_letters_return_what_was_packed(table):
    letters, phases = table
    np.testing.assert_array_equal(packed(letters, phases).letters(), letters)


@given(string_tables(phases=st.sampled_from([0, 2])))
@repeatable
def test_text_of_signed_strings_reads_back(table):
    strings = packed(*table)
    back = PauliStrings.from_text(strings.text())
    np.testing.assert_array_equal(back.letters(), strings.letters())
    np.testing.assert_array_equal(back.phase, strings.phase)


@given(string_tables())
@repeatable
def test_text_is_read_alike_by_stim(table):
    letters, phases = table
    texts = packed(letters, phases).text()
    assert [stim.PauliString(text) for text in texts] == [
        as_stim(row, phase) for row, phase in zip(letters, phases, strict=True)
    ]


@given(string_tables())
@repeatable
def test_dense_pauli_strings_of_cirq_convert_both_ways(table):
    letters, phases = table
    dense = [as_cirq(row, phase) for row, phase in zip(letters, phases, strict=True)]
    read = PauliStrings.from_cirq(dense)
    np.testing.assert_array_equal(read.letters(), letters)
    np.testing.assert_array_equal(read.phase, phases)
    assert read.to_cirq_dense() == dense


@given(string_tables())
@repeatable
def test_sparse_pauli_strings_of_cirq_convert_both_ways(table):
    letters, phases = table
    qubits = cirq.LineQubit.range(letters.shape[1])
    sparse = [as_cirq(row, phase).on(*qubits) for row, phase in zip(letters, phases, strict=True)]
    read = PauliStrings.from_cirq(sparse, qubits)
    np.testing.assert_array_equal(read.letters(), letters)
    np.testing.assert_array_equal(read.phase, phases)
    assert read.to_cirq(qubits) == sparse


def test_order_of_the_qubits_orders_the_letters():
    a, b, c = cirq.LineQubit.range(3)
    read = PauliStrings.from_cirq([cirq.X(a) * cirq.Y(b) * cirq.Z(c)], [c, a, b])
    assert read.text() == ["ZXY"]


def test_one_string_is_compared_with_many():
    every = ["".join(row) for row in itertools.product("IXYZ", repeat=2)]
    one, many = PauliStrings.from_text("XY"), PauliStrings.from_text(every)
    expected = [stim.PauliString("XY").commutes(stim.PauliString(text)) for text in every]
    assert one.commutes_with(many).tolist() == expected
    assert many.commutes_with(one).tolist() == expected


def test_one_string_multiplies_many():
    every = ["".join(row) for row in itertools.product("IXYZ", repeat=2)]
    product = PauliStrings.from_text("XY") * PauliStrings.from_text(every)
    expected = [stim.PauliString("XY") * stim.PauliString(text) for text in every]
    assert [stim.PauliString(text) for text in product.text()] == expected


def test_rows_are_picked_by_number_slice_and_array():
    strings = PauliStrings.from_text(["XI", "-YZ", "ZZ"])
    assert strings[1].text() == ["-YZ"]
    assert strings[-1].text() == ["ZZ"]
    assert strings[1:].text() == ["-YZ", "ZZ"]
    assert strings[np.array([2, 0])].text() == ["ZZ", "XI"]
    assert len(strings) == 3


@pytest.mark.parametrize("text", ["XA", "xz", "iX", "X Z"])
def test_unknown_letter_in_a_text_is_refused_by_name(text):
    with pytest.raises(ValueError, match=repr(text)):
        PauliStrings.from_text(text)


@pytest.mark.parametrize("texts", [[], [""], ["XX", "XXX"]])
def test_missing_or_ragged_texts_are_refused_by_name(texts):
    with pytest.raises(ValueError, match=re.escape(f"got {texts!r}")):
        PauliStrings.from_text(texts)


@pytest.mark.parametrize(("texts", "named"), [(None, "None"), (["X", 5], "5"), (b"X", "b'X'")])
def test_what_is_no_text_is_refused_by_name(texts, named):
    with pytest.raises(UsageError, match=f"must be texts of I, X, Y and Z, not {named}"):
        PauliStrings.from_text(texts)


@pytest.mark.parametrize("strings", [None, "XX", [cirq.X(cirq.q(0)), 5]])
def test_what_is_no_string_of_cirq_is_refused(strings):
    with pytest.raises(UsageError, match="strings must be Pauli strings of Cirq, not "):
        PauliStrings.from_cirq(strings, [0, 1])


def test_a_qubit_that_comes_twice_is_refused():
    """Its second letter would replace the first."""
    for call in (
        lambda: PauliStrings.from_cirq(cirq.X(cirq.q(0)), [0, 0]),
        lambda: PauliStrings.from_text("XZ").to_cirq([0, 0]),
    ):
        with pytest.raises(UsageError, match="different qubits, but q\\(0\\) is there twice"):
            call()


@pytest.mark.parametrize("coefficient", [float("nan"), sympy.Symbol("s")])
def test_a_coefficient_that_is_no_number_is_refused(coefficient):
    string = cirq.PauliString({cirq.q(0): cirq.X}, coefficient=coefficient)
    with pytest.raises(UsageError, match=r"coefficient .* must be "):
        PauliStrings.from_cirq(string, [0])


def test_masked_letters_are_refused():
    with pytest.raises(UsageError, match="letters must have no masked values"):
        PauliStrings.from_letters(np.ma.masked_array([[1, 2]], [[True, False]]))


def test_letters_of_another_shape_are_refused_by_shape():
    with pytest.raises(ValueError, match=r"\(2, 2, 3\)"):
        PauliStrings.from_letters(np.zeros((2, 2, 3), dtype=int))


@pytest.mark.parametrize("code", [4, -1])
def test_unknown_letter_code_is_refused(code):
    with pytest.raises(ValueError, match="codes 0"):
        PauliStrings.from_letters([[0, code]])


@pytest.mark.parametrize("coefficient", [2, 0.5j, (1 + 1j) / np.sqrt(2)])
def test_coefficient_that_is_no_power_of_i_is_refused(coefficient):
    dense = cirq.DensePauliString("XY", coefficient=coefficient)
    with pytest.raises(ValueError, match="must be one of 1, i, -1, -i") as error:
        PauliStrings.from_cirq([dense])
    assert str(dense.coefficient) in str(error.value)


def test_sparse_string_without_an_order_of_qubits_is_refused():
    with pytest.raises(ValueError, match="qubits must be given"):
        PauliStrings.from_cirq([cirq.X(cirq.LineQubit(0)) * 1])


def test_sparse_string_outside_the_qubits_is_refused_by_qubit():
    with pytest.raises(ValueError, match=r"LineQubit\(7\)"):
        PauliStrings.from_cirq([cirq.X(cirq.LineQubit(7)) * 1], cirq.LineQubit.range(2))


def test_product_of_different_sizes_is_refused_by_size():
    with pytest.raises(ValueError, match="on 2 and on 3"):
        PauliStrings.from_text("XX") * PauliStrings.from_text("XXX")


def test_random_letters_are_never_the_identity():
    assert random_letters(1000, 1, np.random.default_rng(1)).min() == 1


def test_random_letters_are_uniform_over_the_other_strings():
    letters = random_letters(30_000, 2, np.random.default_rng(2))
    counts = np.bincount(letters @ [4, 1], minlength=16)
    assert counts[0] == 0
    assert stats.chisquare(counts[1:]).pvalue > 1e-4


def test_random_letters_of_a_weight_are_uniform_over_that_weight():
    letters = random_letters(30_000, 3, np.random.default_rng(3), weight=2)
    counts = np.bincount(letters @ [16, 4, 1], minlength=64)
    of_weight = [np.count_nonzero(row) == 2 for row in itertools.product(range(4), repeat=3)]
    assert counts[~np.array(of_weight)].sum() == 0
    assert stats.chisquare(counts[of_weight]).pvalue > 1e-4


def test_random_letters_repeat_with_the_seed():
    first, again = (random_letters(50, 9, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("text", ["+-X", "--X", "-+X"])
def test_several_signs_are_refused(text):
    with pytest.raises(ValueError, match="letters"):
        PauliStrings.from_text(text)


def test_letters_that_are_no_whole_numbers_are_refused():
    with pytest.raises(ValueError, match="whole numbers"):
        PauliStrings.from_letters([[1.5]])


def test_a_row_that_does_not_exist_is_refused():
    with pytest.raises(IndexError):
        PauliStrings.from_text(["XX", "ZZ"])[5]


def test_strings_of_different_size_do_not_compare():
    with pytest.raises(ValueError, match="qubits"):
        PauliStrings.from_text("X").commutes_with(PauliStrings.from_text("XZ"))


def test_strings_without_a_letter_are_not_drawn_for_ever():
    with pytest.raises(ValueError, match="qubits must be at least 1, not 0"):
        random_letters(2, 0, np.random.default_rng(0))


@pytest.mark.parametrize("weight", [0, 4])
def test_a_weight_that_no_string_has_is_refused(weight):
    with pytest.raises(ValueError, match=f"weight must be from 1 to 3, not {weight}"):
        random_letters(2, 3, np.random.default_rng(0), weight)


def test_one_string_of_cirq_or_several_on_qubits_or_their_numbers():
    string = -cirq.X(cirq.q(0)) * cirq.Z(cirq.q(2))
    for one, qubits in ((string, [0, 1, 2]), ([string], cirq.LineQubit.range(3))):
        assert PauliStrings.from_cirq(one, qubits).text() == ["-XIZ"]
    assert PauliStrings.from_cirq(cirq.DensePauliString("XY")).text() == ["XY"]
    assert PauliStrings.from_text("-XIZ").to_cirq([0, 1, 2]) == [string]
    assert PauliStrings.from_text("Z").to_cirq(4) == [cirq.PauliString(cirq.Z(cirq.q(4)))]


def test_the_text_of_many_strings_is_short():
    many = PauliStrings.from_text(["XX"] * 5)
    assert repr(many) == "PauliStrings(5 strings of 2 qubits: XX, XX, XX, ...)"
    long = PauliStrings.from_letters(np.ones((2, 100), dtype=int))
    assert repr(long) == "PauliStrings(2 strings of 100 qubits: ...)"
