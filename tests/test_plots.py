import re
import struct
import zlib

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from quantum_advantage import plots
from quantum_advantage.study.summary import AccuracyCurve, CurveKey, Point
from quantum_advantage.tasks import companion, displacement, dynamics, sensor_array
from quantum_advantage.tasks.observables.explain import EXPLANATIONS
from quantum_advantage.tasks.observables.playing import PROTOCOLS
from quantum_advantage.tasks.principal_component import PrincipalComponent
from quantum_advantage.tasks.purity import Purity
from quantum_advantage.tasks.time_reversal import TimeReversal

TASK = "observables:alpha=0.9,game=two"


def point(protocol="bell", qubits=2, source="circuit", target=0.7, copies=2.0, low=1.5, high=2.5):
    return Point(
        "trial", TASK, protocol, qubits, "qsim", source, target, copies, low, high, 100, None
    )


CURVE = AccuracyCurve(
    CurveKey(TASK, "local_pauli:times=1", 2, "qsim", "circuit", 100, 0),
    np.array([1, 2, 5, 10]),
    np.array([[55, 60, 70, 80], [50, 62, 75, 85]] * 10),
    np.full((20, 4), 100),
)


def draw():
    """A figure with everything that the package draws."""
    figure = plots.new_figure(4, 2, 2)
    left, right = figure.axes
    points = [point(qubits=n) for n in (2, 4)] + [point(qubits=6, copies=None, high=None)]
    plots.plot_points(left, points, [2, 4, 6])
    plots.plot_points(left, [point(source="law", copies=3.0)], [8], label="law", size=2.5)
    plots.shade_below(left, [2, 4, 8], [1, 2, 4], 0.5, "bound")
    plots.legend_marks(left, [*points, point(source="law")])
    left.legend()
    plots.plot_accuracy(right, CURVE)
    return figure


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    stem = tmp_path_factory.mktemp("figure") / "deep" / "trial"
    plots.render(draw, stem)
    return stem


# Files.


def test_render_writes_three_files_and_nothing_else(rendered):
    names = sorted(path.name for path in rendered.parent.iterdir())
    assert names == ["trial.pdf", "trial.png", "trial.svg"]


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_every_file_is_what_its_name_says(rendered, suffix, start):
    assert rendered.with_suffix(suffix).read_bytes().startswith(start)


def test_same_figure_gives_the_same_bytes(rendered, tmp_path):
    plots.render(draw, tmp_path / "other")
    for suffix in (".png", ".svg", ".pdf"):
        again = (tmp_path / "other").with_suffix(suffix).read_bytes()
        assert again == rendered.with_suffix(suffix).read_bytes()


def test_another_figure_gives_other_bytes(rendered, tmp_path):
    plots.render(lambda: plots.new_figure(4, 2, 2), tmp_path / "other")
    for suffix in (".png", ".svg", ".pdf"):
        other = (tmp_path / "other").with_suffix(suffix).read_bytes()
        assert other != rendered.with_suffix(suffix).read_bytes()


def test_no_file_holds_a_date(rendered):
    for suffix in (".svg", ".pdf"):
        content = rendered.with_suffix(suffix).read_bytes()
        for word in (b"CreationDate", b"ModDate", b"<dc:date", b"D:20"):
            assert word not in content
        assert not re.search(rb"20\d\d-\d\d-\d\d", content)


def chunks_of(image):
    """Returns the kinds of the chunks of a PNG file."""
    at, kinds = 8, []
    while at < len(image):
        (length,) = struct.unpack(">I", image[at : at + 4])
        kinds.append(image[at + 4 : at + 8])
        (check,) = struct.unpack(">I", image[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(image[at + 4 : at + 8 + length])
        at += 12 + length
    return kinds


def test_image_holds_no_time_and_no_text(rendered):
    kinds = chunks_of(rendered.with_suffix(".png").read_bytes())
    assert set(kinds) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}


# Styles.


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_has_a_style_and_an_explanation(protocol):
    assert plots.style_of(protocol).label
    assert EXPLANATIONS[protocol].strip()


OTHERS = [
    Purity("purity"),
    PrincipalComponent("principal_component"),
    TimeReversal("time_reversal"),
]


@pytest.mark.parametrize("task", OTHERS)
def test_every_protocol_of_the_other_tasks_has_a_style_and_an_explanation(task):
    for protocol in task.entries():
        assert plots.style_of(protocol).label
        assert task.explain(protocol, 4).strip()


def test_nothing_else_has_a_style_or_an_explanation():
    others = {name for task in OTHERS for name in task.entries()} | set(dynamics.ENTRIES)
    others |= {*sensor_array.ENTRIES, *companion.ABOUT, *displacement.PROTOCOLS}
    assert set(plots.STYLES) == set(PROTOCOLS) | others
    assert set(EXPLANATIONS) == set(PROTOCOLS)


@pytest.mark.parametrize("trait", ["label", "colour", "marker"])
def test_no_two_protocols_share_a_label_a_colour_or_a_marker(trait):
    values = [getattr(style, trait) for style in plots.STYLES.values()]
    assert len(set(values)) == len(plots.STYLES)


def test_no_two_colours_are_close():
    colours = np.array([to_rgb(style.colour) for style in plots.STYLES.values()])
    distance = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    assert distance[~np.eye(len(colours), dtype=bool)].min() > 0.1


def test_style_does_not_depend_on_the_options():
    assert plots.style_of("memory:qubits=3") == plots.style_of("memory")


# What is drawn.


def axes_with(*arguments, **options):
    (ax,) = plots.new_figure(3, 2).axes
    plots.plot_points(ax, *arguments, **options)
    return ax


def markers_of(ax):
    return [bars.lines[0] for bars in ax.containers]


@pytest.mark.parametrize(("source", "face"), [("circuit", "#d1432b"), ("law", "white")])
def test_circuit_points_are_filled_and_law_points_hollow(source, face):
    (marker,) = markers_of(axes_with([point(source=source)], [2]))
    assert marker.get_markerfacecolor() == face


def test_point_is_drawn_at_its_copies_with_its_interval():
    ax = axes_with([point()], [3])
    (marker,) = markers_of(ax)
    assert marker.get_xydata().tolist() == [[3, 2]]
    (segment,) = ax.containers[0].lines[2][0].get_segments()
    assert segment.tolist() == [[3, 1.5], [3, 2.5]]


def test_missed_point_is_an_arrow_up_from_the_budget():
    ax = axes_with([point(copies=None, low=20.0, high=None)], [2])
    assert markers_of(ax) == []
    (arrow,) = ax.texts
    assert arrow.xy == (2, 40)
    assert arrow.xyann == (2, 20)


def test_point_without_an_interval_is_drawn_without_one():
    ax = axes_with([point(low=None, high=None)], [2])
    (segment,) = ax.containers[0].lines[2][0].get_segments()
    assert segment.tolist() == [[2, 2], [2, 2]]


def test_nothing_is_drawn_for_no_points():
    ax = axes_with([], [])
    assert not ax.lines
    assert not ax.containers


def test_accuracy_is_drawn_with_its_band():
    (ax,) = plots.new_figure(3, 2).axes
    plots.plot_accuracy(ax, CURVE, label="mine")
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_xydata(), np.stack([CURVE.copies, CURVE.accuracy], axis=1))
    low, high = np.quantile(CURVE.resampled, [0.025, 0.975], axis=0)
    corners = {tuple(corner) for corner in ax.collections[0].get_paths()[0].vertices}
    assert set(zip(CURVE.copies, low, strict=True)) <= corners
    assert set(zip(CURVE.copies, high, strict=True)) <= corners
    assert line.get_label() == "mine"


def test_points_of_a_protocol_come_in_order_of_qubits_with_circuits_first():
    points = [
        point(qubits=4),
        point("memory:qubits=1"),
        point(qubits=2, source="law"),
        point(qubits=2),
        point(qubits=2, target=0.9),
    ]
    chosen = plots.of_protocol(points, "bell", target=0.7)
    assert [(p.qubits, p.source) for p in chosen] == [(2, "circuit"), (2, "law"), (4, "circuit")]
    assert plots.of_protocol(points, "memory") == [points[1]]
    assert len(plots.of_protocol(points, "bell")) == 4


# Maps of chips.

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


def test_a_legend_needs_something_to_name():
    (ax,) = plots.new_figure(3, 3).axes
    plots.add_legend(ax, loc="upper left")
    assert ax.get_legend() is None
    ax.plot([1, 2], [1, 2], label="a line")
    plots.add_legend(ax, loc="upper left")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a line"]
