"""The kernels that run here."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from quantum_advantage.backends.kernels import kernels

ASK = (
    "import json; from quantum_advantage.backends.kernels import kernels; "
    "print(json.dumps(kernels()))"
)


def asked(**environment):
    """Asks in a fresh process, as kernels are chosen once."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_every_library_names_its_kernel():
    found = kernels()
    assert set(found) >= {"numpy", "openblas of numpy", "qsim", "stim"}
    assert found["qsim"] in ("avx512", "avx2", "sse", "basic")
    assert found["stim"] in ("avx2", "sse2", "polyfill")
    assert all(isinstance(text, str) and text for text in found.values())


@pytest.mark.parametrize("core", ["Nehalem"])
def test_what_the_environment_chooses_is_told(core):
    found = asked(OPENBLAS_CORETYPE=core, NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4")
    assert found["openblas of numpy"].split()[0] == core
    assert "X86_V3" not in found["numpy"]
    assert "X86_V4" not in found["numpy"]
