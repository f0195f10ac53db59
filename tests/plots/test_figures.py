import re
import struct
import zlib

import pytest
from plot_examples import CURVE, point

from quantum_advantage import plots


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


def test_letters_stand_before_the_titles_in_order_and_are_bold():
    with plots.in_style():
        figure = plots.new_figure(4, 4, 2, rows=2)
        for ax, title in zip(figure.axes, ("One", "Two\nlines", "", "$n$ = 4"), strict=True):
            ax.set_title(title)
        plots.letter_panels(figure)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        r"$\mathbf{a}$  One",
        "$\\mathbf{b}$  Two\nlines",
        r"$\mathbf{c}$  ",
        r"$\mathbf{d}$  $n$ = 4",
    ]


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
