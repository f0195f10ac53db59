"""How the documentation is built: ``make docs``."""

import logging
import os
import re
import sys
from importlib import import_module
from importlib.metadata import version as version_of
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.docutils import SphinxDirective

sys.path.insert(0, str(Path(__file__).parent))
from notebooks import button, publish, source_of

SOURCE = source_of(Path(__file__).parents[1] / "pyproject.toml")

project = "quantum_advantage"
author = "quantum_advantage contributors"
project_copyright = author
release = version = version_of("quantum-advantage")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
root_doc = "index"
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
nitpicky = False

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 3
# Every notebook runs in every build, whatever an earlier one has left, and none may fail.
nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_merge_streams = True
# Kernels begin with an empty profile, whatever the user's own one does, and say only what is wrong.
logging.getLogger("traitlets").setLevel(logging.WARNING)
_HOME = TemporaryDirectory()
_PROFILE = Path(_HOME.name, "profile_default")
_PROFILE.mkdir()
(_PROFILE / "ipython_kernel_config.py").write_text("get_config().IPKernelApp.log_level = 40\n")
os.environ["IPYTHONDIR"] = _HOME.name

# Names of attributes and classes that several modules have are no mistakes.
suppress_warnings = ["ref.python"]
# The contents beside a page name its modules, not every function in them.
toc_object_entries = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

# Formulas become MathML when the site is built, which browsers draw without any script.
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_theme = "furo"
html_title = "Quantum advantage"
html_show_sphinx = False
html_copy_source = False
# No request leaves the page: fonts are the system's.
html_theme_options = {
    "light_css_variables": {"font-stack": "system-ui, sans-serif"},
}


def _plain(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keeps what reStructuredText would misread: |x|, (*shape, 3), and lists right after text."""
    found: list[str] = []
    for line in lines:
        if re.match(r"\s*(\d+\.|-) ", line) and found and found[-1].strip():
            found.append("")
        code = line.lstrip().startswith(">>>")
        found.append(line if code else line.replace("|", r"\|").replace("(*", r"(\*"))
    lines[:] = found


def _mathml(node: nodes.Element, *, as_block: bool) -> str:
    found = tex2mathml(node.astext(), as_block=as_block)
    # Brackets and bars without \left and \right keep their size, as in LaTeX; bars have no space
    # around them, and functions a thin one before an argument without brackets.
    found = re.sub("<mo>([⟨⟩])</mo>", r'<mo stretchy="false">\1</mo>', found)
    bar = '<mo stretchy="false" lspace="0" rspace="0">|</mo>'
    found = re.sub(r"<mo(?: class=\"mathopen\"| stretchy=\"false\")?>\|</mo>", bar, found)
    applied = "<mo>&ApplyFunction;</mo>"
    return re.sub(rf"{applied}(?=\s*<(?!mo|/))", f'{applied}<mspace width="0.17em"/>', found)


def _inline_formula(translator: Any, node: nodes.Element) -> None:
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def _formula(translator: Any, node: nodes.Element) -> None:
    translator.body.append(f'<div class="formula">{_mathml(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


class Room(SphinxDirective):
    """``.. room:: NAME``: the reference of all modules in one room of the package."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Returns a section for each module, with what it says and its public members."""
        found: list[nodes.Node] = []
        for name in _modules(f"quantum_advantage.{self.arguments[0]}"):
            section = nodes.section(ids=[name.replace(".", "-").replace("_", "-")])
            section += nodes.title("", name.partition(".")[2])
            lines = [f".. automodule:: {name}", "   :members:"]
            self.state.nested_parse(StringList(lines, name), 0, section)
            found.append(section)
        return found


def _modules(room: str) -> list[str]:
    """Returns the modules of a room, by their names; private ones are left out."""
    package = import_module(room)
    names = [room, *(one.name for one in walk_packages(package.__path__, f"{room}."))]
    return sorted(name for name in names if "._" not in name)


def _add_button(app: Any, page: str, text: list[str]) -> None:
    """Ends a tutorial with its button for Colab, if the project has a home where it works."""
    if "{nb-download}" in text[0]:
        text[0] += button(SOURCE, page.rpartition("/")[2])


def _publish(app: Any, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        publish(Path(app.outdir), SOURCE)


def setup(app: Any) -> None:
    """Is called by Sphinx."""
    app.add_directive("room", Room)
    app.connect("autodoc-process-docstring", _plain)
    app.connect("source-read", _add_button)
    app.connect("build-finished", _publish)
    app.add_html_math_renderer("mathml", (_inline_formula, None), (_formula, None))
