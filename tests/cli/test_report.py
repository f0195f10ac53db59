"""``quantum-advantage report`` in a process of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FIGURES = Path(__file__).parents[2] / "figures"


def report(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "quantum_advantage.cli", "report", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_is_written_into_the_folder(tmp_path):
    (tmp_path / "out" / "data").mkdir(parents=True)
    for name in ("data/controls.csv", "data/controls_summary.csv", "controls.svg"):
        shutil.copy(FIGURES / name, tmp_path / "out" / name)
    done = report("out", cwd=tmp_path)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "in out/report.html\n")
    assert "data/controls_summary.csv" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize("folder", ["nowhere", "empty", "file"])
def test_what_is_no_run_ends_in_one_line(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("a file")
    done = report(folder, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert folder in done.stderr
    assert "--out" in done.stderr
