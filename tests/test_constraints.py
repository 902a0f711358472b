"""The table of constraints in docs/formulation.md: what it names exists, and nothing is missing."""

import re
from itertools import chain
from pathlib import Path

import pytest
from source_tree import ROOT, TESTS, imports, within

TEXT = (ROOT / "docs/formulation.md").read_text(encoding="utf-8")
SECTION = TEXT.partition("## Every constraint")[2].partition("\n## ")[0]
ROWS = [line.strip("| \n").split(" | ") for line in SECTION.splitlines() if line.startswith("| ")]
CONSTRAINTS = {row[0]: row for row in ROWS[1:]}
EQUATIONS = TEXT.partition("## Rows")[2].partition("\n## ")[0]
AUDITS = {path.stem for path in (ROOT / "recommender/audit").glob("*.py")}
TEST_FILES = {path.stem: path for path in TESTS}


def named(cell: str) -> list[str]:
    """What a cell names in code quotes."""
    return re.findall(r"`([^`]+)`", cell)


def file_of(name: str) -> Path:
    """A file below recommender/, or below catalog/."""
    found = [ROOT / layer / name for layer in ("recommender", "catalog")]
    return next((path for path in found if path.exists()), found[0])


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_it_has_an_equation_and_a_file(constraint: str) -> None:
    _, equation, files, *_ = CONSTRAINTS[constraint]
    assert equation and named(files)
    for row in named(equation):
        assert re.search(rf"`{row}[`\[]", EQUATIONS), f"the table of rows has no {row}"
    for name in named(files):
        assert file_of(name).exists(), name


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_its_audit_makes_that_promise(constraint: str) -> None:
    promises = [part.strip() for part in CONSTRAINTS[constraint][3].split(";")]
    (module,) = named(promises[0])
    for part in promises:
        module = (named(part) or [module])[0]
        assert module in AUDITS
        source = (ROOT / f"recommender/audit/{module}.py").read_text(encoding="utf-8")
        words = part.partition(":")[2].strip() if named(part) else part
        assert words and words in source, f"recommender/audit/{module}.py does not say {words!r}"


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_it_has_tests_and_the_last_is_of_its_audit(constraint: str) -> None:
    tests = named(CONSTRAINTS[constraint][4])
    assert len(tests) > 1 and not set(tests) - set(TEST_FILES)
    last = TEST_FILES[tests[-1]]
    assert any(within(name, ("recommender.audit",)) for name in imports(last)), last


def test_every_family_of_rows_is_in_the_table() -> None:
    there = set(chain.from_iterable(named(row[2]) for row in ROWS[1:])) | set(named(SECTION))
    families = (ROOT / "recommender/program/constraints").glob("*.py")
    missing = {path.name for path in families if path.stem != "__init__"} - {
        Path(name).name for name in there
    }
    assert not missing, f"docs/formulation.md, every constraint: no line for {sorted(missing)}"
