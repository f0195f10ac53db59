"""How the documentation is built: ``make docs``."""

import re
from importlib.metadata import version as version_of
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

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


def _plain_bars(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keeps the bars of |x|, which reStructuredText takes for substitutions."""
    lines[:] = [
        line if line.lstrip().startswith(">>>") else line.replace("|", r"\|") for line in lines
    ]


def _mathml(node: nodes.Element, *, as_block: bool) -> str:
    found = tex2mathml(node.astext(), as_block=as_block)
    # Angle brackets without \left and \right keep their size, as in LaTeX.
    return re.sub("<mo>([⟨⟩])</mo>", r'<mo stretchy="false">\1</mo>', found)


def _inline_formula(translator: Any, node: nodes.Element) -> None:
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def _formula(translator: Any, node: nodes.Element) -> None:
    translator.body.append(f'<div class="formula">{_mathml(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Any) -> None:
    """Is called by Sphinx."""
    app.connect("autodoc-process-docstring", _plain_bars)
    app.add_html_math_renderer("mathml", (_inline_formula, None), (_formula, None))
