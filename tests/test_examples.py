"""The examples in docstrings. Only modules that hold some are imported."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import quantum_advantage

PACKAGE = Path(quantum_advantage.__file__).parent
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
# What a user of the package gets back, beside what it exports.
RETURNED = (
    ("core.style", "Style"),
    ("measurements.records", "BellRecord"),
    ("measurements.records", "PrincipalRecord"),
    ("measurements.records", "ShadowRecord"),
    ("measurements.records", "StabiliserRecord"),
    ("study.accuracy", "Point"),
)


def modules_with_examples():
    found = (path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text())
    parts = (path.relative_to(PACKAGE.parent).with_suffix("").parts for path in found)
    return [".".join(names).removesuffix(".__init__") for names in parts]


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_of_a_module_come_out(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(import_module(name), optionflags=FLAGS)
    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize("name", quantum_advantage.__all__)
def test_every_public_name_has_an_example(name):
    assert "Example:\n" in getattr(quantum_advantage, name).__doc__


@pytest.mark.parametrize(("module", "name"), RETURNED)
def test_every_class_that_is_returned_has_an_example(module, name):
    found = getattr(import_module(f"quantum_advantage.{module}"), name)
    assert "Example:\n" in found.__doc__
