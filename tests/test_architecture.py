"""The layer diagram, enforced: catalog <- recommender <- problems <- cli, and inside the engine.

Imports are read from the source, so an import hidden in a function counts as well.
"""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from source_tree import (
    LAYERS,
    MODULES,
    ROOT,
    SOURCES,
    imports,
    imports_when_loaded,
    in_project,
    name_of,
    place_of,
    tree_of,
    within,
)

LONGEST_FILE = 300
LONGEST_FUNCTION = 50

MAY_IMPORT = {
    "recommender/sizing": ("recommender.units",),
    "recommender/program": ("recommender.units", "recommender.errors"),
    "recommender/performance": (
        "catalog",
        "recommender.errors",
        "recommender.hardware",
        "recommender.layout",
        "recommender.sizing",
        "recommender.units",
        "recommender.workload",
    ),
    "recommender/queueing": (
        "recommender.compiled",
        "recommender.errors",
        "recommender.performance.step_law",
        "recommender.rate_profile",
        "recommender.stream",
        "recommender.slo",
        "recommender.units",
        "recommender.workload",
    ),
    "recommender/solvers": (
        "recommender.errors",
        "recommender.program",
        "recommender.compiled",
    ),
    "recommender/formulation": (
        "catalog.schema",
        "recommender.errors",
        "recommender.program",
        "recommender.solvers",
        "recommender.units",
    ),
}
"""What each part of the engine may use of the project, besides itself."""

MUST_NOT_IMPORT = {
    "recommender/audit": (  # it must not find an error confirmed by the code that made it
        "recommender.assembly",
        "recommender.decision",
        "recommender.engine",
        "recommender.enumeration",
        "recommender.formulation",
        "recommender.program",
        "recommender.sizing",
        "recommender.solvers",
    ),
    "recommender/report": (  # it shows a plan and computes nothing
        "recommender.assembly",
        "recommender.decision",
        "recommender.engine",
        "recommender.enumeration",
        "recommender.formulation",
        "recommender.performance",
        "recommender.sizing",
    ),
}

SIMULATOR = {
    "recommender.queueing.arrivals",
    "recommender.queueing.kernel",
    "recommender.queueing.over_profile",
    "recommender.queueing.simulated",
    "recommender.queueing.simulator",
}
"""The part of queueing that an audit may replay a plan with."""

ONLY_IN = {
    "ortools": "recommender/solvers/",
    "pulp": "recommender/solvers/",
    "numba": "recommender/compiled.py",
    "rich": "recommender/report/",
    "click": ("recommender/commands/", "cli.py", "recommender/report/"),
}

AT_MODULE_LEVEL = {
    "pandas": (),
    "ortools": (),
    "pulp": (),
    "numba": ("recommender/queueing/kernel.py",),
    "rich": ("recommender/report/terminal.py",),
}
"""Packages that are slow to import, and the modules that exist to use them."""


@pytest.mark.parametrize("path", SOURCES, ids=place_of)
def test_layers_import_only_what_lies_left_of_them(path: Path) -> None:
    own = LAYERS.index(name_of(path).split(".")[0])
    wrong = {n for n in imports(path) if in_project(n) and LAYERS.index(n.split(".")[0]) > own}
    assert not wrong


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_part_of_the_engine_uses_only_the_parts_below_it(folder: str) -> None:
    allowed = (*MAY_IMPORT[folder], folder.replace("/", "."))
    for path in (ROOT / folder).rglob("*.py"):
        wrong = {n for n in imports(path) if in_project(n) and not within(n, allowed)}
        assert not wrong, f"{place_of(path)} imports {sorted(wrong)}"


@pytest.mark.parametrize("folder", MUST_NOT_IMPORT)
def test_audit_and_report_keep_away_from_what_makes_plans(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        wrong = {n for n in imports(path) if within(n, MUST_NOT_IMPORT[folder])}
        assert not wrong, f"{place_of(path)} imports {sorted(wrong)}"


def test_audit_may_replay_but_not_use_closed_forms_of_queueing() -> None:
    for path in (ROOT / "recommender/audit").rglob("*.py"):
        used = {n for n in imports(path) if within(n, ("recommender.queueing",))}
        assert used <= SIMULATOR, f"{place_of(path)} imports {sorted(used - SIMULATOR)}"


def test_sizing_formulas_need_nothing_but_numbers() -> None:
    numbers = ("collections.abc", "math", "numpy", "typing", "recommender.units")
    for path in (ROOT / "recommender/sizing").rglob("*.py"):
        wrong = {n for n in imports(path) if not within(n, (*numbers, "recommender.sizing"))}
        assert not wrong, f"{place_of(path)} imports {sorted(wrong)}"


@pytest.mark.parametrize("folder", ["sizing", "performance", "queueing"])
def test_price_is_never_an_input_of_performance(folder: str) -> None:
    for path in (ROOT / "recommender" / folder).rglob("*.py"):
        if path.name != "cost.py":
            names = {n.id for n in ast.walk(tree_of(path)) if isinstance(n, ast.Name)}
            assert not {n for n in names if n == "Offer" or "usd" in n}, place_of(path)


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_third_party_package_stays_behind_its_seam(package: str) -> None:
    for path in SOURCES:
        if not place_of(path).startswith(ONLY_IN[package]):
            assert not any(within(n, (package,)) for n in imports(path)), place_of(path)


@pytest.mark.parametrize("package", AT_MODULE_LEVEL)
def test_slow_packages_are_imported_where_they_are_used(package: str) -> None:
    for path in SOURCES:
        if place_of(path) not in AT_MODULE_LEVEL[package]:
            loaded = imports_when_loaded(path)
            assert not any(within(n, (package,)) for n in loaded), place_of(path)


def test_modules_do_not_import_each_other_in_circles() -> None:
    graph = {
        name: {n for n in imports_when_loaded(path) if n in MODULES and n != name}
        for name, path in MODULES.items()
    }
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError with the circle


def _part_of(module: str) -> str:
    """The folder of the engine, or the file at its top, that a module belongs to."""
    return ".".join(module.split(".")[:2])


def test_folders_do_not_import_each_other_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    for name, path in MODULES.items():
        parts = {_part_of(n) for n in imports(path) if n in MODULES}
        graph.setdefault(_part_of(name), set()).update(parts - {_part_of(name)})
    del graph["recommender"]  # its __init__ hands on names of every part
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError with the circle


@pytest.mark.parametrize(
    "statement",
    [
        "import cli",
        "import cli; cli.main(['--help'])",
        "import cli; cli.main(['solve', '--help'])",
        "import recommender",
    ],
)
def test_help_loads_nothing_heavy(statement: str) -> None:
    heavy = ("numpy", "pandas", "ortools", "pulp", "numba", "pydantic", "rich", "yaml")
    check = f"import atexit, sys; atexit.register(lambda: print('loaded:', *(m for m in {heavy} "
    program = f"{check}if m in sys.modules)))\n{statement}"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "loaded:"


def test_the_engine_loads_compiler_and_foreign_solvers_when_it_needs_them() -> None:
    """Half a second and 80 MB of numba, for instance: closed forms do without."""
    heavy = ("pandas", "ortools", "pulp", "numba", "rich")
    check = f"import sys, recommender.engine\nprint(*(m for m in {heavy} if m in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


@pytest.mark.parametrize("path", SOURCES, ids=place_of)
def test_files_and_functions_stay_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{lines} lines: which concept is missing?"
    long = {
        f"{node.name}: {length} lines"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long
