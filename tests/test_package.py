import importlib
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import quantum_advantage
from quantum_advantage.backends.names import SIMULATORS

HEAVY = "{'numpy', 'scipy', 'cirq', 'matplotlib', 'stim', 'qsimcirq', 'pandas'}"
LIGHT_MODULES = [
    "quantum_advantage",
    "quantum_advantage.core.arguments",
    "quantum_advantage.backends.names",
    *(f"quantum_advantage.backends.named.{name}" for name in SIMULATORS),
    "quantum_advantage.cli",
    "quantum_advantage.core.endings",
    "quantum_advantage.experiment.declaration",
    "quantum_advantage.experiment.options",
    "quantum_advantage.experiment.runner",
    "quantum_advantage.core.naming",
    "quantum_advantage.experiment.progress",
    "quantum_advantage.study.spec",
]


@pytest.mark.parametrize("name", quantum_advantage.__all__)
def test_public_name_resolves_and_is_documented(name):
    assert getattr(quantum_advantage, name).__doc__.strip()


@pytest.mark.parametrize("name", quantum_advantage.__all__)
def test_public_name_keeps_its_name_where_it_is_defined(name):
    value = getattr(quantum_advantage, name)
    assert value.__name__ == name
    assert getattr(importlib.import_module(value.__module__), name) is value


def test_every_public_name_can_be_imported_at_once():
    namespace = {}
    exec("from quantum_advantage import *", namespace)
    assert set(quantum_advantage.__all__) <= set(namespace)


def test_public_names_are_sorted_and_unique():
    assert quantum_advantage.__all__ == sorted(set(quantum_advantage.__all__))


def test_unknown_attribute_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="'quantum_advantage' has no attribute 'nope'"):
        quantum_advantage.nope  # noqa: B018


def test_dir_lists_the_public_names_and_the_version():
    assert dir(quantum_advantage) == sorted([*quantum_advantage.__all__, "__version__"])


def test_version_is_that_of_the_installed_package():
    assert quantum_advantage.__version__ == metadata.version("quantum-advantage")


def test_package_says_that_it_is_typed():
    assert Path(quantum_advantage.__file__).with_name("py.typed").is_file()


def test_package_is_documented():
    assert quantum_advantage.__doc__.strip()


def test_light_modules_import_the_standard_library_alone():
    imports = "\n".join(f"import {name}" for name in LIGHT_MODULES)
    code = f"import sys\n{imports}\nprint(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
