import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex

from quantum_advantage import plots

# A square of couplers with one more to the right; (row, column).
COUPLERS = [
    ((0, 0), (0, 1)),
    ((0, 0), (1, 0)),
    ((0, 1), (1, 1)),
    ((1, 0), (1, 1)),
    ((1, 1), (1, 2)),
]
PAIRS = [((0, 0), (0, 1)), ((1, 0), (1, 1))]


def chip(pairs=PAIRS, **options):
    (ax,) = plots.new_figure(3, 3).axes
    plots.draw_chip(ax, COUPLERS, pairs, **options)
    return ax


def shown(ax, width=None, marker="None"):
    """Lines of a width, or lone markers of a kind: their points and the artist."""
    return [
        (line.get_xydata().tolist(), line)
        for line in ax.lines
        if line.get_marker() == marker and (width is None or line.get_linewidth() == width)
    ]


def test_chip_shows_every_coupler_and_qubit_once_with_columns_to_the_right():
    ax = chip(())
    links = [points for points, _ in shown(ax, 0.8)]
    assert links == [[[c, r], [d, s]] for (r, c), (s, d) in COUPLERS]
    (nodes,) = ax.collections
    assert sorted(nodes.get_offsets().tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 1]]
    low, high = ax.get_ylim()
    assert low > high  # rows go down


def test_chip_links_every_pair_from_its_filled_system_to_its_open_memory():
    ax = chip()
    assert [points for points, _ in shown(ax, 3.2)] == [[[0, 0], [1, 0]], [[0, 1], [1, 1]]]
    ends = [(points[0], line.get_markerfacecolor()) for points, line in shown(ax, marker="o")]
    colour = shown(ax, 3.2)[0][1].get_color()
    assert ends == [([0, 0], colour), ([1, 0], "white"), ([0, 1], colour), ([1, 1], "white")]
    assert not shown(ax, marker="x")
    assert len(ax.figure.axes) == 1


@pytest.mark.parametrize("flagged", [[False, True], [True, False], [True, True], [False, False]])
def test_chip_crosses_out_the_pairs_that_are_flagged(flagged):
    middles = [[0.5, 0.0], [0.5, 1.0]]
    crosses = [points[0] for points, _ in shown(chip(flagged=flagged), marker="x")]
    assert crosses == [middle for middle, bad in zip(middles, flagged, strict=True) if bad]


def test_chip_colours_every_pair_by_its_value_on_the_scale_beside_it():
    pairs = [((0, 0), (0, 1)), ((1, 0), (1, 1)), ((5, 5), (5, 6))]
    ax = chip(pairs, values=[1.5, 1.0, 2.0])
    scale = matplotlib.colormaps["viridis_r"]
    links = [to_hex(line.get_color()) for _, line in shown(ax, 3.2)]
    assert links == [to_hex(scale(share)) for share in (0.5, 0.0, 1.0)]
    ends = [to_hex(line.get_color()) for _, line in shown(ax, marker="o")]
    assert ends == [colour for colour in links for _ in range(2)]
    (bar,) = (other for other in ax.figure.axes if other is not ax)
    assert bar.get_ylabel() == "factor on the copies"
    assert bar.get_ylim() == (1.0, 2.0)
    other = chip(pairs, values=[1.5, 1.0, 2.0], label="error of a layer (%)")
    assert other.figure.axes[1].get_ylabel() == "error of a layer (%)"


def test_one_bad_pair_does_not_make_all_others_look_alike():
    pairs = [((0, 0), (0, 1)), ((1, 0), (1, 1)), ((5, 5), (5, 6))]
    colours = [line.get_color() for _, line in shown(chip(pairs, values=[1.1, 1.3, 9.0]), 3.2)]
    scale = matplotlib.colormaps["viridis_r"]
    assert to_hex(colours[2]) == to_hex(scale(1.0))
    assert to_hex(colours[1]) == to_hex(scale((1.3 - 1.1) / (1.6 * 1.3 - 1.1)))


@pytest.mark.parametrize("values", [[1.2, 1.2], [1.2, np.inf], [np.inf, np.inf]])
def test_chip_is_drawn_with_equal_values_and_without_any_finite_one(values, tmp_path):
    plots.render(lambda: chip(values=values).figure, tmp_path / "chip")
    assert (tmp_path / "chip.png").stat().st_size > 0


def test_chip_of_a_chain_joins_the_systems_in_their_order():
    assert [points for points, _ in shown(chip(chain=True), 1.4)] == [[[0, 0], [0, 1]]]
    assert not shown(chip(), 1.4)


def test_chip_with_other_flags_or_a_chain_is_another_figure_and_the_same_is_the_same(tmp_path):
    kinds = [
        {"values": [1.1, 1.4], "flagged": [False, True]},
        {"values": [1.1, 1.4], "flagged": [True, False]},
        {"values": [1.1, 1.4], "flagged": [False, True], "chain": True},
    ]
    files = {}
    for i, options in enumerate([*kinds, kinds[0]]):
        plots.render(lambda options=options: chip(**options).figure, tmp_path / str(i))
        files[i] = [(tmp_path / f"{i}{suffix}").read_bytes() for suffix in (".png", ".svg", ".pdf")]
    assert files[len(kinds)] == files[0]
    for place in range(3):
        assert len({content[place] for content in files.values()}) == len(kinds)
