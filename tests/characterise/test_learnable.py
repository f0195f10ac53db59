import numpy as np
import pytest

from quantum_advantage.characterise.layers import LAYERS, string_text
from quantum_advantage.characterise.learnable import Start, learnable
from quantum_advantage.inference.bell.decays import Decays


def support(string):
    return tuple(letter != "I" for letter in string_text(string))


def exact(factors):
    ones = np.ones_like(factors)
    return Decays(ones, factors, factors, factors, ones)


def decays_of(known, logs):
    return {
        start: exact(np.exp(row)[None])
        for start, row in zip(known.starts, known.matrix @ logs, strict=True)
    }


def test_waiting_hides_nothing():
    known = learnable(LAYERS["wait"])
    assert known.independent == len(known.strings) == 15
    assert known.alone.all()


def test_cz_on_both_copies_hides_one_number_for_each_change_of_support():
    # The pattern transfer graph has 15 edges, one for each string, on three supports that they
    # join: 15 - 3 + 1 independent cycles (arXiv 2206.06362).
    known = learnable(LAYERS["cz_both"])
    assert len(known.strings) == 15
    assert known.independent == 13
    alone = {
        string_text(s.system) for s, one in zip(known.strings, known.alone, strict=True) if one
    }
    assert alone == {"ZI", "IZ", "ZZ", "XX", "XY", "YX", "YY"}


def test_what_is_not_learned_is_what_an_error_of_preparation_can_hide():
    # λ(Q) is multiplied by g(support behind) and divided by g(support before): no decay changes.
    known = learnable(LAYERS["cz_both"])
    rng = np.random.default_rng(1)
    g = {(True, False): rng.normal(), (False, True): rng.normal(), (True, True): rng.normal()}
    flat = []
    for s in known.strings:
        x1, x2 = (string_text(s.system)[i] in "XY" for i in (0, 1))
        before = {"I": "Z", "Z": "I", "X": "Y", "Y": "X"}
        letters = [
            before[c] if other else c
            for c, other in zip(string_text(s.system), (x2, x1), strict=True)
        ]
        flat.append(g[support(s.system)] - g[tuple(c != "I" for c in letters)])
    assert np.abs(flat).max() > 0.1
    np.testing.assert_allclose(known.matrix @ np.array(flat), 0, atol=1e-12)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))
def test_products_that_are_learned_come_out_whatever_is_hidden(layer):
    known = learnable(layer)
    logs = -np.random.default_rng(2).uniform(0.01, 0.1, len(known.strings))
    found, errors = known.products(known.matrix, decays_of(known, logs))
    np.testing.assert_allclose(found[:, 0], np.exp(known.matrix @ logs), rtol=1e-10)
    assert (errors == 0).all()
    single, _ = known.products(np.eye(len(known.strings)), decays_of(known, logs))
    right = np.isclose(single[:, 0], np.exp(logs), rtol=1e-9)
    assert right[known.alone].all()
    assert not right[~known.alone].any()


def test_the_most_even_choice_gives_both_strings_of_a_product_the_same():
    known = learnable(LAYERS["cz_both"])
    logs = np.full(len(known.strings), -0.05)
    found, _ = known.products(np.eye(15), decays_of(known, logs))
    np.testing.assert_allclose(found, np.exp(-0.05))


def test_errors_add_up_and_factors_that_are_not_positive_give_nothing():
    known = learnable(LAYERS["wait"])
    one = Decays(*(np.array(v) for v in ([1, 1], [0.9, 0.0], [0.86, 0], [0.94, 1], [1, 1])))
    decays = dict.fromkeys(known.starts, one)
    counts = np.zeros((1, 15))
    counts[0, [0, 4]] = 2, 1
    values, errors = known.products(counts, decays)
    assert values[0, 0] == pytest.approx(0.9**3)
    assert errors[0, 0] == pytest.approx(0.9**3 * 3 * (0.08 / (2 * 1.96)) / 0.9, rel=1e-4)
    assert np.isnan(values[0, 1])


def test_starts_are_all_strings_once_for_each_kind_of_layer():
    known = learnable(LAYERS["cz"])
    assert known.starts == tuple(Start(t, s) for t in (False, True) for s in range(1, 16))
