"""The README's Python blocks run as they stand."""

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)


# Each in a namespace of its own, all in one process: most of the time is that of the imports.
RUNNER = """
import contextlib, io, json, sys
told = []
for block in json.load(sys.stdin):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(block, {"__name__": "__main__"})
    told.append(printed.getvalue())
print(json.dumps(told))
"""


def test_python_blocks_run_and_print(tmp_path):
    assert len(BLOCKS) == 4
    ended = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(BLOCKS), capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert all(text.strip() for text in json.loads(ended.stdout))


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
