"""The README and the pages of ``docs``: their Python runs, lists are whole, sentences are short."""

import json
import re
import statistics
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import quantum_advantage

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
# The table of claims is written by a command, and the page that shows it holds nothing else.
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(p for p in (ROOT / "docs").rglob("*.md") if p.name != "claims.md"),
]
# Packages of others, which are not installed here.
FOREIGN = ("cirq_ionq",)
# What needs an account.
ACCOUNT = "get_engine"
BLOCKS = {
    f"{page.name} {i}": block
    for page in PAGES
    for i, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL))
    if not any(word in block for word in (*FOREIGN, ACCOUNT))
}


# Each in a namespace of its own, all in one process: most of the time is that of the imports.
RUNNER = """
import contextlib, io, json, sys
told = {}
for block, name in json.load(sys.stdin).items():
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(block, {"__name__": "__main__"})
    told[name] = printed.getvalue()
print(json.dumps(told))
"""


def test_python_blocks_run_and_print(tmp_path):
    # What two pages show is run once.
    shown = {block: name for name, block in BLOCKS.items()}
    assert len(shown) >= 5
    ended = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(shown), capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert all(text.strip() for text in json.loads(ended.stdout).values())


def test_the_front_page_is_short():
    assert len(README.read_bytes()) <= 9000


def test_every_public_function_is_listed():
    text = (ROOT / "docs" / "reference.md").read_text()
    for name in quantum_advantage.__all__:
        assert f"| `{name}` |" in text
        assert re.search(rf"\.\. auto(class|function):: quantum_advantage\.{name}\n", text)


def test_every_function_that_is_named_with_its_module_exists():
    text = (ROOT / "docs" / "own_states.md").read_text()
    rows = re.findall(r"^\| `((?:bell|haar|shadows)\.[\w.]+)`((?:, `\w+`)*) \|", text, re.MULTILINE)
    assert len(rows) > 10
    for first, others in rows:
        module, _, name = first.rpartition(".")
        loaded = import_module(f"quantum_advantage.inference.{module}")
        for function in (name, *re.findall(r"\w+", others)):
            assert callable(getattr(loaded, function))
    for module, name in re.findall(r"`(measurements\.\w+)\.(\w+)`", text):
        assert callable(getattr(import_module(f"quantum_advantage.{module}"), name))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_the_results_of_the_front_page_are_those_of_the_table_of_claims():
    claims = (ROOT / "figures" / "claims.md").read_text()
    table = README.read_text().split("| result | measured (95 % interval) |")[1].split("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    assert len(rows) == 5
    for _, measured in rows:
        assert f"| {measured} | pass |" in claims


def sentences(text):
    """The sentences of a page, without code, tables, headings and links' targets."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"`[^`]*`", "code", text)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*>|#]|\d+\.) )", text):
        if block.strip() and block.strip()[0] not in "|#!":
            yield from re.split(r"(?<=[.!?])[\s*)\]]+", " ".join(block.split()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_sentences_are_short(page):
    lengths = [len(s.split()) for s in sentences(page.read_text())]
    assert max(lengths) <= 35
    assert statistics.median(lengths) < 18
