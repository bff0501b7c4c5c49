"""Rules of the house that no tool knows. Who may import whom is kept by import-linter: `make lint`."""

import ast
import sys
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
FOLDERS = ("src", "pipeline", "tests", "tools", "benchmarks", "regression")
FILES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 30
"""Without its docstring."""


def test_no_file_is_too_long() -> None:
    assert [str(path) for path in FILES if len(path.read_text().splitlines()) > MOST_LINES_OF_A_FILE] == []


def test_no_function_is_too_long() -> None:
    functions = [
        (path.name, node.name, lines(node))
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    ]
    assert [found for found in functions if found[2] > MOST_LINES_OF_A_FUNCTION] == []


def test_models_know_torch_numpy_and_numba_alone() -> None:
    graph = grimp.build_graph("lenet5", include_external_packages=True, cache_dir=None)
    models = {"lenet5.models", "lenet5.randomness", "lenet5.compiled"} | graph.find_descendants("lenet5.models")
    imported = {name for module in models for name in graph.find_modules_directly_imported_by(module)}
    assert imported - models - sys.stdlib_module_names == {"torch", "numpy", "numba"}


def lines(function: ast.FunctionDef) -> int:
    """How many lines a function has without decorators and docstring."""
    first = function.body[0]
    docstring = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring
