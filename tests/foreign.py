"""Packages of somebody else, as an installation leaves them: modules, and what they announce."""

from __future__ import annotations

import textwrap

from quantum_advantage.core.plugins import entry_points


def announce(folder, package, version, announces):
    """Writes into a folder what an installed package announces.

    Args:
        folder: Where the package is.
        package: The package's name.
        version: Its version.
        announces: For each group of entry points, names and what they stand for.
    """
    info = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    lines = []
    for group, entries in announces.items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def install(folder, monkeypatch, package, announces, **modules):
    """Puts a package into a folder and the folder on the path.

    Args:
        folder: Where the package goes; it also keeps what is announced there already.
        monkeypatch: Takes the folder off the path again.
        package: The package's name.
        announces: For each group of entry points, names and what they stand for.
        modules: The text of each module.
    """
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
    announce(folder, package, "0.1", announces)
    monkeypatch.syspath_prepend(folder)
    entry_points.cache_clear()
