"""The table of equations in docs/how-it-works.md: each stands in the docstring of its file."""

import ast
import re

import pytest
from source_tree import ROOT, tree_of

TEXT = (ROOT / "docs/how-it-works.md").read_text(encoding="utf-8")
SECTION = TEXT.partition("## Where an equation stands")[2]
ROWS = re.findall(r"^\| ([^`|]+) \| `([^`]+)` \| `([^`]+)` \|$", SECTION, flags=re.MULTILINE)


def words(text: str) -> str:
    """Text with single spaces."""
    return " ".join(text.split())


@pytest.mark.parametrize(("what", "equation", "file"), ROWS, ids=[row[0] for row in ROWS])
def test_the_equation_is_in_its_file(what: str, equation: str, file: str) -> None:
    says = ast.get_docstring(tree_of(ROOT / file)) or ""
    assert words(equation) in words(says), f"{what}: not in the docstring of {file}"


def test_no_line_of_the_table_is_left_out() -> None:
    lines = [line for line in SECTION.splitlines() if line.startswith("| ")]
    assert len(ROWS) == len(lines) - 1 > 25  # the heading
