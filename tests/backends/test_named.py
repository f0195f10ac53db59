"""Simulators by name: each is one module of the package."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import cirq
import pytest

import quantum_advantage
from quantum_advantage.backends.names import SIMULATORS, simulator
from quantum_advantage.backends.opening import open_backend

# One more simulator, as its author would write it.
MIXED = """
    \"\"\"``mixed``: Cirq's density matrices.\"\"\"

    from quantum_advantage.backends.names import NOISE

    OPTIONS = {**NOISE, "spread": 0.25, "form": "flat"}


    def make_sampler(options, seed):
        import cirq

        print(options, seed)
        return cirq.DensityMatrixSimulator(noise=cirq.depolarize(options["spread"]), seed=seed)
"""
# What somebody who installed it would do.
USE = """
    import pickle, sys
    from quantum_advantage.backends.names import NAMES, read_backend
    assert "mixed" in NAMES
    assert str(read_backend("mixed:spread=0.250,form=flat")) == "mixed"
    name = read_backend("mixed:spread=0.5,readout=0.01,form=flat")
    assert (str(name), name.readout) == ("mixed:readout=0.01,spread=0.5", 0.01)
    assert "cirq" not in sys.modules
    try:
        read_backend("mixed:gain=1")
    except ValueError as error:
        print(error)
    from quantum_advantage.backends.opening import open_backend
    backend = pickle.loads(pickle.dumps(open_backend(name)))
    print(backend.name, backend.fingerprint, type(backend.make(3)).__name__)
"""


@pytest.mark.parametrize("name", SIMULATORS)
def test_simulator_is_opened_by_the_name_of_its_module(name):
    assert Path(simulator(name).__file__).stem == name
    backend = open_backend(name)
    assert (backend.name, backend.fingerprint) == (name, f"quantum_advantage {name}")
    assert isinstance(backend.make(1), cirq.Sampler)


def test_one_more_module_is_one_more_simulator(tmp_path):
    # In a package of its own, since names are those of the files that lie there; most of the time
    # goes into importing cirq once more.
    package = Path(quantum_advantage.__file__).parent
    shutil.copytree(package, tmp_path / package.name, copy_function=os.symlink)
    module = tmp_path / package.name / "backends" / "named" / "mixed.py"
    module.write_text(textwrap.dedent(MIXED))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(USE)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    refusal, options, opened = done.stdout.splitlines()
    assert refusal == (
        "unknown option 'gain' in 'mixed:gain=1'; mixed takes: depolarize, readout, spread, form"
    )
    expected = {"depolarize": 0.0, "readout": 0.01, "spread": 0.5, "form": "flat"}
    assert options == f"{expected} 3"
    name = "mixed:readout=0.01,spread=0.5"
    assert opened == f"{name} quantum_advantage {name} DensityMatrixSimulator"
