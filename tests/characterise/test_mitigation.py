import functools

import numpy as np
import pytest
from characterise_examples import blocks_of, exact_on, learned_on

from quantum_advantage.backends.devices.virtual import open_virtual
from quantum_advantage.backends.opening import open_backend
from quantum_advantage.characterise.characterisation import Characterisation
from quantum_advantage.characterise.exact import exact_factors
from quantum_advantage.characterise.layers import LAYERS, string_number
from quantum_advantage.characterise.learnable import learnable
from quantum_advantage.characterise.mitigation import (
    Estimates,
    layers_damping,
    measure_damping,
    measure_squares,
    rescale,
)
from quantum_advantage.inference.bell.decays import Decays

LAYER = LAYERS["cz_both"]
# A graph state on two qubits: the strings whose squares are 1, and some whose squares are 0.
ONES = [string_number(text) for text in ("XZ", "ZX", "YY")]
ZEROS = [string_number(text) for text in ("XI", "ZZ", "YX")]


@pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))
def test_without_noise_squares_are_those_of_the_state(layer):
    blocks = blocks_of("weber", 4)
    sampler = open_backend("qsim").make(1)
    found = measure_squares(sampler, blocks, layer, 3, 20, 100, seed=2)
    assert found.values.shape == found.errors.shape == (2, 16)
    if layer.name == "cz_both":
        assert (found.values[:, ONES] == 1).all()
        assert np.abs(found.values[:, ZEROS]).max() < 5 / np.sqrt(2000)
    if layer.name == "wait":
        assert (found.values[:, [1, 2, 3]] == 1).all()


def test_without_noise_nothing_is_damped():
    found = measure_damping(open_backend("qsim").make(1), blocks_of("weber", 4), 4, 20, seed=2)
    assert (found.values == 1).all()


def test_damping_of_the_measurement_is_that_of_its_bits():
    # A readout that errs at 2 % on either side damps X and Z by 0.96, and Y by its square.
    sampler = open_backend("qsim:readout=0.02").make(1)
    found = measure_damping(sampler, blocks_of("weber", 2), 50, 400, seed=2)
    for text, factor in {"XI": 0.96, "IZ": 0.96, "YI": 0.96**2, "XY": 0.96**3}.items():
        string = string_number(text)
        assert abs(found.values[0, string] - factor) < 5 * found.errors[0, string]
    assert 0 < found.errors[0, ONES[0]] < 0.01


def exactly_learned(exact, layer):
    """What shots without end would show."""
    decays = {}
    for start in learnable(layer).starts:
        factors = exact_factors(exact, layer, start.turned)[:, start.string]
        ones = np.ones_like(factors)
        decays[start] = Decays(ones, factors, factors, factors, ones)
    return Characterisation(layer, (0, 2), 2, 1, decays)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))
def test_an_even_number_of_layers_damps_by_products_that_are_learned(layer):
    exact = exact_on("weber", 2, layer.name)
    found = layers_damping(exactly_learned(exact, layer), 4)
    expected = exact_factors(exact, layer, turned=False) ** 4
    np.testing.assert_allclose(found.values, expected, rtol=1e-9)
    assert (found.errors == 0).all()


def test_an_odd_number_leaves_the_error_of_the_most_even_choice():
    exact = exact_on("weber", 2, "cz_both")
    found = layers_damping(exactly_learned(exact, LAYER), 1).values[0]
    true = np.diagonal(exact[0])
    yy, xz = (string_number(text) for text in ("YY", "XZ"))
    assert found[yy] == pytest.approx(true[yy])  # learned alone
    assert 1e-4 < abs(found[xz] / true[xz] - 1) < 0.02


@functools.cache
def rescaled(processor, depth, pairs=2, settings=60, shots=400):
    """The mean signs of a Bell experiment, and what is made of them with what was learned."""
    blocks, backend = blocks_of(processor, pairs), open_virtual(f"qvm:{processor}")
    learned = learned_on(processor, pairs, "cz_both", settings, shots, seed=11)
    damping = measure_damping(backend.make(12), blocks, settings, shots, seed=13)
    seen = measure_squares(backend.make(14), blocks, LAYER, depth, settings, shots, seed=15)
    layers = layers_damping(learned, depth)
    return seen, rescale(seen, damping, layers), damping.values * layers.values


@pytest.mark.parametrize(("processor", "depth"), [("willow_pink", 9), ("weber", 3)])
def test_rescaling_removes_at_least_four_fifths_of_the_bias(processor, depth):
    seen, found, _ = rescaled(processor, depth)
    before, after = (np.mean(one.values[:, ONES] - 1) for one in (seen, found))
    assert before < -0.08
    assert abs(after) < abs(before) / 5
    # Squares that vanish stay where they are.
    assert np.abs(found.values[:, ZEROS] / found.errors[:, ZEROS]).max() < 4.5


def test_errors_of_rescaled_squares_grow_by_the_damping_at_least():
    seen, found, factors = rescaled("willow_pink", 9)
    assert (found.errors[:, 1:] >= seen.errors[:, 1:] / factors[:, 1:] * (1 - 1e-12)).all()


def test_dampings_multiply_and_their_errors_add_in_squares():
    one = np.ones((1, 16))
    found = rescale(
        Estimates(0.4 * one, 0 * one),
        Estimates(0.8 * one, 0.08 * 0.6 * one),
        Estimates(0.5 * one, 0.05 * 0.8 * one),
    )
    np.testing.assert_allclose(found.values, 1)
    np.testing.assert_allclose(found.errors, np.hypot(0.06, 0.08))


@pytest.mark.parametrize("value", [0.0, -0.1, np.nan])
def test_a_string_without_signal_is_not_rescaled(value):
    one = np.ones((1, 16))
    with pytest.raises(ValueError, match="dampings must be above 0"):
        rescale(Estimates(one, one), Estimates(value * one, one))
