"""The tutorials: notebooks as text. ``make docs`` runs them; here is what can be seen before."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "docs" / "tutorials"
PAGES = sorted(set(FOLDER.glob("*.md")) - {FOLDER / "index.md"})
# What a notebook may need: the package, what it is built on, and the standard library.
ALLOWED = ("cirq", "matplotlib", "numpy", "pandas", "pathlib", "quantum_advantage", "tempfile")
LEAST_ALT = 40  # characters

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)


def cells(page):
    """The code of a notebook's cells, without their options."""
    found = re.findall(r"^```\{code-cell\}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    return [
        re.sub(r"\A(:tags:[^\n]*\n|---\n.*?\n---\n)", "", text, flags=re.DOTALL) for text in found
    ]


def test_every_tutorial_is_listed():
    text = (FOLDER / "index.md").read_text()
    assert sorted(re.findall(r"^- \[[^\]]+\]\((\w+)\.md\)", text, re.MULTILINE)) == [
        page.stem for page in PAGES
    ]
    for page in PAGES:
        assert f"\n{page.stem}\n" in text


@each_page
def test_tutorial_is_a_notebook_that_can_be_downloaded(page):
    text = page.read_text()
    assert text.startswith("---\njupytext:\n")
    assert "\n  name: python3\n---\n" in text
    assert len(cells(page)) >= 5
    assert f"{{nb-download}}`{page.stem}.ipynb`" in text


@each_page
def test_tutorial_imports_what_there_is(page):
    tree = ast.parse("\n".join(cells(page)))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in imports:
        if isinstance(node, ast.ImportFrom):
            module = import_module(node.module)
            missing = [alias.name for alias in node.names if not hasattr(module, alias.name)]
            assert missing == []
        names = [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        assert {name.split(".")[0] for name in names} <= set(ALLOWED)


@each_page
def test_tutorial_describes_its_figures(page):
    text = page.read_text()
    drawn = len(re.findall(r"plt\.subplots|\bplot\(.*\)\.figure", text))
    described = re.findall(r"^    alt: (.+)$", text, re.MULTILINE)
    assert len(described) == drawn
    assert all(len(alt) >= LEAST_ALT for alt in described)


@each_page
def test_tutorial_checks_its_own_results(page):
    tree = ast.parse("\n".join(cells(page)))
    assert any(isinstance(node, ast.Assert) for node in ast.walk(tree))
