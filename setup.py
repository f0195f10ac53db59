"""What ``pyproject.toml`` cannot say: two folders go into the wheel, and links become absolute."""

from __future__ import annotations

import re
import shutil
import tomllib
import zipfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# Zip files know no time before 1980; a constant one makes every build the same.
NO_TIME = (1980, 1, 1, 0, 0, 0)


class BuildWithExperiments(build_py):
    """Builds the package with its experiments, and their committed data in one zip file."""

    def run(self) -> None:
        """Adds the folder ``shipped``; ``quantum_advantage.core.shipped`` finds both there."""
        super().run()
        if self.editable_mode:
            return
        shipped = Path(self.build_lib) / "quantum_advantage" / "shipped"
        shutil.rmtree(shipped, ignore_errors=True)
        (shipped / "experiments").mkdir(parents=True)
        for script in sorted((ROOT / "experiments").glob("*.py")):
            shutil.copyfile(script, shipped / "experiments" / script.name)
        with zipfile.ZipFile(shipped / "data.zip", "w") as archive:
            for path in sorted((ROOT / "figures" / "data").glob("*.*")):
                entry = zipfile.ZipInfo(path.name, NO_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes(), compresslevel=9)


def description() -> str:
    """Returns the README as package indexes show it, far from the files that it links to.

    Relative links become absolute as soon as ``pyproject.toml`` has a URL named ``Source``.
    """
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    source = project["urls"].get("Source", "").rstrip("/")
    if not source:
        return text
    text = re.sub(r"(!\[[^\]]*\])\((?!\w+:)", rf"\1({source}/raw/main/", text)
    return re.sub(r"(?<!\!)(\[[^\]]*\])\((?!\w+:|#)", rf"\1({source}/blob/main/", text)


setup(
    cmdclass={"build_py": BuildWithExperiments},
    long_description=description(),
    long_description_content_type="text/markdown",
)
