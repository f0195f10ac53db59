"""What the wheel and the source distribution hold, and that all of it works without a checkout."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# What stands in a checkout and is made from it, or is a machine's own.
MADE = (".venv", ".git", "out", "build", "dist", "__pycache__", "*.egg-info", ".*_cache")
HOOKS = "from setuptools import build_meta; import sys; build_meta.{hook}(sys.argv[1])"
SOURCE = "https://example.org/group/project"


def build(hook, source, out):
    """Calls a hook of the build backend in a folder of sources."""
    ended = subprocess.run(
        [sys.executable, "-c", HOOKS.format(hook=hook), str(out)],
        cwd=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return next(out.glob("quantum_advantage-*"))


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A copy of what the wheel is built from: builds leave files behind."""
    copy = tmp_path_factory.mktemp("sources") / "project"
    ignored = shutil.ignore_patterns(*MADE)
    for name in ("quantum_advantage", "experiments", "figures/data"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, copy / name)
    return copy


# Some three seconds: nothing but a build shows what the wheel holds.
@pytest.fixture(scope="module")
def wheel(sources, tmp_path_factory):
    with zipfile.ZipFile(build("build_wheel", sources, tmp_path_factory.mktemp("wheel"))) as opened:
        yield opened


def metadata_of(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_string(wheel.read(name).decode())


def test_wheel_holds_all_modules_and_experiments(wheel):
    names = set(wheel.namelist())
    package = {str(p.relative_to(ROOT)) for p in (ROOT / "quantum_advantage").rglob("*.py")}
    assert package <= names
    assert "quantum_advantage/py.typed" in names
    for script in (ROOT / "experiments").glob("*.py"):
        shipped = f"quantum_advantage/shipped/experiments/{script.name}"
        assert wheel.read(shipped) == script.read_bytes()
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"quantum_advantage"}


def test_wheel_holds_the_committed_data(wheel):
    committed = {p.name: p.read_bytes() for p in (ROOT / "figures" / "data").iterdir()}
    with zipfile.ZipFile(io.BytesIO(wheel.read("quantum_advantage/shipped/data.zip"))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == committed


def test_wheel_is_small(wheel):
    # Beside it, stim and stimcirq alone take 16 of the 40 MB that the project may add to Cirq.
    assert sum(entry.file_size for entry in wheel.infolist()) < 15e6


def test_metadata_says_who_what_and_where(wheel):
    found = metadata_of(wheel)
    assert found["Author"] == "quantum_advantage contributors"
    assert found["License-Expression"] == "Apache-2.0"
    assert "Typing :: Typed" in found.get_all("Classifier")
    assert {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)} <= set(
        found.get_all("Classifier")
    )
    assert len(found.get_all("Project-URL")) >= 2
    assert found["Description-Content-Type"] == "text/markdown"
    assert found.get_payload().strip() == (ROOT / "README.md").read_text().strip()
    needed = [r for r in found.get_all("Requires-Dist") if "extra ==" not in r]
    assert not [r for r in needed if r.startswith(("scikit-learn", "numba", "distributed"))]


def test_links_of_the_description_are_absolute_once_the_source_is_named(sources, tmp_path):
    copy = shutil.copytree(sources, tmp_path / "project")
    project = copy / "pyproject.toml"
    named = f'[project.urls]\nSource = "{SOURCE}"\n'
    project.write_text(project.read_text().replace("[project.urls]\n", named))
    (tmp_path / "out").mkdir()
    build("prepare_metadata_for_build_wheel", copy, tmp_path / "out")
    (text,) = (path.read_text() for path in (tmp_path / "out").rglob("METADATA"))
    assert f"]({SOURCE}/raw/main/figures/predicting_observables.png)" in text
    assert f"]({SOURCE}/blob/main/docs/gallery/predicting_observables.md)" in text
    assert "](docs/" not in text
    assert "](figures/" not in text
    assert "](https://arxiv.org/abs/2112.00778)" in text


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The command of a fresh environment: sources, source distribution, wheel, installation."""
    work = tmp_path_factory.mktemp("installed")
    copy = shutil.copytree(ROOT, work / "checkout", ignore=shutil.ignore_patterns(*MADE))
    (work / "sdist").mkdir()
    with tarfile.open(build("build_sdist", copy, work / "sdist")) as archive:
        archive.extractall(work / "unpacked", filter="data")
    (unpacked,) = (work / "unpacked").iterdir()
    for name in ("experiments", "figures/data", "tests", "docs", "Makefile", "CHANGELOG.md"):
        assert (unpacked / name).exists()
    (work / "wheel").mkdir()
    wheel = build("build_wheel", unpacked, work / "wheel")
    subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
    (site,) = (work / "venv").glob("lib/*/site-packages")
    # What the package needs is taken from this environment, the package itself is not.
    (site / "needed.pth").write_text(f"{Path(find_spec('cirq').origin).parents[1]}\n")
    pip = [work / "venv" / "bin" / "python", "-m", "pip", "install", "-q", "--no-deps"]
    subprocess.run([*pip, "--no-index", wheel], check=True)
    return work / "venv" / "bin" / "quantum-advantage"


@pytest.mark.slow
def test_all_commands_work_from_the_wheel_in_an_empty_folder(installed, tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}

    def run(*arguments):
        ended = subprocess.run(
            [installed, *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert "For 70 % at n = 8" in run("demo")
    assert len(json.loads(run("list", "--json"))["experiments"]) == len(
        list((ROOT / "experiments").glob("*.py"))
    )
    assert "quantum-advantage run device_noise" in run("list", "--paper")
    assert "SWAP" in run("show", "bell")
    assert "at least 578137" in run("bound")
    planned = ["observables", "--qubits", "8", "--copies", "2", "--games", "400", "--seed", "7"]
    plan = run("plan", *planned, "--register", "registration.json").splitlines()
    commands = [line.split()[1:] for line in plan if line.startswith("    quantum-advantage ")]
    assert [command[0] for command in commands] == ["run", "certify"]
    run(*commands[0], "--workers", "1")
    assert (tmp_path / "out" / "predicting_observables.png").is_file()
    assert "CERTIFIED at 99 %" in run(*commands[1])
    assert "1.974" in run("compare", "out")
    assert "batches of 1 specs are equal" in run("replay", "out/data", "--workers", "1")
    verified = run("verify", "--quick")
    assert "FAIL" not in verified
    assert "no data" not in verified
    assert (tmp_path / "out" / "claims.md").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "registration.json"]
