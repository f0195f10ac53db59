"""The files around the code agree with each other."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION = PROJECT["version"]


def test_version_is_the_same_everywhere():
    assert re.findall(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE) == [
        VERSION
    ]
    assert f"\n## {VERSION}\n" in (ROOT / "CHANGELOG.md").read_text()


def test_authors_are_the_same_everywhere():
    (author,) = PROJECT["authors"]
    assert f"\nauthors:\n  - name: {author['name']}\n" in (ROOT / "CITATION.cff").read_text()


def test_all_supported_versions_of_python_are_tested_and_named():
    named = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if ":: 3." in c]
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    (matrix,) = re.findall(r"python: \[(.+)\]", workflow)
    assert re.findall(r'"([\d.]+)"', matrix) == named
    assert PROJECT["requires-python"] == f">={named[0]},<3.{int(named[-1].partition('.')[2]) + 1}"


def test_hooks_and_workflow_run_what_the_makefile_runs():
    makefile = (ROOT / "Makefile").read_text()
    for file in (".pre-commit-config.yaml", ".github/workflows/tests.yml"):
        text = (ROOT / file).read_text()
        for target in re.findall(r"make ([\w./]+)", text):
            assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE) or (
                target == ".venv/.installed"
            )
        for script in re.findall(r"tests/\S+\.py", text):
            assert (ROOT / script).is_file()
