"""A button on each tutorial that opens it in Colab, as soon as the project has a home on GitHub."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = "https://github.com/group/project"


@pytest.fixture(scope="module")
def notebooks():
    """The module beside the configuration of the documentation."""
    spec = importlib.util.spec_from_file_location("notebooks", ROOT / "docs" / "notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("source", [SOURCE, f"{SOURCE}/", f"{SOURCE}.git"])
def test_a_home_on_github_gives_every_tutorial_a_button(notebooks, source):
    (address,) = re.findall(r"\[Open in Colab\]\((.+)\)", notebooks.button(source, "shadows"))
    assert address == (
        "https://colab.research.google.com/github/group/project/blob/gh-pages/"
        "notebooks/shadows.ipynb"
    )


@pytest.mark.parametrize("source", ["", "https://example.org/group/project", f"{SOURCE}/tree/x"])
def test_without_one_there_is_neither_button_nor_notebook(notebooks, tmp_path, source):
    assert notebooks.button(source, "shadows") == ""
    assert notebooks.publish(tmp_path, source) == []
    assert list(tmp_path.iterdir()) == []


def test_source_is_read_where_the_readme_reads_it(notebooks, tmp_path):
    text = (ROOT / "pyproject.toml").read_text()
    named = tmp_path / "pyproject.toml"
    named.write_text(text.replace("[project.urls]\n", f'[project.urls]\nSource = "{SOURCE}"\n'))
    assert notebooks.source_of(named) == SOURCE
    assert "source_of" in (ROOT / "docs" / "conf.py").read_text()


def test_notebooks_of_the_site_install_the_package_first(notebooks, tmp_path):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["1 + 1"]}
    kept = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    place = tmp_path / "_downloads" / "0123" / "shadows.ipynb"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(kept))
    (written,) = notebooks.publish(tmp_path, SOURCE)
    assert written == tmp_path / "notebooks" / "shadows.ipynb"
    first, second = json.loads(written.read_text())["cells"]
    assert first["source"] == [f'%pip install --quiet "quantum-advantage[learning] @ git+{SOURCE}"']
    assert second == cell
    assert json.loads(place.read_text()) == kept
