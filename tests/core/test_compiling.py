import subprocess
import sys

import pytest

from quantum_advantage.core import compiling

TRANSFORM = """
import numpy as np
from quantum_advantage.core.walsh_hadamard import walsh_hadamard
print(walsh_hadamard(np.arange(16.0))[:3].tolist())
"""


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_without_numba_loops_stay_plain_python():
    if compiling.AVAILABLE:
        hidden = "import sys; sys.modules['numba'] = None\n"
        assert run(hidden + TRANSFORM) == run(TRANSFORM) == "[120.0, -8.0, -16.0]"
    else:
        assert compiling.compiled(run) is run


def test_where_no_folder_can_be_written_each_process_compiles_anew():
    numba = pytest.importorskip("numba", reason="the extra 'fast' is not installed")
    # Code without a file has no folder either.
    space = {}
    exec("def twice(number): return 2 * number", space)
    with pytest.raises(RuntimeError, match="cannot cache function"):
        numba.njit(cache=True)(space["twice"])
    assert compiling.compiled(space["twice"])(3) == 6
