"""What the source says, read without importing it: files, module names, imports."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAYERS = ("catalog", "recommender", "problems", "cli")
SOURCES = sorted(
    [ROOT / "cli.py", *(path for layer in LAYERS[:-1] for path in (ROOT / layer).rglob("*.py"))]
)
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


def name_of(path: Path) -> str:
    """Module name: recommender/sizing/weights.py -> recommender.sizing.weights."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def place_of(path: Path) -> str:
    """Path from the root, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


MODULES = {name_of(path): path for path in SOURCES}


@cache
def tree_of(path: Path) -> ast.Module:
    """Parsed source."""
    return ast.parse(path.read_text(encoding="utf-8"))


def _named(node: ast.AST) -> Iterator[str]:
    """Modules that one import statement names; `from package import module` is the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in MODULES else str(node.module)


def imports(path: Path) -> set[str]:
    """All imports of a file, also those in functions and for type checkers."""
    return {name for node in ast.walk(tree_of(path)) for name in _named(node)}


def imports_when_loaded(path: Path) -> set[str]:
    """Imports that run when the module is imported."""
    return {name for node in tree_of(path).body for name in _named(node)}


def within(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a module is one of these packages or inside one."""
    return any(name == package or name.startswith(package + ".") for package in packages)


def in_project(name: str) -> bool:
    """Whether a module is ours."""
    return name.split(".")[0] in LAYERS
