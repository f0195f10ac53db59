"""Only the package's plots import matplotlib; elsewhere it is named for types alone."""

import ast
from pathlib import Path

import quantum_advantage

PACKAGE = Path(quantum_advantage.__file__).parent


def imports_matplotlib(node):
    """Tells whether code imports it when it runs, not only where types are checked."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return False
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] == "matplotlib" for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] == "matplotlib"
    return any(map(imports_matplotlib, ast.iter_child_nodes(node)))


def test_matplotlib_is_imported_by_plots_alone():
    found = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if imports_matplotlib(ast.parse(path.read_text()))
    }
    assert found == {"plots"}
