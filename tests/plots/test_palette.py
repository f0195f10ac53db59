"""Colours are named once."""

import re
from pathlib import Path

import pytest

import quantum_advantage

ROOT = Path(__file__).resolve().parents[2]
NAMED = {"palette.py", "styles.py"}
SOURCES = sorted(
    path
    for folder in (ROOT / "experiments", ROOT / "figures", Path(quantum_advantage.__file__).parent)
    for path in folder.rglob("*.py")
    if path.name not in NAMED
)


@pytest.mark.parametrize("folder", ["experiments", "figures", "plots"])
def test_every_place_that_draws_is_looked_at(folder):
    assert folder in {path.parent.name for path in SOURCES}


def test_no_other_source_holds_a_colour_in_digits():
    digits = re.compile(r"""["']#[0-9a-fA-F]{3,8}["']""")
    found = [path.name for path in SOURCES if digits.search(path.read_text())]
    assert found == []
