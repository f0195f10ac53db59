import cirq
import numpy as np
import pytest
import sympy

from quantum_advantage.core.pauli import PauliStrings
from quantum_advantage.core.usage import UsageError
from quantum_advantage.inference.shadows.terms import assemble, one_of, read_terms, sums_of

A, B = cirq.LineQubit.range(2)


def test_strings_and_sums_are_read_in_order():
    terms = read_terms(
        [cirq.X(B) * -2.0, cirq.Z(A) + 0.5 * cirq.Y(A) * cirq.X(B), 3 * cirq.I(A)], (B, A)
    )
    assert terms.observables == 3
    found = list(zip(terms.strings.text(), terms.coefficients, terms.owners, strict=True))
    assert found[0] == ("XI", -2, 0)
    assert sorted(found[1:3]) == [("IZ", 1, 1), ("XY", 0.5, 1)]
    assert found[3] == ("II", 3, 2)
    assert terms.alone().tolist() == [True, False, False, True]
    assert sums_of(terms) == [1]
    assert sorted(one_of(terms, 1).strings.text()) == ["IZ", "XY"]


def test_an_empty_sum_is_an_observable_without_terms():
    terms = read_terms([cirq.PauliSum(), cirq.Z(A) * 1.0], (A,))
    assert (terms.observables, len(terms.strings), terms.owners.tolist()) == (2, 1, [1])
    assert assemble(terms, np.array([[0.5, 0.1]]), {}).tolist() == [[0, 0], [0.5, 0.1]]


def test_packed_strings_keep_their_signs():
    terms = read_terms(PauliStrings.from_text(["XI", "-ZZ"]), (A, B))
    assert terms.coefficients.tolist() == [1, -1]


def test_estimates_carry_the_coefficients_and_errors_their_sizes():
    terms = read_terms([-2.0 * cirq.X(A)], (A,))
    assert assemble(terms, np.array([[0.5, 0.1]]), {}).tolist() == [[-1, 0.2]]


def test_no_observables_are_read_as_none():
    assert read_terms([], (A, B)).observables == 0


def test_observables_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"X.* must have real coefficients"):
        read_terms([1j * cirq.X(A)], (A,))
    with pytest.raises(ValueError, match=r"acts on cirq.LineQubit\(1\), outside"):
        read_terms([cirq.X(B) * 1.0], (A,))


@pytest.mark.parametrize("kind", [str, lambda t: [t], lambda t: (t,), lambda t: iter([t])])
def test_texts_are_packed_strings(kind):
    texts = kind("-XZ")
    terms = read_terms(texts, cirq.LineQubit.range(2))
    assert (terms.strings.letters().tolist(), terms.coefficients.tolist()) == ([[1, 3]], [-1.0])


def test_texts_and_strings_of_cirq_are_not_mixed():
    with pytest.raises(UsageError, match=r"observable 'XX' must be a cirq\.PauliString"):
        read_terms([cirq.X(cirq.q(0)), "XX"], cirq.LineQubit.range(2))


def test_texts_of_any_kind_and_symbols():
    texts = read_terms(np.array(["XI", "-ZZ"]), cirq.LineQubit.range(2))
    assert texts.strings.text() == ["XI", "-ZZ"]
    a = cirq.q(0)
    symbolic = cirq.PauliString({a: cirq.X}, coefficient=sympy.Symbol("s"))
    with pytest.raises(UsageError, match="must have coefficients that are numbers"):
        read_terms(symbolic, [a])
