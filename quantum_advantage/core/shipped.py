"""The experiments and their committed data: in a checkout, or as the installed package holds them.

A checkout has ``experiments/`` and ``figures/data/`` beside the package. ``setup.py`` puts the
scripts and one zip file of the data into the folder ``shipped`` of the wheel. Standard library
alone.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quantum_advantage.core.usage import UsageError, did_you_mean

PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED = PACKAGE / "shipped"
CHECKOUT = PACKAGE.parent


def package_modules() -> list[Path]:
    """Returns all modules of the package in order, the same in a checkout and installed.

    The scripts of experiments are none of them.

    Example:
        >>> PACKAGE / "core" / "shipped.py" in package_modules()
        True
    """
    return sorted(set(PACKAGE.rglob("*.py")) - set(SHIPPED.rglob("*.py")))


def experiment_scripts(shipped: Path = SHIPPED, checkout: Path = CHECKOUT) -> dict[str, Path]:
    """Returns the scripts of all experiments, by name and in the order of names.

    Args:
        shipped: The folder of an installed package.
        checkout: The folder that holds the package of a checkout.

    Raises:
        UsageError: If there are neither.

    Example:
        >>> scripts = experiment_scripts()
        >>> scripts["signs"].name, list(scripts) == sorted(scripts)
        ('signs.py', True)
    """
    home = shipped if shipped.is_dir() else checkout
    scripts = sorted((home / "experiments").glob("*.py"))
    if not scripts or not (shipped.is_dir() or _is_checkout(checkout)):
        raise UsageError(f"{home} holds no experiments: install the package, or use a checkout")
    return {script.stem: script for script in scripts}


def script_of(name: str) -> Path:
    """Returns the script of an experiment.

    Args:
        name: The experiment's name.

    Raises:
        UsageError: If there is none of that name; it says which there are.

    Example:
        >>> script_of("sensin")
        Traceback (most recent call last):
        quantum_advantage.core.usage.UsageError: unknown experiment 'sensin'; quantum-advantage
        list shows all; did you mean sensing?
    """
    scripts = experiment_scripts()
    if name not in scripts:
        raise UsageError(
            f"unknown experiment {name!r}; quantum-advantage list shows all"
            f"{did_you_mean(name, scripts)}"
        )
    return scripts[name]


@contextmanager
def committed_data(shipped: Path = SHIPPED, checkout: Path = CHECKOUT) -> Iterator[Path]:
    """Gives the folder of the committed data, ``figures/data`` of a checkout.

    Of an installed package it is a temporary folder, which is gone afterwards.

    Args:
        shipped: The folder of an installed package.
        checkout: The folder that holds the package of a checkout.

    Raises:
        UsageError: If there is neither.

    Example:
        >>> with committed_data() as folder:
        ...     (folder / "signs.csv").is_file()
        True
    """
    if shipped.is_dir():
        with tempfile.TemporaryDirectory(prefix="quantum_advantage_") as folder:
            with zipfile.ZipFile(shipped / "data.zip") as archive:
                archive.extractall(folder)
            yield Path(folder)
        return
    data = checkout / "figures" / "data"
    if not (_is_checkout(checkout) and data.is_dir()):
        raise UsageError(f"{checkout} holds no committed data: install the package")
    yield data


def _is_checkout(folder: Path) -> bool:
    """Tells whether a folder is that of the project, and no other that holds installed packages."""
    return (folder / "pyproject.toml").is_file()
