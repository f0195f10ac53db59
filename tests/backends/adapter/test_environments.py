"""The project beside other people's packages, in environments of its own.

Some packages ask for a Cirq below 1.7, others for 1.7. Each test makes an environment with them and
the project, checks that the installer finds nothing that contradicts, and runs the tests of the
adapter and of Google's processors in it. Needs the network, and some minutes each.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
TESTS = (
    "tests/backends/adapter",
    "tests/backends/devices/test_virtual.py",
    "tests/backends/devices/test_placed.py",
    "tests/measurements/test_measure.py",
)
INSTALLED = "from importlib.metadata import version; print(version('cirq-core'))"


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **more)


@pytest.mark.parametrize(
    ("cirq_version", "packages"),
    [
        ("1.6.1", ("azure-quantum", "qbraid[cirq]")),
        ("1.7.0", ("cirq-ionq==1.7.0", "cirq-aqt==1.7.0", "cirq-pasqal==1.7.0", "cirq-superstaq")),
    ],
)
def test_the_project_installs_and_runs_beside_them(tmp_path, cirq_version, packages):
    made = run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    assert made.returncode == 0, made.stderr
    python = str(tmp_path / "venv" / "bin" / "python")
    pinned = (f"cirq-core=={cirq_version}", f"cirq-google=={cirq_version}")
    needed = ("pytest", "pytest-xdist", "hypothesis", "setuptools", *pinned, *packages)
    installed = run(python, "-m", "pip", "install", "-q", str(ROOT), *needed)
    if "No matching distribution found for pytest" in installed.stderr:
        pytest.skip("no package can be fetched from here")
    assert installed.returncode == 0, installed.stderr[-3000:]
    checked = run(python, "-m", "pip", "check")
    assert checked.returncode == 0, checked.stdout
    assert run(python, "-c", INSTALLED).stdout.strip() == cirq_version
    # The tests play with the installed package, which is that of this checkout.
    tested = run(
        python,
        *("-m", "pytest", "-q", "-m", "", "-p", "no:cacheprovider", *TESTS),
        *("--deselect", "tests/backends/adapter/test_environments.py"),
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert tested.returncode == 0, tested.stdout[-5000:]
