import numpy as np
import pytest
from characterise_examples import blocks_of, exact_on, learned_on

from quantum_advantage.backends.devices.virtual import virtual_device
from quantum_advantage.characterise.files import layer_errors
from quantum_advantage.characterise.pictures import noise_figure

DEVICE = virtual_device("weber")


def figure(layer, exact=False):
    learned = learned_on("weber", 4, layer, settings=12, shots=50)
    known = exact_on("weber", 4, layer) if exact else None
    return learned, noise_figure(DEVICE, blocks_of("weber", 4), learned, known)


@pytest.mark.parametrize(("layer", "links"), [("wait", 0), ("cz", 2), ("cz_both", 4)])
def test_the_map_shows_the_blocks_and_the_couplings_of_the_layer(layer, links):
    _, drawn = figure(layer)
    chip = drawn.axes[0]
    assert chip.get_title() == "Weber: the error of a layer on each block"
    black = [line for line in chip.lines if line.get_color() == "#333333"]
    assert len(black) == links
    filled = [line for line in chip.lines if line.get_marker() == "o"]
    assert len(filled) == 8
    assert drawn.axes[2].get_ylabel() == "error of a layer (%)"


def test_every_decay_is_drawn_with_its_interval_and_the_noise_model():
    learned, drawn = figure("cz_both", exact=True)
    ax = drawn.axes[1]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    ticks = [line for line in ax.lines if line.get_marker() == "|"]
    assert len(dots) == len(ticks) == len(ax.collections) == len(learned.decays)
    middle = np.mean([line.get_xdata() for line in dots], axis=0)
    np.testing.assert_allclose(middle, 100 * layer_errors(learned))
    assert "noise model" in ax.get_title()
    assert [text.get_text() for text in ax.get_yticklabels()][1:3] == ["XI XZ", "XI YZ"]


def test_without_a_noise_model_no_ticks_are_drawn():
    _, drawn = figure("wait")
    assert not [line for line in drawn.axes[1].lines if line.get_marker() == "|"]
    assert "noise model" not in drawn.axes[1].get_title()
