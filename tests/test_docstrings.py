"""What docstrings of public functions must say, read from the source."""

import ast
from pathlib import Path

import pytest

import quantum_advantage

PACKAGE = Path(quantum_advantage.__file__).parent
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p.parent.name != "cli")


def public_functions(tree):
    """Yields functions and methods whose names, and those of all that holds them, are public."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def own_nodes(function):
    """Yields the nodes of a function without those of functions inside it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)


def says(function):
    """Tells whether a docstring has a section of errors, or is about nothing else."""
    text = ast.get_docstring(function) or ""
    return "Raises:" in text or text.startswith(("Raises", "Refuses"))


# Functions of commands answer a command line: what they raise is printed.
@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_public_functions_document_what_they_raise(path):
    silent = [
        function.name
        for function in public_functions(ast.parse(path.read_text()))
        if any(isinstance(node, ast.Raise) and node.exc for node in own_nodes(function))
        and not says(function)
    ]
    assert silent == []
