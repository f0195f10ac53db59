"""Figures are the same whatever a user's configuration of matplotlib says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib.style
import pytest

from quantum_advantage import plots

ROOT = Path(__file__).resolve().parents[1]
NAME = "memory_tradeoff"
SCRIPT = ROOT / "experiments" / f"{NAME}.py"
HOSTILE = """
text.usetex: True
font.family: serif
font.serif: Comic Sans MS
figure.dpi: 41
savefig.bbox: tight
savefig.facecolor: red
axes.prop_cycle: cycler('color', ['k', 'y'])
axes.grid: True
lines.linestyle: --
legend.loc: lower left
xtick.direction: in
image.cmap: gray
mathtext.fontset: cm
svg.fonttype: none
pdf.compression: 0
path.sketch: 3, 100, 2
axes.unicode_minus: False
figure.constrained_layout.use: False
no.such.key: 3
"""


def draw():
    figure = plots.new_figure(3, 2)
    (ax,) = figure.axes
    ax.plot([1, 2], [-3, 1], label="$\\alpha$ and ±")
    ax.set(title="Title", xlabel="$n$", yscale="symlog")
    ax.legend()
    return figure


def contents_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_every_parameter_of_a_figures_look_is_set():
    windows = {key for key in matplotlib.rcParamsDefault if key not in plots.style()}
    assert windows == {"backend", "backend_fallback", "interactive", "toolbar"}


def test_library_draws_in_its_own_style_and_leaves_the_users_alone(tmp_path):
    plots.render(draw, tmp_path / "plain" / "figure")
    (tmp_path / "rc").write_text(HOSTILE)
    with matplotlib.rc_context(fname=tmp_path / "rc"):
        plots.render(draw, tmp_path / "hostile" / "figure")
        assert matplotlib.rcParams["font.family"] == ["serif"]
    with matplotlib.style.context("dark_background"):
        plots.render(draw, tmp_path / "dark" / "figure")
    plain = contents_of(tmp_path / "plain")
    assert len(plain) == 3
    assert contents_of(tmp_path / "hostile") == plain
    assert contents_of(tmp_path / "dark") == plain


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param(
            {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "MATPLOTLIBRC": "rc"},
            id="kernel",
        ),
        pytest.param(
            {"COLUMNS": "1", "PYTHONIOENCODING": "ascii", "LANG": "C", "LC_ALL": "C"},
            id="ascii",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"MPLCONFIGDIR": "/proc/none", "HOME": "/nonexistent", "MPLBACKEND": "tkagg"},
            id="no home",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_script_draws_the_same_in_every_environment(environment, tmp_path):
    (tmp_path / "rc").write_bytes(HOSTILE.encode() + b"\xff\xfe")
    (tmp_path / "data").mkdir()
    data = ROOT / "figures" / "data" / f"{NAME}.csv"
    shutil.copy(data, tmp_path / "data")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--draw", "--out", str(tmp_path)],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, **environment},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    for kind in ("png", "svg", "pdf"):
        drawn = (tmp_path / f"{NAME}.{kind}").read_bytes()
        assert drawn == (ROOT / "figures" / f"{NAME}.{kind}").read_bytes()
