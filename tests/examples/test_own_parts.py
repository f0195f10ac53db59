"""The example package: parts of somebody else work as those of this package do."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest
from foreign import announce

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "own_parts"
COMMAND = ["-m", "quantum_advantage.cli"]
SWEEP = [str(EXAMPLE / "sweep.py")]


def run(python, arguments, cwd, path=()):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, path), str(ROOT)])}
    return subprocess.run(
        [str(python), *map(str, arguments)],
        env=environment, cwd=cwd, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder that holds the package and what it announces, as an installation leaves them."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(EXAMPLE / "own_parts", folder / "own_parts")
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    announce(folder, project["name"], project["version"], project["entry-points"])
    return folder


@pytest.fixture(scope="module")
def swept(installed, tmp_path_factory):
    """The folder of a sweep on two workers, and what it printed."""
    out = tmp_path_factory.mktemp("swept")
    done = run(sys.executable, [*SWEEP, out], out, [installed])
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def contents_of(out):
    return {path.name: path.read_bytes() for path in (out / "data").iterdir()}


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["show", "same_pauli"], "It sees strings of one kind of letter alone."),
        (["show", "x_parity", "--task", "ghz_sign"], "the majority of the products of signs"),
        (["show", "--help"], "ghz_sign"),
    ],
)
def test_commands_know_the_own_parts(installed, tmp_path, arguments, shown):
    done = run(sys.executable, [*COMMAND, *arguments], tmp_path, [installed])
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout


def test_a_sweep_on_two_workers_finds_what_the_parts_say(swept):
    _, printed = swept
    rows = [line.split() for line in printed.splitlines()[1:]]
    found = {(task.partition(":")[0], protocol, n, backend): float(copies)
             for task, protocol, n, backend, copies, _ in rows}  # fmt: skip
    # One noiseless copy is always right: 0.7 lies at (0.7 - 0.5)/0.5 of it.
    assert found["ghz_sign", "x_parity", "2", "qsim"] == 0.4
    assert found["ghz_sign", "x_parity", "4", "qsim"] == 0.4
    assert found["ghz_sign", "x_parity", "2", "leaky_chip:decay=0.05"] > 0.4
    assert found["observables", "same_pauli", "2", "qsim"] > 1.77  # the bound


def test_the_same_sweep_again_adds_nothing(swept, installed):
    out, printed = swept
    before = contents_of(out)
    done = run(sys.executable, [*SWEEP, out], out, [installed])
    assert done.stdout == printed
    assert contents_of(out) == before


def test_the_own_protocol_is_certified_where_its_bound_applies(swept, installed, tmp_path):
    out, _ = swept
    data = out / "data" / "own_parts.csv"
    # After 20 copies more answers are right than chance gives, and fewer than the bound allows.
    arguments = [*COMMAND, "certify", data, "--protocol", "same_pauli", "--out", tmp_path / "c"]
    done = run(sys.executable, arguments, tmp_path, [installed])
    assert "not certified" in done.stdout.lower() or "no advantage" in done.stdout.lower()
    refused = run(
        sys.executable,
        [*COMMAND, "certify", data, "--protocol", "x_parity", "--qubits", "4"],
        tmp_path,
        [installed],
    )
    assert refused.returncode == 2
    assert "no bound is proven for the games of ghz_sign" in refused.stderr


def test_without_the_package_its_parts_are_unknown(swept, tmp_path):
    out, _ = swept
    done = run(sys.executable, [*COMMAND, "show", "same_pauli"], tmp_path)
    assert done.returncode == 2
    assert "unknown protocol 'same_pauli'" in done.stderr
    done = run(sys.executable, [*COMMAND, "replay", out / "data" / "own_parts.csv"], tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_wheel_in_a_fresh_environment_works_alike(swept, tmp_path):
    out, printed = swept
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    source = Path(shutil.copytree(EXAMPLE, tmp_path / "source"))
    subprocess.run([*wheel, str(source), "-w", str(tmp_path)], check=True, timeout=300)
    (built,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "fresh", with_pip=True)
    python = tmp_path / "fresh" / "bin" / "python"
    (packages,) = (tmp_path / "fresh" / "lib").glob("python*/site-packages")
    # The libraries, and this package, are those of the environment that runs the tests.
    (packages / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    install = [str(python), "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*install, str(built)], check=True, timeout=300)
    done = run(python, [*SWEEP, tmp_path / "out"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == printed
    mine, other = (contents_of(folder)["own_parts.csv"] for folder in (tmp_path / "out", out))
    assert sorted(mine.splitlines()) == sorted(other.splitlines())


@pytest.mark.slow
def test_workers_of_a_cluster_know_the_own_parts(swept, installed, tmp_path):
    out, printed = swept
    code = (
        "import subprocess, sys\n"
        "from distributed import LocalCluster\n"
        "if __name__ == '__main__':\n"
        "    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as it:\n"
        "        done = subprocess.run([sys.executable, *sys.argv[1:], it.scheduler_address])\n"
        "    sys.exit(done.returncode)\n"
    )
    (tmp_path / "cluster.py").write_text(code)
    arguments = [tmp_path / "cluster.py", *SWEEP, tmp_path / "out"]
    done = run(sys.executable, arguments, tmp_path, [installed])
    assert done.returncode == 0, done.stderr
    assert done.stdout == printed
    mine, other = (contents_of(folder)["own_parts.csv"] for folder in (tmp_path / "out", out))
    assert sorted(mine.splitlines()) == sorted(other.splitlines())
