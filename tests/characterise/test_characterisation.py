from dataclasses import replace

import cirq
import numpy as np
import pytest
from characterise_examples import DEPTHS, blocks_of, deviations, exact_on, inside, learned_on

from quantum_advantage.backends.devices.chips import shipped_chip
from quantum_advantage.backends.devices.device_noise import DeviceNoise
from quantum_advantage.backends.devices.placed import PlacedSampler
from quantum_advantage.backends.devices.placement import place_on
from quantum_advantage.backends.devices.virtual import check_limits
from quantum_advantage.backends.simulators.factorised import FactorisedSampler
from quantum_advantage.characterise.characterisation import (
    Characterisation,
    characterise,
    check_depths,
)
from quantum_advantage.characterise.layers import LAYERS
from quantum_advantage.characterise.learnable import Start, learnable
from quantum_advantage.inference.bell.decays import Decays

PROCESSORS = ("weber", "willow_pink")
each_processor = pytest.mark.parametrize("processor", PROCESSORS)


def check_near(deviates):
    """Strings of a block share their shots: their squares scatter more than independent ones."""
    assert np.sqrt(np.mean(np.square(deviates))) < 1.5
    assert np.abs(deviates).max() < 4.5


@each_processor
def test_what_is_learned_from_shots_is_the_noise_model(processor):
    learned = learned_on(processor, 2, "cz")
    assert learned.blocks == 1
    assert list(learned.decays) == list(learnable(LAYERS["cz"]).starts)
    check_near(deviations(learned, exact_on(processor, 2, "cz")))
    assert learned.misfits() == []


@pytest.mark.slow  # 2880 eigenvalues from a million shots on several blocks each
def test_coverage_of_the_intervals():
    held = []
    for processor in PROCESSORS:
        for pairs, seeds in ((2, 4), (4, 4), (8, 3)):
            for layer in ("cz", "cz_both"):
                for seed in range(seeds):
                    learned = learned_on(
                        processor, pairs, layer, settings=60, shots=60, seed=100 + seed
                    )
                    held.append(inside(learned, exact_on(processor, pairs, layer)).ravel())
    shares = np.concatenate(held)
    assert shares.size >= 2000
    assert 0.93 <= shares.mean() <= 0.97


# Preparation and readout.


class WorseEnds(cirq.NoiseModel):
    """A noise model, with more noise behind the first two-qubit gates: those of the Bell pairs."""

    def __init__(self, model, error):
        self._model, self._error = model, error

    def noisy_moments(self, moments, system_qubits):
        noisy = list(self._model.noisy_moments(moments, system_qubits))
        first = next(k for k, ops in enumerate(noisy) if any(op.gate == cirq.CZ for op in ops))
        worse = cirq.Moment(cirq.depolarize(self._error)(q) for q in system_qubits)
        return [*noisy[: first + 1], worse, *noisy[first + 1 :]]


def test_twice_the_errors_of_preparation_and_readout_change_amplitudes_alone():
    chip, layer = shipped_chip("willow_pink"), "cz_both"
    errors = {q: 2 * np.array(e) for q, e in chip.properties.readout_errors.items()}
    doubled = DeviceNoise("willow_pink", replace(chip.properties, readout_errors=errors))
    sampler = PlacedSampler(
        chip.device,
        place_on(chip.device),
        FactorisedSampler("qsim", WorseEnds(doubled, 0.01), seed=3),
        check_limits,
        seed=4,
    )
    before = learned_on("willow_pink", 2, layer)
    depths, blocks = DEPTHS["willow_pink"], blocks_of("willow_pink", 2)
    after = characterise(sampler, blocks, LAYERS[layer], depths, 40, 100, seed=5)
    lost = [
        np.mean([1 - decay.amplitudes for decay in found.decays.values()])
        for found in (before, after)
    ]
    assert lost[1] > 1.8 * lost[0]
    # The factors are still those of the noise model, and those that were learned before.
    check_near(deviations(after, exact_on("willow_pink", 2, layer)))
    change = [
        (after.decays[s].factors - d.factors)
        / np.hypot(after.decays[s].high - after.decays[s].low, d.high - d.low)
        * 3.92
        for s, d in before.decays.items()
    ]
    check_near(change)


# The rest.


def test_the_same_seed_learns_the_same_and_another_one_something_else():
    one, again, other = (
        characterise(
            FactorisedSampler("qsim", cirq.depolarize(0.01), seed=seed),
            blocks_of("weber", 2),
            LAYERS["wait"],
            (0, 2),
            5,
            20,
            seed,
        )
        for seed in (1, 1, 2)
    )
    factors = [found.decays[Start(False, 1)].factors.tolist() for found in (one, again, other)]
    assert factors[0] == factors[1] != factors[2]


def test_numbers_of_circuits_and_copies():
    learned = learned_on("weber", 2, "cz")
    assert learned.circuits == 6
    assert learned.copies == 6 * 40 * 100


def test_misfits_are_told_beyond_the_level_that_all_of_them_share():
    ones = np.ones(2)
    good = Decays(ones, ones, ones, ones, np.array([0.5, 1e-3 / 31]))
    bad = Decays(ones, ones, ones, ones, np.array([0.5, 1e-3 / 61]))
    starts = learnable(LAYERS["cz"]).starts
    decays = dict.fromkeys(starts, good) | {starts[7]: bad}
    found = Characterisation(LAYERS["cz"], (0, 2), 2, 2, decays)
    assert found.misfits() == [(starts[7], 1)]


@pytest.mark.parametrize("depths", [(2,), (2, 2), (0, 3), ()])
def test_depths_that_do_not_fit_are_refused(depths):
    with pytest.raises(ValueError, match="depths must be at least two different even numbers"):
        check_depths(depths)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"settings": 1}, "settings must be at least 2"), ({"shots": 0}, "shots must be at least 1")],
)
def test_numbers_that_do_not_fit_are_refused(wrong, named):
    given = {"settings": 2, "shots": 1} | wrong
    with pytest.raises(ValueError, match=named):
        characterise(cirq.Simulator(), blocks_of("weber", 2), LAYERS["wait"], (0, 2), **given)
