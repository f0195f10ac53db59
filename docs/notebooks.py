"""A button on each tutorial that opens it in Colab, once the project has a home on GitHub.

Colab opens notebooks of repositories on GitHub alone. So the site, which is published on the branch
``gh-pages`` there, also holds the tutorials as notebooks that install the package first.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

BRANCH, FOLDER = "gh-pages", "notebooks"
HOME = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")


def source_of(project: Path) -> str:
    """Returns the URL ``Source`` of a ``pyproject.toml``; nothing if it has none."""
    urls = tomllib.loads(project.read_text("utf-8"))["project"]["urls"]
    return str(urls.get("Source", ""))


def button(source: str, name: str) -> str:
    """Returns the button of a tutorial as Markdown; nothing where Colab could not open it.

    Args:
        source: The home of the project.
        name: The tutorial.
    """
    home = HOME.fullmatch(source)
    if not home:
        return ""
    place = f"github/{home[1]}/blob/{BRANCH}/{FOLDER}/{name}.ipynb"
    return f"\n\n[Open in Colab](https://colab.research.google.com/{place})\n"


def installing(notebook: dict[str, Any], source: str) -> dict[str, Any]:
    """Returns a notebook whose first cell installs the package.

    Args:
        notebook: The notebook, as JSON says it.
        source: The home of the project.
    """
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "install",
        "metadata": {},
        "outputs": [],
        "source": [f'%pip install --quiet "quantum-advantage[learning] @ git+{source}"'],
    }
    return {**notebook, "cells": [cell, *notebook["cells"]]}


def publish(site: Path, source: str) -> list[Path]:
    """Writes the notebooks of a built site once more, with the cell that installs the package.

    Args:
        site: The site, which holds what its pages let a reader download.
        source: The home of the project.

    Returns:
        The files that were written; none where Colab could not open them.
    """
    if not HOME.fullmatch(source):
        return []
    (site / FOLDER).mkdir(exist_ok=True)
    written = []
    for path in sorted(site.glob("_downloads/*/*.ipynb")):
        notebook = installing(json.loads(path.read_text("utf-8")), source)
        written.append(site / FOLDER / path.name)
        written[-1].write_text(json.dumps(notebook, indent=1, ensure_ascii=False), "utf-8")
    return written
