"""The README's Python blocks run as they stand."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=["shadows", "own sampler", "own state", "experiment"])
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


def test_every_function_that_is_named_with_its_module_exists():
    text = README.read_text()
    rows = re.findall(r"^\| `((?:bell|haar|shadows)\.[\w.]+)`((?:, `\w+`)*) \|", text, re.MULTILINE)
    assert len(rows) > 10
    for first, others in rows:
        module, _, name = first.rpartition(".")
        loaded = import_module(f"quantum_advantage.inference.{module}")
        for function in (name, *re.findall(r"\w+", others)):
            assert callable(getattr(loaded, function))
    for module, name in re.findall(r"`(measurements\.\w+)\.(\w+)`", text):
        assert callable(getattr(import_module(f"quantum_advantage.{module}"), name))


def test_every_link_leads_somewhere():
    pages = [README, *(README.parent / "docs").glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{link} in {page.name}"


def test_every_script_is_listed():
    for script in (README.parent / "experiments").glob("*.py"):
        assert f"`experiments/{script.name}`" in README.read_text()
