"""Nothing without a test and words: formulas, rows, queueing, solvers, commands, documents."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_tree import MODULES, ROOT, SOURCES, TESTS, imports, name_of, place_of, tree_of

TESTED_PARTS = (
    "recommender/sizing",
    "recommender/program",
    "recommender/program/constraints",
    "recommender/queueing",
    "recommender/solvers",
)
"""Folders of which every module has a test that imports it."""

TESTED_THROUGH = {
    "recommender/sizing/number.py": "a type; every formula uses it",
    "recommender/queueing/kernel.py": "compiled loop of the simulator",
    "recommender/queueing/laws.py": "arrays of a step law for the closed forms",
    "recommender/queueing/state.py": "arrays that the kernel works on",
    "recommender/queueing/rate_factors.py": "two measured constants",
}
"""Modules without a formula of their own, tested through those that use them."""

TESTED = sorted(
    path
    for part in TESTED_PARTS
    for path in (ROOT / part).glob("*.py")
    if path.name != "__init__.py" and path.relative_to(ROOT).as_posix() not in TESTED_THROUGH
)
COMMANDS = sorted((ROOT / "recommender/commands").glob("*_command.py"))
FAMILIES = sorted(
    path
    for path in (ROOT / "recommender/program/constraints").glob("*.py")
    if path.name != "__init__.py"
)
ORDERED = [
    path
    for path in SOURCES
    if path.name == "__init__.py" and "->" in (ast.get_docstring(tree_of(path)) or "")
]
"""Folders that say in which order to read them."""
DOCUMENTS = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
DOCUMENTS += sorted((ROOT / "docs").glob("*.md"))

TESTED_MODULES = {name for path in TESTS for name in imports(path)}
LITERALS = {
    node.value
    for path in TESTS
    if "cli" in imports(path)
    for node in ast.walk(tree_of(path))
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}


@pytest.mark.parametrize("path", TESTED, ids=place_of)
def test_every_formula_row_family_and_solver_has_a_test(path: Path) -> None:
    assert name_of(path) in TESTED_MODULES, "no file of tests/ imports it"


def _used_names(path: Path) -> set[str]:
    """Names that a file imports, or reads from what it imports."""
    nodes = list(ast.walk(tree_of(path)))
    return {
        *(node.attr for node in nodes if isinstance(node, ast.Attribute)),
        *(node.id for node in nodes if isinstance(node, ast.Name)),
    }


@pytest.mark.parametrize("part", ["recommender/sizing", "recommender/program/constraints"])
def test_every_formula_and_row_family_is_used(part: str) -> None:
    """What only tests use is a second truth beside the one that plans rest on."""
    used = {path: _used_names(path) for path in SOURCES if place_of(path).startswith("recommender")}
    users = Counter(name for names in used.values() for name in names)
    for path in sorted((ROOT / part).glob("*.py")):
        names = [name for name, _ in _public(path) if "." not in name]
        idle = [name for name in names if users[name] == (name in used[path])]
        assert not idle, f"{place_of(path)}: nothing in the engine uses {idle}"


@pytest.mark.parametrize("path", COMMANDS, ids=place_of)
def test_every_command_has_a_test(path: Path) -> None:
    command = path.stem.removesuffix("_command").replace("_", "-")
    run = any(literal.split()[:1] == [command] for literal in LITERALS)
    assert run or name_of(path) in TESTED_MODULES, f"no test runs `recommend {command}`"


def test_every_command_of_the_help_has_a_module() -> None:
    from cli import COMMANDS as listed

    files = {path.stem.removesuffix("_command").replace("_", "-") for path in COMMANDS}
    assert set(listed) == files


@pytest.mark.parametrize("path", FAMILIES, ids=place_of)
def test_every_row_family_is_in_the_formulation(path: Path) -> None:
    text = (ROOT / "docs/formulation.md").read_text(encoding="utf-8")
    assert path.stem in text, f"docs/formulation.md does not mention {path.stem}"


def _public(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Public functions and classes, and methods of classes that inherit none of them."""
    for node in tree_of(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef) and not node.bases:
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                        yield f"{node.name}.{inner.name}", inner


@pytest.mark.parametrize("path", SOURCES, ids=place_of)
def test_every_public_name_is_documented(path: Path) -> None:
    tree = tree_of(path)
    assert not tree.body or ast.get_docstring(tree), "the module says nothing about itself"
    silent = [
        name
        for name, node in _public(path)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not ast.get_docstring(node)
    ]
    assert not silent


@pytest.mark.parametrize("path", DOCUMENTS, ids=place_of)
def test_files_that_documents_name_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    layers = r"(?:catalog|recommender|problems|tests|docs|benchmarks|\.ci)/[\w./-]*\w"
    named = set(re.findall(rf"(?<![\w/.-])({layers})", text))
    missing = {name for name in named if not (ROOT / name).exists()}
    assert not missing


@pytest.mark.parametrize("path", ORDERED, ids=place_of)
def test_a_folder_that_says_how_to_read_it_names_every_module(path: Path) -> None:
    named = set(re.findall(r"\w+", ast.get_docstring(tree_of(path)) or ""))
    modules = {beside.stem for beside in path.parent.glob("*.py")} - {"__init__"}
    assert modules <= named, "which comes before which?"


def test_modules_are_found() -> None:
    assert "recommender.sizing.weights" in MODULES and len(TESTED) > 30 and COMMANDS
