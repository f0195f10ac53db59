"""The README's Python blocks run as they stand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=["shadows", "own sampler", "own state"])
def test_python_block_runs_and_prints(block, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", block], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip()


def test_every_public_function_is_listed():
    import quantum_advantage

    text = README.read_text()
    missing = [name for name in quantum_advantage.__all__ if f"| `{name}` |" not in text]
    assert not missing


def test_every_script_is_listed():
    for script in (README.parent / "experiments").glob("*.py"):
        assert f"`experiments/{script.name}`" in README.read_text()
